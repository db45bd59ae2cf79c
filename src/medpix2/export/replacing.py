"""Where an export is made until it is whole, and how it takes its place."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medpix2.errors import OutputError

MANIFEST = "manifest.json"
LOCK = ".lock"
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


def partial_of(out: Path) -> Path:
    """Return the folder beside `out` in which it is made."""
    return out.with_name(f".{out.name}.partial")


def refuse(out: Path, *, overwrite: bool) -> None:
    """Refuse a place for an export that is taken.

    Raises
    ------
    OutputError
        It is there and is not to be overwritten, or is no export and so never is.
    """
    if not out.name:
        raise OutputError(f"{out} cannot be an export", "name a folder that is not there yet")
    if not out.exists() and not out.is_symlink():
        return
    if not overwrite:
        raise OutputError(f"{out} is there already", "name another folder or give --overwrite")
    if not is_export(out):
        raise OutputError(
            f"{out} is no export, so it is not overwritten", "name another folder, or remove it"
        )


def is_export(folder: Path) -> bool:
    """Tell whether a folder is an export of this program, by its manifest."""
    path = folder / MANIFEST
    if folder.is_symlink() or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8") as file:
            head = file.read(65_536)
    except (OSError, UnicodeDecodeError):
        return False
    return '"medpix2":' in head and '"format":' in head


@contextmanager
def locked(partial: Path) -> Iterator[None]:
    """Make the folder and hold it for a block, against a second export to the same place.

    Raises
    ------
    OutputError
        Another command holds it, or it cannot be made.
    """
    try:
        partial.mkdir(parents=True, exist_ok=True)
        lock = os.open(partial / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise OutputError(
            f"{partial.parent} cannot be written ({error.strerror})", "name another place"
        ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        there = (partial / LOCK).stat()
        if (there.st_dev, there.st_ino) != (os.fstat(lock).st_dev, os.fstat(lock).st_ino):
            raise BlockingIOError
    except (BlockingIOError, FileNotFoundError):
        os.close(lock)
        raise OutputError(
            f"Another command is exporting to {partial}", "wait for it, or name another folder"
        ) from None
    try:
        yield
    finally:
        os.close(lock)


def clear(partial: Path) -> None:
    """Remove all of an unfinished export but its lock."""
    for path in partial.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def take_place(partial: Path, out: Path, *, overwrite: bool) -> None:
    """Let what was made take its place, at once: there is no moment without either.

    Raises
    ------
    OutputError
        Something else has taken the place meanwhile.
    """
    refuse(out, overwrite=overwrite)
    (partial / LOCK).unlink(missing_ok=True)
    if out.exists():
        if _exchanged(partial, out):
            shutil.rmtree(partial)
            return
        old = out.with_name(f".{out.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        out.rename(old)
        partial.rename(out)
        shutil.rmtree(old)
        return
    partial.rename(out)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders at once; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # an old C library
        return False
    paths = os.fsencode(one), os.fsencode(other)
    return bool(renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)


def read_manifest(folder: Path) -> dict[str, object]:
    """Return the manifest of an export.

    Raises
    ------
    OutputError
        There is none, or it cannot be read.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise OutputError(f"{folder} has no {MANIFEST}", "name the folder of an export") from None
    except (OSError, ValueError) as error:
        raise OutputError(f"{path} cannot be read ({error})", "export again") from None
    if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
        raise OutputError(f"{path} is not of an export", "name the folder of an export")
    return found
