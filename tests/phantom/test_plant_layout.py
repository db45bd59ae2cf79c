import pytest

from medpix2.phantom import plant_layout
from medpix2.phantom.collection import make_case
from medpix2.phantom.desk import Desk, Planted


def desk_of(scan, images=2):
    """Return a desk with a case whose first picture is of this type."""
    made = (make_case(1, number) for number in range(400))
    bundle = next(b for b in made if len(b.images) >= images and b.images[0]["Type"] == scan)
    return Desk(bundle, 1, lambda number: Planted(make_case(1, number), [], []))


def test_a_row_of_the_overview_is_left_out_of_ct_alone():
    desk = desk_of("CT")
    rows = len(desk.bundle.rows())
    plant_layout.overview_missing(desk, 0)
    plant_layout.overview_missing(desk, 0)
    assert len(desk.bundle.rows()) == rows - 1
    assert [truth.targets for truth in desk.planted] == [[desk.images[0]["image"]]]
    other = desk_of("MR")
    plant_layout.overview_missing(other, 0)
    assert other.planted == []
    assert not other.bundle.hidden


def test_a_row_of_the_overview_that_is_too_many_names_no_picture_of_the_case():
    desk = desk_of("CT")
    plant_layout.overview_extra(desk, 0)
    (truth,) = desk.planted
    extra = desk.bundle.rows()[-1]
    assert extra[:3] == ("TAC", desk.u_id, truth.targets[0])
    assert extra[2] not in {image["image"] for image in desk.images}


@pytest.mark.parametrize(
    ("kind", "listed", "described"),
    [
        ("picture_without_description", False, False),
        ("listed_without_description", True, False),
        ("described_not_listed", False, True),
    ],
)
def test_what_is_taken_away_of_a_picture(kind, listed, described):
    desk = desk_of("CT")
    name = desk.images[0]["image"]
    plant_layout.undescribed(kind, desk, 0)
    case = desk.bundle.case
    assert (name in case["TAC"] + case["MRI"]) is listed
    assert (name in {image["image"] for image in desk.bundle.images}) is described
    assert [(truth.kind, truth.targets) for truth in desk.planted] == [(kind, [name])]
    assert not desk.take(name, "Caption"), "nothing else may be planted there"


def test_a_case_is_in_no_split_or_in_two():
    desk = desk_of("CT")
    before = list(desk.bundle.splits)
    plant_layout.splits("missing_from_splits", desk, 0)
    plant_layout.splits("repeated_in_splits", desk, 0)
    assert desk.bundle.splits == []
    assert [truth.kind for truth in desk.planted] == ["missing_from_splits"]
    assert desk.planted[0].details == {"true": before, "value": []}
    twice = desk_of("MR")
    plant_layout.splits("repeated_in_splits", twice, 0)
    assert len(set(twice.bundle.splits) & {"train", "dev", "test"}) == 2
