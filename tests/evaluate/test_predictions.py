from __future__ import annotations

import json

import numpy as np
import pytest

from medpix2.errors import SourceError
from medpix2.evaluate.predictions import (
    evaluate_predictions,
    named_class,
    probabilities_of,
    read_predictions,
)
from medpix2.export.pairs import read_pairs

PLACES = ("Brain", "Spine", "Spine and Muscles")


@pytest.mark.parametrize(
    ("answer", "classes", "expected"),
    [
        ("It was taken with computed tomography (CT).", ("CT", "MR"), "CT"),
        ("An MRI of the head", ("CT", "MR"), "MR"),
        ("spine and muscles", PLACES, "Spine and Muscles"),
        ("The brain, or the spine", PLACES, None),
        ("I cannot tell", PLACES, None),
        ("direct", ("CT", "MR"), None),
    ],
)
def test_the_class_of_a_free_answer(answer, classes, expected):
    assert named_class(answer, classes) == expected


def written(path, *lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_probabilities_are_taken_as_they_are(pairs_folder, tmp_path):
    pairs = read_pairs(pairs_folder, "dev")
    file = written(
        tmp_path / "a.jsonl",
        {"id": pairs[0].id, "task": "modality", "probabilities": {"CT": 0.7, "MR": 0.2}},
        {"id": pairs[1].id, "task": "modality", "label": "PET"},
    )
    answers = read_predictions(file, {"modality": ["CT", "MR"]}, {pair.id for pair in pairs})
    values = probabilities_of(answers["modality"], pairs, ["CT", "MR"])
    np.testing.assert_allclose(values[:3], [[0.7, 0.2, 0.1], [0, 0, 1], [0, 0, 1]])
    assert evaluate_predictions(file, pairs_folder, "dev")["tasks"]["modality"]["unanswered"] == 10


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "MPX99_0", "task": "modality", "label": "CT"}, "no picture 'MPX99_0'"),
        ({"id": "MPX0_0", "task": "organ", "label": "CT"}, "no task 'organ'"),
        ({"id": "MPX0_0", "task": "modality"}, "no 'answer'"),
        ({"id": "MPX0_0", "task": "modality", "probabilities": {"CT": 7}}, "more than 1"),
    ],
)
def test_a_wrong_line_is_named(line, said, pairs_folder, tmp_path):
    good = {"id": "MPX0_0", "task": "modality", "label": "CT"}
    file = written(tmp_path / "a.jsonl", good, line)
    with pytest.raises(SourceError, match=f"line 2 .*{said}"):
        evaluate_predictions(file, pairs_folder, "dev")


def test_an_empty_or_missing_file(pairs_folder, tmp_path):
    with pytest.raises(SourceError, match="are empty"):
        evaluate_predictions(written(tmp_path / "a.jsonl"), pairs_folder, "dev")
    with pytest.raises(SourceError, match="cannot be read"):
        evaluate_predictions(tmp_path / "gone.jsonl", pairs_folder, "dev")
