"""What a database holds, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from medpix2.records import STATUSES
from medpix2.store.database import Store
from medpix2.store.facets import Filters

ANY_STATUS = STATUSES


@dataclass(frozen=True)
class Summary:
    """Counts over a database.

    Attributes
    ----------
    cases, images
        Accepted and pending cases and images.
    by_category
        Modality to location category to images.
    splits
        Split to (cases, images).
    statuses
        Status to images.
    """

    cases: int
    images: int
    by_category: dict[str, dict[str, int]]
    splits: dict[str, tuple[int, int]]
    statuses: dict[str, int]


def summarize(store: Store) -> Summary:
    """Count what the database holds."""
    index = store.facets("modality", "location_category", "split", "status")
    shown = index.select(Filters())
    by_category = {}
    for modality in index.values("modality"):
        if modality is None:
            continue
        counts = index.counts(["location_category"], Filters({"modality": [modality]}))
        by_category[str(modality)] = _named(counts["location_category"])
    splits = {}
    for split in index.values("split"):
        chosen = index.select(Filters({"split": [split]}))
        splits[split or "none"] = (
            len(index.select_cases(Filters({"split": [split]}))),
            chosen.intersection_cardinality(index.images),
        )
    return Summary(
        cases=len(index.select_cases(Filters())),
        images=shown.intersection_cardinality(index.images),
        by_category={name: counts for name, counts in sorted(by_category.items()) if counts},
        splits={
            str(name): splits[name] for name in sorted(splits, key=_split_order) if splits[name][0]
        },
        statuses={
            str(status): count
            for status, count in index.counts(["status"], Filters())["status"].items()
        },
    )


def _named(counts: dict[Any, int]) -> dict[str, int]:
    return {"none" if value is None else str(value): n for value, n in counts.items()}


def _split_order(name: Any) -> int:
    order = ("train", "dev", "test", "none")
    return order.index(name) if name in order else len(order)
