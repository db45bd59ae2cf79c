"""The watermark that the source writes into the upper right corner, found by its letters.

The words that are known are drawn with lines, in many sizes, and looked for in the corner: a
template matched with the picture, both freed of all that is broader than a letter.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Grey = NDArray[np.uint8]
Plane = NDArray[Any]
"""Grey levels or correlations as 32-bit floating numbers, shape (rows, columns)."""
Point = tuple[float, float]


def _arc(x: float, y: float, rx: float, ry: float, begin: float, end: float) -> tuple[Point, ...]:
    """Return points of an arc about (x, y); angles in degrees, 90 is down."""
    angles = [math.radians(begin + (end - begin) * step / 20) for step in range(21)]
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


_BOWL = _arc(0.55, 0.28, 0.45, 0.25, -90, 90)
# Lines of each letter: x from 0 to 1 over its width, y from 0 (top of a capital) to 1 (base line).
LETTERS: dict[str, tuple[tuple[Point, ...], ...]] = {
    "M": (((0, 1), (0, 0), (0.5, 0.97), (1, 0), (1, 1)),),
    "e": (
        (*_arc(0.5, 0.65, 0.5, 0.34, 40, 180), *_arc(0.5, 0.65, 0.5, 0.34, 180, 360), (0, 0.65)),
    ),
    "d": (_arc(0.5, 0.65, 0.5, 0.34, 0, 360), ((1, 0), (1, 1))),
    "P": (((0, 1), (0, 0.03), (0.55, 0.03), *_BOWL, (0, 0.53)),),
    "i": (((0.5, 0.28), (0.5, 1)), ((0.5, 0), (0.5, 0.1))),
    "x": (((0, 0.28), (1, 1)), ((1, 0.28), (0, 1))),
    "H": (((0, 0), (0, 1)), ((1, 0), (1, 1)), ((0, 0.5), (1, 0.5))),
    "A": (((0, 1), (0.5, 0), (1, 1)), ((0.2, 0.65), (0.8, 0.65))),
    "N": (((0, 1), (0, 0), (1, 1), (1, 0)),),
    "T": (((0, 0.05), (1, 0.05)), ((0.5, 0.05), (0.5, 1))),
    "O": (_arc(0.5, 0.5, 0.5, 0.5, 0, 360),),
}
# The sign of a registered mark: x over its own width, y as above.
_RING = _arc(0.5, 0.38, 0.5, 0.405, 0, 360)
_SMALL = ((0.34, 0.62), (0.34, 0.16), (0.52, 0.16), *_arc(0.54, 0.28, 0.14, 0.11, -90, 90))
SIGN: tuple[tuple[Point, ...], ...] = (_RING, (*_SMALL, (0.34, 0.39)), ((0.52, 0.39), (0.69, 0.62)))


class Mark(NamedTuple):
    """How a watermark looks, in units of which a capital letter has 17.

    Attributes
    ----------
    letters
        Each letter with its left and right end; "®" stands for the sign.
    width, height
        Of all of it.
    smallest, largest
        Pixels that a unit may have.
    home
        Distance of its right end from the picture's and of its top from the picture's top, in
        units, if they are always the same.
    opaque
        Whether it has one grey, whatever is below it, and is not a lighter veil.
    """

    letters: tuple[tuple[str, float, float], ...]
    width: float
    height: float
    smallest: float
    largest: float
    home: tuple[float, float] | None = None
    opaque: bool = False


MARKS: tuple[Mark, ...] = (
    Mark(
        (("M", 1.2, 16.2), ("e", 19.9, 30.6), ("d", 33.3, 43.4), ("P", 48, 59.3), ("i", 62, 64.6),
         ("x", 67.8, 77.5), ("®", 79.9, 93.7)),
        94, 19, 0.4, 1.06, (11, 7),
    ),
    Mark(
        (("P", 1, 10.7), ("H", 15.4, 26.5), ("A", 30.9, 43.8), ("N", 48.2, 59.1), ("T", 63.2, 76),
         ("O", 78.8, 92.4), ("M", 97.7, 112.2), ("®", 118.2, 131.8)),
        132.4, 18.4, 0.36, 1.9, None, True,
    ),
)  # fmt: skip
"""The watermarks that are known: the real source's, and that of the synthetic collection."""

STEP = 1.03  # from one size to the next
CAPITAL, TOP, STROKE, THIN = 17.0, 1.0, 2.0, 1.2  # units
LIKE_AT_HOME = 0.36
"""Correlation that is enough where a mark is expected."""
LIKE = 0.49
"""Correlation that is enough anywhere in the corner."""
NOISE = 1.0
"""Grey levels that mean nothing: on an even ground any noise would be like any template."""
NEAR = 2.5  # pixels from its home
CORNER = 0.16
"""Height of the corner that is searched, as a share of the picture's longer side."""
MARGIN = 0.5  # of a mark's width and height that the picture may have cut off
SEEN = 0.45
"""Share of a mark's ink that has to be in the picture."""


MANY, DARK, LIGHT = 60, 50, 250
SAME, PLAIN = 1, 200
"""Pixels of one grey, between two levels, that tell of an opaque mark; how far its own pixels may
be off that grey; and the level that they get, on black, before the mark is looked for."""


class Place(NamedTuple):
    """Where a mark was found: its box, which may reach beyond the picture, and how sure."""

    left: float
    top: float
    right: float
    bottom: float
    like: float


