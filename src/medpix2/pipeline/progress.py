"""What long work tells of its progress: the library says how far, the command line draws it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Advance = Callable[[int], None]
# Of each thing that is counted, how many there are so far and (None if not known) in all; a remark.
Counts = Callable[[Mapping[str, tuple[int, int | None]], str], None]


class Progress(Protocol):
    """Somebody who wants to know how far long work is."""

    def step(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Begin a step of so many units (None if not known); the block's value counts them."""
        ...

    def counts(self, names: Sequence[str]) -> AbstractContextManager[Counts]:
        """Begin work that is counted in several units side by side."""
        ...


class Silent:
    """Progress that nobody sees."""

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Advance]:
        """Count nothing."""
        yield lambda units: None

    @contextmanager
    def counts(self, names: Sequence[str]) -> Iterator[Counts]:
        """Show nothing."""
        yield lambda counts, remark: None


def increments(advance: Advance) -> Callable[[int, int], None]:
    """Return what is told of the units done so far, and tells `advance` those done since."""
    before = 0

    def progress(done: int, total: int) -> None:
        nonlocal before
        advance(done - before)
        before = done

    return progress
