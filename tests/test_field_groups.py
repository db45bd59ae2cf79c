import pytest
from pydantic import BaseModel

from medpix2.field_groups import (
    BEFORE_PICTURES,
    FIELD_GROUPS,
    NAMES_OF_DIAGNOSIS,
    given_away,
    leaking_fields,
)
from medpix2.records import Case, Image


@pytest.mark.parametrize(
    ("names", "text", "word"),
    [
        (["Metastatic melanoma"], "Known melanomas of the skin.", "melanomas"),
        (["Brain metastasis"], "Search for metastases.", "metastases"),
        (["Aneurysm of the aorta"], "Aneurysmal dilatation.", "Aneurysmal"),
        (["Appendicitis"], "Suspected APPENDICITIS.", "APPENDICITIS"),
        (["Multiple sclerosis (MS)"], "Has had MS for years.", "MS"),
        (["Crohn's disease"], "Known Crohn's.", "Crohn's"),
        (["Gout"], "History of gout.", "gout"),
        (["Lung mass", None, "Sarcoidosis"], "Follow-up of sarcoidosis.", "sarcoidosis"),
    ],
)
def test_a_telling_word_is_found(names, text, word):
    assert given_away(names, text) == word


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["Multiple sclerosis (MS)"], "Ms. A has multiple complaints."),
        (["Left lung mass"], "A mass in the left lung."),
        (["Acute disease of the knee"], "Acute pain of the knees."),
        (["Myocardial infarction"], "A heart attack."),  # a synonym: a known limit
        (["Glioma"], ""), (["Glioma"], None), ([None], "A cough."), ([], "A cough."),
    ],
)  # fmt: skip
def test_a_word_that_tells_nothing_is_not(names, text):
    assert given_away(names, text) is None


def published_fields(model, part=""):
    found = set()
    for name, field in model.model_fields.items():
        key, inner = part + (field.alias or name), field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= published_fields(inner, f"{key}.")
        else:
            found.add(key)
    return found


@pytest.mark.parametrize(("model", "of"), [(Case, "case"), (Image, "image")])
def test_every_published_field_is_in_one_group(model, of):
    fields = [field for group in FIELD_GROUPS if group.of == of for field in group.fields]
    assert len(fields) == len(set(fields))
    known = published_fields(model)
    assert known - set(fields) == {
        "case": {"U_id", "TAC", "MRI", "Case.Media"}, "image": {"U_id", "image"},
    }[of]  # fmt: skip
    assert set(fields) <= known


def test_what_is_told_before_the_pictures_gives_nothing_away():
    leaking = leaking_fields("case") | leaking_fields("image")
    assert set(NAMES_OF_DIAGNOSIS) <= leaking and not set(BEFORE_PICTURES) & leaking
    assert {
        "Case.Case Diagnosis", "Case.Discussion", "Case.Differential Diagnosis",
        "Case.Diagnosis By", "Topic.Category", "Topic.ACR Code", "Description.ACR Codes",
    } <= leaking  # fmt: skip
    assert "Case.Findings" not in leaking
