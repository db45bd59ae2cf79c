from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from medpix2.errors import DiskFull, OutputError, QueryError
from medpix2.export import output
from medpix2.export.check import check_export
from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.replacing import partial_of, read_manifest
from medpix2.export.writing import write_export

ALL = sorted(FORMATS)
CSV = replace(FORMATS["csv"], cases_a_part=2)


class Broken(Exception):
    """What a test's format raises."""


def broken_at(number: int, error: BaseException):
    """Return the format csv, whose part of this number raises."""

    def write(part, wishes, out):
        CSV.write(part, wishes, out)
        if part.number == number:
            raise error

    return replace(CSV, write=write)


@pytest.mark.parametrize("name", ALL)
def test_the_same_content_gives_the_same_bytes_whatever_the_jobs(name, small, tmp_path, tree):
    wishes = Wishes(image_size=16)
    few = replace(FORMATS[name], cases_a_part=2)
    one = write_export(few, small, wishes, tmp_path / "one", jobs=1)
    shutil.copytree(small.folder, tmp_path / "elsewhere")
    for case in list(small.held):
        small.held.remove(case)
        moved = [replace(p, path=tmp_path / "elsewhere" / p.path.name) for p in case.pictures]
        small.held.append(replace(case, pictures=moved))
    other = write_export(few, small, wishes, tmp_path / "two", jobs=2)
    assert tree(one.folder) == tree(other.folder)
    assert one.counts["cases"] == 7 and one.counts["images"] == 13


@pytest.mark.parametrize("name", ALL)
def test_every_format_passes_its_own_check(name, small, tmp_path):
    done = write_export(FORMATS[name], small, Wishes(), tmp_path / "out", jobs=2)
    found = check_export(done.folder, jobs=2)
    assert found.problems == []
    assert (found.cases, found.images) == (7, 13)
    assert {path.name for path in tmp_path.iterdir()} == {"small", "out"}


def test_the_manifest_lists_every_file_and_the_card_its_counts(small, tmp_path, tree):
    done = write_export(CSV, small, Wishes(), tmp_path / "out")
    files = tree(done.folder)
    manifest = read_manifest(done.folder)
    assert set(manifest["files"]) == set(files) - {"manifest.json"}
    assert done.files == len(manifest["files"])
    assert done.bytes == sum(size for _, size in manifest["files"].values())
    assert manifest["wishes"]["burned_in"] == "keep"
    card = files["README.md"].decode()
    assert "| train | 4 | 8 |" in card and "| all | 1 | 1 |" in card
    assert str(tmp_path) not in card + files["manifest.json"].decode()


def test_pictures_that_no_wish_changes_keep_their_bytes(small, tmp_path):
    done = write_export(CSV, small, Wishes(), tmp_path / "out")
    for case in small.held:
        for picture in case.pictures:
            copy = done.folder / "images" / picture.path.name
            assert copy.read_bytes() == picture.path.read_bytes()
            assert copy.stat().st_nlink == 1  # to change the export must not change the home


def test_an_export_that_broke_off_goes_on_with_what_is_not_there(small, tmp_path, tree):
    out = tmp_path / "out"
    with pytest.raises(Broken):
        write_export(broken_at(2, Broken()), small, Wishes(), out)
    assert not out.exists() and partial_of(out).is_dir()
    done = write_export(CSV, small, Wishes(), out)
    assert done.kept in (2, 3)  # the last part may have been under way
    fresh = write_export(CSV, small, Wishes(), tmp_path / "fresh")
    assert tree(out) == tree(fresh.folder)
    assert not partial_of(out).exists()


@pytest.mark.parametrize("change", ["content", "wishes", "format", "file gone"])
def test_an_export_of_something_else_begins_anew(change, small, tmp_path, tree):
    out, wishes, used = tmp_path / "out", Wishes(), CSV
    with pytest.raises(Broken):
        write_export(broken_at(3, Broken()), small, wishes, out)
    if change == "content":
        small.changed(1, status="pending")
    elif change == "wishes":
        wishes = Wishes(fields=("caption",))
    elif change == "format":
        used = replace(CSV, version=2)
    else:
        next((partial_of(out) / "images").iterdir()).unlink()
    done = write_export(used, small, wishes, out)
    assert (done.kept == 2) == (change == "file gone")
    assert done.kept in (0, 2)
    assert tree(out) == tree(write_export(used, small, wishes, tmp_path / "fresh").folder)


def test_a_last_step_that_was_killed_is_done_again(small, tmp_path, tree):
    def finish(parts, out):
        CSV.finish(parts, out)
        raise Broken

    out = tmp_path / "out"
    with pytest.raises(Broken):
        write_export(replace(CSV, finish=finish), small, Wishes(), out)
    done = write_export(CSV, small, Wishes(), out)
    assert done.kept == 4
    assert tree(out) == tree(write_export(CSV, small, Wishes(), tmp_path / "fresh").folder)


