"""How fast `medpix2 serve` starts and answers, beside the bare questions to the database.

Every request is a real one over HTTP on the loopback address, on a connection that stays open, to
the program in a process of its own. The bare questions are those that a page cannot do without,
asked by pymongo in the same run: what the page takes more is the application.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

import psutil

from benchmarks.database import database_of
from benchmarks.measure import MIB, Figure, Options, medpix2_command, quantile, scratch
from benchmarks.questions import Asked, Questions
from medpix2.settings import Settings
from medpix2.store import keeper
from medpix2.store.database import Store
from medpix2.store.server import stop_server
from medpix2.store.shape import SHOWN

REQUESTS = 60  # of each kind
MINIMUM = 10
SEED = 11
CLIENTS = (1, 16, 64)
LIMIT = 24  # results of a page
LIMITS = {60_000: 100.0}  # ms: the p95 of results
START = 2.5  # seconds, and
MEMORY = 840.0  # MiB, of FiftyOne's app on the real copy
GROWTH = 1.05  # of the memory under load
KINDS = ("one filter", "2 to 4 filters", "medium word", "word and filter", "deep page")


@dataclass(frozen=True)
class Serving:
    """The program as it serves."""

    port: int
    process: subprocess.Popen[str]
    home: Path

    def get(self, connection: HTTPConnection, path: str) -> int:
        """Ask on an open connection; return the size of the answer."""
        connection.request("GET", path)
        answer = connection.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path}: status {answer.status}")
        return size

    def memory(self) -> int:
        """Return the resident memory of the program and mongod's keeper, in bytes."""
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        family += [each for each in psutil.process_iter() if self._keeps(each)]
        return sum(each.memory_info().rss for each in set(family) if each.name() != "mongod")

    def _keeps(self, process: psutil.Process) -> bool:
        try:
            words = " ".join(process.cmdline())
        except psutil.Error:
            return False
        return keeper.__file__ in words and str(self.home.resolve()) in words


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of the start, and those of each size."""
    yield from _start(options)
    for size in options.sizes:
        with database_of(size, keep=options.keep) as store, _serving(store.settings) as serving:
            for figure in (*_pages(store, serving, size, options), *_load(serving, options)):
                name = f"{figure.name}, {size:,} images"
                yield Figure(name, figure.value, figure.unit, figure.wanted, figure.note)


@contextmanager
def _serving(settings: Settings) -> Iterator[Serving]:
    command = [medpix2_command(), "serve", "--port", "0", "--home", str(settings.home)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stderr.readline() if process.stderr else ""
        found = re.search(r":(\d+)/", line)
        if found is None:
            raise RuntimeError(f"serve says {line!r}")
        yield Serving(int(found[1]), process, settings.home)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def _start(options: Options) -> Iterator[Figure]:
    listening, answered, memory = [], [], []
    with scratch() as settings:
        subprocess.run(
            [medpix2_command(), "build", "phantom", "--home", str(settings.home)],
            check=True, capture_output=True,
        )  # fmt: skip
        for _ in range(options.runs):
            stop_server(settings.home, force=True)
            begun = time.perf_counter()
            with _serving(settings) as serving:
                listening.append(time.perf_counter() - begun)
                connection = HTTPConnection("127.0.0.1", serving.port)
                serving.get(connection, "/search")
                answered.append(time.perf_counter() - begun)
                for name in ("?q=mass", "?plane=Axial", "?by=case") * 10:
                    serving.get(connection, f"/search{name}")
                memory.append(serving.memory() / MIB)
        stop_server(settings.home, force=True)
    note = f"median of {options.runs}, database stopped before"
    yield Figure("serve: start to listening", median(listening), "s", None, note)
    yield Figure("serve: start to first page", median(answered), "s", ("<", START), note)
    note = "all processes but mongod, after 31 pages"
    yield Figure("serve: memory", max(memory), "MiB", ("<", MEMORY), note)


def _pages(store: Store, serving: Serving, size: int, options: Options) -> Iterator[Figure]:
    limit = next((most for below, most in LIMITS.items() if size <= below), None)
    wanted: tuple[str, float] | None = ("<", limit) if limit else None
    count = MINIMUM if options.quick else REQUESTS
    questions = Questions(store, SEED)
    connection = HTTPConnection("127.0.0.1", serving.port)
    every: list[float] = []
    for kind in KINDS:
        paths = [_address(asked) for asked in questions.draw(kind, count)]
        taken = _milliseconds([lambda path=path: serving.get(connection, path) for path in paths])  # type: ignore[misc]
        every += taken
        yield from _both(f"serve: search, {kind}", taken, wanted)
    yield from _both("serve: search, all kinds", every, wanted)
    paths = [_address(asked, json=True) for asked in questions.draw("one filter", count)]
    taken = _milliseconds([lambda path=path: serving.get(connection, path) for path in paths])  # type: ignore[misc]
    yield from _both("serve: search as JSON, one filter", taken, wanted)
    bare = _milliseconds([lambda offset=24 * n: _bare_page(store, offset) for n in range(count)])  # type: ignore[misc]
    yield from _both("bare pymongo: a page of pictures and their cases", bare)
    some = store.current.find({"meta.kind": "case"}, {"_id": 1}, limit=count)
    cases = [str(row["_id"]) for row in some]
    taken = _milliseconds([lambda c=c: serving.get(connection, f"/case/{quote(c)}") for c in cases])  # type: ignore[misc]
    yield from _both("serve: case page", taken, wanted)
    bare = _milliseconds([lambda c=c: _bare_case(store, c) for c in cases])  # type: ignore[misc]
    yield from _both("bare pymongo: a case and its pictures", bare)
    health = _milliseconds([lambda: serving.get(connection, "/healthz")] * count)
    ping = _milliseconds([lambda: store.db.command("ping")] * count)
    more = median(health) - median(ping)
    yield Figure("serve: a request more than its question", more, "ms", None, "ping, p50")


def _both(
    name: str, taken: list[float], wanted: tuple[str, float] | None = None
) -> Iterator[Figure]:
    note = f"{len(taken)} requests, longest {max(taken):.0f} ms"
    yield Figure(f"{name}, p50", median(taken), "ms", None, note)
    yield Figure(f"{name}, p95", quantile(taken, 0.95), "ms", wanted, note)  # type: ignore[arg-type]


def _milliseconds(ways: list[Callable[[], object]]) -> list[float]:
    ways[0]()  # the first pays for cold caches
    taken = []
    for way in ways:
        begun = time.perf_counter()
        way()
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def _address(asked: Asked, *, json: bool = False) -> str:
    pairs = [("q", asked.text)] if asked.text else []
    for name, values in asked.filters.values.items():
        pairs += [(name, "missing" if value is None else str(value)) for value in values]
    if asked.by == "case":
        pairs.append(("by", "case"))
    if asked.offset:
        pairs.append(("offset", str(asked.offset)))
    return f"/search{'.json' if json else ''}?{urlencode(pairs)}"


def _bare_page(store: Store, offset: int) -> None:
    shown = {"meta.kind": "image", "meta.n": {"$gte": offset}, "meta.status": {"$in": list(SHOWN)}}
    images = list(store.current.find(shown, sort=[("meta.n", 1)], limit=LIMIT))
    cases = list({image["U_id"] for image in images})
    list(store.current.find({"_id": {"$in": cases}}))


def _bare_case(store: Store, name: str) -> None:
    store.current.find_one({"_id": name})
    list(store.current.find({"U_id": name}))


def _load(serving: Serving, options: Options) -> Iterator[Figure]:
    wrk = shutil.which("wrk")
    if wrk is None:
        return
    seconds = 3 if options.quick else 10
    for clients in CLIENTS:
        said = _wrk(wrk, serving.port, clients, seconds)
        name = f"serve: search pages, {clients} clients"
        note = f"wrk, {seconds} s, four pages in turn"
        yield Figure(f"{name}, requests", said["rate"], "1/s", None, note)
        yield Figure(f"{name}, p99", said["p99"], "ms", None, note)
        yield Figure(f"{name}, failed", said["failed"], "requests", ("<", 1), note)
    before = serving.memory()
    seconds = 5 if options.quick else 60
    _wrk(wrk, serving.port, 4, seconds)
    grown = serving.memory() / before
    note = f"after {seconds} s more of load, to {serving.memory() / MIB:.0f} MiB"
    yield Figure("serve: memory under load grows to", grown, "times", ("<", GROWTH), note)


_PAGES = """
local pages = {"/search?q=mass", "/search?plane=Axial", "/search?by=case", "/search?offset=480"}
local at = 0
request = function()
  at = at % #pages + 1
  return wrk.format("GET", pages[at])
end
"""


def _wrk(wrk: str, port: int, clients: int, seconds: int) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_PAGES)
        script.flush()
        done = subprocess.run(
            [
                wrk, "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "--latency",
                "-s", str(Path(script.name)), f"http://127.0.0.1:{port}/",
            ],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    said = done.stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or p99 is None:
        raise RuntimeError(f"wrk says {said!r}")
    failed = sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    for counts in re.findall(r"Socket errors: (.+)", said):
        failed += sum(int(n) for n in re.findall(r"\d+", counts))
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99[2]]
    return {"rate": float(rate[1]), "p99": float(p99[1]) * scale, "failed": float(failed)}
