"""`curate review`: read again what was decided, and look for what no rule found."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medpix2.batches import batches
from medpix2.curate.agreement import Agreement, Share, agreement, share_of
from medpix2.curate.decided import decided
from medpix2.curate.evidence import BESIDE
from medpix2.errors import NotFound, QueryError
from medpix2.pipeline.deciding import Verdict, decide
from medpix2.records import Action, Decision
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions, source_documents, targets_of
from medpix2.store.unflagged import unflagged

ACCEPT, EXCLUDE = "accept", "exclude"
ANSWERS: Mapping[str, str] = {"a": ACCEPT, "accept": ACCEPT, "e": EXCLUDE, "exclude": EXCLUDE}
_BATCH = 1000
_REASON = "seen in a sample of pictures that no rule hit"


# Gets an item; returns accept or exclude, None to leave it out; StopIteration ends the reading.
Ask = Callable[["Item"], str | None]


@dataclass(frozen=True)
class Item:
    """What a reader is shown: nothing of what was decided or found.

    Attributes
    ----------
    id, case
        The case or image, and its case.
    published
        The source's document.
    picture
        Its picture's file, if it is an image that has one.
    """

    id: str
    case: str
    published: dict[str, Any]
    picture: Path | None


@dataclass(frozen=True)
class SecondReading:
    """What a second reading came to; `asked` items were shown."""

    asked: int
    agreement: Agreement


@dataclass(frozen=True)
class Sample:
    """What a sample of pictures that no rule hit came to.

    Attributes
    ----------
    population
        Pictures that no rule of severity exclude or review hit, nor their cases.
    asked
        Pictures that were shown.
    missed
        Pictures that a person would exclude, of those that were answered.
    excluded
        Their ids.
    recorded
        Decisions that were appended.
    """

    population: int
    asked: int
    missed: Share
    excluded: list[str]
    recorded: int


def to_read_again(store: Store, number: int, seed: int) -> list[Item]:
    """Return items that were accepted or excluded, chosen and ordered by chance.

    Raises
    ------
    NotFound
        Nothing has been decided.
    """
    verdicts = first_reading(store)
    if not verdicts:
        raise NotFound("Nothing has been accepted or excluded yet", "use `medpix2 curate decide`")
    return _items(store, _chosen(verdicts, number, seed))


def second_reading(
    store: Store, items: Sequence[Item], answers: Mapping[str, str]
) -> SecondReading:
    """Compare answers, id to accept or exclude, with what was decided before."""
    first = first_reading(store)
    shown = {item.id for item in items}
    return SecondReading(
        len(items), agreement(first, {k: v for k, v in answers.items() if k in shown})
    )


def first_reading(store: Store) -> dict[str, str]:
    """Return the ids that are accepted or excluded by a decision that stands, with which."""
    found: dict[str, str] = {}
    by_target: dict[str, list[Decision]] = {}
    for decision in read_decisions(store.db):
        by_target.setdefault(decision.target, []).append(decision)
    for ids in batches(sorted(by_target), _BATCH):
        kinds = targets_of(store.db, ids)
        for name, source in source_documents(store.db, ids).items():
            verdict = decided(source, kinds[name][0], by_target[name]).verdict
            if verdict and verdict.action != "withdraw":
                found[name] = ACCEPT if verdict.action == "accept" else EXCLUDE
    return found


def to_sample(store: Store, number: int, seed: int) -> tuple[list[Item], int]:
    """Return pictures that no rule hit, chosen by chance, and how many such there are.

    Raises
    ------
    NotFound
        There is none.
    """
    ids = unflagged(store.db)
    if not ids:
        raise NotFound("Every picture was hit by a rule, or there is none", "build, and cure first")
    return _items(store, _chosen(ids, number, seed)), len(ids)


def sample_unflagged(
    store: Store,
    items: Sequence[Item],
    population: int,
    answers: Mapping[str, str],
    *,
    by: str | None = None,
) -> Sample:
    """Estimate what the rules miss from answers, id to accept or exclude.

    `by` says who answered; then the answers are recorded as decisions, otherwise they are not.
    """
    given = {item.id: answers[item.id] for item in items if item.id in answers}
    excluded = [name for name, verdict in given.items() if verdict == EXCLUDE]
    recorded = 0
    if by is not None:
        actions: tuple[tuple[Action, str], ...] = (("accept", ACCEPT), ("exclude", EXCLUDE))
        for action, answer in actions:
            if ids := [name for name, verdict in given.items() if verdict == answer]:
                recorded += len(decide(store, ids, Verdict(action, by, _REASON)))
    return Sample(population, len(items), share_of(len(excluded), len(given)), excluded, recorded)


def ask_all(items: Iterable[Item], ask: Ask) -> dict[str, str]:
    """Return the answers to items, until there is no more, or `ask` raises StopIteration."""
    answers: dict[str, str] = {}
    for item in items:
        try:
            answer = ask(item)
        except StopIteration:
            break
        if answer is not None:
            answers[item.id] = answer
    return answers


def read_answers(lines: Iterable[str], items: Sequence[Item], name: str) -> dict[str, str]:
    """Return the answers of a CSV file of id and verdict; a row without a verdict is left out.

    Raises
    ------
    QueryError
        A row has an id that was not asked for, or a verdict that is none.
    """
    import csv

    asked, answers = {item.id for item in items}, {}
    rows = csv.reader(lines)
    for row in rows:
        cells = [cell.strip() for cell in row]
        if len(cells) < 2 or not cells[1] or cells[:2] == ["id", "verdict"]:
            continue
        verdict = ANSWERS.get(cells[1].lower())
        if cells[0] not in asked:
            wrong = f"{cells[0]!r}, which is not among the {len(items)} that were asked for"
        elif verdict is None:
            wrong = f"the verdict {cells[1]!r} of {cells[0]}"
        else:
            answers[cells[0]] = verdict
            continue
        raise QueryError(
            f"Line {rows.line_num} of {name} has {wrong}",
            "answer accept or exclude, with the same number and --seed as they were listed with",
        )
    return answers


def _chosen(ids: Iterable[str], number: int, seed: int) -> list[str]:
    ordered = sorted(ids)
    return random.Random(seed).sample(ordered, min(number, len(ordered)))


def _items(store: Store, ids: Sequence[str]) -> list[Item]:
    documents = source_documents(store.db, ids)
    folder = store.settings.home / "pictures"
    items = []
    for name in ids:
        source = documents[name]
        file = source.get("file")
        published = {key: value for key, value in source.items() if key not in BESIDE}
        items.append(Item(name, source["U_id"], published, folder / file["path"] if file else None))
    return items
