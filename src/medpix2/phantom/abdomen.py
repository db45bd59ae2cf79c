"""Sections of the abdomen, drawn from invented anatomy."""

from __future__ import annotations

import numpy as np

from medpix2.phantom import trunk
from medpix2.phantom.canvas import Body, Canvas


def axial(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the abdomen: level 0 is liver and spleen, 1 kidneys and bowel."""
    wide, tall = 1.0, 0.68 + c.jitter(0.04)
    inner = trunk.ring(c, b, wide, tall)
    c.inset("fat", inner, 0.075)
    reach = 1 - b.fat
    if level < 0.7:
        trunk.ribs(c, wide * (reach - 0.06), tall * (reach - 0.045), 14)
    room = reach / 0.92
    if level < 0.5:
        _upper(c, room)
    else:
        _lower(c, b, room)
    c.vessel(0.09, 0.13, 0.07 * c.between(0.85, 1.25), "artery")
    c.blob("blood", -0.13, 0.11, 0.09, 0.065)
    trunk.vertebra(c, 0, 0.28, 0.155)
    trunk.back(c, 0.55)


def _upper(c: Canvas, room: float) -> None:
    """Draw liver, spleen, stomach, pancreas and adrenal glands."""
    k = room
    c.shape(
        "liver",
        [
            (-0.78 * k, -0.1),
            (-0.6 * k, -0.42),
            (-0.2, -0.46),
            (0.15, -0.4),
            (0.12, -0.24),
            (-0.1, -0.14),
            (-0.22, 0.08),
            (-0.36, 0.34),
            (-0.62 * k, 0.32),
        ],
    )
    for _ in range(9):
        c.blob(
            "blood",
            -0.45 + c.jitter(0.14),
            -0.12 + c.jitter(0.12),
            0.04,
            0.012,
            angle=c.between(0, 180),
        )
    c.shape(
        "wall",
        [(0.1, -0.34), (0.4, -0.46), (0.66 * k, -0.26), (0.6, 0.0), (0.36, -0.02), (0.2, -0.14)],
    )
    c.shape(
        "content",
        [(0.16, -0.28), (0.4, -0.4), (0.6 * k, -0.24), (0.54, -0.05), (0.36, -0.07), (0.24, -0.16)],
    )
    c.blob("gas", 0.38, -0.34, 0.16, 0.07, wobble=0.12)
    c.shape(
        "spleen",
        [(0.52 * k, 0.02), (0.72 * k, -0.05), (0.78 * k, 0.16), (0.58 * k, 0.36), (0.5, 0.26)],
    )
    c.shape(
        "pancreas",
        "-0.16,0 0.1,-0.08 0.4,0.03 0.4,0.1 0.12,0.03 -0.12,0.08",
    )
    if c.rng.random() < 0.5:
        c.blob("fluid", -0.3, -0.22, 0.08, 0.12, angle=30)
    for s in (-1, 1):
        c.line("gland", "0.24,0.16 0.3,0.24 0.22,0.3", 0.02, side=s)
        if c.rng.random() < 0.45:
            trunk.kidney(c, 0.4 * s, 0.34, 0.12, s)


def _lower(c: Canvas, b: Body, room: float) -> None:
    """Draw kidneys, psoas muscles, bowel and the lower tip of the liver."""
    if c.rng.random() < 0.6:
        c.blob("liver", -0.66 * room, -0.02, 0.14, 0.3)
    for s in (-1, 1):
        trunk.kidney(c, 0.44 * s, 0.22, 0.15 * c.between(0.9, 1.15), s)
        c.blob("muscle", 0.24 * s, 0.3, 0.08, 0.12)
        trunk.bowel(c, [(0.7 * room * s, 0.02), (0.66 * room * s, -0.14)], 0.09)
    spots = [
        (x + c.jitter(0.03), y)
        for y in (-0.42, -0.24, -0.07)
        for x in (-0.44, -0.22, 0.0, 0.22, 0.44)
    ]
    keep = [spot for spot in spots if c.rng.random() < 0.85]
    trunk.bowel(c, keep, 0.095)


def coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a coronal section of the abdomen."""
    torso = [
        (-0.7, -1.1),
        (0.7, -1.1),
        (0.78, -0.4),
        (0.66, 0.2),
        (0.76, 0.75),
        (0.74, 1.1),
        (-0.74, 1.1),
        (-0.76, 0.75),
        (-0.66, 0.2),
        (-0.78, -0.4),
    ]
    outline = c.shape("skin", torso)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.02 + 0.7 * b.fat)
    c.inset("fat", outline, 0.08 + 0.7 * b.fat)
    for s in (-1, 1):
        c.shape(
            "lung",
            "0.18,-1.2 0.58,-1.2 0.6,-0.75 0.38,-0.88 0.14,-0.8",
            side=s,
        )
        for i in range(4):
            c.bone(0.67 * s, -1.0 + 0.18 * i, 0.04, 0.035, angle=30 * s)
    c.shape(
        "liver",
        "-0.6,-0.62 -0.36,-0.84 0.05,-0.76 0.15,-0.62 -0.12,-0.5 -0.3,-0.2 -0.56,0.02 -0.63,-0.3",
    )
    c.blob("spleen", 0.52, -0.5, 0.12, 0.22, angle=-15)
    c.blob("wall", 0.26, -0.62, 0.18, 0.15)
    c.blob("gas", 0.26, -0.66, 0.14, 0.09)
    trunk.bowel(
        c, [(x, y) for y in (-0.1, 0.12, 0.34, 0.56, 0.78) for x in (-0.42, -0.2, 0.2, 0.42)], 0.1
    )
    if level > 0.5:
        _spine_column(c)
        for s in (-1, 1):
            trunk.kidney(c, 0.34 * s, -0.05, 0.13, s, tall=1.7)
            c.blob("muscle", 0.2 * s, 0.4, 0.08, 0.38, angle=8 * s)
    else:
        trunk.bowel(c, [(x, y) for y in (-0.1, 0.12, 0.34, 0.56) for x in (-0.05, 0.08)], 0.1)
        c.line("artery", "0.03,-0.6 0.02,0 0,0.4", 0.1)
    for s in (-1, 1):
        c.bone(0.56 * s, 0.85, 0.06, 0.26, angle=24 * s)


