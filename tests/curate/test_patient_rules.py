import pytest

from medpix2.curate.patient_rules import PATIENT_RULES


def history(text):
    return {"Case.History": text}


def test_values_that_are_no_age(subject_of, hits):
    for age in ("999", "-3", "old", "40s"):
        assert hits(PATIENT_RULES, "age-impossible", subject_of("x", Age=age)), age
    for age in ("0", "120", "3 months", "N/A", "", None):
        assert not hits(PATIENT_RULES, "age-impossible", subject_of("x", Age=age)), age


@pytest.mark.parametrize(
    "text", ["45 yo M with pain", "Adult female with headaches", "Middle aged man, car accident"]
)
def test_an_adult_of_age_zero(subject_of, hits, text):
    subject = subject_of("x", "y", case=history(text), Age="0")
    found = hits(PATIENT_RULES, "age-zero-adult", subject)
    assert [hit.target for hit in found] == ["MPX1_0", "MPX1_1"]
    assert found[0].field == "Description.Age" and found[0].evidence["words"] in text
    assert not hits(PATIENT_RULES, "age-zero-unconfirmed", subject)
    assert not hits(PATIENT_RULES, "age-against-history", subject)


@pytest.mark.parametrize(
    "text",
    [
        "3-month-old boy",
        "Infant of a 30 yo woman",
        "The patient is a 20 year-old G1P0 woman at 20 weeks of gestation",
    ],
)
def test_a_child_of_age_zero(subject_of, hits, text):
    subject = subject_of("x", case=history(text), Age="0", Sex="male")
    for name in ("age-zero-adult", "age-zero-unconfirmed", "age-against-history"):
        assert not hits(PATIENT_RULES, name, subject), name


def test_age_zero_that_no_text_confirms(subject_of, hits):
    subject = subject_of("x", case=history("Headache."), Age="0")
    assert hits(PATIENT_RULES, "age-zero-unconfirmed", subject)
    assert not hits(PATIENT_RULES, "age-zero-adult", subject)
    told = subject_of("x", case={"Case.Title": "Neonatal rib fracture"}, Age="0")
    assert not hits(PATIENT_RULES, "age-zero-unconfirmed", told)


@pytest.mark.parametrize(
    ("text", "age", "wrong"),
    [
        ("47 y/o male", "42", True),
        ("47 y/o male", "46", False),
        ("8 month old boy", "8", True),
        ("8 month old boy", "1", False),
        ("Seen as a 12 year old girl, now 19 years old", "19", False),
        ("Seizures since 2 years of age", "40", False),
        ("Cough", "40", False),
        ("47 y/o male", "N/A", False),
    ],
)
def test_age_against_the_history(subject_of, hits, text, age, wrong):
    subject = subject_of("x", case=history(text), Age=age)
    assert bool(hits(PATIENT_RULES, "age-against-history", subject)) is wrong


@pytest.mark.parametrize(
    ("text", "sex", "wrong"),
    [
        ("56 yo Female presents", "male", True),
        ("56 yo Female presents", "female", False),
        ("56 yo Female presents", "N/A", False),
        ("His mother noticed a lump.", "male", False),
        ("Her 56 yo father is well.", "female", False),
        ("Infant of a 30 yo woman", "male", False),
        ("3 month old, brother of a girl", "male", False),
    ],
)
def test_sex_against_the_history(subject_of, hits, text, sex, wrong):
    subject = subject_of("x", case=history(text), Age="50", Sex=sex)
    assert bool(hits(PATIENT_RULES, "sex-against-history", subject)) is wrong


def test_a_fetus_is_not_its_mother(subject_of, hits):
    case = history("Young primigravida (G1P0) with uncomplicated pregnancy")
    for name in ("sex-against-history", "sex-against-organs"):
        assert not hits(PATIENT_RULES, name, subject_of("x", case=case, Age="0", Sex="male"))


def test_what_cannot_happen_to_the_sex(subject_of, hits):
    case = history("Pain after hysterectomy.")
    assert hits(PATIENT_RULES, "sex-against-organs", subject_of("x", case=case, Sex="male"))
    assert not hits(PATIENT_RULES, "sex-against-organs", subject_of("x", case=case, Sex="female"))


def test_a_case_is_of_one_patient(subject_of, hits):
    subject = subject_of("x", "y", Age="40", Sex="male")
    assert not hits(PATIENT_RULES, "patient-differs-in-case", subject)
    subject.images[1]["Description"].update(Age="41", Sex="N/A")
    (hit,) = hits(PATIENT_RULES, "patient-differs-in-case", subject)
    assert (hit.target, hit.field) == ("MPX1", "Description.Age")


def test_ages_that_identify(subject_of, hits):
    assert hits(PATIENT_RULES, "age-over-89", subject_of("x", Age="92"))
    assert not hits(PATIENT_RULES, "age-over-89", subject_of("x", Age="89"))


def test_a_picture_without_its_case_is_judged_by_itself(subject_of, hits):
    subject = subject_of("x", Age="999", Sex="male")
    alone = type(subject)(subject.id, None, subject.images)
    for rule in PATIENT_RULES:
        assert bool(hits(PATIENT_RULES, rule.name, alone)) is (rule.name == "age-impossible")
