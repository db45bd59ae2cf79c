"""What probabilities of a task's classes are worth: every figure of one way to tell one task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medpix2.evaluate.metrics import (
    accuracy,
    balanced_accuracy,
    by_case,
    calibration_error,
    confusion,
    interval,
    macro_f1,
    per_class,
)
from medpix2.export.pairs import Pair

FIGURES = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "macro_f1": macro_f1,
}
"""Figures that get an interval, by their names in the JSON."""

Probabilities = NDArray[np.floating]


def truth_of(
    pairs: Sequence[Pair], task: str, classes: Sequence[str]
) -> tuple[NDArray[np.int64], list[str]]:
    """Return each picture's class, -1 where it has none, and the classes.

    Labels that are not among the classes are put behind them: nobody can tell them, so that they
    count as wrong.
    """
    there = {pair.labels[task] for pair in pairs if pair.labels[task]}
    whole = [*classes, *sorted(name for name in there if name and name not in classes)]
    number = {name: at for at, name in enumerate(whole)}
    return np.array([number.get(pair.labels[task] or "", -1) for pair in pairs]), whole


def scored(
    probabilities: Probabilities, pairs: Sequence[Pair], task: str, classes: Sequence[str],
    *, draws: int = 1000,
) -> dict[str, Any]:  # fmt: skip
    """Return the figures of a task, per picture and per case; {} if no picture has its label.

    Parameters
    ----------
    probabilities
        Of each picture's classes, shape (pictures, classes).
    pairs
        The pictures.
    task, classes
        The label, and its classes in the order of the columns.
    draws
        Of the bootstrap over cases.
    """
    truth, whole = truth_of(pairs, task, classes)
    more = np.zeros((len(pairs), len(whole) - len(classes)))
    labelled = truth >= 0
    if not labelled.any():
        return {}
    values = np.concatenate([probabilities, more], axis=1)[labelled]
    truth, own = truth[labelled], [p for p, has in zip(pairs, labelled, strict=True) if has]
    cases = [pair.case for pair in own]
    figures = _figures(values, truth, cases, draws)
    told = values.argmax(axis=1)
    groups = [(pair.case, pair.labels["modality"]) for pair in own]
    mean, of_case = by_case(values, truth, groups)
    grouped = [case for case, _ in dict.fromkeys(groups)]
    return {
        **figures,
        "ece": calibration_error(values, truth),
        "pictures": len(truth),
        "cases": len(set(cases)),
        "classes": whole,
        "per_class": [vars(row) for row in per_class(truth, told, whole)],
        "confusion": confusion(truth, told, len(whole)).tolist(),
        "per_case": {**_figures(mean, of_case, grouped, draws), "groups": len(of_case)},
    }


def _figures(
    values: Probabilities, truth: NDArray[np.int64], cases: Sequence[str], draws: int
) -> dict[str, Any]:
    told = values.argmax(axis=1)
    found: dict[str, Any] = {}
    for name, figure in FIGURES.items():
        found[name] = figure(truth, told)
        found[f"{name}_interval"] = list(
            interval(lambda at, f=figure: f(truth[at], told[at]), cases, draws=draws)  # type: ignore[misc]
        )
    return found
