from __future__ import annotations

import json

import pytest

from medpix2.curate.rules import RULES, SET_RULES


@pytest.fixture
def cured(medpix2, source):
    medpix2("build", source.write())
    medpix2("curate", "run", "--json")
    return medpix2


def test_a_second_run_has_nothing_to_do_and_says_so(medpix2, source):
    medpix2("build", source.write())
    medpix2("curate", "run")
    again = medpix2("curate", "run")
    assert again.stdout.startswith("Nothing to do: all has been judged by these rules;")
    assert "\x1b" not in again.stdout
    told = medpix2.json("curate", "run", "--json")
    assert (told["unchanged"], told["pictures"], told["cases"]) == (True, 0, 0)


def test_the_rules_are_listed(medpix2):
    told = medpix2.json("curate", "run", "--rules", "--json")
    assert [rule["name"] for rule in told["rules"]] == [r.name for r in (*RULES, *SET_RULES)]
    assert medpix2("curate", "run", "--rules").stdout.startswith("# Rules\nrule\tversion\tseverity")


def test_a_rule_that_is_not_there_is_one_line(medpix2, source):
    medpix2("build", source.write())
    line = medpix2.failing("curate", "run", "--only", "no-such-rule")
    assert "There is no rule 'no-such-rule': " in line


def test_an_empty_database_is_one_line(medpix2):
    for command in (["run"], ["report"], ["decide", "MPX1", "--accept"], ["export", "x"]):
        assert "is empty: fill it with `medpix2 build SOURCE`" in medpix2.failing(
            "curate", *command
        )


def test_a_picture_that_vanished_costs_its_checks_only(medpix2, source, fresh_home):
    from medpix2.curate.rules import LOOKS

    if not LOOKS:
        pytest.skip("there are no looks yet")
    medpix2("build", source.write(), "--link")
    (source.folder / "images" / "MPX3_ct0.png").unlink()
    done = medpix2("curate", "run")
    assert "MPX3_ct0: its picture MPX3_ct0.png cannot be read" in done.stderr
    report = json.loads((fresh_home.home / "reports" / "curate.json").read_text())
    assert {row["target"] for row in report} == {"MPX3_ct0"}


def test_the_report_as_table_json_and_page(cured, tmp_path):
    lines = cured("curate", "report").stdout.splitlines()
    assert lines[:2] == ["# Steps", "step\tcases in\tcases out\timages in\timages out"]
    assert lines[2] == "source documents\t5\t5\t9\t9"
    assert lines[-1] == "Decisions in the log: none."
    told = cured.json("curate", "report", "--json")
    assert told["steps"][0]["step"] == "source documents"
    for rule in told["rules"].values():
        assert rule["hits"] == len(rule["ids"])
        assert rule["severity"] in ("exclude", "review", "note")
    done = cured("curate", "report", "--html", str(tmp_path / "report.html"))
    assert done.stdout == ""
    page = (tmp_path / "report.html").read_text()
    assert "<td>source documents</td>" in page
    line = cured.failing("curate", "report", "--html", "/proc/no/report.html")
    assert line.startswith("medpix2: Report /proc/no/report.html cannot be written")
