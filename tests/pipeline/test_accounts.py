from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from medpix2.errors import AccountError, NotFound
from medpix2.pipeline import accounts
from medpix2.pipeline.accounts import add_user, list_users, log_in, remove_user
from medpix2.store.accounts import password_hash_of, session_user
from medpix2.store.database import open_store

PASSWORD = "Grüße an alle"


def test_who_was_added_logs_in_and_who_was_removed_does_not(fresh_home):
    add_user(fresh_home, "ann", "curator", PASSWORD)
    assert [(user.name, user.role) for user in list_users(fresh_home)] == [("ann", "curator")]
    with open_store(fresh_home) as store:
        token = log_in(store, "ann", PASSWORD)
        assert session_user(store.db, token).name == "ann"
        assert log_in(store, "ann", PASSWORD.replace("ü", "u\u0308"))  # the same letters
        for name, password in (("ann", "Grusse an alle"), ("bob", PASSWORD), ("ann", "x" * 10**6)):
            assert log_in(store, name, password) is None
        stored = password_hash_of(store.db, "ann")
    assert stored.startswith("$argon2id$")
    remove_user(fresh_home, "ann")
    with open_store(fresh_home) as store:
        assert log_in(store, "ann", PASSWORD) is None
    with pytest.raises(NotFound):
        remove_user(fresh_home, "ann")


def test_a_hash_of_less_work_is_made_anew_at_the_log_in(fresh_home, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(accounts, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64))
        add_user(fresh_home, "ann", "reader", PASSWORD)
    with open_store(fresh_home) as store:
        weak = password_hash_of(store.db, "ann")
        assert log_in(store, "ann", PASSWORD)
        assert password_hash_of(store.db, "ann") != weak
        assert log_in(store, "ann", PASSWORD)


@pytest.mark.parametrize(("name", "role", "password"), [
    ("", "reader", PASSWORD), ("Ann", "reader", PASSWORD), ("a/b", "reader", PASSWORD),
    ("a" * 65, "reader", PASSWORD), ("ann", "owner", PASSWORD), ("ann", "reader", "short"),
    ("ann", "reader", "x" * 1001), ("ann-the-first", "reader", "ann-the-first"),
])  # fmt: skip
def test_what_cannot_be_used_is_said(fresh_home, name, role, password):
    with pytest.raises(AccountError):
        add_user(fresh_home, name, role, password)


def test_a_name_that_is_taken_is_said(fresh_home, monkeypatch):
    monkeypatch.setattr(accounts, "_hashed", lambda password: password)
    add_user(fresh_home, "ann", "reader", PASSWORD)
    with pytest.raises(AccountError, match="--replace"):
        add_user(fresh_home, "ann", "curator", PASSWORD)
    add_user(fresh_home, "ann", "curator", PASSWORD, replace=True)
    assert list_users(fresh_home)[0].role == "curator"
