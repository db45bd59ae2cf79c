"""Remember what was found of picture files, so that unchanged ones are not read again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pymongo import ReplaceOne
from pymongo.database import Database

_Row = dict[str, Any]


def stamp_of(path: Path, kept_in: Path | None) -> _Row | None:
    """Return what tells that a file and the way it is kept are the same; None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return {
        "size": found.st_size,
        "mtime_ns": found.st_mtime_ns,
        "kept_in": None if kept_in is None else str(kept_in),
    }


def recall(
    db: Database[_Row], paths: Sequence[Path], kept_in: Path | None
) -> dict[Path, tuple[_Row | None, str, str]]:
    """Return path -> (facts, kind, message) of the files that are as they were.

    Parameters
    ----------
    db
        The database.
    paths
        Absolute paths.
    kept_in
        The folder that copies go to; a copy that vanished is not recalled. None if linked.
    """
    recalled = {}
    rows = db["examined"].find({"_id": {"$in": [str(path) for path in paths]}})
    for row in rows:
        path = Path(row["_id"])
        if row["stamp"] != stamp_of(path, kept_in):
            continue
        facts = row["facts"]
        if facts and kept_in is not None and not (kept_in / facts["path"]).is_file():
            continue
        recalled[path] = (facts, row["kind"], row["message"])
    return recalled


def remember(
    db: Database[_Row], found: Mapping[Path, tuple[_Row | None, str, str]], kept_in: Path | None
) -> None:
    """Note what was found of some files."""
    writes = []
    for path, (facts, kind, message) in found.items():
        stamp = stamp_of(path, kept_in)
        if stamp is not None:
            row = {"stamp": stamp, "facts": facts, "kind": kind, "message": message}
            writes.append(ReplaceOne({"_id": str(path)}, row, upsert=True))
    if writes:
        db["examined"].bulk_write(writes, ordered=False)
