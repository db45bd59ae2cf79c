from __future__ import annotations

import pytest

from medpix2.curate.naming import named, names_word, near_hint
from medpix2.errors import QueryError

FIELDS = ["Type", "Location", "Location Category", "Description.Age", "Case.Title", "Topic.Title"]


def test_a_name_that_is_not_there_is_an_error_with_the_nearest():
    assert named("Type", FIELDS, "field", "see the manual") == "Type"
    with pytest.raises(QueryError, match="There is no field 'Locaton': did you mean Location"):
        named("Locaton", FIELDS, "field", "see the manual")
    with pytest.raises(QueryError, match="There is no field 'xyz': see the manual"):
        named("xyz", FIELDS, "field", "see the manual")


def test_a_field_is_near_to_its_last_part():
    assert near_hint("age", FIELDS) == "did you mean Description.Age?"
    assert near_hint("Title", FIELDS) == "did you mean Case.Title or Topic.Title?"


def test_a_name_is_found_as_a_whole_word():
    assert names_word("Description.Caption, look text-boxes", "text-boxes")
    assert not names_word("text-boxes", "text")
    assert not names_word("fulltext", "text")
