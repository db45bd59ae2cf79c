"""`find` and `show`: cases and pictures by text and facets."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pyroaring import BitMap

from medpix2.curate.question import Question, read_question
from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.store.database import Store
from medpix2.store.facets import FacetIndex, Filters, Value
from medpix2.store.reading import documents_at, documents_of, find_document, near_ids
from medpix2.store.texts import Hits, search_texts

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
    """

    matches: list[Match]
    cases: int
    images: int
    offset: int
    question: Question
    counts: dict[str, dict[Value, int]] = field(default_factory=dict)


def find(
    store: Store,
    text: str = "",
    filters: Filters | None = None,
    *,
    by: Literal["case", "image"] = "case",
    offset: int = 0,
    limit: int = 20,
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
    offset, limit
        The page.
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
    store.require_content()
    filters = filters or Filters()
    question = read_question(text, widening=widening)
    index = store.facets("status", *filters.values, *(["age"] if filters.age else []), *counts)
    filters = _resolved(index, filters)
    images, cases = index.select(filters) & index.images, index.select_cases(filters)
    hits = None
    if question.groups:
        groups = [group.all for group in question.groups]
        shown = index.select(filters.only("status")) & index.images
        hits = search_texts(store.db, groups, question.without, images=shown)
        images &= _slots(index, hits.cases)
        cases &= BitMap(hits.cases)
    if by == "image":
        matches = _image_page(store, images, index, hits, offset, limit)
    else:
        matches = _case_page(store, cases, images, index, hits, offset, limit)
    within = _slots(index, hits.cases) if hits is not None else None
    counted = index.counts(counts, filters, within) if counts else {}
    return Found(matches, len(cases), len(images), offset, question, counted)


def resolved(store: Store, filters: Filters) -> Filters:
    """Return filters with their values as they are stored, whatever the case of their letters.

    Raises
    ------
    QueryError
        A value that no picture has; a near one is named.
    """
    return _resolved(store.facets(*filters.values), filters) if filters.values else filters


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
        near = difflib.get_close_matches(name.upper(), near_ids(store.db, name), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "list them with `medpix2 find`"
        raise NotFound(f"No case or picture {name!r} in database {store.db.name!r}", hint)
    case, images = documents_of(store.db, document["U_id"])
    return Match(case, images, None)


def published(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a current document in the published shape."""
    return {key: value for key, value in document.items() if key not in ("_id", "meta")}


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


def _slots(index: FacetIndex, cases: Iterable[int]) -> BitMap:
    """Return the ordinals of all pictures of some cases."""
    return index.slots_of(BitMap(cases))


def _resolved(index: FacetIndex, filters: Filters) -> Filters:
    """Return the filters with values as they are stored, whatever the case of their letters."""
    resolved: dict[str, list[Value]] = {}
    for facet, wanted in filters.values.items():
        there = list(ANY_STATUS) if facet == "status" else index.values(facet)
        by_lower = {str(value).lower(): value for value in there if value is not None}
        resolved[facet] = []
        for value in wanted:
            if value is None or value in there:
                resolved[facet].append(value)
            elif str(value).lower() in by_lower:
                resolved[facet].append(by_lower[str(value).lower()])
            else:
                raise _no_such_value(facet, value, sorted(map(str, by_lower.values())))
    return Filters(resolved, filters.age)


def _no_such_value(facet: str, value: Value, names: list[str]) -> QueryError:
    near = difflib.get_close_matches(str(value), names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return QueryError(
        f"No picture has the {facet.replace('_', ' ')} {value!r}",
        f"{hint}there are {', '.join(map(repr, names[:30])) or 'none'}",
    )


def _ranked(ordinals: BitMap, scores: Mapping[int, float] | None) -> Sequence[int]:
    if scores is None:
        return cast("Sequence[int]", ordinals)  # a BitMap is sliced in the order of its members
    return sorted(ordinals, key=lambda n: (-scores[n], n))


def _case_page(
    store: Store,
    cases: BitMap,
    images: BitMap,
    index: FacetIndex,
    hits: Hits | None,
    offset: int,
    limit: int,
) -> list[Match]:
    page = list(_ranked(cases, hits.cases if hits else None)[offset : offset + limit])
    documents = documents_at(store.db, "case", page)
    fitting = index.slots_of(BitMap(page)) & images
    pictures: dict[int, list[_Document]] = {}
    for document in documents_at(store.db, "image", list(fitting)).values():
        pictures.setdefault(document["meta"]["c"], []).append(document)
    return [
        Match(
            documents.get(n),
            _by_caption(pictures.get(n, []), hits),
            hits.cases[n] if hits else None,
        )
        for n in page
        if n in documents or n in pictures
    ]


def _by_caption(images: list[_Document], hits: Hits | None) -> list[_Document]:
    scores = hits.images if hits else {}
    return sorted(images, key=lambda d: (-scores.get(d["meta"]["n"], 0.0), d["meta"]["n"]))


def _image_page(
    store: Store, images: BitMap, index: FacetIndex, hits: Hits | None, offset: int, limit: int
) -> list[Match]:
    scores = None
    if hits is not None:
        starts = index.case_starts(images)
        scores = {
            n: hits.images.get(n, 0.0) + hits.cases[start]
            for n, start in zip(images, starts, strict=True)
        }
    page = list(_ranked(images, scores)[offset : offset + limit])
    documents = documents_at(store.db, "image", page)
    of_page = [document["meta"]["c"] for document in documents.values()]
    cases = documents_at(store.db, "case", of_page)
    return [
        Match(cases.get(documents[n]["meta"]["c"]), [documents[n]], scores[n] if scores else None)
        for n in page
        if n in documents
    ]
