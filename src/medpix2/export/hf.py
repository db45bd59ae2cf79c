"""The format `hf`: Parquet with embedded pictures, as Hugging Face `datasets` loads it.

Two configurations: `images` has one row a picture with all that is known of its case, `cases` one
row a case with the list of its pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from medpix2.export.format import UNSPLIT, Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.joined import (
    ALWAYS,
    LABELS,
    WITH_CASE,
    WITH_PICTURES,
    Classes,
    Row,
    case_with_pictures,
    pictures_with_case,
    seen,
)
from medpix2.export.rows import Field, chosen, described

if TYPE_CHECKING:
    from pathlib import Path

    from medpix2.export.content import ExportCase
    from medpix2.export.output import Output

Config = Literal["images", "cases"]
READ = 32  # rows that `read` holds
FIELDS: Mapping[Config, tuple[Field, ...]] = {"images": WITH_CASE, "cases": WITH_PICTURES}
PICTURES: Mapping[Config, Mapping[str, Literal["one", "many"]]] = {
    "images": {"image": "one"},
    "cases": {"images": "many"},
}

USE = """
```python
from datasets import load_dataset

images = load_dataset("FOLDER", "images")  # one row a picture
cases = load_dataset("FOLDER", "cases")  # one row a case, with the list of its pictures
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
            for config, row, size in _rows(case, output):
                if config not in tables:  # no file without rows
                    name = f"{config}/{split}-{part.number:06}.parquet"
                    file = stack.enter_context(output.file(name))
                    fields = chosen(FIELDS[config], wishes.fields, ALWAYS)
                    features = features_of(fields, None, PICTURES[config])
                    tables[config] = stack.enter_context(ParquetTable(file, features))
                tables[config].add(row, size)
                output.count(f"rows:{config}:{split}")
                output.count(f"bytes:{config}:{split}", size)
                for key in Classes.keys(row):
                    output.count(key)


def finish(parts: Parts, output: Output) -> Card:
    """Name the shards by how many there are, and declare the features."""
    shards: dict[tuple[str, str], list[tuple[str, tuple[str, int]]]] = {}
    for part in parts:
        for name, facts in part.files.items():
            key = (name.partition("/")[0], split_name(part.split))
            shards.setdefault(key, []).append((name, facts))
    for (config, split), files in shards.items():
        for n, (name, facts) in enumerate(files):
            new = f"{config}/{split}-{n:05}-of-{len(files):05}.parquet"
            output.rename(name, new, facts)
    configs: list[dict[str, Any]] = []
    infos: list[dict[str, Any]] = []
    for config in FIELDS:
        splits = [split for split in map(split_name, parts.splits()) if (config, split) in shards]
        if splits:
            configs.append(_config(config, splits, default=not configs))
            infos.append(_info(config, splits, parts))
    fields = [f for config in FIELDS for f in chosen(FIELDS[config], parts.wishes.fields, ALWAYS)]
    return Card(
        use=USE,
        front={"configs": configs, "dataset_info": infos},
        fields={
            "image": ("picture", "The picture (configuration `images`)."),
            "images": ("pictures", "The case's pictures (configuration `cases`)."),
            **described(fields),
        },
    )


def read(folder: Path) -> Iterator[Seen]:
    """Yield every case and picture of a finished export."""
    import pyarrow.parquet as pq

    for config in FIELDS:
        for path in sorted((folder / config).glob("*.parquet")):
            with pq.ParquetFile(path) as file:
                number = 0
                for batch in file.iter_batches(batch_size=READ):
                    for row in batch.to_pylist():
                        number += 1
                        where = f"{config}/{path.name} row {number}"
                        if config == "images":
                            yield seen(where, row, row["image"]["bytes"])
                        else:
                            labels = {name: row[name] for name in LABELS if name in row}
                            case = row["case_id"]
                            yield Seen(where, "case", case, case, row["split"], labels)


def _config(config: Config, splits: list[str], *, default: bool) -> dict[str, Any]:
    files = [{"split": split, "path": f"{config}/{split}-*.parquet"} for split in splits]
    return {
        "config_name": config, **({"default": True} if default else {}), "data_files": files,
    }  # fmt: skip


def _info(config: Config, splits: list[str], parts: Parts) -> dict[str, Any]:
    from medpix2.export.arrow import features_of, yaml_of

    fields = chosen(FIELDS[config], parts.wishes.fields, ALWAYS)
    features = features_of(fields, Classes(parts.counts).of(fields), PICTURES[config])
    return {
        "config_name": config,
        "features": yaml_of(features),
        "splits": [
            {
                "name": split,
                "num_bytes": parts.counts[f"bytes:{config}:{split}"],
                "num_examples": parts.counts[f"rows:{config}:{split}"],
            }
            for split in splits
        ],
    }


def _rows(case: ExportCase, output: Output) -> Iterator[tuple[Config, Row, int]]:
    """Yield the rows of a case's pictures, then its own, each with its bytes of pictures."""
    made = [output.wished(picture) for picture in case.pictures]
    embedded = []
    for one, row in zip(made, pictures_with_case(case, made), strict=True):
        content = one.read()
        row["image"] = {"bytes": content, "path": f"{row['image_id']}{one.suffix}"}
        embedded.append(row["image"])
        yield "images", row, len(content)
    row = case_with_pictures(case) | {"images": embedded}
    yield "cases", row, sum(len(picture["bytes"]) for picture in embedded)


FORMAT = Format(
    name="hf",
    what="Parquet with embedded pictures for Hugging Face datasets.",
    write=write,
    finish=finish,
    by_split=True,
    sharded=True,
    cases_a_part=250,
    fields=tuple(dict.fromkeys(field.name for fields in FIELDS.values() for field in fields)),
    read=read,
)
