from __future__ import annotations

import json


def test_a_table_or_a_line_of_json_a_file(inside, trained_folder, pairs_folder):
    files = [str(path) for path in sorted((pairs_folder / "images").iterdir())[:2]]
    said = inside("classify", str(trained_folder), *files, "--threshold", "0").stdout
    assert said.count("\tmodality\t") == 2
    lines = inside("classify", str(trained_folder), *files, "--json").stdout.splitlines()
    assert [json.loads(line)["file"] for line in lines] == files
    assert set(json.loads(lines[0])["tasks"]["modality"]["probabilities"]) == {"CT", "MR"}


def test_a_broken_file_is_told_and_the_others_are_done(
    inside, trained_folder, pairs_folder, tmp_path
):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    good = str(next((pairs_folder / "images").iterdir()))
    done = inside("classify", str(trained_folder), str(tmp_path / "bad.png"), good, code=1)
    assert "is no picture" in done.stderr and "\tmodality\t" in done.stdout
