"""Write source documents, only those that are new or changed."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

import bson
from pymongo import ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database

_Document = dict[str, Any]
BATCH = 1000  # documents written at a time
_WHERE = ("name", "origin")  # fields of `source`


@dataclass
class Stored:
    """How many source documents of a build are new, changed or unchanged."""

    new: int = 0
    changed: int = 0
    same: int = 0
    touched: set[str] = field(default_factory=set, repr=False)  # cases with a change
    bereft: set[str] = field(default_factory=set, repr=False)  # cases that lost an image to another


def digest_of(document: _Document) -> str:
    """Return a digest of a document's stored form (SHA-1 of its BSON, 40 hexadecimal digits).

    Where its source was read from does not count: a source may be moved.
    """
    if "source" in document:
        said = {key: value for key, value in document["source"].items() if key not in _WHERE}
        document = {**document, "source": said}
    return hashlib.sha1(bson.encode(document), usedforsecurity=False).hexdigest()


def is_empty(db: Database[_Document]) -> bool:
    """Tell whether there are neither cases nor images."""
    return not any(db[name].find_one({}, {"_id": 1}) for name in ("cases", "images"))


def store_documents(
    collection: Collection[_Document],
    documents: Sequence[_Document],
    stored: Stored,
    *,
    fresh: bool,
) -> None:
    """Insert new and replace changed documents of one batch.

    Parameters
    ----------
    collection
        `cases` or `images`.
    documents
        Documents with `_id` and `digest`; the ids are distinct.
    stored
        Counts, and collects the cases that have to be folded.
    fresh
        The database was empty when the build began and ids come once: nothing is compared.
    """
    known: dict[str, _Document] = {}
    if not fresh:
        ids = [document["_id"] for document in documents]
        shown = {"digest": 1, "U_id": 1, "source.origin": 1}
        found = collection.find({"_id": {"$in": ids}}, shown)
        known = {row["_id"]: row for row in found}
    inserts = [d for d in documents if d["_id"] not in known]
    replaces = [
        d for d in documents if d["_id"] in known and known[d["_id"]]["digest"] != d["digest"]
    ]
    if inserts:
        collection.insert_many(inserts, ordered=False)
    if replaces:
        collection.bulk_write([ReplaceOne({"_id": d["_id"]}, d) for d in replaces], ordered=False)
    written = {d["_id"] for d in (*inserts, *replaces)}
    _move(collection, known, [d for d in documents if d["_id"] not in written])
    stored.new += len(inserts)
    stored.changed += len(replaces)
    stored.same += len(documents) - len(inserts) - len(replaces)
    stored.touched.update(intern(document["U_id"]) for document in (*inserts, *replaces))
    before = {known[d["_id"]]["U_id"] for d in replaces if known[d["_id"]]["U_id"] != d["U_id"]}
    stored.bereft |= before


def _move(
    collection: Collection[_Document], known: dict[str, _Document], same: list[_Document]
) -> None:
    """Note of unchanged documents where their source is now."""
    moved = [d for d in same if known[d["_id"]]["source"].get("origin") != d["source"]["origin"]]
    if moved:  # one source, so all of them to the same place
        where = {f"source.{key}": moved[0]["source"][key] for key in _WHERE}
        ids = [document["_id"] for document in moved]
        collection.update_many({"_id": {"$in": ids}}, {"$set": where})


def taken_ids(other: Collection[_Document], ids: Sequence[str]) -> set[str]:
    """Return the ids that the other kind of document has already (from another source)."""
    return {row["_id"] for row in other.find({"_id": {"$in": list(ids)}}, {"_id": 1})}


def store_dropped(
    db: Database[_Document], origin: str, file: str, rows: Sequence[_Document]
) -> None:
    """Keep the documents of a source's file that have no usable id, in place of earlier ones.

    Those that another place gave word for word are the same: the source was moved.

    Parameters
    ----------
    db
        The database.
    origin, file
        Where the source was read from, and its file.
    rows
        `index` in the file, `reason`, and `raw` (the document as JSON text).
    """
    alike = {"raw": {"$in": [row["raw"] for row in rows]}}
    db["dropped"].delete_many({"file": file, "$or": [{"origin": origin}, alike]})
    if rows:
        db["dropped"].insert_many([{"origin": origin, "file": file, **row} for row in rows])


def mark_gone(
    db: Database[_Document], origin: str, present: Iterable[Container[str] | None]
) -> set[str]:
    """Mark what a source gave earlier and gives no more; unmark nothing, delete nothing.

    Parameters
    ----------
    db
        The database.
    origin
        Where the source was read from; only documents of the same place are compared.
    present
        Ids of the cases, then of the images, that it gives now; None where that is not known.

    Returns
    -------
    set of str
        Ids of the cases that changed so.
    """
    touched: set[str] = set()
    for name, ids in zip(("cases", "images"), present, strict=True):
        wanted = {"source.origin": origin}
        if ids is None:
            continue
        rows = db[name].find(wanted, {"_id": 1}).hint([("source.origin", 1), ("_id", 1)])
        for row in [row for row in rows if row["_id"] not in ids]:
            document = db[name].find_one({"_id": row["_id"], "source.gone": {"$ne": True}})
            if document is None:
                continue
            document["source"]["gone"] = True
            del document["digest"]
            document["digest"] = digest_of(document)
            db[name].replace_one({"_id": row["_id"]}, document)
            touched.add(document["U_id"])
    return touched
