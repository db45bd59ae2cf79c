"""What the terminal shows: tables, progress bars, JSON; plain when piped."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line end
PIPED_WIDTH = 10_000  # a piped table is not folded to a terminal that is not there


LABEL = 32  # characters; a column with longer texts may be cut to fit the terminal
TEXT = 24  # characters that such a column keeps
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
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, numbers: bool = False
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
    given = [list(row) for row in rows]
    cells = [[_plain(value) for value in row] for row in given]
    out = console()
    table = Table(header_style="bold", box=None, pad_edge=False)
    for at, (name, size) in enumerate(zip(columns, _widths(columns, cells, out), strict=True)):
        numeric = (numbers and at > 0) or (
            bool(given) and all(isinstance(row[at], int | float | None) for row in given)
        )
        wrapped = name in WRAPPED
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=not wrapped,
            overflow="fold" if wrapped else "ellipsis",
            min_width=size,
            max_width=size,
        )
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    if title:
        out.print(Text(title, "bold underline"))
    out.print(table)
    out.print()


def _widths(columns: Sequence[str], cells: Sequence[Sequence[str]], out: Console) -> list[int]:
    """Share the terminal: ids, numbers and labels get what they need, texts the rest."""
    sizes = [max(len(row[at]) for row in (columns, *cells)) for at in range(len(columns))]
    texts = [at for at, size in enumerate(sizes) if size > LABEL]
    room = out.width - sum(sizes) - 2 * len(sizes) + sum(sizes[at] for at in texts)
    for at in texts:
        sizes[at] = min(sizes[at], max(room // len(texts), TEXT))
    out.width = max(out.width, sum(sizes) + 2 * len(sizes))
    return sizes


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
