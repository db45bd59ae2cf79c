"""Pairs as training takes them: prepared pictures, texts drawn by the recipe, labels as numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medpix2.encode.prepare import Pixels, Preparation
from medpix2.errors import SourceError
from medpix2.export.pairs import LINES, Pair, read_about, read_pairs
from medpix2.train.prepared import prepared_pictures
from medpix2.train.recipe import Data, Texts

NO_TEXT = "Radiology image."


@dataclass(frozen=True)
class Pairs:
    """Pairs with their prepared pictures.

    Attributes
    ----------
    pairs
        In the order of the export.
    squares
        Their prepared pictures (`encode.prepare.prepared`).
    classes
        Label to its classes, as `pairs.json` gives them.
    """

    pairs: Sequence[Pair]
    squares: Sequence[Pixels] = field(repr=False)
    classes: Mapping[str, Sequence[str]]

    def __len__(self) -> int:
        return len(self.pairs)

    def labels(self, task: str) -> NDArray[np.int64]:
        """Return the number of each pair's class, -1 where it has none."""
        number = {name: at for at, name in enumerate(self.classes[task])}
        return np.array([number.get(pair.labels[task] or "", -1) for pair in self.pairs])


def load_pairs(
    folder: Path, how: Data, *, cache: Path | None = None, jobs: int = 1,
    advance: Callable[[int], None] = lambda done: None,
) -> tuple[Pairs, Pairs]:  # fmt: skip
    """Return what is learned from and what judges, with pictures (`prepared_pictures`).

    Raises
    ------
    SourceError, NotFound
        See `read_pairs`; also where train and dev share a case.
    """
    train, dev = chosen_pairs(folder, how)
    classes = read_about(folder)["classes"]
    preparation = Preparation(how.size, how.mask)
    # In the order of their ids, so that all folds have one file in the cache.
    order = sorted([*train, *dev], key=lambda pair: pair.id)
    made = prepared_pictures(order, preparation, cache=cache, jobs=jobs, advance=advance)
    by_id = {pair.id: square for pair, square in zip(order, made, strict=True)}
    squares = [by_id[pair.id] for pair in (*train, *dev)]
    return (
        Pairs(train, squares[: len(train)], classes),
        Pairs(dev, squares[len(train) :], classes),
    )


def chosen_pairs(folder: Path, how: Data) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that are learned from, and those that judge, by splits or by folds."""
    train = read_pairs(folder, how.train)
    if how.folds:
        own = [fold_of(pair.case, how.folds) == how.fold for pair in train]
        dev = [pair for pair, judges in zip(train, own, strict=True) if judges]
        train = [pair for pair, judges in zip(train, own, strict=True) if not judges]
    else:
        dev = read_pairs(folder, how.dev)
    shared = {pair.case for pair in train} & {pair.case for pair in dev}
    if shared:
        raise SourceError(
            f"{len(shared)} cases of {folder} are both learned from and judged by, such as "
            f"{min(shared)}",
            "name different splits in the recipe's [data]",
        )
    if not train or not dev:
        raise SourceError(
            f"{folder} has {len(train)} pictures to learn from and {len(dev)} to judge by",
            "choose other splits or fewer folds",
        )
    return train[: how.limit] if how.limit else train, dev


def fold_of(case: str, folds: int) -> int:
    """Return the part of a case in cross-validation: by its id alone, so other cases move none."""
    return int.from_bytes(hashlib.sha256(case.encode()).digest()[:8], "big") % folds


def drawn_texts(pairs: Sequence[Pair], how: Texts, chance: np.random.Generator) -> list[str]:
    """Return a text for each pair, drawn by weight of those that it has."""
    drawn = chance.random(len(pairs))
    return [_text(pair, how.mix, at) for pair, at in zip(pairs, drawn.tolist(), strict=True)]


def possible_texts(pairs: Sequence[Pair], how: Texts) -> list[str]:
    """Return every text that may be drawn, once."""
    names = [name for name, weight in how.mix.items() if weight]
    texts = [pair.texts[name] for pair in pairs for name in names if name in pair.texts]
    return list(dict.fromkeys([*texts, NO_TEXT]))


def digest_of(folder: Path) -> str:
    """Return the SHA-256 of an export's lines, hexadecimal: it names the data of a model."""
    return hashlib.sha256((folder / LINES).read_bytes()).hexdigest()


def _text(pair: Pair, mix: Mapping[str, float], at: float) -> str:
    there = [(name, weight) for name, weight in mix.items() if weight and name in pair.texts]
    at *= sum(weight for _, weight in there)
    for name, weight in there:
        at -= weight
        if at < 0:
            return pair.texts[name]
    return pair.texts[there[-1][0]] if there else NO_TEXT
