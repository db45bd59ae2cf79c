"""Databases of any size to ask questions of: phantom documents, folded, with facets and text index.

Only what is asked is written (`current`, `facets` and `words`), through the same functions that
`build` uses.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import scratch, settings_for
from medpix2.curate import fold
from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.phantom.collection import make_case
from medpix2.records import PictureFile
from medpix2.settings import Settings
from medpix2.store.current import Inputs, Written, write_current
from medpix2.store.database import Store, open_store
from medpix2.store.shape import begin_text_index, ensure_shape
from medpix2.store.words import make_words
from medpix2.store.writing import building

_SEED = 1
_CHUNK = 250  # cases made at a time
_MARK = "benchmark"  # document of `state` that says what a kept database was made with
_VERSION = 3  # raise it when kept databases have to be made anew
_Document = dict[str, Any]
_FILE = PictureFile(
    path="aa/" + "a" * 64 + ".png", sha256="a" * 64, phash="0" * 16,
    width=512, height=512, mode="L", bytes=100_000,
)  # fmt: skip


@contextmanager
def database_of(images: int, *, keep: bool) -> Iterator[Store]:
    """Open a database of so many image documents, made first where it is not there."""
    if keep:
        home = Path(tempfile.gettempdir()) / "mpx-benchmarks" / str(images)
        with _filled(settings_for(home), images) as store:
            yield store
    else:
        with scratch() as settings, _filled(settings, images) as store:
            yield store


@contextmanager
def _filled(settings: Settings, images: int) -> Iterator[Store]:
    with open_store(settings) as store:
        made = store.db["state"].find_one({"_id": _MARK})
        if made is None or made["version"] != _VERSION:
            store.db.client.drop_database(store.db.name)
            ensure_shape(store.db, texts=False)
            with building(store.db, fold.VERSION):
                _fill(store, images)
            store.db["state"].insert_one({"_id": _MARK, "version": _VERSION})
        yield store


def _fill(store: Store, images: int) -> None:
    written, stored, begin = Written(), 0, 0
    with ProcessPoolExecutor(max(1, store.settings.jobs - 1)) as pool:
        while stored < images:
            # A case has nearly three pictures; the last rounds bring what is still lacking.
            cases = max((images - stored) // 3, 1)
            chunks = [
                (at, min(_CHUNK, begin + cases - at)) for at in range(begin, begin + cases, _CHUNK)
            ]
            for inputs in pool.map(_inputs, chunks):
                stored += sum(len(given.images) for given in inputs)
                write_current(store.db, inputs, _folded, fold.VERSION, written, fresh=True)
            begin += cases
    written.facets.save(store.db, anew=True)
    begin_text_index(store.db)
    make_words(store.db)


def _inputs(chunk: tuple[int, int]) -> list[Inputs]:
    """Make source documents of a few cases: (number of the first, how many)."""
    begin, count = chunk
    found = []
    for number in range(begin, begin + count):
        bundle = make_case(_SEED, number)
        name = bundle.case["U_id"]
        split = next(name for name in bundle.splits if "_" not in name)
        source = {"site": "phantom", "name": "phantom", "split": split}
        beside = {"source": source, "problems": [], "digest": "0" * 40}
        file = _FILE.model_dump()
        case = {
            "_id": name, **bundle.case, **beside,
            "normalized": case_facts(bundle.case).model_dump(),
        }  # fmt: skip
        images = [
            {
                "_id": image["image"], **image, **beside, "file": file,
                "normalized": image_facts(image).model_dump(),
            }
            for image in bundle.images
        ]  # fmt: skip
        found.append(Inputs(name, case, images, [], []))
    return found


def _folded(inputs: Inputs) -> tuple[_Document | None, list[_Document]]:
    current = fold.fold(inputs.case, inputs.images)
    return current.case, current.images
