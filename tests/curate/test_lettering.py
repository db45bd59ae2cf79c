from __future__ import annotations

import socket

import numpy as np
import pytest
from PIL import Image, ImageDraw

from medpix2.curate import lettering as module
from medpix2.curate.lettering import BURNED_IN, LETTERING, burned_in, lettering
from medpix2.errors import LookFailed


@pytest.fixture
def scan():
    """Return a picture with three lines of the scan's own and a footer of the source."""
    grain = np.random.default_rng(3).normal(60, 6, (512, 512)).clip(0, 255)
    image = Image.fromarray(grain.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(("DOE, JANE", "W 350 : L 40", "ID 4711-08")):
        draw.rectangle((0, 90 + 60 * number, 160, 120 + 60 * number), fill=0)
        draw.text((6, 94 + 60 * number), line, fill=240, font_size=20)
    draw.rectangle((0, 480, 512, 512), fill=0)
    line = "0a1b2c3d-1122-3344-5566-77889900aabb,Uploader : Some Body"
    draw.text((256, 508), line, fill=150, font_size=14, anchor="ms")
    return image


def test_lines_are_read_and_boxed_but_not_those_of_the_source(scan):
    before = scan.tobytes()
    lines = lettering(scan)["lines"]
    told = [line["text"].replace(" ", "") for line in lines]
    assert [text for text in told if len(text) > 2] == ["DOE,JANE", "W350:L40", "ID4711-08"]
    for line, top in zip(
        [line for line in lines if len(line["text"]) > 2], (90, 150, 210), strict=True
    ):
        left, above, right, below = line["box"]
        assert top - 6 <= above < below <= top + 40
        assert 0 <= left < right <= 200
        assert 0.5 <= line["score"] <= 1
    assert scan.tobytes() == before


def test_reading_needs_no_connection(scan, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    module._reader.cache_clear()
    assert lettering(scan)["lines"]


def test_the_reader_is_made_once_in_a_process(scan):
    lettering(scan.crop((0, 80, 256, 256)))
    first = module._reader(module.THREADS)
    lettering(scan.crop((0, 80, 256, 256)))
    assert module._reader(module.THREADS) is first


def test_a_picture_that_cannot_be_read_costs_its_own_look(scan, monkeypatch):
    class Broken:
        def __call__(self, pixels: object) -> None:
            raise MemoryError("no room")

    monkeypatch.setattr(module, "_reader", lambda threads: Broken())
    with pytest.raises(LookFailed, match=r"512 x 512 L: look at the picture yourself.*no room"):
        lettering(scan)


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (60, 60), (64, 900)])
def test_small_and_narrow_pictures_have_nothing_to_read(size):
    assert lettering(Image.new("L", size, 40)) == {"lines": []}


def test_burned_in_says_what_is_where(scan):
    seen = burned_in(scan.convert("RGBA"))
    (line,) = seen["boxes"]
    assert line["what"] == "footer"
    assert line["box"][1] >= 490
    assert 0.005 < seen["share"] < 0.04
    assert burned_in(Image.new("L", (100, 100))) == {"boxes": [], "share": 0.0}


def test_the_looks_measure_with_these_functions():
    assert (BURNED_IN.name, BURNED_IN.measure) == ("burned-in", burned_in)
    assert (LETTERING.name, LETTERING.measure) == ("lettering", lettering)
