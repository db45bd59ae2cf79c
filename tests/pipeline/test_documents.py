from __future__ import annotations

import json
from pathlib import Path

import pytest

from medpix2.extract.pictures import Examined
from medpix2.extract.published import open_copy
from medpix2.extract.survey import survey
from medpix2.pipeline.documents import case_document, image_document, picture_problem
from medpix2.records import PictureFile
from medpix2.store.documents import digest_of

FACTS = PictureFile(
    path="ab/c.png", sha256="ab", phash="0", width=8, height=8, mode="L", bytes=99
)  # fmt: skip


@pytest.fixture
def read(source):
    """Return a function that reads the source and gives (copy, survey, checked document)."""

    def reading(name):
        copy = open_copy(Path(source.write()))
        found = survey(copy)
        for _, checked in (*copy.cases(), *copy.images(found.case_ids)):
            if checked.document.get("image", checked.document["U_id"]) == name:
                return copy, found, checked
        raise AssertionError(name)

    return reading


def test_a_case_has_its_published_fields_on_top_and_the_rest_beside(read, source):
    document = case_document(*read("MPX1"))
    for key, value in source.found("MPX1").items():
        assert document[key] == value
    assert set(document) - set(source.found("MPX1")) == {
        "_id", "source", "normalized", "problems", "digest",
    }  # fmt: skip
    assert document["source"] == {
        "site": "published", "name": "source", "origin": str(source.folder), "split": "train",
    }  # fmt: skip
    assert document["problems"] == []


def test_an_image_has_its_file_and_what_its_labels_mean(read, source):
    document = image_document(*read("MPX1_mr0"), Examined(FACTS))
    assert document["file"] == FACTS.model_dump()
    assert document["normalized"]["sequence"] == "FLAIR"
    assert document["Description"]["Sex"] == "N/A"
    assert document["normalized"]["sex"] is None
    assert document["source"]["split"] == "train"


@pytest.mark.parametrize(
    ("examined", "kind", "message"),
    [
        (None, "no-picture", "there is no picture of it"),
        (Examined(None, "bad-picture", "is empty"), "bad-picture", "its picture is empty"),
    ],
)
def test_what_is_wrong_with_a_picture_stands_in_its_problems(read, examined, kind, message):
    document = image_document(*read("MPX1_ct0"), examined)
    assert document["problems"] == [{"kind": kind, "field": None, "message": message}]
    assert document["file"] is None


def test_a_broken_document_keeps_the_whole_of_it_as_text(read, source):
    source.found("MPX1_ct0")["Location"] = ["Brain"]
    document = image_document(*read("MPX1_ct0"), Examined(FACTS))
    assert "Location" not in document
    assert json.loads(document["source"]["raw"])["Location"] == ["Brain"]
    assert [problem["field"] for problem in document["problems"]] == ["Location"]


def test_the_digest_is_of_all_the_rest(read):
    document = image_document(*read("MPX1_ct0"), Examined(FACTS))
    again = image_document(*read("MPX1_ct0"), Examined(FACTS))
    assert document == again
    digest = document.pop("digest")
    assert digest == digest_of(document)
    other = image_document(*read("MPX1_ct0"), Examined(FACTS.model_copy(update={"bytes": 1})))
    assert other["digest"] != digest


def test_the_problem_of_a_picture_names_its_file(read):
    copy, _, _ = read("MPX1_ct0")
    problem = picture_problem(copy, "MPX1_ct0", Examined(None, "bad-picture", "is empty"))
    assert str(problem) == "images/MPX1_ct0.png MPX1_ct0: is empty"
    assert problem.severity == "error"
