"""Postings as arrays: which words stand in which texts, how weightily, and where.

Pure: `store.words` keeps them in the database, `store.texts` answers from them. The documents of
one segment have numbers of 16 bits, and a word's place in its document too, so that numpy takes
them as they are stored.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from bson.binary import Binary

from medpix2.store.tokens import stems_of, tokens_in, word_of

BUCKETS = 512  # rows that the words of a segment are parted into, by their stem
PLACES = (1 << 16) - 1  # words of a document that are looked at: as many may be one word
SCALE = 256  # of a weight of 1
_FIELDS = ("docs", "weights", "counts", "places")
_Small = npt.NDArray[np.uint16]
_Indexes = npt.NDArray[np.intp]

# Number of a document in its segment -> weight and content of each of its texts.
Texts = Mapping[int, Sequence[tuple[int, str]]]


@dataclass(frozen=True)
class Postings:
    """Where words stand: one word after the other, each document by document.

    Attributes
    ----------
    words
        Ordered by bucket, then by letters.
    sizes
        Number of documents of each word.
    docs, weights, counts
        For each word and document: the document's number, the word's weight in it (in 1/SCALE),
        and how often it stands there.
    places
        Each occurrence's place in its document; a gap counts as a word.
    """

    words: list[str]
    sizes: npt.NDArray[np.uint32]
    docs: _Small
    weights: _Small
    counts: _Small
    places: _Small


NONE = Postings([], np.empty(0, np.uint32), *(np.empty(0, np.uint16) for _ in _FIELDS))


def buckets_of(words: Collection[str]) -> list[int]:
    """Return the bucket of each word: all forms of one stem are in one."""
    return [bucket_of(stem) for stem in stems_of(words)]


def bucket_of(stem: str) -> int:
    """Return the bucket of a stem."""
    return zlib.crc32(stem.encode("utf-8", "replace")) % BUCKETS


def postings_of(texts: Texts) -> Postings:
    """Make the postings of some documents.

    A word weighs in a text as in MongoDB's text score: the text's weight, times 1 + 1/2 + 1/4 ...
    for its occurrences, times 0.5 + 0.5 x its share of the text's words. The weights in the texts
    of one document add up.
    """
    read = _read(texts)
    if len(read.words) == 1:
        return NONE
    order, ranks = _ordered(read.words[1:])
    at = np.flatnonzero(read.numbers)  # of what is a word
    lengths = np.bincount(read.text_at[at], minlength=len(read.starts))
    # One number a word's occurrence, so that one plain sort brings them in order.
    keys = ranks[read.numbers[at] - 1] << np.uint64(32) | at.astype(np.uint64)
    keys.sort()
    rank = (keys >> np.uint64(32)).astype(np.intp)
    at = (keys & np.uint64(0xFFFFFFFF)).astype(np.intp)
    text = read.text_at[at].astype(np.intp)
    places = at - read.starts[text] + read.firsts[text]
    # From occurrences to a word in a text, and from there to a word in a document.
    begins = _changes(rank, text)
    count, rank, text = np.diff(np.append(begins, len(at))), rank[begins], text[begins]
    score = read.weights[text] * (2 - 0.5 ** (count - 1.0)) * (0.5 + 0.5 * count / lengths[text])
    docs = read.docs[text]
    begins = _changes(rank, docs)
    return Postings(
        order,
        np.bincount(rank[begins], minlength=len(order)).astype(np.uint32),
        docs[begins].astype(np.uint16),
        np.clip(np.rint(SCALE * np.add.reduceat(score, begins)), 1, 65535).astype(np.uint16),
        np.add.reduceat(count, begins).astype(np.uint16),
        places.astype(np.uint16),
    )


def merged(old: Postings, gone: Collection[int], new: Postings) -> Postings:
    """Return old postings less those of documents that are gone, and with new ones."""
    order, _ = _ordered({*old.words, *new.words})
    rank_of = {word: rank for rank, word in enumerate(order)}
    parts = [(old, ~np.isin(old.docs, list(gone))), (new, np.ones(len(new.docs), bool))]
    ranks, counts, begins, before = [], [], [], 0
    for part, kept in parts:
        ranks.append(np.repeat([rank_of[word] for word in part.words], part.sizes)[kept])
        ends = np.cumsum(part.counts, dtype=np.intp)
        counts.append(part.counts[kept].astype(np.intp))
        begins.append(before + (ends - part.counts)[kept])
        before += len(part.places)
    rank = np.concatenate(ranks).astype(np.intp)
    docs = np.concatenate([part.docs[kept] for part, kept in parts])
    at = np.lexsort((docs, rank))
    count = np.concatenate(counts)[at]
    taken = _runs(np.concatenate(begins)[at], count)
    sizes = np.bincount(rank, minlength=len(order)).astype(np.uint32)
    return Postings(
        [word for word, size in zip(order, sizes, strict=True) if size],
        sizes[sizes > 0],
        docs[at],
        np.concatenate([part.weights[kept] for part, kept in parts])[at],
        count.astype(np.uint16),
        np.concatenate([part.places for part, _ in parts])[taken],
    )


def rows_of(postings: Postings) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the row of each bucket that has words."""
    pairs = np.r_[0, np.cumsum(postings.sizes, dtype=np.intp)]
    occurrences = np.r_[0, np.cumsum(postings.counts, dtype=np.intp)]
    buckets = buckets_of(postings.words)
    for bucket, some in groupby(range(len(buckets)), key=buckets.__getitem__):
        words = list(some)
        begin, end = words[0], words[-1] + 1
        pair = slice(pairs[begin], pairs[end])
        place = slice(occurrences[pair.start], occurrences[pair.stop])
        yield (
            bucket,
            {
                "words": " ".join(postings.words[begin:end]),
                "sizes": _stored(postings.sizes[begin:end], "<u4"),
                "docs": _stored(postings.docs[pair], "<u2"),
                "weights": _stored(postings.weights[pair], "<u2"),
                "counts": _stored(postings.counts[pair], "<u2"),
                "places": _stored(postings.places[place], "<u2"),
            },
        )


