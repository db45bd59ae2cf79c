"""Keeps count of what was asked and what went wrong on purpose."""

from __future__ import annotations

from collections import Counter
from typing import Any

_AGENTS = 20  # user agents that are remembered


class Asked:
    """Counts of requests, for tests and benchmarks to read."""

    def __init__(self) -> None:
        self.addresses: dict[str, int] = {}
        self.faults: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()
        self._agents: dict[str, None] = {}
        self._open = self._most_open = 0

    def begin(self, address: str, kind: str, agent: str) -> int:
        """Count a request; return the how manyth it is of its address, from 1."""
        ask = self.addresses.get(address, 0) + 1
        self.addresses[address] = ask
        self._kinds[kind] += 1
        self._open += 1
        self._most_open = max(self._most_open, self._open)
        if len(self._agents) < _AGENTS:
            self._agents[agent] = None
        return ask

    def end(self) -> None:
        """Note that a request has been answered."""
        self._open -= 1

    def report(self) -> dict[str, Any]:
        """Return the counts."""
        return {
            "total": sum(self._kinds.values()),
            "addresses": len(self.addresses),
            "kinds": dict(sorted(self._kinds.items())),
            "faults": dict(sorted(self.faults.items())),
            "most_at_once": self._most_open,
            "user_agents": list(self._agents),
        }
