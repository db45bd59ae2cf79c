from __future__ import annotations

import re

import numpy as np
import pytest

from medpix2.curate.judge import Failure, judge, judge_set, plain
from medpix2.curate.rule import Hit, Rule, SetRule, Subject
from medpix2.curate.rules import LOOKS, RULES, SET_RULES


def subject(name: str, *images: str) -> Subject:
    return Subject(name, {"_id": name, "Case": {}}, [{"_id": image} for image in images])


def rule(name: str, check, severity="review", version=1) -> Rule:
    return Rule(name, version, severity, "nothing", "for a test", check)


def every_image(given: Subject):
    for image in given.images:
        yield Hit(image["_id"], "is\n  an  image", "Type", {"n": (1, np.int64(2))})


def broken(given: Subject):
    yield Hit(given.id, "first")
    raise KeyError("Caption")


def test_what_a_rule_finds_has_the_rule_s_name_version_and_severity():
    judged = judge(subject("A", "A_1"), [rule("image", every_image, "note", 3)])
    (finding,) = judged.findings["image"]["A"]
    assert finding.model_dump() == {
        "target": "A_1", "rule": "image", "version": 3, "severity": "note",
        "message": "is an image", "field": "Type", "evidence": {"n": [1, 2]},
    }  # fmt: skip
    assert judged.failures == []


def test_a_rule_that_fails_on_a_case_costs_that_check_only():
    rules = [rule("broken", broken), rule("image", every_image)]
    judged = judge(subject("A", "A_1"), rules)
    assert judged.failures == [Failure("broken", "A", "KeyError: 'Caption'")]
    assert set(judged.findings) == {"image"}


@pytest.mark.parametrize(
    "hit", [Hit("B_1", "of another case"), Hit("A_1", "odd", evidence={"x": object()})]
)
def test_a_hit_that_cannot_be_stored_is_a_failure(hit):
    judged = judge(subject("A", "A_1"), [rule("odd", lambda given: [hit])])
    assert judged.findings == {}
    assert judged.failures[0].check == "odd"


class Same:
    """Finds the cases that have as many images as an earlier one."""

    def __init__(self) -> None:
        self.seen: dict[int, str] = {}
        self.found: list[Hit] = []

    def add(self, given: Subject) -> None:
        if given.id == "bad":
            raise ValueError("no such thing")
        first = self.seen.setdefault(len(given.images), given.id)
        if first != given.id:
            self.found.append(Hit(given.id, f"as {first}", case=given.id))

    def hits(self):
        return self.found


class Endless(Same):
    def hits(self):
        raise MemoryError


class Homeless(Same):
    def hits(self):
        return [Hit("A", "of no case")]


def set_rule(name: str, gather) -> SetRule:
    return SetRule(name, 1, "review", "nothing", "for a test", gather)


def test_rules_that_see_all_cases_get_each_once_in_one_pass():
    read, told = [], []

    def subjects():
        for given in (subject("A", "A_1"), subject("bad"), subject("B", "B_1"), subject("C")):
            read.append(given.id)
            yield given

    rules = [set_rule("same", Same), set_rule("endless", Endless), set_rule("homeless", Homeless)]
    judged = judge_set(subjects(), rules, told.append)
    assert read == ["A", "bad", "B", "C"]
    assert told == [1] * 4
    assert [f.message for f in judged.findings["same"]["B"]] == ["as A"]
    assert set(judged.findings) == {"same"}
    assert {(f.check, f.target) for f in judged.failures} == {
        ("same", "bad"), ("endless", "bad"), ("homeless", "bad"), ("endless", None),
        ("homeless", None),
    }  # fmt: skip


def test_plain_data_come_back_equal():
    value = {"a": (1, 2.5), "b": {"y", "x"}, "c": np.float32(0.5), "d": np.arange(3), "e": np.nan}
    assert plain(value) == {"a": [1, 2.5], "b": ["x", "y"], "c": 0.5, "d": [0, 1, 2], "e": None}
    for odd in ({1: "x"}, object(), b"bytes"):
        with pytest.raises(TypeError):
            plain(odd)


def test_the_tables_have_each_name_once_and_names_that_last():
    tables = (RULES + SET_RULES, LOOKS)
    for table in tables:
        names = [row.name for row in table]
        assert len(set(names)) == len(names)
        for row in table:
            assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", row.name), row.name
            assert row.version >= 1
            assert row.why.strip()
