from __future__ import annotations

import contextlib
import json
import os
import re

import pytest

from medpix2.cli.terminal import Bars, note, print_json, print_table, say


def test_a_piped_table_is_lines_with_tabs(capsys):
    print_table("A title", ("name", "n"), [("a\tb\nc", 1), (None, 2.5), ("[bold]x", 1e6)])
    assert capsys.readouterr().out == "# A title\nname\tn\na b c\t1\n\t2.5\n[bold]x\t1e+06\n\n"


def test_a_table_without_title_or_rows(capsys):
    print_table("", ("name", "n"), [])
    assert capsys.readouterr().out == "name\tn\n\n"


def test_json_keeps_its_letters(capsys):
    print_json({"name": "Ménière", "path": None})
    out = capsys.readouterr().out
    assert "Ménière" in out
    assert json.loads(out) == {"name": "Ménière", "path": None}


def test_notes_go_beside_the_output(capsys):
    say("out")
    note("beside")
    assert capsys.readouterr() == ("out\n", "beside\n")


def test_bars_are_silent_where_there_is_no_terminal(capsys):
    with Bars().step("a step", 3) as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")


def on_terminal(program, columns, *arguments):
    """Run a command on a terminal of some width; return its lines."""
    ours, theirs = os.openpty()
    more = {"stdout": theirs, "stderr": theirs}
    process = program.start(
        *arguments, environment={"COLUMNS": str(columns), "NO_COLOR": "1"}, **more
    )
    os.close(theirs)
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while part := os.read(ours, 65536):
            said += part
    os.close(ours)
    assert process.wait(60) == 0
    return [line.rstrip() for line in re.sub(r"\x1b\[[\d;?]*\w", "", said.decode()).splitlines()]


def is_of_table(line):
    return "  " in line


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_tables_fit_the_terminal(phantom_program, columns):
    for command in (["find"], ["find", "--images"], ["stats"]):
        lines = on_terminal(phantom_program, columns, *command)
        table = [line for line in lines if is_of_table(line)]
        assert len(table) > 20
        assert max(map(len, table)) <= columns, command


def test_ids_are_whole_on_a_narrow_terminal_and_what_is_left_out_is_told(phantom_program):
    lines = on_terminal(phantom_program, 60, "find", "--images", "--limit", "3")
    head, *found = phantom_program("find", "--images", "--limit", "3").stdout.splitlines()
    ids = [line.split("\t")[0] for line in found if line]
    assert [line.split()[0] for line in lines[1:4]] == ids
    (told,) = [line for line in lines if line.startswith("Left out, as the terminal is narrow: ")]
    hidden = told.partition(": ")[2].split(", ")
    assert hidden
    assert lines[0].split() == [name for name in head.split("\t") if name not in hidden]


def test_a_narrow_width_does_not_cut_what_is_piped(phantom_program, phantom_store):
    done = phantom_program("find", "--images", "--limit", "3", env={"COLUMNS": "60"})
    head, *rows = [line.split("\t") for line in done.stdout.splitlines() if line]
    for row in rows:
        image = phantom_store.current.find_one({"_id": row[0]})
        assert row[head.index("caption")] == " ".join(image["Description"]["Caption"].split())
