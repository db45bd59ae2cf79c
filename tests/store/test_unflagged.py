from __future__ import annotations

from medpix2.store.unflagged import unflagged


def test_what_rules_hit_is_left_out_and_what_people_decided_is_not(store):
    rows = [("A_1", "A", "accepted", None), ("A_2", "A", "pending", "rule x"),
            ("A_3", "A", "excluded", "decision"), ("A_4", "A", "excluded", "source"),
            ("A_5", "A", "withdrawn", "source"), ("A_6", "A", "accepted", None),
            ("B_1", "B", "accepted", None), ("C_1", "C", "excluded", "case")]  # fmt: skip
    store.current.insert_many(
        [
            {"_id": name, "U_id": case, "meta": {"kind": "image", "n": n, "status": s, "by": by}}
            for n, (name, case, s, by) in enumerate(rows)
        ]
    )
    found = [("A_2", "A", "review"), ("B", "B", "exclude"), ("A_6", "A", "note")]
    store.db["findings"].insert_many(
        [
            {"target": target, "case": case, "severity": severity, "rule": "x", "version": 1,
             "message": "m"}
            for target, case, severity in found
        ]
    )  # fmt: skip
    assert unflagged(store.db) == ["A_1", "A_3", "A_6"]
