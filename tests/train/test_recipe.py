from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from medpix2.errors import SettingError
from medpix2.train.recipe import Recipe, read_recipe, recipe_of

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))


def test_it_comes_back_from_its_own_json(tiny_recipe):
    values = json.loads(json.dumps(tiny_recipe.model_dump(mode="json")))
    assert recipe_of(values, "checkpoint") == tiny_recipe


def test_it_is_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Recipe().seed = 3


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"optimise": {}}, "unknown key 'optimise': did you mean 'optimize'"),
        ({"optimize": {"epoch": 3}}, "'optimize.epoch': did you mean 'epochs'"),
        ({"data": {"xyz": 3}}, "known are train, dev, folds"),
        ({"optimize": {"batch": 1}}, "optimize.batch"),
        ({"texts": {"mix": {"captions": 1}}}, "no 'captions' among caption, facts"),
        ({"texts": {"mix": {"title": 1}}}, "tells the diagnosis: set texts.leaking"),
        ({"texts": {"mix": {"facts": 0}}}, "nor all 0"),
        ({"heads": {"tasks": ["organ"]}}, "no 'organ' among modality"),
        ({"data": {"folds": 5, "fold": 5}}, "must be below data.folds"),
        ({"loss": {"weight": 0}}, "nothing is learned"),
    ],
)
def test_what_is_wrong_is_named(values, said):
    with pytest.raises(SettingError, match=said):
        recipe_of(values, "r.toml")


def test_a_leaking_text_can_be_asked_for():
    recipe = recipe_of({"texts": {"mix": {"title": 1}, "leaking": True}}, "r.toml")
    assert recipe.texts.mix == {"title": 1}


def test_a_broken_file_is_one_error(tmp_path):
    (tmp_path / "r.toml").write_text("seed = ")
    for name in ("r.toml", "gone.toml"):
        with pytest.raises(SettingError, match=f"{name} cannot be read"):
            read_recipe(tmp_path / name)


def test_every_shipped_recipe_is_read_and_freezes_batchnorm():
    assert {path.stem for path in RECIPES} == {"smoke", "offline-cpu", "offline-gpu", "hub"}
    for path in RECIPES:
        recipe = read_recipe(path)
        assert recipe.name == path.stem
        assert recipe.picture.batchnorm == "frozen"
