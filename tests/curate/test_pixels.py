from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from medpix2.curate.pixels import body_rows, colour_picture, grey_picture, is_grey_mode

MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16", "La", "RGBa")


def of_mode(mode: str) -> Image.Image:
    if mode in ("I;16", "PA", "La", "RGBa"):
        return Image.new(mode, (20, 10))
    return Image.new("RGB", (20, 10), (200, 30, 30)).convert(mode)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_becomes_grey_and_colour_and_stays_as_it_was(mode: str) -> None:
    picture = of_mode(mode)
    before = picture.tobytes()
    assert (grey_picture(picture).mode, grey_picture(picture).size) == ("L", (20, 10))
    assert (colour_picture(picture).mode, colour_picture(picture).size) == ("RGB", (20, 10))
    assert (picture.mode, picture.tobytes()) == (mode, before)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_seen_all_the_same(mode: str) -> None:
    picture = Image.new("L", (8, 8), 100).convert(mode)
    picture.putalpha(0)
    assert set(grey_picture(picture).tobytes()) == {100}


def test_deep_grey_is_scaled_to_what_occurs() -> None:
    deep = Image.fromarray(np.array([[0, 2000], [1000, 4000]], np.int32))
    assert np.asarray(grey_picture(deep)).tolist() == [[0, 127], [63, 255]]
    assert set(grey_picture(Image.new("I", (4, 4), 7)).tobytes()) == {0}


def test_modes_without_colour() -> None:
    grey = {mode for mode in MODES if is_grey_mode(mode)}
    assert grey == {"1", "L", "LA", "La", "I", "F", "I;16"}


@pytest.mark.parametrize("height", [1, 2, 7, 300])
def test_a_body_has_at_least_a_row(height: int) -> None:
    rows = body_rows(height)
    assert 0 <= rows.start < rows.stop <= height
