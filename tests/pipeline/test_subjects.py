from __future__ import annotations

from medpix2.pipeline import subjects
from medpix2.pipeline.build import build
from medpix2.pipeline.subjects import read_subjects
from medpix2.store.database import open_store
from medpix2.store.looked import remember_looked


def test_cases_come_in_the_asked_order_with_what_was_seen(fresh_home, source, monkeypatch):
    monkeypatch.setattr(subjects, "BATCH", 2)
    source.image("MPX0", "ct0")  # of a case that is not described
    source.pictures["MPX3_ct0"] = b"no picture"
    build(fresh_home, source.write())
    with open_store(fresh_home) as store:
        sha256 = store.images.find_one({"_id": "MPX1_ct0"})["file"]["sha256"]
        looks = {"size": {"version": 1, "value": [8, 8]}, "old": {"version": 1, "value": 0}}
        remember_looked(store.db, {sha256: looks})
        wanted = ["MPX3", "MPX0", "MPX1"]
        found = list(read_subjects(store, wanted, {"size": 1, "old": 2}))
    assert [subject.id for subject in found] == wanted
    last, unknown, first = found
    assert unknown.case is None
    assert [image["_id"] for image in first.images] == ["MPX1_ct0", "MPX1_ct1", "MPX1_mr0"]
    assert first.looked == {"MPX1_ct0": {"size": [8, 8]}, "MPX1_ct1": {}, "MPX1_mr0": {}}
    assert (last.images[0]["file"], last.looked) == (None, {"MPX3_ct0": {}})
