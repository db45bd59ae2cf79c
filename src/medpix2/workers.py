"""Processes that work on pictures: started while nothing can be locked, gone with their parent."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker


def worker_pool(jobs: int, modules: Sequence[str]) -> ProcessPoolExecutor:
    """Return a pool of processes that are started at once; the caller shuts it down.

    Parameters
    ----------
    jobs
        Processes.
    modules
        What they need; it is imported once for all of them.
    """
    pool = ProcessPoolExecutor(jobs, _context(modules), initializer=_begin)
    try:
        with _interrupt_held():
            # Starts the workers now, so that they warm up while documents are read.
            for _ in range(jobs):
                pool.submit(os.getpid)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    return pool


def _context(modules: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Return how the workers are started: forked where no thread of ours could hold a lock."""
    if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods():
        for module in modules:
            importlib.import_module(module)
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(modules))
    return context


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Hold Ctrl-C back until the end of a block; the processes that it starts never see one."""
    resource_tracker.ensure_running()  # its start would let Ctrl-C through again
    held: list[int] = []
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    # The mask is for the processes; a thread that does not have it may still get the signal.
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda number, _: held.append(number)) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if held:
            signal.raise_signal(signal.SIGINT)


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is gone: a killed one cannot stop its pool."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
