"""The orders that results may have, as one number a result: the highest comes first."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from medpix2.pipeline.selecting import Selection
from medpix2.store.facets import bitmap_of, ordinals_of

Order = Literal["relevance", "source", "youngest", "oldest", "pictures"]
ORDERS: tuple[Order, ...] = get_args(Order)
_Keys = npt.NDArray[np.int32]
_LAST = -1000  # lower than any age, either way round


def facets_for(order: Order) -> tuple[str, ...]:
    """Return the facets that an order needs."""
    return ("age",) if order in ("youngest", "oldest") else ()


def image_keys(chosen: Selection, order: Order) -> _Keys | None:
    """Return a number for each chosen picture, or None for the source's order."""
    if order == "relevance":
        return chosen.hits.of_images[chosen.images] if chosen.hits else None
    if order in ("youngest", "oldest"):
        return _by_age(chosen, order)
    return None


def case_keys(chosen: Selection, order: Order) -> _Keys | None:
    """Return a number for each chosen case, or None for the source's order.

    The age of a case is that of its youngest or oldest picture that fits.
    """
    if order == "relevance":
        return chosen.hits.cases[chosen.cases] if chosen.hits else None
    if order == "source" or not len(chosen.cases):
        return None
    starts = chosen.index.case_starts(bitmap_of(chosen.images))
    ranks = np.searchsorted(chosen.cases, starts)
    if order == "pictures":
        counted = np.bincount(ranks, minlength=len(chosen.cases))
        return counted[: len(chosen.cases)].astype(np.int32)
    keys = np.full(len(chosen.cases), _LAST, np.int32)
    np.maximum.at(keys, ranks, _by_age(chosen, order))
    return keys


def _by_age(chosen: Selection, order: Order) -> _Keys:
    images = chosen.images
    ages = np.full(int(images[-1]) + 1 if len(images) else 0, _LAST, np.int32)
    for age, bits in chosen.index.parts("age", bitmap_of(images)).items():
        if isinstance(age, int):
            ages[ordinals_of(bits)] = age if order == "oldest" else -age
    keys: _Keys = ages[images]
    return keys
