"""Which fields give the diagnosis away: a table for exports, the quiz and training recipes.

The classification is fixed, so that an export does not change with the collection; `giveaway`
measures it on a collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import Stemmer

from medpix2.curate.evidence import value_at
from medpix2.curate.near_texts import words_of
from medpix2.curate.question import STOP_WORDS
from medpix2.records import meant

_Document = Mapping[str, Any]


@dataclass(frozen=True)
class FieldGroup:
    """Fields that are given or held back together.

    Attributes
    ----------
    name
        Of lower-case words.
    of
        Whether they stand in the case's document or in those of its images.
    fields
        Published fields, with dots.
    leaks
        Whether they give the diagnosis away.
    reason
        Why, or why not.
    """

    name: str
    of: Literal["case", "image"]
    fields: tuple[str, ...]
    leaks: bool
    reason: str


FIELD_GROUPS: tuple[FieldGroup, ...] = (
    FieldGroup("title", "case", ("Case.Title",), True, "It is the diagnosis, nearly always."),
    FieldGroup("case diagnosis", "case", ("Case.Case Diagnosis",), True, "It is the diagnosis."),
    FieldGroup("topic title", "case", ("Topic.Title",), True, "It names the disease."),
    FieldGroup("keywords", "case", ("Topic.Keywords",), True, "They name the disease."),
    FieldGroup("category", "case", ("Topic.Category",), True, "It is the class of the disease."),
    FieldGroup(
        "acr code", "case", ("Topic.ACR Code",), True,
        "Its second part is the code of the pathology.",
    ),
    FieldGroup(
        "disease discussion", "case", ("Topic.Disease Discussion",), True,
        "It discusses the disease by its name.",
    ),
    FieldGroup(
        "reference", "case", ("Topic.Reference", "Topic.External Links"), True,
        "Papers and addresses bear the name of the disease.",
    ),
    FieldGroup(
        "discussion", "case", ("Case.Discussion",), True, "Its author knows the diagnosis."
    ),
    FieldGroup(
        "differential diagnosis", "case", ("Case.Differential Diagnosis",), True,
        "The diagnosis is most often in the list.",
    ),
    FieldGroup(
        "diagnosis by", "case", ("Case.Diagnosis By",), True,
        "It says how it was proved, often with the result.",
    ),
    FieldGroup(
        "treatment", "case", ("Case.Treatment & Follow Up",), True,
        "It follows from the diagnosis, and often names it.",
    ),
    FieldGroup(
        "history", "case", ("Case.History",), False,
        "It is known before the examination; some name a known disease.",
    ),
    FieldGroup("exam", "case", ("Case.Exam",), False, "It is known before the pictures are read."),
    FieldGroup(
        "findings", "case", ("Case.Findings",), False,
        "They describe the pictures; some name the diagnosis.",
    ),
    FieldGroup(
        "caption", "image", ("Description.Caption",), False,
        "It describes the picture; some name the diagnosis.",
    ),
    FieldGroup(
        "image acr code", "image", ("Description.ACR Codes",), True,
        "Its second part is the code of the pathology.",
    ),
    FieldGroup(
        "patient", "image", ("Description.Age", "Description.Sex"), False,
        "It is known before the examination.",
    ),
    FieldGroup(
        "technique", "image", ("Type", "Description.Modality", "Description.Plane"), False,
        "It says how the picture was taken.",
    ),
    FieldGroup(
        "figure part", "image", ("Description.Figure Part",), False, "It numbers the pictures."
    ),
    FieldGroup(
        "location", "image", ("Location", "Location Category"), False,
        "It says where the disease is, not which.",
    ),
)  # fmt: skip
"""All published fields but ids and lists of ids, and `Case.Media`, which is empty."""


def leaking_fields(of: Literal["case", "image"]) -> frozenset[str]:
    """Return the published fields, with dots, that give the diagnosis away."""
    groups = (group for group in FIELD_GROUPS if group.of == of and group.leaks)
    return frozenset(field for group in groups for field in group.fields)


@dataclass(frozen=True)
class Giveaway:
    """How often a group of fields has the words of the diagnosis.

    Attributes
    ----------
    group
        Name of the group.
    cases
        Cases that have both a diagnosis and the fields.
    whole
        Share of them in which all words of the diagnosis stand in the fields.
    part
        Mean share of the diagnosis' words that stand there (containment).
    chance
        Mean containment of another case's diagnosis: what the length of a text alone brings.
    """

    group: str
    cases: int
    whole: float
    part: float
    chance: float


def giveaway(cases: Iterable[tuple[_Document, Sequence[_Document]]]) -> list[Giveaway]:
    """Measure how far each group of fields gives the diagnosis away.

    Parameters
    ----------
    cases
        Documents of each case and of its images.

    Returns
    -------
    list of Giveaway
        In the order of `FIELD_GROUPS`. Words count without stop words and by their stems, so that
        "cysts" is "cyst".
    """
    given: list[tuple[frozenset[str], dict[str, frozenset[str]]]] = []
    for case, images in cases:
        if diagnosis := _stems(_diagnosis(case)):
            texts = {group.name: _text(group, case, images) for group in FIELD_GROUPS}
            given.append((diagnosis, {name: _stems(text) for name, text in texts.items() if text}))
    return [_measured(group.name, given) for group in FIELD_GROUPS]


def _measured(
    name: str, given: Sequence[tuple[frozenset[str], dict[str, frozenset[str]]]]
) -> Giveaway:
    own, other = [], []
    for at, (diagnosis, texts) in enumerate(given):
        if (text := texts.get(name)) is not None:
            own.append(len(diagnosis & text) / len(diagnosis))
            stranger = given[(at + len(given) // 2) % len(given)][0]
            other.append(len(stranger & text) / len(stranger))
    count = len(own)
    if not count:
        return Giveaway(name, 0, 0.0, 0.0, 0.0)
    return Giveaway(
        name, count, sum(share == 1 for share in own) / count, sum(own) / count, sum(other) / count
    )


def _diagnosis(case: _Document) -> str:
    report = case.get("Case") or {}
    return meant(report.get("Case Diagnosis")) or meant(report.get("Title")) or ""


def _text(group: FieldGroup, case: _Document, images: Sequence[_Document]) -> str:
    documents = [case] if group.of == "case" else images
    found = (meant(value_at(document, path)) for document in documents for path in group.fields)
    return " ".join(text for text in found if text)


def _stems(text: str) -> frozenset[str]:
    words = [word for word in words_of(text) if word not in STOP_WORDS]
    return frozenset(_stemmer().stemWords(words))


@lru_cache(maxsize=1)
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")
