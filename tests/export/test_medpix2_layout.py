from __future__ import annotations

import csv
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.export.content import ExportCase
from medpix2.export.format import Wishes
from medpix2.export.medpix2_layout import FORMAT, case_of, indented, line_of, published
from medpix2.export.writing import write_export
from medpix2.extract.published import open_copy

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(_VALUES)
def test_indented_is_what_json_writes(value):
    assert indented(value) == json.dumps(value, indent=4)


def test_the_files_are_laid_out_as_published(small, tmp_path):
    out = write_export(replace(FORMAT, cases_a_part=2), small, Wishes(), tmp_path / "out").folder
    cases = [published(case.document) for case in small.held]
    images = [published(p.document) for case in small.held for p in case.pictures]
    assert (out / "Case_topic.json").read_text() == json.dumps(cases, indent=4)
    assert (out / "Descriptions.json").read_text() == json.dumps(images, indent=4)
    split = {"train": [0, 1, 3, 6], "train_1": [0, 1, 3, 6], "dev": [2, 5]}
    uids = {name: [f"MPX100{n}" for n in numbers] for name, numbers in split.items()}
    assert (out / "splitted_dataset/uid_list.json").read_text() == json.dumps(uids, indent=4)
    lines = (out / "splitted_dataset/data_dev.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["U_id"] for line in lines] == uids["dev"]
    assert len((out / "splitted_dataset/descriptions_dev.jsonl").read_bytes().splitlines()) == 4
    assert {p.name for p in (out / "images").iterdir()} == {f"{i['image']}.png" for i in images}


def test_a_line_has_all_keys_sorted_and_slashes_escaped(small):
    line = line_of(published(small.held[0].document))
    assert b'"History":"A cough\\/fever."' in line and line.endswith(b"}}\n")
    found = json.loads(line)
    assert list(found) == ["U_id", "TAC", "MRI", "Case", "Topic"]
    assert list(found["Case"]) == sorted(found["Case"]) and len(found["Case"]) == 10
    assert found["Case"]["Media"] is None and len(found["Topic"]) == 7


def test_the_overview_is_in_step(small, tmp_path):
    small.changed(1, source={"image_url": "http://i.example/1.png", "page_url": "http://p.example"})
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    with (out / "images_overview.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    images = [p.document["image"] for case in small.held for p in case.pictures]
    assert [row["ID_Image"] for row in rows] == images
    assert {(row["Type"], row["ID_Image"].split("_")[1][:2]) for row in rows} == {
        ("TAC", "ct"), ("MRI", "mr"),
    }  # fmt: skip
    assert rows[1]["Img_Large"] == "http://i.example/1.png" and rows[0]["Img_Large"] == ""


def test_a_case_lists_the_pictures_that_are_exported_with_it(small):
    case = small.held[1]
    fewer = ExportCase(case.document, case.pictures[1:])
    assert case_of(fewer, Wishes())["TAC"] == ["MPX1001_ct1"]
    assert case_of(fewer, Wishes(as_published=True))["TAC"] == ["MPX1001_ct0", "MPX1001_ct1"]


def test_a_picture_whose_type_was_corrected_is_in_the_other_list(small):
    case = small.held[1]
    document = dict(case.pictures[0].document, Type="MR")
    document["meta"] = dict(document["meta"], corrected=["Type"])
    moved = ExportCase(
        case.document, [replace(case.pictures[0], document=document), *case.pictures[1:]]
    )
    assert case_of(moved, Wishes())["TAC"] == ["MPX1001_ct1"]
    assert case_of(moved, Wishes())["MRI"] == ["MPX1001_mr0", "MPX1001_ct0"]


def test_our_own_reader_reads_it(small, tmp_path):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    copy = open_copy(out)
    read = [checked.document for _, checked in copy.cases()]
    assert read == [published(case.document) for case in small.held]
    assert copy.split_lists()["dev"] == ["MPX1002", "MPX1005"]
    assert len(copy.pictures) == 13


def test_without_splits_there_is_no_folder_of_them(small, tmp_path):
    for n in range(len(small.held)):
        small.changed(n, split=None, split_half=None)
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    assert not (out / "splitted_dataset").exists()


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_bytes_do_not_depend_on_the_parts(small, tmp_path, tree, size):
    out = write_export(replace(FORMAT, cases_a_part=size), small, Wishes(), tmp_path / "a").folder
    whole = write_export(FORMAT, small, Wishes(), tmp_path / "b").folder
    files, expected = tree(out), tree(whole)
    assert files.pop("manifest.json") and expected.pop("manifest.json")
    assert files == expected


def test_the_examples_of_the_manual_run(small, tmp_path, run_examples):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    said = run_examples("medpix2.md", out)
    assert said[0].startswith("CT =Title of MPX1002")
