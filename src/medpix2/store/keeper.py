"""The keeper: the small process that runs one home's mongod and stops it when nobody uses it.

The package starts it as a script (`python -I -S keeper.py PLAN`), so it needs nothing but the
standard library and stays small. It is the parent of mongod, in a session of its own, so that
Ctrl-C in a terminal reaches neither of them.

What the processes of one home agree on are locks of open files (flock), which the kernel frees
however a process ends; a pid alone is never believed, for it may have been given to another:

- `run/gate.lock` is held by whoever changes anything: joins, starts, restarts, stops.
- `run/keeper.lock` is held by the keeper from before it runs (its starter hands it over locked).
- `run/users/*.json`, one file a user, is held by that user; a file that is not held is a leftover.
- `run/server.json` says what runs; only who holds the gate, or the keeper, writes it.

The keeper never waits for the gate: who holds the gate may be waiting for the keeper to end.

Who deletes a home while its server still runs leaves a keeper whose `keeper.lock` is no longer the
file of that name; another home may stand there already. Such a keeper kills its mongod, which would
else write into the new home's data and remove its socket, and touches nothing itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

try:
    import fcntl
except ModuleNotFoundError:  # Windows: `open_server` says so before any lock is asked for
    fcntl = None  # type: ignore[assignment]

POLL = 0.25  # seconds between two looks at the users
PATIENCE = 120.0  # seconds that mongod gets to write its data and end
LOG_LIMIT = 8 << 20  # bytes of mongod.log before it becomes mongod.log.1


@dataclass(frozen=True)
class Plan:
    """What a keeper is told when it is started.

    Attributes
    ----------
    gate, keeper_lock, users, record, log, db
        Paths of the gate, `keeper.lock`, the folder of users, `server.json`, mongod's log and data.
    command
        How to start mongod; empty to take over the running one with `pid`.
    pid
        Process id of the mongod to take over; 0 to start one.
    linger
        Seconds to wait for a next user after the last has left.
    server
        What `server.json` shall say beside the two process ids.
    lock, report
        Inherited file descriptors: the held `keeper.lock`, and a pipe to the starter, which reads
        a line "started" when `server.json` stands, then a line with mongod's exit status.
    """

    gate: str
    keeper_lock: str
    users: str
    record: str
    log: str
    db: str
    command: list[str]
    pid: int
    linger: float
    server: dict[str, Any]
    lock: int
    report: int

    def to_json(self) -> str:
        """Return the plan as the keeper's one argument."""
        return json.dumps(asdict(self))


class Process(Protocol):
    """A mongod, our child or not."""

    pid: int

    def poll(self) -> int | None:
        """Return None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send a signal; do nothing where it has ended."""


class Adopted:
    """A mongod that is not our child; a pidfd, where there is one, excludes a reused pid."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._fd: int | None = None
        with contextlib.suppress(AttributeError, OSError):
            self._fd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None while it runs, else 0: only a parent learns the exit status."""
        if self._fd is not None:
            return 0 if select.select([self._fd], [], [], 0)[0] else None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def send_signal(self, sig: int) -> None:
        """Send a signal; do nothing where it has ended."""
        with contextlib.suppress(ProcessLookupError):
            if self._fd is not None:
                signal.pidfd_send_signal(self._fd, sig)
            else:
                os.kill(self.pid, sig)


def try_lock(path: str | Path) -> int | None:
    """Lock a file, made where it is missing; return its descriptor, or None if another holds it."""
    while True:
        fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        if names(path, fd):
            return fd
        os.close(fd)  # removed in between: the lock of a file without a name binds nobody


def names(path: str | Path, fd: int) -> bool:
    """Return whether a path leads to an open file, and not to another or to none."""
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def unlock(fd: int) -> None:
    """Free a lock, also in children that inherited the descriptor."""
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def is_held(path: str | Path) -> bool:
    """Return whether another process holds the lock of a file; makes nothing."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def live_users(folder: str | Path) -> list[dict[str, Any]]:
    """Return what the files of the users that live say, oldest first."""
    found = []
    for path in Path(folder).glob("*.json"):
        if is_held(path):
            with contextlib.suppress(OSError, ValueError):
                found.append(json.loads(path.read_text("utf-8")))
    return sorted(found, key=lambda user: float(user["since"]))


def forget_dead_users(folder: str | Path) -> None:
    """Remove the files of users that are gone; their names are never used twice."""
    for path in Path(folder).glob("*"):
        # A name with a dot is a user that is just writing its file.
        if path.suffix == ".json" and not is_held(path):
            path.unlink(missing_ok=True)


def read_record(path: str | Path) -> dict[str, Any]:
    """Return what `server.json` says, or nothing where it is missing or damaged."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_record(path: str | Path, record: Mapping[str, Any]) -> None:
    """Write a JSON file at one stroke, so that no reader sees half of it."""
    part = Path(f"{path}.{os.getpid()}.part")
    part.write_text(json.dumps(record), "utf-8")
    part.replace(path)


