"""What a database knows of the releases that were made of it, and what they are made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pymongo.database import Database

_Document = dict[str, Any]


def claim_release(db: Database[_Document], name: str) -> Literal["free", "left", "taken"]:
    """Note that a release is being made; tell whether its name was free, or left by a kill.

    The database must be claimed for writing.
    """
    row = db["releases"].find_one({"_id": name})
    if row is None:
        db["releases"].insert_one({"_id": name, "making": True})
        return "free"
    return "left" if row.get("making") else "taken"


def note_release(
    db: Database[_Document], name: str, manifest: str, counts: Mapping[str, int]
) -> None:
    """Note a release that is whole: the SHA-256 of its manifest, its counts, and when."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    row = {"manifest": manifest, "counts": dict(counts), "made": at}
    db["releases"].replace_one({"_id": name}, row, upsert=True)


def forget_claim(db: Database[_Document], name: str) -> None:
    """Take back the note of a release that was not made."""
    db["releases"].delete_one({"_id": name, "making": True})


def noted_releases(db: Database[_Document]) -> dict[str, _Document]:
    """Return name -> note of all releases that are whole, oldest first."""
    rows = db["releases"].find({"making": {"$exists": False}}).sort([("made", 1), ("_id", 1)])
    return {row["_id"]: row for row in rows}


def logged_decisions(db: Database[_Document]) -> Iterator[_Document]:
    """Yield all decisions, as they were made."""
    yield from db["decisions"].find({}, {"_id": 0})
