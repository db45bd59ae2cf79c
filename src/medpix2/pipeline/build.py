"""`build`: the whole way from a source to the database."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from medpix2.errors import ProblemsFound, SettingError, SourceError
from medpix2.extract.archive import is_archive, unpack
from medpix2.extract.jsonfile import BrokenJson
from medpix2.extract.pictures import Examined, PicturePool, picture_pool
from medpix2.extract.published import PublishedCopy, open_copy
from medpix2.extract.survey import Problems, Survey, survey
from medpix2.extract.validate import Checked
from medpix2.pipeline.documents import case_document, image_document, picture_problem
from medpix2.pipeline.folding import refold
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.summary import Summary, summarize
from medpix2.records import PictureFile
from medpix2.settings import Settings
from medpix2.store.current import Written
from medpix2.store.database import Store, open_store
from medpix2.store.documents import BATCH, Stored, mark_gone, store_documents
from medpix2.store.examined import recall, remember
from medpix2.store.writing import building, writing

PHANTOM = "phantom"
_T = TypeVar("_T")
PHANTOM_CASES, PHANTOM_SEED = 200, 1


@dataclass
class Build:
    """What a build did.

    Attributes
    ----------
    problems
        Everything that is wrong with the source.
    cases, images
        Source documents that are new, changed or as they were.
    current
        Documents that the fold wrote.
    examined
        Pictures that were decoded; the others were unchanged since an earlier build.
    seconds
        How long it took.
    summary
        What the database holds now.
    """

    source: str
    problems: Problems = field(default_factory=Problems)
    cases: Stored = field(default_factory=Stored)
    images: Stored = field(default_factory=Stored)
    current: Written = field(default_factory=Written)
    dropped: int = 0
    examined: int = 0
    seconds: float = 0.0
    summary: Summary | None = None

    @property
    def unchanged(self) -> bool:
        """Tell whether the database was so already."""
        touched = (self.cases, self.images)
        return not any(part.new or part.changed for part in touched) and not (
            self.current.new or self.current.changed or self.current.gone
        )


def build(
    settings: Settings,
    source: str,
    *,
    strict: bool = False,
    link: bool | None = None,
    recheck: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Read a source, check all of it, and store it.

    Repeating it changes nothing; a build that was killed is finished by running it again.

    Parameters
    ----------
    settings
        Home, server and cores.
    source
        A folder, .zip or .tar.gz of the published layout, or "phantom".
    strict
        Any problem is fatal, and nothing is stored. Otherwise what is broken is stored as
        excluded, with its reason.
    link
        True leaves pictures where they are and notes their paths; False copies them into the
        home. None copies.
    recheck
        Decode pictures again that have not changed since an earlier build.
    progress
        Told how far the work is.

    Raises
    ------
    SourceError
        The source cannot be read; `ProblemsFound` if strict and it has problems.
    StoreError
        The database cannot be used.
    """
    begun = time.monotonic()
    progress = progress or Silent()
    with ExitStack() as stack:
        copies_to = None if link else settings.home / "pictures"
        copy = stack.enter_context(_opened(source, settings, link, progress))
        pool = stack.enter_context(picture_pool(settings.jobs, copies_to))
        found = survey(copy)
        result = Build(copy.origin, found.problems)
        if strict:
            _refuse_problems(found.problems)
        store = stack.enter_context(open_store(settings))
        stack.enter_context(writing(store.db))
        reader = _Pictures(store, copy, found, pool, copies_to, recheck)
        if strict:
            _check_pictures(reader, result, progress)
            _refuse_problems(found.problems)
        with building(store.db) as fold_all:
            touched = _store_source(store, copy, found, reader, result, progress)
            result.current = refold(store, None if fold_all else touched, progress=progress)
        result.examined = reader.examined
        result.summary = summarize(store)
    result.seconds = time.monotonic() - begun
    return result


@contextmanager
def _opened(
    source: str, settings: Settings, link: bool | None, progress: Progress
) -> Iterator[PublishedCopy]:
    """Open a source; an archive is unpacked for as long as it is needed."""
    path = Path(source).expanduser()
    if source == PHANTOM and not path.exists():
        yield open_copy(_phantom(settings, progress), name=PHANTOM)
    elif path.is_dir():
        yield open_copy(path.absolute())
    elif path.is_file() and is_archive(path):
        if link:
            raise SettingError(
                "--link does not go with an archive", "unpack it, or leave out --link"
            )
        settings.home.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="unpacking-", dir=settings.home))
        try:
            with progress.step("unpack", None) as advance:
                unpack(path, folder, lambda done, total: advance(1))
            yield open_copy(folder, name=path.name, origin=str(path.absolute()))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    elif path.is_file():
        raise SourceError(f"Source {path} is no archive that we know", "use .zip or .tar.gz")
    else:
        raise SourceError(
            f"Source {source!r} is not there", "name a folder, an archive, or `phantom`"
        )


def _phantom(settings: Settings, progress: Progress) -> Path:
    """Return the home's phantom collection, made when it is first asked for."""
    from medpix2.phantom.layout import make_phantom

    folder = settings.home / "phantom" / f"cases-{PHANTOM_CASES}-seed-{PHANTOM_SEED}"
    if not (folder / "ground_truth.json").is_file():
        with progress.step("make the phantom", PHANTOM_CASES) as advance:
            make_phantom(
                folder, cases=PHANTOM_CASES, seed=PHANTOM_SEED, jobs=settings.jobs,
                progress=lambda done, total: advance(1),
            )  # fmt: skip
    return folder


