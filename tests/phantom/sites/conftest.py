"""A small client that makes published documents of what the sites give (SOURCES.md section 3)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medpix2.phantom.layout import make_phantom
from medpix2.phantom.sites.answers import Sites, parameters
from medpix2.phantom.sites.cases import SiteCase, SitePicture, SiteTopic
from medpix2.phantom.sites.catalog import Catalog
from medpix2.phantom.sites.pictures import Pictures

SECTIONS = {
    "History": "History", "Findings": "Findings", "Exam": "Exam", "Ddx": "Differential Diagnosis",
    "Dxhow": "Diagnosis By",
}  # fmt: skip
TOPIC = {
    "Title": "title", "Disease Discussion": "factoid", "ACR Code": "acrCode",
    "Category": "category", "Reference": "reference", "External Links": "url",
}  # fmt: skip
IMAGE = {"Figure Part": "figurePart", "Modality": "modality", "Plane": "plane"}


def said(value: Any) -> str | None:
    """Return a value of MedPix as text, None where it is absent."""
    return None if value in (None, "", "null") else html.unescape(str(value))


def present(**values: str | None) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def records_of(get: Callable[[str], Any], query: str = "coll=mpx&it=c,m") -> list[dict[str, Any]]:
    """Page through a search."""
    found: list[dict[str, Any]] = []
    while True:
        first = len(found) + 1
        page = get(f"/api/search?{query}&m={first}&n={first + 99}")
        found += page.get("list", [])
        if len(found) >= int(page["total"]):
            return found


def published(get: Callable[[str], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the published documents of cases and images by id, less Location Category."""
    cases: dict[str, Any] = {}
    images: dict[str, Any] = {}
    by_case: dict[str, list[dict[str, Any]]] = {}
    for record in records_of(get):
        by_case.setdefault(record["uid"], []).append(record)
    for uid, records in by_case.items():
        first = records[0]
        encounter = get(f"/rest/encounter.json?encounterID={first['medpixArticleId']}")
        topic = get(f"/rest/topic.json?topicID={encounter['topicID']}")
        of_kind = {
            kind: [r["image"]["id"] for r in records if r["image"]["modalityMajor"] == kind]
            for kind in "cm"
        }
        cases[uid] = {
            "U_id": uid, "TAC": of_kind["c"], "MRI": of_kind["m"],
            "Case": case_report(first, encounter), "Topic": topic_of(topic),
        }  # fmt: skip
        for record in records:
            image = get(f"/rest/image.json?imageID={record['medpixFigureId']}")
            images[record["image"]["id"]] = image_of(uid, record, image, encounter, topic)
    return cases, images


def case_report(record: dict[str, Any], encounter: dict[str, Any]) -> dict[str, str]:
    parts = dict(re.findall(r"<p><b>(\w+): </b>(.*?)</p>", record["abstract"], re.S))
    texts = {key: parts.get(name) for name, key in SECTIONS.items()}
    return present(
        Title=html.unescape(record["title"]),
        **{key: html.unescape(text) for key, text in texts.items() if text is not None},
        **{
            "Case Diagnosis": said(encounter["diagnosis"]),
            "Treatment & Follow Up": said(encounter["txFollowup"]),
            "Discussion": said(encounter["discussion"]),
        },
    )


def topic_of(topic: dict[str, Any]) -> dict[str, str]:
    words = [said(topic[f"keyword{n}"]) for n in (1, 2, 3)]
    return present(
        **{key: said(topic[name]) for key, name in TOPIC.items()},
        Keywords="".join(filter(None, words)) or None,
    )


def image_of(
    uid: str, record: dict[str, Any], image: dict[str, Any], encounter: dict[str, Any],
    topic: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    return {
        "Type": {"c": "CT", "m": "MR"}[record["image"]["modalityMajor"]],
        "U_id": uid,
        "image": record["image"]["id"],
        "Description": present(
            **{key: said(image[name]) for key, name in IMAGE.items()},
            **{
                "ACR Codes": f"{said(image['preacr'])}.{said(image['postacr'])}",
                "Age": said(encounter["age"]),
                "Sex": said(encounter["sex"]),
                "Caption": html.unescape(record["image"]["caption"]),
            },
        ),
        **present(Location=said(topic["location"])),
    }


def without_null(value: Any) -> Any:
    """Return a document without its null values: the sites do not tell null from absent."""
    if isinstance(value, dict):
        return {key: without_null(inner) for key, inner in value.items() if inner is not None}
    return value


@pytest.fixture(scope="session")
def crawl() -> Callable[..., tuple[dict[str, Any], dict[str, Any]]]:
    """Return the client."""
    return published


@pytest.fixture(scope="session")
def page_through() -> Callable[..., list[dict[str, Any]]]:
    """Return what reads all records of a search."""
    return records_of


@pytest.fixture(scope="session")
def as_published() -> Callable[[Path], tuple[dict[str, Any], dict[str, Any]]]:
    """Return what reads a copy as the client would make it."""

    def read(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        cases = json.loads((folder / "Case_topic.json").read_text("utf-8"))
        images = json.loads((folder / "Descriptions.json").read_text("utf-8"))
        for image in images:
            image.pop("Location Category")
        return (
            {case["U_id"]: without_null(case) for case in cases},
            {image["image"]: without_null(image) for image in images},
        )

    return read


@pytest.fixture(scope="session")
def sound_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make twelve cases without defects, with pictures."""
    out = tmp_path_factory.mktemp("sound_sites") / "phantom"
    make_phantom(out, cases=12, seed=3, jobs=1, defects=0)
    return out


def some_case(number: int, *kinds: str, **more: Any) -> SiteCase:
    """Return a case with a picture of each kind."""
    pictures = tuple(
        SitePicture(f"MPX{number}_synpic{number}{n}", f"image-{number}-{n}", kind, f"Caption {n}")
        for n, kind in enumerate(kinds)
    )
    topic = SiteTopic(f"topic-{number}", "A topic", None, "8.-1", None, ("One", "Two"), None,
        None, "Brain")  # fmt: skip
    given = {
        "uid": f"MPX{number}", "uuid": f"case-{number}", "title": f"Title {number}",
        "sections": {"Diagnosis": f"Cyst {number}", "Exam": "5 < 6\n& “more”"},
        "age": "40", "topic": topic, "pictures": pictures, **more,
    }  # fmt: skip
    return SiteCase(**given)


@pytest.fixture(scope="session")
def case_with() -> Callable[..., SiteCase]:
    """Return the maker of cases."""
    return some_case


@pytest.fixture
def four() -> Catalog:
    """Return four cases in their order: CT and MR, X-ray, CT, graphics."""
    kinds = (("c", "m"), ("x",), ("c",), ("g",))
    return Catalog(some_case(n, *of) for n, of in enumerate(kinds, 1))


@pytest.fixture
def four_sites(four: Catalog) -> Sites:
    """Return sites with these cases and no pictures of their own."""
    return Sites(four, Pictures({}), 1)


@pytest.fixture(scope="session")
def asking() -> Callable[[str], dict[str, str]]:
    """Return the reader of a query string."""
    return parameters