def test_a_content_that_shrank_leaves_nothing_of_what_it_was(small, tmp_path, tree):
    out = tmp_path / "out"
    with pytest.raises(Broken):
        write_export(broken_at(3, Broken()), small, Wishes(), out)
    del small.held[2:]
    write_export(CSV, small, Wishes(), out)
    assert tree(out) == tree(write_export(CSV, small, Wishes(), tmp_path / "fresh").folder)


def test_nothing_that_fits_makes_no_folder(small, tmp_path):
    small.held.clear()
    with pytest.raises(QueryError, match=r"no case fits: use fewer filters"):
        write_export(CSV, small, Wishes(), tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"small"}


def test_a_place_that_is_taken_is_refused_and_stays(small, tmp_path, tree):
    out = tmp_path / "out"
    write_export(CSV, small, Wishes(), out)
    before = tree(out)
    with pytest.raises(OutputError, match="is there already"):
        write_export(CSV, small, Wishes(fields=("age",)), out)
    assert tree(out) == before


def test_overwrite_replaces_when_the_new_one_is_whole(small, tmp_path, tree):
    out = tmp_path / "out"
    write_export(CSV, small, Wishes(), out)
    before = tree(out)
    with pytest.raises(Broken):
        write_export(broken_at(0, Broken()), small, Wishes(rgb=True), out, overwrite=True)
    assert tree(out) == before
    small.held.pop()
    write_export(CSV, small, Wishes(), out, overwrite=True)
    assert tree(out) == tree(write_export(CSV, small, Wishes(), tmp_path / "fresh").folder)
    assert {path.name for path in tmp_path.iterdir()} == {"small", "out", "fresh"}


@pytest.mark.parametrize("wishes", [Wishes(), Wishes(image_size=16)])
def test_a_picture_that_is_missing_is_named(wishes, small, tmp_path):
    gone = small.held[3].pictures[0].path
    gone.unlink()
    with pytest.raises(OutputError, match=f"Picture {gone}"):
        write_export(CSV, small, wishes, tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_picture_that_is_no_picture_is_named_where_it_must_be_decoded(small, tmp_path, jobs):
    small.held[0].pictures[0].path.write_bytes(b"no picture")
    wishes = Wishes(rgb=True, image_format="jpeg")
    with pytest.raises(OutputError, match=r"MPX1000_ct0\.png cannot be read"):
        write_export(CSV, small, wishes, tmp_path / "out", jobs=jobs)


def test_a_full_disk_is_named_and_the_export_goes_on(small, tmp_path, monkeypatch, tree):
    copies = iter(range(100))

    def full(source, target, count):
        if next(copies) == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copy(source, target, count)

    copy = os.copy_file_range
    monkeypatch.setattr(output.os, "copy_file_range", full)
    out = tmp_path / "out"
    with pytest.raises(DiskFull, match="no room to export to"):
        write_export(CSV, small, Wishes(), out)
    assert not out.exists()
    assert write_export(CSV, small, Wishes(), out).kept > 0
    assert tree(out) == tree(write_export(CSV, small, Wishes(), tmp_path / "fresh").folder)


def test_a_library_that_is_not_installed_is_named(small, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutputError, match=r'needs pyarrow.*pip install "medpix2\[export\]"'):
        write_export(FORMATS["parquet"], small, Wishes(), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["small"]
    write_export(CSV, small, Wishes(), tmp_path / "out")


def test_two_exports_to_one_place_do_not_mix(small, tmp_path):
    def write(part, wishes, out):
        CSV.write(part, wishes, out)
        with pytest.raises(OutputError, match="Another command is exporting"):
            write_export(CSV, small, Wishes(), tmp_path / "out")

    write_export(replace(CSV, write=write), small, Wishes(), tmp_path / "out")
    assert check_export(tmp_path / "out").problems == []


SLOW = """
import sys, time
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import Small
from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.writing import write_export

def write(part, wishes, out):
    FORMATS["csv"].write(part, wishes, out)
    print("part", flush=True)
    if part.number == 2:
        time.sleep(60)

content = Small(Path(sys.argv[1]) / "killed")
content.folder.mkdir()
for n in range(8):
    content.add(f"MPX{n}", ct=2)
slow = replace(FORMATS["csv"], cases_a_part=2, write=write)
write_export(slow, content, Wishes(), Path(sys.argv[1]) / "out", jobs=1)
"""


def test_a_kill_leaves_nothing_that_looks_finished(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, str(tmp_path), str(Path(__file__).parent)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(3):
        assert process.stdout.readline() == "part\n"
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "out").exists()
    with pytest.raises(OutputError, match=r"has no manifest\.json"):
        check_export(partial_of(tmp_path / "out"))
