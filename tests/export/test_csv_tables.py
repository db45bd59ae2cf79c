from __future__ import annotations

import csv
from dataclasses import replace

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpix2.errors import OutputError
from medpix2.export.content import ExportCase
from medpix2.export.csv_tables import FORMAT, escaped, read_frame, read_rows, unescaped
from medpix2.export.format import Wishes
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS, case_row, image_row
from medpix2.export.writing import write_export

# What spreadsheets run or destroy, and its wide forms.
FORMULAS = ("=1+1", "+1", "-1.-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "－1")
TEXTS = (
    *FORMULAS, "'=1", "''-", "'quoted'", "'", 'a "b", c', "a\nb", "a\r\nb", "a\rb", " b ", "NA?",
    "nan", "None!", "1", "1.0", "true", "é☃𝄞", ",", ";", "[]", '"', "x" * 40_000,
)  # fmt: skip


@given(st.text(alphabet="'=+-@\t\r\nab＝＠ ", max_size=8) | st.text(max_size=20))
def test_every_text_comes_back_and_none_begins_as_a_formula(text):
    assert unescaped(escaped(text)) == text
    assert escaped(text)[:1] not in set("=+-@\t\r\n＝＋－＠") or not text


def test_texts_that_begin_with_nothing_dangerous_stay_as_they_are():
    for text in ("'quoted'", "a=b", "1-2", ""):
        assert escaped(text) == text


@pytest.fixture
def hostile(small):
    """Return a content whose titles are all those texts, and what its rows must be."""
    small.held = [small.add(f"MPX2{n:03}", ct=1) for n in range(len(TEXTS))]
    for n, (case, text) in enumerate(zip(small.held, TEXTS, strict=True)):
        document = {**case.document, "Case": {"Title": text, "History": None, "Exam": "N/A"}}
        small.held[n] = ExportCase(document, case.pictures)
    return small


def test_hostile_texts_round_trip_through_pandas(hostile, tmp_path):
    out = write_export(FORMAT, hostile, Wishes(), tmp_path / "out").folder
    frame = read_frame(out / "cases.csv")
    assert frame["title"].tolist() == [text.strip() for text in TEXTS]
    assert frame["exam"].isna().all()
    plain = pandas.read_csv(out / "cases.csv", keep_default_na=False, dtype=str)
    assert [unescaped(cell) for cell in plain["title"]] == [text.strip() for text in TEXTS]


def test_no_cell_of_a_file_is_a_formula(hostile, tmp_path):
    out = write_export(FORMAT, hostile, Wishes(), tmp_path / "out").folder
    for name in ("cases.csv", "images.csv"):
        with (out / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert cells and not [
            cell for cell in cells if cell[:1] in set("=+-@\t\r\n＝＋－＠") and cell
        ]
        assert (out / name).read_bytes().startswith(b"\xef\xbb\xbf")


def test_rows_come_back_with_their_types(small, tmp_path):
    out = write_export(replace(FORMAT, cases_a_part=2), small, Wishes(), tmp_path / "out").folder
    expected = [case_row(case, CASE_FIELDS) for case in small.held]
    assert list(read_rows(out / "cases.csv")) == expected
    images = list(read_rows(out / "images.csv"))
    first = small.held[0].pictures[0]
    assert images[0] == image_row(first, None, "images/MPX1000_ct0.png", IMAGE_FIELDS)
    assert images[0]["age"] == 40.0 and images[0]["caption"] == "-1 ° of a/b"
    frame = read_frame(out / "images.csv")
    assert str(frame["width"].dtype) == "Int64" and str(frame["age"].dtype) == "float64"
    assert read_frame(out / "cases.csv")["keywords"][0] == ["Old Heart", "Young Lung"]


def test_chosen_fields_and_no_pictures(small, tmp_path):
    wishes = Wishes(fields=("caption", "title"), pictures=False)
    out = write_export(FORMAT, small, wishes, tmp_path / "out").folder
    assert not (out / "images").exists()
    assert list(next(read_rows(out / "images.csv"))) == ["image_id", "case_id", "caption"]
    assert list(next(read_rows(out / "cases.csv"))) == ["case_id", "title"]


def test_another_table_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(OutputError, match="has a column 'a'"):
        list(read_rows(tmp_path / "other.csv"))


def test_a_table_that_was_cut_is_named(small, tmp_path):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    path = tmp_path / "cut.csv"
    path.write_bytes((out / "images.csv").read_bytes()[:-20])
    with pytest.raises(OutputError, match="line 14 has not all cells"):
        list(read_rows(path))


def test_the_examples_of_the_manual_run(small, tmp_path, run_examples):
    out = write_export(FORMAT, small, Wishes(), tmp_path / "out").folder
    said = run_examples("csv.md", out)
    assert len(said) == 2 and said[1] == "13\n"
