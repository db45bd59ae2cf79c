from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from medpix2.store import accounts
from medpix2.store.accounts import (
    User,
    all_users,
    begin_session,
    drop_user,
    end_session,
    password_hash_of,
    put_user,
    renew_hash,
    session_user,
)

SINCE = datetime(2026, 1, 2, tzinfo=UTC)
ANN, BOB = User("ann", "curator", SINCE), User("bob", "reader", SINCE)


@pytest.fixture
def db(store):
    for user in (BOB, ANN):
        assert put_user(store.db, user, f"hash of {user.name}", replace=False)
    return store.db


def test_users_come_by_name_without_their_hashes(db):
    assert all_users(db) == [ANN, BOB]
    assert password_hash_of(db, "ann") == "hash of ann"
    assert password_hash_of(db, "nobody") is None


def test_a_name_that_is_taken_changes_only_where_that_is_asked(db):
    other = User("ann", "reader", SINCE)
    begin_session(db, "token", "ann")
    assert not put_user(db, other, "new", replace=False)
    assert session_user(db, "token") == ANN
    assert put_user(db, other, "new", replace=True)
    assert all_users(db)[0] == other
    assert session_user(db, "token") is None


def test_a_session_ends_by_itself_by_the_log_out_and_with_the_user(db, monkeypatch):
    for token in ("a", "b"):
        begin_session(db, token, "bob")
        assert session_user(db, token) == BOB
    end_session(db, "a")
    assert session_user(db, "a") is None
    assert session_user(db, "b") == BOB
    monkeypatch.setattr(accounts, "SESSION", timedelta(0))
    begin_session(db, "c", "bob")
    assert session_user(db, "c") is None
    assert drop_user(db, "bob")
    assert not drop_user(db, "bob")
    assert session_user(db, "b") is None
    assert db["sessions"].count_documents({"user": "bob"}) == 0


def test_no_token_stands_in_the_database(db):
    begin_session(db, "the-token", "ann")
    rows = list(db["sessions"].find())
    assert len(rows) == 1
    assert "the-token" not in json.dumps(rows, default=str)


def test_a_hash_is_renewed_unless_the_password_has_changed(db):
    renew_hash(db, "ann", "hash of ann", "newer")
    renew_hash(db, "ann", "hash of ann", "newest")
    assert password_hash_of(db, "ann") == "newer"
