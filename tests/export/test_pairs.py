import json

import pytest

from medpix2.errors import NotFound, SourceError
from medpix2.export.pairs import LABELS, read_about, read_pairs


@pytest.fixture
def folder(exported):
    """Return an export."""
    return exported("pairs")


def test_pairs_have_texts_labels_case_and_split(folder, told):
    pairs = read_pairs(folder)
    assert [pair.id for pair in pairs] == [
        picture.document["image"] for case in told.held for picture in case.pictures
    ]
    pair = pairs[1]
    assert (pair.case, pair.split, pair.split_half, pair.age) == ("MPX1001", "train", "train_1", 40)
    assert pair.labels == {
        "modality": "CT", "location_category": "Head", "location": "Brain", "plane": "Coronal",
        "sequence": None, "contrast": None, "sex": "male",
    }  # fmt: skip
    assert pair.texts["caption"] == "-1 ° of a/b" and pair.texts["title"] == "Hamartoma"
    assert pair.texts["facts"] == "Coronal CT image, Brain (Head), 40-year-old man."
    assert pair.open().size == (pair.width, pair.height) == (24, 16)


@pytest.mark.parametrize(("split", "number"), [("train", 8), ("dev", 4), (("train", "dev"), 12)])
def test_a_split_is_read_by_itself(folder, split, number):
    assert len(read_pairs(folder, split)) == number


def test_classes_of_the_labels_are_told(folder):
    classes = read_about(folder)["classes"]
    assert tuple(classes) == LABELS
    assert classes["modality"] == ["CT", "MR"] and classes["plane"] == ["Axial", "Coronal"]


def test_a_split_that_is_not_there_is_named(folder):
    with pytest.raises(NotFound, match="has no split 'test': it has dev, train"):
        read_pairs(folder, "test")


def test_pictures_that_are_missing_are_counted_and_named(folder):
    for name in ("MPX1000_ct0", "MPX1001_ct0"):
        (folder / "images" / f"{name}.png").unlink()
    with pytest.raises(SourceError, match=r"2 pictures of .*, the first is images/MPX1000_ct0.png"):
        read_pairs(folder)
    assert len(read_pairs(folder, "dev")) == 4  # which has all of its pictures


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"labels"', '"label"', 1),
        lambda text: "[]\n" + text,
        lambda text: "\n" + text,
    ],
)
def test_a_broken_line_is_named(folder, spoil):
    file = folder / "pairs.jsonl"
    file.write_text(spoil(file.read_text("utf-8")), "utf-8")
    with pytest.raises(SourceError, match=r"pairs.jsonl cannot be read, line \d+"):
        read_pairs(folder)


def test_another_folder_or_version_is_refused(folder, tmp_path):
    with pytest.raises(SourceError, match="is no export of the format pairs"):
        read_pairs(tmp_path)
    about = json.loads((folder / "pairs.json").read_text("utf-8"))
    (folder / "pairs.json").write_text(json.dumps({**about, "version": 2}), "utf-8")
    with pytest.raises(SourceError, match="of version 2 of the format pairs, not 1"):
        read_pairs(folder)
    (folder / "pairs.json").write_text("{", "utf-8")
    with pytest.raises(SourceError, match=r"pairs.json cannot be read"):
        read_pairs(folder)


def test_the_page_s_example_runs(folder, run_example, capsys):
    names = run_example("pairs", folder)
    assert names["picture"].size == (24, 16)
    assert capsys.readouterr().out.startswith("MPX1000_ct0 MPX1000 CT Axial CT image")
