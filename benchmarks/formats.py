"""Formats: ours against the writers of their own libraries; samples a second of reading back."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import MIB, REAL_COPY, Figure, Options, interleaved, scratch
from medpix2.export.format import Wishes
from medpix2.export.pairs import read_pairs
from medpix2.phantom.layout import make_phantom
from medpix2.pipeline.build import build
from medpix2.pipeline.collection import Selection
from medpix2.pipeline.content import StoreContent
from medpix2.pipeline.exporting import export
from medpix2.settings import Settings
from medpix2.store.database import open_store

PHANTOM_CASES = 200
WORKERS = 2
READ_SHARD = 16 * MIB  # so that there are shards for the workers


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of the formats."""
    with scratch(linger=60) as settings:
        source, kind = REAL_COPY, "the real copy"
        if options.quick or not (REAL_COPY / "Case_topic.json").is_file():
            source, kind = settings.home / "phantom", f"a phantom of {PHANTOM_CASES} cases"
            make_phantom(source, cases=PHANTOM_CASES, seed=1)
        build(settings, str(source))
        with (
            open_store(settings, create=False),  # the server stays
            tempfile.TemporaryDirectory(dir=settings.home, ignore_cleanup_errors=True) as place,
        ):
            pairs = export(settings, "pairs", Path(place) / "pairs", burned_in="keep").folder
            yield from _writing(settings, pairs, Path(place), kind, options)
            yield from _reading(settings, pairs, Path(place), kind, options)


