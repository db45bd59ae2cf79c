from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.curate.panels import measure

Draw = Callable[..., Image.Image]


def sheet(
    draw: Draw, columns: int, rows: int, gap: int, ground: int = 0, side: int = 150
) -> Image.Image:
    """Return panels side by side, with the foot that the source writes below."""
    width, height = columns * (side + gap) - gap, rows * (side + gap) - gap
    picture = Image.new("L", (width, int(height / 0.88)), ground)
    for row in range(rows):
        for column in range(columns):
            panel = draw(seed=9 * row + column, size=(side, side), noise=12.0)
            picture.paste(panel, (column * (side + gap), row * (side + gap)))
    ImageDraw.Draw(picture).text((5, picture.height - 14), "Source : Nobody, 2004", 180)
    return picture


@pytest.mark.parametrize(("columns", "rows"), [(2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("ground", [0, 255])
def test_a_grid_is_parted_into_its_panels(
    slice_of: Draw, columns: int, rows: int, ground: int
) -> None:
    seen = measure(sheet(slice_of, columns, rows, gap=6, ground=ground))
    assert seen["by"] == "grid"
    assert seen["panels"] == len(seen["boxes"]) == columns * rows
    left, top, right, bottom = seen["boxes"][0]
    assert (left, top) == (0, 0)
    assert abs(right - 150) <= 15
    assert abs(bottom - 150) <= 15


def test_two_and_three_panels_with_gutters(slice_of: Draw) -> None:
    for columns in (2, 3):
        seen = measure(sheet(slice_of, columns, 1, gap=8, side=220))
        assert (seen["by"], seen["panels"]) == ("gutter", columns)
    assert measure(sheet(slice_of, 1, 2, gap=8, side=220))["panels"] == 2


def test_panels_that_touch_are_parted_at_the_jump() -> None:
    ramp = np.tile(np.linspace(30, 220, 160), (300, 1))
    noise = np.random.default_rng(2).normal(0, 4, (300, 320))
    levels = np.concatenate((ramp, ramp), axis=1) + noise
    picture = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    seen = measure(picture)
    assert (seen["by"], seen["panels"]) == ("seam", 2)
    assert seen["boxes"] == [[0, 0, 160, 300], [160, 0, 320, 300]]


def test_a_single_slice_is_one_panel(slice_of: Draw) -> None:
    for seed in range(5):
        picture = slice_of(seed=seed)
        assert measure(picture) == {"panels": 1, "by": None, "boxes": [[0, 0, 256, 256]]}


def test_padding_at_the_sides_is_no_panel(slice_of: Draw) -> None:
    padded = Image.new("L", (512, 300), 0)
    padded.paste(slice_of(size=(200, 300), noise=15.0), (150, 0))
    assert measure(padded)["panels"] == 1


def test_a_leg_beside_a_smaller_thing_is_no_montage() -> None:
    picture = Image.new("L", (300, 300), 0)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((20, 50, 220, 250), 120)
    pen.ellipse((240, 100, 290, 200), 120)
    assert measure(picture)["panels"] == 1


@pytest.mark.parametrize("size", [(1, 1), (40, 300), (100, 900), (70, 70)])
def test_small_pictures_and_strips_are_one_panel(size: tuple[int, int]) -> None:
    assert measure(Image.new("RGB", size))["panels"] == 1
