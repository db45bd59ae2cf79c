from __future__ import annotations

import os
import shutil

import pytest

from medpix2.errors import SourceError
from medpix2.extract.jsonfile import BrokenJson
from medpix2.extract.published import OverviewRow, open_copy


def test_a_copy_is_opened_and_its_documents_are_read_in_order(copy):
    opened = copy.write().open()
    assert [(index, checked.document) for index, checked in opened.cases()] == [
        *enumerate(copy.cases)
    ]
    assert [checked.document for _, checked in opened.images()] == copy.images
    assert set(opened.pictures) == copy.pictures
    assert opened.split_lists() == copy.lists
    assert (opened.name, opened.site) == ("copy", "published")
    assert opened.origin == str(copy.folder)


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_the_layout_is_found_in_a_folder_below(depth, copy, tmp_path):
    outer = tmp_path / "outer"
    inner = outer.joinpath(*"abc"[:depth])
    copy.write()
    inner.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(copy.folder, inner)
    opened = open_copy(outer)
    assert len(list(opened.cases())) == 3
    assert len(opened.pictures) == 4
    assert opened.name == "outer"


def test_the_nearest_layout_is_taken(copy, tmp_path):
    copy.write()
    shutil.copytree(copy.folder, copy.folder / "older")
    assert open_copy(tmp_path).folder == copy.folder


def test_nobody_follows_links_in_search_of_a_layout(copy, tmp_path):
    copy.write()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "link").symlink_to(copy.folder)
    with pytest.raises(SourceError, match="has no"):
        open_copy(tmp_path / "other")


@pytest.mark.parametrize("missing", ["Case_topic.json", "Descriptions.json"])
def test_a_file_that_must_be_there_is_named(missing, copy):
    (copy.write().folder / missing).unlink()
    with pytest.raises(SourceError, match=f"has no {missing}"):
        copy.open()


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match="is not there"):
        open_copy(tmp_path / "no")


def test_a_folder_whose_name_is_no_text_is_named(copy, tmp_path):
    shutil.move(copy.write().folder, tmp_path / os.fsdecode(b"M\xe9"))
    with pytest.raises(SourceError, match="not UTF-8") as caught:
        open_copy(tmp_path / os.fsdecode(b"M\xe9"))
    str(caught.value).encode()


def test_two_files_suffice(copy):
    copy.lists = copy.rows = None
    copy.write()
    shutil.rmtree(copy.folder / "images")
    shutil.rmtree(copy.folder / "splitted_dataset")
    opened = copy.open()
    assert (opened.pictures, opened.split_lists(), opened.overview()) == ({}, {}, None)
    assert list(opened.split_documents("train")) == []


def test_a_phantom_is_told_by_its_ground_truth(copy):
    assert copy.write().put("ground_truth.json", "{}").open().site == "phantom"


def test_pictures_of_all_kinds_are_taken_and_nothing_else(copy):
    copy.write()
    for name in ("D_1.JPG", "D_2.tiff", "notes.txt", ".DS_Store", "noending"):
        copy.put(f"images/{name}", "x")
    (copy.folder / "images" / "folder.png").mkdir()
    assert set(copy.open().pictures) == {*copy.pictures, "D_1", "D_2"}


def test_of_two_files_for_one_image_the_same_is_taken_each_time(copy):
    copy.write().put("images/A_1.gif", "x").put("images/A_1.jpg", "x")
    assert copy.open().pictures["A_1"].name == "A_1.png"


def test_an_image_with_the_id_of_a_case_cannot_be_stored(copy, an_image):
    copy.images.insert(1, an_image("B", "MR", "A"))
    opened = copy.write().open()
    checked = [checked for _, checked in opened.images({"A", "B", "C"})]
    assert [c.document is None for c in checked] == [False, True, False, False, False]
    (problem,) = checked[1].problems
    assert (problem.kind, problem.severity, problem.id) == ("same-id", "error", "B")
    assert (problem.file, problem.index, problem.field) == ("Descriptions.json", 1, "image")
    assert '"U_id": "A"' in checked[1].raw


