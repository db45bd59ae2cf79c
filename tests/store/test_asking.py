from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.store.asking import Asked, Clock, count_of, page_of

TITLE = {"Case.Title": {"$regex": "mass"}}
FILTERS = [
    {},
    {"Type": "MR"},
    TITLE,
    {"Type": "CT", **TITLE, "$and": [{"Topic.Category": {"$ne": None}}]},
    {"$or": [{"Type": "MR"}, TITLE]},
    {"$nor": [TITLE], "Description.Sex": "male"},
    {"Case.Title": "nothing has this"},
]
VIEWS = ("Clinical_Reports", "Image_Descriptions", "Image_Reports")


def published(row):
    return {key: value for key, value in row.items() if key not in ("_id", "meta")}


@pytest.mark.parametrize("view", VIEWS)
def test_pages_join_to_what_the_view_itself_answers(phantom_store, view):
    """The two steps must not answer otherwise than the join that they stand for."""
    db = phantom_store.db
    for asked_for in FILTERS:
        expected = {row["_id"]: published(row) for row in db[view].find(asked_for)}
        asked, found, after = Asked(view, asked_for), [], -1
        while page := page_of(db, asked, after, 41, Clock(30)):
            found += page
            after = page[-1]["meta"]["n"]
        assert [row["meta"]["n"] for row in found] == sorted(row["meta"]["n"] for row in found)
        assert {row["_id"]: published(row) for row in found} == expected
        assert len(found) == len(expected)
        assert count_of(db, asked, Clock(30)) in (len(expected), None)


def test_only_what_mixes_reports_and_pictures_is_joined():
    parts = [Asked("Image_Reports", wanted).parts() for wanted in FILTERS]
    assert [bool(mixed) for _, _, mixed in parts] == [False] * 4 + [True, False, False]


@pytest.mark.parametrize(
    "wrong", [{"a": {"$regex": "("}}, {"a": {"$mod": 5}}, {"a": {"$regex": "a", "$options": "?"}}]
)
def test_what_the_server_does_not_understand_is_said(phantom_store, wrong):
    with pytest.raises(QueryError, match="does not understand"):
        page_of(phantom_store.db, Asked("Clinical_Reports", wrong), -1, 5, Clock(30))


@pytest.mark.parametrize("view", VIEWS)
def test_time_is_limited(phantom_store, view):
    asked = Asked(view, {"Case.Discussion": {"$regex": "(.*a){9}$"}})
    with pytest.raises(QueryError, match="too long"):
        page_of(phantom_store.db, asked, -1, 5, Clock(0))
    assert count_of(phantom_store.db, asked, Clock(0)) is None
