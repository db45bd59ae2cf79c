"""The recipe: every knob of a training, read from TOML, frozen; it travels in the checkpoint."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from medpix2.errors import SettingError
from medpix2.export.pairs import LABELS
from medpix2.export.texts import TEXTS

LEAKING = ("title", "topic")
"""Texts that are nearly always the diagnosis (`medpix2.field_groups`)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Data(_Part):
    """Which pairs are learned from, and which ones judge."""

    train: tuple[str, ...] = Field(default=("train",), description="Splits that are learned from.")
    dev: tuple[str, ...] = Field(
        default=("dev",), description="Splits that judge; none with folds."
    )
    folds: int = Field(
        default=0, ge=0, description="Parts of the train cases, for cross-validation."
    )
    fold: int = Field(default=0, ge=0, description="Part that judges instead of dev, from 0.")
    size: int = Field(
        default=224, ge=16, description="Width and height of the pictures, in pixels."
    )
    mask: bool = Field(default=True, description="Mask burned-in lettering.")
    limit: int = Field(default=0, ge=0, description="Train pictures at most; 0 is all.")


class Texts(_Part):
    """Which text goes with a picture: drawn anew each epoch by weight, of those that it has."""

    mix: dict[str, float] = Field(
        default={"facts": 0.5, "caption": 0.5}, description="Name of a text to its weight."
    )
    leaking: bool = Field(default=False, description="Allow texts that give the diagnosis away.")
    length: int = Field(default=64, ge=4, description="Tokens of a text at most.")


class Tower(_Part):
    """An encoder of pictures or of texts, and how much of it is trained."""

    encoder: str = Field(description="Name in the table, or of a Hugging Face model, or a folder.")
    train: Literal["whole", "frozen", "last"] = Field(
        default="whole", description="What is trained."
    )
    last: int = Field(default=0, ge=0, description="Blocks from the end that `last` trains.")
    rate: float = Field(default=1.0, gt=0, description="Its learning rate, times the recipe's.")
    batchnorm: Literal["frozen", "trained"] = Field(
        default="frozen", description="Whether BatchNorm keeps the statistics that it came with."
    )


class Loss(_Part):
    """The contrastive loss."""

    kind: Literal["softmax", "sigmoid"] = Field(
        default="softmax", description="As CLIP, or as SigLIP."
    )
    weight: float = Field(default=1.0, ge=0, description="Of it, beside the heads.")
    temperature: float = Field(default=0.07, gt=0, description="At the beginning; it is learned.")
    width: int = Field(default=256, ge=2, description="Of the shared space, if towers bring none.")


class Heads(_Part):
    """Classifiers on the pictures' features, trained along."""

    tasks: tuple[str, ...] = Field(default=(), description="Labels that get a head.")
    weight: float = Field(default=1.0, ge=0, description="Of their mean loss.")
    smoothing: float = Field(default=0.0, ge=0, lt=1, description="Label smoothing.")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="On the features before them.")


class Augment(_Part):
    """How train pictures are changed: never mirrored, for the side of an organ tells (docs)."""

    rotate: float = Field(default=0.0, ge=0, le=45, description="Degrees at most, either way.")
    scale: float = Field(
        default=0.0, ge=0, le=0.5, description="Share by which size changes at most."
    )
    shift: float = Field(default=0.0, ge=0, le=0.5, description="Share of the side, at most.")
    bright: float = Field(default=0.0, ge=0, le=0.9, description="Share of the range, at most.")
    contrast: float = Field(default=0.0, ge=0, le=0.9, description="Share, at most.")
    gamma: float = Field(
        default=0.0, ge=0, le=0.9, description="Exponent's distance from 1, at most."
    )
    erase: float = Field(default=0.0, ge=0, le=0.5, description="Side of a black square, at most.")


class Optimize(_Part):
    """The loop and the optimizer (AdamW; warm-up, then a cosine down to zero)."""

    epochs: int = Field(default=10, ge=1, description="At most.")
    batch: int = Field(default=64, ge=2, description="Pictures of a step.")
    rate: float = Field(
        default=3e-4, gt=0, description="Highest learning rate, of projections and heads."
    )
    decay: float = Field(default=0.05, ge=0, description="Weight decay, of matrices alone.")
    warmup: float = Field(default=0.1, ge=0, le=1, description="Share of the steps.")
    clip: float = Field(default=1.0, gt=0, description="Largest norm of the gradient.")
    patience: int = Field(
        default=0, ge=0, description="Epochs without a better dev score; 0: never stop."
    )
    average: float = Field(
        default=0.0, ge=0, lt=1, description="Decay of averaged weights; 0 is none."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        default="float32", description="Of the towers."
    )
    channels_last: bool = Field(
        default=False, description="Layout of pictures: faster on most CPUs."
    )


