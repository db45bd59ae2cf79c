"""How things are measured: time, memory, the machine; and the table of figures."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil

from medpix2.settings import Settings, load_settings
from medpix2.store.mongod import find_mongod, version_of

REAL_COPY = Path(__file__).resolve().parents[2] / "shared" / "medpix2"
MIB = 1 << 20
SETTLED = 0.3  # seconds after which a process counts


@dataclass(frozen=True)
class Options:
    """How to measure.

    Attributes
    ----------
    quick
        Fewer runs and smaller sizes: shows that it works, not how fast.
    sizes
        Image documents of the databases that `find` asks.
    keep
        Leave the databases of `find` for the next run.
    kills
        How often `crawl` kills a crawl.
    crawl_cases
        Cases of the large crawl whose memory `crawl` measures.
    command
        The command that takes these figures.
    """

    quick: bool = False
    sizes: tuple[int, ...] = (2_000, 60_000, 1_000_000)
    keep: bool = False
    kills: int = 50
    crawl_cases: int = 20_000
    command: str = "python -m benchmarks"

    @property
    def runs(self) -> int:
        """How often a thing is measured; its median counts."""
        return 1 if self.quick else 3


@dataclass(frozen=True)
class Figure:
    """One measured figure, and what is wanted of it."""

    name: str
    value: float
    unit: str
    wanted: tuple[Literal["<", ">="], float] | None = None
    note: str = ""
    command: str = ""

    @property
    def ok(self) -> bool | None:
        """Tell whether it is as wanted; None where nothing is wanted."""
        if self.wanted is None:
            return None
        sign, limit = self.wanted
        return self.value < limit if sign == "<" else self.value >= limit

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "ok": self.ok}


def interleaved(
    ways: Mapping[str, Callable[[], object]], runs: int, before: Callable[[], object] | None = None
) -> dict[str, list[float]]:
    """Time several ways in turn, round after round; return the seconds of each in every round.

    `before` is run before each, untimed.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            if before is not None:
                before()
            begun = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - begun)
    return taken


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass
class PeakMemory:
    """The peak memory of a process and those it started, without mongod, in bytes.

    Attributes
    ----------
    main
        Resident memory of the process itself.
    total
        Sum of the resident memory of all; memory that they share is counted for each.
    """

    main: int = 0
    total: int = 0
    _over: threading.Event = field(default_factory=threading.Event, repr=False)


@contextmanager
def peak_memory(pid: int, every: float = 0.02) -> Iterator[PeakMemory]:
    """Watch the memory of a process and its children for a block."""
    peak = PeakMemory()
    watcher = threading.Thread(target=_watch, args=(psutil.Process(pid), peak, every), daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        peak._over.set()
        watcher.join()


def _watch(process: psutil.Process, peak: PeakMemory, every: float) -> None:
    while not peak._over.wait(every):
        try:
            family = [process, *process.children(recursive=True)]
        except psutil.Error:
            return
        sizes = [_resident(member) for member in family]
        peak.main = max(peak.main, sizes[0])
        peak.total = max(peak.total, sum(sizes))


def _resident(process: psutil.Process) -> int:
    try:
        # One that was just forked still counts all the memory of its parent as its own.
        young = time.time() - process.create_time() < SETTLED
        return 0 if young or process.name() == "mongod" else int(process.memory_info().rss)
    except psutil.Error:
        return 0


@contextmanager
def scratch(*, linger: float = 0.0) -> Iterator[Settings]:
    """Yield settings with a home of its own that is gone afterwards."""
    # Short: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="mpx-", ignore_cleanup_errors=True) as folder:
        yield settings_for(Path(folder), linger=linger)


def settings_for(home: Path, *, linger: float = 0.0) -> Settings:
    """Return the settings for a home, whatever the environment says."""
    return load_settings({"home": home, "linger": linger}, environ={})


def medpix2_command() -> str:
    """Return the path of the program `medpix2` of this Python."""
    return str(Path(sys.executable).with_name("medpix2"))


def machine() -> dict[str, str]:
    """Describe the machine."""
    return {
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / (1 << 30):.1f} GiB",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "mongod": version_of(find_mongod()),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def show(value: float) -> str:
    """Return a figure with three significant digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(figures: Sequence[Figure]) -> str:
    """Return figures as a Markdown table."""
    lines = [
        "| measure | value | unit | wanted | ok | command | note |",
        "|---|--:|---|---|---|---|---|",
    ]
    for figure in figures:
        wanted = f"{figure.wanted[0]} {show(figure.wanted[1])}" if figure.wanted else ""
        verdict = {None: "", True: "yes", False: "**no**"}[figure.ok]
        cells = (figure.name, show(figure.value), figure.unit, wanted, verdict)
        lines.append("| " + " | ".join((*cells, f"`{figure.command}`", figure.note)) + " |")
    return "\n".join(lines)
