"""Pictures and thumbnails over HTTP, by the id of the image alone: no path comes from a request."""

from __future__ import annotations

import io
from pathlib import Path

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
_KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
          ".webp": "image/webp", ".bmp": "image/bmp"}  # fmt: skip


def picture(store: Store, name: str, request: Request) -> Response:
    """Return the file of a picture as it is stored.

    Raises
    ------
    NotFound
        There is no such image, or its file is not there.
    """
    path, sha256 = _file_of(store, name)
    if same := _not_modified(request, sha256):
        return same
    kind = _KINDS.get(path.suffix.lower(), "application/octet-stream")
    return Response(_content(path, name), media_type=kind, headers=_headers(sha256))


def thumbnail(store: Store, name: str, side: int, request: Request) -> Response:
    """Return a small WebP of a picture, made once and kept in the home.

    Raises
    ------
    NotFound
        There is no such image, no such size, or its file is not there or broken.
    """
    if side not in SIDES:
        raise NotFound(f"No thumbnails of {side} pixels", f"use {' or '.join(map(str, SIDES))}")
    path, sha256 = _file_of(store, name)
    tag = f"{sha256}-{side}"
    if same := _not_modified(request, tag):
        return same
    kept = store.settings.home / "thumbnails" / str(side) / sha256[:2] / f"{sha256}.webp"
    try:
        made = kept.read_bytes()
    except OSError:
        made = _small(_content(path, name), side, name)
        _keep(kept, made)
    return Response(made, media_type="image/webp", headers=_headers(tag))


def _file_of(store: Store, name: str) -> tuple[Path, str]:
    document = find_document(store.db, name)
    file = (document or {}).get("meta", {}).get("file")
    if not file:
        raise NotFound(f"No picture {name!r}", "look for it with the search")
    return _place(store.settings, file["path"]), file["sha256"]


def _place(settings: Settings, path: str) -> Path:
    return settings.home / "pictures" / path  # an absolute path, of a linked one, stays


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFound(
            f"The file of picture {name} cannot be read ({error.strerror})",
            "put it back, or build again",
        ) from None


def _small(content: bytes, side: int, name: str) -> bytes:
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(content)) as opened:
            small = opened.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError):
        raise NotFound(f"The file of picture {name} is broken", "build again") from None
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    small.save(out, "WEBP", quality=QUALITY)
    return out.getvalue()


def _keep(kept: Path, made: bytes) -> None:
    try:
        with whole_file(kept) as partial:
            partial.write_bytes(made)
    except OSError:
        pass  # a home that cannot be written has no thumbnails; each is made when asked for


def _not_modified(request: Request, tag: str) -> Response | None:
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=_headers(tag))
    return None


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": f'"{tag}"', "Cache-Control": "private, max-age=3600"}
