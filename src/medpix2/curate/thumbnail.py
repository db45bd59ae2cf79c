"""A small grey copy of a picture, and how alike two of them are.

A perceptual hash finds what may be the same picture; slices of one series have the same hash too.
The fine texture of the small copies tells them apart: it is what differs from slice to slice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image, Resampling
from scipy.ndimage import uniform_filter

from medpix2.curate.look import Look
from medpix2.curate.pixels import grey_picture

SIDE = 32
SIZE = SIDE * SIDE
_TOP, _BOTTOM = 0.10, 0.80  # of the height: the source's watermark and foot stay outside
_COARSE = 3  # side of the cells whose mean is taken away: what remains is texture
_FLAT = 1.0  # grey levels: a texture weaker than this is noise, and like nothing

Textures = NDArray[np.float32]
"""Textures of small copies, shape (pictures, 1024), each of length 1 (or 0 where it is flat)."""


def measure(picture: Image) -> str:
    """Return the picture's body as 32 x 32 grey levels, row by row, hexadecimal."""
    grey = grey_picture(picture)
    box = (0.0, _TOP * grey.height, float(grey.width), _BOTTOM * grey.height)
    return grey.resize((SIDE, SIDE), Resampling.BOX, box=box).tobytes().hex()


def textures(copies: NDArray[np.uint8]) -> Textures:
    """Return the textures of small copies, shape (pictures, 1024).

    The scalar product of two textures is how alike the pictures are: the normalized correlation of
    the small copies without what is coarse in them, from -1 to 1.
    """
    levels = copies.reshape(-1, SIDE, SIDE).astype(np.float32)
    fine = levels - uniform_filter(levels, size=(1, _COARSE, _COARSE), mode="reflect")
    fine = (fine - fine.mean(axis=(1, 2), keepdims=True)).reshape(-1, SIZE)
    length = np.linalg.norm(fine, axis=1, keepdims=True)
    flat = length < _FLAT * SIDE  # the root of the mean square is the length over 32
    return np.where(flat, 0.0, fine / np.where(flat, 1.0, length)).astype(np.float32)


def copies_of(seen: list[str]) -> NDArray[np.uint8]:
    """Return small copies from their hexadecimal form, shape (pictures, 1024)."""
    return np.frombuffer(bytes.fromhex("".join(seen)), np.uint8).reshape(-1, SIZE)


THUMBNAIL = Look("thumbnail", 1, "Duplicates are told from neighbouring slices by it.", measure)
