from __future__ import annotations

import pytest

from medpix2.errors import SourceError
from medpix2.extract.snapshot.folder import open_snapshot

TAG = {"etag": '"7"', "content-type": "application/json"}


def test_an_answer_that_has_not_changed_need_not_be_sent_again(front, crawl_into, tmp_path):
    """A site that knows If-None-Match says 304: the answer holds, and so does what follows it."""

    def tagged(address, headers, before):
        if headers.get("If-None-Match") == TAG["etag"]:
            return 304, {"etag": TAG["etag"]}, b""
        import urllib.request

        with urllib.request.urlopen(front.behind + address, timeout=30) as answered:
            return 200, TAG, answered.read()

    front.answers["/rest/encounter.json"] = tagged
    plan = {"limit": 2, "modalities": ("CT",)}
    crawl_into(tmp_path / "s", front.url, **plan)
    state = crawl_into(tmp_path / "s", front.url, **plan, refresh=True)
    assert (state.left, dict(state.failed)) == (0, {})
    assert len(front.times("/rest/encounter.json")) == 4
    assert len(front.times("/rest/topic.json")) == 4
    with open_snapshot(tmp_path / "s") as snapshot:
        for uid in snapshot.listing.case_ids():
            key = f"encounter/{snapshot.listing.records(uid)[0].body['medpixArticleId']}"
            assert [answer.status for answer in snapshot.answers.history(key)] == [200]
            assert snapshot.answers.in_this_run(key)


def test_what_a_site_does_not_have_is_kept_as_such_and_asked_again_by_the_next_run(
    front, crawl_into, tmp_path
):
    front.answers["/rest/topic.json"] = lambda *_: (404, {}, b"jo@example.org has left")
    plan = {"limit": 1, "modalities": ("CT",)}
    state = crawl_into(tmp_path / "s", front.url, **plan)
    assert state.left == 0
    with open_snapshot(tmp_path / "s") as snapshot:
        (encounter,) = [
            snapshot.answers.object(f"encounter/{record.body['medpixArticleId']}")
            for uid in snapshot.listing.case_ids()
            for record in snapshot.listing.records(uid)[:1]
        ]
        kept = snapshot.answers.latest(f"topic/{encounter['topicID']}")
        assert (kept.status, b"example.org" in kept.body) == (404, False)


def test_a_question_that_open_i_refuses_is_one_clear_error(front, crawl_into, tmp_path):
    answer = b'{"Query-Error": "Invalid request type.", "total": 0}'
    front.answers["/api/search"] = lambda *_: (200, {"content-type": "application/json"}, answer)
    with pytest.raises(SourceError, match=r"Open-i refuses the question \(Invalid request type"):
        crawl_into(tmp_path / "s", front.url)


def test_a_listing_longer_than_a_page_is_read_to_its_end(front, crawl_into, tmp_path):
    import json
    import re

    def page(address, headers, before):
        first, last = (int(re.search(f"[?&]{name}=(\\d+)", address)[1]) for name in "mn")
        rows = [
            {"uid": f"MPX{n}", "pmcid": str(n), "image": {"id": f"MPX{n}_synpic{n}"}}
            for n in range(first, min(last, 250) + 1)
        ]
        body = json.dumps({"total": "250", "list": rows})
        return 200, {"content-type": "application/json"}, body.encode()

    front.answers["/api/search"] = page
    front.answers["/imgs/"] = lambda *_: (404, {}, b"")
    state = crawl_into(tmp_path / "s", front.url, modalities=("CT",))
    assert len(front.times("/api/search")) == 3
    assert len(front.times("/imgs/")) == 250 == state.done["picture"]
    with open_snapshot(tmp_path / "s") as snapshot:
        assert snapshot.listing.case_ids() == [f"MPX{n}" for n in range(1, 251)]
