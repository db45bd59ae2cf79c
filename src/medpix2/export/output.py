"""Where a format writes: every file is hashed while it is written, and none is named twice."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from medpix2.errors import OutputError
from medpix2.export.pictures import Wished, wished

if TYPE_CHECKING:
    from medpix2.export.content import Picture
    from medpix2.export.format import Wishes

FRAGMENTS = ".parts"  # folder in an unfinished export: what becomes of parts, and their records
_CHUNK = 1 << 20


class HashedFile(io.RawIOBase):
    """A file for writing that knows the SHA-256 and the number of the bytes written to it.

    It cannot seek; `tell` works, as tarfile and pyarrow need it.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        """Say that it can be written."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]  # any buffer of bytes
        """Write all of it."""
        view = memoryview(content).cast("B")
        self._hash.update(view)
        self._file.write(view)
        self.size += len(view)
        return len(view)

    def copy(self, path: Path) -> None:
        """Write all of another file."""
        with path.open("rb", buffering=0) as source:
            while chunk := source.read(_CHUNK):
                self.write(chunk)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self.size

    @property
    def facts(self) -> tuple[str, int]:
        """SHA-256 and size of what was written so far."""
        return self._hash.hexdigest(), self.size


class Output:
    """Where a part, or the last step, writes.

    Names are relative to the export and have `/`, whatever the system.

    Attributes
    ----------
    wishes
        How the export is wished.
    files
        Name of each file to its SHA-256 and size.
    counts
        What was counted.
    renamed
        Names that files of parts have no more.
    """

    def __init__(self, folder: Path, wishes: Wishes, part: int | None = None) -> None:
        self._folder, self.wishes, self._part = folder, wishes, part
        self._made: set[str] = set()
        self.renamed: set[str] = set()
        self.files: dict[str, tuple[str, int]] = {}
        self.counts: Counter[str] = Counter()

    def wished(self, picture: Picture) -> Wished:
        """Return a picture as it is wished for; what was changed is counted for the card."""
        found = wished(picture, self.wishes)
        if found.content is not None:
            self.count("pictures:changed")
        if found.masked:
            self.count("pictures:masked")
        return found

    @contextmanager
    def file(self, name: str) -> Iterator[HashedFile]:
        """Give a new file of the export to write to."""
        with Path(self._place(name)).open("xb", buffering=_CHUNK) as file:
            hashed = HashedFile(file)
            yield hashed
        self.files[name] = hashed.facts

    @contextmanager
    def path(self, name: str) -> Iterator[Path]:
        """Give the path of a new file of the export, for a library that opens files itself.

        The file is read once more to hash it: prefer `file`.
        """
        place = Path(self._place(name))
        yield place
        with place.open("rb") as file:
            hashed = hashlib.file_digest(file, "sha256")
            self.files[name] = hashed.hexdigest(), file.tell()

    def put(self, name: str, content: bytes | str) -> None:
        """Write a new file with this content (texts in UTF-8)."""
        with self.file(name) as file:
            file.write(content.encode() if isinstance(content, str) else content)

    def picture(self, name: str, wished: Wished) -> None:
        """Write a picture as a file; one that is left as it is is copied as fast as can be."""
        if wished.content is not None:
            self.put(name, wished.content)
            return
        place = self._place(name)
        size = _copy(wished.path, place)
        facts = wished.facts
        if facts is not None and facts[1] == size:
            self.files[name] = facts
            return
        with Path(place).open("rb") as file:
            self.files[name] = hashlib.file_digest(file, "sha256").hexdigest(), size

    @contextmanager
    def fragment(self, name: str) -> Iterator[IO[bytes]]:
        """Give a file beside the export to write to, for the last step to join; one a part."""
        place = self._folder / FRAGMENTS / f"{self._part:06d}" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb", buffering=_CHUNK) as file:
            yield file

    def count(self, name: str, number: int = 1) -> None:
        """Count something, for the card and the last step."""
        self.counts[name] += number

    def join(
        self,
        name: str,
        fragment: str,
        *,
        head: bytes = b"",
        between: bytes = b"",
        tail: bytes = b"",
    ) -> None:
        """Write a file of the fragments of that name, in the order of the parts (last step only).

        Fragments that are empty or not there are left out; `between` stands between the others.
        """
        with self.file(name) as file:
            file.write(head)
            first = True
            for place in self.fragments(fragment):
                if place.stat().st_size:
                    if not first:
                        file.write(between)
                    first = False
                    file.copy(place)
            file.write(tail)

    def fragments(self, name: str) -> Iterator[Path]:
        """Yield the fragments of that name, in the order of the parts (last step only)."""
        parts = sorted(path for path in (self._folder / FRAGMENTS).iterdir() if path.is_dir())
        yield from (path for part in parts if (path := part / name).is_file())

    def rename(self, old: str, new: str, facts: tuple[str, int]) -> None:
        """Give a file of a part another name, as shards whose names say how many there are.

        `facts` are its SHA-256 and size, from `Written.files` (last step only). A part whose file
        has another name already when an export goes on is written again.
        """
        (self._folder / old).rename(self._place(new))
        self.renamed.add(old)
        self.files[new] = facts

    def _place(self, name: str) -> str:
        if name in self.files or not _is_name(name):
            raise ValueError(f"no name for a new file of an export: {name!r}")
        parent = name.rpartition("/")[0]
        if parent not in self._made:
            (self._folder / parent).mkdir(parents=True, exist_ok=True)
            self._made.add(parent)
        return f"{self._folder}/{name}"


def _is_name(name: str) -> bool:
    parts = name.split("/")
    return not any(part in ("", ".", "..") or "\0" in part or "\\" in part for part in parts)


def _copy(source: Path, target: str) -> int:
    """Copy a file's content, by the system where it can; return its size in bytes.

    By the calls of the system alone: a data set is thousands of small files.
    """
    try:
        read = os.open(source, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise OutputError(
            f"Picture {source} is not there", "build again, or leave its case out"
        ) from None
    try:
        written = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            return _copy_content(read, written, os.fstat(read).st_size)
        finally:
            os.close(written)
    finally:
        os.close(read)


def _copy_content(read: int, written: int, size: int) -> int:
    left = size
    if hasattr(os, "copy_file_range"):
        try:
            while left and (done := os.copy_file_range(read, written, left)):
                left -= done
        except OSError as error:
            # Not between these file systems: by hand, from where it stopped.
            if error.errno not in (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
    while left and (chunk := os.read(read, min(left, _CHUNK))):
        os.write(written, chunk)
        left -= len(chunk)
    return size - left
