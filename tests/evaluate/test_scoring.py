from __future__ import annotations

import numpy as np
import pytest

from medpix2.evaluate.scoring import scored, truth_of
from medpix2.export.pairs import read_pairs


@pytest.fixture
def pairs(pairs_folder):
    return read_pairs(pairs_folder, "dev")


def perfect(pairs, task, classes):
    truth, _ = truth_of(pairs, task, classes)
    return np.eye(len(classes))[np.maximum(truth, 0)]


def test_right_answers_are_right_per_picture_and_per_case(pairs):
    found = scored(perfect(pairs, "modality", ("CT", "MR")), pairs, "modality", ("CT", "MR"))
    assert found["accuracy"] == found["per_case"]["accuracy"] == 1 and found["ece"] == 0
    assert found["per_case"]["groups"] == found["cases"] == 6
    assert found["confusion"] == [[8, 0], [0, 4]]


def test_pictures_without_the_label_are_left_out(pairs):
    values = perfect(pairs, "sequence", ("T1", "T2"))
    assert scored(values, pairs, "sequence", ("T1", "T2"))["pictures"] == 4
    assert scored(values, pairs, "contrast", ("IV", "none")) == {}


def test_a_class_that_a_model_does_not_know_counts_as_wrong(pairs):
    found = scored(np.ones((12, 1)), pairs, "modality", ("CT",))
    assert found["classes"] == ["CT", "MR"]
    assert found["accuracy"] == pytest.approx(8 / 12)
    assert found["per_class"][1]["recall"] == 0 and found["per_class"][1]["support"] == 4
