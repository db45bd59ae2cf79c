"""What a decision rests on, as a digest: it tells whether that has changed since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from medpix2.records import Decision, Finding

# What stands beside the published fields of a stored document.
BESIDE = frozenset({"_id", "source", "normalized", "file", "problems", "digest"})


def evidence_of(source: Mapping[str, Any], field: str | None = None) -> str:
    """Return a digest of what a person sees of a case or image (32 hexadecimal digits).

    Where it came from, and what was computed of it, does not count: the same content of another
    crawl gives the same digest.

    Parameters
    ----------
    source
        Stored source document.
    field
        Published field, with dots, of a correction: only its value counts, and the picture.
    """
    seen: Any = (
        {key: value for key, value in source.items() if key not in BESIDE}
        if field is None
        else value_at(source, field)
    )
    picture = (source.get("file") or {}).get("sha256")
    # `default`: a source may hold what JSON has no form for.
    content = json.dumps([seen, picture], sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def stamp_of(
    source: Mapping[str, Any], findings: Iterable[Finding], decisions: Sequence[Decision]
) -> str:
    """Return what tells whether anything has changed that a person decides on: "NUMBER-DIGEST".

    Parameters
    ----------
    source
        Stored source document of a case or image.
    findings, decisions
        What rules found on it, and what has been decided on it, oldest first. The number is that
        of the decisions: those after it have come since.
    """
    rows = sorted(finding.model_dump_json() for finding in findings)
    made = [decision.model_dump_json() for decision in decisions]
    content = json.dumps([evidence_of(source), rows, made])
    return f"{len(decisions)}-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def value_at(document: Mapping[str, Any], field: str) -> Any:
    """Return the value of a published field, with dots; None where it is absent."""
    value: Any = document
    for key in field.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
