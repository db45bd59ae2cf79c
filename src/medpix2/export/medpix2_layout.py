"""The format `medpix2`: the layout of the published MedPix 2.0 release, to the letter.

`Case_topic.json` and `Descriptions.json` are indented by four, in ASCII. The lines of
`splitted_dataset/*.jsonl` are as pandas writes them: without blanks, slashes escaped, and with the
keys of `Case` and `Topic` sorted and all there (null where a case does not have one).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from medpix2.export.format import Card, Format, Part, Parts, Seen, Wishes
from medpix2.records import CaseReport, Topic, meant

if TYPE_CHECKING:
    from medpix2.export.content import ExportCase
    from medpix2.export.output import Output

CASES, IMAGES, OVERVIEW = "Case_topic.json", "Descriptions.json", "images_overview.csv"
SPLITTED, UIDS, PICTURES = "splitted_dataset", "uid_list.json", "images"
LISTS = ("train", "train_1", "train_2", "dev", "test")  # the order of `uid_list.json`
COLUMNS = ("Type", "U_id", "ID_Image", "Img_Large", "URL_Article_image")
_LINE = json.JSONEncoder(separators=(",", ":")).encode
LIST_OF = {"CT": "TAC", "MR": "MRI"}

_KEYS = {
    key: frozenset(str(field.alias or name) for name, field in model.model_fields.items())
    for key, model in (("Case", CaseReport), ("Topic", Topic))
}

USE = """\
The layout of the published release: `Case_topic.json` (cases), `Descriptions.json` (pictures),
`splitted_dataset/` (the same by split, a JSON document a line), `images/`, and
`images_overview.csv`, whose rows are the pictures that are here. `medpix2 build` reads it."""


def published(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a current document in the published shape."""
    return {key: value for key, value in document.items() if key not in ("_id", "meta")}


def case_of(case: ExportCase, wishes: Wishes) -> dict[str, Any]:
    """Return a case in the published shape; it lists the pictures that are exported with it.

    As published, it lists what the source lists.
    """
    document = published(case.document)
    if wishes.as_published:
        return document
    there = {picture.document["image"]: picture.document for picture in case.pictures}
    lists = {
        key: [name for name in document.get(key) or () if name in there] for key in LIST_OF.values()
    }
    for name, picture in there.items():
        right = LIST_OF.get(picture.get("Type", ""))
        if right and "Type" in ((picture.get("meta") or {}).get("corrected") or ()):
            for key, names in lists.items():
                if name in names and key != right:
                    names.remove(name)
                    lists[right].append(name)
    return {key: lists.get(key, value) for key, value in document.items()}


def line_of(document: Mapping[str, Any]) -> bytes:
    """Return a document as a line of `splitted_dataset`."""
    whole = dict(document)
    for key, names in _KEYS.items():
        if isinstance(inner := whole.get(key), Mapping):
            whole[key] = {name: inner.get(name) for name in sorted({*names, *inner})}
    return _LINE(whole).replace("/", "\\/").encode() + b"\n"


def write(part: Part, wishes: Wishes, output: Output) -> None:
    """Write the documents of a part, and its pictures."""
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {}

        def add(name: str, content: bytes, between: bytes = b"") -> None:
            if name not in files:
                files[name] = stack.enter_context(output.fragment(name))
            elif between:
                files[name].write(between)
            files[name].write(content)

        for case in part.cases:
            document = case_of(case, wishes)
            add(CASES, _item(document), b",\n")
            lists = _lists(case.document)
            line = line_of(document) if lists else b""
            for name in lists:
                add(f"data_{name}", line)
                add(f"uid_{name}", f"{' ' * 8}{json.dumps(document['U_id'])}".encode(), b",\n")
            for picture in case.pictures:
                image = published(picture.document)
                add(IMAGES, _item(image), b",\n")
                line = line_of(image) if lists else b""
                for name in lists:
                    add(f"descriptions_{name}", line)
                add(OVERVIEW, _overview_row(picture.document))
                wished = output.wished(picture)
                output.picture(f"{PICTURES}/{image['image']}{wished.suffix}", wished)


def finish(parts: Parts, output: Output) -> Card:
    """Join the documents to the published files."""
    for name in (CASES, IMAGES):
        output.join(name, name, head=b"[\n", between=b",\n", tail=b"\n]")
    output.join(OVERVIEW, OVERVIEW, head=_row(COLUMNS))
    there = [name for name in LISTS if next(output.fragments(f"uid_{name}"), None)]
    for name in there:
        for kind in ("data", "descriptions"):
            output.join(f"{SPLITTED}/{kind}_{name}.jsonl", f"{kind}_{name}")
    if there:
        with output.file(f"{SPLITTED}/{UIDS}") as file:
            file.write(b"{\n")
            for at, name in enumerate(there):
                file.write(f"{' ' * 4}{json.dumps(name)}: [\n".encode())
                for n, path in enumerate(output.fragments(f"uid_{name}")):
                    file.write(b",\n" if n else b"")
                    file.copy(path)
                file.write(b"\n    ]" + (b",\n" if at < len(there) - 1 else b"\n"))
            file.write(b"}")
    return Card(use=USE, fields=dict(_fields()))


