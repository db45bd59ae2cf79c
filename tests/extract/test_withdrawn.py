from __future__ import annotations

import json

import pytest

from medpix2.extract.withdrawn import without_withdrawn

PAGE = {
    "total": 3,
    "list": [
        {"uid": "MPX1", "image": {"id": "MPX1_a"}, "title": "Ménière"},
        {"uid": "MPX1", "image": {"id": "MPX1_b"}},
        {"uid": "MPX2", "image": {"id": "MPX2_a"}, "odd": "\ud800"},
        None,
    ],
}
ENCOUNTER = {
    "encounterID": "e1",
    "imageList": [{"imageID": "i1", "caption": "x"}, {"imageID": "i2"}],
}


def rest(kind, answer, *withdrawn):
    return json.loads(without_withdrawn(kind, json.dumps(answer).encode(), set(withdrawn)))


def test_records_of_a_case_or_of_one_image_go_and_all_else_stays():
    without_case = rest("page", PAGE, "MPX1")
    assert without_case == {"total": 3, "list": PAGE["list"][2:]}
    without_image = rest("page", PAGE, "MPX1_b")
    assert without_image["list"] == [PAGE["list"][0], *PAGE["list"][2:]]


def test_an_image_goes_from_the_encounter_that_lists_it():
    assert rest("encounter", ENCOUNTER, "i1", "MPX1_a")["imageList"] == [{"imageID": "i2"}]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("page", b'{ "list" : [{"uid": "MPX3"}] }'),
        ("page", b"<html>"), ("page", b"[]"), ("page", b'{"list": "MPX1"}'), ("page", b"\xff"),
        ("encounter", b'{"imageList": null}'), ("encounter", b'{"imageList": [null, "i1"]}'),
        ("topic", b'{"list": [{"uid": "MPX1"}]}'), ("picture", b"MPX1"),
    ],
)  # fmt: skip
def test_an_answer_without_it_comes_back_byte_for_byte(kind, body):
    assert without_withdrawn(kind, body, {"MPX1", "i1"}) is body
