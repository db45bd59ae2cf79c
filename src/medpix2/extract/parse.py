"""Raw answers of Open-i and MedPix to published documents; pure, and it never raises.

Which field comes from where stands in `extract.fields`. What no site gives is absent, as in the
published release: keys of the report and the topic are missing, labels of a picture are null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from medpix2.extract import answers, fields
from medpix2.extract.credits import credits_of
from medpix2.extract.fields import CAPTION, CASE_FIELDS, TOPIC_FIELDS, TextField
from medpix2.extract.markup import sections
from medpix2.records import Finding

RULE, RULE_VERSION = "source-differs", 1

_Document = dict[str, Any]
_Answers = Mapping[str, Mapping[str, Any]]  # name as in the paths of `extract.fields` -> answer


@dataclass(frozen=True)
class RawCase:
    """All raw answers of one case.

    Attributes
    ----------
    records
        Open-i records of the case, one a picture, in the site's order.
    encounter, topic
        MedPix's answers; None where it did not answer.
    images
        UUID of an image to MedPix's answer, or the item of the encounter's `imageList`.
    """

    uid: str
    records: Sequence[Mapping[str, Any]]
    encounter: Mapping[str, Any] | None = None
    topic: Mapping[str, Any] | None = None
    images: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class ParsedCase:
    """The documents of one case.

    Attributes
    ----------
    case, images
        As in `Case_topic.json` and `Descriptions.json`; pictures in the order of TAC, then MRI.
    keywords
        The topic's key words one by one, for `normalized`.
    source, image_sources
        Fields of `records.Provenance` that the answers tell, of the case and by image id.
    missing
        What did not answer: "encounter", "topic", "image MPX..."; empty if complete.
    differences
        Values that lost where the two sites differ.
    """

    case: _Document
    images: list[_Document]
    keywords: tuple[str, ...]
    source: _Document
    image_sources: dict[str, _Document]
    missing: tuple[str, ...]
    differences: tuple[Finding, ...]


def parse_case(raw: RawCase) -> ParsedCase:
    """Make the published documents of a case from its raw answers."""
    first: Mapping[str, Any] = raw.records[0] if raw.records else {}
    encounter = answers.answered(raw.encounter, "encounterID")
    topic = answers.answered(raw.topic, "topicID")
    known = {**_openi(first), "encounter": encounter or {}, "topic": topic or {}}
    differences: list[Finding] = []
    report = _texts(CASE_FIELDS, known, raw.uid, "Case", differences)
    differences += _between_records(raw, report)
    words = fields.keywords(known["topic"])
    pictures = [_picture(raw, record, known, differences) for record in _scans(raw.records)]
    pictures.sort(key=lambda picture: picture.document["Type"])  # stable: CT, then MR
    missing = [*_missing(encounter, topic), *(p.missing for p in pictures if p.missing)]
    ids = [(p.document["Type"], p.document["image"]) for p in pictures]
    case = {
        "U_id": raw.uid,
        "TAC": [name for modality, name in ids if modality == "CT"],
        "MRI": [name for modality, name in ids if modality == "MR"],
        "Case": report,
        "Topic": _topic(known, words, raw.uid, differences),
    }
    return ParsedCase(
        case=case,
        images=[picture.document for picture in pictures],
        keywords=words,
        source=_case_source(first, known, missing),
        image_sources={p.document["image"]: p.source for p in pictures},
        missing=tuple(missing),
        differences=tuple(differences),
    )


@dataclass(frozen=True)
class _Picture:
    document: _Document
    source: _Document
    missing: str | None


def _openi(record: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return an Open-i record as the answers that the paths name."""
    record = record if isinstance(record, Mapping) else {}
    abstract = fields.said(record.get("abstract"))
    return {
        "record": record,
        "picture": answers.part(record, "image"),
        "section": sections(abstract) if abstract else {},
    }


