from __future__ import annotations

from medpix2.export.flat import flat_fields, flat_rows, flat_seen
from medpix2.export.format import Part, Wishes
from medpix2.export.output import Output


def test_both_tables_keep_what_joins_them():
    fields = flat_fields(Wishes(fields=("age",)))
    names = {table: [field.name for field in found] for table, found in fields.items()}
    assert names == {"cases": ["case_id"], "images": ["image_id", "case_id", "age"]}


def test_rows_name_the_files_that_are_written(small, tmp_path):
    out = Output(tmp_path / "out", Wishes(image_size=16, image_format="jpeg"), 0)
    part = Part(0, None, small.held)
    tables = {table: rows for table, _, rows in flat_rows(part, out.wishes, out)}
    assert [row["case_id"] for row in tables["cases"]] == [f"MPX100{n}" for n in range(7)]
    assert {row["file_name"] for row in tables["images"]} == set(out.files)
    assert {(row["width"], row["height"]) for row in tables["images"]} == {(16, 11)}


def test_without_pictures_no_file_is_written_or_named(small, tmp_path):
    out = Output(tmp_path / "out", Wishes(pictures=False, rgb=True), 0)
    tables = {
        table: rows for table, _, rows in flat_rows(Part(0, None, small.held), out.wishes, out)
    }
    assert out.files == {} and {row["file_name"] for row in tables["images"]} == {None}
    assert tables["images"][0]["width"] == 24


def test_what_a_row_says_is_seen(tmp_path):
    row = {"image_id": "i", "case_id": "c", "split": "dev", "modality": "XR", "file_name": "a.png"}
    seen = next(flat_seen(tmp_path, "images.csv", [row]))
    assert (seen.where, seen.kind, seen.id, seen.case) == ("images.csv row 1", "image", "i", "c")
    assert seen.labels == {"split": "dev", "modality": "XR"} and seen.picture == tmp_path / "a.png"
