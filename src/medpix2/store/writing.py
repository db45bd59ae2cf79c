"""Claim the database for writing, and keep note of a build that has not ended."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from medpix2.errors import StoreBusy, StoreError
from medpix2.store.shape import ensure_shape
from medpix2.store.words import words_stand

_Database = Database[dict[str, Any]]


BEAT = 10.0  # seconds between signs of life of a writer
LAPSE = 60  # seconds without one after which a claim is void


@contextmanager
def writing(db: _Database, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the database for writing; a second writer is told who writes.

    `wait` says for how many seconds it is waited for a writer: two people may decide at once.

    The claim stands in the database, so that it binds all homes of one server. A claim is void when
    its process is gone from this machine, or has given no sign of life for a minute by the server's
    clock (a killed container, another machine).

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
        "token": uuid.uuid4().hex,
    }
    _claim_within(db, claim, wait)
    ended = threading.Event()
    beats = threading.Thread(target=_give_signs, args=(db, claim, ended), daemon=True)
    beats.start()
    try:
        yield
    finally:
        ended.set()
        beats.join()
        db["state"].delete_one(claim)


def writer_of(db: _Database) -> dict[str, Any] | None:
    """Return the live claim of whoever writes, or None."""
    row = db["state"].find_one({"_id": "writer"})
    return row if row and not _void(db, row) else None


def pending_of(db: _Database) -> dict[str, Any]:
    """Return the note of a build or restore that is under way or did not end; empty if none."""
    return (db["state"].find_one({"_id": "build"}) or {}).get("pending") or {}


def unfinished(db: _Database, pending: dict[str, Any]) -> StoreError:
    """Return the error of a database whose build or restore was killed."""
    if file := pending.get("restoring"):
        return StoreError(
            f"Database {db.name!r} has a restore that did not finish",
            f"run `medpix2 db restore {file}` again",
        )
    if name := pending.get("withdrawing"):
        return StoreError(
            f"Database {db.name!r} has a withdrawal that did not finish",
            f"run `medpix2 withdraw {name}` again",
        )
    if pending.get("curing"):
        return StoreError(
            f"Database {db.name!r} has a curing that did not finish",
            "run `medpix2 curate run`; it goes on where it stopped",
        )
    return StoreError(
        f"Database {db.name!r} has a build that did not finish",
        "run the same `medpix2 build` again; it goes on where it stopped",
    )


@contextmanager
def building(
    db: _Database,
    fold_version: int,
    *,
    restored: bool = False,
    curing: bool = False,
    withdrawing: str = "",
) -> Iterator[bool]:
    """Note that a build is under way; tell whether everything has to be folded.

    Yields True for a first build, where an earlier one did not end, where the fold has become
    another, and where what was folded has been dropped. The note is taken away only when the block
    ends well. MongoDB's text index is left out while everything is folded, and made afterwards,
    which is several times faster.

    `restored` says that what a restore brought is folded, `curing` that it is no build but a change
    of findings or decisions, `withdrawing` that this id is taken out.

    Raises
    ------
    StoreError
        A restore was killed: what stands there is half of one content and half of another.
        Or a build was, and this is none.
    """
    state = db["state"]
    row = state.find_one({"_id": "build"}) or {}
    pending = row.get("pending") or {}
    if "restoring" in pending and not restored:
        raise unfinished(db, pending)
    ours = {
        name: value for name, value in (("curing", curing), ("withdrawing", withdrawing)) if value
    }
    if pending and any(not pending.get(name) for name in ours):
        raise unfinished(db, pending)  # of the source, a part may be missing still
    first = db["current"].find_one({}, {"_id": 1}) is None
    anew = bool(pending) or row.get("fold") != fold_version or first
    anew = anew or db["facets"].find_one({}, {"_id": 1}) is None or not words_stand(db)
    anew = anew or state.find_one({"_id": "ordinals"}) is None
    # A build that takes up what these left is a build: only its own end makes all whole.
    left = {key: value for key, value in pending.items() if key not in ("curing", "withdrawing")}
    note = {
        "pending": {
            **left,
            "first": first,
            "folding": bool(pending.get("folding")),
            **ours,
        },
        "fold": fold_version,
    }
    state.update_one({"_id": "build"}, {"$set": note}, upsert=True)
    yield anew
    ensure_shape(db)
    state.update_one({"_id": "build"}, {"$set": {"pending": None}})


def is_folded(db: _Database, fold_version: int) -> bool:
    """Tell whether all was folded to its end, by this version of the fold."""
    row = db["state"].find_one({"_id": "build"}) or {}
    return not row.get("pending") and row.get("fold") == fold_version


def begin_folding(db: _Database) -> None:
    """Note that from now on what was folded is not fit to be read, until the build has ended."""
    wanted = {"_id": "build", "pending": {"$ne": None}}
    db["state"].update_one(wanted, {"$set": {"pending.folding": True}})


def _claim_within(db: _Database, claim: dict[str, Any], wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            return _claim(db, claim)
        except StoreBusy:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def _claim(db: _Database, claim: dict[str, Any]) -> None:
    row = claim
    for _ in range(3):
        try:
            _sign(db, claim, upsert=True)
        except DuplicateKeyError:
            row = db["state"].find_one({"_id": "writer"}) or claim
            if row is not claim and not _void(db, row):
                break
            db["state"].delete_one({"_id": "writer", "token": row.get("token")})
        else:
            return
    raise StoreBusy(
        f"Database {db.name!r} is being written by process {row['pid']} on {row['host']}",
        "wait until it has ended, then run the same command again",
    )


def _sign(db: _Database, claim: dict[str, Any], *, upsert: bool = False) -> None:
    db["state"].update_one(claim, {"$currentDate": {"beat": True}}, upsert=upsert)


def _give_signs(db: _Database, claim: dict[str, Any], ended: threading.Event) -> None:
    while not ended.wait(BEAT):
        with suppress(PyMongoError):  # the writer itself meets what is wrong
            _sign(db, claim)


def _void(db: _Database, row: dict[str, Any]) -> bool:
    """Tell whether the writer of a claim is gone."""
    lapsed = {"$lt": ["$beat", {"$subtract": ["$$NOW", LAPSE * 1000]}]}
    if db["state"].find_one({"_id": "writer", "pid": row["pid"], "$expr": lapsed}):
        return True
    if row["host"] != socket.gethostname():
        return False
    try:
        return abs(psutil.Process(row["pid"]).create_time() - float(row["since"])) > 1
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
