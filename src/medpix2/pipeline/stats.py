"""`stats`: what a database holds, as the tables that a paper shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
from pyroaring import BitMap

from medpix2.pipeline.tables import (
    ALL,
    NOT_GIVEN,
    Cell,
    Stats,
    Table,
    cross,
    named,
    share,
)
from medpix2.records import meant
from medpix2.store.database import Store
from medpix2.store.facets import FacetIndex, Filters, Value
from medpix2.store.lengths import word_counts

NO_SPLIT = "no split"
SPLITS = ("train", "dev", "test")
DECADE = 10  # years

# Text -> its field, in the order of a report; those of cases, then those of pictures.
CASE_TEXTS: Mapping[str, str] = {
    "Title": "Case.Title",
    "History": "Case.History",
    "Exam": "Case.Exam",
    "Findings": "Case.Findings",
    "Differential Diagnosis": "Case.Differential Diagnosis",
    "Case Diagnosis": "Case.Case Diagnosis",
    "Diagnosis By": "Case.Diagnosis By",
    "Treatment & Follow Up": "Case.Treatment & Follow Up",
    "Discussion": "Case.Discussion",
    "Disease Discussion": "Topic.Disease Discussion",
}
IMAGE_TEXTS: Mapping[str, str] = {"Caption": "Description.Caption"}
PERCENTILES = {"P5": 5, "Q1": 25, "Median": 50, "Q3": 75, "P95": 95}

_FACETS = ("modality", "location_category", "plane", "sequence", "sex", "age", "split", "status")


def stats(store: Store, filters: Filters = Filters()) -> Stats:  # noqa: B008 - frozen
    """Count what the database holds.

    Parameters
    ----------
    store
        The database.
    filters
        What pictures to count; by default all accepted and pending ones.

    Returns
    -------
    Stats
        Tables modality_location, planes, sequences, ages, images_per_case, text_lengths, splits,
        split_modality and split_location. Where nothing fits the filters they have no rows.
    """
    index = store.facets(*_FACETS, *filters.values)
    chosen = index.select(filters)
    cases, images = index.cases_of(chosen), chosen & index.images
    modalities = named(index.parts("modality", images))
    places = named(index.parts("location_category", images))
    return Stats(
        len(cases),
        len(images),
        (
            cross(
                "modality_location",
                "Images by location category and modality",
                ("Location category", places),
                modalities,
            ),
            cross(
                "planes",
                "Images by plane and modality",
                ("Plane", named(index.parts("plane", images))),
                modalities,
            ),
            _sequences(index, modalities.get("MR", BitMap())),
            _ages(index, cases, images),
            _images_per_case(index, cases, images),
            _text_lengths(store, cases, images),
            *_balance(index, chosen, images, modalities, places),
        ),
    )


def _sequences(index: FacetIndex, images: BitMap) -> Table:
    parts = named(index.parts("sequence", images))
    return Table(
        "sequences",
        "MR images by sequence",
        "images",
        ("Sequence", "Images", "%"),
        tuple((label, len(bits), share(len(bits), len(images))) for label, bits in parts.items()),
        (ALL, len(images), 100.0) if parts else (),
    )


def _ages(index: FacetIndex, cases: BitMap, images: BitMap) -> Table:
    """Return the cases by decade of age and by sex."""
    ages = index.parts("age", images)
    sexes = _by_case(index, index.parts("sex", images), cases)
    decades: dict[Value, BitMap] = {}
    for age, bits in ages.items():
        decade = age // DECADE * DECADE if isinstance(age, int) else None
        decades[decade] = decades.get(decade, BitMap()) | bits
    by_decade = _by_case(index, decades, cases)
    last = max((decade for decade in by_decade if isinstance(decade, int)), default=-DECADE)
    rows = {
        f"{decade}–{decade + DECADE - 1}": by_decade.get(decade, BitMap())
        for decade in range(0, last + 1, DECADE)
    }
    if None in by_decade:
        rows[NOT_GIVEN] = by_decade[None]
    order: list[Value] = ["female", "male", None]
    note = "A case has the age and sex of its first image that gives them."
    if zero := len(index.cases_of(ages.get(0, BitMap()))):
        note += f" Age 0 ({zero} of the cases) may stand for an age that is not given."
    return cross(
        "ages",
        "Cases by age and sex of the patient",
        ("Age (years)", rows),
        {str(sex or NOT_GIVEN): sexes[sex] for sex in order if sex in sexes},
        "cases",
        note,
    )


def _by_case(
    index: FacetIndex, parts: Mapping[Value, BitMap], cases: BitMap
) -> dict[Value, BitMap]:
    """Return value to cases: each has the value of its first picture that has one."""
    given = BitMap().union(*(bits for value, bits in parts.items() if value is not None))
    ordinals = np.asarray(given.to_array(), dtype=np.uint32)
    _, first = np.unique(index.case_starts(given), return_index=True)
    deciding = BitMap(ordinals[first])
    found: dict[Value, BitMap] = {
        value: index.cases_of(bits & deciding) for value, bits in parts.items() if value is not None
    }
    found[None] = cases - index.cases_of(given)
    return {value: bits for value, bits in found.items() if bits}


def _images_per_case(index: FacetIndex, cases: BitMap, images: BitMap) -> Table:
    _, sizes = np.unique(index.case_starts(images), return_counts=True)
    sizes = np.concatenate([np.zeros(len(cases) - len(sizes), dtype=sizes.dtype), sizes])
    note = ""
    if len(sizes):
        q1, median, q3 = (f"{value:g}" for value in np.percentile(sizes, (25, 50, 75)))
        note = f"Median {median}, quartiles {q1} and {q3}, at most {sizes.max()}."
    values, counts = np.unique(sizes, return_counts=True)
    return Table(
        "images_per_case",
        "Cases by number of images",
        "cases",
        ("Images", "Cases", "%"),
        tuple(
            (int(value), int(count), share(int(count), len(cases)))
            for value, count in zip(values, counts, strict=True)
        ),
        (ALL, len(cases), 100.0) if len(cases) else (),
        note,
    )


def _text_lengths(store: Store, cases: BitMap, images: BitMap) -> Table:
    rows: list[tuple[Cell, ...]] = []
    kinds: tuple[tuple[Literal["case", "image"], Mapping[str, str], BitMap], ...] = (
        ("case", CASE_TEXTS, cases),
        ("image", IMAGE_TEXTS, images),
    )
    for kind, texts, chosen in kinds:
        counted = word_counts(store.db, kind, list(texts.values()), chosen, meant)
        for label, path in texts.items():
            found = counted[path]
            if found:
                measures = np.percentile(found, list(PERCENTILES.values()))
                part = share(len(found), len(chosen))
                rows.append((label, f"{kind}s", len(found), part, *_rounded(measures)))
    return Table(
        "text_lengths",
        "Lengths of the texts in words",
        "words",
        ("Text", "Of", "Texts", "%", *PERCENTILES),
        tuple(rows),
        note="Empty texts and those like N/A do not count; % is of all cases or images.",
    )


def _rounded(measures: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(float(measure), 1) for measure in measures)


def _balance(
    index: FacetIndex,
    chosen: BitMap,
    images: BitMap,
    modalities: Mapping[str, BitMap],
    places: Mapping[str, BitMap],
) -> tuple[Table, Table, Table]:
    """Return the tables of the splits: as a whole, by modality and by location category."""
    parts = index.parts("split", chosen)
    splits = {
        NO_SPLIT if split is None else str(split): parts[split]
        for split in sorted(parts, key=_split_order)
    }
    cases = {split: len(index.cases_of(bits)) for split, bits in splits.items()}
    all_cases = len(index.cases_of(chosen))
    pictures = {split: bits & images for split, bits in splits.items()}
    whole = Table(
        "splits",
        "Cases and images by split",
        "cases and images",
        ("Split", "Cases", "Cases %", "Images", "Images %"),
        tuple(
            (
                split, cases[split], share(cases[split], all_cases),
                len(bits), share(len(bits), len(images)),
            )
            for split, bits in pictures.items()
        ),
        (ALL, all_cases, 100.0, len(images), 100.0 if images else None) if splits else (),
    )  # fmt: skip
    return (
        whole,
        _by_split("split_modality", "modality", "Modality", modalities, pictures),
        _by_split("split_location", "location category", "Location category", places, pictures),
    )


def _split_order(split: Value) -> tuple[int, str]:
    if split is None:
        return len(SPLITS) + 1, ""
    return (SPLITS.index(str(split)) if split in SPLITS else len(SPLITS)), str(split)


def _by_split(
    name: str,
    what: str,
    first: str,
    parts: Mapping[str, BitMap],
    splits: Mapping[str, BitMap],
) -> Table:
    """Return, for each split, the images of each label and their share of the split."""

    def cells(count_in: Mapping[str, int]) -> tuple[Cell, ...]:
        pairs = ((count_in[split], share(count_in[split], len(splits[split]))) for split in splits)
        return tuple(cell for pair in pairs for cell in pair)

    return Table(
        name,
        f"Images of each split by {what}",
        "images",
        (first, *(column for split in splits for column in (split, f"{split} %"))),
        tuple(
            (label, *cells({s: bits.intersection_cardinality(of) for s, of in splits.items()}))
            for label, bits in parts.items()
        ),
        (ALL, *cells({split: len(bits) for split, bits in splits.items()})) if parts else (),
        "Percentages are of the images of a split.",
    )
