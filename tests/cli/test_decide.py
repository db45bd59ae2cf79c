from __future__ import annotations

import getpass
import json

import pytest

from medpix2.pipeline.build import build


@pytest.fixture
def built(inside, source, fresh_home):
    build(fresh_home, source.write())
    return inside


def test_people_decide_and_change_their_mind(built):
    done = built("curate", "decide", "MPX1_ct0", "MPX2_mr0", "--exclude", "--reason", "no scan")
    me = getpass.getuser()
    assert done.stdout == f"MPX1_ct0\texclude\tby {me}\nMPX2_mr0\texclude\tby {me}\n"
    shown = built("show", "MPX1").stdout
    assert "excluded: no scan" in shown
    built("curate", "decide", "MPX1_ct0", "--undo", "--by", "ann")
    assert "no scan" not in built("show", "MPX1").stdout


def test_values_are_corrected_and_taken_away(built):
    done = built(
        "curate", "decide", "MPX1_ct0", "--correct", "Location=Left = right", "--correct",
        "Description.Caption=", "--by", "ann",
    )  # fmt: skip
    assert "MPX1_ct0\tcorrect Location: 'Brain' -> 'Left = right'\tby ann" in done.stdout
    image = built.json("show", "MPX1", "--json")["images"][0]
    assert (image["Location"], image["Description"]["Caption"]) == ("Left = right", None)


def test_wrong_usage_is_told_with_code_2(inside):
    for arguments, said in (
        (["MPX1", "--accept", "--undo"], "give one of --accept, --exclude"),
        (["MPX1", "--exclude"], "--exclude needs a --reason"),
        (["MPX1", "--correct", "Title"], "is not FIELD=VALUE"),
    ):
        done = inside("curate", "decide", *arguments, code=2)
        assert said in " ".join(done.stderr.split())


def test_what_is_unknown_is_one_line(built):
    assert "did you mean MPX1" in built.failing("curate", "decide", "MPX1_cto", "--accept")
    line = built.failing("curate", "decide", "MPX1", "--correct", "Titel=x")
    assert "did you mean Case.Title or Topic.Title?" in line
    assert "There is no rule" in built.failing(
        "curate", "decide", "MPX1", "--accept", "--saw", "no-such-rule"
    )


def test_a_log_goes_out_and_comes_back(built, tmp_path):
    log = tmp_path / "log.jsonl"
    built("curate", "decide", "MPX1_ct0", "--exclude", "--reason", "no scan", "--by", "ann")
    built("curate", "decide", "MPX2_mr1", "--merge-into", "MPX2_mr0", "--by", "ann")
    done = built("curate", "export", str(log))
    assert done.stdout == f"Wrote 2 decisions and 0 exclusions by rules to {log}\n"
    done = built("curate", "replay", str(log))
    assert "0 decisions added, 2 there already, 0 lines left out." in done.stdout
    row = json.loads(log.read_text().splitlines()[0])
    lines = [row, {**row, "by": "bob"}, {**row, "target": "MPX9"}]
    log.write_text("\n".join(json.dumps(line) for line in lines) + "\nbroken\n")
    done = built("curate", "replay", str(log), code=1)
    assert done.stdout == ""
    told = done.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:2]] == ["line 3", "line 4"]
    assert told[-1].startswith("medpix2: 2 lines of ")
    told = built.json("curate", "replay", str(log), "--skip-broken", "--json")
    assert (told["added"], told["known"], len(told["skipped"])) == (1, 1, 2)
