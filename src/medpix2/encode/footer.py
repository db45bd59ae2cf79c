"""The footer that the source writes at the lower edge, found by its geometry.

One or two centred lines of small grey letters of one brightness on a strip of even, dark ground.
Nothing but this is known of it: neither the words nor the typeface, and the letters are often too
small to be read. A line is found by its rows: those of the small letters (the core) have much more
ink than those of their ascenders above and their descenders below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Ink = NDArray[np.bool_]

SEARCHED = 48  # rows, from below, in which lines are searched
LOWEST = 9  # rows between the core of the last line and the lower edge, at most
CORES = range(2, 13)  # rows of the small letters
DARKEST = 14
"""Grey levels by which lettering stands out from its ground at least."""
FAINTEST = 40
"""Grey levels by which most of its ink does: the least that was seen is 60, in tiny letters."""
GROUND = 64
"""Brightest ground of a strip, in grey levels."""
WHITE = 200
"""Ground that is taken for paper, in grey levels."""
LINES = 2
"""Lines that a footer has at most."""
LONGEST_PART = 25
"""Width of the upper of two lines at least, in heights of a small letter: it has the UUID."""
LONGEST_RUN = 9  # pixels of ink in a row, beyond the height of a small letter
ALIKE = 1.4
"""Ratio of the densities of ink of two lines at most: they have one typeface."""
TRIED = 12  # cores that are looked at closely
NARROWEST = 0.2
"""Width of the widest line, as a share of the picture's."""


class Line(NamedTuple):
    """A line of lettering: its box in pixels, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class _Core(NamedTuple):
    """Rows of the small letters of a line."""

    top: int
    bottom: int

    @property
    def beyond(self) -> int:
        """Rows of ascenders or descenders: a third of the core in most typefaces."""
        return max(1, round((self.bottom - self.top) / 3))


def find_footer(grey: Grey) -> list[Line]:
    """Return the lines of the footer, the lowest first; none if there is no footer.

    Parameters
    ----------
    grey
        The picture in grey, shape (height, width).
    """
    height, width = grey.shape
    rows = min(height // 3, SEARCHED)
    strip = grey[height - rows :]
    # On white paper (a drawing) the letters are the darker ones.
    ink = lettering(255 - strip if np.percentile(strip, 25) > WHITE else strip)
    lines: list[Line] = []
    density: list[float] = []
    places = [(rows - up, tall) for up in range(LOWEST) for tall in CORES]
    while len(lines) < LINES and (found := _best(ink, places)):
        line, core = found
        tall = core.bottom - core.top
        density.append(float(ink[core.top : core.bottom, line.left : line.right].mean()))
        if lines and (
            line.right - line.left < min(LONGEST_PART * tall, 0.9 * width)
            or max(density) > ALIKE * min(density)
        ):
            break
        lines.append(line if not lines else line._replace(bottom=min(line.bottom, lines[0].top)))
        end = core.top - 2 * core.beyond
        places = [
            (end + off, tall + more)
            for off in range(-2 - core.beyond, core.beyond + 1)
            for more in (-1, 0, 1)
        ]
    if not lines or max(line.right - line.left for line in lines) < NARROWEST * width:
        return []
    up = height - rows
    return [line._replace(top=line.top + up, bottom=line.bottom + up) for line in lines]


def lettering(strip: Grey) -> Ink:
    """Return where a strip has the brightness of its lowest lettering on even, dark ground."""
    ground = np.percentile(strip, 25, axis=1, keepdims=True)
    over = np.where(ground < GROUND, strip - ground, 0)
    marked = over > DARKEST
    busy = np.flatnonzero(marked.sum(axis=1) >= 10)[-4:]
    if len(busy) == 0:
        return np.zeros(strip.shape, dtype=np.bool_)
    level = np.percentile(over[busy][marked[busy]], 85)
    if level < FAINTEST:
        return np.zeros(strip.shape, dtype=np.bool_)
    ink: Ink = (over > max(DARKEST, 0.4 * level)) & (over < 1.5 * level + 10)
    return ink


def _best(ink: Ink, places: list[tuple[int, int]]) -> tuple[Line, _Core] | None:
    """Return the line whose core, of (bottom, rows), stands out most from the rows about it."""
    counts = ink.sum(axis=1).astype(np.float64)
    # Anatomy has longer runs of ink than letters.
    mean = counts / np.maximum(1, (ink[:, 1:] & ~ink[:, :-1]).sum(axis=1) + ink[:, 0])
    total = np.concatenate(([0.0], np.cumsum(counts), np.full(CORES.stop, counts.sum())))
    scored = []
    for bottom, tall in places:
        core = _Core(bottom - tall, bottom)
        top, beyond = core.top - core.beyond, core.beyond
        if top < 0 or tall < CORES.start or mean[core.top : bottom].mean() > 1.5 * tall + 1:
            continue
        # The least: a core that spans two lines or takes in ascenders has a poor row.
        inside = counts[core.top : bottom].min()
        about = (total[core.top] - total[top] + total[bottom + beyond] - total[bottom]) / 2
        scored.append(((inside - about / beyond) * tall**0.5, core))
    for score, core in sorted(scored, reverse=True)[:TRIED]:
        line = _line(ink, core) if score > 0 else None
        if line is not None:
            return line, core
    return None


def _line(ink: Ink, core: _Core) -> Line | None:
    """Return the line of a core, or None if it is not centred lettering."""
    rows = ink[core.top : core.bottom]
    tall = core.bottom - core.top
    extent = _centred(np.asarray(rows.any(axis=0)), 4 * tall)
    if extent is None or not _is_lettering(rows[:, extent[0] : extent[1]]):
        return None
    # As far as there are ascenders and descenders.
    counts = ink[:, extent[0] : extent[1]].sum(axis=1)
    least = 0.08 * np.median(counts[core.top : core.bottom])
    top, bottom = core
    while top > max(0, core.top - core.beyond) and counts[top - 1] >= least:
        top -= 1
    while bottom < min(len(ink), core.bottom + core.beyond) and counts[bottom] > 0:
        bottom += 1
    return Line(extent[0], top, extent[1], bottom)


def _is_lettering(rows: Ink) -> bool:
    """Tell whether rows change between ink and ground as often as letters of their height do."""
    tall, width = rows.shape
    lengths = [end - start for row in rows for start, end in _runs(row)]
    often = len(lengths) / tall >= max(4, width / (2 * tall))
    return bool(often) and float(np.percentile(lengths, 95)) <= tall + LONGEST_RUN


def _runs(row: Ink) -> list[tuple[int, int]]:
    """Return where the runs of ink in a row begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.view(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _centred(columns: Ink, gap: int) -> tuple[int, int] | None:
    """Return the widest extent of words, `gap` apart at most, that is centred, or None.

    Lettering of the scan itself may stand left or right of the line.
    """
    width = len(columns)
    words: list[tuple[int, int]] = []
    for start, end in _runs(columns):
        if words and start - words[-1][1] <= gap:
            words[-1] = (words[-1][0], end)
        else:
            words.append((start, end))

    def widest(slack: float, least: float) -> tuple[int, int] | None:
        """Return the widest extent that is off the middle by `slack` at most."""
        found = [
            (right - left, left, right)
            for i, (left, _) in enumerate(words)
            for _, right in words[i:]
            if right - left >= least
            and (abs(left + right - width) / 2 <= slack or (left <= 2 and right >= width - 2))
        ]
        return max(found)[1:] if found else None

    # A picture that was cut at one side has its footer beside the middle.
    return widest(max(3.0, 0.015 * width), 0) or widest(0.12 * width, 0.35 * width)
