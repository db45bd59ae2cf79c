import pytest

from medpix2.field_groups import (
    BEFORE_PICTURES,
    DIAGNOSIS,
    NAMES_OF_DIAGNOSIS,
    PICTURES,
    given_away,
)
from medpix2.records import Case, Description


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


def test_groups_are_of_fields_that_there_are():
    known = {f"Description.{field.alias}" for field in Description.model_fields.values()}
    for part in ("Case", "Topic"):
        model = Case.model_fields[part.lower()].annotation
        known |= {f"{part}.{field.alias}" for field in model.model_fields.values()}
    assert {*DIAGNOSIS, *PICTURES, *BEFORE_PICTURES} <= known
    assert set(NAMES_OF_DIAGNOSIS) <= set(DIAGNOSIS)
    assert not set(BEFORE_PICTURES) & {*DIAGNOSIS, *PICTURES}
    # Every text of a report or topic is in a group, but what is empty in the release.
    texts = {name for name in known if name.startswith(("Case.", "Topic."))} - {"Case.Media"}
    assert texts <= {*DIAGNOSIS, *PICTURES, *BEFORE_PICTURES}
