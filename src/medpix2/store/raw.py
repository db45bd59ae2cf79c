"""Filters in MongoDB's own language that people write: checked, so that nothing but reading goes.

Operators are an allow-list; there is no way to JavaScript, to other collections or to text search.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from medpix2.errors import QueryError

Filter = dict[str, Any]
DEPTH = 12  # levels of nesting
MOST = 400  # keys and values in one filter
PATTERN = 200  # characters of a regular expression
OPERATORS = frozenset(
    "$and $or $nor $not $eq $ne $gt $gte $lt $lte $in $nin $exists $type $regex $options $size "
    "$all $elemMatch $mod".split()
)
_OF_FILTERS = frozenset({"$and", "$or", "$nor"})  # these stand where a field may stand
_INT64 = 1 << 63


def checked(raw: object) -> Filter:
    """Return a filter that may be asked, as it was given.

    Raises
    ------
    QueryError
        It is no object, has an operator that is not allowed, is too deep or too large, or has what
        MongoDB cannot store.
    """
    if not isinstance(raw, dict):
        raise QueryError(
            "The filter is no JSON object", 'write {"field": value} or {"$or": [{...}, {...}]}'
        )
    counted = _check(raw, 1)
    if counted > MOST:
        raise QueryError(f"The filter has {counted} parts", f"use at most {MOST}")
    return raw


def contains(field: str, text: str) -> Filter:
    """Return the filter for a text that stands anywhere in a field, in any letters' case."""
    return {field: {"$regex": re.escape(text), "$options": "i"}}


def equals(field: str, value: str) -> Filter:
    """Return the filter for a field that is this text, or a list that has it."""
    return {field: {"$eq": value}}


def matches(field: str, pattern: str) -> Filter:
    """Return the filter for a field in which a regular expression (PCRE) finds something."""
    return {field: {"$regex": pattern}}


def exists(field: str, *, there: bool) -> Filter:
    """Return the filter for a field that has a value, or has none: is absent or null."""
    return {field: {"$ne": None} if there else None}


def all_of(filters: list[Filter]) -> Filter:
    """Return the filter for all of some filters."""
    some = [one for one in filters if one]
    return {"$and": some} if len(some) > 1 else some[0] if some else {}


def clauses(asked: Mapping[str, Any]) -> list[Filter]:
    """Part a filter into filters of which all must hold."""
    parts: list[Filter] = []
    for key, value in asked.items():
        if key == "$and":
            parts += [part for one in value for part in clauses(one)]
        else:
            parts.append({key: value})
    return parts


def fields_of(asked: Mapping[str, Any]) -> set[str]:
    """Return the first parts of all fields that a filter names."""
    found: set[str] = set()
    for key, value in asked.items():
        if key in _OF_FILTERS:
            found |= {name for one in value for name in fields_of(one)}
        else:
            found.add(key.partition(".")[0])
    return found


def _check(value: object, depth: int, field: str | None = None) -> int:
    """Check a part of a filter; return how many keys and values it has."""
    if depth > DEPTH:
        raise QueryError(f"The filter is nested more than {DEPTH} deep", "write a flatter one")
    if isinstance(value, dict):
        return sum(_check_key(key, part, depth, field) for key, part in value.items())
    if isinstance(value, list):
        return sum(_check(part, depth + 1, field) for part in value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise QueryError(f"The filter's number {str(value)[:30]} is too large", "use a smaller one")
    if isinstance(value, str):
        _check_text(value)
    return 1


def _check_key(key: str, part: object, depth: int, field: str | None) -> int:
    _check_text(key)
    if not key.startswith("$"):
        if field is None and key.partition(".")[0] == "meta":
            raise QueryError("The views have no field 'meta'", "ask the search for status or split")
        return 1 + _check(part, depth + 1, field or key)
    if key not in OPERATORS:
        raise QueryError(
            f"The filter's operator {key} is not allowed", f"use {', '.join(sorted(OPERATORS))}"
        )
    if key in _OF_FILTERS:
        good = isinstance(part, list) and part and all(isinstance(one, dict) for one in part)
        if not good:
            raise QueryError(f"{key} needs a list of filters", f'write {{"{key}": [{{...}}, ...]}}')
        return 1 + _check(part, depth + 1, field)
    if field is None:
        raise QueryError(f"{key} stands without a field", f'write {{"field": {{"{key}": ...}}}}')
    if key == "$regex":
        check_pattern(part)
    return 1 + _check(part, depth + 1, field)


def check_pattern(pattern: object) -> None:
    """Raise a `QueryError` if a regular expression is none, or too long."""
    if not isinstance(pattern, str):
        raise QueryError("A regular expression must be a text", 'write {"$regex": "..."}')
    if len(pattern) > PATTERN:
        raise QueryError(
            f"The regular expression has {len(pattern)} characters", f"use at most {PATTERN}"
        )
    _check_text(pattern)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "\0"
    if "\0" in text:
        raise QueryError("The filter has a character that no text has", "leave it out")
