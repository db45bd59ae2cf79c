"""`classify`: what a model tells of picture files; ONNX Runtime and Pillow are enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medpix2.encode.files import each_picture, picture_files
from medpix2.encode.onnx import Model
from medpix2.encode.prepare import Pixels, batch_of, prepared
from medpix2.errors import LookFailed, OutputError
from medpix2.pipeline.training import model_folder

AT_ONCE = 8
UNSURE = 0.5
"""Probability below which an answer is "unsure": another class, or several, are more likely."""
OVERLAY = 0.45  # of the heat map over the picture


@dataclass(frozen=True)
class Told:
    """What is told of a task: the class, or None where it is unsure; all probabilities."""

    label: str | None
    probability: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Classified:
    """What is told of a file, or the error that it gave; `heat` has the files of heat maps."""

    file: Path
    tasks: dict[str, Told]
    error: LookFailed | None = None
    heat: tuple[Path, ...] = ()


def classify(
    model: Path,
    files: Sequence[Path],
    *,
    threshold: float = UNSURE,
    explain: Path | None = None,
) -> Iterator[Classified]:
    """Yield what a model tells of each file, in order.

    Parameters
    ----------
    model
        Folder of a model, or that of its training.
    files
        Files and folders.
    threshold
        Probability below which the label is None.
    explain
        Folder for heat maps: of each task, where in the picture the class was seen.

    Raises
    ------
    NotFound
        A file is not there, or a folder has no picture.
    SourceError
        The model cannot be opened.
    OutputError
        A heat map cannot be written.
    """
    opened = Model(model_folder(model))
    pictures = each_picture(picture_files(files))
    while some := list(islice(pictures, AT_ONCE)):
        good = [(path, image) for path, image in some if isinstance(image, Image.Image)]
        squares = [prepared(image, opened.preparation) for _, image in good]
        told = iter(_told(opened, squares, threshold) if squares else ())
        at = iter(zip(good, squares, strict=True))
        for path, image in some:
            if isinstance(image, LookFailed):
                yield Classified(path, {}, image)
                continue
            tasks, heat = next(told)
            _, square = next(at)
            maps = () if explain is None else _explained(explain, path, square, heat)
            yield Classified(path, tasks, None, maps)


def _told(
    model: Model, squares: Sequence[Pixels], threshold: float
) -> list[tuple[dict[str, Told], dict[str, NDArray[np.float32]]]]:
    found = model.pictures(squares, model.outputs)
    rows: list[tuple[dict[str, Told], dict[str, NDArray[np.float32]]]] = [({}, {}) for _ in squares]
    for name, task in model.about.tasks.items():
        values = model.probabilities(found, name, task.ways[0])
        for (tasks, heat), row, maps in zip(rows, values, found[f"heat.{name}"], strict=True):
            best = int(row.argmax())
            sure = float(row[best])
            each = {one: float(value) for one, value in zip(task.classes, row, strict=True)}
            tasks[name] = Told(task.classes[best] if sure >= threshold else None, sure, each)
            heat[name] = maps[best] - maps.mean(axis=0)
    return rows


def _explained(
    folder: Path, path: Path, square: Pixels, heat: dict[str, NDArray[np.float32]]
) -> tuple[Path, ...]:
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for task, values in heat.items():
            place = folder / f"{path.stem}.{task}.png"
            heat_map(square, values).save(place)
            made.append(place)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error})", "choose another folder"
        ) from None
    return tuple(made)


def heat_map(square: Pixels, values: NDArray[np.float32]) -> Image.Image:
    """Return a prepared picture under a map of where a class was seen; red is most."""
    size = square.shape[0]
    spread = float(values.max() - values.min())
    level = (values - values.min()) / (spread or 1.0)
    large = Image.fromarray((level * 255).astype(np.uint8)).resize(
        (size, size), Image.Resampling.BICUBIC
    )
    hot = np.asarray(large, dtype=np.float32)[..., None] / 255
    colours = np.concatenate([hot, 1 - np.abs(2 * hot - 1), 1 - hot], axis=2) * 255
    picture = batch_of([square])[0].transpose(1, 2, 0).astype(np.float32)
    mixed = picture * (1 - OVERLAY) + colours * OVERLAY
    return Image.fromarray(mixed.round().astype(np.uint8))
