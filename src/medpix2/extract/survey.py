"""Survey a source before anything is stored: every problem, and what joins its documents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from medpix2.errors import SourceError
from medpix2.extract.jsonfile import BrokenJson
from medpix2.extract.published import (
    HALF_NAMES,
    OVERVIEW,
    PICTURES,
    SPLIT_NAMES,
    SPLITS,
    OverviewRow,
)
from medpix2.extract.source import Source
from medpix2.extract.validate import plain
from medpix2.records import Problem

_Place = tuple[str, str]  # case id, and type of an image there
_TYPES = {"TAC": "CT", "MRI": "MR"}

KEPT_A_KIND = 20_000  # problems of one kind that a report keeps whole; the rest is counted


class Problems:
    """The problems of one build: all are counted, and so many of a kind are kept.

    Attributes
    ----------
    counts
        (severity, kind) to number.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._kept: list[tuple[Any, ...]] = []  # a sixth of the memory that records take

    @property
    def kept(self) -> list[Problem]:
        """The problems in the order in which they were found."""
        names = Problem.model_fields
        return [Problem.model_construct(**dict(zip(names, row, strict=True))) for row in self._kept]

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it."""
        self.counts[problem.severity, problem.kind] += 1
        if self.counts[problem.severity, problem.kind] <= KEPT_A_KIND:
            self._kept.append(tuple(getattr(problem, name) for name in Problem.model_fields))

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add several."""
        for problem in problems:
            self.add(problem)

    def total(self, severity: str | None = None) -> int:
        """Return how many there are, of one severity or in all."""
        return sum(n for (found, _), n in self.counts.items() if severity in (None, found))


@dataclass
class Survey:
    """What is known of a copy before its documents are stored.

    Attributes
    ----------
    case_ids
        Ids of the cases that can be stored.
    images
        Image id to (id of its case, `Type`) of the images that can be stored.
    repeated
        File to the indexes of documents whose id came before: they cannot be stored.
    splits, halves
        Case id to split, and to half of train.
    overview
        Image id to its row of `images_overview.csv`, where that agrees with the description.
    """

    problems: Problems = field(default_factory=Problems)
    case_ids: set[str] = field(default_factory=set)
    images: dict[str, _Place] = field(default_factory=dict)
    repeated: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    splits: dict[str, str] = field(default_factory=dict)
    halves: dict[str, str] = field(default_factory=dict)
    overview: dict[str, OverviewRow] = field(default_factory=dict)


def survey(copy: Source) -> Survey:
    """Read a copy once, check every document and what the files say of each other."""
    found = Survey()
    listed: dict[str, tuple[_Place, ...]] = {}
    for name, place in _survey_cases(copy, found):
        listed[name] = (*listed.get(name, ()), place)
    _survey_images(copy, found, listed)
    steps = (_encodings, _splits, _overview)
    for step in steps:
        try:
            found.problems.extend(step(copy, found))
        except SourceError as error:
            found.problems.add(_problem("unreadable-file", copy.name, str(error), error=True))
    undescribed = sorted(name for name in copy.pictures if name not in found.images)
    found.problems.extend(
        _problem("undescribed-picture", PICTURES, "has no description", name)
        for name in undescribed
    )
    return found


def _problem(
    kind: str,
    file: str,
    message: str,
    name: str | None = None,
    *,
    field: str | None = None,
    index: int | None = None,
    error: bool = False,
) -> Problem:
    return Problem(
        kind=kind,
        severity="error" if error else "warning",
        file=file,
        index=index,
        id=plain(name) if name is not None else None,
        field=field,
        message=plain(message, 1000),
    )


def _survey_cases(copy: Source, found: Survey) -> Iterator[tuple[str, _Place]]:
    """Survey the cases; yield image id -> (case id, type as listed)."""
    seen: dict[str, int] = {}
    try:
        for index, checked in copy.cases():
            found.problems.extend(checked.problems)
            if checked.document is None:
                continue
            name = intern(checked.document["U_id"])
            if name in seen:
                found.repeated[copy.case_file].add(index)
                message = f"stands already at index {seen[name]}; this one is left out"
                found.problems.add(
                    _problem("duplicate-id", copy.case_file, message, name, index=index, error=True)
                )
                continue
            seen[name] = index
            for key, modality in _TYPES.items():
                place = (name, modality)
                for image in checked.document.get(key) or ():
                    yield intern(image), place
    except BrokenJson as error:
        found.problems.add(_problem("broken-json", copy.case_file, str(error), error=True))
    found.case_ids.update(seen)


