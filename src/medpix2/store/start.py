"""Starting mongod under a keeper, and finding out whether one runs already.

All but `record_of`, `read_socket` and `last_words` is for who holds the gate.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from medpix2.errors import DiskFull, ServerError
from medpix2.store import keeper
from medpix2.store.checks import check_port, check_room, check_stamp, has_data, write_stamp
from medpix2.store.keeper import Plan, cut_log, is_held, read_record, try_lock, unlock
from medpix2.store.mongod import Finder, command_line, explain, find_mongod, version_of
from medpix2.store.ping import Answer, ask
from medpix2.store.places import Places, cannot_write, make_private

START_LIMIT = 300.0  # seconds to start: replaying a long journal takes a while
SETTLE_LIMIT = 60.0  # seconds for a server that somebody else started or stopped
TAIL = 256 << 10  # bytes of the log that are read for last words
STEP = 0.01  # seconds between two looks
DEAF_AFTER = 5.0  # seconds after which a start looks whether mongod's socket has been removed


class _StartLost(ServerError):
    """mongod was killed as it started; another try may do."""


@dataclass(frozen=True)
class Start:
    """How to start a server that does not run."""

    linger: float
    port: int | None = None
    pinned: bool = False
    find: Finder = find_mongod


def settle(places: Places, linger: float, limit: float = SETTLE_LIMIT) -> Answer | None:
    """Wait until a server answers and has a keeper, or there is none.

    A server whose keeper was killed is given a new one.

    Raises
    ------
    ServerError
        A mongod that does not answer holds the data, or a keeper does not come to an end.
    """
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        answer = ask(read_socket(places))
        lock = try_lock(places.keeper_lock)
        if lock is None:
            if answer:
                return answer
        elif answer:
            if not runs_here(answer.pid, places):
                unlock(lock)  # in another container, out of a keeper's reach
                return answer
            if adopt(places, answer, linger, lock):
                return answer
        else:
            unlock(lock)
            holder = held_db(places)
            if holder is None:
                places.record.unlink(missing_ok=True)
                return None
            if holder != record_of(places).get("pid"):
                # One that we did not start; unless it is just going, it stays.
                deadline = min(deadline, time.monotonic() + 3)
        time.sleep(STEP)
    found = held_db(places) or record_of(places).get("pid") or "unknown"
    raise ServerError(
        f"A mongod that does not answer holds {places.db} (process {found})",
        "stop that process and try again",
    )


def start(places: Places, how: Start) -> Answer:
    """Start mongod under a keeper and wait until it answers; nothing may run there.

    Raises
    ------
    NoServer, MissingLibrary
        No mongod runs on this machine.
    OtherVersion, DiskFull, PortTaken, NotWritable
        What they say.
    ServerError
        It did not start for another reason, or not in time.
    """
    binary = how.find()
    version = version_of(binary)
    unknown_data = not check_stamp(places, version)
    if not has_data(places):  # those that are there may be read on a full disk; mongod tells
        check_room(places)
    if how.port is not None:
        check_port(how.port)
    make_private(places.socket.parent)
    # Not by the keeper: a mongod that has not got far yet is killed by the signal for a new log.
    cut_log(places.log)
    logged = places.log.stat().st_size if places.log.exists() else 0
    server = {
        "home": str(places.home),
        "socket": str(places.socket),
        "port": how.port,
        "pinned": how.pinned,
        "version": version,
        "started": datetime.now(UTC).isoformat(),
    }
    command = command_line(binary, places, how.port)

    def run() -> Answer:
        with _spawn(places, command, 0, how.linger, server, _keeper_lock(places)) as report:
            return _wait_for_answer(places, how, report, logged)

    try:
        answer = run()
    except _StartLost:
        wait_gone(places, SETTLE_LIMIT)
        answer = run()
    if unknown_data:
        write_stamp(places, version)
    return answer


def adopt(places: Places, answer: Answer, linger: float, lock: int) -> bool:
    """Give a running mongod a new keeper and the held `keeper.lock`; return whether it lives."""
    record = record_of(places)
    server = {
        "home": str(places.home),
        "socket": str(read_socket(places)),
        "port": record.get("port"),
        "pinned": record.get("pinned", False),
        "version": answer.version,
        "started": record.get("started"),
    }
    with _spawn(places, [], answer.pid, linger, server, lock) as report:
        # What is then written into `server.json` must not be overwritten by the keeper.
        heard = select.select([report], [], [], SETTLE_LIMIT)[0]
        return bool(heard) and report.readline() == b"started\n"


def kill_orphan(places: Places) -> None:
    """Kill the mongod of a home that was deleted under it, before a new home is made there.

    It would write into the new home's data and remove its socket.
    """
    if places.keeper_lock.exists():
        return
    found = [process for process in psutil.process_iter() if runs_here(process.pid, places)]
    # Looked at again: who made the home in between had this lock before it started its mongod.
    # And one that holds the data that stand there is no orphan, but somebody's own.
    if not found or places.keeper_lock.exists() or held_db(places) is not None:
        return
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(found, SETTLE_LIMIT)


def record_of(places: Places) -> dict[str, Any]:
    """Return what `server.json` says of this home's server; in a copied home it says nothing."""
    record = read_record(places.record)
    return record if record.get("home") == str(places.home) else {}


