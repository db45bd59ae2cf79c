"""The fields that a full-text question may name, as in `title:glioma` or `plane:axial`."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from medpix2.curate.spellings import Widened
from medpix2.errors import QueryError

# Name in a question -> published field of a case or (Description) of a picture.
TEXT_FIELDS: dict[str, str] = {
    "title": "Case.Title",
    "diagnosis": "Case.Case Diagnosis",
    "topic": "Topic.Title",
    "keywords": "Topic.Keywords",
    "caption": "Description.Caption",
    "findings": "Case.Findings",
    "differential": "Case.Differential Diagnosis",
    "history": "Case.History",
    "exam": "Case.Exam",
    "discussion": "Case.Discussion",
    "treatment": "Case.Treatment & Follow Up",
    "disease": "Topic.Disease Discussion",
}
# Name in a question -> facet.
FACET_FIELDS: dict[str, str] = {
    "modality": "modality",
    "sequence": "sequence",
    "contrast": "contrast",
    "plane": "plane",
    "location": "location",
    "location_category": "location_category",
    "sex": "sex",
    "category": "category",
    "split": "split",
    "status": "status",
    "source": "site",
}
AGE = "age"
MISSING = "missing"  # the word for a missing value, as in the commands
_NAMES = (*TEXT_FIELDS, *FACET_FIELDS, AGE)
_AGES = re.compile(r"(\d{0,3})(?:(-)(\d{0,3}))?")


@dataclass(frozen=True)
class Within:
    """A term that must occur in one field, or must not.

    Attributes
    ----------
    field
        Published field, with a dot.
    term
        What must occur.
    without
        Whether it must not.
    """

    field: str
    term: Widened
    without: bool = False


@dataclass(frozen=True)
class Labelled:
    """A value that a facet must have, or must not; a value of None is a missing one."""

    facet: str
    value: str | None
    without: bool = False


def is_field(name: str) -> bool:
    """Tell whether a question may name this field.

    Raises
    ------
    QueryError
        It may not, but one that is written nearly so.
    """
    if name in _NAMES:
        return True
    if near := difflib.get_close_matches(name, _NAMES, n=1, cutoff=0.8):
        raise QueryError(
            f"There is no field {name!r} to search in",
            f"did you mean {near[0]}:? Put a space after the colon to look for words",
        )
    return False


def label_of(name: str, value: str, *, without: bool) -> Labelled:
    """Return what a question says of a facet."""
    missing = value.lower() == MISSING
    return Labelled(FACET_FIELDS[name], None if missing else value, without)


def ages_of(text: str) -> tuple[int | None, int | None]:
    """Read a range of ages in years: 30-50, 30-, -50 or 30, both ends included.

    Raises
    ------
    QueryError
        It is none, or empty.
    """
    matched = _AGES.fullmatch(text)
    if not matched or not (matched[1] or matched[3]):
        raise QueryError(f"Age {text!r} is no range of years", "write age:30-50, age:30- or age:30")
    low = int(matched[1]) if matched[1] else None
    high = int(matched[3]) if matched[3] else None
    if not matched[2]:
        high = low
    if low is not None and high is not None and low > high:
        raise QueryError(f"Age range {text!r} is empty", "write the lower age first")
    return low, high
