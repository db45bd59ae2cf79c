from __future__ import annotations

import pytest
import torch

from medpix2.train.batches import Towers
from medpix2.train.data import load_pairs, possible_texts
from medpix2.train.judging import class_embeddings, contrast, judge, loss_of, prompts_of
from medpix2.train.losses import heads_loss, softmax_loss
from medpix2.train.model import make_model


@pytest.fixture
def begun(pairs_folder, tiny_recipe):
    learned, judged = load_pairs(pairs_folder, tiny_recipe.data)
    texts = possible_texts(learned.pairs, tiny_recipe.texts)
    model = make_model(tiny_recipe, learned.classes, texts)
    return Towers(model, tiny_recipe, torch.device("cpu")), judged


def test_accuracies_are_those_of_the_answers(begun, tiny_recipe):
    towers, judged = begun
    row = judge(towers, judged, tiny_recipe)
    features, embeddings = towers.still_pictures(judged)
    names = judged.classes["location"]
    truth = [pair.labels["location"] for pair in judged.pairs]
    told = towers.model.eval().told(features)["location"].argmax(dim=1)
    right = [names[at] == label for at, label in zip(told.tolist(), truth, strict=True)]
    assert row["location/heads"] == pytest.approx(sum(right) / len(right))
    classes = class_embeddings(towers, prompts_of(tiny_recipe, judged.classes, "location"))
    told = (embeddings @ classes.T).argmax(dim=1)
    right = [names[at] == label for at, label in zip(told.tolist(), truth, strict=True)]
    assert row["location/prompts"] == pytest.approx(sum(right) / len(right))
    watched = (row["modality/heads"], row["location_category/prompts"], row["location/heads"])
    assert row["score"] == pytest.approx(sum(watched) / 3)


def test_a_class_is_the_mean_of_its_prompts(begun, tiny_recipe):
    towers, judged = begun
    prompts = prompts_of(tiny_recipe, judged.classes, "modality")
    assert prompts[0] == ["CT image.", "Axial CT image."]
    found = class_embeddings(towers, prompts)
    torch.testing.assert_close(found.norm(dim=1), torch.ones(2))


def test_the_loss_is_the_weighted_sum_of_its_parts(begun, tiny_recipe):
    model = begun[0].model.eval()
    recipe = tiny_recipe.model_copy(
        update={"heads": tiny_recipe.heads.model_copy(update={"weight": 0.5})}
    )
    pictures, texts = torch.rand(4, 32), torch.rand(4, 32)
    ignored, labels = torch.zeros(4, 4, dtype=torch.bool), torch.tensor([[0, 1]] * 4)
    scores = model.scores(
        model.project(pictures, model.of_picture), model.project(texts, model.of_text)
    )
    expected = softmax_loss(scores, ignored) + 0.5 * heads_loss(model.told(pictures), labels, 0.0)
    found = loss_of(model, recipe, pictures, texts, ignored, labels)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(contrast(recipe, scores, ignored), softmax_loss(scores, ignored))
