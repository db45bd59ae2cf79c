"""Raw answers less what was withdrawn."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from medpix2.extract.answers import case_id, image_id, listed_images

# Kind of answer -> its list of which some items may belong to what was withdrawn.
_LISTS = {"page": "list", "encounter": "imageList"}


def without_withdrawn(kind: str, body: bytes, withdrawn: Collection[str]) -> bytes:
    """Return an answer's content without records and images that were withdrawn.

    Parameters
    ----------
    kind
        As in `snapshot.answers.Answer`.
    body
        The content; where nothing is to be left out, it comes back byte for byte.
    withdrawn
        Ids of cases and images, and the UUIDs that the sites know them by.
    """
    if not withdrawn or kind not in _LISTS:
        return body
    try:
        answer = json.loads(body)
    except ValueError:
        return body
    items = answer.get(_LISTS[kind]) if isinstance(answer, dict) else None
    if not isinstance(items, list):
        return body
    kept = [item for item in items if not _is_withdrawn(kind, item, withdrawn)]
    if len(kept) == len(items):
        return body
    text = json.dumps({**answer, _LISTS[kind]: kept}, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")  # half of a surrogate pair, which JSON may have


def _is_withdrawn(kind: str, item: Any, withdrawn: Collection[str]) -> bool:
    if kind == "page":
        return case_id(item) in withdrawn or image_id(item) in withdrawn
    return any(uuid in withdrawn for uuid, _ in listed_images({"imageList": [item]}))
