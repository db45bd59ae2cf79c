from __future__ import annotations

from medpix2.store.reading import (
    case_names,
    documents_at,
    documents_of,
    documents_of_cases,
    find_document,
    near_ids,
)


def test_documents_come_in_the_order_of_the_ordinals(phantom_store):
    places = [7, 2, 5, 100_000]
    found = documents_at(phantom_store.db, "image", places)
    assert list(found) == [7, 2, 5]
    assert all(document["meta"]["n"] == n for n, document in found.items())
    assert documents_at(phantom_store.db, "image", []) == {}


def test_a_case_comes_with_its_pictures_in_order(phantom_store):
    for name in ("MPX90000", "MPX90007"):
        case, images = documents_of(phantom_store.db, name)
        assert case["_id"] == name
        assert [image["_id"] for image in images] == [*case["TAC"], *case["MRI"]]
    assert documents_of(phantom_store.db, "none") == (None, [])


def test_a_document_is_found_by_its_whole_id_alone(phantom_store):
    assert find_document(phantom_store.db, "MPX90000")["meta"]["kind"] == "case"
    for name in ("", "MPX9", "MPX9000.", "$where", "a\0b", ".*"):
        assert find_document(phantom_store.db, name) is None


def test_an_id_is_found_whatever_the_case_of_its_letters(phantom_store):
    assert find_document(phantom_store.db, "mpx90000")["_id"] == "MPX90000"


def test_an_exact_id_wins_and_one_that_fits_two_finds_none(store):
    store.current.insert_many(
        [
            {"_id": name, "meta": {"kind": "case", "n": n}}
            for n, name in enumerate(("Ab.1", "aB.1", "abx1"))
        ]
    )
    assert find_document(store.db, "aB.1")["_id"] == "aB.1"
    assert find_document(store.db, "ab.1") is None
    assert find_document(store.db, "ABX1")["_id"] == "abx1"


def test_near_ids_begin_alike(phantom_store):
    assert "MPX90000" in near_ids(phantom_store.db, "mpx9000")
    assert "MPX90000" in near_ids(phantom_store.db, "MPX90000x")
    assert near_ids(phantom_store.db, "ZZZ") == []
    for strange in (".*", "(", "[a-", "\\", "a\0b", "é" * 500):
        assert near_ids(phantom_store.db, strange) == []
    assert len(near_ids(phantom_store.db, "MPX")) <= 200


def test_ids_of_cases_by_ordinal_however_many_are_read_at_a_time(phantom_store, monkeypatch):
    rows = list(phantom_store.current.find({"meta.kind": "case"}))
    ordinals = [row["meta"]["n"] for row in rows]
    monkeypatch.setattr("medpix2.store.reading._NAMES", 7)
    assert sorted(case_names(phantom_store.db, ordinals)) == sorted(row["_id"] for row in rows)
    assert list(case_names(phantom_store.db, [])) == []


def test_many_cases_come_each_with_its_pictures_in_the_asked_order(phantom_store):
    names = ["MPX90007", "none", "MPX90000"]
    found = list(documents_of_cases(phantom_store.db, names))
    assert found == [documents_of(phantom_store.db, name) for name in (names[0], names[2])]
