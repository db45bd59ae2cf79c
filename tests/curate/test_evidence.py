from __future__ import annotations

from medpix2.curate.evidence import evidence_of, stamp_of, value_at
from medpix2.records import Decision, Finding

IMAGE = {
    "_id": "A_1", "image": "A_1", "Description": {"Age": "42"},
    "file": {"sha256": "ab", "path": "p"},
}  # fmt: skip


def test_evidence_is_what_was_published_and_the_picture():
    seen = evidence_of(IMAGE)
    assert len(seen) == 32
    assert evidence_of({**IMAGE, "source": {"name": "x"}, "normalized": {}, "problems": []}) == seen
    assert evidence_of(dict(reversed(IMAGE.items()))) == seen
    for change in (
        {"Description": {"Age": "43"}}, {"file": {"sha256": "cd"}}, {"file": None}, {"New": None},
    ):  # fmt: skip
        assert evidence_of({**IMAGE, **change}) != seen


def test_the_evidence_of_a_correction_is_its_field_and_the_picture():
    seen = evidence_of(IMAGE, "Description.Age")
    assert evidence_of({**IMAGE, "Location": "Head"}, "Description.Age") == seen
    assert evidence_of({**IMAGE, "Description": {"Age": "43"}}, "Description.Age") != seen
    assert evidence_of({**IMAGE, "file": None}, "Description.Age") != seen


def test_a_value_that_is_not_there_is_none():
    assert value_at(IMAGE, "Description.Age") == "42"
    for field in ("Description.Sex", "Location", "image.x", "Description.Age.x"):
        assert value_at(IMAGE, field) is None


def test_a_stamp_changes_with_all_that_a_person_is_shown_and_with_nothing_else():
    dark = Finding(target="A_1", rule="dark", version=1, severity="review", message="is dark")
    small = dark.model_copy(update={"rule": "small"})
    made = Decision(target="A_1", action="accept", by="ann", at="2025-01-01T00:00:00Z")
    stamp = stamp_of(IMAGE, [dark, small], [])
    assert stamp.startswith("0-")
    assert stamp_of({**IMAGE, "source": {"name": "x"}}, [small, dark], []) == stamp
    others = {
        stamp,
        stamp_of({**IMAGE, "image": "A_2"}, [dark, small], []),
        stamp_of(IMAGE, [dark], []),
        stamp_of(IMAGE, [dark, small.model_copy(update={"message": "tiny"})], []),
        stamp_of(IMAGE, [dark, small], [made]),
        stamp_of(IMAGE, [dark, small], [made, made]),
    }
    assert len(others) == 6
