"""What rules found, stored beside the source documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from medpix2.batches import batches
from medpix2.records import Finding


def store_findings(
    db: Database[dict[str, Any]], rules: Sequence[str], found: Mapping[str, Sequence[Finding]]
) -> set[str]:
    """Put the findings of some rules on some cases in the place of the earlier ones.

    Parameters
    ----------
    db
        The database.
    rules
        Names of the rules.
    found
        Case id to all that the rules find now, on the case and its images.

    Returns
    -------
    set of str
        The cases of which something else was found before.
    """
    before: dict[str, list[dict[str, Any]]] = {}
    wanted = {"rule": {"$in": list(rules)}, "case": {"$in": list(found)}}
    for row in db["findings"].find(wanted, {"_id": 0}).sort("_id"):
        before.setdefault(row["case"], []).append(row)
    now = {
        case: [{"case": case, **finding.model_dump()} for finding in findings]
        for case, findings in found.items()
    }
    changed = {case for case, rows in now.items() if rows != before.get(case, [])}
    if stale := sorted(changed & before.keys()):
        db["findings"].delete_many({**wanted, "case": {"$in": stale}})
    if rows := [row for case in sorted(changed) for row in now[case]]:
        db["findings"].insert_many(rows)
    return changed


def forget_rules(db: Database[dict[str, Any]], rules: Sequence[str]) -> set[str]:
    """Remove all that some rules found; return the cases of which it was."""
    wanted = {"rule": {"$in": list(rules)}}
    cases = set(db["findings"].distinct("case", wanted))
    if cases:
        db["findings"].delete_many(wanted)
    return cases


def cases_with(db: Database[dict[str, Any]], rule: str) -> set[str]:
    """Return the cases on which a rule found something."""
    return set(db["findings"].distinct("case", {"rule": rule}))


def rules_seen(db: Database[dict[str, Any]], targets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return target -> names of the rules that found something on it, of some targets."""
    found: dict[str, set[str]] = {}
    shown = {"target": 1, "rule": 1}
    for row in db["findings"].find({"target": {"$in": list(targets)}}, shown):
        found.setdefault(row["target"], set()).add(row["rule"])
    return {target: tuple(sorted(names)) for target, names in found.items()}


def rules_found(db: Database[dict[str, Any]]) -> set[str]:
    """Return the names of all rules that found something, those of sources too."""
    return set(db["findings"].distinct("rule"))


def findings_of_case(db: Database[dict[str, Any]], case: str) -> list[Finding]:
    """Return what rules found on a case and its images, by target, rule and message."""
    rows = db["findings"].find({"case": case}, {"_id": 0, "case": 0})
    found = [Finding.model_validate(row) for row in rows]
    return sorted(found, key=lambda row: (row.target, row.rule, row.message))


def findings_on(db: Database[dict[str, Any]], target: str) -> list[Finding]:
    """Return what rules found on a case or image, by rule and message."""
    rows = db["findings"].find({"target": target}, {"_id": 0, "case": 0})
    found = [Finding.model_validate(row) for row in rows]
    return sorted(found, key=lambda row: (row.rule, row.message))


def excluding(db: Database[dict[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """Yield (target, rule, version) of all findings by which something is excluded now."""
    shown = {"_id": 1}
    by_rule = {"meta.status": "excluded", "meta.by": {"$regex": "^rule "}}
    flagged = (row["_id"] for row in db["current"].find(by_rule, shown).sort("_id"))
    for batch in batches(flagged, 1000):
        wanted = {"target": {"$in": batch}, "severity": "exclude"}
        order = [("target", 1), ("rule", 1)]
        last: tuple[str, str, int] | None = None
        for row in db["findings"].find(wanted).sort(order):
            found = (row["target"], row["rule"], row["version"])
            if found != last:  # a rule may find several things on one target
                yield found
            last = found
