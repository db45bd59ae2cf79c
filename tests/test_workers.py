from __future__ import annotations

import os
import subprocess
import sys
import threading

import psutil
import pytest

from medpix2.errors import SourceError
from medpix2.workers import Workers, worker_pool

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


def test_a_second_interrupt_while_workers_are_stopped_kills_them(monkeypatch):
    workers = Workers(sorted, 1)
    list(workers.map([1]))
    processes = list(workers._pool._processes.values())

    def interrupted(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(workers._pool, "shutdown", interrupted)
        with pytest.raises(KeyboardInterrupt):
            workers.close()
    for process in processes:
        process.join(60)
        assert not process.is_alive()
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


WORKING = """
import os, sys, time
from medpix2.workers import worker_pool
pool = worker_pool(2, ("json",))
print(*{pool.submit(os.getpid).result() for _ in range(20)}, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("threaded", [False, True])
def test_work_is_done_in_other_processes(threaded):
    over = threading.Event()
    if threaded:  # another thread could hold a lock: the workers are not forked then
        threading.Thread(target=over.wait, daemon=True).start()
    pool = worker_pool(1, ("json",))
    try:
        assert pool.submit(os.getpid).result(timeout=60) != os.getpid()
    finally:
        pool.shutdown()
        over.set()


def test_workers_end_with_a_parent_that_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", WORKING], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    workers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert workers
    assert psutil.wait_procs(workers, timeout=60)[1] == []
