from __future__ import annotations

from dataclasses import replace

import pytest

from medpix2.pipeline.build import build
from medpix2.store.judged import (
    bases,
    collection_judged,
    forget_judged,
    known_rules,
    note_collection,
    note_judged,
    note_rules,
)
from medpix2.store.looked import remember_looked

LOOKS = {"size": 1}


@pytest.fixture
def built(fresh_home, source, store):
    build(fresh_home, source.write())
    return store


def inputs(store) -> dict[str, str]:
    return {each.case: each.inputs for each in bases(store.db, LOOKS)}


def test_every_case_has_a_basis_in_order_and_nothing_is_judged_at_first(built):
    found = list(bases(built.db, LOOKS))
    assert [each.case for each in found] == ["MPX1", "MPX2", "MPX3", "MPX4", "MPX5"]
    assert all(each.judged == {} for each in found)


def test_what_was_judged_counts_while_the_inputs_are_the_same(built, fresh_home, source):
    note_judged(built.db, [replace(each, judged={"age": 2}) for each in bases(built.db, LOOKS)])
    assert {tuple(each.judged.items()) for each in bases(built.db, LOOKS)} == {(("age", 2),)}
    source.found("MPX1_ct0")["Description"]["Caption"] = "Another"
    build(fresh_home, source.write())
    fresh = [each.case for each in bases(built.db, LOOKS) if not each.judged]
    assert fresh == ["MPX1"]


def test_a_look_at_a_picture_changes_the_basis_of_its_case_alone(built):
    before = inputs(built)
    sha256 = built.images.find_one({"_id": "MPX3_ct0"})["file"]["sha256"]
    for seen, changed in (
        ({"size": {"version": 2, "value": 1}}, set()),  # another version than is asked for
        ({"size": {"version": 1, "error": "no"}}, set()),
        ({"size": {"version": 1, "value": 1}}, {"MPX3"}),
    ):
        remember_looked(built.db, {sha256: seen})
        now = inputs(built)
        assert {case for case in now if now[case] != before[case]} == changed


def test_what_the_collection_was_judged_on_is_noted_and_forgotten(built):
    assert collection_judged(built.db) == {}
    note_rules(built.db, ["same", "age"])
    note_collection(built.db, {"same": "1 ab"})
    note_judged(built.db, [replace(each, judged={"age": 1}) for each in bases(built.db, LOOKS)])
    assert collection_judged(built.db) == {"same": "1 ab"}
    forget_judged(built.db)
    assert collection_judged(built.db) == {}
    assert all(each.judged == {} for each in bases(built.db, LOOKS))
    assert known_rules(built.db) == {"same", "age"}  # their findings are there still
