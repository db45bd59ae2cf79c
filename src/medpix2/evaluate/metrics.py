"""Metrics of classification, over pictures that have a label; tested against scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medpix2.encode.onnx import softmax

Labels = NDArray[np.int64]
Scores = NDArray[np.floating]

BINS = 15
"""Bins of the calibration error, as of Guo et al. 2017, "On Calibration of Modern Neural
Networks"."""
DRAWS, LEVEL = 1000, 0.95
"""Draws of a bootstrap, and the share of them that an interval has."""


def accuracy(truth: Labels, told: Labels) -> float:
    """Return the share of right answers."""
    return float((truth == told).mean())


def balanced_accuracy(truth: Labels, told: Labels) -> float:
    """Return the mean recall of the classes that occur."""
    right = truth == told
    return float(np.mean([right[truth == one].mean() for one in np.unique(truth)]))


def macro_f1(truth: Labels, told: Labels) -> float:
    """Return the mean F1 of the classes that occur in the truth or in the answers."""
    return float(np.mean([_f1(truth, told, one) for one in np.unique([*truth, *told])]))


@dataclass(frozen=True)
class ClassRow:
    """What a class got: precision, recall, F1 and how many pictures have it."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int


def per_class(truth: Labels, told: Labels, classes: Sequence[str]) -> list[ClassRow]:
    """Return a row for each class; what would be divided by zero is 0."""
    rows = []
    for at, name in enumerate(classes):
        hits = int(((truth == at) & (told == at)).sum())
        said, support = int((told == at).sum()), int((truth == at).sum())
        rows.append(
            ClassRow(
                name, hits / said if said else 0.0, hits / support if support else 0.0,
                _f1(truth, told, at), support,
            )
        )  # fmt: skip
    return rows


def confusion(truth: Labels, told: Labels, classes: int) -> NDArray[np.int64]:
    """Return how often each class (row) was told as each (column)."""
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (truth, told), 1)
    return table


def calibration_error(probabilities: Scores, truth: Labels, bins: int = BINS) -> float:
    """Return the expected calibration error (ECE) of the class that is told, in equal bins."""
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    total = 0.0
    for one in np.unique(place):
        inside = place == one
        total += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    return float(total)


def fit_temperature(scores: Scores, truth: Labels) -> float:
    """Return the temperature by which scores are divided for the least negative log likelihood."""
    from scipy.optimize import minimize_scalar

    def cost(log: float) -> float:
        likely = softmax(scores / np.exp(log))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(likely, 1e-12)).mean())

    return float(np.exp(minimize_scalar(cost, bounds=(-7.0, 5.0), method="bounded").x))


def interval(
    score: Callable[[NDArray[np.intp]], float], cases: Sequence[str], *, draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float]:  # fmt: skip
    """Return the 95 % interval of a score by a bootstrap over cases.

    Parameters
    ----------
    score
        Gives the score of some pictures, by their places (with repetitions).
    cases
        The case of each picture; a draw takes all pictures of a case.
    draws, seed
        How many, and by which seed.
    """
    places: dict[str, list[int]] = {}
    for at, case in enumerate(cases):
        places.setdefault(case, []).append(at)
    groups = [np.array(some) for some in places.values()]
    chance = np.random.default_rng(seed)
    found = [
        score(np.concatenate([groups[at] for at in chance.integers(len(groups), size=len(groups))]))
        for _ in range(draws)
    ]
    low, high = np.quantile(found, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)


def by_case(
    probabilities: Scores, truth: Labels, groups: Sequence[object]
) -> tuple[Scores, Labels]:
    """Return the mean probabilities of each group's pictures, and the label that most have."""
    numbers = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    of = np.array([numbers[group] for group in groups])
    mean = np.stack([probabilities[of == at].mean(axis=0) for at in range(len(numbers))])
    labels = np.array([np.bincount(truth[of == at]).argmax() for at in range(len(numbers))])
    return mean, labels


def _f1(truth: Labels, told: Labels, at: int) -> float:
    hits = int(((truth == at) & (told == at)).sum())
    both = int((truth == at).sum() + (told == at).sum())
    return 2 * hits / both if both else 0.0
