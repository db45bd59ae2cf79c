"""`withdraw`: take a case or image out of everything that this home has, for good."""

from __future__ import annotations

import dataclasses
import difflib
import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from medpix2.curate import fold
from medpix2.errors import NotFound, OutputError, QueryError
from medpix2.extract.snapshot.folder import Snapshot, is_snapshot, open_snapshot
from medpix2.pipeline.folding import refold
from medpix2.pipeline.releasing import note_withdrawn, releases_with
from medpix2.pipeline.unknown_ids import not_found
from medpix2.settings import Settings
from medpix2.store.database import Store, open_store
from medpix2.store.releases import noted_releases
from medpix2.store.withdrawing import (
    Target,
    Tombstone,
    content_hash,
    documents_of_target,
    found_target,
    holds,
    keep_tombstone,
    lift_tombstone,
    remove_documents,
    shared_pictures,
    tombstones,
)
from medpix2.store.writing import building, pending_of, unfinished, writing


@dataclass
class Withdrawal:
    """What a withdrawal did.

    Attributes
    ----------
    tombstone
        What is left of it.
    removed
        Place to the number of things that were removed there.
    releases
        Releases of this home that it is in; they keep its texts.
    elsewhere
        Releases of other homes of the same database, which cannot be looked into from here.
    shared
        Pictures that stay, for another case or image has the same.
    linked
        Files of pictures that are not the home's own: they stay where they lie.
    backups
        Backups in the home that were made before.
    again
        Whether it had been withdrawn before.
    """

    tombstone: Tombstone
    removed: dict[str, int] = field(default_factory=dict)
    releases: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    shared: int = 0
    linked: list[str] = field(default_factory=list)
    backups: list[str] = field(default_factory=list)
    again: bool = False


@dataclass(frozen=True)
class _Work:
    """What the places are given: the database, claimed for writing, what goes, what to tell."""

    store: Store
    stone: Tombstone
    told: Withdrawal


def withdraw(settings: Settings, name: str, *, reason: str = "", by: str = "") -> Withdrawal:
    """Take a case with its images, or one image, out of all places, and leave a tombstone.

    One that was killed is finished by running it again, which needs no reason.

    Parameters
    ----------
    settings
        Home and server.
    name
        Id of the case or image.
    reason
        Why; kept in the tombstone.
    by
        Who decided so; by default whoever runs it.

    Raises
    ------
    NotFound
        Neither the database nor a snapshot of the home has it; near ids are named.
    QueryError
        No reason is given.
    SourceError
        A snapshot is in use by another command.
    StoreError
        The database cannot be used, or a build did not end.
    """
    with open_store(settings) as store, writing(store.db):
        pending = pending_of(store.db)
        if pending and "withdrawing" not in pending:
            raise unfinished(store.db, pending)
        known = tombstones(store.db)
        before = known.get(name) or known.get(name.upper())
        with ExitStack() as stack:
            if before is None or not before.pending:
                made = _found(store, name, before, reason, by, stack)
                if made is None:
                    if before is None:
                        raise not_found(store, name, " or a snapshot")
                    return Withdrawal(before, again=True)
                before = made
        keep_tombstone(store.db, before)
        told = Withdrawal(before)
        for place, remove in PLACES.items():
            told.removed[place] = remove(_Work(store, before, told))
        done = dataclasses.replace(before, pending=False, pictures=(), snapshots=())
        keep_tombstone(store.db, done)
        told.tombstone = done
        told.backups = sorted(map(str, (settings.home / "backups").glob("*.tar.gz")))
        here = {path.name for path in (settings.home / "releases").glob("[!.]*")}
        told.elsewhere = sorted(noted_releases(store.db).keys() - here)
    return told


def withdrawn(settings: Settings) -> list[Tombstone]:
    """Return all tombstones, in the order of their ids."""
    with open_store(settings, create=False) as store:
        return list(tombstones(store.db).values())


def restore_withdrawn(settings: Settings, name: str) -> Tombstone:
    """Remove a tombstone: the next build of a source that has it brings it back.

    Raises
    ------
    NotFound
        Nothing of this id was withdrawn, or only together with its case.
    StoreError
        The withdrawal has not ended.
    """
    with open_store(settings) as store, writing(store.db):
        known = tombstones(store.db)
        stone = known.get(name) or known.get(name.upper())
        if stone is None:
            raise _not_withdrawn(known.covering(name), name, list(known))
        if stone.pending:
            raise QueryError(
                f"The withdrawal of {stone.id} has not ended",
                f"run `medpix2 withdraw {stone.id}` to its end first",
            )
        for release in releases_with(settings, [stone.id]):
            note_withdrawn(release, release.withdrawn - {stone.id})
        lift_tombstone(store.db, stone.id)
    return stone


