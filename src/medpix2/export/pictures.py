"""A picture as it is wished for: resized, encoded anew, in three channels, without burned-in text.

A picture that no wish changes keeps its file, byte for byte: it is not even opened.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.errors import OutputError
from medpix2.export.format import ImageFormat, Wishes

if TYPE_CHECKING:
    from PIL.Image import Image

    from medpix2.export.content import Picture

SUFFIXES: dict[ImageFormat, str] = {"png": ".png", "jpeg": ".jpg", "webp": ".webp"}
# JPEG without subsampled colour: overlays in colour on grey anatomy stay sharp.
OPTIONS: dict[ImageFormat, dict[str, Any]] = {
    "png": {"compress_level": 1},
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"quality": 95, "method": 4},
}


@dataclass(frozen=True)
class Wished:
    """A picture as it is wished for.

    Attributes
    ----------
    path
        Its own file.
    content
        The file's new content; None where its own is kept.
    suffix
        Ending of the file's name, with the point: ".png".
    size
        (width, height) in pixels; None where its record does not say.
    facts
        SHA-256 and bytes of its own file, as its record has them, if it is kept.
    masked
        Boxes of burned-in text that were masked or cropped.
    """

    path: Path
    content: bytes | None
    suffix: str
    size: tuple[int, int] | None
    facts: tuple[str, int] | None = None
    masked: int = 0

    def read(self) -> bytes:
        """Return the file's content."""
        if self.content is not None:
            return self.content
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise _unreadable(self.path, error) from None


def wished(picture: Picture, wishes: Wishes) -> Wished:
    """Return a picture as it is wished for.

    Raises
    ------
    OutputError
        Its file is not there, or is no picture.
    """
    if not wishes.decodes:
        return _own(picture)
    from PIL import Image

    try:
        with Image.open(picture.path) as opened:
            opened.load()
            image, named = opened, opened.format
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _unreadable(picture.path, error) from None
    given = (picture.document.get("meta") or {}).get("burned_in")
    changed, masked = _changed(image, wishes, given)
    kind = wishes.image_format
    if changed is image and (kind is None or kind == (named or "").lower()):
        return _own(picture)
    kind = kind or "png"  # without loss
    return Wished(
        path=picture.path,
        content=_encoded(changed, kind),
        suffix=SUFFIXES[kind],
        size=changed.size,
        masked=masked,
    )


def _own(picture: Picture) -> Wished:
    file = (picture.document.get("meta") or {}).get("file") or {}
    size = (file["width"], file["height"]) if "width" in file and "height" in file else None
    facts = (file["sha256"], file["bytes"]) if "sha256" in file and "bytes" in file else None
    return Wished(picture.path, None, picture.path.suffix.lower(), size, facts)


def _changed(image: Image, wishes: Wishes, given: Any = None) -> tuple[Image, int]:
    """Return the image with all wishes but its encoding; the same object if nothing changes.

    `given` has the boxes of burned-in text, where somebody has drawn them.
    """
    from PIL import Image

    boxes: tuple[Any, ...] = ()
    if wishes.burned_in != "keep":
        from medpix2.encode.burned import Box, find_burned_in
        from medpix2.encode.mask import masked

        drawn = None if given is None else tuple(Box(*box) for box in given)
        if boxes := find_burned_in(image) if drawn is None else drawn:
            image = masked(image, boxes, wishes.burned_in)
    if wishes.rgb and image.mode != "RGB":
        image = in_rgb(image)
    longest = max(image.size)
    if wishes.image_size is not None and longest > wishes.image_size:
        share = wishes.image_size / longest
        width, height = (max(1, round(side * share)) for side in image.size)
        if image.mode in ("P", "1"):  # resampling needs grey values or colours
            image = image.convert("L" if image.mode == "1" else "RGBA")
        image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image, len(boxes)


def in_rgb(image: Image) -> Image:
    """Return an image in three channels; what is transparent becomes black, as air is."""
    from PIL import Image

    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _in_eight_bits(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        under = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(under, image)
    return image.convert("RGB")


def _in_eight_bits(image: Image) -> Image:
    """Return a grey image of more than 8 bits with its own range spread over 0 to 255."""
    import numpy as np
    from PIL import Image

    values = np.asarray(image, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) * (255 / (high - low)) if high > low else np.zeros_like(values)
    return Image.fromarray(np.rint(scaled).astype(np.uint8), "L")


def _encoded(image: Image, kind: ImageFormat) -> bytes:
    if kind == "jpeg" and image.mode not in ("L", "RGB"):
        image = in_rgb(image)
    if kind == "webp" and image.mode not in ("RGB", "RGBA"):
        image = in_rgb(image)
    image.info = {}  # no time, place or program of whoever made the file
    target = io.BytesIO()
    image.save(target, kind.upper(), **OPTIONS[kind])
    return target.getvalue()


def _unreadable(path: Path, error: Exception) -> OutputError:
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return OutputError(
        f"Picture {path} cannot be read ({said or type(error).__name__})",
        "build again, or leave its case out",
    )
