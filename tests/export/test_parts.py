from __future__ import annotations

from dataclasses import replace

from medpix2.export.format import Part, Wishes, Written
from medpix2.export.formats import FORMATS
from medpix2.export.parts import (
    Batches,
    Records,
    in_order,
    is_whole,
    key_of,
    read_record,
    record_path,
    write_record,
)

CSV = FORMATS["csv"]


def names(part):
    return [case.document["U_id"] for case in part.cases]


def test_a_part_ends_at_a_number_of_cases(small):
    batches = Batches(small, replace(CSV, cases_a_part=3), Wishes())
    parts = list(batches)
    assert [part.number for part in parts] == [0, 1, 2]
    assert [len(part.cases) for part in parts] == [3, 3, 1]
    assert [name for part in parts for name in names(part)] == [f"MPX100{n}" for n in range(7)]
    assert {part.split for part in parts} == {None}


def test_a_shard_ends_at_a_size_and_never_within_a_case(small):
    size = small.held[0].pictures[0].document["meta"]["file"]["bytes"]
    sharded = replace(CSV, sharded=True, cases_a_part=100)
    parts = list(Batches(small, sharded, Wishes(shard_size=4 * size)))
    assert [names(part)[0] for part in parts] == ["MPX1000", "MPX1002", "MPX1004", "MPX1006"]
    assert [len(list(Batches(small, sharded, Wishes(shard_size=1))))] == [7]


def test_parts_of_one_split_each(small):
    parts = list(Batches(small, replace(CSV, by_split=True, cases_a_part=3), Wishes()))
    assert [(part.split, names(part)) for part in parts] == [
        ("train", ["MPX1000", "MPX1001", "MPX1003"]),
        ("train", ["MPX1006"]),
        ("dev", ["MPX1002", "MPX1005"]),
        ("all", ["MPX1004"]),
    ]


def test_what_is_in_them_is_counted_once_an_iteration(small):
    batches = Batches(small, CSV, Wishes())
    for _ in range(2):
        list(batches)
    counts = batches.counts
    assert (counts["cases"], counts["images"]) == (7, 13)
    assert (counts["cases:dev"], counts["images:dev"], counts["cases:all"]) == (2, 4, 1)
    assert (counts["modality:CT"], counts["modality:MR"]) == (10, 3)
    assert counts["location_category:Head"] == counts["status:accepted"] == 13


def test_the_key_tells_every_difference(small):
    part = Part(0, None, tuple(small.held))
    keys = {key_of(part), key_of(replace(part, split="train"))}
    keys.add(key_of(replace(part, cases=part.cases[1:])))
    small.changed(2, status="pending")
    keys.add(key_of(replace(part, cases=tuple(small.held))))
    moved = [replace(p, path=p.path.with_name("x")) for p in small.held[0].pictures]
    first = replace(small.held[0], pictures=moved)
    keys.add(key_of(replace(part, cases=(first, *part.cases[1:]))))
    assert len(keys) == 5
    assert key_of(part) == key_of(Part(7, None, list(part.cases)))  # wherever it stands


def test_a_record_comes_back(tmp_path):
    written = Written(3, "train", {"a/b": ("0" * 64, 5)}, {"rows": 2})
    write_record(tmp_path, "key", written)
    assert read_record(record_path(tmp_path, 3)) == ("key", written)
    records = Records(tmp_path, "x", Wishes(), {"cases:dev": 1, "cases:train": 1, "cases:all": 1})
    assert list(records) == list(records) == [written]
    assert records.splits() == ["train", "dev", "all"]


def test_files_of_a_part_must_be_there_with_their_sizes(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    assert is_whole(tmp_path, {"a": ("", 5)})
    assert not is_whole(tmp_path, {"a": ("", 4)})
    assert not is_whole(tmp_path, {"a": ("", 5), "b": ("", 1)})


def test_splits_are_told_in_their_order():
    assert in_order({"all", "test", "extra", "train", "dev"}) == [
        "train", "dev", "test", "extra", "all",
    ]  # fmt: skip
