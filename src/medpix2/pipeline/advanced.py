"""Questions to the three views by any field, and by filters in MongoDB's own language."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, get_args

from pydantic import BaseModel

from medpix2.errors import QueryError
from medpix2.pipeline.find import published
from medpix2.records import Case, CaseReport, Image, Topic
from medpix2.store.asking import COUNTED, Asked, Clock, View, count_of, page_of
from medpix2.store.database import Store
from medpix2.store.raw import (
    Filter,
    all_of,
    check_pattern,
    checked,
    contains,
    equals,
    exists,
    matches,
)

How = Literal["contains", "equals", "regex", "exists", "missing"]
VIEWS: tuple[View, ...] = get_args(View)
MAX_RAW = 4000  # characters of a filter
SECONDS = 5.0  # that a page may take
COUNT_SECONDS = 1.0  # that counting may take beside it


@dataclass(frozen=True)
class Condition:
    """What one field is asked for; the value of `exists` and `missing` does not count."""

    field: str
    how: How
    value: str = ""


@dataclass(frozen=True)
class Answer:
    """One page of documents.

    Attributes
    ----------
    documents
        Published documents as the view shows them, in the source's order.
    total
        How many there are; None where counting took too long.
    capped
        Whether there are more than were counted.
    next
        What to give as `after` for the page after; None at the end.
    """

    documents: list[dict[str, Any]]
    total: int | None
    capped: bool
    next: int | None


def fields_of_view(view: View) -> dict[str, str]:
    """Return the fields that a view's documents may have, with dots, and what they mean."""
    if view == "Clinical_Reports":
        return _fields(Case)
    own = _fields(Image)
    if view == "Image_Descriptions":
        return own
    return {**own, **_fields(CaseReport, "Case."), **_fields(Topic, "Topic.")}


def ask(
    store: Store,
    view: View,
    conditions: Sequence[Condition] = (),
    raw: str = "",
    *,
    after: int = -1,
    limit: int = 20,
) -> Answer:
    """Return documents of a view for which all conditions and the filter hold.

    Parameters
    ----------
    store
        The database.
    view
        `Clinical_Reports`, `Image_Descriptions` or `Image_Reports`.
    conditions
        What fields are asked for.
    raw
        A filter of MongoDB as JSON; "" for none. Only operators of `store.raw.OPERATORS`.
    after
        The `next` of the page before.
    limit
        Documents on the page.

    Raises
    ------
    QueryError
        A field that does not exist, a filter that is not allowed, or out of time.
    """
    store.require_content()
    known = fields_of_view(view)
    filters = [_filter_of(condition, view, known) for condition in conditions]
    asked = Asked(view, all_of([*filters, read_filter(raw)]))
    found = page_of(store.db, asked, after, limit + 1, Clock(SECONDS))
    total = count_of(store.db, asked, Clock(COUNT_SECONDS))
    more = len(found) > limit
    return Answer(
        [published(document) for document in found[:limit]],
        total,
        total == COUNTED,
        int(found[limit - 1]["meta"]["n"]) if more else None,
    )


def read_filter(text: str) -> Filter:
    """Read a filter of MongoDB from JSON; a blank text is none.

    Raises
    ------
    QueryError
        It is no JSON, or not allowed.
    """
    if not text.strip():
        return {}
    if len(text) > MAX_RAW:
        raise QueryError(f"The filter has {len(text)} characters", f"use at most {MAX_RAW}")
    try:
        read = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_no_number)
    except QueryError:
        raise
    except json.JSONDecodeError as error:
        raise QueryError(
            f"The filter is no JSON (line {error.lineno}, column {error.colno}: {error.msg})",
            'write names and texts in double quotes, as in {"U_id": "MPX1016"}',
        ) from None
    except ValueError:  # a number of thousands of digits
        raise QueryError("The filter has a number that is too large", "use a smaller one") from None
    except RecursionError:
        raise QueryError("The filter is nested too deep", "write a flatter one") from None
    return checked(read)


def _filter_of(condition: Condition, view: View, known: dict[str, str]) -> Filter:
    field, value = condition.field, condition.value
    if field not in known:
        near = difflib.get_close_matches(field, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}"
        raise QueryError(f"{view} has no field {field!r}", hint)
    if condition.how in ("exists", "missing"):
        return exists(field, there=condition.how == "exists")
    if not value:
        raise QueryError(f"{field} is asked for nothing", "give a value, or choose 'exists'")
    if condition.how == "regex":
        check_pattern(value)
        return matches(field, value)
    return checked(contains(field, value) if condition.how == "contains" else equals(field, value))


def _fields(model: type[BaseModel], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, field in model.model_fields.items():
        path = before + (field.alias or name)
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= _fields(kind, f"{path}.")
        else:
            found[path] = field.description or ""
    return found


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise QueryError(
                f"The filter names {name!r} twice", "give each its own filter in a list of $and"
            )
        made[name] = value
    return made


def _no_number(name: str) -> NoReturn:
    raise QueryError(f"The filter has {name}, which is no JSON", "leave it out")
