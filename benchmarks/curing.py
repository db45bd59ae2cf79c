"""What curing finds of what was planted: recall and precision of every kind of defect.

Thresholds were fixed on seed 1; the figures are of seeds 2, 3 and 4 at three defect rates.
"""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, Options
from medpix2.curate.rule import Hit, Subject
from medpix2.curate.rules import RULES, SET_RULES
from medpix2.curate.vocabulary import case_facts, image_facts
from medpix2.phantom.layout import make_phantom

SEEDS, RATES, CASES = (2, 3, 4), (0.5, 1.0, 2.0), 2_000
RECALL, PRECISION = 0.95, 0.9


@dataclass(frozen=True)
class Kind:
    """How a kind of planted defect is found.

    Attributes
    ----------
    rules
        Rules that detect it.
    by_field
        Whether a hit must name the field that was spoiled; else the target is enough.
    detail
        What an entry's details must say to belong to it: ("sort", "email").
    within
        Fields of the rules' hits that count; empty: all.
    """

    rules: tuple[str, ...]
    by_field: bool = False
    detail: tuple[str, str] | None = None
    within: tuple[str, ...] = ()


_DATES = ("date-in-text", "month-in-text")
TEXT_KINDS: Mapping[str, Kind] = {
    "placeholder_caption": Kind(("placeholder-text",), within=("Description.Caption",)),
    "caption_not_available": Kind(("caption-missing",)),
    "laterality": Kind(("side-against-report",)),
    "non_scan_modality": Kind(("modality-not-a-scan",)),
    "non_scan_plane": Kind(("plane-not-a-scan",)),
    "modality_spelling": Kind(("modality-spelling",)),
    "type_wrong": Kind(("type-against-modality", "type-against-caption")),
    "location_wrong": Kind(
        ("category-against-location", "location-against-caption", "location-differs-in-case")
    ),
    "no_location": Kind(("not-a-location",)),
    "sex_missing": Kind(("label-missing",), within=("Description.Sex",)),
    "adult_age_zero": Kind(("age-zero-adult",)),
    "age_contradicts_history": Kind(("age-against-history",)),
    "sex_contradicts_history": Kind(("sex-against-history",)),
    "joined_keywords": Kind(("joined-keywords",)),
    "absent_key": Kind(("section-absent",), by_field=True),
    "not_available_text": Kind(("section-not-available",), by_field=True),
    "tiny_text": Kind(("tiny-text", "refers-elsewhere"), by_field=True),
    "personal_text, email": Kind(("email-in-text",), by_field=True, detail=("sort", "email")),
    "personal_text, name": Kind(("name-in-text",), by_field=True, detail=("sort", "name")),
    "personal_text, date": Kind(_DATES, by_field=True, detail=("sort", "date")),
}
"""Planted kinds of defects of texts and labels, and the rules that find them."""


@dataclass
class Score:
    """How many were planted, how many of them found, how many hits, and how many of them right."""

    planted: int = 0
    found: int = 0
    hits: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Share of the planted that was found; 1 if nothing was planted."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Share of the hits that was planted; 1 if there was no hit."""
        return self.right / self.hits if self.hits else 1.0

    def __iadd__(self, other: Score) -> Score:
        self.planted += other.planted
        self.found += other.found
        self.hits += other.hits
        self.right += other.right
        return self


def measure(options: Options) -> Iterator[Figure]:
    """Yield recall and precision of every kind, over all seeds and rates together."""
    seeds, rates = (SEEDS[:1], RATES[1:2]) if options.quick else (SEEDS, RATES)
    cases = CASES // 4 if options.quick else CASES
    pooled: dict[str, Score] = defaultdict(Score)
    worst: dict[str, tuple[float, float]] = {}
    for seed in seeds:
        for rate in rates:
            for name, score in text_recall(seed, rate, cases).items():
                pooled[name] += score
                low = worst.get(name, (1.0, 1.0))
                worst[name] = min(low[0], score.recall), min(low[1], score.precision)
    for name, score in pooled.items():
        notes = f"{score.planted} planted, lowest {worst[name][0]:.3f}"
        yield Figure(f"curing, {name}, recall", score.recall, "share", (">=", RECALL), notes)
        notes = f"{score.hits} hits, lowest {worst[name][1]:.3f}"
        yield Figure(
            f"curing, {name}, precision", score.precision, "share", (">=", PRECISION), notes
        )


def text_recall(seed: int, rate: float, cases: int = CASES) -> dict[str, Score]:
    """Make a phantom without pictures and score every kind of text and label defect."""
    with tempfile.TemporaryDirectory(prefix="mpx-") as folder:
        out = Path(folder) / "phantom"
        make_phantom(out, cases=cases, seed=seed, pictures=False, defects=rate)
        planted = json.loads((out / "ground_truth.json").read_text())["planted"]
        hits = rule_hits(subjects_of(out), TEXT_KINDS.values())
    return {name: score(name, kind, planted, hits) for name, kind in TEXT_KINDS.items()}


def subjects_of(folder: Path) -> Iterator[Subject]:
    """Yield the cases of a collection in the published layout, as rules see them."""
    images: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for image in json.loads((folder / "Descriptions.json").read_text()):
        facts = image_facts(image).model_dump()
        images[image["U_id"]].append({**image, "_id": image["image"], "normalized": facts})
    for case in json.loads((folder / "Case_topic.json").read_text()):
        name, facts = case["U_id"], case_facts(case).model_dump()
        yield Subject(name, {**case, "_id": name, "normalized": facts}, images[name])


def rule_hits(subjects: Iterable[Subject], kinds: Iterable[Kind]) -> dict[str, list[Hit]]:
    """Return the hits of the rules that detect some kinds, by the rule's name."""
    names = {name for kind in kinds for name in kind.rules}
    rules = [rule for rule in RULES if rule.name in names]
    gatherings = {rule.name: rule.gather() for rule in SET_RULES if rule.name in names}
    found: dict[str, list[Hit]] = {name: [] for name in names}
    for subject in subjects:
        for rule in rules:
            found[rule.name] += rule.check(subject)
        for gathering in gatherings.values():
            gathering.add(subject)
    return found | {name: list(gathering.hits()) for name, gathering in gatherings.items()}


def score(
    name: str, kind: Kind, planted: Iterable[Mapping[str, Any]], hits: Mapping[str, Iterable[Hit]]
) -> Score:
    """Score one kind: planted targets against targets hit.

    Where a case and its images are the targets of one entry, its images count.
    """
    wanted = {
        (target, entry["field"] if kind.by_field else "")
        for entry in planted
        if entry["kind"] == name.partition(",")[0]
        and (kind.detail is None or entry["details"].get(kind.detail[0]) == kind.detail[1])
        for target in (entry["targets"][1:] or entry["targets"])
    }
    hit = {
        (one.target, (one.field or "") if kind.by_field else "")
        for rule in kind.rules
        for one in hits[rule]
        if not kind.within or one.field in kind.within
    }
    both = len(wanted & hit)
    return Score(len(wanted), both, len(hit), both)
