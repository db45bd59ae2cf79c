from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from medpix2.curate import fold
from medpix2.errors import NotFound, QueryError, SourceError, StoreError
from medpix2.extract.snapshot.folder import open_snapshot
from medpix2.pipeline.build import build
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.extracting import extract, home_snapshot
from medpix2.pipeline.find import find
from medpix2.pipeline.folding import refold
from medpix2.pipeline.release_checks import check_release
from medpix2.pipeline.releasing import make_release
from medpix2.pipeline.restoring import backup, restore
from medpix2.pipeline.withdrawing import restore_withdrawn, withdraw, withdrawn
from medpix2.store.database import open_store
from medpix2.store.withdrawing import tombstones
from medpix2.store.writing import building, writing

CASE = "MPX1"
IMAGES = {"MPX1_ct0", "MPX1_ct1", "MPX1_mr0"}


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    return fresh_home


@pytest.fixture
def check_folded(facets_agree, contents_of):
    """Return the check that nothing folded differs from what folding everything anew gives."""

    def check(settings):
        with open_store(settings) as store, writing(store.db):
            facets_agree(store)
            before = contents_of(store)
            with building(store.db, fold.VERSION):
                refold(store)
            assert contents_of(store) == before

    return check


@pytest.fixture
def crawled(fresh_home, undisturbed):
    """Return settings of a home with a snapshot, built, and a case of it that has pictures."""
    shutil.copytree(undisturbed, home_snapshot(fresh_home))
    build(fresh_home, "openi")
    with open_store(fresh_home) as store:
        case = store.cases.find_one({"MRI.0": {"$exists": True}, "TAC.0": {"$exists": True}})
    return fresh_home, case


def traces(settings, *names):
    """Return the collections that have any of some names, those of tombstones aside."""
    with open_store(settings) as store:
        return {
            collection
            for collection in store.db.list_collection_names(filter={"type": "collection"})
            if collection != "withdrawn"
            for row in store.db[collection].find()
            if any(f"{name}'" in str(row) or f'{name}"' in str(row) for name in names)
        }


def files_of(settings):
    return {path.name for path in (settings.home / "pictures").glob("??/*")}


def shown(settings):
    with open_store(settings) as store:
        return {case.document["_id"]: len(case.pictures) for case in StoreContent(store).cases()}


def test_a_case_is_gone_from_everywhere_and_no_build_brings_it_back(built, source, check_folded):
    before = files_of(built)
    done = withdraw(built, CASE, reason="the author asked", by="me")
    assert done.removed == {
        "snapshots": 0, "database": 7, "pictures": 3, "thumbnails": 0, "releases": 0
    }  # fmt: skip
    assert not traces(built, CASE, *IMAGES)
    assert len(before - files_of(built)) == 3
    again = build(built, source.write())
    assert again.withdrawn == [CASE]
    assert again.images.new == again.examined == 0
    assert not traces(built, CASE, *IMAGES)
    assert files_of(built) < before
    assert shown(built) == {"MPX2": 2, "MPX3": 1, "MPX4": 0, "MPX5": 3}
    check_folded(built)


def test_the_tombstone_has_no_content(built):
    withdraw(built, "mpx1", reason="asked", by="me")
    (stone,) = withdrawn(built)
    assert (stone.id, stone.kind, stone.case, stone.reason, stone.by) == (
        CASE, "case", CASE, "asked", "me",
    )  # fmt: skip
    assert len(stone.sha256) == 64
    assert set(stone.also) == IMAGES
    assert (stone.pictures, stone.snapshots, stone.pending) == ((), (), False)
    with open_store(built) as store:
        row = str(store.db["withdrawn"].find_one())
    assert not [word for word in ("Title of", "cough", "Caption", "Brain") if word in row]


def test_one_image_goes_and_its_case_stays(built, source, check_folded):
    done = withdraw(built, "MPX1_ct0", reason="a face")
    assert done.tombstone.kind == "image"
    assert shown(built)[CASE] == 2
    assert build(built, source.write()).withdrawn == ["MPX1_ct0"]
    assert shown(built)[CASE] == 2
    check_folded(built)


def test_a_first_build_heeds_tombstones_too(built, source, check_folded):
    withdraw(built, CASE, reason="asked")
    withdraw(built, "MPX5_mr1", reason="asked")
    with open_store(built) as store:
        for name in ("cases", "images", "current", "facets", "words", "examined"):
            store.db[name].delete_many({})
    shutil.rmtree(built.home / "pictures")
    assert build(built, source.write()).withdrawn == [CASE, "MPX5_mr1"]
    assert shown(built) == {"MPX2": 2, "MPX3": 1, "MPX4": 0, "MPX5": 2}
    assert len(files_of(built)) == 5
    check_folded(built)


