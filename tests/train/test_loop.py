from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from medpix2.errors import OutputError, SettingError, SourceError
from medpix2.train.checkpoint import Progressed
from medpix2.train.loop import device_of, set_rate, stopped, train
from medpix2.train.recipe import Recipe


@pytest.fixture(scope="module")
def changed(tiny_recipe):
    """Return what makes a recipe of the tiny one with other knobs of a part."""

    def change(part: str, **more):
        new = getattr(tiny_recipe, part).model_copy(update=more)
        return tiny_recipe.model_copy(update={part: new})

    return change


@pytest.fixture(scope="module")
def short(changed):
    return changed("optimize", epochs=4)


@pytest.fixture(scope="module")
def undisturbed(short, pairs_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    rows = []
    return out, train(short, pairs_folder, out, report=rows.append), rows


KILLED = """
import os, signal, sys
import torch
from pathlib import Path
from medpix2.train.loop import train
from medpix2.train.recipe import recipe_of
import json
torch.set_num_threads(1)
recipe = recipe_of(json.loads(sys.argv[1]), "argument")
def kill(row):
    if row["epoch"] == 2:
        os.kill(os.getpid(), signal.SIGKILL)
train(recipe, Path(sys.argv[2]), Path(sys.argv[3]), report=kill)
"""


def test_a_killed_training_goes_on_to_the_same_result(short, undisturbed, pairs_folder, tmp_path):
    whole, first, rows = undisturbed
    arguments = (short.model_dump_json(), str(pairs_folder), str(tmp_path))
    killed = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False)
    assert killed.returncode == -9
    later = []
    second = train(short, pairs_folder, tmp_path, report=later.append)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert [row["epoch"] for row in later] == [3, 4]
    assert second.done == first.done
    for name in ("last.safetensors", "best.safetensors"):
        one, other = load_file(whole / name), load_file(tmp_path / name)
        assert one.keys() == other.keys() and len(one) > 10
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert (whole / "log.jsonl").read_bytes() == (tmp_path / "log.jsonl").read_bytes()


def test_a_finished_training_is_not_done_again(short, undisturbed, pairs_folder):
    whole, first, _ = undisturbed
    rows = []
    again = train(short, pairs_folder, whole, report=rows.append)
    assert rows == [] and again.done == first.done


def test_it_learns_easy_pictures(tiny_recipe, pairs_folder, tmp_path):
    done = train(tiny_recipe, pairs_folder, tmp_path).done
    best = max(done.rows, key=lambda row: row["score"])
    assert best["modality/heads"] >= 0.9 and best["location_category/prompts"] >= 0.9
    assert done.rows[-1]["loss"] < done.rows[0]["loss"]


def test_another_recipe_or_other_data_are_refused(short, changed, undisturbed, pairs_folder):
    with pytest.raises(OutputError, match="another recipe"):
        train(changed("optimize", epochs=5), pairs_folder, undisturbed[0])


def test_a_truncated_checkpoint_is_named(short, undisturbed, pairs_folder, tmp_path):
    content = (undisturbed[0] / "last.safetensors").read_bytes()
    (tmp_path / "last.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match=r"last\.safetensors cannot be read"):
        train(short, pairs_folder, tmp_path)


def test_a_folder_with_other_files_is_refused(short, pairs_folder, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(OutputError, match="has other files"):
        train(short, pairs_folder, tmp_path)


def test_frozen_towers_stay_as_they_are(changed, short, pairs_folder, tmp_path):
    recipe = short.model_copy(
        update={
            "text": short.text.model_copy(update={"train": "frozen"}),
            "picture": short.picture.model_copy(update={"train": "last", "last": 1}),
        }
    )
    train(recipe, pairs_folder, tmp_path)
    buffers = ("running_mean", "running_var", "num_batches_tracked")
    names = [
        name for name in load_file(tmp_path / "best.safetensors") if not name.endswith(buffers)
    ]
    assert not any(name.startswith("text.") for name in names)
    layers = {name.split(".")[2] for name in names if name.startswith("picture.")}
    assert layers == {"2"}


def test_batchnorm_keeps_its_statistics(undisturbed, changed, pairs_folder, tmp_path):
    key = "picture.layers.0.1.running_mean"
    assert (load_file(undisturbed[0] / "best.safetensors")[key] == 0).all()
    trained = changed("picture", batchnorm="trained")
    trained = trained.model_copy(
        update={"optimize": trained.optimize.model_copy(update={"epochs": 1})}
    )
    train(trained, pairs_folder, tmp_path)
    assert (load_file(tmp_path / "best.safetensors")[key] != 0).any()


def test_it_stops_when_the_score_rises_no_more():
    assert stopped(Progressed(epoch=7, best_epoch=4), 3)
    assert not stopped(Progressed(epoch=6, best_epoch=4), 3)
    assert not stopped(Progressed(epoch=90, best_epoch=4), 0)


def test_the_rate_warms_up_and_falls():
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1)], "times": 2.0}])
    rates = []
    for step in range(100):
        set_rate(optimizer, Recipe(), step, 100)
        rates.append(optimizer.param_groups[0]["lr"])
    top = 2 * Recipe().optimize.rate
    assert rates[0] == pytest.approx(top / 10) and max(rates) == pytest.approx(top)
    assert rates.index(max(rates)) in (9, 10) and rates[-1] < top / 100


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_gpu_that_is_not_there_is_named():
    with pytest.raises(SettingError, match="'cuda' is not there"):
        device_of(Recipe(device="cuda"))


def test_a_device_that_is_none():
    with pytest.raises(SettingError, match="no device 'gpu'"):
        device_of(Recipe(device="gpu"))
