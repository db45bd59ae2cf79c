from __future__ import annotations

from dataclasses import replace

from medpix2.pipeline.build import build
from medpix2.pipeline.folding import refold
from medpix2.store.current import case_ids, clear_current, read_inputs
from medpix2.store.database import open_store

DECISION = {"target": "MPX1", "case": "MPX1", "action": "accept", "by": "ann", "at": "2026-01-01"}


def ordinals(store):
    return {row["_id"]: (row["meta"]["n"], row["meta"]["c"]) for row in store.current.find()}


def test_every_case_that_documents_name_is_folded_once(fresh_home, source):
    source.image("MPX0", "ct0")
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        assert list(case_ids(store.db)) == ["MPX0", "MPX1", "MPX2", "MPX3", "MPX4", "MPX5"]


def test_the_pictures_of_a_case_are_in_the_order_in_which_it_lists_them(fresh_home, source):
    source.found("MPX1")["TAC"].reverse()
    source.image("MPX1", "zz")
    source.image("MPX1", "aa")
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        images = read_inputs(store.db, ["MPX1"])[0].images
    names = ["MPX1_ct1", "MPX1_ct0", "MPX1_mr0", "MPX1_aa", "MPX1_zz"]
    assert [image["_id"] for image in images] == names


def test_the_digest_of_the_inputs_changes_with_each_of_them(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        given = read_inputs(store.db, ["MPX1"])[0]
        store.db["decisions"].insert_one(dict(DECISION))
        decided = read_inputs(store.db, ["MPX1"])[0]
    others = [
        decided,
        replace(given, case={**given.case, "digest": "another"}),
        replace(given, case=None),
        replace(given, images=given.images[:2]),
        replace(given, findings=[{"_id": 1}]),
    ]
    digests = {given.digest(1), given.digest(2), *(other.digest(1) for other in others)}
    assert len(digests) == 7
    assert given.digest(1) == replace(given).digest(1)


def test_a_case_keeps_its_ordinals_as_long_as_its_pictures_stay(fresh_home, source, facets_agree):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        before = ordinals(store)
        source.found("MPX1_ct0")["Location"] = "Elsewhere"
        source.found("MPX3")["Case"]["Title"] = "Another"
        build(fresh_home, source.write())
        assert ordinals(store) == before
        source.found("MPX2")["TAC"].append(source.image("MPX2", "ct0"))
        build(fresh_home, source.write())
        after = ordinals(store)
        moved = {name for name, place in after.items() if place != before.get(name)}
        assert moved == {"MPX2", "MPX2_ct0", "MPX2_mr0", "MPX2_mr1"}
        highest = max(n for n, _ in before.values())
        assert all(after[name][0] > highest for name in moved)  # none is used twice
        facets_agree(store)


def test_current_and_facets_can_be_dropped_and_made_anew(
    fresh_home, source, contents_of, facets_agree
):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        before = contents_of(store)
        clear_current(store.db)
        assert store.current.count_documents({}) == 0
        written = refold(store)
        assert (written.new, written.changed, written.gone) == (14, 0, 0)
        assert contents_of(store) == before
        facets_agree(store)


def test_folding_again_writes_nothing(fresh_home, source, contents_of):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        before = contents_of(store)
        written = refold(store, ["MPX1", "MPX2", "MPX4", "no such case"])
        assert (written.new, written.changed, written.gone, written.same) == (0, 0, 0, 8)
        assert contents_of(store) == before
