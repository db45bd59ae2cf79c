from __future__ import annotations

import re
import threading
from datetime import UTC, datetime

import pytest

from medpix2.curate.evidence import evidence_of
from medpix2.errors import DecidedMeanwhile, NotFound, QueryError, StoreBusy
from medpix2.pipeline import deciding
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.deciding import Verdict, decide, stamp_on
from medpix2.store.database import open_store
from medpix2.store.decisions import read_decisions
from medpix2.store.writing import writing

ACCEPT = Verdict("accept", "ann")
EXCLUDE = Verdict("exclude", "ann", "no scan")


@pytest.fixture
def built(fresh_home, source, rules_table):
    build(fresh_home, source.write())
    curate_run(fresh_home, table=rules_table)
    with open_store(fresh_home) as store:
        yield store


def meta(store, name: str):
    return store.current.find_one({"_id": name})["meta"]


def test_a_decision_is_appended_with_what_was_seen_and_current_follows(built, facets_agree):
    assert meta(built, "MPX1_ct0")["status"] == "pending"
    (made,) = decide(built, ["MPX1_ct0"], ACCEPT, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert made.rules == ("narrow",)
    assert made.at == "2026-01-02T00:00:00.000000Z"
    assert made.evidence == evidence_of(built.images.find_one({"_id": "MPX1_ct0"}))
    assert list(read_decisions(built.db)) == [made]
    assert meta(built, "MPX1_ct0")["status"] == "accepted"
    assert meta(built, "MPX1_ct1")["status"] == "pending"
    decide(built, ["MPX1_ct0", "MPX1_ct1", "MPX1_ct0"], EXCLUDE)
    assert [meta(built, f"MPX1_ct{n}")["status"] for n in (0, 1)] == ["excluded"] * 2
    decide(built, ["MPX1_ct0"], Verdict("undo", "bob"))
    assert meta(built, "MPX1_ct0")["status"] == "pending"
    assert len(list(read_decisions(built.db))) == 4
    facets_agree(built)


def test_a_new_finding_of_another_rule_reopens_what_was_accepted(
    built, fresh_home, source, rules_table
):
    decide(built, ["MPX4"], ACCEPT)
    assert meta(built, "MPX4")["status"] == "accepted"
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann", saw=()))
    assert meta(built, "MPX1_ct0")["status"] == "pending"  # it did not see what narrow found
    decide(built, ["MPX1_ct0"], Verdict("accept", "ann", saw=("narrow",)))
    assert meta(built, "MPX1_ct0")["status"] == "accepted"


def test_what_changes_after_a_decision_is_up_for_review_again(built, fresh_home, source):
    decide(built, ["MPX2_mr0"], EXCLUDE)
    decide(built, ["MPX3_ct0"], Verdict("correct", "ann", corrections={"Location": "Head"}))
    source.found("MPX2_mr0")["Description"]["Caption"] = "Another"
    source.found("MPX3_ct0")["Location"] = "Neck"
    build(fresh_home, source.write())
    for name in ("MPX2_mr0", "MPX3_ct0"):
        assert (meta(built, name)["status"], meta(built, name)["by"]) == ("pending", "decision")
        assert meta(built, name)["reason"].startswith("decision to review again: ")
    assert built.current.find_one({"_id": "MPX3_ct0"})["Location"] == "Neck"
    decide(built, ["MPX2_mr0"], EXCLUDE)
    assert meta(built, "MPX2_mr0")["status"] == "excluded"


def test_corrections_have_the_old_value_and_each_its_own_decision(built):
    wanted = {"Location": "Head", "Description.Age": None}
    made = decide(built, ["MPX3_ct0"], Verdict("correct", "ann", corrections=wanted))
    assert [(each.field, each.old, each.new) for each in made] == [
        ("Location", "Brain", "Head"), ("Description.Age", "55", None),
    ]  # fmt: skip
    current = built.current.find_one({"_id": "MPX3_ct0"})
    assert (current["Location"], current["Description"]["Age"]) == ("Head", None)
    assert current["meta"]["normalized"]["age"] is None


def test_a_duplicate_is_merged_into_one_that_stays(built):
    decide(built, ["MPX1_ct1"], Verdict("merge", "ann", into="MPX1_ct0"))
    found = meta(built, "MPX1_ct1")
    assert (found["status"], found["into"]) == ("excluded", "MPX1_ct0")
    with pytest.raises(QueryError, match="MPX1_ct1 is excluded itself"):
        decide(built, ["MPX1_ct0"], Verdict("merge", "ann", into="MPX1_ct1"))
    with pytest.raises(QueryError, match="MPX1 is case"):
        decide(built, ["MPX1_ct0"], Verdict("merge", "ann", into="MPX1"))
    with pytest.raises(QueryError, match="does not say into which other one"):
        decide(built, ["MPX1_ct0"], Verdict("merge", "ann", into="MPX1_ct0"))


WRONG = [
    (["MPX1", "MPX1_cto"], ACCEPT, NotFound, "picture 'MPX1_cto'.*did you mean MPX1"),
    (["MPX1", "x", "y"], ACCEPT, NotFound, "'x' .*and 1 more"),
    (["MPX1"], Verdict("exclude", "ann"), QueryError, "no reason to exclude"),
    (["MPX1"], Verdict("accept", " "), QueryError, "does not say who"),
    (["MPX1"], Verdict("correct", "ann"), QueryError, "No field is corrected"),
    (["MPX1", "MPX1_ct0"], Verdict("correct", "ann", corrections={"Case.Title": "x"}),
     QueryError, "MPX1_ct0 has no field 'Case.Title'"),
    (["MPX1_ct0"], Verdict("correct", "ann", corrections={"Locaton": "x"}), QueryError,
     "did you mean Location"),
    (["MPX1_ct0"], Verdict("correct", "ann", corrections={"Type": "PET"}), QueryError,
     "it can be CT, MR"),
    (["MPX1"], Verdict("accept", "ann", saw=("narow",)), QueryError,
     "There is no rule 'narow': did you mean narrow"),
    (["MPX1"], Verdict("merge", "ann", into="MPX9"), NotFound, "picture 'MPX9'"),
]  # fmt: skip


def test_what_cannot_be_decided_leaves_nothing_half_done(built, contents_of):
    before = contents_of(built)
    for ids, verdict, error, said in WRONG:
        with pytest.raises(error) as raised:
            decide(built, ids, verdict)
        assert re.search(said, str(raised.value)), raised.value
    assert contents_of(built) == before


def test_of_two_who_decide_at_once_the_last_wins_and_both_stand_in_the_log(
    built, fresh_home, facets_agree
):
    def other(by, verdict, errors):
        try:
            with open_store(fresh_home) as store:
                decide(store, ["MPX3_ct0"], verdict)
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    errors: list[Exception] = []
    verdicts = [Verdict("exclude", f"person {n}", "no") for n in range(4)]
    threads = [
        threading.Thread(target=other, args=(v.by, v, errors), daemon=True) for v in verdicts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    log = list(read_decisions(built.db, ["MPX3_ct0"]))
    assert {each.by for each in log} == {verdict.by for verdict in verdicts}
    assert len({each.at for each in log}) == 4
    decide(built, ["MPX3_ct0"], ACCEPT)
    assert meta(built, "MPX3_ct0")["status"] == "accepted"
    facets_agree(built)


def test_a_clock_that_is_behind_does_not_let_an_earlier_decision_win(built):
    decide(built, ["MPX3_ct0"], EXCLUDE, now=datetime(2030, 1, 1, tzinfo=UTC))
    decide(built, ["MPX3_ct0"], ACCEPT, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert meta(built, "MPX3_ct0")["status"] == "accepted"
    assert [each.at for each in read_decisions(built.db)][-1] == "2030-01-01T00:00:00.000001Z"


def test_a_decision_on_what_was_shown_before_it_changed_is_up_for_review(built):
    decide(built, ["MPX3_ct0"], EXCLUDE, evidence={"MPX3_ct0": "what was on the screen"})
    assert meta(built, "MPX3_ct0")["status"] == "pending"


def test_who_waits_too_long_is_told(built, monkeypatch):
    monkeypatch.setattr(deciding, "PATIENCE", 0.1)
    with writing(built.db), pytest.raises(StoreBusy):
        decide(built, ["MPX3_ct0"], ACCEPT)


def test_a_decision_whose_fold_was_killed_counts_at_the_next_command(
    built, fresh_home, rules_table, monkeypatch, facets_agree
):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "refold", killed)
        with pytest.raises(KeyboardInterrupt):
            decide(built, ["MPX3_ct0"], EXCLUDE)
    curate_run(fresh_home, table=rules_table)
    assert meta(built, "MPX3_ct0")["status"] == "excluded"
    facets_agree(built)


def test_what_was_decided_meanwhile_is_not_overwritten(built):
    shown = {"MPX1_ct0": stamp_on(built, "MPX1_ct0")}
    decide(built, ["MPX1_ct0"], ACCEPT, shown=shown)
    with pytest.raises(DecidedMeanwhile, match="ann has decided on MPX1_ct0") as error:
        decide(built, ["MPX1_ct0"], Verdict("exclude", "bob", "dark"), shown=shown)
    assert [decision.by for decision in error.value.decisions] == ["ann"]
    assert meta(built, "MPX1_ct0")["status"] == "accepted"
    assert len(list(read_decisions(built.db))) == 1


def test_what_was_found_meanwhile_is_looked_at_first(built, fresh_home, rules_table):
    shown = {"MPX1_ct0": stamp_on(built, "MPX1_ct0")}
    curate_run(fresh_home, table=type(rules_table)((), (), ()))
    with pytest.raises(DecidedMeanwhile, match="has changed since it was shown") as error:
        decide(built, ["MPX1_ct0"], ACCEPT, shown=shown)
    assert list(error.value.decisions) == []
    with pytest.raises(DecidedMeanwhile):
        decide(built, ["MPX1_ct0"], ACCEPT, shown={"MPX1_ct0": "nonsense"})


def test_a_stamp_is_of_something_that_is_there(built):
    with pytest.raises(NotFound):
        stamp_on(built, "MPX9")
