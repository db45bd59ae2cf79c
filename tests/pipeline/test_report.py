from __future__ import annotations

import json

import pytest

from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.report import report
from medpix2.store.database import open_store


@pytest.fixture
def built(fresh_home, source, rules_table):
    del source.found("MPX4")["Case"]["Title"]
    source.pictures["MPX3_ct0"] = b"no picture"
    build(fresh_home, source.write())
    curate_run(fresh_home, table=rules_table)
    with open_store(fresh_home) as store:
        yield store


def steps(found):
    return {s.step: (s.cases_in, s.cases_out, s.images_in, s.images_out) for s in found.steps}


def test_every_step_has_what_comes_in_and_what_goes_out(built, rules_table):
    decide(built, ["MPX2"], Verdict("exclude", "ann", "no consent"))
    decide(built, ["MPX5_ct0"], Verdict("exclude", "ann", "no scan"))
    found = report(built, rules_table)
    assert steps(found) == {
        "source documents": (5, 5, 9, 9),
        "not withdrawn": (5, 5, 9, 9),
        "usable": (5, 5, 9, 8),
        "rule untitled": (5, 4, 8, 8),
        "not excluded by people": (4, 3, 8, 7),
        "case not excluded": (3, 3, 7, 5),
        "not pending": (3, 3, 5, 3),
        "accepted": (3, 3, 3, 3),
    }
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert (before.cases_out, before.images_out) == (after.cases_in, after.images_in)
    accepted = built.current.count_documents({"meta.kind": "image", "meta.status": "accepted"})
    assert found.steps[-1].images_out == accepted
    assert found.decisions == {"exclude": 2}


def test_a_rule_tells_its_hits_and_how_they_were_decided(built, rules_table):
    found = report(built, rules_table)
    narrow = found.rules["narrow"]
    assert (narrow.severity, narrow.hits, narrow.ids) == ("review", 2, ["MPX1_ct0", "MPX1_ct1"])
    assert narrow.examples[0] == ("MPX1_ct0", "is 8 pixels wide")
    assert narrow.decided == {"undecided": 2}
    assert (found.rules["same-caption"].hits, found.rules["same-caption"].ids) == (0, [])
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann"))
    decide(built, ["MPX1_ct1"], Verdict("exclude", "ann", "too narrow"))
    decide(built, ["MPX4"], Verdict("accept", "ann", saw=()))  # did not see the rule's finding
    found = report(built, rules_table)
    assert found.rules["narrow"].decided == {"accept": 1, "exclude": 1}
    assert found.rules["untitled"].decided == {"undecided": 1}
    decide(built, ["MPX1_ct0"], Verdict("undo", "ann"))
    decided = report(built, rules_table).rules["narrow"].decided
    assert decided == {"undecided": 1, "exclude": 1}


def test_rules_of_a_source_are_told_too(built, rules_table):
    row = {"case": "MPX2", "target": "MPX2", "rule": "source-differs", "version": 1,
           "severity": "note", "message": "differs"}  # fmt: skip
    built.db["findings"].insert_one(row)
    assert report(built, rules_table).rules["source-differs"].ids == ["MPX2"]


def test_as_json_it_has_steps_and_rules(built, rules_table):
    told = json.loads(json.dumps(report(built, rules_table).as_json()))
    assert {"steps", "rules"} <= told.keys()
    assert told["rules"]["untitled"]["severity"] == "exclude"
    assert told["rules"]["untitled"]["hits"] == len(told["rules"]["untitled"]["ids"]) == 1
    assert told["steps"][0]["step"] == "source documents"
