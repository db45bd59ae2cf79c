"""Plants the defects that a case is to get, and says what was planted."""

from __future__ import annotations

from medpix2.phantom.collection import make_case
from medpix2.phantom.desk import Desk, Planted, decide
from medpix2.phantom.planters import PLANTERS
from medpix2.phantom.rates import Rates, scope_of


def plant(seed: int, number: int, rates: Rates, pictures: bool = True) -> Planted:
    """Return a case of the collection with its defects.

    Parameters
    ----------
    seed, number
        Which collection, which case.
    rates
        Rate of each kind, from `rates.rates`.
    pictures
        Whether there are pictures; without, defects of pictures are not planted.
    """
    desk = Desk(make_case(seed, number), seed, lambda other: plant(seed, other, rates, pictures))
    for kind, indexes in decide(seed, number, rates).items():
        if scope_of(kind) == "picture" and not pictures:
            continue
        for index in indexes:
            if index < len(desk.images):
                PLANTERS[kind](desk, index)
    return Planted(desk.bundle, desk.jobs, desk.planted)