def _spine_column(c: Canvas) -> None:
    """Draw a spine cut lengthwise from the front."""
    for i in range(9):
        y = -0.95 + 0.24 * i
        c.bone(0.01, y, 0.13, 0.095, shell=0.02)
        c.blob("disc", 0.01, y + 0.12, 0.11, 0.022)


def sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a sagittal section of the abdomen beside the midline, the belly to the left."""
    belly = [
        (-0.45, -1.1),
        (0.66, -1.1),
        (0.72, -0.5),
        (0.6, 0.2),
        (0.74, 0.8),
        (0.7, 1.1),
        (-0.6, 1.1),
        (-0.72, 0.4),
        (-0.62, -0.4),
    ]
    outline = c.shape("skin", belly)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.03 + b.fat)
    c.inset("fat", outline, 0.08 + b.fat)
    c.shape(
        "liver",
        "-0.4,-0.8 0,-0.95 0.28,-0.75 0.2,-0.4 -0.1,-0.3 -0.42,-0.45",
    )
    c.blob("wall", -0.12, -0.18, 0.16, 0.12)
    c.blob("gas", -0.14, -0.2, 0.1, 0.07)
    trunk.bowel(c, [(x, y) for y in (0.08, 0.3, 0.52, 0.74) for x in (-0.42, -0.2, 0.02)], 0.11)
    c.line("artery", "0.24,-0.9 0.26,-0.2 0.24,0.5", 0.09)
    for i in range(9):
        x = 0.44 - 0.06 * np.sin(i * 0.55)
        c.bone(x, -0.95 + 0.24 * i, 0.12, 0.095, shell=0.02)
        c.bone(x + 0.22, -0.88 + 0.24 * i, 0.1, 0.04, angle=20)
