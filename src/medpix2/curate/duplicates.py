"""Pictures that are there twice: equal files, and pictures that look alike."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

BITS = 64
_SORTED = 12.0  # cost of sorting one hash, in that of comparing one pair of them
_HELD = 1 << 22  # pairs that are held before double ones among them are dropped


def near_pairs(hashes: Hashes, distance: int) -> Pairs:
    """Return all pairs of hashes that differ in few bits, exactly, without comparing all pairs.

    Two hashes that differ in at most `distance` bits agree wholly in some of `blocks` parts of
    them, whichever parts the bits fall in: so the hashes are sorted once for each choice of so
    many parts, and only neighbours that agree in the chosen parts are compared (the block method
    of Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling", WWW 2007).

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
    hashes = np.ascontiguousarray(hashes, dtype=np.uint64)
    if len(hashes) < 2:
        return np.empty((0, 2), np.int64)
    blocks, chosen = _plan(len(hashes), distance)
    # Every blocks-th bit: neighbouring bits of a perceptual hash resemble each other.
    masks = [
        np.uint64(sum(1 << bit for bit in range(start, BITS, blocks))) for start in range(blocks)
    ]
    found: list[NDArray[np.int64]] = []
    held = 0
    for parts in combinations(masks, chosen):
        found.append(_agreeing(hashes, np.bitwise_or.reduce(parts or [np.uint64(0)]), distance))
        held += len(found[-1])
        if held > _HELD:
            found = [np.unique(np.concatenate(found))]
            held = len(found[0])
    return np.stack(np.divmod(np.unique(np.concatenate(found)), len(hashes)), axis=1)


def _plan(count: int, distance: int) -> tuple[int, int]:
    """Return in how many blocks hashes are parted, and in how many of them a pair must agree."""

    def cost(blocks: int) -> float:
        width = BITS * (blocks - distance) // blocks
        return comb(blocks, distance) * count * (_SORTED + count / 2.0 ** (width + 1))

    blocks = min(range(min(distance + 1, BITS), min(2 * distance + 8, BITS) + 1), key=cost)
    return blocks, blocks - distance


def _agreeing(hashes: Hashes, mask: np.uint64, distance: int) -> NDArray[np.int64]:
    """Return the near pairs among hashes that agree under a mask, as first * count + second."""
    count = len(hashes)
    keys = hashes & mask
    order = np.argsort(keys)
    keys, ordered = keys[order], hashes[order]
    same = keys[1:] == keys[:-1]
    left = np.flatnonzero(same)  # begins of pairs at the present step
    run_end = np.append(np.flatnonzero(~same), count - 1)  # last index of each run of equal keys
    last = np.repeat(run_end, np.diff(run_end, prepend=-1))
    found = [np.empty(0, np.int64)]
    step = 1
    while len(left):
        near = left[np.bitwise_count(ordered[left] ^ ordered[left + step]) <= distance]
        first, second = order[near], order[near + step]
        found.append(np.minimum(first, second) * count + np.maximum(first, second))
        step += 1
        left = left[left + step <= last[left]]
    return np.concatenate(found)
