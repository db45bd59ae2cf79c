"""Open the database: the embedded server of a home, or the server at an URL."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
)

from medpix2.errors import Medpix2Error, QueryError, ServerGone, StoreError
from medpix2.settings import Settings, without_secret
from medpix2.store.checks import check_room
from medpix2.store.facets import FacetIndex
from medpix2.store.migrate import ensure_schema
from medpix2.store.places import places_of
from medpix2.store.server import open_server
from medpix2.store.writing import pending_of, unfinished, writer_of

_Document = dict[str, Any]
_URL_TIMEOUT_MS = 8000
_SHORT_TIMEOUT_MS = 2000  # for who asks a server that has just answered, and tries again
_OPENING = 86_400.0  # seconds; a migration may take long


@dataclass(frozen=True)
class Store:
    """An open database.

    Attributes
    ----------
    db
        The pymongo database.
    settings
        The settings that it was opened with.
    """

    db: Database[_Document] = field(repr=False)
    settings: Settings

    @property
    def cases(self) -> Collection[_Document]:
        """Source documents of the cases."""
        return self.db["cases"]

    @property
    def images(self) -> Collection[_Document]:
        """Source documents of the images."""
        return self.db["images"]

    @property
    def current(self) -> Collection[_Document]:
        """What the fold made."""
        return self.db["current"]

    def facets(self, *names: str) -> FacetIndex:
        """Read the bitmaps of the named facets, or of all."""
        return FacetIndex.load(self.db, names or None)

    def require_content(self) -> None:
        """Raise a `StoreError` that says what to do if nothing was built, or not to its end."""
        pending = pending_of(self.db)
        writer = writer_of(self.db) if pending else None
        folding = pending.get("folding", False)
        if folding and writer and pending["first"]:
            what = "restored" if "restoring" in pending else "built for the first time"
            raise StoreError(
                f"Database {self.db.name!r} is being {what}", "wait until that has ended"
            )
        if folding and not writer:
            raise unfinished(self.db, pending)
        if self.current.find_one({}, {"_id": 1}) is None:
            raise StoreError(
                f"Database {self.db.name!r} ({self.settings.server}) is empty",
                "fill it with `medpix2 build SOURCE`; `medpix2 build phantom` needs no source",
            )


def has_database(settings: Settings) -> bool:
    """Tell whether there may be a database already: a server at an URL may always have one."""
    return settings.mongo_url is not None or (settings.home / "db").exists()


@contextmanager
def open_store(
    settings: Settings, *, create: bool = True, query_limit: float | None = None
) -> Iterator[Store]:
    """Open the database of these settings for a block.

    `create` says whether collections are made in an empty database; who only reads needs neither
    them nor much room on the disk. `query_limit` is the seconds that one operation may take; with
    it, a server that is gone is not waited for.

    Errors of the driver leave the block as one `StoreError`; no message bears the URL's secret.

    Raises
    ------
    StoreError
        The server cannot be started or reached, or failed; see `medpix2.errors`.
    """
    if settings.mongo_url is None:
        with open_server(settings.home, linger=settings.linger) as server:
            if create:
                check_room(places_of(settings.home))
            try:
                shown = "the embedded server"
                yield from _opened(settings, server.url, shown, create, query_limit)
            except ServerGone as error:  # it may have said why: a full disk, say
                raise server.lost() or error from None
    else:
        shown = without_secret(settings.mongo_url)
        yield from _opened(settings, settings.mongo_url, shown, create, query_limit)


def _opened(
    settings: Settings, url: str, shown: str, create: bool, query_limit: float | None
) -> Iterator[Store]:
    client = _client(url, shown, query_limit)
    try:
        with client, as_store_errors(shown):
            store = Store(client[settings.database], settings)
            if query_limit is not None:
                store.db.command("ping")  # for `_OPENING` would be waited for a server too
            with nullcontext() if query_limit is None else pymongo.timeout(_OPENING):
                ensure_schema(store.db, settings.home, create=create)
            yield store
    except ConfigurationError as error:  # of a mongodb+srv URL that DNS does not know
        raise _bad_url(url, shown, error) from None


@contextmanager
def as_store_errors(shown: str) -> Iterator[None]:
    """Let errors of the driver leave a block as `StoreError`; `shown` is what to call the server.

    A `ConfigurationError` passes: it may quote the URL with its secret.
    """
    try:
        yield
    except ConfigurationError:
        raise
    except OperationFailure as error:
        raise _refused(error, shown) from None
    except NetworkTimeout:
        raise StoreError(
            f"MongoDB at {shown} did not answer in time", "ask a narrower question, or wait"
        ) from None
    except ConnectionFailure as error:
        raise ServerGone(
            f"MongoDB at {shown} cannot be reached or went away",
            f"check that it runs and run the same command again ({_short(error)})",
        ) from None
    except PyMongoError as error:
        raise StoreError(f"MongoDB at {shown} failed", _short(error)) from None


def _client(url: str, shown: str, query_limit: float | None) -> MongoClient[_Document]:
    limits: dict[str, Any] = {"serverSelectionTimeoutMS": _URL_TIMEOUT_MS}
    if query_limit is not None:
        limits = {
            "serverSelectionTimeoutMS": _SHORT_TIMEOUT_MS,
            # Not timeoutMS: it would take the place of limits that a question has of its own.
            # mongod ends a question whose asker has hung up.
            "socketTimeoutMS": int(1000 * query_limit),
            "retryReads": False,
        }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the driver's on options that it does not know
            return MongoClient(url, appname="medpix2", tz_aware=True, **limits)
    except (PyMongoError, ValueError, TypeError, OSError) as error:
        failed = _bad_url(url, shown, error)
    # Raised out here: the driver's exception may have a piece of the password, and stays behind.
    raise failed


def _bad_url(url: str, shown: str, error: Exception) -> StoreError:
    """Return an error with the driver's reason, unless that quotes what may be the password."""
    credentials = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    quoted = any(part in str(error) for part in re.findall(r"\w{3,}", credentials))
    reason = "" if quoted else f" ({_short(error)})"
    return StoreError(
        f"MongoDB URL {shown} cannot be used",
        f"mend it; reserved characters of user and password are written as %40{reason}",
    )


def _refused(error: OperationFailure, shown: str) -> Medpix2Error:
    if error.code in (13, 18):  # Unauthorized, AuthenticationFailed
        return StoreError(
            f"MongoDB at {shown} refused the user or password",
            "check them, and that the user may read and write this database",
        )
    if error.code in (50, 96):  # MaxTimeMSExpired, OperationTimedOut
        return QueryError("The question took too long", "ask a narrower one")
    return StoreError(f"MongoDB at {shown} refused a command", _short(error))


def _short(error: Exception) -> str:
    return (
        (str(error) or type(error).__name__)
        .splitlines()[0]
        .split(" (configured timeouts")[0]
        .split(", full error")[0][:300]
    )
