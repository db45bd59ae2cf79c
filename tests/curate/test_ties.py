from __future__ import annotations

from typing import Any

import pytest

from medpix2.curate.rule import Subject
from medpix2.curate.ties import Ties

HISTORY = "A 45-year-old man with cough and fever for three weeks."
LONG = " ".join(f"word{n}" for n in range(30))


def subject(
    name: str, split: str | None = "train", *, age: float | None = 45, sex: str | None = "male",
    pictures: dict[str, Any] | None = None, topic: str | None = None, **report: str,
) -> Subject:  # fmt: skip
    """Make a case; `pictures` has the hash, or the hash and the detail hash, of each."""
    images, looked = [], {}
    for picture, hashes in (pictures or {f"{name}_1": None}).items():
        coarse, fine = hashes if isinstance(hashes, tuple) else (hashes, None)
        images.append(
            {
                "image": picture, "file": {"phash": coarse} if coarse else None,
                "normalized": {"age": age, "sex": sex},
            }
        )  # fmt: skip
        looked[picture] = {"detail-hash": fine} if fine else {}
    document = {
        "U_id": name, "source": {"split": split}, "Topic": {"Title": topic},
        "Case": {key.title(): text for key, text in report.items()},
    }  # fmt: skip
    return Subject(name, document, images, looked)


def tied(*subjects: Subject, kinds: tuple[str, ...] | None = None) -> set[tuple[str, str, str]]:
    return {(tie.one, tie.other, tie.what) for tie in ties(*subjects, kinds=kinds)}


def ties(*subjects: Subject, kinds=None):
    gathered = Ties(kinds) if kinds else Ties()
    for one in subjects:
        gathered.add(one)
    return list(gathered.ties())


def test_one_history_with_one_age_and_sex_is_one_patient():
    found = tied(subject("A", history=HISTORY), subject("B", history=HISTORY.upper()))
    assert found == {("A", "B", "patient"), ("A", "B", "history")}


@pytest.mark.parametrize(
    ("more", "patient"),
    [
        ({"age": 46}, True),  # a birthday between two visits
        ({"age": 60}, False),
        ({"age": None}, True),
        ({"age": 0}, True),  # stands for an age that was not given
        ({"sex": "female"}, False),
        ({"sex": None}, True),
    ],
)
def test_who_differs_in_age_or_sex_is_another_patient(more, patient):
    found = tied(subject("A", history=HISTORY), subject("B", history=HISTORY, **more))
    assert (("A", "B", "patient") in found) is patient
    assert ("A", "B", "history") in found


def test_histories_of_other_numbers_are_not_of_one_patient():
    long = HISTORY + " He was treated at home for a long time without relief and then came to us"
    found = tied(subject("A", history=long), subject("B", history=long.replace("45", "54")))
    assert found == {("A", "B", "history")}


def test_a_word_that_was_put_in_does_not_hide_a_history():
    found = ties(
        subject("A", history="52 y/o soldier with back pain. His pain worsened and he had fever."),
        subject("B", history="52 y/o soldier with back pain, his pain worsened, he had fever."),
        kinds=("patient",),
    )
    assert [tie.what for tie in found] == ["patient"]
    assert 0.75 <= found[0].similarity < 1


@pytest.mark.parametrize("kind", ["findings", "discussion"])
def test_long_texts_tie_and_short_or_missing_ones_do_not(kind):
    assert tied(subject("A", **{kind: LONG}), subject("B", **{kind: LONG})) == {("A", "B", kind)}
    for text in ("Normal.", "N/A", "Not available"):
        assert tied(subject("A", **{kind: text}), subject("B", **{kind: text})) == set()


SIMILAR = f"{int('f0' * 8, 16) ^ 0b111111111111:016x}"  # 12 bits of 64


@pytest.mark.parametrize(
    ("more", "patient"),
    [
        ({}, True), ({"age": 46}, False), ({"sex": "female"}, False), ({"age": None}, False),
        ({"pictures": {"b": "0f" * 8}}, False), ({"pictures": {"b": None}}, False),
        ({"topic": "Another"}, False),
    ],
)  # fmt: skip
def test_one_topic_with_the_very_age_and_sex_and_like_pictures_is_one_patient(more, patient):
    cases = [
        subject("A", topic="Cyst", pictures={"a": "0f" * 8}, age=20),  # the first of the topic
        subject("B", topic="Cyst", pictures={"b": "f0" * 8}),
        subject("C", **{"topic": "Cyst", "pictures": {"c": SIMILAR}, **more}),
    ]
    found = ties(*cases, kinds=("patient",))
    assert [(tie.one, tie.other, tie.by) for tie in found] == [("B", "C", "topic")] * patient


