"""Where a case comes from: its pages on the web, whom to credit, and its licence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field

from medpix2.browse.prose import safe_address

# Part of a host's name -> what people call the site.
_SITES = {"openi": "Open-i", "medpix": "MedPix"}
_MEDPIX = ("published", "openi")  # kinds of source whose content is MedPix's
_MEDPIX_LICENCE = "CC BY-NC-ND 4.0"


class Link(BaseModel):
    """A page on the web."""

    text: str = Field(description="What is there.")
    address: str = Field(description="Its address; http or https.")


class Credited(BaseModel):
    """Somebody who is credited."""

    role: str = Field(description="What they did: author, approver or contributor.")
    name: str = Field(description="Name, or names, as the source writes them.")
    affiliation: str | None = Field(description="Their institution.")


class Origin(BaseModel):
    """Where something comes from."""

    site: str | None = Field(description="Kind of source: published, openi or phantom.")
    name: str | None = Field(description="Name of the copy, archive or snapshot.")
    licence: str | None = Field(description="Licence that the source states.")
    retrieved: str | None = Field(description="When it was fetched.")
    missing: list[str] = Field(description="What the site did not answer.")
    links: list[Link] = Field(description="Its pages on the web.")
    credits: list[Credited] = Field(description="Whom the source names.")


def origin_of(source: Mapping[str, Any]) -> Origin:
    """Return where a stored source document comes from, from its part `source`."""
    addresses = (("page_url", "Page"), ("image_url", "Picture"))
    return Origin(
        site=source.get("site"),
        name=source.get("name"),
        licence=source.get("licence"),
        retrieved=source.get("retrieved"),
        missing=list(source.get("partial") or ()),
        links=[
            Link(text=f"{what} on {_site(address)}", address=address)
            for key, what in addresses
            if (address := safe_address(source.get(key) or ""))
        ],
        credits=[
            Credited(role=row["role"], name=row["name"], affiliation=row.get("affiliation"))
            for row in source.get("credits") or ()
        ],
    )


def all_credits(origins: Iterable[Origin]) -> list[Credited]:
    """Return everybody whom some documents credit, each once, in the order of the documents."""
    found: list[Credited] = []
    for origin in origins:
        found += [row for row in origin.credits if row not in found]
    return found


def licence_of(origins: Iterable[Origin]) -> str | None:
    """Return the licence that some documents state, or MedPix's own for its content."""
    origins = list(origins)
    for origin in origins:
        if origin.licence:
            return origin.licence
    return _MEDPIX_LICENCE if any(origin.site in _MEDPIX for origin in origins) else None


def _site(address: str) -> str:
    host = urlsplit(address).hostname or ""
    return next((name for part, name in _SITES.items() if part in host), host)
