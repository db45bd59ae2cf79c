"""Part cases so that those of a unit stay together and all labels are balanced.

Units are placed largest first, each where it brings the counts of all labels nearest to what is
wanted, and then moved while that helps: a greedy form of iterative stratification (Sechidis,
Tsoumakas and Vlahavas, "On the stratification of multi-label data", 2011) for groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
Parts = NDArray[np.int64]

_ROUNDS = 20  # of moving units; it ends earlier where no move helps
_GAIN = 1e-9  # least gain of a move, so that rounding moves nothing
_TOTALS = 4.0  # weight of the numbers of cases and of images against that of one label


class Parting:
    """One parting of cases, of which those of a unit stay together.

    Parameters
    ----------
    ids
        The cases.
    labels
        What is to be balanced, shape (cases, labels); cases and images come first.
    units
        Number of the unit of each case, shape (cases,).
    seed
        Decides between units of one size.
    """

    def __init__(self, ids: Sequence[str], labels: Counts, units: Parts, seed: int) -> None:
        self._ids, self._labels, self._units, self._seed = ids, labels, units, seed

    def part(
        self, shares: Mapping[str, float], kept: Sequence[str | None], notes: list[str]
    ) -> list[str]:
        """Return the part of each case; add to the notes what could not be done as asked."""
        names = [name for name, share in shares.items() if share > 0]
        names += sorted({name for name in kept if name} - set(names))
        number = {name: at for at, name in enumerate(names)}
        fixed = np.array([number[name] if name else -1 for name in kept], np.int64)
        share = np.array([shares.get(name, 0.0) for name in names])
        want = np.maximum(share[:, None] * self._labels.sum(axis=0), 1e-6)
        self._note_torn(names, fixed, notes)
        self._note_large(names, share, notes)
        parts = self._place(fixed, want)
        return [names[part] for part in parts]

    def _place(self, fixed: Parts, want: Counts) -> Parts:
        parts = fixed.copy()
        have = np.zeros_like(want)
        np.add.at(have, parts[parts >= 0], self._labels[parts >= 0])
        open_ = np.flatnonzero(parts < 0)
        where = self._where_tied(fixed)
        free = []
        for unit, at in _grouped(open_, self._units):
            if unit in where:
                parts[at] = where[unit]
                have[where[unit]] += self._labels[at].sum(axis=0)
            else:
                free.append(at)
        sums = [self._labels[at].sum(axis=0) for at in free]
        weights = 1 / want
        weights[:, :2] *= _TOTALS
        for at, part in zip(free, self._fill(sums, have, want, weights), strict=True):
            parts[at] = part
        return parts

    def _fill(
        self, sums: Sequence[Counts], have: Counts, want: Counts, weights: Counts
    ) -> list[int]:
        """Return the part of each unit; the cost is the weighted sum of squared differences."""

        def cost(added: Counts) -> Counts:
            # How much it grows when the unit is added to each of the parts.
            return np.asarray((added * (2 * (have - want) + added) * weights).sum(axis=1))

        chance = np.random.default_rng(self._seed).permutation(len(sums))
        order = sorted(range(len(sums)), key=lambda n: (-sums[n][1], -sums[n][0], chance[n]))
        place = [-1] * len(sums)
        for n in order:
            place[n] = int(np.argmin(cost(sums[n])))
            have[place[n]] += sums[n]
        for _ in range(_ROUNDS):
            moved = False
            for n in order:
                have[place[n]] -= sums[n]
                costs = cost(sums[n])
                best = int(np.argmin(costs))
                if costs[best] < costs[place[n]] - _GAIN:
                    place[n], moved = best, True
                have[place[n]] += sums[n]
            if not moved:
                break
        return place

    def _where_tied(self, fixed: Parts) -> dict[int, int]:
        """Return the part where most of a unit's kept cases are; the first part wins a draw."""
        counts: dict[int, Counter[int]] = {}
        for unit, part in zip(self._units.tolist(), fixed.tolist(), strict=True):
            if part >= 0:
                counts.setdefault(unit, Counter())[part] += 1
        return {u: min(seen, key=lambda part: (-seen[part], part)) for u, seen in counts.items()}

    def _note_torn(self, names: Sequence[str], fixed: Parts, notes: list[str]) -> None:
        seen: dict[int, set[int]] = {}
        for unit, part in zip(self._units.tolist(), fixed.tolist(), strict=True):
            if part >= 0:
                seen.setdefault(unit, set()).add(part)
        if torn := sum(len(parts) > 1 for parts in seen.values()):
            notes.append(
                f"{torn} groups of tied cases stand in several of {', '.join(names)}, as that is "
                "kept"
            )

    def _note_large(self, names: Sequence[str], share: Counts, notes: list[str]) -> None:
        images = self._labels[:, 1]
        if not images.sum() or not (share > 0).any():
            return
        least = int(np.argmin(np.where(share > 0, share, np.inf)))
        room = float(share[least] * images.sum())
        sums = np.bincount(self._units, images)
        sizes = np.bincount(self._units)
        for unit in np.flatnonzero((sums > room) & (sizes > 1)):
            first = self._ids[int(np.argmax(self._units == unit))]
            notes.append(
                f"{sizes[unit]} cases with {sums[unit]:.0f} images hang together ({first} and "
                f"others): more than {names[least]} is to have ({room:.0f}); they stay together"
            )


def _grouped(rows: Parts, units: Parts) -> list[tuple[int, Parts]]:
    """Return the units of some rows, each with its rows, in order of their first row."""
    found: dict[int, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(int(units[row]), []).append(row)
    return [(unit, np.array(at, np.int64)) for unit, at in found.items()]
