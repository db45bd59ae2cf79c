"""Figures of the tables of `stats`, as a paper shows them: one file a table and format.

Every figure is one column (89 mm) wide, with the palette of Okabe and Ito (2008), which people with
any kind of colour vision can tell apart. The same tables give the same bytes.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medpix2.errors import OutputError, SettingError
from medpix2.pipeline.stats import DECADE
from medpix2.pipeline.tables import ALL, NOT_GIVEN, Stats, Table, cell_text
from medpix2.whole_files import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, DPI = 3.5, 300  # inches (a single column of most journals), dots per inch
MOST_ROWS = 24  # more labels than that are drawn as one
_STEPS = (1, 2, 2.5, 5, 10)  # between ticks, times a power of ten

# Format -> metadata: neither a time nor a version, so that the same data give the same bytes.
FORMATS: Mapping[str, Mapping[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}

_BLUE, _ORANGE, _GREEN, _GREY = "#0072B2", "#E69F00", "#009E73", "#999999"
_COLOURS: Mapping[str, str] = {
    "CT": _BLUE, "MR": _ORANGE,
    "female": "#D55E00", "male": "#56B4E9",
    "train": _BLUE, "dev": _ORANGE, "test": _GREEN,
    "Cases": _BLUE, "Images": _ORANGE,
}  # fmt: skip
_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 7,
    "axes.labelsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "text.parse_math": False,  # a "$" in a label is a dollar
    "svg.hashsalt": "medpix2",
    "pdf.fonttype": 42,
}


def write_plots(stats: Stats, folder: Path, formats: Sequence[str] = ("png", "svg")) -> list[Path]:
    """Draw each table that has a row with a known label, and write it as NAME.FORMAT.

    Parameters
    ----------
    stats
        The tables.
    folder
        Where to write; made if it is not there. Files of the same names are replaced.
    formats
        Any of png (300 dpi), svg and pdf.

    Returns
    -------
    list of Path
        The files, in the order of the tables.

    Raises
    ------
    SettingError
        A format that we do not write.
    OutputError
        The folder cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    for kind in formats:
        if kind not in FORMATS:
            raise SettingError(f"Unknown format {kind!r} of figures", f"use {', '.join(FORMATS)}")
    written = []
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change a figure
        mpl.rcParams.update(_STYLE)
        for table in stats.tables:
            if all(row[0] == NOT_GIVEN for row in table.rows):
                continue
            figure = Figure(layout="constrained")
            _FIGURES[table.name](table, figure, stats)
            for kind in formats:
                written.append(folder / f"{table.name}.{kind}")
                _write(_rendered(figure, kind), written[-1])
    return written


def _rendered(figure: Figure, kind: str) -> bytes:
    into = io.BytesIO()
    figure.savefig(into, format=kind, dpi=DPI, metadata=dict(FORMATS[kind]))
    return into.getvalue()


def _write(content: bytes, file: Path) -> None:
    """Write a file that appears only when it is whole."""
    try:
        with whole_file(file) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"Figure {file} cannot be written", f"choose another place ({error.strerror or error})"
        ) from None


def _counts(table: Table, figure: Figure, stats: Stats) -> None:
    """Draw a label crossed with another: a bar a pair, with its count."""
    axes = _crossed(figure, table, [name for name in table.columns[1:] if name != ALL], "")
    axes.set_xlabel(f"Images (n = {cell_text(table.totals[-1])})")


def _shares(table: Table, figure: Figure, stats: Stats) -> None:
    """Draw how a label is spread in each split."""
    axes = _crossed(figure, table, [n for n in table.columns[1:] if not n.endswith(" %")], " %")
    axes.set_xlabel("Share of the split's images (%)")


def _crossed(figure: Figure, table: Table, names: Sequence[str], ending: str) -> Axes:
    totals = dict(zip(table.columns, map(cell_text, table.totals), strict=True))
    series = {f"{name} (n = {totals[name]})": table.column(name + ending) for name in names}
    return _bars(figure, table, series, names)


def _sequences(table: Table, figure: Figure, stats: Stats) -> None:
    axes = _bars(figure, table, {"Images": table.column("Images")}, ["MR"])
    axes.set_xlabel(f"MR images (n = {cell_text(table.totals[1])})")


def _splits(table: Table, figure: Figure, stats: Stats) -> None:
    series = {
        f"Cases (n = {stats.cases:,})": table.column("Cases %"),
        f"Images (n = {stats.images:,})": table.column("Images %"),
    }
    axes = _bars(figure, table, series, ["Cases", "Images"])
    axes.set_xlabel("Share of all (%)")


def _bars(
    figure: Figure,
    table: Table,
    series: Mapping[str, Sequence[Any]],
    names: Sequence[str],
) -> Axes:
    """Draw horizontal bars, one group a row of the table; `names` choose the colours."""
    from matplotlib.ticker import MaxNLocator

    labels, heights = _drawn([str(row[0]) for row in table.rows], list(series.values()))
    many = len(series)
    figure.set_size_inches(WIDTH, 0.55 + len(labels) * max(0.115 * many + 0.06, 0.18) + 0.14 * many)
    axes = figure.subplots()
    thick = 0.8 / many
    for i, (label, values) in enumerate(zip(series, heights, strict=True)):
        places = [row + (i - (many - 1) / 2) * thick for row in range(len(labels))]
        bars = axes.barh(places, values, thick * 0.92, color=_colour(names[i], i), label=label)
        axes.bar_label(bars, [cell_text(value) for value in values], padding=1.5, fontsize=6)
    axes.set_yticks(range(len(labels)), [textwrap.fill(label, 22) for label in labels])
    axes.set_ylabel(table.columns[0])
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.margins(x=0.12)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=_STEPS))
    axes.xaxis.set_major_formatter(_whole)
    if many > 1:
        _legend(figure, list(series))
    return axes


