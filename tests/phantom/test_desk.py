import pytest

from medpix2.phantom.collection import make_case
from medpix2.phantom.desk import Desk, Planted, decide
from medpix2.phantom.rates import rates


def replant(number):
    return Planted(make_case(1, number), [], [])


@pytest.fixture
def desk():
    number = next(n for n in range(20, 80) if len(make_case(1, n).images) > 2)
    return Desk(make_case(1, number), 1, replant)


def test_a_field_is_spoiled_once(desk):
    assert desk.can_take("a", "Caption")
    assert desk.take("a", "Caption")
    assert not desk.can_take("a", "Caption", "Plane")
    assert not desk.take("a", "Caption")
    assert not desk.take("a", "Plane", "Caption")
    assert desk.take("a", "Plane"), "a claim that failed claims nothing"
    assert desk.take("b", "Caption")


def test_a_whole_picture_is_claimed_before_its_fields_or_not_at_all(desk):
    assert desk.take("a", "*")
    assert not desk.take("a", "Caption")
    assert desk.take("b", "Caption")
    assert not desk.take("b", "*")


def test_a_field_of_all_images_is_claimed_of_all_or_of_none(desk):
    first, *others = (image["image"] for image in desk.images)
    assert desk.take(first, "Age")
    assert not desk.take_all("Age")
    assert desk.can_take(others[0], "Age")
    assert desk.take_all("Sex")
    assert not any(desk.can_take(image["image"], "Sex") for image in desk.images)


def test_a_partner_is_an_earlier_case_that_fits(desk):
    mine = desk.bundle.number
    other = desk.partner(lambda number: number % 2 == 0)
    assert other.bundle.number < mine
    assert other.bundle.number % 2 == 0
    assert desk.partner(lambda number: False) is None


def test_the_first_case_has_no_partner():
    assert Desk(make_case(1, 0), 1, replant).partner(lambda number: True) is None


def test_what_a_case_gets_is_decided_by_the_seed_alone():
    asked = rates(2.0, 0.05)
    assert [decide(1, n, asked) for n in range(50)] == [decide(1, n, asked) for n in range(50)]
    assert [decide(1, n, asked) for n in range(50)] != [decide(2, n, asked) for n in range(50)]
    assert not any(decide(1, n, rates(0, 0)) for n in range(50))


def test_a_rate_of_one_hits_every_image_and_the_case_once():
    found = decide(1, 7, {"rgba": 1.0, "absent_key": 1.0})
    assert found["absent_key"] == [0]
    assert found["rgba"] == list(range(12))
