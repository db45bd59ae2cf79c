"""Names that people type: of rules and fields."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from medpix2.errors import QueryError


def named(name: str, names: Iterable[str], what: str, todo: str) -> str:
    """Return a name if it is one of the names.

    Raises
    ------
    QueryError
        It is not; a near one is named, else `todo`.
    """
    known = list(names)
    if name not in known:
        raise QueryError(f"There is no {what} {name!r}", near_hint(name, known) or todo)
    return name


def near_hint(name: str, names: Iterable[str]) -> str | None:
    """Return a question after the nearest names, or None if none is near."""
    known = list(names)
    # A field may be named by its last part alone: "Age" for "Description.Age".
    ends: dict[str, list[str]] = {}
    for each in known:
        ends.setdefault(each.split(".")[-1].lower(), []).append(each)
    last = difflib.get_close_matches(name.lower(), ends, n=1, cutoff=0.75)
    near = ends[last[0]][:3] if last else difflib.get_close_matches(name, known, n=3)
    return f"did you mean {' or '.join(near)}?" if near else None


def names_word(text: str, name: str) -> bool:
    """Tell whether a text has a name of words and hyphens as a whole."""
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
