"""What the database says of splits: those of the source, those that were given, and the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

_Document = dict[str, Any]


@dataclass
class CaseState:
    """A case, as far as splits are concerned.

    Attributes
    ----------
    id, status
        Of the case.
    published, published_half
        What its source says.
    current, current_half
        What counts now.
    given
        The finding by which it was put into a split, as stored; None if there is none.
    images
        Number of its shown images by Type and Location Category.
    """

    id: str
    status: str
    published: str | None = None
    published_half: str | None = None
    current: str | None = None
    current_half: str | None = None
    given: _Document | None = None
    images: dict[tuple[str, str | None], int] = field(default_factory=dict)


def case_states(db: Database[_Document], rule: str, shown: tuple[str, ...]) -> Iterator[CaseState]:
    """Yield the state of every current case, in order of the ids.

    `rule` is the name of the rule whose findings put cases into splits; `shown` are the statuses of
    images that count.
    """
    shape = {"meta.kind": 1, "meta.status": 1, "meta.split": 1, "meta.split_half": 1}
    found: dict[str, CaseState] = {}
    for row in db["current"].find({"meta.kind": "case"}, shape).sort("_id"):
        meta = row["meta"]
        found[row["_id"]] = CaseState(
            row["_id"], meta["status"], current=meta["split"], current_half=meta["split_half"]
        )
    for row in db["cases"].find({}, {"source.split": 1, "source.split_half": 1}):
        if (state := found.get(row["_id"])) is not None:
            state.published = row["source"].get("split")
            state.published_half = row["source"].get("split_half")
    for row in db["findings"].find({"rule": rule}, {"_id": 0}):
        if (state := found.get(row["case"])) is not None:
            state.given = row
    labels = {"U_id": 1, "Type": 1, "meta.normalized.location_category": 1}
    wanted = {"meta.kind": "image", "meta.status": {"$in": list(shown)}}
    for row in db["current"].find(wanted, labels):
        if (state := found.get(row["U_id"])) is not None:
            label = str(row.get("Type")), row["meta"]["normalized"].get("location_category")
            state.images[label] = state.images.get(label, 0) + 1
    yield from found.values()