def _survey_images(copy: Source, found: Survey, listed: dict[str, tuple[_Place, ...]]) -> None:
    seen: dict[str, int] = {}
    add = found.problems.add
    try:
        for index, checked in copy.images(found.case_ids):
            found.problems.extend(checked.problems)
            if checked.document is None:
                continue
            # One string an id, in whatever holds it: there may be very many.
            name, case = intern(checked.document["image"]), intern(checked.document["U_id"])
            if name in seen:
                found.repeated[copy.image_file].add(index)
                message = f"stands already at index {seen[name]}; this one is left out"
                add(
                    _problem(
                        "duplicate-id", copy.image_file, message, name, index=index, error=True
                    )
                )
                continue
            seen[name] = index
            places = listed.get(name, ())
            described = (case, intern(checked.document.get("Type", "")))
            found.images[name] = places[0] if described in places[:1] else described
            if case not in found.case_ids:
                message = f"its case {case} is not in {copy.case_file}"
                add(_problem("no-case", copy.image_file, message, name, index=index, error=True))
            elif not places:
                add(
                    _problem(
                        "not-listed", copy.image_file, f"is not listed in {case}", name, index=index
                    )
                )
            for place in places:
                if place != described:
                    message = "is listed as {1} in {0}".format(*place)
                    message += f" and described as {described[1] or 'nothing'} of {case}"
                    add(_problem("listed-otherwise", copy.image_file, message, name, index=index))
            if name not in copy.pictures:
                message = f"there is no such picture in {PICTURES}/"
                add(_problem("no-picture", copy.image_file, message, name, index=index, error=True))
    except BrokenJson as error:
        add(_problem("broken-json", copy.image_file, str(error), error=True))
    for name, places in listed.items():
        if name not in seen:
            for case, _ in places:
                add(_problem("no-description", copy.case_file, f"{name} has no description", case))


def _encodings(copy: Source, found: Survey) -> Iterator[Problem]:
    for file, encoding in copy.encodings.items():
        if encoding == "latin-1":
            yield _problem("encoding", file, "is not UTF-8; it was read as Latin-1")


def _splits(copy: Source, found: Survey) -> Iterator[Problem]:
    """Read the split lists; report what they miss, repeat or do not know."""
    lists = copy.split_lists()
    file = f"{SPLITS}/uid_list.json"
    yield from _joined(lists, SPLIT_NAMES, found.splits, found.case_ids, file)
    yield from _joined(lists, HALF_NAMES, found.halves, found.case_ids, file)
    if found.splits:
        for name in sorted(found.case_ids - found.splits.keys()):
            yield _problem("split-missing", file, "is in no split", name)
    for name, half in found.halves.items():
        if found.splits.get(name, "train") != "train":
            message = f"is in {half} and in {found.splits[name]}"
            yield _problem("split-disagrees", file, message, name)
    for split in (*SPLIT_NAMES, *HALF_NAMES):
        in_documents = set(copy.split_documents(split))
        for name in sorted(in_documents ^ set(lists.get(split, ()))) if in_documents else ():
            where = f"data_{split}.jsonl" if name in in_documents else "uid_list.json"
            message = f"stands for {split} in {where} alone" if name else "a line is broken"
            yield _problem("split-disagrees", f"{SPLITS}/data_{split}.jsonl", message, name or None)


def _joined(
    lists: Mapping[str, list[str]],
    names: tuple[str, ...],
    into: dict[str, str],
    cases: set[str],
    file: str,
) -> Iterator[Problem]:
    for split in names:
        for name in lists.get(split, ()):
            if name in into:
                message = f"stands in {into[name]} and again in {split}; the first counts"
                yield _problem("split-repeated", file, message, name)
            elif name not in cases:
                yield _problem("split-unknown", file, f"{split} names no such case", name)
            else:
                into[name] = split


def _overview(copy: Source, found: Survey) -> Iterator[Problem]:
    """Compare `images_overview.csv` with the descriptions."""
    rows = copy.overview()
    if rows is None:
        return
    for name, row in rows.items():
        case, modality = found.images.get(name, (None, None))
        if case is None:
            message = f"line {row.line} lists an image that is not in the set"
            yield _problem("overview-extra", OVERVIEW, message, name)
        elif _TYPES.get(row.type) != modality:
            message = f"line {row.line} says {row.type}, the description {modality}"
            yield _problem("overview-differs", OVERVIEW, message, name)
        elif row.u_id != case:
            message = f"line {row.line} says {row.u_id}, the description {case}"
            yield _problem("overview-differs", OVERVIEW, message, name)
        else:
            found.overview[name] = row
    for name in sorted(name for name in found.images if name not in rows):
        yield _problem("overview-missing", OVERVIEW, "the image has no row", name)
