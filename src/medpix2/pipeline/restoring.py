"""Back up, restore, and make what a backup leaves out."""

from __future__ import annotations

from pathlib import Path

from medpix2.curate.fold import VERSION
from medpix2.pipeline.folding import refold
from medpix2.pipeline.progress import Progress
from medpix2.settings import Settings
from medpix2.store.backup import backup as backup_documents
from medpix2.store.backup import restore as restore_documents
from medpix2.store.database import open_store
from medpix2.store.migrate import ensure_schema
from medpix2.store.withdrawing import remove_documents, tombstones
from medpix2.store.writing import building, pending_of, unfinished, writing


def backup(settings: Settings, file: Path) -> dict[str, int]:
    """Write a backup while nobody else writes to the database.

    Returns
    -------
    dict
        Collection to number of documents.

    Raises
    ------
    OutputError
        The file cannot be written, or is there already.
    StoreBusy
        Somebody is writing to the database.
    StoreError
        A build or restore was killed: what stands there is no state that anybody wants back.
    """
    with open_store(settings, create=False) as store, writing(store.db):
        if pending := pending_of(store.db):
            raise unfinished(store.db, pending)
        return backup_documents(store.db, file)


def restore(
    settings: Settings, file: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> dict[str, int]:
    """Put the documents of a backup into the database and fold them.

    Returns
    -------
    dict
        Collection to number of documents.

    Raises
    ------
    SourceError
        The file is no backup, or damaged; the database is as it was.
    StoreError
        The database holds documents and `overwrite` was not given.
    """
    with open_store(settings) as store, writing(store.db):
        written = restore_documents(store.db, file, overwrite=overwrite)
        with building(store.db, VERSION, restored=True):
            ensure_schema(store.db, settings.home, claimed=True)
            for stone in tombstones(store.db).values():
                remove_documents(store.db, stone)
            refold(store, progress=progress)
    return written
