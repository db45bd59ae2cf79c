"""Check an export: its files and their hashes, and what stands in it."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from medpix2.errors import OutputError
from medpix2.export.format import Seen, lacking
from medpix2.export.formats import FORMATS
from medpix2.export.replacing import MANIFEST, read_manifest
from medpix2.export.rows import CASE_FIELDS, IMAGE_FIELDS

KNOWN: Mapping[str, frozenset[str]] = {
    field.name: frozenset(field.classes) for field in (*CASE_FIELDS, *IMAGE_FIELDS) if field.classes
}
AHEAD = 64  # files that are hashed or pictures that are decoded ahead


@dataclass
class Checked:
    """What was found of an export.

    Attributes
    ----------
    files
        Files that the manifest lists.
    cases, images
        Different ids of cases and pictures that stand in it.
    problems
        A sentence for each thing that is wrong; none if all is well.
    """

    files: int = 0
    cases: int = 0
    images: int = 0
    problems: list[str] = field(default_factory=list)


def check_export(
    folder: Path, *, jobs: int = 1, advance: Callable[[int], None] = lambda files: None
) -> Checked:
    """Check an export.

    Parameters
    ----------
    folder
        Its folder.
    jobs
        Files that are hashed, or pictures decoded, at a time.
    advance
        Is told of files that are done.

    Raises
    ------
    OutputError
        It is no export.
    """
    manifest = read_manifest(folder)
    found = Checked()
    files = _listed(manifest["files"], folder)
    found.files = len(files)
    with ThreadPoolExecutor(jobs) as threads:
        compared = partial(_file_problem, folder)
        for problem in _ahead(threads, compared, iter(files.items())):
            advance(1)
            if problem:
                found.problems.append(problem)
        found.problems += _extra(folder, files)
        format_ = FORMATS.get(str(manifest.get("format")))
        if format_ is None:
            found.problems.append(
                f"{MANIFEST}: format {manifest.get('format')!r} is not known here: its content was"
                " not checked"
            )
        elif format_.read is not None:
            _check_content(format_.read(folder), manifest.get("counts"), threads, found)
    return found


def _listed(listed: object, folder: Path) -> dict[str, tuple[str, int]]:
    try:
        files = {
            str(name): (str(sha256), int(size))
            for name, (sha256, size) in listed.items()  # type: ignore[attr-defined]
        }
    except (TypeError, ValueError) as error:
        raise OutputError(
            f"{folder / MANIFEST} has no list of files ({error})", "export again"
        ) from None
    return files


def _file_problem(folder: Path, listed: tuple[str, tuple[str, int]]) -> str | None:
    name, facts = listed
    path = folder / name
    if Path(name).is_absolute() or ".." in Path(name).parts:
        return f"{MANIFEST}: {name!r} is outside of the export"
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != facts[1]:
                return f"{name}: has {size} bytes, not {facts[1]}"
            if hashlib.file_digest(file, "sha256").hexdigest() != facts[0]:
                return f"{name}: its content is not what was exported (SHA-256)"
    except FileNotFoundError:
        return f"{name}: is not there"
    except OSError as error:
        return f"{name}: cannot be read ({error.strerror})"
    return None


def _extra(folder: Path, files: Mapping[str, object]) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name != MANIFEST and name not in files:
            yield f"{name}: is there, but {MANIFEST} does not list it"


def _check_content(
    read: Iterator[Seen],
    counts: object,
    threads: ThreadPoolExecutor,
    found: Checked,
) -> None:
    ids = _Ids(found.problems)
    try:
        for problem in _ahead(threads, _undecodable, map(ids.noted, read)):
            if problem:
                found.problems.append(problem)
    except ModuleNotFoundError as error:
        raise lacking(error) from None
    except (ValueError, KeyError, TypeError, OSError, EOFError) as error:
        said = f"{type(error).__name__}: {error}"
        found.problems.append(f"What is in it cannot be read ({said})")
        return
    found.cases, found.images = len(ids.splits), len(ids.images)
    for name, number in (("cases", found.cases), ("images", found.images)):
        expected = counts.get(name) if isinstance(counts, Mapping) else None
        if expected != number:
            found.problems.append(f"{MANIFEST}: says {expected} {name}, but there are {number}")


@dataclass
class _Ids:
    """What was seen so far: to tell what is there twice, or in two splits."""

    problems: list[str]
    splits: dict[str, str | None] = field(default_factory=dict)
    images: set[str] = field(default_factory=set)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def noted(self, seen: Seen) -> Seen:
        """Note a case or picture, and what is wrong with it but its pixels."""
        if (seen.kind, seen.id) in self._seen:
            self.problems.append(f"{seen.where}: {seen.kind} {seen.id} is there twice")
        self._seen.add((seen.kind, seen.id))
        if not seen.kind.startswith("case"):
            self.images.add(seen.id)
        if seen.split is not None and self.splits.get(seen.case) not in (None, seen.split):
            self.problems.append(
                f"{seen.where}: case {seen.case} is in {self.splits[seen.case]} and {seen.split}"
            )
        if seen.split is not None or seen.case not in self.splits:
            self.splits[seen.case] = seen.split
        for name, value in seen.labels.items():
            if value is not None and value not in KNOWN.get(name, (value,)):
                self.problems.append(f"{seen.where}: {seen.id} has the {name} {value!r}")
        return seen


def _undecodable(seen: Seen) -> str | None:
    """Return what is wrong with a picture's file."""
    from PIL import Image

    if seen.picture is None:
        return None
    content = io.BytesIO(seen.picture) if isinstance(seen.picture, bytes) else seen.picture
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(content) as image:
                image.load()
    except Exception as error:  # noqa: BLE001  # a decoder may raise anything on hostile bytes
        said = (str(error) or type(error).__name__).splitlines()[0]
        return f"{seen.where}: picture {seen.id} cannot be decoded ({said})"
    return None


_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def _ahead(
    threads: ThreadPoolExecutor, work: Callable[[_Item], _Result], items: Iterator[_Item]
) -> Iterator[_Result]:
    """Yield what is made of each item, in order, a bounded number ahead."""
    under_way = deque(threads.submit(work, item) for item in islice(items, AHEAD))
    while under_way:
        result = under_way.popleft().result()
        under_way.extend(threads.submit(work, item) for item in islice(items, 1))
        yield result
