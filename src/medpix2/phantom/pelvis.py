"""Sections of the pelvis, drawn from invented anatomy."""

from __future__ import annotations

import numpy as np

from medpix2.phantom import trunk
from medpix2.phantom.canvas import Body, Canvas


def axial(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the pelvis: level 0 is the iliac wings, 1 the hip joints."""
    wide, tall = 1.0, 0.62 + c.jitter(0.03)
    inner = trunk.ring(c, b, wide, tall)
    c.inset("fat", inner, 0.05)
    for s in (-1, 1):
        c.blob("muscle", 0.46 * s, 0.36, 0.34, 0.12, angle=-14 * s)
        c.blob("muscle", 0.62 * s, -0.3, 0.14, 0.16)
        c.blob("muscle", 0.38 * s, -0.34, 0.12, 0.11)
        c.vessel(0.24 * s, -0.36, 0.045, "artery")
        c.vessel(0.3 * s, -0.3, 0.05)
    c.blob("fat", 0, -0.04, 0.34, 0.36)
    if level > 0.45:
        for s in (-1, 1):
            c.shape(
                "cortex",
                "0.34,-0.26 0.46,-0.14 0.44,0.12 0.38,0.26 0.3,0.1",
                side=s,
            )
            c.bone(0.56 * s, -0.04, 0.145, 0.145, shell=0.03, wobble=0.02)
            c.bone(0.74 * s, 0.06, 0.12, 0.06, angle=28 * s)
            c.blob("muscle", 0.27 * s, 0.03, 0.045, 0.2)
        c.bone(0, 0.44, 0.08, 0.05)
    else:
        for s in (-1, 1):
            c.bone(0.56 * s, 0.0, 0.055, 0.36, angle=28 * s)
            c.blob("muscle", 0.42 * s, -0.08, 0.1, 0.2, angle=24 * s)
        c.bone(0, 0.38, 0.26, 0.11, shell=0.03)
        trunk.bowel(c, [(-0.3, -0.3), (0.0, -0.38), (0.3, -0.32)], 0.1)
    _organs(c, b)


def _organs(c: Canvas, b: Body) -> None:
    """Draw bladder, prostate or uterus, and rectum."""
    full = c.between(0.8, 1.35)
    bladder = c.blob("wall", 0, -0.17, 0.24 * full, 0.17 * full)
    c.inset("fluid", bladder, c.between(0.02, 0.05))
    if b.sex == "female":
        c.blob("uterus", c.jitter(0.05), 0.08, 0.2, 0.11, angle=c.jitter(15))
        c.blob("content", 0, 0.08, 0.07, 0.02)
        for s in (-1, 1):
            c.blob("uterus", 0.25 * s, 0.06, 0.06, 0.05)
            c.blob("cyst", 0.26 * s, 0.06, 0.02)
    else:
        grown = 0.9 + 0.5 * b.atrophy
        c.blob("prostate", 0, 0.06, 0.12 * grown, 0.1 * grown)
        for s in (-1, 1):
            c.blob("gland", 0.11 * s, 0.15, 0.1, 0.03, angle=-15 * s)
    c.blob("wall", 0, 0.27, 0.1, 0.09)
    c.blob("gas" if c.rng.random() < 0.6 else "content", 0, 0.27, 0.065, 0.055)


def coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a coronal section of the pelvis with both hips."""
    torso = [
        (-0.72, -1.0),
        (0.72, -1.0),
        (0.92, -0.2),
        (0.95, 0.5),
        (0.85, 1.1),
        (0.1, 1.1),
        (0.0, 0.75),
        (-0.1, 1.1),
        (-0.85, 1.1),
        (-0.95, 0.5),
        (-0.92, -0.2),
    ]
    outline = c.shape("skin", torso)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.03 + b.fat)
    c.blob("fat", 0, -0.3, 0.5, 0.72)
    trunk.bowel(c, [(x, y) for y in (-0.88, -0.68, -0.48) for x in (-0.36, -0.12, 0.12, 0.36)], 0.1)
    for s in (-1, 1):
        c.shape(
            "cortex",
            "0.62,-0.85 0.72,-0.7 0.58,-0.15 0.44,-0.1 0.46,-0.3",
            side=s,
        )
        c.shape(
            "marrow",
            "0.62,-0.8 0.68,-0.68 0.56,-0.2 0.47,-0.14 0.49,-0.3",
            side=s,
            jitter=0.008,
        )
        c.bone(0.34 * s, 0.22, 0.12, 0.05, angle=-40 * s)
        c.bone(0.66 * s, 0.2, 0.2, 0.075, angle=42 * s)
        c.bone(0.55 * s, 0.04, 0.135, shell=0.025, wobble=0.02)
        c.bone(0.78 * s, 0.7, 0.085, 0.5, angle=4 * s, shell=0.035)
        c.blob("muscle", 0.42 * s, 0.65, 0.2, 0.38, angle=-8 * s)
        c.line("fat", "0.56,0.4 0.54,0.75 0.5,1.1", 0.03, side=s)
        c.line("fat", "0.3,0.42 0.36,0.75 0.4,1.1", 0.02, side=s)
    bladder = c.blob("wall", 0, 0.02, 0.26 * c.between(0.9, 1.2), 0.18)
    c.inset("fluid", bladder, 0.03)
    if b.sex == "female":
        c.blob("uterus", 0, -0.25, 0.2, 0.12)
    else:
        c.blob("prostate", 0, 0.27, 0.13, 0.1)


def sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a sagittal section of the pelvis, the belly to the left."""
    trunk_outline = [
        (-0.62, -1.1),
        (0.7, -1.1),
        (0.78, -0.4),
        (0.95, 0.1),
        (0.85, 0.7),
        (0.45, 1.1),
        (-0.35, 1.1),
        (-0.62, 0.6),
        (-0.7, 0.0),
    ]
    outline = c.shape("skin", trunk_outline)
    c.inset("fat", outline, 0.02)
    c.inset("muscle", outline, 0.05 + b.fat)
    c.inset("fat", outline, 0.13 + b.fat)
    trunk.bowel(c, [(x, y) for y in (-0.85, -0.6, -0.36) for x in (-0.38, -0.14, 0.1)], 0.12)
    for i in range(8):
        x, y = 0.42 + 0.3 * np.sin(i * 0.42) * (i > 1), -1.0 + 0.22 * i
        c.bone(x, y, 0.13 - 0.012 * i, 0.095, angle=-8 * i, shell=0.02)
        c.blob("disc", x - 0.01, y + 0.11, 0.1 - 0.01 * i, 0.018, angle=-8 * i)
    c.bone(-0.44, 0.42, 0.08, 0.15, angle=-35)
    bladder = c.blob("wall", -0.2, 0.2, 0.23, 0.2)
    c.inset("fluid", bladder, 0.03)
    if b.sex == "female":
        c.blob("uterus", 0.06, -0.02, 0.25, 0.12, angle=-25)
        c.blob("content", 0.04, -0.02, 0.13, 0.02, angle=-25)
        c.blob("uterus", 0.2, 0.2, 0.07, 0.13, angle=-20)
    else:
        c.blob("prostate", -0.08, 0.47, 0.14, 0.11)
        c.blob("gland", 0.1, 0.28, 0.06, 0.1, angle=-20)
    c.line("wall", "0.5,-0.1 0.44,0.2 0.3,0.45 0.36,0.8", 0.14)
    c.line("gas", "0.5,-0.1 0.44,0.2 0.3,0.45", 0.06)


def kidneys(c: Canvas, b: Body, level: float) -> None:
    """Draw both kidneys and ureters down to the bladder, coronal."""
    torso = [
        (-0.7, -1.1),
        (0.7, -1.1),
        (0.72, -0.3),
        (0.8, 0.5),
        (0.8, 1.1),
        (-0.8, 1.1),
        (-0.8, 0.5),
        (-0.72, -0.3),
    ]
    outline = c.shape("skin", torso)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.02 + 0.7 * b.fat)
    c.inset("fat", outline, 0.1 + 0.7 * b.fat)
    c.blob("liver", -0.42, -0.86, 0.3, 0.26)
    c.blob("spleen", 0.5, -0.9, 0.15, 0.2)
    for i in range(6):
        c.bone(0, -0.95 + 0.25 * i, 0.13, 0.1, shell=0.02)
        c.blob("disc", 0, -0.825 + 0.25 * i, 0.11, 0.022)
    for s in (-1, 1):
        c.blob("muscle", 0.24 * s, 0.0, 0.11, 0.5, angle=-9 * s)
        _long_kidney(c, 0.4 * s, -0.38 - 0.04 * s, s)
        c.line("wall", "0.3,-0.3 0.24,0.1 0.26,0.45 0.12,0.72", 0.035, side=s)
        c.bone(0.6 * s, 0.55, 0.07, 0.34, angle=26 * s)
        c.bone(0.58 * s, 0.98, 0.14)
    bladder = c.blob("wall", 0, 0.78, 0.27, 0.2)
    c.inset("fluid", bladder, 0.03)


def _long_kidney(c: Canvas, x: float, y: float, s: int) -> None:
    """Draw a kidney cut lengthwise, with pyramids around its pelvis."""
    c.blob("fat", x, y, 0.23, 0.34, angle=-12 * s)
    c.blob("kidney", x, y, 0.17, 0.28, angle=-12 * s, wobble=0.04)
    for turn in np.linspace(-2.2, 2.2, 6):
        c.blob("muscle", x + 0.1 * s * np.cos(turn), y + 0.19 * np.sin(turn), 0.035, 0.03)
    c.blob("fat", x - 0.06 * s, y, 0.08, 0.14)
    c.blob("fluid", x - 0.07 * s, y, 0.035, 0.09)
