"""The version of the database's shape: newer programs migrate after a backup, older ones refuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pymongo.database import Database

from medpix2 import __version__
from medpix2.errors import SchemaTooNew
from medpix2.store.backup import backup
from medpix2.store.shape import SCHEMA, ensure_shape
from medpix2.store.words import make_words
from medpix2.store.writing import pending_of, writing

_Database = Database[dict[str, Any]]
Migrations = Mapping[int, Callable[[_Database], None]]


def _words(db: _Database) -> None:
    """Make the postings of the texts, unless a build has yet to fold everything anyway."""
    if not pending_of(db):
        make_words(db)


def _rules_seen(db: _Database) -> None:
    """Note on decisions which rules were seen: then, a decision settled all that was found."""
    for row in db["decisions"].find({"rules": {"$exists": False}}, {"target": 1}):
        seen = sorted(db["findings"].distinct("rule", {"target": row["target"]}))
        db["decisions"].update_one({"_id": row["_id"]}, {"$set": {"rules": seen}})


# Schema version -> what brings a database of the version before it there. Must bear being repeated.
MIGRATIONS: Migrations = {2: _words, 3: _rules_seen}


def ensure_schema(
    db: _Database,
    home: Path,
    *,
    wanted: int = SCHEMA,
    migrations: Migrations = MIGRATIONS,
    claimed: bool = False,
    create: bool = True,
) -> Path | None:
    """Bring a database to the wanted schema version.

    A migration claims the database for writing, unless the caller has done so (`claimed`).
    Without `create`, a database that was never made stays so.

    Returns
    -------
    Path or None
        The backup that was made before a migration, if one was needed.

    Raises
    ------
    SchemaTooNew
        A newer medpix2 made the database.
    StoreBusy
        It has to be migrated and somebody is writing to it.
    """
    row = db["state"].find_one({"_id": "schema"})
    if row is None and not create:
        return None
    if row is None:
        ensure_shape(db)
        _stamp(db, wanted)
        return None
    found = int(row["version"])
    if found < wanted:
        with nullcontext() if claimed else writing(db):
            return _migrate(db, home, wanted, migrations)
    if found > wanted:
        raise SchemaTooNew(
            f"Database {db.name!r} has schema {found}, made by medpix2 {row['medpix2']}; "
            f"this is {__version__} with schema {wanted}",
            "use that version of medpix2 or a newer one",
        )
    return None


def _migrate(db: _Database, home: Path, wanted: int, migrations: Migrations) -> Path | None:
    row = db["state"].find_one({"_id": "schema"}) or {}
    found = int(row.get("version", wanted))
    if found == wanted:  # another command has done it while this one came to write
        return None
    saved = home / "backups" / f"{db.name}-schema{found}-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz"
    backup(db, saved)
    for version in range(found + 1, wanted + 1):
        migrations[version](db)
        _stamp(db, version)
    ensure_shape(db)
    return saved


def _stamp(db: _Database, version: int) -> None:
    stamp = {"version": version, "medpix2": __version__}
    db["state"].update_one({"_id": "schema"}, {"$set": stamp}, upsert=True)
