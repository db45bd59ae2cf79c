"""Checkpoints: trained weights, optimizer and log in one safetensors file, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from medpix2.errors import OutputError, SourceError
from medpix2.train.recipe import Recipe, recipe_of

VERSION = 1
LAST, BEST = "last.safetensors", "best.safetensors"


@dataclass
class Progressed:
    """How far a training is: done epochs, their rows, the best score and its epoch.

    Attributes
    ----------
    epoch
        Epochs that are done.
    best, best_epoch
        Highest dev score, and the number of its epoch, from 1.
    rows
        What each epoch gave.
    """

    epoch: int = 0
    best: float = -1.0
    best_epoch: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)


def trained_weights(model: nn.Module) -> dict[str, Tensor]:
    """Return what training changes: parameters that are trained, and buffers (BatchNorm's)."""
    trained = {name for name, one in model.named_parameters() if one.requires_grad}
    trained |= {name for name, _ in model.named_buffers()}
    return {name: value for name, value in model.state_dict().items() if name in trained}


def save(
    path: Path, recipe: Recipe, data: str, done: Progressed, tensors: Mapping[str, Tensor]
) -> None:
    """Write a checkpoint beside its place, and put it there.

    `data` is the digest of the pairs (`train.data.digest_of`).
    """
    about = {
        "version": VERSION, "recipe": recipe.model_dump(mode="json"), "data": data,
        "progress": vars(done),
    }  # fmt: skip
    beside = path.with_name(f".{path.name}")
    whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    try:
        save_file(whole, beside, metadata={"medpix2": json.dumps(about)})
        beside.replace(path)
    except (OSError, SafetensorError) as error:
        raise OutputError(f"{path} cannot be written ({error})", "free or choose a disk") from None


def read(path: Path) -> tuple[Recipe, str, Progressed, dict[str, Tensor]]:
    """Return recipe, digest of the data, progress and tensors of a checkpoint.

    Raises
    ------
    SourceError
        It is truncated, no checkpoint, or of another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about: dict[str, Any] = json.loads((file.metadata() or {})["medpix2"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        version = about["version"]
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise SourceError(
            f"The checkpoint {path} cannot be read ({type(error).__name__}: {error})",
            "remove its folder and train again",
        ) from None
    if version != VERSION:
        raise SourceError(
            f"The checkpoint {path} is of version {version}, not {VERSION}", "train again"
        )
    return (
        recipe_of(about["recipe"], str(path)),
        about["data"],
        Progressed(**about["progress"]),
        tensors,
    )


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the state of an optimizer as named tensors."""
    state = optimizer.state_dict()["state"]
    return {
        f"{at}.{key}": torch.as_tensor(v) for at, one in state.items() for key, v in one.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give an optimizer back what `optimizer_tensors` returned."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        at, _, key = name.partition(".")
        state.setdefault(int(at), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
