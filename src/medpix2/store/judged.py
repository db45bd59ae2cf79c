"""On what each case was judged last, so that only what is new or changed is judged again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database

from medpix2.store.looked import looked_versions

_Document = dict[str, Any]
_STATE = "curing"  # id of the row of `state` on rules that see the whole collection


@dataclass(frozen=True)
class Basis:
    """What a case can be judged on now, and what it was judged on last.

    Attributes
    ----------
    case
        Id of the case.
    inputs
        Digest of its documents and of which looks saw its pictures.
    judged
        Rule to the version that judged the case on these inputs.
    """

    case: str
    inputs: str
    judged: Mapping[str, int]


def bases(db: Database[_Document], looks: Mapping[str, int]) -> Iterator[Basis]:
    """Yield the basis of every case, in order of the ids; `looks` are the looks' versions."""
    parts: dict[str, list[str]] = {}
    for row in db["cases"].find({}, {"digest": 1}):
        parts.setdefault(row["_id"], []).append(row["digest"])
    seen = {
        sha256: ",".join(f"{name} {v}" for name, v in sorted(at.items()) if looks.get(name) == v)
        for sha256, at in looked_versions(db)
    }
    shown = {"digest": 1, "U_id": 1, "file.sha256": 1}
    for row in db["images"].find({}, shown).sort("_id"):
        sha256 = (row.get("file") or {}).get("sha256")
        parts.setdefault(row["U_id"], []).append(f"{row['digest']} {seen.get(sha256 or '', '')}")
    judged = {row["_id"]: row for row in db["judged"].find()}
    for case in sorted(parts):
        inputs = hashlib.sha1("/".join(parts[case]).encode(), usedforsecurity=False).hexdigest()
        before = judged.get(case, {})
        yield Basis(case, inputs, before["rules"] if before.get("inputs") == inputs else {})


def note_judged(db: Database[_Document], done: Sequence[Basis]) -> None:
    """Note what cases have been judged on."""
    writes = [
        ReplaceOne({"_id": each.case}, {"inputs": each.inputs, "rules": each.judged}, upsert=True)
        for each in done
    ]
    if writes:
        db["judged"].bulk_write(writes, ordered=False)


def collection_judged(db: Database[_Document]) -> dict[str, str]:
    """Return the rule that sees all cases -> on what it judged them last."""
    row = db["state"].find_one({"_id": _STATE}) or {}
    return dict(row.get("set_rules", {}))


def note_collection(db: Database[_Document], rules: Mapping[str, str]) -> None:
    """Note on what rules have judged the whole collection, in place of what was noted."""
    db["state"].update_one({"_id": _STATE}, {"$set": {"set_rules": dict(rules)}}, upsert=True)


def known_rules(db: Database[_Document]) -> set[str]:
    """Return the names of the rules of which findings may be stored by curing."""
    row = db["state"].find_one({"_id": _STATE}) or {}
    return set(row.get("rules", ()))


def note_rules(db: Database[_Document], names: Sequence[str]) -> None:
    """Note which rules curing stores findings of, before it does."""
    change = {"$set": {"rules": sorted(names)}}
    db["state"].update_one({"_id": _STATE}, change, upsert=True)


def forget_judged(db: Database[_Document]) -> None:
    """Forget all of it: everything will be judged again."""
    db["judged"].delete_many({})
    db["state"].update_one({"_id": _STATE}, {"$unset": {"set_rules": ""}})


def forget_judged_by(db: Database[_Document], rules: Sequence[str]) -> None:
    """Forget what some rules judged: should they come back, they judge everything again."""
    if rules:
        db["judged"].update_many({}, {"$unset": {f"rules.{name}": "" for name in rules}})
        gone = {f"set_rules.{name}": "" for name in rules}
        db["state"].update_one({"_id": _STATE}, {"$unset": gone})
