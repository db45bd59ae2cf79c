from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest

from medpix2.pipeline.find import find
from medpix2.store.facets import Filters


def test_a_search_finds_what_the_command_finds(client, phantom_store):
    found = client.get("/search.json", params={"q": "mass", "modality": "MR", "by": "case"}).json()
    expected = find(phantom_store, "mass", Filters({"modality": ["MR"]}), limit=24)
    assert found["cases"] == expected.cases > 0
    ids = [match.as_json()["U_id"] for match in expected.matches]
    assert [result["case"] for result in found["results"]] == ids


def test_the_links_of_facets_lead_to_as_many_pictures_as_they_say(client):
    page = client.get("/search.json", params={"sex": "female"}).json()
    for facet in page["facets"]:
        for value in facet["values"][:3]:
            if not value["chosen"]:
                asked = client.get("/search.json" + value["link"]).json()
                assert asked["images"] >= value["pictures"] > 0
    plane = next(f for f in page["facets"] if f["name"] == "plane")["values"][0]
    assert client.get("/search.json" + plane["link"]).json()["images"] == plane["pictures"]


def test_chips_take_one_wish_back(client):
    wishes = {"q": "mass", "modality": ["CT"], "age_from": 10}
    page = client.get("/search.json", params=wishes).json()
    assert [chip["text"] for chip in page["chips"]] == ["mass", "Modality: CT", "Age: 10 to "]
    for chip, parameter in zip(page["chips"], wishes, strict=True):
        left = parse_qs(chip["link"].removeprefix("?"))
        assert left.keys() == wishes.keys() - {parameter}


def test_pages_join_without_gap_or_repetition(client):
    seen, link = [], "?limit=10"
    while link:
        page = client.get("/search.json" + link).json()
        seen += [result["images"][0]["image"] for result in page["results"]]
        link = page["next"]
    assert len(seen) == len(set(seen)) == page["images"]
    assert page["previous"]


@pytest.mark.parametrize("question", ["", "?q=mass&sex=male", "?by=case", "?q=nosuchwordanywhere"])
def test_the_page_shows_what_its_twin_says(client, question):
    said, shown = client.get("/search.json" + question).json(), client.get("/search" + question)
    assert f"{said['images']:,} pictures of {said['cases']:,} cases" in shown.text
    for result in said["results"]:
        assert f"/case/{result['case']}" in shown.text


def test_what_is_asked_is_escaped(client):
    page = client.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert re.search(r"&lt;script&gt;", page)
