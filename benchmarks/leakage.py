"""How well leakage is found, how fast, and what a splitting leaves of it."""

from __future__ import annotations

import json
import math
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import imagehash
import numpy as np
from PIL import Image

from benchmarks.measure import REAL_COPY, Figure, Options, peak_memory
from medpix2.curate.detail import DETAIL
from medpix2.curate.field_groups import giveaway
from medpix2.curate.near_texts import NearTexts
from medpix2.curate.rule import Subject
from medpix2.curate.split_report import balance, groups_of, leakage
from medpix2.curate.splits import SIZES, SplitCase, assign
from medpix2.curate.ties import Tie, TieKind, Ties
from medpix2.curate.vocabulary import image_facts
from medpix2.phantom.collection import documents
from medpix2.phantom.layout import make_phantom

SEEDS = (2, 3, 4)  # thresholds were set on seed 1
RATES = (0.5, 1.0, 2.0)
CASES, PICTURED = 2_000, 400  # cases of a phantom without and with pictures
SIZES_OF_TEXTS = (2_000, 20_000, 60_000)
PLANTED: Mapping[TieKind, str] = {
    "patient": "same_patient",
    "topic": "topic_in_several_splits",
    "picture": "cross_case_duplicate",
}
_Document = dict[str, Any]


def measure(options: Options) -> Iterator[Figure]:
    """Yield accuracy on phantoms, speed at three sizes, and what the real copy has."""
    seeds, rates = (SEEDS[:1], RATES[-1:]) if options.quick else (SEEDS, RATES)
    cases, pictured = (300, 40) if options.quick else (CASES, PICTURED)
    for rate in rates:
        yield from _accuracy(rate, seeds, cases, ("patient", "topic"), pictures=False)
        yield from _accuracy(rate, seeds, pictured, ("picture",), pictures=True)
    yield from _speed((500, 2_000) if options.quick else SIZES_OF_TEXTS)
    if REAL_COPY.is_dir():
        yield from _real()


def _accuracy(
    rate: float, seeds: tuple[int, ...], cases: int, kinds: tuple[TieKind, ...], *, pictures: bool
) -> Iterator[Figure]:
    """Yield recall and precision of pairs; what hangs together by others counts as a pair too."""
    counts: dict[TieKind, list[int]] = {kind: [0, 0, 0, 0] for kind in kinds}
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="mpx-") as folder:
            out = Path(folder) / "phantom"
            make_phantom(out, cases=cases, seed=seed, defects=rate, pictures=pictures)
            ties = Ties(kinds)
            for subject in subjects(out):
                ties.add(subject)
            found = list(ties.ties())
            planted = json.loads((out / "ground_truth.json").read_text())["planted"]
        for kind in kinds:
            told = {
                (tie.one, tie.other)
                for tie in found
                if tie.what == kind and (kind != "topic" or _crosses(ties, tie))
            }
            true = {
                tuple(sorted(target.partition("_")[0] for target in row["targets"]))
                for row in planted
                if row["kind"] == PLANTED[kind]
            }
            for at, number in enumerate((*_within(true, told), *_within(told, true))):
                counts[kind][at] += number
    for kind, (hit, planted_, right, told_) in counts.items():
        name = f"{PLANTED[kind]} at rate {rate:g}"
        note = f"seeds {', '.join(map(str, seeds))}, {cases:,} cases each"
        if planted_:
            yield Figure(
                f"{name}, recall", hit / planted_, "", (">=", 0.95), f"{hit} of {planted_}; {note}"
            )
        if told_:
            yield Figure(
                f"{name}, precision", right / told_, "", (">=", 0.9), f"{right} of {told_}; {note}"
            )


def _crosses(ties: Ties, tie: Tie) -> bool:
    return ties.sides[tie.one] != ties.sides[tie.other]


def _within(pairs: set[Any], others: set[Any]) -> tuple[int, int]:
    """Return how many of some pairs hang together by others too, and how many there are."""
    group = {case: n for n, cases in enumerate(groups_of(others)) for case in cases}
    there = sum(one in group and group[one] == group.get(other) for one, other in pairs)
    return there, len(pairs)