def test_a_picture_that_another_case_has_too_stays(fresh_home, source):
    source.write()
    images = source.folder / "images"
    source.pictures["MPX1_ct0"] = source.pictures["MPX2_mr0"] = (
        images / "MPX5_ct0.png"
    ).read_bytes()
    build(fresh_home, source.write())
    done = withdraw(fresh_home, CASE, reason="asked")
    assert (done.shared, done.removed["pictures"]) == (1, 2)
    with open_store(fresh_home) as store:
        assert all(p.path.is_file() for c in StoreContent(store).cases() for p in c.pictures)


def test_linked_pictures_are_named_and_left_alone(fresh_home, source):
    folder = source.write()
    build(fresh_home, folder, link=True)
    done = withdraw(fresh_home, "MPX1_ct0", reason="asked")
    assert done.linked == [f"{folder}/images/MPX1_ct0.png"]
    assert (source.folder / "images" / "MPX1_ct0.png").is_file()


def test_thumbnails_go_by_their_hash(built):
    with open_store(built) as store:
        sha256 = store.images.find_one({"_id": "MPX1_ct0"})["file"]["sha256"]
    for side in ("160", "320"):
        folder = built.home / "thumbnails" / side / sha256[:2]
        folder.mkdir(parents=True)
        for name in (f"{sha256}.webp", "other.webp"):
            (folder / name).touch()
    assert withdraw(built, CASE, reason="asked").removed["thumbnails"] == 2
    left = [path.name for path in (built.home / "thumbnails").rglob("*.webp")]
    assert left == ["other.webp", "other.webp"]


def test_releases_that_have_it_are_named_and_leave_it_out(built):
    make_release(built, "a")
    withdraw(built, "MPX3", reason="asked")
    make_release(built, "b")
    assert withdraw(built, "MPX1_ct0", reason="asked").releases == ["a", "b"]
    assert withdraw(built, "MPX1", reason="asked").releases == ["a", "b"]
    verdicts = [check_release(built, name) for name in ("a", "b")]
    assert [verdict.problems for verdict in verdicts] == [[], []]
    assert [v.withdrawn for v in verdicts] == [["MPX1", "MPX1_ct0", "MPX3"], ["MPX1", "MPX1_ct0"]]


def test_a_snapshot_loses_it_and_no_crawl_asks_for_it_until_it_is_undone(
    crawled, crawled_phantom, sites, asking
):
    settings, case = crawled
    name, images = case["_id"], {*case["TAC"], *case["MRI"]}
    folder = home_snapshot(settings)
    with open_snapshot(folder) as snapshot:
        before = answered(snapshot)
    withdraw(settings, name, reason="asked")
    assert images < set(withdrawn(settings)[0].also)
    with open_snapshot(folder) as snapshot:
        without = answered(snapshot)
        assert name not in snapshot.listing.case_ids()
    assert without["encounter"] == before["encounter"] - 1
    assert without["picture"] == before["picture"] - len(images)

    served = sites(crawled_phantom)
    asked_for = asking(settings, served.url)
    assert extract(asked_for, folder).left == 0
    assert served.asked()["kinds"].keys() <= {"search", "robots"}
    with open_snapshot(folder) as snapshot:
        assert answered(snapshot) == without
        pages = [snapshot.answers.object(f"page/{kind}/1") for kind in "cm"]
    assert all(pages)
    assert name not in json.dumps(pages)
    build(settings, "openi")
    assert not traces(settings, name, *images)

    restore_withdrawn(settings, name)
    assert extract(asked_for, folder).left == 0
    with open_snapshot(folder) as snapshot:
        assert answered(snapshot) == before
    build(settings, "openi")
    assert shown(settings)[name] == len(images)


def answered(snapshot):
    """Return the number of answers by kind, those of listings aside."""
    return {kind: n for kind, n in snapshot.answers.counts().items() if kind != "page"}


def test_what_only_a_snapshot_has_can_be_withdrawn(fresh_home, undisturbed):
    shutil.copytree(undisturbed, home_snapshot(fresh_home))
    with open_snapshot(home_snapshot(fresh_home)) as snapshot:
        case = snapshot.listing.case_ids()[0]
        image = snapshot.listing.records(snapshot.listing.case_ids()[1])[0].image
    withdraw(fresh_home, case, reason="asked")
    assert withdraw(fresh_home, image, reason="asked").tombstone.kind == "image"
    built = build(fresh_home, "openi")
    assert built.withdrawn == []  # the snapshot has nothing of it
    assert not traces(fresh_home, case)


