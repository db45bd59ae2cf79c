from __future__ import annotations

import sqlite3

import pytest

from medpix2.errors import OutputError, SourceError
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.extract.snapshot.tables import ANSWERS, FORMAT, PICTURES, open_tables


@pytest.fixture
def folder(tmp_path):
    """Return the folder of an empty snapshot."""
    with open_snapshot(tmp_path / "s", create=True):
        pass
    return tmp_path / "s"


def test_a_folder_that_is_not_there_is_no_snapshot_and_is_not_made(tmp_path):
    with pytest.raises(SourceError, match=r"none is no snapshot: make one with `medpix2 extract"):
        open_tables(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(OutputError, match=r"holds something else \(thesis.tex\): choose an empty"):
        open_tables(tmp_path, create=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_snapshot_of_another_format_is_refused(folder):
    db = sqlite3.connect(folder / ANSWERS)
    db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    db.close()
    with pytest.raises(SourceError, match=f"format {FORMAT + 1}, this program reads {FORMAT}"):
        open_tables(folder, create=True)


def test_a_file_that_is_no_database_is_damaged(folder):
    (folder / ANSWERS).write_bytes(b"no database at all, whatever its name is" * 100)
    with pytest.raises(SourceError, match=r"answers\.sqlite is damaged .*make a new snapshot"):
        open_tables(folder, create=False)


def test_a_second_command_is_told_that_the_first_is_at_work(folder):
    first = open_tables(folder, create=False)
    with pytest.raises(SourceError, match="is in use by another command: wait until"):
        open_tables(folder, create=True)
    first.db.close()
    open_tables(folder, create=False).db.close()


def test_what_a_kill_left_half_written_is_removed_by_whoever_holds_the_snapshot(folder):
    half = folder / PICTURES / "ab" / "abcd.png.partial"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    first = open_tables(folder, create=True)
    assert not half.exists()
    half.write_bytes(b"being written")  # by the first; a second must not take it away
    with pytest.raises(SourceError):
        open_tables(folder, create=True)
    assert half.exists()
    first.db.close()


def test_a_transaction_that_fails_leaves_nothing_behind(folder):
    tables = open_tables(folder, create=False)
    insert = "INSERT INTO runs (began, options) VALUES ('now', '{}')"
    with pytest.raises(KeyError), tables.writing():
        tables.db.execute(insert)
        raise KeyError
    assert tables.db.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    with tables.writing():
        tables.db.execute(insert)
    tables.db.close()
    assert open_tables(folder, create=False).run == 1


def test_what_cannot_be_written_is_one_clear_error_and_rolled_back(folder):
    tables = open_tables(folder, create=False)
    tables.db.execute("PRAGMA max_page_count = 12")  # as on a full disk
    with (
        pytest.raises(OutputError, match=r"cannot be written \(.*full\): make room"),
        tables.writing(),
    ):
        tables.db.execute("INSERT INTO runs (began, options) VALUES ('now', hex(zeroblob(99999)))")
    assert tables.db.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    tables.db.close()
