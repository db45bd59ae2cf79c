"""Pictures that are there twice: equal files, and pictures that look alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from medpix2.curate.across import Across
from medpix2.curate.near import near_pairs
from medpix2.curate.rule import Hit, Rule, SetRule, Subject
from medpix2.curate.same import differing, pictures_of, told
from medpix2.curate.thumbnail import THUMBNAIL, copies_of, textures

__all__ = ["DUPLICATE_RULES", "DUPLICATE_SET_RULES", "near_pairs"]

SAME = 0.977
"""Likeness from which two pictures of one case are the same.

In the published release neighbouring slices reach 0.9734 (a gated CT of the heart). Two copies of a
picture, one smaller and with a measure drawn into the other, have 0.9798; copies of one size have
0.9993 or more. See `docs/review/near_duplicates.csv`.
"""

_ROWS = 512  # pictures of one case that are compared with all before them at a time


class _Pair(NamedTuple):
    """Two images that are one picture; the one with the smaller id is the first."""

    first: Mapping[str, Any]
    second: Mapping[str, Any]
    distance: int
    likeness: float

    def evidence(self, other: str) -> dict[str, Any]:
        return {"other": other, "distance": self.distance, "likeness": self.likeness}


def _exact_pairs(subject: Subject) -> Iterator[_Pair]:
    """Yield each image with the first of the case that has the same file."""
    first: dict[str, Mapping[str, Any]] = {}
    for image in pictures_of(subject):
        before = first.setdefault(image["file"]["sha256"], image)
        if before is not image:
            yield _Pair(before, image, 0, 1.0)


def _near_pairs(subject: Subject) -> Iterator[_Pair]:
    """Yield each image with the image before it that is most like it, if it is the same picture."""
    seen: dict[str, tuple[Mapping[str, Any], str]] = {}  # each content once
    for image in pictures_of(subject):
        copy = subject.looked.get(image["_id"], {}).get(THUMBNAIL.name)
        if copy:
            seen.setdefault(image["file"]["sha256"], (image, copy))
    images = [image for image, _ in seen.values()]
    if len(images) < 2:
        return
    texture = textures(copies_of([copy for _, copy in seen.values()]))
    for begin in range(0, len(images), _ROWS):
        alike = texture[begin : begin + _ROWS] @ texture[: begin + _ROWS].T
        alike[np.arange(alike.shape[1]) >= np.arange(begin, begin + len(alike))[:, None]] = -1.0
        best = alike.argmax(axis=1)
        for row in np.flatnonzero(alike.max(axis=1, initial=-1.0) >= SAME):
            first, second = images[best[row]], images[begin + row]
            apart = int(first["file"]["phash"], 16) ^ int(second["file"]["phash"], 16)
            likeness = round(float(alike[row, best[row]]), 4)
            yield _Pair(first, second, apart.bit_count(), likeness)


def _exact(subject: Subject) -> Iterator[Hit]:
    for pair in _exact_pairs(subject):
        other = pair.first["_id"]
        yield Hit(pair.second["_id"], f"the same file as {other}", None, {"other": other})


def _near(subject: Subject) -> Iterator[Hit]:
    for pair in _near_pairs(subject):
        other = pair.first["_id"]
        message = f"the same picture as {other}, in another file"
        yield Hit(pair.second["_id"], message, None, pair.evidence(other))


def _labels(subject: Subject) -> Iterator[Hit]:
    for pair in (*_exact_pairs(subject), *_near_pairs(subject)):
        differ = differing(pair.first, pair.second)
        if differ:
            for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
                message = f"the same picture as {other['_id']}, {told(differ)}"
                evidence = pair.evidence(other["_id"]) | {"differ": differ}
                yield Hit(one["_id"], message, differ[0], evidence)


DUPLICATE_RULES: tuple[Rule, ...] = (
    Rule("exact-duplicate", 1, "exclude", "file: sha256",
         "A file that a case has twice counts double; the first of them stays.", _exact),
    Rule("near-duplicate", 1, "review", "look thumbnail",
         "A picture that a case has twice, resized or marked, counts double.", _near),
    Rule("duplicate-labels", 1, "review", "file: sha256, look thumbnail; labels",
         "The same picture under two labels: one of them is wrong, or both are right.", _labels),
)  # fmt: skip
"""Rules over the pictures of one case."""

DUPLICATE_SET_RULES: tuple[SetRule, ...] = (
    SetRule("cross-case-duplicate", 1, "review", "file: sha256, phash; look thumbnail",
            "A picture in two cases is one patient, and leaks from one side of a split to another.",
            Across),
)  # fmt: skip
"""Rules over the pictures of all cases."""
