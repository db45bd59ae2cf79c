from __future__ import annotations


def test_tables_are_lines_with_tabs_when_piped(phantom_program):
    done = phantom_program("stats")
    assert done.stdout.startswith("# ")
    assert "\t" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_tables_as_json(phantom_program, phantom_store):
    told = phantom_program.json("stats", "--json")
    assert told["images"] == phantom_store.db["Image_Reports"].count_documents({})
    assert {"name", "title", "columns", "rows"} <= set(told["tables"][0])


def test_a_filter_leaves_the_rest_out(phantom_program):
    whole = phantom_program.json("stats", "--json")
    some = phantom_program.json("stats", "--json", "--modality", "mr")
    assert 0 < some["images"] < whole["images"]
    assert "did you mean 'CT'" in phantom_program.failing("stats", "--modality", "CTT")


def test_figures_are_written_where_they_are_asked_for(phantom_program, tmp_path):
    done = phantom_program("stats", "--plots", str(tmp_path / "plots"))
    written = sorted(path.suffix for path in (tmp_path / "plots").iterdir())
    assert set(written) == {".png", ".svg"}
    assert done.stderr == f"Wrote {len(written)} figures to {tmp_path / 'plots'}\n"
