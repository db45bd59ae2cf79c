"""The flat typed row of an image and of a case: one table of columns for every tabular format.

Missing is null whatever the source writes for it ("N/A", "Not available", an absent key). Labels
come from the `normalized` facts; the source's own strings stand beside them under `source_...`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel

from medpix2.export.content import ExportCase, Picture
from medpix2.missing import meant
from medpix2.records import (
    LOCATION_CATEGORIES,
    Case,
    CaseFacts,
    CaseReport,
    Description,
    Image,
    ImageFacts,
    Topic,
)

Kind = Literal["text", "texts", "label", "number", "whole"]
Row = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        Its name.
    kind
        text; texts (a list); label (a text of a closed list); number (float); whole (int).
    help
        What it holds.
    field
        Published field that it comes from, with dots; "" where it is computed.
    """

    name: str
    kind: Kind
    help: str
    field: str = ""


def _help(model: type[BaseModel], name: str) -> str:
    return model.model_fields[name].description or ""


def _texts(model: type[BaseModel], part: str, names: Mapping[str, str]) -> tuple[Column, ...]:
    """Return text columns, name of the record's field -> name of the column."""
    return tuple(
        Column(
            column, "text", _help(model, name), f"{part}.{model.model_fields[name].alias or name}"
        )
        for name, column in names.items()
    )


_META = (
    Column("split", "label", "Split: train, dev or test; null where the source gives none."),
    Column("split_half", "label", "Half of train; null where there is none."),
    Column("status", "label", "accepted, or pending: a rule wants a person to look at it."),
)

IMAGE_COLUMNS: tuple[Column, ...] = (
    Column("image_id", "text", _help(Image, "image"), "image"),
    Column("U_id", "text", _help(Image, "u_id"), "U_id"),
    Column("modality", "label", _help(Image, "type"), "Type"),
    Column("sequence", "label", _help(ImageFacts, "sequence"), "Description.Modality"),
    Column("contrast", "label", _help(ImageFacts, "contrast"), "Description.Modality"),
    Column("plane", "label", _help(ImageFacts, "plane"), "Description.Plane"),
    Column("location", "label", _help(Image, "location"), "Location"),
    Column("location_category", "label", _help(Image, "location_category"), "Location Category"),
    Column("age", "number", _help(ImageFacts, "age"), "Description.Age"),
    Column("sex", "label", _help(ImageFacts, "sex"), "Description.Sex"),
    *_texts(
        Description,
        "Description",
        {
            "caption": "caption",
            "figure_part": "figure_part",
            "acr_codes": "acr_codes",
            "modality": "source_modality",
            "plane": "source_plane",
        },
    ),
    *_META,
    Column("width", "whole", "Width of the exported picture in pixels."),
    Column("height", "whole", "Height of the exported picture in pixels."),
)

# What pictures say of their patient: a case has the first value that one of them gives.
_OF_PICTURES = ("age", "sex", "location", "location_category")
# What is of each picture: a case has a list as long as that of its pictures.
_OF_EACH = {
    "modality": "modalities", "sequence": "sequences", "plane": "planes", "caption": "captions",
}  # fmt: skip


def _of_image(name: str) -> Column:
    return next(column for column in IMAGE_COLUMNS if column.name == name)


CASE_COLUMNS: tuple[Column, ...] = (
    Column("U_id", "text", _help(Case, "u_id"), "U_id"),
    *_texts(CaseReport, "Case", {name: name for name in CaseReport.model_fields}),
    *_texts(
        Topic,
        "Topic",
        {
            "title": "topic",
            "disease_discussion": "disease_discussion",
            "acr_code": "acr_code",
            "reference": "reference",
            "external_links": "external_links",
        },
    ),
    Column("category", "label", _help(CaseFacts, "category"), "Topic.Category"),
    Column("keywords", "texts", _help(CaseFacts, "keywords"), "Topic.Keywords"),
    *(
        replace(_of_image(name), help=f"{_of_image(name).help} As its pictures say.")
        for name in _OF_PICTURES
    ),
    *_META,
    Column("image_ids", "texts", "Ids of the case's exported pictures, in the case's order."),
    *(
        replace(_of_image(name), name=many, kind="texts", help=f"Of each picture: {name}.")
        for name, many in _OF_EACH.items()
    ),
)

