from __future__ import annotations

from copy import deepcopy

from medpix2.curate.rule import Rule
from medpix2.curate.rules import RULES, SET_RULES


def test_rules_are_pure(subject_of):
    case = {"Case.Title": "Cyst", "Case.History": "A 9-year-old boy, call 555-123-4567.",
            "Topic.Title": "Cyst", "Topic.Keywords": "liverCyst"}  # fmt: skip
    captions = "Replace this", "Axial MRI of the right knee", None
    subject = subject_of(*captions, case=case, Age="40", Sex="female", Modality="Drawing")
    twin = subject_of(*captions, case=case, name="MPX2", Age="40", Sex="female")
    before = deepcopy((subject, twin))

    def run(rule):
        if isinstance(rule, Rule):
            return list(rule.check(subject))
        gathering = rule.gather()
        for one in (subject, twin):
            gathering.add(one)
        return list(gathering.hits())

    found = {rule.name: run(rule) for rule in (*RULES, *SET_RULES)}
    assert sum(map(bool, found.values())) > 8
    assert (subject, twin) == before
    assert found == {rule.name: run(rule) for rule in (*RULES, *SET_RULES)}
