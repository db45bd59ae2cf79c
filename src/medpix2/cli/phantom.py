"""`medpix2 phantom`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

app = typer.Typer(
    help="A synthetic collection, to try and to test everything.", no_args_is_help=True
)


@app.callback()
def _group() -> None:
    """Keep `make` a command of its own."""


@app.command("make")
@with_settings
def _make(
    settings: Settings,
    out: Annotated[Path, typer.Argument(help="Folder to make; must be empty or not there.")],
    cases: Annotated[int, typer.Option(min=1, help="Number of cases.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    defects: Annotated[
        float, typer.Option(min=0, max=10, help="Scale of the rates of planted defects; 0 is none.")
    ] = 1.0,
    broken: Annotated[
        float, typer.Option(min=0, max=0.5, help="Rate of each kind of broken file and list.")
    ] = 0.0,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Make pictures, or documents alone.")
    ] = True,
) -> None:
    """Make a synthetic collection in the published layout, with its ground truth."""
    from medpix2.cli.terminal import Bars, say
    from medpix2.phantom.layout import make_phantom
    from medpix2.pipeline.progress import increments

    with Bars().step("phantom", cases) as advance:
        make_phantom(
            out, cases=cases, seed=seed, jobs=settings.jobs, defects=defects, broken=broken,
            pictures=pictures, progress=increments(advance),
        )  # fmt: skip
    say(f"Made {cases} cases in {out}; next: medpix2 build {out}")
