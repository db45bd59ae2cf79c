"""Read large JSON files in bounded memory, whatever their encoding."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from medpix2.errors import SourceError

CHUNK = 1 << 20  # bytes read at a time; an element may be larger
_BLANK = re.compile(r"[ \t\r\n]*")
_CUT = 16  # an error this near to the window's end may be a token that the end cuts
_MAX_DIGITS = 4000  # Python refuses to read longer integers


class BrokenJson(SourceError):
    """A file is not the JSON that it should be, from some place on."""


def encoding_of(path: Path) -> str:
    """Return the encoding of a text file: UTF-32, UTF-16, UTF-8, or else Latin-1."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            # By byte order mark, or by the zero bytes of a first ASCII character.
            if (marked := json.detect_encoding(file.read(4))) != "utf-8":
                return marked
            file.seek(0)
            while block := file.read(CHUNK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "latin-1"
    except OSError as error:
        raise SourceError(f"{path} cannot be read", f"check it ({error.strerror})") from None
    return "utf-8"


def read_array(path: Path, encoding: str, *, chunk: int = CHUNK) -> Iterator[Any]:
    """Yield the elements of the JSON array in a file one by one.

    Only about `chunk` bytes are held at a time: the standard decoder is run on a sliding
    window, which is as fast as `json.load` and needs none of its memory.

    Raises
    ------
    BrokenJson
        When the array breaks off, goes on behind its end or is no array; the elements before
        have been yielded.
    """
    decode = json.JSONDecoder(parse_int=_integer).raw_decode
    with path.open("rb") as opened:
        file = _Text(opened, encoding, chunk)
        try:
            text, at = _filled(file, "", 0)
            if text[at : at + 1] != "[":
                raise BrokenJson(f"{path.name} is not a JSON array", "it should begin with [")
            at, first = at + 1, True
            while True:
                text, at = _filled(file, text, at)
                if text[at : at + 1] == "]":
                    break
                if not first:
                    if text[at : at + 1] != ",":
                        raise _broken(path.name, text, at)
                    text, at = _filled(file, text, at + 1)
                value, text, at = _decoded(file, text, at, decode, path.name)
                yield value
                first = False
            text, at = _filled(file, text, at + 1)
            if text:
                raise BrokenJson(
                    f"{path.name} goes on behind its end {_place(text, at)}",
                    "what stands there was not read; get the file again",
                )
        except UnicodeDecodeError as error:
            raise BrokenJson(
                f"{path.name} is not valid {encoding} ({error.reason})", "get the file again"
            ) from None


def read_lines(path: Path, encoding: str) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of JSON Lines; a broken line yields a `BrokenJson`."""
    with path.open(encoding=encoding, errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield (
                    number,
                    BrokenJson(f"{path.name} line {number} is not JSON", f"mend it ({error})"),
                )


class _Text:
    """Text read from a file of bytes; what stands before an invalid byte is still given."""

    def __init__(self, file: IO[bytes], encoding: str, chunk: int) -> None:
        self._file, self._chunk = file, chunk
        if encoding == "utf-8-sig":  # its decoder loses its place at an invalid byte
            file.read(len(codecs.BOM_UTF8))
            encoding = "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._error: UnicodeDecodeError | None = None

    def read(self, size: int = 0) -> str:
        """Return some more text, '' at the end."""
        while self._error is None:
            block = self._file.read(max(size, self._chunk))
            try:
                text = self._decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                self._error = error
                waiting = len(self._decoder.getstate()[0])
                text = self._decoder.decode(block[: max(0, error.start - waiting)])
            if text or (not block and self._error is None):
                return text
        raise self._error


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float(digits)


def _filled(file: _Text, text: str, at: int) -> tuple[str, int]:
    """Skip blanks; read on when the window is used up."""
    while True:
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]  # always matches
        if at < len(text):
            return text, at
        text, at = file.read(), 0
        if not text:
            return "", 0


def _decoded(file: _Text, text: str, at: int, decode: Any, name: str) -> tuple[Any, str, int]:
    """Decode one element, reading on as long as it is cut by the window's end."""
    while True:
        try:
            value, end = decode(text, at)
        except RecursionError:
            raise _broken(name, text, at) from None
        except json.JSONDecodeError as error:
            more = file.read(len(text)) if _is_cut(error, text) else ""
            if not more:
                raise _broken(name, text, at) from None
        else:
            # A number near the window's end may go on behind it; any other value is closed.
            number = isinstance(value, int | float)
            more = file.read() if number and len(text) - end < _CUT else ""
            if not more:
                return value, text, end
        text, at = text[at:] + more, 0


def _is_cut(error: json.JSONDecodeError, text: str) -> bool:
    """Tell whether the decoder may have failed only because the window ends too early."""
    return error.msg.startswith("Unterminated string") or error.pos > len(text) - _CUT


def _broken(name: str, text: str, at: int) -> BrokenJson:
    return BrokenJson(
        f"{name} breaks off {_place(text, at)}",
        "the documents after this place are lost; get the file again",
    )


def _place(text: str, at: int) -> str:
    shown = text[at : at + 40].replace("\n", " ")
    return f"at {shown!r}" if shown else "at its end"
