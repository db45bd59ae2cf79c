from __future__ import annotations

import csv
import os
import pty

import pytest

from medpix2.cli.review import item_lines
from medpix2.pipeline.build import build
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.pipeline.rereading import Item
from medpix2.store.database import open_store


@pytest.fixture
def built(inside, source, fresh_home):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        decide(store, ["MPX1_ct0", "MPX1_ct1"], Verdict("accept", "ann"))
        decide(store, ["MPX2_mr0"], Verdict("exclude", "ann", "no scan"))
    return inside


def test_a_second_reading_with_a_file_of_answers(built, tmp_path):
    blind = built("curate", "review", "--second-reading", "9").stdout
    rows = list(csv.reader(blind.splitlines()))
    assert rows[0] == ["id", "verdict"]
    assert {tuple(row) for row in rows[1:]} == {
        ("MPX1_ct0", ""),
        ("MPX1_ct1", ""),
        ("MPX2_mr0", ""),
    }
    answers = tmp_path / "answers.csv"
    answers.write_text("id,verdict\nMPX1_ct0,accept\nMPX1_ct1,exclude\nMPX2_mr0,exclude\n")
    arguments = ["curate", "review", "--second-reading", "9", "--answers", str(answers)]
    done = built(*arguments)
    assert done.stdout.startswith("Answered 3 of 3; 2 as before.\nCohen's kappa: 0.400\n")
    told = built.json(*arguments, "--json")
    assert told["differing"] == ["MPX1_ct1"]
    answers.write_text("MPX9,accept\n")
    assert "Line 1 of answers.csv has 'MPX9'" in built.failing(*arguments)
    answers.unlink()
    assert "cannot be read" in built.failing(*arguments)


def test_a_sample_is_recorded_when_asked(built, tmp_path):
    listed = built("curate", "review", "--sample-unflagged", "3").stdout.splitlines()[1:]
    if not listed:
        pytest.skip("the rules hit every picture of this source")
    answers = tmp_path / "answers.csv"
    answers.write_text("\n".join(f"{line}accept" for line in listed))
    arguments = ["curate", "review", "--sample-unflagged", "3", "--answers", str(answers)]
    told = built.json(*arguments, "--json")
    assert (told["answered"], told["excluded"], told["recorded"]) == (len(listed), [], 0)
    done = built(*arguments, "--record", "--by", "bob", "--out", str(tmp_path / "out.csv"))
    assert f"Recorded {len(listed)} decisions." in done.stdout
    assert len((tmp_path / "out.csv").read_text().splitlines()) == len(listed) + 1


def test_one_kind_of_review_at_a_time(inside):
    inside("curate", "review", code=2)
    inside("curate", "review", "--second-reading", "1", "--record", code=2)


def test_in_a_terminal_items_are_shown_one_after_the_other(built, medpix2):
    ours, theirs = pty.openpty()
    process = medpix2.start(
        "curate", "review", "--second-reading", "3", stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    shown = b""
    for answer in (b"x\n", b"a\n", b"s\n", b"q\n"):
        start = len(shown)
        while b"[a/e/s/q]" not in shown[start:]:
            shown += os.read(ours, 4096)
        os.write(ours, answer)
    rest = b""
    while b"kappa" not in rest:
        rest += os.read(ours, 4096)
    assert process.wait(60) == 0
    os.close(ours)
    assert b"Answered 1 of 3" in shown + rest
    assert b"no scan" not in shown  # blind


def test_an_item_is_shown_without_what_was_decided():
    published = {
        "Type": "CT",
        "Description": {"Caption": "A\n cyst", "Sex": None},
        "TAC": ["x", "y"],
    }
    assert item_lines(Item("A_1", "A", published, None)) == [
        "A_1  (case A)", "  Type: CT", "  Description.Caption: A cyst", "  TAC: x, y",
    ]  # fmt: skip
