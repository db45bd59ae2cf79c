"""What ties two cases together, so that they belong on one side of a split.

A tie is between cases. Of many that share one thing (a topic, a text) not all pairs are given, but
enough that all hang together, and that each is tied to one case of every side: their number grows
with that of the cases, not with its square.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from medpix2.curate import detail
from medpix2.curate.duplicates import near_pairs
from medpix2.curate.near_texts import NearTexts, words_of
from medpix2.curate.rule import Subject
from medpix2.records import meant

TieKind = Literal[
    "picture", "patient", "history", "findings", "discussion", "disease discussion", "topic"
]
TIE_KINDS: tuple[TieKind, ...] = get_args(TieKind)

FIELDS: Mapping[TieKind, tuple[str, str]] = {
    "history": ("Case", "History"),
    "findings": ("Case", "Findings"),
    "discussion": ("Case", "Discussion"),
    "disease discussion": ("Topic", "Disease Discussion"),
    "topic": ("Topic", "Title"),
}
"""Where the text of a kind stands in a case's document."""

ALIKE = 8
"""Bits of 64 in which the perceptual hashes of two pictures may differ that are compared closer."""
SAME_PICTURE = 4
"""Bits of 64 in which those of one picture may differ, where the look `detail-hash` is missing."""
SAME_PATIENT = 64
"""Bits of 256 in which the detail hashes of two sections of one study differ, as of any two of the
same part of the body: together with age and sex it speaks for one patient."""
SAME_STUDY = 14
"""Bits of 64 in which two sections of one study may differ; of any two pictures of two cases of the
real copy one pair in a thousand does. With one topic, age and sex it speaks for one patient."""
SAME_AGE = 1.0  # years: two visits may lie on both sides of a birthday
_LEVEL = range(24, 41)  # a hash compares with the median: of a picture that shows anything, half

_Texts = Mapping[str, Any]


@dataclass(frozen=True)
class Tie:
    """Something that two cases share.

    Attributes
    ----------
    one, other
        Ids of the cases.
    what
        What they share.
    similarity
        How alike it is, 0 to 1: Jaccard index of word shingles, or share of equal bits of the
        perceptual hashes.
    pictures
        Of a tie by pictures: the picture of the one and that of the other.
    by
        Of one patient: what speaks for it beside age and sex (history, picture or topic).
    """

    one: str
    other: str
    what: TieKind
    similarity: float
    pictures: tuple[str, str] | None = None
    by: TieKind | None = None


