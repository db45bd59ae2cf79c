"""Back up and restore what cannot be made anew: source documents, findings and decisions.

A backup is a .tar.gz of one BSON file a collection, as `mongorestore` and `bsondump` read them too,
with a manifest of counts and hashes. `current`, `facets` and `words` are left out: the fold makes
them.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo.database import Database

from medpix2 import __version__
from medpix2.errors import OutputError, SourceError, StoreError
from medpix2.store.judged import forget_judged
from medpix2.store.shape import SCHEMA
from medpix2.store.writing import pending_of
from medpix2.whole_files import whole_file

BASE = ("cases", "images", "findings", "decisions", "dropped", "releases", "withdrawn")
# No restore takes these away: a release stays frozen, and what was withdrawn does not come back.
KEPT = ("releases", "withdrawn")
_MANIFEST = "manifest.json"
_FORMAT = "medpix2 backup 1"
_BATCH = 1000
_DAMAGE = (tarfile.TarError, EOFError, OSError, zlib.error, bson.errors.InvalidBSON)


def backup(db: Database[dict[str, Any]], file: Path) -> dict[str, int]:
    """Write a backup; the file appears only when it is whole.

    Returns
    -------
    dict
        Collection to number of documents.

    Raises
    ------
    OutputError
        The file cannot be written, or is there already.
    """
    if file.exists():
        raise OutputError(f"{file} is there already", "choose another name")
    try:
        with (
            whole_file(file) as partial,
            tarfile.open(partial, "w:gz", compresslevel=3) as tar,
        ):
            manifest = _write(db, tar)
    except OSError as error:
        raise OutputError(
            f"Backup {file} cannot be written", f"choose another place ({error.strerror})"
        ) from None
    return {name: entry["documents"] for name, entry in manifest["collections"].items()}


def restore(db: Database[dict[str, Any]], file: Path, *, overwrite: bool = False) -> dict[str, int]:
    """Put the documents of a backup in place of those that are there.

    The whole file is checked and loaded beside the collections before these are exchanged. The
    caller migrates, if the backup is of an older schema, and folds everything anew. A database in
    which a restore was killed needs no `overwrite`: what it held is gone.

    Raises
    ------
    SourceError
        The file is no backup, damaged, or of a newer medpix2.
    StoreError
        The database holds documents and `overwrite` was not given.
    """
    full = [name for name in BASE if name not in KEPT and db[name].find_one({}, {"_id": 1})]
    if full and not overwrite and "restoring" not in pending_of(db):
        raise StoreError(
            f"Database {db.name!r} is not empty ({', '.join(full)})",
            "give --overwrite to replace what is there",
        )
    try:
        with tarfile.open(file) as tar:
            return _read(db, tar, file)
    except _DAMAGE as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise SourceError(
            f"Backup {file} cannot be read", f"nothing was changed; get the file again ({reason})"
        ) from None


def _write(db: Database[dict[str, Any]], tar: tarfile.TarFile) -> dict[str, Any]:
    raw = db.with_options(codec_options=bson.CodecOptions(document_class=RawBSONDocument))
    manifest: dict[str, Any] = {"format": _FORMAT, "medpix2": __version__, "schema": SCHEMA}
    entries: dict[str, Any] = {}
    for name in BASE:
        with tempfile.TemporaryFile() as spool:
            digest, count = hashlib.sha256(), 0
            for document in raw[name].find().sort("_id"):
                spool.write(document.raw)
                digest.update(document.raw)
                count += 1
            entries[name] = {"documents": count, "sha256": digest.hexdigest()}
            _add(tar, f"{db.name}/{name}.bson", spool.tell(), spool)
    manifest["collections"] = entries
    content = json.dumps(manifest, indent=1).encode()
    _add(tar, _MANIFEST, len(content), io.BytesIO(content))
    return manifest


def _add(tar: tarfile.TarFile, name: str, size: int, file: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size = size
    file.seek(0)
    tar.addfile(info, file)


def _read(db: Database[dict[str, Any]], tar: tarfile.TarFile, file: Path) -> dict[str, int]:
    members = {Path(member.name).name: member for member in tar if member.isreg()}
    manifest = _manifest(tar, members, file)
    _verify(tar, members, manifest, file)
    try:
        for name in manifest["collections"]:
            db.drop_collection(f"restoring_{name}")
            for batch in _batches(tar.extractfile(members[f"{name}.bson"])):
                db[f"restoring_{name}"].insert_many(batch)
        # From here on the database is half of this and half of that until all is folded.
        pending = {"first": True, "folding": True, "restoring": str(file.absolute())}
        db["state"].update_one({"_id": "build"}, {"$set": {"pending": pending}}, upsert=True)
        for name in manifest["collections"]:
            _exchange(db, name)
        forget_judged(db)  # it was of the findings that were there before
        stamp = {"version": manifest["schema"], "medpix2": manifest["medpix2"]}
        db["state"].update_one({"_id": "schema"}, {"$set": stamp}, upsert=True)
    finally:
        for name in BASE:
            db.drop_collection(f"restoring_{name}")
    return {name: entry["documents"] for name, entry in manifest["collections"].items()}


def _verify(
    tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], manifest: dict[str, Any], file: Path
) -> None:
    """Compare every document with what the manifest says."""
    for name, entry in manifest["collections"].items():
        member = members.get(f"{name}.bson")
        if name not in BASE or member is None:
            raise SourceError(f"Backup {file} lacks {name}", "get the file again")
        digest, count = hashlib.sha256(), 0
        for batch in _batches(tar.extractfile(member)):
            for document in batch:
                digest.update(document.raw)
            count += len(batch)
        if (digest.hexdigest(), count) != (entry["sha256"], entry["documents"]):
            raise SourceError(
                f"Backup {file} is damaged in {name}", "nothing was changed; get the file again"
            )


def _exchange(db: Database[dict[str, Any]], name: str) -> None:
    """Replace a collection's documents; its validator and indexes are ensured by the caller.

    Of what is `KEPT`, only what is not there is added.
    """
    if name in KEPT:
        for row in db[f"restoring_{name}"].find():
            db[name].update_one({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True)
        return
    if f"restoring_{name}" in db.list_collection_names():
        db[f"restoring_{name}"].rename(name, dropTarget=True)
    else:
        db[name].delete_many({})


def _manifest(
    tar: tarfile.TarFile, members: dict[str, tarfile.TarInfo], file: Path
) -> dict[str, Any]:
    member = members.get(_MANIFEST)
    opened = tar.extractfile(member) if member else None
    try:
        manifest: dict[str, Any] = json.load(opened) if opened else {}
        if manifest["format"] != _FORMAT or manifest["schema"] > SCHEMA:
            raise SourceError(
                f"Backup {file} was made by medpix2 {manifest['medpix2']}",
                "restore it with that version or a newer one",
            )
        for entry in manifest["collections"].values():
            entry["sha256"], entry["documents"]
    except (ValueError, LookupError, TypeError, AttributeError):
        raise SourceError(
            f"{file} is no backup of medpix2", "name one that `db backup` made"
        ) from None
    return manifest


def _batches(file: IO[bytes] | None) -> Iterator[list[RawBSONDocument]]:
    batch: list[RawBSONDocument] = []
    while file and (head := file.read(4)):
        content = head + file.read(int.from_bytes(head, "little") - 4)
        batch.append(RawBSONDocument(content))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
