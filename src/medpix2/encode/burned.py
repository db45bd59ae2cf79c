"""The source's own lettering in a picture: its watermark and its footer, as boxes.

Cheap and deterministic: the same picture gives the same boxes in curing, export, training and
classification.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medpix2.encode.footer import find_footer
from medpix2.encode.mark import find_mark

VERSION = 1
"""Raised whenever other boxes may be found in the same picture, or be filled otherwise."""

SMALLEST = 48
"""Width and height in pixels below which a picture has no lettering that could be found."""

What = Literal["watermark", "footer", "lettering"]


class Box(NamedTuple):
    """A box in a picture, in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int
    what: What
    """watermark, footer (one line of it), or other lettering."""

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self[:4]


def grey_of(image: Image.Image) -> NDArray[np.uint8]:
    """Return a picture of any mode in grey, shape (height, width); alpha is left out."""
    if image.mode != "L":
        # Not straight to L: that would take the numbers of a palette for grey levels.
        image = image.convert("RGB").convert("L")
    return np.asarray(image, dtype=np.uint8)


def find_burned_in(image: Image.Image) -> tuple[Box, ...]:
    """Return the boxes of the watermark and of each line of the footer; () if there is none."""
    width, height = image.size
    if min(width, height) < SMALLEST:
        return ()
    grey = grey_of(image)
    boxes = [Box(*line, "footer") for line in reversed(find_footer(grey))]
    mark = find_mark(grey)
    if mark is not None:
        left, top = max(0, math.floor(mark.left)), max(0, math.floor(mark.top))
        right, bottom = min(width, math.ceil(mark.right)), min(height, math.ceil(mark.bottom))
        boxes.insert(0, Box(left, top, right, bottom, "watermark"))
    return tuple(boxes)


def area_of(boxes: tuple[Box, ...], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels lie in a box, shape (height, width), for a picture's (width, height)."""
    inside = np.zeros((size[1], size[0]), dtype=np.bool_)
    for left, top, right, bottom, _ in boxes:
        inside[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = True
    return inside
