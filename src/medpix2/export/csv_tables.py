"""The format `csv`: a table of cases, a table of images, and the pictures beside them.

Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a line end for a formula, run
it or destroy it. Such a text gets an apostrophe before it; so does one that has apostrophes before
such a character already, so that one apostrophe less always gives the text back (`unescaped`).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.errors import OutputError
from medpix2.export.flat import TABLES, flat_fields, flat_rows, flat_seen
from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.rows import CASE_FIELDS, FIELD_NAMES, IMAGE_FIELDS, Field, described

if TYPE_CHECKING:
    import pandas

    from medpix2.export.output import Output

# Also the wide forms, which spreadsheets in East Asian languages take for the narrow ones.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_BOM = "\ufeff"  # without it spreadsheets do not take the file for UTF-8
_TYPES = {field.name: field.type for field in (*CASE_FIELDS, *IMAGE_FIELDS)}

USE = """\
`cases.csv` has one row a case, `images.csv` one row a picture with its file under `images/`; join
them by `case_id`. UTF-8, commas, a missing value is an empty cell, lists are JSON. A text that a
spreadsheet would take for a formula has an apostrophe before it. To read the texts as they are:

```python
from medpix2.export.csv_tables import read_frame

images = read_frame("images.csv")  # a pandas DataFrame; read_rows() needs no pandas
```"""


def escaped(text: str) -> str:
    """Return a text as a spreadsheet may see it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """Return the text of a cell that `escaped` made."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def read_rows(path: Path | str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table with typed values: text, float, int, list, or None if missing.

    Raises
    ------
    OutputError
        It is no table of this format.
    """
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, strict=True)
        if unknown := [name for name in rows.fieldnames or ("",) if name not in _TYPES]:
            raise OutputError(f"{path} has a column {unknown[0]!r}", "name a table of an export")
        for row in rows:
            if None in row or None in row.values():
                raise OutputError(f"{path} line {rows.line_num} has not all cells", "export again")
            yield {name: _value(_TYPES[name], cell) for name, cell in row.items()}


def read_frame(path: Path | str) -> pandas.DataFrame:
    """Return a table as a pandas DataFrame: texts as they are, missing ones as None.

    Numbers of pixels are `Int64`, ages `float64`, lists are lists.
    """
    import pandas

    rows = list(read_rows(path))
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file))
    kinds: dict[str, Any] = {"int": "Int64", "float": "float64"}
    columns = {
        name: pandas.Series([row[name] for row in rows], dtype=kinds.get(_TYPES[name], object))
        for name in names
    }
    return pandas.DataFrame(columns)


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the rows of a part, and its pictures."""
    for table, fields, rows in flat_rows(part, wishes, output):
        with output.fragment(table) as file:
            file.write(_lines([_cells(fields, row) for row in rows]))


def finish(parts: Parts, output: Output) -> Card:
    """Join the rows to tables."""
    described_fields: dict[str, tuple[str, str]] = {}
    for table, fields in flat_fields(parts.wishes).items():
        head = _BOM.encode() + _lines([[field.name for field in fields]])
        output.join(f"{table}.csv", table, head=head)
        described_fields = described(fields) | described_fields
    return Card(use=USE, fields=described_fields)


def read(folder: Path) -> Iterator[Seen]:
    """Read an export back."""
    for table in TABLES:
        yield from flat_seen(folder, f"{table}.csv", read_rows(folder / f"{table}.csv"))


def _cells(fields: Sequence[Field], row: dict[str, Any]) -> list[str]:
    return [_cell(field, row[field.name]) for field in fields]


def _cell(field: Field, value: Any) -> str:
    if value is None:
        return ""
    if field.type == "texts":
        return json.dumps(value, ensure_ascii=False)
    return escaped(value) if field.type == "text" else repr(value)


def _value(kind: str, cell: str) -> Any:
    if kind == "texts":
        return json.loads(cell) if cell else []
    if cell == "":
        return None
    if kind == "text":
        return unescaped(cell)
    return float(cell) if kind == "float" else int(cell)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    # Both line ends: the module quotes a cell with one of these characters only.
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


FORMAT = Format(
    name="csv",
    what="Tables of cases and images that a spreadsheet opens, and the pictures.",
    write=write,
    finish=finish,
    tables=True,
    fields=FIELD_NAMES,
    read=read,
)
