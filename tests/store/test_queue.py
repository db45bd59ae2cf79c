from __future__ import annotations

from medpix2.records import Finding
from medpix2.store.findings import store_findings
from medpix2.store.queue import Flag, flags, flags_version, to_review_again


def finding(target: str, rule: str, message: str = "seen") -> Finding:
    return Finding(target=target, rule=rule, version=1, severity="review", message=message)


def test_a_rule_flags_a_target_once_however_often_it_found_something(store):
    before = flags_version(store.db)
    found = {"MPX1": [finding("MPX1_a", "dark"), finding("MPX1_a", "dark", "again")]}
    store_findings(store.db, ["dark"], found)
    store_findings(store.db, ["old"], {"MPX2": [finding("MPX2", "old")]})
    assert sorted(flags(store.db)) == [
        Flag("dark", "review", "MPX1_a", "MPX1"),
        Flag("old", "review", "MPX2", "MPX2"),
    ]
    between = flags_version(store.db)
    assert between != before
    store_findings(store.db, ["old"], {"MPX2": []})
    assert flags_version(store.db) != between


def test_what_is_to_be_reviewed_again_comes_with_its_case(store):
    def row(name: str, n: int, **meta: str) -> dict:
        return {"_id": name, "U_id": "MPX1", "meta": {"kind": "image", "n": n, **meta}}

    store.current.insert_many(
        [
            row("MPX1_a", 1, status="pending", by="decision"),
            row("MPX1_b", 2, status="pending", by="rule dark"),
            row("MPX1_c", 3, status="accepted", by="decision"),
        ]
    )
    assert to_review_again(store.db) == {"MPX1_a": "MPX1"}
