from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.fold import correctable, fold
from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.records import Case, Decision, Finding, Image


def a_case(**more: Any) -> dict[str, Any]:
    published = {
        "U_id": "A", "TAC": ["A_1"], "MRI": ["A_2"],
        "Case": {"Title": "Cyst", "Exam": "N/A"}, "Topic": {"Keywords": "CystRenal"},
    }  # fmt: skip
    return {
        "_id": "A", **published, "source": {"site": "published", "split": "train"},
        "normalized": case_facts(published).model_dump(), "problems": [], "digest": "d", **more,
    }  # fmt: skip


def an_image(name: str = "A_1", **more: Any) -> dict[str, Any]:
    published = {
        "Type": "CT", "U_id": "A", "image": name, "Description": {"Age": "42", "Sex": "N/A"},
        "Location": "Spine", "Location Category": "Head",
    }  # fmt: skip
    return {
        "_id": name, **published,
        "source": {"site": "published", "split": "train", "split_half": "train_1"},
        "normalized": image_facts(published).model_dump(), "file": {"path": "p", "width": 5},
        "problems": [], "digest": "d", **more,
    }  # fmt: skip


def decide(action: str, target: str = "A_1", **more: Any) -> Decision:
    return Decision(target=target, action=action, by="ann", at="2025-01-01T00:00:00Z", **more)


def correct(field: str, new: str | None, target: str = "A_1") -> Decision:
    return decide("correct", target, field=field, new=new)


def find(severity: str, target: str = "A_1", rule: str = "rule") -> Finding:
    return Finding(target=target, rule=rule, version=1, severity=severity, message="saw it")


def status(findings=(), decisions=(), **more) -> tuple[str, str | None]:
    meta = fold(a_case(), [an_image(**more)], findings, decisions).images[0]["meta"]
    return meta["status"], meta["reason"]


PROBLEM = {"kind": "bad-picture", "field": None, "message": "its picture is empty"}


def test_what_is_current_is_what_was_published_and_what_is_known_of_it():
    current = fold(a_case(), [an_image()])
    assert current.case == {
        "_id": "A", "U_id": "A", "TAC": ["A_1"], "MRI": ["A_2"],
        "Case": {"Title": "Cyst", "Exam": "N/A"}, "Topic": {"Keywords": "CystRenal"},
        "meta": {
            "kind": "case", "status": "accepted", "reason": None, "split": "train",
            "split_half": None, "site": "published", "corrected": [], "rules": [],
            "normalized": {"keywords": ("Cyst", "Renal"), "category": None},
        },
    }  # fmt: skip
    (image,) = current.images
    assert image["Description"] == {"Age": "42", "Sex": "N/A"}
    assert image["meta"]["file"] == {"path": "p", "width": 5}
    assert image["meta"]["split_half"] == "train_1"
    assert image["meta"]["normalized"]["age"] == 42
    assert not {"source", "problems", "digest", "file"} & set(image)


@pytest.mark.parametrize(
    ("findings", "decisions", "problems", "expected"),
    [
        ([], [], [], "accepted"),
        (["note"], [], [], "accepted"),
        (["note", "review"], [], [], "pending"),
        (["review", "exclude"], [], [], "excluded"),
        ([], [], [PROBLEM], "excluded"),
        (["review"], [], [PROBLEM], "excluded"),
        (["review"], ["accept"], [], "accepted"),
        (["exclude"], ["accept"], [], "accepted"),
        ([], ["accept"], [PROBLEM], "accepted"),
        ([], ["exclude"], [], "excluded"),
        ([], ["exclude", "accept"], [], "accepted"),
        ([], ["accept", "exclude"], [], "excluded"),
        ([], ["withdraw"], [], "withdrawn"),
        ([], ["withdraw", "accept"], [], "accepted"),
        ([], ["accept", "withdraw"], [PROBLEM], "withdrawn"),
    ],
)
def test_the_last_decision_beats_problems_which_beat_rules(findings, decisions, problems, expected):
    found = [find(severity) for severity in findings]
    decided = [decide(action) for action in decisions]
    assert status(found, decided, problems=problems)[0] == expected
    case = fold(
        a_case(problems=problems),
        [],
        [find(severity, "A") for severity in findings],
        [decide(action, "A") for action in decisions],
    ).case
    assert case["meta"]["status"] == expected


