from __future__ import annotations

import pytest
from pyroaring import BitMap

from medpix2.errors import NotFound
from medpix2.pipeline.tables import ALL, NOT_GIVEN, Stats, Table, cell_text, cross, named, share


def test_labels_come_by_frequency_and_what_is_not_given_last():
    parts = {"CT": BitMap([1]), None: BitMap([4, 5, 6, 7]), "MR": BitMap([2, 3]), "XR": BitMap([9])}
    assert list(named(parts)) == ["MR", "CT", "XR", NOT_GIVEN]
    assert named(parts)[NOT_GIVEN] == BitMap([4, 5, 6, 7])


def test_a_label_that_reads_like_not_given_is_counted_with_it():
    found = named({NOT_GIVEN: BitMap([1]), None: BitMap([2])})
    assert found == {NOT_GIVEN: BitMap([1, 2])}


def test_shares_are_percentages_and_nothing_has_none():
    assert share(1, 3) == 33.3
    assert share(0, 3) == 0.0
    assert share(0, 0) is None


def test_two_labels_are_crossed_with_their_sums():
    planes = {"Axial": BitMap([1, 2, 3]), "Coronal": BitMap([4])}
    kinds = {"CT": BitMap([1, 4]), "MR": BitMap([2])}
    table = cross("planes", "Planes", ("Plane", planes), kinds)
    assert table.columns == ("Plane", "CT", "MR", ALL)
    assert table.rows == (("Axial", 1, 1, 3), ("Coronal", 1, 0, 1))
    assert table.totals == (ALL, 2, 1, 4)
    assert table.column("MR") == [1, 0]


def test_what_is_empty_has_neither_rows_nor_totals():
    table = cross("planes", "Planes", ("Plane", {}), {})
    assert (table.rows, table.totals) == ((), ())


def test_a_table_is_found_by_its_name():
    table = Table("ages", "Ages", "cases", ("Age",), ())
    stats = Stats(0, 0, (table,))
    assert stats.table("ages") is table
    with pytest.raises(NotFound, match="take one of ages"):
        stats.table("planes")


def test_cells_are_shown_with_thousands_and_one_decimal():
    cells = (12345, 1234.56, None, "CT")
    assert [cell_text(cell) for cell in cells] == ["12,345", "1,234.6", "–", "CT"]
