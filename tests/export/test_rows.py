from __future__ import annotations

import pytest

from medpix2.errors import QueryError
from medpix2.export.rows import (
    CASE_FIELDS,
    FIELD_NAMES,
    IMAGE_FIELDS,
    case_row,
    checked,
    chosen,
    described,
    image_row,
)


def test_a_case_in_a_row(small):
    row = case_row(small.held[1])
    assert list(row) == [field.name for field in CASE_FIELDS]
    assert row["image_ids"] == ["MPX1001_ct0", "MPX1001_ct1", "MPX1001_mr0"]
    assert row["keywords"] == ["Old Heart", "Young Lung"] and row["credits"] == []
    assert (row["title"], row["findings"], row["exam"]) == ("=Title of MPX1001", None, None)


def test_those_credited_are_named_with_what_they_did(small):
    credits = [
        {"role": "author", "name": "A B", "affiliation": "Some Hospital"},
        {"role": "approver", "name": "C D", "affiliation": None},
    ]
    small.changed(0, source={"credits": credits})
    assert case_row(small.held[0])["credits"] == ["author: A B, Some Hospital", "approver: C D"]


def test_a_picture_in_a_row(small):
    picture = small.held[1].pictures[2]
    row = image_row(picture, None, "images/x.png")
    assert list(row) == [field.name for field in IMAGE_FIELDS]
    assert (row["modality"], row["sequence"], row["plane"], row["age"]) == (
        "MR", "FLAIR", "Axial", 40.0,
    )  # fmt: skip
    assert (row["width"], row["height"], row["masked"]) == (24, 16, 0)
    assert row["file_name"] == "images/x.png"


def test_what_may_give_the_diagnosis_away_is_marked():
    revealing = {field.name for field in (*CASE_FIELDS, *IMAGE_FIELDS) if field.reveals}
    assert revealing >= {
        "title", "case_diagnosis", "differential_diagnosis", "diagnosis_by", "topic", "discussion",
        "disease_discussion", "category", "acr_code", "acr_codes", "keywords",
    }  # fmt: skip
    assert not revealing & {"history", "exam", "caption", "age", "split", "case_id"}
    assert "give the diagnosis away" in described(CASE_FIELDS)["topic"][1]


def test_fields_that_rows_are_joined_by_are_always_there():
    fields = chosen(IMAGE_FIELDS, ("age", "caption"), ("case_id",))
    assert [field.name for field in fields] == ["case_id", "age", "caption"]
    assert chosen(IMAGE_FIELDS, ()) == list(IMAGE_FIELDS)


def test_an_unknown_field_is_named_with_a_near_one():
    assert checked(["age", "sex", "age"], FIELD_NAMES) == ("age", "sex")
    with pytest.raises(QueryError, match="There is no field 'captoin': did you mean 'caption'"):
        checked(["captoin"], FIELD_NAMES)
