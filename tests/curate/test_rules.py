import json
import re
from collections import Counter

import pytest

from medpix2.curate.rule import Subject
from medpix2.curate.rules import RULES, SET_RULES
from medpix2.phantom.layout import make_phantom

CASES, SEED = 400, 11


def subjects_in(folder):
    images = {}
    for image in json.loads((folder / "Descriptions.json").read_text()):
        images.setdefault(image["U_id"], []).append({**image, "_id": image["image"]})
    for case in json.loads((folder / "Case_topic.json").read_text()):
        yield Subject(case["U_id"], {**case, "_id": case["U_id"]}, images.get(case["U_id"], []))


def run(names, subjects):
    return {
        rule.name: [hit for subject in subjects for hit in rule.check(subject)]
        for rule in RULES
        if rule.name in names
    }


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curing") / "phantom"
    make_phantom(folder, cases=CASES, seed=SEED, pictures=False, defects=2)
    planted = json.loads((folder / "ground_truth.json").read_text())["planted"]
    return list(subjects_in(folder)), planted


def test_the_tables_can_be_read():
    names = Counter(rule.name for rule in (*RULES, *SET_RULES))
    assert max(names.values()) == 1
    for rule in (*RULES, *SET_RULES):
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
        assert rule.version >= 1 and rule.severity in ("exclude", "review", "note")
        assert rule.looks_at and rule.why.endswith(".")


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("placeholder_caption", ["placeholder-text"]),
        ("caption_not_available", ["caption-missing"]),
        ("non_scan_modality", ["modality-not-a-scan"]),
        ("non_scan_plane", ["plane-not-a-scan"]),
        ("modality_spelling", ["modality-spelling"]),
        ("type_wrong", ["type-against-modality", "type-against-caption"]),
        ("location_wrong", ["location-against-caption", "location-differs-in-case"]),
        ("no_location", ["not-a-location"]),
        ("adult_age_zero", ["age-zero-adult"]),
        ("age_contradicts_history", ["age-against-history"]),
        ("sex_contradicts_history", ["sex-against-history"]),
        ("laterality", ["side-against-report"]),
    ],
)
def test_what_was_planted_is_found_and_nothing_else(phantom, kind, names):
    subjects, planted = phantom
    wanted = {
        target
        for entry in planted
        if entry["kind"] == kind
        for target in (entry["targets"][1:] or entry["targets"])
    }
    images = {image["_id"] for subject in subjects for image in subject.images}
    hit = {one.target for hits in run(names, subjects).values() for one in hits} & images
    assert wanted
    # A side that no other text of the case names cannot be known to be wrong.
    assert len(wanted & hit) >= (0.85 if kind == "laterality" else 0.95) * len(wanted)
    assert len(wanted & hit) >= 0.95 * len(hit)


def test_a_phantom_without_defects_needs_no_decision(tmp_path):
    make_phantom(tmp_path / "clean", cases=200, seed=SEED, pictures=False, defects=0)
    subjects = list(subjects_in(tmp_path / "clean"))
    for rule in RULES:
        if rule.severity != "note":
            assert not [hit for subject in subjects for hit in rule.check(subject)], rule.name


def test_rules_bear_what_a_broken_source_gives():
    image = {"_id": "a", "image": "a", "Type": None, "Description": None, "Location": 7}
    case = {"_id": "b", "Case": None, "Topic": {"Keywords": 3, "Title": ["x"]}}
    for subject in (
        Subject("b", case, [image]),
        Subject("b", None, [{"_id": "a", "Description": {"Age": 4, "Caption": 5, "Sex": []}}]),
        Subject("b", {"_id": "b"}, []),
    ):
        for rule in RULES:
            for hit in rule.check(subject):
                assert hit.target in ("a", "b")
        for rule in SET_RULES:
            gathering = rule.gather()
            gathering.add(subject)
            assert all(hit.case for hit in gathering.hits())


@pytest.mark.real
def test_the_defects_of_the_real_release_are_found(real_copy):
    subjects = list(subjects_in(real_copy))
    found = run({rule.name for rule in RULES}, subjects)
    counts = Counter(
        (name, hit.field) for name, hits in found.items() for hit in hits if hit.field is not None
    )
    captions = [h for h in found["placeholder-text"] if h.field == "Description.Caption"]
    assert len(captions) == 23  # 21 of the form, two of an author
    assert sum(hit.evidence["words"] == "Replace this" for hit in captions) == 21
    assert counts["modality-not-a-scan", "Description.Modality"] == 5  # Drawing, Colonoscopy
    assert counts["plane-not-a-scan", "Description.Plane"] == 12  # Photograph, Pathology, Drawing
    assert {hit.evidence["value"] for hit in found["not-a-location"]} == {
        "Bethesda, MD", "Left Blank",
    }  # fmt: skip
    assert {"MR", "MRI", "CT", " MR - Montage of Images"} <= {
        hit.evidence["value"] for hit in found["modality-spelling"]
    }
    absent = {field: number for (name, field), number in counts.items() if name == "section-absent"}
    assert (absent["Case.History"], absent["Case.Exam"], absent["Case.Findings"]) == (6, 134, 16)
    assert counts["age-zero-adult", "Description.Age"] >= 41
    assert counts["age-against-history", "Description.Age"] >= 7
    assert counts["sex-against-history", "Description.Sex"] >= 2
    assert counts["email-in-text", "Topic.Disease Discussion"] == 1
