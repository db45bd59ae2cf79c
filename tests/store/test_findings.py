from __future__ import annotations

from medpix2.records import Finding
from medpix2.store.findings import (
    cases_with,
    excluding,
    findings_of_case,
    findings_on,
    forget_rules,
    rules_found,
    rules_seen,
    store_findings,
)


def finding(target: str, message: str, rule: str = "differs") -> Finding:
    return Finding(
        target=target, rule=rule, version=1, severity="note", field="Case.Title", message=message
    )


def found(store, case: str) -> list[str]:
    return [row["message"] for row in store.db["findings"].find({"case": case}).sort("_id")]


def test_findings_take_the_place_of_earlier_ones_of_the_same_rules_on_the_same_cases(store):
    of_a = [finding("A", "one"), finding("A_1", "two")]
    assert store_findings(store.db, ["differs"], {"A": of_a, "B": [finding("B", "b")]}) == {
        "A",
        "B",
    }
    store_findings(store.db, ["other"], {"A": [finding("A", "by another rule", "other")]})
    changed = store_findings(store.db, ["differs"], {"A": [finding("A", "three")]})
    assert changed == {"A"}
    assert sorted(found(store, "A")) == ["by another rule", "three"]
    assert found(store, "B") == ["b"]


def test_the_same_findings_again_change_nothing(store):
    of_a = [finding("A", "one"), finding("A_1", "two")]
    store_findings(store.db, ["differs"], {"A": of_a})
    before = list(store.db["findings"].find())
    assert store_findings(store.db, ["differs"], {"A": of_a}) == set()
    assert list(store.db["findings"].find()) == before


def test_a_case_of_which_nothing_is_found_any_more_has_none(store):
    store_findings(store.db, ["differs"], {"A": [finding("A", "one")]})
    assert store_findings(store.db, ["differs"], {"A": [], "B": []}) == {"A"}
    assert found(store, "A") == []


def test_rules_that_are_no_more_are_forgotten_with_all_they_found(store):
    store_findings(store.db, ["differs"], {"A": [finding("A_1", "a")], "B": [finding("B", "b")]})
    store_findings(store.db, ["other"], {"A": [finding("A", "o", "other")]})
    assert cases_with(store.db, "differs") == {"A", "B"}
    assert rules_seen(store.db, ["A", "A_1", "C"]) == {"A": ("other",), "A_1": ("differs",)}
    assert forget_rules(store.db, ["differs", "none"]) == {"A", "B"}
    assert rules_found(store.db) == {"other"}
    assert forget_rules(store.db, []) == set()


def test_exclusions_are_those_that_hold_now(store):
    excluding_one = finding("A", "a").model_copy(update={"severity": "exclude"})
    more = [excluding_one, excluding_one, finding("A", "note")]
    store_findings(store.db, ["differs"], {"A": more, "B": [excluding_one.model_copy(
        update={"target": "B"})]})  # fmt: skip
    store.current.insert_many(
        [
            {
                "_id": "A",
                "meta": {"kind": "case", "n": 0, "status": "excluded", "by": "rule differs"},
            },
            {"_id": "B", "meta": {"kind": "case", "n": 1, "status": "accepted", "by": "decision"}},
        ]
    )
    assert list(excluding(store.db)) == [("A", "differs", 1)]


def test_all_that_was_found_on_a_case_is_read_in_a_fixed_order(store):
    of_a = [finding("A_1", "two"), finding("A", "one"), finding("A", "a third")]
    store_findings(store.db, ["differs"], {"A": of_a, "B": [finding("B", "b")]})
    assert findings_of_case(store.db, "A") == [of_a[2], of_a[1], of_a[0]]
    assert findings_of_case(store.db, "nobody") == []


def test_what_was_found_on_one_target_comes_without_its_neighbours(store):
    some = [finding("MPX1_a", "two"), finding("MPX1", "of the case"), finding("MPX1_a", "one")]
    store_findings(store.db, ["differs"], {"MPX1": some})
    assert [row.message for row in findings_on(store.db, "MPX1_a")] == ["one", "two"]
    assert findings_on(store.db, "MPX9") == []
