from __future__ import annotations

import numpy as np
import pytest
import torch

from medpix2.encode.onnx import EMBEDDING, Model
from medpix2.encode.prepare import batch_of
from medpix2.train.exporting import export_model, largest_difference
from medpix2.train.loop import train

TEXTS = ["CT image.", "Axial MR image of the brain, and more words than go in, and more of them."]
CLOSE = 1e-4


@pytest.fixture(scope="module")
def exported(hub_folder, tiny_recipe, pairs_folder, tmp_path_factory):
    """Return a CLIP model that was trained for an epoch, and its folder."""
    clip, out = str(hub_folder("clip")), tmp_path_factory.mktemp("clip-out")
    part = {"encoder": clip, "train": "last", "last": 1}
    recipe = tiny_recipe.model_copy(
        update={
            "picture": tiny_recipe.picture.model_copy(update=part),
            "text": tiny_recipe.text.model_copy(update=part),
            "optimize": tiny_recipe.optimize.model_copy(update={"epochs": 1}),
        }
    )
    trained = train(recipe, pairs_folder, out)
    export_model(trained, out / "model")
    return trained, out / "model"


def test_onnx_runtime_gives_what_torch_gives(exported):
    trained, folder = exported
    assert largest_difference(trained, folder) < CLOSE
    towers = trained.towers
    with torch.no_grad():
        expected = towers.model.project(towers.still_texts(TEXTS), towers.model.of_text)
    opened = Model(folder)
    for count in (1, 2):
        found = torch.from_numpy(opened.texts(TEXTS[:count]))
        assert (found - expected[:count]).abs().max() < CLOSE


def test_any_number_of_pictures_at_once(exported):
    trained, folder = exported
    opened, squares = Model(folder), list(trained.judged.squares[:5])
    whole = opened.pictures(squares, [EMBEDDING])[EMBEDDING]
    one = opened.pictures(squares[2:3], [EMBEDDING])[EMBEDDING]
    assert abs(one[0] - whole[2]).max() < CLOSE


def test_class_prompts_are_embedded(exported):
    trained, folder = exported
    opened, squares = Model(folder), list(trained.judged.squares)
    found = opened.pictures(squares, [EMBEDDING, "prompts.location"])
    task = opened.about.tasks["location"]
    classes = []
    for name in task.classes:
        mean = opened.texts(list(task.prompts[name])).mean(axis=0)
        classes.append(mean / (mean**2).sum() ** 0.5)
    scale = float(trained.towers.model.scale.detach().exp())
    expected = found[EMBEDDING] @ np.stack(classes).T * scale
    assert abs(found["prompts.location"] - expected).max() < 100 * CLOSE
    assert all(name in text for name in task.classes for text in task.prompts[name])


def test_the_mean_of_a_heads_heat_is_its_score_where_features_are_a_mean(
    trained_folder, pairs_folder
):
    from medpix2.encode.prepare import prepared
    from medpix2.export.pairs import read_pairs

    opened = Model(trained_folder / "model")  # its tiny encoder has the mean of its map
    squares = [prepared(p.open(), opened.preparation) for p in read_pairs(pairs_folder, "dev")]
    found = opened.pictures(squares, ["heads.modality", "heat.modality"])
    assert found["heat.modality"].ndim == 4
    mean = found["heat.modality"].mean(axis=(2, 3))
    assert abs(mean - found["heads.modality"]).max() < CLOSE
    assert batch_of(squares).shape == (12, 3, 32, 32)
