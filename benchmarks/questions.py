"""Questions as searchers would ask them, drawn at random but the same every time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from pyroaring import BitMap

from medpix2.curate.question import STOP_WORDS
from medpix2.store.database import Store
from medpix2.store.facets import FacetIndex, Filters, Value
from medpix2.store.shape import TEXT_WEIGHTS

FACETS = (
    "modality", "sequence", "contrast", "plane", "location_category", "location", "sex",
    "category", "split",
)  # fmt: skip
RARE, COMMON = 0.001, 0.02  # share of documents with a word
_SAMPLE = 20_000  # documents that words are drawn from
_WORD = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True)
class Asked:
    """One question, as `find` takes it."""

    text: str = ""
    filters: Filters = field(default_factory=Filters)
    by: Literal["case", "image"] = "case"
    offset: int = 0


class Questions:
    """Draws questions about a database."""

    def __init__(self, store: Store, seed: int) -> None:
        self._random = Random(seed)
        self._index = store.facets()
        self._values = {name: _sorted(self._index, name) for name in FACETS}
        self._pictures = len(self._index.images)
        self._texts = _texts(store)
        self._words = _by_frequency(self._texts)
        self.kinds: dict[str, Callable[[], Asked]] = {
            "one filter": lambda: self._filtered(1),
            "2 to 4 filters": lambda: self._filtered(self._random.randint(2, 4)),
            "2 to 4 filters of one picture": self._like_a_picture,
            "ages": self._ages,
            "deep page": self._deep,
            "rare word": lambda: self._word("rare"),
            "medium word": lambda: self._word("medium"),
            "common word": lambda: self._word("common"),
            "two words": self._two_words,
            "word and filter": self._word_and_filter,
            "phrase": self._phrase,
        }

    def draw(self, kind: str, count: int) -> Iterator[Asked]:
        """Yield questions of a kind."""
        for _ in range(count):
            yield self.kinds[kind]()

    def some_filters(self) -> Filters:
        """Return one or two filters."""
        return self._filtered(self._random.randint(1, 2)).filters

    def _by(self) -> Literal["case", "image"]:
        return self._random.choice(("case", "image"))

    def _value(self, facet: str) -> Value:
        return self._random.choice(self._values[facet])

    def _filtered(self, count: int) -> Asked:
        facets = self._random.sample([name for name in FACETS if self._values[name]], count)
        return Asked(filters=Filters({name: [self._value(name)] for name in facets}), by=self._by())

    def _like_a_picture(self) -> Asked:
        n = self._index.images[self._random.randrange(self._pictures)]
        facets = self._random.sample(FACETS, self._random.randint(2, 4))
        return Asked(filters=Filters({name: self._values_at(name, n) for name in facets}))

    def _values_at(self, facet: str, n: int) -> list[Value]:
        return list(self._index.parts(facet, BitMap([n])))

    def _ages(self) -> Asked:
        low = self._random.randint(0, 90)
        more = self._filtered(self._random.randint(0, 1)).filters.values
        return Asked(
            filters=Filters(more, (low, low + self._random.choice((0, 5, 20)))), by=self._by()
        )

    def _deep(self) -> Asked:
        asked = self._filtered(self._random.randint(0, 1))
        offset = self._random.randrange(self._pictures // 4)
        return Asked(filters=asked.filters, by=asked.by, offset=offset)

    def _word(self, kind: str) -> Asked:
        return Asked(text=self._random.choice(self._words[kind]), by=self._by())

    def _two_words(self) -> Asked:
        kinds = self._random.choices(("medium", "common"), k=2)
        return Asked(text=" ".join(self._random.choice(self._words[kind]) for kind in kinds))

    def _word_and_filter(self) -> Asked:
        word = self._word(self._random.choice(("rare", "medium", "medium", "common"))).text
        return Asked(text=word, filters=self._filtered(1).filters, by=self._by())

    def _phrase(self) -> Asked:
        while True:
            words = self._random.choice(self._texts).split()
            at = self._random.randrange(max(1, len(words) - 2))
            chosen = [word.strip(".,;:()") for word in words[at : at + 2]]
            if len(chosen) == 2 and all(map(_asks_of_something, chosen)):
                return Asked(text=f'"{" ".join(chosen)}"')


def _asks_of_something(word: str) -> bool:
    return bool(_WORD.fullmatch(word)) and word.lower() not in STOP_WORDS


def _sorted(index: FacetIndex, name: str) -> list[Value]:
    return sorted((value for value in index.values(name) if value is not None), key=str)


def _texts(store: Store) -> list[str]:
    """Return the texts of evenly spread documents, one string each."""
    every = max(1, store.current.estimated_document_count() // _SAMPLE)
    projection = {"_id": 0, **dict.fromkeys(TEXT_WEIGHTS, 1)}
    found = []
    for kind in ("image", "case"):
        some = {"meta.kind": kind, "meta.n": {"$mod": [every, 0]}}
        rows = store.current.find(some, projection)
        found += [" ".join(_strings(row)) for row in rows]
    return sorted(text for text in found if text)


def _strings(row: Any) -> Iterator[str]:
    if isinstance(row, str):
        yield row
    elif isinstance(row, dict):
        for value in row.values():
            yield from _strings(value)


def _by_frequency(texts: list[str]) -> dict[str, list[str]]:
    """Part the words by the share of documents that have them."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word.lower() for word in _WORD.findall(text)} - STOP_WORDS)
    limits = {"rare": (0.0, RARE), "medium": (RARE, COMMON), "common": (COMMON, 2.0)}
    return {
        kind: sorted(word for word, n in counts.items() if low <= n / len(texts) < high)
        for kind, (low, high) in limits.items()
    }
