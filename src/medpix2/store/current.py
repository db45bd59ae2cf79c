"""Write what the fold made into `current`, with ordinals, facets and words in step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database

from medpix2.store.decisions import ORDER
from medpix2.store.documents import digest_of
from medpix2.store.facets import FacetWriter
from medpix2.store.shape import ensure_shape
from medpix2.store.words import WordWriter, clear_words

_Document = dict[str, Any]
BATCH = 500  # cases that are folded and written at a time


@dataclass(frozen=True)
class Inputs:
    """All that the fold needs of one case, as stored."""

    id: str
    case: _Document | None
    images: list[_Document]
    findings: list[_Document]
    decisions: list[_Document]

    def digest(self, version: int) -> str:
        """Return what changes if and only if an input of the fold changes."""
        parts = [str(version), self.case["digest"] if self.case else "-"]
        parts += [image["digest"] for image in self.images]
        parts += [digest_of(beside) for beside in (*self.findings, *self.decisions)]
        return "/".join(parts) if len(parts) < 4 else _hashed(parts)


@dataclass
class Written:
    """How many current documents of a fold are new, changed, unchanged or gone."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    facets: FacetWriter = field(default_factory=FacetWriter, repr=False)
    words: WordWriter = field(default_factory=WordWriter, repr=False)


def case_ids(db: Database[_Document]) -> Iterator[str]:
    """Yield the ids of all cases that the source documents name, in order, each once."""
    grouped: list[dict[str, Any]] = [
        {"$project": {"_id": 1}},
        {"$unionWith": {"coll": "images", "pipeline": [{"$project": {"_id": "$U_id"}}]}},
        {"$group": {"_id": "$_id"}},
        {"$sort": {"_id": 1}},
    ]
    for row in db["cases"].aggregate(grouped, allowDiskUse=True):
        yield row["_id"]


def clear_current(db: Database[_Document]) -> None:
    """Drop what was folded, with ordinals, facets and words; the next fold makes it all anew."""
    db["current"].drop()
    db["facets"].delete_many({})
    clear_words(db)
    db["state"].delete_one({"_id": "ordinals"})
    ensure_shape(db, texts=False)


def read_inputs(
    db: Database[_Document], ids: Sequence[str], *, beside: bool = True
) -> list[Inputs]:
    """Read all inputs of the fold for some cases; without `beside`, the source's alone."""
    wanted = {"$in": list(ids)}
    cases = {case["_id"]: case for case in db["cases"].find({"_id": wanted})}
    images: dict[str, list[_Document]] = {}
    for image in db["images"].find({"U_id": wanted}):
        images.setdefault(image["U_id"], []).append(image)
    more: dict[str, dict[str, list[_Document]]] = {"findings": {}, "decisions": {}}
    orders = {"findings": [("_id", 1)], "decisions": ORDER}
    for name, found in more.items() if beside else ():
        for row in db[name].find({"case": wanted}).sort(orders[name]):
            found.setdefault(row["case"], []).append(row)
    return [
        Inputs(
            name,
            cases.get(name),
            _in_listed_order(cases.get(name), images.get(name, [])),
            more["findings"].get(name, []),
            more["decisions"].get(name, []),
        )
        for name in ids
        if name in cases or name in images
    ]


def write_current(
    db: Database[_Document],
    inputs: Sequence[Inputs],
    fold: Callable[[Inputs], tuple[_Document | None, list[_Document]]],
    version: int,
    written: Written,
    *,
    fresh: bool = False,
) -> None:
    """Fold some cases and write what changed.

    Parameters
    ----------
    db
        The database.
    inputs
        The cases, as `read_inputs` gives them.
    fold
        Makes the current case document (or None) and image documents of one case.
    version
        Version of the fold; a new one folds everything anew.
    written
        Counts, and collects what `facets.save` and `words.save` write in the end.
    fresh
        `current` was empty: nothing has to be compared, and the caller makes all words from it.
    """
    old: dict[str, list[_Document]] = {}
    if not fresh:
        names = [given.id for given in inputs]
        for document in db["current"].find({"U_id": {"$in": names}}):
            old.setdefault(document["U_id"], []).append(document)
        _take_from_others(db, inputs, old, written)
    changed = []
    for given in inputs:
        digest = given.digest(version)
        before = old.get(given.id, [])
        if before and before[0]["meta"]["inputs"] == digest:
            written.same += len(before)
            continue
        case, images = fold(given)
        changed.append((digest, case, images, before))
    if not changed:
        return
    _renumber(db, changed)
    _write(db, changed, written)
    if not fresh:
        _note_words(db, changed, written)


