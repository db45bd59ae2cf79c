from __future__ import annotations

import pytest

from medpix2.cli.filters import FACET_OPTIONS, read_filters
from medpix2.errors import QueryError
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.store.facets import FACETS


def read(**options):
    return read_filters({"age": None, **options})


def test_every_option_is_of_a_facet():
    assert {facet for facet, _ in FACET_OPTIONS.values()} <= set(FACETS)


def test_nothing_given_asks_for_nothing():
    filters = read()
    assert (filters.values, filters.age) == ({}, None)


def test_values_are_gathered_by_facet():
    filters = read(modality=["CT", "mri"], location_category=[" Head "], sex=["F"], source=["x"])
    assert filters.values == {
        "modality": ["CT", "MR"], "location_category": ["Head"], "sex": ["female"], "site": ["x"],
    }  # fmt: skip


def test_missing_stands_for_no_value_and_any_for_every_status():
    assert read(sex=["missing", "male"]).values == {"sex": [None, "male"]}
    assert read(status=["any"]).values == {"status": list(ANY_STATUS)}
    assert read(status=["pending"]).values == {"status": ["pending"]}


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("30-50", (30, 50)), ("30-", (30, None)), ("-50", (None, 50)), ("30", (30, 30)),
        (" 30 - 50 ", (30, 50)), ("0", (0, 0)), ("0-0", (0, 0)),
    ],
)  # fmt: skip
def test_ages_are_read(text, age):
    assert read(age=text).age == age


@pytest.mark.parametrize(
    "text", ["-", "old", "1000", "30 50", "50-30", "30-50-70", "--5", "1e3", "²", "30–50x"]
)
def test_what_is_no_age_is_refused(text):
    with pytest.raises(QueryError, match="Age"):
        read(age=text)
