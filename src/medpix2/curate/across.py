"""Pictures that stand in two cases, found among all pictures of the collection."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from medpix2.curate.near import near_pairs_in_parts
from medpix2.curate.rule import Hit, Subject
from medpix2.curate.same import LABELS, label_of, pictures_of, told
from medpix2.curate.thumbnail import SIZE, THUMBNAIL, textures

SAME_ACROSS = 0.9
"""Likeness from which pictures of two cases are the same.

Slices of one series are not in two cases, so less is asked than within a case: pictures of
different patients reach 0.65 in the published release, a slice of a patient who is there under two
ids 0.86.
"""

DISTANCE = 6
"""Bits in which perceptual hashes of one picture may differ; no more were seen in copies of one.

With 8, a million pictures would have ten times as many pairs to compare, and none more to find.
"""

_BATCH = 4096  # pairs whose small copies are compared at a time
_EVEN = 8  # grey levels: pictures with less in their small copy are like nothing
_PREFIX = 16  # bytes of a SHA-256 that are kept

_Indexes = NDArray[np.int64]


class Across:
    """Gathers the pictures of all cases, and finds those that stand in two of them.

    A picture takes about 160 bytes of memory; its small copy lies in a temporary file.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._cases: list[str] = []
        self._case = array("q")  # index of each picture's case
        self._hashes = array("Q")
        self._files = bytearray()  # beginning of each SHA-256
        self._labels = array("q")  # hashes of the labels, so many for each picture
        self._even = bytearray()  # whether there is nothing to see in a picture's small copy
        self._seen = bytearray()  # whether there is one
        self._copies = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as this

    def add(self, subject: Subject) -> None:
        """See the pictures of one case."""
        self._cases.append(subject.id)
        for image in pictures_of(subject):
            copy = subject.looked.get(image["_id"], {}).get(THUMBNAIL.name)
            levels = bytes.fromhex(copy) if copy else bytes(SIZE)
            self._copies.write(levels)
            self._even.append(bool(copy) and max(levels) - min(levels) < _EVEN)
            self._seen.append(bool(copy))
            self._ids.append(image["_id"])
            self._case.append(len(self._cases) - 1)
            self._hashes.append(int(image["file"]["phash"], 16))
            self._files += bytes.fromhex(image["file"]["sha256"])[:_PREFIX].ljust(_PREFIX, b"\0")
            self._labels.extend(hash(label_of(image, field)) for field in LABELS)

    def hits(self) -> Iterator[Hit]:
        """Yield a hit on each picture that another case has too; it names the most alike."""
        if not self._ids:
            return
        case = np.array(self._case, np.int64)
        first, second, likeness = (
            np.concatenate(parts) for parts in zip(*self._pairs(case), strict=True)
        )
        hashes = np.array(self._hashes, np.uint64)
        apart = np.bitwise_count(hashes[first] ^ hashes[second]).astype(np.int64)
        target, other = np.append(first, second), np.append(second, first)
        apart, likeness = np.tile(apart, 2), np.tile(likeness, 2)
        # The most alike other of each target; among equals the nearest, then the first by id.
        rank = np.empty(len(case), np.int64)
        rank[self._by_id()] = np.arange(len(case))
        order = np.lexsort((rank[other], apart, -likeness, rank[target]))
        kept = order[np.append(True, np.diff(target[order]) != 0)] if len(order) else order
        for at in kept.tolist():
            yield self._hit(int(target[at]), int(other[at]), int(apart[at]), float(likeness[at]))

    def _by_id(self) -> _Indexes:
        return np.array(sorted(range(len(self._ids)), key=self._ids.__getitem__), np.int64)

    def _pairs(self, case: _Indexes) -> Iterator[tuple[_Indexes, _Indexes, NDArray[np.float64]]]:
        """Yield pairs of pictures of two cases that are the same, and how alike they are."""
        files = np.frombuffer(bytes(self._files), np.uint64).reshape(len(case), -1)
        order = np.lexsort((*files.T,))
        new = np.append(True, (files[order][1:] != files[order][:-1]).any(axis=1))
        begin = np.maximum.accumulate(np.where(new, np.arange(len(case)), 0))
        # Each with the first of its file, and with the one before it: those may be of one case.
        again = np.flatnonzero(~new)
        first = order[np.append(begin[again], again - 1)]
        second = order[np.append(again, again)]
        even = np.frombuffer(bytes(self._even), bool)
        across = (case[first] != case[second]) & ~even[first]
        yield first[across], second[across], np.ones(int(across.sum()))
        once = order[new]
        once = np.sort(once[~even[once] & np.frombuffer(bytes(self._seen), bool)[once]])
        yield from self._alike(once, case)

    def _alike(
        self, once: _Indexes, case: _Indexes
    ) -> Iterator[tuple[_Indexes, _Indexes, NDArray[np.float64]]]:
        self._copies.flush()
        copies = np.memmap(self._copies, np.uint8, "r", shape=(len(case), SIZE))
        for found in near_pairs_in_parts(np.array(self._hashes, np.uint64)[once], DISTANCE):
            pairs = once[found]
            pairs = pairs[case[pairs[:, 0]] != case[pairs[:, 1]]]
            for begin in range(0, len(pairs), _BATCH):
                some = pairs[begin : begin + _BATCH]
                one, other = textures(copies[some[:, 0]]), textures(copies[some[:, 1]])
                likeness = np.einsum("ij,ij->i", one, other).astype(np.float64)
                same = likeness >= SAME_ACROSS
                yield some[same, 0], some[same, 1], likeness[same]

    def _hit(self, target: int, other: int, distance: int, likeness: float) -> Hit:
        count = len(LABELS)
        differ = [
            field
            for at, field in enumerate(LABELS)
            if self._labels[target * count + at] != self._labels[other * count + at]
        ]
        case, name = self._cases[self._case[other]], self._ids[other]
        message = f"the same picture as {name} of case {case}"
        evidence = {
            "other": name, "case": case, "distance": distance,
            "likeness": round(likeness, 4), "differ": differ,
        }  # fmt: skip
        return Hit(
            self._ids[target],
            f"{message}, {told(differ)}" if differ else message,
            None,
            evidence,
            self._cases[self._case[target]],
        )
