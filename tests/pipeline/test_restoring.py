from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from medpix2.curate.fold import VERSION
from medpix2.errors import SourceError, StoreBusy, StoreError
from medpix2.pipeline import restoring
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.pipeline.folding import refold
from medpix2.pipeline.restoring import restore
from medpix2.store.backup import backup
from medpix2.store.database import open_store
from medpix2.store.shape import VALIDATORS
from medpix2.store.writing import building, writing


@pytest.fixture
def saved(fresh_home, source, tmp_path):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        store.db["decisions"].insert_one(
            {"target": "MPX1_ct0", "case": "MPX1", "action": "exclude", "by": "ann", "at": "now"}
        )
        refold(store, ["MPX1"])
        backup(store.db, tmp_path / "saved.tar.gz")
    return tmp_path / "saved.tar.gz"


def test_a_restored_database_is_as_it_was(fresh_home, source, saved, contents_of, facets_agree):
    with open_store(fresh_home) as store:
        before = contents_of(store)
        source.drop("MPX1")
        source.case("MPX9", ct=3)
        build(fresh_home, source.write())
        store.db["decisions"].delete_many({})
        told = restore(fresh_home, saved, overwrite=True)
        assert told == {
            "cases": 5, "images": 9, "findings": 0, "decisions": 1, "dropped": 0, "releases": 0,
            "withdrawn": 0,
        }  # fmt: skip
        assert contents_of(store) == before
        facets_agree(store)
        info = {row["name"]: row["options"] for row in store.db.list_collections()}
        assert {name: info[name]["validator"] for name in VALIDATORS} == VALIDATORS
        assert "image_1" in store.images.index_information()
        assert "texts" in store.current.index_information()


def test_a_backup_makes_an_empty_database_whole(fresh_home, saved, contents_of, facets_agree):
    with open_store(fresh_home) as store:
        before = contents_of(store)
        store.db.client.drop_database(store.db.name)
    restore(fresh_home, saved)
    with open_store(fresh_home) as store:
        assert contents_of(store) == before
        facets_agree(store)
        assert find(store, "cough").cases == 5


def test_a_build_goes_on_from_a_restored_database(fresh_home, source, saved):
    restore(fresh_home, saved, overwrite=True)
    assert build(fresh_home, source.write()).unchanged


def test_what_is_there_is_not_replaced_unless_asked(fresh_home, saved, contents_of):
    with open_store(fresh_home) as store:
        before = contents_of(store)
        with pytest.raises(StoreError, match=r"is not empty .*--overwrite"):
            restore(fresh_home, saved)
        assert contents_of(store) == before
        assert find(store).cases == 5


def test_a_damaged_backup_leaves_the_database_in_use(fresh_home, saved, contents_of):
    saved.write_bytes(saved.read_bytes()[:-100])
    with open_store(fresh_home) as store:
        before = contents_of(store)
        with pytest.raises(SourceError, match="nothing was changed"):
            restore(fresh_home, saved, overwrite=True)
        assert contents_of(store) == before
        assert find(store).cases == 5


def test_nothing_is_restored_while_somebody_writes(fresh_home, saved):
    with open_store(fresh_home) as store, writing(store.db), pytest.raises(StoreBusy):
        restore(fresh_home, saved, overwrite=True)


def test_no_backup_is_made_while_somebody_writes(fresh_home, saved, tmp_path):
    file = tmp_path / "half.tar.gz"
    with open_store(fresh_home) as store, writing(store.db), pytest.raises(StoreBusy):
        restoring.backup(fresh_home, file)
    assert not file.exists()
    assert restoring.backup(fresh_home, file)["cases"] == 5


def test_a_restore_that_did_not_end_is_no_database_to_read(fresh_home, saved, monkeypatch):
    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("medpix2.store.backup._exchange", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(fresh_home, saved, overwrite=True)
    monkeypatch.undo()
    with open_store(fresh_home) as store:
        with pytest.raises(StoreError, match="did not finish"):
            find(store)
        restore(fresh_home, saved, overwrite=True)
        assert find(store).cases == 5


KILLED_BETWEEN_COLLECTIONS = """
import os, signal
from medpix2.cli.program import main
from medpix2.store import backup
exchange, exchanged = backup._exchange, []
def once(db, name):
    if exchanged:
        os.kill(os.getpid(), signal.SIGKILL)
    exchange(db, name)
    exchanged.append(name)
backup._exchange = once
main()
"""


def test_a_restore_killed_between_two_collections_is_told_and_goes_on(
    fresh_home, source, saved, contents_of, facets_agree, medpix2
):
    with open_store(fresh_home) as store:
        before = contents_of(store)
    source.drop("MPX1")
    source.case("MPX9", ct=3)
    build(fresh_home, source.write())
    environment = {
        "MEDPIX2_HOME": fresh_home.home, "MEDPIX2_DATABASE": fresh_home.database,
        "MEDPIX2_MONGO_URL": fresh_home.mongo_url,
    }  # fmt: skip
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_BETWEEN_COLLECTIONS, "db", "restore", saved, "--overwrite"],
        env={**os.environ, **environment},
    )
    assert killed.returncode == -signal.SIGKILL
    again = f"a restore that did not finish: run `medpix2 db restore {saved}` again"
    assert again in medpix2.failing("find")
    assert again in medpix2.failing("build", source.write())
    assert again in medpix2.failing("db", "backup", str(saved.with_name("other.tar.gz")))
    assert not saved.with_name("other.tar.gz").exists()
    medpix2("db", "restore", str(saved))
    with open_store(fresh_home) as store:
        assert contents_of(store) == before
        facets_agree(store)
        collections = store.db.list_collection_names()
        assert not [name for name in collections if name.startswith("restoring_")]
    assert restoring.backup(fresh_home, saved.with_name("other.tar.gz"))["cases"] == 5


def test_what_a_killed_build_left_is_not_backed_up(fresh_home, source, saved):
    with (
        open_store(fresh_home) as store,
        writing(store.db),
        pytest.raises(KeyboardInterrupt),
        building(store.db, VERSION),
    ):
        raise KeyboardInterrupt
    file = saved.with_name("other.tar.gz")
    with pytest.raises(StoreError, match="a build that did not finish: run the same"):
        restoring.backup(fresh_home, file)
    assert not file.exists()
    build(fresh_home, source.write())
    assert restoring.backup(fresh_home, file)["images"] == 9
