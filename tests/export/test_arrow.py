import io

import datasets
import pyarrow.parquet as pq
import pytest
import yaml

from medpix2.export import arrow
from medpix2.export.arrow import ParquetTable, features_of, schema_of, yaml_of
from medpix2.export.rows import Field

FIELDS = (
    Field("id", "text", "Id."), Field("sex", "text", "Sex.", classes=("male", "female")),
    Field("words", "texts", "Words."), Field("age", "float", "Age."), Field("n", "int", "Number."),
)  # fmt: skip
CLASSES = {"sex": ["male", "female"]}
PICTURES = {"image": "one", "images": "many"}


def test_what_is_declared_is_what_datasets_would_declare():
    features = features_of(FIELDS, CLASSES, PICTURES)
    known = datasets.Features(
        {
            "image": datasets.Image(), "images": datasets.List(datasets.Image()),
            "id": datasets.Value("string"), "sex": datasets.ClassLabel(names=["male", "female"]),
            "words": datasets.List(datasets.Value("string")), "age": datasets.Value("float64"),
            "n": datasets.Value("int32"),
        }
    )  # fmt: skip
    assert datasets.Features.from_dict(features) == known
    # As it comes out of the front matter of a card.
    read = yaml.safe_load(yaml.safe_dump(yaml_of(features)))
    assert datasets.Features._from_yaml_list(read) == known


def test_a_file_s_own_metadata_are_read_by_datasets():
    schema = schema_of(features_of(FIELDS, None, PICTURES))
    features = datasets.Features.from_arrow_schema(schema)
    assert features["image"] == datasets.Image() and features["sex"] == datasets.Value("string")


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_rows_come_back_in_groups_of_limited_size(rows, monkeypatch):
    monkeypatch.setattr(arrow, "GROUP_BYTES", 20)
    target = io.BytesIO()
    features = features_of(FIELDS, None, {"image": "one"})
    written = [
        {"image": {"bytes": bytes(10), "path": "a.png"}, "id": str(n), "words": ["ä", None],
         "age": None, "n": n, "sex": None}
        for n in range(rows)
    ]  # fmt: skip
    with ParquetTable(target, features) as table:
        for row in written:
            table.add(row, 10)
    file = pq.ParquetFile(io.BytesIO(target.getvalue()))
    assert file.read().to_pylist() == written
    assert file.num_row_groups == (rows + 1) // 2


def test_the_same_rows_give_the_same_bytes():
    def content():
        target = io.BytesIO()
        with ParquetTable(target, features_of(FIELDS)) as table:
            table.add({"id": "a", "sex": "male", "words": [], "age": 1.5, "n": 3})
        return target.getvalue()

    assert content() == content()
