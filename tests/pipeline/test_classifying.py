from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from medpix2.errors import NotFound
from medpix2.export.pairs import read_pairs
from medpix2.pipeline.classifying import classify, heat_map


def test_it_tells_what_pictures_show(trained_folder, pairs_folder):
    pairs = read_pairs(pairs_folder, "dev")
    found = list(classify(trained_folder, [pair.image for pair in pairs], threshold=0))
    assert [one.file for one in found] == [pair.image for pair in pairs]
    right = [
        one.tasks["modality"].label == pair.labels["modality"]
        for one, pair in zip(found, pairs, strict=True)
    ]
    assert np.mean(right) >= 0.9
    told = found[0].tasks["location"]
    assert sum(told.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert told.probability == max(told.probabilities.values())


def test_below_the_threshold_it_is_unsure(trained_folder, pairs_folder):
    files = [pair.image for pair in read_pairs(pairs_folder, "dev")]
    told = [task for one in classify(trained_folder, files, threshold=0)
            for task in one.tasks.values()]  # fmt: skip
    assert all(task.label for task in told)
    least = min(task.probability for task in told) + 1e-3
    found = [task for one in classify(trained_folder, files, threshold=least)
             for task in one.tasks.values()]  # fmt: skip
    assert any(task.label is None for task in found)
    assert all((task.label is None) == (task.probability < least) for task in found)


def test_a_broken_file_stands_in_its_place(trained_folder, pairs_folder, tmp_path):
    good = read_pairs(pairs_folder, "dev")[0].image
    (tmp_path / "bad.png").write_bytes(b"no picture")
    found = list(classify(trained_folder, [good, tmp_path / "bad.png", good]))
    assert [one.error is None for one in found] == [True, False, True]
    assert found[0].tasks == found[2].tasks
    assert "is no picture" in str(found[1].error)


def test_an_empty_folder_is_named(trained_folder, tmp_path):
    with pytest.raises(NotFound, match="No picture in the folder"):
        list(classify(trained_folder, [tmp_path]))


def test_heat_maps_lie_over_the_picture(trained_folder, pairs_folder, tmp_path):
    path = read_pairs(pairs_folder, "dev")[0].image
    (found,) = classify(trained_folder, [path], explain=tmp_path / "heat")
    assert {one.name for one in found.heat} == {f"{path.stem}.{task}.png" for task in found.tasks}
    assert Image.open(found.heat[0]).size == (32, 32)


def test_red_is_where_a_class_was_seen_most():
    values = np.zeros((4, 4), np.float32)
    values[0, 3] = 5
    pixels = np.asarray(heat_map(np.full((64, 64), 100, np.uint8), values)).astype(int)
    assert pixels[3, 60, 0] > pixels[3, 60, 2] + 50  # red
    assert pixels[60, 3, 2] > pixels[60, 3, 0] + 50  # blue


def test_onnx_runtime_alone_is_needed(trained_folder, pairs_folder):
    path = read_pairs(pairs_folder, "dev")[0].image
    code = (
        "import sys\nfrom pathlib import Path\n"
        "for name in ('torch', 'transformers', 'tokenizers', 'sklearn', 'onnx'):\n"
        "    sys.modules[name] = None\n"  # as if it were not installed
        "from medpix2.pipeline.classifying import classify\n"
        "(one,) = classify(Path(sys.argv[1]), [Path(sys.argv[2])])\n"
        "print(one.tasks['modality'].probability > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, trained_folder, path],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"
