"""`medpix2 train`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from medpix2.cli.options import with_settings
from medpix2.settings import Settings

HEAD = ("epoch", "loss", "dev loss", "dev score", "best task", "worst task", "seconds")
WIDTHS = (5, 8, 8, 9, 30, 30, 8)


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("train")(_train)


@with_settings
def _train(
    settings: Settings,
    recipe: Annotated[Path, typer.Argument(help="TOML file, as in recipes/.")],
    data: Annotated[Path, typer.Argument(help="Folder of `medpix2 export pairs`.")],
    out: Annotated[Path, typer.Argument(help="Folder to make; a stopped training goes on there.")],
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder to keep prepared pictures for the next try.", show_default=False),
    ] = None,
) -> None:
    """Train a CLIP model; write it as ONNX with its card and its report on dev."""
    from medpix2.cli.evaluate import print_tasks
    from medpix2.cli.terminal import Bars, say
    from medpix2.pipeline.training import train

    begun = False

    def report(row: Mapping[str, float]) -> None:
        nonlocal begun
        if not begun:
            say(_line(HEAD))
        begun = True
        say(_line(_cells(row)))
        sys.stdout.flush()  # an epoch may last minutes, and the output may be a file

    done = train(recipe, data, out, cache=cache, jobs=settings.jobs, progress=Bars(), report=report)
    say(f"The best epoch was {done.best_epoch}; on dev:")
    print_tasks(done.result)
    say(f"Wrote {done.folder}; next: medpix2 evaluate {out} {data} --split dev")


def _cells(row: Mapping[str, float]) -> tuple[str, ...]:
    tasks = sorted((value, name) for name, value in row.items() if "/" in name)
    (low, worst), (high, best) = tasks[0], tasks[-1]
    return (
        f"{row['epoch']:.0f}", f"{row['loss']:.4f}", f"{row['dev_loss']:.4f}",
        f"{row['score']:.4f}", f"{best} {high:.3f}", f"{worst} {low:.3f}", f"{row['seconds']:.1f}",
    )  # fmt: skip


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(f"{cell:>{wide}}" for cell, wide in zip(cells, WIDTHS, strict=True))
