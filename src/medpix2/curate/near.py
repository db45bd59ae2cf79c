"""Hashes that are near each other, found without comparing all with all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import comb

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Pairs = NDArray[np.int64]

BITS = 64
_MIXED = 1 << 16  # hashes whose bits are put in another order at a time
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
    edges = np.arange(blocks + 1) * BITS // blocks
    ranges = [(int(begin), int(end)) for begin, end in pairwise(edges)]
    mixed = _interleaved(hashes, blocks)
    for parts in combinations(range(blocks), chosen):
        # A pair may agree in other parts too; it belongs to the first choice of them.
        earlier = [
            _mask(ranges[part]) for part in range(max(parts, default=-1)) if part not in parts
        ]
        yield from _agreeing(mixed, [ranges[part] for part in parts], earlier, distance)


def _interleaved(hashes: Hashes, blocks: int) -> Hashes:
    """Return hashes with their bits in another order, each block with bits from everywhere.

    Neighbouring bits of a perceptual hash resemble each other.
    """
    order = np.concatenate([np.arange(start, BITS, blocks) for start in range(blocks)])
    mixed = np.empty_like(hashes)
    for begin in range(0, len(hashes), _MIXED):
        some = hashes[begin : begin + _MIXED].astype("<u8", copy=False)
        bits = np.unpackbits(some.view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
        packed = np.packbits(np.ascontiguousarray(bits[:, order]), axis=1, bitorder="little")
        mixed[begin : begin + _MIXED] = packed.view("<u8").ravel()
    return mixed


def _mask(bits: tuple[int, int]) -> np.uint64:
    begin, end = bits
    return np.uint64(((1 << (end - begin)) - 1) << begin)


def _plan(count: int, distance: int) -> tuple[int, int]:
    """Return in how many blocks hashes are parted, and in how many of them a pair must agree."""

    def cost(blocks: int) -> float:
        width = BITS * (blocks - distance) // blocks
        compared = min(1.0, _CROWDED / 2.0**width) * count / 2
        return comb(blocks, distance) * count * (_SORTED + compared)

    blocks = min(range(min(distance + 1, BITS), min(2 * distance + 8, BITS) + 1), key=cost)
    return blocks, blocks - distance


def _agreeing(
    hashes: Hashes, parts: list[tuple[int, int]], earlier: list[np.uint64], distance: int
) -> Iterator[Pairs]:
    """Yield the near pairs that agree in some ranges of bits, but in none of the earlier masks."""
    count = len(hashes)
    order, left, last = _neighbours(hashes, parts)
    ordered = hashes[order]
    agreed = np.bitwise_or.reduce([np.uint64(0), *map(_mask, parts)])
    step = 1
    while len(left):
        apart = ordered[left] ^ ordered[left + step]
        near = np.flatnonzero(np.bitwise_count(apart) <= distance)
        near = near[apart[near] & agreed == 0]
        for other in earlier:
            near = near[apart[near] & other != 0]
        if len(near):
            first, second = order[left[near]], order[left[near] + step]
            yield np.stack((np.minimum(first, second), np.maximum(first, second)), axis=1)
        step += 1
        left = left[left + step < count]
        left = left[left + step <= last[left]]


def _neighbours(
    hashes: Hashes, parts: list[tuple[int, int]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sort hashes by some of their bits.

    Returns
    -------
    tuple
        Index of each hash in the order; places in the order whose next has the same bits; for each
        place, the last that has them.
    """
    count = len(hashes)
    room = BITS - (count - 1).bit_length()  # bits of a key beside the index of its hash
    keys = np.zeros(count, np.uint64)
    for begin, end in parts:
        width = min(end - begin, room)  # what finds no room is looked at when hashes are compared
        room -= width
        part = (hashes >> np.uint64(begin)) & np.uint64((1 << width) - 1)
        keys = (keys << np.uint64(width)) | part
    # One sort of plain numbers is several times as fast as one that returns an order.
    shift = np.uint64((count - 1).bit_length())
    keys = np.sort((keys << shift) | np.arange(count, dtype=np.uint64))
    order = (keys & np.uint64((1 << int(shift)) - 1)).astype(np.int64)
    keys >>= shift
    same = keys[1:] == keys[:-1]
    run_end = np.append(np.flatnonzero(~same), count - 1)  # last place of each run of equal keys
    return order, np.flatnonzero(same), np.repeat(run_end, np.diff(run_end, prepend=-1))
