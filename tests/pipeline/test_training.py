from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from medpix2.encode.onnx import EMBEDDING, Model, read_about
from medpix2.errors import NotFound, QueryError, SourceError
from medpix2.evaluate.model import look
from medpix2.export.pairs import read_pairs
from medpix2.pipeline.training import evaluate
from medpix2.train import checkpoint

TASKS = {"modality", "location_category", "location", "sequence"}


@pytest.fixture(scope="module")
def evaluated(trained_folder, pairs_folder, tmp_path_factory):
    page = tmp_path_factory.mktemp("page") / "dev.html"
    return evaluate(trained_folder, pairs_folder, "dev", page=page), page


def test_a_training_leaves_a_whole_folder(trained_folder):
    names = {path.relative_to(trained_folder).as_posix() for path in trained_folder.rglob("*.*")}
    assert {
        "last.safetensors", "best.safetensors", "log.jsonl", "curves.png", "dev.json", "dev.html",
        "model/picture.onnx", "model/text.onnx", "model/tokenizer.json", "model/model.json",
        "model/README.md",
    } == names  # fmt: skip


def test_the_recipe_travels_in_checkpoint_and_model(trained_folder, tiny_recipe):
    assert checkpoint.read(trained_folder / "best.safetensors")[0] == tiny_recipe
    about = read_about(trained_folder / "model")
    assert about.recipe == tiny_recipe.model_dump(mode="json")


def test_figures_are_those_of_the_answers(evaluated, trained_folder, pairs_folder):
    result, _ = evaluated
    assert result["tasks"].keys() == TASKS
    model = Model(trained_folder / "model")
    pairs = read_pairs(pairs_folder, "dev")
    seen = look(model, pairs)
    for name, found in result["tasks"].items():
        task = model.about.tasks[name]
        labelled = [at for at, pair in enumerate(pairs) if pair.labels[name]]
        told = seen.outputs[f"{found['way']}.{name}"].argmax(axis=1)
        right = [task.classes[told[at]] == pairs[at].labels[name] for at in labelled]
        assert found["accuracy"] == pytest.approx(sum(right) / len(right))
        low, high = found["accuracy_interval"]
        assert low <= found["accuracy"] <= high
        assert found["pictures"] == len(labelled)
    assert result["tasks"]["modality"]["accuracy"] >= 0.9
    assert result["tasks"]["sequence"]["cases"] == 2


def test_it_is_compared_with_prompts_probe_and_baselines(evaluated):
    ways = evaluated[0]["tasks"]["modality"]["ways"]
    assert set(ways) == {"heads", "prompts", "probe", "thumbnail", "majority"}
    assert ways["majority"]["accuracy"] == pytest.approx(2 / 3)
    assert ways["probe"]["accuracy"] > ways["majority"]["accuracy"]
    assert set(evaluated[0]["tasks"]["sequence"]["ways"]) >= {"prompts", "probe"}


def test_retrieval_is_told(evaluated):
    found = evaluated[0]["retrieval"]
    strict, case = (found[name]["text_to_picture"] for name in ("strict", "same_case"))
    assert strict["questions"] == 6  # pictures of dev with a caption
    assert case["recall@1"] >= strict["recall@1"] and strict["recall@10"] == 1
    assert 0 < found["similar_case"]["ndcg@10"] <= 1


def test_temperatures_are_fitted_and_the_better_way_comes_first(trained_folder, evaluated):
    about = read_about(trained_folder / "model")
    for name, task in about.tasks.items():
        assert task.temperatures.keys() == set(task.ways)
        ways = evaluated[0]["tasks"][name]["ways"]
        assert ways[task.ways[0]]["accuracy"] == max(ways[way]["accuracy"] for way in task.ways)


def test_the_page_and_the_card_have_the_figures(evaluated, trained_folder):
    result, page = evaluated
    accuracy = f"{result['tasks']['location']['accuracy']:.3f} ["
    assert accuracy in page.read_text() and "NDCG@10" in page.read_text()
    card = (trained_folder / "model" / "README.md").read_text()
    assert accuracy in card and "Not for diagnosis" in card
    assert json.loads((trained_folder / "model" / "model.json").read_text())["data"][
        "sha256"
    ] in card  # fmt: skip


def test_predictions_of_anybody_are_scored_alike(pairs_folder, tmp_path):
    pairs = read_pairs(pairs_folder, "dev")
    lines = [{"id": p.id, "task": "modality", "label": p.labels["modality"]} for p in pairs[1:]]
    lines += [{"id": f"{p.id}_location", "answer": f"It is the {p.labels['location']}!"}
              for p in pairs]  # fmt: skip
    file = tmp_path / "told.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    tasks = evaluate(None, pairs_folder, "dev", predictions=file)["tasks"]
    assert tasks["modality"]["accuracy"] == pytest.approx(11 / 12)
    assert tasks["modality"]["unanswered"] == 1
    assert tasks["location"]["accuracy"] == 1


def test_what_cannot_be_evaluated_is_named(trained_folder, pairs_folder, tmp_path):
    with pytest.raises(QueryError, match="Either a model or predictions"):
        evaluate(None, pairs_folder, "dev")
    with pytest.raises(NotFound, match="no split 'test'"):
        evaluate(trained_folder, pairs_folder, "test")
    with pytest.raises(SourceError, match="is no model"):
        evaluate(tmp_path, pairs_folder, "dev")


def test_evaluation_needs_no_torch(trained_folder, pairs_folder):
    code = (
        "import sys\nfrom pathlib import Path\nfrom medpix2.pipeline.training import evaluate\n"
        "evaluate(Path(sys.argv[1]), Path(sys.argv[2]), 'dev', probe=False)\n"
        "print({'torch', 'transformers', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, trained_folder, pairs_folder],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "set()"


def test_embeddings_have_length_one(trained_folder, pairs_folder):
    model = Model(trained_folder / "model")
    seen = look(model, read_pairs(pairs_folder, "dev"))
    np.testing.assert_allclose(np.linalg.norm(seen.outputs[EMBEDDING], axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(model.texts(["CT image."]), axis=1), 1, atol=1e-5)
