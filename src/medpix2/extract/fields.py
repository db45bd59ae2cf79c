"""Which answer of which site makes which published field: tables, and how a value is read.

A path names an answer and a key in it: `record` is Open-i's, `section` a section of its abstract;
`encounter`, `topic` and `image` are MedPix's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from medpix2.extract.markup import plain_text, unescaped
from medpix2.extract.redact import redact_text

Site = Literal["Open-i", "MedPix"]


@dataclass(frozen=True)
class TextField:
    """A published text, where each site has it, and whose value wins where both have one."""

    name: str
    openi: str | None = None
    medpix: str | None = None
    wins: Site = "Open-i"

    def places(self) -> tuple[tuple[Site, str | None], ...]:
        """Return the sites with their paths, the one that wins first."""
        openi, medpix = ("Open-i", self.openi), ("MedPix", self.medpix)
        return (openi, medpix) if self.wins == "Open-i" else (medpix, openi)  # type: ignore[return-value]


CASE_FIELDS = (
    TextField("Title", openi="record.title"),
    TextField("History", "section.History", "encounter.history"),
    TextField("Exam", "section.Exam", "encounter.exam"),
    TextField("Findings", "section.Findings", "encounter.findings"),
    TextField("Differential Diagnosis", "section.Ddx", "encounter.ddx"),
    TextField("Case Diagnosis", "section.Diagnosis", "encounter.diagnosis", wins="MedPix"),
    TextField("Diagnosis By", "section.Dxhow", "encounter.dxHow"),
    TextField("Treatment & Follow Up", medpix="encounter.txFollowup"),
    TextField("Discussion", medpix="encounter.discussion"),
)
TOPIC_FIELDS = (
    TextField("Title", medpix="topic.title"),
    TextField("Disease Discussion", medpix="topic.factoid"),
    TextField("Category", medpix="topic.category"),
    TextField("Reference", medpix="topic.reference"),
    TextField("External Links", medpix="topic.url"),
)
CAPTION = TextField("Caption", "picture.caption", "image.imageCaption")
LABELS = {
    "Age": "encounter.age",
    "Figure Part": "image.figurePart",
    "Modality": "image.modality",
    "Plane": "image.plane",
    "Sex": "encounter.sex",
}

MODALITIES: Mapping[str, Literal["CT", "MR"]] = {"c": "CT", "m": "MR"}  # of modalityMajor

# Location, lower-cased and without punctuation, to its category. Not here are those that the
# makers of the data set decided case by case: Vascular, Generalized, Endocrine, Pathology and
# Hematopoietic; and what is no location: "Left Blank", "Bethesda, MD".
LOCATION_CATEGORIES: Mapping[str, str] = {
    "brain and neuro": "Head",
    "head and neck": "Head",
    "eye and orbit": "Head",
    "ophthalmology": "Head",
    "dental": "Head",
    "dental oral or tooth": "Head",
    "nerve": "Head",
    "nerve central": "Head",
    "nerve peripheral": "Head",
    "chest pulmonary": "Thorax",
    "cardiovascular": "Thorax",
    "breast and mammography": "Thorax",
    "abdomen": "Abdomen",
    "gastrointestinal": "Abdomen",
    "genitourinary": "Reproductive and Urinary System",
    "musculoskeletal": "Spine and Muscles",
    "spine": "Spine and Muscles",
}

LICENCES: Mapping[str, str] = {"byncnd": "CC BY-NC-ND"}  # of Open-i's `ccLicense`


def location_category(location: str | None) -> str | None:
    """Return the category of a location; None where its name alone does not tell."""
    words = re.findall(r"\w+", (location or "").lower())
    return LOCATION_CATEGORIES.get(" ".join(words))


def said(value: object) -> str | None:
    """Return a raw value as text; None for what is absent, `null` or "", or no text at all."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if math.isfinite(value) else None
    if not isinstance(value, str) or value.strip() in ("", "null"):
        return None
    return value


def text(value: object) -> str | None:
    """Return a text that people wrote: without HTML, e-mail addresses and blanks around it."""
    given = said(value)
    return written(plain_text(given)) if given is not None else None


def written(value: object) -> str | None:
    """Return a text that is without HTML already: without e-mail addresses."""
    given = said(value)
    return redact_text(given) if given is not None else None


def label(value: object) -> str | None:
    """Return a label as the source gives it, blanks included: they were published so."""
    given = said(value)
    return redact_text(unescaped(given)) if given is not None else None


def acr_code(pre: object, post: object) -> str | None:
    """Return an American College of Radiology code: anatomy.pathology, -1 where one is absent.

    >>> acr_code(8, None)
    '8.-1'
    """
    anatomy, pathology = label(pre), label(post)
    if anatomy is None and pathology is None:
        return None
    return f"{anatomy or -1}.{pathology or -1}"


def keywords(topic: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a topic's key words, of which the release shows the joined text alone."""
    found = (text(topic.get(f"keyword{n}")) for n in (1, 2, 3))
    return tuple(word for word in found if word is not None)
