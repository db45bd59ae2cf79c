from __future__ import annotations

import random

import pytest
from pyroaring import BitMap

from medpix2.errors import QueryError
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.store.facets import FACETS, FacetIndex, Filters


@pytest.fixture(scope="session")
def rows(phantom_store, labels_of):
    """Return ordinal -> (facets, ordinal of the case, is it a picture) of all there is."""
    documents = list(phantom_store.current.find())
    cases = {d["_id"]: d for d in documents if d["meta"]["kind"] == "case"}
    pictured = {d["U_id"] for d in documents if d["meta"]["kind"] == "image"}
    return {
        d["meta"]["n"]: (
            labels_of(d, cases.get(d["U_id"])), d["meta"]["c"], d["meta"]["kind"] == "image",
        )
        for d in documents
        if d["meta"]["kind"] == "image" or d["_id"] not in pictured
    }  # fmt: skip


@pytest.fixture(scope="session")
def index(phantom_store):
    return phantom_store.facets()


def fits(labels, filters):
    """Tell slowly and obviously whether a picture fits."""
    wanted = {"status": ("accepted", "pending"), **filters.values}
    for facet, values in wanted.items():
        if labels[facet] not in values:
            return False
    if filters.age:
        low, high = filters.age
        age = labels["age"]
        if age is None or (low is not None and age < low) or (high is not None and age > high):
            return False
    return True


def questions(rows, count):
    """Return random filters with values that occur."""
    chance = random.Random(7)
    values = {facet: sorted({row[0][facet] for row in rows.values()}, key=str) for facet in FACETS}
    for _ in range(count):
        facets = chance.sample([f for f in FACETS if f != "age"], chance.randint(0, 3))
        wanted = {f: chance.sample(values[f], chance.randint(1, len(values[f]))) for f in facets}
        age = chance.choice([None, (30, 50), (None, 40), (20, None), (0, 0), (33, 33), (90, 120)])
        yield Filters(wanted, age)


def test_the_facets_agree_with_the_documents(phantom_store, facets_agree):
    facets_agree(phantom_store)


@pytest.mark.parametrize("facet", [name for name in FACETS if name != "age"])
def test_every_value_of_every_facet_selects_what_has_it(index, rows, facet):
    values = {row[0][facet] for row in rows.values()}
    assert set(index.values(facet)) == values
    for value in values:
        filters = Filters({facet: [value]})
        assert set(index.select(filters)) == {n for n, row in rows.items() if fits(row[0], filters)}


def test_any_combination_of_filters_selects_what_fits(index, rows):
    found = 0
    for filters in questions(rows, 150):
        expected = {n for n, row in rows.items() if fits(row[0], filters)}
        chosen = index.select(filters)
        assert set(chosen) == expected, filters
        assert set(index.cases_of(chosen)) == {rows[n][1] for n in expected}
        assert list(index.case_starts(chosen)) == [rows[n][1] for n in sorted(expected)]
        found += bool(expected)
    assert found > 50


@pytest.mark.parametrize("age", [(30, 50), (None, 30), (60, None), (0, 0), (None, None), (41, 41)])
def test_both_ends_of_an_age_range_count(index, rows, age):
    filters = Filters({}, age)
    assert set(index.select(filters)) == {n for n, row in rows.items() if fits(row[0], filters)}


def test_counts_are_of_pictures_and_lift_a_facets_own_filter(index, rows):
    for filters in questions(rows, 40):
        for facet, counted in index.counts(FACETS, filters).items():
            lifted = {k: v for k, v in filters.values.items() if k != facet}
            if facet == "status":
                lifted["status"] = ANY_STATUS
            asked = Filters(lifted, None if facet == "age" else filters.age)
            expected = {}
            for labels, _, pictured in rows.values():
                if pictured and fits(labels, asked):
                    expected[labels[facet]] = expected.get(labels[facet], 0) + 1
            assert counted == expected
            assert list(counted.values()) == sorted(counted.values(), reverse=True)


def test_counts_within_a_text_search_are_of_what_it_found(index):
    within = BitMap(list(index.images)[::3])
    counted = index.counts(["modality"], Filters(), within)["modality"]
    whole = index.counts(["modality"], Filters(), index.images)["modality"]
    shown = index.select(Filters())
    assert sum(counted.values()) == (within & shown).intersection_cardinality(index.images)
    assert whole == index.counts(["modality"], Filters())["modality"]


def test_the_pictures_of_some_cases_are_all_their_ordinals(index, rows):
    chance = random.Random(3)
    for size in (0, 1, 5, len(index.cases) - 2, len(index.cases)):
        cases = chance.sample(sorted(index.cases), size)
        expected = {n for n, (_, case, _) in rows.items() if case in cases}
        assert set(index.slots_of(BitMap(cases))) == expected


def test_only_the_facets_that_are_asked_for_are_read(phantom_store):
    few = FacetIndex.load(phantom_store.db, ["modality"])
    assert few.values("sex") == []
    assert few.values("modality")
    assert few.images == phantom_store.facets().images


def test_an_empty_database_has_no_facets(store):
    index = store.facets()
    assert not index.images
    assert not index.cases
    assert not index.select(Filters())
    assert not index.slots_of(BitMap([1, 2]))
    assert index.counts(["modality"], Filters()) == {"modality": {}}


def test_a_facet_that_does_not_exist_is_refused_by_name():
    with pytest.raises(QueryError, match="Unknown facet 'colour': use one of modality, "):
        Filters({"colour": ["red"]})
