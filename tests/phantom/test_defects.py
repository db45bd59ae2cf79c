import json
import re

import imagehash
import pytest
from PIL import Image, UnidentifiedImageError

from medpix2.phantom.defects import plant
from medpix2.phantom.planters import PLANTERS
from medpix2.phantom.rates import BROKEN, DEFECTS, rates, scope_of


def test_every_kind_has_a_planter():
    assert set(PLANTERS) == set(DEFECTS) | set(BROKEN)


def test_every_kind_is_planted():
    asked = rates(3.0, 0.02)
    made = (plant(1, number, asked) for number in range(500))
    assert {entry.kind for case in made for entry in case.planted} == set(PLANTERS)


def test_without_pictures_no_picture_is_spoiled(texts_only):
    assert not [kind for kind in texts_only.truth["counts"] if scope_of(kind) == "picture"]


@pytest.mark.parametrize(
    "kind",
    ["placeholder_caption", "sex_missing", "joined_keywords", "absent_key", "adult_age_zero",
     "sex_contradicts_history", "missing_from_splits", "overview_missing"],
)  # fmt: skip
def test_rates_are_those_asked_for(texts_only, kind):
    rate = 0.02 if kind in BROKEN else DEFECTS[kind].rate
    base = 2000 if scope_of(kind) == "case" else len(texts_only.images)
    if kind in ("joined_keywords", "overview_missing"):
        # Only cases of several key words, only pictures of CT.
        base *= {"joined_keywords": 2 / 3, "overview_missing": 0.52}[kind]
    found = len({entry["targets"][0] for entry in texts_only.planted(kind)})
    spread = (rate * base) ** 0.5
    assert rate * base - 4 * spread < found < rate * base + 4 * spread


def test_picture_rates_are_those_asked_for():
    asked = rates(1.0, 0.0)
    made = [plant(1, number, asked) for number in range(400)]
    images = sum(len(case.bundle.images) for case in made)
    for kind in ("rgba", "scan_lettering", "near_duplicate", "montage"):
        found = sum(entry.kind == kind for case in made for entry in case.planted)
        assert 0.4 * asked[kind] * images < found < 1.4 * asked[kind] * images, kind


def test_a_case_without_decisions_is_untouched():
    assert plant(1, 3, rates(0, 0)).planted == []


def get(document, field):
    for part in field.split("."):
        document = document[part]
    return document


def test_values_of_images_are_as_listed(spoiled):
    for entry in spoiled.truth["planted"]:
        value, field = entry["details"].get("value"), entry["field"] or ""
        if not field.startswith(("Description.", "Location", "Type")):
            continue
        for target in entry["targets"]:
            if target in spoiled.image:
                found = get(spoiled.image[target], field)
                assert found == value
                assert value != entry["details"]["true"]


def test_reports_are_as_listed(spoiled):
    for entry in spoiled.planted("absent_key"):
        part, key = entry["field"].split(".")
        assert key not in spoiled.case[entry["targets"][0]][part]
    for entry in spoiled.planted("not_available_text", "tiny_text"):
        assert get(spoiled.case[entry["targets"][0]], entry["field"]) == entry["details"]["value"]
    for entry in spoiled.planted("personal_text"):
        assert entry["details"]["text"] in get(spoiled.case[entry["targets"][0]], entry["field"])
    for entry in spoiled.planted("joined_keywords"):
        keywords = spoiled.case[entry["targets"][0]]["Topic"]["Keywords"]
        assert keywords == "".join(entry["details"]["true"])


def test_contradictions_contradict(spoiled):
    for entry in spoiled.planted("sex_contradicts_history"):
        history = spoiled.case[entry["targets"][0]]["Case"]["History"]
        words = r"\b(man|boy)\b" if entry["details"]["value"] == "female" else r"\b(woman|girl)\b"
        assert re.search(words, history)
    for entry in spoiled.planted("adult_age_zero", "age_contradicts_history"):
        history = spoiled.case[entry["targets"][0]]["Case"]["History"]
        assert re.search(rf"\b{entry['details']['true']}[- ]year", history)


def test_cases_that_share_share(texts_only):
    for entry in texts_only.planted("same_patient"):
        here, there = (texts_only.case[target]["Case"] for target in entry["targets"])
        assert here["History"] == there["History"]
    assert texts_only.planted("topic_in_several_splits")
    for entry in texts_only.planted("topic_in_several_splits"):
        here, there = (texts_only.case[target]["Topic"] for target in entry["targets"])
        assert here["Disease Discussion"] == there["Disease Discussion"]
        assert len(set(entry["details"]["splits"])) == 2


