from __future__ import annotations

import dataclasses

import pytest

from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.withdrawing import (
    Tombstone,
    Tombstones,
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

STONE = Tombstone(
    "MPX1", "case", "MPX1", "asked", "me", "2026-01-01T00:00:00+00:00", "ab", ("MPX1_ct0", "uuid"),
    (("ab", "ab/ab.png"),), ("/snapshots/x",),
)  # fmt: skip


@pytest.fixture
def built(fresh_home, source):
    source.cases.append(dict(source.found("MPX2")))  # a second time: it is dropped
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def stone_of(store, name, kind, case):
    files = [document.get("file") for document in documents_of_target(store.db, name, kind)]
    pictures = tuple((file["sha256"], file["path"]) for file in files if file)
    return dataclasses.replace(STONE, id=name, kind=kind, case=case, also=(), pictures=pictures)


def test_a_tombstone_comes_back_as_it_was_kept(store):
    for stone in (STONE, dataclasses.replace(STONE, sha256=None, pictures=(), pending=False)):
        keep_tombstone(store.db, stone)
        assert list(tombstones(store.db).values()) == [stone]
    lift_tombstone(store.db, "MPX1")
    assert len(tombstones(store.db)) == 0


def test_it_covers_all_names_that_it_was_known_by():
    stones = Tombstones([STONE])
    assert stones.names() == {"MPX1", "MPX1_ct0", "uuid"}
    assert stones.covering("MPX2", "uuid") == stones.covering("MPX1") == "MPX1"
    assert stones.covering("MPX2", "") is None
    assert Tombstones().covering("MPX1") is None


def test_cases_and_images_are_found_whatever_the_case_of_their_letters(built):
    assert found_target(built.db, "mpx1") == ("MPX1", "case", "MPX1")
    assert found_target(built.db, "MPX1_CT0") == ("MPX1_ct0", "image", "MPX1")
    assert found_target(built.db, "MPX1_") is None
    built.cases.delete_one({"_id": "MPX3"})  # described by no source, but it has a picture
    built.current.delete_one({"_id": "MPX3"})
    assert found_target(built.db, "MPX3") == ("MPX3", "case", "MPX3")


def test_documents_of_a_case_go_and_no_others(built):
    stone = stone_of(built, "MPX2", "case", "MPX2")
    before = {name: built.db[name].count_documents({}) for name in ("cases", "images")}
    built.db["looked"].insert_many(
        [{"_id": sha256} for sha256, _ in stone.pictures] + [{"_id": "x"}]
    )
    assert holds(built.db, stone)
    assert remove_documents(built.db, stone) == 1 + 2 + 2 + 2 + 1
    assert built.cases.count_documents({}) == before["cases"] - 1
    assert built.images.count_documents({}) == before["images"] - 2
    assert [row["_id"] for row in built.db["looked"].find()] == ["x"]
    assert built.db["dropped"].count_documents({}) == 0
    assert built.db["examined"].count_documents({}) == 7
    assert remove_documents(built.db, stone) == 0


def test_one_image_goes_alone(built):
    assert remove_documents(built.db, stone_of(built, "MPX2_mr0", "image", "MPX2")) == 2
    assert built.cases.find_one({"_id": "MPX2"})
    assert built.images.find_one({"_id": "MPX2_mr1"})
    assert built.db["dropped"].count_documents({}) == 1


def test_what_is_known_of_a_shared_picture_stays(built):
    stone = stone_of(built, "MPX2_mr0", "image", "MPX2")
    (sha256, _), = stone.pictures  # fmt: skip
    assert shared_pictures(built.db, stone) == set()
    built.images.update_one({"_id": "MPX5_ct0"}, {"$set": {"file.sha256": sha256}})
    assert shared_pictures(built.db, stone) == {sha256}
    assert remove_documents(built.db, stone) == 1
    both = dataclasses.replace(stone, id="MPX2", kind="case")
    assert shared_pictures(built.db, both) == {sha256}


def test_the_hash_of_content_is_that_of_all_documents_whatever_their_order(built):
    documents = documents_of_target(built.db, "MPX2", "case")
    assert len(documents) == 3
    assert content_hash(documents) == content_hash(documents[::-1]) != content_hash(documents[1:])
