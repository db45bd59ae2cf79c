from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError, WriteError

from medpix2.pipeline.build import build
from medpix2.records import Credit, Provenance
from medpix2.store.database import open_store
from medpix2.store.shape import INDEXES, SHOWN, VALIDATORS, VIEWS, ensure_shape


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def shape_of(db):
    kept = ("validator", "viewOn", "pipeline")
    found = {
        info["name"]: {key: info["options"].get(key) for key in kept}
        for info in db.list_collections()
    }
    indexes = {name: set(db[name].index_information()) for name in INDEXES}
    return found, indexes


def test_an_opened_database_has_every_collection_index_and_view(store):
    options, indexes = shape_of(store.db)
    assert set(options) == {*INDEXES, *VIEWS, "system.views"}
    for name, validator in VALIDATORS.items():
        assert options[name]["validator"] == validator
    assert "texts" in indexes["current"]
    assert indexes["images"] == {"_id_", "image_1", "U_id_1", "source.origin_1__id_1"}


def test_the_shape_can_be_ensured_again(built):
    before = shape_of(built.db)
    ensure_shape(built.db)
    ensure_shape(built.db)
    assert shape_of(built.db) == before


def test_what_was_changed_or_dropped_is_mended(built):
    before = shape_of(built.db)
    built.db.command("collMod", "images", validator={})
    built.db.command("collMod", "Image_Reports", viewOn="images", pipeline=[])
    built.db["Clinical_Reports"].drop()
    built.db["cases"].drop_index("U_id_1")
    built.db["current"].drop_index("texts")
    ensure_shape(built.db)
    assert shape_of(built.db) == before
    assert built.db["Image_Reports"].count_documents({}) == 9


@pytest.mark.parametrize(
    ("collection", "change"),
    [
        ("images", {"$set": {"Type": "X-ray"}}),
        ("images", {"$set": {"Description.Age": 42}}),
        ("images", {"$set": {"image": "another"}}),
        ("images", {"$unset": {"source": 1}}),
        ("images", {"$unset": {"digest": 1}}),
        ("images", {"$set": {"source": {"site": "published"}}}),
        ("images", {"$set": {"source.gone": "yes"}}),
        ("cases", {"$set": {"source.credits": ["Jo Doe"]}}),
        ("cases", {"$set": {"source.partial": "topic"}}),
        ("cases", {"$set": {"TAC": "MPX1_ct0"}}),
        ("cases", {"$set": {"TAC": [1]}}),
        ("cases", {"$set": {"Case": "none"}}),
        ("cases", {"$set": {"Case.Title": ["a"]}}),
        ("cases", {"$unset": {"U_id": 1}}),
    ],
)
def test_a_wrong_document_is_refused(built, collection, change):
    with pytest.raises(WriteError, match="failed validation"):
        built.db[collection].update_one({}, change)


def test_provenance_of_every_kind_is_accepted(built):
    source = Provenance(
        site="openi", name="x", encounter_uuid="e", topic_uuid="t", licence="CC BY-NC-ND",
        credits=(Credit(role="author", name="Jo Doe"),), partial=("topic",), gone=True, raw="{}",
        retrieved="2026-11-25T00:00:00Z", snapshot="s", origin="o",
    )  # fmt: skip
    for stored in (source.model_dump(), source.model_dump(exclude_none=True)):
        assert built.db["cases"].update_one({}, {"$set": {"source": stored}}).modified_count == 1


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("findings", {"target": "MPX1", "rule": "r", "version": 1, "severity": "bad",
                      "message": "m"}),
        ("findings", {"target": "MPX1", "rule": "r", "severity": "note", "message": "m"}),
        ("decisions", {"target": "MPX1", "action": "delete", "by": "me", "at": "2026-01-01"}),
        ("decisions", {"target": "MPX1", "action": "accept", "at": "2026-01-01"}),
    ],
)  # fmt: skip
def test_a_wrong_finding_or_decision_is_refused(store, collection, document):
    with pytest.raises(WriteError, match="failed validation"):
        store.db[collection].insert_one(document)


def test_a_key_that_nobody_knows_is_kept(built):
    built.db["cases"].update_one({"_id": "MPX1"}, {"$set": {"Case.Further": "text"}})
    assert built.db["cases"].find_one({"_id": "MPX1"})["Case"]["Further"] == "text"


def test_an_ordinal_is_given_once(built):
    taken = built.current.find_one({"_id": "MPX1_ct0"})["meta"]["n"]
    with pytest.raises(DuplicateKeyError):
        built.current.update_one({"_id": "MPX2_mr0"}, {"$set": {"meta.n": taken}})


def test_views_show_accepted_and_pending_alone(built):
    assert SHOWN == ("accepted", "pending")
    for name, status in (
        ("MPX1_ct0", "pending"), ("MPX1_ct1", "excluded"), ("MPX1_mr0", "withdrawn"),
    ):  # fmt: skip
        built.current.update_one({"_id": name}, {"$set": {"meta.status": status}})
    for view in ("Image_Descriptions", "Image_Reports"):
        shown = {row["image"] for row in built.db[view].find({"U_id": "MPX1"})}
        assert shown == {"MPX1_ct0"}


def test_a_picture_without_a_case_has_no_report_in_the_joining_view(fresh_home, source):
    source.image("MPX9", "ct0")
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        store.current.update_one({"_id": "MPX9_ct0"}, {"$set": {"meta.status": "accepted"}})
        row = store.db["Image_Reports"].find_one({"_id": "MPX9_ct0"})
        assert "Case" not in row
        assert "Topic" not in row


def test_the_texts_language_is_not_taken_from_a_document(fresh_home, source):
    source.found("MPX1")["language"] = "klingon"
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert store.current.count_documents({"$text": {"$search": "cough"}}) == 5