def test_a_snapshot_in_use_is_an_error_before_anything_is_removed(crawled):
    settings, case = crawled
    with open_snapshot(home_snapshot(settings)), pytest.raises(SourceError, match="in use"):
        withdraw(settings, case["_id"], reason="asked")
    assert withdrawn(settings) == []
    assert traces(settings, case["_id"])


KILLED = """
import os, signal, sys
from medpix2.pipeline import withdrawing
from medpix2.settings import load_settings
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
name, after = sys.argv[1:]
if name in withdrawing.PLACES:
    withdrawing.PLACES[name] = die
else:
    real = getattr(withdrawing, name)
    setattr(withdrawing, name, lambda *a: [real(*a), die()])
withdrawing.withdraw(load_settings({}), after, reason="asked")
"""


@pytest.mark.parametrize("at", ["snapshots", "remove_documents", "pictures", "releases"])
def test_killed_anywhere_it_is_finished_by_running_it_again(built, source, check_folded, at):
    make_release(built, "a")
    environment = {
        **os.environ, "MEDPIX2_HOME": str(built.home), "MEDPIX2_DATABASE": built.database,
        "MEDPIX2_MONGO_URL": str(built.mongo_url),
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", KILLED, at, CASE], env=environment, timeout=60)
    assert died.returncode == -signal.SIGKILL
    with open_store(built) as store:
        assert tombstones(store.db)[CASE].pending
        if at == "remove_documents":
            with pytest.raises(StoreError, match="run `medpix2 withdraw MPX1` again"):
                make_release(built, "b")
    done = withdraw(built, CASE)
    assert (done.tombstone.reason, done.tombstone.pending) == ("asked", False)
    assert done.releases == ["a"]
    assert not traces(built, CASE, *IMAGES)
    assert len(files_of(built)) == 6
    assert build(built, source.write()).withdrawn == [CASE]
    assert shown(built) == {"MPX2": 2, "MPX3": 1, "MPX4": 0, "MPX5": 3}
    check_folded(built)


def test_a_second_withdrawal_changes_nothing_and_says_so(built):
    first = withdraw(built, CASE, reason="asked", by="me").tombstone
    again = withdraw(built, "mpx1", reason="another", by="you")
    assert again.again
    assert again.tombstone == first == withdrawn(built)[0]


def test_undoing_lets_the_next_build_bring_it_back(built, source, check_folded):
    before = shown(built)
    make_release(built, "a")
    withdraw(built, CASE, reason="asked")
    with pytest.raises(NotFound, match="MPX1_ct0 was withdrawn with MPX1"):
        restore_withdrawn(built, "MPX1_ct0")
    restore_withdrawn(built, "mpx1")
    assert withdrawn(built) == []
    assert build(built, source.write()).withdrawn == []
    assert shown(built) == before
    assert check_release(built, "a").as_json()["withdrawn"] == []
    assert check_release(built, "a").problems == []
    check_folded(built)


def test_what_cannot_be_withdrawn_or_undone_is_named_with_a_near_one(built):
    with pytest.raises(NotFound, match=r"No case or picture 'MPX11'.*did you mean MPX1"):
        withdraw(built, "MPX11", reason="asked")
    with pytest.raises(QueryError, match="No reason is given why MPX1 is withdrawn"):
        withdraw(built, CASE)
    with pytest.raises(NotFound, match="'MPX1' was not withdrawn"):
        restore_withdrawn(built, CASE)
    assert withdrawn(built) == []


def test_a_build_that_did_not_end_comes_first(built):
    with open_store(built) as store:
        pending = {"first": False, "folding": True}
        store.db["state"].update_one({"_id": "build"}, {"$set": {"pending": pending}})
    with pytest.raises(StoreError, match="a build that did not finish"):
        withdraw(built, CASE, reason="asked")


def test_no_backup_brings_it_back(built, tmp_path, check_folded):
    file = tmp_path / "before.tar.gz"
    backup(built, file)
    withdraw(built, CASE, reason="asked")
    restore(built, file, overwrite=True)
    assert [stone.id for stone in withdrawn(built)] == [CASE]
    assert not traces(built, CASE, *IMAGES)
    with open_store(built) as store:
        assert find(store).cases == 4
    check_folded(built)