def test_a_topic_is_its_title_whatever_the_spelling():
    found = tied(
        subject("A", topic="Cyst, Renal"), subject("B", topic="cyst renal", age=50),
        subject("C", topic="Cyst"), subject("D"), subject("E"),
    )  # fmt: skip
    assert found == {("A", "B", "topic")}


NEAR, FAR = "f0f0f0f0f0f0f0f1", "0f0f0f0f0f0f0f0f"
FINE = "f0" * 32


def test_pictures_are_compared_coarsely_and_then_in_detail():
    other = "0f" + "f0" * 31  # 8 bits of 256
    unlike = "0f" * 6 + "f0" * 26  # 48 bits
    base = subject("A", pictures={"a": ("f0" * 8, FINE)}, age=20)
    same = subject("B", pictures={"b": (NEAR, other)})
    alike = subject("C", pictures={"c": (NEAR, unlike)}, sex="female")
    far = subject("D", pictures={"d": (FAR, "0f" * 32)})
    (tie,) = ties(base, same, kinds=("picture",))
    assert (tie.one, tie.other, tie.pictures) == ("A", "B", ("a", "b"))
    assert tie.similarity == 1 - 8 / 256
    assert ties(base, alike, far, kinds=("picture",)) == []


def test_without_detail_only_nearly_equal_hashes_are_one_picture():
    base = subject("A", pictures={"a": "f0" * 8})
    assert ties(base, subject("B", pictures={"b": NEAR}), kinds=("picture",))
    six = f"{int('f0' * 8, 16) ^ 0b111111:016x}"
    assert ties(base, subject("B", pictures={"b": six}), kinds=("picture",)) == []


def test_sections_that_look_alike_with_one_age_and_sex_are_of_one_patient():
    unlike = "0f" * 6 + "f0" * 26
    base = subject("A", pictures={"a": ("f0" * 8, FINE)})
    kinds = ("picture", "patient")
    other = {"pictures": {"b": (NEAR, unlike)}}
    (tie,) = ties(base, subject("B", **other), kinds=kinds)
    assert (tie.what, tie.pictures) == ("patient", ("a", "b"))
    assert ties(base, subject("B", age=70, **other), kinds=kinds) == []
    assert ties(base, subject("B", age=None, **other), kinds=kinds) == []


def test_blank_pictures_and_two_of_one_case_tie_nothing():
    blank = {"pictures": {"a": "0" * 16}}
    assert ties(subject("A", **blank), subject("B", **blank), kinds=("picture",)) == []
    twice = subject("A", pictures={"a": "f0" * 8, "b": "f0" * 8})
    assert ties(twice, kinds=("picture",)) == []


def test_what_many_share_gives_few_ties_that_hold_all_together_and_show_every_side():
    sides = ["train", "train", "train", "dev", "test", None] * 20
    cases = [subject(f"{n:03d}", side, topic="One") for n, side in enumerate(sides)]
    found = ties(*cases, kinds=("topic",))
    assert len(found) < 5 * len(cases)
    assert len({(tie.one, tie.other) for tie in found}) == len(found)
    met: dict[str, set[str | None]] = {}
    for tie in found:
        met.setdefault(tie.one, set()).add(sides[int(tie.other)])
        met.setdefault(tie.other, set()).add(sides[int(tie.one)])
    assert all(met[case.id] == set(sides) for case in cases)


def test_only_what_is_asked_for_is_told_and_a_case_without_document_is_borne():
    both = {"history": HISTORY, "findings": LONG}
    cases = (subject("A", **both), subject("B", **both))
    assert tied(*cases, kinds=("findings",)) == {("A", "B", "findings")}
    assert tied(*cases, kinds=("patient",)) == {("A", "B", "patient")}
    assert ties(Subject("A", None, []), Subject("B", None, [])) == []
