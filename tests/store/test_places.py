from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from medpix2.errors import DiskFull, NotWritable
from medpix2.store.places import (
    SOCKET_LIMIT,
    SOCKET_NAME,
    cannot_write,
    make_private,
    places_of,
    prepare,
)


@pytest.mark.parametrize(
    ("name", "inside"),
    [("home", True), ("with space", True), ("ü", True), ("a,b", False), ("a:b", False),
     ("100%", False), ("x" * 200, False), ("ü" * 60, False)],
)  # fmt: skip
def test_socket_always_has_a_name_that_works(name, inside):
    places = places_of(Path("/srv") / name)
    assert (places.socket.parent == places.run) is inside
    assert len(os.fsencode(places.socket)) <= SOCKET_LIMIT
    assert places.socket.name == SOCKET_NAME


def test_homes_do_not_share_a_socket_folder():
    long = Path("/srv") / ("x" * 200)
    assert places_of(long).socket != places_of(long / "y").socket


def test_long_temp_folder(monkeypatch, tmp_path):
    long = tmp_path / ("t" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert len(os.fsencode(places_of(long / "home").socket)) <= SOCKET_LIMIT


def test_one_home_by_two_names(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("home")
    assert places_of(tmp_path / "link") == places_of(tmp_path / "x" / ".." / "home")


def test_private_folders_are_made_private(tmp_path):
    places = places_of(tmp_path / "home")
    places.run.mkdir(parents=True, mode=0o755)
    prepare(places)
    for folder in (places.run, places.users, places.db, places.log.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    prepare(places)


def test_link_in_place_of_a_private_folder_is_refused(tmp_path):
    """In /tmp, another user may have made it to get at our data."""
    places = places_of(tmp_path / ("x" * 200))
    folder = places.socket.parent
    (tmp_path / "trap").mkdir()
    folder.symlink_to(tmp_path / "trap")
    try:
        with pytest.raises(NotWritable, match=str(folder)):
            make_private(folder)
    finally:
        folder.unlink()


def test_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "db").write_text("")
    with pytest.raises(NotWritable, match=str(tmp_path / "db")):
        prepare(places_of(tmp_path))


def test_full_disk_and_read_only_disk_are_told_apart():
    full = cannot_write(Path("/x"), OSError(errno.ENOSPC, "No space left on device"))
    fixed = cannot_write(Path("/x"), OSError(errno.EROFS, "Read-only file system"))
    assert isinstance(full, DiskFull)
    assert isinstance(fixed, NotWritable) and "read-only file system" in str(fixed)
