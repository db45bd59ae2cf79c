"""Hashes that are near each other, found without comparing all with all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

BITS = 64
_SORTED = 40.0  # cost of sorting one hash, in that of comparing one pair of them
_CROWDED = 30.0  # times more pairs agree in some bits than if each hash were drawn by lot


def near_pairs(hashes: Hashes, distance: int) -> Pairs:
    """Return all pairs of hashes that differ in few bits, exactly, without comparing all pairs.

    Parameters
    ----------
    hashes
        64-bit hashes, shape (hashes,), type uint64.
    distance
        Greatest number of differing bits, 0 to 63.

    Returns
    -------
    Pairs
        Indexes, shape (pairs, 2): each pair once, the smaller index first, in ascending order.
    """
    found = [np.empty((0, 2), np.int64), *near_pairs_in_parts(hashes, distance)]
    pairs = np.concatenate(found)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def near_pairs_in_parts(hashes: Hashes, distance: int) -> Iterator[Pairs]:
    """Yield what `near_pairs` returns bit by bit, in no order: for more pairs than memory holds.

    Two hashes that differ in at most `distance` bits agree wholly in some of `blocks` parts of
    them, whichever parts the bits fall in: so the hashes are sorted once for each choice of so
    many parts, and only neighbours that agree in the chosen parts are compared (the block method
    of Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling", WWW 2007).
    """
    hashes = np.ascontiguousarray(hashes, dtype=np.uint64)
    if len(hashes) < 2:
        return
    blocks, chosen = _plan(len(hashes), distance)
    # Every blocks-th bit: neighbouring bits of a perceptual hash resemble each other.
    masks = [
        np.uint64(sum(1 << bit for bit in range(start, BITS, blocks))) for start in range(blocks)
    ]
    for parts in combinations(range(blocks), chosen):
        # A pair may agree in other parts too; it belongs to the first choice of them.
        earlier = [masks[part] for part in range(max(parts, default=-1)) if part not in parts]
        mask = np.uint64(sum(int(masks[part]) for part in parts))
        yield from _agreeing(hashes, mask, earlier, distance)


def _plan(count: int, distance: int) -> tuple[int, int]:
    """Return in how many blocks hashes are parted, and in how many of them a pair must agree."""

    def cost(blocks: int) -> float:
        width = BITS * (blocks - distance) // blocks
        compared = min(1.0, _CROWDED / 2.0**width) * count / 2
        return comb(blocks, distance) * count * (_SORTED + compared)

    blocks = min(range(min(distance + 1, BITS), min(2 * distance + 8, BITS) + 1), key=cost)
    return blocks, blocks - distance


def _agreeing(
    hashes: Hashes, mask: np.uint64, earlier: list[np.uint64], distance: int
) -> Iterator[Pairs]:
    """Yield the near pairs that agree under a mask, but not under any of the earlier ones."""
    count = len(hashes)
    keys = hashes & mask
    order = np.argsort(keys)
    keys, ordered = keys[order], hashes[order]
    same = keys[1:] == keys[:-1]
    left = np.flatnonzero(same)  # begins of pairs at the present step
    run_end = np.append(np.flatnonzero(~same), count - 1)  # last index of each run of equal keys
    last = np.repeat(run_end, np.diff(run_end, prepend=-1))
    step = 1
    while len(left):
        apart = ordered[left] ^ ordered[left + step]
        near = np.flatnonzero(np.bitwise_count(apart) <= distance)
        for other in earlier:
            near = near[apart[near] & other != 0]
        if len(near):
            first, second = order[left[near]], order[left[near] + step]
            yield np.stack((np.minimum(first, second), np.maximum(first, second)), axis=1)
        step += 1
        left = left[left + step <= last[left]]
