"""What a crawler needs of raw answers: ids and addresses; None where an answer does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from medpix2.extract.fields import MODALITIES, said

OPENI = "https://openi.nlm.nih.gov"

_SYNPIC = re.compile(r"synpic\d+")


def part(answer: object, key: str) -> Mapping[str, Any]:
    """Return an object within an answer; empty where there is none."""
    inner = answer.get(key) if isinstance(answer, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _id(answer: object, key: str) -> str | None:
    found = said(answer.get(key)) if isinstance(answer, Mapping) else None
    return found.strip() if found else None


def case_id(record: object) -> str | None:
    """Return the case of an Open-i record: its `U_id`."""
    return _id(record, "uid")


def encounter_id(record: object) -> str | None:
    """Return the UUID, on MedPix, of an Open-i record's case."""
    return _id(record, "medpixArticleId")


def topic_id(encounter: object) -> str | None:
    """Return the UUID of the topic of a MedPix encounter."""
    return _id(encounter, "topicID")


def image_id(record: object) -> str | None:
    """Return the id of an Open-i record's picture, e.g. MPX1016_synpic34317."""
    return _id(part(record, "image"), "id")


def image_uuid(record: object) -> str | None:
    """Return the UUID, on MedPix, of an Open-i record's picture."""
    return _id(record, "medpixFigureId")


def modality_of(record: object) -> Literal["CT", "MR"] | None:
    """Return the modality of an Open-i record's picture; None for other kinds."""
    return MODALITIES.get(_id(part(record, "image"), "modalityMajor") or "")


def synpic(record: object) -> str | None:
    """Return the name, without ending, under which MedPix keeps the picture's file."""
    found = _SYNPIC.search(image_id(record) or "")
    return found[0] if found else None


def openi_path(record: object) -> str | None:
    """Return the path of the picture on Open-i: PNG, at most 512 pixels wide."""
    if (path := _id(record, "imgLarge")) is not None:
        return path
    number, name = _id(record, "pmcid"), image_id(record)
    if name is None or number is None or not re.fullmatch("[0-9]{1,18}", number):
        return None
    return f"/imgs/512/{int(number) % 401}/{number}/{name}.png"


def image_url(record: object) -> str | None:
    """Return the address of the picture on Open-i."""
    path = openi_path(record)
    return path if path is None or "://" in path else f"{OPENI}/{path.lstrip('/')}"


def full_size_path(image: object) -> str | None:
    """Return the site-relative path of a MedPix image's file at full size."""
    return _id(image, "imageURL")


def listed_images(encounter: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (UUID, item) of the images that a MedPix encounter lists with itself."""
    items = encounter.get("imageList") if isinstance(encounter, Mapping) else None
    for item in items if isinstance(items, list | tuple) else ():
        if isinstance(item, Mapping) and (uuid := _id(item, "imageID")) is not None:
            yield uuid, item


def answered(answer: object, id_key: str) -> Mapping[str, Any] | None:
    """Return a MedPix answer if it is one: an object, and not merely an error."""
    if not isinstance(answer, Mapping):
        return None
    return None if said(answer.get("error")) and _id(answer, id_key) is None else answer
