from __future__ import annotations

import json

from medpix2.cli.build import EXAMPLES
from medpix2.store.database import open_store


def test_a_build_says_what_it_did_and_a_second_that_nothing_changed(medpix2, source, fresh_home):
    folder = source.write()
    first = medpix2("build", folder)
    assert first.stdout.startswith(f"Stored {folder}: cases 5 new, 0 changed, 0 unchanged; images")
    assert "The database holds 5 cases with 9 images." in first.stdout
    assert "\n\tCT\tMR\tall\nHead\t2\t3\t5\n" in first.stdout
    assert "train\t3\t5" in first.stdout
    assert "Problems" not in first.stdout
    assert "\x1b" not in first.stdout
    assert first.stderr == ""
    second = medpix2("build", folder)
    assert second.stdout.startswith(f"Nothing changed: the database has all of {folder} already.")
    assert "Decoded 0 pictures" in second.stdout


def test_the_summary_as_json(medpix2, source):
    told = medpix2.json("build", source.write(), "--json")
    assert told["cases"] == {"new": 5, "changed": 0, "same": 0}
    assert told["images"] == {"new": 9, "changed": 0, "same": 0}
    assert told["current"] == {"new": 14, "changed": 0, "same": 0, "gone": 0}
    assert (told["unchanged"], told["pictures_examined"], told["problems"]) == (False, 9, {})
    assert told["summary"]["splits"] == {"train": [3, 5], "dev": [1, 1], "test": [1, 3]}
    assert medpix2.json("build", source.write(), "--json")["unchanged"] is True


def break_it(source):
    for name in ("MPX1_ct0", "MPX1_ct1", "MPX2_mr0", "MPX3_ct0"):
        source.pictures[name] = b"no picture"
    source.found("MPX5_ct0")["Type"] = "X-ray"
    return source.write()


def test_problems_are_counted_with_examples_and_the_report_has_all(medpix2, source, fresh_home):
    done = medpix2("build", break_it(source))
    lines = [line for line in done.stdout.splitlines() if "images/MPX" in line]
    assert len(lines) == EXAMPLES
    assert lines[0] == "error\tbad-picture\t4\timages/MPX1_ct0.png MPX1_ct0: is not a picture"
    report = fresh_home.home / "reports" / "build.json"
    assert done.stderr == f"All 6 problems stand in {report}\n"
    told = json.loads(report.read_text())
    assert told["counts"]["bad-picture"] == 4
    assert len(told["problems"]) == 6
    invalid = next(row for row in told["problems"] if row["kind"] == "invalid-field")
    assert (invalid["file"], invalid["index"], invalid["field"], invalid["id"]) == (
        "Descriptions.json", source.images.index(source.found("MPX5_ct0")), "Type", "MPX5_ct0",
    )  # fmt: skip


def test_a_strict_build_prints_the_problems_and_fails_with_one_line(
    medpix2, source, fresh_home, tmp_path
):
    report = tmp_path / "reports" / "mine.json"
    done = medpix2("build", break_it(source), "--strict", "--report", str(report), code=1)
    assert "bad-picture" in done.stdout or "invalid-field" in done.stdout
    assert "the database is as it was" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert json.loads(report.read_text())["problems"]
    with open_store(fresh_home) as store:
        assert store.cases.count_documents({}) == 0


def test_a_strict_build_reports_all_problems_not_just_the_first(medpix2, source, tmp_path):
    report = tmp_path / "mine.json"
    medpix2("build", break_it(source), "--strict", "--report", str(report), code=1)
    kinds = {row["kind"] for row in json.loads(report.read_text())["problems"]}
    assert kinds >= {"bad-picture", "invalid-field"}


def test_a_report_that_cannot_be_written_is_one_line(medpix2, source):
    done = medpix2("build", source.write(), "--report", "/proc/no/report.json", code=1)
    assert done.stderr.startswith("medpix2: Report /proc/no/report.json cannot be written: ")
    assert len(done.stderr.splitlines()) == 1


def test_pictures_are_copied_unless_they_are_to_be_linked(medpix2, source, fresh_home):
    medpix2("build", source.write(), "--link")
    assert not (fresh_home.home / "pictures").exists()
    medpix2("build", source.write())
    assert len(list((fresh_home.home / "pictures").rglob("*.png"))) == 9
    again = medpix2("build", source.write(), "--copy", "--recheck")
    assert "Nothing changed" in again.stdout
    assert "Decoded 9 pictures" in again.stdout


def test_a_source_of_which_nothing_can_be_stored_fails(medpix2, source, fresh_home):
    for document in (*source.cases, *source.images):
        document["U_id"] = ""
        document.pop("image", None)
    done = medpix2("build", source.write(), code=1)
    report = fresh_home.home / "reports" / "build.json"
    assert f"Left out {len(source.cases) + len(source.images)} documents" in done.stdout
    assert done.stderr.splitlines()[-1] == (
        f"medpix2: {source.folder} has no case and no image that could be stored: "
        f"name another source, or mend this one; what is wrong with it stands in {report}"
    )
    assert json.loads(report.read_text())["problems"]


def test_an_empty_source_fails(medpix2, source):
    source.cases, source.images, source.splits = [], [], {}
    done = medpix2("build", source.write(), "--json", code=1)
    assert json.loads(done.stdout)["cases"] == {"new": 0, "changed": 0, "same": 0}
    assert done.stderr.startswith(f"medpix2: {source.folder} has no case and no image that")
