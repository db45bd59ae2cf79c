"""Build: pictures a second against a bare loop over the same files, and peak memory.

The bare loop decodes, hashes (SHA-256) and takes the perceptual hash of every picture, in as many
processes as the build uses. The build does all the rest as well, in a new home: it starts the
server, checks and stores the documents, folds them and makes the indexes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import imagehash
from PIL import Image

from benchmarks.measure import (
    MIB,
    REAL_COPY,
    Figure,
    Options,
    PeakMemory,
    medpix2_command,
    peak_memory,
    scratch,
    settings_for,
)
from medpix2.phantom.collection import documents
from medpix2.phantom.layout import make_phantom
from medpix2.pipeline.build import build

MANY = 60_000  # image documents of the large collection
PHANTOM_CASES = 200
ROUNDS = 5
CHUNK = 16  # pictures handed to a process at a time, as the build does
LIMIT, GROWTH = 1000.0, 1.2  # MB, and how much more the large collection may take


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of build."""
    with tempfile.TemporaryDirectory(prefix="mpx-source-") as place:
        source, kind = REAL_COPY, "the real copy"
        if options.quick or not (REAL_COPY / "Case_topic.json").is_file():
            source, kind = Path(place) / "phantom", f"a phantom of {PHANTOM_CASES} cases"
            make_phantom(source, cases=PHANTOM_CASES, seed=1)
        yield from _speed(source, kind, options)
        small = _peak_of_build(source)
        many = MANY // 20 if options.quick else MANY
        large = _peak_of_build(write_large(Path(place) / "large", many, source))
    for name, peak in ((kind, small), (f"{many:,} images", large)):
        note = f"main process alone {peak.main / MIB:.0f} MB; without mongod"
        size = peak.total / MIB
        yield Figure(f"peak memory of a build, {name}", size, "MB", ("<", LIMIT), note)
    growth = large.total / small.total
    yield Figure(f"peak memory, {many:,} images / {kind}", growth, "times", ("<", GROWTH + 1e-9))


def _speed(source: Path, kind: str, options: Options) -> Iterator[Figure]:
    files = sorted(str(path) for path in (source / "images").iterdir())
    seconds: dict[str, list[float]] = {"bare": [], "--link": [], "--copy": []}
    with tempfile.TemporaryDirectory(prefix="mpx-", ignore_cleanup_errors=True) as place:
        # Homes are removed after the last round: ext4 without a journal takes up to a millisecond
        # to make a file where thousands were removed in the last minutes.
        for n in range(1 if options.quick else ROUNDS):
            for way, taken in seconds.items():
                taken.append(_in_fresh_process(way, source, files, Path(place) / f"{n}{way}"))
    note = f"{len(files)} pictures of {kind}"
    for name, taken in seconds.items():
        label = "bare loop" if name == "bare" else f"build {name}"
        yield Figure(label, len(files) / median(taken), "pictures/s", None, note)
    for name in ("--link", "--copy"):
        # Of each round apart: what else the machine does changes from one to the next.
        pairs = zip(seconds["bare"], seconds[name], strict=True)
        ratio = median(bare / ours for bare, ours in pairs)
        yield Figure(f"build {name} / bare loop", ratio, "of bare speed", (">=", 0.8), note)


def _in_fresh_process(way: str, source: Path, files: list[str], home: Path) -> float:
    """Return the seconds of one way in a Python process of its own, as a user has it."""
    for file in files:
        Path(file).read_bytes()  # so that all find them in memory
    os.sync()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(_seconds_of, way, source, files, home).result()


def _seconds_of(way: str, source: Path, files: list[str], home: Path) -> float:
    begun = time.perf_counter()
    if way == "bare":
        bare_loop(files)
    else:
        build(settings_for(home), str(source), link=way == "--link")
    return time.perf_counter() - begun


def bare_loop(files: list[str]) -> list[tuple[str, str]]:
    """Decode and hash all files in as many processes as there are cores."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(_bare, files, chunksize=CHUNK))


def _bare(file: str) -> tuple[str, str]:
    content = Path(file).read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            return hashlib.sha256(content).hexdigest(), str(imagehash.phash(picture))
    except OSError:  # the phantom has broken pictures
        return "", ""


def write_large(folder: Path, images: int, source: Path) -> Path:
    """Write a collection of so many images whose pictures are hard links to few.

    Every picture of the source stands once; the others are small, so that they decode fast.
    """
    pairs = []
    count = 0
    for case, pictures in documents(images, seed=1):
        if count >= images:
            break
        pairs.append((case, pictures))
        count += len(pictures)
    (folder / "images").mkdir(parents=True)
    (folder / "Case_topic.json").write_text(json.dumps([case for case, _ in pairs]))
    every = [picture for _, pictures in pairs for picture in pictures]
    (folder / "Descriptions.json").write_text(json.dumps(every))
    small = folder / "small"
    small.mkdir()
    given = sorted((source / "images").iterdir())
    for path in given[:200]:
        _write_small(path, small / f"{path.stem}.png")
    files = iter([_linkable(path, folder) for path in given])
    others = cycle(sorted(small.iterdir()))
    for picture in every:
        name = folder / "images" / f"{picture['image']}.png"
        name.hardlink_to(next(files, None) or next(others))
    return folder


def _write_small(path: Path, to: Path) -> None:
    try:
        with Image.open(path) as picture:
            picture.convert("L").resize((64, 64)).save(to)
    except OSError:  # the phantom has broken pictures
        Image.new("L", (64, 64)).save(to)


def _linkable(path: Path, folder: Path) -> Path:
    """Return the file, copied: it may lie on another file system, or belong to somebody else."""
    copies = folder / "copies"
    copies.mkdir(exist_ok=True)
    (copy := copies / path.name).write_bytes(path.read_bytes())
    return copy


def _peak_of_build(source: Path) -> PeakMemory:
    """Return the peak memory of the command."""
    with scratch() as settings:
        command = [medpix2_command(), "build", str(source), "--link", "--home", str(settings.home)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with peak_memory(process.pid) as peak:
            status = process.wait()
    if status:
        raise RuntimeError(f"`{' '.join(command)}` ended with {status}")
    return peak
