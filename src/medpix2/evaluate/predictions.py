"""Anybody's answers, from a file of JSON lines, as probabilities that are scored like a model's.

A line has `id` (of a picture, or of a question of `export conversations`: then it names the task
too), `task` (may be left out for questions, or where all lines are of one task given beside), and
one of `label`, `probabilities` (class to probability) and `answer` (free text, in which the name of
one class is looked for).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medpix2.errors import SourceError
from medpix2.evaluate.scoring import scored
from medpix2.export.pairs import Pair, read_about, read_pairs

SAID = {
    "CT": ("computed tomography", "ct scan", "cat scan"),
    "MR": ("mri", "magnetic resonance"),
    "T1": ("t1-weighted", "t1w"),
    "T2": ("t2-weighted", "t2w"),
}
"""Other words for a class, as free answers have them."""

NO_CLASS = "(no class)"
"""Column of answers that name no class of the data."""

Answers = dict[str, dict[str, dict[str, float]]]


def evaluate_predictions(
    file: Path, data: Path, split: str, *, draws: int = 1000
) -> dict[str, Any]:
    """Return the figures of a file of predictions, in the form of a model's.

    A picture that the file does not answer counts as wrong; how many there are is `unanswered`.

    Raises
    ------
    SourceError
        The file or the export cannot be read, or a line is of an unknown task or picture.
    """
    classes = read_about(data)["classes"]
    pairs = read_pairs(data, split)
    answers = read_predictions(file, classes, {pair.id for pair in read_pairs(data)})
    tasks: dict[str, Any] = {}
    for task, found in answers.items():
        values = probabilities_of(found, pairs, classes[task])
        known = [*classes[task], NO_CLASS]
        if score := scored(values, pairs, task, known, draws=draws):
            lacking = sum(1 for p in pairs if p.labels[task] and p.id not in found)
            tasks[task] = {**score, "way": "predictions", "unanswered": lacking,
                           "ways": {"predictions": score}}  # fmt: skip
    return {
        "model": file.name, "split": split, "pictures": len(pairs),
        "cases": len({pair.case for pair in pairs}), "tasks": tasks, "retrieval": {}, "data": {},
        "probe": False,
    }  # fmt: skip


def read_predictions(
    file: Path, classes: Mapping[str, Sequence[str]], pictures: set[str]
) -> Answers:
    """Return task to picture to probabilities of classes (an answer that names none: empty)."""
    answers: Answers = {}
    number = 0
    try:
        for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):  # noqa: B007  # the error names it
            if text.strip():
                picture, task, found = _line(json.loads(text), classes, pictures)
                answers.setdefault(task, {})[picture] = found
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise SourceError(
            f"The predictions {file} cannot be read, line {number} ({said})",
            "see docs/train.md for what a line has",
        ) from None
    if not answers:
        raise SourceError(f"The predictions {file} are empty", "name a file with lines of JSON")
    return answers


def probabilities_of(
    answers: Mapping[str, Mapping[str, float]], pairs: Sequence[Pair], classes: Sequence[str]
) -> NDArray[np.float64]:
    """Return the probabilities of pictures, shape (pictures, classes + 1).

    The last column is "no class": all of it where nothing was answered, or no class of the data.
    """
    values = np.zeros((len(pairs), len(classes) + 1))
    for row, pair in zip(values, pairs, strict=True):
        for name, value in answers.get(pair.id, {}).items():
            row[classes.index(name) if name in classes else len(classes)] += value
        row[-1] += max(0.0, 1.0 - row.sum())
    return values


def named_class(answer: str, classes: Sequence[str]) -> str | None:
    """Return the class that a free answer names; None if it names none, or several.

    A class in a longer class's name does not count: "Spine" is not named by "Spine and Muscles".

    >>> named_class("It was taken with magnetic resonance imaging (MR).", ["CT", "MR"])
    'MR'
    >>> named_class("CT or MR", ["CT", "MR"]) is None
    True
    """
    left, found = answer.lower(), set()
    words = [(word.lower(), name) for name in classes for word in (name, *SAID.get(name, ()))]
    for word, name in sorted(words, key=lambda pair: -len(pair[0])):
        left, times = re.subn(rf"(?<!\w){re.escape(word)}(?!\w)", " ", left)
        if times:
            found.add(name)
    return found.pop() if len(found) == 1 else None


def _line(
    line: Mapping[str, Any], classes: Mapping[str, Sequence[str]], pictures: set[str]
) -> tuple[str, str, dict[str, float]]:
    picture, task = str(line["id"]), str(line.get("task"))
    if picture not in pictures:
        # Of a conversation: the picture, and the task behind it.
        parts = [(picture[: -len(name) - 1], name) for name in classes if picture.endswith(name)]
        known = [(one, name) for one, name in parts if one in pictures]
        if not known:
            raise ValueError(f"no picture {picture!r} in the export")
        picture, task = known[0]
    if task not in classes:
        raise ValueError(f"no task {task!r}: it is one of {', '.join(classes)}")
    if "probabilities" in line:
        found = {str(name): float(value) for name, value in line["probabilities"].items()}
        if min(found.values(), default=0) < 0 or sum(found.values()) > 1.001:
            raise ValueError("probabilities must not be negative, nor more than 1 together")
        return picture, task, found
    named = line["label"] if "label" in line else named_class(line["answer"], classes[task])
    return picture, task, {} if named is None else {str(named): 1.0}
