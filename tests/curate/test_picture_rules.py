from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2.curate.content import CONTENT
from medpix2.curate.panels import PANELS
from medpix2.curate.picture_rules import PICTURE_RULES
from medpix2.curate.rule import Hit, Subject

REVIEW = Path(__file__).parents[2] / "docs" / "review"
SCAN: dict[str, Any] = {
    "contrast": 200.0, "content": 0.4, "coloured": 0.0, "marked": 0.0, "vivid": 0.0,
    "paper": [2, 0.5], "band": 0.0,
}  # fmt: skip
FILE: dict[str, Any] = {"width": 400, "height": 300, "mode": "RGB"}
ONE = {"panels": 1, "by": None, "boxes": [[0, 0, 400, 300]]}


def hits(content: Any = None, file: Any = None, panels: Any = ONE) -> dict[str, Hit]:
    """Return the hits on one image, by rule."""
    image = {"_id": "A_1", "file": FILE | (file or {})}
    looked = {"A_1": {"content": SCAN | (content or {}), "panels": panels}}
    subject = Subject("A", None, [image], looked)
    return {rule.name: hit for rule in PICTURE_RULES for hit in rule.check(subject)}


def test_a_plain_scan_is_hit_by_nothing() -> None:
    assert hits() == {}


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("blank-picture", {"contrast": 3.0}),
        ("blank-picture", {"content": 0.001}),
        ("blank-picture", {"contrast": 0.0, "content": 0.0, "paper": [255, 1.0], "band": 1.0}),
        ("photograph", {"coloured": 0.9, "marked": 0.9, "vivid": 0.4}),
        ("drawing", {"paper": [250, 0.9]}),
        ("drawing", {"paper": [250, 0.9], "coloured": 0.02, "marked": 0.02, "vivid": 0.02}),
        ("tinted-scan", {"coloured": 0.6, "marked": 0.5, "vivid": 0.003}),
        ("colour-overlay", {"coloured": 0.01, "marked": 0.004}),
        ("even-band", {"band": 0.2}),
    ],
)
def test_what_was_seen_is_hit_by_its_rule_alone(rule: str, content: dict[str, Any]) -> None:
    assert list(hits(content)) == [rule]


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        ("tiny-picture", {"width": 48, "height": 48}),
        ("extreme-aspect", {"width": 900, "height": 100}),
        ("extreme-aspect", {"width": 60, "height": 512}),
        ("alpha-channel", {"mode": "RGBA"}),
    ],
)
def test_what_the_file_is_is_hit_by_its_rule_alone(rule: str, file: dict[str, Any]) -> None:
    assert list(hits(file=file)) == [rule]


@pytest.mark.parametrize("file", [{"width": 96, "height": 112}, {"width": 512, "height": 180}])
def test_sizes_of_the_published_release_pass(file: dict[str, int]) -> None:
    assert hits(file=file) == {}


def test_a_montage_comes_with_its_panels() -> None:
    boxes = [[0, 0, 200, 300], [205, 0, 400, 300]]
    found = hits(panels={"panels": 2, "by": "gutter", "boxes": boxes})
    assert list(found) == ["montage"]
    assert found["montage"].evidence == {"panels": 2, "boxes": boxes}


def test_an_image_without_a_picture_or_a_look_is_left_out() -> None:
    subject = Subject("A", None, [{"_id": "A_1", "file": None}, {"_id": "A_2", "file": FILE}])
    assert [hit for rule in PICTURE_RULES for hit in rule.check(subject)] == []


@pytest.mark.real
def test_the_real_pictures_that_were_looked_at_are_judged_as_by_eye(real_copy: Path) -> None:
    with (REVIEW / "census.csv").open(newline="") as file:
        seen = {row["image"]: row["seen"] for row in csv.DictReader(file)}
    with (REVIEW / "pictures.csv").open(newline="") as file:
        plain = [row["image"] for row in csv.DictReader(file) if row["image"] not in seen][:25]
    wanted = {
        "montage": {"montage"},
        "tinted": {"tinted-scan"},
        "overlay": {"colour-overlay"},
        "constant band at the foot": {"even-band"},
    }
    for name in (*(one for one, what in seen.items() if what in wanted), *plain):
        with Image.open(real_copy / "images" / f"{name}.png") as picture:
            looked = {look.name: look.measure(picture) for look in (CONTENT, PANELS)}
            size = {"width": picture.width, "height": picture.height, "mode": "RGB"}
        found = hits(looked["content"], size, looked["panels"])
        assert set(found) == wanted.get(seen.get(name, ""), set()), name
