from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from medpix2.encode.mark import MARKS, _template, find_mark

REAL, SYNTHETIC = MARKS


def veil(body: Image.Image, unit: float, cut: int = 0) -> tuple[np.ndarray, tuple[float, float]]:
    """Lay the real source's mark over a picture as a lighter veil; return left and top as well."""
    pixels = np.asarray(body, dtype=np.float32).copy()
    drawn = np.clip(_template(REAL, unit) * 1.6, 0, 1)
    tall, wide = drawn.shape
    left = round(body.width - (REAL.home[0] + REAL.width) * unit)
    top = round(REAL.home[1] * unit)
    part = pixels[top : top + tall, left : left + wide]
    part += (255 - part) * 0.5 * drawn
    return pixels[:, : body.width - cut].astype(np.uint8), (left, top)


@pytest.mark.parametrize("unit", [0.5, 0.65, 0.8, 1.0])
@pytest.mark.parametrize("bright", [10, 90, 180])
def test_the_mark_is_found_in_every_size_over_anatomy(body, unit, bright):
    image = body((512, 512), bright).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    pixels, (left, top) = veil(image, unit)
    found = find_mark(pixels)
    assert found is not None
    assert abs(found.left - left) <= 4
    assert abs(found.top - top) <= 2
    assert abs((found.right - found.left) / (REAL.width * unit) - 1) < 0.06


def test_a_mark_that_is_cut_off_is_found(body):
    pixels, (left, _) = veil(body((512, 512), 10), 1.0, cut=40)
    found = find_mark(pixels)
    assert found is not None
    assert abs(found.left - left) <= 3
    assert found.right > pixels.shape[1]


@pytest.mark.parametrize("level", [0, 3, 128, 255])
def test_an_even_ground_has_no_mark(level):
    assert find_mark(np.full((300, 400), level, np.uint8)) is None


def test_noise_and_anatomy_have_no_mark(body):
    noise = np.random.default_rng(2).integers(0, 255, (256, 256)).astype(np.uint8)
    assert find_mark(noise) is None
    assert find_mark(np.asarray(body((400, 300), 220))) is None
    assert find_mark(np.asarray(body((60, 50), 220))) is None


def test_letters_stand_in_the_order_of_the_word_and_within_the_mark():
    for mark in MARKS:
        ends = [end for _, left, right in mark.letters for end in (left, right)]
        assert ends == sorted(ends)
        assert min(ends) >= 0
        assert max(ends) <= mark.width
    assert "".join(letter for letter, *_ in SYNTHETIC.letters) == "PHANTOM®"
