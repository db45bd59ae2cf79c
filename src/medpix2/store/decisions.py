"""The log of decisions: appended to, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from medpix2.records import Decision

_Document = dict[str, Any]
# Who comes last wins: by the time, and at the same time by the order of writing.
ORDER = [("at", 1), ("_id", 1)]


def append_decisions(
    db: Database[_Document], decisions: Iterable[Decision], case_of: Mapping[str, str]
) -> set[str]:
    """Append decisions; `case_of` has the case of every target.

    Returns
    -------
    set of str
        The cases that have to be folded.
    """
    rows = [{"case": case_of[each.target], **each.model_dump()} for each in decisions]
    if rows:
        db["decisions"].insert_many(rows)
    return {row["case"] for row in rows}


def read_decisions(
    db: Database[_Document], targets: Sequence[str] | None = None
) -> Iterator[Decision]:
    """Yield the decisions on some cases and images, or all, oldest first."""
    wanted = {} if targets is None else {"target": {"$in": list(targets)}}
    for row in db["decisions"].find(wanted, {"_id": 0, "case": 0}).sort(ORDER):
        yield Decision.model_validate(row)


def latest_time(db: Database[_Document], targets: Sequence[str]) -> str:
    """Return when the last decision on some cases or images was made; "" if there is none."""
    wanted = {"target": {"$in": list(targets)}}
    row = db["decisions"].find_one(wanted, {"at": 1}, sort=[("at", -1)])
    return str(row["at"]) if row else ""


def targets_of(db: Database[_Document], ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return id -> (kind, case) of those of the ids that are cases or images."""
    found: dict[str, tuple[str, str]] = {}
    for name, kind in (("cases", "case"), ("images", "image")):
        for row in db[name].find({"_id": {"$in": list(ids)}}, {"U_id": 1}):
            found[row["_id"]] = (kind, row["U_id"])
    return found


def source_documents(db: Database[_Document], ids: Sequence[str]) -> dict[str, _Document]:
    """Return id -> stored source document of some cases and images."""
    wanted = {"_id": {"$in": list(ids)}}
    return {row["_id"]: row for name in ("cases", "images") for row in db[name].find(wanted)}
