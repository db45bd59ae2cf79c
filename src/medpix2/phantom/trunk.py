"""Parts that sections of chest, abdomen and pelvis share."""

from __future__ import annotations

import numpy as np

from medpix2.phantom.canvas import Body, Canvas, Points


def vertebra(c: Canvas, x: float, y: float, size: float) -> None:
    """Draw a vertebra cut across: body, canal with cord, and three processes."""
    for s in (-1, 1):
        c.bone(
            x + s * 0.95 * size,
            y + 1.25 * size,
            0.55 * size,
            0.22 * size,
            angle=s * 20,
            shell=0.015,
        )
        c.blob("cortex", x + s * 0.62 * size, y + 0.95 * size, 0.25 * size, 0.4 * size)
    c.bone(x, y + 1.9 * size, 0.14 * size, 0.62 * size, shell=0.015)
    c.blob("cortex", x, y + 1.1 * size, 0.62 * size, 0.5 * size)
    c.bone(x, y, size, 0.78 * size, shell=0.025, wobble=0.04)
    c.blob("csf", x, y + 1.08 * size, 0.42 * size, 0.34 * size)
    c.blob("cord", x, y + 1.08 * size, 0.2 * size, 0.17 * size)


def ring(c: Canvas, b: Body, wide: float, tall: float) -> Points:
    """Draw skin, fat and muscle of a trunk cut across; return the outline within."""
    # A trunk is a rounded box, flatter at the back, with a groove over the spine.
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    power = c.between(0.72, 0.92)
    x = wide * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power
    y = tall * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power
    y = np.where(y > 0, y - 0.1 * np.exp(-((x / 0.14) ** 2)), y * (1 + 0.5 * b.fat))
    outline = np.stack([x, y], axis=1)
    c.area("skin", outline)
    c.inset("fat", outline, 0.012)
    return c.inset("muscle", outline, b.fat + 0.02)


def back(c: Canvas, y: float) -> None:
    """Draw the long muscles of the back beside the spine."""
    for s in (-1, 1):
        c.blob("muscle", 0.24 * s, y, 0.19, 0.13, angle=8 * s)


def ribs(c: Canvas, wide: float, tall: float, count: int) -> None:
    """Draw ribs cut obliquely around a trunk."""
    start = c.between(0, 0.6)
    for turn in np.linspace(0, 2 * np.pi, count, endpoint=False) + start:
        if abs(np.sin(turn)) > 0.93:
            continue
        x, y = wide * np.cos(turn), tall * np.sin(turn)
        lean = float(np.degrees(np.arctan2(tall * np.cos(turn), -wide * np.sin(turn))))
        c.bone(x, y, c.between(0.07, 0.15), 0.027, angle=lean, shell=0.012)


def kidney(c: Canvas, x: float, y: float, size: float, side: int, tall: float = 1.15) -> None:
    """Draw a kidney cut across, its hilum towards the middle."""
    c.blob("kidney", x, y, size, size * tall, angle=-20 * side)
    c.blob("fat", x - 0.5 * side * size, y, 0.4 * size, 0.36 * size * tall)
    c.blob("fluid", x - 0.42 * side * size, y, 0.2 * size, 0.18 * size * tall)


def bowel(c: Canvas, spots: list[tuple[float, float]], size: float) -> None:
    """Draw loops of bowel with wall, content and sometimes gas."""
    for x, y in spots:
        r = size * c.between(0.8, 1.3)
        loop = c.blob(
            "wall",
            x + c.jitter(0.03),
            y + c.jitter(0.03),
            r,
            r * c.between(0.7, 1.2),
            angle=c.between(0, 180),
            wobble=0.12,
        )
        filling = "gas" if c.rng.random() < 0.3 else "content"
        c.inset(filling, loop, 0.02)
        if filling == "content" and c.rng.random() < 0.35:
            c.blob("gas", x, y - 0.35 * r, 0.6 * r, 0.4 * r)
