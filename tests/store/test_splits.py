from __future__ import annotations

from itertools import count

import pytest

from medpix2.store.splits import CaseState, case_states

_numbers = count()


def current(name, kind, case, status="accepted", **meta):
    return {
        "_id": name, "U_id": case, "Type": meta.pop("Type", "CT"),
        "meta": {
            "kind": kind, "n": next(_numbers), "status": status, "split": None, "split_half": None,
            **meta,
        },
    }  # fmt: skip


@pytest.fixture
def filled(store):
    head = {"normalized": {"location_category": "Head"}}
    store.current.insert_many(
        [
            current("B", "case", "B", "excluded"),
            current("A", "case", "A", split="train", split_half="train_1"),
            current("A_1", "image", "A", **head),
            current("A_2", "image", "A", "pending", **head),
            current("A_3", "image", "A", Type="MR", normalized={"location_category": None}),
            current("A_4", "image", "A", "excluded", **head),
            current("X_1", "image", "X", **head),  # its case is not in the source
        ]
    )
    sources = [("A", "dev", None), ("B", None, None)]
    store.cases.insert_many(
        [
            {
                "_id": name,
                "U_id": name,
                "digest": "d",
                "source": {"site": "s", "name": "n", "split": split, "split_half": half},
            }
            for name, split, half in sources
        ]
    )
    given = {"case": "A", "target": "A", "version": 1, "severity": "note", "message": "is in it"}
    store.db["findings"].insert_many([{**given, "rule": "split"}, {**given, "rule": "other"}])
    return store


def test_the_state_of_every_case_is_told_in_order(filled):
    a, b = case_states(filled.db, "split", ("accepted", "pending"))
    assert (a.id, b.id) == ("A", "B")
    assert (a.published, a.current, a.current_half) == ("dev", "train", "train_1")
    assert a.given["rule"] == "split"
    assert a.images == {("CT", "Head"): 2, ("MR", None): 1}
    assert b == CaseState("B", "excluded")
