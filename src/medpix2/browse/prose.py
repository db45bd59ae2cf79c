"""A report's text as paragraphs and lists, and the web addresses in it as links.

Reports are plain text with the marks that their authors typed: bullets, dashes, "1." and "2)", rows
of "=" around a heading. Nothing is changed but blanks and the marks themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

_RULE = re.compile(r"\s*[-=_*~]{3,}\s*$")
_HEADING = re.compile(r"\s*[=*_~-]{3,}\s*(\S.*?)\s*[=*_~-]{3,}\s*$")
_BULLET = re.compile(
    r"(?P<indent>\s*)(?:[•·●▪◦]|>{2,3}|\*(?!\*)|[-–—]{1,2}(?![-–—\d.])|o(?=\s))\s*(?=\S)"
)
_NUMBER = re.compile(
    r"(?P<indent>\s*)(?:\((?P<a>\d{1,2})\)\.?|(?P<b>\d{1,2})(?:[.)]{1,2}|:(?=\s)))\s*(?=[^\s\d-])"
)
_SPLIT_BULLETS = re.compile(r"(?<=\S)[ \t]+(?=[•●▪]\s)")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"']+", re.IGNORECASE)
_BARE_ADDRESS = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/\S*)?", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?)]}’”"

_Kind = Literal["paragraph", "heading", "bullets", "numbers", "lines"]


@dataclass(frozen=True)
class Run:
    """A piece of text; `address` is where it leads to, if it is a link."""

    text: str
    address: str | None = None


@dataclass(frozen=True)
class Item:
    """An item of a list, or a line of a paragraph."""

    runs: tuple[Run, ...]
    number: int | None = None
    inner: bool = False  # whether it stands further in than the list's first item


@dataclass
class _Block:
    kind: _Kind
    texts: list[str]
    numbers: list[int | None] = field(default_factory=list)
    indents: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading or a list."""

    kind: _Kind
    items: tuple[Item, ...]


def prose(text: str, *, a_line_an_item: bool = False) -> list[Block]:
    """Return the blocks of a text.

    Parameters
    ----------
    text
        As the source gives it.
    a_line_an_item
        Whether two or more plain lines are a list too, as in a differential diagnosis.
    """
    made: list[_Block] = []
    open_block = False
    for line in _lines(text):
        if not line.strip() or _RULE.match(line):
            open_block = False
            continue
        before = made[-1] if made and open_block else None
        block = _marked(line)
        if block is None:
            _add_plain(made, before, line)
        elif made and block.kind == made[-1].kind != "heading":
            # Blank lines between its items do not end a list.
            made[-1].texts += block.texts
            made[-1].numbers += block.numbers
            made[-1].indents += block.indents
        else:
            made.append(block)
        open_block = made[-1].kind != "heading"
    return [_finished(block, a_line_an_item) for block in made]


def links_in(text: str) -> tuple[Run, ...]:
    """Return a text in pieces, its http and https addresses as links."""
    runs, end = [], 0
    for found in _ADDRESS.finditer(text):
        shown = found[0].rstrip(_AFTER_ADDRESS)
        if address := safe_address(shown):
            if found.start() > end:
                runs.append(Run(text[end : found.start()]))
            runs.append(Run(shown, address))
            end = found.start() + len(shown)
    if end < len(text):
        runs.append(Run(text[end:]))
    return tuple(runs)


def safe_address(text: str) -> str | None:
    """Return a web address that may be a link, or None.

    Only http and https may; an address that begins with its host is taken for http.
    """
    text = text.strip()
    if _BARE_ADDRESS.fullmatch(text):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    fit = parts.scheme in ("http", "https") and host and "." in host and text.isprintable()
    return text if fit and " " not in text else None


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n"):
        # Several bullets in one line are several lines.
        yield from _SPLIT_BULLETS.split(line.rstrip())


def _marked(line: str) -> _Block | None:
    """Return the block that a line with a mark begins, or None for a plain line."""
    if found := _HEADING.match(line):
        return _Block("heading", [found[1]])
    if found := _BULLET.match(line):
        return _Block("bullets", [line[found.end() :]], [None], [len(found["indent"])])
    if found := _NUMBER.match(line):
        number = int(found["a"] or found["b"])
        return _Block("numbers", [line[found.end() :]], [number], [len(found["indent"])])
    return None


def _add_plain(made: list[_Block], before: _Block | None, line: str) -> None:
    """Add a line without a mark: to what it goes on with, or as a new paragraph."""
    text = line.strip()
    if before is None or before.kind == "heading":
        made.append(_Block("paragraph", [text], [None], [0]))
    elif _goes_on(before, line):
        before.texts[-1] += f" {text}"
    elif before.kind == "paragraph":
        before.texts.append(text)
        before.numbers.append(None)
        before.indents.append(0)
    else:
        made.append(_Block("paragraph", [text], [None], [0]))


def _goes_on(before: _Block, line: str) -> bool:
    """Tell whether a plain line is the rest of the sentence or item before it."""
    if before.kind == "paragraph":
        return line.lstrip()[0].islower() and not before.texts[-1].endswith((":", ".", ";"))
    indented = len(line) - len(line.lstrip()) > before.indents[-1]
    return indented or line.lstrip()[0].islower()


def _finished(block: _Block, a_line_an_item: bool) -> Block:
    kind = block.kind
    if kind == "paragraph" and len(block.texts) > 1:
        kind = "bullets" if a_line_an_item else "lines"
    outermost = min(block.indents, default=0)
    inner = [indent > outermost for indent in block.indents] or [False]
    numbers = block.numbers or [None]
    return Block(
        kind,
        tuple(
            Item(links_in(text.strip()), number, within)
            for text, number, within in zip(block.texts, numbers, inner, strict=True)
        ),
    )
