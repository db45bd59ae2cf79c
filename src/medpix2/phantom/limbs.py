"""Sections of spine, thigh, knee and shoulder, drawn from invented anatomy."""

from __future__ import annotations

import numpy as np

from medpix2.phantom import trunk
from medpix2.phantom.canvas import Body, Canvas, Points, smooth


def spine_sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a spine cut lengthwise, the belly to the left: level below 0.5 the neck, else loins."""
    neck = level < 0.5
    bend = c.between(0.12, 0.26) * (-1 if neck else 1)
    count, size = (8, 0.145) if neck else (6, 0.2)
    outline = c.shape("skin", "-0.72,-1.3 0.66,-1.3 0.72,0 0.66,1.3 -0.72,1.3 -0.78,0")
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.05 + b.fat)
    if neck:
        c.line("gas", "-0.42,-0.9 -0.42,0 -0.4,1.2", 0.12)
        c.blob("cartilage", -0.5, 0.1, 0.06, 0.2)
    else:
        c.line("fat", "-0.5,-1.2 -0.44,0 -0.5,1.2", 0.4)
        trunk.bowel(c, [(-0.58, y) for y in (-0.9, -0.5, -0.1, 0.3, 0.7)], 0.11)
        c.line("artery", "-0.3,-1.2 -0.3,0 -0.24,1.1", 0.09)
    ys = np.linspace(-1.15, 1.15, count)
    xs = -0.06 - bend * np.cos(ys * 1.3) + 0.1
    canal = np.stack([xs + size * 1.28, ys], axis=1)
    c.line("fat", canal + np.array([0.12, 0.0]), 0.14)
    c.line("csf", canal, 0.15)
    c.line("cord", canal if neck else canal[: count // 2 + 1], 0.07)
    _column(c, b, xs, ys, size)


def _column(c: Canvas, b: Body, xs: Points, ys: Points, size: float) -> None:
    """Draw vertebrae, discs and spinous processes along a curve."""
    gap = (ys[1] - ys[0]) / 2
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        lean = float(
            np.degrees(np.arctan2(xs[min(i + 1, len(xs) - 1)] - xs[max(i - 1, 0)], 4 * gap))
        )
        half = gap * 0.8
        corners = [
            (-size, -half),
            (0, -half * 0.85),
            (size, -half),
            (size * 0.92, 0),
            (size, half),
            (0, half * 0.85),
            (-size, half),
            (-size * 0.92, 0),
        ]
        turn = np.radians(-lean)
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        outline = smooth(np.array(corners) @ spin.T + np.array([x, y]), closed=True, per_side=3)
        c.area("cortex", outline)
        c.inset("marrow", outline, 0.022)
        worn = b.atrophy * c.rng.random() > 0.45
        c.blob(
            "ligament" if worn else "disc",
            x,
            y + gap,
            size * 1.02,
            gap * (0.14 if worn else 0.2),
            angle=-lean,
        )
        c.bone(x + size * 2.5, y + gap * 0.55, size * 0.85, gap * 0.38, angle=20, shell=0.02)


def spine_axial(c: Canvas, b: Body, level: float) -> None:
    """Draw a vertebra and the muscles around it from close by."""
    c.blob("fat", 0, 0, 2.4, 1.55)
    trunk.bowel(c, [(x, -1.0 + 0.2 * abs(x)) for x in (-1.5, -1.1, -0.6, 0.1, 0.7, 1.1, 1.5)], 0.2)
    for s in (-1, 1):
        c.blob("muscle", 0.6 * s, 0.0, 0.27, 0.36, angle=10 * s)
        c.blob("muscle", 0.46 * s, 0.82, 0.4, 0.28, angle=8 * s)
        c.blob("muscle", 0.98 * s, 0.5, 0.3, 0.2, angle=-30 * s)
        trunk.bowel(c, [(0.7 * s, -0.7), (0.35 * s, -0.9)], 0.17)
    c.vessel(0.14, -0.5, 0.15, "artery")
    c.blob("blood", -0.25, -0.48, 0.17, 0.12)
    if level > 0.5:
        trunk.vertebra(c, 0, -0.08, 0.36)
        return
    trunk.vertebra(c, 0, -0.08, 0.34)
    c.blob("ligament", 0, -0.08, 0.38, 0.3)
    c.blob("disc", 0, -0.08, 0.32, 0.25)


def thigh(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of a thigh: level 0 is the hip end, 1 the knee end."""
    outline = c.blob("skin", 0, 0, 0.92, 0.86, wobble=0.06)
    c.inset("fat", outline, 0.014)
    within = c.inset("muscle", outline, 0.06 + 1.2 * b.fat)
    centre = within.mean(axis=0)
    x, y = c.between(-0.16, 0.02), c.between(-0.2, 0.0)
    start = c.between(0, 1)
    for turn in np.linspace(0, 2 * np.pi, 8, endpoint=False) + start:
        reach = 0.78 * (1 - b.fat)
        bent = turn + c.jitter(0.25)
        rim = centre + reach * np.array([np.cos(turn), np.sin(turn)])
        half = (x + 0.4 * np.cos(bent), y + 0.4 * np.sin(bent))
        path = np.array([(x, y), half, (rim[0], rim[1])])
        c.line("fat", smooth(path, closed=False), c.between(0.012, 0.03))
    c.blob("fat", 0.28, 0.12, 0.1, 0.08)
    c.vessel(0.26, 0.1, 0.045, "artery")
    c.vessel(0.33, 0.15, 0.05)
    c.bone(x, y, 0.2, 0.19, shell=0.07 - 0.03 * level, wobble=0.03)


