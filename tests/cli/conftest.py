from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import pytest

from medpix2.cli.program import main
from medpix2.settings import Settings


@dataclass
class Inside:
    """The program as it is installed, run in this process: many short commands cost little so.

    It takes what the program of `medpix2` takes.
    """

    settings: Settings
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        """Run a command to its end; check its exit code; return it."""
        out, err = io.StringIO(), io.StringIO()
        held = signal.getsignal(signal.SIGINT)
        try:
            with redirect_stdout(out), redirect_stderr(err), self.patch.context() as patch:
                for name in ("home", "mongo_url", "database", "jobs", "linger"):
                    patch.setenv(f"MEDPIX2_{name.upper()}", str(getattr(self.settings, name)))
                patch.setattr(sys, "argv", ["medpix2", *arguments])
                with pytest.raises(SystemExit) as end:
                    main()
        finally:
            signal.signal(signal.SIGINT, held)  # `main` lets nobody interrupt its end
        found = end.value.code or 0
        assert found == code, out.getvalue() + err.getvalue()
        return subprocess.CompletedProcess(arguments, found, out.getvalue(), err.getvalue())

    def json(self, *arguments: str) -> Any:
        """Run a command and read what it prints."""
        return json.loads(self(*arguments).stdout)

    def failing(self, *arguments: str) -> str:
        """Run a command that must end with one clear line and code 1; return the line."""
        done = self(*arguments, code=1)
        assert done.stdout == ""
        (line,) = done.stderr.splitlines()
        assert line.startswith("medpix2: ")
        return line


@pytest.fixture
def inside(fresh_home: Settings, monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Return the program with the settings of `fresh_home`, run in this process."""
    return Inside(fresh_home, monkeypatch)
