"""The simulated sites in a process of their own, and what asks them without a crawl."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx

from benchmarks.measure import medpix2_command

# Asks for the addresses of a file in turn, from its beginning.
_WRK = """
local paths, at = {}, 0
for line in io.lines("FILE") do paths[#paths + 1] = line end
request = function()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end
"""


@dataclass(frozen=True)
class Served:
    """Simulated sites that answer."""

    url: str

    def asked(self) -> dict[str, Any]:
        """Return how much was asked, by kind."""
        said: dict[str, Any] = self._json("/_asked")
        return said

    def addresses(self) -> list[str]:
        """Return each address that was asked, less robots.txt."""
        return [path for path in self._json("/_asked/addresses") if path != "/robots.txt"]

    def _json(self, path: str) -> Any:
        with urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """Serve a copy in the published layout for a block, as `medpix2 phantom serve` does."""
    with tempfile.TemporaryDirectory(prefix="mpx-") as home:
        command = [medpix2_command(), "phantom", "serve", str(folder), "--port", "0"]
        process = subprocess.Popen(
            [*command, "--home", home, *options], stdout=subprocess.PIPE, text=True
        )
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+:\d+", line)
            if found is None:
                raise RuntimeError(f"`{' '.join(command)}` does not serve: {line}")
            yield Served(found[0])
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def bare_rate(served: Served, paths: Sequence[str], at_once: int) -> float:
    """Fetch addresses with httpx, so many at once, and do nothing with them; requests a second."""
    begun = time.perf_counter()
    asyncio.run(_fetch(served.url, paths, at_once))
    return len(paths) / (time.perf_counter() - begun)


async def _fetch(url: str, paths: Sequence[str], at_once: int) -> None:
    left = iter(paths)
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:

        async def work() -> None:
            for path in left:
                (await client.get(path)).raise_for_status()

        await asyncio.gather(*(work() for _ in range(at_once)))


def ceiling(served: Served, paths: Sequence[str], at_once: int, seconds: int) -> float | None:
    """Return what the sites themselves can answer a second, by wrk; None where it is missing."""
    program = shutil.which("wrk")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="mpx-") as place:
        listed, script = Path(place) / "paths", Path(place) / "ask.lua"
        listed.write_text("\n".join(paths) + "\n")
        script.write_text(_WRK.replace("FILE", str(listed)))
        command = [program, "-t1", f"-c{at_once}", f"-d{seconds}s", "-s", str(script), served.url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    return float(found[1]) if found else None
