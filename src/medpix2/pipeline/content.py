"""What filters choose of the database, as an export takes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from medpix2.batches import batches
from medpix2.curate.release import frozen
from medpix2.export.content import ExportCase, Picture
from medpix2.pipeline.selecting import select
from medpix2.records import STATUSES
from medpix2.settings import Settings
from medpix2.store.database import Store
from medpix2.store.facets import Filters, bitmap_of
from medpix2.store.reading import case_names, documents_of_cases
from medpix2.store.shape import SHOWN

BATCH = 200  # cases read at a time


def picture_path(settings: Settings, file: Mapping[str, Any]) -> Path:
    """Return where a picture lies: in the home, or at its own path if it was linked."""
    return settings.home / "pictures" / str(file["path"])


class StoreContent:
    """The cases that filters and a text choose, with the pictures that fit; as `find` finds them.

    Only ordinals and ids are held, and documents of a few cases at a time. A picture without a
    usable file, and pictures of a case that the source does not describe, cannot be exported and
    are left out. What only the database needs (ordinals, what was folded from) is left out of the
    documents, so that they are those of a release of the same state.

    A case of a worse status than any that is asked for is left out with its pictures: where only
    what is accepted is wanted, so is the text that is told of an accepted picture.

    Parameters
    ----------
    store
        The database.
    filters
        Facets of pictures; accepted and pending ones by default.
    text
        Words of the reports and captions, as `find` takes them.

    Attributes
    ----------
    name
        Name of the database.
    """

    def __init__(self, store: Store, filters: Filters | None = None, text: str = "") -> None:
        self.name = store.db.name
        self._store, self._filters, self._text = store, filters, text

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases in the order of their ids, as the database now stands.

        Raises
        ------
        QueryError
            A facet or value that does not exist.
        StoreError
            Nothing was built, or not to its end.
        """
        chosen = select(self._store, self._text, self._filters)
        worst = max(map(_rank, chosen.filters.values.get("status") or SHOWN))
        images = bitmap_of(chosen.images)
        names = sorted(case_names(self._store.db, chosen.cases.tolist()))
        for batch in batches(names, BATCH):
            for case, pictures in documents_of_cases(self._store.db, batch):
                if _rank(case["meta"]["status"]) > worst:
                    continue
                yield ExportCase(
                    frozen(case),
                    [
                        Picture(frozen(picture), picture_path(self._store.settings, file))
                        for picture in pictures
                        if picture["meta"]["n"] in images and (file := picture["meta"]["file"])
                    ],
                )


def _rank(status: Any) -> int:
    """Return how bad a status is: accepted, pending, excluded, withdrawn."""
    return STATUSES.index(status)