def knee_sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a knee from the side, the knee cap to the left."""
    outline = c.shape(
        "skin",
        "-0.5,-1.25 0.6,-1.25 0.62,-0.3 0.5,0.2 0.62,1.25 -0.4,1.25 -0.5,0.5 -0.72,-0.1 -0.66,-0.5",
    )
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.05 + b.fat)
    c.shape("fat", "-0.5,0 -0.25,0.05 -0.22,0.25 -0.42,0.4")
    c.shape(
        "cortex",
        "-0.12,-1.4 0.18,-1.4 0.2,-0.5 0.36,-0.28 0.3,0.02 0,0.12 -0.24,0 -0.3,-0.3 -0.16,-0.6",
        jitter=0.01,
    )
    c.shape(
        "marrow",
        "-0.09,-1.4 0.15,-1.4 0.17,-0.48 0.32,-0.27 0.27,-0.01 0,0.08 -0.21,-0.03 "
        "-0.26,-0.3 -0.13,-0.6",
        jitter=0.005,
    )
    c.shape(
        "cortex",
        "-0.34,0.24 0,0.2 0.32,0.22 0.3,0.42 0.1,0.7 0.06,1.4 -0.2,1.4 -0.2,0.8 -0.36,0.45",
        jitter=0.01,
    )
    c.shape(
        "marrow",
        "-0.3,0.28 0,0.24 0.29,0.26 0.26,0.42 0.07,0.7 0.03,1.4 -0.17,1.4 -0.17,0.8 -0.32,0.45",
        jitter=0.005,
    )
    c.line("cartilage", "-0.26,-0.1 -0.12,0.1 0.1,0.14 0.3,0.06", 0.045)
    c.blob("ligament", -0.2, 0.19, 0.1, 0.035)
    c.blob("ligament", 0.22, 0.18, 0.1, 0.035)
    c.line("ligament", "0.12,-0.1 -0.12,0.22", 0.05)
    c.bone(-0.48, -0.28, 0.09, 0.2, angle=-8, shell=0.025)
    c.line("ligament", "-0.52,-0.1 -0.42,0.4", 0.04)
    c.line("ligament", "-0.46,-0.48 -0.34,-1.2", 0.05)
    c.line("artery", "0.42,-1.2 0.44,0 0.36,1.2", 0.05)
    if c.rng.random() < 0.5:
        c.blob("fluid", -0.32, -0.5, 0.05, 0.16, angle=-8)


def knee_coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a knee from the front."""
    outline = c.shape(
        "skin",
        "-0.62,-1.25 0.62,-1.25 0.66,-0.2 0.6,0.3 0.56,1.25 -0.56,1.25 -0.6,0.3 -0.66,-0.2",
    )
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.06 + b.fat)
    for tissue, d in (("cortex", 0.0), ("marrow", 0.03)):
        c.shape(
            tissue,
            [
                (-0.15 + d, -1.4),
                (0.15 - d, -1.4),
                (0.18 - d, -0.6),
                (0.5 - d, -0.3),
                (0.48 - d, 0.04 - d),
                (0.16, 0.1 - d),
                (0.0, -0.08 - d),
                (-0.16, 0.1 - d),
                (-0.48 + d, 0.04 - d),
                (-0.5 + d, -0.3),
                (-0.18 + d, -0.6),
            ],
            jitter=0.005,
        )
        c.shape(
            tissue,
            [
                (-0.5 + d, 0.22 + d),
                (-0.2, 0.22 + d),
                (0.0, 0.16 + d),
                (0.2, 0.22 + d),
                (0.5 - d, 0.22 + d),
                (0.44 - d, 0.48),
                (0.16 - d, 0.8),
                (0.13 - d, 1.4),
                (-0.13 + d, 1.4),
                (-0.16 + d, 0.8),
                (-0.44 + d, 0.48),
            ],
            jitter=0.005,
        )
    c.bone(0.46, 0.75, 0.07, 0.3, shell=0.03)
    for s in (-1, 1):
        c.line("cartilage", "0.14,0.13 0.3,0.12 0.46,0.07", 0.045, side=s)
        c.shape("ligament", "0.54,0.1 0.54,0.2 0.32,0.17", side=s, jitter=0.005)
        c.line("ligament", "0.54,-0.25 0.55,0.5", 0.03, side=s)
    c.line("ligament", "0.08,-0.1 -0.05,0.2", 0.05)


