"""`train`: from a recipe and an export to a finished model with its report."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.encode.onnx import About, Model, Task, write_about
from medpix2.errors import MissingPackage, QueryError
from medpix2.pipeline.progress import Progress, Silent

if TYPE_CHECKING:
    from medpix2.evaluate.model import Seen

MODEL, EVALUATION, REPORT = "model", "dev.json", "dev.html"


@dataclass(frozen=True)
class Finished:
    """A finished training: the model's folder, its best epoch, its figures on dev."""

    folder: Path
    best_epoch: int
    result: dict[str, Any]


def train(
    recipe: Path,
    data: Path,
    out: Path,
    *,
    cache: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    report: Callable[[Mapping[str, float]], None] = lambda row: None,
) -> Finished:
    """Train a model by a recipe, write it as ONNX, and evaluate it on what judged it.

    Parameters
    ----------
    recipe
        A TOML file.
    data
        An exported folder of pairs.
    out
        Folder to make, or of a training that was stopped and goes on.
    cache
        Folder in which prepared pictures are kept for the next training; None keeps none.
    jobs
        Pictures that are decoded at a time.
    progress
        Is told of pictures that are prepared.
    report
        Gets the row of each epoch.

    Raises
    ------
    SettingError, SourceError, NotFound, OutputError
        See `medpix2.train.loop.train`.
    MissingPackage
        The extra `learn` is not installed.
    """
    try:
        from medpix2.train.exporting import export_model
        from medpix2.train.loop import train as run
        from medpix2.train.plots import CURVES, write_curves
    except ImportError as error:
        raise MissingPackage(
            f"Training needs a package that is not installed ({error})",
            "install medpix2 with its extra: pip install 'medpix2[learn]'",
        ) from None
    from medpix2.train.data import chosen_pairs
    from medpix2.train.recipe import read_recipe

    how = read_recipe(recipe)
    pictures = sum(map(len, chosen_pairs(data, how.data)))
    with (progress or Silent()).step("prepare", pictures) as advance:
        trained = run(how, data, out, cache=cache, jobs=jobs, advance=advance, report=report)
    write_curves(trained.done.rows, out / CURVES)
    export_model(trained, out / MODEL)
    return Finished(
        out / MODEL, trained.done.best_epoch, _judged(out, data, trained.judged.pairs, jobs)
    )


def _judged(out: Path, data: Path, pairs: Any, jobs: int) -> dict[str, Any]:
    """Fit temperatures, choose the way of each task, and write card and report."""
    from medpix2.evaluate.model import evaluate_pairs, look
    from medpix2.evaluate.report import write_report
    from medpix2.train.card import CARD, card_text

    seen = look(Model(out / MODEL), pairs, jobs=jobs)
    about = calibrated(Model(out / MODEL), seen)
    write_about(out / MODEL, about)
    model = Model(out / MODEL)
    result = evaluate_pairs(model, seen, "dev")
    (out / EVALUATION).write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    (out / MODEL / CARD).write_text(card_text(about, result), "utf-8")
    write_report(out / REPORT, result, mistakes_of(model, seen))
    return result


def calibrated(model: Model, seen: Seen) -> About:
    """Return what a model says of itself, with temperatures and ways chosen on some pictures."""
    from medpix2.evaluate.metrics import fit_temperature
    from medpix2.evaluate.model import order_ways
    from medpix2.evaluate.scoring import truth_of

    tasks: dict[str, Task] = {}
    for name, task in model.about.tasks.items():
        truth, _ = truth_of(seen.pairs, name, task.classes)
        known = (truth >= 0) & (truth < len(task.classes))
        temperatures = {
            way: fit_temperature(seen.outputs[f"{way}.{name}"][known], truth[known])
            for way in task.ways
            if known.any()
        }
        tasks[name] = task.model_copy(
            update={"ways": order_ways(model, seen, name), "temperatures": temperatures}
        )
    return model.about.model_copy(update={"tasks": tasks})


def mistakes_of(model: Model, seen: Seen) -> dict[str, Any]:
    """Return the worst mistakes of each task."""
    from medpix2.evaluate.report import worst_mistakes

    return {
        name: worst_mistakes(
            model.probabilities(seen.outputs, name, task.ways[0]), seen.pairs, name, task.classes
        )
        for name, task in model.about.tasks.items()
    }


def evaluate(
    model: Path | None,
    data: Path,
    split: str,
    *,
    predictions: Path | None = None,
    probe: bool = True,
    page: Path | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return every figure of a model, or of a file of predictions, on a split; write the page.

    Parameters
    ----------
    model
        Folder of a model, or that of its training; None with predictions.
    data
        An exported folder of pairs.
    split
        dev or test, or any other that the export has.
    predictions
        See `medpix2.evaluate.predictions`.
    probe
        Also a linear probe and simple baselines.
    page
        HTML file to write.
    jobs
        Pictures that are decoded at a time.
    progress
        Is told of pictures that are done.

    Raises
    ------
    QueryError
        Neither a model nor predictions are given, or both.
    SourceError, NotFound
        The model, the predictions or the export cannot be read.
    """
    from medpix2.evaluate.model import evaluate_model
    from medpix2.evaluate.predictions import evaluate_predictions
    from medpix2.evaluate.report import write_report

    if (model is None) == (predictions is None):
        raise QueryError(
            "Either a model or predictions are evaluated",
            "give MODEL DATA, or --predictions FILE DATA",
        )
    if predictions is not None:
        result = evaluate_predictions(predictions, data, split)
        if page is not None:
            write_report(page, result)
        return result
    opened = Model(model_folder(Path(str(model))))
    with (progress or Silent()).step("pictures", None) as advance:
        result, seen = evaluate_model(opened, data, split, probe=probe, jobs=jobs, advance=advance)
    if page is not None:
        write_report(page, result, mistakes_of(opened, seen))
    return result


def model_folder(folder: Path) -> Path:
    """Return the folder of a model: it, or the one in the folder of its training."""
    return folder / MODEL if (folder / MODEL).is_dir() else folder
