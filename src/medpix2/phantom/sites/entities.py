"""Text as the two sites write it: HTML entities, sections of an abstract."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from html.entities import codepoint2name

_NAMED = {code: f"&{name};" for code, name in codepoint2name.items()}
_TAG = re.compile(r"</?[A-Za-z]")
_SECTION = re.compile(r"<p><b>(\w+): </b>(.*?)</p>", re.DOTALL)
SECTIONS = ("Diagnosis", "History", "Findings", "Ddx", "Dxhow", "Exam")


def escaped(text: str) -> str:
    """Return a text with an entity for each character that has a named one.

    >>> escaped("5 < 6 • “yes”")
    '5 &lt; 6 &bull; &ldquo;yes&rdquo;'
    """
    return text.translate(_NAMED)


def bare(text: str) -> str:
    """Return a text as titles and captions of Open-i have it: entities only where none would harm.

    The real ones have no entity. But a client that unescapes them all the same must get the text.
    """
    safe = html.unescape(text) == text and not _TAG.search(text)
    return text if safe else escaped(text)


def abstract(sections: Mapping[str, str | None]) -> str:
    """Return the abstract of a case: the sections that it has, in Open-i's order."""
    return "".join(
        f"<p><b>{name}: </b>{escaped(text)}</p>"
        for name in SECTIONS
        if (text := sections.get(name)) is not None
    )


def sections_of(text: str) -> dict[str, str]:
    """Return the sections of an abstract, unescaped."""
    return {name: html.unescape(inner) for name, inner in _SECTION.findall(text)}
