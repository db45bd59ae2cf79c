"""What is wrong with an answer, so that it is asked for again; None if it can be kept."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping

from medpix2.extract.snapshot.answers import GOOD, Kind

ABSENT = frozenset({404, 410})  # the site answers, and has nothing
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})  # worth another try


def fault_of(kind: Kind, status: int, headers: Mapping[str, str], body: bytes) -> str | None:
    """Return the kind of fault of an answer, or None if it can be kept.

    Parameters
    ----------
    kind, status, headers, body
        The answer; `headers` by lower-case name.
    """
    if status in ABSENT:
        return None
    if status != GOOD:
        return str(status)
    if kind == "picture":
        return _fault_of_picture(headers.get("content-type", ""), body)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        is_json = "json" in headers.get("content-type", "")
        return "malformed" if is_json else "content-type"
    return None if isinstance(value, dict) else "malformed"


def _fault_of_picture(content_type: str, body: bytes) -> str | None:
    """Return the fault of a picture: its checksums for PNG, which has them, else decoded whole."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(body)) as picture:
                if picture.format == "PNG":
                    picture.verify()
                    return None if b"IEND" in body[-16:] else "truncated"
                picture.load()
    except UnidentifiedImageError:
        return "truncated" if content_type.startswith("image/") else "content-type"
    except Image.DecompressionBombError:
        return None  # a matter for `build`, which excludes it
    except Exception:  # noqa: BLE001  # a decoder may raise anything on broken bytes
        return "truncated"
    return None
