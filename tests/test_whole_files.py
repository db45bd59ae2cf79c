from __future__ import annotations

import pytest

from medpix2.whole_files import whole_file


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
