"""What the terminal shows: tables, progress bars, JSON; plain when piped."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from medpix2.cli.columns import GAP, Column, fit

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line end
PIPED_WIDTH = 10_000  # a piped table is not folded to a terminal that is not there
IDS = frozenset({"case", "image"})  # columns that are shown whole: one copies from them
WRAPPED = frozenset({"for example"})  # columns whose texts are shown whole, on several lines


def console() -> Console:
    """Return the console of the standard output."""
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(width=width, highlight=False, soft_wrap=not sys.stdout.isatty())


def visible(text: str) -> str:
    """Return a text whose control characters are escapes, lest a source's text steer the terminal.

    The escapes are those of JSON too, so that JSON stays what it is.
    """
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{visible(text)}\n")


def note(text: str) -> None:
    """Print a line beside the output, to the standard error."""
    sys.stderr.write(f"{visible(text)}\n")


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    say(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    numbers: bool = False,
    spare: Sequence[str] = (),
) -> None:
    """Print a table; piped, it is complete, one line a row with tabs between.

    `numbers` says that all columns but the first are numbers, even if given as text. `spare` are
    the columns that a narrow terminal leaves out, the first one first.
    """
    if not sys.stdout.isatty():
        if title:
            say(f"# {title}")
        for row in (columns, *rows):
            say("\t".join(" ".join(_plain(value).split()) for value in row))
        say()
        return
    numeric = {
        name
        for at, name in enumerate(columns)
        if (numbers and at > 0)
        or (rows and all(isinstance(row[at], int | float | None) for row in rows))
    }
    cells = [[_plain(value) for value in row] for row in rows]
    out = console()
    shown = fit(columns, cells, out.width, spare=spare, whole=IDS | numeric)
    out.width = max(out.width, sum(column.size + GAP for column in shown))
    if title:
        out.print(Text(title, "bold underline"))
    out.print(_table(columns, cells, shown, numeric))
    if len(shown) < len(columns):
        there = {column.at for column in shown}
        hidden = [name for at, name in enumerate(columns) if at not in there]
        note(f"Left out, as the terminal is narrow: {', '.join(hidden)}")
    out.print()


def _table(
    columns: Sequence[str],
    cells: Sequence[Sequence[str]],
    shown: Sequence[Column],
    numeric: Collection[str],
) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for column in shown:
        wrapped = columns[column.at] in WRAPPED
        table.add_column(
            Text(column.head),
            vertical="top",
            justify="right" if columns[column.at] in numeric else "left",
            no_wrap=not wrapped,
            overflow="fold" if wrapped else "ellipsis",
            min_width=column.size,
            max_width=column.size,
        )
    for row in cells:
        table.add_row(*(Text(row[column.at]) for column in shown))
    return table


def width() -> int:
    """Return the terminal's width in characters."""
    return shutil.get_terminal_size((100, 25)).columns


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else visible(" ".join(str(value).split()))


class Bars:
    """Progress bars with rate and remaining time on the standard error, if that is a terminal."""

    @contextmanager
    def step(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show one step; see `medpix2.pipeline.progress.Progress`."""
        if not sys.stderr.isatty():
            yield lambda units: None
            return
        with _bars() as bars:
            task = bars.add_task(name, total=total, rate="")

            def advance(units: int) -> None:
                bars.advance(task, units)
                bars.update(task, rate=_rate(bars, task))

            yield advance

    @contextmanager
    def counts(
        self, names: Sequence[str]
    ) -> Iterator[Callable[[Mapping[str, tuple[int, int | None]], str], None]]:
        """Show several counts, a bar each, and a remark below."""
        if not sys.stderr.isatty():
            yield lambda counts, remark: None
            return
        with _bars() as bars:
            tasks = {name: bars.add_task(name, total=None, rate="") for name in names}
            said = bars.add_task("", total=None, rate="", visible=False)

            def show(counts: Mapping[str, tuple[int, int | None]], remark: str) -> None:
                for name, (done, total) in counts.items():
                    task = tasks[name]
                    bars.update(task, completed=done, total=total, rate=_rate(bars, task))
                bars.update(said, description=remark, visible=bool(remark))

            yield show


def _bars() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description:18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:>9}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _rate(bars: Progress, task: TaskID) -> str:
    speed = next(shown.speed for shown in bars.tasks if shown.id == task)
    if not speed:
        return ""
    return f"{speed:.0f}/s" if speed >= 10 else f"{speed:.1f}/s"