def _refuse_problems(problems: Problems) -> None:
    if problems.total():
        raise ProblemsFound(
            f"The source has {problems.total()} problems and the build is strict",
            "nothing was stored; mend them, or leave out --strict",
            problems.kept,
        )


@dataclass(frozen=True)
class _Item:
    """An image document on its way, with what an earlier build found of its picture."""

    checked: Checked
    path: Path | None
    known: Examined | None


class _Pictures:
    """Yields the images of a source with what is found of their pictures, examined in parallel."""

    def __init__(
        self,
        store: Store,
        copy: PublishedCopy,
        found: Survey,
        pool: PicturePool,
        copies_to: Path | None,
        recheck: bool,
    ) -> None:
        self._store, self._copy, self._found, self._pool = store, copy, found, pool
        self._copies_to = copies_to
        self._recheck = recheck
        # What was unpacked is gone afterwards: its paths are not worth remembering.
        self._lasting = str(copy.folder).startswith(copy.origin)
        self.examined = 0
        self.dropped: list[tuple[int, Checked]] = []

    def __iter__(self) -> Iterator[tuple[Checked, Examined | None]]:
        """Yield (document, what was found of its picture or None without a file), in order."""
        waiting: deque[_Item] = deque()
        fresh: dict[Path, Any] = {}
        for examined in self._pool.map(self._unknown(waiting)):
            while waiting[0].path is None or waiting[0].known is not None:
                item = waiting.popleft()
                yield item.checked, item.known
            item = waiting.popleft()
            self.examined += 1
            if item.path is not None and self._lasting:
                facts = examined.facts.model_dump() if examined.facts else None
                fresh[item.path] = (facts, examined.kind, examined.message)
            yield item.checked, examined
            if len(fresh) >= BATCH:
                remember(self._store.db, fresh, self._copies_to)
                fresh.clear()
        remember(self._store.db, fresh, self._copies_to)
        yield from ((item.checked, item.known) for item in waiting)

    def _unknown(self, waiting: deque[_Item]) -> Iterator[Path]:
        """Queue all images, and yield the paths of those whose pictures have to be examined."""
        for batch in _batches(self._documents()):
            paths = [self._copy.pictures.get(checked.document["image"]) for checked in batch]  # type: ignore[index]
            known = {} if self._recheck else self._recalled(paths)
            for checked, path in zip(batch, paths, strict=True):
                item = _Item(checked, path, known.get(path) if path else None)
                waiting.append(item)
                if path is not None and item.known is None:
                    yield path

    def _recalled(self, paths: list[Path | None]) -> dict[Path, Examined]:
        there = [path for path in paths if path is not None]
        return {
            path: Examined(PictureFile(**facts) if facts else None, kind, message)
            for path, (facts, kind, message) in recall(
                self._store.db, there, self._copies_to
            ).items()
        }

    def _documents(self) -> Iterator[Checked]:
        seen: set[str] = set()
        for index, checked in _until_broken(self._copy.images()):
            document = checked.document
            if document is None or document["image"] in seen:
                self.dropped.append((index, checked))
                continue
            seen.add(document["image"])
            yield checked


def _check_pictures(reader: _Pictures, result: Build, progress: Progress) -> None:
    """Examine every picture before anything is stored."""
    with progress.step("check pictures", None) as advance:
        for checked, examined in reader:
            if examined is not None and examined.facts is None and checked.document:
                name = checked.document["image"]
                result.problems.add(picture_problem(reader._copy, name, examined))
            advance(1)


def _store_source(
    store: Store,
    copy: PublishedCopy,
    found: Survey,
    reader: _Pictures,
    result: Build,
    progress: Progress,
) -> set[str]:
    """Store the documents of a source; return the ids of the cases that changed."""
    touched: set[str] = set()
    fresh = store.images.find_one({}, {"_id": 1}) is None
    with progress.step("pictures", len(found.image_types)) as advance:
        for batch in _batches(reader):
            documents = []
            for checked, examined in batch:
                documents.append(image_document(copy, found, checked, examined))
                if examined is not None and examined.facts is None:
                    name = documents[-1]["_id"]
                    result.problems.add(picture_problem(copy, name, examined))
            stored = store_documents(store.images, documents, result.images, fresh=fresh)
            touched.update(document["U_id"] for document in stored)
            advance(len(batch))
    fresh = store.cases.find_one({}, {"_id": 1}) is None
    dropped = list(reader.dropped)
    with progress.step("cases", len(found.case_ids)) as advance:
        seen: set[str] = set()
        for chunk in _batches(_until_broken(copy.cases())):
            documents = []
            for index, checked in chunk:
                if checked.document is None or checked.document["U_id"] in seen:
                    dropped.append((index, checked))
                    continue
                seen.add(checked.document["U_id"])
                documents.append(case_document(copy, found, checked))
            stored = store_documents(store.cases, documents, result.cases, fresh=fresh)
            touched.update(document["_id"] for document in stored)
            advance(len(chunk))
    touched |= mark_gone(store.db, copy.origin, (found.case_ids, set(found.image_types)))
    result.dropped = len(dropped)
    return touched


def _until_broken(documents: Iterator[tuple[int, Checked]]) -> Iterator[tuple[int, Checked]]:
    """Yield what comes before a broken place; the survey has reported it."""
    try:
        yield from documents
    except BrokenJson:
        return


def _batches(items: Iterable[_T], size: int = BATCH) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
