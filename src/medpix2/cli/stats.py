"""`medpix2 stats`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from medpix2.cli.filters import with_filters
from medpix2.cli.options import with_settings
from medpix2.settings import Settings

SPARE = ("Of", "P5", "P95")  # columns that a narrow terminal leaves out, first to last


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("stats")(_stats)


@with_settings
@with_filters
def _stats(
    settings: Settings,
    filters: Any,  # a Filters; its module is imported with the command alone
    plots: Annotated[
        Path | None,
        typer.Option(help="Folder for figures (PNG and SVG).", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the tables as JSON.")] = False,
) -> None:
    """Count what the database holds: tables, and figures that a paper could show."""
    from medpix2.cli.terminal import note, print_json, print_table, say
    from medpix2.pipeline.selecting import resolved
    from medpix2.pipeline.stats import stats
    from medpix2.pipeline.tables import cell_text
    from medpix2.store.database import open_store

    with open_store(settings, create=False) as store:
        store.require_content()
        counted = stats(store, resolved(store, filters))
    if as_json:
        print_json(counted.as_json())
    else:
        for table in counted.tables:
            rows = [*table.rows, *([table.totals] if table.totals else [])]
            shown = [[cell_text(cell) for cell in row] for row in rows]
            print_table(table.title, table.columns, shown, numbers=True, spare=SPARE)
            if table.note:
                say(f"{table.note}\n")
    if plots is not None:
        from medpix2.pipeline.plots import write_plots

        written = write_plots(counted, plots)
        note(f"Wrote {len(written)} figures to {plots}")
