from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medpix2.curate.split_report import balance
from medpix2.curate.splits import SIZES, SplitCase, assign, sizes_from
from medpix2.errors import SettingError


def some_cases(count: int, seed: int = 1) -> list[SplitCase]:
    r = random.Random(seed)
    categories = ["Head"] * 5 + ["Abdomen"] * 2 + ["Thorax"] * 2 + [None]
    return [
        SplitCase(f"MPX{n}", {(r.choice(["CT", "MR"]), r.choice(categories)): r.randint(1, 6)})
        for n in range(count)
    ]


def test_sizes_and_labels_are_as_asked():
    cases = some_cases(600)
    made = assign(cases)
    parts = {part.name: part for part in balance(cases, made.splits, SIZES)}
    total = sum(part.images for part in parts.values())
    for name, share in SIZES.items():
        assert abs(parts[name].cases - 600 * share) <= 3
        assert abs(parts[name].images / total - share) < 0.01
        assert parts[name].deviation < 2
    halves = Counter(made.halves.values())
    assert abs(halves["train_1"] - halves["train_2"]) <= 2
    assert set(made.halves) == {name for name, split in made.splits.items() if split == "train"}


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_tied_cases_are_never_parted_and_order_does_not_matter(data):
    cases = some_cases(data.draw(st.integers(1, 40)))
    names = [case.id for case in cases]
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names))))
    made = assign(cases, tied=[*pairs, ("MPX0", "not there")])
    assert set(made.splits) == set(names)
    for one, other in pairs:
        assert made.splits[one] == made.splits[other]
        assert made.halves.get(one) == made.halves.get(other)
    shuffled = data.draw(st.permutations(cases))
    assert assign(shuffled, tied=reversed(pairs)) == made


def test_what_was_published_is_kept_unless_it_is_parted_anew():
    cases = some_cases(100)
    cases[:20] = [SplitCase(c.id, c.images, "dev") for c in cases[:20]]
    cases[20:30] = [SplitCase(c.id, c.images, "train", "train_2") for c in cases[20:30]]
    kept = assign(cases)
    assert {kept.splits[case.id] for case in cases[:20]} == {"dev"}
    assert {kept.halves[case.id] for case in cases[20:30]} == {"train_2"}
    # dev is full already: what is new goes elsewhere.
    assert Counter(kept.splits.values())["dev"] == 20
    anew = assign(cases, keep_published=False)
    assert Counter(anew.splits.values())["dev"] == 10


def test_a_new_case_joins_the_split_of_the_case_that_it_is_tied_to():
    cases = [SplitCase("A", {("CT", "Head"): 1}, "test"), *some_cases(30)]
    made = assign(cases, tied=[("MPX3", "MPX4"), ("MPX4", "A")])
    assert (made.splits["MPX3"], made.splits["MPX4"]) == ("test", "test")


def test_without_halves_there_are_none():
    assert assign(some_cases(20), halves=False).halves == {}


def test_an_empty_collection_has_no_splits():
    assert assign([]).splits == {}


def test_sizes_are_read_as_people_write_them():
    assert sizes_from("80/10/10") == pytest.approx(SIZES)
    assert sizes_from("3/1/0") == {"train": 0.75, "dev": 0.25, "test": 0}


@pytest.mark.parametrize(
    "text", ["", "80/20", "a/b/c", "80/10/-10", "0/50/50", "nan/1/1", "inf/1/1"]
)
def test_sizes_that_make_no_sense_are_refused(text):
    with pytest.raises(SettingError, match="80/10/10"):
        sizes_from(text)
    with pytest.raises(SettingError):
        assign(some_cases(3), sizes={"train": 0.8, "dev": 0.1, "validation": 0.1})
