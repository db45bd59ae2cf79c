import csv
import errno
import hashlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2 import records
from medpix2.errors import OutputError
from medpix2.phantom.collection import documents
from medpix2.phantom.layout import HEADER, make_phantom


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_the_number_of_jobs_does_not_change_a_byte(tmp_path):
    for jobs in (1, 2):
        make_phantom(tmp_path / str(jobs), cases=20, seed=9, jobs=jobs, defects=2, broken=0.02)
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_a_larger_collection_begins_with_the_smaller_one(tmp_path, sound):
    make_phantom(tmp_path / "small", cases=4, seed=3, jobs=1, defects=0)
    small = digests(tmp_path / "small" / "images")
    large = digests(sound.folder / "images")
    assert small.items() <= large.items()


def test_layout_is_the_published_one(sound):
    assert {path.name for path in sound.folder.iterdir()} == {
        "Case_topic.json",
        "Descriptions.json",
        "images_overview.csv",
        "splitted_dataset",
        "images",
        "ground_truth.json",
    }
    raw = (sound.folder / "images_overview.csv").read_bytes()
    assert raw.startswith(HEADER.encode() + b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == len(sound.images) + 1
    assert (sound.folder / "Case_topic.json").read_text().startswith('[\n    {\n        "U_id"')
    data = sound.lines("data_train")[0]
    assert list(data) == ["U_id", "TAC", "MRI", "Case", "Topic"]
    assert list(data["Case"]) == sorted(data["Case"])
    assert data["Case"]["Media"] is None
    assert len(data["Case"]) == 10
    assert len(data["Topic"]) == 7


def test_what_is_listed_is_described_and_there(sound):
    listed = [image for case in sound.cases for image in case["TAC"] + case["MRI"]]
    there = {path.stem for path in (sound.folder / "images").iterdir()}
    assert listed == [image["image"] for image in sound.images]
    assert set(listed) == there
    assert len(listed) == len(there)
    with (sound.folder / "images_overview.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["ID_Image"] for row in rows} == there
    for row in rows:
        assert sound.image[row["ID_Image"]]["Type"] == {"TAC": "CT", "MRI": "MR"}[row["Type"]]
    assert sound.truth["planted"] == []


def test_splits_keep_cases_whole(sound):
    lists = sound.lists
    assert sorted(lists["train"]) == sorted(lists["train_1"] + lists["train_2"])
    every = lists["train"] + lists["dev"] + lists["test"]
    assert sorted(every) == sorted(sound.case)
    for name, ids in lists.items():
        assert [case["U_id"] for case in sound.lines(f"data_{name}")] == ids
        assert {image["U_id"] for image in sound.lines(f"descriptions_{name}")} == set(ids)


def test_without_defects_it_holds_the_documents(sound):
    pairs = list(documents(30, 3))
    assert [case for case, _ in pairs] == sound.cases
    assert [image for _, images in pairs for image in images] == sound.images


def test_spoiled_documents_are_still_records(spoiled):
    for case in spoiled.cases:
        assert records.Case.model_validate(case).published() == case
    for image in spoiled.images:
        records.Image.model_validate(image)


def test_pictures_have_sizes_and_modes_of_real_ones(sound):
    for path in (sound.folder / "images").iterdir():
        with Image.open(path) as image:
            assert image.mode == "RGB"
            assert image.width <= 512
            assert 96 <= image.height <= 1024


def test_out_that_is_not_empty_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        make_phantom(tmp_path / "out", cases=1)
    assert (tmp_path / "out" / "note").read_text() == "mine"


def test_empty_out_and_no_cases(tmp_path):
    (tmp_path / "out").mkdir()
    made = make_phantom(tmp_path / "out", cases=0, jobs=1)
    assert made.images == 0
    assert (tmp_path / "out" / "Case_topic.json").read_text() == "[]"


def test_an_interrupted_run_leaves_nothing(tmp_path):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_phantom(tmp_path / "out", cases=2, jobs=1, pictures=False, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_with_all(tmp_path):
    seen = []
    make_phantom(
        tmp_path / "out",
        cases=20,
        jobs=1,
        pictures=False,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (20, 20)


def make_small(out: Path, **more: Any) -> None:
    make_phantom(out, **{"cases": 3, "jobs": 1, "pictures": False, **more})


def test_a_folder_that_only_looks_like_ours_is_kept(tmp_path):
    for name in ("out.partial", "making-phantom-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note").write_text("mine")
    make_small(tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {
        "out",
        "out.partial",
        "making-phantom-mine",
    }
    assert (tmp_path / "out.partial" / "note").read_text() == "mine"


def test_out_has_the_rights_of_any_new_folder(tmp_path):
    (tmp_path / "plain").mkdir()
    make_small(tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_the_working_directory_can_be_out(tmp_path, monkeypatch):
    make_small(tmp_path / "plain")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    make_small(Path())
    assert digests(Path.cwd()) == digests(tmp_path / "plain")
    assert Path("ground_truth.json").is_file()  # still the directory that we are in
    with pytest.raises(OutputError, match="not empty"):
        make_small(Path())
    assert {path.name for path in tmp_path.iterdir()} == {"here", "plain"}


def test_a_link_to_an_empty_folder_is_followed(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    make_small(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "empty" / "ground_truth.json").is_file()


@pytest.mark.parametrize("out", ["/dev/null", "/dev/null/x", "circle", "circle/x"])
def test_out_that_cannot_be_made_is_one_error(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    Path("circle").symlink_to("circle")
    with pytest.raises(OutputError):
        make_small(Path(out))


@pytest.mark.parametrize("there", [False, True])
def test_two_processes_can_make_the_same(tmp_path, there):
    make_small(tmp_path / "alone", cases=20)
    if there:
        (tmp_path / "out").mkdir()
    inner = []

    def make_another(done: int, total: int) -> None:
        if not inner:
            inner.append(done)
            make_small(tmp_path / "out", cases=20)

    make_small(tmp_path / "out", cases=20, progress=make_another)
    assert digests(tmp_path / "out") == digests(tmp_path / "alone")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "alone"}


@pytest.mark.parametrize("other", [{"seed": 2}, {"cases": 4}, {"defects": 0}, {"pictures": True}])
def test_another_collection_that_was_first_is_kept(tmp_path, other):
    make_small(tmp_path / "alone", **other)

    def make_another(done: int, total: int) -> None:
        make_small(tmp_path / "out", **other)

    with pytest.raises(OutputError, match="not empty"):
        make_small(tmp_path / "out", progress=make_another)
    assert digests(tmp_path / "out") == digests(tmp_path / "alone")
    assert {path.name for path in tmp_path.iterdir()} == {"out", "alone"}


@pytest.mark.parametrize(
    "broken_at", ["splitted_dataset", "Descriptions.json", "ground_truth.json"]
)
def test_an_empty_folder_is_empty_again_when_it_cannot_be_filled(tmp_path, monkeypatch, broken_at):
    (tmp_path / "out").mkdir()
    rename = Path.rename

    def fail(path: Path, to: Path) -> Path:
        if path.name == broken_at and to.parent == tmp_path / "out":
            raise OSError(errno.EIO, "Input/output error")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OutputError, match="Input/output error"):
        make_small(tmp_path / "out")
    assert [path.name for path in tmp_path.rglob("*")] == ["out"]
