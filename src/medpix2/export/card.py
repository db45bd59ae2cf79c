"""The data set card: `README.md` with the front matter that the Hugging Face hub reads."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from medpix2.export.format import Card, Format, Wishes
from medpix2.export.parts import in_order, splits_in

LICENCE = "cc-by-nc-nd-4.0"
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
_PLAIN = re.compile(r"[A-Za-z_][\w./+-]*")
# What YAML does not take as it is, or takes for a line end, and JSON leaves alone.
_UNPRINTED = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_WORDS = frozenset("y n yes no on off true false null none".split())

LIMITS = (
    "Not for diagnosis, nor for decisions on patients.",
    "Teaching cases: what is rare or striking is over-represented, and nothing here says how often"
    " a disease occurs.",
    "Age, sex and location are given once a case and may be wrong for one of its pictures.",
    "The topic of a case may stand in several splits: a model can know a disease's text from"
    " training.",
)
RIGHTS = """\
The cases, texts and pictures are from MedPix (National Library of Medicine, USA). Their licence is
CC BY-NC-ND 4.0 and the contributors of each case hold the rights. Name MedPix, the contributors of
a case, and the MedPix 2.0 paper (arXiv 2407.02994). No commercial use. Pictures and texts that were
cropped, masked, resized, encoded anew or corrected are for your own use: do not pass them on. If
this is a synthetic collection (made by `medpix2 phantom`), it is drawn and written by the program
and under Apache-2.0."""
BURNED_IN = {
    "mask": "masked",
    "crop": "cropped away where it stands at an edge",
    "keep": "kept: nearly every picture of the source bears a logo, many bear names and dates",
}


def card_text(
    format_: Format, wishes: Wishes, name: str, counts: Mapping[str, int], card: Card
) -> str:
    """Return the card of an export; the same export has the same card, whenever it is made."""
    title = f"MedPix 2.0 data of {name} as {format_.name}"
    parts = [
        f"---\n{yaml({**_front(title, counts), **card.front})}---",
        f"# {title}",
        f"Exported by medpix2 in the format `{format_.name}`: {format_.what}",
        "## What is in it\n\n" + _counted(counts),
        "## How to use it\n\n" + card.use.strip(),
    ]
    if card.fields:
        rows = [(f"`{key}`", kind, said) for key, (kind, said) in card.fields.items()]
        parts.append("## Fields\n\n" + table(("field", "type", "meaning"), rows))
    parts += [
        "## How it was made\n\n" + "\n".join(f"- {line}" for line in _made(wishes, counts)),
        "## Known limits\n\n" + "\n".join(f"- {line}" for line in (*LIMITS, *card.limits)),
        "## Licence and credits\n\n" + RIGHTS,
        "`manifest.json` has the SHA-256 and size of every file; `medpix2 check` compares them.",
    ]
    return "\n\n".join(parts) + "\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [columns, ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def yaml(value: Mapping[str, Any], indent: int = 0) -> str:
    """Return plain values as block YAML; the keys stand in the order in which they are given."""
    lines = []
    for key, inner in value.items():
        lines.append(f"{' ' * indent}{_scalar(str(key))}:{_below(inner, indent)}")
    return "".join(lines)


def _below(value: Any, indent: int) -> str:
    """Return a value after its key, from the blank or line end on."""
    if isinstance(value, Mapping) and value:
        return "\n" + yaml(value, indent + 2)
    if isinstance(value, list | tuple) and value:
        return "\n" + "".join(f"{' ' * indent}-{_item(item, indent)}" for item in value)
    return f" {_scalar(value)}\n"


def _item(value: Any, indent: int) -> str:
    if isinstance(value, Mapping) and value:
        return " " + yaml(value, indent + 2).removeprefix(" " * (indent + 2))
    if isinstance(value, list | tuple) and value:
        return _below(value, indent + 2)
    return f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    """Return a scalar, quoted as JSON does (which is YAML) unless it can only be a text."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _front(title: str, counts: Mapping[str, int]) -> dict[str, Any]:
    images = counts.get("images", 0)
    size = next((name for limit, name in SIZES if images < limit), "1M<n<10M")
    return {
        "pretty_name": title,
        "license": LICENCE,
        "language": ["en"],
        "task_categories": ["image-classification", "image-to-text", "visual-question-answering"],
        "tags": ["medical", "radiology", "CT", "MRI", "MedPix"],
        "size_categories": [size],
    }


def _counted(counts: Mapping[str, int]) -> str:
    splits = in_order(splits_in(counts))
    rows: list[tuple[object, ...]] = [
        (split, counts[f"cases:{split}"], counts[f"images:{split}"]) for split in splits
    ]
    rows.append(("together", counts["cases"], counts["images"]))
    parts = [table(("split", "cases", "images"), rows)]
    for kind in ("modality", "location_category", "status"):
        found = sorted(
            (key.partition(":")[2], number)
            for key, number in counts.items()
            if key.startswith(f"{kind}:")
        )
        said = [("missing" if value == "None" else value, number) for value, number in found]
        if said:
            parts.append(table((kind.replace("_", " "), "images"), said))
    return "\n\n".join(parts)


def _pictures_made(wishes: Wishes, counts: Mapping[str, int]) -> list[str]:
    masked = f" ({counts.get('pictures:masked', 0)} pictures)" if wishes.burned_in != "keep" else ""
    said = [f"Burned-in text: {BURNED_IN[wishes.burned_in]}{masked}."]
    if wishes.image_size:
        said.append(f"Longest side of a picture: at most {wishes.image_size} pixels.")
    if wishes.image_format:
        said.append(f"Pictures encoded as {wishes.image_format}.")
    if wishes.rgb:
        said.append("Pictures of three channels; what was transparent is black.")
    changed = counts.get("pictures:changed", 0)
    return [*said, f"Pictures that differ from the source's file: {changed}."]


def _made(wishes: Wishes, counts: Mapping[str, int]) -> Sequence[str]:
    said = _pictures_made(wishes, counts) if wishes.pictures else ["Tables only, no pictures."]
    said.append(
        "Values as the source published them, without corrections."
        if wishes.as_published
        else "Values as they are after curation: corrected ones in place of the source's."
    )
    if wishes.fields:
        said.append(f"Fields: {', '.join(wishes.fields)}.")
    return said
