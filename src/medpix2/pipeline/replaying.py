"""`curate export` and `curate replay`: the log of decisions, from one database to another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medpix2.batches import batches
from medpix2.curate.log import Automatic, Line, Log, as_said, check_log, line_of, read_log
from medpix2.errors import OutputError, ProblemsFound, SourceError
from medpix2.pipeline.curing import require_built
from medpix2.pipeline.deciding import PATIENCE, append, known_rule_names
from medpix2.pipeline.progress import Progress, Silent
from medpix2.records import Decision
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions, targets_of
from medpix2.store.findings import excluding
from medpix2.store.tally import to_review_again
from medpix2.store.writing import writing
from medpix2.whole_files import whole_file

BATCH = 1000  # ids looked up at a time


@dataclass(frozen=True)
class Exported:
    """How many decisions, and exclusions by rules, a log got."""

    decisions: int
    automatic: int


@dataclass(frozen=True)
class Replayed:
    """What a replay did.

    Attributes
    ----------
    added, known
        Decisions that were appended, and those that were there already.
    again
        Ids of the log's targets that are to be reviewed again, as the evidence has changed.
    automatic, alike
        Exclusions by rules in the log, and those that the same version of the rule finds here.
    skipped
        Lines that could not be used.
    """

    added: int
    known: int
    again: list[str]
    automatic: int
    alike: int
    skipped: list[Line]


def export_decisions(store: Store, file: Path) -> Exported:
    """Write the log of decisions, oldest first, then the exclusions by rules that hold now.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    require_built(store)
    decisions = automatic = 0
    try:
        with whole_file(file) as partial, partial.open("w", encoding="utf-8") as out:
            for decision in read_decisions(store.db):
                out.write(line_of(decision) + "\n")
                decisions += 1
            for row in _automatic(store):
                out.write(line_of(row) + "\n")
                automatic += 1
    except (OSError, UnicodeEncodeError) as error:
        raise OutputError(
            f"Log {file} cannot be written", f"choose another place ({error})"
        ) from None
    return Exported(decisions, automatic)


def replay(
    store: Store, file: Path, *, skip_broken: bool = False, progress: Progress | None = None
) -> Replayed:
    """Append the decisions of a log, and fold what they change; twice is as once.

    Parameters
    ----------
    store
        The database: of the same cases, perhaps of a newer crawl.
    file
        The log.
    skip_broken
        Leave out lines that cannot be used, and take the others.
    progress
        Told of every case that is folded.

    Raises
    ------
    SourceError
        The file cannot be read.
    ProblemsFound
        Lines cannot be used; nothing was stored.
    """
    try:
        with file.open("rb") as lines:
            log = read_log(lines)
    except OSError as error:
        raise SourceError(f"Log {file} cannot be read", f"{error.strerror}") from None
    require_built(store)
    with writing(store.db, wait=PATIENCE):
        targets = _targets(store, log)
        kinds = {name: kind for name, (kind, _) in targets.items()}
        good = check_log(log, kinds, known_rule_names(store))
        if log.problems and not skip_broken:
            raise ProblemsFound(
                f"{len(log.problems)} lines of {file} cannot be used",
                "nothing was stored; mend them, or give --skip-broken",
                log.problems,
            )
        new = list(_new(store, good))
        if new:
            case_of = {name: case for name, (_, case) in targets.items()}
            append(store, new, case_of, progress or Silent())
        return _result(store, log, good, len(new))


def _result(store: Store, log: Log, good: dict[int, Decision], added: int) -> Replayed:
    again = sorted(to_review_again(store.db) & {each.target for each in good.values()})
    here = {(row.target, row.rule, row.version) for row in _automatic(store)}
    alike = sum((row.target, row.rule, row.version) in here for row in log.automatic)
    known = len(good) - added
    return Replayed(added, known, again, len(log.automatic), alike, log.problems)


def _automatic(store: Store) -> Iterator[Automatic]:
    for target, rule, version in excluding(store.db):
        yield Automatic(target=target, rule=rule, version=version)


def _targets(store: Store, log: Log) -> dict[str, tuple[str, str]]:
    named = {each.target for each in log.decisions.values()}
    named |= {each.into for each in log.decisions.values() if each.into}
    found: dict[str, tuple[str, str]] = {}
    for some in batches(sorted(named), BATCH):
        found |= targets_of(store.db, some)
    return found


def _new(store: Store, good: dict[int, Decision]) -> Iterator[Decision]:
    """Yield the decisions that are not in the database, each once, in the log's order."""

    def key(decision: Decision) -> str:
        return json.dumps(as_said(decision), sort_keys=True)

    targets = sorted({decision.target for decision in good.values()})
    known: set[str] = set()
    for some in batches(targets, BATCH):
        known |= {key(decision) for decision in read_decisions(store.db, some)}
    for decision in good.values():
        if (said := key(decision)) not in known:
            known.add(said)
            yield decision
