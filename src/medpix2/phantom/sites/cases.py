"""What the sites know of a case, whichever source it was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True, slots=True)
class SitePicture:
    """A picture of a case."""

    id: str
    uuid: str
    kind: str
    """What Open-i calls modalityMajor: c, m, x, ..."""
    caption: str | None = None
    modality: str | None = None
    plane: str | None = None
    figure_part: str | None = None
    acr: str | None = None
    record: dict[str, Any] | None = None
    """The real record of Open-i, served as it is."""
    file: str | None = None
    """Stem of its file, where that is not the id."""

    @property
    def name(self) -> str:
        """Name by which MedPix knows the picture: synpic12345."""
        return self.id.partition("_")[2] or self.id


@dataclass(frozen=True, slots=True)
class SiteTopic:
    """A topic; cases may share one."""

    uuid: str
    title: str | None
    factoid: str | None
    acr: str | None
    category: str | None
    keywords: tuple[str, ...]
    reference: str | None
    url: str | None
    location: str | None


@dataclass(frozen=True, slots=True)
class SiteCase:
    """A case: what Open-i calls an article and MedPix an encounter."""

    uid: str
    uuid: str
    title: str | None
    sections: dict[str, str]
    """Sections of the abstract: Diagnosis, History, Findings, Ddx, Dxhow, Exam."""
    treatment: str | None = None
    discussion: str | None = None
    age: str | None = None
    sex: str | None = None
    topic: SiteTopic | None = None
    pictures: tuple[SitePicture, ...] = field(default=())

    @property
    def pmcid(self) -> str:
        """The number in the id of the case."""
        return pmcid_of(self.uid)


def pmcid_of(uid: str) -> str:
    """Return the number in the id of a case: '1009' of MPX1009."""
    return "".join(re.findall("[0-9]+", uid)) or "0"


def made_uuid(what: str, name: str) -> str:
    """Return the UUID of something that has none: the same name gives the same."""
    return str(uuid5(NAMESPACE_URL, f"https://medpix.nlm.nih.gov/{what}/{name}"))
