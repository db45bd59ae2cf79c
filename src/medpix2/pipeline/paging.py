"""Where a page of results ended, as an opaque text: the next page begins behind that result.

Counting results would show some twice, or leave some out, where the database changes between two
pages. A cursor names the last result and its rank instead; one that is gone still has its rank.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medpix2.errors import QueryError
from medpix2.store.database import Store

_Keys = npt.NDArray[np.int64]
_ORDINAL = 0xFFFFFFFF


@dataclass(frozen=True)
class Place:
    """The place of a result in an order.

    Attributes
    ----------
    rank
        The negative of the number that it is ordered by, 0 where it is by ordinal alone.
    ordinal
        Its ordinal.
    """

    rank: int
    ordinal: int

    @property
    def key(self) -> int:
        """One number, lower for what comes first."""
        return (self.rank << 32) + self.ordinal


def page_of(
    ordinals: npt.NDArray[np.unsignedinteger],
    scores: npt.NDArray[np.int32] | None,
    *,
    offset: int,
    limit: int,
    after: Place | None = None,
) -> list[Place]:
    """Return a page, the highest scores first, then the lowest ordinals.

    Parameters
    ----------
    ordinals
        Of all results, ascending.
    scores
        Of each result; None for the order of the ordinals.
    offset, limit
        The page, counted from the begin, or from the place that it comes after.
    after
        The last result of the page before.
    """
    end = offset + limit
    if scores is None:
        begin = int(np.searchsorted(ordinals, after.ordinal, "right")) if after else 0
        return [Place(0, int(n)) for n in ordinals[begin + offset : begin + end]]
    # One number for both, so that only as many are sorted as are shown.
    keys: _Keys = (-scores.astype(np.int64) << 32) + ordinals
    if after:
        keys = keys[keys > after.key]
    if end < len(keys):
        keys = np.partition(keys, end)[:end]
    keys.sort()
    return [Place(int(key) >> 32, int(key) & _ORDINAL) for key in keys[offset:end]]


def cursor_of(question: str, place: Place, name: str) -> str:
    """Return the cursor of a question's result: its place, and the id of its document."""
    said = [_digest(question), place.rank, place.ordinal, name]
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def place_of(store: Store, question: str, cursor: str) -> Place:
    """Return the place that a cursor of the same question stands for, in the database as it is now.

    Raises
    ------
    QueryError
        It is none, or that of another question.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        digest, rank, ordinal, name = json.loads(base64.b64decode(padded, b"-_", validate=True))
        place = Place(int(rank), int(ordinal))
        name = str(name)
    except (ValueError, TypeError, RecursionError, OverflowError):
        raise _wrong("is none") from None
    if not (-(2**31) <= place.rank < 2**31 and 0 <= place.ordinal <= _ORDINAL):
        raise _wrong("is none")
    if digest != _digest(question):
        raise _wrong("is that of another question")
    document = store.current.find_one({"_id": name}, {"meta.n": 1})
    if document is None:
        return place
    # A rebuilt database may have given it another ordinal.
    return Place(place.rank, int(document["meta"]["n"]))


def _wrong(what: str) -> QueryError:
    return QueryError(
        f"This cursor {what}", "take `next_cursor` of the page before, and change nothing else"
    )


def _digest(question: str) -> str:
    return hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:12]
