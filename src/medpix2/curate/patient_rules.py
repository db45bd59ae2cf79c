"""Rules over the patient: age and sex, by themselves and against the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medpix2.curate.patient import UNBORN, Said, ages_said, grown_said, sex_of_organs, sex_said
from medpix2.curate.rule import Hit, Rule, Subject
from medpix2.curate.texts import text_at, value_at
from medpix2.curate.vocabulary import MAX_AGE, SEXES, age_in_years
from medpix2.records import meant

AGE, SEX, HISTORY = "Description.Age", "Description.Sex", "Case.History"

TOLERANCE = 1.0
"""Years by which an age may differ from the history's: a birthday may lie between them, and ages
below one year are published as 0 or 1."""

ADULT = 2.0
"""Years from which on an age of 0 is wrong, and not rounded."""

NEWBORN = 1.0
"""Years up to which a picture may be of the child, and its history of the mother."""

OLDEST_OPEN = 89
"""Greatest age in years that identifies nobody: the limit of the HIPAA Safe Harbor method,
45 CFR 164.514(b)(2)(i)(C)."""


def age_impossible(subject: Subject) -> Iterator[Hit]:
    """Find ages that are no number of years from 0 to 120."""
    for image in subject.images:
        value = text_at(image, AGE)
        if meant(value) and age_in_years(value) is None:
            message = f"Age {value!r} is no age from 0 to {MAX_AGE} years"
            yield Hit(image["_id"], message, AGE, {"value": value})


def age_zero_adult(subject: Subject) -> Iterator[Hit]:
    """Find patients of age 0 who are at least two years old by the history."""
    history = text_at(subject.case, HISTORY)
    said, years = ages_said(history), None
    if said:
        words, years = said[0].words, _years(said[0])
        if min(map(_years, said)) < ADULT:
            return
    else:
        words = grown_said(history) or ""
    if not words or _unborn(history):
        return
    for image, value in _ages(subject, zero=True):
        yield Hit(
            image, f"Age is {value}, the history says {words!r}", AGE,
            {"value": value, "history": years, "words": words},
        )  # fmt: skip


def age_zero_unconfirmed(subject: Subject) -> Iterator[Hit]:
    """Find patients of age 0 of whom no text says that they are so young, or how old they are."""
    history = text_at(subject.case, HISTORY)
    texts = (history, text_at(subject.case, "Case.Title"), text_at(subject.case, "Case.Findings"))
    if ages_said(history) or grown_said(history) or any(UNBORN.search(text) for text in texts):
        return
    for image, value in _ages(subject, zero=True):
        yield Hit(image, f"Age is {value}, and no text says so", AGE, {"value": value})


def age_against_history(subject: Subject) -> Iterator[Hit]:
    """Find ages other than 0 that differ by more than a year from each that the history names."""
    history = text_at(subject.case, HISTORY)
    said = ages_said(history)
    if not said:
        return
    for image, value in _ages(subject, zero=False):
        years = age_in_years(value)
        if years is None or (years <= NEWBORN and _unborn(history)):
            continue
        nearest = min(said, key=lambda one: abs(_years(one) - years))
        if abs(_years(nearest) - years) > TOLERANCE:
            yield Hit(
                image, f"Age is {value}, the history says {nearest.words!r}", AGE,
                {"value": value, "history": nearest.value, "words": nearest.words},
            )  # fmt: skip


def sex_against_history(subject: Subject) -> Iterator[Hit]:
    """Find sexes that the history contradicts."""
    yield from _contradicted(subject, sex_said(text_at(subject.case, HISTORY)))


def sex_against_organs(subject: Subject) -> Iterator[Hit]:
    """Find sexes for whom what the history tells cannot be: a childbirth of a man."""
    history = text_at(subject.case, HISTORY)
    if sex_said(history) is None and not _unborn(history):
        yield from _contradicted(subject, sex_of_organs(history))


def patient_differs(subject: Subject) -> Iterator[Hit]:
    """Find cases whose pictures name several ages or sexes."""
    for field in (AGE, SEX):
        found = {value for image in subject.images if (value := meant(text_at(image, field)))}
        if len(found) > 1:
            values = sorted(found)
            yield Hit(subject.id, f"Its pictures name several: {values}", field, {"values": values})


def age_over_89(subject: Subject) -> Iterator[Hit]:
    """Find ages above 89 years, which count as identifying."""
    for image in subject.images:
        years = age_in_years(value_at(image, AGE))
        if years is not None and years > OLDEST_OPEN:
            yield Hit(image["_id"], f"The patient is {years:g} years old", AGE, {"age": years})


def _contradicted(subject: Subject, said: Said | None) -> Iterator[Hit]:
    if said is None:
        return
    history = text_at(subject.case, HISTORY)
    for image in subject.images:
        value = text_at(image, SEX)
        sex = SEXES.get(value.lower())
        if sex and sex != said.value and not _of_the_child(image, history):
            yield Hit(
                image["_id"], f"Sex is {value}, the history says {said.words!r}", SEX,
                {"value": value, "history": said.value, "words": said.words},
            )  # fmt: skip


def _ages(subject: Subject, *, zero: bool) -> Iterator[tuple[str, str]]:
    for image in subject.images:
        value = text_at(image, AGE)
        years = age_in_years(value)
        if years is not None and (years == 0) == zero:
            yield image["_id"], value


def _of_the_child(image: Mapping[str, Any], history: str) -> bool:
    years = age_in_years(text_at(image, AGE))
    return years is not None and years <= NEWBORN and _unborn(history)


def _years(said: Said) -> float:
    assert isinstance(said.value, float)
    return said.value


def _unborn(history: str) -> bool:
    """Tell whether the history is about a pregnancy or a birth: ages in it may be the mother's."""
    return UNBORN.search(history) is not None


PATIENT_RULES: tuple[Rule, ...] = (
    Rule(
        "age-impossible", 1, "review", "Age",
        "A value that is no age breaks every use of ages.", age_impossible,
    ),
    Rule(
        "age-zero-adult", 1, "review", "Age, History",
        "An empty field was published as 0: an adult is no newborn.", age_zero_adult,
    ),
    Rule(
        "age-zero-unconfirmed", 1, "note", "Age, History, Title, Findings",
        "0 may stand for an empty field.", age_zero_unconfirmed,
    ),
    Rule(
        "age-against-history", 1, "review", "Age, History",
        "Label and text teach different ages.", age_against_history,
    ),
    Rule(
        "sex-against-history", 1, "review", "Sex, History",
        "Label and text teach different sexes.", sex_against_history,
    ),
    Rule(
        "sex-against-organs", 1, "review", "Sex, History",
        "What the history tells can happen to the other sex only.", sex_against_organs,
    ),
    Rule(
        "patient-differs-in-case", 1, "review", "Age, Sex",
        "A case is of one patient at one time: one of the values is wrong.", patient_differs,
    ),
    Rule(
        "age-over-89", 1, "note", "Age",
        "Ages above 89 years count as identifying (HIPAA Safe Harbor).", age_over_89,
    ),
)  # fmt: skip
"""Every rule over the patient's age and sex."""
