from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from medpix2.extract.crawl.patience import LONGEST_ASKED, TRIES, _retry_after


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), (" 7 ", 7.0), ("0", 0.0), ("", 0.0), ("soon", 0.0), ("-3", 0.0),
     ("99999999", LONGEST_ASKED), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_in_seconds_within_reason(text, seconds):
    assert _retry_after(text) == seconds


def test_retry_after_as_a_date():
    assert 25 < _retry_after(formatdate(time.time() + 30, usegmt=True)) <= 31
    assert _retry_after(formatdate(time.time() + 1e6, usegmt=True)) == LONGEST_ASKED


def test_what_is_refused_for_good_is_asked_once_and_what_may_mend_until_patience_ends(
    front, crawl_into, tmp_path
):
    front.answers["/rest/topic.json"] = lambda *_: (403, {}, b"")
    front.answers["/rest/encounter.json"] = lambda *_: (500, {}, b"")
    state = crawl_into(tmp_path / "s", front.url, limit=1, modalities=("CT",))
    assert len(front.times("/rest/encounter.json")) == TRIES
    assert (state.failed, state.faults) == ({"500": 1}, {"500": TRIES})
    del front.answers["/rest/encounter.json"]
    state = crawl_into(tmp_path / "s", front.url, limit=1, modalities=("CT",))
    assert len(front.times("/rest/topic.json")) == 1
    assert (state.failed, state.faults) == ({"403": 1}, {"403": 1})
    del front.answers["/rest/topic.json"]
    state = crawl_into(tmp_path / "s", front.url, limit=1, modalities=("CT",))
    assert (state.left, dict(state.failed)) == (0, {})
