"""Defects of pictures: each takes a sound picture and returns the spoiled one."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from medpix2.phantom import overlay

Words = tuple[str, ...]


def montage(parts: list[Image.Image]) -> Image.Image:
    """Return four pictures as one, two by two, with a line between them, the foot kept dark."""
    width, height = parts[0].size
    whole = Image.new("L", (width, height))
    free = height - overlay.foot_height(width, height)
    for number, part in enumerate(parts):
        share = overlay.foot_height(*part.size)
        tile = part.crop((0, 0, part.width, part.height - share))
        tile = tile.resize((width // 2 - 2, free // 2 - 2))
        whole.paste(tile, ((number % 2) * (width // 2 + 1), (number // 2) * (free // 2 + 1)))
    return whole


def alpha(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return the picture with an alpha channel that says nothing."""
    image = image.convert("RGB")
    image.putalpha(255)
    return image


def photograph(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return something like a photograph of a specimen on a coloured cloth instead of the scan."""
    rng = np.random.default_rng(r.getrandbits(32))
    width, height = image.size
    cloth = np.array([rng.integers(20, 90), rng.integers(70, 140), rng.integers(90, 170)])
    light = (
        np.linspace(0.75, 1.15, width)[None, :, None] * np.linspace(1.1, 0.8, height)[:, None, None]
    )
    base = Image.fromarray(np.clip(cloth * light, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(base)
    for _ in range(160):
        far = abs(rng.normal(0, 0.16))
        turn = rng.uniform(0, 6.3)
        x, y = width * (0.5 + far * np.cos(turn)), height * (0.48 + far * np.sin(turn))
        size = rng.uniform(0.02, 0.1) * min(width, height)
        red = int(rng.integers(110, 215))
        draw.ellipse(
            (x - size, y - 0.7 * size, x + size, y + 0.7 * size),
            fill=(red, red // 3, red // 4 + 10),
        )
    base = base.filter(ImageFilter.GaussianBlur(2.2))
    grain = rng.normal(0, 6, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(base) + grain, 0, 255).astype(np.uint8))


def drawing(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return a line drawing with labels on white paper instead of the scan."""
    width, height = image.size
    paper = Image.new("RGB", (width, height), (252, 251, 245))
    draw = ImageDraw.Draw(paper)
    for _ in range(9):
        x, y = r.uniform(0.2, 0.7) * width, r.uniform(0.15, 0.6) * height
        w, h = r.uniform(0.08, 0.3) * width, r.uniform(0.08, 0.25) * height
        ink = r.choice([(20, 20, 20), (160, 30, 30), (30, 60, 150)])
        draw.arc((x, y, x + w, y + h), r.uniform(0, 180), r.uniform(200, 420), fill=ink, width=3)
        draw.line((x + w, y, x + w + 0.06 * width, y - 0.04 * height), fill=(60, 60, 60), width=1)
    return paper


def letters(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return the picture with lines of lettering burned in: what identifies a person."""
    overlay.letter(image, list(words), r.choice(["nw", "w", "sw"]), 240, max(9, image.width // 34))
    return image


def blank(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return a picture of one grey."""
    return Image.new("L", image.size, r.choice([0, 0, 255, 40]))


def tiny(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return the picture at the size of a stamp."""
    width = r.randint(24, 44)
    return image.resize((width, max(20, width * image.height // image.width)))


def extreme(image: Image.Image, words: Words, r: Random) -> Image.Image:
    """Return a narrow strip of the picture, five to eight times as long as wide."""
    width = r.randint(56, 76)
    left = (image.width - width) // 2
    strip = image.crop((max(0, left), 0, left + width, image.height))
    strip = strip.resize((width, round(width * r.uniform(5, 8))))
    return strip if r.random() < 0.5 else strip.transpose(Image.Transpose.ROTATE_90)


def same(image: Image.Image, r: Random) -> Image.Image:
    """Return the picture as it is."""
    return image


def nearly(image: Image.Image, r: Random) -> Image.Image:
    """Return the picture rescaled, brightened and compressed with loss: the same to the eye."""
    ways = r.sample(["scale", "light", "jpeg"], r.randint(1, 3))
    if "scale" in ways:
        share = r.uniform(0.7, 0.95)
        image = image.resize(
            (round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS
        )
    if "light" in ways:
        image = ImageEnhance.Brightness(image).enhance(r.uniform(0.85, 1.2))
    if "jpeg" in ways:
        file = io.BytesIO()
        image.convert("L").save(file, "JPEG", quality=r.randint(55, 85))
        image = Image.open(file).convert("L")
    return image


def truncate(data: bytes, r: Random) -> bytes:
    """Return the first part of a file."""
    return data[: round(len(data) * r.uniform(0.2, 0.7))]


def empty(data: bytes, r: Random) -> bytes:
    """Return no bytes."""
    return b""


SPOIL: dict[str | None, Callable[[Image.Image, Words, Random], Image.Image]] = {
    "rgba": alpha,
    "photograph": photograph,
    "drawing": drawing,
    "identifier_lettering": letters,
    "blank_picture": blank,
    "tiny_picture": tiny,
    "extreme_aspect": extreme,
}
"""Defects made before watermark and footer."""

BARE = frozenset({"blank_picture", "tiny_picture"})
"""Defects that leave neither watermark nor footer."""

COPIES: dict[str | None, Callable[[Image.Image, Random], Image.Image]] = {
    "exact_duplicate": same,
    "near_duplicate": nearly,
    "cross_case_duplicate": nearly,
}
"""Defects made after them: the picture of another scene again."""

BREAK: dict[str | None, Callable[[bytes, Random], bytes]] = {
    "truncated_file": truncate,
    "zero_byte_file": empty,
}
"""Defects of the file."""
