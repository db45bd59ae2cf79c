from __future__ import annotations

import pytest

from medpix2.browse.curate import curate_page, report_page
from medpix2.browse.curate_models import CurateQuestion
from medpix2.errors import NotFound
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.queue import Flags

DARK = ["MPX1_ct0", "MPX1_ct1", "MPX3_ct0", "MPX5_ct0"]


@pytest.fixture
def page(flagged):
    flags = Flags()

    def ask(**asked):
        return curate_page(flagged, flags, CurateQuestion(**asked), "ann")

    return ask


def test_the_queue_begins_with_the_first_open_finding(page, flagged):
    first = page()
    assert (first.item.flag, first.place, first.shown) == ("dark:MPX1_ct0", 1, 4)
    assert (first.open, first.total, first.previous) == (4, 4, None)
    assert first.next == "?after=dark%3AMPX1_ct0"
    assert {(of.rule, of.hits, of.open) for of in first.rules} == {("dark", 4, 4), ("twins", 4, 4)}
    decide(flagged, ["MPX1_ct0"], Verdict("accept", "ann"))
    first = page()
    assert (first.item.side.id, first.open, first.total) == ("MPX1_ct1", 3, 4)


def test_one_walks_through_the_queue_and_comes_round_to_what_was_skipped(page):
    seen, asked = [], {}
    for _ in range(5):
        shown = page(**asked)
        seen.append(shown.item.side.id)
        asked = {"after": shown.item.flag}
    assert seen == [*DARK, DARK[0]]
    assert page(item="dark:MPX5_ct0").next is None
    third = page(item="dark:MPX3_ct0")
    assert (third.previous, third.place) == ("?item=dark%3AMPX1_ct1", 3)


def test_what_was_just_decided_can_be_undone_from_the_next_page(page, flagged):
    decide(flagged, ["MPX1_ct0"], Verdict("exclude", "ann", "dark"))
    shown = page(after="dark:MPX1_ct0", done="MPX1_ct0")
    assert shown.item.side.id == "MPX1_ct1"
    assert [(made.action, made.reason) for made in shown.done] == [("exclude", "dark")]
    decide(flagged, ["MPX1_ct0"], Verdict("undo", "ann"), shown={"MPX1_ct0": shown.done_stamp})
    assert page(done="MPX1_ct0").done == []


def test_settled_ones_can_be_looked_at_again(page, flagged):
    decide(flagged, ["MPX3_ct0"], Verdict("accept", "ann"))
    shown = page(show="decided")
    assert (shown.item.side.id, shown.item.settled, shown.shown) == ("MPX3_ct0", True, 1)
    assert page(item="dark:MPX3_ct0").item.settled
    assert page(show="all").shown == 4


def test_an_empty_part_of_the_queue(page, flagged):
    decide(flagged, DARK, Verdict("accept", "ann"))
    assert (page().item, page().open, page().total) == (None, 0, 4)
    assert page(rule="none such").total == 0
    with pytest.raises(NotFound, match="MPX4"):
        page(item="dark:MPX4")
    with pytest.raises(NotFound):
        page(item="nonsense")


def test_the_report_is_that_of_the_command(flagged):
    from medpix2.pipeline.report import report

    shown = report_page(flagged)
    assert shown.rules.keys() == report(flagged).rules.keys()
    assert shown.rules["dark"]["hits"] == 4
    assert shown.steps[-1]["images_out"] == 5
