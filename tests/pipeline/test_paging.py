from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from medpix2.errors import QueryError
from medpix2.pipeline.paging import Place, cursor_of, page_of, place_of


@pytest.mark.parametrize("scored", [True, False])
def test_pages_by_place_are_those_by_counting(scored):
    random = np.random.default_rng(5)
    ordinals = np.flatnonzero(random.random(500) < 0.4).astype(np.uint32)
    scores = random.integers(-3, 4, len(ordinals)).astype(np.int32) if scored else None
    rank = -scores if scored else np.zeros(len(ordinals))
    slow = sorted(zip(rank.tolist(), ordinals.tolist(), strict=True))
    found, after = [], None
    while page := page_of(ordinals, scores, offset=0, limit=7, after=after):
        assert page == page_of(ordinals, scores, offset=len(found), limit=7)
        found += page
        after = page[-1]
    assert [(place.rank, place.ordinal) for place in found] == slow


def test_a_page_begins_behind_a_result_that_is_gone():
    ordinals, scores = np.array([1, 5, 9], np.uint32), np.array([2, 2, 1], np.int32)
    page = page_of(ordinals, scores, offset=0, limit=9, after=Place(-2, 3))
    assert page == [Place(-2, 5), Place(-1, 9)]


def test_a_cursor_follows_its_document_to_another_ordinal(store):
    cursor = cursor_of("q=a", Place(-5, 7), "MPX1")
    assert place_of(store, "q=a", cursor) == Place(-5, 7)
    store.current.insert_one({"_id": "MPX1", "meta": {"n": 12}})
    assert place_of(store, "q=a", cursor) == Place(-5, 12)


def test_no_other_text_is_a_cursor(store):
    good = cursor_of("q=a", Place(0, 7), "MPX1")

    def made(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()

    digest = json.loads(base64.urlsafe_b64decode(good + "=="))[0]
    for wrong in (
        "x", "ü", "=", good[:-3], good + "AAAA", made(None), made([1]), made({"a": 1}),
        made([digest, 0, -1, "x"]), made([digest, 2**40, 1, "x"]), made([digest, "x", 1, "x"]),
        made([digest, 1e999, 1, "x"]), "W" * 1000,
    ):  # fmt: skip
        with pytest.raises(QueryError, match="next_cursor"):
            place_of(store, "q=a", wrong)
    with pytest.raises(QueryError, match="another question"):
        place_of(store, "q=b", good)
