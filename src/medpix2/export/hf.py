"""The format `hf`: Parquet with embedded pictures, as Hugging Face `datasets` loads it.

Two configurations: `images` has one row a picture with all that is known of its case, `cases` one
row a case with the list of its pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from medpix2.export.format import UNSPLIT, Card, Format, Part, Parts, Wishes
from medpix2.export.pictures import wished
from medpix2.export.rows import (
    CASE_COLUMNS,
    JOINED_COLUMNS,
    Column,
    Row,
    case_row,
    joined_row,
    label_classes,
)

if TYPE_CHECKING:
    from medpix2.export.content import ExportCase
    from medpix2.export.output import Output

Config = Literal["images", "cases"]
COLUMNS: Mapping[Config, tuple[Column, ...]] = {"images": JOINED_COLUMNS, "cases": CASE_COLUMNS}
PICTURES: Mapping[Config, Mapping[str, Literal["one", "many"]]] = {
    "images": {"image": "one"},
    "cases": {"images": "many"},
}
ALWAYS = frozenset({"image_id", "image_ids", "U_id", "split"})  # whatever fields are chosen
_SEEN = "class"  # counts of the values of labels: class:COLUMN:VALUE

USE = """
```python
from datasets import load_dataset

images = load_dataset("FOLDER", "images")  # one row a picture
cases = load_dataset("FOLDER", "cases")    # one row a case, with the list of its pictures
```

`streaming=True` reads only what is asked for. Labels are `ClassLabel`: a number, or None where the
source gives none; `images["train"].features["plane"].names` has their names. In the Parquet files
themselves labels are texts, for pandas, Polars and DuckDB.
"""


def split_name(split: str | None) -> str:
    """Return the name of a split for `datasets`, where 'all' stands for all splits together."""
    return "unsplit" if split in (None, UNSPLIT) else str(split)


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the two Parquet files of a part."""
    from medpix2.export.arrow import ParquetTable, features_of

    split, tables = split_name(part.split), {}
    with ExitStack() as stack:
        for case in part.cases:
            for config, row, size in _rows(case, wishes):
                if config not in tables:  # no file without rows
                    name = f"{config}/{split}-{part.number:06}.parquet"
                    file = stack.enter_context(output.file(name))
                    chosen = _chosen(COLUMNS[config], wishes)
                    features = features_of(chosen, None, PICTURES[config])
                    tables[config] = stack.enter_context(ParquetTable(file, features))
                tables[config].add(row, size)
                output.count(f"rows:{config}:{split}")
                for column in COLUMNS[config]:
                    if column.kind == "label" and row[column.name] is not None:
                        output.count(f"{_SEEN}:{column.name}:{row[column.name]}")


def finish(parts: Parts, output: Output) -> Card:
    """Name the shards by how many there are, and declare the features."""
    from medpix2.export.arrow import features_of, yaml_of

    files: dict[tuple[str, str], list[tuple[str, tuple[str, int]]]] = {}
    for part in parts:
        for name, facts in part.files.items():
            key = (name.partition("/")[0], split_name(part.split))
            files.setdefault(key, []).append((name, facts))
    for (config, split), shards in files.items():
        for n, (name, facts) in enumerate(shards):
            new = f"{config}/{split}-{n:05}-of-{len(shards):05}.parquet"
            output.rename(name, new, facts)
    infos: list[dict[str, Any]] = []
    configs: list[dict[str, Any]] = []
    for config, columns in COLUMNS.items():
        splits = [split for split in map(split_name, parts.splits()) if (config, split) in files]
        if not splits:
            continue
        features = features_of(
            _chosen(columns, parts.wishes), _classes(columns, parts.counts), PICTURES[config]
        )
        infos.append(
            {
                "config_name": config,
                "features": yaml_of(features),
                "splits": [
                    {"name": split, "num_examples": parts.counts[f"rows:{config}:{split}"]}
                    for split in splits
                ],
            }
        )
        configs.append(
            {
                "config_name": config,
                **({"default": True} if not configs else {}),
                "data_files": [
                    {"split": split, "path": f"{config}/{split}-*.parquet"} for split in splits
                ],
            }
        )
    return Card(
        use=USE,
        front={"configs": configs, "dataset_info": infos},
        fields={
            **{"image": ("picture", "The picture (configuration `images`).")},
            **{"images": ("pictures", "The case's pictures (configuration `cases`).")},
            **{
                column.name: (column.kind, column.help)
                for columns in COLUMNS.values()
                for column in _chosen(columns, parts.wishes)
            },
        },
    )


def _rows(case: ExportCase, wishes: Wishes) -> Iterator[tuple[Config, Row, int]]:
    """Yield the rows of a case's pictures, then its own, each with its bytes of pictures."""
    embedded = []
    for picture in case.pictures:
        made = wished(picture, wishes)
        row = joined_row(case, picture)
        if made.size is not None:
            row["width"], row["height"] = made.size
        content = made.read()
        row["image"] = {"bytes": content, "path": f"{row['image_id']}{made.suffix}"}
        embedded.append(row["image"])
        yield "images", row, len(content)
    row = case_row(case) | {"images": embedded}
    yield "cases", row, sum(len(picture["bytes"]) for picture in embedded)


def _chosen(columns: tuple[Column, ...], wishes: Wishes) -> list[Column]:
    if not wishes.fields:
        return list(columns)
    return [c for c in columns if c.name in wishes.fields or c.name in ALWAYS]


def _classes(columns: tuple[Column, ...], counts: Mapping[str, int]) -> dict[str, list[str]]:
    seen: dict[str, list[str]] = {}
    for key in counts:
        kind, _, rest = key.partition(":")
        if kind == _SEEN:
            name, _, value = rest.partition(":")
            seen.setdefault(name, []).append(value)
    return {
        column.name: label_classes(column.name, seen.get(column.name, ()))
        for column in columns
        if column.kind == "label"
    }


def _names() -> tuple[str, ...]:
    columns: list[Any] = [column.name for kind in COLUMNS.values() for column in kind]
    return tuple(dict.fromkeys(columns))


FORMAT = Format(
    name="hf",
    what="Parquet with embedded pictures for Hugging Face datasets.",
    write=write,
    finish=finish,
    by_split=True,
    sharded=True,
    cases_a_part=1000,
    fields=_names(),
)
