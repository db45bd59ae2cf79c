from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.pipeline.find import find
from medpix2.store.matching import Term, cases_with, spans_of

TEXT = (
    "Left lung: masses, a Mass-like T2-weighted lesion of M\u00e9ni\u00e8re\u2019s; the left lungs."
)


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("mass", ["masses", "Mass"]),
        ("MASSES", ["masses", "Mass"]),
        ("left lung", ["Left lung", "left lungs"]),
        ("lung mass", []),  # a mark parts phrases
        ("lung: masses", ["lung: masses"]),
        ("t2 weighted", ["T2-weighted"]),
        ("meniere's", ["M\u00e9ni\u00e8re\u2019s"]),
        ("the lefts", []),
        ("nothing", []),
        ("?", []),
    ],
)
def test_a_term_is_found_where_it_stands(term, found):
    made = Term(term)
    assert [TEXT[start:end] for start, end in made.spans(TEXT)] == found
    assert made.is_in(TEXT) == bool(found)


def test_places_are_in_order_and_do_not_overlap():
    spans = spans_of("the left lung mass", [Term("lung mass"), Term("left lung"), Term("mass")])
    assert spans == [(4, 18)]


def test_a_text_is_found_by_its_words_as_the_postings_find_it(phantom_store):
    """What the postings find anywhere, and what is read again, must not disagree."""
    for term in ("mass", '"of the"', "weighted"):
        everywhere = find(phantom_store, term, limit=1000)
        made = Term(term.strip('"'))
        for match in everywhere.matches:
            texts = [*(match.case["Case"].values()), *(match.case["Topic"].values())]
            texts += [image["Description"].get("Caption") for image in match.images]
            assert any(isinstance(text, str) and made.is_in(text) for text in texts)


def test_cases_are_read_by_their_field(phantom_store):
    rows = list(phantom_store.current.find({"meta.kind": "case"}))
    having = {r["meta"]["n"] for r in rows if "mass" in (r["Case"].get("Title") or "").split()}
    every = [row["meta"]["n"] for row in rows]
    assert set(cases_with(phantom_store.db, "Case.Title", ["mass"], every)) == having
    assert having


def test_reading_is_limited_in_time(phantom_store, monkeypatch):
    monkeypatch.setattr("medpix2.store.matching.SECONDS", -1.0)
    with pytest.raises(QueryError, match=r"Case.Title of 1 cases takes too long"):
        cases_with(phantom_store.db, "Case.Title", ["mass"], [0])
    assert cases_with(phantom_store.db, "Case.Title", ["mass"], []) == []
