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


def test_words_are_marked_in_titles_captions_and_reports(client):
    found = client.get("/search.json", params={"q": "masses", "by": "case"}).json()
    marked = set()
    for result in found["results"]:
        texts = [(result["title"], result["marks"])]
        texts += [(image["caption"], image["marks"]) for image in result["images"]]
        texts += (
            [(result["excerpt"]["text"], result["excerpt"]["marks"])] if result["excerpt"] else []
        )
        words = {text[start:end].lower() for text, marks in texts for start, end in marks}
        assert words
        marked |= words
    assert marked <= {"mass", "masses"}
    assert "<mark>mass</mark>" in client.get("/search", params={"q": "masses"}).text


def test_a_question_that_cannot_be_asked_stays_in_its_box(client):
    answer = client.get("/search", params={"q": "titel:a<b>", "sex": "male"})
    assert answer.status_code == 400
    assert "Did you mean title:?" in answer.text
    assert 'value="titel:a&lt;b&gt;"' in answer.text
    assert "Sex: male" in answer.text


def test_orders_and_views_keep_the_question(client):
    page = client.get("/search.json", params={"q": "mass", "sex": "male", "order": "oldest"}).json()
    for choice in (*page["views"], *page["orders"]):
        other = client.get("/search.json" + choice["link"]).json()
        assert (other["cases"], other["images"]) == (page["cases"], page["images"])
    ages = [result["images"][0]["age"] for result in page["results"]]
    known = [age for age in ages if age is not None]
    assert known == sorted(known, reverse=True)


def test_facets_may_be_counted_after_the_results(client, monkeypatch):
    monkeypatch.setattr("medpix2.browse.search.LARGE", 1)  # the phantom is not large
    page = client.get("/search.json", params={"q": "mass"}).json()
    assert page["results"]
    assert page["facets"] == []
    later = client.get("/search.json" + page["counts_link"]).json()
    assert later["facets"]
    assert later["counts_link"] is None
    assert "Count the filters" in client.get("/search", params={"q": "mass"}).text


def test_pages_know_their_number(client):
    page = client.get("/search.json?limit=10").json()
    last = client.get("/search.json" + page["pages"]["last_link"]).json()
    assert last["next"] is None
    assert last["pages"]["number"] == last["pages"]["last"] == -(-page["images"] // 10)
    assert client.get("/search.json" + last["pages"]["first_link"]).json() == page


@pytest.mark.parametrize("asked", [
    {}, {"by": "case"}, {"q": "mass"}, {"q": "mass", "by": "case"}, {"order": "youngest"},
    {"order": "pictures", "by": "case"},
])  # fmt: skip
def test_cursors_lead_through_all_results_in_their_order(client, asked):
    asked = {**asked, "counts": "no"}
    all_of_it = client.get("/search.json", params={**asked, "limit": 200}).json()
    expected = [(r["case"], [i["image"] for i in r["images"]]) for r in all_of_it["results"]]
    found, cursor = [], {}
    while True:
        page = client.get("/search.json", params={**asked, "limit": 30, **cursor}).json()
        found += [(r["case"], [i["image"] for i in r["images"]]) for r in page["results"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found[: len(expected)] == expected
    assert len(found) == (page["cases"] if asked.get("by") == "case" else page["images"])


def test_a_cursor_is_for_its_question_alone(client):
    cursor = client.get("/search.json?limit=1").json()["next_cursor"]
    for wrong in (f"q=mass&cursor={cursor}", f"cursor={cursor}&offset=3", "cursor=x"):
        assert client.get(f"/search.json?{wrong}").status_code == 400
    page = client.get(f"/search?cursor={cursor}").text
    assert "cursor=" not in page  # links of the page go on by counting
