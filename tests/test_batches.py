from __future__ import annotations

import pytest

from medpix2.batches import batches


@pytest.mark.parametrize(
    ("count", "parts"), [(0, []), (2, [[0, 1]]), (3, [[0, 1, 2]]), (7, [[0, 1, 2], [3, 4, 5], [6]])]
)
def test_all_come_once_in_order_and_the_last_batch_has_what_is_left(count, parts):
    assert list(batches(range(count), 3)) == parts


def test_no_more_is_taken_than_a_batch_needs():
    taken = []
    coming = batches((taken.append(n) or n for n in range(100)), 3)
    assert next(coming) == [0, 1, 2]
    assert taken == [0, 1, 2]
