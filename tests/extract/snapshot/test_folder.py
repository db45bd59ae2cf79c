from __future__ import annotations

import pytest

from medpix2.errors import SourceError
from medpix2.extract.snapshot.folder import is_snapshot, open_snapshot
from medpix2.extract.snapshot.frontier import Wanted
from medpix2.extract.snapshot.tables import ANSWERS


def test_a_run_goes_on_until_it_has_ended_unless_something_else_is_asked(tmp_path):
    with open_snapshot(tmp_path / "s", create=True) as snapshot:
        assert snapshot.begin({"limit": 3}, "10:00")
        with snapshot.writing():
            snapshot.frontier.add([Wanted("topic/1", "topic", ("https://m.example",))])
    with open_snapshot(tmp_path / "s") as snapshot:
        assert not snapshot.begin({"limit": 3}, "11:00")
        assert snapshot.frontier.counts() == {"topic": 1}
        assert snapshot.begin({"limit": None}, "12:00")
        assert snapshot.frontier.counts() == {}
        snapshot.end("13:00")
        assert snapshot.begin({"limit": None}, "14:00")
        told = [(run.number, run.began, run.ended, run.options["limit"]) for run in snapshot.runs()]
        assert told == [
            (1, "10:00", None, 3),
            (2, "12:00", "13:00", None),
            (3, "14:00", None, None),
        ]


def test_a_snapshot_is_known_by_its_file(tmp_path):
    assert not is_snapshot(tmp_path)
    with open_snapshot(tmp_path / "s", create=True):
        assert is_snapshot(tmp_path / "s")


def test_damage_that_shows_only_when_it_is_read_is_one_clear_error(undisturbed, tmp_path):
    (tmp_path / "s").mkdir()
    content = bytearray((undisturbed / ANSWERS).read_bytes())
    for at in range(8 * 4096, len(content), 4096):
        content[at : at + 2000] = b"\xff" * 2000
    (tmp_path / "s" / ANSWERS).write_bytes(content)
    with (
        pytest.raises(SourceError, match=r"answers\.sqlite is damaged .*make a new snapshot"),
        open_snapshot(tmp_path / "s") as snapshot,
    ):
        for uid in snapshot.listing.case_ids():
            snapshot.listing.records(uid)
        snapshot.answers.digest()


def test_commands_say_in_a_line_what_is_wrong_with_a_snapshot(medpix2, undisturbed, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / ANSWERS).write_bytes(b"garbage" * 1000)
    assert "is damaged" in medpix2.failing("build", str(tmp_path / "bad"))
    assert "is not there" in medpix2.failing("build", str(tmp_path / "none"))
    with open_snapshot(undisturbed):
        assert "in use by another command" in medpix2.failing("build", str(undisturbed))
