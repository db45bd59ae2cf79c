"""How long the embedded server takes to start, and the command line to answer."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from pymongo import MongoClient

from benchmarks.measure import Figure, Options, interleaved, medpix2_command, scratch
from medpix2.store.mongod import find_mongod
from medpix2.store.server import open_server, start_server, stop_server

RUNS = 7


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of the server and of the command line."""
    runs = options.runs if options.quick else RUNS
    find_mongod().read_bytes()  # into the page cache
    new = median(_start_of_new_home() for _ in range(runs))
    yield Figure("cold start of the server, new home", new, "s", ("<", 3.0), f"median of {runs}")
    with scratch() as settings:
        _command("build", "phantom", home=settings.home)
        again = median(_start(settings.home) for _ in range(runs))
        note = f"median of {runs}, after a clean stop"
        yield Figure("cold start of the server, with data", again, "s", ("<", 3.0), note)
        find = ("find", "tumour", "--modality", "MR", "--json")
        cold = median(interleaved({"": lambda: _command(*find, home=settings.home)}, runs)[""])
        yield Figure("`medpix2 find`, server to be started", cold, "s")
        start_server(settings.home)
        try:
            ways = {
                "`medpix2 find`, server running": lambda: _command(*find, home=settings.home),
                "`medpix2 --help`": lambda: _command("--help"),
            }
            for name, seconds in interleaved(ways, runs).items():
                yield Figure(name, median(seconds), "s", None, f"whole command, median of {runs}")
        finally:
            stop_server(settings.home, force=True)


def _start_of_new_home() -> float:
    with scratch() as settings:
        return _start(settings.home)


def _start(home: Path) -> float:
    """Return the seconds from nothing to the first ping."""
    stop_server(home, force=True)
    begun = time.perf_counter()
    with open_server(home, linger=0) as server:
        with MongoClient[dict[str, object]](server.url) as client:
            client.admin.command("ping")
        taken = time.perf_counter() - begun
    stop_server(home, force=True)
    return taken


def _command(*words: str, home: Path | None = None) -> None:
    environment = {**os.environ, **({"MEDPIX2_HOME": str(home)} if home else {})}
    subprocess.run(
        [medpix2_command(), *words], check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
