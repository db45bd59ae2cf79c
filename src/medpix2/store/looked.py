"""What looks saw in pictures, kept by the SHA-256 of the file and the version of the look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

_Document = dict[str, Any]


def pictures(db: Database[_Document]) -> Iterator[tuple[str, str, str]]:
    """Yield (SHA-256, path, image id) of every picture that can be read, each content once."""
    shown = {"file.sha256": 1, "file.path": 1}
    before = None
    usable = {"file.sha256": {"$type": "string"}}
    rows = db["images"].find(usable, shown).sort("file.sha256").allow_disk_use(True)
    for row in rows:
        if row["file"]["sha256"] != before:
            before = row["file"]["sha256"]
            yield before, row["file"]["path"], row["_id"]


def looked_versions(
    db: Database[_Document], hashes: Sequence[str] | None = None
) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield (SHA-256, look -> version) of what was seen; looks that failed are left out."""
    wanted = {} if hashes is None else {"_id": {"$in": list(hashes)}}
    pairs = {"$objectToArray": {"$ifNull": ["$looks", {}]}}
    seen = {
        "$map": {
            "input": pairs,
            "in": {"k": "$$this.k", "v": {"v": "$$this.v.version", "e": "$$this.v.error"}},
        }
    }
    for row in db["looked"].aggregate([{"$match": wanted}, {"$project": {"seen": seen}}]):
        looks = {each["k"]: each["v"]["v"] for each in row["seen"] if "e" not in each["v"]}
        yield row["_id"], looks


def read_looked(
    db: Database[_Document], hashes: Sequence[str], versions: Mapping[str, int]
) -> dict[str, dict[str, Any]]:
    """Return SHA-256 -> look -> what it saw, of the looks at these versions."""
    found: dict[str, dict[str, Any]] = {}
    for row in db["looked"].find({"_id": {"$in": list(set(hashes))}}):
        found[row["_id"]] = {
            name: seen["value"]
            for name, seen in row["looks"].items()
            if "error" not in seen and versions.get(name) == seen["version"]
        }
    return found


def last_seen(db: Database[_Document], sha256: str, look: str) -> Any:
    """Return what a look saw in a picture last, whatever its version; None if it saw nothing."""
    row = db["looked"].find_one({"_id": sha256}, {f"looks.{look}.value": 1}) or {}
    return row.get("looks", {}).get(look, {}).get("value")


def remember_looked(
    db: Database[_Document], found: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> None:
    """Note SHA-256 -> look -> {version, value} or {version, error}; other looks stay."""
    writes = [
        UpdateOne(
            {"_id": sha256},
            {"$set": {f"looks.{name}": dict(seen) for name, seen in looks.items()}},
            upsert=True,
        )
        for sha256, looks in found.items()
        if looks
    ]
    if writes:
        db["looked"].bulk_write(writes, ordered=False)