def find_mark(grey: Grey) -> Place | None:
    """Return where the watermark is, or None if there is none.

    Parameters
    ----------
    grey
        The picture in grey, shape (height, width).
    """
    rows = min(len(grey), max(50, min(90, round(CORNER * max(grey.shape)))))
    corner = grey[:rows]
    for mark in MARKS:
        found = _find(corner, mark)
        if mark.opaque and (plain := _of_one_grey(corner)) is not None:
            found = max((place for place in (found, _find(plain, mark)) if place), default=None,
                        key=lambda place: place.like)  # fmt: skip
        if found is not None:
            return found
    return None


def _find(grey: Grey, mark: Mark) -> Place | None:
    width = grey.shape[1]
    best: Place | None = None
    for unit in _sizes(mark.smallest, min(mark.largest, width / (mark.width * (1 - MARGIN)))):
        template = _template(mark, unit)
        tall, broad = template.shape
        above, beside = round(MARGIN * tall), round(MARGIN * broad)
        first = max(0, width - 2 * broad - 30)
        seen = grey[:, first:].astype(np.float32)
        if tall > seen.shape[0] + above or broad > seen.shape[1] + 2 * beside:
            continue
        around = (above, 0, beside, beside)
        corner = cv2.copyMakeBorder(_without_broad(seen, unit), *around, cv2.BORDER_CONSTANT)
        inside = cv2.copyMakeBorder(np.ones_like(seen), *around, cv2.BORDER_CONSTANT)
        likes = _likes(corner, inside, template)
        found = _peak(likes, mark, unit, (first - beside, -above, width))
        if found is not None and (best is None or found.like > best.like):
            best = found
    return best


def _of_one_grey(corner: Grey) -> Grey | None:
    """Return the pixels of the one grey that far more have than have the levels next to it.

    They alone are bright in what is returned; None if there is no such grey.
    """
    counts = np.bincount(corner[:, corner.shape[1] // 2 :].ravel(), minlength=256).astype(np.int64)
    over = counts - np.max([np.roll(counts, by) for by in (-3, -2, 2, 3)], axis=0)
    over[:DARK], over[LIGHT:] = 0, 0  # grounds, and what is saturated
    level = int(over.argmax())
    if over[level] < MANY:
        return None
    return np.where(np.abs(corner.astype(np.int16) - level) <= SAME, PLAIN, 0).astype(np.uint8)


def _likes(corner: Plane, inside: Plane, template: Plane) -> Plane:
    """Return the correlation of a template with each place, in so far as it is in the picture.

    That of faint noise is little.
    """
    tall, broad = template.shape
    product = cv2.matchTemplate(corner, template, cv2.TM_CCORR)
    scale = cv2.matchTemplate(inside, template * template, cv2.TM_CCORR)
    energy = cv2.boxFilter(
        corner * corner + NOISE**2 * inside, -1, (broad, tall), normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )  # fmt: skip
    y, x = tall // 2, broad // 2
    energy = energy[y : y + product.shape[0], x : x + product.shape[1]]
    likes: Plane = product / np.sqrt(np.maximum(scale * energy, 1e-6))
    likes[scale < SEEN * (template * template).sum()] = 0
    return likes


def _peak(likes: Plane, mark: Mark, unit: float, frame: tuple[int, int, int]) -> Place | None:
    """Return the best place in a plane of correlations that is good enough."""
    begins, topmost, width = frame
    candidates: list[tuple[float, float, float]] = []
    _, like, _, (x, y) = cv2.minMaxLoc(likes)
    if like >= LIKE:
        candidates.append((like, x, y))
    if mark.home is not None:
        left = width - (mark.home[0] + mark.width) * unit - begins
        top = mark.home[1] * unit - topmost
        x0, x1 = max(0, math.ceil(left - NEAR)), math.floor(left + NEAR) + 1
        y0, y1 = max(0, math.ceil(top - NEAR)), math.floor(top + NEAR) + 1
        near = likes[y0:y1, x0:x1]
        if near.size:
            _, like, _, (x, y) = cv2.minMaxLoc(np.ascontiguousarray(near))
            if like >= LIKE_AT_HOME:
                candidates.append((like, x + x0, y + y0))
    if not candidates:
        return None
    like, from_left, from_top = max(candidates)
    left, top = from_left + begins, from_top + topmost
    return Place(left, top, left + mark.width * unit, top + mark.height * unit, like)


@lru_cache(maxsize=8)
def _sizes(smallest: float, largest: float) -> tuple[float, ...]:
    count = math.floor(math.log(max(largest, smallest) / smallest) / math.log(STEP)) + 1
    return tuple(smallest * STEP**step for step in range(count))


@lru_cache(maxsize=256)
def _template(mark: Mark, unit: float) -> Plane:
    """Return a mark of a size, without what is broader than its letters."""
    fine = 8
    broad, tall = round(mark.width * unit), round(mark.height * unit)
    image = Image.new("L", (broad * fine, tall * fine))
    draw = ImageDraw.Draw(image)
    x_of, y_of = broad * fine / mark.width, tall * fine / mark.height
    for letter, left, right in mark.letters:
        lines, width = (SIGN, THIN) if letter == "®" else (LETTERS[letter], STROKE)
        for line in lines:
            points = [
                ((left + x * (right - left)) * x_of, (TOP + y * CAPITAL) * y_of) for x, y in line
            ]
            draw.line(points, fill=255, width=max(1, round(width * x_of)), joint="curve")
    drawn = np.asarray(image.resize((broad, tall), Image.Resampling.BOX), dtype=np.float32) / 255
    around = 4
    padded = np.pad(drawn, around)
    return np.ascontiguousarray(_without_broad(padded, unit)[around:-around, around:-around])


def _without_broad(plane: Plane, unit: float) -> Plane:
    """Return a plane less its mean over a square somewhat broader than a stroke."""
    side = 2 * round(5 * unit) + 1
    return plane - cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT)
