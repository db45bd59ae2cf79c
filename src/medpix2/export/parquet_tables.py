"""The format `parquet`: a typed table of cases and one of images, and the pictures beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.export.flat import TABLES, flat_fields, flat_rows, flat_seen
from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.rows import FIELD_NAMES, Field, described

if TYPE_CHECKING:
    import pyarrow

    from medpix2.export.output import Output

READ = 1_000  # rows that `read` holds
GROUP = 10_000  # rows of a row group: what a reader takes at a time
NEVER_NULL = frozenset({"case_id", "image_id", "masked"})

USE = """\
`cases.parquet` has one row a case, `images.parquet` one row a picture with its file under
`images/`; join them by `case_id`. Every column has a declared type and its description in the
schema; a missing value is null. With DuckDB, for one:

```sql
SELECT location_category, count(*) FROM 'images.parquet' WHERE modality = 'MR' GROUP BY ALL
```"""


def schema_of(fields: Sequence[Field]) -> pyarrow.Schema:
    """Return the Arrow schema of some fields."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "texts": pa.list_(pa.field("element", pa.string(), nullable=False)),
        "float": pa.float64(),
        "int": pa.int32(),
    }
    return pa.schema(
        [
            pa.field(
                field.name,
                types[field.type],
                nullable=field.type != "texts" and field.name not in NEVER_NULL,
                metadata={"description": field.description},
            )
            for field in fields
        ]
    )


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the rows of a part, and its pictures."""
    import pyarrow as pa

    for table, fields, rows in flat_rows(part, wishes, output):
        schema = schema_of(fields)
        with output.fragment(table) as file, pa.ipc.new_stream(file, schema) as stream:
            stream.write_table(pa.Table.from_pylist(rows, schema=schema))


def finish(parts: Parts, output: Output) -> Card:
    """Join the rows to tables."""
    import pyarrow.parquet as pq

    described_fields: dict[str, tuple[str, str]] = {}
    for table, fields in flat_fields(parts.wishes).items():
        with (
            output.file(f"{table}.parquet") as file,
            pq.ParquetWriter(file, schema_of(fields), compression="zstd", version="2.6") as writer,
        ):
            for group in _groups(output, table):
                writer.write_table(group, row_group_size=GROUP)
        described_fields = described(fields) | described_fields
    return Card(use=USE, fields=described_fields)


def read(folder: Path) -> Iterator[Seen]:
    """Read an export back."""
    import pyarrow.parquet as pq

    for table in TABLES:
        name = f"{table}.parquet"
        with pq.ParquetFile(folder / name) as file:
            rows = (row for batch in file.iter_batches(READ) for row in batch.to_pylist())
            yield from flat_seen(folder, name, rows)


def _groups(output: Output, table: str) -> Iterator[Any]:
    """Yield the rows of all parts as tables of a row group each; only one is held."""
    import pyarrow as pa

    held: list[pa.Table] = []
    rows = 0
    for path in output.fragments(table):
        with pa.ipc.open_stream(path.read_bytes()) as stream:
            held.append(stream.read_all())
        rows += held[-1].num_rows
        while rows >= GROUP:
            together = pa.concat_tables(held)
            yield together.slice(0, GROUP)
            held, rows = [together.slice(GROUP)], rows - GROUP
    if rows:
        yield pa.concat_tables(held)


FORMAT = Format(
    name="parquet",
    what="Typed tables of cases and images for DuckDB, pandas and Polars, and the pictures.",
    write=write,
    finish=finish,
    tables=True,
    fields=FIELD_NAMES,
    read=read,
)
