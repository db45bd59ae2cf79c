from __future__ import annotations

import json
import os

import bson
import pytest

from medpix2.extract.published import open_copy
from medpix2.extract.survey import Problems, survey
from medpix2.records import Problem


def found(copy):
    """Return (kind, file, index, id, field) of every problem."""
    problems = survey(copy.open()).problems
    assert problems.total() == len(problems.kept)
    for problem in problems.kept:
        assert str(problem).isprintable()
        bson.encode(problem.model_dump())
    return [(p.kind, p.file, p.index, p.id, p.field) for p in problems.kept]


def messages(copy):
    return [problem.message for problem in survey(copy.open()).problems.kept]


def test_a_sound_copy_has_no_problem(copy):
    known = survey(copy.write().open())
    assert known.problems.kept == []
    assert known.case_ids == {"A", "B", "C"}
    assert known.images == {
        "A_1": ("A", "CT"), "A_2": ("A", "CT"), "B_1": ("B", "MR"), "C_1": ("C", "CT"),
    }  # fmt: skip
    assert known.splits == {"A": "train", "B": "train", "C": "dev"}
    assert known.halves == {"A": "train_1", "B": "train_2"}
    assert set(known.overview) == set(known.images)


def test_a_copy_without_splits_and_overview_has_no_problem(copy):
    copy.lists = copy.rows = None
    assert found(copy.write()) == []


@pytest.mark.real
def test_the_real_release_is_out_of_step_with_its_overview_alone(real_copy):
    known = survey(open_copy(real_copy))
    assert dict(known.problems.counts) == {
        ("warning", "overview-extra"): 236,
        ("warning", "overview-missing"): 241,
    }
    assert (len(known.case_ids), len(known.images)) == (602, 1850)
    assert sum(modality == "CT" for _, modality in known.images.values()) == 962
    splits, halves = list(known.splits.values()), list(known.halves.values())
    assert {name: splits.count(name) for name in splits} == {"train": 535, "dev": 67}
    assert {name: halves.count(name) for name in halves} == {"train_1": 267, "train_2": 268}


@pytest.mark.real
def test_all_pictures_of_the_real_release_have_uuids_where_the_overview_has_them(real_copy):
    rows = open_copy(real_copy).overview()
    assert all(row.image_uuid and row.image_url for row in rows.values())


CASES, IMAGES = "Case_topic.json", "Descriptions.json"


def test_a_field_of_the_wrong_kind(copy):
    copy.cases[1]["Case"]["Title"] = 5
    copy.images[0]["Description"]["Age"] = 42
    copy.images[2]["Location"] = ["Spine"]
    assert found(copy.write()) == [
        ("invalid-field", CASES, 1, "B", "Case.Title"),
        ("invalid-field", IMAGES, 0, "A_1", "Description.Age"),
        ("invalid-field", IMAGES, 2, "B_1", "Location"),
    ]


def test_a_field_that_is_missing(copy):
    del copy.cases[0]["Topic"], copy.images[3]["Description"]
    assert found(copy.write()) == [
        ("invalid-field", CASES, 0, "A", "Topic"),
        ("invalid-field", IMAGES, 3, "C_1", "Description"),
    ]


def test_a_field_that_is_unknown(copy):
    copy.cases[2]["$where"] = {"a.b": "c\0"}
    copy.images[1]["Description"]["More\0"] = 1
    assert found(copy.write()) == [
        ("unknown-field", CASES, 2, "C", "$where"),
        ("unknown-field", IMAGES, 1, "A_2", "Description.More\\x00"),
    ]


@pytest.mark.parametrize("name", ["../B", "B\n", "", "B" * 10_000, "\ud800", "\x1b[31mB", None, 5])
def test_an_id_that_cannot_be_used(name, copy):
    copy.cases[1]["U_id"] = name
    copy.images[0]["image"] = name
    kinds = [problem[:3] for problem in found(copy.write())]
    assert ("invalid-id", CASES, 1) in kinds
    assert ("invalid-id", IMAGES, 0) in kinds
    known = survey(copy.open())
    assert known.case_ids == {"A", "C"}
    assert "A_1" not in known.images


def test_a_document_that_is_no_object(copy):
    copy.cases.append(None)
    copy.images.append(["A_1"])
    assert found(copy.write()) == [
        ("invalid-field", CASES, 3, None, None),
        ("invalid-field", IMAGES, 4, None, None),
    ]


