"""Near pairs among many hashes: time, memory, and how both grow.

The hashes are drawn as those of the real copy fall: eight hidden traits of a picture decide most of
the 64 bits, which gives as many chance pairs at each distance as its pictures of different cases.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import MIB, Figure, Options, peak_memory
from medpix2.curate.across import DISTANCE
from medpix2.curate.near import near_pairs

SIZES, QUICK_SIZES = (2_000, 60_000, 1_000_000), (2_000, 20_000)
EXPONENT = 1.3
TRAITS, OWN = 8, 0.7  # hidden traits of a picture; share of chance in each bit beside them
PLANTED = 0.01  # share of hashes that are copies of another with a few bits changed
_DRAWN = 50_000  # hashes that are drawn at a time


def measure(options: Options) -> Iterator[Figure]:
    """Yield time, memory and recall at every size, and the fitted exponent of the time."""
    sizes = QUICK_SIZES if options.quick else SIZES
    taken = []
    for size in sizes:
        hashes, planted = draw(size, seed=1)
        times = []
        for _ in range(options.runs):
            with peak_memory(os.getpid()) as peak:
                begun = time.process_time()
                pairs = near_pairs(hashes, DISTANCE)
                times.append(time.process_time() - begun)
        taken.append(min(times))
        name = f"near pairs within {DISTANCE} bits, {size:,} hashes"
        yield Figure(name, taken[-1], "s of one core", None, f"{len(pairs):,} pairs")
        if peak.main:  # a process that has hardly begun is not watched
            yield Figure(f"{name}, memory", peak.main / MIB, "MiB", None, "whole process, peak")
        codes = pairs[:, 0] * size + pairs[:, 1]
        found = np.isin(planted[:, 0] * size + planted[:, 1], codes).mean()
        yield Figure(f"{name}, planted found", float(found), "", (">=", 1.0))
    yield Figure(
        "near pairs, exponent", exponent(sizes, taken), "", ("<", EXPONENT), "least squares"
    )


def draw(size: int, seed: int) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return hashes, shape (size,), and the planted pairs among them, smaller index first."""
    random = np.random.default_rng(seed)
    loads = random.normal(size=(TRAITS, 64)).astype(np.float32) / math.sqrt(TRAITS)
    hashes = np.empty(size, np.uint64)
    for begin in range(0, size, _DRAWN):
        count = min(_DRAWN, size - begin)
        traits = random.normal(size=(count, TRAITS)).astype(np.float32)
        values = traits @ loads + OWN * random.normal(size=(count, 64)).astype(np.float32)
        bits = values > np.median(values, axis=1, keepdims=True)
        packed = np.packbits(np.ascontiguousarray(bits), axis=1)
        hashes[begin : begin + count] = packed.view(np.uint64).ravel()
    copies = max(1, int(PLANTED * size))
    chosen = random.permutation(size)[: 2 * copies].reshape(2, copies)
    hashes[chosen[1]] = hashes[chosen[0]]
    for _ in range(DISTANCE):
        hashes[chosen[1]] ^= np.uint64(1) << random.integers(0, 64, copies, dtype=np.uint64)
    return hashes, np.sort(chosen, axis=0).T.astype(np.int64)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return the exponent of the power of the size that fits the seconds best."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
