from __future__ import annotations

from medpix2.store.documents import (
    Stored,
    digest_of,
    mark_gone,
    store_documents,
    store_dropped,
    taken_ids,
)


def image(name, case="MPX1", origin="/a", **more):
    document = {
        "_id": name, "image": name, "U_id": case, "Type": "CT",
        "source": {"site": "published", "name": "a", "origin": origin}, **more,
    }  # fmt: skip
    return {**document, "digest": digest_of(document)}


def test_a_digest_is_of_all_values_and_their_kinds():
    one = {"a": 1, "b": {"c": "text"}}
    assert digest_of(one) == digest_of({"a": 1, "b": {"c": "text"}})
    others = ({"a": 1.0, "b": {"c": "text"}}, {"a": 1, "b": {"c": "Text"}}, {"a": 1})
    assert digest_of(one) not in {digest_of(other) for other in others}


def test_new_changed_and_unchanged_documents_are_told_apart(store):
    stored = Stored()
    store_documents(store.images, [image("A"), image("B")], stored, fresh=True)
    assert (stored.new, stored.changed, stored.same) == (2, 0, 0)
    stored = Stored()
    batch = [image("A"), image("B", Location="Brain"), image("C", "MPX2")]
    store_documents(store.images, batch, stored, fresh=False)
    assert (stored.new, stored.changed, stored.same) == (1, 1, 1)
    assert stored.touched == {"MPX1", "MPX2"}
    assert stored.bereft == set()
    assert {row["_id"]: row for row in store.images.find()} == {row["_id"]: row for row in batch}


def test_a_case_that_loses_a_picture_to_another_is_known(store):
    store_documents(store.images, [image("A"), image("B")], Stored(), fresh=True)
    stored = Stored()
    store_documents(store.images, [image("A", "MPX2"), image("B")], stored, fresh=False)
    assert (stored.touched, stored.bereft) == ({"MPX2"}, {"MPX1"})


def test_what_a_source_gives_no_more_is_marked_and_what_others_gave_is_not(store):
    batch = [image("A"), image("B", "MPX2"), image("C", origin="/b")]
    store_documents(store.images, batch, Stored(), fresh=True)
    assert mark_gone(store.db, "/a", (set(), {"A"})) == {"MPX2"}
    gone = {row["_id"]: row["source"].get("gone", False) for row in store.images.find()}
    assert gone == {"A": False, "B": True, "C": False}
    marked = store.images.find_one({"_id": "B"})
    digest = marked.pop("digest")
    assert digest == digest_of(marked)
    assert mark_gone(store.db, "/a", (set(), {"A"})) == set()


def test_nothing_is_marked_where_it_is_not_known_what_the_source_gives(store):
    store_documents(store.images, [image("A")], Stored(), fresh=True)
    assert mark_gone(store.db, "/a", (set(), None)) == set()
    assert store.images.count_documents({"source.gone": True}) == 0


def test_dropped_documents_take_the_place_of_earlier_ones_of_their_file(store):
    def row(origin, index=3):
        return {"index": index, "reason": "no id", "raw": origin}

    for origin, file in (("/a", "x"), ("/a", "y"), ("/b", "x")):
        store_dropped(store.db, origin, file, [row(origin)])
    store_dropped(store.db, "/a", "x", [row("/a", 5)])
    store_dropped(store.db, "/a", "y", [])
    kept = sorted((row["origin"], row["file"], row["index"]) for row in store.db["dropped"].find())
    assert kept == [("/a", "x", 5), ("/b", "x", 3)]


def test_dropped_documents_of_a_source_that_was_moved_stand_once(store):
    rows = [{"index": 3, "reason": "no id", "raw": "{}"}]
    store_dropped(store.db, "/a", "x", rows)
    store_dropped(store.db, "/b", "x", [dict(row) for row in rows])
    assert [row["origin"] for row in store.db["dropped"].find()] == ["/b"]


def test_ids_that_are_taken_are_found(store):
    store_documents(store.images, [image("A"), image("B")], Stored(), fresh=True)
    assert taken_ids(store.images, ["B", "C"]) == {"B"}
