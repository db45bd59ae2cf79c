"""What a person takes along: a case as published, a case with its pictures, one picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.responses import Response, StreamingResponse

from medpix2.browse.case import CasePage, case
from medpix2.browse.pictures import content_of, file_of, media_type, place_of
from medpix2.browse.zipped import zipped
from medpix2.pipeline.find import show
from medpix2.store.database import Store

# The published layout, so that `medpix2 build` reads what was taken along.
_CASES, _IMAGES, _PICTURES = "Case_topic.json", "Descriptions.json", "images"
_LONGEST = 100  # letters of a file's name


@dataclass(frozen=True)
class _Taken:
    """A picture that goes into a ZIP file."""

    id: str
    inside: str  # its path in the ZIP file
    path: Path


def published_json(store: Store, name: str) -> Response:
    """Return the document of a case as `Case_topic.json` has it, as a file.

    Raises
    ------
    NotFound
        There is no such case.
    """
    page = case(store, name)
    content = _as_json(page.published)
    return Response(content, media_type="application/json", headers=as_file(f"{page.id}.json"))


def picture_file(store: Store, name: str) -> Response:
    """Return the file of a picture, to be kept.

    Raises
    ------
    NotFound
        There is no such picture, or its file is not there.
    """
    file = file_of(store, name)
    named = as_file(file.id + file.path.suffix.lower())
    return Response(content_of(file), media_type=media_type(file.path), headers=named)


def case_zip(store: Store, name: str) -> Response:
    """Return a case with its pictures in the published layout, as a ZIP file that is streamed.

    A picture whose file cannot be read is left out, and `SOURCE.txt` says so.

    Raises
    ------
    NotFound
        There is no such case.
    """
    page = case(store, name)
    taken = _pictures(store, name)
    folder = safe_name(page.id)
    documents = {
        _CASES: _as_json([page.published] if page.published else []),
        _IMAGES: _as_json([picture.published for picture in page.pictures]),
    }
    return StreamingResponse(
        zipped(_entries(folder, documents, taken, page)),
        media_type="application/zip",
        headers=as_file(f"{page.id}.zip"),
    )


def safe_name(text: str) -> str:
    """Return a name that is a plain file name on every system.

    Letters, digits, ".", "_" and "-" stay, not at the beginning a "."; all else becomes "_".
    """
    name = re.sub(r"[^A-Za-z0-9._-]", "_", text)[-_LONGEST:]
    return re.sub(r"^\.+", "_", name) or "_"


def as_file(name: str) -> dict[str, str]:
    """Return the headers by which a browser keeps an answer as a file of a safe name."""
    return {
        "Content-Disposition": f'attachment; filename="{safe_name(name)}"',
        "Cache-Control": "private, no-cache",
    }


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _pictures(store: Store, name: str) -> list[_Taken]:
    taken: list[_Taken] = []
    used: set[str] = set()
    for image in show(store, name).images:
        if file := image["meta"].get("file"):
            path = place_of(store.settings, file["path"])
            inside = _unused(safe_name(image["_id"]), used) + path.suffix.lower()
            taken.append(_Taken(image["_id"], inside, path))
    return taken


def _unused(name: str, used: set[str]) -> str:
    """Return the name, with a number if it is taken already (letters of either case)."""
    found, number = name, 2
    while found.casefold() in used:
        found, number = f"{name}-{number}", number + 1
    used.add(found.casefold())
    return found


def _entries(
    folder: str, documents: Mapping[str, bytes], taken: Sequence[_Taken], page: CasePage
) -> Iterator[tuple[str, bytes]]:
    for name, content in documents.items():
        yield f"{folder}/{name}", content
    missing = []
    for picture in taken:
        try:
            content = picture.path.read_bytes()
        except OSError as error:
            missing.append(f"{picture.id}: {error.strerror}")
            continue
        yield f"{folder}/{_PICTURES}/{picture.inside}", content
    yield f"{folder}/SOURCE.txt", "\n".join(_source_lines(page, missing)).encode()


def _source_lines(page: CasePage, missing: Sequence[str]) -> Iterator[str]:
    yield f"{page.id}: {page.title or 'no report in the source'}"
    yield "Not for diagnosis."
    if page.licence:
        yield f"Licence: {page.licence}. The contributors hold the rights."
    for row in page.credits:
        affiliation = f", {row.affiliation}" if row.affiliation else ""
        yield f"Credit: {row.role} {row.name}{affiliation}"
    links = [*page.origin.links, *(link for p in page.pictures for link in p.origin.links)]
    yield from (f"{link.text}: {link.address}" for link in links)
    yield from (f"Left out, for its file cannot be read: {line}" for line in missing)
    yield ""
