from __future__ import annotations

from medpix2.store.releases import (
    claim_release,
    forget_claim,
    logged_decisions,
    note_release,
    noted_releases,
)


def test_a_name_is_free_then_left_until_its_release_is_whole(store):
    assert claim_release(store.db, "a") == "free"
    assert claim_release(store.db, "a") == "left"
    assert noted_releases(store.db) == {}
    note_release(store.db, "a", "hash", {"cases": 2, "images": 3})
    assert claim_release(store.db, "a") == "taken"
    noted = noted_releases(store.db)["a"]
    assert (noted["manifest"], noted["counts"]) == ("hash", {"cases": 2, "images": 3})
    assert noted["made"].endswith("+00:00")


def test_a_claim_can_be_taken_back_but_not_a_release(store):
    claim_release(store.db, "a")
    forget_claim(store.db, "a")
    assert claim_release(store.db, "a") == "free"
    note_release(store.db, "a", "hash", {})
    forget_claim(store.db, "a")
    assert list(noted_releases(store.db)) == ["a"]


def test_decisions_come_without_the_ids_of_this_database(store):
    row = {
        "case": "MPX1", "target": "MPX1", "action": "accept", "by": "me", "at": "2026-01-01",
    }  # fmt: skip
    store.db["decisions"].insert_one(dict(row), bypass_document_validation=True)
    assert list(logged_decisions(store.db)) == [row]
