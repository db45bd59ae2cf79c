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
from medpix2.store.shape import TEXT_INDEX, ensure_shape

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
def building(db: _Database) -> Iterator[bool]:
    """Note that a build is under way; tell whether everything has to be folded.

    Yields True where an earlier build did not end. The note is taken away only when the block
    ends well. The text index is left out while a first load streams in, and made at its end, which
    is several times faster.
    """
    row = db["state"].find_one({"_id": "build"}) or {}
    unfinished = bool(row.get("pending"))
    first = db["current"].find_one({}, {"_id": 1}) is None
    db["state"].update_one(
        {"_id": "build"}, {"$set": {"pending": {"first": first or unfinished}}}, upsert=True
    )
    if first:
        name = TEXT_INDEX.document["name"]
        if name in db["current"].index_information():
            db["current"].drop_index(name)
    yield unfinished or first
    ensure_shape(db)
    db["state"].update_one({"_id": "build"}, {"$set": {"pending": None}})


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
