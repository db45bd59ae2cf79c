"""A ZIP file that is made while it is sent: no more than one entry is held at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

_TIME = (1980, 1, 1, 0, 0, 0)  # of every entry: the same content gives the same file
_COMPRESSED = (".json", ".txt")  # pictures are compressed already


def zipped(entries: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield the pieces of a ZIP file.

    Parameters
    ----------
    entries
        (path in the file, content), read one after the other.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, _TIME)
            info.external_attr = 0o644 << 16
            small = name.endswith(_COMPRESSED)
            info.compress_type = zipfile.ZIP_DEFLATED if small else zipfile.ZIP_STORED
            archive.writestr(info, content)
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Takes what is written until it is taken away; cannot be sought in."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        pieces = b"".join(self._pieces)
        self._pieces.clear()
        return pieces
