from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from medpix2.errors import QueryError, ReleaseError
from medpix2.export.csv_tables import read_rows
from medpix2.export.format import Wishes
from medpix2.export.replacing import read_manifest
from medpix2.pipeline.build import build
from medpix2.pipeline.checking import check
from medpix2.pipeline.exporting import export
from medpix2.pipeline.find import find
from medpix2.pipeline.releasing import make_release
from medpix2.store.database import open_store
from medpix2.store.facets import Filters

KEEP = {"burned_in": "keep"}


class Steps:
    """A progress that notes the steps: name, total, units."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int | None, int]] = []

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Note a step."""
        told: list[int] = []
        yield told.append
        self.seen.append((name, total, sum(told)))


@pytest.fixture
def steps() -> Steps:
    """Return a progress that notes."""
    return Steps()


def documents(store) -> dict[str, dict[str, Any]]:
    """Return all that a build must store again of what an export of it gives."""
    found = {}
    for name in ("cases", "images"):
        for row in store.db[name].find():
            source = row["source"]
            file = dict(row.get("file") or {}, path=None)
            beside = {
                key: source.get(key) for key in ("split", "split_half", "image_url", "page_url")
            }
            public = {k: v for k, v in row.items() if k not in ("source", "file", "digest")}
            found[row["_id"]] = {**public, "source": beside, "file": file}
    return found


def test_build_export_build_again_gives_equal_documents(phantom_store, fresh_home, tmp_path):
    everything = Filters({"status": ["accepted", "pending", "excluded"]})
    done = export(phantom_store.settings, "medpix2", tmp_path / "out", filters=everything)
    build(fresh_home, str(done.folder))
    with open_store(fresh_home) as again:
        assert documents(again) == documents(phantom_store)


def test_an_export_has_what_find_finds(phantom_store, tmp_path):
    filters = Filters({"modality": ["MR"], "split": ["train"]})
    done = export(
        phantom_store.settings, "csv", tmp_path / "out", filters=filters, text="patient", **KEEP
    )
    found = find(phantom_store, "patient", filters, limit=10_000)
    rows = list(read_rows(done.folder / "images.csv"))
    assert {row["image_id"] for row in rows} == {
        image["_id"] for match in found.matches for image in match.images
    }
    assert {row["case_id"] for row in read_rows(done.folder / "cases.csv")} == {
        match.case["_id"] for match in found.matches
    }
    assert check(done.folder).problems == []


@pytest.mark.parametrize(
    ("wishes", "burned_in", "message"),
    [
        (Wishes(fields=("captoin",)), None, "no field 'captoin': did you mean 'caption'"),
        (Wishes(image_format="jpg"), None, "no picture format 'jpg': did you mean 'jpeg'"),
        (Wishes(image_size=3), None, "No picture is made of 3 pixels"),
        (Wishes(shard_size=10), None, "A shard is too small"),
        (Wishes(), "msak", "no way with burned-in text 'msak': did you mean 'mask'"),
    ],
)
def test_a_wish_that_cannot_be_is_named(phantom_store, tmp_path, wishes, burned_in, message):
    with pytest.raises(QueryError, match=message):
        export(phantom_store.settings, "csv", tmp_path / "out", wishes=wishes, burned_in=burned_in)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(fields=("age",)), "'medpix2' has all fields"),
        (Wishes(pictures=False), "'medpix2' is of pictures"),
    ],
)
def test_the_published_layout_is_whole(phantom_store, tmp_path, wishes, message):
    with pytest.raises(QueryError, match=message):
        export(phantom_store.settings, "medpix2", tmp_path / "out", wishes=wishes)


def test_a_release_is_the_same_however_the_database_moves_on(fresh_home, source, tmp_path, tree):
    build(fresh_home, source.write())
    make_release(fresh_home, "one")
    release = {"release": "one", "wishes": Wishes(image_size=16)}
    before = export(fresh_home, "csv", tmp_path / "before", **release)
    source.drop("MPX1")
    build(fresh_home, source.write())
    after = export(fresh_home, "csv", tmp_path / "after", **release)
    assert tree(before.folder) == tree(after.folder)
    assert before.counts["cases"] == 5
    few = export(
        fresh_home, "csv", tmp_path / "few", filters=Filters({"split": ["dev"]}), **release
    )
    assert [row["case_id"] for row in read_rows(few.folder / "cases.csv")] == ["MPX3"]
    for wrong in ({"text": "cough"}, {"wishes": Wishes(as_published=True)}):
        with pytest.raises(QueryError, match="leave --"):
            export(fresh_home, "csv", tmp_path / "no", **{**release, **wrong})
    with pytest.raises(ReleaseError, match="No release 'on'"):
        export(fresh_home, "csv", tmp_path / "no", release="on")


