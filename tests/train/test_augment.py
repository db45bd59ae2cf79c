from __future__ import annotations

import pytest
import torch

from medpix2.train.augment import augmented
from medpix2.train.recipe import Augment


@pytest.fixture
def sided():
    """Return pictures that are bright on their left only."""
    pictures = torch.zeros(16, 3, 32, 32)
    pictures[:, :, 8:24, 2:12] = 200.0
    return pictures


FULL = Augment(rotate=15, scale=0.2, shift=0.1, bright=0.2, contrast=0.2, gamma=0.3, erase=0.2)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_same_seed_gives_the_same_pictures(sided):
    once, again = (augmented(sided, FULL, chance()) for _ in range(2))
    assert torch.equal(once, again)
    assert not torch.equal(once, augmented(sided, FULL, chance(1)))
    assert not torch.equal(once[0], once[1])
    assert once.min() >= 0 and once.max() <= 255


def test_a_side_stays_on_its_side(sided):
    made = augmented(sided, FULL, chance())
    assert (made[..., :16].sum(dim=(1, 2, 3)) > made[..., 16:].sum(dim=(1, 2, 3))).all()


def test_black_ground_stays_black():
    made = augmented(torch.zeros(4, 3, 16, 16), FULL, chance())
    assert (made == 0).all()


def test_none_of_it_changes_nothing(sided):
    assert torch.equal(augmented(sided, Augment(), chance()), sided)


def test_a_shift_is_no_larger_than_asked(sided):
    made = augmented(sided, Augment(shift=0.1), chance())
    columns = torch.arange(32.0)
    centre = (made[:, 0].sum(dim=1) * columns).sum(dim=1) / made[:, 0].sum(dim=(1, 2))
    was = 6.5
    assert (centre - was).abs().max() <= 3.3 and (centre - was).abs().max() > 1
