"""Releases: what was accepted at a time, frozen in a folder of the home."""

from __future__ import annotations

import difflib
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from medpix2.curate.release import FORMAT, KINDS, Manifest, log_hash
from medpix2.errors import OutputError, ReleaseError
from medpix2.export.content import ExportCase, Picture
from medpix2.pipeline.content import StoreContent, picture_path
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.sourced import Sourced
from medpix2.settings import Settings
from medpix2.store.database import Store, has_database, open_store
from medpix2.store.facets import Filters
from medpix2.store.releases import (
    claim_release,
    forget_claim,
    logged_decisions,
    note_release,
    noted_releases,
)
from medpix2.store.writing import pending_of, unfinished, writing
from medpix2.whole_files import whole_file, whole_folder

MANIFEST, WITHDRAWN = "manifest.json", "withdrawn.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_Document = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """A release in the home's folder.

    Attributes
    ----------
    folder
        Where it lies.
    manifest
        What it says of itself; see docs/releases.md.
    sha256
        Hash of the manifest's bytes, which stands for all of it.
    """

    folder: Path
    manifest: Mapping[str, Any] = field(repr=False)
    sha256: str

    @property
    def name(self) -> str:
        """Name of the release."""
        return self.folder.name

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """Ids of its cases and images that were withdrawn since."""
        file = self.folder / WITHDRAWN
        return frozenset(json.loads(file.read_text("utf-8")) if file.is_file() else ())

    def lines(self, kind: str) -> Iterator[bytes]:
        """Yield the lines of `cases` or `images`.

        Raises
        ------
        ReleaseError
            The file is gone or damaged.
        """
        file = lines_file(self.folder, kind)
        try:
            with gzip.open(file) as lines:
                yield from lines
        except (OSError, EOFError, zlib.error) as error:
            raise ReleaseError(
                f"Release {self.name} cannot be read ({file.name}: {error})",
                "put back the folder of the release as it was made",
            ) from None

    def documents(self, kind: str) -> Iterator[_Document]:
        """Yield the documents of `cases` or `images`, those that were withdrawn left out."""
        for line in self.lines(kind):
            document = json.loads(line)
            if not self.withdrawn & {document["_id"], document["U_id"]}:
                yield document


class ReleaseContent:
    """The cases of a release, as an export takes them: the same however the database moves on.

    What was withdrawn since is left out.

    Attributes
    ----------
    name
        Name of the release.

    Raises
    ------
    ReleaseError
        There is no such release in the home.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self.release = open_release(settings, name)
        self.name = self.release.name
        self._settings = settings

    def cases(self) -> Iterator[ExportCase]:
        """Yield the cases in the order of their ids."""
        grouped = groupby(self.release.documents("images"), key=lambda image: image["U_id"])
        images = next(grouped, None)
        for case in self.release.documents("cases"):
            pictures: list[Picture] = []
            while images is not None and images[0] < case["_id"]:
                images = next(grouped, None)
            if images is not None and images[0] == case["_id"]:
                pictures = [self._picture(image) for image in images[1]]
                images = next(grouped, None)
            yield ExportCase(case, pictures)

    def _picture(self, image: _Document) -> Picture:
        return Picture(image, picture_path(self._settings, image["meta"]["file"]))


def lines_file(folder: Path, kind: str) -> Path:
    """Return the file of a release that holds its `cases` or `images`."""
    return folder / f"{kind}.jsonl.gz"


