"""Read a copy of the published MedPix 2.0 layout.

`Case_topic.json` and `Descriptions.json` are required; `images/`, `splitted_dataset/` and
`images_overview.csv` are used where they are there. Documents are streamed, never held.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from sys import intern
from typing import Any
from urllib.parse import parse_qs, urlsplit

from medpix2.errors import SourceError
from medpix2.extract.jsonfile import encoding_of, read_array, read_lines
from medpix2.extract.pictures import SUFFIXES
from medpix2.extract.source import Source
from medpix2.extract.validate import Checked, check_case, check_image, plain

CASES, IMAGES = "Case_topic.json", "Descriptions.json"
SPLITS, OVERVIEW, PICTURES = "splitted_dataset", "images_overview.csv", "images"
SPLIT_NAMES = ("train", "dev", "test")
HALF_NAMES = ("train_1", "train_2")
_OVERVIEW_COLUMNS = {"Type", "U_id", "ID_Image"}
_DEPTH = 3  # folders below the named one in which the layout is looked for


class PictureFolder(Mapping[str, Path]):
    """Stem of the file name to path, for every picture of a folder; holds the endings alone."""

    def __init__(self, folder: Path, suffixes: dict[str, str]) -> None:
        self._folder, self._suffixes = folder, suffixes

    def __getitem__(self, stem: str) -> Path:
        return self._folder / (stem + self._suffixes[stem])

    def __contains__(self, stem: object) -> bool:
        return stem in self._suffixes

    def __iter__(self) -> Iterator[str]:
        return iter(self._suffixes)

    def __len__(self) -> int:
        return len(self._suffixes)


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """What a row of `images_overview.csv` says of a picture."""

    line: int
    type: str
    u_id: str
    image_url: str | None
    page_url: str | None

    @property
    def image_uuid(self) -> str | None:
        """The image's UUID on MedPix, from the page's address."""
        try:
            ids = parse_qs(urlsplit(self.page_url or "").query).get("id")
        except ValueError:  # no address at all
            return None
        return ids[0] if ids else None


@dataclass(frozen=True)
class PublishedCopy(Source):
    """A folder with the published layout.

    Attributes
    ----------
    name, origin
        What the copy is called, and where it was read from (folder or archive).
    site
        "published", or "phantom" for a synthetic collection.
    folder
        Where the layout lies.
    archive
        The archive that this folder was unpacked from, if it was.
    encodings
        Encoding of each text file that is there.
    """

    name: str
    origin: str
    site: str
    folder: Path
    archive: Path | None = None
    encodings: dict[str, str] = field(default_factory=dict)
    case_file: str = CASES
    image_file: str = IMAGES

    @cached_property
    def pictures(self) -> PictureFolder:
        """Stem of the file name to path, for every picture file; listed when first asked for."""
        return _pictures(self.folder / PICTURES)

    def cases(self) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked case); raises `BrokenJson` where the file breaks off."""
        for index, raw in enumerate(read_array(self.folder / CASES, self.encodings[CASES])):
            yield index, check_case(raw, CASES, index)

    def images(self, cases: Container[str] = ()) -> Iterator[tuple[int, Checked]]:
        """Yield (index, checked image), as `cases` does.

        `cases` are the ids of the cases: an image that has one of them cannot be stored.
        """
        for index, raw in enumerate(read_array(self.folder / IMAGES, self.encodings[IMAGES])):
            yield index, check_image(raw, IMAGES, index, cases)

    def split_lists(self) -> dict[str, list[str]]:
        """Return list name (train, dev, test, train_1, train_2) to case ids; {} without lists."""
        path = self.folder / SPLITS / "uid_list.json"
        wanted = (*SPLIT_NAMES, *HALF_NAMES)
        if path.is_file():
            lists = {name: ids for name, ids in _read_object(path).items() if name in wanted}
            for name, ids in lists.items():
                if not isinstance(ids, list):
                    raise SourceError(f"{path}: {name} is no list", "it should list case ids")
            return {name: [str(uid) for uid in ids] for name, ids in lists.items()}
        found = {name: [uid for uid in self.split_documents(name) if uid] for name in wanted}
        return {name: ids for name, ids in found.items() if ids}

    def split_documents(self, name: str) -> Iterator[str]:
        """Yield the case ids of `data_NAME.jsonl`; a broken line yields ''."""
        path = self.folder / SPLITS / f"data_{name}.jsonl"
        if path.is_file():
            for _, value in read_lines(path, encoding_of(path)):
                uid = value.get("U_id") if isinstance(value, dict) else None
                yield uid if isinstance(uid, str) else ""

    def overview(self) -> dict[str, OverviewRow] | None:
        """Return image id to row of `images_overview.csv`; None without the file."""
        path = self.folder / OVERVIEW
        if OVERVIEW not in self.encodings:
            return None
        with path.open(encoding=self.encodings[OVERVIEW], newline="") as file:
            try:
                rows = csv.DictReader(file)
                if lacking := _OVERVIEW_COLUMNS - set(rows.fieldnames or ()):
                    raise SourceError(
                        f"{path} has no column {', '.join(sorted(lacking))}", "mend or remove it"
                    )
                return {
                    intern(row["ID_Image"]): OverviewRow(
                        rows.line_num, intern(row["Type"] or ""), intern(row["U_id"] or ""),
                        row.get("Img_Large") or None, row.get("URL_Article_image") or None,
                    )
                    for row in rows
                    if row["ID_Image"]
                }  # fmt: skip
            except (csv.Error, UnicodeDecodeError) as error:
                raise SourceError(
                    f"{path} is not a CSV table", f"mend or remove it ({error})"
                ) from None

    @property
    def lasting(self) -> bool:
        """Whether the pictures stay: what was unpacked is gone afterwards."""
        return self.archive is None

    def remembered(self, picture: Path) -> tuple[str, Path] | None:
        """Return the name that a picture has at every build, though its archive is unpacked."""
        if self.archive is None:
            return super().remembered(picture)
        return str(self.archive / picture.relative_to(self.folder)), self.archive


