from __future__ import annotations

import hashlib

import pytest

from medpix2.errors import QueryError, StoreError
from medpix2.pipeline.build import build
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.find import find
from medpix2.pipeline.folding import refold
from medpix2.store.database import open_store
from medpix2.store.facets import Filters

CHOICES = {
    "everything": (Filters(), ""),
    "a facet": (Filters({"modality": ["mr"]}), ""),
    "a facet of cases": (Filters({"split": ["train"]}), ""),
    "any status": (Filters({"status": ["accepted", "excluded"]}), ""),
    "age": (Filters({}, (30, 50)), ""),
    "text": (Filters({"modality": ["CT"]}), "patient"),
}


def bare(document):
    """Return a document less what only the database needs."""
    meta = {k: v for k, v in document["meta"].items() if k not in ("n", "c", "inputs")}
    return {**document, "meta": meta}


@pytest.mark.parametrize("choice", CHOICES)
def test_content_is_what_find_finds_in_the_order_of_ids(phantom_store, choice):
    filters, text = CHOICES[choice]
    found = find(phantom_store, text, filters, limit=10_000)
    expected = {
        match.case["_id"]: (
            bare(match.case),
            [
                bare(image)
                for image in sorted(match.images, key=lambda image: image["meta"]["n"])
                if image["meta"]["file"]
            ],
        )
        for match in found.matches
        if match.case
    }
    content = StoreContent(phantom_store, filters, text)
    assert content.name == "phantom"
    given = [(case.document, [p.document for p in case.pictures]) for case in content.cases()]
    assert given == [expected[name] for name in sorted(expected)]
    assert given


def test_every_picture_lies_where_it_is_said(phantom_store):
    pictures = [p for case in StoreContent(phantom_store).cases() for p in case.pictures]
    assert len(pictures) > 50
    for picture in pictures:
        content = picture.path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == picture.document["meta"]["file"]["sha256"]


def test_linked_pictures_are_given_where_they_lie(fresh_home, source):
    folder = source.write()
    build(fresh_home, folder, link=True)
    with open_store(fresh_home) as store:
        paths = {p.path for case in StoreContent(store).cases() for p in case.pictures}
    assert {str(path.parent) for path in paths} == {f"{folder}/images"}
    assert len(paths) == 9


def test_a_case_without_pictures_is_given_and_a_picture_without_file_left_out(fresh_home, source):
    path = source.folder / "images" / "MPX3_ct0.png"
    source.write()
    path.unlink()
    build(fresh_home, str(source.folder))
    with open_store(fresh_home) as store:
        every = Filters({"status": ["accepted", "excluded"]})
        given = {c.document["_id"]: len(c.pictures) for c in StoreContent(store, every).cases()}
    assert given == {"MPX1": 3, "MPX2": 2, "MPX3": 0, "MPX4": 0, "MPX5": 3}


def test_each_iteration_begins_anew_with_what_then_stands_there(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        content = StoreContent(store)
        assert len(list(content.cases())) == len(list(content.cases())) == 5
        source.case("MPX6", ct=1)
        build(fresh_home, source.write())
        assert [case.document["_id"] for case in content.cases()][-1] == "MPX6"


def test_a_value_that_does_not_exist_and_an_empty_database_are_refused(phantom_store, store):
    with pytest.raises(QueryError, match="No picture has the sex"):
        next(StoreContent(phantom_store, Filters({"sex": ["x"]})).cases())
    with pytest.raises(StoreError, match="is empty"):
        next(StoreContent(store).cases())


def test_many_batches_are_one_sequence(phantom_store, monkeypatch):
    whole = [case.document["_id"] for case in StoreContent(phantom_store).cases()]
    monkeypatch.setattr("medpix2.pipeline.content.BATCH", 7)
    assert [case.document["_id"] for case in StoreContent(phantom_store).cases()] == whole


def test_what_is_accepted_comes_without_the_cases_that_are_pending(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        store.db["findings"].insert_one(
            {
                "case": "MPX1", "target": "MPX1", "rule": "name-in-text", "version": 1,
                "severity": "review", "message": "a name",
            }
        )  # fmt: skip
        refold(store, ["MPX1"])
        every = {case.document["U_id"]: len(case.pictures) for case in StoreContent(store).cases()}
        accepted = StoreContent(store, Filters({"status": ["accepted"]}))
        kept = {case.document["U_id"]: len(case.pictures) for case in accepted.cases()}
        assert every["MPX1"] == 3
        assert kept == {name: n for name, n in every.items() if name != "MPX1"}
