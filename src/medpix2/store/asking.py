"""Answer checked filters over the three views, a page at a time, within a time limit.

The views are asked through `current`, which they show: a page begins after an ordinal, whatever
its depth. For `Image_Reports`, whose join is slow, what is asked of the report is asked first, and
the pictures of the cases found then; only a filter that mixes both in one alternative is joined.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from pymongo.database import Database
from pymongo.errors import OperationFailure

from medpix2.errors import QueryError
from medpix2.store.raw import Filter, all_of, clauses, fields_of
from medpix2.store.shape import SHOWN

View = Literal["Clinical_Reports", "Image_Descriptions", "Image_Reports"]
_Document = dict[str, Any]
_KINDS: dict[View, str] = {
    "Clinical_Reports": "case", "Image_Descriptions": "image", "Image_Reports": "image",
}  # fmt: skip
_OF_CASES = {"Case", "Topic"}  # what the join brings in
_CASES = 500  # cases whose pictures are asked for at a time
TOO_LONG = (50, 262)  # MongoDB's codes: out of time
COUNTED = 10_000  # matches that are counted at most


class Clock:
    """What is left of the time that a question may take.

    Parameters
    ----------
    seconds
        How long it may take.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left_ms(self) -> int:
        """Return the milliseconds that are left.

        Raises
        ------
        QueryError
            None are.
        """
        left = int(1000 * (self._end - time.monotonic()))
        if left <= 0:
            raise QueryError("The question took too long", "ask a narrower one")
        return left


@dataclass(frozen=True)
class Asked:
    """A question to a view.

    Attributes
    ----------
    view
        The view.
    filter
        A checked filter.
    """

    view: View
    filter: Filter

    @property
    def shown(self) -> Filter:
        """The filter of the view itself."""
        return {"meta.kind": _KINDS[self.view], "meta.status": {"$in": list(SHOWN)}}

    def parts(self) -> tuple[list[Filter], list[Filter], list[Filter]]:
        """Return what is asked of pictures, of their cases, and of both at once."""
        if self.view != "Image_Reports":
            return [self.filter], [], []
        parts: tuple[list[Filter], list[Filter], list[Filter]] = ([], [], [])
        for clause in clauses(self.filter):
            fields = fields_of(clause)
            at = 0 if not fields & _OF_CASES else 1 if fields <= _OF_CASES else 2
            parts[at].append(clause)
        return parts


def page_of(
    db: Database[_Document], asked: Asked, after: int, limit: int, clock: Clock
) -> list[_Document]:
    """Return the first documents after an ordinal, as the view shows them, with `meta.n`.

    Raises
    ------
    QueryError
        The server cannot understand the filter, or takes too long.
    """
    of_own, of_cases, of_both = asked.parts()
    with _as_query_errors():
        if of_both:
            return list(_joined(db, asked, after, limit, clock))
        if not of_cases:
            wanted = all_of([{**asked.shown, "meta.n": {"$gt": after}}, *of_own])
            found = list(_in_order(db, wanted, clock).limit(limit))
        else:
            found = []
            for wanted in _by_cases(db, asked, of_own, of_cases, after, clock):
                found += _in_order(db, wanted, clock).limit(limit - len(found))
                if len(found) >= limit:
                    break
        if asked.view == "Image_Reports":
            _add_reports(db, found)
        return found


def count_of(db: Database[_Document], asked: Asked, clock: Clock) -> int | None:
    """Return how many documents fit, `COUNTED` for as many or more; None if that takes too long."""
    of_own, of_cases, of_both = asked.parts()
    if of_both:
        return None
    try:
        if not of_cases:
            wanted = all_of([asked.shown, *of_own])
            return _count(db, wanted, COUNTED, clock)
        counted = 0
        for wanted in _by_cases(db, asked, of_own, of_cases, -1, clock):
            counted += _count(db, wanted, COUNTED - counted, clock)
            if counted >= COUNTED:
                break
        return counted
    except QueryError:
        return None
    except OperationFailure as error:
        if error.code in TOO_LONG:
            return None
        raise


def _count(db: Database[_Document], wanted: Filter, most: int, clock: Clock) -> int:
    return db["current"].count_documents(wanted, limit=most, maxTimeMS=clock.left_ms())


def _in_order(db: Database[_Document], wanted: Filter, clock: Clock) -> Any:
    return db["current"].find(wanted, sort=[("meta.n", 1)], max_time_ms=clock.left_ms())


def _by_cases(
    db: Database[_Document],
    asked: Asked,
    of_own: list[Filter],
    of_cases: list[Filter],
    after: int,
    clock: Clock,
) -> Iterator[Filter]:
    """Yield filters for the fitting pictures of some fitting cases after others."""
    # The ordinal of a case is that of its first picture, or lower.
    first = db["current"].find_one({"meta.kind": "image", "meta.n": after}, {"meta.c": 1})
    begin = first["meta"]["c"] if first else after
    wanted = all_of([{"meta.kind": "case", "meta.n": {"$gte": begin}}, *of_cases])
    cases = db["current"].find(
        wanted, {"_id": 1}, sort=[("meta.n", 1)], batch_size=_CASES, max_time_ms=clock.left_ms()
    )
    names: list[str] = []

    def of_names() -> Filter:
        here = {"U_id": {"$in": names}, **asked.shown, "meta.n": {"$gt": after}}
        return all_of([here, *of_own])

    for case in cases:
        names.append(case["_id"])
        if len(names) == _CASES:
            yield of_names()
            names = []
    if names:
        yield of_names()


def _joined(
    db: Database[_Document], asked: Asked, after: int, limit: int, clock: Clock
) -> Iterator[_Document]:
    """Ask through a join: what is asked of pictures first, then of both."""
    of_own, of_cases, of_both = asked.parts()
    yield from db["current"].aggregate(
        [
            {"$match": all_of([{**asked.shown, "meta.n": {"$gt": after}}, *of_own])},
            {"$sort": {"meta.n": 1}},
            {"$lookup": {"from": "current", "localField": "U_id", "foreignField": "_id",
                         "as": "Case"}},
            {"$set": {"Topic": {"$first": "$Case.Topic"}, "Case": {"$first": "$Case.Case"}}},
            {"$match": all_of([*of_cases, *of_both])},
            {"$limit": limit},
        ],
        maxTimeMS=clock.left_ms(),
    )  # fmt: skip


def _add_reports(db: Database[_Document], images: list[_Document]) -> None:
    names = list({image["U_id"] for image in images})
    shown = {"Case": 1, "Topic": 1}
    cases: Mapping[str, _Document] = {
        row["_id"]: row for row in db["current"].find({"_id": {"$in": names}}, shown)
    }
    for image in images:
        case = cases.get(image["U_id"], {})
        image |= {key: case[key] for key in ("Topic", "Case") if key in case}


@contextmanager
def _as_query_errors() -> Iterator[None]:
    """Let what the server says of a filter leave a block as a `QueryError`."""
    try:
        yield
    except OperationFailure as error:
        if error.code in (13, 18):  # Unauthorized, AuthenticationFailed
            raise
        if error.code in TOO_LONG:
            raise QueryError("The question took too long", "ask a narrower one") from None
        said = str(error).split(", full error")[0][:200]
        raise QueryError("MongoDB does not understand the filter", f"mend it ({said})") from None
