"""What the decisions on one case or image come to: a verdict, corrections, and what is stale."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, get_args

from pydantic import BaseModel

from medpix2.curate.evidence import evidence_of, value_at
from medpix2.records import LOCATION_CATEGORIES, Case, Decision, Image, Modality

AGAIN = "decision to review again"  # reason of what is pending since its evidence has changed

BURNED_IN = "burned-in"
"""Stands for a field of an image: what is masked instead of what is found by itself, as the JSON
text of boxes [left, top, right, bottom] in pixels, each with or without what it is at its end."""
BOX_KINDS = ("lettering", "watermark", "footer")
_MOST_BOXES, _WIDEST = 200, 100_000  # boxes, pixels

_IDS = frozenset({"U_id", "image"})  # what names a document is never corrected
_VALUES: Mapping[str, tuple[str, ...]] = {
    "Type": get_args(Modality),
    "Location Category": LOCATION_CATEGORIES,
}
_VERDICTS = frozenset({"accept", "exclude", "merge", "withdraw"})


@dataclass
class Decided:
    """What holds of all that was decided on one document.

    Attributes
    ----------
    verdict
        The last decision to accept, exclude, merge or withdraw; None if nothing is decided.
    corrections
        Published field to its value, where a correction stands.
    stale
        Decisions that are not applied, as their evidence has changed, and that no later one has
        settled.
    """

    verdict: Decision | None = None
    corrections: dict[str, str | None] = field(default_factory=dict)
    stale: list[Decision] = field(default_factory=list)


def decided(source: Mapping[str, Any], kind: str, decisions: Iterable[Decision]) -> Decided:
    """Return what the decisions on a stored source document come to.

    Parameters
    ----------
    source
        The document.
    kind
        "case" or "image".
    decisions
        Oldest first. A later verdict undoes an earlier one, a later correction an earlier one of
        the same field; undo takes back all of them.
    """
    model, found = model_of(kind), Decided()
    for decision in decisions:
        if decision.action == "undo":
            found = Decided()
        elif decision.action in _VERDICTS:
            stale = decision.action != "withdraw" and _has_changed(source, decision)
            found.verdict = None if stale else decision
            # Who gave it knew of what was stale by then.
            found.stale = [decision] if stale else []
        elif decision.field in correctable(model) and not fault_of_value(decision):
            _correct(source, decision, decision.field, found)
    return found


def _correct(source: Mapping[str, Any], decision: Decision, name: str, found: Decided) -> None:
    value = value_at(source, name)
    at_source = value if isinstance(value, str) else None  # a source may have anything there
    current = found.corrections.get(name, at_source)
    found.stale = [other for other in found.stale if other.field != name]
    seen = decision.old in (current, at_source) and not _has_changed(source, decision)
    if seen or decision.new == current:
        found.corrections[name] = decision.new
    else:
        found.stale.append(decision)


def _has_changed(source: Mapping[str, Any], decision: Decision) -> bool:
    if decision.evidence is None:
        return False
    return decision.evidence != evidence_of(source, decision.field)


def fault_of(decision: Decision, kind: str) -> str | None:
    """Return what is wrong with a decision on a case or image, or None.

    That its target, the other one of a merge and its rules are there is for the caller to check.
    """
    if not decision.by.strip():
        return "does not say who decided"
    if decision.action in ("exclude", "withdraw") and not (decision.reason or "").strip():
        return f"has no reason to {decision.action}"
    if decision.action == "merge" and decision.into in (None, decision.target):
        return "does not say into which other one"
    if decision.action != "merge" and decision.into is not None:
        return f"has `into`, which does not go with {decision.action}"
    if decision.action != "correct":
        return None if decision.field is None else f"has a field, but is to {decision.action}"
    if decision.field is None or decision.field not in correctable(model_of(kind)):
        return f"corrects {decision.field!r}, which is no field of {_a(kind)} that can be corrected"
    return fault_of_value(decision)


def fault_of_value(decision: Decision) -> str | None:
    """Return why a field cannot have the new value, or None."""
    if decision.field == BURNED_IN and decision.new is not None:
        try:
            boxes_of(decision.new)
        except ValueError as error:
            return f"has boxes that cannot be masked: {error}"
        return None
    allowed = _VALUES.get(decision.field or "")
    if allowed is None or decision.new in allowed:
        return None
    if decision.new is None and decision.field != "Type":
        return None
    return f"has {decision.new!r} for {decision.field}: it can be {', '.join(allowed)}"


def boxes_of(text: str) -> list[tuple[int, int, int, int, str]]:
    """Read the boxes of a correction of `BURNED_IN`: left, top, right, bottom, what.

    Raises
    ------
    ValueError
        The text is no JSON of boxes, or a box is none.
    """
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("they are no JSON") from None
    if not isinstance(rows, list) or len(rows) > _MOST_BOXES:
        raise ValueError(f"they are no list of at most {_MOST_BOXES}")
    return [_box(row) for row in rows]


def _box(row: Any) -> tuple[int, int, int, int, str]:
    whole = isinstance(row, list) and len(row) in (4, 5) and all(type(x) is int for x in row[:4])
    if not whole or (len(row) == 5 and row[4] not in BOX_KINDS):
        raise ValueError(f"{str(row)[:60]} is not [left, top, right, bottom] in whole pixels")
    left, top, right, bottom = row[:4]
    if not (0 <= left < right <= _WIDEST and 0 <= top < bottom <= _WIDEST):
        raise ValueError(f"{row} has no area in a picture")
    return left, top, right, bottom, row[4] if len(row) == 5 else BOX_KINDS[0]


def _a(kind: str) -> str:
    return "an image" if kind == "image" else f"a {kind}"


def model_of(kind: str) -> type[BaseModel]:
    """Return the record of a kind of document, "case" or "image"."""
    return Case if kind == "case" else Image


@lru_cache(maxsize=8)
def correctable(model: type[BaseModel]) -> frozenset[str]:
    """Return the published fields of a record that a decision can correct, with dots.

    Of an image also `BURNED_IN`.
    """
    found: set[str] = {BURNED_IN} if model is Image else set()
    for name, info in model.model_fields.items():
        key, inner = info.alias or name, info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {f"{key}.{path}" for path in correctable(inner)}
        elif key not in _IDS and inner != list[str]:
            found.add(key)
    return frozenset(found)