class Ties:
    """Gathers cases and tells what ties them; cases come in the order of their ids.

    Parameters
    ----------
    kinds
        The kinds of ties that are asked for.

    Attributes
    ----------
    sides
        Case id to the split that its source puts it in; None where it puts it in none.
    """

    def __init__(self, kinds: Iterable[TieKind] = TIE_KINDS) -> None:
        self.sides: dict[str, str | None] = {}
        self._kinds = frozenset(kinds)
        wanted = self._kinds | ({"history"} if "patient" in self._kinds else set())
        self._texts: dict[TieKind, NearTexts] = {
            kind: _compared(kind) for kind in FIELDS if kind != "topic" and kind in wanted
        }
        self._topics: dict[str, list[str]] = {}
        # Hash and detail hash -> case -> its first such picture.
        self._pictures: dict[tuple[int, str | None], dict[str, str]] = {}
        self._people: dict[str, _Person] = {}

    def add(self, subject: Subject) -> None:
        """See one case."""
        document = subject.case or {}
        self.sides[subject.id] = (document.get("source") or {}).get("split")
        for kind, texts in self._texts.items():
            part, key = FIELDS[kind]
            if text := meant((document.get(part) or {}).get(key)):
                texts.add(subject.id, text)
        if self._kinds & {"topic", "patient"} and (title := _topic_key(document)):
            self._topics.setdefault(title, []).append(subject.id)
        if self._kinds & {"picture", "patient"}:
            self._add_pictures(subject)
        if "patient" in self._kinds:
            self._people[subject.id] = _Person.of(subject)

    def ties(self) -> Iterator[Tie]:
        """Yield the ties after the last case, kind by kind; each pair of a kind once."""
        history = list(self._of_text("history")) if "history" in self._texts else []
        same, alike = self._of_pictures()
        if "picture" in self._kinds:
            yield from same
        if "patient" in self._kinds:
            yield from self._of_patients(history, alike)
        for kind in self._texts:
            if kind in self._kinds:
                yield from history if kind == "history" else self._of_text(kind)
        if "topic" in self._kinds:
            for cases in self._topics.values():
                yield from (Tie(*pair, "topic", 1.0) for pair in self._linked(cases, cases))

    def _add_pictures(self, subject: Subject) -> None:
        for image in subject.images:
            if file := image.get("file"):
                name, hashed = image["image"], int(file["phash"], 16)
                if hashed.bit_count() in _LEVEL:
                    key = hashed, subject.looked.get(name, {}).get(detail.DETAIL.name)
                    self._pictures.setdefault(key, {}).setdefault(subject.id, name)

    def _alike(self) -> Iterator[tuple[Tie, bool]]:
        """Yield ties by pictures that look alike, and whether they are one picture."""
        keys, groups = list(self._pictures), list(self._pictures.values())
        for group in groups:
            for pair in self._linked(list(group), list(group)):
                yield Tie(*pair, "picture", 1.0, (group[pair[0]], group[pair[1]])), True
        hashes = np.fromiter((hashed for hashed, _ in keys), np.uint64, len(keys))
        for a, b in near_pairs(hashes, ALIKE):
            similarity, same, near = _compare(keys[a], keys[b])
            if same or near:
                ones, others = groups[a], groups[b]
                for one, other in self._linked(list(ones), list(others)):
                    straight = one in ones and other in others
                    left, right = (ones, others) if straight else (others, ones)
                    shown = left[one], right[other]
                    yield Tie(one, other, "picture", similarity, shown), same

    def _of_pictures(self) -> tuple[list[Tie], list[Tie]]:
        """Return the ties by one picture, and those by pictures that look alike; each pair once."""
        same: dict[tuple[str, str], Tie] = {}
        alike: dict[tuple[str, str], Tie] = {}
        for tie, is_one in self._alike():
            for ties in (same, alike) if is_one else (alike,):
                known = ties.get((tie.one, tie.other))
                if known is None or known.similarity < tie.similarity:
                    ties[tie.one, tie.other] = tie
        return list(same.values()), list(alike.values())

    def _of_text(self, kind: TieKind) -> Iterator[Tie]:
        texts, seen = self._texts[kind], set()
        for cases in texts.same():
            for pair in self._linked(cases, cases):
                seen.add(pair)
                yield Tie(*pair, kind, 1.0)
        for near in texts.pairs():
            for pair in self._linked(near.ones, near.others):
                if pair not in seen:
                    seen.add(pair)
                    yield Tie(*pair, kind, near.similarity)

    def _of_patients(self, history: Sequence[Tie], pictures: Sequence[Tie]) -> Iterator[Tie]:
        """Yield the ties that age and sex do not contradict, or that they bear out."""
        seen = set()
        for tie in history:
            one, other = self._people[tie.one], self._people[tie.other]
            if one.agrees(other) and one.told_alike(other):
                seen.add((tie.one, tie.other))
                yield Tie(tie.one, tie.other, "patient", tie.similarity, None, "history")
        for tie in pictures:
            one, other = self._people[tie.one], self._people[tie.other]
            known = one.known and other.known and (tie.one, tie.other) not in seen
            if known and one.agrees(other):
                seen.add((tie.one, tie.other))
                yield Tie(tie.one, tie.other, "patient", tie.similarity, tie.pictures, "picture")
        for tie in self._of_one_topic():
            if (tie.one, tie.other) not in seen:
                yield tie

    def _of_one_topic(self) -> Iterator[Tie]:
        """Yield ties of patients by one topic, the very age and sex, and pictures of one kind."""
        for cases in self._topics.values():
            alike: dict[Any, list[str]] = {}
            for case in cases:
                if (person := self._people[case]).known:
                    alike.setdefault((person.ages, person.sexes), []).append(case)
            for some in alike.values():
                for pair in self._linked(some, some):
                    ones, others = (self._people[case].hashes for case in pair)
                    bits = min(((a ^ b).bit_count() for a in ones for b in others), default=64)
                    if bits <= SAME_STUDY:
                        yield Tie(*pair, "patient", 1 - bits / 64, None, "topic")

    def _linked(self, ones: Sequence[str], others: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield pairs that tie each case to one of the others of every side, each pair once."""
        seen = set()
        for here, there in ((ones, others), (others, ones)):
            first: dict[str | None, str] = {}
            for case in there:
                first.setdefault(self.sides[case], case)
            for case in here:
                for other in first.values():
                    pair = (case, other) if case < other else (other, case)
                    if case != other and pair not in seen:
                        seen.add(pair)
                        yield pair


@dataclass(frozen=True)
class _Person:
    """What a case says of the patient."""

    ages: frozenset[float]
    sexes: frozenset[str]
    hashes: tuple[int, ...]  # of the pictures
    numbers: frozenset[str]  # in the history: ages, doses, durations

    @classmethod
    def of(cls, subject: Subject) -> _Person:
        facts = [image.get("normalized") or {} for image in subject.images]
        # An age of 0 may stand for one that was not given.
        ages = frozenset(float(fact["age"]) for fact in facts if fact.get("age"))
        sexes = frozenset(str(fact["sex"]) for fact in facts if fact.get("sex"))
        files = [image["file"] for image in subject.images if image.get("file")]
        every = (int(file["phash"], 16) for file in files)
        hashes = tuple(hashed for hashed in every if hashed.bit_count() in _LEVEL)
        history = meant(((subject.case or {}).get("Case") or {}).get("History")) or ""
        return cls(ages, sexes, hashes, frozenset(re.findall(r"[0-9]+", history)))

    @property
    def known(self) -> bool:
        return bool(self.ages and self.sexes)

    def agrees(self, other: _Person) -> bool:
        """Tell whether ages and sexes can be those of one patient; what is missing agrees."""
        near = [abs(a - b) <= SAME_AGE for a in self.ages for b in other.ages]
        same = [a == b for a in self.sexes for b in other.sexes]
        return (any(near) or not near) and (any(same) or not same)

    def told_alike(self, other: _Person) -> bool:
        """Tell whether the one history has all numbers of the other."""
        return self.numbers <= other.numbers or self.numbers >= other.numbers


def _compare(
    one: tuple[int, str | None], other: tuple[int, str | None]
) -> tuple[float, bool, bool]:
    """Return how alike two pictures are, whether they are one, and whether they may be one study's.

    By their detail hashes where both are there, otherwise by the coarser ones.
    """
    if one[1] is not None and other[1] is not None:
        bits = detail.differing(one[1], other[1])
        return 1 - bits / detail.SIDE**2, bits <= detail.SAME_PICTURE, bits <= SAME_PATIENT
    bits = (one[0] ^ other[0]).bit_count()
    return 1 - bits / 64, bits <= SAME_PICTURE, True


def _compared(kind: TieKind) -> NearTexts:
    if kind == "history":
        # Histories are short: one word of fifteen that differs must not hide that they are one.
        return NearTexts(threshold=0.75, size=2, shortest=6)
    return NearTexts(threshold=0.8, size=3, shortest=12)


def _topic_key(document: Mapping[str, Any]) -> str | None:
    """Return what names the topic of a case: its title's words, whatever their spelling."""
    title = meant((document.get("Topic") or {}).get("Title"))
    return " ".join(words_of(title)) or None if title else None
