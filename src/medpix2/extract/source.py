"""What `build` asks of a source: its cases, its images, its pictures.

A new source is one module with a class that derives from `Source` (docs/extract.md has one).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from medpix2.records import Provenance

if TYPE_CHECKING:
    from medpix2.extract.published import OverviewRow
    from medpix2.extract.validate import Checked


class Source(ABC):
    """Documents in the published shape, wherever they come from.

    Attributes
    ----------
    name, origin
        What it is called, and where it lies.
    site
        Kind of source: published, phantom, openi, or another word.
    case_file, image_file
        What problems name as the place of cases and of images.
    encodings
        Text file to its encoding, for sources that have text files.
    rules
        Names of the rules whose findings come with its cases.
    """

    name: str
    origin: str
    site: str
    case_file: str = "cases"
    image_file: str = "images"
    encodings: Mapping[str, str] = MappingProxyType({})
    rules: tuple[str, ...] = ()

    @abstractmethod
    def cases(self) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked case), the same each time; see `extract.validate.check_case`."""

    @abstractmethod
    def images(self, cases: Container[str] = ()) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked image); `cases` are ids that no image may have."""

    @property
    @abstractmethod
    def pictures(self) -> Mapping[str, Path]:
        """Image id to the file of its picture."""

    @property
    def lasting(self) -> bool:
        """Whether the pictures stay where they are when the build has ended."""
        return True

    def remembered(self, picture: Path) -> tuple[str, Path] | None:
        """Return what a build remembers a picture by, and the file that tells if it has changed.

        None if it is to be examined at each build.
        """
        return (str(picture), picture) if self.lasting else None

    def split_lists(self) -> Mapping[str, list[str]]:
        """Return split name to case ids, for sources that have splits."""
        return {}

    def split_documents(self, name: str) -> Iterator[str]:
        """Yield the case ids of a split's documents, for sources that repeat them."""
        yield from ()

    def overview(self) -> Mapping[str, OverviewRow] | None:
        """Return image id to its row in an overview, for sources that have one."""
        return None

    def provenance(self, **more: Any) -> dict[str, Any]:
        """Return the `source` part that documents carry."""
        said = Provenance(site=self.site, name=self.name, **more).model_dump(exclude_none=True)
        return {**said, "origin": self.origin}
