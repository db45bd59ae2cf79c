"""How long `find` takes on databases of several sizes, and the counts of facets.

Every question goes the way that the command goes: the facets are read from the database anew.
Before they are timed, the questions are asked with the server's profiler on, which notes the plan
of every single operation: none may scan a collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from benchmarks.database import database_of
from benchmarks.measure import Figure, Options, quantile
from benchmarks.questions import Asked, Questions
from medpix2.pipeline.find import find
from medpix2.store.database import Store
from medpix2.store.facets import Filters
from medpix2.store.shape import SHOWN

COUNTED = ("modality", "location_category", "plane", "sequence", "sex", "split")
FIELDS = {"modality": "Type", "split": "meta.split"}  # the others stand in `meta.normalized`
QUESTIONS = 40  # of each kind
SECONDS = 60.0  # for each kind, at least MINIMUM questions
MINIMUM = 10
SEED = 7
LIMITS = {60_000: (50.0, 100.0), 1_000_000: (150.0, 500.0)}  # ms: a question's p95, counts


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of each size."""
    for size in options.sizes:
        with database_of(size, keep=options.keep) as store:
            for figure in _measure(store, size, options):
                name = f"{figure.name}, {size:,} images"
                yield Figure(name, figure.value, figure.unit, figure.wanted, figure.note)


def _measure(store: Store, size: int, options: Options) -> Iterator[Figure]:
    below = next(limits for limit, limits in sorted(LIMITS.items()) if size <= limit)
    count = MINIMUM if options.quick else QUESTIONS
    questions = Questions(store, SEED)
    asked = {kind: list(questions.draw(kind, count)) for kind in questions.kinds}
    first = [question for drawn in asked.values() for question in drawn[:MINIMUM]]
    scans = collection_scans(store, [_asking(store, question) for question in first])
    yield Figure("operations that scan a collection", len(scans), "of find", ("<", 1), _said(scans))
    every: list[float] = []
    for kind, drawn in asked.items():
        taken = _milliseconds([_asking(store, question) for question in drawn])
        every += taken
        note = f"{len(taken)} questions, longest {max(taken):.0f} ms"
        yield Figure(f"find: {kind}, p50", median(taken), "ms", None, note)
        yield Figure(f"find: {kind}, p95", quantile(taken, 0.95), "ms", ("<", below[0]), note)
    note = f"{len(every)} questions"
    yield Figure("find: all kinds, p50", median(every), "ms", None, note)
    yield Figure("find: all kinds, p95", quantile(every, 0.95), "ms", ("<", below[0]), note)
    yield from _counting(store, questions, below[1], count)


def _counting(store: Store, questions: Questions, limit: float, count: int) -> Iterator[Figure]:
    filters = [questions.some_filters() for _ in range(count)]
    load = _milliseconds([store.facets] * count)
    yield Figure("bitmaps of all facets read, p50", median(load), "ms")
    plain = _milliseconds([lambda: _count(store, Filters())] * count)
    yield Figure("counts of six facets, unfiltered, p95", quantile(plain, 0.95), "ms", ("<", limit))
    some = _milliseconds([lambda chosen=chosen: _count(store, chosen) for chosen in filters])  # type: ignore[misc]
    yield Figure("counts of six facets, filtered, p95", quantile(some, 0.95), "ms", ("<", limit))
    page = _milliseconds([lambda: find(store, counts=COUNTED)] * count)
    yield Figure(
        "find with these counts, unfiltered, p95", quantile(page, 0.95), "ms", ("<", limit)
    )
    facet = _milliseconds([lambda: _plain_facet(store)] * 3)
    yield Figure("a plain $facet of the six fields, median", median(facet), "ms")


def _asking(store: Store, asked: Asked) -> Callable[[], object]:
    return lambda: find(store, asked.text, asked.filters, by=asked.by, offset=asked.offset)


def _milliseconds(ways: list[Callable[[], Any]]) -> list[float]:
    taken: list[float] = []
    ways[0]()  # the first call pays for imports and cold caches
    for way in ways:
        begun = time.perf_counter()
        way()
        taken.append(1000 * (time.perf_counter() - begun))
        if sum(taken) > 1000 * SECONDS and len(taken) >= MINIMUM:
            break
    return taken


def _count(store: Store, filters: Filters) -> dict[str, Any]:
    index = store.facets("status", *COUNTED, *filters.values)
    return index.counts(COUNTED, filters)


def _plain_facet(store: Store) -> list[Any]:
    paths = {name: FIELDS.get(name, f"meta.normalized.{name}") for name in COUNTED}
    return list(
        store.current.aggregate(
            [
                {"$match": {"meta.kind": "image", "meta.status": {"$in": list(SHOWN)}}},
                {"$facet": {name: [{"$sortByCount": f"${path}"}] for name, path in paths.items()}},
            ]
        )
    )


def collection_scans(store: Store, ways: list[Callable[[], object]]) -> list[dict[str, Any]]:
    """Run some questions; return what the profiler notes of operations that scan a collection.

    A look at one document (is there any at all?) is no scan.
    """
    db = store.db
    db.command("profile", 0)
    db.drop_collection("system.profile")
    db.create_collection("system.profile", capped=True, size=64 << 20)
    db.command("profile", 2)
    try:
        for way in ways:
            way()
    finally:
        db.command("profile", 0)
    scanned = {"planSummary": {"$regex": "COLLSCAN"}, "docsExamined": {"$gt": 1}}
    ours = {"ns": {"$ne": f"{db.name}.system.profile"}}
    if not db["system.profile"].count_documents(ours):
        raise RuntimeError("The profiler noted nothing")
    return list(db["system.profile"].find({**ours, **scanned}))


def _said(scans: list[dict[str, Any]]) -> str:
    return ", ".join(sorted({f"{row['ns']} {row['op']}" for row in scans})) or "by the profiler"
