from __future__ import annotations

import re

import pytest

from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.shape import TEXT_WEIGHTS
from medpix2.store.texts import search_texts

PLACES = {path: f"word{chr(97 + at)}" for at, path in enumerate(TEXT_WEIGHTS)}


@pytest.fixture
def texts(fresh_home, source):
    """Return a function that finds the cases of a source with known words."""
    case, image = source.found("MPX1"), source.found("MPX2_mr0")
    for path, word in PLACES.items():
        part, key = path.split(".")
        (image if part == "Description" else case).setdefault(part, {})[key] = f"A {word} here."
    source.found("MPX3")["Case"]["Title"] = "Left lung tumour of the T2-weighted kind"
    source.found("MPX3_ct0")["Description"]["Caption"] = "lung"
    source.found("MPX5")["Case"]["Discussion"] = "The lung, left alone: Ménière's tumours."
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        by_ordinal = {
            row["meta"]["n"]: row["_id"] for row in store.current.find({"meta.kind": "case"})
        }

        def found(*groups, without=()):
            index = store.facets()
            hits = search_texts(store.db, groups, without, index=index, images=index.images)
            ranked = sorted(by_ordinal, key=lambda n: (-hits.cases[n], n))
            return [by_ordinal[n] for n in ranked if hits.cases[n]]

        found.store = store
        yield found


@pytest.mark.parametrize("path", TEXT_WEIGHTS)
def test_every_text_is_searched_and_a_caption_finds_its_case(texts, path):
    expected = "MPX2" if path.startswith("Description") else "MPX1"
    assert texts([PLACES[path]]) == [expected]


def test_every_group_must_occur_and_any_of_its_terms_will_do(texts):
    assert set(texts(["lung"])) == {"MPX3", "MPX5"}
    assert texts(["lung"], ["weighted"]) == ["MPX3"]
    assert set(texts(["lung", "worda"])) == {"MPX1", "MPX3", "MPX5"}
    assert texts(["lung"], ["worda"]) == []
    assert texts() == []


def test_a_title_counts_more_than_a_discussion(texts):
    assert texts(["lung"]) == ["MPX3", "MPX5"]


def test_a_word_is_found_by_its_stem_and_a_phrase_as_it_stands(texts):
    assert set(texts(["tumours"])) == {"MPX3", "MPX5"}
    assert texts(["left lung"]) == ["MPX3"]
    assert texts(["lung left"]) == []
    assert texts(["T2-weighted"]) == ["MPX3"]


def test_marks_and_accents_do_not_hide_a_word(texts):
    assert texts(["Meniere"], ["lung"]) == ["MPX3", "MPX5"]


def test_a_term_that_must_not_occur_leaves_its_cases_out(texts):
    assert texts(["lung"], without=["alone"]) == ["MPX3"]
    assert texts(["lung"], without=["left lung"]) == ["MPX5"]


def test_the_pictures_found_are_those_whose_caption_has_a_term(texts):
    index = texts.store.facets()
    hits = search_texts(texts.store.db, [["lung"]], index=index, images=index.images)
    (n,) = hits.images.nonzero()[0].tolist()
    assert texts.store.current.find_one({"meta.kind": "image", "meta.n": n})["_id"] == "MPX3_ct0"


@pytest.mark.parametrize("term", ['"', '"" "', "-lung", "$where", "a\\b", "lung -left", ".*"])
def test_no_term_can_change_the_question(texts, term):
    assert not set(texts([term])) - {"MPX3", "MPX5"}


def test_every_word_of_the_captions_finds_its_case_or_is_a_stop_word(phantom_store):
    from medpix2.curate.question import STOP_WORDS

    words = {
        word.lower()
        for row in phantom_store.current.find({"meta.kind": "image"}, {"Description.Caption": 1})
        for word in re.findall(r"[A-Za-z]{2,}", row.get("Description", {}).get("Caption") or "")
    }
    assert len(words) > 20
    index = phantom_store.facets()

    def found(word):
        hits = search_texts(phantom_store.db, [[word]], index=index, images=index.images)
        return hits.cases.any()

    missed = {word for word in words if not found(word)}
    assert missed <= STOP_WORDS
