"""Files that are whole or not there: written beside their place, then moved into it."""

from __future__ import annotations

import errno
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a path beside a file to write to; at the end of the block it takes the file's place.

    The folder is made. A block that fails leaves the file as it was, and nothing beside it.

    Raises
    ------
    OSError
        The folder cannot be made, or the file not be moved.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # By the pid: two commands may write the same file.
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield partial
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give an empty folder beside a place; at the end of the block it moves there, as one step.

    What killed processes have left beside the place is removed. A block that fails leaves nothing.

    Raises
    ------
    FileExistsError
        There is such a folder or file already.
    OSError
        The folder cannot be made or moved.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}")
    partial.mkdir()
    try:
        yield partial
        if folder.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.*"):
        writer = left.suffix.removeprefix(".")
        if writer.isdecimal() and not psutil.pid_exists(int(writer)):
            shutil.rmtree(left, ignore_errors=True)
