"""Pictures and thumbnails over HTTP, by the id of the image alone: no path comes from a request.

An address that also says the content (`?v=`, the first digits of its SHA-256) may be kept by a
browser for good; the same address without it is asked again after an hour.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np
from fastapi import Request
from fastapi.responses import Response
from PIL import Image

from medpix2.errors import NotFound
from medpix2.settings import Settings
from medpix2.store.database import Store
from medpix2.store.reading import find_document
from medpix2.whole_files import whole_file

SIDES = (160, 320)  # pixels of the longer side that thumbnails come in
QUALITY = 80  # of the WebP
_KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp", ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff",
}  # fmt: skip
_NOT_FOR_BROWSERS = ("image/tiff",)  # shown as PNG
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L")  # modes of more than 8 bits
_HOUR, _YEAR = 3600, 31_536_000
_UNKEPT = {"Cache-Control": "no-store"}
_VERSION = 16  # digits of the SHA-256 in an address
# Requests for one thumbnail wait for each other, those for others seldom do.
_MAKING = tuple(threading.Lock() for _ in range(64))


class PictureFile(NamedTuple):
    """The file of a picture: where it is, and the SHA-256 that it had when it was built."""

    id: str
    path: Path
    sha256: str


def picture_address(image: Mapping[str, Any]) -> str:
    """Return the address of a current image's picture, without the root path."""
    return f"/picture/{quote(image['_id'], safe='')}{_version(image)}"


def thumbnail_address(image: Mapping[str, Any], side: int) -> str:
    """Return the address of a current image's thumbnail, without the root path."""
    return f"/thumbnail/{side}/{quote(image['_id'], safe='')}{_version(image)}"


def picture(store: Store, name: str, request: Request) -> Response:
    """Return the file of a picture as it is stored; a TIFF, which no browser shows, as PNG.

    A file that is no longer the one that was built is given too, but no browser keeps it.

    Raises
    ------
    NotFound
        There is no such image, or its file is not there.
    """
    file = file_of(store, name)
    if same := _not_modified(request, file.sha256):
        return same
    content = content_of(file)
    kept = _headers(request, file.sha256) if _is_as_built(content, file) else dict(_UNKEPT)
    kind = media_type(file.path)
    if kind in _NOT_FOR_BROWSERS:
        content, kind = _written(_rgb(content, file.id), "PNG"), "image/png"
    return Response(content, media_type=kind, headers=kept)


def thumbnail(store: Store, name: str, side: int, request: Request) -> Response:
    """Return a small WebP of a picture, made once and kept in the home.

    Raises
    ------
    NotFound
        There is no such image, no such size, or its file is not there or broken.
    """
    if side not in SIDES:
        raise NotFound(f"No thumbnails of {side} pixels", f"use {' or '.join(map(str, SIDES))}")
    file = file_of(store, name)
    tag = f"{file.sha256}-{side}"
    if same := _not_modified(request, tag):
        return same
    made, kept = _small_of(file, side, store.settings)
    headers = _headers(request, tag) if kept else dict(_UNKEPT)
    return Response(made, media_type="image/webp", headers=headers)


def file_of(store: Store, name: str) -> PictureFile:
    """Return the file of an image's picture.

    Raises
    ------
    NotFound
        There is no such image, or it has no picture.
    """
    document = find_document(store.db, name) or {}
    file = document.get("meta", {}).get("file")
    if not file:
        raise NotFound(f"No picture {name!r}", "look for it with the search")
    return PictureFile(document["_id"], place_of(store.settings, file["path"]), file["sha256"])


def content_of(file: PictureFile) -> bytes:
    """Return the bytes of a picture's file.

    Raises
    ------
    NotFound
        It cannot be read.
    """
    try:
        return file.path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"The file of picture {file.id} cannot be read ({error.strerror})",
            "put it back, or build again",
        ) from None


def media_type(path: Path) -> str:
    """Return the media type of a picture file, by its ending."""
    return _KINDS.get(path.suffix.lower(), "application/octet-stream")


def trouble_of(settings: Settings, file: Mapping[str, Any] | None) -> str | None:
    """Return what is wrong with a picture's file, as far as its size shows it, or None."""
    if not file:
        return "the source has no usable picture"
    try:
        size = place_of(settings, file["path"]).stat().st_size
    except OSError as error:
        return f"its file cannot be read ({error.strerror})"
    return None if size == file["bytes"] else "its file has changed since it was built"


def place_of(settings: Settings, path: str) -> Path:
    """Return where a picture's file is."""
    return settings.home / "pictures" / path  # an absolute path, of a linked one, stays


def _version(image: Mapping[str, Any]) -> str:
    file = image["meta"].get("file")
    return f"?v={file['sha256'][:_VERSION]}" if file else ""


def _is_as_built(content: bytes, file: PictureFile) -> bool:
    return hashlib.sha256(content).hexdigest() == file.sha256


def _small_of(file: PictureFile, side: int, settings: Settings) -> tuple[bytes, bool]:
    """Return a thumbnail, and whether it is that of the picture as it was built."""
    kept = settings.home / "thumbnails" / str(side) / file.sha256[:2] / f"{file.sha256}.webp"
    if there := _kept(kept):
        return there, True
    with _MAKING[hash((file.sha256, side)) % len(_MAKING)]:
        if there := _kept(kept):
            return there, True
        content = content_of(file)
        made, as_built = _small(content, side, file.id), _is_as_built(content, file)
        if as_built:
            _keep(kept, made)
    return made, as_built


def _kept(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    # A machine that lost its power may have left the file without its content.
    return content if content.startswith(b"RIFF") else None


def _small(content: bytes, side: int, name: str) -> bytes:
    small = _rgb(content, name)
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _written(small, "WEBP", quality=QUALITY)


def _rgb(content: bytes, name: str) -> Image.Image:
    """Return a picture in 8 bits; one of more bits fills them from its lowest to highest value."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            if opened.mode in _DEEP:
                values = np.asarray(opened, dtype=np.float64)
                values = (values - values.min()) * (255 / max(np.ptp(values), 1))
                return Image.fromarray(values.astype(np.uint8)).convert("RGB")
            return opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise NotFound(f"The file of picture {name} is broken", "build again") from None


def _written(shown: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    shown.save(out, form, **options)
    return out.getvalue()


def _keep(kept: Path, made: bytes) -> None:
    # A home that cannot be written has no thumbnails; each is made when asked for.
    with suppress(OSError), whole_file(kept) as partial:
        partial.write_bytes(made)


def _not_modified(request: Request, tag: str) -> Response | None:
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=_headers(request, tag))
    return None


def _headers(request: Request, tag: str) -> dict[str, str]:
    asked = request.query_params.get("v")
    for_good = asked is not None and asked == tag[:_VERSION]
    kept = f"max-age={_YEAR}, immutable" if for_good else f"max-age={_HOUR}"
    return {"ETag": f'"{tag}"', "Cache-Control": f"private, {kept}"}