def main() -> None:
    """Start or take over mongod, and stay until it has ended."""
    plan = Plan(**json.loads(sys.argv[1]))
    if os.fork():  # a grandchild is no zombie of a long-lived user when it ends
        os._exit(0)
    os.umask(0o077)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    home_stands = home_of(plan)
    server: Process = Adopted(plan.pid) if plan.pid else start(plan.command)
    try:
        write_record(plan.record, {**plan.server, "pid": server.pid, "keeper": os.getpid()})
        report(plan, "started")
        gate = watch(plan, server, lambda: bool(asked), home_stands)
    except BaseException:
        end(server, home_stands)
        raise
    code = server.poll()
    if home_stands():
        Path(plan.record).unlink(missing_ok=True)
        socket = Path(plan.server["socket"])
        with contextlib.suppress(OSError):  # its folder stays if it is `run`, which has more in it
            socket.unlink(missing_ok=True)
            socket.parent.rmdir()
    report(plan, str(code))
    unlock(plan.lock)
    if gate is not None:
        unlock(gate)


def home_of(plan: Plan) -> Callable[[], bool]:
    """Return what tells whether the home still is the one that the keeper was started for."""
    data = os.open(plan.db, os.O_RDONLY)  # held open, so that no other folder gets its number

    def stands() -> bool:
        return names(plan.keeper_lock, plan.lock) and names(plan.db, data)

    return stands


def report(plan: Plan, line: str) -> None:
    """Tell the starter, if it still listens."""
    with contextlib.suppress(OSError):
        os.write(plan.report, f"{line}\n".encode())


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start mongod with as many open files as we may have, and a locale that is always there."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, cwd="/", env={**os.environ, "LC_ALL": "C"}
    )


def watch(
    plan: Plan, server: Process, asked: Callable[[], bool], home_stands: Callable[[], bool]
) -> int | None:
    """Wait until mongod has ended or nobody needs it; then end it.

    Returns
    -------
    int or None
        The held gate where we ended it, None where it ended without us.
    """
    linger, changed, idle_since = plan.linger, 0, time.monotonic()
    while server.poll() is None:
        if not home_stands():
            end(server, home_stands)
            return None
        forget_dead_users(plan.users)
        users = live_users(plan.users)
        # Who came and went between two looks has changed the folder.
        last, changed = changed, _changed(plan.users)
        if users or changed != last:
            idle_since = time.monotonic()
        if users:
            linger = max(float(user["linger"]) for user in users)
        idle = time.monotonic() - idle_since >= linger and not users
        if asked() or (idle and not read_record(plan.record).get("pinned")):
            gate = end_if_unused(plan, server, asked(), home_stands)
            if gate is not None:
                return gate
        limit_log(plan.log, server)
        time.sleep(POLL)
    return None


def _changed(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def end_if_unused(
    plan: Plan, server: Process, anyway: bool, home_stands: Callable[[], bool]
) -> int | None:
    """End mongod under the gate unless somebody came in between; return the held gate or None."""
    try:
        gate = try_lock(plan.gate)
    except FileNotFoundError:  # the home is just being deleted
        return None
    if gate is None:
        return None
    if not anyway and (live_users(plan.users) or read_record(plan.record).get("pinned")):
        unlock(gate)
        return None
    end(server, home_stands)
    return gate


def end(server: Process, home_stands: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Ask mongod to end and wait; kill it where it does not, or where its home is gone."""
    if home_stands():
        server.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while server.poll() is None:
        if time.monotonic() > deadline or not home_stands():
            server.send_signal(signal.SIGKILL)
        time.sleep(0.01)


def cut_log(log: str | Path, limit: int = LOG_LIMIT) -> bool:
    """Put a log that is too long in the place of the older one; return whether it was."""
    with contextlib.suppress(OSError):
        if Path(log).stat().st_size > limit:
            Path(log).replace(f"{log}.1")
            return True
    return False


def limit_log(log: str, server: Process, limit: int = LOG_LIMIT) -> None:
    """Give a mongod that runs with `--logRotate reopen` a new log if its own is too long."""
    if not cut_log(log, limit):
        return
    for _ in range(20):  # mongod heeds the signal no more than once a second
        server.send_signal(signal.SIGUSR1)
        time.sleep(0.1)
        if Path(log).exists():
            return


if __name__ == "__main__":
    main()
