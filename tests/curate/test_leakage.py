from __future__ import annotations

import json
from collections import defaultdict

import pytest

from medpix2.curate.leakage import LEAKAGE, Leaks, crosses
from medpix2.curate.rule import Subject
from medpix2.curate.rules import SET_RULES
from medpix2.curate.split_report import groups_of
from medpix2.curate.vocabulary import image_facts
from medpix2.phantom.layout import make_phantom

HISTORY = "A 45-year-old man with cough and fever for three weeks."


def subject(name, split, history=HISTORY, topic="Cyst"):
    image = {"image": f"{name}_1", "normalized": {"age": 45.0, "sex": "male"}}
    document = {"source": {"split": split}, "Case": {"History": history}, "Topic": {"Title": topic}}
    return Subject(name, document, [image])


def hits(name, *subjects):
    (rule,) = (rule for rule in SET_RULES if rule.name == name)
    gathering = rule.gather()
    for one in subjects:
        gathering.add(one)
    return list(gathering.hits())


def test_both_cases_are_told_of_the_other_with_their_splits():
    one, other = hits("same-patient", subject("A", "train"), subject("B", "dev"))
    assert (one.target, one.case, other.target, other.case) == ("A", "A", "B", "B")
    assert one.evidence == {
        "other": "B", "what": "patient", "similarity": 1.0, "splits": ["train", "dev"],
        "by": "history",
    }  # fmt: skip
    assert other.evidence["splits"] == ["dev", "train"]
    assert one.message == (
        "the patient seems to be that of B, by history, age and sex, which is in dev and this in "
        "train"
    )


def test_a_text_within_one_split_is_told_and_a_topic_is_not():
    inside = subject("A", "train"), subject("B", "train")
    across = subject("A", "train"), subject("B", "test")
    (one, _) = hits("text-in-two-cases", *inside)
    assert (one.field, one.evidence["what"]) == ("Case.History", "history")
    assert "which is in" not in one.message
    assert hits("topic-in-two-splits", *inside) == []
    assert len(hits("topic-in-two-splits", *across)) == 2
    assert hits("topic-in-two-splits", subject("A", None), subject("B", "test")) == []


def test_a_case_without_a_split_is_on_no_side():
    assert crosses("train", "dev")
    assert not crosses("train", "train")
    assert not crosses(None, "dev")


def test_only_the_same_patient_asks_for_a_person():
    assert {rule.name for rule in LEAKAGE if rule.severity != "note"} == {"same-patient"}
    assert {rule.name for rule in LEAKAGE} <= {rule.name for rule in SET_RULES}


def split_subjects(folder):
    splits, images = {}, defaultdict(list)
    for name in ("train", "dev", "test"):
        for line in (folder / f"splitted_dataset/data_{name}.jsonl").read_text().splitlines():
            splits[json.loads(line)["U_id"]] = name
    for image in json.loads((folder / "Descriptions.json").read_text()):
        facts = image_facts(image).model_dump()
        images[image["U_id"]].append({**image, "normalized": facts})
    for case in json.loads((folder / "Case_topic.json").read_text()):
        name = case["U_id"]
        yield Subject(name, {**case, "source": {"split": splits.get(name)}}, images[name])


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("leaks") / "phantom"
    make_phantom(folder, cases=300, seed=5, jobs=1, defects=2, pictures=False)
    truth = json.loads((folder / "ground_truth.json").read_text())["planted"]
    return list(split_subjects(folder)), truth


@pytest.mark.parametrize(
    ("rule", "kind"),
    [("same-patient", "same_patient"), ("topic-in-two-splits", "topic_in_several_splits")],
)
def test_what_is_planted_is_found_and_little_else(planted, rule, kind):
    subjects, truth = planted
    true = groups_of(tuple(row["targets"]) for row in truth if row["kind"] == kind)
    found = {tuple(sorted((hit.target, hit.evidence["other"]))) for hit in hits(rule, *subjects)}
    group = {case: n for n, cases in enumerate(true) for case in cases}
    right = [pair for pair in found if group.get(pair[0], -1) == group.get(pair[1], -2)]
    assert len(true) > 3
    assert {case for pair in right for case in pair} == set(group)
    assert len(right) >= 0.9 * len(found)


def test_an_empty_collection_has_no_leaks():
    assert list(Leaks(["patient", "picture", "topic"], across=["discussion"]).hits()) == []
