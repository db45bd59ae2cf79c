from __future__ import annotations

import math

import pytest
import torch

from medpix2.errors import SourceError
from medpix2.train.model import make_model
from medpix2.train.recipe import recipe_of

TEXTS = ["CT image.", "MR image."]


def made(**parts):
    values = {"picture": {"encoder": "tiny"}, "text": {"encoder": "tiny"}, **parts}
    return make_model(recipe_of(values, "test"), {"modality": ["CT", "MR"]}, TEXTS)


def test_a_seed_gives_the_same_model():
    one, other, third = made(), made(), made(seed=1)
    for (name, a), b in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        assert torch.equal(a, b), name
    assert not torch.equal(one.of_picture.weight, third.of_picture.weight)


def test_scores_are_scaled_products_and_have_a_bias_for_the_sigmoid_alone():
    pictures, texts = torch.eye(3), torch.eye(3)
    model = made(loss={"temperature": 0.1})
    torch.testing.assert_close(model.scores(pictures, texts), 10 * torch.eye(3))
    model = made(loss={"temperature": 0.1, "kind": "sigmoid"})
    torch.testing.assert_close(model.scores(pictures, texts), 10 * torch.eye(3) - 10)


def test_the_temperature_has_a_floor():
    model = made()
    with torch.no_grad():
        model.scale.fill_(math.log(1e6))
    assert model.scores(torch.eye(2), torch.eye(2)).max().item() == pytest.approx(100)


def test_a_head_of_a_label_that_the_data_lack():
    recipe = recipe_of({"heads": {"tasks": ["plane"]}}, "test")
    with pytest.raises(SourceError, match="no label 'plane'"):
        make_model(recipe, {"plane": []}, TEXTS)


def test_heads_are_trained_along():
    model = made(heads={"tasks": ["modality"]})
    told = model.told(torch.rand(5, 32))
    assert told["modality"].shape == (5, 2)
