"""Every address of the sites and what it answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from medpix2.phantom.sites import medpix, openi
from medpix2.phantom.sites.catalog import Catalog
from medpix2.phantom.sites.pictures import Picture, Pictures

HTML, JSON, XML, TEXT = (
    f"{name};charset=UTF-8" for name in ("text/html", "application/json", "application/xml",
    "text/plain")
)  # fmt: skip
ROBOTS = "User-agent: *\nDisallow: /login\n"
FORBIDDING = ROBOTS + "Disallow: /rest/topic.json\n"
_KEPT = 1024  # answers that are kept ready
_IMGS = re.compile(r"/imgs/(100|137|150|512)/(\d+)/(\d+)/([^/]+)\.png")
_FULL = re.compile(r"/medpix/img/full/([^/]+)\.jpe?g")
_REST: dict[str, tuple[str, str, Callable[[Catalog, Mapping[str, str]], Any]]] = {
    "/rest/encounter": ("encounter", "encounter", medpix.encounter),
    "/rest/image": ("image", "image", medpix.image),
    "/rest/topic": ("topic", "topic", medpix.topic),
    "/rest/encounter/diagnosis": ("diagnosis", "encounters", medpix.diagnosed),
    "/rest/caseofweek/list": ("list", "caseOfWeekList", medpix.cases_of_week),
}
"""Address to what it is counted as, the name of its XML, and its maker."""
_PEOPLE = ("/", "/case", "/bycase")


class Answer(NamedTuple):
    """What is sent back when nothing goes wrong."""

    body: bytes
    type: str
    status: int = 200


def kind_of(path: str) -> str:
    """Return as what a request is counted: search, encounter, image, topic, picture, full, ..."""
    if path == "/api/search":
        return "search"
    if path.removesuffix(".json") in _REST:
        return _REST[path.removesuffix(".json")][0]
    if path.startswith("/imgs/"):
        return "picture"
    if path.startswith(("/medpix/img/", "/images/")):
        return "full"
    if path == "/robots.txt":
        return "robots"
    return "people" if path in _PEOPLE else "other"


def is_heavy(path: str) -> bool:
    """Return whether the answer has to be computed so long that others should not wait for it."""
    return path.startswith("/medpix/") or (
        path.startswith("/imgs/") and not path.startswith("/imgs/512/")
    )


class Sites:
    """The three sites: they answer an address from a catalog of cases and their pictures.

    Parameters
    ----------
    catalog, pictures
        What there is.
    seed
        Decides the form of totals.
    """

    def __init__(self, catalog: Catalog, pictures: Pictures, seed: int) -> None:
        self.catalog = catalog
        self._pictures = pictures
        self._seed = seed
        self._rest = lru_cache(maxsize=_KEPT)(self._rest_anew)
        self._search = lru_cache(maxsize=32)(self._search_anew)

    def answer(self, path: str, query: str) -> Answer:
        """Answer a GET of a path with a query string."""
        if path == "/api/search":
            return self._search(query)
        if path.startswith("/imgs/"):
            return self._sized(path)
        name = path.removesuffix(".json")
        if name in _REST:
            return self._rest(name, query, name != path)
        if path.startswith("/medpix/"):
            return self._full(path)
        if path == "/robots.txt":
            return Answer(ROBOTS.encode(), TEXT)
        if path in _PEOPLE:
            return page(200, "MedPix (simulated)")
        return page(404, "Not Found")

    def _search_anew(self, query: str) -> Answer:
        return _json(openi.search(self.catalog, parameters(query), self._seed))

    def _rest_anew(self, name: str, query: str, as_json: bool) -> Answer:
        _, root, make = _REST[name]
        value = make(self.catalog, parameters(query))
        return _json(value) if as_json else Answer(medpix.as_xml(root, value).encode(), XML)

    def _sized(self, path: str) -> Answer:
        found = _IMGS.fullmatch(path)
        known = self.catalog.picture(found[4]) if found else None
        if found is None or known is None:
            return page(404, "Not Found")
        (case, picture), size = known, int(found[1])
        if path != openi.picture_path(case.pmcid, picture.id, size):
            return page(404, "Not Found")
        stem = picture.file or picture.id
        large = size == openi.LARGE
        return _sent(self._pictures.large(stem) if large else self._pictures.small(stem, size))

    def _full(self, path: str) -> Answer:
        found = _FULL.fullmatch(path)
        known = self.catalog.picture(found[1]) if found else None
        if known is None or found is None or known[1].name != found[1]:
            return page(404, "Not Found")
        return _sent(self._pictures.full(known[1].file or known[1].id))


def parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query string; of one that comes twice, the last."""
    return dict(parse_qsl(query, keep_blank_values=True))


def page(status: int, title: str) -> Answer:
    """Return a small page for people."""
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body>"
    return Answer(f"{text}</html>".encode(), HTML, status)


def _sent(picture: Picture | None) -> Answer:
    return page(404, "Not Found") if picture is None else Answer(picture.content, picture.type)


def _json(value: Any) -> Answer:
    # As the file of records may have it: half of a surrogate pair must not end the server.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(text.encode("utf-8", "surrogatepass"), JSON)