def remove_current(db: Database[_Document], ids: Iterable[str], written: Written) -> None:
    """Remove what was folded of some cases; their ordinals are never used again."""
    before: dict[str, list[_Document]] = {}
    for document in db["current"].find({"U_id": {"$in": list(ids)}}):
        before.setdefault(document["U_id"], []).append(document)
    changed: list[Any] = [("", None, [], documents) for documents in before.values()]
    _write(db, changed, written)
    _note_words(db, changed, written)


def _take_from_others(
    db: Database[_Document],
    inputs: Iterable[Inputs],
    old: Mapping[str, list[_Document]],
    written: Written,
) -> None:
    """Remove what was folded of pictures that belonged to cases that are not folded here."""
    known = {document["_id"] for documents in old.values() for document in documents}
    new = [image["_id"] for given in inputs for image in given.images if image["_id"] not in known]
    if not new:
        return
    for image in list(db["current"].find({"_id": {"$in": new}})):
        case = db["current"].find_one({"_id": image["U_id"]})
        written.facets.remove(image, case)
        written.words.remove(image)
        db["current"].delete_one({"_id": image["_id"]})
        written.gone += 1


def _renumber(db: Database[_Document], changed: Iterable[Any]) -> None:
    """Give ordinals: a case keeps its own while its pictures stay; new ones are never reused."""
    wanting = []
    for digest, case, images, before in changed:
        pictures = [d for d in before if d["meta"]["kind"] == "image"]
        pictures.sort(key=lambda d: int(d["meta"]["n"]))
        if before and [d["_id"] for d in pictures] == [d["_id"] for d in images]:
            _number(digest, case, images, before[0]["meta"]["c"])
        else:
            wanting.append((digest, case, images, max(len(images), 1)))
    if wanting:
        total = sum(slots for *_, slots in wanting)
        start = _reserve(db, total)
        for digest, case, images, slots in wanting:
            _number(digest, case, images, start)
            start += slots


def _reserve(db: Database[_Document], count: int) -> int:
    row = db["state"].find_one_and_update(
        {"_id": "ordinals"}, {"$inc": {"next": count}}, upsert=True
    )
    return row["next"] if row else 0


def _number(digest: str, case: _Document | None, images: list[_Document], start: int) -> None:
    for n, document in enumerate(images, start):
        document["meta"].update(n=n, c=start, inputs=digest)
    if case is not None:
        case["meta"].update(n=start, c=start, images=len(images), inputs=digest)


def _write(db: Database[_Document], changed: Sequence[Any], written: Written) -> None:
    inserts: list[_Document] = []
    replaces: list[_Document] = []
    deletes: list[str] = []
    for _, case, images, before in changed:
        former = {document["_id"]: document for document in before}
        _refacet(written.facets.remove, [d for d in before if d["meta"]["kind"] == "image"],
                 next((d for d in before if d["meta"]["kind"] == "case"), None))  # fmt: skip
        _refacet(written.facets.add, images, case)
        for document in (*images, *([case] if case else ())):
            was = former.pop(document["_id"], None)
            if was is None:
                inserts.append(document)
            elif was != document:
                replaces.append(document)
                written.changed += 1
            else:
                written.same += 1
        deletes += former
    written.new += len(inserts)
    written.gone += len(deletes)
    if deletes:
        db["current"].delete_many({"_id": {"$in": deletes}})
    if replaces:
        db["current"].bulk_write([ReplaceOne({"_id": d["_id"]}, d) for d in replaces])
    if inserts:
        db["current"].insert_many(inserts, ordered=False)


def _note_words(db: Database[_Document], changed: Sequence[Any], written: Written) -> None:
    for _, case, images, before in changed:
        for document in before:
            written.words.remove(document)
        for document in (*images, *([case] if case else ())):
            written.words.add(document)
    if written.words.full:
        written.words.save(db)


def _refacet(
    note: Callable[[Mapping[str, Any], Mapping[str, Any] | None], None],
    images: Iterable[_Document],
    case: _Document | None,
) -> None:
    pictured = False
    for image in images:
        note(image, case)
        pictured = True
    if case is not None and not pictured:
        note(case, case)


def _in_listed_order(case: _Document | None, images: list[_Document]) -> list[_Document]:
    listed = [*(case.get("TAC") or ()), *(case.get("MRI") or ())] if case else []
    place = {name: at for at, name in enumerate(listed)}
    return sorted(images, key=lambda image: (place.get(image["_id"], len(place)), image["_id"]))


def _hashed(parts: list[str]) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()
