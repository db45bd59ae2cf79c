"""Take cases and images out of a snapshot: their records, their answers, their pictures."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterator
from typing import Any

from medpix2.extract.answers import encounter_id, image_uuid, topic_id
from medpix2.extract.snapshot.tables import PICTURES, Tables
from medpix2.extract.withdrawn import without_withdrawn

_OF_NAMES = ("encounter", "image", "picture/512", "picture/full")  # keys that end in a name


def names_in(tables: Tables, names: Collection[str]) -> set[str]:
    """Return all names of some cases and images: ids of their images, UUIDs of the sites.

    Empty if the snapshot has nothing of them.
    """
    found: set[str] = set()
    for image, uid, body in _records(tables, names):
        record = json.loads(zlib.decompress(body))
        found |= {image, *(uuid for uuid in (image_uuid(record),) if uuid)}
        if uid in names:
            found |= {uid, *(uuid for uuid in (encounter_id(record),) if uuid)}
    return found


def remove(tables: Tables, names: Collection[str]) -> int:
    """Remove all that a snapshot has of some cases and images, as one step.

    A topic goes with the last case that belongs to it; pages of listings, and the list of images
    of an encounter that stays, are written anew without what is removed.

    Parameters
    ----------
    tables
        The snapshot.
    names
        All their names, see `names_in`.

    Returns
    -------
    int
        Records and answers that were removed or written anew.
    """
    db = tables.db
    db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    with tables.writing():
        keys = [f"{kind}/{name}" for kind in _OF_NAMES for name in sorted(names)]
        keys += [f"topic/{topic}" for topic in _bereft_topics(tables, keys)]
        _unlink_pictures(tables, keys)
        removed = 0
        for table, counts in (("answers", True), ("latest", False), ("wanted", False)):
            cursor = db.execute(f"DELETE FROM {table} WHERE key IN ({_marks(keys)})", keys)
            removed += cursor.rowcount if counts else 0
        ids = sorted(names)
        marks = _marks(ids)
        sql = f"DELETE FROM records WHERE uid IN ({marks}) OR image IN ({marks})"
        removed += db.execute(sql, [*ids, *ids]).rowcount
        removed += _write_anew(tables, names)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return removed


def _records(tables: Tables, names: Collection[str]) -> Iterator[tuple[str, str, bytes]]:
    ids = sorted(names)
    marks = _marks(ids)
    sql = f"SELECT image, uid, body FROM records WHERE uid IN ({marks}) OR image IN ({marks})"
    yield from tables.db.execute(sql, [*ids, *ids]).fetchall()


def _bereft_topics(tables: Tables, keys: Collection[str]) -> set[str]:
    """Return the topics of some encounters that no other encounter has."""
    theirs: set[str] = set()
    others: set[str] = set()
    rows = tables.db.execute("SELECT key, body FROM answers WHERE kind = 'encounter'")
    gone = frozenset(keys)
    for key, body in rows:
        if (topic := topic_id(_object(body))) is not None:
            (theirs if key in gone else others).add(topic)
    return theirs - others


def _unlink_pictures(tables: Tables, keys: Collection[str]) -> None:
    """Remove the files that no other answer has; before the rows, which alone know of them."""
    db, some = tables.db, list(keys)
    sql = f"SELECT DISTINCT file FROM answers WHERE file NOT NULL AND key IN ({_marks(some)})"
    for (file,) in db.execute(sql, some).fetchall():
        shared = f"SELECT 1 FROM answers WHERE file = ? AND key NOT IN ({_marks(some)}) LIMIT 1"
        if db.execute(shared, [file, *some]).fetchone() is None:
            (tables.folder / PICTURES / file).unlink(missing_ok=True)


def _write_anew(tables: Tables, names: Collection[str]) -> int:
    """Write answers anew that list what is removed; what was received keeps its hash."""
    sql = "SELECT id, kind, body FROM answers WHERE kind IN ('page', 'encounter') AND body NOT NULL"
    changed = []
    for number, kind, packed in tables.db.execute(sql):
        body = zlib.decompress(packed)
        rest = without_withdrawn(kind, body, names)
        if rest != body:
            changed.append((zlib.compress(rest), hashlib.sha256(rest).hexdigest(), number))
    tables.db.executemany("UPDATE answers SET body = ?, stored = ? WHERE id = ?", changed)
    return len(changed)


def _object(packed: bytes | None) -> Any:
    try:
        return json.loads(zlib.decompress(packed)) if packed else None
    except ValueError:
        return None


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
