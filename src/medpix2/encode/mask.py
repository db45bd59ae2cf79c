"""Pictures without their burned-in lettering: filled from the ground about it, or cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medpix2.encode.burned import Box, find_burned_in

How = Literal["mask", "crop"]
Pixels = NDArray[np.uint8]

STROKE = 0.32
"""Side of the square that no stroke of a letter fills, in heights of the box."""
STANDS_OUT = 8
"""Grey levels by which a stroke is brighter or darker than its ground at least."""
REACH = 3  # pixels about a stroke from which it is filled
SEAM = 1  # pixels about a box that are filled as well
BESIDE = 8  # pixels beside a line of the footer that show its ground
EDGE = 3
"""A box farther from the edge than one n-th of the height is never cut off."""


def without_burned_in(image: Image.Image, how: How = "mask") -> Image.Image:
    """Return a picture without the source's watermark and footer."""
    return masked(image, find_burned_in(image), how)


def masked(image: Image.Image, boxes: Sequence[Box], how: How = "mask") -> Image.Image:
    """Return a picture without what stands in some boxes; the picture itself stays as it is.

    Parameters
    ----------
    image
        A picture of any mode; other modes than L, RGB and RGBA become RGB.
    boxes
        As `find_burned_in` gives them, or others.
    how
        'mask' fills each box from the ground about it: that of a line of the footer with the even
        ground of its rows, any other with the median of its neighbourhood, so that anatomy broader
        than a stroke stays. 'crop' cuts off the rows that have boxes near the upper and the lower
        edge and fills those that are not near one.
    """
    if image.mode not in ("L", "RGB", "RGBA"):
        image = image.convert("RGB")
    kept = [grown for box in boxes if (grown := _grown(box, image.size))]
    if not kept:
        return image.copy()
    first, last = 0, image.height
    if how == "crop":
        top = [box for box in kept if box.bottom <= image.height // EDGE]
        foot = [box for box in kept if box.top >= image.height - image.height // EDGE]
        first = max((box.bottom for box in top), default=0)
        last = min((box.top for box in foot), default=image.height)
        kept = [box for box in kept if box not in top and box not in foot]
    pixels = np.array(image)
    planes = pixels[..., None] if pixels.ndim == 2 else pixels[..., :3]
    for channel in range(planes.shape[2]):
        plane = np.ascontiguousarray(planes[..., channel])
        for box in kept:
            left, top_, right, bottom, _ = box
            planes[top_:bottom, left:right, channel] = _fill(plane, box)
    return Image.fromarray(pixels[first:last])


def _grown(box: Box, size: tuple[int, int]) -> Box | None:
    """Return a box in the picture with the faint seam about its letters; None if it is outside."""
    seam = 0 if box.what == "footer" else SEAM
    left, top = max(0, box.left - seam), max(0, box.top - seam)
    right, bottom = min(size[0], box.right + seam), min(size[1], box.bottom + seam)
    return Box(left, top, right, bottom, box.what) if left < right and top < bottom else None


def _fill(plane: Pixels, box: Box) -> Pixels:
    """Return what to put into a box of one channel, shape (rows, columns)."""
    if box.what == "footer":
        return _ground(plane, box)
    return _without_strokes(plane, box)


def _ground(plane: Pixels, box: Box) -> Pixels:
    """Return the even ground of a box's rows, as it is beside the box if anything is."""
    left, top, right, bottom, _ = box
    rows = plane[top:bottom]
    beside = np.concatenate((rows[:, : max(0, left - 1)], rows[:, right + 1 :]), axis=1)
    if beside.shape[1] >= BESIDE:
        level = np.median(beside, axis=1, keepdims=True)
    else:
        level = np.percentile(rows, 10, axis=1, keepdims=True)
    return np.broadcast_to(level.astype(np.uint8), (bottom - top, right - left))


def _without_strokes(plane: Pixels, box: Box) -> Pixels:
    """Return a box in which whatever is as thin as a stroke is filled from what is about it."""
    left, top, right, bottom, _ = box
    side = 2 * max(1, round(STROKE * (bottom - top) / 2)) + 1
    reach = side + REACH
    y, x = max(0, top - reach), max(0, left - reach)
    around = np.ascontiguousarray(plane[y : bottom + reach, x : right + reach])
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    bright = cv2.morphologyEx(around, cv2.MORPH_TOPHAT, square)
    dark = cv2.morphologyEx(around, cv2.MORPH_BLACKHAT, square)
    strokes = (np.maximum(bright, dark) > STANDS_OUT).astype(np.uint8)
    inside = np.zeros_like(strokes)
    inside[top - y : bottom - y, left - x : right - x] = 1
    seamed = cv2.dilate(strokes & inside, np.ones((3, 3), np.uint8))
    filled = cv2.inpaint(around, seamed, REACH, cv2.INPAINT_TELEA)
    return np.asarray(filled, dtype=np.uint8)[top - y : bottom - y, left - x : right - x]
