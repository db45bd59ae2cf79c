"""How well two readings agree, and how much a sample tells of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose

CONFIDENCE = 0.95  # of the intervals


@dataclass(frozen=True)
class Agreement:
    """Agreement of two readings of the same items.

    Attributes
    ----------
    items
        Items that both readings judged.
    same
        Items of which they say the same.
    kappa
        Cohen's kappa; None without items, or where both say one and the same of every item, so
        that no agreement beyond chance could show.
    table
        (first verdict, second verdict) to the number of items.
    differing
        Ids of which they do not say the same.
    """

    items: int
    same: int
    kappa: float | None
    table: dict[tuple[str, str], int]
    differing: list[str]


def agreement(first: Mapping[str, str], second: Mapping[str, str]) -> Agreement:
    """Compare two readings, id to verdict; items that only one has are left out.

    Cohen's kappa is (po - pe) / (1 - pe): po the share of equal verdicts, pe the share that two
    readers who know nothing but how often each verdict is given would have by chance (J. Cohen, A
    coefficient of agreement for nominal scales, 1960).
    """
    ids = sorted(first.keys() & second.keys())
    table = Counter((first[name], second[name]) for name in ids)
    same = sum(n for (one, other), n in table.items() if one == other)
    differing = [name for name in ids if first[name] != second[name]]
    return Agreement(len(ids), same, _kappa(table, len(ids), same), dict(table), differing)


def _kappa(table: Mapping[tuple[str, str], int], items: int, same: int) -> float | None:
    if not items:
        return None
    of_first, of_second = Counter[str](), Counter[str]()
    for (one, other), n in table.items():
        of_first[one] += n
        of_second[other] += n
    chance = sum(of_first[verdict] * of_second[verdict] for verdict in of_first) / items**2
    return None if isclose(chance, 1.0) else (same / items - chance) / (1 - chance)


@dataclass(frozen=True)
class Share:
    """A share that was seen in a sample, with its interval.

    Attributes
    ----------
    found, seen
        So many of so many.
    low, high
        Wilson's score interval at 95 %, as shares.
    """

    found: int
    seen: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share in the sample; 0 of an empty one."""
        return self.found / self.seen if self.seen else 0.0


def share_of(found: int, seen: int) -> Share:
    """Return a share with Wilson's score interval (E. B. Wilson, 1927); 0 to 1 of nothing seen."""
    if not seen:
        return Share(0, 0, 0.0, 1.0)
    from scipy.stats import binomtest

    interval = binomtest(found, seen).proportion_ci(CONFIDENCE, method="wilson")
    return Share(found, seen, float(interval.low), float(interval.high))
