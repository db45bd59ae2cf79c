"""What may leak from one side of a split to the other, listed with the pair.

The sides are those of the source's own split; what `curate split` gives is made so that nothing
leaks, and its report tells what still does. One picture in two cases is a matter of
`cross-case-duplicate`, among the duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from medpix2.curate.rule import Hit, SetRule, Subject
from medpix2.curate.ties import FIELDS, Tie, TieKind, Ties

_NAMES: Mapping[TieKind, str] = {
    "picture": "a picture",
    "patient": "the patient",
    "history": "the history",
    "findings": "the findings",
    "discussion": "the discussion",
    "disease discussion": "the disease discussion",
    "topic": "the topic",
}


class Leaks:
    """Gathers what ties cases together and tells it of both.

    Parameters
    ----------
    kinds
        Kinds of ties that are told wherever the two cases are.
    across
        Kinds that are told only where the two stand in different splits.
    """

    def __init__(self, kinds: Iterable[TieKind] = (), across: Iterable[TieKind] = ()) -> None:
        self._across = frozenset(across)
        self._ties = Ties([*kinds, *self._across])

    def add(self, subject: Subject) -> None:
        """See one case."""
        self._ties.add(subject)

    def hits(self) -> Iterator[Hit]:
        """Yield two hits for each tie, one on each of its cases."""
        for tie in self._ties.ties():
            sides = self._ties.sides
            leaks = crosses(sides[tie.one], sides[tie.other])
            if leaks or tie.what not in self._across:
                yield self._hit(tie, tie.one, tie.other, 0, leaks)
                yield self._hit(tie, tie.other, tie.one, 1, leaks)

    def _hit(self, tie: Tie, case: str, other: str, at: int, leaks: bool) -> Hit:
        splits = [self._ties.sides[case], self._ties.sides[other]]
        same = "the same" if tie.similarity == 1 else "nearly the same"
        where = f", which is in {splits[1]} and this in {splits[0]}" if leaks else ""
        evidence = {
            "other": other, "what": tie.what, "similarity": round(tie.similarity, 3),
            "splits": splits,
        }  # fmt: skip
        if tie.pictures:
            evidence["pictures"] = [tie.pictures[at], tie.pictures[1 - at]]
        field = ".".join(FIELDS[tie.what]) if tie.what in FIELDS else None
        message = f"{_NAMES[tie.what]} is {same} as in {other}{where}"
        if tie.by:
            evidence["by"] = tie.by
            message = f"the patient seems to be that of {other}, by {tie.by}, age and sex{where}"
        return Hit(case, message, field, evidence, case)


def crosses(one: str | None, other: str | None) -> bool:
    """Tell whether two sides are different splits; a case without a split is on no side."""
    return one is not None and other is not None and one != other


LEAKAGE: tuple[SetRule, ...] = (
    SetRule(
        "same-patient", 1, "review", "Case.History, Topic.Title, age, sex, phash, detail-hash",
        "One patient under two case ids puts the same person into training and test.",
        partial(Leaks, ["patient"]),
    ),
    SetRule(
        "text-in-two-cases", 1, "note", "Case.History, Case.Findings",
        "A report that was trained on is no test, and may be a case that was entered twice.",
        partial(Leaks, ["history", "findings"]),
    ),
    SetRule(
        "discussion-in-two-splits", 1, "note", "Case.Discussion, Topic.Disease Discussion",
        "A model that learned the text can complete it without having seen the picture.",
        partial(Leaks, across=["discussion", "disease discussion"]),
    ),
    SetRule(
        "topic-in-two-splits", 1, "note", "Topic.Title",
        "Cases of one topic share its texts; on both sides of a split they leak the diagnosis.",
        partial(Leaks, across=["topic"]),
    ),
)  # fmt: skip
"""The rules on leakage."""
