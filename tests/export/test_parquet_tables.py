from __future__ import annotations

from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from medpix2.export import parquet_tables
from medpix2.export.format import Wishes
from medpix2.export.parquet_tables import FORMAT, schema_of
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS, case_row
from medpix2.export.writing import write_export


def test_the_schema_is_declared_even_where_a_column_is_null_throughout(small, tmp_path):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    for name, fields in (("cases", CASE_FIELDS), ("images", IMAGE_FIELDS)):
        schema = pq.read_schema(out / f"{name}.parquet")
        assert schema.equals(schema_of(fields))
        assert schema.field("split").metadata[b"description"].startswith(b"Split of the case")
    table = pq.read_table(out / "cases.parquet")
    assert table["diagnosis_by"].null_count == table.num_rows
    assert table.schema.field("diagnosis_by").type == pa.string()
    assert table.to_pylist() == [case_row(case) for case in small.held]


@pytest.mark.parametrize("group", [1, 3, 4, 100])
def test_row_groups_do_not_depend_on_parts(small, tmp_path, monkeypatch, group):
    monkeypatch.setattr(parquet_tables, "GROUP", group)
    files = []
    for size in (1, 2, 100):
        used = replace(FORMAT, cases_a_part=size)
        out = write_export(used, small, Wishes(pictures=False), tmp_path / str(size)).folder
        files.append((out / "images.parquet").read_bytes())
    assert files[0] == files[1] == files[2]
    assert pq.read_metadata(out / "images.parquet").num_row_groups == -(-13 // group)


def test_duckdb_reads_it(small, tmp_path):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    query = f"""
        SELECT c.split, count(*) FROM '{out}/images.parquet' i JOIN '{out}/cases.parquet' c
        USING (case_id) WHERE i.modality = 'CT' GROUP BY ALL ORDER BY ALL
    """
    assert duckdb.sql(query).fetchall() == [("dev", 3), ("train", 6), (None, 1)]


def test_the_examples_of_the_manual_run(small, tmp_path, run_examples):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    said = run_examples("parquet.md", out)
    assert "Trauma" in said[0]
