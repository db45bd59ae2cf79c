"""Run rules over cases: what they find, and what went wrong, as records.

A rule that fails on one case costs that check only; the others go on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from medpix2.curate.rule import Gathering, Hit, Rule, SetRule, Subject
from medpix2.records import Finding

_LONGEST = 500  # characters of a message; one short line is what a rule should say


@dataclass(frozen=True)
class Failure:
    """A check that could not be done.

    Attributes
    ----------
    check
        Name of the rule or look.
    target
        Case, image or picture on which it failed; None for all of them.
    message
        Why.
    """

    check: str
    target: str | None
    message: str


@dataclass
class Judged:
    """What rules say of some cases.

    Attributes
    ----------
    findings
        Rule's name to case id to what the rule found there; a case of which it found nothing is
        there with an empty list, if it is a rule that sees one case.
    failures
        Checks that could not be done.
    """

    findings: dict[str, dict[str, list[Finding]]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def judge(subject: Subject, rules: Iterable[Rule]) -> Judged:
    """Run rules on one case; a rule that fails on it is missing among the findings."""
    judged = Judged()
    targets = {subject.id, *(image["_id"] for image in subject.images)}
    for rule in rules:
        try:
            found = [_finding(rule, hit, targets) for hit in rule.check(subject)]
        except Exception as error:  # noqa: BLE001  # a rule may stumble over anything in a source
            judged.failures.append(Failure(rule.name, subject.id, reason_of(error)))
        else:
            judged.findings[rule.name] = {subject.id: found}
    return judged


def judge_set(
    subjects: Iterable[Subject],
    rules: Sequence[SetRule],
    advance: Callable[[int], None] = lambda done: None,
) -> Judged:
    """Run rules that see the whole collection, all of them in one pass over the cases.

    Parameters
    ----------
    subjects
        The cases; read once.
    rules
        The rules; one that fails at the end is missing among the findings.
    advance
        Told of every case.
    """
    judged = Judged()
    begun: list[tuple[SetRule, Gathering]] = [(rule, rule.gather()) for rule in rules]
    for subject in subjects:
        for rule, gathering in begun:
            try:
                gathering.add(subject)
            except Exception as error:  # noqa: BLE001  # as above
                judged.failures.append(Failure(rule.name, subject.id, reason_of(error)))
        advance(1)
    for rule, gathering in begun:
        try:
            found: dict[str, list[Finding]] = {}
            for hit in gathering.hits():
                if hit.case is None:
                    raise ValueError(f"its hit on {hit.target} names no case")
                found.setdefault(hit.case, []).append(_finding(rule, hit, None))
        except Exception as error:  # noqa: BLE001  # as above
            judged.failures.append(Failure(rule.name, None, reason_of(error)))
        else:
            judged.findings[rule.name] = found
    return judged


def plain(value: Any) -> Any:
    """Return a value as plain data that a database gives back equal.

    Tuples become lists, sets sorted lists, numbers of numpy those of Python.

    Raises
    ------
    TypeError
        It has something else, or a key that is no text.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, Mapping):
        if odd := [key for key in value if not isinstance(key, str)]:
            raise TypeError(f"the key {odd[0]!r} is no text")
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if hasattr(value, "tolist"):  # an array or number of numpy
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} is no plain data")


def _finding(rule: Rule | SetRule, hit: Hit, targets: set[str] | None) -> Finding:
    if targets is not None and hit.target not in targets:
        raise ValueError(f"it hit {hit.target}, which is not of this case")
    return Finding(
        target=hit.target,
        rule=rule.name,
        version=rule.version,
        severity=rule.severity,
        message=" ".join(hit.message.split())[:_LONGEST],
        field=hit.field,
        evidence=None if hit.evidence is None else plain(hit.evidence),
    )


def reason_of(error: Exception) -> str:
    """Return why a check failed, on one line: the kind of the error and what it says."""
    text = " ".join(str(error).split()) or "no reason given"
    return f"{type(error).__name__}: {text}"[:300]