def test_progress_is_told_of_every_picture(phantom_store, tmp_path, steps):
    done = export(phantom_store.settings, "medpix2", tmp_path / "out", progress=steps)
    [(name, total, units)] = steps.seen
    assert name == "export medpix2" and units == done.counts["images"] == total


def test_training_formats_are_masked_and_the_published_layout_is_not(phantom_store, tmp_path):
    wishes = {"filters": Filters({"split": ["dev"]})}
    masked = export(phantom_store.settings, "csv", tmp_path / "csv", **wishes)
    kept = export(phantom_store.settings, "medpix2", tmp_path / "medpix2", **wishes)
    assert read_manifest(masked.folder)["wishes"]["burned_in"] == "mask"
    assert read_manifest(kept.folder)["wishes"]["burned_in"] == "keep"
    rows = list(read_rows(masked.folder / "images.csv"))
    assert masked.counts["pictures:masked"] == sum(row["masked"] > 0 for row in rows)
    differing = sum(
        (masked.folder / row["file_name"]).read_bytes()
        != (kept.folder / row["file_name"]).read_bytes()
        for row in rows
    )
    assert differing == masked.counts.get("pictures:changed", 0) > 0


def test_filters_that_find_nothing_leave_nothing(phantom_store, tmp_path):
    with pytest.raises(QueryError, match="no case fits"):
        export(phantom_store.settings, "csv", tmp_path / "out", text="zzzzzz", **KEEP)
    assert list(tmp_path.iterdir()) == []


def _by_id(path: Path, key: str) -> dict[str, Any]:
    return {row[key]: row for row in json.loads(path.read_text("utf-8"))}


def _lines(path: Path) -> set[bytes]:
    return set(path.read_bytes().splitlines())


@pytest.mark.real
def test_the_real_copy_as_published_is_the_published_copy(real_copy, fresh_home, tmp_path):
    build(fresh_home, str(real_copy), link=True)
    everything = Filters({"status": ["accepted", "pending", "excluded"]})
    wishes = Wishes(as_published=True)
    out = export(fresh_home, "medpix2", tmp_path / "out", filters=everything, wishes=wishes).folder
    # Pictures byte for byte; documents and lines each byte for byte, in the order of ids.
    for path in (real_copy / "images").iterdir():
        assert (out / "images" / path.name).read_bytes() == path.read_bytes()
    for name, key in (("Case_topic.json", "U_id"), ("Descriptions.json", "image")):
        published, ours = _by_id(real_copy / name, key), _by_id(out / name, key)
        assert ours == published
        assert [list(ours[k]) for k in ours] == [list(published[k]) for k in ours]
        assert (out / name).stat().st_size == (real_copy / name).stat().st_size
    names = {path.name for path in (real_copy / "splitted_dataset").iterdir()}
    assert {path.name for path in (out / "splitted_dataset").iterdir()} == names
    for name in names - {"uid_list.json"}:
        assert _lines(out / "splitted_dataset" / name) == _lines(
            real_copy / "splitted_dataset" / name
        )
    lists = [
        json.loads((f / "splitted_dataset/uid_list.json").read_text()) for f in (out, real_copy)
    ]
    assert list(lists[0]) == list(lists[1])
    assert _sorted(lists[0]) == _sorted(lists[1])
    rows = _lines(out / "images_overview.csv")
    assert len(rows) == 1 + len(_by_id(out / "Descriptions.json", "image"))
    in_both = _lines(real_copy / "images_overview.csv") & rows
    assert len(in_both) > 1600  # the others are of pictures that the published file leaves out


def _sorted(lists: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(ids) for name, ids in lists.items()}
