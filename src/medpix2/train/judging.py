"""The dev score of an epoch: accuracy of each task, by prompts and by heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from medpix2.train.batches import Towers
from medpix2.train.data import Pairs, drawn_texts
from medpix2.train.losses import heads_loss, no_negatives, sigmoid_loss, softmax_loss
from medpix2.train.model import Clip
from medpix2.train.recipe import Recipe


def prompts_of(recipe: Recipe, classes: Mapping[str, Sequence[str]], task: str) -> list[list[str]]:
    """Return the prompts of each class of a task."""
    templates = recipe.prompts.templates[task]
    return [[template.format(name) for template in templates] for name in classes[task]]


def class_embeddings(towers: Towers, prompts: Sequence[Sequence[str]]) -> Tensor:
    """Return the mean embedding of each class's prompts, of length 1, shape (classes, width)."""
    model = towers.model
    features = towers.still_texts([text for texts in prompts for text in texts])
    with torch.no_grad():
        embedded = model.project(features, model.of_text)
        each = torch.split(embedded, [len(texts) for texts in prompts])
        return functional.normalize(torch.stack([one.mean(dim=0) for one in each]), dim=-1)


@torch.no_grad()
def judge(towers: Towers, pairs: Pairs, recipe: Recipe) -> dict[str, float]:
    """Return the dev loss, the accuracy of each task by each way, and `score`."""
    model = towers.model.eval()
    features, embeddings = towers.still_pictures(pairs)
    texts = drawn_texts(pairs.pairs, recipe.texts, np.random.default_rng(0))
    said = model.project(towers.still_texts(texts), model.of_text)
    ignored = no_negatives([pair.case for pair in pairs.pairs], texts).to(embeddings.device)
    scores = model.scores(embeddings, said)
    row = {"dev_loss": float(contrast(recipe, scores, ignored))}
    found: dict[str, float] = {}
    for task in recipe.prompts.tasks:
        if pairs.classes[task]:
            classes = class_embeddings(towers, prompts_of(recipe, pairs.classes, task))
            found[task] = _accuracy(embeddings @ classes.T, pairs, task)
            row[f"{task}/prompts"] = found[task]
    for task, logits in model.told(features).items():
        found[task] = _accuracy(logits, pairs, task)
        row[f"{task}/heads"] = found[task]
    row["score"] = float(np.mean([found[task] for task in recipe.watch if task in found] or [0.0]))
    return row


def contrast(recipe: Recipe, scores: Tensor, ignored: Tensor) -> Tensor:
    """Return the contrastive loss of the recipe."""
    loss = softmax_loss if recipe.loss.kind == "softmax" else sigmoid_loss
    return loss(scores, ignored)


def loss_of(model: Clip, recipe: Recipe, pictures: Tensor, texts: Tensor, ignored: Tensor,
            labels: Tensor) -> Tensor:  # fmt: skip
    """Return the loss of a batch of features."""
    total = pictures.new_zeros(())
    if recipe.loss.weight:
        scores = model.scores(
            model.project(pictures, model.of_picture), model.project(texts, model.of_text)
        )
        total = total + recipe.loss.weight * contrast(recipe, scores, ignored)
    if recipe.heads.tasks and recipe.heads.weight:
        told = model.told(pictures)
        total = total + recipe.heads.weight * heads_loss(told, labels, recipe.heads.smoothing)
    return total


def _accuracy(scores: Tensor, pairs: Pairs, task: str) -> float:
    labels = pairs.labels(task)
    right = scores.argmax(dim=1).cpu().numpy() == labels
    return float(right[labels >= 0].mean()) if (labels >= 0).any() else 0.0
