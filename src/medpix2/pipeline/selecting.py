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
from medpix2.store.shape import SHOWN
from medpix2.store.texts import Hits, InField, search_texts

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
    question = read_question(text, widening=widening)
    filters = filters or Filters()
    if question.labels or question.ages:
        filters = _with_labels(store, filters, question)
    index = store.facets("status", *filters.values, *(["age"] if filters.age else []), *counts)
    filters = _resolved(index, filters)
    images = ordinals_of(index.select(filters) & index.images)
    cases = ordinals_of(index.select_cases(filters))
    hits = None
    if question.has_text:
        groups = [group.all for group in question.groups]
        within = [InField(part.field, part.term.all, part.without) for part in question.within]
        shown = index.select(filters.only("status")) & index.images
        hits = search_texts(store.db, groups, question.without, within, index=index, images=shown)
        images, cases = images[hits.cases[images] > 0], cases[hits.cases[cases] > 0]
    return Selection(cases, images, index, filters, question, hits)


def _with_labels(store: Store, filters: Filters, question: Question) -> Filters:
    """Return the filters with what the text says of facets.

    Values of one facet add up, wherever they are asked for; what must not be takes away from them,
    or from all values that there are.
    """
    wanted = {facet: list(values) for facet, values in filters.values.items()}
    for label in question.labels:
        if not label.without:
            wanted.setdefault(label.facet, []).append(label.value)
    index = store.facets(*wanted, *(label.facet for label in question.labels))
    values = dict(_resolved(index, Filters(wanted)).values)
    for label in question.labels:
        if label.without:
            known = Filters({label.facet: [label.value]})
            less = _resolved(index, known).values[label.facet]
            every = SHOWN if label.facet == "status" else index.values(label.facet)
            kept = [value for value in values.get(label.facet, every) if value not in less]
            if not kept:
                raise QueryError(
                    f"Nothing is left of the {label.facet.replace('_', ' ')}",
                    f"leave out -{label.facet}:{label.value}",
                )
            values[label.facet] = kept
    bounds = [age for age in (filters.age, *question.ages) if age is not None]
    lows = [low for low, _ in bounds if low is not None]
    highs = [high for _, high in bounds if high is not None]
    age = (max(lows, default=None), min(highs, default=None)) if bounds else None
    return Filters(values, age)


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
