"""The search page: text and facets, pictures or cases."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from medpix2.browse.facets import AgeBand, Chip, Facet, age_bands, chips, facet, link
from medpix2.browse.questions import SHOWN_FACETS, SearchQuestion
from medpix2.errors import QueryError
from medpix2.pipeline.find import Found, Match, find, image_row
from medpix2.pipeline.marking import Marker
from medpix2.pipeline.ordering import ORDERS, Order
from medpix2.pipeline.paging import cursor_of, place_of
from medpix2.store.database import Store

LARGE = 400_000  # documents from which on facets are counted after the results are shown
_ORDER_TITLES: dict[Order, str] = {
    "relevance": "Relevance",
    "source": "Source",
    "youngest": "Youngest",
    "oldest": "Oldest",
    "pictures": "Most pictures",
}
_Marks = list[tuple[int, int]]


class Excerpt(BaseModel):
    """A piece of a report around a word that was looked for."""

    field: str = Field(description="Published field of the case that it is from.")
    text: str
    marks: _Marks = Field(description="Where the words stand: beginnings and ends.")


class Result(BaseModel):
    """One found picture, or one case with its pictures."""

    case: str = Field(description="Id of the case.")
    title: str | None = Field(description="Title of the case.")
    marks: _Marks = Field(description="Where words that were looked for stand in the title.")
    status: str | None = Field(description="Status of the case.")
    score: float | None = Field(description="Relevance of the text; null without one.")
    excerpt: Excerpt | None = Field(description="Where else the words stand; of cases only.")
    images: list[dict[str, Any]] = Field(
        description="Pictures that fit; `marks` says where words stand in the caption."
    )


class Choice(BaseModel):
    """Another way to see the same results."""

    title: str
    link: str
    chosen: bool


class Pages(BaseModel):
    """The pages of the results."""

    number: int = Field(description="Number of this page, from 1.")
    last: int = Field(description="Number of the last page.")
    first_link: str | None = Field(description="The first page, if that is another one.")
    last_link: str | None = Field(description="The last page, if that is another one.")


class Refusal(BaseModel):
    """Why a question cannot be answered, and what to do."""

    failed: str
    todo: str


class SearchPage(BaseModel):
    """What a search found."""

    question: SearchQuestion
    error: Refusal | None = Field(default=None, description="What is wrong with the question.")
    cases: int = Field(description="Cases that were found.")
    images: int = Field(description="Pictures that were found.")
    results: list[Result]
    facets: list[Facet] = Field(description="Empty where they were not counted.")
    ages: list[AgeBand] = Field(description="Pictures by the patient's age, in steps.")
    counts_link: str | None = Field(description="The same with facets, where they are left out.")
    chips: list[Chip]
    views: list[Choice] = Field(description="Pictures, or cases.")
    orders: list[Choice] = Field(description="The orders that these results may have.")
    widened: list[str] = Field(description="Other spellings and synonyms that were looked for.")
    pages: Pages
    previous: str | None = Field(description="The page before.")
    next: str | None = Field(description="The page after.")
    next_cursor: str | None = Field(
        description="`cursor` of the page after; null if this is the last."
    )


def search(store: Store, question: SearchQuestion) -> SearchPage:
    """Search, and count the facets of what was found.

    Raises
    ------
    QueryError
        The question cannot be asked.
    """
    if question.cursor and question.offset:
        raise QueryError("There are a cursor and an offset", "give one of them")
    after = None
    if question.cursor:
        after = place_of(store, question.without_page(), question.cursor)
    counted = question.counts == "yes" or (question.counts == "auto" and not _is_large(store))
    found = find(
        store,
        question.q,
        question.filters(),
        by=question.by,
        order=question.order,
        offset=question.offset,
        limit=question.limit,
        after=after,
        counts=(*SHOWN_FACETS, "age") if counted else (),
        widening=not question.exact,
    )
    return _page(question, found, counted)


def refused(error: QueryError, question: SearchQuestion) -> SearchPage:
    """Return the page of a question that cannot be asked, so that it can be mended."""
    page = _page(question, None, False)
    return page.model_copy(update={"error": Refusal(failed=error.failed, todo=error.todo)})


def _is_large(store: Store) -> bool:
    return store.current.estimated_document_count() > LARGE


def _page(question: SearchQuestion, found: Found | None, counted: bool) -> SearchPage:
    cases, images = (found.cases, found.images) if found else (0, 0)
    total = images if question.by == "image" else cases
    after, before = question.offset + question.limit, question.offset - question.limit
    marker = Marker(found.question) if found else None
    matches = found.matches if found else []
    return SearchPage(
        question=question,
        cases=cases,
        images=images,
        results=[_result(match, marker, question) for match in matches if marker],
        facets=[facet(question, f, found.counts[f]) for f in SHOWN_FACETS]
        if found and counted
        else [],
        ages=age_bands(found.counts["age"]) if found and counted else [],
        counts_link=link(question, counts="yes") if found and not counted else None,
        chips=chips(question),
        views=_views(question),
        orders=_orders(question),
        widened=list(found.question.widened) if found else [],
        pages=_pages(question, total),
        previous=_turned(question, max(before, 0)) if question.offset else None,
        next=_turned(question, after) if after < total else None,
        next_cursor=_cursor(question, found) if found and found.last else None,
    )


def _cursor(question: SearchQuestion, found: Found) -> str | None:
    match, last = found.matches[-1], found.last
    if last is None:
        return None
    case = match.case["_id"] if match.case and question.by == "case" else None
    return cursor_of(question.without_page(), last, case or match.images[0]["_id"])


def _result(match: Match, marker: Marker, question: SearchQuestion) -> Result:
    said = match.as_json()
    title = said["Title"]
    passage = marker.passage(match.case) if question.by == "case" and match.case else None
    return Result(
        case=said["U_id"],
        title=title,
        marks=marker.marks(title, "Case.Title"),
        status=said["status"],
        score=match.score,
        excerpt=Excerpt(**vars(passage)) if passage else None,
        images=[
            {**row, "marks": marker.marks(row["caption"], "Description.Caption")}
            for row in map(image_row, match.images)
        ],
    )


def _views(question: SearchQuestion) -> list[Choice]:
    order = "relevance" if question.order == "pictures" else question.order
    ways = (("Pictures", "image"), ("Cases", "case"))
    return [
        Choice(
            title=title,
            link=link(question, by=by, offset=0, order=order),
            chosen=question.by == by,
        )
        for title, by in ways
    ]


def _orders(question: SearchQuestion) -> list[Choice]:
    fit = [
        order
        for order in ORDERS
        if not (order == "pictures" and question.by == "image")
        and not (order == "source" and not question.q)  # which is that of relevance then
    ]
    return [
        Choice(
            title="Source" if order == "relevance" and not question.q else _ORDER_TITLES[order],
            link=link(question, order=order, offset=0),
            chosen=question.order == order,
        )
        for order in fit
    ]


def _pages(question: SearchQuestion, total: int) -> Pages:
    size = question.limit
    number, last = question.offset // size + 1, max(-(-total // size), 1)
    return Pages(
        number=number,
        last=last,
        first_link=_turned(question, 0) if question.offset else None,
        last_link=_turned(question, (last - 1) * size) if number < last else None,
    )


def _turned(question: SearchQuestion, offset: int) -> str:
    return link(question, offset=offset, counts=question.counts)
