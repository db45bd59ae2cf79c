"""Batches of cases, and the records of what became of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from medpix2 import __version__
from medpix2.export.content import Content, ExportCase
from medpix2.export.format import UNSPLIT, Format, Part, Wishes, Written
from medpix2.export.output import FRAGMENTS
from medpix2.whole_files import whole_file

_ORDER = {"train": 0, "dev": 1, "test": 2, UNSPLIT: 4}


@dataclass
class Batches:
    """The parts of an export, one after the other; what they have is counted on the way.

    Attributes
    ----------
    counts
        See `format.Parts`; complete when the iteration is.
    """

    content: Content
    format: Format
    wishes: Wishes
    counts: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Part]:
        """Yield the parts; what is held is one part a split."""
        self.counts.clear()
        number = 0
        open_: dict[str | None, tuple[list[ExportCase], int]] = {}
        for case in self.content.cases():
            if not case.pictures and not self.format.bare:
                continue
            split = split_of(case)
            self._count(case, split)
            key = split if self.format.by_split else None
            cases, size = open_.get(key, ([], 0))
            cases.append(case)
            size += sum(_size(picture.document) for picture in case.pictures)
            open_[key] = cases, size
            full = self.format.sharded and size >= self.wishes.shard_size
            if full or len(cases) >= self.format.cases_a_part:
                yield Part(number, key, open_.pop(key)[0])
                number += 1
        for key in in_order(open_):
            yield Part(number, key, open_[key][0])
            number += 1

    def _count(self, case: ExportCase, split: str) -> None:
        counts, pictures = self.counts, len(case.pictures)
        counts["cases"] += 1
        counts[f"cases:{split}"] += 1
        counts["images"] += pictures
        counts[f"images:{split}"] += pictures
        for picture in case.pictures:
            document = picture.document
            meta = document.get("meta") or {}
            category = (meta.get("normalized") or {}).get("location_category")
            counts[f"modality:{document.get('Type')}"] += 1
            counts[f"location_category:{category}"] += 1
            counts[f"status:{meta.get('status')}"] += 1


@dataclass(frozen=True)
class Records:
    """The finished parts of an export that is not finished, on disk; see `format.Parts`."""

    folder: Path
    name: str
    wishes: Wishes
    counts: Mapping[str, int]

    def __iter__(self) -> Iterator[Written]:
        """Yield the parts in their order, read from disk."""
        for path in sorted((self.folder / FRAGMENTS).glob("[0-9]*.json")):
            yield read_record(path)[1]

    def splits(self) -> list[str]:
        """Return the splits that have cases: train, dev, test first, `UNSPLIT` last."""
        return [str(split) for split in in_order(splits_in(self.counts))]


def splits_in(counts: Mapping[str, int]) -> list[str]:
    """Return the splits that are counted."""
    return [key.removeprefix("cases:") for key in counts if key.startswith("cases:")]


def in_order(splits: Any) -> list[Any]:
    """Return splits in the order in which they are told."""
    return sorted(splits, key=lambda split: (_ORDER.get(split, 3), str(split)))


def split_of(case: ExportCase) -> str:
    """Return the split of a case, `UNSPLIT` if it is in none."""
    return (case.document.get("meta") or {}).get("split") or UNSPLIT


def key_of(part: Part) -> str:
    """Return what changes if and only if what is written of a part may change."""
    content = [
        part.split,
        [
            [case.document, [[picture.document, str(picture.path)] for picture in case.pictures]]
            for case in part.cases
        ],
    ]
    text = json.dumps(content, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def export_key(format_: Format, wishes: Wishes, name: str) -> dict[str, Any]:
    """Return what an export must have in common with one that goes on."""
    key = {
        "format": format_.name,
        "format_version": format_.version,
        "medpix2": __version__,
        "content": name,
        "wishes": json.loads(json.dumps(asdict(wishes))),
    }
    if wishes.decodes and wishes.burned_in != "keep":
        from medpix2.encode.burned import VERSION

        key["burned_in_version"] = VERSION
    return key


def record_path(folder: Path, number: int) -> Path:
    """Return where the record of a part lies."""
    return folder / FRAGMENTS / f"{number:06d}.json"


def write_record(folder: Path, key: str, written: Written) -> None:
    """Write the record of a finished part, last of all that is of it."""
    with whole_file(record_path(folder, written.number)) as partial:
        row = {"key": key, "number": written.number, "split": written.split}
        text = json.dumps({**row, "files": written.files, "counts": written.counts})
        partial.write_text(text, "utf-8")


def read_record(path: Path) -> tuple[str, Written]:
    """Return the key of a finished part and what was written of it."""
    row = json.loads(path.read_text("utf-8"))
    files = {name: (facts[0], facts[1]) for name, facts in row["files"].items()}
    return row["key"], Written(row["number"], row["split"], files, row["counts"])


def is_whole(folder: Path, files: Mapping[str, Sequence[Any]]) -> bool:
    """Tell whether the files of a part are there, with their sizes."""
    try:
        return all((folder / name).stat().st_size == size for name, (_, size) in files.items())
    except OSError:
        return False


def _size(document: Mapping[str, Any]) -> int:
    return int(((document.get("meta") or {}).get("file") or {}).get("bytes") or 0)
