from __future__ import annotations

import random

import pytest

from medpix2.curate.fold import VERSION
from medpix2.pipeline.build import build
from medpix2.store.database import open_store
from medpix2.store.migrate import ensure_schema
from medpix2.store.words import WordWriter, clear_words, make_words, words_stand
from medpix2.store.writing import building

SOME = ["lung", "mass", "no", "left", "tumours.", "renal", "Ménière's", "T2-weighted", ""]


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def rows(store):
    return {row["_id"]: row for row in store.db["words"].find()}


def test_builds_of_changed_sources_leave_what_making_all_anew_would(fresh_home, source):
    chance = random.Random(4)
    for turn in range(8):
        for row in chance.sample(source.cases, 2):
            row["Case"]["Findings"] = " ".join(chance.choices(SOME, k=5))
            row["Topic"]["Title"] = chance.choice(SOME)
        for row in chance.sample(source.images, 3):
            row["Description"]["Caption"] = " ".join(chance.choices(SOME, k=3))
        if turn % 3 == 1:
            source.drop(chance.choice(source.cases)["U_id"])
        if turn % 3 == 2:
            source.case(f"MPX1{turn}", ct=chance.randint(0, 2))
        build(fresh_home, source.write())
        with open_store(fresh_home) as store:
            changed = rows(store)
            make_words(store.db)
            assert rows(store) == changed


def test_a_change_that_leaves_the_texts_writes_nothing(built):
    documents = list(built.current.find())
    writer = WordWriter()
    before = rows(built)
    for document in documents:
        writer.remove(document)
    for document in documents:
        writer.add({**document, "Location": "Elsewhere"})
    built.db["words"].rename("elsewhere")  # nothing is read or written either
    writer.save(built.db)
    built.db["elsewhere"].rename("words", dropTarget=True)
    assert rows(built) == before


def test_changes_may_be_saved_in_any_portions(built, monkeypatch):
    whole = rows(built)
    documents = list(built.current.find())
    random.Random(2).shuffle(documents)
    monkeypatch.setattr("medpix2.store.words.SEGMENT", 4)
    writer = WordWriter()
    clear_words(built.db)
    for document in documents:
        writer.add(document)
        if writer.full:
            writer.save(built.db)
    writer.save(built.db)
    portions = rows(built)
    make_words(built.db)
    anew = rows(built)
    del anew["made with"]
    assert portions == anew
    assert len(portions) > len(whole)  # there were several segments
    for document in documents:
        writer.remove(document)
    writer.save(built.db)
    assert list(rows(built)) == ["made with"]


def test_words_that_were_not_made_to_their_end_do_not_stand(built, monkeypatch):
    assert words_stand(built.db)

    def killed(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_words(built.db, killed)
    assert not words_stand(built.db)
    with building(built.db, VERSION) as everything:
        assert everything
    make_words(built.db)
    assert words_stand(built.db)
    monkeypatch.setattr("medpix2.store.words.MADE_WITH", "another")
    assert not words_stand(built.db)


def test_a_database_of_the_first_schema_gets_its_words(built, fresh_home):
    before = rows(built)
    built.db["words"].drop()
    built.db["state"].update_one({"_id": "schema"}, {"$set": {"version": 1}})
    assert ensure_schema(built.db, fresh_home.home).is_file()
    assert rows(built) == before


def test_what_has_no_texts_has_no_words(fresh_home, source):
    for row in source.cases:
        row["Case"], row["Topic"] = {"Title": ""}, {}
    for row in source.images:
        row["Description"]["Caption"] = None
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert list(rows(store)) == ["made with"]
    assert build(fresh_home, source.write()).unchanged
