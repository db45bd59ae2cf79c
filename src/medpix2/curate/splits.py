"""Splits by case and by patient: what is tied stays together, and the labels are balanced.

Cases that hang together (`curate.ties`) are one unit; `curate.parting` places the units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from medpix2.curate.parting import Counts, Parting, Parts
from medpix2.errors import SettingError

SPLITS = ("train", "dev", "test")
HALVES = ("train_1", "train_2")
SIZES: Mapping[str, float] = {"train": 0.8, "dev": 0.1, "test": 0.1}
SEED = 2026


@dataclass(frozen=True)
class SplitCase:
    """A case to be put into a split.

    Attributes
    ----------
    id
        Id of the case.
    images
        Number of its images by Type and Location Category (None where missing).
    split, split_half
        The split that it has, if it is to be kept.
    """

    id: str
    images: Mapping[tuple[str, str | None], int] = field(default_factory=dict)
    split: str | None = None
    split_half: str | None = None


@dataclass(frozen=True)
class Assignment:
    """Which case is in which split.

    Attributes
    ----------
    splits
        Case id to train, dev or test.
    halves
        Id of a case in train to train_1 or train_2; empty where no halves were asked for.
    notes
        What could not be done as asked, for a person.
    """

    splits: Mapping[str, str]
    halves: Mapping[str, str]
    notes: tuple[str, ...] = ()


def sizes_from(text: str) -> dict[str, float]:
    """Read sizes as people write them: '80/10/10' for train, dev and test.

    Raises
    ------
    SettingError
        These are no three numbers, or none of them is for train.
    """
    advice = "give three numbers for train, dev and test, as in 80/10/10"
    try:
        numbers = [float(part) for part in text.split("/")]
    except ValueError:
        raise SettingError(f"The sizes of the splits are {text!r}", advice) from None
    if len(numbers) != len(SPLITS):
        raise SettingError(f"The sizes of the splits are {text!r}", advice)
    return _shares(dict(zip(SPLITS, numbers, strict=True)))


def assign(
    cases: Iterable[SplitCase],
    *,
    sizes: Mapping[str, float] = SIZES,
    halves: bool = True,
    seed: int = SEED,
    keep_published: bool = True,
    tied: Iterable[tuple[str, str]] = (),
) -> Assignment:
    """Put every case into a split; the same cases, in whatever order, give the same splits.

    Parameters
    ----------
    cases
        All cases, each once.
    sizes
        Share of each split; they are brought to a sum of 1.
    halves
        Whether train is halved.
    seed
        Decides between units of one size.
    keep_published
        Leave a case in the split that it has. A case tied to such cases goes where most of them
        are.
    tied
        Pairs of ids of cases that belong on one side.

    Raises
    ------
    SettingError
        A size is negative or no number, or train has none.
    """
    shares = _shares(sizes)
    ordered = sorted(cases, key=lambda case: case.id)
    ids = [case.id for case in ordered]
    units = _units(ids, tied)
    labels = _labels(ordered)
    kept = [case.split if keep_published else None for case in ordered]
    notes: list[str] = []
    parts = Parting(ids, labels, units, seed).part(shares, kept, notes)
    splits = {case.id: part for case, part in zip(ordered, parts, strict=True)}
    halved: dict[str, str] = {}
    if halves:
        at = [n for n, part in enumerate(parts) if part == "train"]
        train = [ordered[n] for n in at]
        kept = [case.split_half if keep_published else None for case in train]
        parting = Parting([case.id for case in train], labels[at], units[at], seed)
        parts = parting.part(dict.fromkeys(HALVES, 0.5), kept, notes)
        halved = {case.id: part for case, part in zip(train, parts, strict=True)}
    return Assignment(splits, halved, tuple(notes))


def _units(ids: Sequence[str], tied: Iterable[tuple[str, str]]) -> Parts:
    """Return the number of the unit of each case: cases that are tied, over others too."""
    at = {name: n for n, name in enumerate(ids)}
    pairs = [(at[one], at[other]) for one, other in tied if one in at and other in at]
    ones, others = np.array(pairs, np.int64).reshape(-1, 2).T
    ties = sparse.coo_array((np.ones(len(ones)), (ones, others)), shape=(len(ids), len(ids)))
    return np.asarray(connected_components(ties, directed=False)[1], np.int64)


def _labels(cases: Sequence[SplitCase]) -> Counts:
    """Return cases, images, then images by Type, by Location Category, and by both."""
    columns: dict[tuple[str | None, ...], int] = {("cases",): 0, ("images",): 1}
    rows = []
    for case in cases:
        row = Counter({0: 1})
        for (kind, category), count in case.images.items():
            both = (kind, category, "both")
            for label in (("images",), ("Type", kind), ("Category", category), both):
                row[columns.setdefault(label, len(columns))] += count
        rows.append(row)
    labels = np.zeros((len(rows), len(columns)))
    for n, row in enumerate(rows):
        labels[n, list(row)] = list(row.values())
    return labels


def _shares(sizes: Mapping[str, float]) -> dict[str, float]:
    total = sum(sizes.values())
    bad = [name for name in sizes if name not in SPLITS or not sizes[name] >= 0]
    if bad or not 0 < total < float("inf") or not sizes.get("train"):
        said = "/".join(f"{size:g}" for size in sizes.values())
        raise SettingError(
            f"The sizes of the splits are {said}",
            "give train more than 0, and dev and test 0 or more, as in 80/10/10",
        )
    return {name: size / total for name, size in sizes.items()}
