from __future__ import annotations

import numpy as np
import pytest

from medpix2.evaluate.baselines import linear_probe, majority, thumbnail


@pytest.fixture
def features():
    """Return two clouds of features, the classes 0 and 2 of three."""
    chance = np.random.default_rng(0)
    truth = np.repeat([0, 2], 40)
    return chance.normal(0, 1, (80, 6)) + truth[:, None], truth


def test_a_probe_learns_from_labelled_pictures_alone(features):
    values, truth = features
    learned = truth.copy()
    learned[::2] = -1
    found = linear_probe(values, learned, values, 3)
    assert (found.argmax(axis=1) == truth).mean() > 0.9
    assert (found[:, 1] == 0).all()  # a class that nobody showed it
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_a_probe_of_one_class_tells_that_class(features):
    found = linear_probe(features[0], np.full(80, 1), features[0], 3)
    assert (found == [0, 1, 0]).all()


def test_the_majority():
    found = majority(np.array([0, 2, 2, -1]), 3, 2)
    np.testing.assert_allclose(found, [[1 / 3, 0, 2 / 3]] * 2)


def test_a_thumbnail_keeps_where_it_is_bright():
    square = np.zeros((64, 64), np.uint8)
    square[:, 32:] = 200
    small = thumbnail(square).reshape(16, 16)
    assert small[:, :7].max() == 0 and small[:, 9:].min() == 200
    assert (thumbnail(np.stack([square] * 3, axis=2)) == small.ravel()).all()