def test_an_id_that_stands_twice(copy, a_case, an_image):
    copy.cases.append(a_case("A", ["Z_9"]))
    copy.images += [an_image("B_1", "CT"), an_image("B_1", "MR")]
    assert found(copy.write()) == [
        ("duplicate-id", CASES, 3, "A", None),
        ("duplicate-id", IMAGES, 4, "B_1", None),
        ("duplicate-id", IMAGES, 5, "B_1", None),
    ]
    assert "index 2" in messages(copy)[1]
    assert survey(copy.open()).images["B_1"] == ("B", "MR")


def test_an_image_with_the_id_of_a_case(copy, an_image):
    copy.images.append(an_image("A", "CT", "A"))
    copy.cases[0]["TAC"].append("A")
    assert ("same-id", IMAGES, 4, "A", "image") in found(copy.write())
    assert "A" not in survey(copy.open()).images


def test_a_document_that_is_too_large(copy):
    copy.cases[1]["Case"]["Title"] = "x" * (3 << 20)
    assert ("too-large", CASES, 1, "B", None) in found(copy.write())


def test_an_image_whose_case_is_not_there(copy, an_image):
    copy.images.append(an_image("Z_1"))
    copy.pictures.add("Z_1")
    copy.rows = None
    assert found(copy.write()) == [("no-case", IMAGES, 4, "Z_1", None)]


def test_an_image_that_its_case_does_not_list(copy, an_image):
    copy.images.append(an_image("A_3"))
    copy.pictures.add("A_3")
    copy.rows = None
    assert found(copy.write()) == [("not-listed", IMAGES, 4, "A_3", None)]


def test_an_image_that_is_listed_as_another_kind_or_by_another_case(copy):
    copy.cases[0]["TAC"].remove("A_2")
    copy.cases[0]["MRI"].append("A_2")
    copy.cases[2]["TAC"].append("A_1")
    assert found(copy.write()) == [
        ("listed-otherwise", IMAGES, 0, "A_1", None),
        ("listed-otherwise", IMAGES, 1, "A_2", None),
    ]
    assert messages(copy) == [
        "is listed as CT in C and described as CT of A",
        "is listed as MR in A and described as CT of A",
    ]


def test_a_listed_image_that_is_not_described(copy):
    copy.cases[1]["MRI"] += ["B_2", "\x1b[31m"]
    assert found(copy.write()) == [("no-description", CASES, None, "B", None)] * 2


def test_an_image_without_a_picture_and_a_picture_without_a_description(copy):
    copy.pictures = copy.pictures - {"A_1", "C_1"} | {"Y_1", "Z_1"}
    assert found(copy.write()) == [
        ("no-picture", IMAGES, 0, "A_1", None),
        ("no-picture", IMAGES, 3, "C_1", None),
        ("undescribed-picture", "images", None, "Y_1", None),
        ("undescribed-picture", "images", None, "Z_1", None),
    ]


def test_a_picture_whose_name_is_no_text(copy):
    copy.write()
    (copy.folder / "images" / os.fsdecode(b"M\xe9.png")).write_bytes(b"x")
    assert found(copy) == [("undescribed-picture", "images", None, "M\\udce9", None)]


@pytest.mark.parametrize("file", [CASES, IMAGES])
def test_a_file_that_breaks_off(file, copy):
    content = (copy.write().folder / file).read_bytes()
    copy.put(file, content[:-40])
    problems = found(copy)
    assert ("broken-json", file, None, None, None) in problems
    known = survey(copy.open())
    assert known.case_ids >= {"A", "B"}
    assert set(known.images) >= {"A_1", "A_2", "B_1"}


def test_a_file_that_goes_on_behind_its_end(copy):
    copy.write().put(IMAGES, json.dumps(copy.images) + "[]")
    assert found(copy) == [("broken-json", IMAGES, None, None, None)]


def test_files_in_other_encodings(copy):
    copy.cases[0]["Topic"]["Title"] = "Ménière"
    text = json.dumps(copy.cases, ensure_ascii=False)
    for encoding in ("utf-8-sig", "utf-16", "utf-32-le"):
        copy.write().put(CASES, text.encode(encoding))
        assert found(copy) == []
    copy.put(CASES, text.encode("latin-1"))
    assert found(copy) == [("encoding", CASES, None, None, None)]
    for _, checked in copy.open().cases():
        assert checked.document["Topic"]["Title"] == "Ménière"


LISTS = "splitted_dataset/uid_list.json"


