from __future__ import annotations

from typing import Any

from medpix2.curate.field_groups import giveaway
from medpix2.field_groups import FIELD_GROUPS


def a_case(diagnosis: str, caption: str, **report: str) -> tuple[dict[str, Any], list[dict]]:
    case = {"Case": {"Title": "A title", "Case Diagnosis": diagnosis, **report}, "Topic": {}}
    return case, [{"Description": {"Caption": caption}}]


def test_containment_counts_words_without_stop_words_by_their_stems():
    cases = [
        a_case("Cyst of the kidney", "Cysts in both kidneys", Findings="A cyst."),
        a_case("Stroke", "N/A", Findings="Nothing is seen."),
        a_case("N/A", "A title is in the caption", Findings=""),
        ({}, []),  # a case without anything counts for nothing
    ]
    found = {measured.group: measured for measured in giveaway(cases)}
    assert [measured.group for measured in giveaway(cases)] == [g.name for g in FIELD_GROUPS]
    assert found["case diagnosis"].part == 1
    # The caption of the second case says nothing; the third's diagnosis is its title.
    assert (found["caption"].cases, found["caption"].whole) == (2, 1.0)
    assert (found["findings"].cases, found["findings"].whole, found["findings"].part) == (
        2,
        0,
        0.25,
    )
    assert found["history"].cases == 0


def test_chance_is_what_another_diagnosis_would_have():
    cases = [a_case("Cyst", "cyst"), a_case("Stroke", "stroke and cyst")]
    (caption,) = (measured for measured in giveaway(cases) if measured.group == "caption")
    assert (caption.whole, caption.chance) == (1.0, 0.5)
