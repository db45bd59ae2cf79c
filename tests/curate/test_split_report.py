from __future__ import annotations

from medpix2.curate.split_report import SplitReport, balance, groups_of, leakage
from medpix2.curate.splits import SplitCase
from medpix2.curate.ties import Tie

CASES = [
    SplitCase("A", {("CT", "Head"): 3}),
    SplitCase("B", {("MR", "Head"): 1, ("MR", None): 1}),
    SplitCase("C", {("MR", "Thorax"): 1}),
    SplitCase("D"),
]


def test_balance_counts_images_by_label_and_the_greatest_difference():
    train, dev, test = balance(
        CASES, {"A": "train", "B": "dev", "C": "train"}, {"train": 0.8, "dev": 0.1, "test": 0.1}
    )
    assert (train.cases, train.images, train.wanted) == (2, 4, 0.8)
    assert train.types == {"CT": 3, "MR": 1}
    assert dev.categories == {"": 1, "Head": 1}
    # Of all 6 images 3 are CT, of the 4 in train 3 are; of the 2 in dev none is.
    assert (train.deviation, dev.deviation, test.deviation) == (25.0, 50.0, 0.0)
    assert (test.cases, test.images) == (0, 0)


def test_leakage_counts_groups_on_several_sides():
    ties = [
        Tie("A", "B", "topic", 1.0), Tie("B", "C", "topic", 1.0),
        Tie("D", "E", "topic", 1.0), Tie("C", "D", "patient", 0.9),
    ]  # fmt: skip
    splits = {"A": "train", "B": "train", "C": "dev", "D": "test", "E": "test"}
    found = {leak.what: (leak.groups, leak.leaking, leak.cases) for leak in leakage(ties, splits)}
    assert found["topic"] == (2, 1, 3)
    assert found["patient"] == (1, 1, 2)
    assert found["picture"] == (0, 0, 0)
    assert found["any"] == (1, 1, 5)
    # A case without a split is on no side.
    assert leakage(ties[:2], {"A": "train", "B": None, "C": "train"})[-1].leaking == 0


def test_groups_hang_together_over_others():
    groups = groups_of([("A", "B"), ("C", "D"), ("D", "A"), ("E", "E")])
    assert sorted(groups) == [["A", "B", "C", "D"], ["E"]]


def test_the_report_as_json_has_the_greatest_deviation():
    parts = tuple(balance(CASES, {"A": "train", "B": "dev"}, {"train": 0.5, "dev": 0.5}))
    report = SplitReport(parts, (), (), given=2, kept=0, left_out=0, notes=("a note",))
    told = report.as_json()
    assert told["deviation"] == report.deviation == 60.0
    assert told["parts"][0]["types"] == {"CT": 3}
    assert told["notes"] == ("a note",)
