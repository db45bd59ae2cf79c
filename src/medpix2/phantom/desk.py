"""The desk on which defects are planted into a case, and the ground truth of what was planted.

A field is spoiled once at most, and a picture once at most, so that what the ground truth says of
it is the whole truth. Where a defect cannot be planted (a side where there is none, a duplicate in
a case of one picture), it is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from medpix2.phantom.collection import Bundle, generator
from medpix2.phantom.picture import Job
from medpix2.phantom.rates import Rates, scope_of

_MOST_IMAGES = 12


class Truth(NamedTuple):
    """One planted defect."""

    kind: str
    targets: list[str]
    """The spoiled case or picture first, then whom it concerns."""
    field: str | None
    details: dict[str, Any]


class Planted(NamedTuple):
    """A case with its defects."""

    bundle: Bundle
    jobs: list[Job]
    """Picture files to make."""
    planted: list[Truth]

    def spoiled(self, target: str) -> set[str]:
        """Return the kinds of defect of a case or picture."""
        return {truth.kind for truth in self.planted if target in truth.targets}


class Desk:
    """A case on which defects are being planted.

    Parameters
    ----------
    bundle
        The sound case; it is changed in place.
    seed
        Of the collection.
    replant
        Returns an earlier case, by its number, with its defects.
    """

    def __init__(self, bundle: Bundle, seed: int, replant: Callable[[int], Planted]) -> None:
        self.bundle, self.seed, self._replant = bundle, seed, replant
        self.r = generator(seed, bundle.number, 2)
        self.u_id: str = bundle.case["U_id"]
        self.images = list(bundle.images)
        self.jobs = [Job(scene.image, scene) for scene in bundle.scenes]
        self.planted: list[Truth] = []
        self._used: set[tuple[str, str]] = set()

    def take(self, target: str, *fields: str) -> bool:
        """Claim fields of a case or picture; False where one of them is spoiled already."""
        wanted = [(target, field) for field in fields]
        if (target, "*") in self._used or not self._used.isdisjoint(wanted):
            return False
        if "*" in fields and any(target == used for used, _ in self._used):
            return False
        self._used.update(wanted)
        return True

    def can_take(self, target: str, *fields: str) -> bool:
        """Return whether none of the fields is spoiled yet."""
        return (target, "*") not in self._used and self._used.isdisjoint(
            (target, f) for f in fields
        )

    def take_all(self, field: str) -> bool:
        """Claim a field of every image; False where one is spoiled already."""
        ids = [image["image"] for image in self.images]
        if any((i, field) in self._used or (i, "*") in self._used for i in ids):
            return False
        return all(self.take(i, field) for i in ids)

    def tell(self, kind: str, targets: list[str], field: str | None = None, **details: Any) -> None:
        """Enter a defect into the ground truth."""
        self.planted.append(Truth(kind, targets, field, details))

    def partner(self, fits: Callable[[int], bool]) -> Planted | None:
        """Return an earlier case that fits, as it is with its own defects, or None."""
        for _ in range(min(300, 3 * self.bundle.number)):
            other = self.r.randrange(self.bundle.number)
            if fits(other):
                return self._replant(other)
        return None


def decide(seed: int, number: int, rates: Rates) -> dict[str, list[int]]:
    """Return which defects a case is to get, with the indexes of the images (0 for the case)."""
    r = generator(seed, number, 1)
    chosen = {}
    for kind, rate in rates.items():
        tries = 1 if scope_of(kind) == "case" else _MOST_IMAGES
        hits = [i for i in range(tries) if r.random() < rate]
        if hits:
            chosen[kind] = hits
    return chosen