def _found(
    store: Store, name: str, before: Tombstone | None, reason: str, by: str, stack: ExitStack
) -> Tombstone | None:
    """Return the tombstone of what the database or a snapshot has; None if neither has it."""
    name = before.id if before else name
    target = found_target(store.db, name)
    documents = documents_of_target(store.db, *target[:2]) if target else []
    names = {target[0] if target else name, *(document["_id"] for document in documents)}
    names |= before.names if before else set()
    origins = {document["source"].get("origin") for document in documents}
    snapshots: list[str] = []
    for folder in _snapshot_folders(store.settings, origins):
        snapshot = stack.enter_context(open_snapshot(folder))
        if found := snapshot.names_in(names):
            snapshots.append(str(folder))
            names |= found
            target = target or _target_in(snapshot, name)
    if target is None:
        return None
    if not reason and before is None:
        raise QueryError(f"No reason is given why {target[0]} is withdrawn", "add --reason TEXT")
    for document in documents:
        said = document["source"]
        names |= {said[key] for key in ("encounter_uuid", "image_uuid") if said.get(key)}
    files = [document["file"] for document in documents if document.get("file")]
    return Tombstone(
        id=target[0], kind=target[1], case=target[2],
        reason=reason or (before.reason if before else ""),
        by=by or (before.by if before and not reason else getpass.getuser()),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=content_hash(documents) if documents else (before.sha256 if before else None),
        also=tuple(sorted(names - {target[0]})),
        pictures=tuple((file["sha256"], file["path"]) for file in files),
        snapshots=tuple(snapshots),
    )  # fmt: skip


def _target_in(snapshot: Snapshot, name: str) -> Target | None:
    """Return (id, kind, id of its case) of what only a snapshot has."""
    ids = snapshot.listing.case_ids()
    if name in ids:
        return name, "case", name
    for case in ids:
        if any(record.image == name for record in snapshot.listing.records(case)):
            return name, "image", case
    return None


def _snapshot_folders(settings: Settings, origins: set[str | None]) -> Iterator[Path]:
    """Yield the snapshots of the home, and those that documents were built from."""
    folders = {path.absolute() for path in (settings.home / "snapshots").glob("*")}
    folders |= {Path(origin).absolute() for origin in origins if origin}
    yield from sorted(folder for folder in folders if is_snapshot(folder))


def _from_snapshots(work: _Work) -> int:
    removed = 0
    for folder in work.stone.snapshots:
        if is_snapshot(Path(folder)):
            with open_snapshot(Path(folder)) as snapshot:
                removed += snapshot.remove(work.stone.names)
    return removed


def _from_database(work: _Work) -> int:
    db, stone = work.store.db, work.stone
    if not holds(db, stone) and not pending_of(db):
        return 0
    with building(db, fold.VERSION, withdrawing=stone.id) as everything:
        removed = remove_documents(db, stone)
        refold(work.store, None if everything else [stone.case])
    return removed


def _from_pictures(work: _Work) -> int:
    shared = shared_pictures(work.store.db, work.stone)
    folder, removed = work.store.settings.home / "pictures", 0
    for sha256, path in sorted(set(work.stone.pictures)):
        if Path(path).is_absolute():
            work.told.linked.append(path)
        elif sha256 in shared:
            work.told.shared += 1
        else:
            removed += _unlink(folder / path)
    return removed


def _from_thumbnails(work: _Work) -> int:
    shared = shared_pictures(work.store.db, work.stone)
    folder = work.store.settings.home / "thumbnails"
    gone = {sha256 for sha256, _ in work.stone.pictures} - shared
    # By the longer side and the hash; the whole tree is not walked, for it may be large.
    files = (file for sha256 in gone for file in folder.glob(f"*/{sha256[:2]}/{sha256}*"))
    return sum(_unlink(file) for file in files)


def _from_releases(work: _Work) -> int:
    """Note it beside the releases that it is in: frozen as they are, exports leave it out."""
    releases = releases_with(work.store.settings, [work.stone.id])
    for release in releases:
        note_withdrawn(release, release.withdrawn | {work.stone.id})
    work.told.releases = [release.name for release in releases]
    return len(releases)


# Everything that may hold a case or image: what is removed there is counted. Each must bear being
# repeated. A new place (the vectors of a gallery, say) is one more line.
PLACES: dict[str, Callable[[_Work], int]] = {
    "snapshots": _from_snapshots,
    "database": _from_database,
    "pictures": _from_pictures,
    "thumbnails": _from_thumbnails,
    "releases": _from_releases,
}


def _unlink(file: Path) -> int:
    try:
        file.unlink()
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise OutputError(
            f"{file} cannot be removed ({error.strerror})", "mend that and run the same again"
        ) from None
    return 1


def _not_withdrawn(covering: str | None, name: str, known: Sequence[str]) -> NotFound:
    if covering:
        return NotFound(
            f"{name} was withdrawn with {covering}", f"restore that: `medpix2 withdraw {covering}`"
            " with --restore",
        )  # fmt: skip
    near = difflib.get_close_matches(name.upper(), known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return NotFound(f"{name!r} was not withdrawn", f"{hint}`medpix2 withdraw --list` names all")
