from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.curate.rule import Hit, Rule, SetRule, Subject

Draw = Callable[..., Image.Image]
Make = Callable[..., Subject]


def make_subject(
    *captions: str | None, case: dict[str, Any] | None = None, name: str = "MPX1", **labels: Any
) -> Subject:
    """Return a case with texts at dotted fields, and a picture for each caption.

    Labels are those of every picture: `Age`, `Sex`, `Modality`, `Plane` of its description, and
    `Type`, `Location`, `Location_Category`.
    """
    report: dict[str, Any] = {"_id": name, "U_id": name, "Case": {}, "Topic": {}}
    for field, text in (case or {}).items():
        part, _, key = field.partition(".")
        report[part][key] = text
    inside = {key: labels.pop(key) for key in ("Age", "Sex", "Modality", "Plane") if key in labels}
    usual = {"Type": "CT", "Location": "Abdomen", "Location Category": "Abdomen"}
    usual |= {key.replace("_", " "): value for key, value in labels.items()}
    images = [
        {
            "_id": f"{name}_{at}", "image": f"{name}_{at}", "U_id": name,
            "Description": {"Caption": caption, **inside}, **usual,
        }
        for at, caption in enumerate(captions)
    ]  # fmt: skip
    return Subject(name, report, images)


@pytest.fixture(scope="session")
def subject_of() -> Make:
    """Return the maker of cases as rules see them."""
    return make_subject


def hits_of(rules: tuple[Rule | SetRule, ...], name: str, *subjects: Subject) -> list[Hit]:
    rule = {rule.name: rule for rule in rules}[name]
    if isinstance(rule, Rule):
        return [hit for subject in subjects for hit in rule.check(subject)]
    gathering = rule.gather()
    for subject in subjects:
        gathering.add(subject)
    return list(gathering.hits())


@pytest.fixture(scope="session")
def hits() -> Callable[..., list[Hit]]:
    """Return what runs the rule of a table that has a name: `hits(RULES, name, subject)`."""
    return hits_of


@pytest.fixture
def slice_of() -> Draw:
    """Return a function that draws a slice of a made-up head: bright ring, textured inside."""

    def draw(seed: int = 0, size: tuple[int, int] = (256, 256), noise: float = 4.0) -> Image.Image:
        random = np.random.default_rng(seed)
        width, height = size
        picture = Image.new("L", size, 0)
        pen = ImageDraw.Draw(picture)
        pen.ellipse((0.1 * width, 0.08 * height, 0.9 * width, 0.92 * height), 90, 230, 8)
        for _ in range(60):
            x, y = 0.2 + 0.55 * random.random(2)
            r = 0.01 + 0.06 * random.random()
            grey = int(random.integers(40, 200))
            pen.ellipse((x * width, y * height, (x + r) * width, (y + r) * height), grey)
        grain = np.random.default_rng(7).normal(0, noise, (height, width))
        return Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))

    return draw
