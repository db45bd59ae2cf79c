from __future__ import annotations

import pytest

from medpix2.curate import fold as folding
from medpix2.pipeline.build import build
from medpix2.pipeline.find import find
from medpix2.pipeline.folding import FirstFold, refold
from medpix2.pipeline.progress import Silent
from medpix2.store.database import open_store


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        yield store


def finding(target, severity, **more):
    return {
        "case": target.split("_")[0], "target": target, "rule": "age", "version": 1,
        "severity": severity, "message": "looks odd", **more,
    }  # fmt: skip


def decision(target, action, **more):
    return {
        "case": target.split("_")[0], "target": target, "action": action, "by": "ann",
        "at": "2026-01-01T00:00:00Z", **more,
    }  # fmt: skip


def statuses(store, case):
    return {row["_id"]: row["meta"]["status"] for row in store.current.find({"U_id": case})}


def test_a_finding_of_review_makes_pending_and_one_of_exclude_excludes(built, facets_agree):
    built.db["findings"].insert_many(
        [finding("MPX1_ct0", "review"), finding("MPX1_ct1", "exclude"), finding("MPX1", "note")]
    )
    written = refold(built, ["MPX1"])
    assert (written.new, written.gone) == (0, 0)
    assert statuses(built, "MPX1") == {
        "MPX1": "accepted", "MPX1_ct0": "pending", "MPX1_ct1": "excluded", "MPX1_mr0": "accepted",
    }  # fmt: skip
    assert "age: looks odd" in built.current.find_one({"_id": "MPX1_ct0"})["meta"]["reason"]
    facets_agree(built)
    shown = {row["image"] for row in built.db["Image_Reports"].find({"U_id": "MPX1"})}
    assert shown == {"MPX1_ct0", "MPX1_mr0"}
    assert find(built).images == 8


def test_the_last_decision_settles_it(built, facets_agree):
    built.db["findings"].insert_one(finding("MPX1_ct0", "review"))
    for action, status in (
        ("exclude", "excluded"), ("accept", "accepted"), ("withdraw", "withdrawn"),
        ("accept", "accepted"),
    ):  # fmt: skip
        built.db["decisions"].insert_one(decision("MPX1_ct0", action, reason="seen", rules=["age"]))
        refold(built, ["MPX1"])
        assert statuses(built, "MPX1")["MPX1_ct0"] == status
        facets_agree(built)


def test_an_excluded_case_takes_its_pictures_along(built, facets_agree):
    built.db["decisions"].insert_one(decision("MPX5", "exclude", reason="no consent"))
    refold(built, ["MPX5"])
    assert set(statuses(built, "MPX5").values()) == {"excluded"}
    assert built.db["Clinical_Reports"].count_documents({"U_id": "MPX5"}) == 0
    facets_agree(built)
    built.db["decisions"].insert_one(decision("MPX5", "accept"))
    refold(built, ["MPX5"])
    assert set(statuses(built, "MPX5").values()) == {"accepted"}
    facets_agree(built)


def test_a_correction_is_seen_in_views_and_facets_and_the_source_stays(built, facets_agree):
    before = built.images.find_one({"_id": "MPX1_ct0"})
    built.db["decisions"].insert_many(
        [
            decision("MPX1_ct0", "correct", field="Location Category", old="Head", new="Abdomen"),
            decision("MPX1_ct0", "correct", field="Description.Plane", old="Axial", new="Sagittal"),
            decision("MPX1", "correct", field="Topic.Category", old="Category 0", new="Trauma"),
        ]
    )
    refold(built, ["MPX1"])
    view = built.db["Image_Reports"].find_one({"_id": "MPX1_ct0"})
    assert view["Location Category"] == "Abdomen"
    assert view["Description"]["Plane"] == "Sagittal"
    assert view["Topic"]["Category"] == "Trauma"
    assert built.images.find_one({"_id": "MPX1_ct0"}) == before
    index = built.facets()
    assert len(index.parts("plane", index.images)["Sagittal"]) == 1
    assert len(index.parts("category", index.images)["Trauma"]) == 3
    facets_agree(built)


def test_decisions_outlive_a_rebuild_and_a_changed_source(built, fresh_home, source, facets_agree):
    built.db["decisions"].insert_one(decision("MPX1_ct0", "exclude"))
    refold(built, ["MPX1"])
    assert build(fresh_home, source.write()).unchanged
    source.found("MPX1_ct0")["Description"]["Caption"] = "Another"
    build(fresh_home, source.write())
    current = built.current.find_one({"_id": "MPX1_ct0"})
    assert current["meta"]["status"] == "excluded"
    assert current["Description"]["Caption"] == "Another"
    facets_agree(built)


def test_what_is_gone_from_its_source_stays_withdrawn_whatever_was_decided(
    built, fresh_home, source
):
    built.db["decisions"].insert_one(decision("MPX3", "accept"))
    source.drop("MPX3")
    build(fresh_home, source.write())
    assert set(statuses(built, "MPX3").values()) == {"withdrawn"}


def test_folding_all_gives_what_folding_each_gives(built, contents_of, facets_agree):
    built.db["findings"].insert_many([finding("MPX1_ct0", "review"), finding("MPX4", "review")])
    built.db["decisions"].insert_one(decision("MPX5_ct0", "exclude"))
    refold(built, ["MPX1", "MPX4", "MPX5"])
    each = contents_of(built)
    refold(built)
    assert contents_of(built) == each
    facets_agree(built)


def test_the_fold_of_a_newer_version_folds_everything_at_the_next_build(
    built, fresh_home, source, monkeypatch, facets_agree
):
    built.current.update_one({"_id": "MPX1_ct0"}, {"$set": {"Location": "of the old fold"}})
    assert build(fresh_home, source.write()).unchanged
    monkeypatch.setattr(folding, "VERSION", folding.VERSION + 1)
    build(fresh_home, source.write())
    assert built.current.find_one({"_id": "MPX1_ct0"})["Location"] == "Brain"
    facets_agree(built)


def test_progress_is_told_of_every_case(built):
    steps = []

    class Counting:
        def step(self, name, total):
            from contextlib import nullcontext

            steps.append((name, total))
            return nullcontext(lambda units: steps.append(units))

    refold(built, progress=Counting())
    assert steps == [("fold", 5), 5, ("words", 14), 14]


def test_a_first_fold_folds_a_case_when_it_and_all_before_it_are_whole(built, facets_agree):
    each = {row["_id"]: row["meta"] for row in built.current.find()}
    images = {"MPX1": 3, "MPX2": 2, "MPX3": 1, "MPX5": 3}
    first = FirstFold(built, ["MPX4", "MPX1", "MPX2", "MPX3", "MPX5"], images)

    def folded():
        return {row["_id"] for row in built.current.find({"meta.kind": "case"})}

    first.stored(["MPX1", "MPX2", "MPX2", "MPX1"])
    assert folded() == set()
    first.stored(["MPX1"])
    assert folded() == {"MPX1", "MPX2"}
    first.stored(["MPX5", "MPX3"])
    assert folded() == {"MPX1", "MPX2", "MPX3", "MPX4"}
    assert first.end(Silent()).new == 14
    assert {row["_id"]: row["meta"] for row in built.current.find()} == each
    facets_agree(built)
