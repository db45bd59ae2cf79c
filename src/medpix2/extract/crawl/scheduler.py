"""A Scrapy scheduler that takes its requests from a snapshot's frontier.

The frontier lies on disk: what is in memory does not grow with the collection, and a kill forgets
nothing. Each host gets a few requests at a time, so that a slow one does not hold up the other.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Self

from scrapy.core.scheduler import BaseScheduler
from scrapy.http import Request

from medpix2.extract.crawl.requests import request_for
from medpix2.extract.snapshot.frontier import Wanted

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.spiders import Spider

    from medpix2.extract.crawl.spider import MedPixSpider

AHEAD = 50  # read from the frontier at a time, for each host


class SnapshotScheduler(BaseScheduler):
    """Hands out what the frontier wants, each once, until its answer or its failure is noted."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        self._again: deque[Request] = deque()
        self._ready: dict[str, deque[Wanted]] = {}
        self._out: dict[str, str] = {}  # key -> host, of what has been handed out
        self._asking: set[str] = set()  # keys of `_out` that are asked now, not waiting
        self._busy: Counter[str] = Counter()  # host -> how many of those
        self._spider: MedPixSpider | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the scheduler of a crawl."""
        # No more than can be under way: what waited behind a refused request would be asked in
        # spite of its Retry-After.
        return cls(crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))

    def open(self, spider: Spider) -> None:
        """Take requests from the frontier of the spider's snapshot."""
        self._spider = spider  # type: ignore[assignment]
        self._spider.scheduler = self  # type: ignore[union-attr]

    def has_pending_requests(self) -> bool:
        """Tell whether there is more to ask."""
        return bool(self._again) or any(map(self._fill, self._hosts()))

    def enqueue_request(self, request: Request) -> bool:
        """Take a request that is to be tried again, or was redirected."""
        self.rest(request.meta["wanted"].key)
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """Return what is asked next: of the host that is asked least."""
        for request in self._again:
            if self._begin(request.meta["wanted"]):
                self._again.remove(request)
                return request
        for host in sorted(self._hosts(), key=self._busy.__getitem__):
            if self._busy[host] < self._per_host and self._fill(host):
                wanted = self._ready[host].popleft()
                self._begin(wanted)
                assert self._spider is not None
                return request_for(wanted, self._spider)
        return None

    def rest(self, key: str) -> None:
        """Note that what was handed out waits, so that something else of its host can be asked."""
        if key in self._asking:
            self._asking.remove(key)
            self._busy[self._out[key]] -= 1

    def done(self, key: str) -> None:
        """Note that what was handed out has been answered, or has failed."""
        self.rest(key)
        self._out.pop(key, None)

    def _begin(self, wanted: Wanted) -> bool:
        """Note that something is asked now; tell whether its host can be asked."""
        if self._busy[wanted.host] >= self._per_host:
            return False
        self._out[wanted.key] = wanted.host
        self._asking.add(wanted.key)
        self._busy[wanted.host] += 1
        return True

    def _hosts(self) -> list[str]:
        if self._spider is None:
            return []
        return [host for host in self._spider.hosts if host not in self._spider.silent]

    def _fill(self, host: str) -> bool:
        ready = self._ready.setdefault(host, deque())
        if not ready and self._spider is not None:
            found = self._spider.snapshot.frontier.of_host(host, AHEAD + len(self._out))
            ready.extend([wanted for wanted in found if wanted.key not in self._out][:AHEAD])
        return bool(ready)
