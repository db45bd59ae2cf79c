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
