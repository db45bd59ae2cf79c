"""The case page: pictures, report, topic, what was found and decided, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from medpix2.browse.case_picture import CasePicture, SeenFinding, case_picture, seen
from medpix2.browse.origin import Credited, Origin, all_credits, licence_of, origin_of
from medpix2.browse.prose import Block, Run, links_in, prose, safe_address
from medpix2.pipeline.find import show
from medpix2.records import Decision, published
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions, source_documents
from medpix2.store.findings import findings_of_case

_REPORT = (
    "History", "Exam", "Findings", "Differential Diagnosis", "Case Diagnosis", "Diagnosis By",
    "Treatment & Follow Up", "Discussion",
)  # fmt: skip
_TOPIC = ("Disease Discussion", "Category", "ACR Code", "Keywords", "Reference", "External Links")
_LINE_LISTS = ("Differential Diagnosis",)  # of which a line is an item
_LINKS = "External Links"


class Section(BaseModel):
    """A part of a report."""

    title: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """The text as paragraphs and lists."""
        return prose(self.text, a_line_an_item=self.title in _LINE_LISTS)

    @property
    def links(self) -> list[Run]:
        """The text as addresses, where it is a list of these."""
        if self.title != _LINKS:
            return []
        return [run for line in self.text.splitlines() for run in _link_line(line.strip())]


class SeenDecision(BaseModel):
    """What somebody decided on the case or one of its pictures."""

    target: str = Field(description="Id of the case or picture.")
    action: str
    by: str = Field(description="Who decided.")
    at: str = Field(description="When, as ISO 8601 in UTC.")
    reason: str | None
    field: str | None = Field(description="Published field that was corrected.")
    new: str | None = Field(description="Its value now.")
    into: str | None = Field(description="Id of what it is a duplicate of.")


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
    keywords: list[str] = Field(description="Key words as a list.")
    category: str | None = Field(description="Category of the topic.")
    pictures: list[CasePicture]
    shown: str | None = Field(description="Id of the picture that the page shows large.")
    beside: str | None = Field(description="Id of the picture beside it, if any.")
    findings: list[SeenFinding] = Field(description="What rules found on the case itself.")
    decisions: list[SeenDecision] = Field(description="What was decided, oldest first.")
    origin: Origin = Field(description="Where the case comes from.")
    credits: list[Credited] = Field(description="Whom the case and its pictures credit.")
    licence: str | None = Field(description="Licence of the content.")
    published: dict[str, Any] = Field(description="The case document as published.")

    @property
    def key(self) -> str:
        """The id by which the page is found: a picture's where the source has no such case."""
        return self.id if self.published else self.pictures[0].id

    @property
    def large(self) -> list[CasePicture]:
        """The pictures that are shown large: none, one or two."""
        wanted = [self.shown, self.beside]
        by_id = {picture.id: picture for picture in self.pictures}
        return [by_id[name] for name in wanted if name]


def case(store: Store, name: str, shown: str | None = None, beside: str | None = None) -> CasePage:
    """Return the page of a case.

    Parameters
    ----------
    store
        The database.
    name
        Id of the case, or of one of its pictures.
    shown, beside
        Ids of the pictures to show large; others than those of the case are passed over.

    Raises
    ------
    NotFound
        There is no such case.
    """
    match = show(store, name)
    document: Mapping[str, Any] = match.case or {}
    case_id = document.get("_id") or match.images[0]["U_id"]
    ids = [image["_id"] for image in match.images]
    sources = source_documents(store.db, [case_id, *ids])
    findings = findings_of_case(store.db, case_id)
    pictures = [
        case_picture(store.settings, image, sources.get(image["_id"], {}), findings, set(ids))
        for image in match.images
    ]
    origin = origin_of(sources.get(case_id, {}).get("source") or {})
    origins = [origin, *(picture.origin for picture in pictures)]
    first = _first_of((shown, _folded(name, ids), *ids[:1]), ids)
    return CasePage(
        id=case_id,
        pictures=pictures,
        shown=first,
        beside=beside if beside in ids and beside != first else None,
        findings=[seen(row, set(ids)) for row in findings if row.target == case_id],
        decisions=_decisions(read_decisions(store.db, [case_id, *ids])),
        origin=origin,
        credits=all_credits(origins),
        licence=licence_of(origins),
        **_texts(document),
    )


def _texts(document: Mapping[str, Any]) -> dict[str, Any]:
    report, topic = document.get("Case") or {}, document.get("Topic") or {}
    meta = document.get("meta") or {}
    facts = meta.get("normalized") or {}
    return {
        "title": report.get("Title"),
        "status": meta.get("status", "excluded"),
        "reason": meta.get("reason"),
        "split": meta.get("split"),
        "report": _sections(report, _REPORT),
        "topic": topic.get("Title"),
        "topic_sections": _sections(topic, _TOPIC),
        "keywords": list(facts.get("keywords") or ()),
        "category": facts.get("category"),
        "published": published(document) if document else {},
    }


def _first_of(wanted: Sequence[str | None], ids: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in ids), None)


def _folded(name: str, ids: Sequence[str]) -> str | None:
    """Return the picture that a name means, whatever the case of its letters."""
    return next((each for each in ids if each.casefold() == name.casefold()), None)


def _sections(part: Mapping[str, Any], titles: tuple[str, ...]) -> list[Section]:
    texts = {title: str(part.get(title) or "").strip() for title in titles}
    return [Section(title=title, text=text) for title, text in texts.items() if text]


def _link_line(line: str) -> tuple[Run, ...]:
    address = safe_address(line)
    return (Run(line, address),) if address else links_in(line)


def _decisions(decisions: Iterable[Decision]) -> list[SeenDecision]:
    names = tuple(SeenDecision.model_fields)
    return [SeenDecision(**{name: getattr(row, name) for name in names}) for row in decisions]
