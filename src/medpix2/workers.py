"""Worker processes: work on many things on several cores, in order, a bounded number ahead.

Workers never see Ctrl-C, and end when the process that started them is gone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from typing import Generic, TypeVar

from medpix2.batches import batches
from medpix2.errors import SourceError

AHEAD = 5  # chunks for each worker that are under way

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Workers(Generic[_Item, _Result]):
    """A pool of processes that do one kind of work.

    Parameters
    ----------
    work
        Takes a chunk of items and returns a result for each; it is pickled.
    jobs
        Number of processes.
    preload
        Modules that the work needs: imported once, for all workers.
    chunk
        Items handed to a worker at a time.
    doing
        What a worker did, for the error if one dies.
    """

    def __init__(
        self,
        work: Callable[[list[_Item]], list[_Result]],
        jobs: int,
        *,
        preload: Sequence[str] = (),
        chunk: int = 16,
        doing: str = "examined pictures",
    ) -> None:
        self._work, self._jobs, self._chunk, self._doing = work, jobs, chunk, doing
        self._pool = worker_pool(jobs, preload)

    def map(self, items: Iterable[_Item]) -> Iterator[_Result]:
        """Yield the result of each item, in order.

        Raises
        ------
        SourceError
            A worker died (out of memory, say).
        """
        chunks = batches(items, self._chunk)
        # Begun at once, before the caller asks for the first.
        ahead = deque(self._submitted(islice(chunks, AHEAD * self._jobs)))
        return self._results(ahead, chunks)

    def _submitted(self, chunks: Iterable[list[_Item]]) -> Iterator[Future[list[_Result]]]:
        for chunk in chunks:
            yield self._pool.submit(self._work, chunk)

    def _results(
        self, ahead: deque[Future[list[_Result]]], chunks: Iterator[list[_Item]]
    ) -> Iterator[_Result]:
        try:
            while ahead:
                found = ahead.popleft().result()
                ahead.extend(self._submitted(islice(chunks, 1)))
                yield from found
        except BrokenProcessPool:
            raise SourceError(
                f"A process that {self._doing} died",
                "probably the memory ran out; run again with fewer --jobs",
            ) from None

    def close(self) -> None:
        """Stop the workers; what has not begun is dropped."""
        try:
            self._pool.shutdown(wait=True, cancel_futures=True)
        except BaseException:  # a second Ctrl-C: else the end of the program waits for them
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            raise


def worker_pool(jobs: int, preload: Sequence[str] = ()) -> ProcessPoolExecutor:
    """Return a pool of processes that are started at once; the caller shuts it down."""
    pool = ProcessPoolExecutor(jobs, _context(preload), initializer=_begin_worker)
    try:
        with _interrupt_held():
            # Starts the workers now, so that they warm up while other things are done.
            for _ in range(jobs):
                pool.submit(os.getpid)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    return pool


def _context(preload: Sequence[str]) -> multiprocessing.context.BaseContext:
    """Return how the workers are started: forked where no thread of ours could hold a lock."""
    if threading.active_count() == 1 and "fork" in multiprocessing.get_all_start_methods():
        for name in preload:
            __import__(name)
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *preload])
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


def _begin_worker() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is gone: a killed one cannot stop its pool."""
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
