"""The people who may log in, and their sessions.

`users` has name, role and the hash of the password; `sessions` the SHA-256 of each token, so that
neither collection lets its reader in.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

Role = Literal["reader", "curator"]
ROLES: tuple[Role, ...] = get_args(Role)
SESSION = timedelta(hours=12)  # a session ends then, whatever is done in it

_Database = Database[dict[str, Any]]


@dataclass(frozen=True)
class User:
    """One who may log in: readers read, curators also decide."""

    name: str
    role: Role
    since: datetime


def put_user(db: _Database, user: User, password_hash: str, *, replace: bool) -> bool:
    """Store a user; return False, and change nothing, if the name is taken and not replaced.

    Whoever is replaced has to log in again.
    """
    row = {"_id": user.name, "role": user.role, "since": user.since, "password": password_hash}
    if replace:
        db["users"].replace_one({"_id": user.name}, row, upsert=True)
        db["sessions"].delete_many({"user": user.name})
        return True
    try:
        db["users"].insert_one(row)
    except DuplicateKeyError:
        return False
    return True


def all_users(db: _Database) -> list[User]:
    """Return all users by name."""
    return [_user(row) for row in db["users"].find({}, {"password": 0}, sort=[("_id", 1)])]


def drop_user(db: _Database, name: str) -> bool:
    """Remove a user and end the sessions; return whether there was one."""
    found = db["users"].delete_one({"_id": name}).deleted_count
    db["sessions"].delete_many({"user": name})
    return bool(found)


def password_hash_of(db: _Database, name: str) -> str | None:
    """Return the hash of a user's password, or None."""
    row = db["users"].find_one({"_id": name}, {"password": 1})
    return None if row is None else str(row["password"])


def renew_hash(db: _Database, name: str, old: str, new: str) -> None:
    """Exchange the hash of a password, unless it has changed."""
    db["users"].update_one({"_id": name, "password": old}, {"$set": {"password": new}})


def begin_session(db: _Database, token: str, name: str) -> None:
    """Store a session of a user; those that have run out are forgotten."""
    now = datetime.now(UTC)
    db["sessions"].delete_many({"expires": {"$lt": now}})
    db["sessions"].insert_one({"_id": _digest(token), "user": name, "expires": now + SESSION})


def session_user(db: _Database, token: str) -> User | None:
    """Return whose session a token opens, as the user is now; None if it opens none."""
    now = datetime.now(UTC)
    session = db["sessions"].find_one({"_id": _digest(token), "expires": {"$gt": now}})
    row = session and db["users"].find_one({"_id": session["user"]}, {"password": 0})
    return _user(row) if row else None


def end_session(db: _Database, token: str) -> None:
    """Forget a session."""
    db["sessions"].delete_one({"_id": _digest(token)})


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _user(row: dict[str, Any]) -> User:
    return User(str(row["_id"]), row["role"], row["since"])
