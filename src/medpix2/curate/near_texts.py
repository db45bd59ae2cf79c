"""Texts that are nearly the same, found without comparing all pairs.

Texts become sets of word shingles (runs of words); how alike two texts are is the Jaccard index of
their sets. Candidates come from MinHash signatures cut into bands (Broder, "On the resemblance and
containment of documents", 1997; banding as in Leskovec, Rajaraman and Ullman, "Mining of Massive
Datasets", chapter 3); each candidate is then measured exactly.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

BANDS, ROWS = 64, 10
"""A pair of similarity s is a candidate with probability 1 - (1 - s^10)^64: 0.976 at 0.75, 0.999 at
0.8, and all but always above; at 0.5, where chance resemblance of short texts lies, it is 0.06."""
_SEED = 20_26  # of the MinHash functions; the same texts give the same pairs
_VERIFIED = 20_000  # candidates that are measured at a time
_CHUNK = 100_000  # shingles that are hashed at a time: they stay in the processor's cache
_NEIGHBOURS = 64  # texts of one band value, in their order, with which each is compared
_WORD = re.compile(r"[^\W_]+")
_Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class NearPair:
    """Two texts, not word for word the same, that are nearly the same.

    Attributes
    ----------
    ones, others
        Keys of the one and of the other text, in the order in which they came.
    similarity
        Jaccard index of their shingles, 0 to 1.
    """

    ones: Sequence[str]
    others: Sequence[str]
    similarity: float


def words_of(text: str) -> list[str]:
    """Return the words of a text: lower case, without punctuation."""
    return _WORD.findall(text.casefold())


class NearTexts:
    """Gathers texts under keys and tells which are nearly the same.

    Parameters
    ----------
    threshold
        Least similarity of a pair.
    size
        Words in a shingle.
    shortest
        Least number of words of a text that is compared at all.
    """

    def __init__(self, *, threshold: float, size: int = 3, shortest: int = 8) -> None:
        self.threshold, self.size, self.shortest = threshold, size, max(shortest, size)
        self._numbers: dict[str, int] = {}  # word -> number
        self._groups: dict[bytes, list[str]] = {}  # words of a text -> keys

    def add(self, key: str, text: str) -> None:
        """Take a text; one that is too short is left out."""
        words = words_of(text)
        if len(words) < self.shortest:
            return
        numbers = self._numbers
        coded = array("I", (numbers.setdefault(word, len(numbers)) for word in words))
        self._groups.setdefault(coded.tobytes(), []).append(key)

    def same(self) -> list[list[str]]:
        """Return the keys of every text that occurs more than once, word for word."""
        return [keys for keys in self._groups.values() if len(keys) > 1]

    def pairs(self) -> Iterator[NearPair]:
        """Yield the pairs of texts that are not word for word the same."""
        groups = list(self._groups.values())
        if len(groups) < 2:
            return
        shingled = _Shingled(
            [np.frombuffer(text, np.uint32) for text in self._groups], self.size, self.threshold
        )
        one, other = shingled.candidates()
        for at in range(0, len(one), _VERIFIED):
            left, right = one[at : at + _VERIFIED], other[at : at + _VERIFIED]
            alike = shingled.similarity(left, right)
            for n in np.flatnonzero(alike >= self.threshold):
                pair = groups[left[n]], groups[right[n]]
                yield NearPair(*pair, round(float(alike[n]), 4))


class _Shingled:
    """Texts as sets of shingles: rows of a sparse matrix."""

    def __init__(self, texts: list[NDArray[np.uint32]], size: int, threshold: float) -> None:
        lengths = np.array([len(text) for text in texts])
        words = np.concatenate(texts).astype(np.uint64)
        runs = lengths - size + 1
        text_of = np.repeat(np.arange(len(texts)), runs)
        at = np.arange(int(runs.sum()))
        at += (size - 1) * text_of  # a text of n words has n - size + 1 runs
        codes = np.zeros(len(at), np.uint64)
        for step in range(size):
            codes = _mixed(codes ^ words[at + step])
        _, column = np.unique(codes, return_inverse=True)
        marks = np.ones(len(at), np.int32)
        shape = (len(texts), int(column.max()) + 1)
        matrix = sparse.csr_array((marks, (text_of, column)), shape=shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1
        self._sizes = np.diff(matrix.indptr).astype(np.int64)
        # What stands in one text only is common to no pair, and a text that has too little besides
        # is like no other: most texts of a real collection fall out here.
        often = np.bincount(matrix.indices, minlength=shape[1]) > 1
        self._sets = sparse.csr_array(matrix[:, np.flatnonzero(often)])
        shared = np.diff(self._sets.indptr)
        self._rows = np.flatnonzero((shared >= threshold * self._sizes) & (shared > 0))

    def candidates(self) -> tuple[_Numbers, _Numbers]:
        """Return row numbers of the pairs that share a band of their signatures, each once."""
        rows, count = self._rows, self._sets.shape[0]
        if len(rows) < 2:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        found = [_sharing(band, rows, count) for band in self._bands(self._sets[rows])]
        every = np.unique(np.concatenate(found))
        return every // count, every % count

    def _bands(self, sets: sparse.csr_array[np.int32]) -> NDArray[np.uint64]:
        """Return the bands of the MinHash signatures, shape (BANDS, rows)."""
        factors = np.random.default_rng(_SEED).integers(1, 1 << 63, (BANDS, ROWS), np.uint64)
        factors |= np.uint64(1)  # odd: multiplying by it permutes the 64-bit numbers
        begins = sets.indptr.astype(np.int64)
        bands = np.zeros((BANDS, sets.shape[0]), np.uint64)
        first = 0
        while first < sets.shape[0]:
            last = int(np.searchsorted(begins, begins[first] + _CHUNK, "right")) - 1
            last = max(last, first + 1)
            part = slice(first, last)
            shingles = _mixed(sets.indices[begins[first] : begins[last]].astype(np.uint64))
            starts = begins[part] - begins[first]
            for band, of_band in zip(bands, factors, strict=True):
                for factor in of_band:
                    least = np.minimum.reduceat(shingles * factor, starts)
                    band[part] = _mixed(band[part] ^ least)
            first = last
        return bands

    def similarity(self, one: _Numbers, other: _Numbers) -> NDArray[np.float64]:
        """Return the Jaccard index of pairs of rows."""
        common: NDArray[np.int64] = self._sets[one].multiply(self._sets[other]).sum(axis=1)
        return np.asarray(common / (self._sizes[one] + self._sizes[other] - common))


def _sharing(band: NDArray[np.uint64], rows: _Numbers, count: int) -> _Numbers:
    """Return the pairs of rows with the same value, as `count * lower + higher`."""
    order = np.argsort(band, kind="stable")
    ordered, rows = band[order], rows[order]
    found = [np.empty(0, np.int64)]
    for step in range(1, min(_NEIGHBOURS, len(ordered) - 1) + 1):
        here = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(here):
            break  # no run of equal values is longer
        # Stable: within a run the rows stand in order, so the first is the lower one.
        found.append(rows[here] * count + rows[here + step])
    return np.concatenate(found)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return well-mixed 64-bit values (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
