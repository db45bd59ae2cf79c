"""Hold the database open for a long-lived application; open it again when its server was gone."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from medpix2.errors import Medpix2Error, ServerGone
from medpix2.settings import Settings, without_secret
from medpix2.store.database import Store, as_store_errors, open_store
from medpix2.store.places import places_of
from medpix2.store.start import read_socket

QUERY_LIMIT = 10.0  # seconds that one operation of the database may take


class Holder:
    """Keeps one open database for all requests.

    An embedded server that went away is noticed before it is asked, and started again: then only
    the requests that were under way fail.

    Parameters
    ----------
    settings
        Home and server.
    query_limit
        Seconds that one operation of the database may take.
    """

    def __init__(self, settings: Settings, query_limit: float = QUERY_LIMIT) -> None:
        self.settings, self._query_limit = settings, query_limit
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._store: Store | None = None
        self._line: socket.socket | None = None

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
        except ServerGone as error:
            self._forget(store)
            raise ServerGone(
                f"The database went away ({shown})", "try again in a moment"
            ) from error

    def open_soon(self) -> None:
        """Begin to open the database; whoever asks meanwhile waits for it."""
        threading.Thread(target=self._try, daemon=True).start()

    def _try(self) -> None:
        with suppress(Medpix2Error):  # the first request meets it again, and says it
            self._opened()

    def close(self) -> None:
        """Let the database go; an embedded server stops when nobody else uses it."""
        with self._lock:
            self._let_go()

    def _opened(self) -> Store:
        with self._lock:
            if self._store is not None and _hung_up(self._line):
                self._let_go()
            if self._store is None:
                opened = open_store(self.settings, create=False, query_limit=self._query_limit)
                self._store = self._stack.enter_context(opened)
                self._line = _line_to(self.settings)
            return self._store

    def _forget(self, store: Store) -> None:
        with self._lock:
            if self._store is store:
                self._let_go()

    def _let_go(self) -> None:
        self._store = None
        if self._line is not None:
            self._line.close()
            self._line = None
        # Whatever is wrong with a server that we leave is no concern of ours any more.
        with suppress(Medpix2Error):
            self._stack.close()


def _line_to(settings: Settings) -> socket.socket | None:
    """Return a silent connection to the embedded server: it ends when the server does."""
    if settings.mongo_url is not None:
        return None
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(str(read_socket(places_of(settings.home))))
    except OSError:  # it has just gone; who asks it will see
        line.close()
        return None
    return line


def _hung_up(line: socket.socket | None) -> bool:
    """Tell whether the other side of a silent connection has ended; costs microseconds."""
    if line is None:
        return False
    poll = select.poll()  # as `select` does, but for any number of open files
    poll.register(line, select.POLLIN)
    return bool(poll.poll(0))