# The row of a picture with all that is known of its case.
JOINED_COLUMNS: tuple[Column, ...] = (
    *IMAGE_COLUMNS,
    *(
        column
        for column in CASE_COLUMNS
        if column.name not in {"image_ids", *_OF_EACH.values()}
        and column.name not in {known.name for known in IMAGE_COLUMNS}
    ),
)

# The values that a label may have whatever the data say; other labels are closed by the data.
FIXED_LABELS: Mapping[str, tuple[str, ...]] = {
    "modality": ("CT", "MR"),
    "sex": ("female", "male"),
    "location_category": LOCATION_CATEGORIES,
    "split": ("train", "dev", "test"),
    "split_half": ("train_1", "train_2"),
    "status": ("accepted", "pending", "excluded", "withdrawn"),
}


def image_row(picture: Picture) -> Row:
    """Return the row of a picture: every column of `IMAGE_COLUMNS`.

    `width` and `height` are those of the source's file; who writes another picture puts in its own.
    """
    document = picture.document
    meta = document.get("meta") or {}
    facts, file = meta.get("normalized") or {}, meta.get("file") or {}
    row = {column.name: _value(column, document, facts, meta) for column in IMAGE_COLUMNS}
    return row | {"width": file.get("width"), "height": file.get("height")}


def case_row(case: ExportCase) -> Row:
    """Return the row of a case: every column of `CASE_COLUMNS`."""
    document = case.document
    meta = document.get("meta") or {}
    facts = meta.get("normalized") or {}
    row = {column.name: _value(column, document, facts, meta) for column in CASE_COLUMNS}
    pictures = [image_row(picture) for picture in case.pictures]
    for name in _OF_PICTURES:
        row[name] = next((one[name] for one in pictures if one[name] is not None), None)
    for name, many in _OF_EACH.items():
        row[many] = [one[name] for one in pictures]
    return row | {
        "keywords": list(facts.get("keywords") or ()),
        "image_ids": [one["image_id"] for one in pictures],
    }


def joined_row(case: ExportCase, picture: Picture) -> Row:
    """Return the row of a picture with all that is known of its case: `JOINED_COLUMNS`."""
    of_case, of_picture = case_row(case), image_row(picture)
    both = of_case | of_picture
    return {column.name: both[column.name] for column in JOINED_COLUMNS}


def text_at(document: Mapping[str, Any], field: str) -> str | None:
    """Return the text of a published field, with dots; None where it is missing."""
    value: Any = document
    for part in field.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return meant(value)


def label_classes(name: str, seen: Iterable[str]) -> list[str]:
    """Return the classes of a label: the fixed ones first, then others by the alphabet."""
    fixed = FIXED_LABELS.get(name, ())
    return [*fixed, *sorted(set(seen) - set(fixed))]


def _value(
    column: Column,
    document: Mapping[str, Any],
    facts: Mapping[str, Any],
    meta: Mapping[str, Any],
) -> Any:
    found = _FROM.get(column.name)
    if found is not None:
        return found(facts, meta)
    return text_at(document, column.field) if column.field else None


def _fact(name: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Any]:
    return lambda facts, meta: facts.get(name)


def _of_meta(name: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Any]:
    return lambda facts, meta: meta.get(name)


# Columns that are computed, not read from a published field.
_FROM: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    **{
        name: _fact(name)
        for name in (
            "sequence", "contrast", "plane", "location", "location_category", "age", "sex",
            "category",
        )
    },
    **{name: _of_meta(name) for name in ("split", "split_half", "status")},
}  # fmt: skip
