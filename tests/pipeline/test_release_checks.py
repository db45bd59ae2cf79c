from __future__ import annotations

import gzip
import json

import pytest
from PIL import Image

from medpix2.errors import ReleaseError
from medpix2.pipeline.build import build
from medpix2.pipeline.release_checks import check_release, compare_releases
from medpix2.pipeline.releasing import make_release, note_withdrawn, open_release


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write())
    make_release(fresh_home, "a")
    return fresh_home


def rewrite(release, kind, change):
    file = release.folder / f"{kind}.jsonl.gz"
    file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()))))


def without_first(content):
    return content.split(b"\n", 1)[1]


def turned_round(content):
    return b"".join(reversed(content.splitlines(keepends=True)))


DAMAGE = {
    "MPX2: its document has been changed":
        lambda r: rewrite(r, "cases", lambda c: c.replace(b"Title of MPX2", b"Title of MPX9")),
    "MPX1: its document is gone": lambda r: rewrite(r, "cases", without_first),
    "MPX1_ct0: its document is gone": lambda r: rewrite(r, "images", without_first),
    "MPX9: its document is not in the manifest, or comes twice":
        lambda r: rewrite(r, "cases", lambda c: c + b'{"_id":"MPX9","U_id":"MPX9"}\n'),
    "images: a line is no document": lambda r: rewrite(r, "images", lambda c: c + b"[]\n"),
    "images: the documents stand in another order": lambda r: rewrite(r, "images", turned_round),
    "Release a cannot be read (cases.jsonl.gz":
        lambda r: (r.folder / "cases.jsonl.gz").unlink(),
    "manifest.json is not the one that the database noted":
        lambda r: (r.folder / "manifest.json").write_text(json.dumps(dict(r.manifest))),
}  # fmt: skip


@pytest.mark.parametrize("said", DAMAGE)
def test_whatever_is_not_as_it_was_frozen_is_named(built, said):
    assert check_release(built, "a").problems == []
    DAMAGE[said](open_release(built, "a"))
    problems = check_release(built, "a").problems
    assert len(problems) == 1
    assert problems[0].startswith(said)


def test_pictures_that_are_gone_or_changed_are_named(built):
    images = open_release(built, "a").manifest["images"]
    (built.home / "pictures" / images["MPX1_ct0"]["path"]).unlink()
    Image.new("L", (3, 3)).save(built.home / "pictures" / images["MPX5_mr1"]["path"])
    first, second = check_release(built, "a").problems
    assert first.startswith("MPX1_ct0: picture ")
    assert "cannot be read" in first
    assert second.startswith("MPX5_mr1: picture ")
    assert second.endswith("has been changed")


def test_pictures_of_what_is_withdrawn_are_not_missed(built):
    release = open_release(built, "a")
    for image in ("MPX1_ct0", "MPX1_ct1", "MPX1_mr0", "MPX2_mr0"):
        (built.home / "pictures" / release.manifest["images"][image]["path"]).unlink()
    note_withdrawn(release, frozenset({"MPX1", "MPX2_mr0"}))
    verdict = check_release(built, "a").as_json()
    assert verdict == {
        "name": "a", "whole": True, "problems": [], "withdrawn": ["MPX1", "MPX2_mr0"]
    }  # fmt: skip


def test_a_difference_says_what_came_went_and_changed(built, source):
    source.case("MPX6", ct=1)
    source.drop("MPX3")
    source.found("MPX1")["Case"]["Title"] = "Another"
    source.found("MPX2_mr0")["Location"] = None
    source.splits = {"train": ["MPX1", "MPX2"], "dev": ["MPX4"], "test": ["MPX5", "MPX6"]}
    build(built, source.write())
    make_release(built, "b")
    found = compare_releases(built, "a", "b")
    assert (found["before"], found["after"]) == ("a", "b")
    assert found["cases"] == {
        "came": ["MPX6"], "went": ["MPX3"],
        "changed": {"MPX1": ["Case.Title"], "MPX4": ["meta.split"]},
        "fields": {"Case.Title": 1, "meta.split": 1},
        "splits": {"train -> dev": 1}, "statuses": {},
    }  # fmt: skip
    assert found["images"] == {
        "came": ["MPX6_ct0"], "went": ["MPX3_ct0"],
        "changed": {"MPX2_mr0": ["Location", "meta.normalized.location"]},
        "fields": {"Location": 1, "meta.normalized.location": 1},
        "splits": {}, "statuses": {},
    }  # fmt: skip
    back = compare_releases(built, "b", "a")
    assert back["cases"]["came"] == ["MPX3"]
    assert back["cases"]["splits"] == {"dev -> train": 1}


def test_a_release_does_not_differ_from_itself_and_one_that_is_not_there_is_named(built):
    found = compare_releases(built, "a", "a")
    nothing = {"came": [], "went": [], "changed": {}, "fields": {}, "splits": {}, "statuses": {}}
    assert (found["cases"], found["images"]) == (nothing, nothing)
    assert (found["rules"], found["looks"], found["decisions"]) == ({}, {}, [0, 0])
    with pytest.raises(ReleaseError, match="No release 'c'"):
        compare_releases(built, "a", "c")