def test_no_topic_stands_twice_unless_planted(texts_only):
    shared = {t for e in texts_only.planted("topic_in_several_splits") for t in e["targets"]}
    rest = [
        case["Topic"]["Disease Discussion"]
        for case in texts_only.cases
        if case["U_id"] not in shared
    ]
    assert len(set(rest)) == len(rest)


def test_broken_files_are_broken(spoiled):
    for entry in spoiled.planted("truncated_file"):
        with pytest.raises(OSError), Image.open(spoiled.file(entry["targets"][0])) as image:
            image.load()
    for entry in spoiled.planted("zero_byte_file"):
        assert spoiled.file(entry["targets"][0]).stat().st_size == 0
        with pytest.raises(UnidentifiedImageError):
            Image.open(spoiled.file(entry["targets"][0]))
    for entry in spoiled.planted("missing_picture"):
        assert not spoiled.file(entry["targets"][0]).exists()


def test_all_other_files_decode(spoiled):
    bad = {e["targets"][0] for e in spoiled.planted("truncated_file", "zero_byte_file")}
    for path in (spoiled.folder / "images").iterdir():
        if path.stem not in bad:
            with Image.open(path) as image:
                image.load()


def test_lists_are_broken_as_listed(texts_only):
    listed = {i for case in texts_only.cases for i in case["TAC"] + case["MRI"]}
    expected = {
        "picture_without_description": (False, False),
        "listed_without_description": (True, False),
        "described_not_listed": (False, True),
    }
    for kind, state in expected.items():
        assert texts_only.planted(kind)
        for entry in texts_only.planted(kind):
            image = entry["targets"][0]
            assert (image in listed, image in texts_only.image) == state
    for entry in texts_only.planted("missing_from_splits"):
        assert not any(entry["targets"][0] in ids for ids in texts_only.lists.values())
    for entry in texts_only.planted("repeated_in_splits"):
        main = [texts_only.lists[name] for name in ("train", "dev", "test")]
        assert sum(entry["targets"][0] in ids for ids in main) == 2


def test_overview_is_out_of_step_as_listed(spoiled):
    text = (spoiled.folder / "images_overview.csv").read_text()
    for entry in spoiled.planted("overview_missing"):
        assert f",{entry['targets'][0]}," not in text
    for entry in spoiled.planted("overview_extra"):
        assert f",{entry['targets'][0]}," in text
        assert entry["targets"][0] not in spoiled.image


def test_duplicates_are_duplicates(spoiled):
    exact = spoiled.planted("exact_duplicate")
    exact += [e for e in spoiled.planted("cross_case_duplicate") if e["details"]["exact"]]
    assert exact
    for entry in exact:
        one, two = (spoiled.file(target).read_bytes() for target in entry["targets"])
        assert one == two
    for entry in spoiled.planted("near_duplicate"):
        files = [spoiled.file(target) for target in entry["targets"]]
        assert files[0].read_bytes() != files[1].read_bytes()
        one, two = (imagehash.phash(Image.open(file)) for file in files)
        assert one - two <= 12


def test_pictures_are_spoiled_as_listed(spoiled):
    for entry in spoiled.planted("rgba"):
        with Image.open(spoiled.file(entry["targets"][0])) as image:
            assert image.mode == "RGBA"
            assert image.getchannel("A").getextrema() == (255, 255)
    for entry in spoiled.planted("blank_picture"):
        with Image.open(spoiled.file(entry["targets"][0])) as image:
            assert len(image.getcolors()) == 1
    for entry in spoiled.planted("tiny_picture"):
        with Image.open(spoiled.file(entry["targets"][0])) as image:
            assert max(image.size) < 96
    for entry in spoiled.planted("extreme_aspect"):
        with Image.open(spoiled.file(entry["targets"][0])) as image:
            assert max(image.size) / min(image.size) > 4


def test_truth_is_plain_json(spoiled):
    truth = spoiled.truth
    assert truth["seed"] == 4
    assert truth["counts"] == {
        kind: len(spoiled.planted(kind)) for kind in {e["kind"] for e in truth["planted"]}
    }
    json.dumps(truth)