def make_release(
    settings: Settings, name: str, *, pending: bool = False, progress: Progress | None = None
) -> Release:
    """Freeze what is accepted.

    One that was killed leaves no release; running it again makes it.

    Parameters
    ----------
    settings
        Home and server.
    name
        Name of the release.
    pending
        Take also what nobody has decided yet.
    progress
        Told of every case.

    Raises
    ------
    ReleaseError
        The name cannot be used or is taken, or a picture is gone.
    StoreError
        Nothing was built, somebody writes, or a build did not end.
    OutputError
        The folder cannot be written.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise ReleaseError(
            f"{name!r} cannot be the name of a release",
            "use up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first",
        )
    folder = _folder(settings) / name
    with open_store(settings) as store, writing(store.db):
        store.require_content()
        if note := pending_of(store.db):
            raise unfinished(store.db, note)
        free = claim_release(store.db, name)
        if folder.exists() and free == "left":
            return _noted(store, open_release(settings, name))  # killed just before it was noted
        try:
            if folder.exists() or free == "taken":
                raise ReleaseError(
                    f"There is a release {name} already, and a release is frozen",
                    f"choose another name; `medpix2 release show {name}` tells what it is",
                )
            statuses = ["accepted", "pending"] if pending else ["accepted"]
            _write(store, folder, statuses, progress or Silent())
        except BaseException:
            forget_claim(store.db, name)
            raise
        return _noted(store, open_release(settings, name))


def open_release(settings: Settings, name: str) -> Release:
    """Open a release of the home.

    Raises
    ------
    ReleaseError
        There is none of this name (a near one is named), or it is damaged.
    """
    folder = _folder(settings) / name
    try:
        content = (folder / MANIFEST).read_bytes()
        manifest = json.loads(content)
        if manifest["format"] != FORMAT:
            raise ReleaseError(
                f"Release {name} has the format {manifest['format']!r}, this program reads "
                f"{FORMAT!r}",
                "use the version of medpix2 that made it",
            )
    except (FileNotFoundError, NotADirectoryError):
        near = difflib.get_close_matches(name, _names(settings), n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}? " if near else ""
        raise ReleaseError(
            f"No release {name!r} in {_folder(settings)}",
            f"{hint}`medpix2 release list` names all",
        ) from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ReleaseError(
            f"Release {name} cannot be read ({MANIFEST}: {error})",
            "put back the folder of the release as it was made",
        ) from None
    return Release(folder, manifest, hashlib.sha256(content).hexdigest())


def list_releases(settings: Settings) -> list[dict[str, Any]]:
    """Return name, counts, manifest's hash, when it was made, and whether it lies in this home.

    Those of other homes of the same database are among them; when is None for a release that the
    database does not know.
    """
    noted: dict[str, dict[str, Any]] = {}
    if has_database(settings):
        with open_store(settings, create=False) as store:
            noted = noted_releases(store.db)
    rows = []
    for name in sorted({*noted, *_names(settings)}):
        known, here = noted.get(name, {}), name in _names(settings)
        release = open_release(settings, name) if here else None
        counts = release.manifest["counts"] if release else known["counts"]
        rows.append(
            {
                "name": name,
                **{kind: counts[kind] for kind in KINDS},
                "made": known.get("made"),
                "manifest": release.sha256 if release else known["manifest"],
                "here": here,
            }
        )
    return rows


def releases_with(settings: Settings, ids: Sequence[str]) -> list[Release]:
    """Return the releases of the home that one of these cases or images is in."""
    releases = [open_release(settings, name) for name in _names(settings)]
    return [
        release
        for release in releases
        if any(name in release.manifest[kind] for kind in KINDS for name in ids)
    ]


def note_withdrawn(release: Release, withdrawn: frozenset[str]) -> None:
    """Note beside a release which of its cases and images are withdrawn; its content stays."""
    file = release.folder / WITHDRAWN
    with whole_file(file) as partial:
        partial.write_text(json.dumps(sorted(withdrawn)), "utf-8")


def _folder(settings: Settings) -> Path:
    return settings.home / "releases"


def _names(settings: Settings) -> list[str]:
    return sorted(file.parent.name for file in _folder(settings).glob(f"[!.]*/{MANIFEST}"))


def _noted(store: Store, release: Release) -> Release:
    counts = {kind: release.manifest["counts"][kind] for kind in KINDS}
    note_release(store.db, release.name, release.sha256, counts)
    return release


def _write(store: Store, folder: Path, statuses: list[str], progress: Progress) -> None:
    """Write the folder of a release, whole or not at all."""
    manifest = Manifest()
    try:
        with whole_folder(folder) as partial:
            _write_lines(store, partial, manifest, statuses, progress)
            said = manifest.finished(folder.name, statuses, log_hash(logged_decisions(store.db)))
            text = json.dumps(said, ensure_ascii=False, indent=1)
            (partial / MANIFEST).write_text(f"{text}\n", "utf-8")
    except OSError as error:
        raise OutputError(
            f"Release {folder} cannot be written ({error.strerror})",
            "make room or choose another --home, then run the same command again",
        ) from None


def _write_lines(
    store: Store, folder: Path, manifest: Manifest, statuses: list[str], progress: Progress
) -> None:
    # With where each is from: an export of a release needs no database.
    content = Sourced(StoreContent(store, Filters({"status": statuses})), store)
    with ExitStack() as stack:
        cases, images = (
            stack.enter_context(_zipped(stack, lines_file(folder, kind))) for kind in KINDS
        )
        advance = stack.enter_context(progress.step("freeze", None))
        for case in content.cases():
            cases.write(manifest.add_case(case.document))
            for picture in case.pictures:
                if not picture.path.is_file():
                    raise ReleaseError(
                        f"Picture {picture.path} of {picture.document['_id']} is gone",
                        "build from its source again, then make the release",
                    )
                images.write(manifest.add_image(picture.document))
            advance(1)


def _zipped(stack: ExitStack, file: Path) -> IO[bytes]:
    """Open a file to be compressed, with neither a time nor a name in it."""
    raw = stack.enter_context(file.open("wb"))
    return gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0)  # type: ignore[return-value]
