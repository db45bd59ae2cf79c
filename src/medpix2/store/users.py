"""Who uses the embedded server of a home, and the gate that they pass one at a time."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
import time
import uuid
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medpix2.errors import ServerError, ServerInUse
from medpix2.settings import without_secret
from medpix2.store.keeper import live_users, try_lock, unlock
from medpix2.store.places import Places, cannot_write

GATE_LIMIT = 60.0  # seconds to wait for another command to start or stop the server
SHOWN = 120  # characters of a command that are shown


@dataclass(frozen=True)
class ServerUser:
    """One who uses the embedded server."""

    pid: int
    command: str
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid} ({self.command})" if self.pid else self.command


class Membership:
    """This process as a user of the server, until `leave` or the end of the process."""

    def __init__(self, path: Path, fd: int) -> None:
        self._path = path
        self._fd: int | None = fd
        _memberships.add(self)

    def leave(self) -> bool:
        """Stop being a user; return whether this did it."""
        fd, self._fd = self._fd, None
        if fd is None:
            return False
        self._path.unlink(missing_ok=True)
        unlock(fd)
        return True

    def _forget(self) -> None:
        # A forked child is no user: it must neither leave for its parent nor outlive it as one.
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


_memberships: weakref.WeakSet[Membership] = weakref.WeakSet()


def _forget_memberships() -> None:
    for membership in list(_memberships):
        membership._forget()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget_memberships)


def register(places: Places, linger: float) -> Membership:
    """Make this process a user; its file appears locked and complete, or not at all."""
    # Never the same name twice, also from two containers that share a home and count pids alike.
    name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
    part, path = places.users / f"{name}.part", places.users / f"{name}.json"
    user = {"pid": os.getpid(), "command": _command(), "since": time.time(), "linger": linger}
    try:
        fd = try_lock(part)
        if fd is None:
            raise ServerError(f"File {part} is held by another process", "try again")
        try:
            os.write(fd, json.dumps(user).encode())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            os.close(fd)
            raise
    except OSError as error:
        raise cannot_write(part, error) from None
    return Membership(path, fd)


def users_of(places: Places) -> tuple[ServerUser, ...]:
    """Return the live users, oldest first."""
    return tuple(_user(entry) for entry in live_users(places.users))


def refuse_if_used(places: Places, users: Iterable[ServerUser], what: str) -> None:
    """Raise ServerInUse naming the users, if there are any."""
    names = ", ".join(str(user) for user in users)
    if names:
        raise ServerInUse(
            f"The embedded server of {places.home} cannot be {what}, it is used by {names}",
            "end these first",
        )


@contextlib.contextmanager
def through_gate(places: Places, limit: float = GATE_LIMIT) -> Iterator[None]:
    """Hold the gate of a home: one process at a time changes what runs there.

    Raises
    ------
    ServerError
        Another process held it for `limit` seconds.
    NotWritable, DiskFull
        The gate's file cannot be made.
    """
    deadline = time.monotonic() + limit
    try:
        while (fd := try_lock(places.gate)) is None:
            if time.monotonic() > deadline:
                raise ServerError(
                    f"Another command has been starting or stopping the embedded server of "
                    f"{places.home} for {limit:.0f} seconds{_holder(places)}",
                    "wait for it or end it, then try again",
                )
            time.sleep(0.01)
    except OSError as error:
        raise cannot_write(places.gate, error) from None
    try:
        with contextlib.suppress(OSError):  # only for the message above; the disk may be full
            os.ftruncate(fd, 0)
            os.write(fd, f"process {os.getpid()} ({_command()})".encode())
        yield
    finally:
        unlock(fd)


def _holder(places: Places) -> str:
    try:
        return f" ({places.gate.read_text('utf-8')})"
    except (OSError, ValueError):
        return ""


def _user(entry: dict[str, Any]) -> ServerUser:
    since = datetime.fromtimestamp(float(entry["since"]), UTC)
    return ServerUser(int(entry["pid"]), str(entry["command"]), since)


def _command() -> str:
    words = [Path(sys.argv[0]).name, *sys.argv[1:]] if sys.argv else ["python"]
    text = without_secret(shlex.join(words)).encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
