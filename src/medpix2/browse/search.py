"""The search page: text and facets, pictures or cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from medpix2.browse.questions import MISSING, SHOWN_FACETS, SearchQuestion
from medpix2.pipeline.find import Match, find, image_row
from medpix2.store.database import Store
from medpix2.store.facets import Value

FOLDED = 8  # values of a facet that are shown before "more"


class FacetValue(BaseModel):
    """A value of a facet, and what choosing it leads to."""

    value: str = Field(description="The value; 'missing' stands for none.")
    pictures: int = Field(description="Pictures of this search that have it.")
    chosen: bool = Field(description="Whether the search asks for it.")
    link: str = Field(description="The search with the value chosen, or no longer chosen.")


class Facet(BaseModel):
    """A facet with the values that the search found."""

    name: str = Field(description="Name of the parameter.")
    title: str = Field(description="Name for people.")
    values: list[FacetValue] = Field(description="Values, the most frequent first.")


class Chip(BaseModel):
    """Something that the search asks for, with the search without it."""

    text: str
    link: str


class Result(BaseModel):
    """One found picture, or one case with its pictures."""

    case: str = Field(description="Id of the case.")
    title: str | None = Field(description="Title of the case.")
    score: float | None = Field(description="Relevance of the text; null without one.")
    images: list[dict[str, Any]] = Field(description="Pictures that fit.")


class SearchPage(BaseModel):
    """What a search found."""

    question: SearchQuestion
    cases: int = Field(description="Cases that were found.")
    images: int = Field(description="Pictures that were found.")
    results: list[Result]
    facets: list[Facet]
    chips: list[Chip]
    widened: list[str] = Field(description="Other spellings and synonyms that were looked for.")
    previous: str | None = Field(description="The page before.")
    next: str | None = Field(description="The page after.")


def search(store: Store, question: SearchQuestion) -> SearchPage:
    """Search, and count the facets of what was found."""
    found = find(
        store,
        question.q,
        question.filters(),
        by=question.by,
        offset=question.offset,
        limit=question.limit,
        counts=SHOWN_FACETS,
        widening=not question.exact,
    )
    total = found.images if question.by == "image" else found.cases
    after, before = question.offset + question.limit, question.offset - question.limit
    return SearchPage(
        question=question,
        cases=found.cases,
        images=found.images,
        results=[_result(match) for match in found.matches],
        facets=[_facet(question, name, found.counts[name]) for name in SHOWN_FACETS],
        chips=_chips(question),
        widened=list(found.question.widened),
        previous=_link(question, offset=max(before, 0)) if question.offset else None,
        next=_link(question, offset=after) if after < total else None,
    )


def _result(match: Match) -> Result:
    said = match.as_json()
    return Result(
        case=said["U_id"],
        title=said["Title"],
        score=match.score,
        images=[image_row(image) for image in match.images],
    )


def _facet(question: SearchQuestion, name: str, counts: Mapping[Value, int]) -> Facet:
    chosen = list(getattr(question, name))
    shown = {MISSING if value is None else str(value): n for value, n in counts.items()}
    shown |= {value: 0 for value in chosen if value not in shown}
    return Facet(
        name=name,
        title=SHOWN_FACETS[name],
        values=[
            FacetValue(
                value=value,
                pictures=pictures,
                chosen=value in chosen,
                link=_link(question, offset=0, **{name: _toggled(chosen, value)}),
            )
            for value, pictures in sorted(shown.items(), key=lambda item: (-item[1], item[0]))
            if pictures or value in chosen
        ],
    )


def _toggled(chosen: list[str], value: str) -> list[str]:
    return [v for v in chosen if v != value] if value in chosen else [*chosen, value]


def _chips(question: SearchQuestion) -> list[Chip]:
    chips = [Chip(text=question.q, link=_link(question, q="", offset=0))] if question.q else []
    for name, title in SHOWN_FACETS.items():
        chosen = getattr(question, name)
        for value in chosen:
            link = _link(question, offset=0, **{name: _toggled(chosen, value)})
            chips.append(Chip(text=f"{title}: {value}", link=link))
    if question.age_from is not None or question.age_to is not None:
        low = 0 if question.age_from is None else question.age_from
        high = "" if question.age_to is None else question.age_to
        link = _link(question, age_from=None, age_to=None, offset=0)
        chips.append(Chip(text=f"Age: {low} to {high}", link=link))
    return chips


def _link(question: SearchQuestion, **changed: Any) -> str:
    """Return the address of the same search with some parameters changed."""
    asked = question.model_copy(update=changed).model_dump(exclude_defaults=True)
    return "?" + urlencode(asked, doseq=True)