def read(folder: Path) -> Iterator[Seen]:
    """Read an export back: every file of the layout, so that they are in step."""
    suffixes = {path.stem: path.suffix for path in (folder / PICTURES).iterdir()}
    for number, case in enumerate(_items(folder / CASES)):
        yield Seen(f"{CASES}[{number}]", "case", case["U_id"], case["U_id"])
    for number, image in enumerate(_items(folder / IMAGES)):
        name, labels = image["image"], {"modality": image["Type"]}
        labels["location_category"] = meant(image.get("Location Category"))
        picture = folder / PICTURES / (name + suffixes.get(name, ".png"))
        where = f"{IMAGES}[{number}]"
        yield Seen(where, "image", name, image["U_id"], labels=labels, picture=picture)
    yield from _read_splits(folder / SPLITTED)
    with (folder / OVERVIEW).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Seen(OVERVIEW, f"image of {OVERVIEW}", row["ID_Image"], row["U_id"])


def _read_splits(folder: Path) -> Iterator[Seen]:
    if not folder.is_dir():
        return
    for name, ids in json.loads((folder / UIDS).read_text("utf-8")).items():
        split, half = name.partition("_")[::2]
        for uid in ids:
            kind = "case of a half" if half else f"case of {name}"
            yield Seen(f"{SPLITTED}/{UIDS} {name}", kind, uid, uid, split)
        for kind, key in (("data", "U_id"), ("descriptions", "image")):
            file = f"{kind}_{name}.jsonl"
            with (folder / file).open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    row = json.loads(line)
                    word = "case" if key == "U_id" else "image"
                    where = f"{SPLITTED}/{file} line {number}"
                    yield Seen(where, f"{word} of {file}", row[key], row["U_id"], split)


def _items(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the items of an array that is laid out as `write` does it; one is held."""
    lines: list[str] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.rstrip() in ("[", "]") and not line.startswith(" "):
                continue
            lines.append(line)
            if line.rstrip() in ("    }", "    },"):
                yield json.loads("".join(lines).rstrip().removesuffix(","))
                lines = []
    if lines:
        raise ValueError(f"{path.name} breaks off")


def _lists(document: Mapping[str, Any]) -> list[str]:
    """Return the split lists that a case stands in."""
    meta = document.get("meta") or {}
    return [name for name in (meta.get("split"), meta.get("split_half")) if name in LISTS]


def _item(document: Mapping[str, Any]) -> bytes:
    """Return a document as an item of an indented array."""
    return f"    {indented(document, 4)}".encode()


def indented(value: Any, indent: int = 0) -> str:
    """Return what `json.dumps(value, indent=4)` returns, several times faster.

    Python's own encoder in C does not indent. `indent` is that of the line where the value begins.
    """
    if isinstance(value, str):
        return encode_basestring_ascii(value)
    inner = "\n" + " " * (indent + 4)
    if isinstance(value, Mapping) and value:
        rows = [f"{_key(key)}: {indented(item, indent + 4)}" for key, item in value.items()]
    elif isinstance(value, list | tuple) and value:
        rows = [indented(item, indent + 4) for item in value]
    else:
        return json.dumps(value)
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    return f"{opening}{inner}{f',{inner}'.join(rows)}{inner[:-4]}{closing}"


@lru_cache(maxsize=1024)
def _key(key: str) -> str:
    return encode_basestring_ascii(key)


def _overview_row(image: Mapping[str, Any]) -> bytes:
    source = (image.get("meta") or {}).get("source") or {}
    kind = LIST_OF.get(image.get("Type", ""), "")
    urls = source.get("image_url") or "", source.get("page_url") or ""
    return _row((kind, image["U_id"], image["image"], *urls))


def _row(cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _fields() -> Iterator[tuple[str, tuple[str, str]]]:
    from medpix2.records import Case, Description, Image

    parts = (("", Case), ("Case.", CaseReport), ("Topic.", Topic), ("", Image))
    for prefix, model in (*parts, ("Description.", Description)):
        for name, field in model.model_fields.items():
            kind = "list" if name in ("tac", "mri") else "text"
            kind = "document" if name in ("case", "topic", "description") else kind
            yield f"{prefix}{field.alias or name}", (kind, field.description or "")


FORMAT = Format(
    name="medpix2",
    what="The layout of the published MedPix 2.0 release.",
    write=write,
    finish=finish,
    burned_in="keep",
    read=read,
)
