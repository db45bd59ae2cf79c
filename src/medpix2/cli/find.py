"""`medpix2 find` and `medpix2 show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medpix2.cli.filters import MISSING, with_filters
from medpix2.cli.options import with_settings
from medpix2.settings import Settings

if TYPE_CHECKING:
    from medpix2.pipeline.find import Found, Match

# What a narrow terminal leaves out, first to last.
SPARE_OF_CASES = ("split", "sex", "age", "pictures")
SPARE_OF_IMAGES = ("split", "sex", "age", "location", "plane")
COUNTED = ("modality", "location_category", "plane", "sequence", "sex", "split")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("find")(_find)
    app.command("show")(_show)


@with_settings
@with_filters
def _find(
    settings: Settings,
    filters: Any,  # a Filters; its module is imported with the command alone
    words: Annotated[
        list[str] | None,
        typer.Argument(
            help="Words that must all occur, 'a \"phrase\"', and 'word -without', in quotes.",
            show_default=False,
        ),
    ] = None,
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

    with open_store(settings, create=False) as store:
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
    from medpix2.pipeline.find import show
    from medpix2.records import published
    from medpix2.store.database import open_store

    with open_store(settings, create=False) as store:
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
    if not rows:
        note(f"No page begins there: there are {total} {unit}.")
        return
    columns, table = _image_table(rows) if images else _case_table(rows)
    print_table("", columns, table, spare=SPARE_OF_IMAGES if images else SPARE_OF_CASES)
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
    table = [(*(row[key] for key in keys), row["caption"]) for row in rows]
    return (*keys, "caption"), table
