"""A map of tissues, and the shapes that anatomy is drawn with.

Body coordinates: the body stands about in the square from -1 to 1, x to the right of the picture
(the patient's left on axial and coronal sections), y downwards. A `Pose` says where that lands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from medpix2.phantom.tissues import CODES

Points = NDArray[np.float64]
Path = str | Points | Sequence[tuple[float, float]]
"""Points as an array of shape (n, 2), as pairs, or written "x,y x,y ..."."""
_STEPS = 40
_ANGLES = np.linspace(0, 2 * np.pi, _STEPS, endpoint=False)
_HARMONICS = np.arange(2, 6)
_WAVES = np.concatenate(
    [np.cos(np.outer(_HARMONICS, _ANGLES)), np.sin(np.outer(_HARMONICS, _ANGLES))]
)
_FALL = np.tile(1 / _HARMONICS, 2)


class Body(NamedTuple):
    """What makes one person's body differ from another's."""

    sex: str
    age: int
    fat: float
    """Thickness of the fat under the skin, 0.02 to 0.2 of the half width."""
    atrophy: float
    """Widening of the brain's fluid spaces and wear of the joints, 0 to 1."""


@dataclass(frozen=True)
class Pose:
    """How body coordinates land on pixels: turn, squeeze, scale, shift and a gentle warp."""

    matrix: Points
    """Shape (2, 2), pixels per body unit."""
    shift: Points
    """Shape (2,), pixels."""
    warp: Points
    """Shape (2, 4): amplitude (body units), frequency along y and x, phase; for x and for y."""

    def place(self, points: Points) -> Points:
        """Return body points, shape (n, 2), as pixels."""
        x, y = points[:, 0], points[:, 1]
        warped = np.empty_like(points)
        a, fy, fx, p = self.warp[0]
        warped[:, 0] = x + a * np.sin(fy * y + fx * x + p)
        a, fy, fx, p = self.warp[1]
        warped[:, 1] = y + a * np.sin(fy * y + fx * x + p)
        placed: Points = warped @ self.matrix.T + self.shift
        return placed

    @property
    def scale(self) -> float:
        """Pixels per body unit, mean of both axes."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))


class Canvas:
    """Draws shapes of tissue in body coordinates; later shapes lie on earlier ones.

    Parameters
    ----------
    width, height
        Size of the map in pixels.
    pose
        Where the body lands.
    rng
        Makes each shape a little different.
    """

    def __init__(self, width: int, height: int, pose: Pose, rng: np.random.Generator) -> None:
        self.image = Image.new("L", (width, height), CODES["air"])
        self.pose = pose
        self.rng = rng
        self._draw = ImageDraw.Draw(self.image)

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The map, shape (height, width), codes of `tissues.CODES`."""
        return np.asarray(self.image)

    def jitter(self, spread: float) -> float:
        """Return a number about 0 with this standard deviation, at most twice as large."""
        return float(np.clip(self.rng.standard_normal(), -2, 2)) * spread

    def between(self, low: float, high: float) -> float:
        """Return a number between two others."""
        return low + (high - low) * float(self.rng.random())

    def blob(
        self,
        tissue: str,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        *,
        angle: float = 0.0,
        wobble: float = 0.06,
    ) -> Points:
        """Draw a wobbly ellipse (angle in degrees) and return its outline, body coordinates."""
        radius = 1 + wobble * ((self.rng.standard_normal(8) * _FALL) @ _WAVES)
        outline = np.empty((_STEPS, 2))
        outline[:, 0] = rx * radius * np.cos(_ANGLES)
        outline[:, 1] = (rx if ry is None else ry) * radius * np.sin(_ANGLES)
        if angle:
            c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
            outline = outline @ np.array([[c, s], [-s, c]])
        outline += (x, y)
        self.area(tissue, outline)
        return outline

    def area(self, tissue: str, outline: Points) -> None:
        """Fill a polygon, shape (n, 2)."""
        placed = self.pose.place(outline)
        self._draw.polygon(placed.ravel().tolist(), fill=CODES[tissue])

    def shape(self, tissue: str, corners: Path, jitter: float = 0.02, side: int = 1) -> Points:
        """Fill the smooth closed curve through some corners and return its outline.

        Corners may be written "x,y x,y ..."; `side` -1 mirrors them.
        """
        points = _points(corners, side)
        points = points + self.rng.standard_normal(points.shape) * jitter
        outline = smooth(points, closed=True)
        self.area(tissue, outline)
        return outline

    def line(
        self, tissue: str, points: Path, width: float, *, side: int = 1, bent: bool = False
    ) -> None:
        """Draw an open line through points (bent: a smooth one), width in body units."""
        path = _points(points, side)
        placed = self.pose.place(smooth(path, closed=False) if bent else path)
        pixels = max(1, round(width * self.pose.scale))
        self._draw.line(placed.ravel().tolist(), fill=CODES[tissue], width=pixels, joint="curve")

    def inset(self, tissue: str, outline: Points, by: float) -> Points:
        """Fill an outline again, drawn in by a width in body units; return it."""
        centre = outline.mean(axis=0)
        away = outline - centre
        length = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)
        inner: Points = centre + away * np.maximum(1 - by / length, 0.05)[:, None]
        self.area(tissue, inner)
        return inner

    def bone(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float | None = None,
        *,
        angle: float = 0.0,
        shell: float = 0.02,
        wobble: float = 0.06,
    ) -> None:
        """Draw a bone: a shell of cortex around marrow."""
        outline = self.blob("cortex", x, y, rx, ry, angle=angle, wobble=wobble)
        self.inset("marrow", outline, shell)

    def vessel(self, x: float, y: float, r: float, tissue: str = "blood") -> None:
        """Draw a vessel cut across."""
        self.blob(tissue, x, y, r, wobble=0.03)


@cache
def _parsed(text: str) -> Points:
    return np.array([[float(part) for part in pair.split(",")] for pair in text.split()])


def _points(points: Path, side: int) -> Points:
    """Return points, shape (n, 2), parsed and mirrored where asked."""
    out = _parsed(points) if isinstance(points, str) else np.asarray(points, dtype=float)
    return out if side == 1 else out * (side, 1)


def smooth(points: Points, *, closed: bool, per_side: int = 6) -> Points:
    """Return a Catmull-Rom curve through points, shape (n, 2)."""
    if closed:
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        beyond = np.roll(points, -2, axis=0)
        start = points
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
        before, start, after, beyond = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, per_side, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (p[:, None, :] for p in (before, start, after, beyond))
    curve = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    flat: Points = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, points[-1:]])
