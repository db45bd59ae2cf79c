from __future__ import annotations

import re

import pytest

from medpix2.curate.fields import TEXT_FIELDS
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


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_word_of_a_field_is_found_there_alone(phantom_store, field):
    part, _, key = TEXT_FIELDS[field].partition(".")
    every = {match.case["_id"]: match for match in find(phantom_store, limit=1000).matches}
    for word in ("mass", "the"):

        def has(document, word=word):
            text = (document.get(part) or {}).get(key)
            return isinstance(text, str) and word in re.findall("[a-z]+", text.lower())

        expected = {
            name
            for name, match in every.items()
            if any(map(has, match.images if part == "Description" else [match.case]))
        }
        found = find(phantom_store, f'{field}:"{word}"', widening=False, limit=1000)
        names = {match.case["_id"] for match in found.matches}
        more = names - expected  # other forms of the word
        assert expected <= names
        assert more <= {name for name in names if word == "mass"}
        if expected:
            anywhere = {m.case["_id"] for m in find(phantom_store, '"the"', limit=1000).matches}
            without = find(phantom_store, f'"the" -{field}:"{word}"', widening=False, limit=1000)
            assert {m.case["_id"] for m in without.matches} == anywhere - names


def test_labels_in_a_text_are_filters(phantom_store):
    def counted(text, **values):
        chosen = select(phantom_store, text, Filters(values))
        return list(chosen.cases), list(chosen.images)

    assert counted("plane:axial modality:CT") == counted("", plane=["Axial"], modality=["CT"])
    assert counted("mass sex:missing") == counted("mass", sex=[None])
    assert counted("plane:axial", plane=["Coronal"]) == counted("", plane=["Axial", "Coronal"])
    rest = phantom_store.facets("modality").values("modality")
    assert counted("-modality:MR") == counted("", modality=[v for v in rest if v != "MR"])
    ages = select(phantom_store, "age:20-60 age:30-", Filters(age=(None, 50)))
    assert list(ages.images) == list(select(phantom_store, "", Filters(age=(30, 50))).images)
    with pytest.raises(QueryError, match="Nothing is left of the modality"):
        select(phantom_store, "-modality:CT -modality:MR -modality:missing")
