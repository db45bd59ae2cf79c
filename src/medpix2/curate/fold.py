"""Current = fold(source record, rule results, decisions): one pure function.

Nothing else computes a status, a corrected value, a split or a flag. The source's document is never
changed: what is current is a new document beside it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medpix2.curate.decided import AGAIN, BURNED_IN, Decided, boxes_of, decided
from medpix2.curate.evidence import BESIDE, value_at
from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.records import Decision, Finding, Status

VERSION = 2  # raise it when the fold computes something else from the same inputs

SPLIT = "split"  # the rule whose finding on a case says in which split it is, with its images

# A status, its reason, and what gave it: "source", "case", "decision" or "rule NAME".
_State = tuple[Status, str | None, str | None]


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
    by_target: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_target.setdefault(decision.target, []).append(decision)

    given = _given_split(found.get(case["_id"], ())) if case is not None else {}

    def current(source: Mapping[str, Any], kind: str, case_state: _State | None) -> dict[str, Any]:
        name = source["_id"]
        own = [finding for finding in found.get(name, ()) if finding.rule != SPLIT]
        made = _current(source, kind, own, by_target.get(name, ()), case_state)
        made["meta"].update(given)
        return made

    current_case = None
    case_state: _State | None = ("excluded", "its case is not in the source", "case")
    if case is not None:
        current_case = current(case, "case", None)
        status = current_case["meta"]["status"]
        lost = status in ("excluded", "withdrawn")
        case_state = (status, f"its case is {status}", "case") if lost else None
    return Current(current_case, [current(image, "image", case_state) for image in images])


def _current(
    source: Mapping[str, Any],
    kind: str,
    findings: Sequence[Finding],
    decisions: Sequence[Decision],
    case_state: _State | None,
) -> dict[str, Any]:
    document = {key: value for key, value in source.items() if key not in BESIDE}
    judged = decided(source, kind, decisions)
    boxes = judged.corrections.pop(BURNED_IN, None)
    corrected = _correct(document, judged.corrections)
    status, reason, by = _state(source, findings, judged)
    if case_state is not None and status != "withdrawn":
        status, reason, by = case_state
    origin = source.get("source") or {}
    meta: dict[str, Any] = {
        "kind": kind,
        "status": status,
        "reason": reason,
        "by": by,
        "into": judged.verdict.into if judged.verdict else None,
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
        if boxes is not None:
            meta["burned_in"] = [list(box) for box in boxes_of(boxes)]
    return {"_id": source["_id"], **document, "meta": meta}


def _given_split(findings: Iterable[Finding]) -> dict[str, str | None]:
    """Return the split that `curate split` gave a case; empty if none: then the source's counts."""
    for finding in findings:
        if finding.rule == SPLIT and finding.evidence:
            return {name: finding.evidence.get(name) for name in ("split", "split_half")}
    return {}


def _state(source: Mapping[str, Any], findings: Sequence[Finding], judged: Decided) -> _State:
    """Return the status: withdrawn, then what people decided, then what is wrong or was found."""
    if (source.get("source") or {}).get("gone"):
        return "withdrawn", "it is gone from its source", "source"
    verdict, problems = judged.verdict, source.get("problems")
    if verdict and verdict.action == "withdraw":
        return "withdrawn", verdict.reason, "decision"
    if verdict and verdict.action in ("exclude", "merge"):
        return "excluded", _reason_to_exclude(verdict), "decision"
    if problems and not verdict:
        return "excluded", "; ".join(_problem_text(problem) for problem in problems), "source"
    if judged.stale:
        return "pending", _review_again(judged.stale[-1]), "decision"
    return _found(findings, verdict)


def _found(findings: Sequence[Finding], accepted: Decision | None) -> _State:
    """Return the status by what rules found that whoever accepted, if anybody, has not seen."""
    settled = accepted.rules if accepted else ()
    # Not in the order in which they were found: that depends on what has been built before.
    unseen = sorted(
        (finding for finding in findings if finding.rule not in settled),
        key=lambda finding: (finding.rule, finding.message),
    )
    states: tuple[tuple[str, Status], ...] = (("exclude", "excluded"), ("review", "pending"))
    for severity, status in states:
        for finding in unseen:
            if finding.severity == severity:
                return status, f"{finding.rule}: {finding.message}", f"rule {finding.rule}"
    return ("accepted", accepted.reason, "decision") if accepted else ("accepted", None, None)


def _reason_to_exclude(verdict: Decision) -> str | None:
    if verdict.action == "exclude":
        return verdict.reason
    more = f": {verdict.reason}" if verdict.reason else ""
    return f"it is a duplicate of {verdict.into}{more}"


def _review_again(stale: Decision) -> str:
    what = f"{stale.action} {stale.field}" if stale.field else stale.action
    return f"{AGAIN}: {what}, by {stale.by} at {stale.at[:10]}, on what has changed since"


def _problem_text(problem: Mapping[str, Any]) -> str:
    field = problem.get("field")
    return f"{field} {problem['message']}" if field else str(problem["message"])


def _correct(document: dict[str, Any], corrections: Mapping[str, str | None]) -> list[str]:
    """Apply corrections to a document; return the fields that now differ from the source."""
    corrected = []
    for field, value in corrections.items():
        if value_at(document, field) == value:
            continue
        *parents, last = field.split(".")
        place = document
        for parent in parents:
            # Copied on the way down: the source's document stays as it is.
            place[parent] = copy.copy(place.get(parent) or {})
            place = place[parent]
        place[last] = value
        corrected.append(field)
    return sorted(corrected)
