from __future__ import annotations

from medpix2.curate.rule import Subject
from medpix2.curate.same import differing, label_of, pictures_of, told


def test_pictures_come_by_id_and_only_where_there_is_a_file() -> None:
    images = [
        {"_id": "b", "file": {}},
        {"_id": "c", "file": {"x": 1}},
        {"_id": "a", "file": {"x": 1}},
    ]
    assert [one["_id"] for one in pictures_of(Subject("A", None, images))] == ["a", "c"]


def test_labels_differ_without_regard_to_case_and_blanks() -> None:
    one = {"Type": "CT", "Description": {"Caption": "A  cyst. ", "Plane": "Axial"}}
    other = {"Type": "ct", "Description": {"Caption": "a cyst.", "Plane": "Coronal"}}
    assert differing(one, other) == ["Description.Plane"]
    assert told(["Type", "Description.Plane"]) == "but not the same Type, Plane"


def test_a_label_may_be_absent_or_no_text() -> None:
    assert label_of({}, "Description.Caption") is None
    assert label_of({"Description": None}, "Description.Caption") is None
    assert label_of({"Type": 3}, "Type") is None
