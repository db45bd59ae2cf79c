"""The embedded MongoDB server of a home: started on demand, shared, stopped when unused.

Who wants it passes the home's gate, leaves its name as a user, and finds the server running,
takes over one whose keeper was killed, or has a keeper start one (`keeper` has the rules of the
locks). The keeper stops it when the last user has been gone for `linger` seconds; `start_server`
pins it until `stop_server`. mongod listens on a socket that only its owner reaches, and on
127.0.0.1 if a port is asked for.

After a kill -9: of a user, the kernel frees its lock and the keeper sees it gone; of mongod, the
keeper leaves and the next user starts another, which replays its journal; of the keeper, the next
who comes or goes gives mongod a new one.
"""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from medpix2.errors import DiskFull, NoServer, ServerError
from medpix2.store.checks import check_port
from medpix2.store.keeper import PATIENCE, try_lock, unlock, write_record
from medpix2.store.mongod import USE_URL, Finder, find_mongod
from medpix2.store.ping import Answer, ask, end_server, port_users, socket_url
from medpix2.store.places import Places, cannot_write, places_of, prepare
from medpix2.store.start import (
    Start,
    held_db,
    kill_orphan,
    last_words,
    read_socket,
    record_of,
    runs_here,
    settle,
    start,
    wait_gone,
)
from medpix2.store.users import (
    Membership,
    ServerUser,
    refuse_if_used,
    register,
    through_gate,
    users_of,
)

__all__ = [
    "EmbeddedServer",
    "ServerStatus",
    "ServerUser",
    "open_server",
    "server_status",
    "start_server",
    "stop_server",
]

HANG_LIMIT = 10.0  # seconds after which `stop_server` takes a server for hung
KILL_AFTER = 30.0  # seconds that `stop_server(force=True)` waits before it kills


@dataclass(frozen=True)
class ServerStatus:
    """What runs in a home.

    Attributes
    ----------
    running
        Whether a server answers.
    pid, version, socket, port
        Of the running server; the port only if it listens on one.
    pinned
        Whether it stays when nobody uses it.
    users
        The commands that use it, oldest first.
    data_bytes
        What the data take on disk.
    """

    running: bool
    pid: int | None
    version: str | None
    socket: Path | None
    port: int | None
    pinned: bool
    users: tuple[ServerUser, ...]
    data_bytes: int


class EmbeddedServer:
    """A use of the embedded server, which runs at least until `close`; made by `open_server`."""

    def __init__(self, places: Places, membership: Membership, linger: float, socket: Path) -> None:
        self._places = places
        self._membership = membership
        self._linger = linger
        self.socket = socket

    @property
    def url(self) -> str:
        """The URL for pymongo."""
        return socket_url(self.socket)

    def close(self) -> None:
        """Leave the server; it stops soon after the last has left. May be called again."""
        if self._membership.leave():
            # Where the keeper was killed, nobody would stop mongod: see that there is one.
            with (
                contextlib.suppress(ServerError, DiskFull, OSError),
                through_gate(self._places, limit=0),
            ):
                lock = try_lock(self._places.keeper_lock)
                if lock is not None:
                    unlock(lock)
                    settle(self._places, self._linger, limit=0.1)

    def lost(self) -> ServerError | DiskFull | None:
        """Return why the server is gone, or None if it answers; for who met a broken connection."""
        return None if ask(self.socket) else last_words(self._places)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_server(home: Path, *, linger: float = 1.0, find: Finder = find_mongod) -> EmbeddedServer:
    """Join the server of a home, started if it does not run.

    Parameters
    ----------
    home
        Folder of the database; made where it is missing.
    linger
        Seconds that the server waits for a next user before it stops.
    find
        Returns the mongod to run.

    Raises
    ------
    ServerError, DiskFull
        Or one of the kinds of the first: see `medpix2.errors`.
    """
    places = _ready(home)
    with through_gate(places):
        membership = register(places, linger)
        try:
            if settle(places, linger) is None:
                start(places, Start(linger, find=find))
        except BaseException:
            membership.leave()
            raise
        return EmbeddedServer(places, membership, linger, read_socket(places))


