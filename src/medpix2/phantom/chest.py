"""Sections of the chest, drawn from invented anatomy."""

from __future__ import annotations

import numpy as np

from medpix2.phantom import trunk
from medpix2.phantom.canvas import Body, Canvas


def axial(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the chest: level 0 is the arch of the aorta, 1 the heart."""
    wide, tall = 1.0, 0.66 + c.jitter(0.03)
    if b.sex == "female" and level > 0.35:
        for s in (-1, 1):
            breast = c.blob("skin", 0.48 * s, -0.62, 0.36, 0.26 + b.fat)
            c.inset("fat", breast, 0.012)
            c.blob("gland", 0.48 * s, -0.66, 0.18, 0.14, wobble=0.3)
    inner = trunk.ring(c, b, wide, tall)
    reach = 1 - b.fat
    if level < 0.4:
        for s in (-1, 1):
            c.bone(0.66 * s, 0.42, 0.22, 0.03, angle=-28 * s)
            c.vessel(0.8 * s, -0.12, 0.045)
    trunk.ribs(c, wide * (reach - 0.07), tall * (reach - 0.04), 16)
    c.bone(0, -tall * (reach - 0.06), 0.14, 0.04)
    space = c.inset("fat", inner, 0.1)
    del space
    for s in (-1, 1):
        c.shape(
            "lung",
            "0.13,-0.42 0.42,-0.5 0.72,-0.26 0.78,0.08 0.66,0.36 0.36,0.5 0.16,0.38 0.12,0",
            side=s,
        )
    _mediastinum(c, level)
    trunk.vertebra(c, 0, 0.3, 0.15)
    trunk.back(c, 0.56)
    _lung_vessels(c, [(-0.45, 0.0, 0.3, 0.4), (0.47, 0.05, 0.26, 0.38)])


def _mediastinum(c: Canvas, level: float) -> None:
    """Draw heart or great vessels, trachea, oesophagus and the descending aorta."""
    if level > 0.55:
        c.blob("fat", 0.12, -0.16, 0.43, 0.33, angle=25)
        c.blob("heart", 0.13, -0.16, 0.39, 0.29, angle=25)
        c.blob("blood", 0.27, -0.08, 0.17, 0.11, angle=35)
        c.blob("blood", 0.06, -0.28, 0.18, 0.11, angle=10)
        c.blob("blood", -0.13, -0.14, 0.1, 0.14)
        c.blob("blood", 0.04, 0.03, 0.18, 0.08)
    elif level > 0.28:
        c.blob("fat", 0.02, -0.12, 0.25, 0.32)
        c.vessel(-0.07, -0.2, 0.12, "artery")
        c.blob("blood", 0.16, -0.16, 0.2, 0.075, angle=20)
        c.vessel(-0.2, -0.1, 0.06)
        for s in (-1, 1):
            c.blob("gas", 0.09 * s, 0.06, 0.06, 0.045)
    else:
        c.blob("fat", 0.02, -0.1, 0.24, 0.36)
        c.shape(
            "artery",
            "-0.1,-0.24 0.1,-0.22 0.25,0.02 0.22,0.2 0.12,0.14 0.02,-0.06",
        )
        c.vessel(-0.17, -0.18, 0.07)
        c.blob("gas", -0.02, 0.05, 0.075, 0.08)
    c.vessel(0.16, 0.22, 0.085, "artery")
    c.blob("wall", 0.03, 0.17, 0.05, 0.03)


def _lung_vessels(c: Canvas, fields: list[tuple[float, float, float, float]]) -> None:
    """Scatter vessels over lung fields, each (x, y, half width, half height)."""
    for x, y, rx, ry in fields:
        for _ in range(26):
            turn, far = c.between(0, 6.28), c.rng.random() ** 0.6
            size = 0.018 * (1.25 - far) + 0.004
            c.blob(
                "blood",
                x + rx * far * np.cos(turn),
                y + ry * far * np.sin(turn),
                size,
                size * c.between(0.6, 2.6),
                angle=c.between(0, 180),
            )


def coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a coronal section of the chest with neck and upper abdomen."""
    torso = [
        (-0.2, -1.15),
        (0.2, -1.15),
        (0.28, -0.86),
        (0.85, -0.72),
        (0.98, -0.3),
        (0.84, 0.3),
        (0.8, 1.1),
        (-0.8, 1.1),
        (-0.84, 0.3),
        (-0.98, -0.3),
        (-0.85, -0.72),
        (-0.28, -0.86),
    ]
    outline = c.shape("skin", torso)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.02 + 0.8 * b.fat)
    c.blob("liver", -0.3, 0.72, 0.46, 0.36)
    c.blob("spleen", 0.55, 0.7, 0.16, 0.24)
    c.blob("wall", 0.25, 0.72, 0.24, 0.2)
    c.blob("gas", 0.25, 0.62, 0.2, 0.1)
    for s in (-1, 1):
        c.shape(
            "lung",
            "0.2,-0.74 0.45,-0.66 0.66,-0.2 0.7,0.38 0.4,0.26 0.16,0.32 0.14,-0.3",
            side=s,
        )
        for i in range(7):
            c.bone(
                s * (0.6 + 0.16 * np.sin(0.5 + i * 0.34)),
                -0.58 + 0.18 * i,
                0.05,
                0.032,
                angle=30 * s,
            )
        c.bone(0.5 * s, -0.8, 0.26, 0.035, angle=-8 * s)
        c.bone(0.88 * s, -0.55, 0.09, 0.12)
    c.blob("gas", 0.0, -0.72, 0.05, 0.34)
    c.blob("heart", 0.13, 0.06, 0.33, 0.29, angle=30)
    c.blob("blood", 0.2, 0.1, 0.17, 0.12, angle=35)
    c.blob("blood", -0.1, 0.02, 0.1, 0.15)
    c.vessel(0.1, -0.3, 0.1, "artery")
    c.blob("blood", -0.14, -0.36, 0.05, 0.2)
    _lung_vessels(c, [(-0.42, -0.1, 0.22, 0.4), (0.46, -0.1, 0.2, 0.4)])


def sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a sagittal section of the chest, the breast bone to the left."""
    trunk = [
        (-0.2, -1.1),
        (0.25, -1.1),
        (0.66, -0.6),
        (0.74, 0.0),
        (0.66, 1.0),
        (-0.6, 1.0),
        (-0.74, 0.3),
        (-0.66, -0.4),
        (-0.36, -0.8),
    ]
    outline = c.shape("skin", trunk)
    c.inset("fat", outline, 0.02)
    c.inset("muscle", outline, 0.03 + b.fat)
    c.shape(
        "lung",
        "-0.05,-0.85 0.25,-0.7 0.42,-0.2 0.44,0.5 0.2,0.42 -0.2,0.28 -0.5,0.34 "
        "-0.48,-0.2 -0.3,-0.6",
    )
    c.blob("liver", -0.05, 0.72, 0.45, 0.32)
    c.blob("heart", -0.2, 0.08, 0.26, 0.27)
    c.blob("blood", -0.2, 0.1, 0.14, 0.16)
    c.blob("blood", -0.02, -0.22, 0.11, 0.1)
    c.bone(-0.56, -0.1, 0.03, 0.3, angle=8)
    for i in range(10):
        y = -0.95 + 0.2 * i
        c.bone(0.5 + 0.06 * np.sin(i * 0.3), y, 0.1, 0.075, shell=0.02)
        c.bone(0.66 + 0.03 * np.sin(i * 0.3), y + 0.08, 0.08, 0.03, angle=40)
    _lung_vessels(c, [(0.1, -0.1, 0.25, 0.45)])
