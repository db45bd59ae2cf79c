"""Where the texts of a case stand, and how rules walk over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from medpix2.curate.evidence import value_at
from medpix2.curate.rule import Subject

REPORT = (
    "Case.Title",
    "Case.History",
    "Case.Exam",
    "Case.Findings",
    "Case.Differential Diagnosis",
    "Case.Case Diagnosis",
    "Case.Diagnosis By",
    "Case.Treatment & Follow Up",
    "Case.Discussion",
)
TOPIC = ("Topic.Title", "Topic.Disease Discussion", "Topic.Keywords", "Topic.Reference")
CAPTION = "Description.Caption"


class Text(NamedTuple):
    """A text, where it stands, and of what."""

    target: str
    field: str
    text: str


def text_at(document: Mapping[str, Any] | None, field: str) -> str:
    """Return the text at a published field without blanks around it; empty if there is none."""
    value = value_at(document, field)
    return value.strip() if isinstance(value, str) else ""


def texts_of(
    subject: Subject, case_fields: Iterable[str], image_fields: Iterable[str] = (CAPTION,)
) -> Iterator[Text]:
    """Yield every text that is there: of the case first, then of its images."""
    for field in case_fields:
        if text := text_at(subject.case, field):
            yield Text(subject.id, field, text)
    wanted = tuple(image_fields)
    for image in subject.images:
        for field in wanted:
            if text := text_at(image, field):
                yield Text(image["_id"], field, text)


def excerpt(text: str, start: int, end: int, around: int = 30) -> str:
    """Return a part of a text with whole words around it, on one line."""
    left = text.rfind(" ", 0, max(0, start - around)) + 1 if start > around else 0
    right = text.find(" ", min(len(text), end + around))
    return " ".join(text[left : right if right >= 0 else len(text)].split())
