"""Seeded changes of train pictures that respect anatomy.

A picture is turned, scaled, shifted a little and its grey levels are changed, as another position
of the patient and another window would. It is never mirrored: the side of heart, liver or lesion
tells, and in a mirrored picture "left" in its text would be wrong. Nothing is cut out of a corner
at large scale, for the text may speak of what would be gone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from medpix2.train.recipe import Augment


def augmented(pictures: Tensor, how: Augment, chance: torch.Generator) -> Tensor:
    """Return changed pictures; all are floats from 0 to 255, shape (batch, 3, size, size).

    `chance` is a generator of the CPU, so that every device draws the same.
    """
    made = _moved(pictures, how, chance) if how.rotate or how.scale or how.shift else pictures
    if how.bright or how.contrast or how.gamma:
        made = _toned(made, how, chance)
    return _erased(made, how.erase, chance) if how.erase else made


def _drawn(count: int, most: float, chance: torch.Generator, like: Tensor) -> Tensor:
    return ((torch.rand(count, generator=chance) * 2 - 1) * most).to(like)


def _moved(pictures: Tensor, how: Augment, chance: torch.Generator) -> Tensor:
    count = len(pictures)
    angle = _drawn(count, math.radians(how.rotate), chance, pictures)
    size = 1 + _drawn(count, how.scale, chance, pictures)
    x, y = (_drawn(count, 2 * how.shift, chance, pictures) for _ in range(2))
    cos, sin = torch.cos(angle) / size, torch.sin(angle) / size
    rows = torch.stack((cos, -sin, x, sin, cos, y), dim=1).view(count, 2, 3)
    grid = functional.affine_grid(rows, list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)


def _toned(pictures: Tensor, how: Augment, chance: torch.Generator) -> Tensor:
    count, each = len(pictures), (-1, 1, 1, 1)
    gamma = (1 + _drawn(count, how.gamma, chance, pictures)).view(each)
    contrast = (1 + _drawn(count, how.contrast, chance, pictures)).view(each)
    bright = _drawn(count, how.bright, chance, pictures).view(each)
    light = (pictures / 255).clamp(0, 1) ** gamma
    # Black ground stays black: it is air or padding, whatever the window.
    return ((light * contrast + bright * light.sqrt()) * 255).clamp(0, 255)


def _erased(pictures: Tensor, most: float, chance: torch.Generator) -> Tensor:
    size, made = pictures.shape[-1], pictures.clone()
    for picture, (side, x, y) in zip(made, torch.rand(len(made), 3, generator=chance), strict=True):
        long = int(side * most * size)
        left, top = (int(at * (size - long)) for at in (x, y))
        picture[:, top : top + long, left : left + long] = 0
    return made
