"""`curate decide`: append what people decide, and bring what is current up to date."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from medpix2.curate import fold
from medpix2.curate.decided import correctable, fault_of, model_of
from medpix2.curate.evidence import evidence_of, stamp_of, value_at
from medpix2.curate.log import time_text
from medpix2.curate.naming import near_hint
from medpix2.errors import DecidedMeanwhile, NotFound, QueryError
from medpix2.extract.parse import RULE as SOURCE_RULE
from medpix2.pipeline.curing import Table, require_built
from medpix2.pipeline.folding import refold
from medpix2.pipeline.progress import Progress
from medpix2.records import Action, Decision
from medpix2.store.current import Written
from medpix2.store.database import Store
from medpix2.store.decisions import (
    append_decisions,
    latest_time,
    read_decisions,
    source_documents,
    targets_of,
)
from medpix2.store.findings import findings_on, rules_found, rules_seen
from medpix2.store.judged import known_rules
from medpix2.store.reading import near_ids
from medpix2.store.writing import building, writing

PATIENCE = 15.0  # seconds that a decision waits for another writer


@dataclass(frozen=True)
class Verdict:
    """What somebody wants to decide.

    Attributes
    ----------
    action
        What to do.
    by
        Who decides.
    reason
        Why; to exclude needs one.
    corrections
        Published field, with dots, to its new value (None takes it away); of "correct" alone.
    into
        Id of which the target is a duplicate; of "merge" alone.
    saw
        Rules whose findings were seen; None for all that found something on the target.
    accepts
        Whether what a correction leaves is accepted as well; of "correct" alone.
    """

    action: Action
    by: str
    reason: str | None = None
    corrections: Mapping[str, str | None] = field(default_factory=dict)
    into: str | None = None
    saw: tuple[str, ...] | None = None
    accepts: bool = False


def decide(
    store: Store,
    ids: Sequence[str],
    verdict: Verdict,
    *,
    evidence: Mapping[str, str] | None = None,
    shown: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> list[Decision]:
    """Decide on cases or images: all of them, or none if anything is wrong.

    Parameters
    ----------
    store
        The database.
    ids
        Cases and images.
    verdict
        What is decided on each.
    evidence
        Id to the `evidence_of` what the person was shown; by default of what is stored now.
    shown
        Id to the stamp, of `stamp_on`, of what the person was shown: nothing is decided unless all
        is as it was then. By default it is not compared.
    now
        The time.

    Returns
    -------
    list of Decision
        What was appended, in order.

    Raises
    ------
    NotFound
        There is no such case or image; a near one is named.
    QueryError
        There is no such field or rule, a value that it cannot have, or a part is missing.
    DecidedMeanwhile
        Something is no longer as it was shown.
    StoreBusy
        Somebody else has been writing for too long.
    """
    require_built(store)
    with writing(store.db, wait=PATIENCE):
        _require_as_shown(store, shown or {})
        targets = _targets(store, dict.fromkeys(ids), verdict.into)
        seen = _seen(store, list(dict.fromkeys(ids)), verdict)
        at = _time(store, list(targets), now or datetime.now(UTC))
        documents = source_documents(store.db, list(dict.fromkeys(ids)))
        decisions = [
            decision
            for name in dict.fromkeys(ids)
            for decision in _decisions(
                documents[name], targets[name][0], verdict, seen.get(name, ()), at,
                (evidence or {}).get(name),
            )
        ]  # fmt: skip
        append(store, decisions, {name: case for name, (_, case) in targets.items()})
    return decisions


def stamp_on(store: Store, name: str) -> str:
    """Return what tells whether a case or image has changed, or what was found or decided on it.

    Raises
    ------
    NotFound
        There is no such case or image.
    """
    source = source_documents(store.db, [name]).get(name)
    if source is None:
        raise NotFound(f"No case or picture {name!r}", "list them with `medpix2 find`")
    decisions = list(read_decisions(store.db, [name]))
    return stamp_of(source, findings_on(store.db, name), decisions)


def append(
    store: Store,
    decisions: Sequence[Decision],
    case_of: Mapping[str, str],
    progress: Progress | None = None,
) -> Written:
    """Append checked decisions and fold their cases; the database is claimed for writing."""
    with building(store.db, fold.VERSION, curing=True) as anew:
        touched = append_decisions(store.db, decisions, case_of)
        return refold(store, None if anew else sorted(touched), progress=progress)


def known_rule_names(store: Store) -> set[str]:
    """Return the names of all rules: of the tables, of sources, and of what found something."""
    return {*Table().names, SOURCE_RULE, *known_rules(store.db), *rules_found(store.db)}


def _require_as_shown(store: Store, shown: Mapping[str, str]) -> None:
    for name, stamp in shown.items():
        if stamp != stamp_on(store, name):
            number = stamp.partition("-")[0]
            known = int(number) if number.isdecimal() else 0
            since = list(read_decisions(store.db, [name]))[known:]
            what = (
                f"{since[-1].by} has decided on {name} meanwhile ({since[-1].action})"
                if since
                else f"{name}, or what was found on it, has changed since it was shown"
            )
            raise DecidedMeanwhile(what, "look at it as it is now, then decide anew", since)


def _targets(store: Store, ids: Any, into: str | None) -> dict[str, tuple[str, str]]:
    """Return (kind, case) of every target and of what it is merged into."""
    wanted = [*ids, *([into] if into else [])]
    found = targets_of(store.db, wanted)
    missing = [name for name in wanted if name not in found]
    if missing:
        name = missing[0]
        near = difflib.get_close_matches(name.upper(), near_ids(store.db, name), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "list them with `medpix2 find`"
        more = f" (and {len(missing) - 1} more of those named)" if len(missing) > 1 else ""
        raise NotFound(f"No case or picture {name!r} in database {store.db.name!r}{more}", hint)
    if into is not None:
        kinds = {kind for kind, _ in found.values()}
        if len(kinds) > 1:
            raise QueryError(
                f"{into} is {found[into][0]}, and not all that is merged into it is",
                "merge cases into a case and images into an image",
            )
        current = store.current.find_one({"_id": into}, {"meta.status": 1}) or {"meta": {}}
        if current["meta"].get("status") in ("excluded", "withdrawn"):
            raise QueryError(
                f"{into} is {current['meta']['status']} itself",
                "merge into one that stays, or accept it first",
            )
    return found


def _seen(store: Store, ids: Sequence[str], verdict: Verdict) -> dict[str, tuple[str, ...]]:
    if verdict.saw is None:
        return rules_seen(store.db, ids)
    known = known_rule_names(store)
    for name in verdict.saw:
        if name not in known:
            hint = near_hint(name, known) or "list them with `medpix2 curate run --rules`"
            raise QueryError(f"There is no rule {name!r}", hint)
    return dict.fromkeys(ids, tuple(sorted(set(verdict.saw))))


def _time(store: Store, targets: Sequence[str], now: datetime) -> str:
    """Return the time to note: after all that was decided before, whatever the clock says."""
    at, last = time_text(now), latest_time(store.db, targets)
    if at > last:
        return at
    try:
        return time_text(datetime.fromisoformat(last) + timedelta(microseconds=1))
    except ValueError:  # somebody else's note
        return at


def _decisions(
    source: Mapping[str, Any],
    kind: str,
    verdict: Verdict,
    seen: tuple[str, ...],
    at: str,
    evidence: str | None,
) -> list[Decision]:
    """Return the decisions on one document; raise `QueryError` if one cannot be."""
    common: dict[str, Any] = {
        "target": source["_id"], "action": verdict.action, "by": verdict.by.strip(), "at": at,
        "reason": verdict.reason, "rules": seen,
    }  # fmt: skip
    if verdict.action == "correct":
        if not verdict.corrections:
            raise QueryError("No field is corrected", "name one as FIELD=VALUE")
        made = []
        for name, new in verdict.corrections.items():
            fields = correctable(model_of(kind))
            if name not in fields:
                hint = near_hint(name, sorted(fields))
                raise QueryError(
                    f"{source['_id']} has no field {name!r} that can be corrected",
                    hint or f"use one of {', '.join(sorted(fields))}",
                )
            old = value_at(source, name)
            made.append(
                Decision(
                    **common, field=name, old=old if isinstance(old, str) else None, new=new,
                    evidence=evidence_of(source, name),
                )
            )  # fmt: skip
        if verdict.accepts:
            accepted = {**common, "action": "accept", "evidence": evidence or evidence_of(source)}
            made.append(Decision(**accepted))
    else:
        seen_as = evidence or evidence_of(source)
        made = [Decision(**common, into=verdict.into, evidence=seen_as)]
    for decision in made:
        if fault := fault_of(decision, kind):
            raise QueryError(f"The decision on {source['_id']} {fault}", "mend it")
    return made
