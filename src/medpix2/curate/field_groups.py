"""How far the groups of fields give the diagnosis away in a collection.

Which groups there are, and which of them leak, says `medpix2.field_groups`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import Stemmer

from medpix2.curate.evidence import value_at
from medpix2.curate.near_texts import words_of
from medpix2.curate.question import STOP_WORDS
from medpix2.field_groups import FIELD_GROUPS, FieldGroup
from medpix2.records import meant

_Document = Mapping[str, Any]


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
