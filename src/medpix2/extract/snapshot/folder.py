"""Open a snapshot's folder, and keep account of its runs."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medpix2.extract.snapshot.answers import Answers
from medpix2.extract.snapshot.frontier import Frontier
from medpix2.extract.snapshot.listing import Listing
from medpix2.extract.snapshot.removal import names_in, remove
from medpix2.extract.snapshot.tables import ANSWERS, Tables, damaged, open_tables


@dataclass(frozen=True)
class Run:
    """One crawl from the first page to the last answer, in as many sittings as it takes.

    `ended` is None while something is left to be asked.
    """

    number: int
    began: str
    ended: str | None
    options: Mapping[str, Any]


class Snapshot:
    """An open snapshot.

    Attributes
    ----------
    folder
        Where it lies.
    answers, listing, frontier
        What has been answered, what the listings name, and what is still wanted.
    """

    def __init__(self, tables: Tables) -> None:
        self.folder = tables.folder
        self.answers, self.listing = Answers(tables), Listing(tables)
        self.frontier = Frontier(tables)
        self._tables = tables

    def writing(self) -> AbstractContextManager[None]:
        """Make one transaction of a block; see `Tables.writing`."""
        return self._tables.writing()

    def names_in(self, names: Collection[str]) -> set[str]:
        """Return all names that some cases and images have here; see `removal.names_in`."""
        return names_in(self._tables, names)

    def remove(self, names: Collection[str]) -> int:
        """Remove all that there is of some cases and images; see `removal.remove`."""
        return remove(self._tables, names)

    def runs(self) -> list[Run]:
        """Return all runs, the oldest first."""
        rows = self._tables.db.execute("SELECT id, began, ended, options FROM runs ORDER BY id")
        return [
            Run(number, began, ended, json.loads(options)) for number, began, ended, options in rows
        ]

    def begin(self, options: Mapping[str, Any], at: str) -> bool:
        """Go on with a run that has not ended, if its options are these; else begin another.

        Returns True for a new run.
        """
        last = next(reversed(self.runs()), None)
        if last and last.ended is None and last.options == dict(options):
            return False
        with self.writing():
            self.frontier.clear()
            said = json.dumps(dict(options), sort_keys=True)
            sql = "INSERT INTO runs (began, options) VALUES (?, ?)"
            self._tables.run = self._tables.db.execute(sql, (at, said)).lastrowid or 0
        return True

    def end(self, at: str) -> None:
        """Note that nothing of the run is left to be asked."""
        with self.writing():
            ended = (at, self._tables.run)
            self._tables.db.execute("UPDATE runs SET ended = ? WHERE id = ?", ended)


def is_snapshot(folder: Path) -> bool:
    """Tell whether a folder is a snapshot."""
    return (folder / ANSWERS).is_file()


@contextmanager
def open_snapshot(folder: Path, *, create: bool = False) -> Iterator[Snapshot]:
    """Open a snapshot for a block; nobody else can open it meanwhile.

    Raises
    ------
    SourceError
        It is not there, of another format, damaged, or in use.
    OutputError
        It cannot be made.
    """
    tables = open_tables(folder, create=create)
    try:
        yield Snapshot(tables)
    except (sqlite3.DatabaseError, zlib.error) as error:
        raise damaged(folder / ANSWERS, error) from None
    finally:
        tables.db.close()
