import pytest

from medpix2.phantom import plant_pictures
from medpix2.phantom.collection import make_case, site_of
from medpix2.phantom.desk import Desk, Planted
from medpix2.phantom.picture import Job


def sound(number):
    """Return a case without defects."""
    bundle = make_case(1, number)
    return Planted(bundle, [Job(scene.image, scene) for scene in bundle.scenes], [])


@pytest.fixture
def desk():
    """Return a desk with a case of several pictures of one type."""
    number = next(
        n
        for n in range(100, 300)
        if len(types := [image["Type"] for image in make_case(1, n).images]) > 3
        and len(set(types)) == 1
    )
    return Desk(make_case(1, number), 1, sound)


def test_a_picture_is_spoiled_once_and_described_as_before(desk):
    before = dict(desk.images[0]["Description"])
    plant_pictures.picture("rgba", desk, 0)
    plant_pictures.picture("blank_picture", desk, 0)
    plant_pictures.lettering("scan_lettering", desk, 0)
    assert desk.jobs[0].defect == "rgba"
    assert desk.images[0]["Description"] == before
    assert [(truth.kind, truth.targets) for truth in desk.planted] == [
        ("rgba", [desk.images[0]["image"]])
    ]


def test_lettering_that_identifies_has_name_birth_and_number(desk):
    plant_pictures.lettering("identifier_lettering", desk, 0)
    plant_pictures.lettering("scan_lettering", desk, 1)
    name, born, number = desk.jobs[0].words
    assert ", " in name
    assert name == name.upper()
    assert born.startswith("DOB ")
    assert number.startswith("ID ")
    (of_scanner,) = desk.jobs[1].words
    assert of_scanner.isdigit()
    assert [truth.details["words"] for truth in desk.planted] == [
        [name, born, number],
        [of_scanner],
    ]


def test_what_is_said_of_a_montage_or_photograph_is_in_the_ground_truth():
    said = {"montage": set(), "photograph": set()}
    for number in range(40):
        desk = Desk(make_case(1, number), 1, sound)
        before = dict(desk.images[0]["Description"])
        if number % 2:
            plant_pictures.montage(desk, 0)
        else:
            plant_pictures.non_scan("photograph", desk, 0)
        (truth,) = desk.planted
        assert (desk.images[0]["Description"] != before) is truth.details["said"]
        said[truth.kind].add(truth.details["said"])
    assert said == {"montage": {True, False}, "photograph": {True, False}}


def test_a_duplicate_shows_and_says_what_another_picture_of_the_case_does(desk):
    plant_pictures.duplicate("exact_duplicate", desk, 0)
    (truth,) = desk.planted
    copy, source = truth.targets
    at = [image["image"] for image in desk.images].index(source)
    assert copy == desk.images[0]["image"] != source
    assert desk.jobs[0].scene == desk.jobs[at].scene
    for key in ("Caption", "Modality", "Plane"):
        assert desk.images[0]["Description"][key] == desk.images[at]["Description"][key]


def test_a_case_of_one_picture_has_no_duplicate():
    number = next(n for n in range(100) if len(make_case(1, n).images) == 1)
    desk = Desk(make_case(1, number), 1, sound)
    plant_pictures.duplicate("exact_duplicate", desk, 0)
    assert desk.planted == []
    assert desk.jobs[0].defect is None


def test_a_picture_comes_from_an_earlier_case_with_the_same_site():
    found = 0
    for number in range(200, 260):
        desk = Desk(make_case(1, number), 1, sound)
        plant_pictures.cross_case_duplicate(desk, 0)
        for truth in desk.planted:
            copy, source = truth.targets
            earlier = int(source.split("_")[0].removeprefix("MPX9"))
            assert copy == desk.images[0]["image"]
            assert earlier < number
            assert site_of(1, earlier) == site_of(1, number)
            assert desk.jobs[0].scene.image == source
            found += 1
    assert found > 10
