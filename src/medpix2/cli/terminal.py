"""What the terminal shows: tables, progress bars, JSON; plain when piped."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 10_000  # a piped table is not folded to a terminal that is not there


def console() -> Console:
    """Return the console of the standard output."""
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(width=width, highlight=False, soft_wrap=not sys.stdout.isatty())


def say(text: str = "") -> None:
    """Print a line as it is."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Print a line beside the output, to the standard error."""
    sys.stderr.write(f"{text}\n")


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    say(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: bool = False
) -> None:
    """Print a table; piped, it is one line a row with tabs between.

    `numbers` says that all columns but the first are numbers, even if given as text.
    """
    if not sys.stdout.isatty():
        if title:
            say(f"# {title}")
        for row in (columns, *rows):
            say("\t".join(" ".join(_plain(value).split()) for value in row))
        say()
        return
    cells = [list(row) for row in rows]
    table = Table(header_style="bold", box=None, pad_edge=False)
    for at, name in enumerate(columns):
        numeric = (numbers and at > 0) or (
            bool(cells) and all(isinstance(row[at], int | float | None) for row in cells)
        )
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(_plain(value)) for value in row))
    out = console()
    if title:
        out.print(Text(title, "bold underline"))
    out.print(table)
    out.print()


def width() -> int:
    """Return the terminal's width in characters."""
    return shutil.get_terminal_size((100, 25)).columns


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


class Bars:
    """Progress bars with rate and remaining time on the standard error, if that is a terminal."""

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show one step; see `medpix2.pipeline.progress.Progress`."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        if not sys.stderr.isatty():
            yield lambda units: None
            return
        columns = (
            TextColumn("{task.description:18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>9}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bars:
            task = bars.add_task(name, total=total, rate="")

            def advance(units: int) -> None:
                bars.advance(task, units)
                speed = bars.tasks[0].speed
                bars.update(task, rate=f"{speed:.0f}/s" if speed else "")

            yield advance
