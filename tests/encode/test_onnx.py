from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from medpix2.encode.onnx import Model, read_about, softmax
from medpix2.errors import SourceError


@pytest.fixture
def copied(trained_folder, tmp_path):
    return shutil.copytree(trained_folder / "model", tmp_path / "model")


def test_a_folder_that_is_no_model(tmp_path):
    with pytest.raises(SourceError, match=r"is no model: it has no model\.json"):
        Model(tmp_path)


@pytest.mark.parametrize(
    ("key", "said"), [("version", "version 99, not"), ("prepare_version", "of preparation 99")]
)
def test_another_version_is_refused(key, said, copied):
    about = json.loads((copied / "model.json").read_text())
    (copied / "model.json").write_text(json.dumps({**about, key: 99}))
    with pytest.raises(SourceError, match=said):
        Model(copied)


def test_broken_files_are_named(copied):
    content = (copied / "picture.onnx").read_bytes()
    (copied / "picture.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match=r"picture\.onnx cannot be opened"):
        Model(copied)
    (copied / "model.json").write_text("{")
    with pytest.raises(SourceError, match=r"model\.json cannot be read"):
        read_about(copied)


def test_a_temperature_makes_answers_less_sure(copied):
    model = Model(copied)
    squares = [np.full((32, 32), 90, np.uint8)]
    found = model.pictures(squares, ["heads.modality"])
    values = model.probabilities(found, "modality", "heads")
    temperature = model.about.tasks["modality"].temperatures["heads"]
    np.testing.assert_allclose(values, softmax(found["heads.modality"] / temperature), rtol=1e-5)
    assert values.sum() == pytest.approx(1, abs=1e-6)


def test_softmax_of_large_scores():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])
