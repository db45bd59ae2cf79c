"""Filters over a content that is not in the database: a release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medpix2.export.content import Content, ExportCase
from medpix2.store.facets import FACETS, OF_CASES, Filters


class Filtered:
    """The pictures of a content that fit filters, and their cases; as `find` would choose them.

    Status is not asked for unless a filter names it: a content has what it has.

    Parameters
    ----------
    content
        Any content.
    filters
        Facets of pictures; upper and lower case are the same.
    """

    def __init__(self, content: Content, filters: Filters) -> None:
        self.name = content.name
        self._content, self._age = content, filters.age
        self._wanted = {
            facet: {_folded(value) for value in values} for facet, values in filters.values.items()
        }

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases."""
        of_cases = self._age is None and not self._wanted.keys() - OF_CASES
        for case in self._content.cases():
            fitting = [p for p in case.pictures if self._fits(p.document, case.document)]
            if fitting or (of_cases and self._fits(case.document, case.document)):
                yield ExportCase(case.document, fitting)

    def _fits(self, document: Mapping[str, Any], case: Mapping[str, Any]) -> bool:
        for facet, wanted in self._wanted.items():
            if _folded(FACETS[facet](document, case)) not in wanted:
                return False
        if self._age is None:
            return True
        age, (low, high) = FACETS["age"](document, case), self._age
        return (
            isinstance(age, int) and (low is None or age >= low) and (high is None or age <= high)
        )


def _folded(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
