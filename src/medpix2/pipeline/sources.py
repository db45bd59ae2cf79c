"""Open what `build` is given: a folder, an archive, or the phantom."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medpix2.errors import SettingError, SourceError
from medpix2.extract.archive import is_archive, unpack
from medpix2.extract.published import PublishedCopy, open_copy
from medpix2.pipeline.progress import Progress
from medpix2.settings import Settings

PHANTOM = "phantom"
PHANTOM_CASES, PHANTOM_SEED = 200, 1


@contextmanager
def opened_source(
    source: str, settings: Settings, link: bool | None, progress: Progress
) -> Iterator[PublishedCopy]:
    """Open a source for a block; an archive is unpacked for as long as it is needed.

    Raises
    ------
    SourceError
        There is no such source, or it cannot be read.
    SettingError
        Pictures of an archive are to be linked.
    """
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
        with _unpacked(path, settings, progress) as folder:
            yield open_copy(folder, name=path.name, origin=str(path.absolute()))
    elif path.is_file():
        raise SourceError(f"Source {path} is no archive that we know", "use .zip or .tar.gz")
    else:
        raise SourceError(
            f"Source {source!r} is not there", "name a folder, an archive, or `phantom`"
        )


@contextmanager
def _unpacked(archive: Path, settings: Settings, progress: Progress) -> Iterator[Path]:
    settings.home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="unpacking-", dir=settings.home))
    try:
        with progress.step("unpack", None) as advance:
            unpack(archive, folder, lambda done, total: advance(1))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
