"""Read current documents by ordinal or id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pymongo.database import Database

_Document = dict[str, Any]
_NAMES = 5000  # ids read at a time


def documents_at(
    db: Database[_Document], kind: str, ordinals: Sequence[int]
) -> dict[int, _Document]:
    """Return ordinal -> current document of cases or images, in the order of the ordinals."""
    if not ordinals:
        return {}
    rows = db["current"].find({"meta.kind": kind, "meta.n": {"$in": list(ordinals)}})
    found = {row["meta"]["n"]: row for row in rows}
    return {n: found[n] for n in ordinals if n in found}


def find_document(db: Database[_Document], name: str) -> _Document | None:
    """Return the current document of a case or image: that of this very id first.

    Otherwise the only one whose id differs by the case of its letters alone, or None.
    """
    current, name = db["current"], _storable(name)
    if exact := current.find_one({"_id": name}):
        return exact
    # Not by a collation: a pattern is looked for in the keys of the index, not in the documents.
    pattern = f"^{re.escape(_without_nul(name))}$"
    alike = list(current.find({"_id": {"$regex": pattern, "$options": "i"}}).limit(2))
    return alike[0] if len(alike) == 1 else None


def documents_of(db: Database[_Document], case: str) -> tuple[_Document | None, list[_Document]]:
    """Return the current documents of a case and of its images, in order."""
    rows = sorted(db["current"].find({"U_id": case}), key=lambda row: int(row["meta"]["n"]))
    cases = [row for row in rows if row["meta"]["kind"] == "case"]
    return (cases[0] if cases else None), [r for r in rows if r["meta"]["kind"] == "image"]


def case_names(db: Database[_Document], ordinals: Sequence[int]) -> Iterator[str]:
    """Yield the ids of the cases that have these ordinals."""
    for at in range(0, len(ordinals), _NAMES):
        some = list(ordinals[at : at + _NAMES])
        for row in db["current"].find({"meta.kind": "case", "meta.n": {"$in": some}}, {"_id": 1}):
            yield row["_id"]


def documents_of_cases(
    db: Database[_Document], names: Sequence[str]
) -> Iterator[tuple[_Document, list[_Document]]]:
    """Yield the current documents of some cases, each with those of its images, in order."""
    images: dict[str, list[_Document]] = {}
    cases: dict[str, _Document] = {}
    for row in db["current"].find({"U_id": {"$in": list(names)}}):
        if row["meta"]["kind"] == "case":
            cases[row["_id"]] = row
        else:
            images.setdefault(row["U_id"], []).append(row)
    for name in names:
        if name in cases:
            yield cases[name], sorted(images.get(name, []), key=lambda row: int(row["meta"]["n"]))


def source_documents(
    db: Database[_Document], collection: str, names: Sequence[str], *, whole: bool = False
) -> dict[str, _Document]:
    """Return id -> what the source says of cases or images: where it is from, or the whole."""
    shown = None if whole else {"source": 1}
    return {row["_id"]: row for row in db[collection].find({"_id": {"$in": list(names)}}, shown)}


def near_ids(db: Database[_Document], name: str, limit: int = 200) -> list[str]:
    """Return ids that begin as a name does, so that a near match can be proposed."""
    found: list[str] = []
    name = _without_nul(_storable(name))
    for size in (max(len(name) - 1, 3), max(len(name) - 2, 3), 4):
        start = re.escape(name[:size].upper())
        rows = db["current"].find({"_id": {"$regex": f"^{start}"}}, {"_id": 1}).limit(limit)
        found += [row["_id"] for row in rows]
        if found:
            break
    return found


def _storable(text: str) -> str:
    """Return a text without what is no valid Unicode (bytes of an odd terminal)."""
    return text.encode("utf-8", "replace").decode()


def _without_nul(text: str) -> str:
    """Return a text without the one character that no pattern may have."""
    return text.replace("\0", " ")
