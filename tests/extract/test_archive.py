from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile
from collections import namedtuple
from contextlib import nullcontext
from pathlib import Path

import pytest

from medpix2.errors import DiskFull, SourceError, UnsafeArchive
from medpix2.extract import archive as archives
from medpix2.extract.archive import is_archive, unpack

FILES = {"Case_topic.json": b"[]", "images/a.png": b"picture", "images/deep/b.png": b"x" * 5000}


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def make_zip(path: Path, files: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.filename = name  # as it is: ZipInfo would mend backslashes on Windows
            made.writestr(info, content, method)
    return path


def make_tar(path: Path, files: dict[str, bytes], *more: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
        for info in more:
            made.addfile(info)
    return path


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refuse(archive: Path, folder: Path, error=UnsafeArchive) -> str:
    """Unpack, and check that it is refused and that nothing is left anywhere."""
    beside = set(folder.parent.iterdir())
    with pytest.raises(error) as caught:
        unpack(archive, folder)
    assert list(folder.iterdir()) == []
    assert set(folder.parent.iterdir()) == beside
    assert archive.name in str(caught.value)
    return str(caught.value)


MAKERS = {"a.zip": make_zip, "a.tar": make_tar, "a.tar.gz": make_tar, "a.tgz": make_tar}
makers = pytest.mark.parametrize(("name", "make"), MAKERS.items(), ids=MAKERS)


@makers
def test_a_good_archive_is_unpacked_whole(name, make, tmp_path, folder):
    seen = []
    unpack(make(tmp_path / name, FILES), folder, lambda done, total: seen.append((done, total)))
    assert content_of(folder) == FILES
    assert seen == [(1, 3), (2, 3), (3, 3)]


@makers
def test_an_archive_of_nothing_is_unpacked_to_nothing(name, make, tmp_path, folder):
    unpack(make(tmp_path / name, {}), folder)
    assert content_of(folder) == {}


def test_folders_of_their_own_are_no_files(tmp_path, folder):
    unpack(make_zip(tmp_path / "a.zip", {"images/": b"", "images/a.png": b"x"}), folder)
    member = tarfile.TarInfo("more")
    member.type = tarfile.DIRTYPE
    unpack(make_tar(tmp_path / "a.tar", {"more/b.png": b"y"}, member), folder)
    assert content_of(folder) == {"images/a.png": b"x", "more/b.png": b"y"}


@makers
def test_backslashes_part_folders(name, make, tmp_path, folder):
    unpack(make(tmp_path / name, {"images\\a.png": b"x"}), folder)
    assert content_of(folder) == {"images/a.png": b"x"}


def test_a_folder_that_a_windows_program_wrote_is_no_file(tmp_path, folder):
    unpack(make_zip(tmp_path / "a.zip", {"images\\": b"", "images\\a.png": b"x"}), folder)
    assert content_of(folder) == {"images/a.png": b"x"}


@makers
@pytest.mark.parametrize(
    "entry",
    ["../x", "images/../../x", "a/../../../etc/passwd", "..\\x", "images\\..\\..\\x", "..",
     "/etc/x", "//host/share/x", "\\x", "\\\\host\\share\\x", "C:\\x", "C:x", "c:/x"],
)  # fmt: skip
def test_an_entry_outside_the_folder_is_refused(name, make, entry, tmp_path, folder):
    archive = make(tmp_path / name, {"Case_topic.json": b"[]", entry: b"evil", "z": b""})
    assert "nothing was unpacked" in refuse(archive, folder)


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_a_link_or_device_in_a_tar_is_refused(name, kind, tmp_path, folder):
    member = tarfile.TarInfo("images/link")
    member.type, member.linkname = kind, "/etc/passwd"
    assert "link or a device" in refuse(make_tar(tmp_path / name, FILES, member), folder)


@pytest.mark.parametrize("kind", [0o120000, 0o020000, 0o060000, 0o010000])
def test_a_link_or_device_in_a_zip_is_refused(kind, tmp_path, folder):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("a", "b")
        info = zipfile.ZipInfo("images/link")
        info.external_attr = (kind | 0o777) << 16
        made.writestr(info, "/etc/passwd")
    assert "link or a device" in refuse(tmp_path / "a.zip", folder)


@makers
@pytest.mark.parametrize("again", ["a.json", "./a.json", "images/../a.json"])
def test_an_entry_that_stands_twice_is_refused(name, make, again, tmp_path, folder):
    path = tmp_path / name
    if make is make_zip:
        with (
            pytest.warns(UserWarning) if again == "a.json" else nullcontext(),
            zipfile.ZipFile(path, "w") as made,
        ):
            made.writestr("a.json", "1")
            made.writestr(again, "2")
    else:
        members = [tarfile.TarInfo("a.json"), tarfile.TarInfo(again)]
        make(path, {}, *members)
    refuse(path, folder)


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_bomb_is_refused_by_what_it_says_of_its_sizes(name, tmp_path, folder):
    archive = MAKERS[name](tmp_path / name, {"bomb.json": bytes(210 << 20)})
    assert archive.stat().st_size < 1 << 20
    assert "bomb" in refuse(archive, folder)


def test_text_that_shrinks_well_is_no_bomb(tmp_path, folder):
    archive = make_zip(tmp_path / "a.zip", {"Case_topic.json": b'{"a": null}' * 400_000})
    unpack(archive, folder)
    assert (folder / "Case_topic.json").stat().st_size == 4_400_000


def test_a_zip_that_says_less_than_it_holds_gives_no_more_and_is_refused(tmp_path, folder):
    archive = make_zip(tmp_path / "a.zip", {"first": b"1", "liar": b"x" * 100_000})
    data = archive.read_bytes()
    assert data.count(struct.pack("<I", 100_000)) == 2
    archive.write_bytes(data.replace(struct.pack("<I", 100_000), struct.pack("<I", 10)))
    refuse(archive, folder, SourceError)


def test_a_source_that_gives_more_than_it_said_is_cut_off(tmp_path):
    limited = archives._Limited(io.BytesIO(b"x" * 11), 10, tmp_path / "a.zip", "liar")
    with pytest.raises(UnsafeArchive, match="larger than it says"):
        limited.read()


def test_an_encrypted_zip_is_refused_before_anything_is_written(tmp_path, folder):
    archive = make_zip(tmp_path / "a.zip", {"open": b"1", "locked": b"2" * 50})
    data = bytearray(archive.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rfind(mark) + flags] |= 1
    archive.write_bytes(data)
    assert "encrypted" in refuse(archive, folder, SourceError)


@makers
def test_an_archive_cut_anywhere_is_an_error_of_the_source(name, make, tmp_path, folder):
    rng = random.Random(1)
    files = {f"images/{n}.png": rng.randbytes(3000) for n in range(4)}
    data = make(tmp_path / name, files).read_bytes()
    for cut in [
        0,
        1,
        100,
        511,
        700,
        len(data) // 2,
        len(data) - 2000 * name.startswith("a.t") - 40,
    ]:
        if name == "a.tar" and cut > 4 * 4096:
            continue  # behind the last entry there is but padding
        (tmp_path / name).write_bytes(data[:cut])
        refuse(tmp_path / name, folder, SourceError)


@makers
def test_a_damaged_archive_is_an_error_of_the_source_or_unpacks(name, make, tmp_path, folder):
    rng = random.Random(2)
    data = make(tmp_path / name, FILES).read_bytes()
    for turn in range(120):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        (tmp_path / name).write_bytes(broken)
        here = folder / str(turn)
        here.mkdir()
        try:
            unpack(tmp_path / name, here)
        except SourceError:
            assert content_of(here) == {}
        except DiskFull:
            pass  # by a damaged size
    assert set(tmp_path.iterdir()) == {tmp_path / name, folder}


@makers
def test_what_is_no_archive_at_all_is_an_error_of_the_source(name, make, tmp_path, folder):
    (tmp_path / name).write_bytes(b"<html>not found</html>" * 100)
    assert "get it again" in refuse(tmp_path / name, folder, SourceError)


@makers
def test_an_archive_that_needs_a_file_as_a_folder_is_refused_and_leaves_nothing(
    name, make, tmp_path, folder
):
    archive = make(tmp_path / name, {"b/c": b"0", "a": b"1", "a/b": b"2"})
    refuse(archive, folder, SourceError)


def test_what_was_in_the_folder_before_outlives_a_failure(tmp_path, folder):
    (folder / "images").mkdir()
    (folder / "images" / "mine.png").write_bytes(b"mine")
    archive = make_zip(tmp_path / "a.zip", {"images/a.png": b"1", "images/mine.png": b"2"})
    with pytest.raises(SourceError):
        unpack(archive, folder)
    assert content_of(folder) == {"images/mine.png": b"mine"}


def test_a_disk_without_room_is_named_before_anything_is_written(tmp_path, folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda _: usage(1 << 30, 1 << 30, 1 << 20))
    with pytest.raises(DiskFull, match="make room"):
        unpack(make_zip(tmp_path / "a.zip", FILES), folder)
    assert content_of(folder) == {}


@pytest.mark.parametrize("name", ["a.zip", "A.ZIP", "a.tar.gz", "a.tgz", "a.tar"])
def test_archives_are_known_by_their_names(name):
    assert is_archive(Path(name))


@pytest.mark.parametrize("name", ["a", "zip", "a.zip.part", "a.json", "a.7z", "a.gz"])
def test_other_files_are_no_archives(name):
    assert not is_archive(Path(name))
