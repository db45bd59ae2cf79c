from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from medpix2.extract import answers

RECORD = {
    "uid": "MPX1009", "pmcid": "1009", "imgLarge": "/imgs/512/207/1009/MPX1009_synpic7.png",
    "medpixArticleId": "case-uuid", "medpixFigureId": "image-uuid",
    "image": {"id": "MPX1009_synpic7", "modalityMajor": "c"},
}  # fmt: skip


def test_what_a_record_tells() -> None:
    assert answers.case_id(RECORD) == "MPX1009"
    assert answers.encounter_id(RECORD) == "case-uuid"
    assert answers.image_id(RECORD) == "MPX1009_synpic7"
    assert answers.image_uuid(RECORD) == "image-uuid"
    assert answers.modality_of(RECORD) == "CT"
    assert answers.synpic(RECORD) == "synpic7"
    assert answers.image_url(RECORD) == (
        "https://openi.nlm.nih.gov/imgs/512/207/1009/MPX1009_synpic7.png"
    )


def test_the_path_of_a_picture_follows_from_its_case() -> None:
    without = {key: value for key, value in RECORD.items() if key != "imgLarge"}
    assert answers.openi_path(without) == RECORD["imgLarge"]
    assert answers.openi_path({**without, "pmcid": "x"}) is None


@pytest.mark.parametrize("kind", ["x", "ph", "C", "", None, 3, ["c"]])
def test_other_kinds_of_pictures_have_no_modality(kind: object) -> None:
    assert answers.modality_of({"image": {"modalityMajor": kind}}) is None


@pytest.mark.parametrize(
    "ask",
    [
        answers.case_id, answers.encounter_id, answers.topic_id, answers.image_id,
        answers.image_uuid, answers.modality_of, answers.synpic, answers.image_url,
        answers.full_size_path,
    ],
)  # fmt: skip
@pytest.mark.parametrize("answer", [None, [], "text", 3, {}, {"image": []}, {"uid": None}])
def test_odd_answers_tell_nothing(ask: Callable[[object], Any], answer: object) -> None:
    assert ask(answer) is None


def test_an_error_is_no_answer_and_a_blank_one_no_error() -> None:
    assert answers.answered({"error": "no such encounter"}, "encounterID") is None
    assert answers.answered([], "encounterID") is None
    assert answers.answered({"error": "null", "age": 3}, "encounterID") is not None
    assert answers.answered({"error": "stale", "encounterID": "e"}, "encounterID") is not None


def test_images_that_an_encounter_lists() -> None:
    encounter = {"imageList": [{"imageID": "a"}, None, {"imageID": ""}, {"imageID": "b"}]}
    assert [uuid for uuid, _ in answers.listed_images(encounter)] == ["a", "b"]
    assert list(answers.listed_images({"imageList": {"imageID": "a"}})) == []
