from __future__ import annotations

from medpix2.cli.columns import GAP, LEAST, TEXT, fit

NAMES = ("case", "title", "location", "split", "pictures")
CELLS = [["MPX1", "t" * 60, "Brain and Neuro", "train", "12"], ["MPX22", "t" * 40, "", "dev", "3"]]


def shown(room, **more):
    columns = fit(NAMES, CELLS, room, whole=("case", "pictures"), **more)
    total = sum(column.size for column in columns) + GAP * (len(columns) - 1)
    return {NAMES[column.at]: column.size for column in columns}, total


def test_where_there_is_room_nothing_is_cut():
    sizes, total = shown(200, spare=("split",))
    assert sizes == {"case": 5, "title": 60, "location": 15, "split": 5, "pictures": 8}
    assert total == sum(sizes.values()) + 8


def test_a_long_text_gives_way_first():
    sizes, total = shown(80, spare=("split",))
    assert total == 80
    assert sizes == {"case": 5, "title": 39, "location": 15, "split": 5, "pictures": 8}


def test_two_long_texts_share_what_is_left():
    cells = [["a" * 35, "b" * 100, "c" * 90]]
    sizes = [column.size for column in fit(("a", "b", "c"), cells, 124)]
    assert sizes == [35, 43, 42]


def test_spare_columns_are_left_out_in_their_order():
    assert list(shown(62, spare=("split", "pictures"))[0]) == [
        "case", "title", "location", "pictures",
    ]  # fmt: skip
    sizes, total = shown(52, spare=("split", "pictures"))
    assert list(sizes) == ["case", "title", "location"]
    assert total <= 52


def test_then_labels_are_cut_but_neither_ids_nor_numbers():
    sizes, total = shown(40, spare=("split",))
    assert total == 40
    assert sizes == {"case": 5, "title": 10, "location": 11, "pictures": 8}


def test_what_cannot_fit_is_as_narrow_as_it_gets():
    sizes, _ = shown(10)
    assert sizes == {"case": 5, "title": LEAST, "location": LEAST, "split": 5, "pictures": 8}
    assert LEAST < TEXT


def test_names_of_columns_are_broken_between_words():
    names, cells = ("Age (years)", "train %", "not given"), [["0-9", "12.5", "1"]]
    broken = fit(names, cells, 20, whole=names)
    assert [(column.head, column.size) for column in broken] == [
        ("Age\n(years)", 7), ("train\n%", 5), ("not\ngiven", 5),
    ]  # fmt: skip
    assert [column.head for column in fit(names, cells, 40)] == list(names)


def test_a_table_without_rows_or_columns():
    assert [column.size for column in fit(("a", "bc"), [], 80)] == [1, 2]
    assert fit((), [], 80) == []


def test_a_column_without_a_name_is_shown():
    assert [column.at for column in fit(("", "n"), [["Head", "3"]], 80)] == [0, 1]
