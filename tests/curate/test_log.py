from __future__ import annotations

import json

import pytest

from medpix2.curate.log import Automatic, as_said, check_log, line_of, read_log
from medpix2.records import Decision

KINDS = {"A": "case", "A_1": "image", "A_2": "image"}
GOOD = {"target": "A_1", "action": "accept", "by": "ann", "at": "2025-01-01T00:00:00Z"}


def log_of(*lines: object) -> list[bytes]:
    return [
        line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines
    ]


def test_a_decision_comes_back_from_its_line():
    decision = Decision(
        target="A_1", action="correct", by="Zoë", at="2025-01-01T00:00:00.000000Z",
        field="Location",
        old=None, new="Spine", rules=("a", "b"), evidence="ab",
    )  # fmt: skip
    log = read_log([line_of(decision).encode()])
    assert log.decisions == {1: decision}
    assert "null" not in line_of(decision)
    assert as_said(log.decisions[1]) == as_said(decision)


def test_exclusions_by_rules_inform_only():
    line = line_of(Automatic(target="A_1", rule="blank", version=2))
    assert json.loads(line) == {"target": "A_1", "action": "exclude", "rule": "blank", "version": 2}
    log = read_log([line.encode()])
    assert (log.decisions, len(log.automatic), log.problems) == ({}, 1, [])


@pytest.mark.parametrize(
    ("at", "utc"),
    [
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000000Z"),
        ("2025-01-01T02:00:00.5+02:00", "2025-01-01T00:00:00.500000Z"),
    ],
)
def test_times_are_brought_into_one_form_that_sorts_as_they_do(at, utc):
    assert read_log(log_of({**GOOD, "at": at})).decisions[1].at == utc


BROKEN = [
    (b"not json\n", "cannot be read"), (b"[1]\n", "no object"), (b'"x"\n', "no object"),
    (b"\xff\xfe\n", "cannot be read"), (b"[" * 100_000 + b"\n", "nested"),
    ({**GOOD, "action": "delete"}, "action"), ({**GOOD, "extra": 1}, "extra"),
    ({k: v for k, v in GOOD.items() if k != "by"}, "by"), ({**GOOD, "target": 7}, "target"),
    ({**GOOD, "at": "yesterday"}, "no time"), ({**GOOD, "at": "2025-01-01T00:00:00"}, "time zone"),
    ({**GOOD, "at": "0001-01-01T00:00:00+23:00"}, "no time"),
    ({"target": "A", "rule": "blank"}, "version"), (b'{"target": "\\ud800"}\n', ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "said"), BROKEN)
def test_a_broken_line_is_told_with_its_number_and_the_others_are_read(line, said):
    log = read_log(log_of(b"\n", line, GOOD))
    assert [problem.number for problem in log.problems] == [2]
    assert said in str(log.problems[0])
    assert list(log.decisions) == [3]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "B"}, "B: there is no such case or image"),
        ({"action": "exclude"}, "has no reason to exclude"),
        ({"action": "correct", "field": "Locaton", "new": "x"}, "no field of an image"),
        ({"action": "merge", "into": "B_1"}, "there is no image 'B_1' to merge it into"),
        ({"action": "merge", "into": "A"}, "there is no image 'A' to merge it into"),
        ({"rules": ["blank", "blunk"]}, "there is no rule 'blunk'"),
    ],
)
def test_what_cannot_be_decided_here_is_told_with_its_line(change, said):
    log = read_log(log_of(GOOD, {**GOOD, **change}, b"broken", GOOD))
    good = check_log(log, KINDS, {"blank"})
    assert list(good) == [1, 4]
    assert [problem.number for problem in log.problems] == [2, 3]
    assert said in str(log.problems[0])
