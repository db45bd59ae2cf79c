from __future__ import annotations

import numpy as np
import pytest

from medpix2.encode.onnx import EMBEDDING, Model
from medpix2.evaluate.model import evaluate_pairs, look, order_ways
from medpix2.evaluate.retrieval import retrieval
from medpix2.export.pairs import read_pairs


@pytest.fixture(scope="module")
def seen(trained_folder, pairs_folder):
    model = Model(trained_folder / "model")
    return model, look(model, read_pairs(pairs_folder, "dev"), jobs=2)


def test_the_order_of_the_pictures_is_kept(seen, pairs_folder):
    model, whole = seen
    backward = look(model, list(reversed(whole.pairs)))
    np.testing.assert_allclose(
        backward.outputs[EMBEDDING][::-1], whole.outputs[EMBEDDING], atol=1e-5
    )


def test_retrieval_is_that_of_the_captions(seen):
    model, whole = seen
    found = evaluate_pairs(model, whole, "dev", draws=20)["retrieval"]
    told = [at for at, pair in enumerate(whole.pairs) if "caption" in pair.texts]
    texts = model.texts([whole.pairs[at].texts["caption"] for at in told])
    similar = texts @ whole.outputs[EMBEDDING][told].T
    expected = retrieval(similar, np.eye(len(told), dtype=bool))
    assert found["strict"]["text_to_picture"] == expected


def test_the_way_with_more_right_answers_comes_first(seen):
    model, whole = seen
    truth = [pair.labels["modality"] for pair in whole.pairs]
    classes = model.about.tasks["modality"].classes
    right = np.array([[name == label for name in classes] for label in truth], dtype=np.float32)
    outputs = {**whole.outputs, "prompts.modality": right, "heads.modality": 1 - right}
    changed = type(whole)(whole.pairs, outputs, whole.thumbnails)
    assert order_ways(model, changed, "modality") == ("prompts", "heads")
