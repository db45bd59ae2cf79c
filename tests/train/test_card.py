from __future__ import annotations

import json

from medpix2.encode.onnx import read_about
from medpix2.train.card import card_text


def test_it_says_data_recipe_figures_and_limits(trained_folder):
    about = read_about(trained_folder / "model")
    result = json.loads((trained_folder / "dev.json").read_text())
    card = card_text(about, result)
    assert about.data["sha256"] in card and "24 pictures of 12 cases" in card
    assert "burned-in lettering is kept" in card
    found = result["tasks"]["modality"]
    low, high = found["accuracy_interval"]
    assert f"| {found['way']} | {found['accuracy']:.3f} [{low:.3f}, {high:.3f}] |" in card
    assert "Not for diagnosis" in card
