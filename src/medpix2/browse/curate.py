"""The queue of curing as a page: what is decided on, and how much is left."""

from __future__ import annotations

from urllib.parse import urlencode

from medpix2.browse.curate_item import item_of, made_of, standing, text_of
from medpix2.browse.curate_models import (
    CuratePage,
    CurateQuestion,
    ReportPage,
    RuleCount,
)
from medpix2.errors import NotFound
from medpix2.pipeline.deciding import stamp_on
from medpix2.pipeline.queue import Flags, Queue
from medpix2.pipeline.report import report
from medpix2.store.database import Store
from medpix2.store.decisions import read_decisions
from medpix2.store.queue import Flag


def curate_page(
    store: Store,
    flags: Flags,
    question: CurateQuestion,
    curator: str | None,
    *,
    logged_in: bool = False,
    may: bool = True,
) -> CuratePage:
    """Return a place in the queue.

    Parameters
    ----------
    store
        The database.
    flags
        What was flagged, as the application keeps it.
    question
        The part of the queue, and the place.
    curator, logged_in, may
        Under which name is decided, whether that is a log-in's, and whether whoever asks may.

    Raises
    ------
    NotFound
        The item is not flagged.
    """
    queue = Queue(store, flags)
    part = queue.chosen(rule=question.rule or None, severities=question.severity, show="all")
    still = [flag for flag in part if not queue.settled(flag)]
    chosen = {"all": part, "open": still}.get(question.show)
    if chosen is None:
        chosen = [flag for flag in part if queue.settled(flag)]
    flag = _flag(queue, question, chosen)
    at = queue.place(chosen, flag) if flag else 0
    inside = flag is not None and at > 0 and chosen[at - 1] == flag
    before = at - 2 if inside else at - 1
    done = list(read_decisions(store.db, [question.done])) if question.done else []
    return CuratePage(
        question=question,
        curator=curator,
        logged_in=logged_in,
        may=may,
        rules=_rules(queue, question),
        open=len(still),
        total=len(part),
        item=item_of(store, queue, flag, question.field) if flag else None,
        place=at if inside else at + 1,
        shown=len(chosen),
        previous=_link(question, item=text_of(chosen[before])) if before >= 0 else None,
        # Not the next one by its name: somebody else may settle it meanwhile.
        next=_link(question, after=text_of(flag)) if flag and at < len(chosen) else None,
        here=_link(question)[1:],
        done=[made_of(decision) for decision in standing(done)],
        done_stamp=stamp_on(store, question.done) if done else None,
    )


def report_page(store: Store) -> ReportPage:
    """Return the report of curing."""
    return ReportPage(**report(store).as_json())


def _flag(queue: Queue, question: CurateQuestion, chosen: list[Flag]) -> Flag | None:
    if question.item:
        return _named(queue, question.item)
    at = 0
    if question.after:
        rule, _, target = question.after.partition(":")
        passed = queue.find(rule, target)
        at = queue.place(chosen, passed) if passed else 0
    # After the last one those that were skipped come again.
    return chosen[at] if at < len(chosen) else next(iter(chosen), None)


def _named(queue: Queue, text: str) -> Flag:
    rule, _, target = text.partition(":")
    flag = queue.find(rule, target) or queue.any_of(target)
    if flag is None:
        raise NotFound(
            f"No rule has found anything on {target or text!r}", "go on with the queue at /curate"
        )
    return flag


def _rules(queue: Queue, question: CurateQuestion) -> list[RuleCount]:
    return [
        RuleCount(
            rule=of.rule, severity=of.severity, why=of.why, hits=of.hits, open=of.open,
            chosen=of.rule == question.rule,
            link="?" + urlencode({"rule": of.rule}),
        )
        for of in queue.rules()
    ]  # fmt: skip


def _link(question: CurateQuestion, **more: str) -> str:
    """Return the address of this part of the queue, at another place."""
    part = question.model_dump(exclude_defaults=True, exclude={"item", "after", "done", "field"})
    return "?" + urlencode({**part, **more}, doseq=True)
