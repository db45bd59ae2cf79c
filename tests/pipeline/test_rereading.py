from __future__ import annotations

import pytest

from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.rereading import (
    ask_all,
    first_reading,
    read_answers,
    sample_unflagged,
    second_reading,
    to_read_again,
    to_sample,
)
from medpix2.store.database import open_store
from medpix2.store.decisions import read_decisions


@pytest.fixture
def built(fresh_home, source, rules_table):
    build(fresh_home, source.write())
    curate_run(fresh_home, table=rules_table)
    with open_store(fresh_home) as store:
        yield store


def decide_some(store):
    decide(store, ["MPX1_ct0", "MPX2_mr0", "MPX5"], Verdict("accept", "ann"))
    decide(store, ["MPX1_ct1", "MPX3_ct0"], Verdict("exclude", "ann", "no scan"))
    decide(store, ["MPX2_mr1"], Verdict("merge", "ann", into="MPX2_mr0"))
    decide(store, ["MPX5_ct0"], Verdict("exclude", "ann", "no scan"))
    decide(store, ["MPX5_ct0"], Verdict("undo", "ann"))
    decide(store, ["MPX5_mr0"], Verdict("correct", "ann", corrections={"Location": "Head"}))


def test_a_second_reading_is_blind_and_told_by_its_kappa(built):
    with pytest.raises(NotFound, match="Nothing has been accepted"):
        to_read_again(built, 5, seed=1)
    decide_some(built)
    first = first_reading(built)
    assert first == {
        "MPX1_ct0": "accept", "MPX2_mr0": "accept", "MPX5": "accept", "MPX1_ct1": "exclude",
        "MPX3_ct0": "exclude", "MPX2_mr1": "exclude",
    }  # fmt: skip
    items = to_read_again(built, 100, seed=1)
    assert {item.id for item in items} == set(first)
    assert len(to_read_again(built, 4, seed=1)) == 4
    for item in items:
        assert not {"meta", "problems", "_id"} & item.published.keys()
    answers = {**first, "MPX5": "exclude", "MPX9": "accept"}
    done = second_reading(built, items, answers)
    assert (done.asked, done.agreement.items, done.agreement.same) == (6, 6, 5)
    assert done.agreement.kappa == pytest.approx(2 / 3)
    assert done.agreement.differing == ["MPX5"]


def test_the_same_seed_chooses_the_same(built):
    decide_some(built)
    one, other = ([i.id for i in to_read_again(built, 3, seed)] for seed in (1, 1))
    assert one == other
    assert len({tuple(i.id for i in to_read_again(built, 3, seed)) for seed in range(6)}) > 1


def test_a_sample_is_of_pictures_that_no_rule_hit(built):
    items, population = to_sample(built, 100, seed=1)
    ids = {item.id for item in items}
    assert (population, len(ids)) == (7, 7)
    assert not {"MPX1_ct0", "MPX1_ct1"} & ids  # narrow ones
    assert all(item.picture.is_file() for item in items)
    answers = dict.fromkeys(sorted(ids)[:5], "accept") | {sorted(ids)[0]: "exclude"}
    done = sample_unflagged(built, items, population, answers)
    assert (done.missed.found, done.missed.seen, done.recorded) == (1, 5, 0)
    assert done.missed.low < 0.2 < done.missed.high
    assert list(read_decisions(built.db)) == []
    done = sample_unflagged(built, items, population, answers, by="ann")
    assert done.recorded == 5
    assert {each.action for each in read_decisions(built.db)} == {"accept", "exclude"}
    assert {item.id for item in to_sample(built, 100, seed=1)[0]} == ids  # the same afterwards


def test_answers_are_read_from_a_file_and_wrong_ones_are_told_by_line(built):
    items, _ = to_sample(built, 3, seed=1)
    names = [item.id for item in items]
    lines = ["id,verdict\n", f"{names[0]}, Accept\n", "\n", f"{names[1]},e\n", f"{names[2]},\n"]
    assert read_answers(lines, items, "a.csv") == {names[0]: "accept", names[1]: "exclude"}
    with pytest.raises(QueryError, match="'MPX9', which is not among the 3"):
        read_answers(["id,verdict\n", "MPX9,accept\n"], items, "a.csv")
    with pytest.raises(QueryError, match="has the verdict 'maybe'"):
        read_answers([f"{names[0]},maybe\n"], items, "a.csv")


def test_who_stops_in_between_has_answered_what_came_before(built):
    items, _ = to_sample(built, 4, seed=1)

    def ask(item):
        if item is items[2]:
            raise StopIteration
        return None if item is items[0] else "accept"

    assert ask_all(items, ask) == {items[1].id: "accept"}
