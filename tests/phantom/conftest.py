"""Collections that several tests read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medpix2.phantom.canvas import Body, Canvas, Pose
from medpix2.phantom.layout import make_phantom
from medpix2.phantom.tissues import CODES


class Made:
    """A collection on disk, read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cases = self.json("Case_topic.json")
        self.images = self.json("Descriptions.json")
        self.truth = self.json("ground_truth.json")
        self.lists = self.json("splitted_dataset/uid_list.json")
        self.case = {case["U_id"]: case for case in self.cases}
        self.image = {image["image"]: image for image in self.images}

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    def lines(self, name: str) -> list[Any]:
        text = (self.folder / "splitted_dataset" / f"{name}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def planted(self, *kinds: str) -> list[dict[str, Any]]:
        return [entry for entry in self.truth["planted"] if entry["kind"] in kinds]

    def file(self, image: str) -> Path:
        return self.folder / "images" / f"{image}.png"


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Thirty cases without defects."""
    out = tmp_path_factory.mktemp("sound") / "phantom"
    make_phantom(out, cases=30, seed=3, jobs=1, defects=0)
    return Made(out)


@pytest.fixture(scope="session")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Sixty cases with many defects of every kind, structural ones too."""
    out = tmp_path_factory.mktemp("spoiled") / "phantom"
    make_phantom(out, cases=60, seed=4, jobs=1, defects=4, broken=0.03)
    return Made(out)


@pytest.fixture(scope="session")
def texts_only(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two thousand cases with the default defects, without pictures."""
    out = tmp_path_factory.mktemp("texts") / "phantom"
    make_phantom(out, cases=2000, seed=5, jobs=1, broken=0.02, pictures=False)
    return Made(out)


def tissues(
    section: Callable[[Canvas, Body, float], None], sex: str = "male", level: float = 0.5
) -> set[str]:
    """Return the tissues that a section shows whatever its random numbers are."""
    shown = set(CODES)
    names = {code: name for name, code in CODES.items()}
    for seed in range(3):
        pose = Pose(np.eye(2) * 60, np.array([80.0, 80.0]), np.zeros((2, 4)))
        canvas = Canvas(160, 160, pose, np.random.default_rng(seed))
        section(canvas, Body(sex, 60, 0.08, 0.5), level)
        shown &= {names[code] for code in np.unique(canvas.labels).tolist()}
    return shown


@pytest.fixture(scope="session")
def tissues_of() -> Callable[..., set[str]]:
    """Return what draws a section of some sex and level and tells its tissues."""
    return tissues
