"""Open what `build` is given: a folder, an archive, a snapshot, or the phantom."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from medpix2.errors import OutputError, SettingError, SourceError
from medpix2.extract.archive import is_archive, unpack
from medpix2.extract.crawled import CrawledSource
from medpix2.extract.published import open_copy
from medpix2.extract.snapshot.folder import is_snapshot, open_snapshot
from medpix2.extract.source import Source
from medpix2.pipeline.extracting import home_snapshot
from medpix2.pipeline.progress import Progress, increments
from medpix2.settings import Settings
from medpix2.store.keeper import try_lock, unlock
from medpix2.store.places import cannot_write

PHANTOM, OPENI = "phantom", "openi"
UNPACKING = "unpacking-"  # how the folders begin that archives are unpacked into
PHANTOM_CASES, PHANTOM_SEED = 200, 1


@contextmanager
def opened_source(
    source: str | Source, settings: Settings, link: bool | None, progress: Progress
) -> Iterator[Source]:
    """Open a source for a block; an archive is unpacked for as long as it is needed.

    Raises
    ------
    SourceError
        There is no such source, or it cannot be read.
    SettingError
        Pictures that do not stay where they are, such as those of an archive, are to be linked.
    NotWritable, DiskFull
        An archive or the phantom is to be put into a home that cannot be written.
    """
    if isinstance(source, Source):
        if link and not source.lasting:
            raise SettingError(
                f"Pictures of {source.origin} do not stay where they are", "leave out --link"
            )
        yield source
        return
    path = Path(source).expanduser()
    if source == OPENI and not path.exists():
        path = home_snapshot(settings)
    if is_snapshot(path):
        with open_snapshot(path) as snapshot:
            yield CrawledSource(snapshot)
    elif source == PHANTOM and not path.exists():
        yield open_copy(_phantom(settings, progress), name=PHANTOM)
    elif path.is_dir():
        yield open_copy(path.absolute())
    elif path.is_file() and is_archive(path):
        if link:
            raise SettingError(
                "--link does not go with an archive", "unpack it, or leave out --link"
            )
        with _unpacked(path, settings, progress) as folder:
            yield open_copy(folder, archive=path)
    elif path.is_file():
        raise SourceError(f"Source {path} is no archive that we know", "use .zip or .tar.gz")
    else:
        raise SourceError(
            f"Source {source!r} is not there",
            "name a folder, an archive, a snapshot, `openi` or `phantom`",
        )


@contextmanager
def _unpacked(archive: Path, settings: Settings, progress: Progress) -> Iterator[Path]:
    with _writable(settings.home):
        settings.home.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(settings.home)
        folder, lock = _locked_folder(settings.home)
    copy = folder / "copy"
    try:
        with _writable(settings.home):
            copy.mkdir()
        with progress.step("unpack", None) as advance:
            unpack(archive, copy, lambda done, total: advance(1))
        yield copy
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unlock(lock)


@contextmanager
def _writable(home: Path) -> Iterator[None]:
    """Say of a home that cannot be written that it is so, and what to do."""
    try:
        yield
    except OSError as error:
        raise cannot_write(home, error) from error


def _locked_folder(home: Path) -> tuple[Path, int]:
    """Make a folder that counts as in use as long as its lock is held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=UNPACKING, dir=home))
        with suppress(FileNotFoundError):  # another command has just taken it for a leftover
            lock = try_lock(folder / "lock")
            if lock is not None and (folder / "lock").exists():
                return folder, lock


def _remove_leftovers(home: Path) -> None:
    """Remove what killed commands have unpacked."""
    for left in home.glob(f"{UNPACKING}*"):
        with suppress(OSError):
            lock = try_lock(left / "lock")
            if lock is not None:
                shutil.rmtree(left, ignore_errors=True)
                unlock(lock)


def _phantom(settings: Settings, progress: Progress) -> Path:
    """Return the home's phantom collection, made when it is first asked for."""
    from medpix2.phantom.layout import GROUND_TRUTH, make_phantom

    folder = settings.home / "phantom" / f"cases-{PHANTOM_CASES}-seed-{PHANTOM_SEED}"
    with _writable(settings.home):
        folder.parent.mkdir(parents=True, exist_ok=True)
        if (folder / GROUND_TRUTH).is_file():
            return folder
    try:
        with progress.step("make the phantom", PHANTOM_CASES) as advance:
            make_phantom(
                folder, cases=PHANTOM_CASES, seed=PHANTOM_SEED, jobs=settings.jobs,
                progress=increments(advance),
            )  # fmt: skip
    except OutputError:
        # Another build may have put it there after we looked.
        if not (folder / GROUND_TRUTH).is_file():
            raise
    return folder
