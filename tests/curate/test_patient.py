import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.curate.patient import ages_said, grown_said, sex_of_organs, sex_said


@pytest.mark.parametrize(
    ("text", "ages", "sex"),
    [
        ("45 yo M with cough", [45], "male"),
        ("45yo F with cough", [45], "female"),
        ("45 y.o. woman", [45], "female"),
        ("34 y/o WF w/ abdominal pain", [34], "female"),
        ("33-year-old woman with dyspnea", [33], "female"),
        ("A 33 year-old previously healthy African-American female smoker", [33], "female"),
        ("3-month-old boy", [0.25], "male"),
        ("2.5-year-old girl", [2.5], "female"),
        ("Six month old baby boy", [0.5], "male"),
        ("Sixty-three year-old man", [63], "male"),
        ("2wk old male with respiratory distress", [0.038], "male"),
        ("The patient was a 21-year man, who twisted his knee", [21], "male"),
        ("62 F, headache.", [62], "female"),
        ("Teenage (14) boy with pain", [14], "male"),
        ("Patient aged 70, a woman.", [70], "female"),
        ("28 yo G2P1 at 20 weeks", [28], None),
        ("13 year old with chronic sinusitis", [13], None),
        ("The patient is a woman with pain for 3 years.", [], "female"),
        ("Young woman with pelvic pain", [], "female"),
        ("Presented with pain. He denies fever.", [], "male"),
        # Relatives, and other times
        ("His 45-year-old mother noticed a lump in this 3-month-old girl.", [0.25], "female"),
        ("Female infant of a 30 year old mother", [], "female"),
        ("16 month asymptomatic male and 3 year old asymptomatic sister", [1.333], "male"),
        ("Infant of a 30 yo woman", [], None),
        ("3 month old, brother of a girl", [], None),
        ("Infant boy born to a 32 yo woman", [], "male"),
        ("60 yo man whose wife is 58 years old", [60], "male"),
        ("His mother provides the history.", [], None),
        ("Seizures since 2 years of age. Now 40 yo man.", [40], "male"),
        ("Presented at the age of 3 with palsy", [], None),
        # No ages
        ("30 pack year smoking history for 20 years", [], None),
        ("3 years of pain, worse for 2 months", [], None),
        ("A 6-month history of pain", [], None),
        ("Blood pressure 140/90, HR 88, T 37.5 F", [], None),
        ("T1bN0M0 breast cancer, 9 years ago", [], None),
        ("", [], None),
    ],
)
def test_ages_and_sex_of_the_patient(text, ages, sex):
    assert [said.value for said in ages_said(text)] == ages
    said = sex_said(text)
    assert (said.value if said else None) == sex


def test_what_is_said_is_quoted():
    assert ages_said("Yesterday this 33-year-old woman fell.")[0].words == (
        "Yesterday this 33-year-old woman fell."
    )


@pytest.mark.parametrize(
    ("text", "grown"),
    [
        ("Middle aged white male after an accident", True),
        ("Adult female with headaches", True),
        ("His mother, a healthy woman, noticed a lump.", False),
        ("Infant with a cough", False),
        ("Boy with a cough. Man and wife are his parents.", True),  # read once, as it stands
    ],
)
def test_grown_up_without_a_number(text, grown):
    assert (grown_said(text) is not None) is grown


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("G2P1 with bleeding", "female"),
        ("S/P TAH/BSO", "female"),
        ("History of BPH and TURP", "male"),
        ("Mother was G2P1 with prenatal care", None),
        ("Family history of prostatectomy in two uncles; family well", None),
        ("Hysterectomy, scrotal swelling: hysterectomy", None),
        ("Cough", None),
    ],
)
def test_what_happens_to_one_sex_only(text, sex):
    said = sex_of_organs(text)
    assert (said.value if said else None) == sex


@given(st.text(alphabet="0123456789 -yoearmnthMF.wildbg", max_size=80))
def test_any_text_can_be_read(text):
    assert all(said.value >= 0 for said in ages_said(text))
    said = sex_said(text)
    assert said is None or said.value in ("male", "female")
