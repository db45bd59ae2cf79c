from __future__ import annotations

import pytest
import torch

from medpix2.train.batches import Towers
from medpix2.train.data import load_pairs, possible_texts
from medpix2.train.model import make_model


@pytest.fixture
def towers(pairs_folder, tiny_recipe):
    """Return what makes towers of the tiny recipe with other knobs, and its pairs."""

    def make(**parts):
        changed = {
            name: getattr(tiny_recipe, name).model_copy(update=knobs)
            for name, knobs in parts.items()
        }
        recipe = tiny_recipe.model_copy(update=changed)
        learned, _ = load_pairs(pairs_folder, recipe.data)
        model = make_model(recipe, learned.classes, possible_texts(learned.pairs, recipe.texts))
        made = Towers(model.train(), recipe, torch.device("cpu"))
        made.keep(learned)
        return made, learned

    return make


def test_an_epoch_has_each_picture_once_at_most(towers):
    made, learned = towers(optimize={"batch": 10})
    batches = list(made.batches(learned, 0))
    assert [len(batch.pictures) for batch in batches] == [10, 10]
    assert all(batch.labels.shape == (10, 2) for batch in batches)


def test_a_batch_depends_on_seed_epoch_and_step_alone(towers):
    made, learned = towers()
    once, again = (list(made.batches(learned, 3)) for _ in range(2))
    assert all(torch.equal(a.pictures, b.pictures) for a, b in zip(once, again, strict=True))
    other = next(iter(made.batches(learned, 4)))
    assert not torch.equal(once[0].pictures, other.pictures)


def test_frozen_towers_give_what_they_gave_at_first(towers):
    made, learned = towers(
        picture={"train": "frozen"}, text={"train": "frozen"},
        augment={"rotate": 0, "shift": 0, "bright": 0}, optimize={"batch": 24},
    )  # fmt: skip
    batch = next(iter(made.batches(learned, 0)))
    features, _ = made.still_pictures(learned)
    known = {tuple(row) for row in features.round(decimals=4).tolist()}
    assert {tuple(row) for row in batch.pictures.round(decimals=4).tolist()} <= known
    assert not batch.pictures.requires_grad and not batch.texts.requires_grad


def test_pairs_of_one_case_are_marked(towers):
    made, learned = towers(optimize={"batch": 24})
    batch = next(iter(made.batches(learned, 0)))
    # Two pictures a case: each has at least the other one, and never itself.
    assert (batch.ignored.sum(dim=1) >= 1).all()
    assert not batch.ignored.diagonal().any()