def _legend(figure: Figure, labels: Sequence[str]) -> None:
    """Put a legend above, in one line if it finds room there."""
    columns = len(labels) if sum(map(len, labels)) < 54 else 2
    figure.legend(loc="outside upper center", ncols=columns, handlelength=1, columnspacing=1)


def _drawn(labels: list[str], columns: list[Sequence[Any]]) -> tuple[list[str], list[list[float]]]:
    """Return labels and columns to draw: those after the most frequent ones as one row."""
    columns = [[value or 0 for value in column] for column in columns]
    if len(labels) <= MOST_ROWS:
        return labels, [list(column) for column in columns]
    kept = MOST_ROWS - 1
    rest = [round(sum(column[kept:]), 1) for column in columns]
    return (
        [*labels[:kept], f"{len(labels) - kept} others"],
        [[*column[:kept], more] for column, more in zip(columns, rest, strict=True)],
    )


def _colour(name: str, at: int) -> str:
    if name in _COLOURS:
        return _COLOURS[name]
    return _GREY if name.startswith(("not ", "no ")) else (_BLUE, _ORANGE, _GREEN)[at % 3]


def _ages(table: Table, figure: Figure, stats: Stats) -> None:
    """Draw a histogram of ages in decades, a bar a sex."""
    rows = [row for row in table.rows if row[0] != NOT_GIVEN]
    names = [name for name in table.columns[1:] if name != ALL]
    figure.set_size_inches(WIDTH, 2.4)
    axes = figure.subplots()
    wide = 0.84 * DECADE / len(names)
    for i, name in enumerate(names):
        at = table.columns.index(name)
        values: list[Any] = [row[at] for row in rows]
        shift = DECADE / 2 + (i - (len(names) - 1) / 2) * wide
        places = [row * DECADE + shift for row in range(len(rows))]
        label = f"{'sex ' if name == NOT_GIVEN else ''}{name} (n = {sum(values):,})"
        axes.bar(places, values, wide * 0.92, color=_colour(name, i), label=label)
    axes.set_xticks(range(0, len(rows) * DECADE + 1, DECADE))
    axes.set_xlabel("Age (years)")
    shown = sum(int(row[-1] or 0) for row in rows)
    axes.set_ylabel(f"Cases (n = {shown:,})")
    _whole_numbers(axes)
    _legend(figure, axes.get_legend_handles_labels()[1])


def _images_per_case(table: Table, figure: Figure, stats: Stats) -> None:
    from matplotlib.ticker import MaxNLocator

    values: list[Any] = table.column("Images")
    figure.set_size_inches(WIDTH, 2.2)
    axes = figure.subplots()
    axes.bar(values, [int(cell or 0) for cell in table.column("Cases")], 0.84, color=_BLUE)
    axes.set_xlabel("Images per case")
    axes.set_ylabel(f"Cases (n = {stats.cases:,})")
    axes.set_title(table.note, loc="right", fontsize=7)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=_STEPS))
    _whole_numbers(axes)


def _whole_numbers(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(integer=True, steps=_STEPS))
    axes.yaxis.set_major_formatter(_whole)


def _text_lengths(table: Table, figure: Figure, stats: Stats) -> None:
    """Draw a box a text: median, quartiles, and the 5th and 95th percentile; logarithmic."""
    from matplotlib.ticker import LogLocator, NullFormatter

    figure.set_size_inches(WIDTH, 0.7 + 0.22 * len(table.rows))
    axes = figure.subplots()
    keys = ("whislo", "q1", "med", "q3", "whishi")
    line = {"color": _BLUE, "linewidth": 0.7}
    axes.bxp(
        [dict(zip(keys, row[-len(keys):], strict=True)) for row in table.rows],
        orientation="horizontal", showfliers=False, widths=0.6, patch_artist=True,
        boxprops={"facecolor": "#CCE3F0", "edgecolor": _BLUE, "linewidth": 0.7},
        medianprops={"color": "black", "linewidth": 1.2}, whiskerprops=line, capprops=line,
    )  # fmt: skip
    labels = [f"{label} (n = {cell_text(n)})" for label, _, n, *_ in table.rows]
    axes.set_yticks(range(1, len(labels) + 1), labels)
    axes.invert_yaxis()
    axes.set_xscale("log")
    least, most = axes.get_xlim()
    axes.xaxis.set_major_locator(
        LogLocator(subs=(1, 2, 5) if most < 50 * least else (1,), numticks=50)
    )
    axes.xaxis.set_major_formatter(_whole)
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Words: median, quartiles, 5th and 95th percentile", loc="right")
    axes.tick_params(axis="y", length=0)


def _whole(value: float, at: object) -> str:
    return f"{value:,.0f}"


_FIGURES: Mapping[str, Callable[[Table, Figure, Stats], None]] = {
    "modality_location": _counts,
    "planes": _counts,
    "sequences": _sequences,
    "ages": _ages,
    "images_per_case": _images_per_case,
    "text_lengths": _text_lengths,
    "splits": _splits,
    "split_modality": _shares,
    "split_location": _shares,
}
