import pytest

from medpix2.curate.text_rules import TEXT_RULES
from medpix2.curate.texts import CAPTION


def found(hits, name, subject):
    return [(hit.target, hit.field) for hit in hits(TEXT_RULES, name, subject)]


@pytest.mark.parametrize(
    "text",
    [
        "Replace this - DESCRIPTION OF THE IMAGE OR FINDINGS.",
        "replace this",
        "Insert caption here",
        "TBD",
        "IN PROGRESS",
        "To follow.",
        "test case for the demo",
        "Left blank",
    ],
)
def test_what_a_form_left_is_a_placeholder(subject_of, hits, text):
    assert found(hits, "placeholder-text", subject_of(text)) == [("MPX1_0", CAPTION)]


@pytest.mark.parametrize(
    "text",
    [
        "The catheter was replaced; this shows its tip.",
        "Tubes enter the trachea.",
        "The role of surgery remains to be determined.",
        "She was lost to follow up.",
    ],
)
def test_a_real_sentence_is_no_placeholder(subject_of, hits, text):
    assert not found(hits, "placeholder-text", subject_of(text))


def test_the_prompt_of_the_form_is_told_from_the_history(subject_of, hits):
    prompt = "History (can include gestational age, or age in days, weeks, months): "
    subject = subject_of(case={"Case.History": prompt + "70 yo man."})
    assert found(hits, "form-text", subject) == [("MPX1", "Case.History")]


def test_absent_null_and_empty_sections_are_told(subject_of, hits):
    subject = subject_of(case={"Case.History": "Pain.", "Case.Exam": None, "Case.Findings": " "})
    fields = {field for _, field in found(hits, "section-absent", subject)}
    assert {"Case.Exam", "Case.Findings", "Case.Discussion", "Topic.Title"} <= fields
    assert "Case.History" not in fields and "Case.Title" not in fields


@pytest.mark.parametrize(
    "text",
    [
        "N/A", "n/a.", "N / A", "Not available", "None.", "Unknown", "Hx not provided",
        "Not provided by author.", "No exam or lab findings available", "Physical exam: not given",
    ],
)  # fmt: skip
def test_a_section_that_says_that_there_is_none(subject_of, hits, text):
    subject = subject_of(text, case={"Case.Exam": text})
    assert found(hits, "section-not-available", subject) == [("MPX1", "Case.Exam")]
    assert found(hits, "caption-missing", subject) == [("MPX1_0", CAPTION)]
    assert not found(hits, "tiny-text", subject)


@pytest.mark.parametrize("text", ["None required.", "Non contributory", "No mass was found."])
def test_a_short_section_that_says_something(subject_of, hits, text):
    subject = subject_of(text, case={"Case.Exam": text})
    assert not found(hits, "section-not-available", subject)
    assert not found(hits, "caption-missing", subject)


def test_tiny_texts_but_not_short_answers(subject_of, hits):
    case = {"Case.Exam": "-", "Case.Findings": "ok", "Case.Diagnosis By": "CT", "Case.History": "."}
    fields = [field for _, field in found(hits, "tiny-text", subject_of(".", case=case))]
    assert fields == ["Case.History", "Case.Exam", "Case.Findings", CAPTION]
    assert not found(hits, "tiny-text", subject_of("Gun", case={"Case.History": "Cough."}))


@pytest.mark.parametrize("text", ["See factoid.", "Please see the topic", "see above", "SEE BELOW"])
def test_texts_that_only_point_elsewhere(subject_of, hits, text):
    subject = subject_of(case={"Case.Discussion": text})
    assert found(hits, "refers-elsewhere", subject) == [("MPX1", "Case.Discussion")]
    longer = subject_of(case={"Case.Discussion": f"{text} The mass grew."})
    assert not found(hits, "refers-elsewhere", longer)


def test_prose_that_is_the_title_again(subject_of, hits):
    case = {"Case.Title": "Renal Cyst", "Case.Findings": "renal cyst.", "Case.Exam": "A renal cyst"}
    subject = subject_of("Renal cyst", case=case)
    assert found(hits, "repeats-title", subject) == [("MPX1", "Case.Findings"), ("MPX1_0", CAPTION)]
    assert not found(hits, "repeats-title", subject_of("", case={"Case.Findings": "-"}))


def test_captions_of_technique_alone(subject_of, hits):
    subject = subject_of("Axial MR FLAIR", "CT image 4", "Axial CT of a cyst", "N/A", None)
    targets = [target for target, _ in found(hits, "bare-caption", subject)]
    assert targets == ["MPX1_0", "MPX1_1"]
