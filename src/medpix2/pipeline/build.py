"""`build`: the whole way from a source to the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from medpix2.extract.pictures import picture_pool
from medpix2.extract.source import Source
from medpix2.extract.survey import Problems, survey
from medpix2.pipeline.pictures import PictureReader
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.sources import opened_source
from medpix2.pipeline.storing import Storing
from medpix2.pipeline.summary import Summary, summarize
from medpix2.settings import Settings
from medpix2.store.current import Written
from medpix2.store.database import has_database, open_store
from medpix2.store.documents import Stored
from medpix2.store.withdrawing import tombstones
from medpix2.store.writing import writing


@dataclass(frozen=True)
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
        Documents without a usable id of their own; they are left out.
    withdrawn
        Ids of what the source has and was withdrawn; it is left out.
    examined
        Pictures that were decoded; the others were unchanged since an earlier build.
    seconds
        How long it took.
    summary
        What the database holds now.
    """

    source: str
    problems: Problems
    cases: Stored
    images: Stored
    current: Written
    dropped: int
    withdrawn: list[str]
    examined: int
    seconds: float
    summary: Summary

    @property
    def unchanged(self) -> bool:
        """Tell whether the database was so already."""
        touched = (self.cases, self.images)
        return not any(part.new or part.changed for part in touched) and not (
            self.current.new or self.current.changed or self.current.gone
        )


def build(
    settings: Settings,
    source: str | Source,
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
        A folder, .zip or .tar.gz of the published layout, a snapshot of a crawl, "openi" (the
        home's snapshot), "phantom", or a source of your own.
    strict
        Refuse a source with any problem, and leave the database as it is. Otherwise what is broken
        is stored as excluded, with its reason.
    link
        Leave pictures where they are and note their paths, not copy them into the home.
    recheck
        Decode pictures again that have not changed since an earlier build.
    progress
        Told how far the work is.

    Raises
    ------
    SourceError, ProblemsFound, StoreError
        The source cannot be read, is refused, or the database cannot be used.
    """
    begun = time.monotonic()
    with _opened(settings, source, strict, link, recheck, progress or Silent()) as storing:
        if strict:
            storing.refuse_problems()
        current = storing.store()
        summary = summarize(storing.into)
    return Build(
        source=storing.copy.origin, problems=storing.problems, cases=storing.cases,
        images=storing.images, current=current, dropped=storing.dropped,
        withdrawn=sorted(storing.reader.left_out),
        examined=storing.reader.examined, seconds=time.monotonic() - begun, summary=summary,
    )  # fmt: skip


@contextmanager
def _opened(
    settings: Settings,
    source: str | Source,
    strict: bool,
    link: bool | None,
    recheck: bool,
    progress: Progress,
) -> Iterator[Storing]:
    """Open source and database, and survey the source; pictures are examined from then on."""
    kept_in = None if link else settings.home / "pictures"
    with ExitStack() as stack:
        copy = stack.enter_context(opened_source(source, settings, link, progress))
        pool = stack.enter_context(picture_pool(settings.jobs, kept_in))
        found = survey(copy)
        reader = PictureReader(copy, found, pool, kept_in, recheck=recheck, twice=strict)
        if not has_database(settings):
            reader.start()  # there is nothing to recall: pictures first, while the server starts
        store = stack.enter_context(open_store(settings))
        stack.enter_context(writing(store.db))
        reader.db, reader.withdrawn = store.db, tombstones(store.db)
        yield Storing(store, found, reader, progress)
