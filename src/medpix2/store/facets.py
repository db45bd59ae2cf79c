"""Facets as bitmaps: which pictures have which label, ready to be counted and intersected.

Every picture has an ordinal `meta.n` in `current`; those of one case stand together, and the case
bears the first of them (a case without pictures has one of its own). For each facet and value the
set of ordinals is a roaring bitmap, stored in the collection `facets`. A filter is then an
intersection of a few bitmaps, exact counts of every facet take milliseconds at a million pictures,
and the thousandth page costs what the first does, whatever the combination of filters. The price is
that whoever writes `current` writes the bitmaps too: only `store.current` does.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from bson.binary import Binary
from pymongo import ReplaceOne
from pymongo.database import Database
from pyroaring import BitMap

from medpix2.errors import QueryError
from medpix2.records import STATUSES
from medpix2.store.shape import SHOWN

Value = str | int | None
_Documents = Mapping[str, Any]
_Notes = defaultdict[tuple[str, "Value"], "array[int]"]


def _normalized(name: str) -> Callable[[_Documents, _Documents | None], Value]:
    return lambda image, case: image["meta"]["normalized"].get(name)


def _meta(name: str) -> Callable[[_Documents, _Documents | None], Value]:
    return lambda image, case: image["meta"].get(name)


def _age(image: _Documents, case: _Documents | None) -> Value:
    age = image["meta"]["normalized"].get("age")
    return None if age is None else int(age)


def _category(image: _Documents, case: _Documents | None) -> Value:
    return case["meta"]["normalized"].get("category") if case else None


# Facet -> its value for a current image document and the document of its case.
FACETS: dict[str, Callable[[_Documents, _Documents | None], Value]] = {
    "modality": lambda image, case: image.get("Type"),
    "sequence": _normalized("sequence"),
    "contrast": _normalized("contrast"),
    "plane": _normalized("plane"),
    "location_category": _normalized("location_category"),
    "location": _normalized("location"),
    "sex": _normalized("sex"),
    "age": _age,
    "category": _category,
    "split": _meta("split"),
    "split_half": _meta("split_half"),
    "status": _meta("status"),
    "site": _meta("site"),
}
# Facets that a case has by itself; the others are of its pictures.
OF_CASES = frozenset({"status", "split", "split_half", "site", "category"})
# Every case's ordinal, every picture's, and the cases by their own status.
CASES, IMAGES, CASE_STATUS = "_cases", "_images", "_case_status"


@dataclass(frozen=True)
class Filters:
    """What pictures are asked for: for each facet the values, any of which will do.

    Attributes
    ----------
    values
        Facet to wanted values; None stands for a missing value. Without `status`, accepted and
        pending ones are meant.
    age
        Lowest and highest age in whole years (an age of 0.5 counts as 0), both inclusive; None
        leaves a side open.
    """

    values: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    age: tuple[float | None, float | None] | None = None

    def __post_init__(self) -> None:
        for name in self.values:
            if name not in FACETS:
                raise QueryError(f"Unknown facet {name!r}", f"use one of {', '.join(FACETS)}")

    def without(self, facet: str) -> Filters:
        """Return the same filters less those on one facet."""
        kept = {name: values for name, values in self.values.items() if name != facet}
        if facet == "status":  # lifting it means any status, not the default ones
            kept["status"] = STATUSES
        return Filters(kept, None if facet == "age" else self.age)

    def only(self, facet: str) -> Filters:
        """Return the filters on one facet alone."""
        return Filters({name: v for name, v in self.values.items() if name == facet})


class FacetIndex:
    """The bitmaps of some or all facets, read from the database."""

    def __init__(self, bitmaps: Mapping[str, Mapping[Value, BitMap]]) -> None:
        self._bitmaps = bitmaps

    @classmethod
    def load(cls, db: Database[dict[str, Any]], facets: Iterable[str] | None = None) -> FacetIndex:
        """Read the bitmaps of the named facets (all by default)."""
        always = (CASES, IMAGES, CASE_STATUS)
        wanted = {} if facets is None else {"field": {"$in": [*set(facets), *always]}}
        bitmaps: dict[str, dict[Value, BitMap]] = {}
        for row in db["facets"].find(wanted):
            bitmaps.setdefault(row["field"], {})[row["value"]] = BitMap.deserialize(row["bits"])
        return cls(bitmaps)

    @property
    def cases(self) -> BitMap:
        """The ordinals of all cases (of their first pictures)."""
        return self._bitmaps.get(CASES, {}).get(None, BitMap())

    @property
    def images(self) -> BitMap:
        """The ordinals of all pictures."""
        return self._bitmaps.get(IMAGES, {}).get(None, BitMap())

    def select(self, filters: Filters) -> BitMap:
        """Return the ordinals that fit all filters (with those of cases without pictures)."""
        chosen = [self._any("status", filters.values.get("status") or SHOWN)]
        chosen += [self._any(f, values) for f, values in filters.values.items() if f != "status"]
        if filters.age:
            low, high = filters.age
            ages = [
                age
                for age in self._bitmaps.get("age", {})
                if isinstance(age, int)
                and (low is None or age >= int(low))
                and (high is None or age <= high)
            ]
            chosen.append(self._any("age", ages))
        chosen.sort(key=len)
        return BitMap.intersection(*chosen) if len(chosen) > 1 else chosen[0]

    def select_cases(self, filters: Filters) -> BitMap:
        """Return the ordinals of the cases that have a fitting picture.

        Where nothing is asked of pictures alone, also those that fit by themselves: a case whose
        every picture is excluded is a case still.
        """
        fit = self.select(filters)
        if filters.age is not None or filters.values.keys() - OF_CASES:
            return self.cases_of(fit & self.images)
        status = self._any(CASE_STATUS, filters.values.get("status") or SHOWN)
        others = self.select(filters.without("status")) & self.cases
        return self.cases_of(fit) | (status & others)

    def case_starts(self, chosen: BitMap) -> npt.NDArray[np.uint32]:
        """Return for each chosen ordinal that of its case, shape (len(chosen),)."""
        starts = ordinals_of(self.cases)
        at = np.searchsorted(starts, ordinals_of(chosen), side="right") - 1
        return starts[at]

    def cases_of(self, chosen: BitMap) -> BitMap:
        """Return the ordinals of the cases that have a chosen ordinal."""
        if not chosen or not self.cases:
            return BitMap()
        # Both are sorted already: the shorter one is looked up in the longer.
        if len(chosen) < len(self.cases):
            found = self.case_starts(chosen)
            return bitmap_of(found[np.r_[True, found[1:] != found[:-1]]])
        starts = ordinals_of(self.cases)
        first = np.searchsorted(ordinals_of(chosen), starts)
        return bitmap_of(starts[np.append(first[1:], len(chosen)) > first])

    def slots_of(self, cases: BitMap) -> BitMap:
        """Return the ordinals of all pictures of some cases."""
        if not cases or not self.cases:
            return BitMap()
        starts, last = self.cases, max(self.images.max() if self.images else 0, self.cases.max())
        if len(cases) * 2 > len(starts):  # most of them: every ordinal whose case is among them
            every = self.images | starts
            return bitmap_of(
                ordinals_of(every)[np.isin(self.case_starts(every), ordinals_of(cases))]
            )
        slots = BitMap()
        for start in cases:
            rank = starts.rank(start)
            end = starts[rank] if rank < len(starts) else last + 1
            slots.add_range(start, end)
        return slots & (self.images | starts)

    def counts(
        self, facets: Iterable[str], filters: Filters, within: BitMap | None = None
    ) -> dict[str, dict[Value, int]]:
        """Count the pictures of each value of some facets.

        Parameters
        ----------
        facets
            Facets to count.
        filters
            What pictures are counted; a facet's own filter is lifted for its own counts, so that
            the values beside the chosen one can be seen.
        within
            Ordinals to count among (those that a text search found); None means all.

        Returns
        -------
        dict
            Facet to value to count, the most frequent first; values without pictures are left out.
        """
        counted: dict[str, dict[Value, int]] = {}
        for facet in facets:
            own = facet in filters.values or facet in ("age", "status")
            lifted = filters.without(facet) if own else filters
            chosen = self.select(lifted) & self.images
            if within is not None:
                chosen &= within
            found = {
                value: chosen.intersection_cardinality(bits)
                for value, bits in self._bitmaps.get(facet, {}).items()
            }
            ordered = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
            counted[facet] = {value: count for value, count in ordered if count}
        return counted

    def parts(self, facet: str, within: BitMap) -> dict[Value, BitMap]:
        """Part some ordinals by their value of a facet; values that none has are left out."""
        parted = {value: within & bits for value, bits in self._bitmaps.get(facet, {}).items()}
        return {value: bits for value, bits in parted.items() if bits}

    def values(self, facet: str) -> list[Value]:
        """Return the values of a facet that occur."""
        return [value for value, bits in self._bitmaps.get(facet, {}).items() if bits]

    def _any(self, facet: str, values: Iterable[Value]) -> BitMap:
        there = self._bitmaps.get(facet, {})
        return BitMap().union(*(there[value] for value in values if value in there))


def _no_ordinals() -> array[int]:
    return array("I")


class FacetWriter:
    """Collects changes of labels and brings them into the stored bitmaps."""

    def __init__(self) -> None:
        self._added: _Notes = defaultdict(_no_ordinals)
        self._removed: _Notes = defaultdict(_no_ordinals)

    def add(self, image: _Documents, case: _Documents | None) -> None:
        """Note the labels of a picture's current document."""
        self._note(self._added, image, case)

    def remove(self, image: _Documents, case: _Documents | None) -> None:
        """Note that a picture's former current document is gone."""
        self._note(self._removed, image, case)

    def save(self, db: Database[dict[str, Any]], *, anew: bool = False) -> None:
        """Write the changed bitmaps; `anew` replaces all that were there."""
        touched = list(self._added.keys() | self._removed.keys())
        old: dict[str, Any] = {}
        if anew:
            db["facets"].delete_many({})
        else:
            names = [_key(*key) for key in touched]
            old = {row["_id"]: row["bits"] for row in db["facets"].find({"_id": {"$in": names}})}
        writes = []
        for facet, value in touched:
            name = _key(facet, value)
            bits = BitMap.deserialize(old[name]) if name in old else BitMap()
            bits -= BitMap(self._removed.get((facet, value), _no_ordinals()))
            bits |= BitMap(self._added.get((facet, value), _no_ordinals()))
            bits.run_optimize()
            row = {"field": facet, "value": value, "bits": Binary(bits.serialize())}
            writes.append(ReplaceOne({"_id": name}, row, upsert=True))
        if writes:
            db["facets"].bulk_write(writes, ordered=False)
        self._added.clear()
        self._removed.clear()

    def _note(self, notes: _Notes, image: _Documents, case: _Documents | None) -> None:
        meta = image["meta"]
        n = meta["n"]
        pictured = meta["kind"] == "image"
        for facet, value_of in FACETS.items():
            notes[facet, value_of(image, case)].append(n)
        if pictured:
            notes[IMAGES, None].append(n)
        if n == meta["c"]:
            notes[CASES, None].append(n)
            notes[CASE_STATUS, case["meta"]["status"] if case else "excluded"].append(n)


def _key(facet: str, value: Value) -> str:
    return facet if value is None else f"{facet}={value}"


def ordinals_of(bits: BitMap) -> npt.NDArray[np.uint32]:
    """Return the ordinals of a bitmap, in order."""
    return np.frombuffer(bits.to_array(), dtype=np.uint32) if bits else np.empty(0, np.uint32)


def bitmap_of(ordinals: npt.NDArray[np.integer[Any]]) -> BitMap:
    """Return ordinals as a bitmap."""
    made = array("I")  # which it reads eight times as fast as numpy's
    made.frombytes(ordinals.astype(np.uint32).tobytes())
    return BitMap(made)
