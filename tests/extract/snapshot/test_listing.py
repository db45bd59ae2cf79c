from __future__ import annotations

import pytest

from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.listing import Record


@pytest.fixture
def snapshot(tmp_path):
    with open_snapshot(tmp_path / "s", create=True) as opened:
        opened.begin({}, "first")
        yield opened


def note(snapshot, image: str, place: int, uid: str | None = None, **body) -> bool:
    uid = uid or image.split("_")[0]
    with snapshot.writing():
        return snapshot.listing.note(Record(image, uid, place, {"title": "T", **body}))


def test_a_record_is_news_only_if_its_content_is(snapshot):
    assert note(snapshot, "A_1", 1)
    assert not note(snapshot, "A_1", 7)  # only its place has changed
    assert note(snapshot, "A_1", 7, title="Other")
    assert [r.body for r in snapshot.listing.records("A")] == [{"title": "Other"}]


def test_cases_and_pictures_stand_in_the_order_of_the_listings(snapshot):
    for image, place in (("B_1", 3), ("A_2", 2), ("A_1", 9), ("C_1", 1)):
        note(snapshot, image, place)
    listing = snapshot.listing
    assert listing.case_ids() == ["C", "A", "B"]
    assert [record.image for record in listing.records("A")] == ["A_2", "A_1"]
    assert list(listing.images()) == ["C_1", "A_2", "B_1", "A_1"]


def test_what_a_later_run_does_not_list_is_known_and_told_apart(snapshot):
    note(snapshot, "A_1", 1)
    note(snapshot, "A_2", 2)
    note(snapshot, "B_1", 3)
    snapshot.begin({"again": 1}, "second")
    listing = snapshot.listing
    assert not listing.lists("A") and listing.cases() == 0
    note(snapshot, "A_2", 1)
    assert listing.lists("A") and listing.cases() == 1
    assert listing.case_ids(since=2) == ["A"]
    assert [record.image for record in listing.records("A", since=2)] == ["A_2"]
    assert list(listing.images(since=2)) == ["A_2"]
    assert listing.case_ids() == ["A", "B"]


def test_half_of_a_surrogate_pair_which_json_may_have_is_kept(snapshot):
    note(snapshot, "A_1", 1, title="broken \ud83d")
    assert snapshot.listing.records("A")[0].body == {"title": "broken \ud83d"}
