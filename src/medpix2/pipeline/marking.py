"""Show where in the texts of a result the words of a question stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medpix2.curate.fields import TEXT_FIELDS
from medpix2.curate.question import Question
from medpix2.store.matching import Span, Term, spans_of
from medpix2.store.tokens import words_in

AROUND = 120  # characters that a passage shows on either side of the first word
# Texts of a case that a passage may come from, in order; the title is shown anyway.
_PASSAGES = tuple(
    TEXT_FIELDS[name]
    for name in (
        "findings", "diagnosis", "topic", "differential", "history", "exam", "discussion",
        "treatment", "keywords", "disease",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Passage:
    """A piece of a text around a word that was looked for.

    Attributes
    ----------
    field
        Published field of the case, with a dot.
    text
        The piece; an ellipsis stands where it was cut.
    marks
        Where the words stand in the piece.
    """

    field: str
    text: str
    marks: list[Span]


class Marker:
    """Finds the words of one question, in all their forms and spellings.

    Parameters
    ----------
    question
        The question as it was understood.
    """

    def __init__(self, question: Question) -> None:
        self._anywhere = [Term(term) for group in question.groups for term in group.all]
        self._within: dict[str, list[Term]] = {}
        for part in question.within:
            if not part.without:
                terms = [Term(term) for term in part.term.all]
                self._within.setdefault(part.field, []).extend(terms)

    def marks(self, text: str | None, field: str) -> list[Span]:
        """Return where words stand in the text of a published field."""
        terms = [*self._anywhere, *self._within.get(field, ())]
        return spans_of(text, terms) if text and terms else []

    def passage(self, case: Mapping[str, Any]) -> Passage | None:
        """Return the first place in a case's report or topic where a word stands, or None."""
        title = (case.get("Case") or {}).get("Title")
        for path in _PASSAGES:
            part, _, key = path.partition(".")
            text = (case.get(part) or {}).get(key)
            terms = [*self._anywhere, *self._within.get(path, ())]
            if not isinstance(text, str) or text == title:
                continue
            words = words_in(text)
            if any(term.is_among(words) for term in terms):
                return _cut(path, text, spans_of(text, terms))
        return None


def _cut(path: str, text: str, spans: list[Span]) -> Passage | None:
    if not spans:
        return None
    first = max(spans[0][0] - AROUND, 0)
    last = min(spans[0][1] + AROUND, len(text))
    if first:  # not in the middle of a word
        first = text.find(" ", first, spans[0][0]) + 1 or first
    if last < len(text):
        last = max(text.rfind(" ", spans[0][1], last), spans[0][1])
    before, after = "\u2026 " * (first > 0), " \u2026" * (last < len(text))
    moved = len(before) - first
    marks = [(start + moved, end + moved) for start, end in spans if end <= last]
    return Passage(path, before + text[first:last] + after, marks)
