"""The crawl against the simulated sites: speed, memory, faults and kills.

Speed is a ratio to a bare loop of httpx that fetches the same addresses, as many at once, in the
same run, and does nothing with them; the crawl parses, checks, redacts and stores every answer,
and its time has the start of its process in it. Memory is that of the process that crawls.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks.measure import MIB, Figure, Options, medpix2_command, peak_memory
from benchmarks.sites import Served, bare_rate, ceiling, serving
from medpix2.extract.crawl.plan import Plan
from medpix2.extract.crawl.process import Manners, crawl
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.phantom.layout import make_phantom
from medpix2.pipeline.build import build
from medpix2.settings import load_settings
from medpix2.store.database import open_store
from medpix2.store.server import stop_server

AT_ONCE = 8
SPEED_CASES, FAULT_CASES = 400, 2_000
SMALL_CASES = 200
FAULTS = "all=0.02"
TIMEOUT, HANG, SLOW = 3.0, 6.0, 0.5  # seconds; shorter than the real ones, to end in time
LIVES = (0.8, 4.0)  # seconds that a crawl gets before it is killed
WRK_SECONDS = 8
SEED = 1
BUILT = ("cases", "images", "findings", "current")  # collections that are compared
# What may differ between two crawls of the same: when, and where they were kept.
TIMES_AND_PLACES = frozenset({"retrieved", "snapshot", "name", "origin", "inputs"})


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of the crawl."""
    with tempfile.TemporaryDirectory(prefix="mpx-crawl-") as name:
        place = Path(name)
        yield from _speed(place / "speed", SPEED_CASES // (4 if options.quick else 1), options)
        yield from _memory(place / "memory", SMALL_CASES, options.crawl_cases)
        cases = FAULT_CASES // (10 if options.quick else 1)
        source = _phantom(place / "faults" / "source", cases)
        with serving(source) as served:
            calm = place / "faults" / "calm"
            wanted = Ended(_crawled(served, calm), _documents(calm))
            asked = served.asked()["total"]
            yield from _kills(served, place / "kills", options.kills, wanted)
        yield from _faults(source, place / "faults", wanted, asked)


@dataclass(frozen=True)
class Ended:
    """What a crawl ended with: the snapshot's digest, and the documents of the database of it.

    `documents` is (collection, id, or content where an id is none) to a hash.
    """

    digest: str
    documents: Mapping[tuple[str, str], str]

    def unlike(self, other: Mapping[tuple[str, str], str]) -> int:
        """Return how many documents are not the same."""
        keys = self.documents.keys() | other.keys()
        return sum(self.documents.get(key) != other.get(key) for key in keys)


def _documents(folder: Path) -> dict[tuple[str, str], str]:
    """Build a snapshot in a home of its own; return the hashes of its documents."""
    with tempfile.TemporaryDirectory(prefix="mpx-built-") as home:
        settings = load_settings({"home": home, "linger": "0.1"}, {})
        build(settings, str(folder))
        found = {}
        with open_store(settings) as store:
            for name in BUILT:
                for row in store.db[name].find():
                    text = json.dumps(_lasting(name, row), sort_keys=True, default=str)
                    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
                    # Findings have an id of the database alone.
                    found[name, digest if name == "findings" else row["_id"]] = digest
        stop_server(settings.home, force=True)
    return found


def _lasting(collection: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return a document without times, places and what is made of them."""
    left_out = {"digest"} | ({"_id"} if collection == "findings" else set())
    document = {key: value for key, value in row.items() if key not in left_out}
    for part in ("source", "meta"):
        if part in document:
            inner = document[part].items()
            document[part] = {key: v for key, v in inner if key not in TIMES_AND_PLACES}
    return document


def _phantom(folder: Path, cases: int, *, pictures: bool = False) -> Path:
    """Make a collection; without pictures, the sites serve a placeholder for each."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    make_phantom(folder, cases=cases, seed=SEED, pictures=pictures, defects=0)
    return folder


def _plan(served: Served) -> Plan:
    return Plan(served.url, served.url, (f"{served.url}/medpix/img/full",))


def _crawled(served: Served, folder: Path, timeout: float = 60.0) -> str:
    """Crawl to the end; return the digest of the snapshot."""
    manners = Manners(delay=0, at_once=AT_ONCE, timeout=timeout)
    while (state := crawl(folder, _plan(served), manners)).left:
        if state.silent:
            raise RuntimeError(f"{state.silent} stopped answering")
    return _digest(folder)


def _digest(folder: Path) -> str:
    with open_snapshot(folder) as snapshot:
        return snapshot.answers.digest()


def _speed(place: Path, cases: int, options: Options) -> Iterator[Figure]:
    source = _phantom(place / "source", cases, pictures=True)
    rates, ratios = [], []
    with serving(source) as served:
        for turn in range(options.runs):
            before = served.asked()["total"]
            begun = time.perf_counter()
            _crawled(served, place / f"snapshot-{turn}")
            seconds = time.perf_counter() - begun
            rates.append((served.asked()["total"] - before) / seconds)
            ratios.append(rates[-1] / bare_rate(served, served.addresses(), AT_ONCE))
        paths = served.addresses()
        limit = ceiling(served, paths, AT_ONCE, 2 if options.quick else WRK_SECONDS)
    note = f"{len(paths)} addresses of {cases} cases, {AT_ONCE} at once"
    ours = median(rates)
    yield Figure("crawl", ours, "requests/s", None, note)
    yield Figure("crawl / bare httpx loop", median(ratios), "of bare speed", (">=", 0.5), note)
    if limit is None:
        print("wrk is not installed: the ceiling of the sites is not measured")
    else:
        yield Figure("the sites' ceiling (wrk)", limit, "requests/s", None, note)
        yield Figure("the sites' ceiling / crawl", limit / ours, "times", (">=", 2.0), note)


def _memory(place: Path, few: int, many: int) -> Iterator[Figure]:
    peaks = []
    for cases in (few, many):
        with serving(_phantom(place / str(cases), cases)) as served:
            peaks.append(_peak(served, place / f"snapshot-{cases}") / MIB)
            note = f"{served.asked()['total']:,} requests"
        yield Figure(f"peak memory of the crawl, {cases:,} cases", peaks[-1], "MiB", None, note)
    growth = peaks[1] / peaks[0]
    yield Figure(f"peak memory, {many:,} / {few:,} cases", growth, "times", ("<", 1.2 + 1e-9))


def _command(served: Served, folder: Path) -> list[str]:
    sites = ["--openi-url", served.url, "--medpix-url", served.url]
    manners = ["--delay", "0", "--at-once", str(AT_ONCE), "--home", str(folder.parent / "home")]
    return [medpix2_command(), "extract", "openi", str(folder), *sites, *manners]


def _begun(served: Served, folder: Path) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(
        _command(served, folder), stdout=quiet, stderr=quiet, start_new_session=True
    )


def _peak(served: Served, folder: Path) -> int:
    """Crawl with the command; return the peak memory of the process that it starts to crawl."""
    process = _begun(served, folder)
    while not (crawling := psutil.Process(process.pid).children()):
        time.sleep(0.01)
    with peak_memory(crawling[0].pid) as peak:
        status = process.wait()
    if status:
        raise RuntimeError(f"the crawl ended with {status}")
    return peak.main


def _faults(source: Path, place: Path, wanted: Ended, calm: int) -> Iterator[Figure]:
    options = ("--faults", FAULTS, "--hang", str(HANG), "--slow", str(SLOW))
    with serving(source, *options, "--retry-after", "0") as served:
        same = _crawled(served, place / "stormy", TIMEOUT) == wanted.digest
        said = served.asked()
    note = f"{FAULTS}: {sum(said['faults'].values()):,} faults; {calm:,} requests without any"
    yield Figure("with faults: the same snapshot", float(same), "1 is yes", (">=", 1.0), note)
    unlike = wanted.unlike(_documents(place / "stormy"))
    note = f"of {len(wanted.documents):,} documents of the database"
    yield Figure("with faults: documents that differ", unlike, "documents", ("<", 1.0), note)
    note = f"{FAULTS}; {said['total']:,} requests"
    ratio = said["total"] / calm
    yield Figure("with faults: requests", ratio, "times", ("<", 1.5 + 1e-9), note)


def _kills(served: Served, place: Path, kills: int, wanted: Ended) -> Iterator[Figure]:
    """Kill crawls at random points, going on with each; compare what they end with."""
    chance, killed, ended, same, number = random.Random(SEED), 0, 0, True, 0
    unlike = 0
    place.mkdir()
    while killed < kills:
        folder = place / f"snapshot-{number}"
        while killed < kills and not _ends_within(served, folder, chance.uniform(*LIVES)):
            killed += 1
        same = _crawled(served, folder) == wanted.digest and same
        unlike += wanted.unlike(_documents(folder))
        ended, number = ended + 1, number + 1
    note = f"kill -9 of both processes, after {LIVES[0]} to {LIVES[1]} s; {ended} snapshots"
    yield Figure(
        f"after {killed} kills: the same snapshot", float(same), "1 is yes", (">=", 1.0), note
    )
    note = f"of {len(wanted.documents):,} documents of the database, in {ended} databases"
    yield Figure(
        f"after {killed} kills: documents that differ", unlike, "documents", ("<", 1.0), note
    )


def _ends_within(served: Served, folder: Path, seconds: float) -> bool:
    """Crawl for so long; tell whether it has ended by itself, else kill it."""
    process = _begun(served, folder)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
        return True
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return False
