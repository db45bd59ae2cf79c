"""Read large JSON files in bounded memory, whatever their encoding."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from medpix2.errors import SourceError

CHUNK = 1 << 20  # characters read at a time; an element may be larger
_BLANK = re.compile(r"[ \t\r\n]*")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class BrokenJson(SourceError):
    """A file is not the JSON that it should be, from some place on."""


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: by its byte order mark, UTF-8, or else Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            head = file.read(4)
            for mark, name in _BOMS:
                if head.startswith(mark):
                    return name
            file.seek(0)
            while block := file.read(CHUNK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    except OSError as error:
        raise SourceError(f"{path} cannot be read", f"check it ({error.strerror})") from None
    return "utf-8"


def read_array(path: Path, encoding: str) -> Iterator[Any]:
    """Yield the elements of the JSON array in a file one by one.

    Only about `CHUNK` characters are held at a time: the standard decoder is run on a sliding
    window, which is as fast as `json.load` and needs none of its memory.

    Raises
    ------
    BrokenJson
        When the array breaks off or is no array; the elements before have been yielded.
    """
    decode = json.JSONDecoder().raw_decode
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        try:
            text, at = file.read(CHUNK), 0
            at = _BLANK.match(text, 0).end()  # type: ignore[union-attr]  # always matches
            if text[at : at + 1] != "[":
                raise BrokenJson(f"{path.name} is not a JSON array", "it should begin with [")
            at, first = at + 1, True
            while True:
                text, at = _filled(file, text, at)
                if text[at : at + 1] == "]":
                    return
                if not first:
                    if text[at : at + 1] != ",":
                        raise BrokenJson(
                            f"{path.name} breaks off {_place(text, at)}",
                            "the documents after this place are lost; get the file again",
                        )
                    text, at = _filled(file, text, at + 1)
                value, text, at = _decoded(file, text, at, decode, path.name)
                yield value
                first = False
        except UnicodeDecodeError as error:
            raise BrokenJson(
                f"{path.name} is not valid {encoding} ({error.reason})", "get the file again"
            ) from None


def read_lines(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of JSON Lines; a broken line yields a `BrokenJson`."""
    with path.open(encoding=encoding, errors="strict") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except ValueError as error:
                yield (
                    number,
                    BrokenJson(f"{path.name} line {number} is not JSON", f"mend it ({error})"),
                )


def _filled(file: Any, text: str, at: int) -> tuple[str, int]:
    """Skip blanks; read on when the window is used up."""
    while True:
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # always matches
        if at < len(text):
            return text, at
        text, at = file.read(CHUNK), 0
        if not text:
            return "", 0


def _decoded(file: Any, text: str, at: int, decode: Any, name: str) -> tuple[Any, str, int]:
    """Decode one element, reading on as long as it is cut by the window's end."""
    while True:
        try:
            value, end = decode(text, at)
        except (ValueError, RecursionError) as error:
            more = "" if isinstance(error, RecursionError) else file.read(max(CHUNK, len(text)))
            if not more:
                raise BrokenJson(
                    f"{name} breaks off {_place(text, at)}",
                    "the documents after this place are lost; get the file again",
                ) from None
            text, at = text[at:] + more, 0
        else:
            # A number at the window's end may go on behind it; every other value is closed.
            if end == len(text) and not isinstance(value, str | dict | list):
                more = file.read(CHUNK)
                if more:
                    text, at = text[at:] + more, 0
                    continue
            return value, text, end


def _place(text: str, at: int) -> str:
    shown = text[at : at + 40].replace("\n", " ")
    return f"at {shown!r}" if shown else "at its end"
