from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import imagehash
import pytest
from PIL import Image

from medpix2.errors import OutputError, SourceError
from medpix2.extract import pictures
from medpix2.extract.pictures import examine, picture_pool


def scan(mode="L", size=(40, 30), seed=0) -> Image.Image:
    """Return a small picture that is different for every seed."""
    picture = (
        Image.radial_gradient("L").resize(size).rotate(17 * seed).point(lambda p: p ^ seed % 64)
    )
    if mode == "I;16":
        return Image.frombytes(
            mode, size, b"".join(struct.pack("<H", 257 * p) for p in picture.tobytes())
        )
    return picture.convert("RGB").quantize(16) if mode == "P" else picture.convert(mode)


def bomb(path: Path, side: int) -> Path:
    """Write a PNG of a few bytes that says it has side x side pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [("L", ".png"), ("RGB", ".png"), ("RGBA", ".png"), ("LA", ".png"), ("P", ".png"),
     ("1", ".png"), ("I;16", ".png"), ("RGB", ".jpg"), ("CMYK", ".jpg"), ("L", ".bmp"),
     ("F", ".tif"), ("RGBA", ".webp"), ("L", ".JPEG")],
)  # fmt: skip
def test_a_picture_of_any_mode_is_measured_and_hashed(mode, suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    scan(mode).save(path)
    facts = examine(path).facts
    with Image.open(path) as opened:
        assert (facts.width, facts.height, facts.mode) == (40, 30, opened.mode)
        assert facts.phash == str(imagehash.phash(opened))
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts.bytes == path.stat().st_size
    assert facts.path == str(path)


def test_of_an_animation_the_first_picture_counts(tmp_path):
    frames = [scan("P", seed=n) for n in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    frames[0].save(tmp_path / "first.gif")
    assert examine(tmp_path / "a.gif").facts.phash == examine(tmp_path / "first.gif").facts.phash


def test_a_picture_with_another_ending_than_its_kind_is_read(tmp_path):
    scan("RGB").save(tmp_path / "a.jpg")
    (tmp_path / "a.jpg").rename(tmp_path / "a.png")
    assert examine(tmp_path / "a.png").facts.mode == "RGB"


def test_a_picture_cut_anywhere_is_bad(tmp_path):
    scan(size=(200, 150)).save(tmp_path / "whole.png")
    content = (tmp_path / "whole.png").read_bytes()
    for cut in (1, 8, 20, 33, 60, len(content) // 2, len(content) - 40):
        (tmp_path / "cut.png").write_bytes(content[:cut])
        examined = examine(tmp_path / "cut.png")
        assert examined.facts is None, cut
        assert examined.kind == "bad-picture"
        assert examined.message


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"<html></html>", "not a picture"), (b"\0" * 100, "not a picture"),
     (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "picture|decoded")],
)  # fmt: skip
def test_what_is_no_picture_is_bad(content, message, tmp_path):
    (tmp_path / "a.png").write_bytes(content)
    examined = examine(tmp_path / "a.png", tmp_path / "copies")
    assert examined.facts is None
    assert any(word in examined.message for word in message.split("|"))
    assert not (tmp_path / "copies").exists()


def test_a_damaged_picture_is_bad_or_a_picture_and_never_more(tmp_path):
    scan("RGB", (60, 40)).save(tmp_path / "a.jpg")
    content = bytearray((tmp_path / "a.jpg").read_bytes())
    for at in range(2, len(content), 7):
        broken = bytearray(content)
        broken[at] ^= 0xFF
        (tmp_path / "b.jpg").write_bytes(broken)
        assert (examine(tmp_path / "b.jpg").facts is None) == bool(examine(tmp_path / "b.jpg").kind)


@pytest.mark.parametrize("side", [12_000, 30_000, 2**31 - 1])
def test_a_decompression_bomb_is_bad_before_it_unfolds(side, tmp_path):
    examined = examine(bomb(tmp_path / "a.png", side))
    assert examined.facts is None
    assert examined.kind == "bad-picture"
    assert (tmp_path / "a.png").stat().st_size < 200


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(pictures.MAX_BYTES + 1)
    assert "larger than 256 MiB" in examine(tmp_path / "a.png").message


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()])
def test_a_file_that_cannot_be_read_is_bad(make, tmp_path):
    make(tmp_path / "a.png")
    assert "cannot be read" in examine(tmp_path / "a.png").message


def test_a_path_that_is_no_text_is_named_and_can_be_copied_from(tmp_path):
    folder = tmp_path / os.fsdecode(b"M\xe9ni\xe8re")
    folder.mkdir()
    scan().save(folder / "a.png")
    assert "not UTF-8" in examine(folder / "a.png").message
    assert examine(folder / "a.png", tmp_path / "copies").facts is not None


def test_a_copy_is_named_by_its_content_and_written_once(tmp_path):
    copies = tmp_path / "copies"
    for name in ("a.PNG", "b.png"):
        scan().save(tmp_path / name, "png")
    first, second = (examine(tmp_path / name, copies).facts for name in ("a.PNG", "b.png"))
    assert first == second
    stored = copies / first.path
    assert first.path == f"{first.sha256[:2]}/{first.sha256}.png"
    assert stored.read_bytes() == (tmp_path / "a.PNG").read_bytes()
    before = stored.stat()
    examine(tmp_path / "a.PNG", copies)
    assert stored.stat().st_mtime_ns == before.st_mtime_ns
    assert stored.stat().st_ino == before.st_ino
    assert [path for path in copies.rglob("*") if path.is_file()] == [stored]


def test_a_copy_that_was_cut_off_is_made_anew(tmp_path):
    scan().save(tmp_path / "a.png")
    facts = examine(tmp_path / "a.png", tmp_path / "copies").facts
    stored = tmp_path / "copies" / facts.path
    stored.write_bytes(stored.read_bytes()[:10])
    examine(tmp_path / "a.png", tmp_path / "copies")
    assert stored.read_bytes() == (tmp_path / "a.png").read_bytes()


def test_nobody_ever_sees_half_a_copy(tmp_path):
    Image.effect_noise((700, 700), 90).save(tmp_path / "a.png")
    whole = (tmp_path / "a.png").stat().st_size
    name = examine(tmp_path / "a.png", tmp_path / "first").facts.path
    seen, stop = set(), threading.Event()

    def watch():
        while not stop.is_set():
            for n in range(8):
                try:
                    seen.add((tmp_path / f"copies{n}" / name).stat().st_size)
                except FileNotFoundError:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    for n in range(8):
        examine(tmp_path / "a.png", tmp_path / f"copies{n}")
    time.sleep(0.01)
    stop.set()
    watcher.join()
    assert seen == {whole}


def test_a_folder_that_cannot_be_written_is_the_users_matter(tmp_path):
    scan().save(tmp_path / "a.png")
    (tmp_path / "copies").write_text("a file, no folder")
    with pytest.raises(OutputError, match="--home"):
        examine(tmp_path / "a.png", tmp_path / "copies")


def test_a_disk_that_fills_up_leaves_no_part_of_a_copy(tmp_path, monkeypatch):
    scan().save(tmp_path / "a.png")

    def full(self, content):
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        examine(tmp_path / "a.png", tmp_path / "copies")
    assert not [path for path in (tmp_path / "copies").rglob("*") if path.is_file()]


def test_what_a_killed_process_wrote_half_is_removed_and_what_others_write_stays(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    partial = tmp_path / pictures.PARTIAL
    partial.mkdir()
    for writer in (gone.pid, os.getpid()):
        (partial / f"{'a' * 64}.{writer}").write_bytes(b"half")
    with picture_pool(1, tmp_path):
        assert [path.name for path in partial.iterdir()] == [f"{'a' * 64}.{os.getpid()}"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder of 60 pictures, every seventh of them broken."""
    folder = tmp_path_factory.mktemp("pictures")
    for n in range(60):
        scan(size=(20 + n, 30), seed=n).save(folder / f"{n:02}.png")
        if n % 7 == 0:
            (folder / f"{n:02}.png").write_bytes(b"" if n % 2 else b"no picture")
    return folder


