"""Examine picture files: decode fully, hash, measure; optionally copy them into the home.

Runs in worker processes: imports nothing of the database.
"""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from medpix2.errors import OutputError
from medpix2.records import PictureFile
from medpix2.workers import Workers

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"})
MAX_BYTES = 256 << 20  # a file beyond this is no scan picture of these sources
CHUNK = 16  # pictures handed to a worker at a time
_NEEDED = (__name__, "imagehash", "PIL.Image", "PIL.PngImagePlugin")  # by the workers
PARTIAL = ".partial"  # folder of copies that are being written: SHA-256 and process id


@dataclass(frozen=True)
class Examined:
    """What became of one picture file: its facts, or the kind and text of what is wrong."""

    facts: PictureFile | None
    kind: str = ""
    message: str = ""


def examine(path: Path, copy_to: Path | None = None) -> Examined:
    """Decode a picture fully and return its facts; copy it by its hash if asked.

    Parameters
    ----------
    path
        The picture file.
    copy_to
        The home's picture folder; the copy is named by the SHA-256 of its bytes, so that it is
        written once and never overwritten with something else. None leaves it where it is.

    Raises
    ------
    OutputError
        The copy cannot be written (the disk is full, say).
    """
    from PIL import Image, UnidentifiedImageError

    if copy_to is None and not _is_text(path):
        return Examined(None, "bad-picture", "has a path that is not UTF-8: rename its folder")
    try:
        if path.stat().st_size > MAX_BYTES:
            return Examined(None, "bad-picture", f"is larger than {MAX_BYTES >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        return Examined(None, "bad-picture", f"cannot be read ({error.strerror})")
    if not content:
        return Examined(None, "bad-picture", "is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            with Image.open(io.BytesIO(content)) as picture:
                picture.load()
                phash = _phash(picture)
                width, height, mode = picture.width, picture.height, picture.mode
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Examined(None, "bad-picture", "is a decompression bomb (far too many pixels)")
    except UnidentifiedImageError:
        return Examined(None, "bad-picture", "is not a picture")
    except Exception as error:  # noqa: BLE001  # a decoder may raise anything on hostile bytes
        return Examined(None, "bad-picture", f"cannot be decoded ({_short(error)})")
    sha256 = hashlib.sha256(content).hexdigest()
    stored = path.absolute() if copy_to is None else _copy(content, sha256, path.suffix, copy_to)
    return Examined(
        PictureFile(
            path=str(stored), sha256=sha256, phash=phash,
            width=width, height=height, mode=mode, bytes=len(content),
        )
    )  # fmt: skip


class PicturePool:
    """Examines many pictures on several cores, in order, a bounded number ahead."""

    def __init__(self, jobs: int, copy_to: Path | None) -> None:
        work = partial(_examine_all, copy_to=copy_to)
        self._workers: Workers[Path, Examined] = Workers(work, jobs, preload=_NEEDED, chunk=CHUNK)

    def map(self, paths: Iterable[Path]) -> Iterator[Examined]:
        """Yield what `examine` says of each path, in order.

        Raises
        ------
        SourceError
            A worker died (out of memory, say).
        """
        return self._workers.map(paths)

    def close(self) -> None:
        """Stop the workers; what has not begun is dropped."""
        self._workers.close()


@contextmanager
def picture_pool(jobs: int, copy_to: Path | None) -> Iterator[PicturePool]:
    """Open a `PicturePool` for a block; what killed ones left half written is removed."""
    if copy_to is not None:
        _remove_partial(copy_to)
    pool = PicturePool(jobs, copy_to)
    try:
        yield pool
    finally:
        pool.close()


def _phash(picture: Image) -> str:
    import imagehash

    return str(imagehash.phash(picture))


def _examine_all(paths: list[Path], copy_to: Path | None) -> list[Examined]:
    return [examine(path, copy_to) for path in paths]


def _is_text(path: Path) -> bool:
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True


def _copy(content: bytes, sha256: str, suffix: str, folder: Path) -> str:
    """Write a picture under its hash; a kill leaves a complete file or none."""
    name = f"{sha256[:2]}/{sha256}{suffix.lower()}"
    target, partial = folder / name, folder / PARTIAL / f"{sha256}.{os.getpid()}"
    try:
        with suppress(FileNotFoundError):
            if target.stat().st_size == len(content):
                return name
        try:
            _write_beside(content, target, partial)
        except FileNotFoundError:  # the first of its folder
            for place in (target.parent, partial.parent):
                place.mkdir(parents=True, exist_ok=True)
            _write_beside(content, target, partial)
    except OSError as error:
        raise OutputError(
            f"Picture {target} cannot be written ({error.strerror})",
            "make room or choose another --home, then run the same command again",
        ) from None
    return name


def _write_beside(content: bytes, target: Path, partial: Path) -> None:
    try:
        partial.write_bytes(content)
        partial.replace(target)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def _remove_partial(folder: Path) -> None:
    """Remove the half copies of processes that were killed."""
    for left in folder.glob(f"{PARTIAL}/*"):
        writer = left.suffix.removeprefix(".")
        if not (writer.isdecimal() and psutil.pid_exists(int(writer))):
            with suppress(OSError):
                left.unlink()


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
