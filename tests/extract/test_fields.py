from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.extract.fields import (
    LOCATION_CATEGORIES,
    acr_code,
    keywords,
    label,
    location_category,
    said,
    text,
)
from medpix2.records import LOCATION_CATEGORIES as CATEGORIES


def test_every_category_is_one_of_the_records() -> None:
    assert set(LOCATION_CATEGORIES.values()) == set(CATEGORIES)


@pytest.mark.parametrize(
    ("location", "category"),
    [
        ("Chest, Pulmonary", "Thorax"), ("Chest Pulmonary", "Thorax"),
        ("Nerve, central", "Head"), ("Genitourinary", "Reproductive and Urinary System"),
        ("Vascular", None), ("Generalized", None), ("Left Blank", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_location_category_is_looked_up_and_never_guessed(
    location: str | None, category: str | None
) -> None:
    assert location_category(location) == category


@pytest.mark.real
def test_location_category_agrees_with_the_release(real_copy: Path) -> None:
    published = json.loads((real_copy / "Descriptions.json").read_text())
    told = [(location_category(row["Location"]), row["Location Category"]) for row in published]
    assert len(told) == 1850
    assert sum(ours is None for ours, _ in told) == 144  # those decided case by case
    assert all(ours == theirs for ours, theirs in told if ours is not None)


@pytest.mark.parametrize("value", [None, "", " \n", "null", True, [], ["a"], {}, {"a": 1}, 1j])
def test_absent_or_no_text_is_none(value: object) -> None:
    assert said(value) is None
    assert text(value) is None
    assert label(value) is None


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_no_number_is_none(number: float) -> None:
    assert label(number) is None


def test_texts_lose_markup_and_blanks_and_labels_keep_their_blanks() -> None:
    assert text(" A &amp; B<br>\n") == "A & B"
    assert text("<p>&nbsp;</p>") is None
    assert label(" MR - Montage &amp; more ") == " MR - Montage & more "
    assert label(40) == label(40.0) == "40"


@pytest.mark.parametrize(
    ("pre", "post", "code"),
    [
        (8, 9, "8.9"), ("8", -1, "8.-1"), (-1, "-1", "-1.-1"), (None, "3661", "-1.3661"),
        (8, "null", "8.-1"), (None, "", None), (0, 0, "0.0"),
    ],
)  # fmt: skip
def test_acr_code(pre: object, post: object, code: str | None) -> None:
    assert acr_code(pre, post) == code


@given(st.lists(st.sampled_from(["glioma", "Neoplasm, glial", "", None]), max_size=3))
def test_keywords_are_those_that_are_given(given_words: list[str | None]) -> None:
    topic = {f"keyword{n}": word for n, word in enumerate(given_words, 1)}
    assert keywords(topic) == tuple(word for word in given_words if word)
