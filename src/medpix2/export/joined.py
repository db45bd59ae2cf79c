"""A case and its pictures in one: the row of a picture with its case, of a case with its pictures.

The fields are those of `export.rows`; here is how the two tables are joined, and which of their
fields are labels of a closed set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.export.format import Seen
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS, Field, case_row, image_row

if TYPE_CHECKING:
    from medpix2.export.content import ExportCase
    from medpix2.export.pictures import Wished

Row = dict[str, Any]

# Fields whose values are classes; those that `Field.classes` does not name come from the data.
LABELS = frozenset(
    (
        "modality sequence contrast plane location location_category sex category "
        "split split_half status"
    ).split()
)
ALWAYS = ("image_id", "image_ids", "case_id", "split")  # whatever fields are chosen

_BY_NAME = {field.name: field for field in IMAGE_FIELDS}
# What pictures say of their patient: a case has the first value that one of them gives.
_OF_ONE = ("age", "sex", "location", "location_category")
# What is of each picture: a case has a list as long as that of its pictures.
_OF_EACH = {
    "modality": "modalities", "sequence": "sequences", "plane": "planes", "caption": "captions",
}  # fmt: skip

WITH_CASE: tuple[Field, ...] = (
    *(field for field in IMAGE_FIELDS if field.name != "file_name"),
    *(
        field
        for field in CASE_FIELDS
        if field.name != "image_ids" and field.name not in {known.name for known in IMAGE_FIELDS}
    ),
)
WITH_PICTURES: tuple[Field, ...] = (
    *CASE_FIELDS,
    *(replace(_BY_NAME[name], at=()) for name in _OF_ONE),
    *(
        Field(many, "texts", f"Of each of its pictures: {_BY_NAME[name].description}")
        for name, many in _OF_EACH.items()
    ),
)


def case_with_pictures(case: ExportCase) -> Row:
    """Return a case's row with what its pictures say: the fields `WITH_PICTURES`."""
    row = case_row(case)
    pictures = [image_row(picture, None, None) for picture in case.pictures]
    for name in _OF_ONE:
        row[name] = next((one[name] for one in pictures if one[name] is not None), None)
    for name, many in _OF_EACH.items():
        row[many] = [one[name] for one in pictures]
    return row


def pictures_with_case(case: ExportCase, made: Sequence[Wished | None]) -> list[Row]:
    """Return the rows of a case's pictures, as they are exported: the fields `WITH_CASE`."""
    of_case = case_row(case)
    rows = []
    for picture, one in zip(case.pictures, made, strict=True):
        both = of_case | image_row(picture, one, None)
        rows.append({field.name: both[field.name] for field in WITH_CASE})
    return rows


def classes_of(field: Field, seen: Iterable[str] = ()) -> list[str]:
    """Return the classes of a label: those that are known, then others by the alphabet."""
    return [*field.classes, *sorted(set(seen) - set(field.classes))]


def seen(where: str, row: Mapping[str, Any], picture: Path | bytes | None = None) -> Seen:
    """Return a picture with its case as `medpix2 check` takes it, from its row."""
    labels = {name: row[name] for name in LABELS if name in row}
    return Seen(
        where, "image", row["image_id"], row["case_id"], row.get("split"), labels, picture
    )  # fmt: skip


class Classes:
    """Which values the labels have, by way of the counts of parts: `class:FIELD:VALUE`."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._seen: dict[str, list[str]] = {}
        for key in counts:
            kind, _, rest = key.partition(":")
            if kind == "class":
                name, _, value = rest.partition(":")
                self._seen.setdefault(name, []).append(value)

    @staticmethod
    def keys(row: Row) -> Iterable[str]:
        """Return what a part counts of a row, that its labels be known at the end."""
        return [f"class:{name}:{row[name]}" for name in LABELS if row.get(name) is not None]

    def of(self, fields: Iterable[Field]) -> dict[str, list[str]]:
        """Return field -> classes, of those of the fields that are labels."""
        return {
            field.name: classes_of(field, self._seen.get(field.name, ()))
            for field in fields
            if field.name in LABELS
        }
