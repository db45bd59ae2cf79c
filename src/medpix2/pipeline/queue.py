"""The queue of what rules flagged and people have not settled yet."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from medpix2.pipeline.curing import Table
from medpix2.records import Decision, Severity
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions
from medpix2.store.queue import Flag, flags, flags_version, to_review_again

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
AGAIN = "review-again"
"""Stands for a rule: a decision that is not applied, as its evidence has changed."""
Show = Literal["open", "decided", "all"]

_OUT = frozenset({"exclude", "merge", "withdraw"})


@dataclass(frozen=True)
class OfRule:
    """How much a rule flagged, and how much of it nobody has settled."""

    rule: str
    severity: str
    why: str
    hits: int
    open: int


class Flags:
    """Reads what was flagged, and keeps it until it changes: it does so seldom.

    Parameters
    ----------
    table
        Rules, for the order and why they matter; by default those of `curate.rules`.
    """

    def __init__(self, table: Table | None = None) -> None:
        rules = (table or Table()).all
        self.why = {rule.name: rule.why for rule in rules}
        self._order = {name: at for at, name in enumerate(self.why)}
        self._version: tuple[Any, ...] | None = None
        self._flags: list[Flag] = []

    def read(self, store: Store) -> list[Flag]:
        """Return all flags, in the order of the queue."""
        version = (store.db.name, *flags_version(store.db))
        if version != self._version:
            # Assigned in this order: another thread that reads meanwhile at worst reads it twice.
            self._flags = sorted(flags(store.db), key=self.key)
            self._version = version
        return self._flags

    def key(self, flag: Flag) -> tuple[int, int, str, str]:
        """Return where a flag stands in the queue: by severity, rule and id."""
        known = flag.severity in SEVERITIES
        severity = SEVERITIES.index(flag.severity) if known else len(SEVERITIES)
        return severity, self._order.get(flag.rule, len(self._order)), flag.rule, flag.target


class Queue:
    """What was flagged at one moment, and what of it is settled.

    A verdict settles what it saw; to exclude, to merge and to withdraw settle all, of a case also
    what was found on its pictures. A correction alone settles nothing.

    Parameters
    ----------
    store
        The database.
    flags
        What was flagged, as it is kept.
    """

    def __init__(self, store: Store, flags: Flags) -> None:
        store.require_content()
        self._why, self._key = flags.why, flags.key
        self._again = to_review_again(store.db)
        again = [Flag(AGAIN, "review", name, case) for name, case in self._again.items()]
        known = flags.read(store)
        self.flags = sorted([*known, *again], key=flags.key) if again else known
        self._verdicts = standing_verdicts(read_decisions(store.db))

    def settled(self, flag: Flag) -> bool:
        """Tell whether somebody has settled what a rule found."""
        if flag.target in self._again:
            return False
        if flag.case != flag.target and self._is_out(flag.case):
            return True
        verdict = self._verdicts.get(flag.target)
        return verdict is not None and (verdict.action in _OUT or flag.rule in verdict.rules)

    def rules(self) -> list[OfRule]:
        """Count by rule, in the order of the queue."""
        hits: dict[tuple[str, str], list[int]] = {}
        for flag in self.flags:
            counts = hits.setdefault((flag.rule, flag.severity), [0, 0])
            counts[0] += 1
            counts[1] += not self.settled(flag)
        why = {AGAIN: "What somebody decided on has changed since.", **self._why}
        return [
            OfRule(rule, severity, why.get(rule, "Found by a source, or an older rule."), *counts)
            for (rule, severity), counts in hits.items()
        ]

    def chosen(
        self, *, rule: str | None, severities: Iterable[str], show: Show = "open"
    ) -> list[Flag]:
        """Return the flags of a rule, or of all rules of some severities, in order."""
        wanted = frozenset(severities)
        some = [f for f in self.flags if (f.rule == rule if rule else f.severity in wanted)]
        if show == "all":
            return some
        return [flag for flag in some if self.settled(flag) == (show == "decided")]

    def place(self, some: list[Flag], flag: Flag) -> int:
        """Return how many of some flags, in order, come before or are this one."""
        return bisect_right(some, self._key(flag), key=self._key)

    def find(self, rule: str, target: str) -> Flag | None:
        """Return the flag of a rule on a target, whatever is settled."""
        return next((f for f in self.flags if f.target == target and f.rule == rule), None)

    def any_of(self, target: str) -> Flag | None:
        """Return the first flag on a target, whatever is settled."""
        return next((f for f in self.flags if f.target == target), None)

    def _is_out(self, case: str) -> bool:
        verdict = self._verdicts.get(case)
        return verdict is not None and verdict.action in _OUT and case not in self._again


def standing_verdicts(decisions: Iterable[Decision]) -> Mapping[str, Decision]:
    """Return target -> the last verdict that no undo has taken back; decisions oldest first."""
    found: dict[str, Decision] = {}
    for decision in decisions:
        if decision.action == "undo":
            found.pop(decision.target, None)
        elif decision.action != "correct":
            found[decision.target] = decision
    return found
