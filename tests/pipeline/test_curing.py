from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from medpix2.curate import fold
from medpix2.curate.judge import Failure
from medpix2.curate.rules import LOOKS, RULES, SET_RULES
from medpix2.errors import QueryError, StoreBusy, StoreError
from medpix2.pipeline import curing
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import Table, curate_run
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.records import Decision
from medpix2.store.database import open_store
from medpix2.store.writing import building, writing


@pytest.fixture
def built(fresh_home, source):
    del source.found("MPX4")["Case"]["Title"]
    source.found("MPX5_ct0")["Description"]["Caption"] = "Caption 0"  # that of MPX1_ct0
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def found(store) -> set[tuple[str, str]]:
    return {(row["rule"], row["target"]) for row in store.db["findings"].find()}


def status(store, name: str) -> tuple[str, str | None]:
    meta = store.current.find_one({"_id": name})["meta"]
    return meta["status"], meta["by"]


ALL = {
    ("narrow", "MPX1_ct0"), ("narrow", "MPX1_ct1"), ("untitled", "MPX4"),
    ("same-caption", "MPX5_ct0"),
}  # fmt: skip


def test_rules_find_and_the_fold_shows_it_and_a_second_run_has_nothing_to_do(
    built, fresh_home, rules_table, facets_agree
):
    done = curate_run(fresh_home, table=rules_table)
    assert (done.pictures, done.cases, done.set_rules) == (9, 5, ["same-caption"])
    assert (done.failures, done.unchanged, done.removed) == ([], False, [])
    assert found(built) == ALL
    assert status(built, "MPX1_ct0") == ("pending", "rule narrow")
    assert status(built, "MPX4") == ("excluded", "rule untitled")
    assert status(built, "MPX5_ct0") == ("accepted", None)
    assert built.db["findings"].find_one({"target": "MPX1_ct0"})["evidence"] == {"size": [8, 8]}
    facets_agree(built)
    before = list(built.db["findings"].find()), list(built.current.find())
    again = curate_run(fresh_home, table=rules_table)
    assert again.unchanged
    assert (again.pictures, again.cases, again.set_rules) == (0, 0, [])
    assert (list(built.db["findings"].find()), list(built.current.find())) == before


def test_only_what_changed_is_judged_again(built, fresh_home, source, rules_table):
    curate_run(fresh_home, table=rules_table)
    source.found("MPX4")["Case"]["Title"] = "A title"
    build(fresh_home, source.write())
    done = curate_run(fresh_home, table=rules_table)
    assert (done.pictures, done.cases, done.set_rules) == (0, 1, ["same-caption"])
    assert found(built) == ALL - {("untitled", "MPX4")}
    assert status(built, "MPX4") == ("accepted", None)
    source.image("MPX4", "new")
    build(fresh_home, source.write())
    done = curate_run(fresh_home, table=rules_table)
    assert (done.pictures, done.cases) == (1, 1)


def test_a_new_version_of_a_rule_or_look_runs_that_again(built, fresh_home, rules_table):
    curate_run(fresh_home, table=rules_table)
    narrow, untitled = rules_table.rules
    newer = replace(rules_table, rules=(narrow, replace(untitled, version=2, severity="review")))
    done = curate_run(fresh_home, table=newer)
    assert (done.pictures, done.cases, done.set_rules) == (0, 5, [])
    assert status(built, "MPX4") == ("pending", "rule untitled")
    newer = replace(newer, set_rules=(replace(rules_table.set_rules[0], version=2),))
    done = curate_run(fresh_home, table=newer)
    assert (done.pictures, done.cases, done.set_rules) == (0, 0, ["same-caption"])
    newer = replace(newer, looks=(replace(rules_table.looks[0], version=2),))
    done = curate_run(fresh_home, table=newer)
    assert (done.pictures, done.cases, done.set_rules) == (9, 4, ["same-caption"])
    assert found(built) == ALL


def test_what_rules_found_that_are_no_more_is_removed(built, fresh_home, rules_table):
    theirs = {"case": "MPX2", "target": "MPX2", "rule": "source-differs", "version": 1,
              "severity": "note", "message": "differs"}  # fmt: skip
    built.db["findings"].insert_one(theirs)  # of the source, not of curing
    curate_run(fresh_home, table=rules_table)
    done = curate_run(fresh_home, table=Table(rules_table.rules[:1], (), rules_table.looks))
    assert done.removed == ["same-caption", "untitled"]
    assert found(built) == {
        ("narrow", "MPX1_ct0"), ("narrow", "MPX1_ct1"), ("source-differs", "MPX2"),
    }  # fmt: skip
    assert status(built, "MPX4") == ("accepted", None)
    assert curate_run(fresh_home, table=rules_table).cases == 5
    assert found(built) == ALL | {("source-differs", "MPX2")}