def read_socket(places: Places) -> Path:
    """Return the socket of the running server, or the one that the next will have."""
    return Path(str(record_of(places).get("socket") or places.socket))


def runs_here(pid: int, places: Places) -> bool:
    """Return whether a pid is this home's mongod here, and not one counted in a container."""
    try:
        return str(places.db) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def held_db(places: Places) -> int | None:
    """Return the pid of the mongod that holds the data; ask only where no keeper lives."""
    # mongod wants this lock when it starts; to try it then would make it give up.
    lock = places.db / "mongod.lock"
    try:
        if not is_held(lock):
            return None
        return int(lock.read_text("ascii").strip() or 0)
    except (OSError, ValueError):
        return 0


def wait_gone(places: Places, limit: float) -> bool:
    """Wait until mongod and its keeper are gone; return whether they are."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        lock = try_lock(places.keeper_lock)
        if lock is not None:
            unlock(lock)
            if held_db(places) is None:
                places.record.unlink(missing_ok=True)
                return True
        time.sleep(STEP)
    return False


def _keeper_lock(places: Places) -> int:
    lock = try_lock(places.keeper_lock)
    if lock is None:
        raise ServerError(f"A keeper runs in {places.home} already", "try again")
    return lock


def _spawn(
    places: Places, command: list[str], pid: int, linger: float, server: dict[str, Any], lock: int
) -> io.FileIO:
    """Start a keeper, hand it the lock, and return the pipe on which it reports."""
    read, write = os.pipe()
    plan = Plan(
        gate=str(places.gate),
        keeper_lock=str(places.keeper_lock),
        users=str(places.users),
        record=str(places.record),
        log=str(places.log),
        db=str(places.db),
        command=command,
        pid=pid,
        linger=linger,
        server=server,
        lock=lock,
        report=write,
    )
    try:
        with places.out.open("ab" if pid else "wb") as out:
            subprocess.run(
                [sys.executable, "-I", "-S", keeper.__file__, plan.to_json()],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/",
                pass_fds=(lock, write), start_new_session=True, check=True,
            )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        os.close(read)
        if isinstance(error, OSError):
            raise cannot_write(places.out, error) from None
        raise ServerError("The keeper of mongod does not start", f"read {places.out}") from None
    finally:
        os.close(write)
        os.close(lock)  # not unlocked: the keeper holds it now
    return io.FileIO(read)


def _wait_for_answer(places: Places, how: Start, report: io.FileIO, logged: int) -> Answer:
    begun = looked = time.monotonic()
    while time.monotonic() < begun + START_LIMIT:
        if answer := ask(places.socket):
            return answer
        if time.monotonic() > looked + DEAF_AFTER:
            looked = time.monotonic()
            _kill_deaf(places, logged)
        if select.select([report], [], [], STEP)[0]:
            line = report.readline().decode().strip()
            if line == "started":
                continue
            if not line and (answer := settle(places, how.linger)):  # only the keeper was killed
                return answer
            code = int(line) if line else None
            error = explain(_said(places, logged), code, places, how.port)
            if code == -signal.SIGKILL and type(error) is ServerError:
                raise _StartLost(error.failed, error.todo)
            raise error
    raise ServerError(
        f"mongod for {places.home} does not answer after {START_LIMIT:.0f} seconds",
        f"read the end of {places.log}",
    )


def _kill_deaf(places: Places, logged: int) -> None:
    """Kill a mongod that listens on a socket which somebody has removed: nobody can reach it."""
    pid = record_of(places).get("pid", 0)
    listens = '"Waiting for connections"' in _said(places, logged)
    if listens and not places.socket.exists() and runs_here(pid, places):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _said(places: Places, logged: int) -> str:
    said = ""
    with contextlib.suppress(OSError):
        said += places.out.read_text("utf-8", "replace")
    with contextlib.suppress(OSError), places.log.open("rb") as log:
        log.seek(logged)
        said += log.read().decode("utf-8", "replace")
    return said


def last_words(places: Places) -> ServerError | DiskFull:
    """Return why the server went down, as far as its log tells."""
    with contextlib.suppress(OSError):
        said = _said(places, max(0, places.log.stat().st_size - TAIL))
        # Older runs may have had other reasons.
        return explain(said[said.rfind("MongoDB starting") :], None, places, None, "went down")
    return ServerError(f"mongod for {places.home} went down", "run the command again")