def start_server(
    home: Path, *, port: int | None = None, linger: float = 1.0, find: Finder = find_mongod
) -> ServerStatus:
    """Start the server of a home and let it run until `stop_server`.

    Parameters
    ----------
    port
        Loopback port for other clients. A server that runs without it, or with another, is
        restarted if nobody uses it.

    Raises
    ------
    ServerInUse
        A running server would have to be restarted, and is used.
    ServerError, DiskFull
        Or one of the kinds of the first: see `medpix2.errors`.
    """
    places = _ready(home)
    with through_gate(places):
        answer = settle(places, linger)
        if answer and port is not None and record_of(places).get("port") != port:
            check_port(port)  # before the server that runs is ended for nothing
            refuse_if_used(places, _all_users(places), f"restarted with port {port}")
            _end(places, answer.pid, force=False)
            answer = None
        if answer is None:
            start(places, Start(linger, port, pinned=True, find=find))
        else:
            _pin(places)
    return server_status(home)


def stop_server(home: Path, *, force: bool = False) -> bool:
    """Stop the server of a home; return False if none ran.

    Parameters
    ----------
    force
        Stop it also if it is used, and kill it where it does not end.

    Raises
    ------
    ServerInUse
        It is used, and `force` is not given.
    ServerError
        It does not end.
    """
    places = places_of(home)
    if not places.gate.exists():
        return False
    places = _ready(home)
    with through_gate(places):
        pid = _running_pid(places)
        if pid is None:
            return False
        if not force:
            refuse_if_used(places, _all_users(places), "stopped")
        _end(places, pid, force)
    return True


def server_status(home: Path) -> ServerStatus:
    """Return what runs in a home; starts and makes nothing."""
    places = places_of(home)
    record = record_of(places)
    answer: Answer | None = None
    if record and os.name == "posix":
        answer = ask(read_socket(places))
    return ServerStatus(
        running=answer is not None,
        pid=answer.pid if answer else None,
        version=answer.version if answer else None,
        socket=read_socket(places) if answer else None,
        port=record.get("port") if answer else None,
        pinned=bool(record.get("pinned")) if answer else False,
        users=_all_users(places) if answer else users_of(places),
        data_bytes=_size(places.db),
    )


def _ready(home: Path) -> Places:
    if os.name != "posix":
        raise NoServer("The embedded MongoDB server does not run on this system", USE_URL)
    places = places_of(home)
    kill_orphan(places)
    prepare(places)
    return places


def _all_users(places: Places) -> tuple[ServerUser, ...]:
    port = record_of(places).get("port")
    return users_of(places) + (port_users(read_socket(places), port) if port else ())


def _pin(places: Places) -> None:
    try:
        write_record(places.record, {**record_of(places), "pinned": True})
    except OSError as error:
        raise cannot_write(places.record, error) from None


def _running_pid(places: Places) -> int | None:
    try:
        answer = settle(places, linger=0, limit=HANG_LIMIT)
    except ServerError:  # it hangs; to stop it is the cure
        return held_db(places) or record_of(places).get("pid")
    return answer.pid if answer else None


def _end(places: Places, pid: int, force: bool) -> None:
    here = runs_here(pid, places)
    if not end_server(read_socket(places)) and here:
        _send(pid, signal.SIGTERM)
    if wait_gone(places, KILL_AFTER if force else PATIENCE):
        return
    if force and here:
        _send(pid, signal.SIGKILL)
        if wait_gone(places, KILL_AFTER):
            return
    raise ServerError(f"mongod of {places.home} (process {pid}) does not end", "kill it by hand")


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # mongod removes files as we look
            total += path.lstat().st_blocks * 512
    return total
