from __future__ import annotations

import hashlib
import json

import pytest

from medpix2.curate import rules
from medpix2.curate.release import (
    Difference,
    Manifest,
    frozen,
    hash_of,
    line_of,
    log_hash,
    versions_changed,
)


def case(name="MPX1", **meta):
    return {
        "_id": name,
        "U_id": name,
        "Case": {"Title": "é"},
        "meta": {"status": "accepted", **meta},
    }


def image(name="MPX1_a", path="ab/ab.png", sha256="ab", **more):
    return {
        "_id": name, "image": name, "U_id": "MPX1", "Type": "CT",
        "Description": {"Caption": "A lung."}, **more,
        "meta": {"status": "accepted", "split": "dev", "file": {"path": path, "sha256": sha256}},
    }  # fmt: skip


def test_what_only_the_database_needs_is_not_frozen():
    document = case(n=7, c=7, inputs="x", split="train")
    assert frozen(document)["meta"] == {"status": "accepted", "split": "train"}
    assert document["meta"]["n"] == 7


def test_a_line_is_the_document_as_it_stands_and_its_hash_anybody_can_compute():
    line = line_of(case())
    assert json.loads(line) == case()
    assert list(json.loads(line)) == list(case())
    assert line.endswith("é".encode() + b'"},"meta":{"status":"accepted"}}\n')
    assert hash_of(line) == hashlib.sha256(line).hexdigest()


def test_the_manifest_has_every_hash_and_counts_by_split_status_and_modality():
    made = Manifest()
    lines = [made.add_case(case("MPX2")), made.add_case(case("MPX1", split="dev"))]
    picture = made.add_image(image())
    said = made.finished("2026.1", ["pending", "accepted"], (3, "abc"))
    assert said["name"] == "2026.1"
    assert said["statuses"] == ["accepted", "pending"]
    assert said["decisions"] == {"count": 3, "sha256": "abc"}
    assert said["cases"] == {"MPX1": hash_of(lines[1]), "MPX2": hash_of(lines[0])}
    assert list(said["cases"]) == ["MPX1", "MPX2"]
    assert said["images"] == {
        "MPX1_a": {"document": hash_of(picture), "picture": "ab", "path": "ab/ab.png"}
    }
    assert said["content"]["cases"] == hashlib.sha256(b"".join(lines)).hexdigest()
    assert said["counts"] == {
        "cases": 2, "images": 1,
        "splits": {"cases": {"dev": 1, "none": 1}, "images": {"dev": 1}},
        "statuses": {"cases": {"accepted": 2}, "images": {"accepted": 1}},
        "modalities": {"CT": 1},
    }  # fmt: skip
    assert said["rules"] == {rule.name: rule.version for rule in (*rules.RULES, *rules.SET_RULES)}
    assert said["looks"] == {look.name: look.version for look in rules.LOOKS}


def test_the_log_hash_knows_every_decision_but_not_their_order():
    log = [{"target": "MPX1", "action": "accept"}, {"target": "MPX2", "action": "exclude"}]
    assert log_hash(log) == log_hash(reversed(log))
    assert log_hash(log)[0] == 2
    assert log_hash(log) != log_hash([*log, log[0]])
    assert log_hash(log)[1] != log_hash([log[0], {**log[1], "reason": "x"}])[1]


def test_a_difference_names_the_fields_and_counts_the_moves():
    found = Difference()
    after = image(sha256="cd")
    after["Description"]["Caption"] = None
    after["meta"]["split"] = "test"
    found.compare(image(), after)
    assert found.as_json() == {
        "came": [], "went": [],
        "changed": {"MPX1_a": ["Description.Caption", "meta.split", "picture"]},
        "fields": {"Description.Caption": 1, "meta.split": 1, "picture": 1},
        "splits": {"dev -> test": 1}, "statuses": {},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "fields"),
    [
        ({"Location": None}, {}, ["Location"]),
        ({"Location": "Brain"}, {"Location": None}, ["Location"]),
        ({"Description": {}}, {"Description": {"Age": "4"}}, ["Description", "Description.Age"]),
        ({"Extra": [1, 2]}, {"Extra": [2, 1]}, ["Extra"]),
    ],
)
def test_a_missing_field_is_another_than_an_empty_one(before, after, fields):
    found = Difference()
    found.compare(image(**before), image(**after))
    assert found.changed == {"MPX1_a": fields}


def test_where_a_picture_lies_is_no_difference():
    found = Difference()
    found.compare(image(path="ab/ab.png"), image(path="/elsewhere/x.png"))
    assert not found.changed


def test_rules_that_came_went_or_changed():
    before, after = {"a": 1, "b": 1, "c": 1}, {"b": 2, "c": 1, "d": 1}
    assert versions_changed(before, after) == {"a": (1, None), "b": (1, 2), "d": (None, 1)}
