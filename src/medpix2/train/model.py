"""The model: both encoders, projections to a shared space, temperature, heads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from medpix2.errors import SettingError, SourceError
from medpix2.train.encoders import Encoders, load_encoders
from medpix2.train.recipe import Recipe, Tower

HIGHEST_SCALE = math.log(100)
"""Logarithm of the largest inverse temperature, as of CLIP."""
SIGMOID_BIAS = -10.0
"""Bias of the sigmoid loss at the beginning, as of SigLIP."""


class Clip(nn.Module):
    """A picture tower and a text tower with a shared space.

    Parameters
    ----------
    recipe
        What it is made by.
    encoders
        The towers.
    classes
        Task to its classes, for the heads.
    """

    def __init__(
        self, recipe: Recipe, encoders: Encoders, classes: Mapping[str, Sequence[str]]
    ) -> None:
        super().__init__()
        self.picture, self.text = encoders.picture, encoders.text
        width, loss = recipe.loss.width, recipe.loss
        own = encoders.projections or (
            nn.Linear(self.picture.width, width, bias=False),
            nn.Linear(self.text.width, width, bias=False),
        )
        self.of_picture, self.of_text = own
        scale = encoders.scale
        self.scale = nn.Parameter(
            torch.tensor(-math.log(loss.temperature) if scale is None else scale)
        )
        bias = encoders.bias
        self.bias = nn.Parameter(torch.tensor(SIGMOID_BIAS if bias is None else bias))
        self.bias.requires_grad = loss.kind == "sigmoid"
        self.dropout = nn.Dropout(recipe.heads.dropout)
        self.heads = nn.ModuleDict(
            {task: nn.Linear(self.picture.width, len(classes[task])) for task in recipe.heads.tasks}
        )
        self._towers = ((self.picture, recipe.picture), (self.text, recipe.text))
        for tower, how in self._towers:
            _freeze(tower, how)

    def train(self, mode: bool = True) -> Clip:
        """Set the mode; BatchNorm and frozen towers stay in eval mode as the recipe says."""
        super().train(mode)
        for tower, how in self._towers:
            if how.train == "frozen":
                tower.eval()
            if how.batchnorm == "frozen":
                for module in tower.modules():
                    if isinstance(module, nn.modules.batchnorm._BatchNorm):
                        module.eval()
        return self

    def project(self, features: Tensor, of: nn.Module) -> Tensor:
        """Return embeddings of length 1 of a tower's features."""
        return functional.normalize(of(features), dim=-1)

    def told(self, features: Tensor) -> dict[str, Tensor]:
        """Return the heads' scores of pictures' features: task to (pictures, classes)."""
        return {task: head(self.dropout(features)) for task, head in self.heads.items()}

    def scores(self, pictures: Tensor, texts: Tensor) -> Tensor:
        """Return the scaled products of embeddings, shape (pictures, texts)."""
        return pictures @ texts.T * self.scale.clamp(max=HIGHEST_SCALE).exp() + self.bias * float(
            self.bias.requires_grad
        )


def make_model(recipe: Recipe, classes: Mapping[str, Sequence[str]], texts: Sequence[str]) -> Clip:
    """Return a model at the beginning of its training; the recipe's seed draws what is new.

    Raises
    ------
    SourceError
        The data have no class of a head, or an encoder cannot be loaded.
    """
    for task in recipe.heads.tasks:
        if not classes[task]:
            raise SourceError(
                f"The data have no label {task!r}, which the recipe wants a head for",
                "take it out of the recipe's heads.tasks",
            )
    torch.manual_seed(recipe.seed)
    encoders = load_encoders(recipe.picture.encoder, recipe.text.encoder, texts, recipe.data.size)
    if encoders.projections and recipe.loss.kind == "softmax" and encoders.bias is not None:
        # A softmax does not see a bias.
        encoders = Encoders(
            encoders.picture, encoders.text, encoders.projections, encoders.scale, None
        )
    return Clip(recipe, encoders, classes)


def parameter_groups(model: Clip, recipe: Recipe) -> list[dict[str, object]]:
    """Return groups for the optimizer: each tower and the rest, matrices apart from vectors."""
    towers = {
        "picture": (model.picture, recipe.picture.rate),
        "text": (model.text, recipe.text.rate),
    }
    groups: list[dict[str, object]] = []
    inside = {id(p) for tower, _ in towers.values() for p in tower.parameters()}
    rest = [p for p in model.parameters() if id(p) not in inside]
    for parameters, rate in (
        *((list(tower.parameters()), times) for tower, times in towers.values()),
        (rest, 1.0),
    ):
        for decays in (True, False):
            chosen = [p for p in parameters if p.requires_grad and (p.ndim > 1) == decays]
            if chosen:
                decay = recipe.optimize.decay if decays else 0.0
                groups.append({"params": chosen, "weight_decay": decay, "times": rate})
    return groups


def _freeze(tower: nn.Module, how: Tower) -> None:
    tower.requires_grad_(how.train == "whole")
    if how.train != "last":
        return
    blocks = tower.blocks()  # type: ignore[operator]
    if not 0 < how.last <= len(blocks):
        raise SettingError(
            f"{how.encoder} has {len(blocks)} blocks: its last {how.last} cannot be trained",
            f"set last from 1 to {len(blocks)}",
        )
    for block in blocks[-how.last :]:
        block.requires_grad_(True)
