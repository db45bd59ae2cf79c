"""HTML of the web sources to plain text: tags removed, entities resolved once, nothing cut.

Open-i and MedPix serve text whose own `<` and `&` are escaped, with little markup around it. So a
general HTML parser is the wrong tool: it would swallow what merely looks like a tag (`<6 mg/dL`,
`<http://...>`) and resolve what merely looks like an entity (`?a=1&copy=2`). Here a tag is one
of HTML's element names with well-formed attributes, an entity ends with a semicolon, and all
else is text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

SECTIONS = ("Diagnosis", "History", "Findings", "Ddx", "Dxhow", "Exam")  # of Open-i's `abstract`

_BREAKS = "address article blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"
_BREAKS += " header hr li main nav ol p pre section table tbody td tfoot th thead tr ul"
_INLINE = "a abbr acronym b big center cite code del dfn em embed figcaption font i img input ins"
_INLINE += " iframe kbd label link mark meta nobr o:p q s samp script small span strike strong"
_INLINE += " style sub sup tt u var wbr body head html title"
_ATTRIBUTE = r"""\s+[a-zA-Z_:][\w:.-]*(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+))"""


def _tags(names: str, then: str = "") -> re.Pattern[str]:
    either = "|".join(names.split())
    return re.compile(rf"</?(?:{either})(?:{_ATTRIBUTE})*\s*/?>{then}", re.IGNORECASE)


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK, _TAG = _tags(_BREAKS, then=r"(?:\r?\n)?"), _tags(_INLINE)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HEADING = re.compile(
    r"<p\b[^<>]*>\s*<(b|strong)\b[^<>]*>\s*(" + "|".join(SECTIONS) + r")\s*:\s*</\1\s*>",
    re.IGNORECASE,
)
_END = re.compile(r"\s*</p\s*>\s*\Z", re.IGNORECASE)


def plain_text(markup: str) -> str:
    """Return what a reader sees of a piece of markup, less the blanks around it.

    >>> plain_text("Copper &lt;6 mg/dL<br>R&amp;D &amp;#39;")
    'Copper <6 mg/dL\\nR&D &#39;'
    """
    return unescaped(_without_tags(markup)).strip()


def unescaped(text: str) -> str:
    """Resolve entities once: `&amp;lt;` becomes `&lt;`; what is no entity stays."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def sections(abstract: str) -> dict[str, str]:
    """Part Open-i's abstract into its sections, each as plain text; a missing one has no key.

    Only the site's own heading (`<p><b>History: </b>`) starts a section, so that the same words in
    a text do not; a section that comes twice is joined.
    """
    found: dict[str, str] = {}
    for name, markup in _parts(abstract):
        text = plain_text(_END.sub("", markup))
        found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def _parts(abstract: str) -> Iterator[tuple[str, str]]:
    headings = list(_HEADING.finditer(abstract))
    for at, heading in enumerate(headings, 1):
        end = headings[at].start() if at < len(headings) else len(abstract)
        yield heading[2].capitalize(), abstract[heading.end() : end]


def _without_tags(markup: str) -> str:
    if "<" not in markup:
        return markup
    markup = _CODE.sub("", _COMMENT.sub("", markup))
    return _TAG.sub("", _BREAK.sub("\n", markup))


def _character(entity: re.Match[str]) -> str:
    name = entity[0][1:]
    if name.startswith("#"):
        return html.unescape(entity[0])
    return html5.get(name, entity[0])
