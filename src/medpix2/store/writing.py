"""Claim the database for writing, and keep note of a build that has not ended."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from medpix2.errors import StoreBusy
from medpix2.store.shape import ensure_shape

_Database = Database[dict[str, Any]]


@contextmanager
def writing(db: _Database) -> Iterator[None]:
    """Hold the database for writing; a second writer is told who writes.

    The claim stands in the database, so that it binds all homes of one server. A claim of a process
    of this machine that is gone is void.

    Raises
    ------
    StoreBusy
        Somebody writes already.
    """
    claim = {
        "_id": "writer",
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": psutil.Process().create_time(),
    }
    _claim(db, claim)
    try:
        yield
    finally:
        db["state"].delete_one(claim)


def writer_of(db: _Database) -> dict[str, Any] | None:
    """Return the live claim of whoever writes, or None."""
    row = db["state"].find_one({"_id": "writer"})
    return row if row and not _void(row) else None


@contextmanager
def building(db: _Database, fold_version: int) -> Iterator[bool]:
    """Note that a build is under way; tell whether everything has to be folded.

    Yields True for a first build, where an earlier one did not end, and where the fold has become
    another. The note is taken away only when the block ends well. The text index is left out while
    everything is folded, and made at the end, which is several times faster.
    """
    state = db["state"]
    row = state.find_one({"_id": "build"}) or {}
    anew = bool(row.get("pending")) or row.get("fold") != fold_version
    pending = {"pending": {"first": anew}, "fold": fold_version}
    state.update_one({"_id": "build"}, {"$set": pending}, upsert=True)
    yield anew
    ensure_shape(db)
    state.update_one({"_id": "build"}, {"$set": {"pending": None}})


def _claim(db: _Database, claim: dict[str, Any]) -> None:
    for _ in range(3):
        try:
            db["state"].insert_one(claim)
        except DuplicateKeyError:
            row = db["state"].find_one({"_id": "writer"})
            if row and not _void(row):
                break
            if row:
                db["state"].delete_one(row)
        else:
            return
    row = row or claim
    raise StoreBusy(
        f"Database {db.name!r} is being written by process {row['pid']} on {row['host']}",
        "wait until it has ended, then run the same command again",
    )


def _void(row: dict[str, Any]) -> bool:
    """Tell whether a claim's process is gone; one of another machine is taken at its word."""
    if row["host"] != socket.gethostname():
        return False
    try:
        return abs(psutil.Process(row["pid"]).create_time() - float(row["since"])) > 1
    except psutil.Error:
        return True
