"""`find` and `show`: cases and pictures by text and facets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from pyroaring import BitMap

from medpix2.curate.question import Question
from medpix2.errors import QueryError
from medpix2.pipeline.ordering import Order, case_keys, facets_for, image_keys
from medpix2.pipeline.paging import Place, page_of
from medpix2.pipeline.selecting import Selection, select
from medpix2.pipeline.unknown_ids import not_found
from medpix2.store.database import Store
from medpix2.store.facets import Filters, Value, ordinals_of
from medpix2.store.reading import documents_at, documents_of, find_document
from medpix2.store.texts import Hits

_Document = dict[str, Any]
MAX_LIMIT = 10_000


@dataclass(frozen=True)
class Match:
    """A case that was found, and which of its pictures fit."""

    case: _Document | None
    images: list[_Document]
    score: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the match as `find --json` prints it."""
        case = self.case or {}
        return {
            "U_id": case.get("_id") or self.images[0]["U_id"],
            "score": self.score,
            "Title": (case.get("Case") or {}).get("Title"),
            "Topic": (case.get("Topic") or {}).get("Title"),
            "split": case.get("meta", {}).get("split"),
            "status": case.get("meta", {}).get("status"),
            "images": [image_row(image) for image in self.images],
        }


@dataclass(frozen=True)
class Found:
    """One page of what was found.

    Attributes
    ----------
    matches
        Cases of this page, the most relevant first (in the source's order without a text).
    cases, images
        How many cases and pictures were found in all.
    offset
        Matches before this page.
    question
        The text question as it was understood.
    counts
        Facet to value to pictures, for the facets that were asked for.
    last
        Place of the last match of this page; None if no more come after it.
    """

    matches: list[Match]
    cases: int
    images: int
    offset: int
    question: Question
    counts: dict[str, dict[Value, int]] = field(default_factory=dict)
    last: Place | None = None


def find(
    store: Store,
    text: str = "",
    filters: Filters | None = None,
    *,
    by: Literal["case", "image"] = "case",
    order: Order = "relevance",
    offset: int = 0,
    limit: int = 20,
    after: Place | None = None,
    counts: Iterable[str] = (),
    widening: bool = True,
) -> Found:
    """Find cases by the texts of their reports and captions, and by facets of their pictures.

    Parameters
    ----------
    store
        The database.
    text
        Words that must all occur in a case, "phrases", and -without; "" for any.
    filters
        Facets of pictures; a case is found if one of its pictures fits.
    by
        What a page counts: cases, each with its fitting pictures, or single pictures.
    order
        What comes first; without a text, relevance is the source's order.
    offset, limit
        The page.
    after
        The last match of the page before; offsets count from there.
    counts
        Facets to count over what was found.
    widening
        Whether other spellings and synonyms of the words count too.

    Raises
    ------
    QueryError
        A facet or value that does not exist, or a page that cannot be.
    """
    if offset < 0 or not 1 <= limit <= MAX_LIMIT:
        raise QueryError(
            f"No page of {limit} from {offset}", f"use 1 to {MAX_LIMIT}, from 0 or more"
        )
    wanted = (*counts, *facets_for(order))
    chosen = select(store, text, filters, counts=wanted, widening=widening)
    hits, index = chosen.hits, chosen.index
    ordinals, scores = (
        (chosen.images, image_keys(chosen, order))
        if by == "image"
        else (chosen.cases, case_keys(chosen, order))
    )
    # One more, which says whether there is a next page.
    places = page_of(ordinals, scores, offset=offset, limit=limit + 1, after=after)
    page = [place.ordinal for place in places[:limit]]
    matches = _image_page(store, page, hits) if by == "image" else _case_page(store, page, chosen)
    last = places[limit - 1] if len(places) > limit else None
    within = hits.slots if hits is not None and counts else None
    counted = index.counts(counts, chosen.filters, within) if counts else {}
    totals = len(chosen.cases), len(chosen.images)
    return Found(matches, *totals, offset, chosen.question, counted, last)


def show(store: Store, name: str) -> Match:
    """Return a case with all its pictures, whatever their status; a picture's id gives its case.

    Raises
    ------
    NotFound
        No case or picture has this id; near ones are named.
    """
    store.require_content()
    document = find_document(store.db, name)
    if document is None:
        raise not_found(store, name)
    case, images = documents_of(store.db, document["U_id"])
    return Match(case, images, None)


def image_row(image: Mapping[str, Any]) -> dict[str, Any]:
    """Return one picture in one flat row, as `find --images` prints it."""
    facts, said = image["meta"]["normalized"], image.get("Description") or {}
    return {
        "image": image["_id"],
        "U_id": image["U_id"],
        "modality": image.get("Type"),
        "sequence": facts.get("sequence"),
        "contrast": facts.get("contrast"),
        "plane": facts.get("plane"),
        "location": facts.get("location"),
        "location_category": facts.get("location_category"),
        "age": facts.get("age"),
        "sex": facts.get("sex"),
        "split": image["meta"].get("split"),
        "status": image["meta"].get("status"),
        "caption": said.get("Caption"),
    }


def _case_page(store: Store, page: list[int], chosen: Selection) -> list[Match]:
    hits = chosen.hits
    documents = documents_at(store.db, "case", page)
    slots = ordinals_of(chosen.index.slots_of(BitMap(page)))
    fitting = slots[np.isin(slots, chosen.images, assume_unique=True)]
    pictures: dict[int, list[_Document]] = {}
    for document in documents_at(store.db, "image", fitting.tolist()).values():
        pictures.setdefault(document["meta"]["c"], []).append(document)
    return [
        Match(
            documents.get(n),
            _by_caption(pictures.get(n, []), hits),
            hits.relevance(hits.cases[n]) if hits else None,
        )
        for n in page
        if n in documents or n in pictures
    ]


def _by_caption(images: list[_Document], hits: Hits | None) -> list[_Document]:
    def place(image: _Document) -> tuple[int, int]:
        n = image["meta"]["n"]
        return (-int(hits.images[n]) if hits else 0, n)

    return sorted(images, key=place)


def _image_page(store: Store, page: list[int], hits: Hits | None) -> list[Match]:
    documents = documents_at(store.db, "image", page)
    of_page = [document["meta"]["c"] for document in documents.values()]
    cases = documents_at(store.db, "case", of_page)
    return [
        Match(
            cases.get(documents[n]["meta"]["c"]),
            [documents[n]],
            hits.relevance(hits.cases[n] + hits.images[n]) if hits else None,
        )
        for n in page
        if n in documents
    ]
