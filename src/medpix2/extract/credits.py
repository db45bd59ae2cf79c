"""Who made a case or a picture, as the sites credit them: names and affiliations, never e-mails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from medpix2.extract.fields import text
from medpix2.records import Credit


def credits_of(medpix: Mapping[str, Any], openi: Mapping[str, Any]) -> tuple[Credit, ...]:
    """Return the credits of a MedPix answer; the author of the Open-i record where it has none."""
    found = [
        _credit("author", medpix.get("authorName"), medpix.get("authorAffiliation"))
        or _credit("author", openi.get("authors"), openi.get("affiliate")),
        _credit("approver", medpix.get("approverName"), medpix.get("approverAffiliation")),
        _credit("contributor", medpix.get("contributorsCSV"), None),
    ]
    return tuple(credit for credit in found if credit is not None)


def _credit(
    role: Literal["author", "approver", "contributor"], name: object, affiliation: object
) -> Credit | None:
    names = text(name)
    return Credit(role=role, name=names, affiliation=text(affiliation)) if names else None
