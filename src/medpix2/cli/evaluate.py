"""`medpix2 evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("evaluate")(_evaluate)


@with_settings
def _evaluate(
    settings: Settings,
    places: Annotated[
        list[Path], typer.Argument(metavar="[MODEL] DATA", help="Folders of model and export.")
    ],
    split: Annotated[str, typer.Option(help="dev or test.")] = "dev",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write every figure there.", show_default=False)
    ] = None,
    html_file: Annotated[
        Path | None, typer.Option("--html", help="Write a page there.", show_default=False)
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="JSON lines of anybody's answers, not a model.", show_default=False),
    ] = None,
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Also a linear probe and baselines.")
    ] = True,
) -> None:
    """Evaluate a model, or a file of predictions, on a split."""
    import json

    from medpix2.cli.terminal import Bars, say
    from medpix2.errors import OutputError, QueryError
    from medpix2.pipeline.training import evaluate

    if len(places) != (1 if predictions else 2):
        raise QueryError(
            f"{len(places)} folders are given", "give MODEL DATA, or --predictions FILE DATA"
        )
    result = evaluate(
        None if predictions else places[0], places[-1], split, predictions=predictions,
        probe=probe, page=html_file, jobs=settings.jobs, progress=Bars(),
    )  # fmt: skip
    print_tasks(result)
    _print_retrieval(result["retrieval"])
    if json_file is not None:
        try:
            json_file.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
        except OSError as error:
            raise OutputError(f"{json_file} cannot be written ({error})", "choose a file") from None
        say(f"Wrote {json_file}")


def print_tasks(result: Mapping[str, Any]) -> None:
    """Print a table of every way to tell every task."""
    from medpix2.cli.terminal import print_table
    from medpix2.evaluate.report import HEAD, rows_of

    rows = [
        [task, *row] for task, found in result["tasks"].items() for row in rows_of(found["ways"])
    ]
    title = f"{result['pictures']} pictures of {result['cases']} cases, {result['split']}"
    print_table(title, ("task", *HEAD), rows)


def _print_retrieval(found: Mapping[str, Any]) -> None:
    from medpix2.cli.terminal import print_table

    keys = ("recall@1", "recall@5", "recall@10", "median_rank", "questions")
    rows = [
        [name, way, *(round(values[key], 3) for key in keys)]
        for name, ways in found.items()
        for way, values in ways.items()
        if isinstance(values, dict) and values
    ]
    if rows:
        print_table("retrieval", ("relevant", "way", *keys), rows)
