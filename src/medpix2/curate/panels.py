"""Montages: several panels in one picture, told by the lines that part them.

Three things part panels. A grid: dark (or bright) lines that cross the picture both ways, as
anatomy never does. A gutter: one dark line from top to bottom or from side to side with much to see
on both sides. A seam: panels that touch, where the grey level jumps at the same column (or row)
nearly all along.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from medpix2.curate.look import Look
from medpix2.curate.pixels import Pixels, body_rows, colour_picture, grey_picture, is_grey_mode

Lines = list[tuple[int, int]]
"""First and last column (or row) of each line that parts panels."""

_LEVELS = 8  # grey levels that a gutter may differ from black (or white)
_STRAY = 0.02  # share of a gutter that lettering may cover
_LEAST = 64  # side of a picture, in pixels, below which none is sought
_LONGEST = 3  # longer side to shorter, beyond which none is sought: a strip has no panels
_THINNEST = 2  # width of a dark line, in pixels
_JOINED = 0.06  # lines nearer to each other than this share of the side are one
_GRID_RATIO, _GUTTER_RATIO = 2.2, 1.4  # widest panel to narrowest, where such lines part them
_NARROWEST = 0.2  # width of a panel beside a gutter or seam, as a share of the side
_LIT, _SHOWN = 20, 0.2  # grey level of what there is to see; its share in a panel
_CELL = 0.02  # the same in a cell of a grid, of which one may stay nearly empty
_JUMP, _STEEP = 20, 3.0  # a jump: grey levels, and times what is usual beside it
_ALONG = 0.8  # share of a seam's length at which there is a jump
_BESIDE = 6  # columns to each side in which the usual difference is taken


@dataclass(frozen=True)
class Parted:
    """What parts a picture, and where: lines between columns and lines between rows."""

    by: str
    columns: Lines
    rows: Lines


def measure(picture: Image) -> dict[str, Any]:
    """Find the panels of a picture.

    Returns
    -------
    dict
        `panels`: their number, 1 for a plain picture; `by`: what parts them ("grid", "gutter",
        "seam") or None; `boxes`: [left, top, right, bottom] of each panel, in pixels.
    """
    grey = _brightest(picture)
    height, width = grey.shape
    whole = {"panels": 1, "by": None, "boxes": [[0, 0, width, height]]}
    short, long = sorted((height, width))
    if short < _LEAST or long > _LONGEST * short:
        return whole
    parted = _grid(grey) or _grid(255 - grey) or _gutter(grey) or _seam(grey)
    if parted is None:
        return whole
    boxes = list(_cells(parted, width, height))
    return {"panels": len(boxes), "by": parted.by, "boxes": boxes}


def _brightest(picture: Image) -> Pixels:
    """Return each pixel's brightest channel, so that a coloured line is no dark one."""
    if is_grey_mode(picture.mode):
        return np.asarray(grey_picture(picture))
    brightest: Pixels = np.asarray(colour_picture(picture)).max(axis=2)
    return brightest


def _grid(grey: Pixels) -> Parted | None:
    columns, rows = _dark_lines(grey)
    columns, rows = _joined(columns, grey.shape[1]), _joined(rows, grey.shape[0])
    if not columns or not rows:
        return None
    if max(_ratio(columns, grey.shape[1]), _ratio(rows, grey.shape[0])) > _GRID_RATIO:
        return None
    body = grey[: body_rows(len(grey)).stop]
    shown = [
        float((grey[top:bottom, left:right] > _LIT).mean()) >= _CELL
        for left, top, right, bottom in _cells(Parted("grid", columns, rows), *body.shape[::-1])
    ]
    return Parted("grid", columns, rows) if sum(shown) >= len(shown) - 1 else None


def _joined(lines: Lines, size: int) -> Lines:
    """Join dark lines that stray pixels part, and leave out what is too thin or at the rim."""
    joined: Lines = []
    for begin, end in lines:
        if joined and begin - joined[-1][1] <= _JOINED * size:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    rim = _NARROWEST * size / 2
    return [(begin, end) for begin, end in _thick(joined) if rim <= (begin + end) / 2 <= size - rim]


