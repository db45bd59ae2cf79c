"""The raw answers of a snapshot: kept beside the earlier ones, never replaced."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from medpix2.errors import SourceError
from medpix2.extract.snapshot.tables import PICTURES, Tables

Kind = Literal["page", "encounter", "topic", "image", "picture"]
GOOD = 200  # the HTTP status of an answer that holds what was asked for

_COLUMNS = "key, kind, url, at, status, headers, received, stored, emails, body, file"
_LATEST = " FROM latest l JOIN answers a ON a.id = l.answer WHERE l.key = ?"


@dataclass(frozen=True)
class Answer:
    """A raw answer as it is kept.

    Attributes
    ----------
    key
        What was asked, whatever the host: "encounter/UUID", "page/c/1", "picture/512/ID", ...
    kind, url, at, status, headers
        Kind of answer, address that gave it, time (ISO 8601, UTC), HTTP status, and the headers
        that matter.
    body
        The content, less e-mail addresses; of a picture, its bytes.
    received, stored
        SHA-256 of the content as received and as stored: the first tells whether it has changed.
    emails
        How many e-mail addresses were removed.
    """

    key: str
    kind: Kind
    url: str
    at: str
    status: int
    headers: Mapping[str, str]
    received: str
    stored: str
    emails: int = 0
    body: bytes = field(default=b"", repr=False)


class Answers:
    """The answers of an open snapshot."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def keep(self, answer: Answer) -> bool:
        """Keep an answer; tell whether it is new or has changed. Within `Tables.writing`."""
        db, run = self._tables.db, self._tables.run
        row = db.execute("SELECT a.id, a.received, a.status" + _LATEST, (answer.key,)).fetchone()
        news = row is None or row[1:] != (answer.received, answer.status)
        kept = self._insert(answer) if news else row[0]
        latest = (answer.key, answer.kind, kept, run)
        db.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?)", latest)
        return news

    def confirm(self, key: str) -> None:
        """Note that the latest answer still holds in this run. Within `Tables.writing`."""
        self._tables.db.execute("UPDATE latest SET run = ? WHERE key = ?", (self._tables.run, key))

    def latest(self, key: str) -> Answer | None:
        """Return the latest answer to what was asked, or None."""
        columns = ", ".join(f"a.{name}" for name in _COLUMNS.split(", "))
        row = self._tables.db.execute(f"SELECT {columns}{_LATEST}", (key,)).fetchone()
        return self._answer(row) if row else None

    def history(self, key: str) -> list[Answer]:
        """Return all answers that were ever had to what was asked, the oldest first."""
        rows = self._tables.db.execute(
            f"SELECT {_COLUMNS} FROM answers WHERE key = ? ORDER BY id", (key,)
        )
        return [self._answer(row) for row in rows]

    def object(self, key: str) -> dict[str, Any] | None:
        """Return the latest answer as the JSON object that it is; None if it is not a good one."""
        answer = self.latest(key)
        return json.loads(answer.body) if answer and answer.status == GOOD else None

    def picture(self, key: str) -> Path | None:
        """Return the file of a picture, or None."""
        row = self._tables.db.execute("SELECT a.file" + _LATEST, (key,)).fetchone()
        return self._tables.folder / PICTURES / row[0] if row and row[0] else None

    def good(self, key: str) -> bool:
        """Tell whether the latest answer holds what was asked for."""
        row = self._tables.db.execute("SELECT a.status" + _LATEST, (key,)).fetchone()
        return row is not None and row[0] == GOOD

    def in_this_run(self, key: str) -> bool:
        """Tell whether it has been answered in this run."""
        row = self._tables.db.execute("SELECT run FROM latest WHERE key = ?", (key,)).fetchone()
        return row is not None and row[0] == self._tables.run

    def counts(self) -> dict[str, int]:
        """Return kind to the number of answers; of pages, those of this run."""
        rows = self._tables.db.execute(
            "SELECT kind, count(*) FROM latest WHERE run = ? OR kind <> 'page' GROUP BY kind",
            (self._tables.run,),
        )
        return dict(rows.fetchall())

    def emails(self) -> int:
        """Return how many e-mail addresses were removed, from all answers."""
        row = self._tables.db.execute("SELECT total(emails) FROM answers").fetchone()
        return int(row[0])

    def digest(self) -> str:
        """Return what two snapshots share if their latest answers agree, times aside."""
        total = hashlib.sha256()
        rows = self._tables.db.execute(
            "SELECT l.key, a.status, a.received, a.stored FROM latest l"
            " JOIN answers a ON a.id = l.answer ORDER BY l.key"
        )
        for row in rows:
            total.update("\t".join(map(str, row)).encode() + b"\n")
        return total.hexdigest()

    def _insert(self, answer: Answer) -> int:
        body, file = None, None
        if answer.kind == "picture" and answer.status == GOOD:
            file = self._write_picture(answer)
        else:
            body = zlib.compress(answer.body)
        cursor = self._tables.db.execute(
            f"INSERT INTO answers (run, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._tables.run, answer.key, answer.kind, answer.url, answer.at, answer.status,
                json.dumps(dict(answer.headers), sort_keys=True), answer.received, answer.stored,
                answer.emails, body, file,
            ),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def _write_picture(self, answer: Answer) -> str:
        """Write a picture under its hash; a kill leaves a complete file or none."""
        suffix = Path(answer.url.partition("?")[0]).suffix.lower()
        name = f"{answer.stored[:2]}/{answer.stored}{suffix}"
        target = self._tables.folder / PICTURES / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f"{target.name}.partial")
            partial.write_bytes(answer.body)
            partial.replace(target)
        return name

    def _answer(self, row: tuple[Any, ...]) -> Answer:
        key, kind, url, at, status, headers, received, stored, emails, body, file = row
        content = zlib.decompress(body) if file is None else self._read_picture(file)
        return Answer(
            key, kind, url, at, status, json.loads(headers), received, stored, emails, content
        )

    def _read_picture(self, file: str) -> bytes:
        path = self._tables.folder / PICTURES / file
        try:
            return path.read_bytes()
        except OSError as error:
            raise SourceError(
                f"Picture {path} of the snapshot cannot be read ({error.strerror})",
                "put it back, or make a new snapshot",
            ) from None
