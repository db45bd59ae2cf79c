"""Pixels of a decoded picture in one form, whatever its mode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, fromarray

Pixels = NDArray[np.uint8]

WATERMARK = 0.10  # the source writes its name above this share of the height ...
FOOT = 0.86  # ... and the uploader below this one; pictures of few rows keep less of it free
_DEEP = ("I", "F")  # 32-bit modes, and 16-bit ones, whose names begin with "I;16"


def grey_picture(picture: Image) -> Image:
    """Return a picture in mode L; alpha is dropped, deep grey is scaled to what occurs in it."""
    if picture.mode == "L":
        return picture
    if picture.mode == "La":  # alpha multiplied in: the only way out is by LA
        return picture.convert("LA").convert("L")
    if picture.mode.startswith(_DEEP):
        deep = np.asarray(picture, dtype=np.float64)
        finite = np.where(np.isfinite(deep), deep, 0.0)
        low, high = finite.min(), finite.max()
        scaled = (finite - low) * (255.0 / (high - low) if high > low else 0.0)
        return fromarray(scaled.astype(np.uint8))
    return colour_picture(picture).convert("L")


def colour_picture(picture: Image) -> Image:
    """Return a picture in mode RGB; alpha is dropped, for it says nothing in the source."""
    if picture.mode == "RGB":
        return picture
    if picture.mode in ("La", "RGBa"):
        picture = picture.convert("LA" if picture.mode == "La" else "RGBA")
    return picture.convert("RGB")


def is_grey_mode(mode: str) -> bool:
    """Tell whether a mode cannot hold a colour."""
    return mode in ("1", "L", "LA", "La") or mode.startswith(_DEEP)


def body_rows(height: int) -> slice:
    """Return the rows of a picture between the source's watermark and its foot."""
    return slice(int(WATERMARK * height), max(1, int(FOOT * height)))
