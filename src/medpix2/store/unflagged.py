"""Pictures that no rule hit."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

_SERIOUS = {"severity": {"$in": ["exclude", "review"]}}


def unflagged(db: Database[dict[str, Any]]) -> list[str]:
    """Return the pictures on which, and on whose case, no rule but notes found anything, sorted.

    What is withdrawn, unusable or excluded with its case is left out; what people decided is not.
    """
    hit = {row["target"] for row in db["findings"].find(_SERIOUS, {"_id": 0, "target": 1})}
    wanted = {
        "meta.kind": "image",
        "meta.status": {"$ne": "withdrawn"},
        "meta.by": {"$nin": ["source", "case"]},
    }
    rows = db["current"].find(wanted, {"U_id": 1})
    return sorted(row["_id"] for row in rows if row["_id"] not in hit and row["U_id"] not in hit)
