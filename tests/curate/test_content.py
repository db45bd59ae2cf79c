from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.curate.content import measure

Draw = Callable[..., Image.Image]


@pytest.mark.parametrize("grey", [0, 40, 255])
def test_an_empty_picture_has_no_contrast_even_with_noise_and_a_foot(grey: int) -> None:
    noise = np.random.default_rng(1).normal(grey, 5, (300, 400))
    picture = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    ImageDraw.Draw(picture).text((10, 280), "Uploader : Nobody", 200)
    assert measure(picture)["contrast"] < 10


def test_a_scan_has_contrast_and_content_and_no_colour(slice_of: Draw) -> None:
    seen = measure(slice_of())
    assert seen["contrast"] > 100
    assert seen["content"] > 0.3
    assert (seen["coloured"], seen["marked"], seen["vivid"]) == (0, 0, 0)
    assert seen == measure(slice_of().convert("RGB")) == measure(slice_of().convert("RGBA"))


def test_colour_is_counted_by_its_strength(slice_of: Draw) -> None:
    picture = slice_of(size=(200, 200)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 99, 99), (120, 110, 90))  # chroma 30
    pen.rectangle((100, 100, 109, 109), (200, 20, 20))  # chroma 180
    seen = measure(picture)
    assert seen["coloured"] == pytest.approx(0.2525)
    assert seen["marked"] == pytest.approx(0.2525)
    assert seen["vivid"] == pytest.approx(0.0025)


def test_paper_is_the_commonest_grey() -> None:
    picture = Image.new("L", (200, 200), 250)
    ImageDraw.Draw(picture).ellipse((50, 50, 150, 150), outline=0, width=3)
    level, share = measure(picture)["paper"]
    assert level == 250
    assert 0.9 < share < 1


@pytest.mark.parametrize(("fill", "found"), [(128, 0.3), (255, 0.3), (0, 0.0)])
def test_a_cut_off_file_leaves_a_band(slice_of: Draw, fill: int, found: float) -> None:
    picture = slice_of()
    picture.paste(fill, (0, 179, 256, 256))
    assert measure(picture)["band"] == pytest.approx(found, abs=0.01)


def test_a_grey_background_is_no_band(slice_of: Draw) -> None:
    brighter = slice_of(noise=0.0).point(lambda level: max(level, 90))
    assert measure(brighter)["band"] == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (3, 2), (300, 1)])
def test_any_size_can_be_measured(size: tuple[int, int]) -> None:
    assert measure(Image.new("RGB", size, (9, 9, 9)))["contrast"] == 0