def _scans(records: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the records of CT and MR pictures, each picture once."""
    seen: set[str] = set()
    for record in records:
        name = answers.image_id(record)
        if name is not None and name not in seen and answers.modality_of(record):
            seen.add(name)
            yield record


def _at(known: _Answers, path: str | None) -> str | None:
    """Return the text at a path; a section is plain text already, and only redacted."""
    if path is None:
        return None
    answer, key = path.split(".")
    value = known[answer].get(key)
    return fields.written(value) if answer == "section" else fields.text(value)


def _texts(
    table: Sequence[TextField], known: _Answers, target: str, part: str, differences: list[Finding]
) -> _Document:
    """Return the fields that have a value; note the values that lost."""
    found: _Document = {}
    for each in table:
        values = [(site, _at(known, path)) for site, path in each.places()]
        told = [(site, value) for site, value in values if value is not None]
        if told:
            found[each.name] = told[0][1]
        for site, value in told[1:]:
            differences += _difference(target, f"{part}.{each.name}", found[each.name], site, value)
    return found


def _difference(target: str, path: str, won: str, site: str, lost: str) -> Iterator[Finding]:
    if won.split() != lost.split():  # blanks apart
        yield Finding(
            target=target, rule=RULE, version=RULE_VERSION, severity="note", field=path,
            message=f"{site} has: {lost}",
        )  # fmt: skip


def _between_records(raw: RawCase, report: Mapping[str, str]) -> Iterator[Finding]:
    """Yield where the records of a case, which all repeat its text, differ from the first."""
    seen = [_repeated(raw.records[0])] if raw.records else []
    for record in raw.records[1:]:
        if (texts := _repeated(record)) in seen:
            continue
        seen.append(texts)
        known = _openi(record)
        for each in CASE_FIELDS:
            value = _at(known, each.openi) if each.wins == "Open-i" else None
            if value is not None:
                site = f"Open-i, with {answers.image_id(record)},"
                won = report.get(each.name, "")
                yield from _difference(raw.uid, f"Case.{each.name}", won, site, value)


def _repeated(record: object) -> tuple[object, object]:
    known = record if isinstance(record, Mapping) else {}
    return known.get("title"), known.get("abstract")


def _topic(
    known: _Answers, words: Sequence[str], target: str, differences: list[Finding]
) -> _Document:
    topic = known["topic"]
    found = _texts(TOPIC_FIELDS, known, target, "Topic", differences)
    code = fields.label(topic.get("acrCode"))
    code = code or fields.acr_code(topic.get("preacr"), topic.get("postacr"))
    if code is not None:
        found["ACR Code"] = code
    if words:
        found["Keywords"] = "".join(words)
    return found


def _picture(
    raw: RawCase, record: Mapping[str, Any], known: _Answers, differences: list[Finding]
) -> _Picture:
    name = answers.image_id(record) or ""
    uuid = answers.image_uuid(record)
    answer = raw.images.get(uuid) if uuid else None
    answer = answers.answered(answer, "imageID") or dict(
        answers.listed_images(known["encounter"])
    ).get(uuid or "")
    image = answer or {}
    known = {**known, **_openi(record), "image": image}
    labels = {key: fields.label(_raw_at(known, path)) for key, path in fields.LABELS.items()}
    code = fields.acr_code(image.get("preacr"), image.get("postacr"))
    captions = _texts((CAPTION,), known, name, "Description", differences)
    said = {**labels, "ACR Codes": code or fields.label(image.get("acrCode")), "Caption": None}
    location = fields.label(known["topic"].get("location"))
    document = {
        "Type": answers.modality_of(record),
        "U_id": raw.uid,
        "image": name,
        "Description": dict(sorted({**said, **captions}.items())),
        "Location": location,
        "Location Category": fields.location_category(location),
    }
    source = {
        "image_uuid": uuid,
        "image_url": answers.image_url(record),
        "page_url": fields.said(record.get("medpixImageURL")),
        "licence": _licence(record),
        "credits": credits_of(image, {}),
    }
    return _Picture(document, _given(source), None if answer is not None else f"image {name}")


def _raw_at(known: _Answers, path: str) -> object:
    answer, key = path.split(".")
    return known[answer].get(key)


def _missing(encounter: object, topic: object) -> Iterator[str]:
    if encounter is None:
        yield "encounter"
    # An encounter without a topic has none to ask for.
    if topic is None and (encounter is None or answers.topic_id(encounter)):
        yield "topic"


def _case_source(record: Mapping[str, Any], known: _Answers, missing: Sequence[str]) -> _Document:
    source = {
        "encounter_uuid": answers.encounter_id(record),
        "topic_uuid": answers.topic_id(known["encounter"]) or answers.topic_id(known["topic"]),
        "page_url": fields.said(known["record"].get("fulltext_html_url")),
        "licence": _licence(record),
        "credits": credits_of(known["encounter"], known["record"]),
        "partial": tuple(missing),
    }
    return _given(source)


def _licence(record: object) -> str | None:
    given = fields.text(record.get("ccLicense")) if isinstance(record, Mapping) else None
    return fields.LICENCES.get(given, given) if given else None


def _given(source: _Document) -> _Document:
    return {key: value for key, value in source.items() if value}
