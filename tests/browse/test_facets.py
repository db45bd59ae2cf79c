from __future__ import annotations

from urllib.parse import parse_qs

from medpix2.browse.facets import FOLDED, age_bands, chips, facet, link
from medpix2.browse.questions import SearchQuestion


def test_chosen_values_come_first_and_the_rest_is_folded():
    counts = {f"part {n}": 100 - n for n in range(20)} | {None: 3}
    made = facet(SearchQuestion(location=["part 19", "gone"]), "location", counts)
    assert [value.value for value in made.shown[:3]] == ["part 19", "gone", "part 0"]
    assert len(made.shown) == FOLDED
    assert made.folded[-1].value == "missing"
    assert len(made.values) == 22


def test_a_link_adds_or_takes_away_a_value_and_begins_at_the_first_page():
    question = SearchQuestion(q="a&b", sex=["male"], offset=48, exact=True)
    made = facet(question, "sex", {"male": 5, "female": 4})
    wanted = {value.value: parse_qs(value.link[1:]) for value in made.values}
    kept = {"q": ["a&b"], "exact": ["true"]}
    assert wanted == {"male": kept, "female": {**kept, "sex": ["male", "female"]}}


def test_a_link_leads_back_to_the_question():
    question = SearchQuestion(q="x", plane=["Axial", "missing"], age_to=30, by="case", limit=5)
    asked = parse_qs(link(question)[1:])
    assert asked == {
        "q": ["x"], "plane": ["Axial", "missing"], "age_to": ["30"], "by": ["case"], "limit": ["5"],
    }  # fmt: skip


def test_a_link_does_not_keep_whether_facets_are_counted_unless_it_says_so():
    question = SearchQuestion(counts="no")
    assert link(question, by="case") == "?by=case"
    assert link(question, counts="yes") == "?counts=yes"


def test_ages_are_counted_in_steps_and_no_age_is_in_none():
    bands = age_bands({0: 1, 4: 2, 5: 10, 99: 1, 100: 2, 103: 3, None: 50})
    by_low = {band.low: (band.high, band.pictures, band.height) for band in bands if band.pictures}
    assert by_low == {0: (4, 3, 30), 5: (9, 10, 100), 95: (99, 1, 10), 100: (None, 5, 50)}
    assert sum(band.pictures for band in age_bands({})) == 0


def test_there_is_a_chip_for_each_wish():
    question = SearchQuestion(q="x", split=["train", "dev"], age_from=0, exact=True)
    assert [chip.text for chip in chips(question)] == [
        "x", "Split: train", "Split: dev", "Age: 0 to ", "Exact words",
    ]  # fmt: skip


def test_any_status_is_a_value_of_its_own():
    made = facet(SearchQuestion(status=["any"]), "status", {"accepted": 5, "excluded": 2})
    first = made.values[0]
    assert (first.value, first.pictures, first.chosen, first.link) == ("any", 7, True, "?")
