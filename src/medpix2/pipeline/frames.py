"""Cases and pictures as tables and data sets of other libraries."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from medpix2.errors import MissingPackage, QueryError
from medpix2.export.content import Content, ExportCase, Picture
from medpix2.export.format import Wishes
from medpix2.export.joined import (
    LABELS,
    WITH_CASE,
    WITH_PICTURES,
    Row,
    case_with_pictures,
    classes_of,
    pictures_with_case,
)
from medpix2.export.pictures import wished
from medpix2.export.rows import Field

if TYPE_CHECKING:
    import datasets
    import pyarrow
    from PIL.Image import Image

Table = Literal["images", "cases"]
Transform = Callable[["Image"], Any]

PATHS: dict[Table, Field] = {
    "images": Field("path", "text", "Where the picture's file lies."),
    "cases": Field("paths", "texts", "Where the files of its pictures lie."),
}
FIELDS: dict[Table, tuple[Field, ...]] = {"images": WITH_CASE, "cases": WITH_PICTURES}
_BATCH = 1000  # rows that are converted at a time


def arrow_table(content: Content, table: Table) -> pyarrow.Table:
    """Return an Arrow table of pictures with their cases, or of cases."""
    pa = _needed("pyarrow", "export")
    from medpix2.export.arrow import features_of, schema_of

    fields = (*_fields(table), PATHS[table])
    schema = schema_of(features_of(fields)).remove_metadata()
    return _in_batches(pa, _rows(content, table), schema)


def hf_dataset(content: Content, table: Table) -> datasets.Dataset:
    """Return a Hugging Face data set whose pictures are opened when they are asked for."""
    pa, hf = _needed("pyarrow", "export"), _needed("datasets", "export")
    from medpix2.export.arrow import features_of, schema_of

    fields = _fields(table)
    seen: dict[str, set[str]] = {field.name: set() for field in fields if field.name in LABELS}
    pictures: dict[str, Literal["one", "many"]] = (
        {"image": "one"} if table == "images" else {"images": "many"}
    )

    def rows() -> Iterator[Row]:
        for row in _rows(content, table):
            for name, values in seen.items():
                if row[name] is not None:
                    values.add(row[name])
            if table == "images":
                yield row | {"image": {"bytes": None, "path": row["path"]}}
            else:
                yield row | {"images": [{"bytes": None, "path": path} for path in row["paths"]]}

    schema = schema_of(features_of(fields, None, pictures))
    built = _in_batches(pa, rows(), schema)
    classes = {field.name: classes_of(field, seen[field.name]) for field in fields
               if field.name in LABELS}  # fmt: skip
    features = hf.Features.from_dict(features_of(fields, classes, pictures))
    cast = hf.table.table_cast(built, features.arrow_schema)
    made: datasets.Dataset = hf.Dataset(hf.table.InMemoryTable(cast))
    return made


class TorchPictures:
    """Pictures as a torch data set (map-style); see `Selection.to_torch`.

    It holds paths and labels only, so that the workers of a `DataLoader` can have it too.

    Attributes
    ----------
    classes
        Label to the names of its classes.
    """

    def __init__(
        self,
        content: Content,
        labels: Sequence[str],
        transform: Transform | None,
        burned_in: Literal["mask", "crop", "keep"],
    ) -> None:
        _needed("torch", "learn")
        fields = {field.name: field for field in WITH_CASE if field.name in LABELS}
        for name in labels:
            if name not in fields:
                raise QueryError(f"{name!r} is no label", f"use some of {', '.join(fields)}")
        self._transform, self._wishes = transform, Wishes(burned_in=burned_in)
        self._pictures: list[Picture] = []
        self._ids: list[tuple[str, str]] = []
        values: dict[str, list[str | None]] = {name: [] for name in labels}
        for case in content.cases():
            for picture, row in _pairs(case):
                self._pictures.append(Picture({}, picture.path))
                self._ids.append((row["image_id"], row["case_id"]))
                for name in labels:
                    values[name].append(row[name])
        self.classes = {
            name: classes_of(fields[name], {value for value in of if value is not None})
            for name, of in values.items()
        }
        self._targets = {
            name: [-1 if value is None else self.classes[name].index(value) for value in of]
            for name, of in values.items()
        }

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, n: int) -> dict[str, Any]:
        from PIL import Image

        made = wished(self._pictures[n], self._wishes)
        source = made.path if made.content is None else io.BytesIO(made.content)
        with Image.open(source) as image:
            image.load()
            pixels = (self._transform or _pixels)(image)
        image_id, case_id = self._ids[n]
        targets = {name: of[n] for name, of in self._targets.items()}
        return {"image": pixels, "image_id": image_id, "case_id": case_id, **targets}


def _pixels(image: Image) -> Any:
    """Return a uint8 tensor of shape (3, height, width)."""
    import numpy as np
    import torch

    from medpix2.export.pictures import in_rgb

    return torch.from_numpy(np.array(in_rgb(image))).permute(2, 0, 1)


def _rows(content: Content, table: Table) -> Iterator[Row]:
    for case in content.cases():
        if table == "images":
            for picture, row in _pairs(case):
                yield row | {"path": str(picture.path)}
        else:
            paths = [str(picture.path) for picture in case.pictures]
            yield case_with_pictures(case) | {"paths": paths}


def _pairs(case: ExportCase) -> Iterator[tuple[Picture, Row]]:
    rows = pictures_with_case(case, [None] * len(case.pictures))
    return zip(case.pictures, rows, strict=True)


def _fields(table: Table) -> tuple[Field, ...]:
    if table not in FIELDS:
        raise QueryError(f"There is no table {table!r}", "use images or cases")
    return FIELDS[table]


def _in_batches(pa: ModuleType, rows: Iterator[Row], schema: pyarrow.Schema) -> pyarrow.Table:
    batches, held = [], []
    for row in rows:
        held.append(row)
        if len(held) == _BATCH:
            batches.append(pa.RecordBatch.from_pylist(held, schema=schema))
            held = []
    batches.append(pa.RecordBatch.from_pylist(held, schema=schema))
    return pa.Table.from_batches(batches)


def _needed(package: str, extra: str) -> ModuleType:
    try:
        return import_module(package)
    except ImportError as error:
        raise MissingPackage(
            f"This needs the package {package}, which is not installed ({error})",
            f"install medpix2 with its extra: pip install 'medpix2[{extra}]'",
        ) from None
