"""The records of Open-i's listings in a snapshot: which pictures there are, and of which cases."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from medpix2.extract.snapshot.tables import Tables


@dataclass(frozen=True)
class Record:
    """One record of a listing, which is one picture.

    Attributes
    ----------
    image, uid
        Ids of the picture and of its case.
    place
        Where it stands among all listings.
    body
        The record, less e-mail addresses.
    """

    image: str
    uid: str
    place: int
    body: Mapping[str, Any] = field(repr=False)


class Listing:
    """The records of an open snapshot; the latest of each picture counts."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def note(self, record: Record) -> bool:
        """Note a record; tell whether it is new or has changed. Within `Tables.writing`."""
        db = self._tables.db
        text = json.dumps(record.body, sort_keys=True, ensure_ascii=False)
        # Half of a surrogate pair, which JSON may have, must not end the crawl.
        body = text.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(body).hexdigest()
        row = db.execute("SELECT digest FROM records WHERE image = ?", (record.image,)).fetchone()
        noted = (
            record.image, record.uid, record.place, self._tables.run, digest, zlib.compress(body)
        )  # fmt: skip
        db.execute("INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?)", noted)
        return row is None or row[0] != digest

    def lists(self, uid: str) -> bool:
        """Tell whether this run has listed a record of a case."""
        sql = "SELECT 1 FROM records WHERE uid = ? AND run = ? LIMIT 1"
        return self._tables.db.execute(sql, (uid, self._tables.run)).fetchone() is not None

    def cases(self) -> int:
        """Return how many cases this run has listed."""
        sql = "SELECT count(DISTINCT uid) FROM records WHERE run = ?"
        return int(self._tables.db.execute(sql, (self._tables.run,)).fetchone()[0])

    def case_ids(self, since: int = 0) -> list[str]:
        """Return the cases that a run, or a later one, has listed, in the listings' order."""
        rows = self._tables.db.execute(
            "SELECT uid FROM records WHERE run >= ? GROUP BY uid ORDER BY min(place), uid", (since,)
        )
        return [uid for (uid,) in rows]

    def records(self, uid: str, since: int = 0) -> list[Record]:
        """Return the records of a case that a run, or a later one, has listed, in their order."""
        rows = self._tables.db.execute(
            "SELECT image, uid, place, body FROM records WHERE uid = ? AND run >= ?"
            " ORDER BY place, image",
            (uid, since),
        )
        return [
            Record(image, case, place, json.loads(zlib.decompress(body)))
            for image, case, place, body in rows
        ]

    def images(self, since: int = 0) -> Iterator[str]:
        """Yield the ids of the pictures that a run, or a later one, has listed."""
        rows = self._tables.db.execute(
            "SELECT image FROM records WHERE run >= ? ORDER BY place, image", (since,)
        )
        for (image,) in rows:
            yield image
