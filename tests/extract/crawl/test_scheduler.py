"""In which order what is wanted is handed out, on a frontier of a real snapshot."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from medpix2.extract.crawl.scheduler import AHEAD, SnapshotScheduler
from medpix2.extract.crawl.spider import MedPixSpider
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.frontier import Wanted


@pytest.fixture
def opened(tmp_path, plan_at):
    """Return a scheduler of one request to a host at a time, with its spider."""
    with open_snapshot(tmp_path / "s", create=True) as snapshot:
        snapshot.begin({}, "first")
        spider = MedPixSpider(snapshot, plan_at("https://o.example"))
        scheduler = SnapshotScheduler(per_host=1)
        scheduler.open(spider)
        yield SimpleNamespace(scheduler=scheduler, spider=spider, snapshot=snapshot)


def want(opened, *keys: str, host: str = "o.example") -> None:
    with opened.snapshot.writing():
        items = [Wanted(key, "topic", (f"https://{host}/{key}",)) for key in keys]
        opened.snapshot.frontier.add(items)
    opened.spider.hosts.add(host)


def next_key(opened) -> str | None:
    request = opened.scheduler.next_request()
    return request and request.meta["wanted"].key


def finish(opened, key: str) -> None:
    with opened.snapshot.writing():
        opened.snapshot.frontier.remove(key)
    opened.scheduler.done(key)


def test_each_is_handed_out_once_and_one_of_a_host_at_a_time(opened):
    want(opened, "a", "b")
    assert [next_key(opened), next_key(opened)] == ["a", None]
    finish(opened, "a")
    assert [next_key(opened), next_key(opened)] == ["b", None]
    finish(opened, "b")
    assert not opened.scheduler.has_pending_requests()


def test_a_busy_host_does_not_hold_up_another(opened):
    want(opened, "a", "b")
    want(opened, "x", host="m.example")
    assert {next_key(opened), next_key(opened)} == {"a", "x"}
    assert next_key(opened) is None


def test_what_waits_to_be_asked_again_lets_others_of_its_host_go_first(opened):
    want(opened, "a", "b")
    first = opened.scheduler.next_request()
    opened.scheduler.rest("a")  # it was refused, and waits
    assert next_key(opened) == "b"
    opened.scheduler.enqueue_request(first)
    assert opened.scheduler.has_pending_requests()
    assert next_key(opened) is None  # b is being asked
    finish(opened, "b")
    assert next_key(opened) == "a"
    assert next_key(opened) is None


def test_a_host_that_is_down_is_asked_nothing_more(opened):
    want(opened, "a", "b")
    want(opened, "x", host="m.example")
    opened.spider.silent.add("o.example")
    assert next_key(opened) == "x"
    finish(opened, "x")
    assert not opened.scheduler.has_pending_requests()
    assert opened.snapshot.frontier.counts() == {"topic": 2}


def test_a_long_list_is_read_a_part_at_a_time_and_to_its_end(opened):
    keys = [f"k{n:04}" for n in range(2 * AHEAD + 3)]
    want(opened, *keys)
    got = []
    while key := next_key(opened):
        got.append(key)
        finish(opened, key)
    assert got == keys
