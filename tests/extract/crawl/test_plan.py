from __future__ import annotations

import json

import pytest

from medpix2.extract.crawl.plan import Plan, place, records_of, total_of

PLAN = Plan(
    "https://o.example", "https://m.example", ("https://m.example/full", "https://c.example")
)
RECORD = {
    "uid": "MPX1016", "pmcid": "1016", "medpixArticleId": "enc", "medpixFigureId": "img",
    "image": {"id": "MPX1016_synpic34317", "modalityMajor": "c"},
}  # fmt: skip


def plan(**more) -> Plan:
    return Plan.of({**PLAN.options(), **more})


def test_a_plan_comes_back_from_its_options_by_way_of_json():
    made = plan(limit=3, only=("A", "B"), modalities=("MR",))
    assert Plan.of(json.loads(json.dumps(made.options()))) == made


def test_pages_count_from_one_and_name_their_last_record():
    page = PLAN.page("MR", 101)
    assert page.key == "page/m/101"
    assert page.urls == ("https://o.example/api/search?coll=mpx&it=m&m=101&n=200",)


def test_the_listings_follow_each_other():
    assert PLAN.first_page().key == "page/c/1"
    assert PLAN.first_page("CT").key == "page/m/1"
    assert PLAN.first_page("MR") is None
    assert plan(modalities=("MR",)).first_page().key == "page/m/1"


def test_what_follows_a_record():
    asked = {wanted.key: wanted.urls for wanted in PLAN.details(RECORD)}
    assert asked == {
        "encounter/enc": ("https://m.example/rest/encounter.json?encounterID=enc",),
        "image/img": ("https://m.example/rest/image.json?imageID=img",),
        "picture/512/MPX1016_synpic34317": (
            "https://o.example/imgs/512/214/1016/MPX1016_synpic34317.png",
        ),
    }
    assert list(PLAN.details({"uid": "MPX1"})) == []


def test_what_follows_an_encounter():
    assert [w.urls for w in PLAN.after_encounter({"topicID": "a b"})] == [
        ("https://m.example/rest/topic.json?topicID=a%20b",)
    ]
    assert list(PLAN.after_encounter({"topicID": "null"})) == []


def test_pictures_of_full_size_have_several_addresses_where_their_name_is_known():
    full = plan(full_size=True)
    assert full.picture(RECORD).urls == (
        "https://m.example/full/synpic34317.jpg", "https://c.example/synpic34317.jpg",
    )  # fmt: skip
    unnamed = {**RECORD, "image": {"id": "MPX1016_other"}}
    assert full.picture(unnamed).key == "picture/512/MPX1016_other"


@pytest.mark.parametrize(
    ("date", "taken"),
    [
        ({"year": "2011", "month": "05", "day": "03"}, True),
        ({"year": "2011", "month": "5", "day": "2"}, False),
        ({"year": 2012, "month": 1, "day": 1}, True),
        ({"year": "", "month": "", "day": ""}, True),
        ({"year": "1999"}, True),
        ("2001-01-01", True),
        (None, True),
    ],
)
def test_since_takes_what_is_not_older(date, taken):
    assert plan(since="2011-05-03").takes({**RECORD, "journal_date": date}) is taken


def test_only_takes_those_cases():
    assert plan(only=("MPX1016",)).takes(RECORD)
    assert not plan(only=("MPX1",)).takes(RECORD)


def test_pages_in_whatever_form():
    assert records_of({"total": 0}) == []
    assert records_of({"list": [RECORD, {}, None, {"uid": "MPX1"}]}) == [RECORD]
    assert records_of({"list": 7}) == []
    assert [total_of(page) for page in ({"total": "12"}, {"total": 12}, {}, {"total": "x"})] == [
        12, 12, 0, 0,
    ]  # fmt: skip


def test_places_order_the_listings_one_after_the_other():
    assert place("c", 1) < place("c", 5000) < place("m", 1)
