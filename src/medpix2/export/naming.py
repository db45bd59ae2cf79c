"""Names that people type: of formats, fields and ways with pictures."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from medpix2.errors import QueryError


def one_of(what: str, name: str, names: Iterable[str]) -> None:
    """Refuse a name that is not one of the names.

    Raises
    ------
    QueryError
        There is no such `what`; a near one is named, and then all.
    """
    known = list(names)
    if name not in known:
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise QueryError(f"There is no {what} {name!r}", f"{hint}there are {', '.join(known)}")