def test_a_status_has_its_reason():
    assert status([find("review")]) == ("pending", "rule: saw it")
    assert status([], [decide("exclude", reason="no scan")]) == ("excluded", "no scan")
    other = {"kind": "invalid-field", "field": "Type", "message": "is missing"}
    assert status(problems=[PROBLEM, other]) == (
        "excluded", "its picture is empty; Type is missing",
    )  # fmt: skip
    assert status([find("note")]) == ("accepted", None)


def test_rules_are_named_once_each_whatever_they_did():
    findings = [find("note", rule="b"), find("note", rule="a"), find("review", rule="b")]
    image = fold(a_case(), [an_image()], findings, [decide("accept")]).images[0]
    assert image["meta"]["rules"] == ["a", "b"]


def test_findings_and_decisions_of_another_do_not_matter():
    current = fold(
        a_case(), [an_image("A_1"), an_image("A_2")],
        [find("exclude", "A_2"), find("exclude", "Z")],
        [decide("withdraw", "Z_1"), correct("Location", "Chest", "A_2")],
    )  # fmt: skip
    first, second = current.images
    assert (first["meta"]["status"], second["meta"]["status"]) == ("accepted", "excluded")
    assert (first["Location"], second["Location"]) == ("Spine", "Chest")
    assert current.case["meta"]["status"] == "accepted"


@pytest.mark.parametrize("action", ["exclude", "withdraw"])
def test_a_case_takes_its_images_along(action):
    images = [an_image("A_1"), an_image("A_2")]
    decisions = [decide("accept", "A_1"), decide(action, "A")]
    current = fold(a_case(), images, [], decisions)
    expected = current.case["meta"]["status"]
    assert expected in ("excluded", "withdrawn")
    assert [image["meta"]["status"] for image in current.images] == [expected] * 2
    assert current.images[0]["meta"]["reason"] == f"its case is {expected}"
    undone = fold(a_case(), images, [], [*decisions, decide("accept", "A")])
    assert [image["meta"]["status"] for image in undone.images] == ["accepted"] * 2


def test_a_pending_case_does_not_take_its_images_along():
    current = fold(a_case(), [an_image()], [find("review", "A")])
    assert current.case["meta"]["status"] == "pending"
    assert current.images[0]["meta"]["status"] == "accepted"


def test_an_image_that_was_withdrawn_is_so_whatever_becomes_of_its_case():
    decisions = [decide("withdraw", "A_1", reason="asked for"), decide("exclude", "A")]
    for case in (a_case(), None):
        meta = fold(case, [an_image()], [], decisions).images[0]["meta"]
        assert (meta["status"], meta["reason"]) == ("withdrawn", "asked for")


def test_images_of_a_case_that_is_not_there_are_excluded():
    current = fold(None, [an_image()], [], [decide("accept")])
    assert current.case is None
    meta = current.images[0]["meta"]
    assert (meta["status"], meta["reason"]) == ("excluded", "its case is not in the source")


def test_what_is_gone_from_its_source_is_withdrawn_whatever_was_decided():
    source = {"site": "published", "gone": True}
    assert status([], [decide("accept")], source=source)[0] == "withdrawn"
    current = fold(a_case(source=source), [an_image()])
    assert current.images[0]["meta"]["status"] == "withdrawn"


def test_a_correction_changes_what_is_current_and_leaves_the_source():
    image = an_image()
    before = copy.deepcopy(image)
    corrections = [correct("Description.Age", "18 months"), correct("Location", "Left Blank")]
    current = fold(a_case(), [image], [], corrections).images[0]
    assert current["Description"] == {"Age": "18 months", "Sex": "N/A"}
    assert current["meta"]["corrected"] == ["Description.Age", "Location"]
    assert current["meta"]["normalized"]["age"] == 1.5
    assert current["meta"]["normalized"]["location"] is None
    assert image == before


def test_a_correction_of_a_case_changes_its_facts():
    case = fold(a_case(), [], [], [correct("Topic.Keywords", "StoneRenal", "A")]).case
    assert case["Topic"] == {"Keywords": "StoneRenal"}
    assert case["meta"]["normalized"]["keywords"] == ("Stone", "Renal")


def test_the_last_correction_of_a_field_counts():
    decisions = [correct("Location", "Chest"), correct("Location", "Abdomen")]
    assert fold(a_case(), [an_image()], [], decisions).images[0]["Location"] == "Abdomen"


