from __future__ import annotations

from collections import Counter

from medpix2.pipeline.build import build
from medpix2.pipeline.summary import Summary, summarize
from medpix2.store.database import open_store


def test_the_summary_counts_what_the_documents_say(phantom_store):
    shown = {"meta.status": {"$in": ["accepted", "pending"]}}
    images = list(phantom_store.current.find({"meta.kind": "image", **shown}))
    cases = list(phantom_store.current.find({"meta.kind": "case", **shown}))
    found = summarize(phantom_store)
    assert (found.cases, found.images) == (len(cases), len(images))
    by_category = {}
    for image in images:
        category = image["meta"]["normalized"]["location_category"] or "none"
        by_category.setdefault(image["Type"], Counter())[category] += 1
    assert found.by_category == by_category
    for split, (split_cases, split_images) in found.splits.items():
        name = None if split == "none" else split
        assert split_cases == sum(case["meta"]["split"] == name for case in cases)
        assert split_images == sum(image["meta"]["split"] == name for image in images)
    assert list(found.splits) == ["train", "dev", "test"]


def test_a_summary_has_every_status_and_what_is_in_no_split(fresh_home, source):
    source.pictures["MPX1_ct0"] = b""
    source.splits["train"].remove("MPX2")
    done = build(fresh_home, source.write())
    assert done.summary == Summary(
        cases=5,
        images=8,
        by_category={"CT": {"Head": 1, "Thorax": 2}, "MR": {"Head": 3, "Thorax": 2}},
        splits={"train": (2, 2), "dev": (1, 1), "test": (1, 3), "none": (1, 2)},
        statuses={"accepted": 8, "excluded": 1},
    )


def test_an_empty_database_sums_up_to_nothing(fresh_home):
    with open_store(fresh_home) as store:
        assert summarize(store) == Summary(0, 0, {}, {}, {})
