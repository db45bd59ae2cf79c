from __future__ import annotations

import os
import subprocess
import sys

import pytest

from medpix2.whole_files import whole_file, whole_folder


def test_a_file_appears_when_it_is_whole(tmp_path):
    file = tmp_path / "new" / "a.txt"
    with whole_file(file) as partial:
        partial.write_text("first half")
        assert not file.exists()
        partial.write_text("all of it")
    assert file.read_text() == "all of it"
    assert list(file.parent.iterdir()) == [file]


def test_what_fails_leaves_the_file_as_it_was(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(file) as partial:
        partial.write_text("first half")
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"), whole_file(tmp_path / "file" / "a.txt"):
        pytest.fail("there is nowhere to write")


def test_a_folder_appears_when_it_is_whole(tmp_path):
    folder = tmp_path / "new" / "a"
    with whole_folder(folder) as partial:
        (partial / "file").write_text("x")
        assert not folder.exists()
    assert (folder / "file").read_text() == "x"
    assert list(folder.parent.iterdir()) == [folder]


def test_a_folder_that_is_there_stays_as_it_is(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("old")
    with pytest.raises(FileExistsError), whole_folder(tmp_path / "a") as partial:
        (partial / "file").write_text("new")
    assert (tmp_path / "a" / "file").read_text() == "old"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_failing_block_leaves_no_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "a") as partial:
        (partial / "file").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, living, other = (
        tmp_path / name for name in (f".a.{gone.pid}", f".a.{os.getppid()}", ".a.notes")
    )
    for folder in (left, living, other):
        folder.mkdir()
    with whole_folder(tmp_path / "a"):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a", living, other])
