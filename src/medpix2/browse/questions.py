"""What a request may ask: the parameters of pages, checked, and read into filters."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from medpix2.curate.fields import MISSING
from medpix2.curate.question import MAX_LENGTH
from medpix2.errors import QueryError
from medpix2.pipeline.ordering import Order
from medpix2.records import STATUSES
from medpix2.store.facets import Filters, Value

PAGE = 24  # results on a page
DEEPEST = 10_000_000  # results before a page

_Values = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)]


class SearchQuestion(BaseModel):
    """What a search asks."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        default="", max_length=MAX_LENGTH, description='Words, "phrases", -without, field:word.'
    )
    modality: _Values = Field(default=[], description="CT or MR; any of those given.")
    sequence: _Values = Field(default=[], description="MR sequence.")
    contrast: _Values = Field(default=[], description="Contrast medium.")
    location_category: _Values = Field(default=[], description="Location in five classes.")
    location: _Values = Field(default=[], description="Body part.")
    plane: _Values = Field(default=[], description="Plane of the section.")
    sex: _Values = Field(default=[], description="Sex of the patient.")
    category: _Values = Field(default=[], description="Category of the topic.")
    split: _Values = Field(default=[], description="Split of the data set.")
    status: _Values = Field(default=[], description="Status; accepted and pending if not given.")
    site: _Values = Field(default=[], description="Kind of source.")
    age_from: int | None = Field(default=None, ge=0, le=150, description="Lowest age in years.")
    age_to: int | None = Field(default=None, ge=0, le=150, description="Highest age in years.")
    by: Literal["image", "case"] = Field(default="image", description="What a page counts.")
    order: Order = Field(default="relevance", description="What comes first.")
    exact: bool = Field(default=False, description="No other spellings and synonyms.")
    offset: int = Field(default=0, ge=0, le=DEEPEST, description="Results before the page.")
    limit: int = Field(default=PAGE, ge=1, le=200, description="Results on the page.")
    cursor: str | None = Field(
        default=None, max_length=1000,
        description="`next_cursor` of the page before, instead of an offset: documents that come "
        "or go meanwhile move no other result to another page.",
    )  # fmt: skip

    counts: Literal["auto", "yes", "no"] = Field(
        default="auto", description="Whether facets are counted; auto: where that is fast."
    )

    @field_validator("age_from", "age_to", mode="before")
    @classmethod
    def _no_age(cls, given: object) -> object:
        return None if given == "" else given  # what a form sends of a field that is left blank

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """Return the parameters that were given, but for some, as names and values."""
        given = self.model_dump(exclude_defaults=True, exclude=set(without))
        return [
            (name, str(value).lower() if isinstance(value, bool) else str(value))
            for name, values in given.items()
            for value in (values if isinstance(values, list) else [values])
        ]

    def without_page(self) -> str:
        """Return what is asked as a text, whichever page of it."""
        return urlencode(self.pairs("offset", "limit", "cursor", "counts"))

    def filters(self) -> Filters:
        """Return the facets that are asked for.

        Raises
        ------
        QueryError
            The lowest age is above the highest.
        """
        low, high = self.age_from, self.age_to
        if low is not None and high is not None and low > high:
            raise QueryError("The range of ages is empty", "give the lower age first")
        wanted: dict[str, list[Value]] = {}
        for facet in SHOWN_FACETS:
            if given := getattr(self, facet):
                wanted[facet] = [None if value == MISSING else value for value in given]
        if "any" in wanted.get("status", ()):
            wanted["status"] = list(STATUSES)
        bounds = (low, high)
        return Filters(wanted, None if bounds == (None, None) else bounds)


# Facet -> how it is called on the page, in order.
SHOWN_FACETS: dict[str, str] = {
    "modality": "Modality",
    "location_category": "Location category",
    "location": "Location",
    "plane": "Plane",
    "sequence": "Sequence",
    "contrast": "Contrast",
    "sex": "Sex",
    "category": "Topic category",
    "split": "Split",
    "status": "Status",
    "site": "Source",
}

Asked = Annotated[SearchQuestion, Query()]
