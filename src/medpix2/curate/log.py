"""The log of decisions as a file: one JSON object a line, to be shared and replayed.

A line is a `Decision` without what is null, or an automatic exclusion: target, action "exclude",
and the rule with its version. Those inform; a replay decides nothing by them, for the rules of the
database that it goes to judge its own content.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import ValidationError

from medpix2.curate.decided import fault_of
from medpix2.records import Decision, Record


class Automatic(Record):
    """An exclusion by a rule, as the log has it."""

    target: str
    action: Literal["exclude"] = "exclude"
    rule: str
    version: int


@dataclass(frozen=True)
class Line:
    """A line of a log that cannot be used, and why."""

    number: int
    message: str

    def __str__(self) -> str:
        return f"line {self.number}: {self.message}"


@dataclass
class Log:
    """What a log has.

    Attributes
    ----------
    decisions
        Line number to decision.
    automatic
        Exclusions by rules.
    problems
        Lines that cannot be used.
    """

    decisions: dict[int, Decision] = field(default_factory=dict)
    automatic: list[Automatic] = field(default_factory=list)
    problems: list[Line] = field(default_factory=list)


def line_of(record: Decision | Automatic) -> str:
    """Return a record as a line of a log, without the end of the line."""
    return json.dumps(as_said(record), ensure_ascii=False)


def as_said(record: Decision | Automatic) -> dict[str, Any]:
    """Return a record without what is null or empty; the same for the same content."""
    said = record.model_dump(mode="json")
    return {key: value for key, value in said.items() if value not in (None, [])}


def read_log(lines: Iterable[bytes]) -> Log:
    """Read a log; lines that are none are among its problems, blank ones are left out."""
    log = Log()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            said = json.loads(text)
            if not isinstance(said, dict):
                raise ValueError("it is no object")
            if "rule" in said:
                log.automatic.append(Automatic.model_validate_json(text))
            else:
                log.decisions[number] = _in_utc(Decision.model_validate_json(text))
        except ValidationError as error:
            log.problems.append(Line(number, "; ".join(_faults(error))))
        except RecursionError:
            log.problems.append(Line(number, "is nested too deeply"))
        except ValueError as error:
            log.problems.append(Line(number, f"cannot be read ({' '.join(str(error).split())})"))
    return log


def check_log(log: Log, kinds: Mapping[str, str], rules: Collection[str]) -> dict[int, Decision]:
    """Return the decisions that can be replayed; what is wrong with others joins the problems.

    Parameters
    ----------
    log
        The log.
    kinds
        Id of every case and image that the log names and that is there, to "case" or "image".
    rules
        Names of all rules.
    """
    good: dict[int, Decision] = {}
    for number, decision in log.decisions.items():
        if fault := _fault(decision, kinds, rules):
            log.problems.append(Line(number, f"{decision.target}: {fault}"))
        else:
            good[number] = decision
    log.problems.sort(key=lambda problem: problem.number)
    return good


def _fault(decision: Decision, kinds: Mapping[str, str], rules: Collection[str]) -> str | None:
    kind = kinds.get(decision.target)
    if kind is None:
        return "there is no such case or image"
    if fault := fault_of(decision, kind):
        return fault
    if decision.into is not None and kinds.get(decision.into) != kind:
        return f"there is no {kind} {decision.into!r} to merge it into"
    unknown = [name for name in decision.rules if name not in rules]
    return f"there is no rule {unknown[0]!r}" if unknown else None


def time_text(at: datetime) -> str:
    """Return a time as decisions have it: ISO 8601 in UTC, so that texts sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _in_utc(decision: Decision) -> Decision:
    try:
        at = datetime.fromisoformat(decision.at)
        if at.tzinfo is None:
            raise ValueError("it names no time zone")
        text = time_text(at)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{decision.at!r} is no time in UTC: {error}") from None
    return decision.model_copy(update={"at": text})


def _faults(error: ValidationError) -> list[str]:
    found = []
    for fault in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in fault["loc"])
        found.append(f"{where}: {fault['msg'].lower()}" if where else fault["msg"])
    return found[:5]
