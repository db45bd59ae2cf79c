from __future__ import annotations

import os

import pytest

from medpix2.store.examined import recall, remember, stamp_of

FACTS = {"path": "ab/copy.png", "sha256": "ab"}


def noted(store, picture, kept_in=None, found=(FACTS, "", "")):
    remember(store.db, {"a": found}, {"a": picture}, kept_in)


def recalled(store, picture, kept_in=None):
    return recall(store.db, {"a": picture}, kept_in).get("a")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"picture")
    return path


def test_what_was_found_of_a_file_is_recalled(store, picture):
    noted(store, picture)
    assert recalled(store, picture) == (FACTS, "", "")


def test_what_is_wrong_with_a_file_is_recalled_too(store, picture):
    noted(store, picture, found=(None, "bad-picture", "is empty"))
    assert recalled(store, picture) == (None, "bad-picture", "is empty")


@pytest.mark.parametrize("change", ["size", "time", "gone"])
def test_a_file_that_changed_is_not_recalled(store, picture, change):
    noted(store, picture)
    if change == "size":
        picture.write_bytes(b"another picture")
        os.utime(picture, ns=(1, 1))
    elif change == "time":
        os.utime(picture, ns=(1, 1))
    else:
        picture.unlink()
    assert recalled(store, picture) is None


def test_a_linked_file_is_not_recalled_as_a_copied_one(store, picture, tmp_path):
    noted(store, picture)
    assert recalled(store, picture, tmp_path / "pictures") is None


def test_a_copy_that_vanished_is_not_recalled(store, picture, tmp_path):
    copy = tmp_path / "pictures" / FACTS["path"]
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"picture")
    noted(store, picture, tmp_path / "pictures")
    assert recalled(store, picture, tmp_path / "pictures")
    copy.unlink()
    assert recalled(store, picture, tmp_path / "pictures") is None


def test_a_file_that_is_not_there_has_no_stamp(store, tmp_path):
    assert stamp_of(tmp_path / "none", None) is None
    noted(store, tmp_path / "none")
    assert store.db["examined"].count_documents({}) == 0


def test_pictures_of_one_archive_are_as_they_were_while_it_is(store, picture):
    names = dict.fromkeys(("a.zip/1.png", "a.zip/2.png"), picture)
    remember(store.db, dict.fromkeys(names, (FACTS, "", "")), names, None)
    assert recall(store.db, names, None).keys() == names.keys()
    os.utime(picture, ns=(1, 1))
    assert recall(store.db, names, None) == {}
