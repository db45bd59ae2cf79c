"""What rules found, stored beside the source documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.database import Database

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
