from __future__ import annotations

import dataclasses
import gzip
import json
import os
import signal
import subprocess
import sys

import pytest
from pymongo import MongoClient

from medpix2.errors import OutputError, ReleaseError, StoreBusy, StoreError
from medpix2.pipeline.build import build
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.releasing import (
    ReleaseContent,
    list_releases,
    make_release,
    note_withdrawn,
    open_release,
    releases_with,
)
from medpix2.pipeline.sourced import Sourced
from medpix2.store.database import open_store
from medpix2.store.facets import Filters
from medpix2.store.writing import writing


@pytest.fixture
def built(fresh_home, source):
    """Build the small source; its MPX3 is excluded, for it has no picture file."""
    source.write()
    (source.folder / "images" / "MPX3_ct0.png").unlink()
    build(fresh_home, str(source.folder))
    return fresh_home


def content_of(content):
    return [
        (case.document, [(picture.document, picture.path) for picture in case.pictures])
        for case in content.cases()
    ]


def bytes_of(release):
    return {file.name: file.read_bytes() for file in release.folder.iterdir()}


def test_a_release_gives_what_the_database_gave_however_it_moves_on(built, source):
    with open_store(built) as store:
        chosen = StoreContent(store, Filters({"status": ["accepted"]}))
        before = content_of(Sourced(chosen, store))
    release = make_release(built, "2026.1")
    source.case("MPX6", ct=2)
    source.found("MPX1")["Case"]["Title"] = "Another"
    source.drop("MPX2")
    build(built, source.write())
    content = ReleaseContent(built, "2026.1")
    assert content_of(content) == content_of(content) == before
    assert content.name == "2026.1"
    assert release.manifest["counts"]["cases"] == len(before) == 5
    assert release.manifest["counts"]["images"] == 8
    with open_store(built) as store:
        assert content_of(StoreContent(store)) != before


def test_the_same_state_gives_the_same_bytes_in_another_database(built, source):
    first = make_release(built, "a")
    again = make_release(built, "b")
    other = dataclasses.replace(
        built, database=f"{built.database}_other", home=built.home.with_name("other")
    )
    try:
        source.case("MPX0", ct=1)  # so that its ordinals are others
        build(other, source.write())
        source.drop("MPX0")
        source.folder.joinpath("images", "MPX3_ct0.png").unlink()
        build(other, source.write())
        moved = bytes_of(make_release(other, "a"))
    finally:
        with MongoClient(built.mongo_url) as client:
            client.drop_database(other.database)
    assert bytes_of(first).keys() == {"manifest.json", "cases.jsonl.gz", "images.jsonl.gz"}
    assert bytes_of(first)["cases.jsonl.gz"] == moved["cases.jsonl.gz"]
    one, two = bytes_of(first), bytes_of(again)
    assert one.pop("manifest.json").replace(b'"a"', b'"b"') == two.pop("manifest.json")
    assert one == two


def test_pending_ones_are_taken_only_if_asked(built):
    with open_store(built) as store:
        image = store.current.find_one({"_id": "MPX2_mr0"})
        store.db["findings"].insert_one(
            {
                "case": "MPX2", "target": "MPX2_mr0", "rule": "a-rule", "version": 1,
                "severity": "review", "message": "odd",
            }
        )  # fmt: skip
        assert image["meta"]["status"] == "accepted"
        refold_all(store)
    assert "MPX2_mr0" not in make_release(built, "a").manifest["images"]
    taken = make_release(built, "b", pending=True).manifest
    assert "MPX2_mr0" in taken["images"]
    assert taken["counts"]["statuses"]["images"] == {"accepted": 7, "pending": 1}


def refold_all(store):
    from medpix2.curate import fold
    from medpix2.pipeline.folding import refold
    from medpix2.store.writing import building

    with writing(store.db), building(store.db, fold.VERSION):
        refold(store)


def test_a_release_is_frozen(built):
    before = bytes_of(make_release(built, "a"))
    with pytest.raises(ReleaseError, match="a release is frozen: choose another name"):
        make_release(built, "a")
    assert bytes_of(open_release(built, "a")) == before
    elsewhere = dataclasses.replace(built, home=built.home.with_name("elsewhere"))
    with pytest.raises(ReleaseError, match="a release is frozen"):  # another home, one database
        make_release(elsewhere, "a")
    assert [row["here"] for row in list_releases(elsewhere)] == [False]
    assert [row["here"] for row in list_releases(built)] == [True]


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".a", "a b", "a.", "x" * 65, "a\n"])
def test_a_name_that_is_no_folder_is_refused(fresh_home, name):
    with pytest.raises(ReleaseError, match="cannot be the name"):
        make_release(fresh_home, name)
    assert not (fresh_home.home / "releases").exists()


