from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.encode.burned import Box, area_of, find_burned_in
from medpix2.encode.mask import masked, without_burned_in

WORD = Box(300, 20, 420, 44, "watermark")


@pytest.fixture
def written(body, footer):
    """Return a picture with a footer and a word over anatomy, and the picture without the word."""
    image = body((512, 400), 120)
    footer(image)
    bare = image.copy()
    ImageDraw.Draw(image).text((302, 20), "WORDS", fill=220, font_size=24)
    return image, bare


def test_a_word_is_filled_with_what_is_about_it(written):
    image, bare = written
    inside = area_of((WORD,), image.size)
    filled = masked(image, (WORD,))
    off = np.abs(np.asarray(filled, dtype=int) - np.asarray(bare, dtype=int))
    was = np.abs(np.asarray(image, dtype=int) - np.asarray(bare, dtype=int))
    assert was[inside].max() > 90
    assert np.percentile(off[inside], 97) < 40
    assert off[inside].mean() < 5


def test_anatomy_broader_than_a_stroke_stays():
    image = Image.new("L", (200, 100), 10)
    ImageDraw.Draw(image).rectangle((100, 0, 200, 100), fill=180)
    filled = np.asarray(masked(image, (Box(60, 10, 150, 34, "watermark"),)))
    assert (filled[20, 62:95] < 30).all()
    assert (filled[20, 106:148] > 160).all()


def test_only_the_boxes_and_their_seam_change(written):
    image, _ = written
    boxes = (*find_burned_in(image), WORD)
    near = tuple(Box(b.left - 1, b.top - 1, b.right + 1, b.bottom + 1, b.what) for b in boxes)
    changed = np.asarray(masked(image, boxes)) != np.asarray(image)
    assert changed.any()
    assert not (changed & ~area_of(near, image.size)).any()


def test_the_footer_becomes_the_ground_of_its_strip(written):
    image, _ = written
    clean = without_burned_in(image)
    assert clean.size == image.size
    assert np.asarray(clean)[-8:].max() <= 40 < np.asarray(image)[-8:].max()


def test_crop_cuts_off_the_rows_of_foot_and_mark(written):
    image, _ = written
    boxes = (*find_burned_in(image), WORD)
    cropped = masked(image, boxes, "crop")
    top, bottom = WORD.bottom + 1, min(box.top for box in boxes if box.what == "footer")
    assert cropped.size == (512, bottom - top)
    assert (np.asarray(cropped) == np.asarray(image)[top:bottom]).all()


def test_crop_fills_what_is_not_near_an_edge(written):
    image, _ = written
    middle = Box(200, 180, 260, 200, "lettering")
    assert masked(image, (middle,), "crop").size == image.size


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16"])
def test_every_mode_can_be_masked(body, footer, mode):
    image = body((320, 240), 60)
    footer(image)
    image = Image.new(mode, image.size) if mode == "I;16" else image.convert(mode)
    before = image.tobytes()
    clean = without_burned_in(image)
    assert clean.mode in ("L", "RGB", "RGBA")
    assert image.tobytes() == before


def test_without_boxes_a_copy_comes_back():
    image = Image.new("L", (60, 60), 7)
    same = masked(image, (Box(80, 80, 90, 90, "lettering"), Box(5, 5, 5, 9, "footer")))
    assert same is not image
    assert same.tobytes() == image.tobytes()


def test_alpha_is_kept():
    image = Image.new("RGBA", (200, 100), (9, 9, 9, 77))
    ImageDraw.Draw(image).text((20, 10), "AB", fill=(200, 200, 200, 77), font_size=20)
    clean = np.asarray(masked(image, (Box(15, 8, 60, 34, "watermark"),)))
    assert (clean[..., 3] == 77).all()
    assert clean[..., 0].max() < 40
