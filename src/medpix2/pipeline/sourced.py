"""What is exported, with where it comes from beside it; or as its source published it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medpix2.batches import batches
from medpix2.export.content import Content, ExportCase, Picture
from medpix2.store.database import Store
from medpix2.store.reading import source_documents

BATCH = 200  # cases whose sources are read at a time
# What of `source` travels: no path of this machine and no time, so that equal data stay equal.
TRAVELS = (
    "site", "image_uuid", "image_url", "page_url", "encounter_uuid", "topic_uuid", "credits",
    "licence",
)  # fmt: skip


class Sourced:
    """A content whose documents have `meta.source`: site, addresses, credits and licence.

    Parameters
    ----------
    content
        What to export.
    store
        Its database.
    as_published
        Give the published keys and facts of the source instead of the corrected ones. Which cases
        there are, their status and their split stay as they are.
    """

    def __init__(self, content: Content, store: Store, *, as_published: bool = False) -> None:
        self.name = content.name
        self._content, self._store, self._as_published = content, store, as_published

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases."""
        for batch in batches(self._content.cases(), BATCH):
            names = [case.document["_id"] for case in batch]
            images = [p.document["_id"] for case in batch for p in case.pictures]
            of_cases = source_documents(self._store.db, "cases", names, whole=self._as_published)
            of_images = source_documents(self._store.db, "images", images, whole=self._as_published)
            for case in batch:
                yield ExportCase(
                    self._with_source(case.document, of_cases),
                    [
                        Picture(self._with_source(picture.document, of_images), picture.path)
                        for picture in case.pictures
                    ],
                )

    def _with_source(
        self, current: Mapping[str, Any], sources: Mapping[str, Mapping[str, Any]]
    ) -> dict[str, Any]:
        source = sources.get(current["_id"], {})
        said = source.get("source") or {}
        meta = {
            **current["meta"],
            "source": {key: said[key] for key in TRAVELS if said.get(key) is not None},
        }
        if not self._as_published:
            return {**current, "meta": meta}
        meta |= {"normalized": source.get("normalized") or {}, "corrected": []}
        beside = {"source", "normalized", "file", "problems", "digest"}
        return {
            **{key: value for key, value in source.items() if key not in beside},
            "meta": meta,
        }
