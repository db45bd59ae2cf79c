from __future__ import annotations

import inspect
import json

import pytest
from pydantic import ValidationError

from medpix2 import records
from medpix2.records import Case, Decision, Image, Problem, Record

MODELS = [
    model
    for model in vars(records).values()
    if inspect.isclass(model) and issubclass(model, Record)
]

CASE = {
    "U_id": "MPX1", "TAC": ["MPX1_synpic1"], "MRI": [],
    "Case": {"Title": "N/A", "Treatment & Follow Up": "Not available", "Media": None},
    "Topic": {"ACR Code": "-1.-1", "External Links": None},
}  # fmt: skip
IMAGE = {
    "Type": "CT", "U_id": "MPX1", "image": "MPX1_synpic1",
    "Description": {"ACR Codes": "8.-1", "Age": "0", "Figure Part": None, "Sex": "N/A"},
    "Location": "Left Blank", "Location Category": "Head",
}  # fmt: skip


def loaded(path):
    return json.loads(path.read_text("utf-8"))


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "model", "count"), [("Case_topic.json", Case, 602), ("Descriptions.json", Image, 1850)]
)
def test_every_published_document_comes_back_equal(file, model, count, real_copy):
    documents = loaded(real_copy / file)
    assert len(documents) == count
    for document in documents:
        record = model.model_validate(document)
        assert record.published() == document
        assert json.loads(record.model_dump_json(by_alias=True, exclude_unset=True)) == document


@pytest.mark.real
@pytest.mark.parametrize(("pattern", "model"), [("data_*", Case), ("descriptions_*", Image)])
def test_the_documents_of_the_splits_come_back_equal_with_their_nulls(pattern, model, real_copy):
    files = sorted((real_copy / "splitted_dataset").glob(f"{pattern}.jsonl"))
    assert len(files) == 4
    for file in files:
        for document in lines(file):
            assert model.model_validate(document).published() == document


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "model"), [("Case_topic.json", Case), ("Descriptions.json", Image)]
)
def test_no_published_key_is_unknown(file, model, real_copy):
    for document in loaded(real_copy / file):
        record = model.model_validate(document)
        assert not record.model_extra
        for part in dict(record).values():
            if isinstance(part, Record):
                assert not part.model_extra


@pytest.mark.parametrize(("document", "model"), [(CASE, Case), (IMAGE, Image)])
def test_what_is_absent_null_or_not_available_stays_so(document, model):
    assert model.model_validate(document).published() == document


def test_an_unknown_key_is_kept():
    document = {**IMAGE, "More": {"a.b": 1}}
    assert Image.model_validate(document).published() == document


def test_a_key_that_is_merely_the_name_of_our_field_is_unknown():
    document = {**IMAGE, "type": "MR", "location": "Spine"}
    record = Image.model_validate(document)
    assert (record.type, record.location) == ("CT", "Left Blank")
    assert record.published() == document
    with pytest.raises(ValidationError, match="Type"):
        Image.model_validate({**{k: v for k, v in IMAGE.items() if k != "Type"}, "type": "CT"})


@pytest.mark.parametrize(
    "change",
    [{"Type": "PET"}, {"Type": None}, {"image": ""}, {"U_id": 5}, {"Description": None},
     {"Location": 3}, {"Description": {"Age": 42}}, {"Location": float("nan")}],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_and_never_converted(change):
    with pytest.raises(ValidationError):
        Image.model_validate({**IMAGE, **change})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_describes_itself(model):
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name}"
        assert field.description.endswith("."), f"{model.__name__}.{name}"
    assert model.__doc__


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_json_schema_is_made_from_every_record(model):
    schema = model.model_json_schema(by_alias=True)
    assert json.loads(json.dumps(schema)) == schema
    for name, field in model.model_fields.items():
        assert schema["properties"][field.alias or name]["description"] == field.description


def test_records_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Case.model_validate(CASE).u_id = "MPX2"


def test_a_misspelt_field_of_our_own_records_is_refused():
    with pytest.raises(ValidationError, match="becuase"):
        Decision.model_validate(
            {"target": "a", "action": "accept", "by": "b", "at": "c", "becuase": "d"}
        )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "a.json: is wrong"),
        ({"index": 0}, "a.json[0]: is wrong"),
        ({"index": 3, "id": "MPX1", "field": "Case.Title"}, "a.json[3] MPX1 Case.Title: is wrong"),
    ],
)
def test_a_problem_says_where_it_is(more, text):
    assert (
        str(Problem(kind="k", severity="error", file="a.json", message="is wrong", **more)) == text
    )
