from __future__ import annotations

from medpix2.store.tally import (
    State,
    count_dropped,
    findings_in_order,
    states,
    to_review_again,
)


def test_current_documents_are_counted_by_kind_status_and_what_gave_it(store):
    rows = [("case", "accepted", None), ("image", "pending", "decision"),
            ("image", "accepted", None), ("image", "accepted", None)]  # fmt: skip
    store.current.insert_many(
        [
            {"_id": str(n), "meta": {"kind": kind, "n": n, "status": status, "by": by}}
            for n, (kind, status, by) in enumerate(rows)
        ]
    )
    assert states(store.db) == [
        State("case", "accepted", None, 1), State("image", "accepted", None, 2),
        State("image", "pending", "decision", 1),
    ]  # fmt: skip
    assert to_review_again(store.db) == {"1"}
    assert count_dropped(store.db) == 0


def test_findings_come_rule_by_rule(store):
    common = {"case": "A", "version": 1, "severity": "note"}
    rows = [("b", "A_1", "x"), ("a", "A_2", "y"), ("a", "A_1", "z"), ("a", "A_1", "w")]
    store.db["findings"].insert_many(
        [{**common, "rule": r, "target": t, "message": m} for r, t, m in rows]
    )
    told = [(row["rule"], row["target"], row["message"]) for row in findings_in_order(store.db)]
    assert told == sorted(rows)
