"""What a crawl has still to ask: a list on disk, so that a kill forgets nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from medpix2.extract.snapshot.answers import Kind
from medpix2.extract.snapshot.tables import Tables

# What is asked first: the listing waits until the cases that it named are complete.
_RANKS: dict[Kind, int] = {"topic": 0, "image": 0, "picture": 0, "encounter": 1, "page": 2}
_LATER = 10  # added to the rank of what failed in this sitting


@dataclass(frozen=True)
class Wanted:
    """Something to ask: its addresses are tried in order until one has it.

    Attributes
    ----------
    key, kind
        As in `Answer`.
    urls
        Addresses, the first to be tried first.
    headers
        Headers of the request, to be told of nothing new (If-None-Match).
    """

    key: str
    kind: Kind
    urls: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host, with its port if it has one, that is asked first."""
        return urlsplit(self.urls[0]).netloc

    def elsewhere(self) -> Wanted | None:
        """Return the same less its first address; None if there is no other."""
        rest = self.urls[1:]
        return Wanted(self.key, self.kind, rest) if rest else None


class Frontier:
    """What an open snapshot still wants."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def add(self, items: Iterable[Wanted]) -> None:
        """Want something, unless it is wanted already. Within `Tables.writing`."""
        self._tables.db.executemany(
            "INSERT OR IGNORE INTO wanted (key, kind, host, rank, urls, headers)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (w.key, w.kind, w.host, _RANKS[w.kind], json.dumps(w.urls), json.dumps(w.headers))
                for w in items
            ],
        )

    def remove(self, key: str) -> None:
        """Take off the list what has been answered. Within `Tables.writing`."""
        self._tables.db.execute("DELETE FROM wanted WHERE key = ?", (key,))

    def postpone(self, key: str) -> None:
        """Leave what failed to a later sitting. Within `Tables.writing`."""
        sql = "UPDATE wanted SET rank = rank + ? WHERE key = ? AND rank < ?"
        self._tables.db.execute(sql, (_LATER, key, _LATER))

    def resume(self) -> None:
        """Want what was postponed. Within `Tables.writing`."""
        sql = "UPDATE wanted SET rank = rank - ? WHERE rank >= ?"
        self._tables.db.execute(sql, (_LATER, _LATER))

    def clear(self) -> None:
        """Want nothing any more. Within `Tables.writing`."""
        self._tables.db.execute("DELETE FROM wanted")

    def of_host(self, host: str, limit: int) -> list[Wanted]:
        """Return what a host is to be asked next, in order."""
        rows = self._tables.db.execute(
            "SELECT key, kind, urls, headers FROM wanted WHERE host = ? AND rank < ?"
            " ORDER BY rank, id LIMIT ?",
            (host, _LATER, limit),
        )
        return [
            Wanted(key, kind, tuple(json.loads(urls)), json.loads(headers))
            for key, kind, urls, headers in rows
        ]

    def hosts(self) -> list[str]:
        """Return the hosts of which something is wanted."""
        return [host for (host,) in self._tables.db.execute("SELECT DISTINCT host FROM wanted")]

    def counts(self) -> dict[str, int]:
        """Return kind to the number of what is wanted."""
        rows = self._tables.db.execute("SELECT kind, count(*) FROM wanted GROUP BY kind")
        return dict(rows.fetchall())
