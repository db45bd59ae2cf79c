from __future__ import annotations

import pytest
from pyroaring import BitMap

from medpix2.store.lengths import word_counts

TITLE, CAPTION = "Case.Title", "Description.Caption"


@pytest.fixture
def db(store):
    store.current.insert_many(
        [
            {"_id": "A", "Case": {"Title": "one two\u00a0three\n four "}, "meta": meta("case", 0)},
            {"_id": "B", "Case": {"Title": "N/A"}, "meta": meta("case", 2)},
            {"_id": "C", "Case": None, "meta": meta("case", 4)},
            {"_id": "A_1", "Description": {"Caption": "x y"}, "meta": meta("image", 0)},
            {"_id": "B_1", "Description": {"Caption": 7}, "meta": meta("image", 2)},
        ]
    )
    return store.db


def meta(kind, n):
    return {"kind": kind, "n": n}


def meant(text):
    return text if isinstance(text, str) and text != "N/A" else None


def test_words_are_counted_between_white_space_of_every_kind(db):
    assert word_counts(db, "case", [TITLE], BitMap([0]), meant) == {TITLE: [4]}


def test_what_stands_for_nothing_or_is_missing_is_left_out(db):
    found = word_counts(db, "case", [TITLE, "Topic.Title"], BitMap([0, 2, 4]), meant)
    assert found == {TITLE: [4], "Topic.Title": []}
    assert word_counts(db, "image", [CAPTION], BitMap([0, 2]), meant) == {CAPTION: [2]}


def test_only_chosen_documents_are_counted(db):
    assert word_counts(db, "case", [TITLE], BitMap([2]), meant) == {TITLE: []}
    assert word_counts(db, "case", [TITLE], BitMap(), meant) == {TITLE: []}
