"""Whether a release is still whole, and how two of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from medpix2.curate.release import KINDS, Difference, hash_of, versions_changed
from medpix2.errors import ReleaseError
from medpix2.pipeline.content import picture_path
from medpix2.pipeline.progress import Progress, Silent
from medpix2.pipeline.releasing import Release, open_release
from medpix2.settings import Settings
from medpix2.store.database import has_database, open_store
from medpix2.store.releases import noted_releases


@dataclass
class Verdict:
    """What a check of a release has found.

    Attributes
    ----------
    name
        Name of the release.
    problems
        What is not as it was frozen, one line each; empty if all of it is.
    withdrawn
        Ids that were withdrawn since: their pictures are gone, as they should be.
    """

    name: str
    problems: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as `release check --json` prints it."""
        return {
            "name": self.name,
            "whole": not self.problems,
            "problems": self.problems,
            "withdrawn": self.withdrawn,
        }


def check_release(settings: Settings, name: str, *, progress: Progress | None = None) -> Verdict:
    """Compare every document and picture of a release with its manifest, and that with the note.

    Raises
    ------
    ReleaseError
        There is no such release, or its manifest cannot be read.
    """
    release = open_release(settings, name)
    verdict = Verdict(name, withdrawn=sorted(release.withdrawn))
    if has_database(settings):
        with open_store(settings, create=False) as store:
            noted = noted_releases(store.db).get(name)
        if noted and noted["manifest"] != release.sha256:
            verdict.problems.append("manifest.json is not the one that the database noted")
    gone: set[str] = set(release.withdrawn)
    for kind in KINDS:
        try:
            _check_lines(release, kind, gone, verdict)
        except ReleaseError as error:
            verdict.problems.append(error.failed)
    images = release.manifest["images"]
    with (progress or Silent()).step("check pictures", len(images)) as advance:
        for image, known in images.items():
            if image not in gone:
                _check_picture(settings, image, known, verdict)
            advance(1)
    return verdict


def compare_releases(settings: Settings, before: str, after: str) -> dict[str, Any]:
    """Return what came, went and changed from one release to another.

    Returns
    -------
    dict
        `before`, `after` (names); `cases` and `images`, each as `Difference.as_json` gives it;
        `rules` and `looks`, name to versions before and after; `decisions`, their numbers before
        and after.

    Raises
    ------
    ReleaseError
        One of them is not there or damaged.
    """
    pair = open_release(settings, before), open_release(settings, after)
    was, now = (release.manifest for release in pair)
    return {
        "before": before,
        "after": after,
        **{kind: _differences(pair, kind).as_json() for kind in KINDS},
        **{
            table: {name: list(v) for name, v in versions_changed(was[table], now[table]).items()}
            for table in ("rules", "looks")
        },
        "decisions": [was["decisions"]["count"], now["decisions"]["count"]],
    }


def _check_lines(release: Release, kind: str, gone: set[str], verdict: Verdict) -> None:
    """Compare the lines of a kind with the manifest; note in `gone` what is withdrawn."""
    known = dict(release.manifest[kind])
    total = hashlib.sha256()
    for line in release.lines(kind):
        total.update(line)
        try:
            document = json.loads(line)
            name, case = document["_id"], document["U_id"]
        except (ValueError, LookupError, TypeError):
            verdict.problems.append(f"{kind}: a line is no document")
            continue
        if case in gone:
            gone.add(name)
        if (said := known.pop(name, None)) is None:
            verdict.problems.append(f"{name}: its document is not in the manifest, or comes twice")
        elif hash_of(line) != _document_hash(said):
            verdict.problems.append(f"{name}: its document has been changed")
    verdict.problems += [f"{name}: its document is gone" for name in sorted(known)]
    if total.hexdigest() != release.manifest["content"][kind] and not verdict.problems:
        verdict.problems.append(f"{kind}: the documents stand in another order")


def _check_picture(
    settings: Settings, image: str, known: Mapping[str, Any], verdict: Verdict
) -> None:
    path = picture_path(settings, known)
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        verdict.problems.append(f"{image}: picture {path} cannot be read ({error.strerror})")
    else:
        if found != known["picture"]:
            verdict.problems.append(f"{image}: picture {path} has been changed")


def _differences(pair: tuple[Release, Release], kind: str) -> Difference:
    was, now = (release.manifest[kind] for release in pair)
    found = Difference(came=sorted(now.keys() - was.keys()), went=sorted(was.keys() - now.keys()))
    changed = {
        name
        for name in was.keys() & now.keys()
        if _document_hash(was[name]) != _document_hash(now[name])
    }
    if changed:
        lines = (json.loads(line) for line in pair[0].lines(kind))
        before = {document["_id"]: document for document in lines if document["_id"] in changed}
        for line in pair[1].lines(kind):
            document = json.loads(line)
            if document["_id"] in changed:
                found.compare(before.pop(document["_id"]), document)
    return found


def _document_hash(said: Any) -> str:
    """Return a document's hash of the manifest, which has more to say of images."""
    return str(said if isinstance(said, str) else said["document"])
