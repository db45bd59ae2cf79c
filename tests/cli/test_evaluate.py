from __future__ import annotations

import json


def test_table_json_and_page(inside, trained_folder, pairs_folder, tmp_path):
    file, page = tmp_path / "dev.json", tmp_path / "dev.html"
    said = inside(
        "evaluate", str(trained_folder), str(pairs_folder), "--split", "dev", "--json", str(file),
        "--html", str(page), "--no-probe",
    ).stdout  # fmt: skip
    tasks = json.loads(file.read_text())["tasks"]
    assert 0 <= tasks["modality"]["accuracy"] <= 1 and "location_category" in tasks
    assert f"modality\theads\t{tasks['modality']['ways']['heads']['accuracy']:.3f} [" in said
    assert "recall@5" in said and page.is_file()


def test_predictions_of_a_file(inside, pairs_folder, tmp_path):
    line = {"id": "MPX12_0", "task": "modality", "label": "CT"}
    (tmp_path / "told.jsonl").write_text(json.dumps(line))
    said = inside(
        "evaluate", "--predictions", str(tmp_path / "told.jsonl"), str(pairs_folder)
    ).stdout
    assert "modality\tpredictions\t0.083 [" in said


def test_what_is_wrong_is_one_line(inside, pairs_folder):
    assert "1 folders are given" in inside.failing("evaluate", str(pairs_folder))
    said = inside.failing("evaluate", str(pairs_folder), str(pairs_folder))
    assert "is no model" in said
