from __future__ import annotations

from medpix2.cli.train import HEAD, _cells


def test_what_is_wrong_is_one_line(inside, pairs_folder, tmp_path):
    recipe, out = tmp_path / "r.toml", str(tmp_path / "out")
    recipe.write_text("[optimize]\nepoch = 3\n")
    said = inside.failing("train", str(recipe), str(pairs_folder), out)
    assert "unknown key 'optimize.epoch': did you mean 'epochs'?" in said
    recipe.write_text("[data]\ndev = ['test']\n")
    assert "has no split 'test'" in inside.failing("train", str(recipe), str(pairs_folder), out)
    assert "is no export" in inside.failing("train", str(recipe), str(tmp_path), out)
    assert not (tmp_path / "out").exists()


def test_a_row_has_the_best_and_the_worst_task():
    row = {"epoch": 3, "loss": 1.5, "dev_loss": 2.0, "score": 0.75, "seconds": 4.0,
           "modality/heads": 0.9, "plane/prompts": 0.4}  # fmt: skip
    cells = dict(zip(HEAD, _cells(row), strict=True))
    assert cells["best task"] == "modality/heads 0.900"
    assert cells["worst task"] == "plane/prompts 0.400"
    assert cells["epoch"] == "3"
