"""Hold the database open for a long-lived application; open it again when its server was gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from medpix2.errors import Medpix2Error, ServerGone
from medpix2.settings import Settings, without_secret
from medpix2.store.database import Store, as_store_errors, open_store


class Holder:
    """Keeps one open database for all requests.

    Parameters
    ----------
    settings
        Home and server.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._store: Store | None = None

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Give the database for one request.

        Raises
        ------
        StoreError
            It cannot be opened, or its server went away; the next request opens it anew.
        """
        url = self.settings.mongo_url
        shown = without_secret(url) if url else "the embedded server"
        store = self._opened()
        try:
            with as_store_errors(shown):
                yield store
        except ServerGone:
            self._forget(store)
            raise

    def close(self) -> None:
        """Let the database go; an embedded server stops when nobody else uses it."""
        with self._lock:
            self._store = None
            # Whatever is wrong with a server that we leave is no concern of ours any more.
            with suppress(Medpix2Error):
                self._stack.close()

    def _opened(self) -> Store:
        with self._lock:
            if self._store is None:
                self._store = self._stack.enter_context(open_store(self.settings, create=False))
            return self._store

    def _forget(self, store: Store) -> None:
        with self._lock:
            if self._store is store:
                self._store = None
                with suppress(Medpix2Error):
                    self._stack.close()
