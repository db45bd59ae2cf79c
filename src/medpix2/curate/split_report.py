"""How well splits are balanced, and what leaks from one to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medpix2.curate.splits import SplitCase
from medpix2.curate.ties import TIE_KINDS, Tie


@dataclass(frozen=True)
class Part:
    """One split or half.

    Attributes
    ----------
    name
        Its name.
    cases, images
        How many are in it.
    wanted
        Share of the cases that was asked for; None for none.
    types, categories
        Images by Type, and by Location Category ("" where missing).
    deviation
        Greatest difference, in percentage points, between the share of a Type or Location Category
        among its images and that among all images.
    """

    name: str
    cases: int
    images: int
    wanted: float | None
    types: Mapping[str, int]
    categories: Mapping[str, int]
    deviation: float


@dataclass(frozen=True)
class Leak:
    """What of one kind stands on several sides.

    Attributes
    ----------
    what
        The kind of tie.
    groups
        Groups of cases tied so, of any side.
    leaking
        Those of them that stand on several sides.
    cases
        Cases of these.
    """

    what: str
    groups: int
    leaking: int
    cases: int


@dataclass(frozen=True)
class SplitReport:
    """Balance of splits and halves, and leakage before and after.

    Attributes
    ----------
    parts
        The splits, then the halves of train.
    before, after
        Leakage, kind by kind, and last of all kinds together.
    given, kept
        Cases that were put into a split, and that stay in the one that they had.
    left_out
        Cases that get none, because they are excluded or withdrawn.
    notes
        What could not be done as asked.
    """

    parts: tuple[Part, ...]
    before: tuple[Leak, ...]
    after: tuple[Leak, ...]
    given: int
    kept: int
    left_out: int
    notes: tuple[str, ...]

    @property
    def deviation(self) -> float:
        """The greatest deviation of a part, in percentage points."""
        return max((part.deviation for part in self.parts), default=0.0)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "deviation": self.deviation}


def balance(
    cases: Sequence[SplitCase], parts: Mapping[str, str], wanted: Mapping[str, float]
) -> list[Part]:
    """Return how cases and their labels are spread over parts.

    Parameters
    ----------
    cases
        The cases.
    parts
        Case id to part; other cases do not count.
    wanted
        Share of each part.
    """
    counted: dict[str, list[SplitCase]] = {name: [] for name in wanted}
    for case in cases:
        if case.id in parts:
            counted.setdefault(parts[case.id], []).append(case)
    whole = _labels(case for chosen in counted.values() for case in chosen)
    return [
        _part(name, chosen, wanted.get(name), whole)
        for name, chosen in counted.items()
        if chosen or wanted.get(name)
    ]


def leakage(ties: Sequence[Tie], splits: Mapping[str, str | None]) -> list[Leak]:
    """Return what stands on several sides, kind by kind and last of all kinds together.

    Parameters
    ----------
    ties
        All ties.
    splits
        Case id to split; a case without one is on no side.
    """
    found = []
    for what in TIE_KINDS:
        pairs = [(tie.one, tie.other) for tie in ties if tie.what == what]
        found.append(_leak(what, pairs, splits))
    return [*found, _leak("any", [(tie.one, tie.other) for tie in ties], splits)]


def _leak(what: str, pairs: Iterable[tuple[str, str]], splits: Mapping[str, str | None]) -> Leak:
    groups = groups_of(pairs)
    leaking = [group for group in groups if len({splits.get(case) for case in group} - {None}) > 1]
    return Leak(what, len(groups), len(leaking), sum(map(len, leaking)))


def groups_of(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Return the groups of cases that hang together by some pairs."""
    group: dict[str, list[str]] = {}
    for one, other in pairs:
        mine, theirs = group.setdefault(one, [one]), group.setdefault(other, [other])
        if mine is not theirs:
            small, large = sorted((mine, theirs), key=len)
            large += small
            group.update(dict.fromkeys(small, large))
    return list({id(cases): sorted(cases) for cases in group.values()}.values())


def _labels(cases: Iterable[SplitCase]) -> tuple[Counter[str], Counter[str]]:
    types: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for case in cases:
        for (kind, category), count in case.images.items():
            types[kind] += count
            categories[category or ""] += count
    return types, categories


def _part(
    name: str,
    cases: Sequence[SplitCase],
    wanted: float | None,
    whole: tuple[Counter[str], Counter[str]],
) -> Part:
    own = _labels(cases)
    images, of_all = own[0].total(), whole[0].total()
    off = [
        abs(mine[label] / images - all_[label] / of_all)
        for mine, all_ in zip(own, whole, strict=True)
        for label in all_
        if images
    ]
    deviation = round(100 * max(off, default=0.0), 3)
    types, categories = (dict(sorted(counts.items())) for counts in own)
    return Part(name, len(cases), images, wanted, types, categories, deviation)
