from __future__ import annotations

from medpix2.browse.questions import SHOWN_FACETS, SearchQuestion
from medpix2.records import STATUSES
from medpix2.store.facets import FACETS


def test_every_facet_of_the_page_is_one_of_the_store_and_can_be_asked():
    assert set(SHOWN_FACETS) <= set(FACETS)
    assert set(SHOWN_FACETS) <= set(SearchQuestion.model_fields)


def test_wishes_become_filters():
    asked = SearchQuestion(sex=["missing", "male"], status=["any"], age_to=30)
    filters = asked.filters()
    assert filters.values == {"sex": [None, "male"], "status": list(STATUSES)}
    assert filters.age == (None, 30)
    assert SearchQuestion().filters().values == {}


def test_an_age_that_is_left_blank_is_not_asked_for():
    asked = SearchQuestion.model_validate({"age_from": "", "age_to": "30"})
    assert (asked.age_from, asked.age_to) == (None, 30)


def test_a_question_is_told_as_pairs_without_what_is_left_out():
    asked = SearchQuestion(q="x", sex=["male", "missing"], exact=True, limit=24)
    assert asked.pairs("q") == [("sex", "male"), ("sex", "missing"), ("exact", "true")]
