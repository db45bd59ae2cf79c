from __future__ import annotations

import pytest

from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.frontier import Wanted


def wanted(key: str, url: str = "https://m.example/x", **more) -> Wanted:
    return Wanted(key, key.split("/")[0], (url,), **more)


@pytest.fixture
def snapshot(tmp_path):
    with open_snapshot(tmp_path / "s", create=True) as opened:
        opened.begin({}, "first")
        yield opened


def keys(snapshot, host: str = "m.example") -> list[str]:
    return [each.key for each in snapshot.frontier.of_host(host, 10)]


def add(snapshot, *items: Wanted) -> None:
    with snapshot.writing():
        snapshot.frontier.add(items)


def test_the_cases_named_so_far_are_completed_before_the_listing_goes_on(snapshot):
    add(snapshot, *map(wanted, ("page/c/101", "encounter/2", "picture/1", "topic/1")))
    assert keys(snapshot) == ["picture/1", "topic/1", "encounter/2", "page/c/101"]
    assert len(snapshot.frontier.of_host("m.example", 2)) == 2


def test_something_is_wanted_once_and_comes_back_as_it_was(snapshot):
    first = Wanted(
        "topic/1", "topic", ("https://m.example:81/a", "https://n.example/a"), {"a": "b"}
    )
    add(snapshot, first, wanted("topic/1", "https://other.example"))
    assert snapshot.frontier.hosts() == ["m.example:81"]
    assert snapshot.frontier.of_host("m.example:81", 9) == [first]
    with snapshot.writing():
        snapshot.frontier.remove("topic/1")
    assert snapshot.frontier.counts() == {}


def test_what_failed_waits_for_the_next_sitting_however_often_it_fails(snapshot):
    add(snapshot, wanted("topic/1"), wanted("page/c/1"))
    with snapshot.writing():
        snapshot.frontier.postpone("topic/1")
        snapshot.frontier.postpone("topic/1")
    assert keys(snapshot) == ["page/c/1"]
    assert snapshot.frontier.counts() == {"topic": 1, "page": 1}
    with snapshot.writing():
        snapshot.frontier.resume()
    assert keys(snapshot) == ["topic/1", "page/c/1"]


def test_the_next_address_of_something_until_there_is_none():
    first = Wanted(
        "picture/1", "picture", ("https://a.example/1", "https://b.example/1"), {"x": "y"}
    )
    second = first.elsewhere()
    assert second == Wanted("picture/1", "picture", ("https://b.example/1",))
    assert (first.host, second.host, second.elsewhere()) == ("a.example", "b.example", None)