def postings_from(rows: Iterable[Mapping[str, Any]]) -> Postings:
    """Return the postings of rows, which come in the order of their buckets.

    Fields that were left out are empty.
    """
    rows = list(rows)
    return Postings(
        [word for row in rows for word in row["words"].split(" ")],
        np.frombuffer(b"".join(row["sizes"] for row in rows), "<u4"),
        *(np.frombuffer(b"".join(row.get(f, b"") for row in rows), "<u2") for f in _FIELDS),
    )


class _Numbers(dict[str, int]):
    """Numbers the words of tokens as they come, from 1; what is no word has 0."""

    def __init__(self) -> None:
        super().__init__()
        self.words = [""]
        self._of_word = {"": 0}

    def __missing__(self, token: str) -> int:
        word = word_of(token)
        number = self._of_word.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        self[token] = number
        return number


@dataclass(frozen=True)
class _Read:
    """The tokens of some texts: their words by number, and for each text what it is.

    `text_at` is the text of each token; `starts` is the first token of each text, `firsts` that
    token's place in its document.
    """

    words: list[str]
    numbers: npt.NDArray[np.uint32]
    text_at: npt.NDArray[np.uint32]
    starts: _Indexes
    firsts: _Indexes
    docs: _Indexes
    weights: _Indexes


def _read(texts: Texts) -> _Read:
    numbers = _Numbers()
    tokens = array("I")
    rows: list[tuple[int, int, int, int]] = []
    for doc in sorted(texts):
        place = 0
        for weight, text in texts[doc]:
            start = len(tokens)
            tokens.extend(map(numbers.__getitem__, tokens_in(text)[: max(PLACES - place, 0)]))
            rows.append((start, place, doc, weight))
            place += len(tokens) - start + 1
    starts, firsts, docs, weights = np.array(rows, np.intp).reshape(-1, 4).T
    lengths = np.diff(np.append(starts, len(tokens)))
    text_at = np.repeat(np.arange(len(rows), dtype=np.uint32), lengths)
    which = np.frombuffer(tokens, np.uint32) if tokens else np.empty(0, np.uint32)
    return _Read(numbers.words, which, text_at, starts, firsts, docs, weights)


def _ordered(words: Collection[str]) -> tuple[list[str], npt.NDArray[np.uint64]]:
    """Return words in their order, and for each of those given its place in it."""
    words = list(words)
    buckets = buckets_of(words)
    at = sorted(range(len(words)), key=lambda i: (buckets[i], words[i]))
    ranks = np.empty(len(words), np.uint64)
    ranks[at] = np.arange(len(words), dtype=np.uint64)
    return [words[i] for i in at], ranks


def _changes(*columns: _Indexes) -> _Indexes:
    """Return where a row of the columns differs from the one before."""
    different = np.zeros(len(columns[0]), bool)
    different[:1] = True
    for column in columns:
        different[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(different)


def _runs(begins: _Indexes, counts: _Indexes) -> _Indexes:
    """Return begin, begin + 1, ... of each run, one run after the other."""
    ends = np.cumsum(counts)
    return np.repeat(begins - (ends - counts), counts) + np.arange(counts.sum())


def _stored(values: npt.NDArray[Any], kind: str) -> Binary:
    return Binary(values.astype(kind, copy=False).tobytes())
