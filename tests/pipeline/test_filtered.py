from __future__ import annotations

import pytest

from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.filtered import Filtered
from medpix2.store.facets import Filters

CHOICES = {
    "nothing": {},
    "a facet": {"modality": ["mr"]},
    "several": {"modality": ["CT"], "split": ["train", "dev"], "sex": ["female", None]},
    "of cases": {"split": ["dev"]},
    "category": {"category": ["no such category"]},
}


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("age", [None, (30, None), (None, 50), (40, 60)])
def test_it_chooses_what_the_database_chooses(phantom_store, choice, age):
    filters = Filters(CHOICES[choice], age)
    given = list(Filtered(StoreContent(phantom_store), filters).cases())
    if choice == "category":
        assert given == []
        return
    assert given == list(StoreContent(phantom_store, filters).cases())
