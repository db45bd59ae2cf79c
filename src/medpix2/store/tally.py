"""Counts over current documents, findings and decisions, for the report of curing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

_Document = dict[str, Any]


@dataclass(frozen=True)
class State:
    """How many current documents of a kind have a status, and what gave it."""

    kind: str
    status: str
    by: str | None
    count: int


def states(db: Database[_Document]) -> list[State]:
    """Return the counts of all current documents."""
    group = {"_id": {"kind": "$meta.kind", "status": "$meta.status", "by": "$meta.by"}}
    rows = db["current"].aggregate([{"$group": {**group, "count": {"$sum": 1}}}])
    found = [State(**{"by": None, **row["_id"]}, count=row["count"]) for row in rows]
    return sorted(found, key=lambda state: (state.kind, state.status, state.by or ""))


def findings_in_order(db: Database[_Document]) -> Iterator[_Document]:
    """Yield rule, version, severity, target and message of all findings, rule by rule."""
    shown = {"_id": 0, "rule": 1, "version": 1, "severity": 1, "target": 1, "message": 1}
    order = [("rule", 1), ("target", 1), ("message", 1)]
    yield from db["findings"].find({}, shown).sort(order).allow_disk_use(True)


def count_dropped(db: Database[_Document]) -> int:
    """Return how many documents of sources were left out, as they have no usable id."""
    return db["dropped"].count_documents({})


def to_review_again(db: Database[_Document]) -> set[str]:
    """Return all ids of which a decision is not applied, as its evidence has changed."""
    wanted = {"meta.status": "pending", "meta.by": "decision"}
    return {row["_id"] for row in db["current"].find(wanted, {"_id": 1})}
