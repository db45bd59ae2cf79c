"""Loading documents, without the work on pictures: against bare calls of the driver, and in all.

The pictures' facts are constant here; all else is what `build` does: the files are read and
surveyed, every document is checked and labelled, source documents are stored, folded, and the
text index is made.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from pymongo import ReplaceOne

from benchmarks.measure import REAL_COPY, Figure, Options, scratch
from medpix2.extract.pictures import Examined
from medpix2.extract.validate import Checked
from medpix2.phantom.collection import documents
from medpix2.pipeline import build
from medpix2.pipeline.pictures import PictureReader
from medpix2.pipeline.progress import Advance, Silent
from medpix2.records import PictureFile
from medpix2.settings import Settings
from medpix2.store.database import Store, open_store
from medpix2.store.shape import ensure_shape

IMAGES = 61_500  # as many as FiftyOne was measured with
FACTS = PictureFile(
    path="aa/" + "a" * 64 + ".png", sha256="a" * 64, phash="0" * 16,
    width=512, height=512, mode="L", bytes=100_000,
)  # fmt: skip
SPLIT_OF_TEN = ("train",) * 8 + ("dev", "test")
_Document = dict[str, Any]


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of loading documents."""
    images = IMAGES // 20 if options.quick else IMAGES
    with scratch() as settings:
        folder = settings.home / "collection"
        kind = write_collection(folder, images)
        runs = [_one_run(settings, folder) for _ in range(options.runs)]
    size = f"{runs[0].images:,} image and {runs[0].cases:,} case documents, {kind}"

    def ratio(name: str, bare: str, ours: str) -> Figure:
        value = median(run.seconds[bare] / run.seconds[ours] for run in runs)
        shown = {key: median(run.seconds[key] for run in runs) for key in (bare, ours)}
        note = f"{shown[bare]:.2f} s bare, {shown[ours]:.2f} s ours; {size}"
        return Figure(name, value, "of bare speed", (">=", 0.7), note)

    yield ratio("first load / bare insert_many", "insert", "first")
    yield ratio("repeated build / bare bulk_write of upserts", "upsert", "again")
    for name, key, limit in (
        (f"first load of {images:,} pictures' documents", "first", 6.0),
        ("first load, of it reading and survey", "first: survey", None),
        ("first load, of it image documents", "first: pictures", None),
        ("first load, of it case documents", "first: cases", None),
        ("first load, of it fold", "first: fold", None),
        ("first load, of it words, beside the text index", "first: words", None),
        ("first load, of it the rest of the text index, and summary", "first: rest", None),
        ("repeated build", "again", None),
    ):
        seconds = median(run.seconds[key] for run in runs)
        yield Figure(name, seconds, "s", ("<", limit) if limit else None, size)


def write_collection(folder: Path, images: int) -> str:
    """Write a published layout without pictures; return what it was made of.

    The real copy several times over, with ids of their own, where there is one; else the phantom.
    """
    real = (REAL_COPY / "Case_topic.json").is_file()
    pairs = _real_over_and_over() if real else _phantom(images)
    cases: list[_Document] = []
    pictures: list[_Document] = []
    splits: dict[str, list[str]] = {"train": [], "dev": [], "test": []}
    for at, (case, its_pictures) in enumerate(pairs):
        if len(pictures) >= images:
            break
        cases.append(case)
        pictures += its_pictures
        splits[SPLIT_OF_TEN[at % 10]].append(case["U_id"])
    (folder / "splitted_dataset").mkdir(parents=True)
    (folder / "images").mkdir()
    (one := folder / "images" / "one.png").touch()
    for picture in pictures:
        (folder / "images" / f"{picture['image']}.png").hardlink_to(one)
    one.unlink()
    (folder / "Case_topic.json").write_text(json.dumps(cases))
    (folder / "Descriptions.json").write_text(json.dumps(pictures))
    (folder / "splitted_dataset" / "uid_list.json").write_text(json.dumps(splits))
    return "the real copy over and over" if real else "the phantom"


def _real_over_and_over() -> Iterator[tuple[_Document, list[_Document]]]:
    cases = json.loads((REAL_COPY / "Case_topic.json").read_text("utf-8"))
    pictures: dict[str, list[_Document]] = {}
    for picture in json.loads((REAL_COPY / "Descriptions.json").read_text("utf-8")):
        pictures.setdefault(picture["U_id"], []).append(picture)
    turn = 0
    while True:
        end = f"-{turn}"
        for case in cases:
            listed = {key: [name + end for name in case[key]] for key in ("TAC", "MRI")}
            name = case["U_id"] + end
            yield (
                {**case, **listed, "U_id": name},
                [{**p, "U_id": name, "image": p["image"] + end} for p in pictures[case["U_id"]]],
            )
        turn += 1


def _phantom(images: int) -> Iterator[tuple[_Document, list[_Document]]]:
    yield from documents(images, seed=1)


class _KnownPictures(PictureReader):
    """Reads the images of a source as if of each picture were known what it is."""

    def __iter__(self) -> Iterator[tuple[Checked, Examined]]:
        for _, checked in self._documents():
            yield checked, Examined(FACTS)


class _Steps(Silent):
    """Progress that notes when each step of a build begins."""

    def __init__(self) -> None:
        self.begun: dict[str, float] = {}

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Advance]:
        """Note the beginning of a step, and the end of the last one."""
        self.begun.pop("rest", None)
        self.begun[name] = time.perf_counter()
        yield lambda units: None
        self.begun["rest"] = time.perf_counter()


@dataclass
class _Run:
    seconds: dict[str, float] = field(default_factory=dict)
    images: int = 0
    cases: int = 0


def _one_run(settings: Settings, folder: Path) -> _Run:
    run = _Run()
    with open_store(settings) as store, patch.object(build, "PictureReader", _KnownPictures):
        for name in ("first", "again"):
            steps = _Steps()
            begun = time.perf_counter()
            build.build(settings, str(folder), link=True, progress=steps)
            ended = time.perf_counter()
            run.seconds[name] = ended - begun
            starts = {"survey": begun, **steps.begun}
            for (step, start), end in zip(
                starts.items(), [*steps.begun.values(), ended], strict=True
            ):
                run.seconds[f"{name}: {step}"] = end - start
        run.images = store.images.estimated_document_count()
        run.cases = store.cases.estimated_document_count()
        _bare(store, run)
        for name in (store.db.name, "bare"):
            store.db.client.drop_database(name)
    return run


def _bare(store: Store, run: _Run) -> None:
    """Write the very same documents with bare calls of the driver into the same shape."""
    bare = store.db.client["bare"]
    ensure_shape(bare)
    final = {name: list(store.db[name].find()) for name in ("images", "cases", "current")}
    begun = time.perf_counter()
    for name, rows in final.items():
        bare[name].insert_many(rows, ordered=False)
    run.seconds["insert"] = time.perf_counter() - begun
    begun = time.perf_counter()
    for name, rows in final.items():
        upserts = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        bare[name].bulk_write(upserts, ordered=False)
    run.seconds["upsert"] = time.perf_counter() - begun
