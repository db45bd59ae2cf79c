import numpy as np
import pytest

from medpix2.curate.near import near_pairs


def _every_pair_compared(hashes: np.ndarray, distance: int) -> np.ndarray:
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None])
    return np.argwhere(np.triu(apart <= distance, 1))


@pytest.mark.parametrize("distance", [0, 1, 4, 7, 10, 24])
def test_near_pairs_are_those_of_comparing_every_pair(distance: int) -> None:
    random = np.random.default_rng(distance)
    hashes = random.integers(0, 1 << 64, 600, dtype=np.uint64)
    for _ in range(distance):
        hashes[300:] ^= np.uint64(1) << random.integers(0, 64, 300, dtype=np.uint64)
    hashes[300:] = hashes[:300] ^ (hashes[300:] & random.integers(0, 1 << 64, 300, dtype=np.uint64))
    hashes[:9] = hashes[0]
    assert near_pairs(hashes, distance).tolist() == _every_pair_compared(hashes, distance).tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_hashes_have_no_pairs(count: int) -> None:
    assert near_pairs(np.zeros(count, np.uint64), 4).shape == (0, 2)
