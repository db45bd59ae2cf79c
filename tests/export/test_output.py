from __future__ import annotations

import errno
import hashlib
import os
import tarfile
from dataclasses import replace

import pytest

from medpix2.export import output
from medpix2.export.format import Wishes
from medpix2.export.output import Output


@pytest.fixture
def out(tmp_path):
    return Output(tmp_path / "export", Wishes(), 0)


def test_a_file_is_hashed_while_it_is_written(out, tmp_path):
    with out.file("a/b.txt") as file:
        file.write(b"one")
        file.write(memoryview(b" two"))
        assert file.tell() == 7
    path = tmp_path / "export/a/b.txt"
    assert path.read_bytes() == b"one two"
    assert out.files == {"a/b.txt": (hashlib.sha256(b"one two").hexdigest(), 7)}


def test_a_tar_can_be_written_to_it(out, tmp_path):
    (tmp_path / "x").write_bytes(b"x" * 3000)
    with out.file("a.tar") as file, tarfile.open(fileobj=file, mode="w") as tar:
        tar.add(tmp_path / "x", "x")
    with tarfile.open(tmp_path / "export/a.tar") as tar:
        assert tar.extractfile("x").read() == b"x" * 3000


def test_a_file_that_failed_is_not_listed(out):
    with pytest.raises(KeyError), out.file("a") as file:
        file.write(b"x")
        raise KeyError
    assert out.files == {}


def test_a_library_may_open_the_file_itself(out):
    with out.path("deep/er/c") as path:
        path.write_bytes(b"c")
    assert out.files["deep/er/c"] == (hashlib.sha256(b"c").hexdigest(), 1)


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a/../../b", "a//b", "./a", "a/", "a\\b", "a\0"]
)
def test_no_name_leads_out_of_the_export(out, name):
    with pytest.raises(ValueError, match="no name for a new file"):
        out.put(name, b"")


def test_no_file_is_written_twice(out):
    out.put("a", "x")
    with pytest.raises(ValueError, match="no name for a new file"):
        out.put("a", "y")


@pytest.mark.parametrize("fault", [None, errno.EXDEV, errno.ENOSYS])
def test_a_picture_is_copied_whatever_the_system_can(out, small, tmp_path, monkeypatch, fault):
    copied = []

    def copy(read, written, count):
        if fault and copied:
            raise OSError(fault, "not here")
        copied.append(os.write(written, os.read(read, 7)))
        return copied[-1]

    monkeypatch.setattr(output.os, "copy_file_range", copy)
    picture = small.held[0].pictures[0]
    out.picture("p.png", out.wished(picture))
    content = picture.path.read_bytes()
    assert (tmp_path / "export/p.png").read_bytes() == content
    assert out.files["p.png"] == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_picture_whose_record_says_another_size_is_hashed_anew(out, small):
    picture = small.held[0].pictures[0]
    picture.path.write_bytes(content := picture.path.read_bytes() + b"more")
    out.picture("p.png", out.wished(picture))
    assert out.files["p.png"] == (hashlib.sha256(content).hexdigest(), len(content))


def test_what_was_changed_is_counted(tmp_path, small):
    out = Output(tmp_path / "export", Wishes(image_size=16), 0)
    for picture in small.held[1].pictures:
        out.wished(picture)
    assert out.counts == {"pictures:changed": 3}
    small_one = replace(small.held[1].pictures[0])
    Output(tmp_path / "other", Wishes(), 0).wished(small_one)


def test_fragments_are_joined_in_the_order_of_the_parts(tmp_path):
    folder = tmp_path / "export"
    for number, text in ((10, b"c"), (2, b"b"), (1, b"a"), (3, b"")):
        with Output(folder, Wishes(), number).fragment("rows") as file:
            file.write(text)
    last = Output(folder, Wishes())
    last.join("rows.txt", "rows", head=b"[", between=b",", tail=b"]")
    last.join("none.txt", "other", head=b"[", between=b",", tail=b"]")
    assert (folder / "rows.txt").read_bytes() == b"[a,b,c]"
    assert (folder / "none.txt").read_bytes() == b"[]"


def test_a_shard_gets_its_name_when_all_are_counted(tmp_path):
    part = Output(tmp_path, Wishes(), 0)
    part.put("shard-0", b"x")
    last = Output(tmp_path, Wishes())
    last.rename("shard-0", "shard-0-of-1", part.files["shard-0"])
    assert (tmp_path / "shard-0-of-1").read_bytes() == b"x"
    assert last.files["shard-0-of-1"] == part.files["shard-0"] and last.renamed == {"shard-0"}
