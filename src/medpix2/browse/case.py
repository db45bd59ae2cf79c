"""The case page: pictures, report, topic, and where it all comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from medpix2.pipeline.find import published, show
from medpix2.store.database import Store

_REPORT = (
    "History", "Exam", "Findings", "Differential Diagnosis", "Case Diagnosis", "Diagnosis By",
    "Treatment & Follow Up", "Discussion",
)  # fmt: skip
_TOPIC = ("Disease Discussion", "Category", "ACR Code", "Keywords", "Reference", "External Links")


class Section(BaseModel):
    """A part of a report."""

    title: str
    text: str


class CasePicture(BaseModel):
    """A picture of the case."""

    id: str = Field(description="Id of the picture.")
    status: str
    reason: str | None = Field(description="Why it has this status.")
    facts: dict[str, Any] = Field(description="What its labels mean, in one form.")
    published: dict[str, Any] = Field(description="The image document as published.")
    width: int | None = Field(description="Width in pixels; null without a picture.")
    height: int | None = Field(description="Height in pixels; null without a picture.")


class CasePage(BaseModel):
    """A case with all its pictures."""

    id: str
    title: str | None
    status: str
    reason: str | None
    split: str | None
    report: list[Section]
    topic: str | None = Field(description="Title of the topic.")
    topic_sections: list[Section]
    pictures: list[CasePicture]
    published: dict[str, Any] = Field(description="The case document as published.")


def case(store: Store, name: str) -> CasePage:
    """Return the page of a case, by its id or that of one of its pictures.

    Raises
    ------
    NotFound
        There is none.
    """
    match = show(store, name)
    document: Mapping[str, Any] = match.case or {}
    report, topic = document.get("Case") or {}, document.get("Topic") or {}
    meta = document.get("meta") or {}
    return CasePage(
        id=document.get("_id") or match.images[0]["U_id"],
        title=report.get("Title"),
        status=meta.get("status", "excluded"),
        reason=meta.get("reason"),
        split=meta.get("split"),
        report=_sections(report, _REPORT),
        topic=topic.get("Title"),
        topic_sections=_sections(topic, _TOPIC),
        pictures=[_picture(image) for image in match.images],
        published=published(document) if document else {},
    )


def _sections(part: Mapping[str, Any], titles: tuple[str, ...]) -> list[Section]:
    texts = {title: str(part.get(title) or "").strip() for title in titles}
    return [Section(title=title, text=text) for title, text in texts.items() if text]


def _picture(image: Mapping[str, Any]) -> CasePicture:
    meta = image["meta"]
    file = meta.get("file") or {}
    return CasePicture(
        id=image["_id"],
        status=meta["status"],
        reason=meta["reason"],
        facts={"modality": image.get("Type"), **meta["normalized"]},
        published=published(image),
        width=file.get("width"),
        height=file.get("height"),
    )
