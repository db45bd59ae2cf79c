from __future__ import annotations

import pytest

from medpix2.errors import SourceError
from medpix2.workers import Workers

# The work is `sorted`: of a chunk whose items ascend it gives just these.


def test_results_come_in_order_whatever_the_number_of_workers():
    for jobs in (1, 2):
        workers = Workers(sorted, jobs, chunk=3)
        try:
            assert list(workers.map(range(20))) == list(range(20))
            assert list(workers.map([])) == []
        finally:
            workers.close()


def test_items_are_taken_only_so_far_ahead():
    taken = []
    workers = Workers(sorted, 1, chunk=2)
    try:
        results = workers.map(taken.append(n) or "x" for n in range(200))
        next(results)
        assert len(taken) < 50
        assert sum(1 for _ in results) == 199
    finally:
        workers.close()


def test_a_worker_that_dies_is_named_by_what_it_did():
    workers = Workers(sorted, 1, doing="counted")
    try:
        list(workers.map(["x"]))
        for process in list(workers._pool._processes.values()):
            process.kill()
        with pytest.raises(SourceError, match="A process that counted died"):
            list(workers.map(["x"] * 100))
    finally:
        workers.close()
