from __future__ import annotations

import json
import re

import pytest

from medpix2.errors import OutputError
from medpix2.export.check import check_export
from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.writing import write_export

PICTURE = "images/MPX1001_ct0.png"


@pytest.fixture(params=["medpix2", "csv", "parquet"])
def exported(request, small, tmp_path):
    return write_export(FORMATS[request.param], small, Wishes(), tmp_path / "out").folder


@pytest.fixture
def problems():
    def found(folder):
        return check_export(folder, jobs=2).problems

    return found


def relist(folder, name):
    """List a file as it is now, as somebody would who wants to hide a change."""
    import hashlib

    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / name).read_bytes()
    manifest["files"][name] = [hashlib.sha256(content).hexdigest(), len(content)]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_changed_file_is_found(exported, problems):
    content = bytearray((exported / PICTURE).read_bytes())
    content[-20] ^= 1
    (exported / PICTURE).write_bytes(content)
    assert any(p.startswith(f"{PICTURE}: its content is not") for p in problems(exported))


def test_a_cut_a_missing_and_a_foreign_file_are_found(exported, problems):
    (exported / PICTURE).write_bytes(b"x")
    (exported / "images/MPX1002_ct0.png").unlink()
    (exported / "images/other.png").write_bytes(b"x")
    found = problems(exported)
    assert f"{PICTURE}: has 1 bytes, not" in " ".join(found)
    assert "images/MPX1002_ct0.png: is not there" in found
    assert "images/other.png: is there, but manifest.json does not list it" in found


def test_a_picture_that_cannot_be_decoded_is_found_though_it_is_listed(exported, problems):
    (exported / PICTURE).write_bytes(b"\x89PNG no more")
    relist(exported, PICTURE)
    found = problems(exported)
    assert len(found) == 1
    assert re.search(r"picture MPX1001_ct0 cannot be decoded", found[0])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("split", 0, "dev"), "case MPX1001 is in dev and train|case MPX1001 is in train and dev"),
        (("modality", 0, "XR"), "MPX1001_ct0 has the modality 'XR'"),
        (("image_id", 1, "MPX1001_ct0"), "image MPX1001_ct0 is there twice"),
    ],
)
def test_what_is_wrong_in_a_table_is_found(small, tmp_path, problems, change, expected):
    from medpix2.export.csv_tables import read_rows

    name, at, value = change
    del small.held[0]
    out = write_export(FORMATS["csv"], small, Wishes(), tmp_path / "out").folder
    columns = list(next(read_rows(out / "images.csv")))
    lines = (out / "images.csv").read_bytes().decode().split("\r\n")
    cells = lines[1 + at].split(",")
    cells[columns.index(name)] = value
    lines[1 + at] = ",".join(cells)
    (out / "images.csv").write_text("\r\n".join(lines), "utf-8", newline="")
    relist(out, "images.csv")
    assert any(re.search(expected, problem) for problem in problems(out))


def test_a_case_in_two_splits_of_the_published_layout_is_found(small, tmp_path, problems):
    out = write_export(FORMATS["medpix2"], small, Wishes(), tmp_path / "out").folder
    path = out / "splitted_dataset/uid_list.json"
    lists = json.loads(path.read_text())
    lists["dev"].append("MPX1000")
    path.write_text(json.dumps(lists))
    relist(out, "splitted_dataset/uid_list.json")
    assert any("case MPX1000 is in" in problem for problem in problems(out))


def test_a_row_that_is_gone_is_found(small, tmp_path, problems):
    out = write_export(FORMATS["csv"], small, Wishes(), tmp_path / "out").folder
    lines = (out / "images.csv").read_bytes().splitlines(keepends=True)
    (out / "images.csv").write_bytes(b"".join(lines[:-1]))
    relist(out, "images.csv")
    assert problems(out) == ["manifest.json: says 13 images, but there are 12"]


def test_what_cannot_be_read_is_a_problem_and_no_error(exported, problems):
    name = next(p.name for p in exported.iterdir() if p.suffix in (".csv", ".parquet", ".json")
                and p.name not in ("manifest.json", "images_overview.csv"))  # fmt: skip
    (exported / name).write_bytes(b'"\x00\xff broken')
    relist(exported, name)
    assert any("cannot be read" in problem for problem in problems(exported))


def test_a_format_of_the_future_is_told(exported, problems):
    path = exported / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "format": "holograms"}))
    assert any("'holograms' is not known here" in problem for problem in problems(exported))


@pytest.mark.parametrize("listed", ["../../etc/passwd", "/etc/passwd"])
def test_no_file_outside_is_read(exported, problems, listed):
    path = exported / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][listed] = ["0" * 64, 1]
    path.write_text(json.dumps(manifest))
    assert any("is outside of the export" in problem for problem in problems(exported))


@pytest.mark.parametrize("content", [None, "", "[]", '{"files": 3}', '{"files": {"a": 1}}', "\xff"])
def test_what_is_no_export_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, "latin-1")
    with pytest.raises(OutputError):
        check_export(tmp_path)
