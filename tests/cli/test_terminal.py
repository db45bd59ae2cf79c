from __future__ import annotations

import json

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
