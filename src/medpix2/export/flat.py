"""What the formats of flat tables share: which fields, which rows, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.export.format import Seen
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS, Field, case_row, chosen, image_row

if TYPE_CHECKING:
    from medpix2.export.format import Part, Wishes
    from medpix2.export.output import Output

ALWAYS = ("case_id", "image_id")  # what tables are joined by is there whatever is chosen
PICTURES = "images"
TABLES = ("cases", "images")


def flat_fields(wishes: Wishes) -> dict[str, list[Field]]:
    """Return table -> its fields."""
    fields = dict(zip(TABLES, (CASE_FIELDS, IMAGE_FIELDS), strict=True))
    return {table: chosen(fields[table], wishes.fields, ALWAYS) for table in TABLES}


def flat_rows(
    part: Part, wishes: Wishes, output: Output
) -> Iterator[tuple[str, list[Field], list[dict[str, Any]]]]:
    """Yield (table, its fields, its rows) of a part; pictures are written on the way."""
    fields = flat_fields(wishes)
    yield "cases", fields["cases"], [case_row(case, fields["cases"]) for case in part.cases]
    rows = []
    for case in part.cases:
        for picture in case.pictures:
            wished = name = None
            if wishes.pictures:
                wished = output.wished(picture)
                name = f"{PICTURES}/{picture.document['image']}{wished.suffix}"
                output.picture(name, wished)
            rows.append(image_row(picture, wished, name, fields["images"]))
    yield "images", fields["images"], rows


def flat_seen(folder: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[Seen]:
    """Yield what rows of a table say, for `check`."""
    known = [field.name for field in (*CASE_FIELDS, *IMAGE_FIELDS) if field.classes]
    for number, row in enumerate(rows, start=1):
        kind = "image" if "image_id" in row else "case"
        file = row.get("file_name")
        yield Seen(
            where=f"{name} row {number}",
            kind=kind,
            id=row[f"{kind}_id"],
            case=row["case_id"],
            split=row.get("split"),
            labels={label: row[label] for label in known if label in row},
            picture=folder / file if file else None,
        )
