from __future__ import annotations

from medpix2.pipeline.build import build
from medpix2.records import Decision
from medpix2.store.decisions import (
    append_decisions,
    latest_time,
    read_decisions,
    source_documents,
    targets_of,
)


def decide(target: str, at: str, by: str = "ann") -> Decision:
    return Decision(target=target, action="accept", by=by, at=at, rules=("a", "b"))


def test_decisions_come_back_in_order_of_time_and_then_of_writing(store):
    case_of = {"A": "A", "A_1": "A", "B": "B"}
    assert append_decisions(store.db, [decide("A", "2"), decide("A_1", "1")], case_of) == {"A"}
    append_decisions(store.db, [decide("B", "1", "bob"), decide("A", "1", "bob")], case_of)
    assert append_decisions(store.db, [], case_of) == set()
    told = [(each.target, each.at, each.by) for each in read_decisions(store.db)]
    assert told == [("A_1", "1", "ann"), ("B", "1", "bob"), ("A", "1", "bob"), ("A", "2", "ann")]
    (one,) = read_decisions(store.db, ["A_1"])
    assert one == decide("A_1", "1")
    assert latest_time(store.db, ["A", "B"]) == "2"
    assert latest_time(store.db, ["C"]) == ""


def test_targets_are_found_with_their_kind_and_case(fresh_home, source, store):
    build(fresh_home, source.write())
    found = targets_of(store.db, ["MPX1", "MPX1_ct0", "MPX9"])
    assert found == {"MPX1": ("case", "MPX1"), "MPX1_ct0": ("image", "MPX1")}
    documents = source_documents(store.db, ["MPX1", "MPX1_ct0", "MPX9"])
    assert documents.keys() == found.keys()
    assert documents["MPX1_ct0"]["file"]["sha256"]
