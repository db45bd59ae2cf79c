"""Make the sites' cases of a copy in the published layout: SOURCES.md section 3, backwards.

What the sites have no place for is lost: Location Category; labels that differ between the
pictures of one case (age, sex and location are one a case); pictures without a case; splits.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from medpix2.curate.vocabulary import keyword_list
from medpix2.extract.published import PublishedCopy
from medpix2.phantom.sites.cases import SiteCase, SitePicture, SiteTopic, made_uuid

Document = dict[str, Any]
KIND = {"CT": "c", "MR": "m"}
_SECTION_OF = {
    "Diagnosis": "Case Diagnosis",
    "History": "History",
    "Findings": "Findings",
    "Ddx": "Differential Diagnosis",
    "Dxhow": "Diagnosis By",
    "Exam": "Exam",
}
_MOST_KEYWORDS = 3  # keyword1..3


def published_cases(copy: PublishedCopy) -> Iterator[SiteCase]:
    """Yield the cases of a copy with their pictures; one with a broken or repeated id is left out.

    Raises
    ------
    SourceError
        The copy cannot be read.
    """
    images = _images_by_case(copy)
    overview = copy.overview() or {}
    given = Counter(row.image_uuid for row in overview.values())
    # A UUID that stands at two pictures would make one of them unreachable.
    uuids = {
        image: uuid for image, row in overview.items() if (uuid := row.image_uuid)
        and given[uuid] == 1
    }  # fmt: skip
    seen: set[str] = set()
    for _, checked in copy.cases():
        document = checked.document
        if document is not None and document["U_id"] not in seen:
            seen.add(document["U_id"])
            mine = images.pop(document["U_id"], [])
            yield site_case(document, mine, uuids, part_keywords=copy.site == "phantom")


def site_case(
    case: Document, images: list[Document], uuids: Mapping[str, str], *, part_keywords: bool
) -> SiteCase:
    """Return a published case as the sites know it.

    Parameters
    ----------
    case, images
        The published documents of the case and its pictures.
    uuids
        Image id to its UUID on MedPix, where known.
    part_keywords
        Whether joined key words are parted, where joining them gives the same again.
    """
    report, topic = case.get("Case") or {}, case.get("Topic") or {}
    described = [image.get("Description") or {} for image in images]
    location = _most(image.get("Location") for image in images)
    listed = {name: at for at, name in enumerate([*case.get("TAC", []), *case.get("MRI", [])])}
    images = sorted(images, key=lambda image: listed.get(image["image"], len(listed)))
    return SiteCase(
        uid=case["U_id"],
        uuid=made_uuid("encounter", case["U_id"]),
        title=report.get("Title"),
        sections={
            section: text
            for section, key in _SECTION_OF.items()
            if (text := report.get(key)) is not None
        },
        treatment=report.get("Treatment & Follow Up"),
        discussion=report.get("Discussion"),
        age=_most(said.get("Age") for said in described),
        sex=_most(said.get("Sex") for said in described),
        topic=_topic(topic, location, part_keywords),
        pictures=tuple(_picture(image, uuids) for image in images),
    )


def _images_by_case(copy: PublishedCopy) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = defaultdict(list)
    seen: set[str] = set()
    for _, checked in copy.images():
        image = checked.document
        if image is not None and image.get("Type") in KIND and image["image"] not in seen:
            seen.add(image["image"])
            found[image["U_id"]].append(image)
    return found


def _picture(image: Document, uuids: Mapping[str, str]) -> SitePicture:
    said = image.get("Description") or {}
    return SitePicture(
        id=image["image"],
        uuid=uuids.get(image["image"]) or made_uuid("image", image["image"]),
        kind=KIND[image["Type"]],
        caption=said.get("Caption"),
        modality=said.get("Modality"),
        plane=said.get("Plane"),
        figure_part=said.get("Figure Part"),
        acr=said.get("ACR Codes"),
    )


def _topic(topic: Document, location: str | None, part_keywords: bool) -> SiteTopic:
    told = json.dumps([topic, location], sort_keys=True)
    joined = topic.get("Keywords")
    parted = _parted(joined) if part_keywords and joined else ()
    return SiteTopic(
        uuid=made_uuid("topic", told),
        title=topic.get("Title"),
        factoid=topic.get("Disease Discussion"),
        acr=topic.get("ACR Code"),
        category=topic.get("Category"),
        keywords=parted or ((joined,) if joined is not None else ()),
        reference=topic.get("Reference"),
        url=topic.get("External Links"),
        location=location,
    )


def _parted(joined: str) -> tuple[str, ...]:
    parts = keyword_list(joined)
    return parts if "".join(parts) == joined and len(parts) <= _MOST_KEYWORDS else ()


def _most(values: Iterable[str | None]) -> str | None:
    """Return the value that most have; of several, the first."""
    found = Counter(value for value in values if value is not None).most_common(1)
    return found[0][0] if found else None