@pytest.mark.parametrize("jobs", [1, 3])
def test_many_pictures_come_in_order_and_broken_ones_stop_nobody(jobs, folder):
    paths = sorted(folder.iterdir())
    with picture_pool(jobs, None) as pool:
        found = list(pool.map(iter(paths)))
        assert list(pool.map([])) == []
    assert found == [examine(path) for path in paths]
    assert [n for n, examined in enumerate(found) if examined.facts is None] == list(
        range(0, 60, 7)
    )


def test_paths_are_taken_only_so_far_ahead(folder):
    taken = []

    def paths():
        for n in range(400):
            taken.append(n)
            yield folder / "01.png"

    with picture_pool(1, None) as pool:
        found = pool.map(paths())
        next(found)
        assert len(taken) < 200
        assert sum(1 for _ in found) == 399


def test_an_error_of_the_output_comes_out_of_the_pool(folder, tmp_path):
    (tmp_path / "copies").write_text("a file, no folder")
    with picture_pool(1, tmp_path / "copies") as pool, pytest.raises(OutputError, match="written"):
        list(pool.map([folder / "01.png"]))


def test_a_worker_that_dies_is_named(folder):
    with picture_pool(1, None) as pool:
        list(pool.map([folder / "01.png"]))
        for process in list(pool._workers._pool._processes.values()):
            process.kill()
        with pytest.raises(SourceError, match="fewer --jobs"):
            list(pool.map([folder / "01.png"] * 100))


@pytest.mark.real
def test_pictures_of_the_real_release_hash_as_imagehash_hashes_them(real_copy):
    for path in sorted((real_copy / "images").iterdir())[::150]:
        with Image.open(path) as opened:
            expected = str(imagehash.phash(opened)), opened.size, opened.mode
        facts = examine(path).facts
        assert (facts.phash, (facts.width, facts.height), facts.mode) == expected
