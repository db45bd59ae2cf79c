"""Lettering that the site burns into a picture: watermark and footer, and the scanner's own."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

WATERMARK = "PHANTOM®"
"""Never the real site's name: a phantom must not be taken for the real thing."""
FOOT = 0.085
"""Height of the strip kept free of anatomy, as a share of the picture's longer side."""


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def foot_height(width: int, height: int) -> int:
    """Return the height in pixels of the strip at the foot that shows no anatomy."""
    return min(round(FOOT * max(width, height)), round(0.18 * height)) + 1


def clear_foot(grey: NDArray[np.uint8], rng: np.random.Generator) -> None:
    """Blacken the strip at the foot, in place; at times a flat dark grey or faint noise instead.

    What stands there depends on nothing but the generator, so that the strip tells nothing.
    """
    tall = foot_height(grey.shape[1], grey.shape[0])
    strip = grey[-tall:]
    strip[:] = 0
    draw = rng.random()
    if draw < 0.15:
        strip[:] = rng.integers(1, 40)
    elif draw < 0.3:
        strip[:] = np.abs(rng.normal(0, rng.uniform(1, 8), strip.shape)).astype(np.uint8)


def burn_in(
    image: Image.Image, uuid: str, uploader: str, origin: str, date: str, rng: np.random.Generator
) -> None:
    """Burn watermark and footer into a grey or colour picture, in place."""
    draw = ImageDraw.Draw(image)
    width, height = image.size
    native = float(rng.choice([1.0, 1.0, 1.0, 1.3, 2.0]))
    _mark(draw, width, native, image.mode, rng)
    size = max(6, round((7.0 + rng.uniform(-1, 1)) * native * min(width, 512) / 512 + 1.5))
    font = _font(size)
    lines = [f"{uuid},Uploader : {uploader}", f"Source : {origin},{date}"]
    if rng.random() < 0.2:
        lines = [f"{uuid},Uploader : {uploader},Source : {origin},{date}"]
    y = height - len(lines) * (size + 1) - 1
    for line in lines:
        x = (width - draw.textlength(line, font=font)) / 2
        draw.text((x, y), line, fill=_grey(image.mode, 170), font=font)
        y += size + 1


def _mark(
    draw: ImageDraw.ImageDraw, width: int, native: float, mode: str, rng: np.random.Generator
) -> None:
    """Write the watermark into the upper right corner."""
    size = max(10, round(rng.uniform(17, 23) * native * min(width, 512) / 512))
    font, grey = _font(size), _grey(mode, 155)
    word = WATERMARK.rstrip("®")
    ring = round(size * 0.62)
    x = width - draw.textlength(word, font=font) - ring - width * 0.02
    draw.text((x, 4), word, fill=grey, font=font)
    # The font has no registered sign: a ring around a small R.
    left, top = width - ring - width * 0.015, 4 + size * 0.2
    draw.ellipse((left, top, left + ring, top + ring), outline=grey)
    small = _font(max(5, round(ring * 0.75)))
    draw.text((left + ring / 2, top + ring / 2), "R", fill=grey, font=small, anchor="mm")


def letter(image: Image.Image, lines: list[str], corner: str, bright: int, size: int) -> None:
    """Write lines into a corner: 'nw', 'sw' or 'w' (half way down the left edge)."""
    draw = ImageDraw.Draw(image)
    font = _font(size)
    top = {"nw": 6, "w": image.height // 2}.get(
        corner, image.height - foot_height(*image.size) - (size + 2) * len(lines) - 4
    )
    for number, line in enumerate(lines):
        at = (5, top + number * (size + 2))
        draw.text(
            at,
            line,
            fill=_grey(image.mode, bright),
            font=font,
            stroke_width=1,
            stroke_fill=_grey(image.mode, 0),
        )


def _grey(mode: str, level: int) -> int | tuple[int, ...]:
    return level if mode == "L" else (level,) * 3