def test_a_correction_is_undone_by_the_old_value():
    plain = fold(a_case(), [an_image()])
    decisions = [
        correct("Description.Age", "7"), correct("Description.Plane", "Axial"),
        correct("Description.Age", "42"), correct("Description.Plane", None),
    ]  # fmt: skip
    assert fold(a_case(), [an_image()], [], decisions) == plain


def test_a_field_that_the_source_does_not_have_can_be_filled_in():
    image = an_image()
    del image["Description"]
    current = fold(a_case(), [image], [], [correct("Description.Sex", "male")]).images[0]
    assert current["Description"] == {"Sex": "male"}
    assert current["meta"]["normalized"]["sex"] == "male"
    assert "Description" not in image


def test_a_value_can_be_taken_away():
    current = fold(a_case(), [an_image()], [], [correct("Location", None)]).images[0]
    assert current["Location"] is None
    assert current["meta"]["corrected"] == ["Location"]


@pytest.mark.parametrize(
    "field",
    ["_id", "U_id", "image", "meta", "meta.status", "file", "file.path", "source", "source.gone",
     "problems", "Description", "Location.x", "Description.Age.x", "TAC", "TAC.0", "Case.Title",
     "$set", "Description.$x", "", ".", "a\0", "Mine"],
)  # fmt: skip
def test_only_published_texts_can_be_corrected(field):
    plain = fold(a_case(), [an_image()])
    assert fold(a_case(), [an_image()], [], [correct(field, "evil")]) == plain


def test_the_type_of_an_image_is_ct_or_mr():
    for new, expected in (("MR", "MR"), ("PET", "CT"), (None, "CT")):
        assert (
            fold(a_case(), [an_image()], [], [correct("Type", new)]).images[0]["Type"] == expected
        )


def test_the_published_texts_are_those_of_the_records():
    assert "Case.Treatment & Follow Up" in correctable(Case)
    assert {"U_id", "TAC", "MRI", "Case"}.isdisjoint(correctable(Case))
    assert correctable(Image) >= {"Type", "Location Category", "Description.Figure Part"}
    assert {"U_id", "image", "Description"}.isdisjoint(correctable(Image))


TARGETS = st.sampled_from(["A", "A_1", "A_2", "Z"])
FIELDS = [*sorted(correctable(Image) | correctable(Case)), "_id", "file", "TAC.0"]
decisions_of = st.lists(
    st.builds(
        decide,
        st.sampled_from(["accept", "exclude", "withdraw", "correct"]),
        TARGETS,
        field=st.sampled_from(FIELDS) | st.none(),
        new=st.sampled_from(["42", "N/A", "MR", "x"]) | st.none(),
    ),
    max_size=8,
)
findings_of = st.lists(
    st.builds(find, st.sampled_from(["note", "review", "exclude"]), TARGETS), max_size=4
)


@given(findings_of, decisions_of, st.booleans())
def test_the_fold_is_pure_and_the_same_each_time(findings, decisions, with_case):
    case = a_case() if with_case else None
    images = [an_image("A_1"), an_image("A_2", problems=[PROBLEM])]
    before = copy.deepcopy((case, images, findings, decisions))
    first = fold(case, images, findings, decisions)
    assert (case, images, findings, decisions) == before
    assert fold(*copy.deepcopy(before)) == first
    for document in (first.case, *first.images):
        if document is not None:
            assert document["_id"] == document["U_id" if document is first.case else "image"]
            assert document["meta"]["corrected"] == sorted(set(document["meta"]["corrected"]))


@given(findings_of, decisions_of)
def test_withdrawing_last_withdraws_and_accepting_last_accepts(findings, decisions):
    for action, expected in (("withdraw", "withdrawn"), ("accept", "accepted")):
        last = [decide(action, name) for name in ("A", "A_1")]
        current = fold(a_case(), [an_image()], findings, [*decisions, *last])
        for document in (current.case, *current.images):
            assert document["meta"]["status"] == expected


@given(decisions_of)
def test_undoing_every_correction_gives_the_source(decisions):
    undo = [
        correct(field, (a_case()["Case"] | {}).get(field.removeprefix("Case.")), "A")
        for field in sorted(correctable(Case))
        if field.startswith("Case.")
    ]
    case = fold(a_case(), [], [], [*decisions, *undo]).case
    assert case["Case"] == a_case()["Case"]


@given(st.permutations([find("note"), find("review"), find("exclude"), find("note", "A_2")]))
def test_the_order_of_findings_does_not_change_a_status(findings):
    assert status(findings)[0] == "excluded"
