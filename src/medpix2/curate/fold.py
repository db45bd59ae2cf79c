"""Current = fold(source record, rule results, decisions): one pure function.

Nothing else computes a status, a corrected value, a split or a flag. The source's document is never
changed: what is current is a new document beside it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.records import Case, Decision, Finding, Image, Modality, Status

VERSION = 1  # raise it when the fold computes something else from the same inputs

_IDS = frozenset({"U_id", "image"})  # what names a document is never corrected
_BESIDE = frozenset({"_id", "source", "normalized", "file", "problems", "digest"})


@dataclass(frozen=True)
class Current:
    """What the fold makes of one case: published documents with current values, and the facts.

    `case` is None where the source has pictures of a case that it does not describe.
    """

    case: dict[str, Any] | None
    images: list[dict[str, Any]]


def fold(
    case: Mapping[str, Any] | None,
    images: Sequence[Mapping[str, Any]],
    findings: Iterable[Finding] = (),
    decisions: Iterable[Decision] = (),
) -> Current:
    """Compute the current documents of a case.

    Parameters
    ----------
    case, images
        Stored source documents of one case: published keys, and `source`, `file`, `problems`.
    findings
        Rule results on the case and its images.
    decisions
        Decisions on the case and its images, oldest first; a later one undoes an earlier one.

    Returns
    -------
    Current
        Documents with the published keys on top and everything computed under `meta`.
    """
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.target, []).append(finding)
    decided: dict[str, list[Decision]] = {}
    for decision in decisions:
        decided.setdefault(decision.target, []).append(decision)

    current_case = None
    excluded_by: tuple[Status, str] | None = ("excluded", "its case is not in the source")
    if case is not None:
        name = case["_id"]
        current_case = _current(case, "case", found.get(name, ()), decided.get(name, ()), None)
        meta = current_case["meta"]
        excluded_by = (
            (meta["status"], f"its case is {meta['status']}")
            if meta["status"] in ("excluded", "withdrawn")
            else None
        )
    return Current(
        current_case,
        [
            _current(
                image, "image", found.get(image["_id"], ()), decided.get(image["_id"], ()),
                excluded_by,
            )
            for image in images
        ],
    )  # fmt: skip


def _current(
    source: Mapping[str, Any],
    kind: str,
    findings: Sequence[Finding],
    decisions: Sequence[Decision],
    case_status: tuple[Status, str] | None,
) -> dict[str, Any]:
    document = {key: value for key, value in source.items() if key not in _BESIDE}
    corrected = _correct(document, Case if kind == "case" else Image, decisions)
    status, reason = _status(source, findings, decisions)
    if case_status is not None and status != "withdrawn":
        status, reason = case_status
    origin = source.get("source") or {}
    meta: dict[str, Any] = {
        "kind": kind,
        "status": status,
        "reason": reason,
        "split": origin.get("split"),
        "split_half": origin.get("split_half"),
        "site": origin.get("site"),
        "corrected": corrected,
        "rules": sorted({finding.rule for finding in findings}),
    }
    if corrected:
        facts = (case_facts if kind == "case" else image_facts)(document)
        meta["normalized"] = facts.model_dump()
    else:
        meta["normalized"] = source.get("normalized") or {}
    if kind == "image":
        meta["file"] = source.get("file")
    return {"_id": source["_id"], **document, "meta": meta}


def _status(
    source: Mapping[str, Any], findings: Sequence[Finding], decisions: Sequence[Decision]
) -> tuple[Status, str | None]:
    """Return the status and its reason: withdrawn, then the last decision, then what was found."""
    if (source.get("source") or {}).get("gone"):
        return "withdrawn", "it is gone from its source"
    for decision in reversed(decisions):
        if decision.action == "withdraw":
            return "withdrawn", decision.reason
        if decision.action == "exclude":
            return "excluded", decision.reason
        if decision.action == "accept":
            return "accepted", decision.reason
    if problems := source.get("problems"):
        return "excluded", "; ".join(_problem_text(problem) for problem in problems)
    for severity, status in (("exclude", "excluded"), ("review", "pending")):
        for finding in findings:
            if finding.severity == severity:
                return status, f"{finding.rule}: {finding.message}"  # type: ignore[return-value]
    return "accepted", None


def _problem_text(problem: Mapping[str, Any]) -> str:
    field = problem.get("field")
    return f"{field} {problem['message']}" if field else str(problem["message"])


def _correct(
    document: dict[str, Any], model: type[BaseModel], decisions: Sequence[Decision]
) -> list[str]:
    """Apply corrections to a document; return the fields that now differ from the source."""
    changes: dict[str, str | None] = {}
    for decision in decisions:
        if decision.action == "correct" and decision.field in correctable(model):
            if decision.field == "Type" and decision.new not in get_args(Modality):
                continue
            changes[decision.field] = decision.new
    corrected = []
    for field, value in changes.items():
        *parents, last = field.split(".")
        place = document
        for parent in parents:
            # Copied on the way down: the source's document stays as it is.
            place[parent] = copy.copy(place.get(parent) or {})
            place = place[parent]
        if place.get(last) != value:
            place[last] = value
            corrected.append(field)
    return sorted(corrected)


@lru_cache(maxsize=8)
def correctable(model: type[BaseModel]) -> frozenset[str]:
    """Return the published fields of a record that a decision can correct, with dots."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        key, inner = field.alias or name, field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {f"{key}.{path}" for path in correctable(inner)}
        elif key not in _IDS and inner != list[str]:
            found.add(key)
    return frozenset(found)
