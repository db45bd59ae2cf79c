"""The format `pairs`: pictures, and a line of JSON each with its texts and labels; and its reader.

It is what training and evaluation here read. A folder has

- `images/ID.png`: the pictures, burned-in text masked by default;
- `pairs.jsonl`: a line a picture, in the order of the cases (see `Pair`);
- `pairs.json`: version of the format, classes of the labels, descriptions of the texts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.errors import NotFound, SourceError
from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.export.joined import WITH_CASE, Classes, pictures_with_case
from medpix2.export.texts import TEXTS, texts_of

if TYPE_CHECKING:
    from medpix2.export.output import Output

VERSION = 1
LINES, ABOUT, IMAGES = "pairs.jsonl", "pairs.json", "images"
LABELS = ("modality", "location_category", "location", "plane", "sequence", "contrast", "sex")

USE = """
```python
from medpix2.export.pairs import read_pairs

pairs = read_pairs("FOLDER", split="train")
pair = pairs[0]
print(pair.id, pair.case, pair.labels["modality"], pair.texts["facts"])
picture = pair.open()
```

`images/` has the pictures; `pairs.jsonl` has a line of JSON for each: `id`, `image` (its file),
`case`, `split`, `split_half`, `status`, `width`, `height`, `age`, `labels` (null where the source
gives none) and `texts` (only those that there are). `pairs.json` has the classes of the labels.
"""


@dataclass(frozen=True)
class Pair:
    """A picture with its texts and labels: one line of `pairs.jsonl`.

    Attributes
    ----------
    id, case
        Id of the picture and of its case: pictures of one case are no independent samples.
    image
        Path of the picture.
    split, split_half
        train, dev or test, and the half of train; None where the source gives none.
    status
        accepted or pending.
    width, height
        Of the picture, in pixels.
    age
        Of the patient, in years.
    labels
        Label, one of `LABELS`, to its value; None where it is missing.
    texts
        Name of a text, one of `export.texts.TEXTS`, to the text; missing ones are not in it.
    """

    id: str
    image: Path
    case: str
    split: str | None
    split_half: str | None
    status: str | None
    width: int | None
    height: int | None
    age: float | None
    labels: Mapping[str, str | None]
    texts: Mapping[str, str]

    def open(self) -> Any:
        """Return the picture, decoded, as a PIL image."""
        from PIL import Image

        with Image.open(self.image) as picture:
            picture.load()
            return picture


def read_pairs(folder: str | Path, split: str | Sequence[str] | None = None) -> list[Pair]:
    """Return the pairs of an exported folder, in its order; of some splits, or of all.

    Raises
    ------
    SourceError
        The folder is no export of this format or of this version, a line is broken, or pictures
        are not there.
    NotFound
        It has no pair of a split.
    """
    folder = Path(folder)
    about = read_about(folder)
    wanted = (split,) if isinstance(split, str) else split
    with os.scandir(folder / IMAGES) as entries:
        there = {f"{IMAGES}/{entry.name}" for entry in entries}
    pairs, missing, splits = [], [], set()
    for line in _lines(folder):
        splits.add(line["split"])
        if wanted is not None and line["split"] not in wanted:
            continue
        if line["image"] not in there:
            missing.append(line["image"])
            continue
        pairs.append(Pair(**{**line, "image": folder / line["image"]}))
    if missing:
        raise SourceError(
            f"{len(missing)} pictures of {folder} are not there, the first is {missing[0]}",
            "export it again with `medpix2 export pairs`",
        )
    for name in wanted or ():
        if name not in splits:
            known = ", ".join(sorted(one for one in splits if one)) or "none"
            raise NotFound(f"{folder} has no split {name!r}", f"it has {known}")
    if not about["classes"]:
        raise SourceError(f"{folder} has no classes in {ABOUT}", "export it again")
    return pairs


def read_about(folder: str | Path) -> dict[str, Any]:
    """Return what `pairs.json` says: `version`, `classes` (label to values), `texts`.

    Raises
    ------
    SourceError
        There is none, or it is of another version.
    """
    try:
        about: dict[str, Any] = json.loads((Path(folder) / ABOUT).read_text("utf-8"))
        version, _ = about["version"], about["classes"]
    except FileNotFoundError:
        raise SourceError(
            f"{folder} is no export of the format pairs: it has no {ABOUT}",
            "make one with `medpix2 export pairs FOLDER`",
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{folder}/{ABOUT} cannot be read ({error})", "export it again") from None
    if version != VERSION:
        raise SourceError(
            f"{folder} is of version {version} of the format pairs, not {VERSION}",
            "export it again with this medpix2",
        )
    return about


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the pictures of a part, and its lines."""
    with output.fragment(LINES) as lines:
        for case in part.cases:
            made = [output.wished(picture) for picture in case.pictures]
            for one, row in zip(made, pictures_with_case(case, made), strict=True):
                name = f"{IMAGES}/{row['image_id']}{one.suffix}"
                output.picture(name, one)
                line = line_of(row, name)
                lines.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                for key in Classes.keys(row):
                    output.count(key)
                for text in line["texts"]:
                    output.count(f"text:{text}")


def finish(parts: Parts, output: Output) -> Card:
    """Join the lines, and say what the classes are."""
    output.join(LINES, LINES)
    fields = [field for field in WITH_CASE if field.name in LABELS]
    classes = Classes(parts.counts).of(fields)
    about = {
        "version": VERSION,
        "classes": {name: classes[name] for name in LABELS},
        "texts": dict(TEXTS),
    }
    output.put(ABOUT, json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return Card(
        use=USE,
        fields={
            **{f"labels.{field.name}": (field.type, field.description) for field in fields},
            **{
                f"texts.{name}": ("text", f"{help_} Pictures: {parts.counts[f'text:{name}']}.")
                for name, help_ in TEXTS.items()
            },
        },
    )


def read(folder: Path) -> Iterator[Seen]:
    """Yield every picture of a finished export."""
    for number, line in enumerate(_lines(folder), 1):
        where = f"{LINES} line {number}"
        picture = folder / line["image"]
        labels = line["labels"] | {"status": line["status"], "split": line["split"]}
        yield Seen(where, "image", line["id"], line["case"], line["split"], labels, picture)


def line_of(row: Mapping[str, Any], image: str) -> dict[str, Any]:
    """Return the line of a picture in `pairs.jsonl`, from its row with its case."""
    said = {name: row[name] for name in ("split", "split_half", "status", "width", "height", "age")}
    return {
        "id": row["image_id"],
        "image": image,
        "case": row["case_id"],
        **said,
        "labels": {name: row[name] for name in LABELS},
        "texts": texts_of(row),
    }


def _lines(folder: Path) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with (folder / LINES).open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):  # noqa: B007  # the error names it
                line = json.loads(text)
                if line.keys() != _KEYS:
                    odd = ", ".join(sorted(line.keys() ^ _KEYS))
                    raise ValueError(f"keys that are missing or unknown: {odd}")
                yield line
    except (OSError, ValueError, AttributeError) as error:
        raise SourceError(
            f"{folder / LINES} cannot be read, line {number} ({error})", "export it again"
        ) from None


_KEYS = Pair.__dataclass_fields__.keys()

FORMAT = Format(
    name="pairs",
    what="Pictures and JSON lines of texts and labels, for training and evaluation here.",
    write=write,
    finish=finish,
    bare=False,
    read=read,
)
