import pytest

from medpix2.export.joined import (
    ALWAYS,
    LABELS,
    WITH_CASE,
    WITH_PICTURES,
    Classes,
    case_with_pictures,
    classes_of,
    pictures_with_case,
    seen,
)
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS, Field
from medpix2.field_groups import leaking_fields


def test_a_picture_has_what_is_known_of_its_case(told):
    rows = pictures_with_case(told.held[1], [None] * 3)
    assert [row["image_id"] for row in rows] == ["MPX1001_ct0", "MPX1001_ct1", "MPX1001_mr0"]
    for row in rows:
        assert list(row) == [field.name for field in WITH_CASE]
        assert (row["title"], row["findings"], row["split"]) == (
            "Hamartoma", "A mass in the lung.", "train",
        )  # fmt: skip


def test_a_case_has_a_list_as_long_as_that_of_its_pictures(told):
    row = case_with_pictures(told.held[1])
    assert set(row) == {field.name for field in WITH_PICTURES}
    assert row["image_ids"] == ["MPX1001_ct0", "MPX1001_ct1", "MPX1001_mr0"]
    assert row["modalities"] == ["CT", "CT", "MR"] and row["planes"] == ["Coronal", None, "Axial"]
    assert row["sequences"] == [None, None, "FLAIR"]


def test_a_case_has_the_first_value_that_a_picture_gives(told):
    facts = [picture.document["meta"]["normalized"] for picture in told.held[1].pictures]
    facts[0] |= {"age": None, "sex": None}
    facts[1] |= {"age": 5.0, "sex": None}
    facts[2] |= {"age": 6.0, "sex": "female"}
    row = case_with_pictures(told.held[1])
    assert (row["age"], row["sex"]) == (5.0, "female")
    told.add("MPX2000")
    assert case_with_pictures(told.held[-1])["age"] is None


def test_fields_that_are_always_there_and_labels_exist():
    names = {field.name for field in (*WITH_CASE, *WITH_PICTURES)}
    assert names >= set(ALWAYS) and names >= LABELS
    assert len({field.name for field in WITH_CASE}) == len(WITH_CASE)


@pytest.mark.parametrize(
    ("known", "values", "classes"),
    [
        ((), ("b", "a", "b"), ["a", "b"]),
        (("male", "female"), ("male",), ["male", "female"]),
        (("CT", "MR"), ("XR", "CT"), ["CT", "MR", "XR"]),
    ],
)
def test_classes_are_the_known_ones_then_others_by_the_alphabet(known, values, classes):
    assert classes_of(Field("x", "text", "X.", classes=known), values) == classes


def test_classes_come_through_the_counts_of_parts():
    rows = [{"plane": "Axial: high", "modality": "CT"}, {"plane": None, "modality": "CT"}]
    counts = dict.fromkeys([key for row in rows for key in Classes.keys(row)], 1)
    fields = [field for field in WITH_CASE if field.name in ("plane", "modality", "caption")]
    assert Classes(counts | {"cases": 3, "modality:XR": 1}).of(fields) == {
        "modality": ["CT", "MR"], "plane": ["Axial: high"],
    }  # fmt: skip


def test_what_check_sees_are_the_labels():
    row = {"image_id": "a", "case_id": "b", "split": "dev", "modality": "CT", "caption": "c"}
    found = seen("here", row, b"x")
    assert (found.kind, found.id, found.case, found.split) == ("image", "a", "b", "dev")
    assert found.labels == {"split": "dev", "modality": "CT"} and found.picture == b"x"


def test_the_table_of_fields_agrees_with_the_groups_on_what_gives_the_diagnosis_away():
    leaking = leaking_fields("case") | leaking_fields("image")
    from_facts = {"category": "Topic.Category", "keywords": "Topic.Keywords"}
    for field in (*CASE_FIELDS, *IMAGE_FIELDS):
        published = from_facts.get(field.name, ".".join(field.at))
        assert field.reveals == (published in leaking), field.name


def test_a_scan_without_contrast_is_not_one_of_unknown_contrast(told):
    facts = [picture.document["meta"]["normalized"] for picture in told.held[1].pictures]
    facts[0]["contrast"] = "none"
    rows = pictures_with_case(told.held[1], [None] * 3)
    assert [row["contrast"] for row in rows] == ["none", None, None]
