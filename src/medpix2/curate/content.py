"""What there is to see in a picture: anything at all, colour, paper, a band at the foot."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL.Image import Image

from medpix2.curate.look import Look
from medpix2.curate.pixels import Pixels, body_rows, colour_picture, grey_picture, is_grey_mode

COLOURED, VIVID = 16, 64  # chroma (largest less smallest channel) beyond which a pixel counts
MARKED = 20  # chroma of a pixel of an overlay; JPEG gives a grey scan up to about 17
_NEAR = 8  # grey levels that count as the same
_SMOOTHED = 4  # side of the cells, in pixels, over which noise is averaged
_BLACK = 24  # a band darker than this is padding, as many scans have
_EVEN, _CUT = 0.97, 40  # a band: share of a row of one grey; grey levels from what is above it


def measure(picture: Image) -> dict[str, Any]:
    """Measure the content of a picture.

    Returns
    -------
    dict
        `contrast`: grey levels between the darkest and the brightest 0.5 % of the body, noise
        averaged out; `content`: share of the body that differs from its commonest grey;
        `coloured`, `marked`, `vivid`: share of pixels of a chroma above 16, 20, 64;
        `paper`: commonest grey of the body and the share near it; `band`: height of a band of
        one grey, not black, in the lower half, as a share of the picture's height: what a lenient
        decoder leaves of a file that was cut off, or a page that the picture stood on.
    """
    grey = grey_picture(picture)
    whole = np.asarray(grey)
    rows = body_rows(grey.height)
    cells = np.asarray(grey.crop((0, rows.start, grey.width, rows.stop)).reduce(_SMOOTHED))
    low, high = np.percentile(cells, (0.5, 99.5))
    paper, share = _paper(whole[rows])
    ground = _paper(cells)[0]
    content = np.abs(cells.astype(np.int16) - ground) > _NEAR
    return {
        "contrast": round(float(high - low), 1),
        "content": round(float(content.mean()), 4),
        **_colour(picture),
        "paper": [paper, round(share, 4)],
        "band": round(_band(whole) / grey.height, 4),
    }  # fmt: skip


def _colour(picture: Image) -> dict[str, float]:
    if is_grey_mode(picture.mode):
        return {"coloured": 0.0, "marked": 0.0, "vivid": 0.0}
    red, green, blue = (np.asarray(band) for band in colour_picture(picture).split())
    chroma = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    counts = np.bincount(chroma.ravel(), minlength=256)
    beyond = {"coloured": COLOURED, "marked": MARKED, "vivid": VIVID}
    return {
        name: round(float(counts[least + 1 :].sum()) / chroma.size, 6)
        for name, least in beyond.items()
    }


def _paper(grey: Pixels) -> tuple[int, float]:
    """Return the commonest grey level, and the share of pixels within a few levels of it."""
    counts = np.bincount(grey.ravel(), minlength=256)
    near = np.convolve(counts, np.ones(2 * _NEAR + 1, np.int64), "same")
    level = int(near.argmax())
    inside = slice(max(0, level - _NEAR), level + _NEAR + 1)
    return int(np.average(np.arange(256)[inside], weights=counts[inside])), float(
        near[level] / grey.size
    )


def _band(grey: Pixels) -> int:
    """Return the rows of the tallest band of one grey in the lower half, not black, that is cut.

    Cut: at the picture's sides another grey stands above it, so that it is no background.
    """
    lower = grey[len(grey) // 2 :].astype(np.int16)
    # A few pixels of each row are enough to know its level, and many times as fast.
    levels = np.median(lower[:, :: max(1, grey.shape[1] // 32)], axis=1)
    even = (np.abs(lower - levels[:, None]) <= 2).mean(axis=1) >= _EVEN
    even &= levels >= _BLACK
    even[1:] &= np.abs(np.diff(levels)) <= 2
    rows = np.flatnonzero(np.diff(even.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    margin = max(1, grey.shape[1] // 20)
    tallest = 0
    for begin, end in rows:
        above = grey[max(0, len(grey) // 2 + begin - 4) : max(1, len(grey) // 2 + begin - 1)]
        beside = np.median(np.concatenate((above[:, :margin], above[:, -margin:]), axis=1))
        if abs(float(beside) - levels[end - 1]) >= _CUT:
            tallest = max(tallest, int(end - begin))
    return tallest


CONTENT = Look(
    "content",
    1,
    "Blank pictures, photographs, drawings and coloured marks are told from scans by it.",
    measure,
)
