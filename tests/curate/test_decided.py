from __future__ import annotations

import pytest

from medpix2.curate.decided import BURNED_IN, boxes_of, correctable, decided, fault_of
from medpix2.records import Case, Decision, Image

IMAGE = {"_id": "A_1", "U_id": "A", "image": "A_1", "Type": "CT", "Location": "Spine"}


def decide(action: str, **more) -> Decision:
    given = {"target": "A_1", "by": "ann", "at": "2025-01-01T00:00:00Z", **more}
    return Decision(action=action, **given)


def test_the_published_texts_are_those_of_the_records():
    assert "Case.Treatment & Follow Up" in correctable(Case)
    assert {"U_id", "TAC", "MRI", "Case"}.isdisjoint(correctable(Case))
    assert correctable(Image) >= {"Type", "Location Category", "Description.Figure Part"}
    assert {"U_id", "image", "Description"}.isdisjoint(correctable(Image))


@pytest.mark.parametrize(
    ("kind", "given", "wrong"),
    [
        ("image", {"action": "accept"}, None),
        ("image", {"action": "accept", "by": " "}, "does not say who decided"),
        ("image", {"action": "exclude"}, "has no reason to exclude"),
        ("image", {"action": "withdraw", "reason": " "}, "has no reason to withdraw"),
        ("case", {"action": "undo"}, None),
        ("image", {"action": "merge"}, "does not say into which other one"),
        ("image", {"action": "merge", "into": "A_1"}, "does not say into which other one"),
        ("image", {"action": "merge", "into": "A_2"}, None),
        ("image", {"action": "accept", "into": "A_2"}, "has `into`, which does not go with"),
        ("image", {"action": "accept", "field": "Type"}, "has a field, but is to accept"),
        ("image", {"action": "correct", "field": "Type", "new": "MR"}, None),
        ("image", {"action": "correct", "field": "Type", "new": "PET"}, "it can be CT, MR"),
        ("image", {"action": "correct", "field": "Type"}, "it can be CT, MR"),
        ("image", {"action": "correct", "field": "Location Category", "new": "Foot"}, "Thorax"),
        ("image", {"action": "correct", "field": "Location Category"}, None),
        ("image", {"action": "correct", "field": BURNED_IN, "new": "[[0, 1, 2, 3]]"}, None),
        ("image", {"action": "correct", "field": BURNED_IN}, None),
        ("image", {"action": "correct", "field": BURNED_IN, "new": "["}, "they are no JSON"),
        ("case", {"action": "correct", "field": BURNED_IN, "new": "[]"}, "which is no field"),
        ("image", {"action": "correct", "field": "Case.Title", "new": "x"}, "no field of an image"),
        ("case", {"action": "correct", "field": "Case.Title", "new": "x"}, None),
        ("case", {"action": "correct", "field": "U_id", "new": "x"}, "no field of a case"),
        ("case", {"action": "correct"}, "no field of a case"),
    ],
)  # fmt: skip
def test_what_cannot_be_decided_is_said(kind, given, wrong):
    fault = fault_of(decide(**given), kind)
    assert fault is None if wrong is None else wrong in fault


def test_what_holds_is_the_last_of_each_kind():
    found = decided(IMAGE, "image", [
        decide("accept"), decide("correct", field="Location", old="Spine", new="Neck"),
        decide("exclude", reason="no scan"),
    ])  # fmt: skip
    assert found.verdict.action == "exclude"
    assert found.corrections == {"Location": "Neck"}
    assert found.stale == []


def test_boxes_are_read_with_or_without_what_they_are():
    assert boxes_of("[]") == []
    assert boxes_of('[[0, 1, 2, 3], [4, 5, 6, 7, "footer"]]') == [
        (0, 1, 2, 3, "lettering"), (4, 5, 6, 7, "footer"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[1]", "[[0, 1, 2]]", "[[0, 0, 0, 5]]", "[[-1, 0, 3, 5]]", "[[0, 0, 1.5, 2]]",
        '[[0, 0, 1, 2, "face"]]', "[[0, 0, true, 2]]", "[[0, 0, 1, 200000]]", "[" * 100_000,
        str([[0, 0, 1, 1]] * 201), "[[0, 0, 1, 2, []]]",
    ],
)  # fmt: skip
def test_what_is_no_box_is_refused(text):
    with pytest.raises(ValueError, match=r"they are|is not|has no area"):
        boxes_of(text)
