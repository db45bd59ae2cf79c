from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.curate.thumbnail import SIZE, copies_of, measure, textures

Draw = Callable[..., Image.Image]


def likeness(one: Image.Image, other: Image.Image) -> float:
    first, second = textures(copies_of([measure(one), measure(other)]))
    return float(first @ second)


def test_copies_of_a_picture_are_alike(slice_of: Draw) -> None:
    picture = slice_of(size=(400, 400))
    assert likeness(picture, picture) == pytest.approx(1)
    assert likeness(picture, slice_of(size=(400, 400)).convert("RGBA")) == pytest.approx(1)
    assert likeness(picture, picture.resize((250, 250))) > 0.98
    assert likeness(picture, picture.point(lambda level: int(20 + 0.8 * level))) > 0.98


def test_watermark_and_foot_do_not_count(slice_of: Draw) -> None:
    picture = slice_of(size=(400, 400))
    marked = picture.copy()
    pen = ImageDraw.Draw(marked)
    pen.rectangle((300, 4, 396, 36), 230)
    pen.rectangle((0, 350, 400, 398), 60)
    assert likeness(picture, marked) == pytest.approx(1)


def test_another_slice_is_less_alike(slice_of: Draw) -> None:
    assert likeness(slice_of(seed=1), slice_of(seed=2)) < 0.95


def test_an_even_picture_is_like_nothing_not_even_itself() -> None:
    even = Image.new("L", (90, 90), 50)
    assert likeness(even, even) == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (31, 33)])
def test_any_size_has_a_small_copy(size: tuple[int, int]) -> None:
    assert copies_of([measure(Image.new("L", size))]).shape == (1, SIZE)


def test_no_copies_have_no_textures() -> None:
    assert textures(np.empty((0, SIZE), np.uint8)).shape == (0, SIZE)
