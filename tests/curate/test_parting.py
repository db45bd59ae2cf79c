from __future__ import annotations

import numpy as np

from medpix2.curate.parting import Parting

SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}


def parting(images, units=None, seed=1):
    labels = np.array([[1, count, *more] for count, *more in images], float)
    units = np.arange(len(images)) if units is None else np.array(units)
    return Parting([f"{n:03d}" for n in range(len(images))], labels, units, seed)


def test_the_parts_get_their_shares_of_every_label():
    images = [(2, 2, 0)] * 60 + [(2, 0, 2)] * 40  # two labels
    notes = []
    parts = np.array(parting(images).part(SHARES, [None] * 100, notes))
    for name, share in SHARES.items():
        assert (parts[:60] == name).sum() == 60 * share
        assert (parts[60:] == name).sum() == 40 * share
    assert notes == []


def test_a_unit_stays_together_and_one_too_large_for_a_part_is_named():
    images = [(1,)] * 100
    units = [0] * 30 + list(range(1, 71))
    notes = []
    parts = parting(images, units).part(SHARES, [None] * 100, notes)
    assert set(parts[:30]) == {"train"}
    assert (parts.count("dev"), parts.count("test")) == (10, 10)
    assert notes == [
        "30 cases with 30 images hang together (000 and others): more than dev is to have (10); "
        "they stay together"
    ]


def test_a_unit_that_is_everything_goes_to_the_largest_part():
    assert set(parting([(1,)] * 10, [0] * 10).part(SHARES, [None] * 10, [])) == {"train"}


def test_what_is_kept_stays_and_draws_what_is_tied_to_it():
    units = [0, 0, 0, 0, *range(1, 37)]
    kept = ["dev", "dev", "test", None, *[None] * 36]
    notes = []
    parts = parting([(1,)] * 40, units).part(SHARES, kept, notes)
    assert parts[:4] == ["dev", "dev", "test", "dev"]
    assert parts.count("train") == 32
    assert notes == ["1 groups of tied cases stand in several of train, dev, test, as that is kept"]


def test_a_part_of_size_zero_gets_nothing_but_what_is_kept_there():
    shares = {"train": 0.9, "dev": 0.1, "test": 0.0}
    assert "test" not in parting([(1,)] * 20).part(shares, [None] * 20, [])
    kept = ["test", *[None] * 19]
    parts = parting([(1,)] * 20).part(shares, kept, [])
    assert parts[0] == "test"
    assert parts.count("test") == 1


def test_one_case_without_pictures_is_train_and_no_case_is_nothing():
    assert parting([(0,)]).part(SHARES, [None], []) == ["train"]
    nothing = Parting([], np.empty((0, 2)), np.empty(0, np.int64), 1)
    assert nothing.part(SHARES, [], []) == []


def test_the_seed_decides_between_units_of_one_size():
    images = [(1,)] * 50
    made = {tuple(parting(images, seed=seed).part(SHARES, [None] * 50, [])) for seed in range(4)}
    assert len(made) > 1
    assert all(parts.count("train") == 40 for parts in made)
