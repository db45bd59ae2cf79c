"""Remove e-mail addresses, before anything of a web source is written.

What is found: addresses as such, and those whose @ or dot is written as %40, &#64;, &commat; or a
JSON escape; in JSON also the whole value of a key that names an e-mail, whatever it says. What is
not: "name at host dot org" and "name(at)host.org" elsewhere, and an address that HTML tags part.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

TOKEN = "[e-mail removed]"

_AT = r"(?:[@＠﹫]|%40|\\+u0040|&(?:amp;)*(?:\#0*64|\#x0*40|commat);)"
_DOT = r"(?:\.|%2e|&(?:amp;)*(?:\#0*46|\#x0*2e|period);)"
_LOCAL = r"(?<![\w.%+'-])[\w.%+'-]+"
_EMAIL = re.compile(
    rf"""
    (?: {_LOCAL} | "[^"\s]{{1,64}}" )
    {_AT}
    (?: [\w-]{{1,63}} {_DOT} ){{1,12}}
    (?: xn--[\w-]{{1,59}} | [^\W\d_]{{2,63}} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CUT_OFF = re.compile(rf"{_LOCAL}{_AT}[\w.-]*\Z", re.IGNORECASE)  # an address that breaks off
_SIGNS = re.compile(rf"{_AT}|mail", re.IGNORECASE)
_MAYBE_AT = re.compile(rf"{_AT}|\\u00(?:25|26|40)", re.IGNORECASE)  # also a %40 with a % escaped
_EMAIL_KEY = re.compile(r"e[-_ ]?mail", re.IGNORECASE)

_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?', re.DOTALL)
_UNIT = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)  # fmt: skip


def redact(body: bytes) -> tuple[bytes, int]:
    """Put a visible token in place of every e-mail address in a text answer.

    JSON stays the JSON that it was, byte for byte outside the addresses, in its own encoding;
    doing it again changes nothing.

    Parameters
    ----------
    body
        JSON, XML, HTML or plain text; never a picture, whose bytes might look like an address.

    Returns
    -------
    (bytes, int)
        The body, and how many addresses were removed from it.
    """
    text, encoding = _decoded(body)
    if not _SIGNS.search(text):
        return body, 0
    is_json = text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[", '"')
    clean, count = _in_json(text) if is_json else _in_text(text)
    return (clean.encode(encoding), count) if count else (body, 0)


def redact_text(text: str) -> str:
    """Put the token in place of every e-mail address in a text.

    >>> redact_text("Ask Jo <jo%40example.org>; a lesion of 3@4 mm")
    'Ask Jo <[e-mail removed]>; a lesion of 3@4 mm'
    """
    return _in_text(text)[0] if _SIGNS.search(text) else text


def _decoded(body: bytes) -> tuple[str, str]:
    encoding = next((name for bom, name in _BOMS if body.startswith(bom)), None)
    encoding = encoding or json.detect_encoding(body)
    try:
        return body.decode(encoding), encoding
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"  # takes any bytes and gives them back


def _in_text(text: str) -> tuple[str, int]:
    count, found = 0, 1
    while found:  # until none is left, so that a second pass would find nothing
        text, found = _EMAIL.subn(TOKEN, text)
        count += found
    return text, count


def _in_json(text: str) -> tuple[str, int]:
    out: list[str] = []
    at, count, secret = 0, 0, False
    for string in _STRING.finditer(text):
        gap, found = _in_text(text[at : string.start()])
        out.append(gap)
        count += found
        is_key = string[2] is not None
        secret = secret and not is_key and not gap.strip("[, \t\r\n")
        if secret and string[1].strip() not in ("", "null", TOKEN):
            inner, found = TOKEN, 1
        else:
            inner, found = _in_string(string[1])
        out.append(f'"{inner}"{string[2] or ""}')
        count += found
        if is_key:
            secret = _EMAIL_KEY.search(string[1]) is not None
        at = string.end()
    tail, found = _in_tail(text[at:], secret)
    return "".join([*out, tail]), count + found


def _in_tail(text: str, secret: bool) -> tuple[str, int]:
    """Redact what follows the last whole string: more than brackets if the answer breaks off."""
    begun, quote, rest = text.partition('"')
    if secret and quote and rest not in ("", TOKEN) and not begun.strip("[, \t\r\n"):
        return begun + quote + TOKEN, 1
    text, count = _in_text(text)
    text, found = _CUT_OFF.subn(TOKEN, text)
    return text, count + found


def _in_string(escaped: str) -> tuple[str, int]:
    """Redact the inside of a JSON string; its escapes are read, and stay as they were written."""
    if not _MAYBE_AT.search(escaped):
        return escaped, 0
    if "\\" not in escaped:
        return _in_text(escaped)
    count = 0
    while matches := list(_EMAIL.finditer("".join(_characters(escaped)))):
        units = _UNIT.findall(escaped)
        for match in reversed(matches):
            units[match.start() : match.end()] = [TOKEN]
        escaped = "".join(units)
        count += len(matches)
    return escaped, count


def _characters(escaped: str) -> Iterator[str]:
    for unit in _UNIT.findall(escaped):
        if len(unit) == 6:
            yield chr(int(unit[2:], 16))
        elif len(unit) == 2:
            yield _ESCAPES.get(unit[1], unit[1])
        else:
            yield unit