def open_copy(
    folder: Path, *, name: str | None = None, archive: Path | None = None
) -> PublishedCopy:
    """Find the published layout in a folder, or up to three folders below it.

    Parameters
    ----------
    folder
        The folder.
    name
        What to call the copy, if not by the folder or archive.
    archive
        What the folder was unpacked from.

    Raises
    ------
    SourceError
        The folder, or one of the two files that must be there, is not.
    """
    if not folder.is_dir():
        raise SourceError(f"Source {folder} is not there", "name a folder or an archive")
    place = (archive or folder).absolute()
    said = f"{name} {place}"
    if said != said.encode("utf-8", "replace").decode():
        raise SourceError(f"Source {plain(str(place))} has a name that is not UTF-8", "rename it")
    found = next((place for place in _places(folder) if (place / CASES).is_file()), None)
    if found is None or not (found / IMAGES).is_file():
        missing = CASES if found is None else IMAGES
        raise SourceError(
            f"Source {archive or folder} has no {missing}",
            "name a folder or archive of the published MedPix 2.0 layout",
        )
    texts = [name for name in (CASES, IMAGES, OVERVIEW) if (found / name).is_file()]
    return PublishedCopy(
        name=name or (archive or folder).name,
        origin=str(place),
        site="phantom" if (found / "ground_truth.json").is_file() else "published",
        folder=found,
        archive=archive and place,
        encodings={text: encoding_of(found / text) for text in texts},
    )


def _places(folder: Path) -> Iterator[Path]:
    """Yield a folder and those below it, the nearest first."""
    level = [folder]
    for _ in range(_DEPTH):
        yield from level
        level = sorted(inner for place in level for inner in _folders(place))
    yield from level


def _folders(folder: Path) -> list[Path]:
    try:
        return [
            path
            for path in folder.iterdir()
            if path.name != PICTURES and not path.is_symlink() and path.is_dir()
        ]
    except OSError:  # a folder that we may not read cannot be the source
        return []


def _pictures(folder: Path) -> PictureFolder:
    if not folder.is_dir():
        return PictureFolder(folder, {})
    with os.scandir(folder) as entries:
        found = sorted(entry.name for entry in entries if entry.is_file())
    # Of files that differ in their endings alone, the last by name counts.
    named = (os.path.splitext(name) for name in found)  # noqa: PTH122 - no object a file
    return PictureFolder(
        folder,
        {intern(stem): intern(suffix) for stem, suffix in named if suffix.lower() in SUFFIXES},
    )


def _read_object(path: Path) -> dict[str, Any]:
    import json

    try:
        value = json.loads(path.read_text(encoding_of(path)))
    except OSError as error:
        raise SourceError(f"{path} cannot be read", f"check it ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path} is not JSON", f"mend or remove it ({error})") from None
    if not isinstance(value, dict):
        raise SourceError(f"{path} is not a JSON object", "it should map split names to case ids")
    return value
