"""Pictures with lettering at known places, drawn here."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

LINES = (
    "0a1b2c3d-1122-3344-5566-77889900aabb,Uploader : Somebody Else",
    "Source : Some Place,2004",
)


def ellipse(size: tuple[int, int], bright: int, seed: int = 0) -> Image.Image:
    """Return a grainy bright body on a dark ground, down to the lower edge."""
    width, height = size
    image = Image.new("L", size, 3)
    ImageDraw.Draw(image).ellipse((width * 0.1, height * 0.1, width * 0.9, height * 1.2), bright)
    grain = np.random.default_rng(seed).normal(0, 4, (height, width))
    return Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))


def with_footer(image: Image.Image, lines: tuple[str, ...] = LINES, size: int = 11) -> list[tuple]:
    """Write centred lines on a black strip at the foot, in place; return their boxes."""
    font, draw = ImageFont.load_default(size), ImageDraw.Draw(image)
    strip = len(lines) * (size + 1) + 4
    draw.rectangle((0, image.height - strip, image.width, image.height), fill=0)
    boxes = []
    for number, line in enumerate(reversed(lines)):
        y = image.height - (number + 1) * (size + 1) - 1
        x = (image.width - draw.textlength(line, font=font)) // 2
        draw.text((x, y), line, fill=150, font=font)
        boxes.append(draw.textbbox((x, y), line, font=font))
    return boxes


@pytest.fixture
def body():
    """Return a function that draws a body."""
    return ellipse


@pytest.fixture
def footer():
    """Return a function that writes a footer."""
    return with_footer
