"""Make the stored source documents: published fields, and what stands beside them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.extract.pictures import Examined
from medpix2.extract.source import Source
from medpix2.extract.survey import Survey
from medpix2.extract.validate import Checked
from medpix2.records import Problem
from medpix2.store.documents import digest_of

_Document = dict[str, Any]


def case_document(copy: Source, found: Survey, checked: Checked) -> _Document:
    """Return the document of a case for the collection `cases`."""
    published = checked.document or {}
    name = published["U_id"]
    source = copy.provenance(**{**_split(found, name), **checked.source})
    facts = case_facts(published)
    if checked.keywords is not None:
        facts = facts.model_copy(update={"keywords": checked.keywords})
    return _document(name, published, source, facts.model_dump(), checked, ())


def image_document(
    copy: Source, found: Survey, checked: Checked, examined: Examined | None
) -> _Document:
    """Return the document of an image for the collection `images`.

    `examined` is what was found of its picture; None if there is no file.
    """
    published = checked.document or {}
    name = published["image"]
    more: dict[str, Any] = {**_split(found, published["U_id"]), **checked.source}
    if (row := found.overview.get(name)) is not None:
        more.update(image_uuid=row.image_uuid, image_url=row.image_url, page_url=row.page_url)
    problems: list[tuple[str, str]] = []
    if examined is None:
        problems.append(("no-picture", "there is no picture of it"))
    elif examined.facts is None:
        problems.append((examined.kind, f"its picture {examined.message}"))
    facts = examined.facts.model_dump() if examined and examined.facts else None
    normalized = image_facts(published).model_dump()
    return _document(
        name, published, copy.provenance(**more), normalized, checked, problems, {"file": facts}
    )


def picture_problem(copy: Source, name: str, examined: Examined) -> Problem:
    """Return the problem of a picture that could not be read."""
    return Problem(
        kind=examined.kind,
        severity="error",
        file=f"images/{copy.pictures[name].name}",
        id=name,
        message=examined.message,
    )


def _split(found: Survey, case: str) -> dict[str, Any]:
    return {"split": found.splits.get(case), "split_half": found.halves.get(case)}


def _document(
    name: str,
    published: _Document,
    source: _Document,
    normalized: _Document,
    checked: Checked,
    problems: Iterable[tuple[str, str]],
    more: _Document | None = None,
) -> _Document:
    stated = [
        {"kind": problem.kind, "field": problem.field, "message": problem.message}
        for problem in checked.errors
    ]
    stated += [{"kind": kind, "field": None, "message": message} for kind, message in problems]
    if checked.raw is not None:
        source = {**source, "raw": checked.raw}
    document = {
        "_id": name,
        **published,
        "source": source,
        "normalized": normalized,
        **(more or {}),
        "problems": stated,
    }
    document["digest"] = digest_of(document)
    return document
