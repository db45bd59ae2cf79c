"""Later states of the sites: cases that have changed, gone or come since the first crawl."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from medpix2.phantom.sites.cases import SiteCase, made_uuid, pmcid_of
from medpix2.phantom.sites.chance import pick, share

CHANGES = ("findings", "discussion", "caption", "topic", "gone", "new")


def later(cases: Iterable[SiteCase], generation: int, rate: float, seed: int) -> Iterator[SiteCase]:
    """Yield the cases as they are in a generation; the first has them as they came.

    From each generation to the next a share of `rate` of the cases changes in one way: its
    findings, its discussion, a caption or its topic has a sentence more, it is gone, or a new
    case like it has come.
    """
    for case in cases:
        states = [case]
        for number in range(2, generation + 1):
            states = [new for state in states for new in _next(state, number, rate, seed)]
        yield from states


def change_of(uid: str, generation: int, rate: float, seed: int) -> str | None:
    """Return what a generation does to a case that was there before it, None for nothing."""
    if share(seed, generation, uid, "changed") >= rate:
        return None
    return pick(CHANGES, seed, generation, uid, "how")


def _next(case: SiteCase, generation: int, rate: float, seed: int) -> list[SiteCase]:
    change = change_of(case.uid, generation, rate, seed)
    more = f" Added in generation {generation}."
    if change == "gone":
        return []
    if change == "new":
        return [case, _copy(case, generation)]
    if change == "discussion":
        return [replace(case, discussion=(case.discussion or "") + more)]
    if change == "caption" and case.pictures:
        first, *rest = case.pictures
        told = replace(first, caption=(first.caption or "") + more)
        return [replace(case, pictures=(told, *rest))]
    if change == "topic" and case.topic:
        topic = replace(case.topic, factoid=(case.topic.factoid or "") + more)
        # Its own from now on: the cases that shared it keep theirs.
        own = replace(topic, uuid=made_uuid("topic", f"{case.uid}/{generation}"))
        return [replace(case, topic=own)]
    if change is not None:
        findings = case.sections.get("Findings", "") + more
        return [replace(case, sections={**case.sections, "Findings": findings})]
    return [case]


def _copy(case: SiteCase, generation: int) -> SiteCase:
    """Return a new case like one that is there; its pictures are the same under new ids."""
    number = f"{generation}00{pmcid_of(case.uid)}"
    uid = f"MPX{number}"
    pictures = tuple(
        replace(
            picture, id=f"{uid}_{picture.name}{generation}",
            uuid=made_uuid("image", f"{uid}/{picture.id}"), file=picture.file or picture.id,
        )
        for picture in case.pictures
    )  # fmt: skip
    title = f"{case.title or 'Untitled'} (case of generation {generation})"
    sections = {**case.sections, "Diagnosis": title}
    return replace(
        case, uid=uid, uuid=made_uuid("encounter", uid), title=title, sections=sections,
        pictures=pictures,
    )  # fmt: skip
