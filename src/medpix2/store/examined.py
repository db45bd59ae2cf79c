"""Remember what was found of pictures, so that unchanged ones are not examined again."""

from __future__ import annotations

from collections.abc import Mapping
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
    db: Database[_Row], files: Mapping[str, Path], kept_in: Path | None
) -> dict[str, tuple[_Row | None, str, str]]:
    """Return name -> (facts, kind, message) of the pictures that are as they were.

    Parameters
    ----------
    db
        The database.
    files
        Name of a picture to the file that tells whether it is as it was: itself, or the archive
        that it comes from.
    kept_in
        The folder that copies go to; a copy that vanished is not recalled. None if linked.
    """
    recalled = {}
    for row in db["examined"].find({"_id": {"$in": list(files)}}):
        name = row["_id"]
        if row["stamp"] != stamp_of(files[name], kept_in):
            continue
        facts = row["facts"]
        if facts and kept_in is not None and not (kept_in / facts["path"]).is_file():
            continue
        recalled[name] = (facts, row["kind"], row["message"])
    return recalled


def remember(
    db: Database[_Row],
    found: Mapping[str, tuple[_Row | None, str, str]],
    files: Mapping[str, Path],
    kept_in: Path | None,
) -> None:
    """Note what was found of some pictures, by the names that `recall` is given."""
    writes = []
    for name, (facts, kind, message) in found.items():
        stamp = stamp_of(files[name], kept_in)
        if stamp is not None:
            row = {"stamp": stamp, "facts": facts, "kind": kind, "message": message}
            writes.append(ReplaceOne({"_id": name}, row, upsert=True))
    if writes:
        db["examined"].bulk_write(writes, ordered=False)
