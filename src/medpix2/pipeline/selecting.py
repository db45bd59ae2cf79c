"""What filters and a text question choose: ordinals of cases and pictures."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medpix2.curate.question import Question, read_question
from medpix2.errors import QueryError
from medpix2.pipeline.summary import ANY_STATUS
from medpix2.store.database import Store
from medpix2.store.facets import FacetIndex, Filters, Value, ordinals_of
from medpix2.store.texts import Hits, search_texts

Ordinals = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Selection:
    """What was chosen.

    Attributes
    ----------
    cases, images
        Ordinals, ascending; a case is chosen if one of its pictures is, and also where it fits by
        itself (see `FacetIndex.select_cases`).
    index
        The bitmaps of the facets that were needed.
    filters
        The filters with their values as they are stored.
    question
        The text question as it was understood.
    hits
        What the text was found in; None where there was none.
    """

    cases: Ordinals
    images: Ordinals
    index: FacetIndex
    filters: Filters
    question: Question
    hits: Hits | None


def select(
    store: Store,
    text: str = "",
    filters: Filters | None = None,
    *,
    counts: Iterable[str] = (),
    widening: bool = True,
) -> Selection:
    """Choose cases and pictures, as `find` does; `counts` names facets that are read as well.

    Raises
    ------
    QueryError
        A facet or value that does not exist.
    StoreError
        Nothing was built, or not to its end.
    """
    store.require_content()
    filters = filters or Filters()
    question = read_question(text, widening=widening)
    index = store.facets("status", *filters.values, *(["age"] if filters.age else []), *counts)
    filters = _resolved(index, filters)
    images = ordinals_of(index.select(filters) & index.images)
    cases = ordinals_of(index.select_cases(filters))
    hits = None
    if question.groups:
        groups = [group.all for group in question.groups]
        shown = index.select(filters.only("status")) & index.images
        hits = search_texts(store.db, groups, question.without, index=index, images=shown)
        images, cases = images[hits.cases[images] > 0], cases[hits.cases[cases] > 0]
    return Selection(cases, images, index, filters, question, hits)


def resolved(store: Store, filters: Filters) -> Filters:
    """Return filters with their values as they are stored, whatever the case of their letters.

    Raises
    ------
    QueryError
        A value that no picture has; a near one is named.
    """
    return _resolved(store.facets(*filters.values), filters) if filters.values else filters


def _resolved(index: FacetIndex, filters: Filters) -> Filters:
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
