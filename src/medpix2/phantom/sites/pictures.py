"""The sites' pictures: as published, smaller, larger, or made up where there is none."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

TYPES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".webp": "image/webp",
}  # fmt: skip
FULL = 2  # how many times as wide as the large picture MedPix's full size is
_PLACEHOLDER = 64  # pixels


class Picture(NamedTuple):
    """A picture as it is sent."""

    content: bytes
    type: str


class Pictures:
    """Pictures by the stem of their file; none is held.

    Parameters
    ----------
    files
        Stem of the file name to path. Where there is none at all, every picture is a placeholder.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._placeholder = lru_cache(maxsize=256)(_placeholder)

    def large(self, stem: str) -> Picture | None:
        """Return the picture as published, byte for byte; None where its file is missing."""
        if not self._files:
            return Picture(self._placeholder(stem), "image/png")
        path = self._files.get(stem)
        try:
            content = path.read_bytes() if path else None
        except OSError:
            return None
        return Picture(content, TYPES[path.suffix.lower()]) if path and content else None

    def small(self, stem: str, size: int) -> Picture | None:
        """Return the picture no wider and no taller than `size`; None where it has none."""
        return self._remade(stem, "PNG", size)

    def full(self, stem: str) -> Picture | None:
        """Return the picture in MedPix's full size, a JPEG; None where it has none."""
        return self._remade(stem, "JPEG", None)

    def _remade(self, stem: str, form: str, size: int | None) -> Picture | None:
        from PIL import Image

        large = self.large(stem)
        if large is None:
            return None
        out = io.BytesIO()
        try:
            with Image.open(io.BytesIO(large.content)) as picture:
                if size is not None:
                    picture.thumbnail((size, size))
                    picture.save(out, form)
                else:
                    grey = picture.convert("L" if picture.mode in ("1", "L", "LA") else "RGB")
                    width, height = (FULL * side for side in grey.size)
                    grey.resize((width, height), Image.Resampling.BICUBIC).save(out, form)
        except (OSError, ValueError, SyntaxError):  # a broken file of the copy
            return None
        return Picture(out.getvalue(), f"image/{form.lower()}")


def _placeholder(stem: str) -> bytes:
    """Return a small grey PNG with clouds that depend on the name."""
    from PIL import Image

    clouds = Image.frombytes("L", (8, 8), blake2b(stem.encode(), digest_size=64).digest())
    out = io.BytesIO()
    clouds.resize((_PLACEHOLDER, _PLACEHOLDER), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()
