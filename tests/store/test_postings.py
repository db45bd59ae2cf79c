from __future__ import annotations

import re
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.store.postings import (
    BUCKETS,
    NONE,
    PLACES,
    SCALE,
    bucket_of,
    buckets_of,
    merged,
    postings_from,
    postings_of,
    rows_of,
)

WORDS = ["lung", "lungs", "mass", "no", "left", "left lung.", "T2-weighted", ".", ""]
SOME_TEXTS = st.lists(
    st.tuples(
        st.sampled_from([1, 6, 10]), st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
    ),
    max_size=3,
)
SOME_DOCUMENTS = st.dictionaries(st.integers(0, 8191), SOME_TEXTS, max_size=8)


def plain(postings):
    """Return (word, document) -> (weight, places)."""
    found, pair, place = {}, 0, 0
    for word, size in zip(postings.words, postings.sizes.tolist(), strict=True):
        for at in range(pair, pair + size):
            end = place + int(postings.counts[at])
            places = postings.places[place:end].tolist()
            found[word, int(postings.docs[at])] = (int(postings.weights[at]), places)
            place = end
        pair += size
    return found


def expected(texts):
    """Return the same, slowly and obviously."""
    found = {}
    for doc, some in texts.items():
        place, scores = 0, {}
        for weight, text in some:
            tokens = re.findall(r"\w+|\.", text.lower())
            words = [token for token in tokens if token != "."]
            for at, token in enumerate(tokens):
                if token != ".":
                    scores.setdefault(token, [0.0, []])[1].append(place + at)
            for word in set(words):
                count = words.count(word)
                often = sum(0.5**n for n in range(count))
                scores[word][0] += weight * often * (0.5 + 0.5 * count / len(words))
            place += len(tokens) + 1
        found |= {(word, doc): (SCALE * score, at) for word, (score, at) in scores.items()}
    return found


def same(one, other):
    return all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


@given(SOME_DOCUMENTS)
def test_every_word_is_noted_with_its_weight_and_its_places(texts):
    found, wanted = plain(postings_of(texts)), expected(texts)
    assert found.keys() == wanted.keys()
    for key, (weight, places) in wanted.items():
        assert found[key][1] == places
        assert abs(found[key][0] - weight) <= 0.51


@given(SOME_DOCUMENTS, SOME_DOCUMENTS, st.data())
def test_a_change_leaves_what_making_it_anew_would(before, after, data):
    gone = set(data.draw(st.lists(st.sampled_from(sorted(before)), unique=True))) if before else ()
    gone = {*gone, *(before.keys() & after.keys())}
    kept = {doc: texts for doc, texts in before.items() if doc not in gone}
    changed = merged(postings_of(before), gone, postings_of(after))
    assert same(changed, postings_of({**kept, **after}))


@given(SOME_DOCUMENTS)
def test_rows_give_back_the_postings(texts):
    postings = postings_of(texts)
    rows = list(rows_of(postings))
    assert [bucket for bucket, _ in rows] == sorted({*buckets_of(postings.words)})
    assert same(postings_from([row for _, row in rows]) if rows else NONE, postings)


def test_all_forms_of_a_stem_are_in_its_bucket():
    assert set(buckets_of(["mass", "masses"])) == {bucket_of("mass")}
    assert 0 <= bucket_of("mass") < BUCKETS


@pytest.mark.parametrize("text", ["word " * (PLACES + 100), "a. " * PLACES])
def test_a_document_without_end_is_cut(text):
    postings = postings_of({3: [(1, text), (1, "after")]})
    assert len(postings.words) == 1
    assert postings.counts.sum() == len(postings.places) <= PLACES
