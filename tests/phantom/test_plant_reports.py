import re

import pytest

from medpix2.phantom import plant_reports
from medpix2.phantom.collection import make_case, split_of
from medpix2.phantom.desk import Desk, Planted


def replant(number):
    return Planted(make_case(1, number), [], [])


def desks(plant, count=40):
    """Plant into cases that have earlier ones; return the desks on which it came to something."""
    made = [Desk(make_case(1, number), 1, replant) for number in range(100, 100 + count)]
    for desk in made:
        plant(desk, 0)
    planted = [desk for desk in made if desk.planted]
    assert planted
    return planted


def test_another_visit_has_the_history_and_age_of_the_first():
    found = desks(plant_reports.same_patient)
    assert len(found) > 10
    for desk in found:
        _, theirs = desk.planted[0].targets
        other = make_case(1, int(theirs.removeprefix("MPX9")))
        assert desk.bundle.case["Case"]["History"] == other.case["Case"]["History"]
        ages = {image["Description"]["Age"] for image in desk.images}
        assert ages == {str(other.scenes[0].body.age)}


def test_a_shared_topic_stands_in_two_splits():
    found = desks(plant_reports.shared_topic, 80)
    assert len(found) > 5
    for desk in found:
        _, theirs = desk.planted[0].targets
        other = int(theirs.removeprefix("MPX9"))
        assert desk.bundle.case["Topic"] == make_case(1, other).case["Topic"]
        assert split_of(1, other)[0] != split_of(1, desk.bundle.number)[0]


def test_a_caption_names_the_other_side_only_where_one_shows():
    changed = 0
    for number in range(60):
        desk = Desk(make_case(1, number), 1, replant)
        caption = desk.images[0]["Description"]["Caption"]
        other = plant_reports.other_side(desk, 0)
        if other is None:
            continue
        here, there = ("left", "right") if desk.jobs[0].scene.side > 0 else ("right", "left")
        assert f"the {here} " in caption
        assert f"the {there} " in other
        assert f"the {here} " not in other
        changed += 1
    assert 0 < changed < 60


def test_a_description_is_changed_once_and_told_with_what_was_true():
    desk = Desk(make_case(1, 3), 1, replant)
    true = desk.images[0]["Description"]["Sex"]
    for kind in ("sex_missing", "again"):
        plant_reports.describe(kind, "Sex", plant_reports.fixed("N/A"), desk, 0)
    assert desk.images[0]["Description"]["Sex"] == "N/A"
    (truth,) = desk.planted
    assert (truth.kind, truth.field) == ("sex_missing", "Description.Sex")
    assert truth.details == {"value": "N/A", "true": true}


def test_a_wrong_type_moves_the_picture_to_the_other_list():
    for desk in desks(plant_reports.type_wrong):
        name, case = desk.images[0]["image"], desk.bundle.case
        listed = {"CT": case["TAC"], "MR": case["MRI"]}
        assert name in listed[desk.planted[0].details["value"]]
        assert name not in listed[desk.planted[0].details["true"]]


@pytest.mark.parametrize(
    ("kind", "key"),
    [("adult_age_zero", "Age"), ("age_contradicts_history", "Age"),
     ("sex_contradicts_history", "Sex")],
)  # fmt: skip
def test_all_pictures_of_a_case_contradict_its_history(kind, key):
    for desk in desks(lambda desk, index: plant_reports.whole_case(kind, key, desk, index)):
        history = desk.bundle.case["Case"]["History"]
        (value,) = {image["Description"][key] for image in desk.images}
        if key == "Age":
            assert not re.search(rf"\b{value}[- ]year", history)
            assert 0 <= int(value) < 120
        else:
            words = r"\b(man|boy)\b" if value == "male" else r"\b(woman|girl)\b"
            assert not re.search(words, history)


def test_keys_are_left_out_and_texts_say_nothing_or_too_much():
    for desk in desks(plant_reports.absent_key):
        for truth in desk.planted:
            part, key = truth.field.split(".")
            assert key not in desk.bundle.case[part]
    sorts = set()
    for desk in desks(plant_reports.personal_text):
        (truth,) = desk.planted
        assert truth.details["text"] in desk.bundle.case["Case"][truth.field.split(".")[1]]
        sorts.add(truth.details["sort"])
    assert sorts == {"email", "name", "date"}


def test_a_location_is_wrong_for_one_picture_or_none_for_all():
    for desk in desks(plant_reports.location_wrong):
        truth = desk.planted[0]
        assert desk.images[0]["Location Category"] == truth.details["value"]
        assert truth.details["value"] != truth.details["true"][1]
    for desk in desks(plant_reports.no_location):
        assert {image["Location"] for image in desk.images} == {desk.planted[0].details["value"]}
