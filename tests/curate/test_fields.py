from __future__ import annotations

import pytest

from medpix2.curate.fields import FACET_FIELDS, TEXT_FIELDS, ages_of, is_field, label_of
from medpix2.errors import QueryError
from medpix2.store.facets import FACETS
from medpix2.store.shape import TEXT_WEIGHTS


def test_every_field_is_one_that_is_searched_or_counted():
    assert set(TEXT_FIELDS.values()) <= set(TEXT_WEIGHTS)
    assert set(FACET_FIELDS.values()) <= set(FACETS)


def test_a_field_that_is_written_nearly_right_is_named_and_another_word_is_none():
    assert is_field("title")
    assert not is_field("note")
    with pytest.raises(QueryError, match="did you mean caption:"):
        is_field("captions")


def test_missing_is_no_value():
    assert label_of("source", "phantom", without=True).facet == "site"
    assert label_of("sex", "Missing", without=False).value is None


@pytest.mark.parametrize(
    ("text", "ages"),
    [("30-50", (30, 50)), ("30-", (30, None)), ("-50", (None, 50)), ("7", (7, 7)), ("0", (0, 0))],
)
def test_ages_are_ranges(text, ages):
    assert ages_of(text) == ages


@pytest.mark.parametrize("text", ["", "-", "old", "50-30", "1000", "3.5"])
def test_other_ages_are_refused(text):
    with pytest.raises(QueryError, match="Age"):
        ages_of(text)
