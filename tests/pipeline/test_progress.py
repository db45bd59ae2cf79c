from __future__ import annotations

from contextlib import contextmanager

from medpix2.pipeline.build import build
from medpix2.pipeline.progress import Silent


class Counting:
    """Keeps what it is told."""

    def __init__(self):
        self.steps = {}

    @contextmanager
    def step(self, name, total):
        assert name not in self.steps
        self.steps[name] = [total, 0]

        def advance(units):
            self.steps[name][1] += units

        yield advance


def test_nobody_sees_silent_progress():
    with Silent().step("anything", None) as advance:
        assert advance(5) is None


def test_a_build_tells_of_every_document(fresh_home, source):
    progress = Counting()
    build(fresh_home, source.write(), progress=progress)
    assert progress.steps == {
        "pictures": [9, 9], "cases": [5, 5], "fold": [5, 5], "words": [14, 14],
    }  # fmt: skip


def test_a_strict_build_tells_of_every_picture_that_it_checks(fresh_home, source):
    progress = Counting()
    build(fresh_home, source.write(), strict=True, progress=progress)
    assert progress.steps["check pictures"] == [9, 9]
