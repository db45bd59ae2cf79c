"""Looks at lettering: the source's own, and whatever else can be read in a picture.

Models of the text detector and reader come in the wheel of rapidocr; nothing is downloaded.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from medpix2.curate.look import Look
from medpix2.encode.burned import VERSION, area_of, find_burned_in
from medpix2.encode.mask import masked
from medpix2.errors import LookFailed

THREADS = 1
"""Threads that reading takes in each process; pictures are looked at by several processes."""
SUREST = 0.5
"""Least score, 0 to 1, of a line that counts."""
FEWEST = 16  # pixels of width and height below which nothing can be read
NARROWEST = 2.5  # longer by shorter side; what is narrower is read on a broader ground
_LEGIBLE = re.compile(r"[A-Za-z0-9]")


def burned_in(image: Image.Image) -> dict[str, Any]:
    """Return the boxes of the source's watermark and footer, and their share of the picture."""
    boxes = find_burned_in(image)
    return {
        "boxes": [{"what": box.what, "box": list(box.corners)} for box in boxes],
        "share": round(float(area_of(boxes, image.size).mean()), 5) if boxes else 0.0,
    }


def lettering(image: Image.Image, threads: int = THREADS) -> dict[str, Any]:
    """Return the lines that can be read once the source's own lettering is masked.

    Each with its text, box [left, top, right, bottom] in pixels and score, from top to bottom.

    Raises
    ------
    LookFailed
        The picture could not be read.
    """
    return {"lines": read_lines(masked(image, find_burned_in(image)), threads)}


def read_lines(image: Image.Image, threads: int = THREADS) -> list[dict[str, Any]]:
    """Return all lines that can be read in a picture as it is; as `lettering` does."""
    if min(image.size) < FEWEST:
        return []
    pixels = np.asarray(image.convert("RGB"))[..., ::-1]
    try:
        read = _reader(threads)(_widened(pixels))
    except Exception as error:  # the reader's libraries share no class of errors
        raise _failed(image, error) from error
    if read.txts is None or read.boxes is None or read.scores is None:
        return []
    lines = [
        {"text": text, "box": _box(corners, image.size), "score": round(float(score), 3)}
        for text, corners, score in zip(read.txts, read.boxes, read.scores, strict=True)
        # The reader knows Chinese as well, and sees its signs in the grain of a picture.
        if _LEGIBLE.search(text)
    ]
    return sorted(lines, key=lambda line: (line["box"][1], line["box"][0]))


def _widened(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a narrow picture with black on its right or below.

    The reader enlarges the shorter side to some 700 pixels: a strip would become huge.
    """
    height, width = pixels.shape[:2]
    least = math.ceil(max(height, width) / NARROWEST)
    more = ((0, max(0, least - height)), (0, max(0, least - width)), (0, 0))
    return np.pad(pixels, more)


def _failed(image: Image.Image, error: Exception) -> LookFailed:
    size = f"{image.width} x {image.height} {image.mode}"
    return LookFailed(
        f"Lettering cannot be read in a picture of {size}",
        f"look at the picture yourself; the other checks are not touched ({error})",
    )


def _box(corners: NDArray[np.float32], size: tuple[int, int]) -> list[int]:
    """Return the upright box about four corners, within the picture."""
    left, top = np.floor(corners.min(axis=0)).clip(0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)), size)
    return [int(left), int(top), int(right), int(bottom)]


@lru_cache(maxsize=1)
def _reader(threads: int) -> Any:
    """Return the reader of this process; it is made when the first picture needs it."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.use_cls": False,  # no picture stands upside down
            "Global.text_score": SUREST,
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


BURNED_IN = Look(
    "burned-in", VERSION, "The source writes its name and people's names into the pictures.",
    burned_in,
)  # fmt: skip
LETTERING = Look(
    "lettering", 1, "Lettering of the scan itself may name the patient or the hospital.", lettering
)

LETTERING_LOOKS: tuple[Look, ...] = (BURNED_IN, LETTERING)
"""What is looked for: the source's own lettering, and all other."""
