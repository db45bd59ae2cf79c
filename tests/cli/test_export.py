from __future__ import annotations

import json

from medpix2.export.csv_tables import read_rows


def test_export_and_check(phantom_program, tmp_path):
    out = tmp_path / "out"
    said = phantom_program(
        "export", "csv", str(out), "--modality", "CT", "--burned-in", "keep", "--image-size", "64",
        "--image-format", "jpeg", "--rgb", "--fields", "age, caption,case_diagnosis",
    ).stdout  # fmt: skip
    rows = list(read_rows(out / "images.csv"))
    assert f"with {len(rows)} pictures to {out}" in said
    assert list(rows[0]) == ["image_id", "case_id", "age", "caption"]
    assert f"{len(rows)} pictures: no problems" in phantom_program("check", str(out)).stdout
    (out / "images.csv").write_text("")
    broken = phantom_program("check", str(out), code=1)
    assert "images.csv: has 0 bytes" in broken.stdout


def test_the_summary_as_json(phantom_program, tmp_path):
    out = tmp_path / "out"
    arguments = ("export", "parquet", str(out), "--no-pictures", "--split", "dev")
    summary = phantom_program.json(*arguments, "--json")
    assert summary["folder"] == str(out) and summary["images"] == summary["counts"]["images:dev"]
    done = phantom_program("check", str(out), "--json")
    assert json.loads(done.stdout)["problems"] == []


def test_what_is_wrong_is_one_line(phantom_program, tmp_path):
    out = str(tmp_path / "out")
    assert "did you mean 'csv'" in phantom_program.failing("export", "cvs", out)
    assert "has no manifest.json" in phantom_program.failing("check", str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    phantom_program("export", "medpix2", out, "--split", "dev")
    assert "is there already" in phantom_program.failing("export", "medpix2", out)
    phantom_program("export", "csv", out, "--overwrite", "--split", "dev", "--no-pictures")
