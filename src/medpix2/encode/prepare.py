"""Pictures made ready for a model: lettering masked, padded to a square, grey kept grey.

The same code and the same `VERSION` serve training, evaluation, classification and search; a model
says with which version and `Preparation` it was trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medpix2.encode import burned
from medpix2.encode.mask import without_burned_in

VERSION = 1000 * burned.VERSION + 1
"""Raised whenever the same picture may come out otherwise, also by another mask."""

COLOURED = 12
"""Grey levels by which channels differ in a coloured picture; JPEG alone makes them differ less."""
DARKEST, BRIGHTEST = 0.5, 99.5
"""Percentiles of a picture of more than 8 bits that become black and white."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Preparation:
    """How pictures are made ready.

    Attributes
    ----------
    size
        Width and height of the square, in pixels.
    mask
        Whether the source's watermark and footer are filled from their ground.
    """

    size: int = 224
    mask: bool = True


def prepared(image: Image.Image, how: Preparation) -> Pixels:
    """Return a picture as a square, shape (size, size) if it is grey, else (size, size, 3).

    It is not squashed: the longer side gets `size` pixels, and black fills up the shorter one.
    """
    image = eight_bit(image)
    if how.mask:
        image = without_burned_in(image)
    scale = how.size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
    if small.ndim == 3 and not _coloured(small):
        small = np.asarray(Image.fromarray(small).convert("L"))
    square = np.zeros((how.size, how.size, *small.shape[2:]), dtype=np.uint8)
    top, left = (how.size - height) // 2, (how.size - width) // 2
    square[top : top + height, left : left + width] = small
    return square


def batch_of(squares: Sequence[Pixels]) -> Pixels:
    """Return prepared pictures as a model takes them, shape (pictures, 3, size, size)."""
    size = squares[0].shape[0]
    batch = np.empty((len(squares), 3, size, size), dtype=np.uint8)
    for row, square in zip(batch, squares, strict=True):
        row[:] = square if square.ndim == 2 else square.transpose(2, 0, 1)
    return batch


def eight_bit(image: Image.Image) -> Image.Image:
    """Return a picture of any mode in L or RGB; alpha lies on black.

    A picture of more than 8 bits is windowed to its own range (`DARKEST` to `BRIGHTEST`).
    """
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(windowed(np.asarray(image)))
    if image.mode in ("1", "LA"):
        return _on_black(image, "L") if image.mode == "LA" else image.convert("L")
    if image.has_transparency_data:
        return _on_black(image.convert("RGBA"), "RGB")
    return image.convert("RGB")


def windowed(values: NDArray[np.generic]) -> Pixels:
    """Return values of any range as grey levels from 0 to 255."""
    wide = values.astype(np.float64)
    low, high = np.percentile(wide, (DARKEST, BRIGHTEST))
    if high <= low:
        low, high = float(wide.min()), float(wide.max())
    grey = np.clip((wide - low) / max(high - low, 1e-9), 0, 1) * 255
    return np.asarray(grey.round(), dtype=np.uint8)


def _on_black(image: Image.Image, mode: str) -> Image.Image:
    ground = Image.new(mode, image.size)
    ground.paste(image.convert(mode), mask=image.getchannel("A"))
    return ground


def _coloured(pixels: Pixels) -> bool:
    wide = pixels.astype(np.int16)
    return bool((wide.max(axis=2) - wide.min(axis=2)).max() > COLOURED)
