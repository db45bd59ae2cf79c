from __future__ import annotations

import pytest

from medpix2.browse.prose import Run, links_in, prose, safe_address


def shape(text: str, **more) -> list[tuple[str, list[str]]]:
    """Return (kind, texts of the items) of every block."""
    return [
        (block.kind, ["".join(run.text for run in item.runs) for item in block.items])
        for block in prose(text, **more)
    ]


@pytest.mark.parametrize(
    "text",
    ["• one\n• two", "- one\n-two", "*one\n* two", "– one\n\n– two", "o one\no two",
     ">> one\n>> two", "• one • two", "•\tone\r\n•\ttwo", "--one\n--two"],
)  # fmt: skip
def test_lines_with_bullets_are_a_list(text):
    assert shape(text) == [("bullets", ["one", "two"])]


@pytest.mark.parametrize(
    "text",
    ["2. one\n3. two", "2) one\n3)two", "(2) one\n(3) two", "2.one\n3.two", "2: one\n3: two",
     "2.) one\n\n3.) two", "2.\tone\n3.\ttwo"],
)  # fmt: skip
def test_numbered_lines_are_a_list_with_their_numbers(text):
    (block,) = prose(text)
    assert block.kind == "numbers"
    assert [(item.number, item.runs) for item in block.items] == [
        (2, (Run("one"),)),
        (3, (Run("two"),)),
    ]


@pytest.mark.parametrize(
    "text",
    ["-1.3 is the value", "4.3% had it", "1234. A house", "(see there) it is", "often seen",
     "**bold**", "2.5 cm", "1: 3 is the ratio"][:-1],
)  # fmt: skip
def test_what_only_looks_like_a_mark_stays(text):
    assert shape(text) == [("paragraph", [text])]


def test_paragraphs_lists_and_headings_keep_their_order():
    text = (
        "Signs are:\n- fever\n- a cough that\n  does not end\n\nIt is rare.\n=== THERAPY ===\nRest."
    )
    assert shape(text) == [
        ("paragraph", ["Signs are:"]),
        ("bullets", ["fever", "a cough that does not end"]),
        ("paragraph", ["It is rare."]),
        ("heading", ["THERAPY"]),
        ("paragraph", ["Rest."]),
    ]


def test_a_broken_sentence_is_joined_and_lines_of_their_own_stay():
    assert shape("A mass in the\nleft lung") == [("paragraph", ["A mass in the left lung"])]
    assert shape("T1: dark\nT2: bright") == [("lines", ["T1: dark", "T2: bright"])]


def test_plain_lines_are_a_list_where_a_line_is_an_item():
    assert shape("Cyst\nAbscess", a_line_an_item=True) == [("bullets", ["Cyst", "Abscess"])]
    assert shape("Cyst", a_line_an_item=True) == [("paragraph", ["Cyst"])]


def test_an_item_that_stands_further_in_is_told():
    (block,) = prose("- one\n    - within\n- two")
    assert [item.inner for item in block.items] == [False, True, False]


@pytest.mark.parametrize("text", ["", " \n\t", "-----\n===="])
def test_nothing_is_no_block(text):
    assert prose(text) == []


def test_addresses_in_a_text_are_links():
    runs = links_in("See www.example.org/a_b, (https://example.com/x?y=1).")
    assert runs == (
        Run("See "), Run("www.example.org/a_b", "http://www.example.org/a_b"), Run(", ("),
        Run("https://example.com/x?y=1", "https://example.com/x?y=1"), Run(")."),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "JaVaScRiPt://example.org/%0aalert(1)", "data:text/html,x", "file:///etc",
     "www://example.org/", "http://", "//example.org", "ftp://example.org/a", "a note", "",
     "http://exa mple.org", "http://[::1", "java\nscript:x", "mailto:a@example.org"],
)  # fmt: skip
def test_no_other_address_becomes_a_link(text):
    assert safe_address(text) is None
    assert all(run.address is None for run in links_in(text) if "http://" not in text)


def test_an_address_may_begin_with_its_host():
    assert safe_address(" rad.example.org/a/b.html?x=1 ") == "http://rad.example.org/a/b.html?x=1"
    assert safe_address("https://example.org") == "https://example.org"