def test_nothing_is_frozen_of_an_empty_or_busy_or_half_built_database(built, store):
    with pytest.raises(StoreError, match="is empty"):
        make_release(dataclasses.replace(built, database="nothing_here"), "a")
    with open_store(built) as busy, writing(busy.db), pytest.raises(StoreBusy):
        make_release(built, "a")
    with open_store(built) as half:
        pending = {"first": False, "folding": False}
        half.db["state"].update_one({"_id": "build"}, {"$set": {"pending": pending}})
    with pytest.raises(StoreError, match="a build that did not finish"):
        make_release(built, "a")
    assert list_releases(built) == []


def test_a_picture_that_is_gone_is_named_and_nothing_is_made(built):
    next((built.home / "pictures").glob("*/*.png")).unlink()
    with pytest.raises(ReleaseError, match=r"Picture .*png of MPX\d_\w+ is gone"):
        make_release(built, "a")
    assert list((built.home / "releases").iterdir()) == []
    build(built, str(built.home.parent / "source"))
    make_release(built, "a")


def test_a_home_that_cannot_be_written_is_an_error(built):
    (built.home / "releases").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        make_release(built, "a")
    assert list_releases(built) == []


KILLED = """
import os, signal, sys
from medpix2.cli.program import app
from medpix2.pipeline import releasing
def die(*_, **__): os.kill(os.getpid(), signal.SIGKILL)
setattr(releasing, sys.argv[1], die)
sys.argv = ["medpix2", "release", "make", "a"]
app()
"""


@pytest.mark.parametrize("at", ["_write_lines", "log_hash", "note_release"])
def test_a_kill_leaves_no_half_release_and_the_same_command_makes_it(built, medpix2, at):
    environment = {
        **os.environ, "MEDPIX2_HOME": str(built.home), "MEDPIX2_DATABASE": built.database,
        "MEDPIX2_MONGO_URL": str(built.mongo_url),
    }  # fmt: skip
    died = subprocess.run([sys.executable, "-c", KILLED, at], env=environment, timeout=60)
    assert died.returncode == -signal.SIGKILL
    with open_store(built) as store:
        store.db["state"].delete_one({"_id": "writer"})  # a claim is void once it is gone anyway
    made = make_release(built, "a")
    assert len(ReleaseContent(built, "a").release.manifest["images"]) == 8
    assert list(made.folder.parent.iterdir()) == [made.folder]
    assert [row["name"] for row in list_releases(built)] == ["a"]
    assert list_releases(built)[0]["made"]


def test_an_unknown_release_is_named_with_a_near_one(built):
    with pytest.raises(ReleaseError, match=r"No release '2026.2'"):
        open_release(built, "2026.2")
    make_release(built, "2026.1")
    with pytest.raises(ReleaseError, match=r"did you mean 2026\.1\?"):
        ReleaseContent(built, "2026.2")


def test_a_manifest_that_is_damaged_or_of_another_format_is_an_error(built):
    file = make_release(built, "a").folder / "manifest.json"
    whole = file.read_text()
    for content, said in (("{", "cannot be read"), ("[]", "cannot be read"),
                          (whole.replace("release 1", "release 9"), "release 9")):  # fmt: skip
        file.write_text(content)
        with pytest.raises(ReleaseError, match=said):
            open_release(built, "a")


def test_lines_that_are_damaged_are_an_error(built):
    file = make_release(built, "a").folder / "images.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ReleaseError, match=r"images\.jsonl\.gz"):
        content_of(ReleaseContent(built, "a"))


def test_what_is_withdrawn_is_left_out_and_its_release_found(built):
    make_release(built, "a")
    release = open_release(built, "a")
    assert [found.name for found in releases_with(built, ["MPX1"])] == ["a"]
    assert releases_with(built, ["MPX3_ct0", "nothing"]) == []
    note_withdrawn(release, frozenset({"MPX1", "MPX2_mr0"}))
    left = content_of(ReleaseContent(built, "a"))
    assert [case["_id"] for case, _ in left] == ["MPX2", "MPX3", "MPX4", "MPX5"]
    assert [image["_id"] for image, _ in left[0][1]] == ["MPX2_mr1"]


def test_the_files_are_plain_jsonl_in_order(built):
    folder = make_release(built, "a").folder
    lines = gzip.decompress((folder / "images.jsonl.gz").read_bytes()).splitlines()
    images = [json.loads(line) for line in lines]
    assert [image["_id"] for image in images] == [
        "MPX1_ct0", "MPX1_ct1", "MPX1_mr0", "MPX2_mr0", "MPX2_mr1", "MPX5_ct0", "MPX5_mr0",
        "MPX5_mr1",
    ]  # fmt: skip
