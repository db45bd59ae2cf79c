"""Users of the web application: add, list, remove, log in. Passwords are hashed with argon2id."""

from __future__ import annotations

import re
import secrets
import threading
import unicodedata
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from medpix2.errors import AccountError, NotFound
from medpix2.settings import Settings
from medpix2.store import accounts
from medpix2.store.accounts import ROLES, Role, User
from medpix2.store.database import Store, open_store

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 1000  # characters of a password
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_AT_ONCE = threading.Semaphore(2)  # each hash takes 64 MiB and a core


def add_user(
    settings: Settings, name: str, role: str, password: str, *, replace: bool = False
) -> User:
    """Let somebody log in.

    Parameters
    ----------
    name
        Small letters, digits and ``. _ @ -``, at most 64.
    role
        `reader` or `curator`.
    password
        At least `SHORTEST` characters.
    replace
        Give a user that exists this role and password; they have to log in again.

    Raises
    ------
    AccountError
        A name, role or password that cannot be used, or a name that is taken.
    """
    if not _NAME.fullmatch(name):
        raise AccountError(
            f"User name {name!r} cannot be used", "use small letters, digits, and . _ @ - inside"
        )
    if role not in ROLES:
        raise AccountError(f"There is no role {role!r}", f"use {' or '.join(ROLES)}")
    known: Role = "curator" if role == "curator" else "reader"
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError(
            f"The password of {name} has {len(password)} characters",
            f"use {SHORTEST} to {LONGEST}",
        )
    if _plain(password) == _plain(name):
        raise AccountError(f"The password of {name} is the name", "use another one")
    user = User(name, known, datetime.now(UTC).replace(microsecond=0))
    with open_store(settings) as store:
        if not accounts.put_user(store.db, user, _hashed(password), replace=replace):
            raise AccountError(f"There is a user {name!r} already", "give --replace to change it")
    return user


def list_users(settings: Settings) -> list[User]:
    """Return all users by name."""
    with open_store(settings, create=False) as store:
        return accounts.all_users(store.db)


def remove_user(settings: Settings, name: str) -> None:
    """Remove a user and end the sessions.

    Raises
    ------
    NotFound
        There is none of this name.
    """
    with open_store(settings, create=False) as store:
        if not accounts.drop_user(store.db, name):
            raise NotFound(f"There is no user {name!r}", "see `medpix2 users list`")


def log_in(store: Store, name: str, password: str) -> str | None:
    """Begin a session; return its token, or None for a wrong name or password.

    Both take the same time, so that nobody learns which names there are.
    """
    found = accounts.password_hash_of(store.db, name)
    if not _fits(found or _nobody(), password) or found is None:
        return None
    if _hasher().check_needs_rehash(found):
        accounts.renew_hash(store.db, name, found, _hashed(password))
    token = secrets.token_urlsafe(32)
    accounts.begin_session(store.db, token, name)
    return token


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()  # argon2id with the parameters of RFC 9106 for little memory


@cache
def _nobody() -> str:
    return _hashed(secrets.token_urlsafe())


def _hashed(password: str) -> str:
    with _AT_ONCE:
        return _hasher().hash(_plain(password))


def _fits(password_hash: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _AT_ONCE:
            return _hasher().verify(password_hash, _plain(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False


def _plain(password: str) -> bytes:
    """Return a password as bytes, the same for all ways of typing its letters (RFC 8265)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
