from __future__ import annotations

import json

import pytest

from medpix2.curate.rules import LOOKS, RULES, SET_RULES
from medpix2.pipeline.build import build


@pytest.fixture
def built(inside, source, fresh_home):
    build(fresh_home, source.write())
    return inside


def test_a_second_run_has_nothing_to_do_and_says_so(built):
    built("curate", "run")
    again = built("curate", "run")
    assert again.stdout.startswith("Nothing to do: all has been judged by these rules;")
    assert "\x1b" not in again.stdout
    told = built.json("curate", "run", "--json")
    assert (told["unchanged"], told["pictures"], told["cases"]) == (True, 0, 0)
    lines = built("curate", "report").stdout.splitlines()
    assert lines[:2] == ["# Steps", "step\tcases in\tcases out\timages in\timages out"]
    assert lines[2] == "source documents\t5\t5\t9\t9"
    assert lines[-1] == "Decisions in the log: none."


def test_the_rules_are_listed(inside):
    told = inside.json("curate", "run", "--rules", "--json")
    assert [rule["name"] for rule in told["rules"]] == [r.name for r in (*RULES, *SET_RULES)]
    listed = inside("curate", "run", "--rules").stdout
    assert listed.startswith("# Rules\nrule\tversion\tseverity")


def test_a_rule_that_is_not_there_is_one_line(built):
    line = built.failing("curate", "run", "--only", "no-such-rule")
    assert "There is no rule 'no-such-rule': " in line


def test_an_empty_database_is_one_line(inside):
    for command in (["run"], ["report"], ["decide", "MPX1", "--accept"]):
        line = inside.failing("curate", *command)
        assert "is empty: fill it with `medpix2 build SOURCE`" in line


def test_a_picture_that_vanished_costs_its_checks_only(inside, source, fresh_home):
    if not LOOKS:
        pytest.skip("there are no looks yet")
    build(fresh_home, source.write(), link=True)
    (source.folder / "images" / "MPX3_ct0.png").unlink()
    done = inside("curate", "run")
    assert "MPX3_ct0: its picture MPX3_ct0.png cannot be read" in done.stderr
    report = json.loads((fresh_home.home / "reports" / "curate.json").read_text())
    assert {row["target"] for row in report} == {"MPX3_ct0"}


def test_the_report_as_json_and_page(built, tmp_path):
    file = str(tmp_path / "report.html")
    done = built("curate", "report", "--json", "--html", file)
    told = json.loads(done.stdout)
    assert told["steps"][0]["step"] == "source documents"
    for rule in told["rules"].values():
        assert rule["hits"] == len(rule["ids"])
        assert rule["severity"] in ("exclude", "review", "note")
    assert done.stderr == f"Wrote {file}\n"
    assert "<td>source documents</td>" in (tmp_path / "report.html").read_text()
    line = built.failing("curate", "report", "--html", "/proc/no/report.html")
    assert line.startswith("medpix2: Report /proc/no/report.html cannot be written")
