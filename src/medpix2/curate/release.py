"""What a release says of itself, and how two releases differ; pure.

A release is its documents, each one line of JSON, and a manifest with the SHA-256 of each line and
of each picture. Nothing in it depends on the time or on the machine: the same state of a database
gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from medpix2 import __version__
from medpix2.curate import fold, rules

FORMAT = "medpix2 release 1"
KINDS = ("cases", "images")

_Document = Mapping[str, Any]
# Where the database keeps a document, and what it was folded from: nothing of the document's own.
_BOOKKEEPING = frozenset({"n", "c", "inputs"})
_PLACE = "meta.file.path"  # where a picture lies is no part of what it is


def frozen(document: _Document) -> dict[str, Any]:
    """Return a current document less what only the database needs."""
    meta = {key: value for key, value in document["meta"].items() if key not in _BOOKKEEPING}
    return {**document, "meta": meta}


def line_of(document: _Document) -> bytes:
    """Return a document as the line that stands in a release."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8") + b"\n"


def hash_of(line: bytes) -> str:
    """Return the SHA-256 of a line, its end included, as 64 hexadecimal digits."""
    return hashlib.sha256(line).hexdigest()


def log_hash(decisions: Iterable[_Document]) -> tuple[int, str]:
    """Return how many decisions there are, and a SHA-256 of all, whatever their order."""
    digests = sorted(
        hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).digest()
        for row in decisions
    )
    return len(digests), hashlib.sha256(b"".join(digests)).hexdigest()


class Manifest:
    """Gathers what the manifest says while the documents of a release pass by."""

    def __init__(self) -> None:
        self._hashes: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
        self._totals = {kind: hashlib.sha256() for kind in KINDS}
        self._splits: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self._statuses: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
        self._modalities: Counter[str] = Counter()

    def add_case(self, document: _Document) -> bytes:
        """Note a case; return its line."""
        line = self._add("cases", document)
        self._hashes["cases"][document["_id"]] = hash_of(line)
        return line

    def add_image(self, document: _Document) -> bytes:
        """Note an image; return its line."""
        line = self._add("images", document)
        file = document["meta"]["file"]
        self._hashes["images"][document["_id"]] = {
            "document": hash_of(line),
            "picture": file["sha256"],
            "path": file["path"],
        }
        self._modalities[str(document.get("Type"))] += 1
        return line

    def finished(
        self, name: str, statuses: Iterable[str], decisions: tuple[int, str]
    ) -> dict[str, Any]:
        """Return the manifest.

        Parameters
        ----------
        name
            Name of the release.
        statuses
            Statuses of what it was made of.
        decisions
            As `log_hash` gives them.
        """
        return {
            "format": FORMAT,
            "name": name,
            "medpix2": __version__,
            "fold": fold.VERSION,
            "statuses": sorted(statuses),
            "rules": _versions([*rules.RULES, *rules.SET_RULES]),
            "looks": _versions(rules.LOOKS),
            "decisions": {"count": decisions[0], "sha256": decisions[1]},
            "counts": {
                **{kind: len(self._hashes[kind]) for kind in KINDS},
                "splits": {kind: _counted(self._splits[kind]) for kind in KINDS},
                "statuses": {kind: _counted(self._statuses[kind]) for kind in KINDS},
                "modalities": _counted(self._modalities),
            },
            "content": {kind: self._totals[kind].hexdigest() for kind in KINDS},
            **{kind: dict(sorted(self._hashes[kind].items())) for kind in KINDS},
        }

    def _add(self, kind: str, document: _Document) -> bytes:
        line = line_of(document)
        self._totals[kind].update(line)
        self._splits[kind][str(document["meta"].get("split") or "none")] += 1
        self._statuses[kind][document["meta"]["status"]] += 1
        return line


@dataclass
class Difference:
    """What came, went and changed from one release to another, of cases or of images.

    Attributes
    ----------
    came, went
        Ids, sorted.
    changed
        Id to the names of its fields that differ, with dots; `picture` is the file's content.
    fields
        Field to the number of documents in which it differs.
    splits, statuses
        "train -> test" to the number of documents that moved so.
    """

    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    changed: dict[str, list[str]] = field(default_factory=dict)
    fields: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def compare(self, before: _Document, after: _Document) -> None:
        """Note in which fields two documents of one id differ."""
        was, now = _flat(before), _flat(after)
        names = sorted(
            key for key in was.keys() | now.keys() if was.get(key, ...) != now.get(key, ...)
        )
        if not names:
            return
        self.changed[after["_id"]] = names
        self.fields.update(names)
        for key, moved in (("split", self.splits), ("status", self.statuses)):
            sides = [str(document["meta"].get(key) or "none") for document in (before, after)]
            if sides[0] != sides[1]:
                moved[" -> ".join(sides)] += 1

    def as_json(self) -> dict[str, Any]:
        """Return it as `release diff --json` prints it."""
        return {
            "came": self.came,
            "went": self.went,
            "changed": dict(sorted(self.changed.items())),
            "fields": dict(sorted(self.fields.items())),
            "splits": _counted(self.splits),
            "statuses": _counted(self.statuses),
        }


def versions_changed(
    before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, tuple[int | None, int | None]]:
    """Return name -> (version before, version after) of rules or looks that came, went, changed."""
    names = sorted(before.keys() | after.keys())
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _versions(table: Iterable[Any]) -> dict[str, int]:
    return {row.name: row.version for row in sorted(table, key=lambda row: row.name)}


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _flat(value: _Document, path: str = "") -> dict[str, Any]:
    """Return dotted field -> value; where a picture lies is left out."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        name = f"{path}{key}"
        if isinstance(inner, Mapping) and inner:
            found |= _flat(inner, f"{name}.")
        elif name == "meta.file.sha256":
            found["picture"] = inner
        elif name != _PLACE:
            found[name] = inner
    return found
