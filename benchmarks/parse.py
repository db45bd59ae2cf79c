"""How fast raw answers become documents: parsing and redaction, on one core, without a network."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from benchmarks.measure import Figure, Options
from medpix2.extract.parse import RawCase, parse_case
from medpix2.extract.redact import redact
from medpix2.phantom.collection import documents

CASES = 2_000


def measure(options: Options) -> Iterator[Figure]:
    """Yield documents and megabytes a second of one core, the median of the runs."""
    cases = [raw_case(case, images) for case, images in documents(_cases(options), seed=1)]
    count = sum(1 + len(case.records) for case in cases)
    seconds = _median(options.runs, lambda: [parse_case(case) for case in cases])
    note = f"{len(cases)} cases, {count} documents"
    yield Figure("parse, documents", count / seconds, "a second of one core", None, note)
    bodies = [json.dumps(case.encounter).encode() for case in cases]
    size = sum(map(len, bodies)) / 1e6
    seconds = _median(options.runs, lambda: [redact(body) for body in bodies])
    yield Figure("redact, encounters", size / seconds, "MB a second of one core", None, note)


def _cases(options: Options) -> int:
    return CASES // 10 if options.quick else CASES


def _median(runs: int, work: Callable[[], object]) -> float:
    taken = []
    for _ in range(runs):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def raw_case(case: dict[str, Any], images: list[dict[str, Any]]) -> RawCase:
    """Return answers from which these documents could have come."""
    report, topic = case["Case"], case["Topic"]
    first = images[0] if images else {"Description": {}}
    sections = {
        "Diagnosis": "Case Diagnosis", "History": "History", "Findings": "Findings",
        "Ddx": "Differential Diagnosis", "Dxhow": "Diagnosis By", "Exam": "Exam",
    }  # fmt: skip
    abstract = "".join(
        f"<p><b>{name}: </b>{escape(report[key])}</p>"
        for name, key in sections.items()
        if report.get(key)
    )
    encounter = {
        "encounterID": "e", "topicID": "t", "authorName": "A", "authorEmail": "a@example.org",
        "age": first["Description"].get("Age"), "sex": first["Description"].get("Sex"),
    }  # fmt: skip
    keys = {
        "history": "History", "findings": "Findings", "ddx": "Differential Diagnosis",
        "dxHow": "Diagnosis By", "exam": "Exam", "diagnosis": "Case Diagnosis",
        "txFollowup": "Treatment & Follow Up", "discussion": "Discussion",
    }  # fmt: skip
    encounter |= {key: escape(report.get(name) or "") for key, name in keys.items()}
    records = [
        {
            "uid": case["U_id"], "title": escape(report.get("Title") or ""), "abstract": abstract,
            "image": {
                "id": image["image"], "modalityMajor": "c" if image["Type"] == "CT" else "m",
                "caption": escape(image["Description"].get("Caption") or ""),
            },
            "medpixFigureId": image["image"],
        }
        for image in images
    ]  # fmt: skip
    answers = {
        image["image"]: {
            "imageID": image["image"], "plane": image["Description"].get("Plane"),
            "modality": image["Description"].get("Modality"), "preacr": 1, "postacr": -1,
            "imageCaption": escape(image["Description"].get("Caption") or ""),
        }
        for image in images
    }  # fmt: skip
    about = {
        "topicID": "t", "title": topic.get("Title"), "factoid": topic.get("Disease Discussion"),
        "category": topic.get("Category"), "keyword1": topic.get("Keywords"), "acrCode": "1.-1",
        "location": first.get("Location"),
    }  # fmt: skip
    return RawCase(case["U_id"], records, encounter, about, answers)
