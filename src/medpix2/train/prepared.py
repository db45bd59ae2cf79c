"""Prepared pictures kept on disk, so that the next try with the same pictures begins at once."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from medpix2.encode.prepare import VERSION, Pixels, Preparation, prepared
from medpix2.errors import OutputError
from medpix2.export.pairs import Pair


def prepared_pictures(
    pairs: Sequence[Pair], how: Preparation, *, cache: Path | None = None, jobs: int = 1,
    advance: Callable[[int], None] = lambda done: None,
) -> list[Pixels]:  # fmt: skip
    """Return the prepared pictures of pairs, in their order.

    Parameters
    ----------
    pairs
        Of one export.
    how
        How they are prepared.
    cache
        Folder in which they are kept, under a name made of all that they depend on: names, sizes
        and times of the files, preparation and its version; None to keep nothing.
    jobs
        Pictures that are decoded at a time.
    advance
        Is told of pictures that are done.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    kept = None if cache is None else cache / f"{_key(pairs, how)}.npz"
    if kept is not None and (found := _read(kept, len(pairs))) is not None:
        advance(len(pairs))
        return found

    def made(pair: Pair) -> Pixels:
        square = prepared(pair.open(), how)
        advance(1)
        return square

    # Decoding and resizing release the interpreter's lock.
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        squares = list(pool.map(made, pairs))
    if kept is not None:
        _write(kept, squares)
    return squares


def _key(pairs: Sequence[Pair], how: Preparation) -> str:
    digest = hashlib.sha256(f"{VERSION} {how}".encode())
    for pair in pairs:
        state = pair.image.stat()
        digest.update(f"{pair.image.resolve()} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:32]


def _read(path: Path, count: int) -> list[Pixels] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            grey, coloured, at = file["grey"], file["coloured"], file["at"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # not there, or cut off: it is made anew
    colours = dict(zip(at.tolist(), coloured, strict=True))
    rest = iter(grey)
    return [colours[n] if n in colours else next(rest) for n in range(count)]


def _write(path: Path, squares: Sequence[Pixels]) -> None:
    size = squares[0].shape[0]
    at = [n for n, square in enumerate(squares) if square.ndim == 3]
    grey = [square for square in squares if square.ndim == 2]
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            beside,
            grey=np.stack(grey) if grey else np.zeros((0, size, size), np.uint8),
            coloured=np.stack([squares[n] for n in at])
            if at
            else np.zeros((0, size, size, 3), np.uint8),
            at=np.array(at, dtype=np.int64),
        )
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error})", "name another cache") from None
