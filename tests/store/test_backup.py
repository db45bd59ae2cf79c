from __future__ import annotations

import gzip
import io
import json
import tarfile

import bson
import pytest

from medpix2.errors import OutputError, SourceError, StoreError
from medpix2.pipeline.build import build
from medpix2.store.backup import BASE, backup, restore
from medpix2.store.database import open_store

DECISION = {
    "target": "MPX1_ct0", "case": "MPX1", "action": "exclude", "by": "ann", "at": "2026-01-01",
}  # fmt: skip


@pytest.fixture
def built(fresh_home, source):
    source.cases.append({"no": "id"})
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        store.db["decisions"].insert_one(dict(DECISION))
        yield store


@pytest.fixture
def saved(built, tmp_path):
    backup(built.db, tmp_path / "saved.tar.gz")
    return tmp_path / "saved.tar.gz"


def base(db):
    return {name: list(db[name].find().sort("_id")) for name in BASE}


def members(file):
    with tarfile.open(file) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def packed(file, contents):
    with tarfile.open(file, "w:gz") as tar:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def test_a_backup_has_what_cannot_be_made_anew(built, saved):
    found = members(saved)
    manifest = json.loads(found.pop("manifest.json"))
    names = {name: f"{built.db.name}/{name}.bson" for name in BASE}
    assert set(found) == set(names.values())
    for name, path in names.items():
        rows = bson.decode_all(found[path])
        assert rows == list(built.db[name].find().sort("_id"))
        assert manifest["collections"][name]["documents"] == len(rows)
    assert len(bson.decode_all(found[names["decisions"]])) == 1
    assert len(bson.decode_all(found[names["dropped"]])) == 1


def test_a_backup_is_never_overwritten(built, saved):
    before = saved.read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        backup(built.db, saved)
    assert saved.read_bytes() == before


def test_a_backup_that_cannot_be_written_is_one_error_and_leaves_nothing(built, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        backup(built.db, tmp_path / "file" / "saved.tar.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "home", "source"]


def test_what_was_backed_up_comes_back(built, saved):
    before = base(built.db)
    with pytest.raises(StoreError, match="is not empty"):
        restore(built.db, saved)
    built.images.delete_many({"U_id": "MPX1"})
    built.cases.update_one({"_id": "MPX2"}, {"$set": {"Case.Title": "changed"}})
    built.db["decisions"].drop()
    told = restore(built.db, saved, overwrite=True)
    assert base(built.db) == before
    assert told == {name: len(rows) for name, rows in before.items()}
    assert not [n for n in built.db.list_collection_names() if n.startswith("restoring_")]


def test_a_backup_goes_into_an_empty_database(built, saved, fresh_home):
    before = base(built.db)
    built.db.client.drop_database(built.db.name)
    with open_store(fresh_home) as store:
        restore(store.db, saved)
        assert base(store.db) == before


def damages(saved):
    content = saved.read_bytes()
    yield content[: len(content) // 2]
    yield content[:100]
    yield b""
    yield b"no archive at all"
    for at in range(20, len(content), len(content) // 25):
        yield content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


def test_a_damaged_backup_changes_nothing(built, saved, tmp_path):
    before = base(built.db)
    file = tmp_path / "damaged.tar.gz"
    refused = 0
    for content in damages(saved):
        file.write_bytes(content)
        state = list(built.db["state"].find())
        try:
            restore(built.db, file, overwrite=True)
        except SourceError as error:
            assert "damaged.tar.gz" in str(error)
            refused += 1
            assert list(built.db["state"].find()) == state
        # A flipped bit may fall where it means nothing (the time in a header).
        assert base(built.db) == before
        assert not [n for n in built.db.list_collection_names() if n.startswith("restoring_")]
    assert refused > 20


def changed(contents, name, change):
    manifest = json.loads(contents["manifest.json"])
    change(manifest)
    return {**contents, "manifest.json": json.dumps(manifest).encode()}


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(format="medpix2 backup 2"),
        lambda m: m.update(schema=99),
        lambda m: m["collections"]["images"].update(documents=3),
        lambda m: m["collections"]["images"].update(sha256="0" * 64),
        lambda m: m["collections"].update(system={"documents": 0, "sha256": ""}),
        lambda m: m.pop("schema"),
        lambda m: m.pop("collections"),
        lambda m: m["collections"].update(images=None),
    ],
)
def test_a_backup_whose_manifest_is_wrong_changes_nothing(built, saved, tmp_path, change):
    before = base(built.db)
    file = packed(tmp_path / "wrong.tar.gz", changed(members(saved), "m", change))
    with pytest.raises(SourceError):
        restore(built.db, file, overwrite=True)
    assert base(built.db) == before


@pytest.mark.parametrize("manifest", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"{}"])
def test_an_archive_that_is_no_backup_is_refused(built, tmp_path, manifest):
    file = packed(tmp_path / "other.tar.gz", {"manifest.json": manifest})
    with pytest.raises(SourceError, match=r"other\.tar\.gz"):
        restore(built.db, file, overwrite=True)


def test_an_archive_without_a_manifest_or_no_archive_is_refused(built, tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(b"text"))
    packed(tmp_path / "b.tar.gz", {"x": b""})
    for name in ("a.tar.gz", "b.tar.gz", "nowhere.tar.gz"):
        with pytest.raises(SourceError, match=name):
            restore(built.db, tmp_path / name, overwrite=True)