def _thick(lines: Lines) -> Lines:
    return [(begin, end) for begin, end in lines if end - begin + 1 >= _THINNEST]


def _ratio(lines: Lines, size: int) -> float:
    """Return how many times the widest panel is as wide as the narrowest."""
    widths = [end - begin for begin, end in _spans(lines, size)]
    return max(widths) / max(1, min(widths))


def _gutter(grey: Pixels) -> Parted | None:
    columns, rows = _dark_lines(grey)
    body = grey[body_rows(len(grey))]
    columns = _between_panels(_thick(columns), body)
    if columns and _ratio(columns, grey.shape[1]) <= _GUTTER_RATIO:
        return Parted("gutter", columns, [])
    upper = grey[: body_rows(len(grey)).stop].T
    rows = _between_panels(_thick(rows), upper)
    alike = rows and _ratio(rows, upper.shape[1]) <= _GUTTER_RATIO
    return Parted("gutter", [], rows) if alike else None


def _seam(grey: Pixels) -> Parted | None:
    body = grey[body_rows(len(grey))]
    columns = _between_panels(_seams(body), body)
    if columns:
        return Parted("seam", columns, [])
    upper = grey[: body_rows(len(grey)).stop].T
    rows = _between_panels(_seams(upper), upper)
    return Parted("seam", [], rows) if rows else None


def _dark_lines(grey: Pixels) -> tuple[Lines, Lines]:
    """Return the dark lines between columns and between rows, with something on both sides."""
    body = body_rows(len(grey))
    lit = grey > _LEVELS
    return _runs(lit[body].mean(axis=0)), _runs(lit[: body.stop].mean(axis=1))


def _runs(lit: NDArray[np.float64]) -> Lines:
    """Return the runs of dark lines, given how much of each line is lit."""
    content = np.flatnonzero(lit > 5 * _STRAY)
    if not len(content):
        return []
    dark = np.append(lit <= _STRAY, False)
    begins = np.flatnonzero(dark & ~np.append(False, dark[:-1]))
    ends = np.flatnonzero(dark[:-1] & ~dark[1:])
    return [
        (int(begin), int(end))
        for begin, end in zip(begins, ends, strict=True)
        if content[0] < begin and end < content[-1]
    ]


def _between_panels(lines: Lines, grey: Pixels) -> Lines:
    """Return the lines between columns that have a panel, wide and full enough, on each side."""
    width = grey.shape[1]
    kept: Lines = []
    for line in lines:
        left = kept[-1][1] + 1 if kept else 0
        if _is_panel(grey[:, left : line[0]], width) and _is_panel(grey[:, line[1] + 1 :], width):
            kept.append(line)
    return kept


def _is_panel(grey: Pixels, width: int) -> bool:
    return grey.shape[1] >= _NARROWEST * width and float((grey > _LIT).mean()) >= _SHOWN


def _seams(grey: Pixels) -> Lines:
    """Return the columns at which the grey level jumps nearly all along."""
    difference = np.abs(np.diff(grey.astype(np.int16), axis=1))
    jumps = difference > _JUMP
    at = np.flatnonzero(jumps.mean(axis=0) >= _ALONG)  # few, if any: the rest is for these
    found: Lines = []
    for column in at:
        beside = difference[:, max(0, column - _BESIDE) : column + _BESIDE + 1]
        usual = (beside.sum(axis=1) - difference[:, column]) / (beside.shape[1] - 1)
        steep = jumps[:, column] & (difference[:, column] > _STEEP * usual)
        if float(steep.mean()) >= _ALONG:
            found.append((int(column) + 1, int(column)))  # between two columns: an empty line
    return found


def _cells(parted: Parted, width: int, height: int) -> Iterable[list[int]]:
    """Yield the boxes between the lines, row by row."""
    for top, bottom in _spans(parted.rows, height):
        for left, right in _spans(parted.columns, width):
            yield [left, top, right, bottom]


def _spans(lines: Sequence[tuple[int, int]], size: int) -> Iterable[tuple[int, int]]:
    edges = [(0, -1), *lines, (size, size)]
    for before, after in pairwise(edges):
        yield before[1] + 1, after[0]


PANELS = Look("panels", 1, "Montages are told from single pictures by it, and parted.", measure)