def test_a_file_that_breaks_off_gives_what_stands_before(copy):
    copy.write()
    content = (copy.folder / "Case_topic.json").read_bytes()
    copy.put("Case_topic.json", content[: content.index(b'"C"')])
    reading = copy.open().cases()
    assert [next(reading)[1].document["U_id"] for _ in "AB"] == ["A", "B"]
    with pytest.raises(BrokenJson):
        next(reading)


def test_without_lists_the_splits_are_those_of_the_documents(copy):
    copy.lists = None
    copy.write().put("splitted_dataset/data_train.jsonl", '{"U_id": "A"}\n{broken\n{"U_id": "B"}\n')
    copy.put("splitted_dataset/data_dev.jsonl", '{"U_id": "C"}\n[1]\n{"U_id": 5}\n')
    opened = copy.open()
    assert opened.split_lists() == {"train": ["A", "B"], "dev": ["C"]}
    assert list(opened.split_documents("train")) == ["A", "", "B"]
    assert list(opened.split_documents("dev")) == ["C", "", ""]


@pytest.mark.parametrize("content", ["[]", "{", "", "[" * 100_000, '{"train": "A"}', '{"dev": {}}'])
def test_lists_that_are_none_are_an_error(content, copy):
    opened = copy.write().put("splitted_dataset/uid_list.json", content).open()
    with pytest.raises(SourceError, match=r"uid_list\.json"):
        opened.split_lists()


def test_the_overview_says_where_an_image_comes_from(copy):
    row = copy.write().open().overview()["A_2"]
    assert row == OverviewRow(
        3, "TAC", "A", "https://openi/A_2.png", "https://medpix/case?id=uuid-A_2"
    )
    assert row.image_uuid == "uuid-A_2"


def test_lines_of_the_overview_are_those_that_an_editor_shows(copy):
    copy.write().put(
        "images_overview.csv", 'Type,U_id,ID_Image\n\nTAC,"A\nA",A_1\nTAC,A,\nMRI,B,B_1\n'
    )
    assert {name: row.line for name, row in copy.open().overview().items()} == {"A_1": 4, "B_1": 6}


@pytest.mark.parametrize("address", [None, "", "no address", "http://[bad", "https://x/case?id="])
def test_an_address_without_an_id_is_no_matter(address):
    assert OverviewRow(2, "TAC", "A", None, address).image_uuid is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no column ID_Image, Type, U_id"),
        ("a,b\n1,2\n", "has no column ID_Image, Type, U_id"),
        ("Type;U_id;ID_Image\nTAC;A;A_1\n", "has no column"),
        ("ID_Image,Type\nA_1,TAC\n", "has no column U_id"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no column|not a CSV"),
        ("Type,U_id,ID_Image\nTAC,A," + "x" * 200_000, "is not a CSV table"),
    ],
)
def test_an_overview_that_is_no_such_table_is_an_error(content, message, copy):
    opened = copy.write().put("images_overview.csv", content).open()
    with pytest.raises(SourceError, match=message):
        opened.overview()


@pytest.mark.parametrize("row", ["TAC", "TAC,A", "TAC,A,A_1,,,,,more,and,more", ",,A_1", "\0,,A_1"])
def test_a_row_of_the_wrong_length_hurts_no_other(row, copy):
    head = "Type,U_id,ID_Image,Img_Large,URL_Article_image\n"
    copy.write().put("images_overview.csv", f"{head}{row}\nMRI,B,B_1,x,y\n")
    try:
        assert copy.open().overview()["B_1"].type == "MRI"
    except SourceError as error:
        assert "\0" in row and "NUL" in str(error)


def test_what_a_document_carries_of_its_source(copy):
    said = copy.write().open().provenance(split="train", split_half=None, image_uuid="u")
    assert said == {
        "site": "published", "name": "copy", "origin": str(copy.folder), "split": "train",
        "image_uuid": "u",
    }  # fmt: skip