class Prompts(_Part):
    """The texts by which a class is told from the others; their mean stands for it."""

    tasks: tuple[str, ...] = Field(
        default=("modality", "location_category", "location", "plane", "sequence"),
        description="Labels that are told.",
    )
    templates: dict[str, tuple[str, ...]] = Field(
        default={
            "modality": ("{} image.", "Axial {} image."),
            "location_category": ("CT image, {}.", "MR image, {}."),
            "location": ("CT image, {}.", "MR image, {}."),
            "plane": ("{} CT image.", "{} MR image."),
            "sequence": ("{} MR image.", "Axial {}-weighted MR image."),
        },
        description="Label to texts in which {} is the class.",
    )


class Recipe(_Part):
    """A training, whole."""

    name: str = Field(default="unnamed", description="For reports.")
    seed: int = Field(default=0, ge=0, description="Of all chance.")
    device: str = Field(default="auto", description="cpu, cuda, or auto.")
    threads: int = Field(default=0, ge=0, description="Of the CPU; 0 lets torch choose.")
    watch: tuple[str, ...] = Field(
        default=("modality", "location_category", "location"),
        description="Tasks whose mean accuracy on dev is the score.",
    )
    data: Data = Data()
    texts: Texts = Texts()
    picture: Tower = Tower(encoder="efficientnet-lite0")
    text: Tower = Tower(encoder="minilm", train="frozen")
    loss: Loss = Loss()
    heads: Heads = Heads()
    augment: Augment = Augment()
    optimize: Optimize = Optimize()
    prompts: Prompts = Prompts()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for what, names, known in (
            ("texts.mix", self.texts.mix, TEXTS),
            ("heads.tasks", self.heads.tasks, LABELS),
            ("prompts.tasks", self.prompts.tasks, LABELS),
            ("watch", self.watch, (*self.heads.tasks, *self.prompts.tasks)),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"{what}: no {name!r} among {', '.join(known)}")
        if min(self.texts.mix.values(), default=0) < 0 or not sum(self.texts.mix.values()) > 0:
            raise ValueError("texts.mix: weights must not be negative, nor all 0")
        told = [name for name in LEAKING if self.texts.mix.get(name)]
        if told and not self.texts.leaking:
            raise ValueError(f"texts.mix: {told[0]!r} tells the diagnosis: set texts.leaking")
        if self.data.folds == 1 or self.data.fold >= max(1, self.data.folds):
            raise ValueError("data.fold: must be below data.folds, and those 0 or above 1")
        lacking = [task for task in self.prompts.tasks if task not in self.prompts.templates]
        if lacking:
            raise ValueError(f"prompts.templates: none for {lacking[0]!r}")
        if not self.loss.weight and not (self.heads.weight and self.heads.tasks):
            raise ValueError("loss.weight: 0, and there are no heads: nothing is learned")
        return self


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file.

    Raises
    ------
    SettingError
        It cannot be read, or has an unknown key (named with the nearest known one) or value.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(
            f"The recipe {path} cannot be read ({error})", "name a TOML file, as in recipes/"
        ) from None
    return recipe_of(values, str(path))


def recipe_of(values: Mapping[str, Any], where: str) -> Recipe:
    """Return the recipe of its values; `SettingError` names what is wrong with it, and where."""
    try:
        return Recipe.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        at = [str(part) for part in first["loc"]]
        name = ".".join(at)
        if first["type"] == "extra_forbidden":
            near = difflib.get_close_matches(at[-1], _keys(at[:-1]), 1, 0.5)
            known = ", ".join(_keys(at[:-1]))
            todo = f"did you mean {near[0]!r}?" if near else f"known are {known}"
            raise SettingError(f"The recipe {where} has the unknown key {name!r}", todo) from None
        said = first["msg"].removeprefix("Value error, ")
        raise SettingError(
            f"The recipe {where} cannot be used ({name + ': ' if name else ''}{said})", "change it"
        ) from None


def _keys(path: list[str]) -> list[str]:
    model: Any = Recipe
    for part in path:
        field = model.model_fields.get(part)
        if field is None:
            return []
        kinds = get_args(field.annotation)
        model = kinds[0] if get_origin(field.annotation) in (Union, UnionType) else field.annotation
        if not hasattr(model, "model_fields"):
            return []
    return list(model.model_fields)
