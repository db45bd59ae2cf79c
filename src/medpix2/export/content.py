"""What is exported: cases with their pictures, one after the other, as often as need be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Picture:
    """One image with its file.

    Attributes
    ----------
    document
        Current document: published keys on top, everything computed under `meta` (`split`,
        `split_half`, `status`, `normalized`, `file`, ...).
    path
        Where its file lies.
    """

    document: Mapping[str, Any]
    path: Path


@dataclass(frozen=True)
class ExportCase:
    """One case, as it is exported.

    Attributes
    ----------
    document
        Current document: published keys on top, everything computed under `meta`.
    pictures
        Those of its pictures that are exported, in the order in which the case lists them.
    """

    document: Mapping[str, Any]
    pictures: Sequence[Picture]


class Content(Protocol):
    """What an export takes; each iteration begins anew, in the order of the cases' ids.

    Attributes
    ----------
    name
        Name of the release, or of the database where it is no release.
    """

    name: str

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases."""
