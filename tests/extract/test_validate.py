from __future__ import annotations

import copy
import json
import math

import bson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpix2.extract.validate import MAX_FAULTS, MAX_TEXT, check_case, check_image, plain

CASE = {
    "U_id": "MPX1", "TAC": ["MPX1_1"], "MRI": [],
    "Case": {"Title": "N/A", "Treatment & Follow Up": "Rest.\n"}, "Topic": {"Title": None},
}  # fmt: skip
IMAGE = {
    "Type": "MR", "U_id": "MPX1", "image": "MPX1_1", "Description": {"Age": "42"},
    "Location": None, "Location Category": "Head",
}  # fmt: skip

HOSTILE_IDS = [
    "../x", "/etc/passwd", "a/b", "a\\b", "", ".", "..", ".hidden", "a b", "a\n", "\na", "a\0",
    "\x1b[31mred", "-rf", "é", "$where", "<b>", "x" * 129, "x" * 10_000, "\ud800", None, 5, 1.5,
    True, ["a"], {"a": 1}, 2**80, math.nan,
]  # fmt: skip
hostile_ids = pytest.mark.parametrize("name", HOSTILE_IDS, ids=lambda name: repr(name)[:12])

ODD_VALUES = [
    5, 1.5, True, math.nan, math.inf, 2**63, 2**64, -(2**80), 10**3000, [], [1], ["a"], {},
    {"$set": 1}, {"a.b": {"c\0": "\ud800"}}, "\ud800", "a\udfff", b"x" and [[[[]]]],
]  # fmt: skip


def fields(checked, kind="invalid-field"):
    return [problem.field for problem in checked.problems if problem.kind == kind]


def stored(checked):
    """Check that what is to be stored can be stored, and return it."""
    if checked.document is not None:
        assert bson.decode(bson.encode(checked.document)) == checked.document
    bson.encode({"raw": checked.raw, "problems": [p.model_dump() for p in checked.problems]})
    for problem in checked.problems:
        str(problem).encode()
        assert str(problem).isprintable()
        assert len(str(problem)) < 1000
    return checked.document


@pytest.mark.parametrize(("check", "document"), [(check_case, CASE), (check_image, IMAGE)])
def test_a_sound_document_is_stored_as_it_is(check, document):
    checked = check(document, "a.json", 0)
    assert checked.document is document
    assert (checked.problems, checked.raw) == ((), None)


@hostile_ids
def test_an_id_that_cannot_be_a_file_name_is_refused(name):
    for check, document, key in (
        (check_case, CASE, "U_id"), (check_image, IMAGE, "U_id"), (check_image, IMAGE, "image"),
    ):  # fmt: skip
        checked = check({**document, key: name}, "a.json", 7)
        assert stored(checked) is None
        (problem,) = checked.problems
        assert (problem.kind, problem.severity) == ("invalid-id", "error")
        assert (problem.file, problem.index, problem.field) == ("a.json", 7, key)
        assert checked.raw


@pytest.mark.parametrize("name", ["MPX1016", "MPX1016_synpic34317", "a", "7", "a.b-c_d", "x" * 128])
def test_an_id_that_can_be_a_file_name_is_kept(name):
    assert check_image({**IMAGE, "image": name}, "a.json", 0).document["image"] == name


@pytest.mark.parametrize("key", ["U_id", "image"])
def test_an_id_that_is_not_there_is_refused(key):
    document = {k: v for k, v in IMAGE.items() if k != key}
    assert fields(check_image(document, "a.json", 0), "invalid-id") == [key]


@pytest.mark.parametrize("raw", [None, 5, "text", [], [CASE], True, math.nan, 2**70])
def test_what_is_no_object_is_refused(raw):
    for check in (check_case, check_image):
        checked = check(raw, "a.json", 3)
        assert stored(checked) is None
        assert checked.problems[0].message == "is not a JSON object"
        assert checked.problems[0].index == 3


def test_all_that_is_wrong_is_told_and_the_rest_is_kept():
    document = {
        "U_id": "MPX1", "TAC": ["a", 5, None], "Case": {"Title": 7, "History": "Pain.", "Exam": []},
        "Topic": "none", "Mine": 1,
    }  # fmt: skip
    before = copy.deepcopy(document)
    checked = check_case(document, "Case_topic.json", 4)
    assert fields(checked) == ["TAC.1", "TAC.2", "MRI", "Case.Title", "Case.Exam", "Topic"]
    assert fields(checked, "unknown-field") == ["Mine"]
    assert stored(checked) == {"U_id": "MPX1", "Case": {"History": "Pain."}}
    assert document == before
    assert json.loads(checked.raw) == document
    assert {problem.id for problem in checked.problems} == {"MPX1"}
    assert len(checked.errors) == 6


