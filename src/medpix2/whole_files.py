"""Files that are whole or not there: written beside their place, then moved into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
