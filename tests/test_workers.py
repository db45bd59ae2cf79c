from __future__ import annotations

import os
import subprocess
import sys
import threading

import psutil
import pytest

from medpix2.workers import worker_pool

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
