from __future__ import annotations

from medpix2.pipeline.build import build
from medpix2.store.looked import last_seen, looked_versions, pictures, read_looked, remember_looked


def test_what_was_seen_is_kept_by_content_look_and_version(store):
    remember_looked(store.db, {"aa": {"size": {"version": 1, "value": [8, 8]}}, "bb": {}})
    remember_looked(
        store.db,
        {
            "aa": {"text": {"version": 2, "value": None}},
            "cc": {"size": {"version": 1, "error": "ValueError: no"}},
        },
    )
    assert dict(looked_versions(store.db)) == {"aa": {"size": 1, "text": 2}, "cc": {}}
    assert dict(looked_versions(store.db, ["cc"])) == {"cc": {}}
    seen = read_looked(store.db, ["aa", "cc", "dd", "aa"], {"size": 1, "text": 2})
    assert seen == {"aa": {"size": [8, 8], "text": None}, "cc": {}}
    assert read_looked(store.db, ["aa"], {"size": 2}) == {"aa": {}}
    remember_looked(store.db, {"aa": {"size": {"version": 2, "value": 9}}})
    assert last_seen(store.db, "aa", "size") == 9
    assert last_seen(store.db, "cc", "size") is None
    assert last_seen(store.db, "dd", "size") is None
    assert read_looked(store.db, ["aa"], {"size": 2, "text": 2}) == {
        "aa": {"size": 9, "text": None}
    }


def test_a_look_that_succeeds_at_last_is_no_error_any_more(store):
    remember_looked(store.db, {"aa": {"size": {"version": 1, "error": "no"}}})
    remember_looked(store.db, {"aa": {"size": {"version": 1, "value": 3}}})
    assert read_looked(store.db, ["aa"], {"size": 1}) == {"aa": {"size": 3}}


def test_pictures_of_the_same_content_are_looked_at_once(fresh_home, source, store):
    folder = source.write()
    (source.folder / "images" / "MPX1_ct1.png").write_bytes(
        (source.folder / "images" / "MPX1_ct0.png").read_bytes()
    )
    (source.folder / "images" / "MPX3_ct0.png").write_bytes(b"no picture")
    build(fresh_home, folder)
    found = list(pictures(store.db))
    assert len(found) == 7
    assert len({sha256 for sha256, _, _ in found}) == 7
    assert not {"MPX3_ct0"} & {image for _, _, image in found}
