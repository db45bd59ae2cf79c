"""A picture on the case page: its labels, what was found on it, and where it comes from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from medpix2.browse.origin import Origin, origin_of
from medpix2.browse.pictures import picture_address, thumbnail_address, trouble_of
from medpix2.curate.evidence import value_at
from medpix2.records import Finding, published
from medpix2.settings import Settings

SIDE = 160  # pixels of the thumbnails in the strip


class SeenFinding(BaseModel):
    """What a rule found."""

    rule: str = Field(description="Name of the rule.")
    severity: str = Field(description="exclude, review or note.")
    message: str = Field(description="What the rule saw.")
    field: str | None = Field(description="Field that it looked at.")
    other: str | None = Field(description="Id of the other case or picture that it is about.")
    here: bool = Field(description="Whether the other one is a picture of this case.")
    boxes: list[tuple[float, float, float, float]] = Field(
        description="Where it is on the picture: left, top, right, bottom in pixels."
    )


class Correction(BaseModel):
    """A value that was corrected."""

    field: str = Field(description="Published field, with dots.")
    source: str | None = Field(description="Value that the source gives.")
    now: str | None = Field(description="Value now.")


class Label(BaseModel):
    """A label of a picture, for people."""

    name: str
    value: str | None = Field(description="Null where it is missing.")


class CasePicture(BaseModel):
    """A picture of the case."""

    id: str = Field(description="Id of the picture.")
    status: str
    reason: str | None = Field(description="Why it has this status.")
    caption: str | None = Field(description="Caption of the picture.")
    facts: dict[str, Any] = Field(description="What its labels mean, in one form.")
    labels: list[Label] = Field(description="Its labels, for people.")
    corrected: list[Correction] = Field(description="What was corrected.")
    findings: list[SeenFinding] = Field(description="What rules found on it.")
    twins: list[str] = Field(description="Ids of pictures of the case of which one is a duplicate.")
    origin: Origin = Field(description="Where it comes from.")
    published: dict[str, Any] = Field(description="The image document as published.")
    width: int | None = Field(description="Width in pixels; null without a picture.")
    height: int | None = Field(description="Height in pixels; null without a picture.")
    address: str = Field(description="Address of the picture, without the root path.")
    thumbnail: str = Field(description="Address of its thumbnail, without the root path.")
    trouble: str | None = Field(description="What is wrong with its file.")

    @property
    def marks(self) -> list[tuple[float, float, float, float]]:
        """The boxes of all findings on it."""
        return [box for finding in self.findings for box in finding.boxes]

    @property
    def further_reason(self) -> str | None:
        """The reason of its status, unless that is one of its findings word for word."""
        told = {f"{finding.rule}: {finding.message}" for finding in self.findings}
        return None if self.reason in told else self.reason


def case_picture(
    settings: Settings,
    image: Mapping[str, Any],
    source: Mapping[str, Any],
    findings: Sequence[Finding],
    ids: Collection[str],
) -> CasePicture:
    """Return a picture of a case.

    Parameters
    ----------
    settings
        The home, in which its file is.
    image, source
        Its current document, and its stored source document.
    findings
        What rules found on the case.
    ids
        Ids of all pictures of the case.
    """
    meta = image["meta"]
    file = meta.get("file") or {}
    return CasePicture(
        id=image["_id"],
        status=meta["status"],
        reason=meta["reason"],
        caption=(image.get("Description") or {}).get("Caption"),
        facts={"modality": image.get("Type"), **meta["normalized"]},
        labels=[Label(name=name, value=value) for name, value in _labels(image)],
        corrected=[
            Correction(field=field, source=_text(source, field), now=_text(image, field))
            for field in meta.get("corrected") or ()
        ],
        findings=[seen(row, ids) for row in findings if row.target == image["_id"]],
        twins=_twins(image["_id"], findings, ids),
        origin=origin_of(source.get("source") or {}),
        published=published(image),
        width=file.get("width"),
        height=file.get("height"),
        address=picture_address(image),
        thumbnail=thumbnail_address(image, SIDE),
        trouble=trouble_of(settings, meta.get("file")),
    )


def seen(finding: Finding, ids: Collection[str]) -> SeenFinding:
    """Return a finding as the page shows it; `ids` are the pictures of the case."""
    evidence = finding.evidence or {}
    other = evidence.get("other")
    other = other if isinstance(other, str) else None
    return SeenFinding(
        rule=finding.rule, severity=finding.severity, message=finding.message,
        field=finding.field, other=other, here=other in ids,
        boxes=[tuple(box) for box in evidence.get("boxes") or () if len(box) == 4],
    )  # fmt: skip


def _twins(name: str, findings: Sequence[Finding], ids: Collection[str]) -> list[str]:
    """Return the pictures of the case that a finding pairs with one, whichever it is on."""
    pairs = ((row.target, seen(row, ids).other) for row in findings)
    found = {
        other if target == name else target
        for target, other in pairs
        if name in (target, other) and target in ids and other in ids and target != other
    }
    return sorted(each for each in found if each is not None)


def _labels(image: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    facts, said = image["meta"]["normalized"], image.get("Description") or {}
    yield "Modality", image.get("Type")
    yield "Technique", said.get("Modality")
    yield "Sequence", facts.get("sequence")
    yield "Contrast", facts.get("contrast")
    yield "Plane", facts.get("plane")
    yield "Location", facts.get("location")
    yield "Location category", facts.get("location_category")
    age = facts.get("age")
    yield "Age", None if age is None else f"{age:g} years"
    yield "Sex", facts.get("sex")
    yield "ACR code", said.get("ACR Codes")
    yield "Figure part", said.get("Figure Part")
    yield "Split", image["meta"].get("split")
    if file := image["meta"].get("file"):
        size = f"{file['width']} × {file['height']} pixels, {file['bytes'] / 1024:,.0f} KiB"
        yield "File", f"{size}, {file['mode']}"


def _text(document: Mapping[str, Any], field: str) -> str | None:
    value = value_at(document, field)
    return None if value is None else str(value)
