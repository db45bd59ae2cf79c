"""The collection `words`: postings of the texts in `current`, kept in step with it.

A document's number is twice its ordinal, one more for a picture's caption. Each row has the words
of one bucket in one segment of ordinals, so that memory stays bounded while they are made, no row
comes near MongoDB's limit, and a changed document touches rows of its own segment only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo import DeleteOne, ReplaceOne
from pymongo.database import Database
from Stemmer import version

from medpix2.store.postings import (
    NONE,
    buckets_of,
    merged,
    postings_from,
    postings_of,
    rows_of,
)
from medpix2.store.shape import TEXT_WEIGHTS

SEGMENT = 4096  # ordinals
# What the rows were made with: other stems are in other buckets.
MADE_WITH = f"1, stems of PyStemmer {version()}"
_Document = dict[str, Any]
_Text = tuple[int, str]
_Write = DeleteOne | ReplaceOne[_Document]
_STAMP = "made with"  # id of the row that says so; the others have numbers


def row_id(bucket: int, segment: int) -> int:
    """Return the id of a row: those of one bucket stand together."""
    return bucket << 32 | segment


class WordWriter:
    """Collects changes of texts and brings them into the stored postings."""

    def __init__(self) -> None:
        self._added: dict[int, list[_Text]] = {}
        self._removed: dict[int, list[_Text]] = {}

    def add(self, document: Mapping[str, Any]) -> None:
        """Note the texts of a current document."""
        if texts := _texts_of(document):
            self._added[_number(document)] = texts

    def remove(self, document: Mapping[str, Any]) -> None:
        """Note that a former current document is gone."""
        number = _number(document)
        if self._added.pop(number, None) is None and (texts := _texts_of(document)):
            self._removed[number] = texts

    @property
    def full(self) -> bool:
        """Tell whether as much is noted as memory should hold."""
        return len(self._added) + len(self._removed) >= SEGMENT

    def save(self, db: Database[_Document]) -> None:
        """Write the changed rows."""
        for number in self._added.keys() & self._removed.keys():
            if self._added[number] == self._removed[number]:
                del self._added[number], self._removed[number]
        added, removed = _by_segment(self._added), _by_segment(self._removed)
        for segment in sorted(added.keys() | removed.keys()):
            _change(db, segment, added.get(segment, {}), removed.get(segment, {}))
        self._added.clear()
        self._removed.clear()


def make_words(db: Database[_Document], advance: Callable[[int], None] = lambda done: None) -> None:
    """Make all postings anew from `current`; `advance` is told of documents done."""
    clear_words(db)
    highest = db["current"].find_one({"meta.kind": "image"}, sort=[("meta.n", -1)])
    bare = db["current"].find_one({"meta.kind": "case"}, sort=[("meta.n", -1)])
    end = max((row["meta"]["n"] + 1 for row in (highest, bare) if row), default=0)
    for segment in range(-(-end // SEGMENT)):
        texts, done = {}, 0
        for document in _documents(db, segment):
            done += 1
            if found := _texts_of(document):
                texts[_number(document) % (2 * SEGMENT)] = found
        rows = [
            {"_id": row_id(bucket, segment), **row} for bucket, row in rows_of(postings_of(texts))
        ]
        if rows:
            db["words"].insert_many(rows, ordered=False)
        advance(done)
    db["words"].insert_one({"_id": _STAMP, "version": MADE_WITH})


def clear_words(db: Database[_Document]) -> None:
    """Drop all postings."""
    db["words"].delete_one({"_id": _STAMP})  # first, for whoever is killed in between
    db["words"].delete_many({})


def words_stand(db: Database[_Document]) -> bool:
    """Tell whether the postings were made to their end, and by this version."""
    return db["words"].find_one({"_id": _STAMP, "version": MADE_WITH}) is not None


def rows_of_bucket(db: Database[_Document], bucket: int, *, places: bool) -> Iterator[_Document]:
    """Yield the rows of a bucket, segment by segment, with the number of their first document."""
    wanted = {"_id": {"$gte": row_id(bucket, 0), "$lt": row_id(bucket + 1, 0)}}
    left_out = None if places else {"places": 0, "counts": 0}
    for row in db["words"].find(wanted, left_out, sort=[("_id", 1)], batch_size=1000):
        row["first"] = (row["_id"] & 0xFFFFFFFF) * 2 * SEGMENT
        yield row


def _change(
    db: Database[_Document],
    segment: int,
    added: Mapping[int, list[_Text]],
    removed: Mapping[int, list[_Text]],
) -> None:
    new = postings_of(added)
    touched = {*buckets_of(new.words), *buckets_of(postings_of(removed).words)}
    ids = [row_id(bucket, segment) for bucket in sorted(touched)]
    old = {row["_id"]: row for row in db["words"].find({"_id": {"$in": ids}}, sort=[("_id", 1)])}
    after = merged(postings_from(old.values()) if old else NONE, removed.keys(), new)
    rows = {row_id(bucket, segment): row for bucket, row in rows_of(after)}
    writes: list[_Write] = [DeleteOne({"_id": name}) for name in old if name not in rows]
    writes += [ReplaceOne({"_id": name}, row, upsert=True) for name, row in rows.items()]
    if writes:
        db["words"].bulk_write(writes, ordered=False)


def _documents(db: Database[_Document], segment: int) -> Iterator[_Document]:
    slots = {"$gte": segment * SEGMENT, "$lt": (segment + 1) * SEGMENT}
    shown = {"_id": 0, "meta.kind": 1, "meta.n": 1, **dict.fromkeys(TEXT_WEIGHTS, 1)}
    for kind in ("case", "image"):
        yield from db["current"].find({"meta.kind": kind, "meta.n": slots}, shown, batch_size=1000)


def _number(document: Mapping[str, Any]) -> int:
    meta = document["meta"]
    return 2 * int(meta["n"]) + int(meta["kind"] == "image")


def _by_segment(texts: Mapping[int, list[_Text]]) -> dict[int, dict[int, list[_Text]]]:
    found: dict[int, dict[int, list[_Text]]] = defaultdict(dict)
    for number, of_document in texts.items():
        segment, local = divmod(number, 2 * SEGMENT)
        found[segment][local] = of_document
    return found


def _texts_of(document: Mapping[str, Any]) -> list[_Text]:
    found: list[_Text] = []
    for path, weight in TEXT_WEIGHTS.items():
        part, _, key = path.partition(".")
        holder = document.get(part)
        if isinstance(holder, Mapping):
            found += [(weight, text) for text in _strings(holder.get(key))]
    return found


def _strings(value: object) -> Sequence[str]:
    """Return a field's texts; a list may have several."""
    if isinstance(value, str):
        return (value,) if value else ()
    some: Iterable[object] = value if isinstance(value, list) else ()
    return [text for text in some if isinstance(text, str) and text]
