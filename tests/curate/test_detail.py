from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from medpix2.curate.detail import SAME_PICTURE, detail_hash, differing


def section(seed: int, mode: str = "L") -> Image.Image:
    r = np.random.default_rng(seed)
    made = Image.new("L", (256, 320))
    draw = ImageDraw.Draw(made)
    draw.ellipse((30, 30, 226, 290), fill=120)
    for x, y, size, level in r.integers((40, 40, 8, 20), (200, 260, 40, 255), (14, 4)):
        draw.ellipse((x, y, x + size, y + size), fill=int(level))
    return made.convert(mode)


def test_one_picture_in_another_size_and_mode_is_one():
    one = detail_hash(section(1))
    assert len(one) == 64
    assert detail_hash(section(1, "RGBA")) == one
    small = detail_hash(section(1).resize((200, 250)))
    assert differing(one, small) <= SAME_PICTURE


def test_another_section_of_the_same_outline_is_another():
    assert differing(detail_hash(section(1)), detail_hash(section(2))) > SAME_PICTURE


def test_differing_bits_are_counted():
    assert differing("0" * 64, "f" + "0" * 63) == 4
