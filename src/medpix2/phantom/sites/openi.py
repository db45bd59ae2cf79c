"""Open-i's answers: pages of records, one record an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medpix2.phantom.sites.cases import SiteCase, SitePicture
from medpix2.phantom.sites.catalog import Catalog
from medpix2.phantom.sites.chance import share
from medpix2.phantom.sites.entities import abstract, bare
from medpix2.phantom.sites.people import person

Answer = dict[str, Any]
MOST = 100  # records of a page
LARGE = 512  # pixels of the width of imgLarge, at most
COLLECTION = "mpx"
TYPES = frozenset("c m x u p ph mc g xg xm".split())
_GRAPHICS = "g"
_EVERY_KIND = frozenset("c m x u p ph mc g".split())
WRONG_TYPE: Answer = {"Query-Error": "Invalid request type.", "total": 0}
_SIZES = {"imgThumb": 100, "imgLarge": LARGE, "imgThumbLarge": 137, "imgGrid150": 150}
MEDPIX = "https://medpix.nlm.nih.gov"


def search(catalog: Catalog, asked: Mapping[str, str], seed: int) -> Answer:
    """Answer `/api/search`.

    Parameters
    ----------
    catalog
        The cases.
    asked
        Parameters of the address: coll, it, m, n, query; others do not matter.
    seed
        Decides which totals are a string.
    """
    types = [name for name in asked.get("it", "").split(",") if name]
    if not TYPES.issuperset(types):
        return WRONG_TYPE
    words = tuple(asked.get("query", "").lower().split())
    known = COLLECTION in asked.get("coll", COLLECTION).split(",")
    codes = catalog.matching(_kinds(types), words) if known else ()
    if not codes:
        return {"total": 0}
    first = max(1, _number(asked.get("m"), 1))
    last = min(len(codes), _number(asked.get("n"), first + 9), first + MOST - 1)
    records = [record(*catalog.at(code)) for code in codes[first - 1 : last]]
    total: int | str = len(codes)
    if share(seed, "total", first) < 0.5:
        total = str(total)
    page = {
        "min": first,
        "max": last,
        "count": len(records),
        "total": total,
        "approximage": len(codes),
    }
    return {**page, "list": records} if records else page


def record(case: SiteCase, picture: SitePicture) -> Answer:
    """Return the record of an image, with the text of its case."""
    if picture.record is not None:
        return picture.record
    said = "query=&it=xg"
    return {
        "uid": case.uid,
        "pmcid": case.pmcid,
        "docSource": "MPX",
        "articleType": "encounter",
        "title": bare(case.title or ""),
        "fulltext_html_url": f"{MEDPIX}/bycase?id={case.uuid}",
        "journal_title": "MedPix Images",
        "journal_abbr": "MedPix",
        "journal_date": _date(case.uid),
        "authors": person(case.uid, "author").cited,
        "affiliate": person(case.uid, "author").affiliation,
        "MeSH": {"major": [], "minor": []},
        "Problems": "",
        "ccLicense": "byncnd",
        "licenseType": "open-access",
        "licenseURL": "faq.php#medpix",
        "abstract": abstract(case.sections),
        "image": {
            "id": picture.id,
            "caption": bare(picture.caption or ""),
            "modalityMajor": picture.kind,
            "mention": "",
        },
        "detailedQueryURL": f"retrieve.php?img={picture.id}&{said}&req=4",
        "getArticleFigures": f"retrieve.php?uid={case.uid}&req=5",
        "similarInCollection": f"retrieve.php?simCollection={picture.id}&query=&req=3&it=xg",
        "similarInResults": f"retrieve.php?simResults={picture.id}&{said}&req=2",
        "medpixArticleId": case.uuid,
        "medpixFigureId": picture.uuid,
        "medpixImageURL": f"{MEDPIX}/case?id={picture.uuid}",
        **{key: picture_path(case.pmcid, picture.id, size) for key, size in _SIZES.items()},
    }


def picture_path(pmcid: str, image: str, size: int) -> str:
    """Return the address of a picture in a size, 512 being the large one."""
    return f"/imgs/{size}/{int(pmcid) % 401}/{pmcid}/{image}.png"


def _kinds(types: list[str]) -> frozenset[str] | None:
    """Return the kinds of picture that a list of types asks for; None for all."""
    if not types or "xm" in types:
        return None
    without = _EVERY_KIND - {_GRAPHICS} if "xg" in types else frozenset[str]()
    return without | {name for name in types if name != "xg"}


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


def _date(uid: str) -> dict[str, str]:
    """Return the day of a case; three of ten have none."""
    if share(uid, "dated") < 0.3:
        return {"day": "", "month": "", "year": ""}
    day, month, year = (share(uid, part) for part in ("day", "month", "year"))
    return {
        "day": f"{1 + int(day * 28):02d}",
        "month": f"{1 + int(month * 12):02d}",
        "year": f"{1999 + int(year * 14)}",
    }
