from __future__ import annotations

import json
from dataclasses import replace

import pytest
from pymongo import MongoClient

from medpix2.errors import OutputError, ProblemsFound, SourceError
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.replaying import export_decisions, replay
from medpix2.store.database import open_store
from medpix2.store.decisions import read_decisions


@pytest.fixture
def built(fresh_home, source, rules_table):
    del source.found("MPX4")["Case"]["Title"]
    build(fresh_home, source.write())
    curate_run(fresh_home, table=rules_table)
    with open_store(fresh_home) as store:
        yield store


@pytest.fixture
def elsewhere(fresh_home, tmp_path):
    """Return settings of another home with another database."""
    settings = replace(
        fresh_home,
        home=tmp_path / "other",
        database=f"other_{fresh_home.database}"[:38],
    )
    yield settings
    with MongoClient(settings.mongo_url) as client:
        client.drop_database(settings.database)


@pytest.fixture
def log(built, tmp_path):
    """Decide a little of everything, and export it."""
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann"))
    decide(built, ["MPX1_ct1"], Verdict("merge", "ann", into="MPX1_ct0"))
    decide(built, ["MPX2_mr0"], Verdict("exclude", "bob", "no scan"))
    decide(built, ["MPX2_mr0"], Verdict("accept", "ann", "it is one"))
    decide(built, ["MPX3_ct0"], Verdict("correct", "ann", corrections={"Location": "Head"}))
    decide(built, ["MPX5"], Verdict("exclude", "ann", "no consent"))
    decide(built, ["MPX5_ct0"], Verdict("exclude", "ann", "twice"))
    decide(built, ["MPX5"], Verdict("undo", "bob"))
    export_decisions(built, tmp_path / "log.jsonl")
    return tmp_path / "log.jsonl"


def current(store):
    """Return all current documents, but for the order in which they came to be."""
    rows = {row["_id"]: row for row in store.current.find()}
    for row in rows.values():
        for name in ("n", "c", "inputs"):
            row["meta"].pop(name)
    return rows


def test_a_replay_on_a_fresh_build_gives_the_same_curated_set_and_twice_as_once(
    built, log, elsewhere, source, rules_table, facets_agree
):
    build(elsewhere, source.write())
    curate_run(elsewhere, table=rules_table)
    with open_store(elsewhere) as other:
        assert current(other) != current(built)
        done = replay(other, log)
        assert (done.added, done.known, done.again, done.skipped) == (8, 0, [], [])
        assert (done.automatic, done.alike) == (1, 1)
        assert current(other) == current(built)
        assert list(read_decisions(other.db)) == list(read_decisions(built.db))
        facets_agree(other)
        again = replay(other, log)
        assert (again.added, again.known) == (0, 8)
        assert len(list(read_decisions(other.db))) == 8
        export_decisions(other, log.with_name("again.jsonl"))
    assert log.with_name("again.jsonl").read_text() == log.read_text()


def test_exclusions_by_rules_stand_in_the_log_by_name_and_version(built, log):
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    assert rows[-1] == {"target": "MPX4", "action": "exclude", "rule": "untitled", "version": 1}
    assert [row["action"] for row in rows[:3]] == ["accept", "merge", "exclude"]
    assert rows[0]["rules"] == ["narrow"]


def test_what_has_changed_in_a_newer_crawl_is_put_up_for_review(
    built, log, elsewhere, source, rules_table
):
    source.found("MPX2_mr0")["Description"]["Caption"] = "Another"
    source.found("MPX3_ct0")["Location"] = "Neck"
    build(elsewhere, source.write())
    with open_store(elsewhere) as other:
        curate_run(elsewhere, table=rules_table)
        done = replay(other, log)
        assert done.again == ["MPX2_mr0", "MPX3_ct0"]
        metas = {name: other.current.find_one({"_id": name})["meta"] for name in done.again}
        assert {meta["status"] for meta in metas.values()} == {"pending"}


def test_broken_lines_are_told_all_at_once_and_nothing_is_stored(built, log):
    before = len(list(read_decisions(built.db)))
    line = json.loads(log.read_text().splitlines()[0])
    broken = [
        "not json", json.dumps({**line, "target": "MPX99"}), json.dumps({**line, "by": "new"}),
        json.dumps({**line, "rules": ["no-such-rule"]}),
        json.dumps({**line, "action": "correct", "field": "Titel", "new": "x"}),
    ]  # fmt: skip
    log.write_text("\n".join(broken))
    with pytest.raises(ProblemsFound, match="nothing was stored; mend them") as error:
        replay(built, log)
    assert [problem.number for problem in error.value.problems] == [1, 2, 4, 5]
    assert len(list(read_decisions(built.db))) == before
    done = replay(built, log, skip_broken=True)
    assert (done.added, len(done.skipped)) == (1, 4)
    assert len(list(read_decisions(built.db))) == before + 1


def test_a_log_that_cannot_be_read_or_written_is_one_line(built, tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        replay(built, tmp_path / "nowhere.jsonl")
    with pytest.raises(OutputError, match="cannot be written"):
        export_decisions(built, tmp_path)
    (tmp_path / "empty.jsonl").write_text("\n")
    assert replay(built, tmp_path / "empty.jsonl").added == 0
