"""What rules on duplicates share: a case's pictures in order, and labels that should agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from medpix2.curate.rule import Subject

LABELS = ("Type", "Location Category", "Description.Modality", "Description.Plane",
          "Description.Caption")  # fmt: skip
"""Fields of an image that say something of the picture itself."""


def pictures_of(subject: Subject) -> list[Mapping[str, Any]]:
    """Return the images of a case that have a picture, by id: the first of equal ones stays."""
    return sorted((one for one in subject.images if one.get("file")), key=lambda one: one["_id"])


def label_of(image: Mapping[str, Any], field: str) -> str | None:
    """Return the value of a label without regard to case and blanks."""
    value: Any = image
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return " ".join(value.lower().split()) if isinstance(value, str) else None


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the labels in which two images differ."""
    return [field for field in LABELS if label_of(one, field) != label_of(other, field)]


def told(differ: Sequence[str]) -> str:
    """Return for a person in what two images differ."""
    return f"but not the same {', '.join(field.rpartition('.')[2] for field in differ)}"
