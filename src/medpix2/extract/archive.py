"""Unpack .zip and .tar.gz archives of a published copy, safely."""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from medpix2.errors import DiskFull, SourceError, UnsafeArchive

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
MAX_RATIO = 200  # a PNG hardly shrinks and JSON about tenfold: beyond this it is a bomb
_SPARE = 500 << 20  # bytes of disk that are left free

_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, ValueError, zlib.error,
    lzma.LZMAError,
)  # fmt: skip  # what the standard library raises on a damaged archive

Progress = Callable[[int, int], None]


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is an archive that we can unpack."""
    return path.name.lower().endswith(ARCHIVES)


def unpack(archive: Path, folder: Path, progress: Progress | None = None) -> None:
    """Unpack an archive into an empty folder.

    Every entry is checked before the first is written: plain files and folders that stay inside
    the folder, none twice. Sizes are checked against the archive's own, the free disk, and again
    while writing, for what an archive says of its sizes need not be true. Where it fails half
    way, what was written is removed.

    Raises
    ------
    UnsafeArchive
        An entry is absolute, leaves the folder, is a link or a device, or the archive is a bomb.
    SourceError
        The archive is damaged or encrypted.
    """
    try:
        if archive.name.lower().endswith(".zip"):
            with zipfile.ZipFile(archive) as opened:
                _unpack(archive, folder, list(_zip_entries(archive, opened)), progress)
        else:
            with tarfile.open(archive) as tar:
                _unpack(archive, folder, list(_tar_entries(archive, tar)), progress)
    except _DAMAGE as error:
        raise SourceError(
            f"Archive {archive} is damaged or encrypted", f"get it again ({error})"
        ) from None
    except OSError as error:
        raise SourceError(f"Archive {archive} cannot be unpacked", f"{error}") from None


_Entry = tuple[PurePosixPath, int, Callable[[], IO[bytes] | None]]


def _zip_entries(archive: Path, opened: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in opened.infolist():
        kind = (info.external_attr >> 16) & 0o170000
        if kind not in (0, 0o100000, 0o040000):
            raise _unsafe(archive, info.filename, "is a link or a device")
        place = _place(archive, info.filename)
        if info.flag_bits & 0x1:
            raise RuntimeError(f"{info.filename!r} needs a password")
        # Some Windows programs end the name of a folder in a backslash.
        if not info.filename.endswith(("/", "\\")):
            yield place, info.file_size, lambda info=info: opened.open(info)  # type: ignore[misc]


def _tar_entries(archive: Path, tar: tarfile.TarFile) -> Iterator[_Entry]:
    for member in tar:
        if not (member.isreg() or member.isdir()):
            raise _unsafe(archive, member.name, "is a link or a device")
        place = _place(archive, member.name)
        if member.isreg():
            yield place, member.size, lambda member=member: tar.extractfile(member)  # type: ignore[misc]


def _place(archive: Path, name: str) -> PurePosixPath:
    """Return where an entry belongs in the folder; raise if that is not inside it."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root:
        raise _unsafe(archive, name, "has an absolute path")
    if ".." in windows.parts:  # parted at both kinds of slash
        raise _unsafe(archive, name, "would leave the folder")
    if "\0" in name:
        raise _unsafe(archive, name, "has a name that no file can have")
    return PurePosixPath(*windows.parts)


def _unsafe(archive: Path, name: str, why: str) -> UnsafeArchive:
    return UnsafeArchive(
        f"Archive {archive}: entry {name!r} {why}",
        "nothing was unpacked; get the archive from where you trust it",
    )


def _unpack(archive: Path, folder: Path, entries: list[_Entry], progress: Progress | None) -> None:
    repeated = [place for place, n in Counter(place for place, _, _ in entries).items() if n > 1]
    if repeated:
        raise _unsafe(archive, str(repeated[0]), "stands in it twice")
    total = sum(size for _, size, _ in entries)
    if total > max(archive.stat().st_size, 1 << 20) * MAX_RATIO:
        raise UnsafeArchive(
            f"Archive {archive} would grow to {total >> 20} MiB, over {MAX_RATIO} times its size",
            "that is a decompression bomb; nothing was unpacked",
        )
    if total + _SPARE > shutil.disk_usage(folder).free:
        raise DiskFull(
            f"Archive {archive} needs {total >> 20} MiB in {folder}", "make room or choose --home"
        )
    written: list[Path] = []
    try:
        for done, (place, size, opened) in enumerate(entries):
            source = opened()
            if source is None:
                continue
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            with source, target.open("xb") as out:
                written.append(target)
                shutil.copyfileobj(_Limited(source, size, archive, str(place)), out, 1 << 20)
            if progress:
                progress(done + 1, len(entries))
    except BaseException:
        _remove(written, folder)
        raise


def _remove(written: list[Path], folder: Path) -> None:
    """Remove files and the folders that are empty without them."""
    for path in written:
        path.unlink(missing_ok=True)
    parents = {parent for path in written for parent in path.parents}
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        if folder in parent.parents:
            with suppress(OSError):
                parent.rmdir()


class _Limited:
    """A file that refuses to give more bytes than it said."""

    def __init__(self, source: IO[bytes], size: int, archive: Path, name: str) -> None:
        self._source, self._left, self._archive, self._name = source, size, archive, name

    def read(self, size: int = -1) -> bytes:
        block = self._source.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise _unsafe(self._archive, self._name, "is larger than it says")
        return block
