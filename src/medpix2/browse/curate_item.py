"""What is decided on, as the page of curing shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel

from medpix2.browse.curate_models import Found, Item, Made, Marked, Side, Value
from medpix2.browse.pictures import picture_address, place_of, trouble_of
from medpix2.curate.decided import BURNED_IN, correctable, model_of
from medpix2.curate.evidence import evidence_of, stamp_of, value_at
from medpix2.encode.burned import find_burned_in
from medpix2.errors import NotFound
from medpix2.pipeline.find import Match, show
from medpix2.pipeline.queue import Queue
from medpix2.records import Case, Decision, Finding
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions, source_documents
from medpix2.store.findings import findings_on
from medpix2.store.looked import last_seen
from medpix2.store.queue import Flag

_DRAWN = ("boxes", "box", "pictures", "other")  # evidence that is not told in words
_CAPTION = "Description.Caption"


def item_of(store: Store, queue: Queue, flag: Flag, field: str = "") -> Item:
    """Return what a rule flagged, with all that one decides on.

    Parameters
    ----------
    store, queue
        The database and its queue.
    flag
        The rule and target.
    field
        Published field that somebody wants to correct; by default one that a rule named.
    """
    name = flag.target
    source = source_documents(store.db, [name])[name]
    findings, decisions = findings_on(store.db, name), list(read_decisions(store.db, [name]))
    match = show(store, name)
    current = _document(match, name)
    evidence = _evidence_of(findings, flag.rule)
    pictures = _texts(evidence.get("pictures"))
    other = _other(store, evidence.get("other"), name)
    fields = list(paths(model_of(current["meta"]["kind"])))
    named = [row.field for row in _first(findings, flag.rule) if row.field in fields]
    correcting = _correcting(field, fields, named)
    values = list(_values(current, source, fields, set(named), other))
    values.sort(key=lambda value: not value.named)  # what was found stands first
    return Item(
        flag=text_of(flag),
        rule=flag.rule,
        settled=queue.settled(flag),
        side=side_of(store, match, name, [*pictures, ""][0], findings),
        other=None
        if other is None
        else side_of(store, other[0], other[1], [*pictures, "", ""][1], []),
        swap=_swap(queue, flag, other),
        findings=[_found(row, queue, flag) for row in _first(findings, flag.rule)],
        values=values,
        context=_context(match, current),
        fields=fields,
        mask=_mask(store, current),
        drawn="burned_in" in current["meta"],
        correcting=correcting,
        proposed=_text(current, correcting) or "",
        decisions=[made_of(decision) for decision in decisions],
        standing=len(standing(decisions)),
        rules=sorted({row.rule for row in findings}),
        evidence=evidence_of(source),
        stamp=stamp_of(source, findings, decisions),
    )


def text_of(flag: Flag) -> str:
    """Return how an address names a flag."""
    return f"{flag.rule}:{flag.target}"


def made_of(decision: Decision) -> Made:
    """Return a decision as a page shows it."""
    return Made(**{name: getattr(decision, name) for name in Made.model_fields})


def standing(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Return the decisions, oldest first, that an undo would take back."""
    undone = [at for at, decision in enumerate(decisions) if decision.action == "undo"]
    return decisions[undone[-1] + 1 :] if undone else decisions


def paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the published fields of a record that can be corrected, in its order."""
    for name, info in model.model_fields.items():
        key, inner = info.alias or name, info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from paths(inner, f"{prefix}{key}.")
        elif prefix or key in correctable(model):
            yield f"{prefix}{key}"  # `BURNED_IN` is none of them: it has a form of its own


def side_of(
    store: Store, match: Match, name: str, picture: str, findings: Sequence[Finding]
) -> Side:
    """Return a case or image with its picture; of a case that of this id, else its first."""
    document = _document(match, name)
    wanted = {name: 0, picture: 1}
    image = min(match.images, key=lambda row: wanted.get(row["_id"], 2), default=None)
    file = (image or {}).get("meta", {}).get("file") or {}
    report = (match.case or {}).get("Case") or {}
    return Side(
        id=name,
        kind=document["meta"]["kind"],
        case=document["U_id"],
        title=report.get("Title"),
        status=document["meta"]["status"],
        reason=document["meta"]["reason"],
        picture=image["_id"] if image else None,
        caption=_text(image, _CAPTION) if image else None,
        address=picture_address(image) if image else None,
        width=file.get("width"),
        height=file.get("height"),
        trouble=trouble_of(store.settings, image["meta"].get("file")) if image else None,
        boxes=[*_masked(store, image), *_of_findings(findings)],
    )


def _boxes(store: Store, image: Mapping[str, Any]) -> list[list[Any]]:
    """Return what is masked in a picture: what somebody has drawn, or what was found in it."""
    drawn = image["meta"].get("burned_in")
    if drawn is not None:
        return list(drawn)
    file = image["meta"].get("file")
    if not file:
        return []
    # The look has the name that the correction has.
    seen = last_seen(store.db, file["sha256"], BURNED_IN)
    if seen is None:
        return _found_now(place_of(store.settings, file["path"]))
    return [[*box["box"], box["what"]] for box in seen["boxes"]]


def _found_now(path: Path) -> list[list[Any]]:
    """Return what exports would mask in a picture that has not been looked at yet."""
    try:
        with Image.open(path) as picture:
            picture.load()
            return [[*box.corners, box.what] for box in find_burned_in(picture)]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return []  # the page says what is wrong with the file


def _masked(store: Store, image: Mapping[str, Any] | None) -> Iterator[Marked]:
    for *corners, what in _boxes(store, image) if image else ():
        yield _marked(corners, what)


def _mask(store: Store, current: Mapping[str, Any]) -> str | None:
    return json.dumps(_boxes(store, current)) if current["meta"].get("file") else None


def _of_findings(findings: Iterable[Finding]) -> Iterator[Marked]:
    for finding in findings:
        evidence = finding.evidence or {}
        for box in [*(evidence.get("boxes") or ()), evidence.get("box")]:
            if isinstance(box, list | tuple) and len(box) == 4:
                yield _marked(box, "found")


def _marked(box: Sequence[Any], what: str) -> Marked:
    left, top, right, bottom = (int(side) for side in box)
    return Marked(left=left, top=top, width=right - left, height=bottom - top, what=what)


def _document(match: Match, name: str) -> Mapping[str, Any]:
    documents = [*([match.case] if match.case else []), *match.images]
    return next(row for row in documents if row["_id"] == name)


def _evidence_of(findings: Iterable[Finding], rule: str) -> dict[str, Any]:
    return next((row.evidence for row in findings if row.rule == rule and row.evidence), {})


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _other(store: Store, name: Any, target: str) -> tuple[Match, str] | None:
    if not isinstance(name, str) or name == target:
        return None
    try:
        match = show(store, name)
        return match, _document(match, name)["_id"]
    except (NotFound, StopIteration):
        return None  # it may have been taken out since the rule found it


def _swap(queue: Queue, flag: Flag, other: tuple[Match, str] | None) -> str | None:
    back = queue.find(flag.rule, other[1]) if other else None
    return text_of(back) if back else None


def _first(findings: Sequence[Finding], rule: str) -> list[Finding]:
    return sorted(findings, key=lambda row: row.rule != rule)


def _found(finding: Finding, queue: Queue, flag: Flag) -> Found:
    own = Flag(finding.rule, finding.severity, finding.target, flag.case)
    facts = [
        (key, ", ".join(_texts(value)) if isinstance(value, list) else str(value))
        for key, value in (finding.evidence or {}).items()
        if key not in _DRAWN and value is not None
    ]
    return Found(
        rule=finding.rule, severity=finding.severity, message=finding.message,
        field=finding.field, settled=queue.settled(own), facts=facts,
    )  # fmt: skip


def _values(
    current: Mapping[str, Any],
    source: Mapping[str, Any],
    fields: Iterable[str],
    named: set[str],
    other: tuple[Match, str] | None,
) -> Iterator[Value]:
    beside = _document(*other) if other else None
    if beside is not None and beside["meta"]["kind"] != current["meta"]["kind"]:
        beside = None
    corrected = set(current["meta"].get("corrected") or ())
    for field in fields:
        value, compared = _text(current, field), _text(beside, field) if beside else None
        if value is None and compared is None and field not in named | corrected:
            continue  # most fields of most cases are there; an empty row tells nothing
        yield Value(
            field=field,
            value=value,
            source=_text(source, field),
            corrected=field in corrected,
            named=field in named,
            other=compared,
            differs=beside is not None and value != compared,
        )


def _context(match: Match, current: Mapping[str, Any]) -> list[Value]:
    if match.case is None or current["meta"]["kind"] == "case":
        return []
    return list(_values(match.case, match.case, paths(Case), set(), None))


def _correcting(field: str, fields: Sequence[str], named: Sequence[str]) -> str:
    wanted = (field, *named, _CAPTION, "Case.Title")
    return next((name for name in wanted if name in fields), fields[0])


def _text(document: Mapping[str, Any], field: str) -> str | None:
    value = value_at(document, field)
    return None if value is None else str(value)
