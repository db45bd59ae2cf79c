from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from medpix2.extract.pictures import picture_pool
from medpix2.extract.published import open_copy
from medpix2.extract.survey import survey
from medpix2.pipeline.build import build
from medpix2.pipeline.pictures import PictureReader


@pytest.fixture(scope="module")
def pool():
    with picture_pool(1, None) as opened:
        yield opened


@pytest.fixture
def reader_of(source, pool):
    """Return what opens a reader of the source as it now is."""

    def opened(db=None, *, recheck=False, twice=False):
        copy = open_copy(Path(source.write()))
        reader = PictureReader(copy, survey(copy), pool, None, recheck=recheck, twice=twice)
        reader.db = db
        return reader

    return opened


def read(reader):
    return [(checked.document["image"], examined) for checked, examined in reader]


def test_every_image_comes_in_order_with_what_is_found_of_its_picture(source, reader_of):
    source.pictures["MPX2_mr0"] = b"no picture"
    del source.pictures["MPX3_ct0"]
    reader = reader_of()
    found = read(reader)
    assert [name for name, _ in found] == [image["image"] for image in source.images]
    assert reader.examined == 8
    for name, examined in found:
        if name == "MPX3_ct0":
            assert examined is None
        elif name == "MPX2_mr0":
            assert (examined.facts, examined.kind) == (None, "bad-picture")
        else:
            assert Path(examined.facts.path).name == f"{name}.png"


def test_what_cannot_be_stored_is_put_aside(source, reader_of):
    source.images.insert(3, {**source.found("MPX1_ct0"), "Location": "again"})
    source.images.append({**source.found("MPX1_ct0"), "image": None})
    reader = reader_of()
    for _ in range(2):  # a second reading does not add to the first
        assert [name for name, _ in read(reader)].count("MPX1_ct0") == 1
        assert [index for index, _ in reader.dropped] == [3, 10]


def test_what_was_found_is_recalled_by_the_next_reader(store, source, reader_of):
    first, second = reader_of(store.db), reader_of(store.db)
    assert read(first) == read(second)
    assert (first.examined, second.examined) == (9, 0)
    source.pictures["MPX1_ct0"] = b"changed"
    third = reader_of(store.db)
    assert dict(read(third))["MPX1_ct0"].kind == "bad-picture"
    assert third.examined == 1
    again = reader_of(store.db, recheck=True)
    read(again)
    assert again.examined == 9


def test_a_reader_that_is_read_twice_examines_once_without_a_database(reader_of):
    reader = reader_of(twice=True)
    assert read(reader) == read(reader)
    assert reader.examined == 9


def test_examining_begins_before_there_is_a_database_and_is_remembered_in_it(store, reader_of):
    reader = reader_of()
    reader.start()
    reader.db = store.db
    assert len(read(reader)) == 9
    assert store.db["examined"].count_documents({}) == 9


def test_pictures_of_an_archive_are_examined_again_only_when_it_changes(
    fresh_home, source, tmp_path
):
    archive = tmp_path / "copy.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(Path(source.write()).rglob("*")):
            opened.write(path, Path("inner") / path.relative_to(source.folder))
    assert [build(fresh_home, str(archive)).examined for _ in range(2)] == [9, 0]
    os.utime(archive, ns=(1, 1))
    changed = build(fresh_home, str(archive))
    assert (changed.examined, changed.unchanged) == (9, True)
    copy = next((fresh_home.home / "pictures").rglob("*.png"))
    copy.unlink()
    assert build(fresh_home, str(archive)).examined == 1
    assert copy.exists()
