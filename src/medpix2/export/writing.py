"""Write an export: part by part, beside its place, so that what is in its place is whole."""

from __future__ import annotations

import errno
import json
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path
from typing import Any

from medpix2.errors import DiskFull, Medpix2Error, OutputError, QueryError
from medpix2.export.card import card_text
from medpix2.export.content import Content
from medpix2.export.format import Format, Part, Wishes, Written, lacking
from medpix2.export.output import FRAGMENTS, Output
from medpix2.export.parts import (
    Batches,
    Records,
    export_key,
    is_whole,
    key_of,
    read_record,
    record_path,
    write_record,
)
from medpix2.export.replacing import (
    LOCK,
    MANIFEST,
    clear,
    locked,
    partial_of,
    refuse,
    take_place,
)
from medpix2.workers import worker_pool

CARD = "README.md"
HEADER = "export.json"  # in FRAGMENTS: what an export must have in common with one that goes on
AHEAD = 2  # parts for each worker that are under way


@dataclass(frozen=True)
class Exported:
    """What was exported.

    Attributes
    ----------
    folder
        Where it lies.
    counts
        See `format.Parts`.
    files, bytes
        How many files there are, and their sizes together, without the manifest.
    kept
        Parts that an earlier command had finished.
    """

    folder: Path
    counts: dict[str, int]
    files: int
    bytes: int
    kept: int


def write_export(
    format_: Format,
    content: Content,
    wishes: Wishes,
    out: Path,
    *,
    jobs: int = 1,
    overwrite: bool = False,
    advance: Callable[[int], None] = lambda images: None,
) -> Exported:
    """Write an export.

    It is made in a folder beside its place. If this ends early, the same call goes on with the
    parts that are not there; another content or other wishes begin anew.

    Parameters
    ----------
    format_
        The format.
    content
        What to export.
    wishes
        How.
    out
        Folder, not there yet.
    jobs
        Parts that are written at a time.
    overwrite
        Replace an export that is there, when the new one is whole.
    advance
        Is told of pictures that are done.

    Raises
    ------
    OutputError
        The place is taken or cannot be written, or a picture is not there.
    DiskFull
        There is no room.
    QueryError
        The content has no case.
    """
    out = out.absolute()
    refuse(out, overwrite=overwrite)
    partial = partial_of(out)
    with _named_faults(out, partial), locked(partial):
        batches = Batches(content, format_, wishes)
        kept = _begin(partial, export_key(format_, wishes, content.name), batches)
        try:
            _write_parts(batches, partial, jobs, kept, advance)
        except BaseException:
            if next(iter(Records(partial, content.name, wishes, {})), None) is None:
                shutil.rmtree(partial)  # nothing to go on with
            raise
        if not batches.counts["cases"]:
            shutil.rmtree(partial)
            raise QueryError("Nothing to export: no case fits", "use fewer filters or --status any")
        files, size = _finish(batches, partial, kept)
        take_place(partial, out, overwrite=overwrite)
    return Exported(out, dict(batches.counts), files, size, len(kept))


def _begin(partial: Path, key: dict[str, Any], batches: Batches) -> frozenset[int]:
    """Prepare the folder; return the parts that are there already, whole and as they must be."""
    header = partial / FRAGMENTS / HEADER
    text = json.dumps(key)
    kept: frozenset[int] = frozenset()
    if header.is_file() and header.read_text("utf-8") == text:
        kept = _kept(partial, batches)
    if kept:
        _sweep(partial, kept)
    else:
        clear(partial)
    header.parent.mkdir(exist_ok=True)
    header.write_text(text, "utf-8")
    return kept


def _kept(partial: Path, batches: Batches) -> frozenset[int]:
    """Return the numbers of the finished parts; none if one of them would not be the same now."""
    kept: list[int] = []
    there = len(list((partial / FRAGMENTS).glob("[0-9]*.json")))
    for part in batches:
        if len(kept) == there:
            break
        path = record_path(partial, part.number)
        if path.is_file():
            key, written = read_record(path)
            if key != key_of(part):
                return frozenset()
            if is_whole(partial, written.files):
                kept.append(part.number)
            else:
                there -= 1
    return frozenset(kept)


def _sweep(partial: Path, kept: frozenset[int]) -> None:
    """Remove whatever is not of a finished part."""
    fragments, names = partial / FRAGMENTS, {LOCK}
    for path in fragments.iterdir():
        if path.name == HEADER:
            continue
        if path.stem.isdecimal() and int(path.stem) in kept:
            if path.suffix == ".json":
                names.update(read_record(path)[1].files)
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in partial.rglob("*"):
        inside = path.relative_to(partial)
        if path.is_file() and inside.parts[0] != FRAGMENTS and inside.as_posix() not in names:
            path.unlink()


