from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from medpix2.browse.app import make_app
from medpix2.browse.case import Section
from medpix2.pipeline.build import build
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.find import find
from medpix2.records import Finding
from medpix2.store.database import open_store
from medpix2.store.findings import store_findings


@pytest.fixture(scope="module")
def case(phantom_store):
    """Return a current case with more than one picture."""
    return next(
        match.case
        for match in find(phantom_store).matches
        if len(match.case["TAC"]) + len(match.case["MRI"]) > 2
    )


def pictures_of(case) -> list[str]:
    return [*case["TAC"], *case["MRI"]]


def test_a_case_shows_its_report_and_all_its_pictures(client, case):
    said = client.get(f"/case/{case['_id']}.json").json()
    assert said["title"] == case["Case"]["Title"]
    assert said["published"]["Case"] == case["Case"]
    assert [picture["id"] for picture in said["pictures"]] == pictures_of(case)
    shown = client.get(f"/case/{case['_id']}").text
    for name in pictures_of(case):
        assert f"/picture/{name}" in shown


def test_the_id_of_a_picture_leads_to_its_case_and_shows_it(client, case):
    last = pictures_of(case)[-1]
    for name in (last, last.lower()):
        said = client.get(f"/case/{name}.json").json()
        assert (said["id"], said["shown"]) == (case["_id"], last)


def test_the_address_says_which_pictures_are_shown_large(client, case):
    first, second, *_ = pictures_of(case)
    page = f"/case/{case['_id']}"
    for asked, shown, beside in [
        ("", first, None), (f"?picture={second}", second, None),
        (f"?picture={second}&beside={first}", second, first),
        ("?picture=nobody&beside=nobody", first, None),
        (f"?picture={first}&beside={first}", first, None),
    ]:  # fmt: skip
        said = client.get(f"{page}.json{asked}").json()
        assert (said["shown"], said["beside"]) == (shown, beside)
        large = client.get(page + asked).text.partition('class="strip"')[0]
        assert large.count("<figure") == (2 if beside else 1)
        assert f'<img src="/picture/{shown}?v=' in large


def test_without_a_script_every_picture_can_be_looked_at(client, case):
    page = client.get(f"/case/{case['_id']}").text
    for name in pictures_of(case):
        assert f'href="/case/{case["_id"]}?picture={name}"' in page


def test_an_unknown_case_is_a_page_that_helps(client):
    answer = client.get("/case/MPX9000x")
    assert answer.status_code == 404
    assert "MPX9000x" in answer.text
    assert "/search" in answer.text


@pytest.fixture
def cured(fresh_home, source):
    """Serve a case of which rules found something and somebody decided."""
    report = source.found("MPX1")["Case"]
    report["Differential Diagnosis"] = "Cyst\nAbscess"
    report["Findings"] = "<script>alert(1)</script>\n1. First\n2. Second"
    topic = source.found("MPX1")["Topic"]
    topic["External Links"] = "javascript:alert(1)\nrad.example.org/page"
    topic["Keywords"] = "cyst"
    build(fresh_home, source.write())
    near = {"rule": "near-duplicate", "version": 1, "severity": "review"}
    rows = [
        Finding(target="MPX1_ct1", message="the same", evidence={"other": "MPX1_ct0"}, **near),
        Finding(target="MPX1", message="of another case", evidence={"other": "MPX2_mr0"}, **near),
    ]
    with open_store(fresh_home) as store:
        credits = [{"role": "author", "name": "Dr Example", "affiliation": "A Hospital"}]
        told = {"source.credits": credits, "source.page_url": "https://medpix.example.org/bycase"}
        store.cases.update_one({"_id": "MPX1"}, {"$set": told})
        store_findings(store.db, ["near-duplicate"], {"MPX1": rows})
        decide(store, ["MPX1_mr0"], Verdict("exclude", by="Ada", reason="blurred"))
        decide(
            store, ["MPX1_ct0"], Verdict("correct", by="Ada", corrections={"Description.Age": "33"})
        )
    with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
        yield client


def test_findings_decisions_and_corrections_are_shown(cured):
    said = cured.get("/case/MPX1.json").json()
    by_id = {picture["id"]: picture for picture in said["pictures"]}
    assert by_id["MPX1_mr0"]["status"] == "excluded"
    assert by_id["MPX1_ct0"]["corrected"] == [
        {"field": "Description.Age", "source": "20", "now": "33"}
    ]
    assert by_id["MPX1_ct1"]["findings"][0]["other"] == "MPX1_ct0"
    assert [row["action"] for row in said["decisions"]] == ["exclude", "correct"]
    page = cured.get("/case/MPX1").text
    for one, other in (("MPX1_ct0", "MPX1_ct1"), ("MPX1_ct1", "MPX1_ct0")):
        assert f'href="/case/MPX1?picture={one}&amp;beside={other}"' in page
    assert 'href="/case/MPX2_mr0"' in page
    assert 'href="https://medpix.example.org/bycase"' in page
    for text in ("blurred", "Ada", "the source says: 20", "Dr Example, A Hospital"):
        assert text in page


def test_texts_are_lists_where_they_are_lists_and_never_markup(cured):
    page = cured.get("/case/MPX1").text
    assert "<li>Cyst</li><li>Abscess</li>" in page
    assert '<li value="1">First</li>' in page
    assert "<script>alert" not in page
    assert 'href="http://rad.example.org/page"' in page
    assert 'href="javascript' not in page
    assert 'href="/search?q=%22cyst%22"' in page


def test_a_case_without_pictures_or_without_a_report_is_a_page(fresh_home, source):
    source.drop("MPX1_ct0")
    source.cases = [row for row in source.cases if row["U_id"] != "MPX2"]
    bare = next(row["U_id"] for row in source.cases if not pictures_of(row))
    build(fresh_home, source.write())
    with TestClient(make_app(fresh_home), base_url="http://localhost") as client:
        assert "no pictures of this case" in client.get(f"/case/{bare}").text
        orphan = client.get("/case/MPX2_mr0")
        assert "no report" in orphan.text
        assert 'href="/case/MPX2_mr0/case.zip"' in orphan.text
        assert "published.json" not in orphan.text
        assert client.get("/case/MPX2_mr0/case.zip").status_code == 200
        assert client.get("/case/MPX2_mr0?picture=MPX2_mr1").status_code == 200


def test_external_links_are_a_line_each():
    section = Section(title="External Links", text="a.example.org\n\nsee https://b.example.org")
    assert [(run.text, run.address) for run in section.links] == [
        ("a.example.org", "http://a.example.org"), ("see ", None),
        ("https://b.example.org", "https://b.example.org"),
    ]  # fmt: skip
    assert Section(title="History", text="a.example.org").links == []
