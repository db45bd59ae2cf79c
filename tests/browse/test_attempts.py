from __future__ import annotations

from medpix2.browse import attempts
from medpix2.browse.attempts import Attempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_some_failures_one_waits_until_the_first_is_old():
    clock = Clock()
    tried = Attempts(2, 60, clock)
    assert tried.wait("ann") == 0
    tried.failed("ann")
    clock.now += 10
    tried.failed("ann")
    assert tried.wait("ann") == 50
    assert tried.wait("bob") == 0
    clock.now += 50
    assert tried.wait("ann") == 0


def test_success_is_a_new_begin():
    tried = Attempts(1, 60, Clock())
    tried.failed("ann")
    tried.forget("ann")
    assert tried.wait("ann") == 0


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(attempts, "KEPT", 10)
    tried = Attempts(1, 60, Clock())
    for name in range(30):
        tried.failed(name)
    assert len(tried._failed) == 10
    assert tried.wait(29) > 0
