from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medpix2.errors import SourceError
from medpix2.extract.jsonfile import CHUNK, BrokenJson, encoding_of, read_array, read_lines

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("json") / "array.json"


def read(file, content, chunk=CHUNK):
    """Return (elements, what is broken) of an array with this content."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    found = []
    try:
        found.extend(read_array(file, encoding_of(file), chunk=chunk))
    except BrokenJson as error:
        return found, str(error)
    return found, None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(values, max_size=5), st.integers(1, 40), st.sampled_from([None, 1]), st.booleans(),
    st.sampled_from(ENCODINGS),
)  # fmt: skip
@example([1e-07, -12, 1.5e300, True, None], 1, None, True, "utf-8")
def test_any_array_is_read_as_json_load_reads_it(file, array, chunk, indent, ascii_only, encoding):
    content = json.dumps(array, indent=indent, ensure_ascii=ascii_only)
    try:
        content = content.encode(encoding)
    except UnicodeEncodeError:  # a lone surrogate can be written as an escape alone
        content = json.dumps(array, indent=indent).encode(encoding)
    assert read(file, content, chunk) == (json.loads(content), None)


@pytest.mark.parametrize(
    "number", ["12", "-12", "1.5", "1e5", "1E+5", "-1.25e-10", "0", "123456789"]
)
def test_a_number_is_whole_wherever_the_window_ends(number, file):
    content = f"[{number},{number} ,\n{number}\n]"
    for chunk in range(1, len(content) + 2):
        assert read(file, content, chunk) == ([json.loads(number)] * 3, None)


def test_nan_and_the_infinities_are_read_as_json_load_reads_them(file):
    for chunk in range(1, 12):
        found, broken = read(file, "[NaN,-Infinity , Infinity]", chunk)
        assert math.isnan(found[0])
        assert found[1:] == [-math.inf, math.inf]
        assert broken is None


def test_an_integer_of_any_length_loses_no_document(file):
    content = f'[{{"a": {2**70}}}, {{"a": {"9" * 5000}}}, {{"b": 1}}]'
    assert read(file, content) == ([{"a": 2**70}, {"a": math.inf}, {"b": 1}], None)


@pytest.mark.parametrize("chunk", [1, 7, CHUNK])
def test_blanks_before_between_and_behind_do_not_matter(chunk, file):
    content = " \n\t\r " * 9 + "[" + " " * 40 + '{"a" : 1}' + "\n" * 40 + ", 2" + " " * 40 + "]\n\n"
    assert read(file, content, chunk) == ([{"a": 1}, 2], None)


@pytest.mark.parametrize(
    ("content", "elements"),
    [
        ('[{"a": 1}, {"a": 2}, {"a": ', 2),
        ('[{"a": 1}, {"a": 2}', 2),
        ('[{"a": 1},', 1),
        ('[{"a": 1}, "unfinished', 1),
        ('[{"a": 1}, tru', 1),
        ("[", 0),
        ('[{"a": 1} {"a": 2}]', 1),
        ('[{"a": 1}, garbage, {"a": 2}]', 1),
        ('[{"a": 1},, {"a": 2}]', 1),
        ('[{"a": 1},]', 1),
        ('[{"a": 1}, {"a": 2 "b": 3}, {"a": 4}]', 1),
        ('[{"a": 1}, {"a": "line\nend"}]', 1),
        ('[{"a": 1}, 01]', 2),
        ('[{"a": 1}] [{"a": 2}]', 1),
        ('[{"a": 1}]\0\0\0', 1),
    ],
)
@pytest.mark.parametrize("chunk", [1, 5, CHUNK])
def test_what_stands_before_a_broken_place_is_kept(content, elements, chunk, file):
    found, broken = read(file, content, chunk)
    assert len(found) == elements
    assert "array.json" in broken


@settings(max_examples=60, deadline=None)
@given(st.lists(values, min_size=1, max_size=4), st.data(), st.integers(1, 30))
def test_an_array_cut_anywhere_keeps_its_beginning_and_says_so(file, array, data, chunk):
    content = json.dumps(array)
    cut = data.draw(st.integers(0, len(content) - 1))
    found, broken = read(file, content[:cut], chunk)
    assert broken
    if found and isinstance(found[-1], int | float):
        found.pop()  # a number that was cut is a number still
    assert found == array[: len(found)]


def test_a_broken_document_is_found_without_reading_the_rest(file):
    file.write_text('[{"a": 1}, {"a": 2 "b"}, ' + '"' + "x" * 200_000 + '"]')
    reading = read_array(file, "utf-8", chunk=1000)
    assert next(reading) == {"a": 1}
    with pytest.raises(BrokenJson, match="breaks off at") as caught:
        next(reading)
    # The rest of a file of any size was neither held nor gone through.
    assert '{"a": 2 "b"}' in str(caught.value)


@pytest.mark.parametrize("content", ["", "   ", "{}", '{"a": [1]}', "null", '"[1]"', "1", "<html>"])
def test_what_is_no_array_is_called_so(content, file):
    assert read(file, content)[0] == []
    assert "is not a JSON array" in read(file, content)[1]


@pytest.mark.parametrize("nested", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_nesting_without_end_is_a_broken_place(nested, file):
    found, broken = read(file, f'[{{"a": 1}}, {nested}, {{"a": 2}}]')
    assert found == [{"a": 1}]
    assert "breaks off" in broken


def test_a_message_shows_no_control_characters(file):
    _, broken = read(file, '[1 \x1b[31m"red"\n]')
    assert broken.isprintable()


@pytest.mark.parametrize("encoding", [*ENCODINGS, "latin-1"])
def test_the_encoding_is_found(encoding, file):
    assert read(file, '["Ménière", "ß"]'.encode(encoding)) == (["Ménière", "ß"], None)


def test_latin_1_is_told_from_utf_8_at_the_edge_of_a_block(file):
    file.write_bytes(b'["' + b"x" * (CHUNK - 3) + "é".encode() + b'"]')
    assert encoding_of(file) == "utf-8"
    file.write_bytes(b'["' + b"x" * (2 * CHUNK) + b'\xe9"]')
    assert encoding_of(file) == "latin-1"


@pytest.mark.parametrize(
    "content",
    [
        '["a", "b", "c"]'.encode("utf-16")[:-3],  # cut within a character
        b'\xef\xbb\xbf["a", "b", "\xe9"]',  # says UTF-8 and is not
    ],
)
@pytest.mark.parametrize("chunk", [1, 8, CHUNK])
def test_what_stands_before_an_invalid_byte_is_kept(content, chunk, file):
    found, broken = read(file, content, chunk)
    assert found[:2] == ["a", "b"]
    assert "is not valid utf" in broken


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"no\.json cannot be read"):
        encoding_of(tmp_path / "no.json")


def test_lines_are_read_one_by_one_and_a_broken_one_hurts_no_other(file):
    file.write_text('{"a": 1}\n\n{"a": \n' + "[" * 100_000 + "\n" + '{"a": "\\u2028"}\n  \nNaN')
    found = list(read_lines(file, "utf-8"))
    assert [number for number, _ in found] == [1, 3, 4, 5, 7]
    assert found[0][1] == {"a": 1}
    assert found[3][1] == {"a": "\u2028"}
    assert isinstance(found[1][1], BrokenJson)
    assert "line 3" in str(found[1][1])
    assert isinstance(found[2][1], BrokenJson)


def test_a_line_that_is_not_of_the_files_encoding_hurts_no_other(file):
    file.write_bytes(b'\xef\xbb\xbf{"a": "\xe9"}\n{"a": 2}\n')
    assert list(read_lines(file, encoding_of(file))) == [(1, {"a": "\ufffd"}), (2, {"a": 2})]
