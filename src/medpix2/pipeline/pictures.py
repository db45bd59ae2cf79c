"""Read the images of a source together with what is found of their pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.extract.jsonfile import BrokenJson
from medpix2.extract.pictures import Examined, PicturePool
from medpix2.extract.published import PublishedCopy
from medpix2.extract.survey import Survey
from medpix2.extract.validate import Checked
from medpix2.records import PictureFile
from medpix2.store.documents import BATCH
from medpix2.store.examined import recall, remember

if TYPE_CHECKING:
    from pymongo.database import Database


@dataclass(frozen=True)
class _Item:
    """An image document on its way, with what an earlier build found of its picture."""

    checked: Checked
    path: Path | None
    known: Examined | None


class PictureReader:
    """Yields the images of a source, in order, each with what is found of its picture.

    Pictures are examined in parallel, ahead of where the reader is; what was found is remembered,
    so that a build that goes on after a kill, or is repeated, examines only what it has to.

    Attributes
    ----------
    copy
        The source.
    examined
        Pictures that had to be examined so far.
    dropped
        (index, document) of those that cannot be stored.
    db
        Where findings are remembered; None until there is one, and nothing is recalled then.
    """

    def __init__(
        self,
        copy: PublishedCopy,
        found: Survey,
        pool: PicturePool,
        kept_in: Path | None,
        *,
        recheck: bool,
    ) -> None:
        self.copy = copy
        self.examined = 0
        self.dropped: list[tuple[int, Checked]] = []
        self.db: Database[dict[str, Any]] | None = None
        self._found, self._pool, self._kept_in, self._recheck = found, pool, kept_in, recheck
        # What was unpacked is gone afterwards: its paths are not worth remembering.
        self._lasting = str(copy.folder).startswith(copy.origin)

    def __iter__(self) -> Iterator[tuple[Checked, Examined | None]]:
        """Begin to examine, and yield (document, what was found, or None if there is no file)."""
        waiting: deque[_Item] = deque()
        return self._joined(waiting, self._pool.map(self._unknown(waiting)))

    def _joined(
        self, waiting: deque[_Item], results: Iterator[Examined]
    ) -> Iterator[tuple[Checked, Examined | None]]:
        news: dict[Path, Examined] = {}
        for examined in results:
            while waiting[0].path is None or waiting[0].known is not None:
                item = waiting.popleft()
                yield item.checked, item.known
            item = waiting.popleft()
            self.examined += 1
            if item.path is not None and self._lasting:
                news[item.path] = examined
            yield item.checked, examined
            if len(news) >= BATCH:
                self._remember(news)
        self._remember(news)
        yield from ((item.checked, item.known) for item in waiting)

    def _unknown(self, waiting: deque[_Item]) -> Iterator[Path]:
        """Queue all images, and yield the paths of those whose pictures have to be examined."""
        documents = self._documents()
        while batch := list(islice(documents, BATCH)):
            paths = [self.copy.pictures.get(name) for name, _ in batch]
            known = self._recall([path for path in paths if path])
            for (_, checked), path in zip(batch, paths, strict=True):
                item = _Item(checked, path, known.get(path) if path else None)
                waiting.append(item)
                if path is not None and item.known is None:
                    yield path

    def _documents(self) -> Iterator[tuple[str, Checked]]:
        self.dropped.clear()
        seen: set[str] = set()
        for index, checked in until_broken(self.copy.images(self._found.case_ids)):
            name = checked.document["image"] if checked.document else None
            if name is None or name in seen:
                self.dropped.append((index, checked))
            else:
                seen.add(name)
                yield name, checked

    def _recall(self, paths: list[Path]) -> dict[Path, Examined]:
        if self.db is None or self._recheck:
            return {}
        return {
            path: Examined(PictureFile(**facts) if facts else None, kind, message)
            for path, (facts, kind, message) in recall(self.db, paths, self._kept_in).items()
        }

    def _remember(self, news: dict[Path, Examined]) -> None:
        if self.db is None:
            return
        rows = {
            path: (found.facts.model_dump() if found.facts else None, found.kind, found.message)
            for path, found in news.items()
        }
        remember(self.db, rows, self._kept_in)
        news.clear()


def until_broken(documents: Iterator[tuple[int, Checked]]) -> Iterator[tuple[int, Checked]]:
    """Yield what comes before a broken place; the survey has reported it."""
    try:
        yield from documents
    except BrokenJson:
        return
