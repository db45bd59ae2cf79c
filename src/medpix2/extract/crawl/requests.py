"""The request for something wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.http import Request

from medpix2.extract.snapshot.frontier import Wanted

if TYPE_CHECKING:
    from medpix2.extract.crawl.spider import MedPixSpider


def request_for(wanted: Wanted, spider: MedPixSpider, tried: int = 0) -> Request:
    """Return the request for the first address of what is wanted."""
    return Request(
        wanted.urls[0],
        callback=spider.parse,
        errback=spider.give_up,
        headers=dict(wanted.headers),
        meta={"kind": wanted.kind, "wanted": wanted, "tried": tried},
        dont_filter=True,
    )
