"""The facets of a search page: values with counts and links, ages in steps, and chips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, Field

from medpix2.browse.questions import SHOWN_FACETS, SearchQuestion
from medpix2.curate.fields import MISSING
from medpix2.store.facets import Value

ANY = "any"  # the word for all statuses
FOLDED = 8  # values of a facet that are shown before "more"
BAND = 5  # years of a step of ages
TOP = 100  # age from which on all are in one step


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
    values: list[FacetValue] = Field(description="Chosen values, then the most frequent first.")

    @property
    def shown(self) -> list[FacetValue]:
        """The values that are shown at once."""
        chosen = sum(value.chosen for value in self.values)
        return self.values[: max(FOLDED, chosen)]

    @property
    def folded(self) -> list[FacetValue]:
        """The values behind "more"."""
        return self.values[len(self.shown) :]


class AgeBand(BaseModel):
    """Pictures of patients of some years."""

    low: int = Field(description="Lowest age, included.")
    high: int | None = Field(description="Highest age, included; null for any.")
    pictures: int
    height: int = Field(description="Pictures as a percentage of those of the highest step.")


class Chip(BaseModel):
    """Something that the search asks for, with the search without it."""

    text: str
    link: str


def link(question: SearchQuestion, **changed: Any) -> str:
    """Return the address of the same search with some parameters changed.

    Whether facets are counted is of this answer alone, unless it is among the changes; a cursor is
    of its page alone.
    """
    asked = question.model_copy(update={"counts": "auto", "cursor": None, **changed})
    return "?" + urlencode(asked.pairs())


def facet(question: SearchQuestion, name: str, counts: Mapping[Value, int]) -> Facet:
    """Return a facet as the page shows it."""
    chosen = list(getattr(question, name))
    shown = {MISSING if value is None else str(value): n for value, n in counts.items()}
    if name == "status":
        shown[ANY] = sum(shown.values())
    shown |= {value: 0 for value in chosen if value not in shown}

    def place(item: tuple[str, int]) -> tuple[bool, int, str]:
        return (item[0] not in chosen, -item[1], item[0])

    return Facet(
        name=name,
        title=SHOWN_FACETS[name],
        values=[
            FacetValue(
                value=value,
                pictures=pictures,
                chosen=value in chosen,
                link=link(question, offset=0, **{name: _toggled(chosen, value)}),
            )
            for value, pictures in sorted(shown.items(), key=place)
            if pictures or value in chosen
        ],
    )


def age_bands(counts: Mapping[Value, int]) -> list[AgeBand]:
    """Return pictures by age, from birth on, in steps of `BAND` years."""
    steps = [0] * (TOP // BAND + 1)
    for age, pictures in counts.items():
        if isinstance(age, int):
            steps[min(max(age, 0), TOP) // BAND] += pictures
    most = max(steps) or 1
    return [
        AgeBand(
            low=at * BAND,
            high=None if at * BAND == TOP else at * BAND + BAND - 1,
            pictures=pictures,
            height=-(-100 * pictures // most),
        )
        for at, pictures in enumerate(steps)
    ]


def chips(question: SearchQuestion) -> list[Chip]:
    """Return what a search asks for, each with the search without it."""
    made = [Chip(text=question.q, link=link(question, q="", offset=0))] if question.q else []
    for name, title in SHOWN_FACETS.items():
        chosen = getattr(question, name)
        for value in chosen:
            without = link(question, offset=0, **{name: _toggled(chosen, value)})
            made.append(Chip(text=f"{title}: {value}", link=without))
    if question.age_from is not None or question.age_to is not None:
        low = 0 if question.age_from is None else question.age_from
        high = "" if question.age_to is None else question.age_to
        without = link(question, age_from=None, age_to=None, offset=0)
        made.append(Chip(text=f"Age: {low} to {high}", link=without))
    if question.exact:
        made.append(Chip(text="Exact words", link=link(question, exact=False, offset=0)))
    return made


def _toggled(chosen: list[str], value: str) -> list[str]:
    return [v for v in chosen if v != value] if value in chosen else [*chosen, value]