def test_a_field_that_must_be_there_is_missed():
    checked = check_image({"U_id": "MPX1", "image": "MPX1_1"}, "a.json", 0)
    assert [(p.field, p.message) for p in checked.errors] == [
        ("Type", "is missing"), ("Description", "is missing"),
    ]  # fmt: skip
    assert stored(checked) == {"U_id": "MPX1", "image": "MPX1_1"}


def test_a_name_of_ours_does_not_stand_for_a_published_key():
    document = {**{k: v for k, v in IMAGE.items() if k != "Type"}, "type": "CT"}
    checked = check_image(document, "a.json", 0)
    assert fields(checked) == ["Type"]
    assert fields(checked, "unknown-field") == ["type"]


@pytest.mark.parametrize("value", ["PET", "ct", "", None, 1, [], {"a": 1}])
def test_a_type_is_ct_or_mr(value):
    checked = check_image({**IMAGE, "Type": value}, "a.json", 0)
    assert fields(checked) == ["Type"]
    assert "Type" not in stored(checked)


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("path", [("Location",), ("Description", "Age"), ("Description",)])
def test_a_value_of_the_wrong_kind_never_gets_into_the_database(value, path):
    document = copy.deepcopy(IMAGE)
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    checked = check_image(document, "a.json", 0)
    kept = stored(checked)
    assert kept["image"] == "MPX1_1"
    if path == ("Description",) and isinstance(value, dict):
        assert kept["Description"] == {}  # an object it is, with unknown keys
    else:
        assert ".".join(path) in fields(checked)


@pytest.mark.parametrize(
    "key", ["$set", "a.b", "a\0b", "", "_id", "source", "meta", "\ud800", "x" * 10_000, "\x1b[31m"]
)
@pytest.mark.parametrize("where", [(), ("Description",)])
def test_a_key_that_we_do_not_know_stays_in_the_raw_text_alone(key, where):
    document = copy.deepcopy(IMAGE)
    place = document[where[0]] if where else document
    place[key] = {"anything": [1, {"$x": math.nan}]}
    checked = check_image(document, "a.json", 0)
    assert stored(checked) == IMAGE
    assert not checked.errors
    (problem,) = checked.problems
    assert (problem.kind, problem.severity) == ("unknown-field", "warning")
    assert problem.field == plain(".".join((*where, key)))
    assert "anything" in checked.raw


def test_a_control_character_in_a_text_is_data_and_kept():
    document = {**IMAGE, "Location": "a\0\x1b\n"}
    assert stored(check_image(document, "a.json", 0)) == document


def test_a_document_that_no_database_takes_is_refused():
    text = "é" * (MAX_TEXT // 4)
    document = {**CASE, "Case": {"Title": text, "History": text, "Exam": text, "Findings": text}}
    checked = check_case(document, "a.json", 0)
    assert checked.document is None
    assert [problem.kind for problem in checked.problems] == ["too-large"]
    assert len(bson.encode({"raw": checked.raw})) < 16 << 20
    large = {**CASE, "Case": {"Title": text}, "Mine": text}
    kept = check_case(large, "a.json", 0)
    assert len(bson.encode({**kept.document, "raw": kept.raw})) < 16 << 20


def test_a_thousand_faults_of_one_document_are_counted():
    checked = check_case({**CASE, "TAC": [5] * 1000}, "a.json", 0)
    assert len(checked.problems) == MAX_FAULTS + 1
    assert "900 more" in checked.problems[-1].message
    assert "TAC" not in stored(checked)


@pytest.mark.parametrize("depth", [100, 300, 800])
def test_deep_nesting_is_dropped(depth):
    value = json.loads("[" * depth + "]" * depth)
    for document in ({**IMAGE, "Mine": value}, {**IMAGE, "Location": value}):
        checked = check_image(document, "a.json", 0)
        assert "Mine" not in checked.document
        assert checked.problems
        assert checked.raw


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
KEYS = st.sampled_from(
    ["Type", "U_id", "image", "Description", "Location", "TAC", "MRI", "Case", "Topic", "_id", "$x"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(KEYS | st.text(), json_values, max_size=8), st.booleans())
def test_whatever_stands_in_a_document_what_is_stored_is_bson(raw, with_ids):
    if with_ids:
        raw |= {"U_id": "MPX1", "image": "MPX1_1"}
    for check in (check_case, check_image):
        kept = stored(check(raw, "a.json", 0))
        assert kept is None or kept["U_id"] == raw["U_id"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Ménière", "Ménière"), ("a\x1b[1m\n", "a\\x1b[1m\\n"), ("\ud800", "\\ud800"),
     ("x" * 300, "x" * 197 + "..."), ("", ""), ("\u202eabc", "\\u202eabc")],
)  # fmt: skip
def test_text_of_a_source_is_shown_plain(text, shown):
    assert plain(text) == shown
