import pytest

from medpix2.export.texts import TEXTS, caption_of, facts_of, patient_of, texts_of

FULL = {
    "modality": "MR", "sequence": "T1", "plane": "Axial", "contrast": "IV",
    "location": "Brain and Neuro", "location_category": "Head", "age": 41.0, "sex": "female",
    "caption": "A  mass.\n", "findings": "A mass.", "history": None, "title": "Glioma",
    "topic": "Glioma",
}  # fmt: skip


def test_a_sentence_of_all_labels():
    assert facts_of(FULL) == (
        "Axial T1-weighted MR image with intravenous contrast, Brain and Neuro (Head), "
        "41-year-old woman."
    )


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ({"modality": "CT"}, "CT image."),
        ({"modality": "CT", "plane": "Other", "sequence": "Other"}, "CT image."),
        ({"modality": "CT", "contrast": "none"}, "CT image without contrast."),
        ({"modality": "MR", "sequence": "FLAIR"}, "FLAIR MR image."),
        ({"modality": "CT", "location_category": "Thorax"}, "CT image, Thorax."),
        (
            {"modality": "CT", "location": "Abdomen", "location_category": "Abdomen"},
            "CT image, Abdomen.",
        ),
        ({}, "Radiology image."),
    ],
)
def test_what_is_missing_is_not_told(labels, sentence):
    assert facts_of(labels) == sentence


@pytest.mark.parametrize(
    ("age", "sex", "said"),
    [
        (41.0, "female", "41-year-old woman"), (41.9, "male", "41-year-old man"),
        (17.0, "male", "17-year-old boy"), (2.0, "female", "2-year-old girl"),
        (0.5, "male", "6-month-old boy"), (0.01, None, "1-month-old patient"),
        (0.0, "male", "man"), (None, "female", "woman"), (30.0, None, "30-year-old patient"),
        (0.0, None, None), (None, None, None),
    ],
)  # fmt: skip
def test_a_patient_in_words(age, sex, said):
    assert patient_of({"age": age, "sex": sex}) == said


def test_texts_are_one_line_and_missing_ones_are_not_there():
    texts = texts_of(FULL)
    assert texts["caption"] == "A mass." and "history" not in texts
    assert set(texts) == set(TEXTS) - {"history"}


@pytest.mark.parametrize("caption", ["Replace this - DESCRIPTION OF THE IMAGE", "replace THIS."])
def test_the_placeholder_is_no_caption(caption):
    assert caption_of({"caption": caption}) is None
    assert "caption" not in texts_of({**FULL, "caption": caption})


def test_a_caption_that_only_begins_alike_is_one():
    assert caption_of({"caption": "Replacement of the hip."}) == "Replacement of the hip."
