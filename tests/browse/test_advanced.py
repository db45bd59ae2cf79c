from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest


def asked(**parameters):
    return "?" + urlencode(parameters, doseq=True)


def test_a_view_is_asked_by_fields_and_a_filter(client, phantom_store):
    condition = {
        "field": ["Case.Title", ""],
        "how": ["contains", "contains"],
        "value": ["MASS", ""],
    }
    question = asked(view="Image_Reports", raw='{"Type": "MR"}', limit=100, **condition)
    page = client.get("/advanced.json" + question).json()
    wanted = {"Case.Title": re.compile("mass", re.IGNORECASE), "Type": "MR"}
    expected = {row["image"] for row in phantom_store.db["Image_Reports"].find(wanted)}
    assert {found["id"] for found in page["documents"]} == expected
    assert page["total"] == len(expected) > 0
    for found in page["documents"]:
        assert found["told"] == [["Case.Title", found["document"]["Case"]["Title"]]]


def test_pages_follow_by_their_links(client, phantom_store):
    link, seen = asked(view="Clinical_Reports", limit=15), []
    while link:
        page = client.get("/advanced.json" + link).json()
        seen += [found["id"] for found in page["documents"]]
        link = page["next"]
    assert len(seen) == len(set(seen)) == phantom_store.db["Clinical_Reports"].count_documents({})
    assert page["first"]


@pytest.mark.parametrize(
    ("question", "status", "said"),
    [
        ({"raw": '{"$where": "1"}'}, 400, "$where is not allowed"),
        ({"raw": "{"}, 400, "no JSON"),
        ({"field": "Case.Title", "how": "equals"}, 400, "not whole"),
        ({"field": "Case.Nothing", "how": "exists", "value": ""}, 400, "no field"),
        ({"field": "Case.Title", "how": "regex", "value": "("}, 400, "does not understand"),
        ({"view": "cases"}, 422, "view"), ({"how": "delete"}, 422, "how"),
        ({"raw": "x" * 4001}, 422, "raw"), ({"after": -2}, 422, "after"),
        ({"after": 1 << 70}, 422, "after"), ({"limit": 0}, 422, "limit"), ({"x": 1}, 422, "x"),
        ({"field": ["a"] * 21}, 422, "field"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(client, question, status, said):
    answer = client.get("/advanced.json" + asked(**question))
    assert answer.status_code == status
    assert said in answer.json()["failed"]
    assert client.get("/advanced" + asked(**question)).status_code == status


def test_a_refused_question_stays_in_the_form(client):
    raw = '{"$where": "<script>"}'
    question = asked(raw=raw, field="Case.Title", how="regex", value="a<b")
    page = client.get("/advanced" + question).text
    assert "$where is not allowed" in page
    assert "{&#34;$where&#34;: &#34;&lt;script&gt;&#34;}</textarea>" in page
    assert 'value="a&lt;b"' in page
    assert "<script>" not in page
