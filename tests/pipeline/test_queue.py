from __future__ import annotations

import pytest

from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.queue import AGAIN, Flags, Queue
from medpix2.store.database import open_store

BOTH = ("exclude", "review")


@pytest.fixture
def built(fresh_home, source, rules_table):
    source.found("MPX2")["Case"]["Title"] = ""
    source.found("MPX2_mr0")["Description"]["Caption"] = "Caption 0"  # that of MPX1_ct0
    build(fresh_home, source.write())
    curate_run(fresh_home, table=rules_table)
    with open_store(fresh_home) as store:
        yield store


def flagged(store, table, **asked):
    chosen = Queue(store, Flags(table)).chosen(**{"rule": None, "severities": BOTH, **asked})
    return [(flag.rule, flag.target) for flag in chosen]


def counts(store, table):
    return {of.rule: (of.hits, of.open) for of in Queue(store, Flags(table)).rules()}


def test_the_severest_comes_first_and_notes_only_when_asked_for(built, rules_table):
    narrow = [("narrow", "MPX1_ct0"), ("narrow", "MPX1_ct1")]
    assert flagged(built, rules_table) == [("untitled", "MPX2"), *narrow]
    assert flagged(built, rules_table, severities=("note",)) == [("same-caption", "MPX2_mr0")]
    assert flagged(built, rules_table, rule="same-caption") == [("same-caption", "MPX2_mr0")]
    assert flagged(built, rules_table, rule="none such") == []


def test_a_verdict_settles_what_it_saw_and_an_undo_opens_it_again(built, rules_table):
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann", saw=()))
    assert ("narrow", "MPX1_ct0") in flagged(built, rules_table)
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann"))
    assert flagged(built, rules_table, rule="narrow") == [("narrow", "MPX1_ct1")]
    assert flagged(built, rules_table, rule="narrow", show="decided") == [("narrow", "MPX1_ct0")]
    assert len(flagged(built, rules_table, rule="narrow", show="all")) == 2
    assert counts(built, rules_table)["narrow"] == (2, 1)
    decide(built, ["MPX1_ct0"], Verdict("undo", "bob"))
    assert counts(built, rules_table)["narrow"] == (2, 2)


def test_a_correction_alone_settles_nothing(built, rules_table):
    wanted = {"Location": "Neck"}
    decide(built, ["MPX1_ct0"], Verdict("correct", "ann", corrections=wanted))
    assert counts(built, rules_table)["narrow"] == (2, 2)
    decide(built, ["MPX1_ct0"], Verdict("correct", "ann", corrections=wanted, accepts=True))
    assert counts(built, rules_table)["narrow"] == (2, 1)
    meta = built.current.find_one({"_id": "MPX1_ct0"})["meta"]
    assert (meta["status"], meta["corrected"]) == ("accepted", ["Location"])


def test_of_a_case_that_is_excluded_no_picture_is_to_be_decided(built, rules_table):
    decide(built, ["MPX1"], Verdict("exclude", "ann", "no consent"))
    assert flagged(built, rules_table) == [("untitled", "MPX2")]


def test_what_a_decision_rested_on_has_changed(built, rules_table, fresh_home, source):
    decide(built, ["MPX1_ct0", "MPX3_ct0"], Verdict("accept", "ann"))
    for name in ("MPX1_ct0", "MPX3_ct0"):
        source.found(name)["Description"]["Caption"] = f"Another of {name}"
    build(fresh_home, source.write())
    assert (AGAIN, "MPX3_ct0") in flagged(built, rules_table)
    assert ("narrow", "MPX1_ct0") in flagged(built, rules_table)


def test_what_curing_finds_later_is_seen_by_flags_that_are_kept(built, rules_table, fresh_home):
    kept = Flags(rules_table)
    assert len(kept.read(built)) == 4
    curate_run(fresh_home, table=type(rules_table)((), (), ()))
    assert kept.read(built) == []


def test_the_place_of_a_flag_is_found_whether_it_is_shown_or_not(built, rules_table):
    queue = Queue(built, Flags(rules_table))
    shown = queue.chosen(rule=None, severities=BOTH)
    assert [queue.place(shown, flag) for flag in shown] == [1, 2, 3]
    assert queue.place(shown, queue.find("same-caption", "MPX2_mr0")) == 3
    assert queue.find("narrow", "MPX2") is None
    assert queue.any_of("MPX2_mr0").rule == "same-caption"
