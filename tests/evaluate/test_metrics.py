from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as known

from medpix2.encode.onnx import softmax
from medpix2.evaluate.metrics import (
    accuracy,
    balanced_accuracy,
    by_case,
    calibration_error,
    confusion,
    fit_temperature,
    interval,
    macro_f1,
    per_class,
)

CLASSES = ("a", "b", "c", "d", "e")


@pytest.fixture(params=range(4))
def drawn(request):
    """Return truths and answers of which one class (e) is never true and one (a) never told."""
    chance = np.random.default_rng(request.param)
    truth, told = chance.integers(0, 4, 60), chance.integers(1, 5, 60)
    return truth, np.where(chance.random(60) < 0.5, np.maximum(truth, 1), told)


def test_scores_equal_those_of_scikit_learn(drawn):
    truth, told = drawn
    assert accuracy(truth, told) == pytest.approx(known.accuracy_score(truth, told))
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        expected = known.balanced_accuracy_score(truth, told)
    assert balanced_accuracy(truth, told) == pytest.approx(expected)
    assert macro_f1(truth, told) == pytest.approx(known.f1_score(truth, told, average="macro"))
    np.testing.assert_array_equal(
        confusion(truth, told, 5), known.confusion_matrix(truth, told, labels=range(5))
    )
    rows = per_class(truth, told, CLASSES)
    expected = known.precision_recall_fscore_support(
        truth, told, labels=range(5), zero_division=0.0
    )
    found = [[row.precision, row.recall, row.f1, row.support] for row in rows]
    np.testing.assert_allclose(np.transpose(found), expected)


def slow_error(probabilities, truth, bins):
    total = 0.0
    for number in range(bins):
        inside = [
            (max(row), row.index(max(row)) == label)
            for row, label in zip(probabilities, truth, strict=True)
            if number / bins <= max(row) < (number + 1) / bins or (number == bins - 1 == max(row))
        ]
        if inside:
            sure = sum(one for one, _ in inside) / len(inside)
            right = sum(one for _, one in inside) / len(inside)
            total += len(inside) / len(truth) * abs(sure - right)
    return total


def test_the_calibration_error_equals_a_slow_one():
    chance = np.random.default_rng(0)
    probabilities = softmax(chance.normal(0, 2, (80, 4)).astype(np.float64)).astype(np.float64)
    truth = chance.integers(0, 4, 80)
    expected = slow_error(probabilities.tolist(), truth.tolist(), 10)
    assert calibration_error(probabilities, truth, 10) == pytest.approx(expected)


def test_the_temperature_of_overconfident_scores_is_found():
    chance = np.random.default_rng(0)
    scores = chance.normal(0, 2, (4000, 3))
    truth = np.array([chance.choice(3, p=row / row.sum()) for row in softmax(scores)])
    assert fit_temperature(scores * 5, truth) == pytest.approx(5, rel=0.1)
    hot = softmax(scores * 5)
    cool = softmax(scores * 5 / fit_temperature(scores * 5, truth))
    assert calibration_error(cool, truth) < calibration_error(hot, truth) / 3


def test_an_interval_over_cases_is_wider_than_one_over_pictures():
    chance = np.random.default_rng(0)
    right = np.repeat(chance.random(50) < 0.7, 8).astype(float)
    by_pictures = interval(lambda at: right[at].mean(), [str(n) for n in range(400)], draws=400)
    over_cases = interval(lambda at: right[at].mean(), [str(n // 8) for n in range(400)], draws=400)
    assert over_cases[0] < by_pictures[0] < right.mean() < by_pictures[1] < over_cases[1]
    expected = 1.96 * right.std() / np.sqrt(50)  # of fifty independent cases
    assert (over_cases[1] - over_cases[0]) / 2 == pytest.approx(expected, rel=0.15)


def test_a_case_gets_the_mean_of_its_pictures():
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]])
    mean, truth = by_case(probabilities, np.array([0, 0, 0, 1]), ["x", "x", "x", "y"])
    np.testing.assert_allclose(mean, [[0.5, 0.5], [0.3, 0.7]])
    assert truth.tolist() == [0, 1]