def _write_parts(
    batches: Batches,
    partial: Path,
    jobs: int,
    kept: frozenset[int],
    advance: Callable[[int], None],
) -> None:
    """Write the parts that are not there, a bounded number ahead."""
    under_way: deque[tuple[int, Future[None]]] = deque()

    def wait() -> None:
        images, future = under_way.popleft()
        future.result()
        advance(images)

    decodes = batches.format.decodes or batches.wishes.decodes
    with _executor(batches.wishes, decodes, jobs) as executor:
        try:
            for part in batches:
                images = sum(len(case.pictures) for case in part.cases)
                if part.number in kept:
                    advance(images)
                    continue
                task = (batches.format, part, batches.wishes, partial)
                under_way.append((images, executor.submit(write_part, *task)))
                if len(under_way) >= AHEAD * jobs:
                    wait()
            while under_way:
                wait()
        finally:
            for _, future in under_way:
                future.cancel()


def write_part(format_: Format, part: Part, wishes: Wishes, partial: Path) -> None:
    """Write a part and its record; runs in a thread or a process."""
    output = Output(partial, wishes, part.number)
    format_.write(part, wishes, output)
    written = Written(part.number, part.split, output.files, dict(output.counts))
    write_record(partial, key_of(part), written)


@contextmanager
def _executor(wishes: Wishes, decodes: bool, jobs: int) -> Iterator[Executor]:
    """Give what runs parts: processes where pictures are decoded, else threads.

    Copying and hashing need no processes: the interpreter lets other threads run meanwhile.
    """
    executor: Executor
    if decodes and jobs > 1:
        executor = worker_pool(jobs, _modules(wishes))
    else:
        executor = ThreadPoolExecutor(jobs)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _modules(wishes: Wishes) -> list[str]:
    """Return what worker processes need."""
    masks = ["medpix2.encode.burned", "medpix2.encode.mask"] if wishes.burned_in != "keep" else []
    return [__name__, "PIL.PngImagePlugin", *masks]


def _finish(batches: Batches, partial: Path, kept: frozenset[int]) -> tuple[int, int]:
    """Write what needs all parts; return the number of files and their bytes."""
    format_, wishes = batches.format, batches.wishes
    records = Records(partial, batches.content.name, wishes, batches.counts)
    own: Counter[str] = Counter()
    for written in records:
        own.update(written.counts)
    batches.counts.update(own)
    output = Output(partial, wishes)
    card = format_.finish(records, output)
    batches.counts.update(output.counts)
    output.put(CARD, card_text(format_, wishes, batches.content.name, batches.counts, card))
    files, size = _write_manifest(batches, partial, records, output)
    shutil.rmtree(partial / FRAGMENTS)
    if kept:
        _remove_empty(partial)
    return files, size


def _remove_empty(partial: Path) -> None:
    """Remove folders in which an earlier command had begun what is elsewhere now."""
    for folder in sorted((path for path in partial.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _write_manifest(
    batches: Batches, partial: Path, records: Records, output: Output
) -> tuple[int, int]:
    """Write the manifest, one line a file."""
    head = export_key(batches.format, batches.wishes, batches.content.name)
    head["counts"] = dict(sorted(batches.counts.items()))
    number = size = 0
    with (partial / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}"))
        file.write(',\n "files": {')
        for name, (sha256, bytes_) in _all_files(records, output):
            comma = "," if number else ""
            file.write(f'{comma}\n  {_quoted(name)}: ["{sha256}", {bytes_}]')
            number, size = number + 1, size + bytes_
        file.write("\n }\n}\n")
    return number, size


def _all_files(records: Records, output: Output) -> Iterator[tuple[str, tuple[str, int]]]:
    for written in records:
        for name, facts in written.files.items():
            if name not in output.renamed:
                yield name, facts
    yield from output.files.items()


@contextmanager
def _named_faults(out: Path, partial: Path) -> Iterator[None]:
    """Say what went wrong with the files, and how it goes on."""
    again = "then run the same command again, it goes on"
    try:
        yield
    except BrokenProcessPool:
        raise OutputError(
            f"A process that wrote {out} died",
            "probably the memory ran out; run again with fewer --jobs",
        ) from None
    except ModuleNotFoundError as error:
        raise lacking(error) from None
    except Medpix2Error:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"There is no room to export to {out}", f"make room and {again} ({partial})"
            ) from None
        raise OutputError(
            f"{error.filename or out} cannot be written or read ({error.strerror})",
            f"check it, {again}",
        ) from None
