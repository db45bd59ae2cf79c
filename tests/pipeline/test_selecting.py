from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.pipeline.find import find
from medpix2.pipeline.selecting import resolved, select
from medpix2.store.facets import Filters


@pytest.mark.parametrize("text", ["", "patient", '"the preferred" -surgery'])
def test_what_is_chosen_is_what_find_counts(phantom_store, text):
    filters = Filters({"modality": ["mr"], "split": ["train"]})
    chosen = select(phantom_store, text, filters)
    found = find(phantom_store, text, filters)
    assert (len(chosen.cases), len(chosen.images)) == (found.cases, found.images)
    assert (chosen.hits is None) == (text == "")
    assert chosen.filters.values["modality"] == ["MR"]


def test_an_unknown_value_is_refused_and_a_near_one_named(phantom_store):
    for refuse in (resolved, lambda store, filters: select(store, "", filters)):
        with pytest.raises(QueryError, match="plane 'Axel': did you mean 'Axial'"):
            refuse(phantom_store, Filters({"plane": ["Axel"]}))
