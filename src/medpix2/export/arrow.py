"""Rows as Parquet whose features are declared: Arrow schemas, their `datasets` features.

The declaration is written twice, as `datasets` reads it: in the metadata of every Parquet file and
as YAML for the front matter of the card. In the files a label is a text, as every other reader
wants it; the card declares its classes, which are known when all parts are written, and `datasets`
turns the texts into them. A list is declared as `Sequence`, which old and new versions of
`datasets` read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from medpix2.export.joined import Row
from medpix2.export.rows import Field

Pictures = Literal["one", "many"]
Feature = dict[str, Any]
GROUP_BYTES = 8 << 20  # of pictures in a row group: what a reader takes at a time
GROUP_ROWS = 1000

_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_DTYPES = {"text": "string", "float": "float64", "int": "int32"}
_TYPES: Mapping[str, pa.DataType] = {
    "string": pa.string(),
    "float64": pa.float64(),
    "int32": pa.int32(),
}


def features_of(
    fields: Iterable[Field],
    classes: Mapping[str, Sequence[str]] | None = None,
    pictures: Mapping[str, Pictures] | None = None,
) -> dict[str, Feature]:
    """Return the features of a table, as `datasets` writes them in JSON.

    Parameters
    ----------
    fields
        Its fields; columns of pictures stand before them.
    classes
        Label -> its classes; a field that is not in it is a plain text or number.
    pictures
        Column of pictures -> one a row, or many.
    """
    picture: Feature = {"_type": "Image"}
    found: dict[str, Feature] = {
        name: picture if number == "one" else {"feature": picture, "_type": "Sequence"}
        for name, number in (pictures or {}).items()
    }
    for field in fields:
        if classes and field.name in classes:
            found[field.name] = {"names": list(classes[field.name]), "_type": "ClassLabel"}
        elif field.type == "texts":
            text = {"dtype": "string", "_type": "Value"}
            found[field.name] = {"feature": text, "_type": "Sequence"}
        else:
            found[field.name] = {"dtype": _DTYPES[field.type], "_type": "Value"}
    return found


def schema_of(features: Mapping[str, Feature]) -> pa.Schema:
    """Return the Arrow schema of some features, which it bears as `datasets` metadata."""
    declared = json.dumps({"info": {"features": features}})
    fields = [pa.field(name, _arrow_type(feature)) for name, feature in features.items()]
    return pa.schema(fields, metadata={"huggingface": declared})


def yaml_of(features: Mapping[str, Feature]) -> list[dict[str, Any]]:
    """Return features as they stand under `dataset_info` in the front matter of a card."""
    return [{"name": name, **_yaml_feature(feature)} for name, feature in features.items()]


def _arrow_type(feature: Feature) -> pa.DataType:
    kind = feature["_type"]
    if kind == "Sequence":
        return pa.list_(_arrow_type(feature["feature"]))
    if kind == "Image":
        return _PICTURE
    return pa.string() if kind == "ClassLabel" else _TYPES[feature["dtype"]]


def _yaml_feature(feature: Feature) -> dict[str, Any]:
    kind = feature["_type"]
    if kind == "Sequence":
        return {"sequence": _yaml_feature(feature["feature"])["dtype"]}
    if kind == "ClassLabel":
        names = {str(n): name for n, name in enumerate(feature["names"])}
        return {"dtype": {"class_label": {"names": names}}}
    return {"dtype": "image" if kind == "Image" else feature["dtype"]}


class ParquetTable:
    """Write rows into a Parquet file; memory stays flat.

    Pictures are stored as they are, for they are compressed; texts by zstd. The same rows give the
    same bytes.

    Parameters
    ----------
    file
        A file that is open for writing.
    features
        The table's features, see `features_of`.
    """

    def __init__(self, file: IO[bytes] | io.RawIOBase, features: Mapping[str, Feature]) -> None:
        self._schema = schema_of(features)
        leaves = _leaves(self._schema)
        self._writer = pq.ParquetWriter(
            file,
            self._schema,
            compression={leaf: "NONE" if leaf.endswith("bytes") else "ZSTD" for leaf in leaves},
            use_dictionary=[leaf for leaf in leaves if not leaf.endswith("bytes")],
            write_statistics=[leaf for leaf in leaves if not leaf.endswith("bytes")],
        )
        self._waiting: list[Row] = []
        self._waiting_bytes = 0

    def add(self, row: Row, size: int = 0) -> None:
        """Add a row with this many bytes of pictures."""
        self._waiting.append(row)
        self._waiting_bytes += size
        if self._waiting_bytes >= GROUP_BYTES or len(self._waiting) >= GROUP_ROWS:
            self._flush()

    def __enter__(self) -> ParquetTable:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Write what waits and end the file (the caller closes it)."""
        if error is None:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_pylist(self._waiting, schema=self._schema)
            self._writer.write_table(table, row_group_size=len(self._waiting))
            self._waiting, self._waiting_bytes = [], 0


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the dotted paths of a schema's leaf columns, as Parquet names them."""
    found: list[str] = []
    for field in schema:
        path, kind = field.name, field.type
        if pa.types.is_list(kind):
            path, kind = f"{path}.list.element", kind.value_type
        if pa.types.is_struct(kind):
            found += [f"{path}.{kind.field(n).name}" for n in range(kind.num_fields)]
        else:
            found.append(path)
    return found