def test_some_rules_alone(built, fresh_home, rules_table):
    done = curate_run(fresh_home, only=["untitled"], table=rules_table)
    assert (done.pictures, done.cases, done.set_rules) == (0, 5, [])
    assert found(built) == {("untitled", "MPX4")}
    done = curate_run(fresh_home, only=["narrow"], table=rules_table)
    assert done.pictures == 9  # the rule names the look
    assert found(built) == ALL - {("same-caption", "MPX5_ct0")}
    with pytest.raises(QueryError, match="There is no rule 'narow': did you mean narrow"):
        curate_run(fresh_home, only=["narow"], table=rules_table)
    curate_run(fresh_home, table=rules_table)
    assert found(built) == ALL


def test_a_rule_that_fails_is_reported_and_tried_again(built, fresh_home, rules_table):
    curate_run(fresh_home, table=rules_table)
    narrow, untitled = rules_table.rules
    broken = replace(untitled, version=2, check=lambda subject: 1 / (subject.id != "MPX4") and ())
    done = curate_run(fresh_home, table=replace(rules_table, rules=(narrow, broken)))
    assert done.failures == [Failure("untitled", "MPX4", "ZeroDivisionError: division by zero")]
    assert ("untitled", "MPX4") in found(built)  # what it found before stays until it can be done
    again = curate_run(fresh_home, table=replace(rules_table, rules=(narrow, broken)))
    assert (again.cases, len(again.failures)) == (1, 1)
    mended = replace(untitled, version=2)
    done = curate_run(fresh_home, table=replace(rules_table, rules=(narrow, mended)))
    assert (done.cases, done.failures) == (1, [])


@pytest.mark.parametrize("where", ["note_judged", "note_collection", "refold"])
def test_a_run_that_is_killed_goes_on_at_the_next(
    built, fresh_home, rules_table, monkeypatch, facets_agree, where
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(curing, where, killed)
        with pytest.raises(KeyboardInterrupt):
            curate_run(fresh_home, table=rules_table)
    done = curate_run(fresh_home, table=rules_table)
    assert (done.pictures, done.unchanged) == (0, False)  # what was seen had been kept
    assert found(built) == ALL
    assert status(built, "MPX4") == ("excluded", "rule untitled")
    facets_agree(built)
    assert curate_run(fresh_home, table=rules_table).unchanged


KILLED = """
import os, signal
from medpix2.curate.rule import Rule
from medpix2.pipeline.curing import Table, curate_run
from medpix2.settings import load_settings

def check(subject):
    if subject.id == "MPX3":
        os.kill(os.getpid(), signal.SIGKILL)
    return ()

curate_run(load_settings({}), table=Table((Rule("x", 1, "note", "", "", check),), (), ()))
"""


def test_a_killed_process_leaves_nothing_that_the_next_run_does_not_mend(
    built, fresh_home, rules_table, facets_agree
):
    curate_run(fresh_home, table=rules_table)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment_of(fresh_home), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    curate_run(fresh_home, table=rules_table)
    assert found(built) == ALL
    facets_agree(built)
    assert curate_run(fresh_home, table=rules_table).unchanged


def environment_of(settings) -> dict[str, str]:
    names = ("home", "mongo_url", "database", "jobs")
    more = {f"MEDPIX2_{name.upper()}": str(getattr(settings, name)) for name in names}
    return {**os.environ, **more}


def test_a_database_that_was_folded_otherwise_is_folded_anew(
    built, fresh_home, rules_table, monkeypatch
):
    curate_run(fresh_home, table=rules_table)
    monkeypatch.setattr(fold, "VERSION", fold.VERSION + 1)
    done = curate_run(fresh_home, table=rules_table)
    assert (done.cases, done.current.new) == (0, 14)
    assert curate_run(fresh_home, table=rules_table).unchanged


def test_what_is_not_built_is_not_cured(fresh_home, rules_table, source):
    with pytest.raises(StoreError, match="is empty"):
        curate_run(fresh_home, table=rules_table)
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        with writing(store.db), pytest.raises(StoreBusy):
            curate_run(fresh_home, table=rules_table)
        with pytest.raises(KeyboardInterrupt), building(store.db, fold.VERSION):
            raise KeyboardInterrupt
        with pytest.raises(StoreError, match="a build that did not finish"):
            curate_run(fresh_home, table=rules_table)


def test_people_decide_while_pictures_are_looked_at(built, fresh_home, rules_table):
    def measure(picture):
        if not decided:
            decided.extend(decide(built, ["MPX3_ct0"], Verdict("exclude", "ann", "no scan")))
        return picture.size

    decided: list[Decision] = []
    table = replace(rules_table, looks=(replace(rules_table.looks[0], measure=measure),))
    curate_run(fresh_home, table=table)
    assert found(built) == ALL
    assert status(built, "MPX3_ct0") == ("excluded", "decision")


def test_the_tables_are_those_of_the_rules_by_default():
    table = Table()
    assert (table.rules, table.set_rules, table.looks) == (RULES, SET_RULES, LOOKS)
    assert table.names == [rule.name for rule in (*RULES, *SET_RULES)]
