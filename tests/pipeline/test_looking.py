from __future__ import annotations

import hashlib
import operator
from dataclasses import replace

import pytest

from medpix2.curate.look import Look
from medpix2.pipeline import looking
from medpix2.pipeline.build import build
from medpix2.pipeline.looking import Asked, look_at_pictures, see
from medpix2.pipeline.progress import Silent
from medpix2.store.database import Store, open_store
from medpix2.store.looked import looked_versions

SIZE = Look("size", 1, "for a test", operator.attrgetter("size"))
MODE = Look("mode", 1, "for a test", operator.attrgetter("mode"))
BROKEN = Look("broken", 1, "for a test", operator.attrgetter("no_such_thing"))


@pytest.fixture
def built(fresh_home, source):
    build(fresh_home, source.write(), link=True)
    with open_store(fresh_home) as store:
        yield store


def asked(path, *looks: Look) -> Asked:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"
    return Asked(sha256, path, path.stem, looks)


def test_a_look_that_fails_costs_that_look_only(source):
    source.write()
    seen = see(asked(source.folder / "images" / "MPX1_ct0.png", SIZE, BROKEN, MODE))
    assert seen.values == {"size": [8, 8], "mode": "L"}
    assert "no_such_thing" in seen.errors["broken"]
    assert seen.missing is None


def test_a_picture_that_vanished_or_changed_is_told_and_nothing_is_remembered(built, source):
    images = source.folder / "images"
    (images / "MPX1_ct0.png").unlink()
    (images / "MPX2_mr0.png").write_bytes((images / "MPX3_ct0.png").read_bytes())
    done = look_at_pictures(built, [SIZE], Silent())
    assert done.pictures == 7
    told = {(failure.check, failure.target): failure.message for failure in done.failures}
    assert "cannot be read (No such file" in told["size", "MPX1_ct0"]
    assert "has changed since the build" in told["size", "MPX2_mr0"]
    assert len(list(looked_versions(built.db))) == 7
    assert look_at_pictures(built, [SIZE], Silent()).pictures == 0


def test_a_picture_that_cannot_be_decoded_fails_all_its_looks(tmp_path):
    (tmp_path / "x.png").write_bytes(b"no picture")
    seen = see(asked(tmp_path / "x.png", SIZE, MODE))
    assert set(seen.errors) == {"size", "mode"}


def test_only_looks_that_are_missing_are_done_and_failed_ones_again(built):
    assert look_at_pictures(built, [SIZE], Silent()).pictures == 9
    done = look_at_pictures(built, [SIZE, BROKEN], Silent())
    assert (done.pictures, len(done.failures)) == (9, 9)
    assert look_at_pictures(built, [SIZE], Silent()).pictures == 0
    assert len(look_at_pictures(built, [BROKEN], Silent()).failures) == 9
    assert look_at_pictures(built, [replace(SIZE, version=2)], Silent()).pictures == 9
    assert look_at_pictures(built, [], Silent()).pictures == 0


def test_several_cores_see_what_one_sees(built):
    several = Store(built.db, replace(built.settings, jobs=2))
    done = look_at_pictures(several, [SIZE, BROKEN], Silent())
    assert (done.pictures, len(done.failures)) == (9, 9)
    sizes = {row["_id"]: row["looks"]["size"] for row in built.db["looked"].find()}
    built.db["looked"].delete_many({})
    look_at_pictures(built, [SIZE], Silent())
    assert {row["_id"]: row["looks"]["size"] for row in built.db["looked"].find()} == sizes


def test_what_was_seen_before_a_kill_is_not_looked_at_again(built, monkeypatch):
    monkeypatch.setattr(looking, "STORED", 2)
    shown = []

    def killed(picture):
        shown.append(picture)
        if len(shown) == 6:
            raise KeyboardInterrupt
        return 1

    with pytest.raises(KeyboardInterrupt):
        look_at_pictures(built, [replace(SIZE, measure=killed)], Silent())
    assert look_at_pictures(built, [SIZE], Silent()).pictures == 9 - 4