def shoulder(c: Canvas, b: Body, level: float) -> None:
    """Draw a shoulder from the front."""
    outline = c.shape(
        "skin",
        "-0.9,-0.4 -0.3,-0.6 0.3,-0.85 0.75,-0.5 0.9,0.1 0.85,1.2 0.1,1.2 -0.2,0.8 -0.95,1",
    )
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.05 + b.fat)
    c.shape("fat", "-0.5,-0.3 0.1,-0.46 0.15,-0.4 -0.4,-0.22")
    c.line("fat", "0.7,-0.3 0.72,0.2 0.6,0.7", 0.02)
    c.line("fat", "-0.8,0.1 -0.3,0.1 0,0.3", 0.025)
    c.line("fat", "-0.8,0.5 -0.3,0.45 0.1,0.7", 0.025)
    c.bone(0.42, 0.75, 0.13, 0.6, shell=0.05)
    c.bone(0.36, 0.0, 0.27, 0.27, shell=0.025, wobble=0.03)
    c.shape(
        "cortex",
        "-0.02,-0.2 0.06,0 0,0.22 -0.3,0.3 -0.7,0.5 -0.3,0",
        jitter=0.01,
    )
    c.shape(
        "marrow",
        "-0.04,-0.16 0.03,0 -0.02,0.18 -0.3,0.26 -0.6,0.42 -0.28,0.02",
        jitter=0.005,
    )
    c.bone(0.14, -0.5, 0.3, 0.06, angle=12)
    c.bone(-0.5, -0.46, 0.34, 0.06, angle=-8)
    c.line("ligament", "-0.1,-0.26 0.2,-0.32 0.5,-0.24 0.62,-0.05", 0.05, bent=True)
    c.blob("ligament", 0.07, -0.22, 0.03, 0.06)


def foot(c: Canvas, b: Body, level: float) -> None:
    """Draw a foot from the side: heel to the right."""
    outline = c.shape(
        "skin",
        "0.1,-1.1 0.62,-1.1 0.66,0.1 0.84,0.5 0.7,0.72 -0.2,0.66 -0.95,0.72 -1.05,0.5 "
        "-0.4,0.1 0.06,-0.3",
    )
    c.inset("fat", outline, 0.02)
    c.inset("muscle", outline, 0.07 + 0.5 * b.fat)
    c.shape("fat", "0.5,-0.7 0.58,-0.7 0.6,0.1 0.45,-0.1")
    c.line("ligament", "0.56,-1 0.62,0.1 0.68,0.34", 0.045)
    c.bone(0.3, -0.75, 0.14, 0.5, shell=0.04)
    c.bone(0.26, -0.06, 0.23, 0.14, angle=8, shell=0.025)
    c.bone(0.44, 0.35, 0.3, 0.17, angle=14, shell=0.025)
    c.bone(-0.04, 0.12, 0.1, 0.13, shell=0.025)
    c.bone(-0.2, 0.22, 0.09, 0.11, shell=0.025)
    c.bone(0.02, 0.4, 0.14, 0.1, shell=0.025)
    c.bone(-0.5, 0.4, 0.28, 0.06, angle=28, shell=0.02)
    c.bone(-0.86, 0.58, 0.11, 0.045, angle=6, shell=0.02)
