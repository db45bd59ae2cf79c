"""The request for something wanted."""

from __future__ import annotations

from scrapy.http import Request

from medpix2.extract.snapshot.frontier import Wanted


def request_for(wanted: Wanted, tried: int = 0) -> Request:
    """Return the request for the first address of what is wanted."""
    meta = {"kind": wanted.kind, "wanted": wanted, "tried": tried}
    return Request(wanted.urls[0], headers=dict(wanted.headers), meta=meta, dont_filter=True)
