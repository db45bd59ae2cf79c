"""A database of a few cases with the gaps and contradictions that real ones have."""

import json
import operator
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medpix2.curate.look import Look
from medpix2.curate.rule import Hit, Rule, SetRule, Subject
from medpix2.pipeline.build import build
from medpix2.pipeline.curing import Table
from medpix2.settings import load_settings
from medpix2.store.database import Store, open_store
from medpix2.store.server import stop_server

CASES = 12
PLACES = ("Head", "Thorax", "Abdomen", "N/A")
SEXES = ("male", "female")
PLANES = ("Axial", "Coronal", "Sagittal", "N/A", "swimming")
MODALITIES = ("MR - T1W w/Gd", "MR - FLAIR", "MR - T2 weighted", "MR - N/A")
SPLITS = {"train": range(7), "dev": range(7, 9), "test": range(9, 11)}  # the last case has none


def _image(case: int, n: int) -> dict[str, Any]:
    ct = (case + n) % 3 == 0
    return {
        "Type": "CT" if ct else "MR",
        "U_id": f"MPX{case}",
        "image": f"MPX{case}_synpic{n}",
        "Description": {
            # The first picture of case 5 says nothing, the pictures of case 6 disagree.
            "Age": "N/A" if case in (4, 5) and n == 0 else str(case * 8 + (case == 6) * 15 * n),
            "Sex": "N/A" if case in (4, 5) and n == 0 else SEXES[(case + (case == 6) * n) % 2],
            "Caption": " ".join(["word"] * (case + n)) or "N/A",
            "Modality": "CT w/contrast (IV)" if ct else MODALITIES[(case + n) % 4],
            "Plane": PLANES[(case * 2 + n) % 5],
        },
        "Location": "Brain",
        "Location Category": PLACES[case % 4],
    }


def _case(case: int, images: list[dict[str, Any]]) -> dict[str, Any]:
    of = defaultdict(list)
    for image in images:
        of[image["Type"]].append(image["image"])
    return {
        "U_id": f"MPX{case}",
        "TAC": of["CT"],
        "MRI": of["MR"],
        "Case": {
            "Title": f"Case {case}",
            "Exam": "N/A" if case % 2 else "Fever.",
            "Findings": "one\n\ntwo   three\tfour " * (case + 1),
            "History": "",
        },
        "Topic": {"Title": "A topic", "Disease Discussion": "word " * (10 * case + 5)},
    }


def write_copy(folder: Path) -> None:
    """Write a small copy of the published layout; one of its pictures is not there."""
    (folder / "images").mkdir(parents=True)
    (folder / "splitted_dataset").mkdir()
    images = [[_image(case, n) for n in range(1 + case % 4)] for case in range(CASES)]
    cases = [_case(case, images[case]) for case in range(CASES)]
    flat = [image for some in images for image in some]
    for at, image in enumerate(flat[:-1]):
        Image.new("L", (8, 8), at * 8 % 256).save(folder / "images" / f"{image['image']}.png")
    lists = {name: [f"MPX{case}" for case in of] for name, of in SPLITS.items()}
    (folder / "Case_topic.json").write_text(json.dumps(cases))
    (folder / "Descriptions.json").write_text(json.dumps(flat))
    (folder / "splitted_dataset" / "uid_list.json").write_text(json.dumps(lists))


@pytest.fixture(scope="session")
def tiny_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("stats")
    write_copy(folder / "copy")
    settings = load_settings({"home": str(folder / "home"), "linger": "0.2", "jobs": "1"})
    build(settings, str(folder / "copy"))
    with open_store(settings) as opened:
        yield opened
    stop_server(settings.home, force=True)


def narrow(subject: Subject) -> Iterator[Hit]:
    """Hit pictures of less than ten pixels width, by what the look saw."""
    for image in subject.images:
        seen = subject.looked[image["_id"]].get("size")
        if seen and seen[0] < 10:
            yield Hit(image["_id"], f"is {seen[0]} pixels wide", evidence={"size": tuple(seen)})


def untitled(subject: Subject) -> Iterator[Hit]:
    """Hit cases without a title."""
    if subject.case is not None and not subject.case["Case"].get("Title"):
        yield Hit(subject.id, "has no title", "Case.Title")


class SameCaption:
    """Hits pictures whose caption another case has."""

    def __init__(self) -> None:
        self.first: dict[str, str] = {}
        self.found: list[Hit] = []

    def add(self, subject: Subject) -> None:
        for image in subject.images:
            caption = image["Description"]["Caption"]
            if self.first.setdefault(caption, subject.id) != subject.id:
                message = f"has the caption of {self.first[caption]}"
                self.found.append(Hit(image["_id"], message, case=subject.id))

    def hits(self) -> list[Hit]:
        return self.found


SIZE = Look("size", 1, "for a test", operator.attrgetter("size"))
NARROW = Rule("narrow", 1, "review", "size", "for a test", narrow)
UNTITLED = Rule("untitled", 1, "exclude", "Case.Title", "for a test", untitled)
SAME = SetRule("same-caption", 1, "note", "Description.Caption", "for a test", SameCaption)


@pytest.fixture
def rules_table() -> Table:
    """Return a few trivial rules; MPX1_ct0 and MPX1_ct1 of `source` are narrow."""
    return Table((NARROW, UNTITLED), (SAME,), (SIZE,))
