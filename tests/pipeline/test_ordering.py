from __future__ import annotations

import pytest

from medpix2.pipeline.find import find
from medpix2.store.facets import Filters


def ages(match):
    return [image["meta"]["normalized"].get("age") for image in match.images]


@pytest.mark.parametrize("text", ["", "mass"])
@pytest.mark.parametrize(("order", "best", "sign"), [("youngest", min, 1), ("oldest", max, -1)])
def test_pictures_and_cases_by_age_with_those_without_one_last(
    phantom_store, text, order, best, sign
):
    for by in ("image", "case"):
        found = find(phantom_store, text, by=by, order=order, limit=1000)
        known = [[int(age) for age in ages(match) if age is not None] for match in found.matches]
        bests = [sign * best(some) for some in known if some]
        assert bests == sorted(bests)
        assert len(bests) > 5
        assert not any(known[len(bests) :])
        plain = find(phantom_store, text, by=by, limit=1000)
        assert (found.cases, found.images) == (plain.cases, plain.images)


def test_cases_by_how_many_pictures_fit(phantom_store):
    found = find(phantom_store, filters=Filters({"modality": ["MR"]}), order="pictures", limit=1000)
    sizes = [len(match.images) for match in found.matches]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_the_order_of_the_source_whatever_the_relevance(phantom_store):
    plain = find(phantom_store, limit=1000)
    place = {match.as_json()["U_id"]: at for at, match in enumerate(plain.matches)}
    found = find(phantom_store, "mass", order="source", limit=1000)
    places = [place[match.as_json()["U_id"]] for match in found.matches]
    assert places == sorted(places)
    relevant = find(phantom_store, "mass", limit=1000)
    assert [place[match.as_json()["U_id"]] for match in relevant.matches] != places
