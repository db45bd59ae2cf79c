"""Make the sites' cases of a file of real Open-i records, each of which is served as it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from medpix2.errors import SourceError
from medpix2.phantom.sites.cases import SiteCase, SitePicture, made_uuid
from medpix2.phantom.sites.entities import sections_of


def recorded_cases(path: Path) -> Iterator[SiteCase]:
    """Yield the cases of a file with a JSON array of records, in its order.

    MedPix's part is made of what the records say: the sections of the abstract and the captions.

    Raises
    ------
    SourceError
        The file cannot be read, or has something else than records of Open-i.
    """
    by_case: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in _records(path):
        by_case[record["uid"]].append(record)
    for uid, records in by_case.items():
        first = records[0]
        sections = sections_of(str(first.get("abstract") or ""))
        yield SiteCase(
            uid=uid,
            uuid=str(first.get("medpixArticleId") or made_uuid("encounter", uid)),
            title=first.get("title"),
            sections=sections,
            pictures=tuple(_picture(record) for record in records),
        )


def _picture(record: dict[str, Any]) -> SitePicture:
    image = record["image"]
    return SitePicture(
        id=image["id"],
        uuid=str(record.get("medpixFigureId") or made_uuid("image", image["id"])),
        kind=str(image.get("modalityMajor") or ""),
        caption=image.get("caption"),
        record=record,
    )


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path} cannot be read", f"check it ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is not JSON", f"mend it ({error})") from None
    if not isinstance(found, list):
        raise SourceError(f"{path} is no JSON array", "it should list records of Open-i")
    for at, record in enumerate(found):
        image = record.get("image") if isinstance(record, dict) else None
        ids = (record.get("uid"), image.get("id")) if isinstance(image, dict) else (None,)
        if not all(isinstance(name, str) and name for name in ids):
            raise SourceError(
                f"{path}[{at}] is no record of Open-i", "it should have `uid` and `image.id`"
            )
    return found
