from __future__ import annotations

import csv
import statistics
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from medpix2.encode.burned import Box, area_of, find_burned_in, grey_of

BOXES = Path(__file__).parents[2] / "docs" / "review" / "burned_in_boxes.csv"


def test_both_are_found_in_the_phantom(phantom_folder):
    found = []
    for path in sorted((phantom_folder / "images").glob("*.png"))[:24]:
        with Image.open(path) as image:
            try:
                image.load()
            except OSError:
                continue
            if min(image.size) >= 96:
                found.append({box.what for box in find_burned_in(image)})
    assert sum("footer" in whats for whats in found) >= 0.9 * len(found)
    assert sum("watermark" in whats for whats in found) >= 0.85 * len(found)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA"])
def test_the_mode_of_a_picture_does_not_matter(body, footer, mode):
    grey = body((512, 400), 180)
    footer(grey)
    assert find_burned_in(grey.convert(mode)) == find_burned_in(grey) != ()


def test_alpha_says_nothing(body, footer):
    image = body((512, 400), 180)
    footer(image)
    seen = image.convert("RGBA")
    seen.putalpha(0)
    assert find_burned_in(seen) == find_burned_in(image)
    assert (grey_of(seen) == np.asarray(image)).all()


def test_boxes_lie_in_the_picture_and_the_picture_stays(body, footer):
    image = body((200, 160), 120)
    footer(image)
    before = image.tobytes()
    for box in find_burned_in(image):
        assert 0 <= box.left < box.right <= 200
        assert 0 <= box.top < box.bottom <= 160
    assert image.tobytes() == before


def test_a_tiny_picture_has_none():
    assert find_burned_in(Image.new("L", (30, 300), 9)) == ()


def test_area_is_that_of_the_boxes():
    boxes = (Box(0, 0, 4, 2, "watermark"), Box(2, 1, 6, 3, "footer"))
    assert area_of(boxes, (10, 5)).sum() == 8 + 8 - 2
    assert area_of((Box(-3, -3, 2, 2, "lettering"),), (10, 5)).sum() == 4


@pytest.mark.real
def test_boxes_agree_with_those_drawn_by_hand(real_copy):
    drawn: dict[str, list[Box]] = {}
    with BOXES.open() as file:
        for row in csv.DictReader(file):
            boxes = drawn.setdefault(row["image"], [])
            if row["what"] != "none":
                corners = [int(row[key]) for key in ("left", "top", "right", "bottom")]
                boxes.append(Box(*corners, row["what"]))
    shares = []
    for name in sorted(drawn)[::4]:
        with Image.open(real_copy / "images" / f"{name}.png") as image:
            mine = area_of(find_burned_in(image), image.size)
            hand = area_of(tuple(drawn[name]), image.size)
        union = (mine | hand).sum()
        shares.append((mine & hand).sum() / union if union else 1.0)
    assert len(drawn) == 100
    assert min(shares) >= 0.8
    assert statistics.mean(shares) >= 0.95
