from __future__ import annotations

import json

import pytest

from medpix2.errors import OutputError
from medpix2.export import replacing
from medpix2.export.replacing import clear, is_export, locked, partial_of, refuse, take_place


def export_in(folder, word):
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"format": "csv", "medpix2": "1"}))
    (folder / "word").write_text(word)
    return folder


def test_only_an_export_is_ever_overwritten(tmp_path):
    mine = tmp_path / "home"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    for overwrite in (False, True):
        with pytest.raises(OutputError):
            refuse(mine, overwrite=overwrite)
    refuse(tmp_path / "new", overwrite=False)
    refuse(export_in(tmp_path / "old", "x"), overwrite=True)
    with pytest.raises(OutputError, match="cannot be an export"):
        refuse(tmp_path.root and type(tmp_path)("/"), overwrite=True)


def test_a_link_to_an_export_is_not_followed(tmp_path):
    (tmp_path / "link").symlink_to(export_in(tmp_path / "old", "x"))
    assert not is_export(tmp_path / "link")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="is there already"):
        refuse(tmp_path / "dangling", overwrite=False)


@pytest.mark.parametrize("exchange", [True, False])
def test_the_new_one_takes_the_place_of_the_old(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(replacing, "_exchanged", lambda one, other: False)
    out = export_in(tmp_path / "out", "old")
    partial = export_in(partial_of(out), "new")
    take_place(partial, out, overwrite=True)
    assert (out / "word").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_came_meanwhile_is_not_lost(tmp_path):
    out = export_in(tmp_path / "out", "theirs")
    partial = export_in(partial_of(out), "ours")
    with pytest.raises(OutputError, match="is there already"):
        take_place(partial, out, overwrite=False)
    assert (out / "word").read_text() == "theirs" and partial.is_dir()


def test_a_folder_is_held_by_one(tmp_path):
    with (
        locked(tmp_path / "p"),
        pytest.raises(OutputError, match="Another command"),
        locked(tmp_path / "p"),
    ):
        pass
    with locked(tmp_path / "p"):
        (tmp_path / "p/x").write_text("")
        (tmp_path / "p/y").mkdir()
        clear(tmp_path / "p")
        assert [path.name for path in (tmp_path / "p").iterdir()] == [".lock"]


def test_a_place_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), locked(tmp_path / "file/p"):
        pass
