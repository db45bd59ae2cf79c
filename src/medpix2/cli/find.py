"""`medpix2 find` and `medpix2 show`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.options import with_settings
from medpix2.errors import QueryError
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.find import Found, Match
    from medpix2.store.facets import Filters, Value

MISSING = "missing"  # the word for a missing value

# Option -> (facet, help). Each may be given several times: any of the values will do.
FACET_OPTIONS: dict[str, tuple[str, str]] = {
    "modality": ("modality", "CT or MR."),
    "location-category": ("location_category", "Abdomen, Head, Thorax, ..."),
    "location": ("location", "Body part, e.g. 'Brain and Neuro'."),
    "sequence": ("sequence", "MR sequence: T1, T2, FLAIR, DWI, ..."),
    "contrast": ("contrast", "Contrast medium: none, IV, GI, 'GI and IV'."),
    "plane": ("plane", "Axial, Coronal, Sagittal, ..."),
    "sex": ("sex", "male or female."),
    "category": ("category", "Category of the topic, e.g. 'Trauma'."),
    "split": ("split", "train, dev or test."),
    "status": ("status", "accepted, pending, excluded, withdrawn, or any."),
    "source": ("site", "Kind of source: published, phantom, ..."),
}


def facet_option(name: str) -> Any:
    """Return the option of a facet."""
    help_text = FACET_OPTIONS[name][1]
    return typer.Option(f"--{name}", help=help_text, show_default=False, rich_help_panel="Filters")


def read_filters(age: str | None, **values: list[str] | None) -> Filters:
    """Return the filters that the options ask for.

    Raises
    ------
    QueryError
        An age that is no range.
    """
    from medpix2.pipeline.summary import ANY_STATUS
    from medpix2.store.facets import Filters

    wanted: dict[str, list[Value]] = {}
    for option, (facet, _) in FACET_OPTIONS.items():
        given = values.get(option.replace("-", "_"))
        if not given:
            continue
        wanted[facet] = [_value(facet, value) for value in given]
        if facet == "status" and "any" in given:
            wanted[facet] = list(ANY_STATUS)
    return Filters(wanted, _ages(age) if age else None)


def _value(facet: str, text: str) -> str | None:
    """Return the value that an option asks for; 'missing' is for pictures without one."""
    text = text.strip()
    if text.lower() == MISSING:
        return None
    short = {"modality": {"mri": "MR"}, "sex": {"m": "male", "f": "female"}}
    return short.get(facet, {}).get(text.lower(), text)


def _ages(text: str) -> tuple[float | None, float | None]:
    matched = re.fullmatch(r"\s*(\d+(?:\.\d+)?)?\s*(-?)\s*(\d+(?:\.\d+)?)?\s*", text)
    if not matched or not (matched[1] or matched[3]):
        raise QueryError(f"Age {text!r} is no range of years", "write 30-50, 30-, -50 or 30")
    low = float(matched[1]) if matched[1] else None
    high = float(matched[3]) if matched[3] else None
    if not matched[2]:
        high = low
    if low is not None and high is not None and low > high:
        raise QueryError(f"Age range {text!r} is empty", "write the lower age first")
    return low, high


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("find")(_find)
    app.command("show")(_show)


@with_settings
def _find(
    settings: Settings,
    words: Annotated[
        list[str] | None,
        typer.Argument(help='Words that must all occur, "phrases", -without.', show_default=False),
    ] = None,
    modality: Annotated[list[str] | None, facet_option("modality")] = None,
    location_category: Annotated[list[str] | None, facet_option("location-category")] = None,
    location: Annotated[list[str] | None, facet_option("location")] = None,
    sequence: Annotated[list[str] | None, facet_option("sequence")] = None,
    contrast: Annotated[list[str] | None, facet_option("contrast")] = None,
    plane: Annotated[list[str] | None, facet_option("plane")] = None,
    sex: Annotated[list[str] | None, facet_option("sex")] = None,
    age: Annotated[
        str | None,
        typer.Option(help="Years: 30-50, 30-, -50 or 30.", rich_help_panel="Filters"),
    ] = None,
    category: Annotated[list[str] | None, facet_option("category")] = None,
    split: Annotated[list[str] | None, facet_option("split")] = None,
    status: Annotated[list[str] | None, facet_option("status")] = None,
    source: Annotated[list[str] | None, facet_option("source")] = None,
    images: Annotated[bool, typer.Option("--images", help="One row a picture.")] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Do not look for other spellings and synonyms.")
    ] = False,
    counts: Annotated[
        bool, typer.Option("--counts", help="Count the pictures of each facet as well.")
    ] = False,
    limit: Annotated[int, typer.Option(help="Results on a page.")] = 20,
    offset: Annotated[int, typer.Option(help="Results before the page.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Print one JSON line a result.")
    ] = False,
) -> None:
    """Find cases by words of their reports and captions, and by facets of their pictures."""
    from medpix2.pipeline.find import find
    from medpix2.store.database import open_store

    filters = read_filters(
        age, modality=modality, location_category=location_category, location=location,
        sequence=sequence, contrast=contrast, plane=plane, sex=sex, category=category,
        split=split, status=status, source=source,
    )  # fmt: skip
    with open_store(settings) as store:
        found = find(
            store,
            " ".join(words or ()),
            filters,
            by="image" if images else "case",
            offset=offset,
            limit=limit,
            counts=COUNTED if counts else (),
            widening=not exact,
        )
    _print_found(found, images, as_json, as_jsonl)


COUNTED = ("modality", "location_category", "plane", "sequence", "sex", "split")


@with_settings
def _show(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="ID", help="Id of a case or picture.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the documents as published.")
    ] = False,
) -> None:
    """Show a case: its report, its topic and its pictures."""
    from medpix2.cli.page import print_case
    from medpix2.cli.terminal import print_json
    from medpix2.pipeline.find import published, show
    from medpix2.store.database import open_store

    with open_store(settings) as store:
        match = show(store, name)
    if as_json:
        case = published(match.case) if match.case else {"U_id": match.images[0]["U_id"]}
        print_json({**case, "images": [published(image) for image in match.images]})
    else:
        print_case(match, settings)


def _print_found(found: Found, images: bool, as_json: bool, as_jsonl: bool) -> None:
    from medpix2.cli.terminal import note, print_json, print_table, say

    rows = [_row(match, images) for match in found.matches]
    if as_json:
        print_json(
            {
                "cases": found.cases,
                "images": found.images,
                "offset": found.offset,
                "widened": found.question.widened,
                "results": rows,
                "counts": {
                    facet: {
                        str(value if value is not None else MISSING): n for value, n in c.items()
                    }
                    for facet, c in found.counts.items()
                },
            }
        )
        return
    if as_jsonl:
        for row in rows:
            say(json.dumps(row, ensure_ascii=False))
        return
    for line in found.question.widened:
        note(f"Widened: {line}")
    total, unit = (found.images, "pictures") if images else (found.cases, "cases")
    if not total:
        note("Nothing found: use fewer words or filters, or --status any.")
        return
    columns, table = _image_table(rows) if images else _case_table(rows)
    print_table("", columns, table)
    last = found.offset + len(rows)
    note(f"{found.offset + 1} to {last} of {total} {unit} ({found.images} pictures fit).")
    if last < total:
        note(f"Next page: --offset {last}")
    for facet, counted in found.counts.items():
        pairs = [(value if value is not None else MISSING, n) for value, n in counted.items()]
        print_table(facet.replace("_", " "), ("value", "pictures"), pairs)


def _row(match: Match, images: bool) -> dict[str, Any]:
    row = match.as_json()
    if images:
        return {**row["images"][0], "score": row["score"], "Title": row["Title"]}
    return row


def _case_table(rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    table = []
    for row in rows:
        pictures = row["images"]
        kinds = sorted({str(p["modality"]) for p in pictures})
        places = sorted({str(p["location"]) for p in pictures if p["location"]})
        first: dict[str, Any] = pictures[0] if pictures else {}
        table.append(
            (
                row["U_id"], row["Title"], "+".join(kinds), ", ".join(places), first.get("age"),
                first.get("sex"), row["split"], len(pictures),
            )
        )  # fmt: skip
    return ("case", "title", "type", "location", "age", "sex", "split", "pictures"), table


def _image_table(rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    keys = ("image", "modality", "sequence", "plane", "location", "age", "sex", "split")
    table = [(*(row[key] for key in keys), _shortened(row["caption"])) for row in rows]
    return (*keys, "caption"), table


def _shortened(text: str | None, size: int = 80) -> str:
    text = " ".join((text or "").split())
    return text if len(text) <= size else text[: size - 1] + "…"
