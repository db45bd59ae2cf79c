"""Export: MB of pictures a second of each format against `cp -r` and `tar`, and peak memory.

The same pictures, from the same home, in the same run, in turn, round after round. `export` starts
with an open home as a user's second command does: it finds the server running, reads the documents
from the database, and writes pictures, tables, card and manifest.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import MIB, REAL_COPY, Figure, Options, scratch
from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.export.content import ExportCase, Picture
from medpix2.export.format import Wishes
from medpix2.export.formats import FORMATS
from medpix2.export.writing import write_export
from medpix2.phantom.collection import documents
from medpix2.phantom.layout import make_phantom
from medpix2.pipeline.build import build
from medpix2.pipeline.exporting import export
from medpix2.settings import Settings
from medpix2.store.database import open_store

PHANTOM_CASES = 200
ROUNDS = 5
FEW, MANY = 2_000, 100_000  # image documents of the small and the large export
SMALL = 64  # pixels of the pictures that the large export reuses
OF_TAR, GROWTH = 0.7, 1.2


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of export."""
    with scratch(linger=60) as settings:
        source, kind = REAL_COPY, "the real copy"
        if options.quick or not (REAL_COPY / "Case_topic.json").is_file():
            source, kind = settings.home / "phantom", f"a phantom of {PHANTOM_CASES} cases"
            make_phantom(source, cases=PHANTOM_CASES, seed=1)
        build(settings, str(source))
        with open_store(settings, create=False):  # the server stays
            yield from _speed(settings, kind, options)
    yield from _memory(options)


def _speed(settings: Settings, kind: str, options: Options) -> Iterator[Figure]:
    pictures = settings.home / "pictures"
    size = sum(path.stat().st_size for path in pictures.rglob("*") if path.is_file()) / 1e6
    ways: dict[str, Callable[[Path], object]] = {
        "cp -r": lambda out: subprocess.run(["cp", "-r", pictures, out], check=True),
        "tar": lambda out: subprocess.run(["tar", "cf", out, "-C", pictures, "."], check=True),
    }
    for name in FORMATS:
        ways[name] = lambda out, name=name: export(settings, name, out, burned_in="keep")  # type: ignore[misc]
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    # On the disk of the home, and removed after the last round: ext4 without a journal is slow to
    # make files where thousands were removed in the last minutes.
    with tempfile.TemporaryDirectory(dir=settings.home, ignore_cleanup_errors=True) as place:
        for n in range(1 if options.quick else ROUNDS):
            for name, way in ways.items():
                seconds[name].append(_timed(way, pictures, Path(place) / f"{n}-{name}"))
        note = f"{size:.0f} MB of pictures of {kind}"
        for name, taken in seconds.items():
            label = name if name in ("cp -r", "tar") else f"export {name}, pictures kept"
            yield Figure(label, size / median(taken), "MB/s", None, note)
        for name in FORMATS:
            # Of each round apart: what else the machine does changes from one to the next.
            pairs = zip(seconds["tar"], seconds[name], strict=True)
            ratio = median(tar / ours for tar, ours in pairs)
            yield Figure(f"export {name} / tar", ratio, "of tar's speed", (">=", OF_TAR), note)
        for name in FORMATS:
            out = Path(place) / f"masked-{name}"
            taken_masked = _timed(
                lambda out, name=name: export(settings, name, out, burned_in="mask"),  # type: ignore[misc]
                pictures,
                out,
            )
            yield Figure(f"export {name}, masked", size / taken_masked, "MB/s", None, note)


def _timed(way: Callable[[Path], object], pictures: Path, out: Path) -> float:
    for path in pictures.rglob("*"):
        if path.is_file():
            path.read_bytes()  # so that all find them in memory
    os.sync()
    begun = time.perf_counter()
    way(out)
    return time.perf_counter() - begun


def _memory(options: Options) -> Iterator[Figure]:
    many = MANY // 20 if options.quick else MANY
    with tempfile.TemporaryDirectory(prefix="mpx-export-") as place:
        phantom = Path(place) / "phantom"
        make_phantom(phantom, cases=20, seed=1)
        small = _shrunk(phantom / "images", Path(place) / "small")
        for name in FORMATS:
            peaks = [
                _peak(name, images, small, Path(place) / f"{name}-{images}")
                for images in (FEW, many)
            ]
            for images, peak in zip((FEW, many), peaks, strict=True):
                label = f"peak memory of export {name}, {images:,} images"
                yield Figure(label, peak / MIB, "MB")
            label = f"peak memory of export {name}, {many:,} / {FEW:,} images"
            yield Figure(label, peaks[1] / peaks[0], "times", ("<", GROWTH + 1e-9))


def _shrunk(images: Path, folder: Path) -> Path:
    from PIL import Image, UnidentifiedImageError

    folder.mkdir()
    for path in sorted(images.iterdir()):
        try:
            with Image.open(path) as image:
                image.convert("L").resize((SMALL, SMALL)).save(folder / f"{path.stem}.png")
        except (UnidentifiedImageError, OSError):  # the phantom has broken pictures
            continue
    return folder


def _peak(name: str, images: int, small: Path, out: Path) -> int:
    """Return the peak resident memory of an export in a process of its own, in bytes."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        peak = fresh.submit(_export_many, name, images, small, out).result()
    shutil.rmtree(out)
    return peak


def _export_many(name: str, images: int, small: Path, out: Path) -> int:
    write_export(FORMATS[name], Many(images, small), Wishes(shard_size=16 * MIB), out, jobs=2)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@dataclass
class Many:
    """So many image documents, whose pictures are few."""

    images: int
    folder: Path
    name: str = "many"

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases; none is held."""
        files = cycle(sorted(self.folder.iterdir()))
        left = self.images
        for number, (case, pictures) in enumerate(documents(self.images, seed=1)):
            if left <= 0:
                return
            left -= len(pictures)
            split = ("train",) * 8 + ("dev", "test")
            beside: dict[str, Any] = {
                "split": split[number % 10],
                "split_half": None,
                "status": "accepted",
            }
            meta = {**beside, "normalized": case_facts(case).model_dump()}
            yield ExportCase(
                {"_id": case["U_id"], **case, "meta": meta},
                [_picture(image, beside, next(files)) for image in pictures],
            )


def _picture(image: dict[str, Any], beside: dict[str, Any], path: Path) -> Picture:
    file = {"width": SMALL, "height": SMALL, "mode": "L", "bytes": path.stat().st_size}
    meta = {**beside, "normalized": image_facts(image).model_dump(), "file": file}
    return Picture({"_id": image["image"], **image, "meta": meta}, path)
