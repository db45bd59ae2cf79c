from __future__ import annotations

import random
import re
from functools import cache

import numpy as np
import pytest
import Stemmer
from pyroaring import BitMap

from medpix2.errors import StoreError
from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.postings import SCALE
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


def test_marks_between_words_part_phrases_and_possessives_do_not(texts):
    assert texts(["the lung, left"]) == ["MPX5"]
    assert texts(["alone Ménière's"]) == []
    assert texts(["Meniere tumour"], ["left"]) == ["MPX5"]  # the last word with an ending
    assert texts(["Meniere tumours"]) == ["MPX5"]
    assert texts(["lungs tumour"]) == []


def test_a_negation_is_a_phrase_like_others(texts):
    assert texts(["of the"]) == ["MPX3"]
    assert texts(["no lung"]) == []
    assert texts(["lung"], without=["of the"]) == ["MPX5"]


def test_a_search_after_cases_got_other_ordinals_finds_the_same(fresh_home, source):
    source.found("MPX1")["Case"]["Title"] = "A quokka"
    source.found("MPX2_mr0")["Description"]["Caption"] = "A wombat"
    build(fresh_home, source.write())
    source.drop("MPX1_ct0")  # the first of all ordinals
    source.found("MPX3")["Case"]["Title"] = "Another quokka"
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        index = store.facets()
        assert 0 not in index.cases
        names = {n: row["U_id"] for row in store.current.find() for n in [row["meta"]["n"]]}

        def found(word):
            hits = search_texts(store.db, [[word]], index=index, images=index.images)
            return {names[n] for n in hits.cases.nonzero()[0].tolist() if n in names}

        assert found("quokka") == {"MPX1", "MPX3"}
        assert found("wombat") == {"MPX2"}


def test_texts_that_were_not_prepared_are_told_of(texts):
    texts.store.db["words"].drop()
    with pytest.raises(StoreError, match="not prepared for search"):
        texts(["lung"])


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


# Against a slow search


STEM = cache(Stemmer.Stemmer("english").stemWord)
TOKEN = re.compile(r"[a-z0-9]+|[.,;:!?()]")


def tokens(text):
    return TOKEN.findall(text.lower())


def field(document, path):
    part, key = path.split(".")
    value = (document.get(part) or {}).get(key)
    return [text for text in (value if isinstance(value, list) else [value]) if text]


class Slow:
    """Searches the documents themselves."""

    def __init__(self, store):
        self.documents = list(store.current.find())
        self.texts = {
            row["_id"]: [(w, tokens(t)) for p, w in TEXT_WEIGHTS.items() for t in field(row, p)]
            for row in self.documents
        }
        self.words = sorted({
            word for some in self.texts.values() for _, text in some for word in text
            if word.isalnum()
        })  # fmt: skip
        self.phrases = sorted({
            " ".join(text[at : at + 2]) for some in self.texts.values() for _, text in some
            for at in range(len(text) - 1) if text[at].isalnum() and text[at + 1].isalnum()
        })  # fmt: skip

    def of_document(self, name, term):
        """Return the score of a term in one document."""
        asked = tokens(term)
        if len(asked) == 1:
            return self.weight(name, lambda form: STEM(form) == STEM(asked[0]))
        fits = [lambda form, word=word: form == word for word in asked]
        last = asked[-1]
        fits[-1] = lambda form: form.startswith(last) and STEM(form) == STEM(last)
        for _, text in self.texts[name]:
            for at in range(len(text) - len(asked) + 1):
                if all(fit(form) for fit, form in zip(fits, text[at:], strict=False)):
                    return min(self.weight(name, fit) for fit in fits)
        return 0

    def weight(self, name, fits):
        total = 0.0
        for weight, text in self.texts[name]:
            words = [word for word in text if word.isalnum()]
            for form in {word for word in words if fits(word)}:
                count = words.count(form)
                often = 2 - 0.5 ** (count - 1)
                total += weight * often * (0.5 + 0.5 * count / len(words))
        return total

    def search(self, groups, without, shown):
        """Return ordinal of a case to its score, and of a picture to that of its caption."""
        cases, images = {}, {}
        for terms in (*groups, *([term] for term in without)):
            own, best = {}, {}
            for row in self.documents:
                n, c = row["meta"]["n"], row["meta"]["c"]
                score = max(self.of_document(row["_id"], term) for term in terms)
                if row["meta"]["kind"] == "case":
                    own[c] = score
                elif n in shown:
                    best[c] = max(score, best.get(c, 0))
                    if terms in groups:
                        images[n] = images.get(n, 0) + score
            for c in own:
                cases.setdefault(c, []).append(own[c] + best.get(c, 0))
        found = {
            c: sum(scores[: len(groups)]) for c, scores in cases.items()
            if all(scores[: len(groups)]) and not any(scores[len(groups) :])
        }  # fmt: skip
        return found, {n: score for n, score in images.items() if score}


@pytest.fixture(scope="session")
def slow(phantom_store):
    return Slow(phantom_store)


@pytest.mark.parametrize("seed", range(15))
def test_a_slow_search_of_the_texts_finds_the_same(phantom_store, slow, seed):
    chance = random.Random(seed)
    index = phantom_store.facets()

    def term():
        return chance.choice(slow.words if chance.random() < 0.6 else slow.phrases)

    groups = [[term() for _ in range(chance.randint(1, 4))] for _ in range(chance.randint(1, 2))]
    without = [term()] * chance.randint(0, 1)
    shown = BitMap(n for n in index.images if chance.random() < 0.7)
    hits = search_texts(phantom_store.db, groups, without, index=index, images=shown)
    cases, images = slow.search(groups, without, shown)
    starts = np.array(index.cases)
    found = {n: hits.cases[n] / SCALE for n in starts[hits.cases[starts] > 0].tolist()}
    assert found == pytest.approx(cases, abs=0.05)
    captions = {n: hits.images[n] / SCALE for n in hits.images.nonzero()[0].tolist()}
    assert captions == pytest.approx(images, abs=0.05)
    assert set(hits.slots) == set(index.slots_of(BitMap(cases))) | cases.keys()
