"""Find a term in a text as the postings would: where it stands, and which documents have it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from pymongo.database import Database

from medpix2.errors import QueryError
from medpix2.store.tokens import GAPS, stems_of, words_in

Span = tuple[int, int]
# What parts no word: letters, digits, apostrophes and accents that stand by themselves.
_RUN = re.compile("(?:[^\\W_]|['\u2019\u0300-\u036f])+")
_READ = 2000  # documents read at a time
SECONDS = 10.0  # that reading may take


class Term:
    """A word, found by its stem, or a phrase, found as it stands but for its last word's ending.

    Parameters
    ----------
    term
        As it was typed.
    """

    def __init__(self, term: str) -> None:
        words = words_in(term)
        while words and not words[-1]:
            words.pop()
        while words and not words[0]:
            words.pop(0)
        self._words = words
        self._stem = _stem(words[-1]) if words else ""

    def is_in(self, text: str) -> bool:
        """Tell whether a text has the term."""
        return self.is_among(words_in(text))

    def is_among(self, words: Sequence[str]) -> bool:
        """Tell whether the words of a text, as `words_in` gives them, have the term."""
        if len(self._words) == 1:
            return any(self._ends(word) for word in set(words))
        return next(self._starts(words), None) is not None

    def spans(self, text: str) -> list[Span]:
        """Return where the term stands in a text: beginnings and ends, in characters."""
        return self._spans(*_placed(text))

    def _spans(self, words: Sequence[str], places: Sequence[Span]) -> list[Span]:
        last = len(self._words) - 1
        return [(places[at][0], places[at + last][1]) for at in self._starts(words)]

    def _starts(self, words: Sequence[str]) -> Iterator[int]:
        wanted = self._words
        for at in range(len(words) - len(wanted) + 1 if wanted else 0):
            before = all(not word or word == words[at + n] for n, word in enumerate(wanted[:-1]))
            if before and self._ends(words[at + len(wanted) - 1]):
                yield at

    def _ends(self, word: str) -> bool:
        """Tell whether a word is a form of the last one."""
        if not word or _stem(word) != self._stem:
            return False
        return len(self._words) == 1 or word.startswith(self._words[-1])


def spans_of(text: str, terms: Iterable[Term]) -> list[Span]:
    """Return where any of some terms stands in a text, in order, without overlaps."""
    joined: list[Span] = []
    placed = _placed(text)
    for start, end in sorted(span for term in terms for span in term._spans(*placed)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def cases_with(
    db: Database[dict[str, Any]], path: str, terms: Iterable[str], ordinals: Sequence[int]
) -> list[int]:
    """Return those of some cases, by ordinal, in whose field any of some terms occurs.

    It reads the field of each; give it only cases that have a term somewhere.

    Raises
    ------
    QueryError
        It takes longer than `SECONDS`.
    """
    end = time.monotonic() + SECONDS
    part, _, key = path.partition(".")
    looked_for = [Term(term) for term in terms]
    found = []
    for at in range(0, len(ordinals), _READ):
        if time.monotonic() > end:
            raise QueryError(
                f"Looking into {path} of {len(ordinals):,} cases takes too long",
                "add a word, or look for a less common one",
            )
        some = list(ordinals[at : at + _READ])
        wanted = {"meta.kind": "case", "meta.n": {"$in": some}}
        for row in db["current"].find(wanted, {"_id": 0, "meta.n": 1, path: 1}, batch_size=_READ):
            text = (row.get(part) or {}).get(key)
            words = words_in(text) if isinstance(text, str) else []
            if any(term.is_among(words) for term in looked_for):
                found.append(int(row["meta"]["n"]))
    return found


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return stems_of([word])[0]


@lru_cache(maxsize=1 << 16)
def _folded(run: str) -> tuple[str, ...]:
    """Return the words that a run of letters folds to: one as a rule, but also several or none."""
    return tuple(word for word in words_in(run) if word)


def _placed(text: str) -> tuple[list[str], list[Span]]:
    """Return the words of a text as `words_in` does, and where each stands."""
    words: list[str] = []
    places: list[Span] = []
    end = 0
    for run in _RUN.finditer(text):
        for mark in range(end, run.start()):
            if text[mark] in GAPS:
                words.append("")
                places.append((mark, mark + 1))
        end = run.end()
        folded = _folded(run[0])
        words += folded
        places += [run.span()] * len(folded)
    return words, places
