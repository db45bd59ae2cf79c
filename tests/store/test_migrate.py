from __future__ import annotations

import re
import tarfile

import pytest

from medpix2 import __version__
from medpix2.errors import SchemaTooNew, StoreBusy
from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.migrate import MIGRATIONS, ensure_schema
from medpix2.store.shape import SCHEMA
from medpix2.store.writing import writing


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def stamp(store):
    return store.db["state"].find_one({"_id": "schema"})


def test_a_new_database_is_stamped(store):
    assert stamp(store) == {"_id": "schema", "version": SCHEMA, "medpix2": __version__}
    assert ensure_schema(store.db, store.settings.home) is None


def test_every_schema_since_the_first_can_be_migrated():
    assert set(MIGRATIONS) == set(range(2, SCHEMA + 1))


def test_a_newer_schema_is_refused_with_one_line(built, medpix2, fresh_home):
    built.db["state"].update_one({"_id": "schema"}, {"$set": {"version": 99, "medpix2": "9.9"}})
    with pytest.raises(SchemaTooNew, match=re.escape("has schema 99, made by medpix2 9.9")):
        ensure_schema(built.db, fresh_home.home)
    for command in (["find"], ["stats"], ["build", "nowhere"], ["db", "status"]):
        if command[0] != "build":
            assert "use that version of medpix2 or a newer one" in medpix2.failing(*command)
    assert stamp(built)["version"] == 99
    assert built.images.count_documents({}) == 9


def test_an_older_schema_is_migrated_step_by_step_after_a_backup(built, fresh_home):
    done = []

    def step(number):
        def migrate(db):
            done.append((number, stamp(built)["version"]))
            db["images"].update_many({}, {"$set": {f"source.v{number}": True}})

        return migrate

    before = list(built.images.find())
    steps = {number: step(number) for number in (SCHEMA + 1, SCHEMA + 2)}
    saved = ensure_schema(built.db, fresh_home.home, wanted=SCHEMA + 2, migrations=steps)
    assert done == [(SCHEMA + 1, SCHEMA), (SCHEMA + 2, SCHEMA + 1)]
    assert stamp(built)["version"] == SCHEMA + 2
    assert built.images.count_documents({f"source.v{SCHEMA + 2}": True}) == 9
    assert saved.parent == fresh_home.home / "backups"
    with tarfile.open(saved) as tar:
        import bson

        kept = bson.decode_all(tar.extractfile(f"{built.db.name}/images.bson").read())
    assert kept == before


def test_a_migration_that_fails_is_tried_again_from_where_it_stopped(built, fresh_home):
    done = []
    fail = [True]

    def second(db):
        if fail.pop() if fail else False:
            raise RuntimeError("the lights went out")
        done.append(2)

    steps = {SCHEMA + 1: lambda db: done.append(1), SCHEMA + 2: second}
    home = fresh_home.home
    with pytest.raises(RuntimeError):
        ensure_schema(built.db, home, wanted=SCHEMA + 2, migrations=steps)
    assert stamp(built)["version"] == SCHEMA + 1
    ensure_schema(built.db, home, wanted=SCHEMA + 2, migrations=steps)
    assert done == [1, 2]
    assert len(list((home / "backups").iterdir())) == 2


def test_nothing_is_migrated_while_somebody_writes(built, fresh_home):
    steps = {SCHEMA + 1: lambda db: None}
    with writing(built.db):
        built.db["state"].update_one({"_id": "writer"}, {"$set": {"host": "elsewhere"}})
        with pytest.raises(StoreBusy):
            ensure_schema(built.db, fresh_home.home, wanted=SCHEMA + 1, migrations=steps)
        built.db["state"].delete_one({"_id": "writer"})
    assert stamp(built)["version"] == SCHEMA


def test_a_decision_of_schema_2_settles_what_had_been_found(built, fresh_home):
    common = {"case": "MPX1", "target": "MPX1_ct0"}
    finding = {**common, "rule": "age", "version": 1, "severity": "review", "message": "x"}
    decision = {**common, "action": "accept", "by": "ann", "at": "2026-01-01T00:00:00Z"}
    built.db["findings"].insert_one(finding)
    built.db["decisions"].insert_many([decision, {**decision, "target": "MPX1", "_id": 1}])
    built.db["state"].update_one({"_id": "schema"}, {"$set": {"version": 2}})
    assert ensure_schema(built.db, fresh_home.home) is not None
    rules = {row["target"]: row["rules"] for row in built.db["decisions"].find()}
    assert rules == {"MPX1_ct0": ["age"], "MPX1": []}
