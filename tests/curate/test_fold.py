from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.decided import correctable
from medpix2.curate.evidence import evidence_of, value_at
from medpix2.curate.fold import fold
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


def correct(
    field: str, new: str | None, target: str = "A_1", old: str | None = "as it is"
) -> Decision:
    if old == "as it is":
        old = value_at(a_case() if target == "A" else an_image(), field)
    return decide("correct", target, field=field, old=old, new=new)


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
            "kind": "case", "status": "accepted", "reason": None, "by": None, "into": None,
            "split": "train", "split_half": None, "site": "published", "corrected": [], "rules": [],
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
    decided = [decide(action, rules=("rule",)) for action in decisions]
    assert status(found, decided, problems=problems)[0] == expected
    case = fold(
        a_case(problems=problems),
        [],
        [find(severity, "A") for severity in findings],
        [decide(action, "A", rules=("rule",)) for action in decisions],
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
    current = fold(a_case(), [image], [], [correct("Description.Sex", "male", old=None)]).images[0]
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
    assert fold(a_case(), [an_image()], [], [correct(field, "evil", old=None)]) == plain


def test_the_type_of_an_image_is_ct_or_mr():
    for new, expected in (("MR", "MR"), ("PET", "CT"), (None, "CT")):
        assert (
            fold(a_case(), [an_image()], [], [correct("Type", new)]).images[0]["Type"] == expected
        )


def verdict(action: str, source: dict[str, Any], *rules: str, **more: Any) -> Decision:
    """Return a decision with the evidence that a person sees in a document."""
    target = source["_id"]
    return decide(action, target, rules=rules, evidence=evidence_of(source), **more)


def test_a_verdict_settles_only_what_the_rules_found_that_it_saw():
    accepted = decide("accept", rules=("blank", "age"))
    seen = [find("review", rule="age"), find("exclude", rule="blank")]
    assert status(seen, [accepted])[0] == "accepted"
    assert status([*seen, find("note", rule="new")], [accepted])[0] == "accepted"
    new = find("review", rule="new")
    assert status([*seen, new], [accepted]) == ("pending", "new: saw it")
    assert status([*seen, find("exclude", rule="new")], [accepted])[0] == "excluded"
    again = decide("accept", rules=("blank", "age", "new"))
    assert status([*seen, new], [accepted, again])[0] == "accepted"
    excluded = decide("exclude", rules=("age",), reason="no scan")
    assert status([*seen, new], [excluded]) == ("excluded", "no scan")  # more cannot redeem it


@pytest.mark.parametrize("action", ["accept", "exclude", "merge"])
@pytest.mark.parametrize(
    "change",
    [
        {"Description": {"Age": "42", "Sex": "male"}}, {"Location": None}, {"Type": "MR"},
        {"file": {"path": "p", "sha256": "other"}}, {"Mine": 1},
    ],
)  # fmt: skip
def test_a_verdict_on_what_has_changed_since_is_up_for_review(action, change):
    into = {"into": "A_2"} if action == "merge" else {"reason": "seen"}
    decision = verdict(action, an_image(), **into)
    found, reason = status([], [decision], **change)
    assert found == "pending"
    assert reason.startswith(f"decision to review again: {action}, by ann at 2025-01-01")
    changed = an_image(**change)
    assert status([], [decision, verdict("accept", changed)], **change)[0] == "accepted"
    assert status([], [decision, decide("undo")], **change) == ("accepted", None)


def test_what_does_not_tell_the_content_changes_no_evidence():
    decision = verdict("exclude", an_image(), reason="no scan")
    elsewhere = {
        "source": {"site": "openi", "name": "x"}, "digest": "other", "normalized": {},
        "file": {"path": "elsewhere", "width": 5},
    }  # fmt: skip
    assert status([], [decision], **elsewhere)[0] == "excluded"


def test_what_is_broken_and_was_decided_on_other_evidence_stays_excluded():
    decision = verdict("accept", an_image())
    found, reason = status([], [decision], file={"sha256": "new"}, problems=[PROBLEM])
    assert (found, reason) == ("excluded", "its picture is empty")


def test_a_withdrawal_holds_whatever_has_changed():
    decision = verdict("withdraw", an_image(), reason="asked for")
    assert status([], [decision], Location="Chest") == ("withdrawn", "asked for")


def test_a_correction_of_a_value_that_has_changed_is_up_for_review():
    decision = correct("Location", "Chest")
    (image,) = fold(a_case(), [an_image(Location="Skull")], [], [decision]).images
    assert (image["Location"], image["meta"]["status"]) == ("Skull", "pending")
    assert image["meta"]["reason"].startswith("decision to review again: correct Location, by ann")
    assert image["meta"]["corrected"] == []
    again = correct("Location", "Chest", old="Skull")
    (image,) = fold(a_case(), [an_image(Location="Skull")], [], [decision, again]).images
    assert (image["Location"], image["meta"]["status"]) == ("Chest", "accepted")


def test_a_correction_that_the_source_has_made_itself_needs_no_review():
    (image,) = fold(
        a_case(), [an_image(Location="Chest")], [], [correct("Location", "Chest")]
    ).images
    assert (image["Location"], image["meta"]["status"]) == ("Chest", "accepted")
    assert image["meta"]["corrected"] == []


def test_a_correction_goes_on_from_an_earlier_one():
    decisions = [correct("Location", "Chest"), correct("Location", "Lung", old="Chest")]
    (image,) = fold(a_case(), [an_image()], [], decisions).images
    assert (image["Location"], image["meta"]["status"]) == ("Lung", "accepted")
    (image,) = fold(a_case(), [an_image(Location="Skull")], [], decisions).images
    assert (image["Location"], image["meta"]["status"]) == ("Skull", "pending")


def test_a_correction_rests_on_its_field_and_the_picture_alone():
    seen = evidence_of(an_image(), "Location")
    decision = decide("correct", field="Location", old="Spine", new="Neck", evidence=seen)
    other = {"Description": {"Age": "43"}}
    assert fold(a_case(), [an_image(**other)], [], [decision]).images[0]["Location"] == "Neck"
    assert status([], [decision], file={"sha256": "other"})[0] == "pending"


def test_a_verdict_settles_a_correction_that_was_up_for_review():
    decisions = [correct("Location", "Chest"), decide("accept")]
    assert status([], decisions, Location="Skull")[0] == "accepted"


def test_an_undo_takes_back_all_that_was_decided():
    plain = fold(a_case(), [an_image()])
    for decisions in (
        [decide("exclude", reason="x")], [correct("Location", "Chest")],
        [decide("merge", into="A_2"), decide("accept")], [decide("withdraw", reason="x")],
    ):  # fmt: skip
        assert fold(a_case(), [an_image()], [], [*decisions, decide("undo")]) == plain
    last = decide("exclude", reason="after all")
    assert status([], [decide("accept"), decide("undo"), last]) == ("excluded", "after all")


def test_a_duplicate_is_excluded_and_says_into_what_it_was_merged():
    decisions = [decide("merge", into="A_2")]
    meta = fold(a_case(), [an_image(), an_image("A_2")], [], decisions).images[0]["meta"]
    assert (meta["status"], meta["into"]) == ("excluded", "A_2")
    assert meta["reason"] == "it is a duplicate of A_2"
    (meta,) = (row["meta"] for row in fold(a_case(), [an_image()], [], [
        *decisions, decide("accept")]).images)  # fmt: skip
    assert (meta["status"], meta["into"]) == ("accepted", None)


@pytest.mark.parametrize(
    ("findings", "decisions", "problems", "by"),
    [
        ([], [], [], None), ([find("note")], [], [], None), ([], [], [PROBLEM], "source"),
        ([find("review")], [], [], "rule rule"), ([find("exclude")], [], [], "rule rule"),
        ([], [decide("accept")], [], "decision"), ([], [decide("exclude", "A")], [], "case"),
        ([], [decide("withdraw", reason="x")], [], "decision"),
        ([], [correct("Location", "Chest", old="x")], [], "decision"),
    ],
)  # fmt: skip
def test_a_status_says_what_gave_it(findings, decisions, problems, by):
    current = fold(a_case(), [an_image(problems=problems)], findings, decisions)
    assert current.images[0]["meta"]["by"] == by


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
        last = [decide(action, name, rules=("rule",)) for name in ("A", "A_1")]
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


def put_into(split: str, half: str | None, **more: Any) -> Finding:
    evidence = {"split": split, "split_half": half, "seed": 1}
    given = {
        "target": "A",
        "rule": "split",
        "version": 1,
        "severity": "note",
        "message": "is in it",
    }
    return Finding(**{**given, "evidence": evidence, **more})


def test_a_finding_of_the_rule_split_puts_a_case_and_its_images_into_a_split():
    current = fold(a_case(), [an_image(), an_image("A_2")], [put_into("test", None)])
    for document in (current.case, *current.images):
        assert (document["meta"]["split"], document["meta"]["split_half"]) == ("test", None)
        assert document["meta"]["rules"] == []  # it is no flag
        assert document["meta"]["status"] == "accepted"


def test_a_finding_of_split_on_an_image_or_without_evidence_changes_nothing():
    for finding in (put_into("test", None, target="A_1"), put_into("test", None, evidence=None)):
        assert fold(a_case(), [an_image()], [finding]) == fold(a_case(), [an_image()])
    assert fold(None, [an_image()], [put_into("test", None)]) == fold(None, [an_image()])


def test_boxes_that_somebody_drew_hold_while_the_picture_is_the_same():
    source = an_image(file={"sha256": "aa"})
    drawn = Decision(
        target="A_1", action="correct", by="ann", at="2025-01-01T00:00:00Z", field="burned-in",
        new='[[0, 1, 2, 3], [4, 5, 6, 7, "footer"]]', evidence=evidence_of(source, "burned-in"),
    )  # fmt: skip
    (made,) = fold(None, [source], [], [drawn]).images
    assert made["meta"]["burned_in"] == [[0, 1, 2, 3, "lettering"], [4, 5, 6, 7, "footer"]]
    assert "burned-in" not in made
    assert made["meta"]["corrected"] == []
    back = drawn.model_copy(update={"new": None, "at": "2025-01-02T00:00:00Z"})
    (made,) = fold(None, [source], [], [drawn, back]).images
    assert "burned_in" not in made["meta"]
    (made,) = fold(a_case(), [an_image(file={"sha256": "bb"})], [], [drawn]).images
    assert "burned_in" not in made["meta"]
    assert made["meta"]["status"] == "pending"
