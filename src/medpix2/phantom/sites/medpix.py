"""MedPix's answers: encounters, images, topics and lists, as JSON or XML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from medpix2.phantom.sites.cases import SiteCase, SitePicture, SiteTopic, made_uuid
from medpix2.phantom.sites.catalog import Catalog
from medpix2.phantom.sites.chance import pick, share
from medpix2.phantom.sites.entities import escaped
from medpix2.phantom.sites.people import person

Answer = dict[str, Any]
ABSENT = (None, "", "null")  # how MedPix writes a value that is not there
_ENCOUNTER_TEXTS = {
    "history": "History",
    "exam": "Exam",
    "findings": "Findings",
    "ddx": "Ddx",
    "diagnosis": "Diagnosis",
    "dxHow": "Dxhow",
}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encounter(catalog: Catalog, asked: Mapping[str, str]) -> Answer:
    """Answer `/rest/encounter`."""
    case = catalog.encounter(asked.get("encounterID", ""))
    if case is None:
        return _nothing("encounterID", "No such encounter")
    said = {name: case.sections.get(section) for name, section in _ENCOUNTER_TEXTS.items()}
    said |= {"txFollowup": case.treatment, "discussion": case.discussion, "sex": case.sex}
    author = person(case.uid, "author")
    return {
        "encounterID": case.uuid,
        "mCaseID": int(share(case.uid, "mCaseID") * 1e5),
        "topicID": case.topic.uuid if case.topic else None,
        **{name: _text(value, case.uuid, name) for name, value in said.items()},
        "age": _number(case.age, case.uuid, "age"),
        "race": _text(None, case.uuid, "race"),
        "imageList": [_image(case, picture) for picture in case.pictures],
        "mediaList": None,
        "contributorsCSV": f"{author.last}, {author.first}",
        "affiliationID": int(share(author.affiliation) * 1e3),
        "affiliationName": author.affiliation,
        "error": None,
        **author.fields("author"),
        **person(case.uid, "approver").fields("approver"),
    }


def image(catalog: Catalog, asked: Mapping[str, str]) -> Answer:
    """Answer `/rest/image`."""
    found = catalog.image(asked.get("imageID", ""))
    return _nothing("imageID", "No such image") if found is None else _image(*found)


def topic(catalog: Catalog, asked: Mapping[str, str]) -> Answer:
    """Answer `/rest/topic`."""
    case = catalog.topic(asked.get("topicID", ""))
    if case is None or case.topic is None:
        return _nothing("topicID", "No such topic")
    own: SiteTopic = case.topic
    said = {
        "title": own.title, "factoid": own.factoid, "reference": own.reference, "url": own.url,
        "category": own.category, "location": own.location, "subLocation": None,
        "subCategory": None,
    }  # fmt: skip
    keywords = [*own.keywords, None, None, None][:3]
    return {
        "topicID": own.uuid,
        **{name: _text(value, own.uuid, name) for name, value in said.items()},
        "relatedTopics": None,
        "categoryID": int(share(own.category) * 100),
        "subCategoryID": None,
        **_acr(own.acr, own.uuid),
        **{f"keyword{n}": _text(word, own.uuid, n) for n, word in enumerate(keywords, 1)},
        "imageList": [_image(case, picture) for picture in case.pictures],
        **person(own.uuid, "submit").fields("submit"),
        **person(own.uuid, "approver").fields("approver"),
        **person(own.uuid, "assigned").fields("assigned"),
    }


def diagnosed(catalog: Catalog, asked: Mapping[str, str]) -> list[Answer]:
    """Answer `/rest/encounter/diagnosis`: the cases whose diagnosis contains a text."""
    part = asked.get("diagnosis", "")
    return [_listed(case) for case in catalog.diagnosed(part)] if part else []


def cases_of_week(catalog: Catalog, asked: Mapping[str, str]) -> list[Answer]:
    """Answer `/rest/caseofweek/list`: as many cases as are asked for."""
    count = asked.get("count", "")
    most = int(count) if count.isdecimal() and len(count) < 10 else 10
    return [_listed(case) for _, case in zip(range(most), catalog.cases(), strict=False)]


def as_xml(name: str, value: Any) -> str:
    """Return an answer as XML; what is null is left out, an item of a list is an element."""
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{_element(name, value)}'


def _image(case: SiteCase, picture: SitePicture) -> Answer:
    said = {
        "imageCaption": picture.caption, "modality": picture.modality, "plane": picture.plane,
        "figurePart": picture.figure_part, "title": case.title, "source": None,
    }  # fmt: skip
    return {
        "imageID": picture.uuid,
        "tmpImageID": made_uuid("tmp", picture.id),
        **{name: _text(value, picture.uuid, name) for name, value in said.items()},
        "imageURL": f"/images/full/{picture.name}.jpg",
        "thumbImageURL": f"/images/thumb/{picture.name}.jpg",
        "imageName": f"{picture.name}.jpg",
        **_acr(picture.acr, picture.uuid),
        "size": None,
        "show": True,
        "deleted": False,
        "added": _text(None, picture.uuid, "added"),
        "encounter": case.uuid,
        "topic": case.topic.uuid if case.topic else None,
        "error": None,
        **person(case.uid, "author").fields("author"),
        **person(case.uid, "approver").fields("approver"),
    }


def _listed(case: SiteCase) -> Answer:
    diagnosis = case.sections.get("Diagnosis")
    return {"encounterID": case.uuid, "diagnosis": _text(diagnosis, case.uuid, "diagnosis")}


def _nothing(key: str, error: str) -> Answer:
    return {key: None, "error": error}


def _text(value: str | None, *about: object) -> str | None:
    """Return a text with entities; one that is absent as one of the ways to write it."""
    return pick(ABSENT, *about, "absent") if value is None else escaped(value)


def _number(value: str | None, *about: object) -> int | str | None:
    """Return a whole number as such or as text, whichever chance says."""
    if value is not None and value.isdecimal() and str(int(value)) == value:
        return int(value) if share(*about, "number") < 0.5 else value
    return _text(value, *about)


def _acr(code: str | None, uuid: str) -> Answer:
    before, _, after = code.partition(".") if code is not None else (None, "", None)
    return {
        "preacr": _number(before, uuid, "preacr"),
        "postacr": _number(after, uuid, "postacr"),
        "acrCode": _text(code, uuid, "acrCode"),
    }


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        inner = "".join(_element("item", item) for item in value)
    elif isinstance(value, dict):
        inner = "".join(_element(key, item) for key, item in value.items())
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(_NO_XML.sub("", str(value)))
    return f"<{name}>{inner}</{name}>"
