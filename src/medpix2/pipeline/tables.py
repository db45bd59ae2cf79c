"""The tables of `stats`: what they are, and how labels are counted and crossed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pyroaring import BitMap

from medpix2.errors import NotFound
from medpix2.store.facets import Value

Cell = str | int | float | None

NOT_GIVEN, ALL = "not given", "All"


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes
    ----------
    name
        Name of the table and of its figure's file.
    title
        What it shows.
    unit
        What its counts count: images, cases or words.
    columns
        Names of the columns; the first has the rows' labels, and a name that ends in % has
        percentages.
    rows
        The rows; None stands for a figure that cannot be given (a share of nothing).
    totals
        The row of totals, or nothing.
    note
        What a reader has to know of the figures.
    """

    name: str
    title: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] = ()
    note: str = ""

    def column(self, name: str) -> list[Cell]:
        """Return the cells of a column, without the total."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Stats:
    """The tables, and how many cases and images they are about."""

    cases: int
    images: int
    tables: tuple[Table, ...]

    def table(self, name: str) -> Table:
        """Return the table of this name."""
        for table in self.tables:
            if table.name == name:
                return table
        names = ", ".join(table.name for table in self.tables)
        raise NotFound(f"There is no table {name!r}", f"take one of {names}")

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values."""
        return asdict(self)


def cell_text(cell: Cell) -> str:
    """Return a cell as a reader wants to see it: 1,850 and 12.5, and a dash for None."""
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def named(parts: Mapping[Value, BitMap]) -> dict[str, BitMap]:
    """Return label to ordinals, the most frequent first and what is not given last."""
    by_count = sorted(parts, key=lambda value: (value is None, -len(parts[value]), str(value)))
    found: dict[str, BitMap] = {}
    for value in by_count:
        label = NOT_GIVEN if value is None else str(value)
        found[label] = found.get(label, BitMap()) | parts[value]
    return found


def share(count: int, total: int) -> float | None:
    """Return a percentage; None where there is nothing to be a share of."""
    return round(100 * count / total, 1) if total else None


def cross(
    name: str,
    title: str,
    rows: tuple[str, Mapping[str, BitMap]],
    columns: Mapping[str, BitMap],
    unit: str = "images",
    note: str = "",
) -> Table:
    """Cross two labels; rows come as (name of the label, its values)."""
    first, parts = rows
    return Table(
        name,
        title,
        unit,
        (first, *columns, ALL),
        tuple(
            (
                label,
                *(bits.intersection_cardinality(other) for other in columns.values()),
                len(bits),
            )
            for label, bits in parts.items()
        ),
        (ALL, *(len(bits) for bits in columns.values()), sum(map(len, parts.values())))
        if parts
        else (),
        note,
    )
