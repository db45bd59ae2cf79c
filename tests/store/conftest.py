from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from medpix2.store.places import places_of
from medpix2.store.server import stop_server

USER = """
import sys
from pathlib import Path
from medpix2.store.server import open_server
with open_server(Path(sys.argv[1]), linger=float(sys.argv[2])) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


class Processes:
    """The processes of one home, and other commands that use it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.commands: list[subprocess.Popen[str]] = []

    def of(self, word: str) -> list[int]:
        """Return the pids whose command line names this home and has a word."""
        home = str(places_of(self.home).home)
        found = []
        for process in psutil.process_iter(["cmdline", "status"]):
            line = process.info["cmdline"] or []
            if process.info["status"] != psutil.STATUS_ZOMBIE and any(
                home in part for part in line
            ):
                found += [process.pid] if any(word in Path(part).name for part in line[:4]) else []
        return found

    @property
    def mongods(self) -> list[int]:
        return [pid for pid in self.of("mongod") if pid not in self.keepers]

    @property
    def keepers(self) -> list[int]:
        return self.of("keeper.py")

    def command(self, linger: float = 0.3) -> subprocess.Popen[str]:
        """Start another command that uses the server until its standard input ends."""
        command = subprocess.Popen(
            [sys.executable, "-c", USER, str(self.home), str(linger)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        self.commands.append(command)
        return command

    def ready(self, command: subprocess.Popen[str]) -> str:
        """Wait until a command has joined; return the URL it got."""
        assert command.stdout
        url = command.stdout.readline().strip()
        if not url:
            raise AssertionError(command.communicate()[1])
        return url

    def gone(self, seconds: float = 5) -> bool:
        """Return whether mongod and its keeper end in time."""
        return wait_until(lambda: not self.mongods and not self.keepers, seconds)


def wait_until(true: Callable[[], object], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def processes(home: Path) -> Iterator[Processes]:
    found = Processes(home)
    yield found
    for command in found.commands:
        command.kill()
        command.communicate()
    stop_server(home, force=True)
    assert found.gone()
