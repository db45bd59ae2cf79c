"""The process that crawls: reads a job from its input, tells how far it is on its output.

A process of its own, because Scrapy's reactor runs once in a process and wants its signals. It
ends, keeping what it has, when its input is closed: a crawl does not outlive who began it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from twisted.python.failure import Failure

from medpix2.errors import Medpix2Error, SourceError
from medpix2.extract.crawl.plan import Plan
from medpix2.extract.crawl.spider import MedPixSpider, now
from medpix2.extract.snapshot.folder import Snapshot, open_snapshot

EVERY = 0.5  # seconds between words of progress


def main() -> None:
    """Crawl as the first line of the input says."""
    job = json.loads(sys.stdin.readline())
    plan = Plan.of(job["plan"])
    try:
        with open_snapshot(Path(job["folder"]), create=True) as snapshot:
            withdrawn = frozenset(job["withdrawn"])
            _tell("end", **_crawl(snapshot, plan, withdrawn, job["settings"]))
    except Medpix2Error as error:
        _tell("error", failed=error.failed, todo=error.todo, kind=type(error).__name__)


def _crawl(
    snapshot: Snapshot, plan: Plan, withdrawn: frozenset[str], settings: dict[str, Any]
) -> dict[str, Any]:
    process = AsyncCrawlerProcess({**settings, "LOG_INSTALL_ROOT_HANDLER": False})
    crawler = process.create_crawler(MedPixSpider)
    crawler.signals.connect(_reporting(crawler), signals.spider_opened, weak=False)
    crawler.signals.connect(_own_fault, signals.spider_error, weak=False)
    process.crawl(crawler, snapshot=snapshot, plan=plan, withdrawn=withdrawn)
    gc.freeze()  # what lives as long as the crawl; the rest is then collected sooner
    process.start()
    spider = crawler.spider
    if not isinstance(spider, MedPixSpider):
        raise SourceError("The crawl did not begin", "look at what Scrapy printed above")
    if spider.error is not None:
        raise spider.error
    left = sum(snapshot.frontier.counts().values())
    finished = crawler.stats.get_value("finish_reason") == "finished"
    if not left:
        snapshot.end(now())
    return {**_state(spider), "left": left, "finished": finished, "silent": sorted(spider.silent)}


def _reporting(crawler: Crawler) -> Any:
    """Return what begins, once the spider is there, to tell of its progress and to watch us."""

    def begin() -> None:
        loop = asyncio.get_running_loop()

        def watch() -> None:
            sys.stdin.read()
            with suppress(RuntimeError):  # the loop has ended before
                asyncio.run_coroutine_threadsafe(stop(), loop)

        async def stop() -> None:
            if isinstance(crawler.spider, MedPixSpider):
                crawler.spider.ending.set()
            await crawler.stop_async()

        def report() -> None:
            if isinstance(crawler.spider, MedPixSpider) and crawler.spider.error is None:
                _tell("progress", **_state(crawler.spider))
                loop.call_later(EVERY, report)

        threading.Thread(target=watch, daemon=True).start()
        loop.call_later(EVERY, report)

    return begin


def _own_fault(failure: Failure, spider: MedPixSpider) -> None:
    """Make an error of what our own code did wrong, which Scrapy would pass over."""
    spider.error = spider.error or SourceError(
        f"The crawl met a fault of its own ({type(failure.value).__name__}: {failure.value})",
        "run the same command again; if it stays, report it",
    )
    spider.silent |= spider.hosts  # nothing more is asked


def _state(spider: MedPixSpider) -> dict[str, Any]:
    """Return how far the crawl is: by kind what is answered and what is known to be wanted."""
    done, wanted = spider.snapshot.answers.counts(), spider.snapshot.frontier.counts()
    return {
        "done": done,
        "wanted": wanted,
        "records": sum(spider.total.values()),
        "faults": dict(spider.faults),
        "failed": dict(spider.failed),
    }


def _tell(event: str, **said: Any) -> None:
    try:
        print(json.dumps({"event": event, **said}), flush=True)  # noqa: T201 - to our parent
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