def test_lists_that_miss_repeat_and_do_not_know(copy):
    copy.lists = {"train": ["A", "A", "Z", "\x1b[31m"], "dev": ["A", 5], "train_1": ["B", "Y"]}
    assert found(copy.write()) == [
        ("split-repeated", LISTS, None, "A", None),
        ("split-unknown", LISTS, None, "Z", None),
        ("split-unknown", LISTS, None, "\\x1b[31m", None),
        ("split-repeated", LISTS, None, "A", None),
        ("split-unknown", LISTS, None, "5", None),
        ("split-unknown", LISTS, None, "Y", None),
        ("split-missing", LISTS, None, "B", None),
        ("split-missing", LISTS, None, "C", None),
    ]
    assert survey(copy.open()).splits == {"A": "train"}


def test_a_half_of_train_that_is_not_in_train(copy):
    copy.lists["train_2"].append("C")
    assert found(copy.write()) == [("split-disagrees", LISTS, None, "C", None)]
    assert messages(copy) == ["is in train_2 and in dev"]


def test_lists_and_documents_that_disagree(copy):
    train = "splitted_dataset/data_train.jsonl"
    copy.write().put(train, '{"U_id": "A"}\n{"U_id": "C"}\n{broken\n')
    assert found(copy) == [
        ("split-disagrees", train, None, None, None),
        ("split-disagrees", train, None, "B", None),
        ("split-disagrees", train, None, "C", None),
    ]
    assert messages(copy) == [
        "a line is broken",
        "stands for train in uid_list.json alone",
        "stands for train in data_train.jsonl alone",
    ]


def test_a_broken_line_is_told_where_there_are_no_lists(copy):
    copy.lists = None
    train = "splitted_dataset/data_train.jsonl"
    copy.write().put(train, '{"U_id": "A"}\n{"U_id": "B"}\n{"U_id": "C"}\n{broken\n')
    assert found(copy) == [("split-disagrees", train, None, None, None)]


@pytest.mark.parametrize("file", [LISTS, "images_overview.csv"])
def test_a_file_that_cannot_be_read_hurts_no_other(file, copy):
    copy.write().put(file, "\x1b nothing of the kind")
    assert found(copy) == [("unreadable-file", "copy", None, None, None)]
    known = survey(copy.open())
    assert known.case_ids == {"A", "B", "C"}
    assert bool(known.splits) == (file != LISTS)
    assert bool(known.overview) == (file == LISTS)


OVERVIEW = "images_overview.csv"


def test_an_overview_that_is_out_of_step(copy):
    _, _, of_b, _ = copy.rows
    copy.rows = [of_b, ("TAC", "Z", "Z_1", "", ""), ("PET", "C", "C_1", "", ""),
                 ("MRI", "A", "A_1", "", "")]  # fmt: skip
    assert sorted(found(copy.write())) == [
        ("overview-differs", OVERVIEW, None, "A_1", None),
        ("overview-differs", OVERVIEW, None, "C_1", None),
        ("overview-extra", OVERVIEW, None, "Z_1", None),
        ("overview-missing", OVERVIEW, None, "A_2", None),
    ]
    assert "line 3 lists an image that is not in the set" in messages(copy)


def test_many_problems_at_once_are_all_told(copy, a_case, an_image):
    copy.cases += [a_case("A"), None, a_case("../x")]
    copy.images += [an_image("A_1"), an_image("Z_1"), an_image("B", "MR", "A"), {}]
    copy.pictures |= {"Y_1"}
    copy.lists["train"].append("Q")
    copy.rows.append(("TAC", "Q", "Q_1", "", ""))
    kinds = [problem[0] for problem in found(copy.write())]
    assert sorted(set(kinds)) == [
        "duplicate-id", "invalid-field", "invalid-id", "no-case", "no-picture", "overview-extra",
        "overview-missing", "same-id", "split-unknown", "undescribed-picture",
    ]  # fmt: skip
    assert {kind: kinds.count(kind) for kind in ("duplicate-id", "invalid-id")} == {
        "duplicate-id": 2, "invalid-id": 2,
    }  # fmt: skip


def test_of_a_flood_of_problems_all_are_counted_and_enough_are_kept(monkeypatch):
    monkeypatch.setattr("medpix2.extract.survey.KEPT_A_KIND", 3)
    problems = Problems()
    problems.extend(
        Problem(kind=kind, severity=severity, file="a.json", index=n, message="is wrong")
        for n in range(10)
        for kind, severity in (("a", "error"), ("b", "warning"))
    )
    assert (problems.total(), problems.total("error"), len(problems.kept)) == (20, 10, 6)
    assert problems.counts["warning", "b"] == 10
