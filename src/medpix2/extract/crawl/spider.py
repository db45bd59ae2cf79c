"""The spider: keeps every answer in the snapshot, and wants what follows from it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from medpix2.errors import Medpix2Error, SourceError
from medpix2.extract.answers import case_id, image_id
from medpix2.extract.crawl.checks import ABSENT
from medpix2.extract.crawl.patience import TRIES, GaveUp
from medpix2.extract.crawl.plan import MODALITIES, PAGE, Plan, place, records_of, total_of
from medpix2.extract.crawl.requests import request_for
from medpix2.extract.redact import redact
from medpix2.extract.snapshot.answers import GOOD, Answer
from medpix2.extract.snapshot.folder import Snapshot
from medpix2.extract.snapshot.frontier import Wanted
from medpix2.extract.snapshot.listing import Record
from medpix2.extract.withdrawn import without_withdrawn

if TYPE_CHECKING:
    from medpix2.extract.crawl.scheduler import SnapshotScheduler

HEADERS = ("content-type", "last-modified", "etag", "date", "content-length")  # that are kept
FORBIDDEN, REDIRECTED = "robots.txt", "redirect-loop"
SILENT_AFTER = 5  # addresses of a host that gave up one after the other: it is down


class MedPixSpider(Spider):
    """Crawls Open-i's listings and what MedPix has of their cases.

    Attributes
    ----------
    snapshot, plan
        Where answers are kept, and what is to be got.
    scheduler
        Hands out requests from the snapshot's frontier; sets itself here when it is opened.
    hosts, silent
        Hosts that something was wanted of, and those that have stopped answering.
    faults, failed
        Faults by kind; what was given up in this sitting, by kind of its last fault.
    total
        Listing (c, m) to the number of its records, once its first page is there.
    error
        What ended the crawl before its time.
    ending
        Set when the crawl is to end.
    """

    name = "medpix"
    scheduler: SnapshotScheduler

    def __init__(
        self, snapshot: Snapshot, plan: Plan, withdrawn: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._withdrawn = withdrawn  # names of what is neither kept nor asked for
        self.snapshot, self.plan = snapshot, plan
        self.hosts = set(snapshot.frontier.hosts())
        self.silent: set[str] = set()
        self.faults: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.total: dict[str, int] = {}
        self.error: Medpix2Error | None = None
        self.ending = asyncio.Event()
        self._in_a_row: Counter[str] = Counter()

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """End the crawl where the snapshot cannot be written, or a site refuses."""
        try:
            yield
        except Medpix2Error as error:
            self.error = error
            self.ending.set()
            raise CloseSpider("error") from error

    async def start(self) -> AsyncIterator[Request]:
        """Begin a run, or go on with one; the requests come from the frontier."""
        with self._stopping():
            if self.snapshot.begin(self.plan.options(), now()):
                self.hosts.clear()
                with self.snapshot.writing():
                    self._want([self.plan.first_page()])
            with self.snapshot.writing():
                self.snapshot.frontier.resume()
        return
        yield  # an asynchronous generator without a request

    def parse(self, response: Response) -> Iterator[Request]:
        """Keep an answer, and want what follows from it."""
        wanted: Wanted = response.meta["wanted"]
        self._in_a_row[wanted.host] = 0
        with self._stopping(), self.snapshot.writing():
            if response.status == 304:
                self.snapshot.answers.confirm(wanted.key)
                self._want(self._following(wanted, self.snapshot.answers.object(wanted.key)))
                self.snapshot.frontier.remove(wanted.key)
            elif response.status in ABSENT and (other := wanted.elsewhere()):
                self.snapshot.frontier.remove(wanted.key)
                self._want([other])
            else:
                self._keep(wanted, response)
                self.snapshot.frontier.remove(wanted.key)
        self.scheduler.done(wanted.key)
        yield from ()

    def give_up(self, failure: Failure) -> Iterator[Request]:
        """Note that an address does not answer; leave it to a later sitting."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        wanted: Wanted = meta["wanted"]
        kind = failure.value.kind if isinstance(failure.value, GaveUp) else _refusal(failure)
        if not isinstance(failure.value, GaveUp):
            self.faults[kind] += 1
            if kind == REDIRECTED and (tried := meta.get("tried", 0) + 1) < TRIES:
                yield request_for(wanted, self, tried)
                return
        self.failed[kind] += 1
        with self._stopping(), self.snapshot.writing():
            self.snapshot.frontier.postpone(wanted.key)
        self.scheduler.done(wanted.key)
        if kind != FORBIDDEN:
            self._in_a_row[wanted.host] += 1
            if self._in_a_row[wanted.host] >= SILENT_AFTER:
                self.silent.add(wanted.host)

    def _keep(self, wanted: Wanted, response: Response) -> None:
        body, emails = response.body, 0
        if wanted.kind != "picture" or response.status != GOOD:
            body, emails = redact(response.body)
            body = without_withdrawn(wanted.kind, body, self._withdrawn)
        answer = Answer(
            key=wanted.key,
            kind=wanted.kind,
            url=response.url,
            at=now(),
            status=response.status,
            headers=_headers(response),
            received=hashlib.sha256(response.body).hexdigest(),
            stored=hashlib.sha256(body).hexdigest(),
            emails=emails,
            body=body,
        )
        self.snapshot.answers.keep(answer)
        if response.status == GOOD and wanted.kind in ("page", "encounter"):
            self._want(self._following(wanted, json.loads(body)))

    def _following(
        self, wanted: Wanted, answer: Mapping[str, Any] | None
    ) -> Iterator[Wanted | None]:
        """Yield what is to be asked because of an answer."""
        if answer is None:
            return
        if wanted.kind == "encounter":
            yield from self.plan.after_encounter(answer)
        elif wanted.kind == "page":
            yield from self._after_page(wanted, answer)

    def _after_page(self, wanted: Wanted, page: Mapping[str, Any]) -> Iterator[Wanted | None]:
        if said := page.get("Query-Error"):
            raise SourceError(f"Open-i refuses the question ({said})", "report it to us")
        _, kind, first = wanted.key.split("/")
        self.total[kind] = total_of(page)
        listing, full = self.snapshot.listing, False
        for at, row in enumerate(records_of(page), int(first)):
            if not self.plan.takes(row):
                continue
            uid = case_id(row) or ""
            if self.plan.limit and not listing.lists(uid) and listing.cases() >= self.plan.limit:
                full = True
                continue
            news = listing.note(Record(image_id(row) or "", uid, place(kind, at), row))
            if not self.plan.dry:
                yield from self._details(row, news=news)
        modality = next(m for m in self.plan.modalities if MODALITIES[m] == kind)
        if full:
            return
        after = int(first) + PAGE
        more = after <= self.total[kind] and not self.plan.dry
        yield self.plan.page(modality, after) if more else self.plan.first_page(modality)

    def _details(self, row: Mapping[str, Any], *, news: bool) -> Iterator[Wanted]:
        """Yield what is to be asked of a listed picture and its case."""
        for wanted in self.plan.details(row):
            if self.plan.refresh:
                latest = self.snapshot.answers.latest(wanted.key)
                yield Wanted(wanted.key, wanted.kind, wanted.urls, _unless_same(latest))
            elif news or not self.snapshot.answers.good(wanted.key):
                yield wanted
            elif wanted.kind == "encounter":  # its topic may not have answered then
                encounter = self.snapshot.answers.object(wanted.key)
                topics = self._following(wanted, encounter)
                yield from (t for t in topics if t and not self.snapshot.answers.good(t.key))

    def _want(self, items: Iterable[Wanted | None]) -> None:
        """Have what has not been answered in this run asked. Within `Snapshot.writing`."""
        news = [w for w in items if w is not None and not self.snapshot.answers.in_this_run(w.key)]
        self.snapshot.frontier.add(news)
        self.hosts.update(wanted.host for wanted in news)


def now() -> str:
    """Return the time as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _headers(response: Response) -> dict[str, str]:
    found = {name: response.headers.get(name) for name in HEADERS}
    return {name: value.decode("latin-1") for name, value in found.items() if value}


def _unless_same(answer: Answer | None) -> dict[str, str]:
    """Return the headers that ask for an answer only if it is another than we have."""
    if answer is None or answer.status != GOOD:
        return {}
    had = {"If-None-Match": "etag", "If-Modified-Since": "last-modified"}
    return {ask: answer.headers[name] for ask, name in had.items() if name in answer.headers}


def _refusal(failure: Failure) -> str:
    """Return why Scrapy itself did not ask, or did not follow."""
    said = str(failure.value)
    if "robots.txt" in said:
        return FORBIDDEN
    return REDIRECTED if "redirection" in said else type(failure.value).__name__
