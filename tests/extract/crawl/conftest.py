"""Crawls into a folder, and a site in front of the simulated ones that a test can make awkward."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from medpix2.extract.crawl.plan import Plan
from medpix2.extract.crawl.process import Manners, State, crawl
from medpix2.extract.snapshot.folder import open_snapshot

Made = tuple[int, dict[str, str], bytes]  # status, headers, body


def plan_of(url: str, **more: Any) -> Plan:
    """Return the plan of a crawl of everything at an address."""
    images = (f"{url}/images/full", f"{url}/medpix/img/full")
    return Plan(**{"openi_url": url, "medpix_url": url, "image_urls": images, **more})


def crawled(folder: Path, url: str, *, manners: Manners | None = None, **plan: Any) -> State:
    """Crawl into a folder without a delay."""
    return crawl(folder, plan_of(url, **plan), manners or Manners(delay=0.0))


def digest(folder: Path) -> str:
    """Return the digest of a snapshot's latest answers."""
    with open_snapshot(folder) as snapshot:
        return snapshot.answers.digest()


@pytest.fixture(scope="session")
def plan_at() -> Callable[..., Plan]:
    """Return the maker of plans, `plan_at(url, limit=3)`."""
    return plan_of


@pytest.fixture(scope="session")
def crawl_into() -> Callable[..., State]:
    """Return what crawls, `crawl_into(folder, url, limit=3)`."""
    return crawled


@pytest.fixture(scope="session")
def digest_of() -> Callable[[Path], str]:
    """Return what reads a snapshot's digest."""
    return digest


@dataclass
class Front:
    """A site that passes on to another what a test does not want to answer itself.

    Attributes
    ----------
    behind
        Address of the other.
    answers
        Beginning of an address to what answers it: called with the address, the request's headers
        and how often it was asked before; None passes it on.
    asked
        (time, address, headers) of each request.
    """

    behind: str
    answers: dict[str, Callable[[str, Any, int], Made | None]] = field(default_factory=dict)
    asked: list[tuple[float, str, Any]] = field(default_factory=list)
    url: str = ""

    def times(self, beginning: str) -> list[float]:
        """Return when addresses of a beginning were asked."""
        return [at for at, address, _ in self.asked if address.startswith(beginning)]

    def made(self, address: str, headers: Any) -> Made:
        """Answer a request."""
        before = sum(asked == address for _, asked, _ in self.asked)
        self.asked.append((time.monotonic(), address, headers))
        for beginning, answer in self.answers.items():
            if address.startswith(beginning) and (made := answer(address, headers, before)):
                return made
        with urlopen(self.behind + address, timeout=30) as answered:
            return 200, {"content-type": answered.headers["content-type"]}, answered.read()


@pytest.fixture
def front(crawled_sites: Any) -> Iterator[Front]:
    """Return a site in front of the simulated ones."""
    made = Front(crawled_sites.url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = made.made(self.path, self.headers)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield made
    server.shutdown()
    server.server_close()
