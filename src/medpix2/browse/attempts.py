"""How often something failed lately, by name or address: guessing passwords takes for ever."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable

KEPT = 10_000  # keys that are remembered, the last used


class Attempts:
    """Counts failures of each key over the last while.

    Parameters
    ----------
    limit
        Failures after which a key has to wait.
    seconds
        How long a failure counts.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._failed: OrderedDict[Hashable, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: Hashable) -> float:
        """Return the seconds that a key has to wait, 0 for none."""
        with self._lock:
            failed, now = self._failed.get(key), self._clock()
            while failed and failed[0] <= now - self._seconds:
                failed.popleft()
            if failed is None or len(failed) < self._limit:
                return 0.0
            return failed[-self._limit] + self._seconds - now

    def failed(self, key: Hashable) -> None:
        """Note a failure."""
        with self._lock:
            self._failed.setdefault(key, deque(maxlen=self._limit)).append(self._clock())
            self._failed.move_to_end(key)
            while len(self._failed) > KEPT:
                self._failed.popitem(last=False)

    def forget(self, key: Hashable) -> None:
        """Forget the failures of a key."""
        with self._lock:
            self._failed.pop(key, None)
