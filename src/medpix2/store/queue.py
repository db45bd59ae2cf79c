"""What rules flagged, for the queue of what people decide on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pymongo.database import Database

_Document = dict[str, Any]


class Flag(NamedTuple):
    """A rule that found something on a case or image, however often."""

    rule: str
    severity: str
    target: str
    case: str


def flags(db: Database[_Document]) -> Iterator[Flag]:
    """Yield every rule and target once, in no order."""
    group = {"rule": "$rule", "severity": "$severity", "target": "$target", "case": "$case"}
    pipeline: list[_Document] = [{"$group": {"_id": group}}]
    for row in db["findings"].aggregate(pipeline, allowDiskUse=True):
        yield Flag(**row["_id"])


def flags_version(db: Database[_Document]) -> tuple[Any, ...]:
    """Return what changes whenever findings do: they are inserted and removed, never changed."""
    last = db["findings"].find_one({}, {"_id": 1}, sort=[("_id", -1)])
    return db["findings"].estimated_document_count(), last and last["_id"]


def to_review_again(db: Database[_Document]) -> dict[str, str]:
    """Return id -> case of all of which a decision is not applied, as its evidence has changed."""
    wanted = {"meta.status": "pending", "meta.by": "decision"}
    return {row["_id"]: row["U_id"] for row in db["current"].find(wanted, {"U_id": 1})}