def _writing(
    settings: Settings, pairs: Path, place: Path, kind: str, options: Options
) -> Iterator[Figure]:
    size = sum(path.stat().st_size for path in (pairs / "images").iterdir()) / 1e6
    # Way -> what it does, and what it imports (that is not timed, but is in the memory).
    ways = {
        "medpix2 export hf (two configurations)": (_ours_hf, "pyarrow.parquet"),
        "datasets, the same two configurations": (_their_hf_twice, "datasets"),
        "datasets, one row a picture alone": (_their_hf, "datasets"),
        "medpix2 export webdataset": (_ours_tar, "medpix2.export.webdataset"),
        "webdataset.TarWriter": (_their_tar, "webdataset"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    peaks: dict[str, int] = {}
    for n in range(options.runs):
        for number, (name, way) in enumerate(ways.items()):
            os.sync()
            out = place / f"written-{n}-{number}"
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
                taken, peaks[name] = fresh.submit(_timed, *way, settings, pairs, out).result()
            seconds[name].append(taken)
    for name in ways:
        note = f"{size:.0f} MB of pictures of {kind}"
        yield Figure(f"write: {name}", size / median(seconds[name]), "MB/s", None, note)
        yield Figure(f"peak memory: {name}", peaks[name] / MIB, "MB", None, note)


def _timed(
    way: Callable[[Settings, Path, Path], object],
    module: str,
    settings: Settings,
    pairs: Path,
    out: Path,
) -> tuple[float, int]:
    """Return the seconds of a way to write, and the peak memory of this process in bytes."""
    import_module(module)
    for path in (pairs / "images").iterdir():
        path.read_bytes()  # so that all find them in memory
    begun = time.perf_counter()
    way(settings, pairs, out)
    taken = time.perf_counter() - begun
    unit = 1 if sys.platform == "darwin" else 1024
    return taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _ours_hf(settings: Settings, pairs: Path, out: Path) -> None:
    export(settings, "hf", out, burned_in="keep")


def _ours_tar(settings: Settings, pairs: Path, out: Path) -> None:
    export(settings, "webdataset", out, burned_in="keep")


def _lines(pairs: Path) -> Iterator[dict[str, Any]]:
    with (pairs / "pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _their_hf(settings: Settings, pairs: Path, out: Path) -> None:
    """Embed one row a picture, as people do who need no rows of cases."""
    rows = [
        {"image": str(pairs / line["image"]), "image_id": line["id"], **line["texts"]}
        for line in _lines(pairs)
    ]
    _embed(rows, "image", out)


def _their_hf_twice(settings: Settings, pairs: Path, out: Path) -> None:
    """Embed what the format hf has: one row a picture, and one row a case with its pictures."""
    _their_hf(settings, pairs, out)
    rows = []
    for case, lines in groupby(_lines(pairs), key=lambda line: line["case"]):
        found = list(lines)
        images = [str(pairs / line["image"]) for line in found]
        rows.append({"images": images, "case_id": case, **found[0]["texts"]})
    _embed(rows, "images", out.with_name(f"{out.name}-cases"))


def _embed(rows: list[dict[str, Any]], pictures: str, out: Path) -> None:
    import datasets
    from datasets.table import embed_table_storage

    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    feature = datasets.Image() if pictures == "image" else datasets.Sequence(datasets.Image())
    data = datasets.Dataset.from_dict(columns).cast_column(pictures, feature)
    data = data.with_format("arrow").map(
        embed_table_storage, batched=True, batch_size=100, cache_file_name=f"{out}.arrow"
    )
    data.with_format(None).to_parquet(str(out))


def _their_tar(settings: Settings, pairs: Path, out: Path) -> None:
    import webdataset

    with webdataset.TarWriter(str(out)) as tar:
        for line in _lines(pairs):
            content = (pairs / line["image"]).read_bytes()
            caption = line["texts"].get("caption", "")
            tar.write({"__key__": line["id"], "png": content, "txt": caption, "json": line})


def _reading(
    settings: Settings, pairs: Path, place: Path, kind: str, options: Options
) -> Iterator[Figure]:
    hf = export(settings, "hf", place / "hf", burned_in="keep").folder
    wishes = Wishes(shard_size=READ_SHARD)
    tars = export(settings, "webdataset", place / "tars", wishes=wishes, burned_in="keep").folder
    with open_store(settings, create=False) as store:
        ours = Selection(StoreContent(store), "").to_torch(["modality"], transform=_decoded)
    files = [pair.image for pair in read_pairs(pairs)]
    ways: Mapping[str, Callable[[], int]] = {
        "bare loop over files": lambda: _bare(files),
        f"datasets, {WORKERS} workers": lambda: _datasets(hf, place / "cache"),
        f"webdataset, {WORKERS} workers": lambda: _webdataset(tars),
        f"medpix2 to_torch, {WORKERS} workers": lambda: _torch(ours),
    }
    for way in ways.values():  # imports, caches and the table of datasets are not timed
        if way() != len(files):
            raise RuntimeError("a way to read has not all pictures")
    taken = interleaved(ways, options.runs)
    for name, seconds in taken.items():
        note = f"{len(files)} pictures of {kind}, decoded to RGB"
        yield Figure(f"read: {name}", len(files) / median(seconds), "pictures/s", None, note)


def _decoded(image: Any) -> int:
    return int(image.convert("RGB").size[0])


def _bare(files: list[Path]) -> int:
    from PIL import Image

    for path in files:
        with Image.open(path) as image:
            _decoded(image)
    return len(files)


def _sizes(batch: dict[str, list[Any]]) -> dict[str, list[int]]:
    return {"size": [_decoded(image) for image in batch["image"]]}


def _first(samples: list[Any]) -> list[Any]:
    return samples


def _datasets(folder: Path, cache: Path) -> int:
    import datasets
    from torch.utils.data import DataLoader

    splits = datasets.load_dataset(str(folder), "images", cache_dir=str(cache))
    data = datasets.concatenate_datasets(list(splits.values())).select_columns(["image"])
    loader: Any = DataLoader(
        data.with_transform(_sizes), batch_size=32, num_workers=WORKERS, collate_fn=_first
    )
    return sum(len(batch) for batch in loader)


def _webdataset(folder: Path) -> int:
    import webdataset
    from torch.utils.data import DataLoader

    shards = sorted(str(path) for path in folder.glob("*.tar"))
    data = webdataset.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("png")
    loader: Any = DataLoader(
        data.map(_of_tuple), batch_size=32, num_workers=WORKERS, collate_fn=_first
    )
    return sum(len(batch) for batch in loader)


def _of_tuple(sample: tuple[Any, ...]) -> int:
    return _decoded(sample[0])


def _torch(pictures: Any) -> int:
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(pictures, batch_size=32, num_workers=WORKERS, collate_fn=_first)
    return sum(len(batch) for batch in loader)
