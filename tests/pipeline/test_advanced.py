from __future__ import annotations

import json

import pytest

from medpix2.errors import QueryError
from medpix2.pipeline.advanced import MAX_RAW, VIEWS, Condition, ask, fields_of_view, read_filter


def test_the_fields_of_a_view_are_those_of_its_documents(phantom_store):
    for view in VIEWS:
        known = fields_of_view(view)
        assert all(known.values())
        document = ask(phantom_store, view, limit=1).documents[0]
        for key, value in document.items():
            inner = [f"{key}.{name}" for name in value] if isinstance(value, dict) else [key]
            assert set(inner) <= known.keys()


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Condition("Case.Title", "contains", "MASS"), lambda t: t and "mass" in t.lower()),
        (Condition("Case.Title", "regex", "mass .*(colon|spleen)$"),
         lambda t: t and "mass " in t and t.endswith(("colon", "spleen"))),
        (Condition("Case.Title", "exists"), lambda t: t is not None),
        (Condition("Case.Title", "missing"), lambda t: t is None),
        (Condition("Case.Title", "contains", "(.*"), lambda t: t and "(.*" in t),
    ],
)  # fmt: skip
def test_conditions(phantom_store, condition, fits):
    every = ask(phantom_store, "Clinical_Reports", limit=1000).documents
    answer = ask(phantom_store, "Clinical_Reports", [condition], limit=1000)
    expected = [row for row in every if fits(row["Case"].get("Title"))]
    assert answer.documents == expected
    assert answer.total == len(expected)


def test_a_list_is_asked_for_its_members(phantom_store):
    row = ask(phantom_store, "Clinical_Reports", limit=1, raw='{"TAC": {"$ne": []}}').documents[0]
    name = row["TAC"][0]
    for how, value in (("equals", name), ("contains", name.lower()), ("regex", f"^{name}$")):
        found = ask(phantom_store, "Clinical_Reports", [Condition("TAC", how, value)])
        assert [document["U_id"] for document in found.documents] == [row["U_id"]]


def test_pages_follow_each_other(phantom_store):
    seen, after = [], -1
    while after is not None:
        answer = ask(phantom_store, "Image_Descriptions", after=after, limit=17)
        seen += [document["image"] for document in answer.documents]
        after = answer.next
    assert len(seen) == len(set(seen)) == answer.total
    assert not answer.capped


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON .line 1"), ("{'a': 1}", "double quotes"), ("[" * 3999, "nested too deep"),
        ('{"a": NaN}', "NaN"), ('{"a": 1, "a": 2}', "names 'a' twice"), ("3", "no JSON object"),
        ('{"a": ' + "9" * 4000 + "}", "characters"), ('{"a": ' + "9" * 3900 + "}", "too large"),
        (json.dumps({"a": "x" * MAX_RAW}), "at most"), ('{"$where": "1"}', "not allowed"),
        ('{"a": "\\ud800"}', "character"),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_says_why(text, said):
    with pytest.raises(QueryError, match=said):
        read_filter(text)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition("Case.Titel", "exists"), "did you mean 'Case.Title'"),
        (Condition("Case.Title", "contains", ""), "asked for nothing"),
        (Condition("Case.Title", "regex", "("), "does not understand"),
        (Condition("Case.Title", "regex", "x" * 201), "at most"),
        (Condition("Case.Title", "equals", "\0"), "character"),
    ],
)
def test_a_condition_that_cannot_be_asked_says_why(phantom_store, condition, said):
    with pytest.raises(QueryError, match=said):
        ask(phantom_store, "Clinical_Reports", [condition])
