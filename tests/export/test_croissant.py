import json
import subprocess
import sys
from pathlib import Path

import datasets
import mlcroissant
import pytest


@pytest.fixture
def folder(exported):
    """Return an export."""
    return exported("croissant")


def test_it_is_valid_by_mlcroissant_s_own_command(folder):
    program = Path(sys.executable).with_name("mlcroissant")
    done = subprocess.run(
        [str(program), "validate", "--jsonld", str(folder / "metadata.json")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "Done." in done.stderr, done.stderr
    warnings = [line for line in done.stderr.splitlines() if line.startswith("  -  ")]
    assert all("datePublished" in line for line in warnings), warnings


def test_records_load_with_their_pictures(folder):
    data = mlcroissant.Dataset(str(folder / "metadata.json"))
    images = {row["images/image_id"].decode(): row for row in data.records("images")}
    assert len(images) == 13
    row = images["MPX1001_mr0"]
    assert row["images/image"].size == (24, 16) and row["images/sequence"] == b"FLAIR"
    assert row["images/age"] == 40.0 and row["images/contrast"] is None
    cases = list(data.records("cases"))
    assert sorted(len(case["cases/images"]) for case in cases) == [1, 1, 1, 1, 3, 3, 3]
    assert {picture.size for case in cases for picture in case["cases/images"]} == {(24, 16)}


def test_how_the_data_came_about_is_told(folder):
    metadata = mlcroissant.Dataset(str(folder / "metadata.json")).metadata
    assert metadata.data_collection and metadata.data_biases and metadata.data_limitations
    assert metadata.personal_sensitive_information and metadata.data_use_cases


def test_files_and_fields_are_all_described(folder):
    found = json.loads((folder / "metadata.json").read_text("utf-8"))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    listed = {one["contentUrl"]: one["sha256"] for one in found["distribution"] if "sha256" in one}
    assert listed == {name: sha for name, (sha, _) in manifest.items() if name.endswith("parquet")}
    for record_set in found["recordSet"]:
        assert all(field["description"] for field in record_set["field"])


def test_the_folder_loads_with_datasets_too(folder, tmp_path):
    rows = datasets.load_dataset(str(folder), "images", cache_dir=str(tmp_path / "cache"))
    assert rows["train"].num_rows == 8


def test_the_page_s_example_runs(folder, run_example, capsys):
    run_example("croissant", folder)
    assert "b'MPX1000_ct0' (24, 16)" in capsys.readouterr().out
