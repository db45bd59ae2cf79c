"""Fit the columns of a table into the width of a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass

GAP = 2  # characters between two columns
LABEL = 32  # characters; a column with longer texts shares what room the others leave
TEXT = 24  # characters that such a column keeps while others can still be left out
LEAST = 10  # characters that a label keeps


@dataclass(frozen=True)
class Column:
    """A column as it is shown.

    Attributes
    ----------
    at
        Its place in the table that was given.
    head
        Its name, on several lines if need be.
    size
        Its width in characters; longer cells are cut.
    """

    at: int
    head: str
    size: int


def fit(
    names: Sequence[str],
    cells: Sequence[Sequence[str]],
    room: int,
    *,
    spare: Sequence[str] = (),
    whole: Collection[str] = (),
) -> list[Column]:
    """Choose the columns to show in `room` characters, and how wide they are.

    Long texts give way first; then names of columns are broken, then `spare` columns are left out,
    then the widest columns are cut. What fits none the less not is as narrow as it gets.

    Parameters
    ----------
    names
        Names of the columns.
    cells
        Rows of texts.
    room
        Width of the terminal.
    spare
        Columns that may be left out, the first one first.
    whole
        Columns whose cells are never cut: ids and numbers.
    """
    lengths = [max((len(row[at]) for row in cells), default=0) for at in range(len(names))]
    left = list(range(len(names)))
    for dropped in (None, *spare):
        left = [at for at in left if names[at] != dropped]
        for broken in (False, True):
            sizes = {at: max(_head_width(names[at], broken), lengths[at]) for at in left}
            _share(sizes, room)
            if _width(sizes) <= room:
                return _columns(names, sizes)
    _cut(sizes, {at for at in left if names[at] not in whole}, room)
    return _columns(names, sizes)


def _head_width(name: str, broken: bool) -> int:
    return max(map(len, name.split()), default=0) if broken else len(name)


def _width(sizes: dict[int, int]) -> int:
    return sum(sizes.values()) + GAP * (len(sizes) - 1)


def _share(sizes: dict[int, int], room: int) -> None:
    """Give columns of long texts what the others leave, to each as much, but at least `TEXT`."""
    texts = sorted((at for at in sizes if sizes[at] > LABEL), key=sizes.__getitem__)
    free = room - _width(sizes) + sum(sizes[at] for at in texts)
    for done, at in enumerate(texts):
        sizes[at] = min(sizes[at], max(free // (len(texts) - done), TEXT))
        free -= sizes[at]


def _cut(sizes: dict[int, int], labels: set[int], room: int) -> None:
    """Make the widest labels narrower, character by character, until all fit."""
    while _width(sizes) > room:
        widest = max(labels, key=sizes.__getitem__, default=None)
        if widest is None or sizes[widest] <= LEAST:
            return
        sizes[widest] -= 1


def _columns(names: Sequence[str], sizes: dict[int, int]) -> list[Column]:
    return [Column(at, textwrap.fill(names[at], max(size, 1)), size) for at, size in sizes.items()]
