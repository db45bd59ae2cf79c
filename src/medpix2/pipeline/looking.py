"""Look at pictures: measure in each what rules need, in parallel, once for each content."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medpix2.batches import batches
from medpix2.curate.judge import Failure, plain, reason_of
from medpix2.curate.look import Look
from medpix2.pipeline.progress import Progress
from medpix2.store.database import Store
from medpix2.store.looked import looked_versions, pictures, remember_looked
from medpix2.workers import Workers

STORED = 64  # pictures after which what was seen is stored: what a kill may cost
CHUNK = 4  # pictures handed to a worker at a time: some looks take a second
_NEEDED = (__name__, "PIL.Image", "PIL.PngImagePlugin", "PIL.JpegImagePlugin")


@dataclass(frozen=True)
class Asked:
    """A picture, and what is to be measured in it."""

    sha256: str
    path: Path
    image: str
    looks: tuple[Look, ...]


@dataclass
class Seen:
    """What was seen in one picture: by look, its value or what went wrong.

    `missing` says why the picture could not be had at all; nothing is remembered then.
    """

    asked: Asked
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    missing: str | None = None


@dataclass
class Looked:
    """What looking did.

    Attributes
    ----------
    pictures
        Pictures that were looked at; all others had been before.
    failures
        Looks that failed on a picture, and pictures that could not be had.
    """

    pictures: int = 0
    failures: list[Failure] = field(default_factory=list)


def look_at_pictures(store: Store, looks: Sequence[Look], progress: Progress) -> Looked:
    """Do all looks that are missing, and remember what they saw.

    Parameters
    ----------
    store
        The database; its settings say how many cores to use. It need not be claimed: what is
        remembered depends on a picture's content alone.
    looks
        The looks. One that failed before is tried again.
    progress
        Told of every picture.
    """
    done = Looked()
    wanted = _wanted(store, looks) if looks else []
    if not wanted:
        return done
    with (
        progress.step("look at pictures", len(wanted)) as advance,
        _looking(store.settings.jobs, wanted) as results,
    ):
        for batch in batches(results, STORED):
            remember_looked(store.db, {each.asked.sha256: _row(each) for each in batch})
            for each in batch:
                done.pictures += each.missing is None
                done.failures += _failures(each)
            advance(len(batch))
    return done


def see(asked: Asked) -> Seen:
    """Decode a picture and do the looks; what fails costs that look only."""
    from PIL import Image

    seen = Seen(asked)
    try:
        content = asked.path.read_bytes()
    except OSError as error:
        seen.missing = f"its picture {asked.path.name} cannot be read ({error.strerror})"
        return seen
    if hashlib.sha256(content).hexdigest() != asked.sha256:
        seen.missing = f"its picture {asked.path.name} has changed since the build: build again"
        return seen
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = Image.open(io.BytesIO(content))
            picture.load()
        except Exception as error:  # noqa: BLE001  # a decoder may raise anything
            seen.errors = {look.name: reason_of(error) for look in asked.looks}
            return seen
        for look in asked.looks:
            try:
                seen.values[look.name] = plain(look.measure(picture))
            except Exception as error:  # noqa: BLE001  # a look may stumble over any picture
                seen.errors[look.name] = reason_of(error)
    return seen


def _wanted(store: Store, looks: Sequence[Look]) -> list[Asked]:
    """Return the pictures that lack a look at its version."""
    folder = store.settings.home / "pictures"
    there = dict(looked_versions(store.db))
    wanted = []
    for sha256, path, image in pictures(store.db):
        versions = there.get(sha256, {})
        if missing := tuple(look for look in looks if versions.get(look.name) != look.version):
            wanted.append(Asked(sha256, folder / path, image, missing))
    return wanted


@contextmanager
def _looking(jobs: int, wanted: Sequence[Asked]) -> Iterator[Iterator[Seen]]:
    """Look in this process if one core is to be used, else in as many workers."""
    jobs = min(jobs, -(-len(wanted) // CHUNK))
    if jobs == 1:
        yield map(see, wanted)
        return
    preload = (*_NEEDED, "medpix2.curate.rules")
    workers: Workers[Asked, Seen] = Workers(
        _see_all, jobs, preload=preload, chunk=CHUNK, doing="looked at pictures"
    )
    try:
        yield workers.map(wanted)
    finally:
        workers.close()


def _see_all(asked: Iterable[Asked]) -> list[Seen]:
    return [see(each) for each in asked]


def _row(seen: Seen) -> Mapping[str, Mapping[str, Any]]:
    versions = {look.name: look.version for look in seen.asked.looks}
    rows = {name: {"version": versions[name], "value": v} for name, v in seen.values.items()}
    errors = {name: {"version": versions[name], "error": e} for name, e in seen.errors.items()}
    return {**rows, **errors}


def _failures(seen: Seen) -> list[Failure]:
    image = seen.asked.image
    if seen.missing is not None:
        return [Failure(look.name, image, seen.missing) for look in seen.asked.looks]
    return [Failure(name, image, error) for name, error in seen.errors.items()]