def subjects(folder: Path) -> Iterator[Subject]:
    """Yield the cases of a published copy as rules see them, with what was seen in pictures."""
    splits = {}
    for name in ("train", "dev", "test"):
        file = folder / "splitted_dataset" / f"data_{name}.jsonl"
        for line in file.read_text().splitlines() if file.exists() else ():
            splits[json.loads(line)["U_id"]] = name
    images: dict[str, list[_Document]] = defaultdict(list)
    looked = {}
    for image in json.loads((folder / "Descriptions.json").read_text()):
        facts = image_facts(image).model_dump()
        file = folder / "images" / f"{image['image']}.png"
        phash = None
        if file.exists() and file.stat().st_size:
            with Image.open(file) as picture:
                phash = {"phash": str(imagehash.phash(picture))}
                looked[image["image"]] = {DETAIL.name: DETAIL.measure(picture)}
        images[image["U_id"]].append({**image, "normalized": facts, "file": phash})
    cases = json.loads((folder / "Case_topic.json").read_text())
    for case in sorted(cases, key=lambda case: str(case["U_id"])):
        name = case["U_id"]
        seen = {i["image"]: looked.get(i["image"], {}) for i in images[name]}
        yield Subject(name, {**case, "source": {"split": splits.get(name)}}, images[name], seen)


def _speed(sizes: tuple[int, ...]) -> Iterator[Figure]:
    """Yield the time of the search for near texts, and of assigning splits."""
    fields = {
        "histories": ("Case", "History", {"threshold": 0.75, "size": 2, "shortest": 6}),
        "disease discussions": ("Topic", "Disease Discussion", {"threshold": 0.8, "size": 3}),
    }
    every = list(documents(max(sizes), seed=1))
    for name, (part, key, how) in fields.items():
        taken = []
        for size in sizes:
            with peak_memory(os.getpid()) as peak:
                begun = time.process_time()
                texts = NearTexts(**how)  # type: ignore[arg-type]
                for case, _ in every[:size]:
                    texts.add(case["U_id"], case[part][key])
                pairs = len(texts.same()) + sum(1 for _ in texts.pairs())
                taken.append(time.process_time() - begun)
            note = f"{pairs} found, peak memory {peak.main / 2**20:,.0f} MiB with all documents"
            yield Figure(
                f"near texts among {size:,} {name}", taken[-1], "s of one core", None, note
            )
        yield Figure(f"near texts, {name}, exponent", _exponent(sizes, taken), "", ("<", 1.3))
    taken = []
    for size in sizes:
        cases = [_split_case(case["U_id"], images) for case, images in every[:size]]
        begun = time.process_time()
        assign(cases)
        taken.append(time.process_time() - begun)
        yield Figure(f"splits of {size:,} cases", taken[-1], "s of one core")
    yield Figure("splits, exponent", _exponent(sizes, taken), "", ("<", 1.3))


def _exponent(sizes: tuple[int, ...], taken: list[float]) -> float:
    return float(np.polyfit([math.log(s) for s in sizes], [math.log(t) for t in taken], 1)[0])


def _split_case(name: str, images: list[_Document], split: str | None = None) -> SplitCase:
    counts: dict[tuple[str, str | None], int] = defaultdict(int)
    for image in images:
        counts[image["Type"], image["Location Category"]] += 1
    return SplitCase(name, counts, split)


def _real() -> Iterator[Figure]:
    """Yield what the real copy shares between cases, its balance, and a splitting anew."""
    seen = list(subjects(REAL_COPY))
    ties = Ties()
    for subject in seen:
        ties.add(subject)
    found = list(ties.ties())
    before = leakage(found, ties.sides)
    cases = [_split_case(s.id, list(s.images)) for s in seen]  # type: ignore[arg-type]
    made = assign(cases, tied=[(tie.one, tie.other) for tie in found])
    after = leakage(found, made.splits)
    for was, now in zip(before, after, strict=True):
        note = f"{was.groups} groups in all; {was.cases} cases; anew: {now.leaking}"
        yield Figure(
            f"real copy, {was.what}: groups on both sides", was.leaking, "groups", None, note
        )
    published = balance(cases, {s: str(side) for s, side in ties.sides.items()}, {})
    anew = balance(cases, made.splits, SIZES)
    for what, parts in (("published", published), ("anew", anew)):
        note = "; ".join(f"{p.name} {p.cases} cases, {p.images} images" for p in parts)
        worst = max(part.deviation for part in parts)
        yield Figure(f"real copy, greatest deviation, {what}", worst, "points", None, note)
    for group in giveaway((s.case or {}, s.images) for s in seen):
        note = f"mean containment {group.part:.2f}, by chance {group.chance:.2f}"
        yield Figure(f"diagnosis whole in {group.group}", group.whole, "of cases", None, note)
