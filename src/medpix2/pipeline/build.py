"""`build`: the whole way from a source to the database."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from medpix2.curate import fold
from medpix2.errors import ProblemsFound
from medpix2.extract.pictures import Examined, picture_pool
from medpix2.extract.published import CASES, IMAGES
from medpix2.extract.survey import Problems, Survey, survey
from medpix2.extract.validate import Checked
from medpix2.pipeline.batches import batches
from medpix2.pipeline.documents import case_document, image_document, picture_problem
from medpix2.pipeline.folding import refold
from medpix2.pipeline.pictures import PictureReader, until_broken
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.sources import opened_source
from medpix2.pipeline.summary import Summary, summarize
from medpix2.records import Problem
from medpix2.settings import Settings
from medpix2.store.current import Written
from medpix2.store.database import Store, has_database, open_store
from medpix2.store.documents import (
    BATCH,
    Stored,
    mark_gone,
    store_documents,
    store_dropped,
    taken_ids,
)
from medpix2.store.writing import building, writing

if TYPE_CHECKING:
    from pymongo.collection import Collection

PICTURES = 250  # images stored at a time: few are left to store when the last is examined
_Images = Iterator[tuple[Checked, Examined | None]]


@dataclass
class Build:
    """What a build did.

    Attributes
    ----------
    source
        Where it was read from.
    problems
        Everything that is wrong with the source.
    cases, images
        Source documents that are new, changed or as they were.
    current
        Documents that the fold wrote.
    dropped
        Documents without a usable id of their own.
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
        Any problem is fatal, and the database stays as it is. Otherwise what is broken is stored as
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
        kept_in = None if link else settings.home / "pictures"
        copy = stack.enter_context(opened_source(source, settings, link, progress))
        pool = stack.enter_context(picture_pool(settings.jobs, kept_in))
        found = survey(copy)
        result = Build(copy.origin, found.problems)
        reader = PictureReader(copy, found, pool, kept_in, recheck=recheck)
        reader.kept = {} if strict else None
        # A new home has nothing to recall: pictures are examined while its server starts.
        images = None if has_database(settings) else iter(reader)
        store = stack.enter_context(open_store(settings))
        stack.enter_context(writing(store.db))
        reader.db = store.db
        images = images or iter(reader)
        if strict:
            _check_pictures(reader, images, result, progress)
            _check_ids(store, found, result)
            decoded = reader.examined
            _refuse_problems(found.problems)
            images = iter(reader)
        with building(store.db, fold.VERSION) as everything:
            _store_cases(store, found, reader, result, progress)
            _store_images(store, found, reader, images, result, progress)
            gone = mark_gone(store.db, copy.origin, _present(found))
            ids = None if everything else _to_fold(result, gone)
            result.current = refold(store, ids, progress=progress)
        result.examined = reader.examined + (decoded if strict else 0)
        result.summary = summarize(store)
    result.seconds = time.monotonic() - begun
    return result


def _present(found: Survey) -> list[set[str] | None]:
    """Return the ids of the cases and of the images; None where the file breaks off before them."""
    broken = {problem.file for problem in found.problems.kept if problem.kind == "broken-json"}
    files = {CASES: found.case_ids, IMAGES: set(found.image_types)}
    return [None if file in broken else ids for file, ids in files.items()]


def _refuse_problems(problems: Problems) -> None:
    if problems.total():
        raise ProblemsFound(
            f"The source has {problems.total()} problems and the build is strict",
            "the database is as it was; mend them, or leave out --strict",
            problems.kept,
        )


def _check_pictures(
    reader: PictureReader, images: _Images, result: Build, progress: Progress
) -> None:
    """Examine every picture before anything is stored."""
    with progress.step("check pictures", len(reader.copy.pictures)) as advance:
        for checked, examined in images:
            _report(reader, checked, examined, result)
            advance(1)


def _report(
    reader: PictureReader, checked: Checked, examined: Examined | None, result: Build
) -> None:
    if examined is not None and examined.facts is None and checked.document is not None:
        name = checked.document["image"]
        result.problems.add(picture_problem(reader.copy, name, examined))


def _to_fold(result: Build, gone: set[str]) -> list[str]:
    """Return the cases to fold; those that lost an image come before those that got it."""
    bereft = result.images.bereft
    touched = result.images.touched | result.cases.touched | gone
    return [*sorted(bereft), *sorted(touched - bereft)]


def _store_images(
    store: Store,
    found: Survey,
    reader: PictureReader,
    images: _Images,
    result: Build,
    progress: Progress,
) -> None:
    fresh = store.images.find_one({}, {"_id": 1}) is None
    with progress.step("pictures", len(found.image_types)) as advance:
        for batch in batches(images, PICTURES):
            documents = []
            for checked, examined in batch:
                documents.append(image_document(reader.copy, found, checked, examined))
                _report(reader, checked, examined, result)
            documents = _without_taken(store.cases, documents, IMAGES, result)
            store_documents(store.images, documents, result.images, fresh=fresh)
            advance(len(batch))
    _store_dropped(store, reader, IMAGES, reader.dropped, result)


def _store_cases(
    store: Store, found: Survey, reader: PictureReader, result: Build, progress: Progress
) -> None:
    seen: set[str] = set()
    dropped = []
    fresh = store.cases.find_one({}, {"_id": 1}) is None
    with progress.step("cases", len(found.case_ids)) as advance:
        for batch in batches(until_broken(reader.copy.cases()), BATCH):
            documents = []
            for index, checked in batch:
                name = checked.document["U_id"] if checked.document else None
                if name is None or name in seen:
                    dropped.append((index, checked))
                    continue
                seen.add(name)
                documents.append(case_document(reader.copy, found, checked))
            documents = _without_taken(store.images, documents, CASES, result)
            store_documents(store.cases, documents, result.cases, fresh=fresh)
            advance(len(batch))
    _store_dropped(store, reader, CASES, dropped, result)


def _check_ids(store: Store, found: Survey, result: Build) -> None:
    """Report, before anything is stored, what `_without_taken` would leave out."""
    _report_taken(store.cases, list(found.image_types), IMAGES, result)
    _report_taken(store.images, list(found.case_ids), CASES, result)


def _without_taken(
    other: Collection[dict[str, Any]], documents: list[dict[str, Any]], file: str, result: Build
) -> list[dict[str, Any]]:
    """Leave out documents whose id an earlier source gave to the other kind of document."""
    taken = _report_taken(other, [document["_id"] for document in documents], file, result)
    result.dropped += len(taken)
    return [document for document in documents if document["_id"] not in taken]


def _report_taken(
    other: Collection[dict[str, Any]], ids: list[str], file: str, result: Build
) -> set[str]:
    taken = taken_ids(other, ids)
    for name in sorted(taken):
        message = f"has the id of one of the {other.name} of another source; it is left out"
        result.problems.add(
            Problem(kind="same-id", severity="error", file=file, id=name, message=message)
        )
    return taken


def _store_dropped(
    store: Store,
    reader: PictureReader,
    file: str,
    dropped: list[tuple[int, Checked]],
    result: Build,
) -> None:
    """Keep what cannot be stored as a document, as text, with the reason."""
    rows = [
        {
            "index": index,
            "reason": "; ".join(str(problem) for problem in checked.errors) or "its id came before",
            "raw": checked.raw or json.dumps(checked.document),
        }
        for index, checked in dropped
    ]
    store_dropped(store.db, reader.copy.origin, file, rows)
    result.dropped += len(rows)
