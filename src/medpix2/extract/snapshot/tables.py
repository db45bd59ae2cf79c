"""The tables of a snapshot, and the transactions on them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from medpix2.errors import OutputError, SourceError

ANSWERS, PICTURES = "answers.sqlite", "pictures"
FORMAT = 1  # raise it when the tables change

_SHAPE = """
CREATE TABLE answers (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,
    run INTEGER NOT NULL, at TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
    received TEXT NOT NULL, stored TEXT NOT NULL, emails INTEGER NOT NULL, body BLOB, file TEXT);
CREATE INDEX answers_of_key ON answers (key, id);
CREATE TABLE latest (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, answer INTEGER NOT NULL, run INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE records (
    image TEXT PRIMARY KEY, uid TEXT NOT NULL, place INTEGER NOT NULL, run INTEGER NOT NULL,
    digest TEXT NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_of_case ON records (uid, place);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, began TEXT NOT NULL, ended TEXT, options TEXT NOT NULL);
CREATE TABLE wanted (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, host TEXT NOT NULL,
    rank INTEGER NOT NULL, urls TEXT NOT NULL, headers TEXT NOT NULL);
CREATE INDEX wanted_next ON wanted (host, rank, id);
"""


@dataclass
class Tables:
    """The open tables of one snapshot, and which run of the crawl writes them.

    Attributes
    ----------
    folder
        The snapshot's folder.
    db
        Its database, held by this process alone.
    run
        Number of the latest run; 0 before the first.
    """

    folder: Path
    db: sqlite3.Connection
    run: int = 0

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Make one transaction of a block.

        Raises
        ------
        OutputError
            The disk is full, or the folder cannot be written.
        SourceError
            It is damaged.
        """
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):  # there may be none to roll back
                self.db.execute("ROLLBACK")
            if type(error) is sqlite3.DatabaseError:
                raise damaged(self.folder / ANSWERS, error) from None
            if not isinstance(error, sqlite3.OperationalError | OSError):
                raise
            raise OutputError(
                f"Snapshot {self.folder} cannot be written ({error})",
                "make room, then run the same command again: it goes on where it stopped",
            ) from None


def open_tables(folder: Path, *, create: bool) -> Tables:
    """Open the tables of a snapshot; nobody else can open them meanwhile.

    Raises
    ------
    SourceError
        They are not there, of another format, damaged, or in use.
    OutputError
        They cannot be made.
    """
    if create:
        _make_folder(folder)
    elif not (folder / ANSWERS).is_file():
        raise SourceError(f"{folder} is no snapshot", "make one with `medpix2 extract openi`")
    db = _connected(folder, "rwc" if create else "rw")
    for left in (folder / PICTURES).glob("*/*.partial"):  # by a kill; nobody else is at work
        left.unlink(missing_ok=True)
    found = db.execute("PRAGMA user_version").fetchone()[0]
    if found != FORMAT:
        db.close()
        raise SourceError(
            f"Snapshot {folder} is of format {found}, this program reads {FORMAT}",
            "use the version of medpix2 that made it, or make a new snapshot",
        )
    row = db.execute("SELECT max(id) FROM runs").fetchone()
    return Tables(folder, db, row[0] or 0)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = [path.name for path in folder.iterdir()]
        strange = [name for name in names if not name.startswith((ANSWERS, PICTURES))]
        if strange:
            raise OutputError(
                f"Folder {folder} holds something else ({min(strange)})", "choose an empty one"
            )
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"Snapshot {folder} cannot be made ({error.strerror})", "choose another folder"
        ) from None


def _connected(folder: Path, mode: str) -> sqlite3.Connection:
    file = folder / ANSWERS
    address = f"{file.absolute().as_uri()}?mode={mode}"
    try:
        db = sqlite3.connect(address, uri=True, isolation_level=None, timeout=0.2)
        # The file's lock tells a second command that the first is at work, and ends with it.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN EXCLUSIVE")
        if db.execute("PRAGMA user_version").fetchone()[0] == 0:
            for statement in _SHAPE.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {FORMAT}")
        db.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise SourceError(
                f"Snapshot {folder} is in use by another command", "wait until that has ended"
            ) from None
        raise OutputError(
            f"Snapshot {folder} cannot be opened ({error})", "check the disk and the rights"
        ) from None
    except sqlite3.DatabaseError as error:
        raise damaged(file, error) from None
    return db


def damaged(file: Path, error: Exception) -> SourceError:
    """Return the error of a file whose content cannot be what was written."""
    return SourceError(f"{file} is damaged ({error})", "make a new snapshot")
