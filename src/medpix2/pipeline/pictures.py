"""Read the images of a source together with what is found of their pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.batches import batches
from medpix2.extract.jsonfile import BrokenJson
from medpix2.extract.pictures import Examined, PicturePool
from medpix2.extract.source import Source
from medpix2.extract.survey import Survey
from medpix2.extract.validate import Checked
from medpix2.records import PictureFile
from medpix2.store.documents import BATCH
from medpix2.store.examined import recall, remember
from medpix2.store.withdrawing import Tombstones

if TYPE_CHECKING:
    from pymongo.database import Database


Images = Iterator[tuple[Checked, Examined | None]]
# Documents with their pictures' paths and what is known of these, and the others' results to come.
_Begun = tuple[list[tuple[Checked, Path | None, Examined | None]], Iterator[Examined]]


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
    withdrawn, left_out
        Tombstones of what is not read, and the ids of those that were met.
    """

    def __init__(
        self,
        copy: Source,
        found: Survey,
        pool: PicturePool,
        kept_in: Path | None,
        *,
        recheck: bool,
        twice: bool = False,
    ) -> None:
        self.copy = copy
        self.examined = 0
        self.dropped: list[tuple[int, Checked]] = []
        self.db: Database[dict[str, Any]] | None = None
        self.withdrawn = Tombstones()
        self.left_out: set[str] = set()
        # What is held for the second reading, if there is to be one.
        self._kept: dict[Path, Examined] | None = {} if twice else None
        self._started: Images | None = None
        self._found, self._pool, self._kept_in, self._recheck = found, pool, kept_in, recheck

    def start(self) -> None:
        """Begin to examine pictures; the next reading goes on from there."""
        self._started = self._begin()

    def __iter__(self) -> Images:
        """Yield (document, what was found of its picture, or None if there is no file)."""
        started, self._started = self._started, None
        return started or self._begin()

    def _begin(self) -> Images:
        coming = batches(self._documents(), BATCH)
        return self._read(deque(map(self._begun, islice(coming, 1))), coming)

    def _read(self, begun: deque[_Begun], coming: Iterator[list[tuple[str, Checked]]]) -> Images:
        while begun:
            begun.extend(map(self._begun, islice(coming, 1)))  # the next, while this one is read
            items, results = begun.popleft()
            news: dict[Path, Examined] = {}
            for checked, path, known in items:
                if path is None or known is not None:
                    yield checked, known
                    continue
                news[path] = next(results)
                self.examined += 1
                yield checked, news[path]
            self._remember(news)

    def _begun(self, batch: list[tuple[str, Checked]]) -> _Begun:
        """Begin to examine the pictures of a batch that nothing is known of."""
        paths = [self.copy.pictures.get(name) for name, _ in batch]
        known = self._recall([path for path in paths if path])
        items = [
            (checked, path, known.get(path) if path else None)
            for (_, checked), path in zip(batch, paths, strict=True)
        ]
        unknown = [path for _, path, found in items if path is not None and found is None]
        return items, self._pool.map(unknown)

    def _documents(self) -> Iterator[tuple[str, Checked]]:
        self.dropped.clear()
        repeated = self._found.repeated[self.copy.image_file]
        for index, checked in until_broken(self.copy.images(self._found.case_ids)):
            document = checked.document
            if document and (met := self.withdrawn.covering(document["image"], document["U_id"])):
                self.left_out.add(met)
            elif document is None or index in repeated:
                self.dropped.append((index, checked))
            else:
                yield document["image"], checked

    def _recall(self, paths: list[Path]) -> dict[Path, Examined]:
        if self._kept:
            return {path: self._kept[path] for path in paths if path in self._kept}
        if self.db is None or self._recheck:
            return {}
        names, files = self._names(paths)
        recalled = recall(self.db, files, self._kept_in)
        return {
            names[name]: Examined(PictureFile(**facts) if facts else None, kind, message)
            for name, (facts, kind, message) in recalled.items()
        }

    def _remember(self, news: dict[Path, Examined]) -> None:
        if self._kept is not None:
            self._kept.update(news)
        if self.db is None:
            return
        names, files = self._names(news)
        rows = {}
        for name, path in names.items():
            found = news[path]
            facts = found.facts.model_dump() if found.facts else None
            rows[name] = (facts, found.kind, found.message)
        remember(self.db, rows, files, self._kept_in)

    def _names(self, paths: Iterable[Path]) -> tuple[dict[str, Path], dict[str, Path]]:
        """Return the names that pictures are remembered by: their paths, and what stamps them."""
        names: dict[str, Path] = {}
        files: dict[str, Path] = {}
        for path in paths:
            if (remembered := self.copy.remembered(path)) is not None:
                name, file = remembered
                names[name], files[name] = path, file
        return names, files


def until_broken(documents: Iterator[tuple[int, Checked]]) -> Iterator[tuple[int, Checked]]:
    """Yield what comes before a broken place; the survey has reported it."""
    try:
        yield from documents
    except BrokenJson:
        return
