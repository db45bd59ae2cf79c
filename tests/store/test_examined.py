from __future__ import annotations

import os

import pytest

from medpix2.store.examined import recall, remember, stamp_of

FACTS = {"path": "ab/copy.png", "sha256": "ab"}


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"picture")
    return path


def test_what_was_found_of_a_file_is_recalled(store, picture):
    remember(store.db, {picture: (FACTS, "", "")}, None)
    assert recall(store.db, [picture], None) == {picture: (FACTS, "", "")}


def test_what_is_wrong_with_a_file_is_recalled_too(store, picture):
    remember(store.db, {picture: (None, "bad-picture", "is empty")}, None)
    assert recall(store.db, [picture], None) == {picture: (None, "bad-picture", "is empty")}


@pytest.mark.parametrize("change", ["size", "time", "gone"])
def test_a_file_that_changed_is_not_recalled(store, picture, change):
    remember(store.db, {picture: (FACTS, "", "")}, None)
    if change == "size":
        picture.write_bytes(b"another picture")
        os.utime(picture, ns=(1, 1))
    elif change == "time":
        os.utime(picture, ns=(1, 1))
    else:
        picture.unlink()
    assert recall(store.db, [picture], None) == {}


def test_a_linked_file_is_not_recalled_as_a_copied_one(store, picture, tmp_path):
    remember(store.db, {picture: (FACTS, "", "")}, None)
    assert recall(store.db, [picture], tmp_path / "pictures") == {}


def test_a_copy_that_vanished_is_not_recalled(store, picture, tmp_path):
    copy = tmp_path / "pictures" / FACTS["path"]
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"picture")
    remember(store.db, {picture: (FACTS, "", "")}, tmp_path / "pictures")
    assert picture in recall(store.db, [picture], tmp_path / "pictures")
    copy.unlink()
    assert recall(store.db, [picture], tmp_path / "pictures") == {}


def test_a_file_that_is_not_there_has_no_stamp(store, tmp_path):
    assert stamp_of(tmp_path / "none", None) is None
    remember(store.db, {tmp_path / "none": (FACTS, "", "")}, None)
    assert store.db["examined"].count_documents({}) == 0
