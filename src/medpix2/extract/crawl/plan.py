"""What a crawl is to get, and from where: its options, the sites' addresses, what follows what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, urlencode

from medpix2.extract.answers import (
    case_id,
    encounter_id,
    image_id,
    image_uuid,
    openi_path,
    synpic,
    topic_id,
)
from medpix2.extract.snapshot.frontier import Wanted

PAGE = 100  # records of a page of Open-i, its limit
MODALITIES: Mapping[str, str] = {"CT": "c", "MR": "m"}  # Type -> Open-i's `it`
_LISTING = 10**9  # places of one listing, more than it has records


@dataclass(frozen=True)
class Plan:
    """What a crawl is to get.

    Attributes
    ----------
    openi_url, medpix_url, image_urls
        The sites, and the addresses under which MedPix's pictures of full size may lie.
    modalities
        CT, MR or both.
    limit
        Cases at most; None is all. The listings are read until they have named so many.
    since
        Day (YYYY-MM-DD) before which a dated case is left out; an undated one is taken.
    only
        Ids of the only cases wanted; empty is all.
    full_size
        Pictures at full size from MedPix, not 512 pixels wide from Open-i.
    refresh
        Ask for everything again, not only for what the listings say is new or has changed.
    dry
        The first page of each listing alone, to see how much there is.
    """

    openi_url: str
    medpix_url: str
    image_urls: tuple[str, ...]
    modalities: tuple[str, ...] = ("CT", "MR")
    limit: int | None = None
    since: str | None = None
    only: tuple[str, ...] = ()
    full_size: bool = False
    refresh: bool = False
    dry: bool = False

    def options(self) -> dict[str, Any]:
        """Return what makes this another crawl than one of the same sites with other options."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Plan:
        """Return the plan that has these options."""
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in options.items()
        }
        return cls(**given)

    def page(self, modality: str, first: int) -> Wanted:
        """Return the page of a listing that begins with a record, counted from 1."""
        last = first + PAGE - 1
        kind = MODALITIES[modality]
        query = urlencode({"coll": "mpx", "it": kind, "m": first, "n": last})
        return Wanted(f"page/{kind}/{first}", "page", (f"{self.openi_url}/api/search?{query}",))

    def first_page(self, after: str | None = None) -> Wanted | None:
        """Return the first page of the first listing, or of the one after a modality."""
        at = self.modalities.index(after) + 1 if after else 0
        return self.page(self.modalities[at], 1) if at < len(self.modalities) else None

    def encounter(self, uuid: str) -> Wanted:
        """Return the encounter of a case."""
        return self._rest("encounter", "encounterID", uuid)

    def topic(self, uuid: str) -> Wanted:
        """Return a topic."""
        return self._rest("topic", "topicID", uuid)

    def image(self, uuid: str) -> Wanted:
        """Return the description of a picture."""
        return self._rest("image", "imageID", uuid)

    def picture(self, record: Mapping[str, Any]) -> Wanted | None:
        """Return the picture of an Open-i record; None if it has none."""
        name, path, file = image_id(record), openi_path(record), synpic(record)
        if self.full_size and file:
            urls = tuple(f"{base.rstrip('/')}/{file}.jpg" for base in self.image_urls)
            return Wanted(f"picture/full/{name}", "picture", urls)
        if path is None:
            return None
        url = path if "://" in path else f"{self.openi_url}/{path.lstrip('/')}"
        return Wanted(f"picture/512/{name}", "picture", (url,))

    def details(self, record: Mapping[str, Any]) -> Iterator[Wanted]:
        """Yield what is to be asked because a listing has a record."""
        if uuid := encounter_id(record):
            yield self.encounter(uuid)
        if uuid := image_uuid(record):
            yield self.image(uuid)
        if picture := self.picture(record):
            yield picture

    def after_encounter(self, encounter: Mapping[str, Any]) -> Iterator[Wanted]:
        """Yield what is to be asked because of an encounter."""
        if uuid := topic_id(encounter):
            yield self.topic(uuid)

    def takes(self, record: Mapping[str, Any]) -> bool:
        """Tell whether the case of a record is one of those wanted, the limit aside."""
        if self.only and case_id(record) not in self.only:
            return False
        day = _day(record.get("journal_date"))
        return self.since is None or day is None or day >= self.since

    def _rest(self, kind: Any, parameter: str, uuid: str) -> Wanted:
        url = f"{self.medpix_url}/rest/{kind}.json?{parameter}={quote(uuid, safe='')}"
        return Wanted(f"{kind}/{uuid}", kind, (url,))


def place(kind: str, index: int) -> int:
    """Return the place of a record among all listings."""
    return list(MODALITIES.values()).index(kind) * _LISTING + index


def records_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records of a page of Open-i; those without an id of case and picture left out."""
    rows = page.get("list")
    if not isinstance(rows, list):
        return []
    return [row for row in rows if isinstance(row, dict) and case_id(row) and image_id(row)]


def total_of(page: Mapping[str, Any]) -> int:
    """Return how many records a listing has, which the site gives as a number or as text."""
    try:
        return int(page.get("total") or 0)
    except (TypeError, ValueError):
        return 0


def _day(date: Any) -> str | None:
    """Return Open-i's date as YYYY-MM-DD; None where it is not whole."""
    if not isinstance(date, Mapping):
        return None
    parts = [str(date.get(part) or "") for part in ("year", "month", "day")]
    if not all(part.isdecimal() for part in parts):
        return None
    year, month, day = map(int, parts)
    return f"{year:04}-{month:02}-{day:02}" if year else None
