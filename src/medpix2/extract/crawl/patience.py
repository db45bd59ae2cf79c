"""A Scrapy middleware that asks again, later, for what did not come well.

It takes the place of Scrapy's own retries, which neither wait nor know what a good answer is.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response
from scrapy.utils.python import global_object_name

from medpix2.extract.crawl.checks import BUSY, fault_of
from medpix2.extract.snapshot.answers import GOOD

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from medpix2.extract.crawl.spider import MedPixSpider

TRIES = 8  # of one address in one sitting
LONGEST = 60.0  # seconds that our own back-off waits at most
LONGEST_ASKED = 900.0  # seconds that a site may ask us to wait
STOPPED = "stopped"  # as a kind of fault: the crawl ended before its time
REFUSING = frozenset({429, 503})  # the whole host asks to be left alone for a while


class GaveUp(IgnoreRequest):
    """An address did not answer well in all its tries; `kind` is the fault of the last."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Patience:
    """Waits as long as a site asks for, longer after each failure, and gives up in the end.

    Attributes
    ----------
    faults
        Kind of fault to its number; the spider's, to be shown.
    ending
        Set when the crawl is to end: nothing waits any more.
    """

    def __init__(self, first: float) -> None:
        self._first = first
        self._paused: dict[str, float] = {}  # host -> when it may be asked again
        self.faults: Counter[str] = Counter()
        self.ending = asyncio.Event()
        self._spider: MedPixSpider | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware of a crawl."""
        made = cls(max(crawler.settings.getfloat("DOWNLOAD_DELAY"), 0.05))

        def opened() -> None:
            if crawler.spider is not None:
                spider: MedPixSpider = crawler.spider  # type: ignore[assignment]
                made.faults, made.ending, made._spider = spider.faults, spider.ending, spider

        crawler.signals.connect(opened, signals.spider_opened, weak=False)
        return made

    async def process_request(self, request: Request) -> None:
        """Hold a request back while its host wants to be left alone."""
        host = _host(request)
        while (left := self._paused.get(host, 0.0) - monotonic()) > 0:
            await self._wait(left)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pass a good answer on; have a bad one asked for again."""
        kind = request.meta.get("kind")
        if kind is None or 300 <= response.status < 400:  # robots.txt; redirected or not modified
            return response
        headers = {name.decode().lower(): value for name, value in _texts(response)}
        fault = fault_of(kind, response.status, headers, response.body)
        if fault is None:
            return response
        asked = _retry_after(headers.get("retry-after", ""))
        if asked and response.status in REFUSING:
            self._paused[_host(request)] = monotonic() + asked
        if response.status != GOOD and response.status not in BUSY:
            self.faults[fault] += 1
            raise GaveUp(fault)  # refused for good: asking again would be rude
        return await self._again(request, fault, asked)

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Have it asked again if no answer came at all."""
        if request.meta.get("kind") is None or isinstance(exception, IgnoreRequest):
            return None
        return await self._again(request, _fault_of(exception), 0.0)

    async def _again(self, request: Request, fault: str, asked: float) -> Request:
        self.faults[fault] += 1
        tried = request.meta.get("tried", 0) + 1
        if tried >= TRIES:
            raise GaveUp(fault)
        own = min(self._first * 2 ** (tried - 1), LONGEST) * random.uniform(0.8, 1.2)
        if self._spider is not None:
            self._spider.scheduler.rest(request.meta["wanted"].key)
        await self._wait(max(own, asked))
        again: Request = request.replace(dont_filter=True)
        again.meta["tried"] = tried
        return again

    async def _wait(self, seconds: float) -> None:
        """Wait, unless the crawl is to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ending.wait(), seconds)
            raise GaveUp(STOPPED)


def _host(request: Request) -> str:
    return urlsplit(request.url).netloc


def _texts(response: Response) -> list[tuple[bytes, str]]:
    return [
        (name, b", ".join(values).decode("latin-1")) for name, values in response.headers.items()
    ]


def _retry_after(text: str) -> float:
    """Return the seconds that a site asks for: as a number, or as a date."""
    if text.strip().isdecimal():
        return min(float(text), LONGEST_ASKED)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time(), 0.0), LONGEST_ASKED)
    except (TypeError, ValueError):
        return 0.0


def _fault_of(exception: Exception) -> str:
    name = global_object_name(type(exception)).rpartition(".")[2].lower()
    for part, fault in (("timeout", "timeout"), ("refused", "refused"), ("dns", "unknown-host")):
        if part in name:
            return fault
    lookup = "lookup" in name or "resolution" in name
    return "unknown-host" if lookup else "reset"
