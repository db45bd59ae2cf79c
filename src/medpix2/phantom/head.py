"""Sections of the head and neck, drawn from invented anatomy."""

from __future__ import annotations

import numpy as np

from medpix2.phantom.canvas import Body, Canvas, Points, smooth


def axial(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section: level 0 is the vertex, 1 the skull base with the eyes."""
    tall = c.between(0.88, 1.0)
    if level > 0.62:
        _face(c, tall)
    inner = _skull(c, 0.0, 0.0, 0.72 * c.between(0.93, 1.06), tall * 0.93, b)
    if level > 0.62:
        _base(c, b)
        return
    brain = _brain(c, inner, b, sulci=46)
    _fissure(c, brain)
    if level > 0.18:
        _ventricles(c, b, level)


def eye(c: Canvas, b: Body, level: float) -> None:
    """Draw the orbits from close by."""
    axial(c, b, max(level, 0.7))


def coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a coronal section: level 0 is the back of the brain, 1 the face."""
    # Neck and cheeks first, then the skull above them.
    c.shape(
        "skin", "-0.46,0.1 0.46,0.1 0.46,0.45 0.36,0.85 0.34,1.3 -0.34,1.3 -0.36,0.85 -0.46,0.45"
    )
    c.shape(
        "muscle", "-0.42,0.1 0.42,0.1 0.42,0.45 0.32,0.85 0.3,1.3 -0.3,1.3 -0.32,0.85 -0.42,0.45"
    )
    inner = _skull(c, 0.0, -0.28, 0.7, 0.68, b)
    brain = _brain(c, inner, b, sulci=38)
    _fissure(c, brain, lower=-0.42)
    wide = 1 + b.atrophy
    for s in (-1, 1):
        c.blob("csf", 0.11 * s, -0.38, 0.10 * wide, 0.045 * wide, angle=-25 * s)
        c.blob("gm", 0.26 * s, -0.18, 0.11, 0.13)
        c.line("csf", "0.62,-0.2 0.5,-0.14 0.38,-0.2", 0.025, side=s, bent=True)
    c.blob("csf", 0, -0.2, 0.02 * wide, 0.09)
    _coronal_face(c, level)


def _coronal_face(c: Canvas, level: float) -> None:
    """Draw sinuses, jaw and teeth, or cerebellum and cervical spine, below the brain."""
    if level < 0.5:
        c.blob("wm", 0, 0.08, 0.12, 0.2)
        outline = c.blob("gm", 0, 0.22, 0.42, 0.16)
        _folia(c, outline, 0, 0.22)
        for y in (0.55, 0.78, 1.0, 1.22):
            c.bone(0, y, 0.15, 0.09, shell=0.03)
        return
    for s in (-1, 1):
        c.blob("fat", 0.3 * s, 0.1, 0.19, 0.15)
        c.blob("vitreous", 0.3 * s, 0.1, 0.12)
        c.blob("cortex", 0.28 * s, 0.46, 0.2, 0.2)
        c.blob("gas", 0.28 * s, 0.46, 0.17, 0.17, wobble=0.15)
        c.bone(0.36 * s, 0.85, 0.06, 0.17, angle=12 * s)
        c.blob("gas", 0.07 * s, 0.36, 0.035, 0.18, wobble=0.2)
    c.blob("muscle", 0, 0.85, 0.24, 0.15)
    for x in np.linspace(-0.26, 0.26, 6):
        c.blob("cortex", float(x), 0.68, 0.035, 0.06)


def sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a sagittal section near the midline, face to the left."""
    profile = [
        (-0.1, -0.98),
        (-0.62, -0.82),
        (-0.86, -0.4),
        (-0.84, -0.12),
        (-1.0, 0.22),
        (-0.84, 0.3),
        (-0.88, 0.5),
        (-0.84, 0.72),
        (-0.5, 0.84),
        (-0.38, 1.25),
        (0.42, 1.25),
        (0.5, 0.75),
        (0.82, 0.3),
        (0.92, -0.2),
        (0.7, -0.75),
        (0.3, -0.95),
    ]
    outline = c.shape("skin", profile, jitter=0.015)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.05)
    skull = c.blob("cortex", 0.03, -0.3, 0.85, 0.6, angle=6, wobble=0.03)
    marrow = c.inset("marrow", skull, 0.02)
    inner = c.inset("cortex", marrow, 0.03)
    inner = c.inset("csf", inner, 0.02)
    _brain(c, inner, b, sulci=34)
    _midline(c, b)
    c.shape(
        "gas",
        "-0.72,0.2 -0.4,0.12 -0.1,0.2 -0.05,0.5 -0.12,0.95 -0.2,0.9 -0.18,0.45 -0.6,0.36",
    )
    c.blob("fat", -0.5, 0.38, 0.3, 0.04, angle=5)
    c.blob("muscle", -0.48, 0.56, 0.28, 0.16)
    c.bone(-0.68, 0.74, 0.08, 0.08)
    for i in range(5):
        c.bone(0.1 + 0.03 * i, 0.42 + 0.19 * i, 0.1, 0.08, shell=0.025)
        c.bone(0.42 + 0.02 * i, 0.46 + 0.19 * i, 0.12, 0.05, angle=14)
    c.line("csf", "0.18,0.2 0.26,0.55 0.34,0.95 0.38,1.3", 0.13, bent=True)
    c.line("cord", "0.18,0.15 0.26,0.55 0.34,0.95 0.38,1.3", 0.075, bent=True)


def _midline(c: Canvas, b: Body) -> None:
    """Draw corpus callosum, ventricle, brain stem and cerebellum."""
    c.line("csf", "-0.28,-0.2 -0.1,-0.33 0.12,-0.3 0.22,-0.18", 0.09 + 0.05 * b.atrophy, bent=True)
    c.line(
        "wm",
        smooth(
            np.array([(-0.28, -0.22), (-0.3, -0.36), (-0.05, -0.46), (0.22, -0.4), (0.28, -0.26)]),
            closed=False,
        ),
        0.055,
    )
    c.blob("gm", 0.02, -0.2, 0.14, 0.08)
    c.blob("csf", 0.1, 0.05, 0.16, 0.2)
    c.shape("wm", "0.02,-0.14 0.2,-0.1 0.24,0.1 0.22,0.3 0.12,0.3 0,0.1")
    c.blob("wm", 0.06, 0.03, 0.1, 0.1)
    c.blob("csf", 0.26, 0.06, 0.03, 0.08)
    outline = c.blob("gm", 0.47, 0.08, 0.22, 0.19)
    _folia(c, outline, 0.3, 0.06)
    c.blob("fluid", -0.12, 0.02, 0.04, 0.03)
    c.blob("marrow", -0.18, 0.14, 0.17, 0.09)


def neck(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the neck: level 0 is the mouth, 1 the thyroid gland."""
    body = c.blob("skin", 0, 0, 0.92, 0.86 + c.jitter(0.06), wobble=0.05)
    c.inset("fat", body, 0.015)
    for s in (-1, 1):
        c.blob("muscle", 0.62 * s, 0.05, 0.13, 0.3, angle=20 * s)
        c.blob("muscle", 0.3 * s, 0.58, 0.24, 0.16, angle=25 * s)
        c.blob("muscle", 0.5 * s, 0.4, 0.16, 0.24, angle=-30 * s)
        c.blob("muscle", 0.16 * s, 0.44, 0.12, 0.18)
        c.blob("muscle", 0.2 * s, 0.05, 0.14, 0.09)
        c.vessel(0.36 * s, -0.02, 0.06, "artery")
        c.vessel(0.47 * s, 0.0, c.between(0.06, 0.1))
        c.blob("gland", 0.6 * s, -0.3, 0.14, 0.17)
    c.bone(0, 0.22, 0.22, 0.14, shell=0.03)
    c.blob("cortex", 0, 0.4, 0.2, 0.14)
    c.blob("csf", 0, 0.38, 0.13, 0.1)
    c.blob("cord", 0, 0.38, 0.085, 0.06)
    c.bone(0, 0.62, 0.05, 0.1)
    if level > 0.5:
        for s in (-1, 1):
            c.blob("gland", 0.2 * s, -0.26, 0.13, 0.19, angle=-10 * s)
        c.blob("cartilage", 0, -0.28, 0.15, 0.16)
        c.blob("gas", 0, -0.28, 0.11, 0.12)
        return
    jaw = smooth(
        np.array(
            [
                (-0.66, 0.0),
                (-0.62, -0.4),
                (-0.3, -0.8),
                (0, -0.88),
                (0.3, -0.8),
                (0.62, -0.4),
                (0.66, 0.0),
            ]
        ),
        closed=False,
    )
    c.line("cortex", jaw, 0.13)
    c.line("marrow", jaw, 0.06)
    c.blob("muscle", 0, -0.42, 0.32, 0.34)
    c.blob("gas", 0, -0.06, 0.13, 0.06, wobble=0.15)


def _skull(c: Canvas, x: float, y: float, rx: float, ry: float, b: Body) -> Points:
    """Draw scalp and skull; return the outline of the space within, now full of fluid."""
    scalp = c.blob("skin", x, y, rx, ry, wobble=0.035)
    c.inset("fat", scalp, 0.015)
    bone = c.inset("cortex", scalp, 0.035 + 0.25 * b.fat)
    diploe = c.inset("marrow", bone, 0.02)
    table = c.inset("cortex", diploe, c.between(0.015, 0.035))
    return c.inset("csf", table, 0.022)


def _brain(c: Canvas, space: Points, b: Body, sulci: int) -> Points:
    """Fill a space with a folded brain; return its outline."""
    brain = c.inset("gm", space, 0.015 + 0.05 * b.atrophy)
    centre = brain.mean(axis=0)
    c.inset("wm", brain, 0.085)
    turns = np.linspace(0, 2 * np.pi, sulci, endpoint=False) + c.rng.normal(0, 0.05, sulci)
    around = np.arctan2(*(brain - centre).T[::-1])
    order = np.argsort(around)
    reach = np.interp(turns, around[order], np.hypot(*(brain - centre).T)[order], period=2 * np.pi)
    for turn, far in zip(turns, reach, strict=True):
        depth = c.between(0.12, 0.34)
        steps = np.linspace(1.0, 1 - depth, 5)
        bend = turn + np.cumsum(c.rng.normal(0, 0.05, 5))
        path = centre + (far * steps)[:, None] * np.stack([np.cos(bend), np.sin(bend)], axis=1)
        c.line("gm", path, 0.085)
        c.line("csf", path[:4], 0.012 + 0.022 * b.atrophy)
    return brain


def _fissure(c: Canvas, brain: Points, lower: float | None = None) -> None:
    """Draw the fissure between the hemispheres."""
    top, bottom = brain[:, 1].min(), brain[:, 1].max()
    bottom = bottom if lower is None else lower
    ys = np.linspace(top, bottom, 9)
    xs = c.rng.normal(0, 0.008, 9)
    c.line("gm", np.stack([xs, ys], axis=1), 0.1)
    c.line("csf", np.stack([xs, ys], axis=1), 0.018)


def _ventricles(c: Canvas, b: Body, level: float) -> None:
    """Draw the lateral ventricles, the deep grey matter and the Sylvian fissures."""
    wide = (0.8 + 1.1 * b.atrophy) * c.between(0.85, 1.15)
    c.blob("wm", 0, -0.06, 0.2, 0.3)
    for s in (-1, 1):
        c.blob("csf", 0.10 * s, -0.24, 0.045 * wide, 0.14, angle=-22 * s)
        if level < 0.42:
            c.blob("csf", 0.12 * s, 0.02, 0.05 * wide, 0.3, angle=-6 * s)
            continue
        c.blob("gm", 0.17 * s, -0.2, 0.045, 0.1, angle=-20 * s)
        c.blob("gm", 0.3 * s, -0.08, 0.075, 0.17, angle=-12 * s)
        c.blob("gm", 0.12 * s, 0.07, 0.09, 0.12)
        c.blob("csf", 0.24 * s, 0.3, 0.05 * wide, 0.14, angle=-20 * s)
        side = np.array([(0.66 * s, -0.12), (0.52 * s, -0.08), (0.45 * s, 0.06)])
        c.line("csf", smooth(side, closed=False), 0.02 + 0.03 * b.atrophy)
    if level >= 0.42:
        c.blob("csf", 0, 0.04, 0.015 * wide + 0.005, 0.11)
        if c.rng.random() < 0.4:
            c.blob("calcified", 0, 0.22, 0.02)


def _face(c: Canvas, tall: float) -> None:
    """Draw the nose before the skull and the eyes are drawn."""
    c.shape("skin", [(-0.2, -0.75), (0, -1.12 * tall), (0.2, -0.75)])
    c.blob("cartilage", 0, -0.9, 0.05, 0.1)


def _base(c: Canvas, b: Body) -> None:
    """Draw orbits, sinuses, petrous bones, temporal lobes and cerebellum."""
    for s in (-1, 1):
        c.blob("gm", 0.4 * s, -0.06, 0.22, 0.2)
        c.blob("wm", 0.38 * s, -0.06, 0.13, 0.12)
        c.shape(
            "cortex",
            "0.08,0.12 0.5,0.16 0.62,0.3 0.4,0.3",
            side=s,
            jitter=0.015,
        )
        for _ in range(5):
            c.blob("gas", s * c.between(0.4, 0.58), c.between(0.2, 0.28), 0.018)
        c.blob("cortex", 0.33 * s, -0.5, 0.26, 0.28, angle=15 * s)
        c.blob("fat", 0.33 * s, -0.5, 0.225, 0.25, angle=15 * s)
        c.blob("vitreous", 0.35 * s, -0.64, 0.13, 0.14, wobble=0.02)
        c.blob("cartilage", 0.35 * s, -0.75, 0.05, 0.018)
        for x0, x1 in ((0.22, 0.2), (0.5, 0.28), (0.34, 0.22)):
            c.line("muscle", np.array([(x0 * s, -0.58), (x1 * s, -0.3)]), 0.035)
    c.blob("cortex", 0, -0.45, 0.12, 0.3)
    for s in (-1, 1):
        for y in (-0.62, -0.48, -0.34):
            c.blob("gas", 0.045 * s, y, 0.045, 0.06, wobble=0.2)
    c.blob("cortex", 0, -0.12, 0.16, 0.12)
    c.blob("gas", 0, -0.14, 0.1, 0.07, wobble=0.15)
    c.blob("csf", 0, 0.1, 0.2, 0.12)
    outline = c.blob("gm", 0, 0.5, 0.5, 0.3)
    _folia(c, outline, 0, 0.4)
    c.blob("wm", 0, 0.16, 0.14, 0.13)
    c.blob("csf", 0, 0.33, 0.05 + 0.05 * b.atrophy, 0.04)


def _folia(c: Canvas, outline: Points, x: float, y: float) -> None:
    """Draw the leaves of a cerebellum: fine fissures over a branching core."""
    centre = np.array([x, y])
    for point in outline[::3]:
        path = centre + (point - centre) * np.linspace(0.25, 0.8, 4)[:, None]
        c.line("wm", path + c.rng.normal(0, 0.008, (4, 2)), 0.03)
    for point in outline[1::3]:
        path = centre + (point - centre) * np.linspace(1.0, 0.6, 3)[:, None]
        c.line("csf", path + c.rng.normal(0, 0.008, (3, 2)), 0.01)
