"""A case as a readable page of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from medpix2.cli.terminal import say, width

if TYPE_CHECKING:
    from medpix2.pipeline.find import Match
    from medpix2.settings import Settings

_REPORT = (
    "History", "Exam", "Findings", "Differential Diagnosis", "Case Diagnosis", "Diagnosis By",
    "Treatment & Follow Up", "Discussion",
)  # fmt: skip
_TOPIC = ("Disease Discussion", "Category", "ACR Code", "Keywords", "Reference", "External Links")
MAX_WIDTH = 100


def print_case(match: Match, settings: Settings) -> None:
    """Print a case with its report, topic and pictures."""
    for line in case_page(match, str(settings.home / "pictures")):
        say(line)


def case_page(match: Match, pictures: str, columns: int | None = None) -> Iterator[str]:
    """Yield the lines of a case's page.

    Parameters
    ----------
    match
        The case and its pictures.
    pictures
        Folder in which copied pictures lie.
    columns
        Width of the page, by default that of the terminal, at most 100.
    """
    columns = min(columns or width(), MAX_WIDTH)
    case: dict[str, Any] = match.case or {}
    report, topic, meta = case.get("Case") or {}, case.get("Topic") or {}, case.get("meta") or {}
    name = case.get("_id") or match.images[0]["U_id"]
    title = " ".join((report.get("Title") or "(no report in the source)").split())
    yield f"{name}  {title}"
    yield "=" * min(columns, 72)
    state = [f"status {meta.get('status', 'excluded')}", f"split {meta.get('split') or 'none'}"]
    state += [f"source {meta['site']}"] if meta.get("site") else []
    yield "  ".join(state) + (f"  ({meta['reason']})" if meta.get("reason") else "")
    for key in _REPORT:
        yield from _section(key, report.get(key), columns)
    if topic.get("Title"):
        yield ""
        yield f"Topic: {topic['Title']}"
        yield "-" * min(columns, 72)
    for key in _TOPIC:
        yield from _section(key, topic.get(key), columns)
    yield ""
    yield f"Pictures ({len(match.images)})"
    yield "-" * min(columns, 72)
    for image in match.images:
        yield from _picture(image, pictures, columns)


def _section(title: str, text: str | None, columns: int) -> Iterator[str]:
    if not text or not text.strip():
        return
    yield ""
    yield title
    for line in text.strip().splitlines():
        yield from textwrap.wrap(
            line, columns - 2, initial_indent="  ", subsequent_indent="  "
        ) or [""]


def _picture(image: dict[str, Any], pictures: str, columns: int) -> Iterator[str]:
    said, meta = image.get("Description") or {}, image["meta"]
    labels = [image.get("Type"), said.get("Modality"), said.get("Plane"), image.get("Location"),
              f"{said['Age']} y" if said.get("Age") else None, said.get("Sex")]  # fmt: skip
    yield ""
    yield f"{image['_id']}  {' | '.join(str(label).strip() for label in labels if label)}"
    if meta["status"] != "accepted":
        yield f"  {meta['status']}: {meta['reason']}"
    if caption := (said.get("Caption") or "").strip():
        yield from textwrap.wrap(
            " ".join(caption.split()), columns - 2, initial_indent="  ", subsequent_indent="  "
        )
    if file := meta.get("file"):
        path = file["path"] if file["path"].startswith("/") else f"{pictures}/{file['path']}"
        size = f"{file['width']} x {file['height']} {file['mode']}, {file['bytes'] / 1000:.0f} kB"
        yield f"  {size}: {path}"
