import json

import pytest

from medpix2.phantom.sites.answers import is_heavy, kind_of, parameters


def test_the_suffix_decides_between_json_and_xml(four_sites):
    asked = "encounterID=case-1"
    as_json = four_sites.answer("/rest/encounter.json", asked)
    assert as_json.type.startswith("application/json")
    assert json.loads(as_json.body)["encounterID"] == "case-1"
    as_xml = four_sites.answer("/rest/encounter", asked)
    assert as_xml.type.startswith("application/xml")
    assert b"<encounterID>case-1</encounterID>" in as_xml.body
    assert four_sites.answer("/rest/caseofweek/list", "count=2").body.count(b"<item>") == 2


@pytest.mark.parametrize(
    "path",
    ["/imgs/512/1/1/MPX1_synpic10.png", "/imgs/100/1/1/MPX1_synpic10.png",
     "/medpix/img/full/synpic10.jpg"],
)  # fmt: skip
def test_pictures_of_each_size(four_sites, path):
    answer = four_sites.answer(path, "")
    assert answer.status == 200 and answer.type.startswith("image/")


@pytest.mark.parametrize(
    "path",
    ["/images/full/synpic10.jpg", "/medpix/img/full/none.jpg", "/medpix/img/full/MPX1_synpic10.jpg",
     "/imgs/512/2/1/MPX1_synpic10.png", "/imgs/512/1/1/none.png", "/imgs/99/1/1/MPX1_synpic10.png",
     "/nowhere", "/rest/nothing.json"],
)  # fmt: skip
def test_what_is_not_there_or_has_moved_is_404(four_sites, path):
    answer = four_sites.answer(path, "")
    assert answer.status == 404 and answer.type.startswith("text/html")


def test_pages_for_people_and_robots(four_sites):
    for path in ("/", "/case", "/bycase"):
        assert four_sites.answer(path, "id=case-1").body.startswith(b"<!DOCTYPE html>")
    assert b"Disallow: /rest" not in four_sites.answer("/robots.txt", "").body


def test_as_what_an_address_is_counted():
    kinds = {
        "/api/search": "search", "/rest/encounter.json": "encounter", "/rest/topic": "topic",
        "/rest/image.json": "image", "/rest/encounter/diagnosis.json": "diagnosis",
        "/rest/caseofweek/list": "list", "/imgs/512/1/1/a.png": "picture",
        "/medpix/img/full/a.jpg": "full", "/images/full/a.jpg": "full", "/robots.txt": "robots",
        "/bycase": "people", "/x": "other",
    }  # fmt: skip
    assert {path: kind_of(path) for path in kinds} == kinds
    assert is_heavy("/medpix/img/full/a.jpg") and is_heavy("/imgs/100/1/1/a.png")
    assert not is_heavy("/imgs/512/1/1/a.png")


def test_parameters_are_unescaped_and_the_last_counts():
    assert parameters("a=1&b=x%20y&a=2&c=") == {"a": "2", "b": "x y", "c": ""}
