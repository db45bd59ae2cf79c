from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from medpix2.encode.prepare import Preparation, batch_of, eight_bit, prepared, windowed

BARE = Preparation(size=32, mask=False)


def disc(width=80, height=40, colour=None):
    y, x = np.mgrid[:height, :width]
    inside = ((x - width / 2) ** 2 + (y - height / 2) ** 2) < (height * 0.4) ** 2
    grey = np.where(inside, 200, 30).astype(np.uint8)
    if colour is None:
        return Image.fromarray(grey)
    return Image.fromarray(np.stack([grey, grey // 2, grey], axis=2))


def test_it_is_padded_and_not_squashed():
    square = prepared(disc(), BARE)
    assert square.shape == (32, 32)
    assert (square[:8] == 0).all() and (square[24:] == 0).all() and square[8:24].min() > 0
    bright = square > 120
    wide, tall = bright.any(axis=0).sum(), bright.any(axis=1).sum()
    assert abs(int(wide) - int(tall)) <= 1  # the disc stays round


def test_grey_stays_grey_and_colour_stays_colour():
    assert prepared(disc().convert("RGB"), BARE).shape == (32, 32)
    np.testing.assert_array_equal(prepared(disc().convert("RGB"), BARE), prepared(disc(), BARE))
    assert prepared(disc(colour=True), BARE).shape == (32, 32, 3)


def test_a_batch_repeats_grey_and_keeps_colour():
    grey, coloured = prepared(disc(), BARE), prepared(disc(colour=True), BARE)
    batch = batch_of([grey, coloured])
    assert batch.shape == (2, 3, 32, 32) and batch.dtype == np.uint8
    assert (batch[0, 0] == batch[0, 2]).all() and (batch[0, 1] == grey).all()
    assert (batch[1, 1] == coloured[..., 1]).all()


def test_a_small_picture_is_enlarged():
    assert prepared(Image.new("L", (3, 1), 90), BARE).max() == 90


def test_sixteen_bits_are_windowed():
    deep = Image.fromarray(np.linspace(1000, 3000, 64 * 64).reshape(64, 64).astype(np.uint16))
    grey = np.asarray(eight_bit(deep))
    assert grey.dtype == np.uint8 and grey.min() == 0 and grey.max() == 255
    assert (np.diff(grey.ravel().astype(int)) >= 0).all()
    assert windowed(np.full((4, 4), 700)).max() == 0


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "CMYK", "I", "F", "I;16"])
def test_any_mode_is_taken(mode):
    image = Image.new("L", (50, 50), 120)
    image = Image.fromarray(np.asarray(image).astype(np.uint16)) if mode == "I;16" else image
    square = prepared(image if image.mode == mode else image.convert(mode), BARE)
    assert square.shape == (32, 32)


def test_what_is_transparent_is_black():
    image = Image.new("RGBA", (40, 40), (255, 255, 255, 0))
    assert prepared(image, BARE).max() == 0


def test_the_mask_takes_the_lettering_away(body, footer):
    image = body((400, 400), 120)
    footer(image)
    kept = prepared(image, Preparation(size=400, mask=False)).astype(int)
    filled = prepared(image, Preparation(size=400)).astype(int)
    changed = np.abs(kept - filled) > 20
    assert changed[370:].sum() > 100 and changed[:360].sum() == 0


def test_no_torch_is_needed():
    code = (
        "import sys, medpix2.encode.prepare, medpix2.encode.files, medpix2.encode.onnx\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
