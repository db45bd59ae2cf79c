"""The evaluation of a trained model on a split of an export, by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medpix2.encode.onnx import EMBEDDING, FEATURES, Model, Way
from medpix2.encode.prepare import Pixels, prepared
from medpix2.errors import NotFound
from medpix2.evaluate.baselines import linear_probe, majority, thumbnail
from medpix2.evaluate.retrieval import ndcg, retrieval
from medpix2.evaluate.scoring import scored, truth_of
from medpix2.export.pairs import Pair, read_pairs

AT_ONCE = 32
SIMILAR = ("modality", "location_category", "location")
"""Labels each of which two pictures may share: so many gains another case's picture gives."""

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Seen:
    """What a model gives for the pictures of a split.

    Attributes
    ----------
    pairs
        The pictures.
    outputs
        Name of an output to its values, the first axis being the picture.
    thumbnails
        See `baselines.thumbnail`.
    """

    pairs: Sequence[Pair]
    outputs: dict[str, NDArray[np.float32]] = field(repr=False)
    thumbnails: NDArray[np.float32] = field(repr=False)


def evaluate_model(
    model: Model, data: Path, split: str, *, probe: bool = True, draws: int = 1000, jobs: int = 1,
    advance: Advance = lambda done: None,
) -> tuple[dict[str, Any], Seen]:  # fmt: skip
    """Return every figure of a model on a split, as the JSON has them, and what it gave.

    Parameters
    ----------
    model
        The model.
    data
        An exported folder of pairs.
    split
        dev or test.
    probe
        Also a linear probe and the simple baselines, learned from the split train; they are left
        out where the export has no such split.
    draws
        Of the bootstrap over cases.
    jobs
        Pictures that are decoded at a time.
    advance
        Is told of pictures that are done.

    Raises
    ------
    SourceError, NotFound
        See `read_pairs`.
    """
    seen = look(model, read_pairs(data, split), jobs=jobs, advance=advance)
    learned = _learned(model, data, split, jobs, advance) if probe else None
    return evaluate_pairs(model, seen, split, learned, draws=draws), seen


def evaluate_pairs(
    model: Model, seen: Seen, split: str, learned: Seen | None = None, *, draws: int = 1000
) -> dict[str, Any]:
    """Return every figure of what a model gave; with what probe and baselines learn from."""
    tasks: dict[str, Any] = {}
    for task, about in model.about.tasks.items():
        ways: dict[str, Any] = {}
        for way in about.ways:
            values = model.probabilities(seen.outputs, task, way)
            ways[way] = scored(values, seen.pairs, task, about.classes, draws=draws)
        if learned is not None:
            for other, compared in _compared(seen, learned, task, about.classes).items():
                ways[other] = scored(compared, seen.pairs, task, about.classes, draws=draws)
        if ways[about.ways[0]]:
            tasks[task] = {**ways[about.ways[0]], "way": about.ways[0], "ways": ways}
    return {
        "model": model.about.name, "split": split, "pictures": len(seen.pairs),
        "cases": len({pair.case for pair in seen.pairs}), "tasks": tasks,
        "retrieval": _retrieval(model, seen), "data": {"trained_on": model.about.data},
        "probe": learned is not None,
    }  # fmt: skip


def look(
    model: Model, pairs: Sequence[Pair], *, jobs: int = 1, advance: Advance = lambda done: None
) -> Seen:
    """Return what a model gives for pictures."""
    names = [name for name in model.outputs if not name.startswith("heat.")]
    found: list[dict[str, NDArray[np.float32]]] = []
    small: list[NDArray[np.float32]] = []

    def made(pair: Pair) -> Pixels:
        return prepared(pair.open(), model.preparation)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        for at in range(0, len(pairs), AT_ONCE):
            squares = list(pool.map(made, pairs[at : at + AT_ONCE]))
            found.append(model.pictures(squares, names))
            small += [thumbnail(square) for square in squares]
            advance(len(squares))
    whole = {name: np.concatenate([one[name] for one in found]) for name in names}
    return Seen(pairs, whole, np.stack(small))


def order_ways(model: Model, seen: Seen, task: str) -> tuple[Way, ...]:
    """Return the ways of a task, the one with the most right answers first."""
    about = model.about.tasks[task]
    truth, _ = truth_of(seen.pairs, task, about.classes)
    right = {
        way: (seen.outputs[f"{way}.{task}"].argmax(axis=1) == truth)[truth >= 0].sum()
        for way in about.ways
    }
    return tuple(sorted(about.ways, key=lambda way: -int(right[way])))


def _learned(model: Model, data: Path, split: str, jobs: int, advance: Advance) -> Seen | None:
    if split == "train":
        return None
    try:
        pairs = read_pairs(data, "train")
    except NotFound:
        return None
    return look(model, pairs, jobs=jobs, advance=advance)


def _compared(
    seen: Seen, learned: Seen, task: str, classes: Sequence[str]
) -> dict[str, NDArray[np.floating]]:
    truth, _ = truth_of(learned.pairs, task, classes)
    truth = np.where(truth < len(classes), truth, -1)
    if not (truth >= 0).any():
        return {}
    features = (learned.outputs[FEATURES], seen.outputs[FEATURES])
    return {
        "probe": linear_probe(features[0], truth, features[1], len(classes)),
        "thumbnail": linear_probe(learned.thumbnails, truth, seen.thumbnails, len(classes)),
        "majority": majority(truth, len(classes), len(seen.pairs)),
    }


def _retrieval(model: Model, seen: Seen) -> dict[str, Any]:
    """Return how well captions and pictures find each other, and pictures similar cases."""
    told = [at for at, pair in enumerate(seen.pairs) if "caption" in pair.texts]
    found: dict[str, Any] = {}
    embedded = seen.outputs[EMBEDDING]
    if told:
        texts = [seen.pairs[at].texts["caption"] for at in told]
        cases = np.array([seen.pairs[at].case for at in told])
        similar = model.texts(texts) @ embedded[told].T
        same_text = np.array(texts)[:, None] == np.array(texts)[None]
        for name, relevant in (
            ("strict", np.eye(len(told), dtype=np.bool_)),
            ("same_text", same_text),
            ("same_case", same_text | (cases[:, None] == cases[None])),
        ):
            found[name] = {
                "text_to_picture": retrieval(similar, relevant),
                "picture_to_text": retrieval(similar.T, relevant),
            }
    found["similar_case"] = {"ndcg@10": _similar_cases(embedded, seen.pairs)}
    return found


def _similar_cases(embedded: NDArray[np.float32], pairs: Sequence[Pair]) -> float:
    own = np.array([pair.case for pair in pairs])
    gains = np.zeros((len(pairs), len(pairs)))
    for task in SIMILAR:
        labels = np.array([pair.labels[task] or "" for pair in pairs])
        gains += (labels[:, None] == labels[None]) & (labels != "")[:, None]
    same = own[:, None] == own[None]
    return ndcg(np.where(same, -np.inf, embedded @ embedded.T), np.where(same, 0.0, gains))
