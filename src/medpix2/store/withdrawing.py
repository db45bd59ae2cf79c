"""Tombstones of what was withdrawn, and the removal of documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pymongo.database import Database

from medpix2.store.reading import find_document

_Document = dict[str, Any]
_Database = Database[_Document]
Kind = Literal["case", "image"]
Target = tuple[str, Kind, str]  # id, what it is, id of its case


@dataclass(frozen=True)
class Tombstone:
    """That a case or image was withdrawn; nothing of its content.

    Attributes
    ----------
    id, kind, case
        Id, what it was, and the id of its case.
    reason, by, at
        Why, by whom, and when (ISO 8601, UTC).
    sha256
        Hash of what the database held of it; None if it held nothing.
    also
        Ids of a case's images, and the UUIDs that the sites know it by: under none of them it is
        to come back.
    pictures
        SHA-256 and path of its pictures, while they are being removed.
    snapshots
        Snapshots that it is being removed from.
    pending
        Whether it is still being removed.
    """

    id: str
    kind: Kind
    case: str
    reason: str
    by: str
    at: str
    sha256: str | None = None
    also: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    snapshots: tuple[str, ...] = ()
    pending: bool = True

    @property
    def names(self) -> set[str]:
        """All names under which it was known."""
        return {self.id, *self.also}


class Tombstones(Mapping[str, Tombstone]):
    """All tombstones of a database, by id."""

    def __init__(self, stones: Iterable[Tombstone] = ()) -> None:
        self._stones = {stone.id: stone for stone in stones}
        self._of = {name: stone.id for stone in self._stones.values() for name in stone.names}

    def __getitem__(self, name: str) -> Tombstone:
        return self._stones[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stones)

    def __len__(self) -> int:
        return len(self._stones)

    def names(self) -> set[str]:
        """Return all names of all that was withdrawn."""
        return set(self._of)

    def covering(self, *names: str) -> str | None:
        """Return the id of the tombstone for any of some ids, or None."""
        return next((self._of[name] for name in names if name in self._of), None)


def tombstones(db: _Database) -> Tombstones:
    """Read all tombstones."""
    return Tombstones(_read(row) for row in db["withdrawn"].find().sort("_id"))


def keep_tombstone(db: _Database, stone: Tombstone) -> None:
    """Write a tombstone in the place of the one that there is."""
    row = asdict(stone)
    db["withdrawn"].replace_one({"_id": row.pop("id")}, row, upsert=True)


def lift_tombstone(db: _Database, name: str) -> None:
    """Remove a tombstone, so that the next build brings back what it stands for."""
    db["withdrawn"].delete_one({"_id": name})


def found_target(db: _Database, name: str) -> Target | None:
    """Return (id, kind, id of its case) of a case or image, whatever the case of its letters."""
    same = find_document(db, name)
    wanted = same["_id"] if same else name
    kinds: dict[str, Kind] = {"cases": "case", "images": "image"}
    for collection, kind in kinds.items():
        if row := db[collection].find_one({"_id": wanted}, {"U_id": 1}):
            return row["_id"], kind, row["U_id"]
    if db["images"].find_one({"U_id": wanted}, {"_id": 1}):  # a case that no source describes
        return wanted, "case", wanted
    return None


def documents_of_target(db: _Database, name: str, kind: str) -> list[_Document]:
    """Return the source documents of a case and its images, or of one image."""
    if kind == "image":
        return list(db["images"].find({"_id": name}))
    return [*db["cases"].find({"_id": name}), *db["images"].find({"U_id": name}).sort("_id")]


def content_hash(documents: Iterable[_Document]) -> str:
    """Return a SHA-256 of some source documents, by their ids and digests."""
    lines = sorted(f"{document['_id']} {document['digest']}" for document in documents)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def remove_documents(db: _Database, stone: Tombstone) -> int:
    """Remove what the database holds of what is withdrawn, `current` aside; return how much."""
    if stone.kind == "case":
        wanted = {"cases": {"_id": stone.id}, "images": {"U_id": stone.id}}
        wanted |= {"findings": {"case": stone.id}, "judged": {"_id": stone.id}}
    else:
        wanted = {"images": {"_id": stone.id}, "findings": {"target": stone.id}}
    removed = sum(db[name].delete_many(which).deleted_count for name, which in wanted.items())
    hashes = sorted({sha256 for sha256, _ in stone.pictures} - shared_pictures(db, stone))
    removed += db["looked"].delete_many({"_id": {"$in": hashes}}).deleted_count
    removed += db["examined"].delete_many({"facts.sha256": {"$in": hashes}}).deleted_count
    dropped = list(_dropped(db, stone))
    removed += db["dropped"].delete_many({"_id": {"$in": dropped}}).deleted_count
    return removed


def shared_pictures(db: _Database, stone: Tombstone) -> set[str]:
    """Return the SHA-256 of those pictures that another case or image has too."""
    hashes = [sha256 for sha256, _ in stone.pictures]
    theirs = {"_id": stone.id} if stone.kind == "image" else {"U_id": stone.id}
    others = {"file.sha256": {"$in": hashes}, "$nor": [theirs]}
    return {row["file"]["sha256"] for row in db["images"].find(others, {"file.sha256": 1})}


def holds(db: _Database, stone: Tombstone) -> bool:
    """Tell whether the database has anything of it, but for what is known of its pictures."""
    key = "U_id" if stone.kind == "case" else "_id"
    places = ("cases", "images", "current")
    found = any(db[name].find_one({key: stone.id}, {"_id": 1}) for name in places)
    return found or next(_dropped(db, stone), None) is not None


def _read(row: Mapping[str, Any]) -> Tombstone:
    values = {name: row[name] for name in Tombstone.__dataclass_fields__ if name in row}
    lists = {name: tuple(values.get(name, ())) for name in ("also", "snapshots")}
    pictures = tuple((sha256, path) for sha256, path in values.get("pictures", ()))
    return Tombstone(**{**values, **lists, "pictures": pictures, "id": row["_id"]})


def _dropped(db: _Database, stone: Tombstone) -> Iterator[Any]:
    """Yield the ids of documents that were left out of a source and are of the same id."""
    key = "U_id" if stone.kind == "case" else "image"
    for row in db["dropped"].find({"raw": {"$regex": re.escape(stone.id)}}, {"raw": 1}):
        try:
            document = json.loads(row["raw"])
        except ValueError:
            continue
        if isinstance(document, dict) and document.get(key) == stone.id:
            yield row["_id"]
