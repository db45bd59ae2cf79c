import json

import datasets
import pyarrow.parquet as pq
import pytest

from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.hf import split_name
from medpix2.export.writing import write_export


@pytest.fixture
def load(tmp_path):
    """Return what loads an export with the library that users load it with."""

    def load_(folder, config, **more):
        return datasets.load_dataset(str(folder), config, cache_dir=str(tmp_path / "cache"), **more)

    return load_


def test_both_configurations_load_with_their_splits(exported, load, told):
    folder = exported("hf")
    images, cases = load(folder, "images"), load(folder, "cases")
    assert {name: len(rows) for name, rows in images.items()} == {
        "train": 8, "dev": 4, "unsplit": 1,
    }  # fmt: skip
    assert {name: len(rows) for name, rows in cases.items()} == {
        "train": 4, "dev": 2, "unsplit": 1,
    }  # fmt: skip
    row = images["train"][0]
    assert row["image"].size == (24, 16) and row["image_id"] == "MPX1000_ct0"
    assert (row["case_diagnosis"], row["age"]) == ("Hamartoma, chondroid", 40.0)
    case = cases["dev"][1]
    assert [picture.size for picture in case["images"]] == [(24, 16)] * 3
    assert case["image_ids"] == ["MPX1005_ct0", "MPX1005_ct1", "MPX1005_mr0"]
    with told.held[0].pictures[0].path.open("rb") as file:
        stored = images["train"].cast_column("image", datasets.Image(decode=False))[0]["image"]
        assert stored == {"bytes": file.read(), "path": "MPX1000_ct0.png"}


def test_labels_are_classes_and_missing_ones_none(exported, load):
    rows = load(exported("hf"), "images")["train"]
    modality, plane = rows.features["modality"], rows.features["plane"]
    assert modality.names == ["CT", "MR"] and plane.names == ["Axial", "Coronal"]
    said = {row["image_id"]: row["plane"] for row in rows}
    assert said["MPX1000_ct0"] == plane.str2int("Axial")
    assert said["MPX1001_ct0"] == plane.str2int("Coronal") and said["MPX1001_ct1"] is None
    assert rows.features["split"].int2str(rows[0]["split"]) == "train"


def test_a_field_that_is_null_throughout_a_split_loads(told, exported, load):
    for at, case in enumerate(told.held):
        if case.document["meta"]["split"] == "dev":
            told.changed(at, normalized={"age": None, "location": None, "keywords": ()})
    data = load(exported("hf"), "images")
    assert set(data["dev"]["age"]) == {None} and set(data["dev"]["location"]) == {None}
    assert data["dev"].features == data["train"].features


def test_it_streams(exported, load):
    rows = load(exported("hf"), "images", split="dev", streaming=True)
    assert [row["image_id"] for row in rows.take(2)] == ["MPX1002_ct0", "MPX1005_ct0"]
    assert rows.features["modality"].names == ["CT", "MR"]


def test_a_single_file_loads_too_and_declares_what_it_has(exported, tmp_path):
    file = exported("hf") / "images" / "train-00000-of-00001.parquet"
    declared = json.loads(pq.read_schema(file).metadata[b"huggingface"])["info"]["features"]
    assert declared["image"] == {"_type": "Image"}
    cache = str(tmp_path / "cache")
    rows = datasets.load_dataset("parquet", data_files=str(file), split="train", cache_dir=cache)
    assert rows[0]["image"].size == (24, 16) and rows[0]["modality"] == "CT"


def test_chosen_fields_come_with_the_ids(exported, load):
    rows = load(exported("hf", fields=("caption", "title")), "images")["train"]
    assert set(rows.column_names) == {"image", "image_id", "case_id", "split", "caption", "title"}


def test_shards_say_how_many_there_are(told, tmp_path, load):
    size = sum(p.path.stat().st_size for case in told.held[:2] for p in case.pictures)
    done = write_export(FORMATS["hf"], told, Wishes(shard_size=size), tmp_path / "out")
    names = sorted(path.name for path in (done.folder / "images").iterdir())
    assert names == [
        "dev-00000-of-00001.parquet", "train-00000-of-00002.parquet",
        "train-00001-of-00002.parquet", "unsplit-00000-of-00001.parquet",
    ]  # fmt: skip
    assert load(done.folder, "images")["train"]["image_id"][0] == "MPX1000_ct0"


def test_a_case_without_pictures_has_an_empty_list(told, exported, load):
    told.add("MPX2000", split="train")
    cases = load(exported("hf"), "cases")["train"]
    assert cases[-1]["images"] == [] and cases[-1]["case_id"] == "MPX2000"


def test_the_page_s_example_runs(exported, run_example):
    names = run_example("hf", exported("hf"))
    assert names["images"]["train"].num_rows == 8 and names["cases"]["train"].num_rows == 4


def test_no_split_is_named_as_datasets_names_all_of_them():
    assert [split_name(name) for name in ("dev", "all", None)] == ["dev", "unsplit", "unsplit"]
