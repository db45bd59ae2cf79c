from __future__ import annotations

import json

import pytest

from medpix2.pipeline.build import build


def rows(done):
    """Return the rows of a piped table."""
    return [line.split("\t") for line in done.stdout.splitlines() if line]


def test_a_piped_table_has_one_line_a_case_with_tabs_between(phantom_program):
    done = phantom_program("find", "--limit", "7")
    head, *found = rows(done)
    assert head == ["case", "title", "type", "location", "age", "sex", "split", "pictures"]
    assert len(found) == 7
    assert all(len(row) == len(head) for row in found)
    assert "\x1b" not in done.stdout
    assert done.stderr.splitlines()[0].startswith("1 to 7 of 40 cases (")
    assert done.stderr.splitlines()[1] == "Next page: --offset 7"


def test_the_next_page_goes_on_where_the_first_ended(phantom_program):
    whole = [
        row["U_id"] for row in phantom_program.json("find", "--json", "--limit", "20")["results"]
    ]
    first = rows(phantom_program("find", "--limit", "12"))[1:]
    second = phantom_program("find", "--limit", "8", "--offset", "12")
    assert [row[0] for row in (*first, *rows(second)[1:])] == whole
    assert second.stderr.startswith("13 to 20 of 40 cases")


def test_one_row_a_picture(phantom_program):
    head, *found = rows(phantom_program("find", "--images", "--modality", "MR", "--limit", "5"))
    assert head[:2] == ["image", "modality"]
    assert [row[1] for row in found] == ["MR"] * 5


def test_results_as_json_and_as_json_lines(phantom_program):
    whole = phantom_program.json("find", "patient", "--json", "--limit", "5", "--counts")
    assert set(whole) == {"cases", "images", "offset", "widened", "results", "counts"}
    assert sum(whole["counts"]["modality"].values()) == whole["images"]
    done = phantom_program("find", "patient", "--jsonl", "--limit", "5")
    assert [json.loads(line) for line in done.stdout.splitlines()] == whole["results"]
    assert done.stderr == ""
    lines = phantom_program("find", "patient", "--jsonl", "--images", "--limit", "3").stdout
    for line in lines.splitlines():
        row = json.loads(line)
        assert row["image"].startswith(row["U_id"])
        assert row["score"] > 0


def test_counts_are_printed_below_the_table(phantom_program):
    said = phantom_program("find", "--counts", "--limit", "1").stdout
    assert "# location category\nvalue\tpictures\n" in said


def test_filters_find_what_they_say(phantom_program, phantom_store):
    asked = ["--modality", "mri", "--sex", "f", "--age", "30-50", "--split", "train"]
    found = phantom_program.json("find", *asked, "--json", "--limit", "10000")
    pictures = [image for row in found["results"] for image in row["images"]]
    for image in pictures:
        assert (image["modality"], image["sex"], image["split"]) == ("MR", "female", "train")
        assert 30 <= image["age"] < 51
    assert found["images"] == len(pictures) == phantom_store.current.count_documents(
        {"Type": "MR", "meta.normalized.sex": "female", "meta.split": "train",
         "meta.normalized.age": {"$gte": 30, "$lt": 51}}
    )  # fmt: skip


def test_a_filter_may_be_given_twice(phantom_program):
    def images(*more):
        return phantom_program.json("find", "--json", *more)["images"]

    both = images("--plane", "Axial", "--plane", "coronal")
    assert both == images("--plane", "axial") + images("--plane", "CORONAL")


def test_widening_is_told_and_can_be_left_out(phantom_program):
    done = phantom_program("find", "tumour", code=None)
    assert "Widened: tumour = tumor" in done.stderr
    assert phantom_program.json("find", "tumour", "--json")["widened"] == ["tumour = tumor"]
    assert "Widened" not in phantom_program("find", "tumour", "--exact").stderr


def test_phrases_and_words_with_a_minus(fresh_home, medpix2, source):
    source.found("MPX1")["Case"]["Title"] = "Left lung"
    source.found("MPX2")["Case"]["Title"] = "Lung, left"
    build(fresh_home, source.write())

    def found(*words):
        return [row["U_id"] for row in medpix2.json("find", "--json", *words)["results"]]

    assert sorted(found("left", "lung")) == ["MPX1", "MPX2"]
    assert found('"left lung"') == ["MPX1"]
    assert found('lung -"left lung"') == ["MPX2"]
    assert found("--", "lung", '-"left lung"') == ["MPX2"]


def test_nothing_found_is_no_error(phantom_program):
    done = phantom_program("find", "xyzzyx")
    assert done.stdout == ""
    assert done.stderr == "Nothing found: use fewer words or filters, or --status any.\n"
    told = phantom_program.json("find", "xyzzyx", "--json")
    assert (told["cases"], told["results"]) == (0, [])
    assert phantom_program("find", "xyzzyx", "--jsonl").stdout == ""


def test_a_page_behind_the_last_is_no_error(phantom_program):
    done = phantom_program("find", "--offset", "1000")
    assert done.stdout == ""
    assert done.stderr == "No page begins there: there are 40 cases.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--location-category", "Hed"], "did you mean 'Head'"),
        (["--status", "acepted"], "did you mean 'accepted'"),
        (["--limit", "0"], "No page of 0"),
        (["the"], "no word to look for"),
        (["--", "-lung"], "only what must not occur"),
        (["x" * 501], "use at most 500"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_line(phantom_program, arguments, line):
    assert line in phantom_program.failing("find", *arguments)


def test_bytes_that_are_no_text_do_no_harm(phantom_program):
    for arguments in (["find", b"caf\xff"], ["find", "--sex", b"\xff"], ["show", b"\xff"]):
        done = phantom_program(*arguments, code=None)
        assert done.returncode in (0, 1)
        assert "Traceback" not in done.stderr


# Show


def test_a_case_is_shown_as_published(phantom_program, phantom_folder):
    cases = json.loads((phantom_folder / "Case_topic.json").read_text())
    images = json.loads((phantom_folder / "Descriptions.json").read_text())
    for case in cases[:3]:
        told = phantom_program.json("show", case["U_id"], "--json")
        pictures = told.pop("images")
        assert told == case
        assert pictures == [
            next(image for image in images if image["image"] == name)
            for name in (*case["TAC"], *case["MRI"])
        ]


def test_a_picture_shows_its_case(phantom_program, phantom_store):
    image = phantom_store.images.find_one()
    page = phantom_program("show", image["_id"]).stdout
    assert page == phantom_program("show", image["U_id"]).stdout
    assert page.startswith(image["U_id"])
    assert image["_id"] in page


def test_an_id_may_be_given_in_small_letters(phantom_program, phantom_store):
    name = phantom_store.cases.find_one()["_id"]
    assert name != name.lower()
    assert phantom_program("show", name.lower()).stdout == phantom_program("show", name).stdout


def test_an_unknown_id_is_one_line_with_a_near_one(phantom_program):
    assert "did you mean MPX9" in phantom_program.failing("show", "MPX9000")
    assert "list them with `medpix2 find`" in phantom_program.failing("show", "ABC")
