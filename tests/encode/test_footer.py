from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.encode.footer import Line, find_footer, lettering

LONG = "0a1b2c3d-1122-3344-5566-77889900aabb,Uploader : Somebody,Source : Some Place,2004"


def share(line: Line, box: tuple) -> float:
    """Return intersection over union."""
    wide = min(line.right, box[2]) - max(line.left, box[0])
    tall = min(line.bottom, box[3]) - max(line.top, box[1])
    inside = max(0, wide) * max(0, tall)
    areas = (line.right - line.left) * (line.bottom - line.top)
    return inside / (areas + (box[2] - box[0]) * (box[3] - box[1]) - inside)


@pytest.mark.parametrize("size", [9, 11, 14])
@pytest.mark.parametrize("bright", [20, 120, 250])
def test_two_lines_are_found_below_any_anatomy(body, footer, size, bright):
    image = body((512, 512), bright)
    boxes = footer(image, size=size)
    found = find_footer(np.asarray(image))
    assert len(found) == 2
    assert all(share(line, box) > 0.65 for line, box in zip(found, boxes, strict=True))


def test_one_line_is_found(body, footer):
    image = body((640, 400), 200)
    (box,) = footer(image, (LONG,))
    (found,) = find_footer(np.asarray(image))
    assert share(found, box) > 0.7


def test_lettering_that_is_halved_in_size_is_found(body, footer):
    image = body((1024, 1024), 200)
    footer(image, (LONG,), size=12)
    (found,) = find_footer(np.asarray(image.resize((512, 512), Image.Resampling.BOX)))
    assert found.bottom - found.top <= 8
    assert abs(found.left + found.right - 512) <= 8


def test_lettering_wider_than_the_picture_is_found(body, footer):
    image = body((256, 256), 120)
    footer(image)
    upper = find_footer(np.asarray(image))[1]
    assert upper.left <= 3
    assert upper.right >= 253


def test_what_the_scanner_wrote_beside_it_is_left(body, footer):
    image = body((512, 512), 20)
    footer(image, (LONG[:70],), size=9)
    ImageDraw.Draw(image).text((3, 498), "W 400", fill=255)
    (found,) = find_footer(np.asarray(image))
    assert found.left > 60


def test_dark_letters_on_white_paper_are_found(body, footer):
    image = Image.new("L", (512, 512), 0)
    footer(image)
    assert len(find_footer(255 - np.asarray(image))) == 2


@pytest.mark.parametrize("bright", [0, 60, 140, 255])
def test_anatomy_alone_has_no_footer(body, bright):
    assert find_footer(np.asarray(body((512, 480), bright))) == []


def test_an_even_and_a_noisy_ground_have_no_lettering():
    noise = np.random.default_rng(1).integers(0, 12, (40, 300)).astype(np.uint8)
    assert not lettering(noise).any()
    assert not lettering(np.full((40, 300), 40, np.uint8)).any()
    assert find_footer(np.zeros((48, 48), np.uint8)) == []
