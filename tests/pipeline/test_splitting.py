from __future__ import annotations

from contextlib import contextmanager

import pytest

from medpix2.curate.ties import TIE_KINDS
from medpix2.errors import StoreError
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import curate_run
from medpix2.pipeline.splitting import OF_TOPICS, Asked, curate_split
from medpix2.store.database import open_store

HISTORY = "A 45-year-old man with cough and fever for three weeks."


@pytest.fixture
def many(source):
    """Return a source of 40 cases without splits; the first three are of one patient."""
    source.cases.clear(), source.images.clear(), source.pictures.clear()
    for n in range(40):
        made = source.case(f"MPX{n:02d}", ct=1 + n % 2)
        made["Topic"] = {"Title": f"Topic {n // 2 if n > 30 else n}"}
        if n < 3:
            made["Case"]["History"] = HISTORY
    for image in source.images:
        image["Description"] |= {"Age": "45", "Sex": "male"}
    source.splits = {}
    return source


@contextmanager
def opened(settings):
    with open_store(settings) as store:
        yield store


def splits_of(settings):
    with opened(settings) as store:
        rows = list(store.current.find({}, {"meta.split": 1, "meta.split_half": 1, "U_id": 1}))
    by_case = {}
    for row in rows:
        by_case.setdefault(row["U_id"], set()).add(
            (row["meta"]["split"], row["meta"]["split_half"])
        )
    assert all(len(found) == 1 for found in by_case.values())  # a case and its images are one
    return {case: next(iter(found)) for case, found in by_case.items()}


def test_splits_reach_what_is_current_and_the_facets(fresh_home, many, facets_agree, contents_of):
    build(fresh_home, many.write())
    done = curate_split(fresh_home)
    splits = splits_of(fresh_home)
    sizes = [
        sum(split == name for split, _ in splits.values()) for name in ("train", "dev", "test")
    ]
    assert sizes[0] == 32
    assert min(sizes) >= 3
    assert {half for split, half in splits.values() if split == "train"} == {"train_1", "train_2"}
    assert len({splits[f"MPX{n:02d}"] for n in range(3)}) == 1  # one patient
    assert all(leak.leaking == 0 for leak in done.report.after)
    assert (done.changed, done.report.given, done.report.kept) == (40, 40, 0)
    with opened(fresh_home) as store:
        facets_agree(store)
        before = contents_of(store)
    again = curate_split(fresh_home)
    assert (again.changed, again.current.changed) == (0, 0)
    with opened(fresh_home) as store:
        assert contents_of(store) == before


def test_a_dry_run_changes_nothing_and_tells_the_same(fresh_home, many, contents_of):
    build(fresh_home, many.write())
    with opened(fresh_home) as store:
        before = contents_of(store)
    tried = curate_split(fresh_home, dry=True)
    with opened(fresh_home) as store:
        assert contents_of(store) == before
    assert tried.dry
    assert curate_split(fresh_home).report == tried.report


def test_published_splits_are_kept_and_new_cases_fill_up(fresh_home, many):
    names = [f"MPX{n:02d}" for n in range(40)]
    many.splits = {"train": names[10:36], "dev": names[36:38], "test": names[38:]}
    build(fresh_home, many.write())
    done = curate_split(fresh_home)
    splits = splits_of(fresh_home)
    for name, cases in many.splits.items():
        assert {splits[case][0] for case in cases} == {name}
    assert {half for split, half in splits.values() if split == "train"} == {"train_1", "train_2"}
    assert (done.report.kept, done.report.given) == (30, 10)
    anew = curate_split(fresh_home, Asked(keep=False))
    assert (anew.report.kept, anew.report.given) == (0, 40)
    assert all(leak.leaking == 0 for leak in anew.report.after)
    # What was parted anew hides nothing of the source for ever.
    curate_split(fresh_home)
    assert splits_of(fresh_home) == splits


def test_cases_that_were_given_a_split_stay_there_when_others_come(fresh_home, many):
    for n in range(30, 40):
        many.drop(f"MPX{n:02d}")
    build(fresh_home, many.write())
    curate_split(fresh_home)
    before = splits_of(fresh_home)
    for n in range(10):
        many.case(f"MPY{n}", ct=1)["Topic"] = {"Title": f"New {n}"}
    build(fresh_home, many.write())
    done = curate_split(fresh_home, Asked(seed=5))
    after = splits_of(fresh_home)
    assert {case: after[case] for case in before} == before
    assert done.report.given == 10
    assert None not in {split for split, _ in after.values()}


def test_what_is_excluded_is_in_no_split_of_ours(fresh_home, many):
    build(fresh_home, many.write())
    with opened(fresh_home) as store:
        row = {"target": "MPX07", "case": "MPX07", "rule": "odd", "version": 1, "message": "is odd"}
        store.db["findings"].insert_one({**row, "severity": "exclude"})
        store.db["state"].update_one({"_id": "build"}, {"$set": {"fold": -1}})  # to be folded
    done = curate_split(fresh_home)
    assert done.report.left_out == 1
    assert splits_of(fresh_home)["MPX07"] == (None, None)
    assert sum(split is not None for split, _ in splits_of(fresh_home).values()) == 39


def test_topics_may_be_left_out_of_the_ties_and_train_need_not_be_halved(fresh_home, many):
    for case in many.cases[3:]:
        case["Topic"] = {"Title": "One topic"}
    build(fresh_home, many.write())
    whole = curate_split(fresh_home, dry=True)
    assert any("hang together" in note for note in whole.report.notes)
    ties = [kind for kind in TIE_KINDS if kind not in OF_TOPICS]
    loose = curate_split(fresh_home, Asked(ties=ties, halves=False))
    assert loose.report.notes == ()
    assert {half for _, half in splits_of(fresh_home).values()} == {None}


def test_curing_leaves_the_splits_alone(fresh_home, many):
    build(fresh_home, many.write())
    curate_split(fresh_home)
    before = splits_of(fresh_home)
    curate_run(fresh_home)
    assert splits_of(fresh_home) == before
    build(fresh_home, many.write())
    assert splits_of(fresh_home) == before


def test_an_empty_database_is_refused(fresh_home):
    with pytest.raises(StoreError, match="is empty"):
        curate_split(fresh_home)
