"""`curate report`: what comes in and goes out at every step, and what every rule found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from medpix2.pipeline.curing import Table
from medpix2.records import Decision
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions
from medpix2.store.tally import State, count_dropped, findings_in_order, states, to_review_again

EXAMPLES = 3  # hits of a rule that are told in words
OPEN, AGAIN = "undecided", "to review again"


@dataclass(frozen=True)
class Step:
    """How many cases and images come to a step, and how many go on from it."""

    step: str
    cases_in: int
    cases_out: int
    images_in: int
    images_out: int


@dataclass
class OfRule:
    """What a rule found.

    Attributes
    ----------
    severity, version, looks_at, why
        As its table says; of a rule that is no more in the tables, as its findings say.
    hits, ids
        Cases and images that it hit.
    decided
        How many of them are decided, by the action of the last decision that saw this rule's
        finding; and how many are not, or are to be reviewed again.
    examples
        (id, message) of some.
    """

    severity: str
    version: int
    looks_at: str
    why: str
    hits: int = 0
    ids: list[str] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    examples: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    """The report of curing.

    Attributes
    ----------
    steps
        From the source's documents to the accepted ones.
    rules
        Rule's name to what it found, in the order of the tables.
    dropped
        Documents of the source that had no usable id; they are in no step.
    decisions
        Action to the number of decisions in the log.
    """

    steps: list[Step]
    rules: dict[str, OfRule]
    dropped: int
    decisions: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return it as `curate report --json` prints it."""
        return asdict(self)


def report(store: Store, table: Table | None = None) -> Report:
    """Count what the database holds; nothing is run for it."""
    store.require_content()
    decisions = list(read_decisions(store.db))
    rules = _rules(store, table or Table(), decisions)
    counts = Counter(decision.action for decision in decisions)
    return Report(
        _steps(states(store.db), [name for name, of in rules.items() if of.severity == "exclude"]),
        rules,
        count_dropped(store.db),
        {action: counts[action] for action in sorted(counts)},
    )


def _steps(found: Sequence[State], excluding: Iterable[str]) -> list[Step]:
    left = Counter[str]()
    for state in found:
        left[state.kind] += state.count
    steps = [Step("source documents", *(left["case"],) * 2, *(left["image"],) * 2)]

    def out(name: str, removed: Iterable[State]) -> None:
        before = dict(left)
        for state in removed:
            left[state.kind] -= state.count
        cases, images = before.get("case", 0), before.get("image", 0)
        steps.append(Step(name, cases, left["case"], images, left["image"]))

    excluded = [state for state in found if state.status == "excluded"]
    out("not withdrawn", (state for state in found if state.status == "withdrawn"))
    out("usable", (state for state in excluded if state.by == "source"))
    named = list(excluding)
    others = sorted({str(state.by)[5:] for state in excluded if str(state.by).startswith("rule ")})
    for name in (*named, *(name for name in others if name not in named)):
        out(f"rule {name}", (state for state in excluded if state.by == f"rule {name}"))
    out("not excluded by people", (state for state in excluded if state.by == "decision"))
    out("case not excluded", (state for state in excluded if state.by == "case"))
    out("not pending", (state for state in found if state.status == "pending"))
    steps.append(Step("accepted", *(left["case"],) * 2, *(left["image"],) * 2))
    return steps


def _rules(store: Store, table: Table, decisions: Iterable[Decision]) -> dict[str, OfRule]:
    rules = {
        rule.name: OfRule(rule.severity, rule.version, rule.looks_at, rule.why)
        for rule in table.all
    }
    verdicts, again = _last_of_each(decisions), to_review_again(store.db)
    for row in findings_in_order(store.db):
        said = OfRule(row["severity"], row["version"], "", "found by a source, or an older rule")
        of = rules.setdefault(row["rule"], said)
        if not of.ids or of.ids[-1] != row["target"]:  # several findings on one target are one hit
            of.ids.append(row["target"])
            how = AGAIN if row["target"] in again else _how(verdicts, row["target"], row["rule"])
            of.decided[how] = of.decided.get(how, 0) + 1
            if len(of.examples) < EXAMPLES:
                of.examples.append((row["target"], row["message"]))
        of.hits = len(of.ids)
    return rules


def _last_of_each(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """Return the decisions on each target that no undo has taken back, oldest first."""
    found: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.action == "undo":
            found.pop(decision.target, None)
        else:
            found.setdefault(decision.target, []).append(decision)
    return found


def _how(verdicts: dict[str, list[Decision]], target: str, rule: str) -> str:
    for decision in reversed(verdicts.get(target, [])):
        if rule in decision.rules:
            return decision.action
    return OPEN
