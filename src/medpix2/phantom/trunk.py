"""Sections of chest and abdomen, drawn from invented anatomy."""

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


def chest(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the chest: level 0 is the arch of the aorta, 1 the heart."""
    wide, tall = 1.0, 0.66 + c.jitter(0.03)
    if b.sex == "female" and level > 0.35:
        for s in (-1, 1):
            breast = c.blob("skin", 0.48 * s, -0.62, 0.36, 0.26 + b.fat)
            c.inset("fat", breast, 0.012)
            c.blob("gland", 0.48 * s, -0.66, 0.18, 0.14, wobble=0.3)
    inner = ring(c, b, wide, tall)
    reach = 1 - b.fat
    if level < 0.4:
        for s in (-1, 1):
            c.bone(0.66 * s, 0.42, 0.22, 0.03, angle=-28 * s)
            c.vessel(0.8 * s, -0.12, 0.045)
    ribs(c, wide * (reach - 0.07), tall * (reach - 0.04), 16)
    c.bone(0, -tall * (reach - 0.06), 0.14, 0.04)
    space = c.inset("fat", inner, 0.1)
    del space
    for s in (-1, 1):
        c.shape(
            "lung",
            [
                (0.13 * s, -0.42),
                (0.42 * s, -0.5),
                (0.72 * s, -0.26),
                (0.78 * s, 0.08),
                (0.66 * s, 0.36),
                (0.36 * s, 0.5),
                (0.16 * s, 0.38),
                (0.12 * s, 0.0),
            ],
        )
    _mediastinum(c, level)
    vertebra(c, 0, 0.3, 0.15)
    back(c, 0.56)
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
            [(-0.1, -0.24), (0.1, -0.22), (0.25, 0.02), (0.22, 0.2), (0.12, 0.14), (0.02, -0.06)],
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
            c.blob("blood", x + rx * far * np.cos(turn), y + ry * far * np.sin(turn), size,
                   size * c.between(0.6, 2.6), angle=c.between(0, 180))  # fmt: skip


def chest_coronal(c: Canvas, b: Body, level: float) -> None:
    """Draw a coronal section of the chest with neck and upper abdomen."""
    torso = [(-0.2, -1.15), (0.2, -1.15), (0.28, -0.86), (0.85, -0.72), (0.98, -0.3), (0.84, 0.3), (0.8, 1.1),
             (-0.8, 1.1), (-0.84, 0.3), (-0.98, -0.3), (-0.85, -0.72), (-0.28, -0.86)]  # fmt: skip
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
            [
                (0.2 * s, -0.74),
                (0.45 * s, -0.66),
                (0.66 * s, -0.2),
                (0.7 * s, 0.38),
                (0.4 * s, 0.26),
                (0.16 * s, 0.32),
                (0.14 * s, -0.3),
            ],
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


def chest_sagittal(c: Canvas, b: Body, level: float) -> None:
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
        [
            (-0.05, -0.85),
            (0.25, -0.7),
            (0.42, -0.2),
            (0.44, 0.5),
            (0.2, 0.42),
            (-0.2, 0.28),
            (-0.5, 0.34),
            (-0.48, -0.2),
            (-0.3, -0.6),
        ],
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


def abdomen(c: Canvas, b: Body, level: float) -> None:
    """Draw an axial section of the abdomen: level 0 is liver and spleen, 1 kidneys and bowel."""
    wide, tall = 1.0, 0.68 + c.jitter(0.04)
    inner = ring(c, b, wide, tall)
    c.inset("fat", inner, 0.075)
    reach = 1 - b.fat
    if level < 0.7:
        ribs(c, wide * (reach - 0.06), tall * (reach - 0.045), 14)
    room = reach / 0.92
    if level < 0.5:
        _upper(c, room)
    else:
        _lower(c, b, room)
    c.vessel(0.09, 0.13, 0.07 * c.between(0.85, 1.25), "artery")
    c.blob("blood", -0.13, 0.11, 0.09, 0.065)
    vertebra(c, 0, 0.28, 0.155)
    back(c, 0.55)


def _upper(c: Canvas, room: float) -> None:
    """Draw liver, spleen, stomach, pancreas and adrenal glands."""
    k = room
    c.shape("liver", [(-0.78 * k, -0.1), (-0.6 * k, -0.42), (-0.2, -0.46), (0.15, -0.4), (0.12, -0.24), (-0.1, -0.14),
                      (-0.22, 0.08), (-0.36, 0.34), (-0.62 * k, 0.32)])  # fmt: skip
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
        [(-0.16, 0.0), (0.1, -0.08), (0.4, 0.03), (0.4, 0.1), (0.12, 0.03), (-0.12, 0.08)],
    )
    if c.rng.random() < 0.5:
        c.blob("fluid", -0.3, -0.22, 0.08, 0.12, angle=30)
    for s in (-1, 1):
        c.line("gland", np.array([(0.24 * s, 0.16), (0.3 * s, 0.24), (0.22 * s, 0.3)]), 0.02)
        if c.rng.random() < 0.45:
            kidney(c, 0.4 * s, 0.34, 0.12, s)


def kidney(c: Canvas, x: float, y: float, size: float, side: int, tall: float = 1.15) -> None:
    """Draw a kidney cut across, its hilum towards the middle."""
    c.blob("kidney", x, y, size, size * tall, angle=-20 * side)
    c.blob("fat", x - 0.5 * side * size, y, 0.4 * size, 0.36 * size * tall)
    c.blob("fluid", x - 0.42 * side * size, y, 0.2 * size, 0.18 * size * tall)


def bowel(c: Canvas, spots: list[tuple[float, float]], size: float) -> None:
    """Draw loops of bowel with wall, content and sometimes gas."""
    for x, y in spots:
        r = size * c.between(0.8, 1.3)
        loop = c.blob("wall", x + c.jitter(0.03), y + c.jitter(0.03), r, r * c.between(0.7, 1.2), angle=c.between(0, 180), wobble=0.12)  # fmt: skip
        filling = "gas" if c.rng.random() < 0.3 else "content"
        c.inset(filling, loop, 0.02)
        if filling == "content" and c.rng.random() < 0.35:
            c.blob("gas", x, y - 0.35 * r, 0.6 * r, 0.4 * r)


def _lower(c: Canvas, b: Body, room: float) -> None:
    """Draw kidneys, psoas muscles, bowel and the lower tip of the liver."""
    if c.rng.random() < 0.6:
        c.blob("liver", -0.66 * room, -0.02, 0.14, 0.3)
    for s in (-1, 1):
        kidney(c, 0.44 * s, 0.22, 0.15 * c.between(0.9, 1.15), s)
        c.blob("muscle", 0.24 * s, 0.3, 0.08, 0.12)
        bowel(c, [(0.7 * room * s, 0.02), (0.66 * room * s, -0.14)], 0.09)
    spots = [
        (x + c.jitter(0.03), y)
        for y in (-0.42, -0.24, -0.07)
        for x in (-0.44, -0.22, 0.0, 0.22, 0.44)
    ]
    keep = [spot for spot in spots if c.rng.random() < 0.85]
    bowel(c, keep, 0.095)


def abdomen_coronal(c: Canvas, b: Body, level: float) -> None:
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
            [
                (0.18 * s, -1.2),
                (0.58 * s, -1.2),
                (0.6 * s, -0.75),
                (0.38 * s, -0.88),
                (0.14 * s, -0.8),
            ],
        )
        for i in range(4):
            c.bone(0.67 * s, -1.0 + 0.18 * i, 0.04, 0.035, angle=30 * s)
    c.shape(
        "liver",
        [
            (-0.6, -0.62),
            (-0.36, -0.84),
            (0.05, -0.76),
            (0.15, -0.62),
            (-0.12, -0.5),
            (-0.3, -0.2),
            (-0.56, 0.02),
            (-0.63, -0.3),
        ],
    )
    c.blob("spleen", 0.52, -0.5, 0.12, 0.22, angle=-15)
    c.blob("wall", 0.26, -0.62, 0.18, 0.15)
    c.blob("gas", 0.26, -0.66, 0.14, 0.09)
    bowel(
        c, [(x, y) for y in (-0.1, 0.12, 0.34, 0.56, 0.78) for x in (-0.42, -0.2, 0.2, 0.42)], 0.1
    )
    if level > 0.5:
        _spine_column(c)
        for s in (-1, 1):
            kidney(c, 0.34 * s, -0.05, 0.13, s, tall=1.7)
            c.blob("muscle", 0.2 * s, 0.4, 0.08, 0.38, angle=8 * s)
    else:
        bowel(c, [(x, y) for y in (-0.1, 0.12, 0.34, 0.56) for x in (-0.05, 0.08)], 0.1)
        c.line("artery", np.array([(0.03, -0.6), (0.02, 0.0), (0.0, 0.4)]), 0.1)
    for s in (-1, 1):
        c.bone(0.56 * s, 0.85, 0.06, 0.26, angle=24 * s)


def _spine_column(c: Canvas) -> None:
    """Draw a spine cut lengthwise from the front."""
    for i in range(9):
        y = -0.95 + 0.24 * i
        c.bone(0.01, y, 0.13, 0.095, shell=0.02)
        c.blob("disc", 0.01, y + 0.12, 0.11, 0.022)


def abdomen_sagittal(c: Canvas, b: Body, level: float) -> None:
    """Draw a sagittal section of the abdomen beside the midline, the belly to the left."""
    trunk = [
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
    outline = c.shape("skin", trunk)
    c.inset("fat", outline, 0.015)
    c.inset("muscle", outline, 0.03 + b.fat)
    c.inset("fat", outline, 0.08 + b.fat)
    c.shape(
        "liver",
        [(-0.4, -0.8), (0.0, -0.95), (0.28, -0.75), (0.2, -0.4), (-0.1, -0.3), (-0.42, -0.45)],
    )
    c.blob("wall", -0.12, -0.18, 0.16, 0.12)
    c.blob("gas", -0.14, -0.2, 0.1, 0.07)
    bowel(c, [(x, y) for y in (0.08, 0.3, 0.52, 0.74) for x in (-0.42, -0.2, 0.02)], 0.11)
    c.line("artery", np.array([(0.24, -0.9), (0.26, -0.2), (0.24, 0.5)]), 0.09)
    for i in range(9):
        x = 0.44 - 0.06 * np.sin(i * 0.55)
        c.bone(x, -0.95 + 0.24 * i, 0.12, 0.095, shell=0.02)
        c.bone(x + 0.22, -0.88 + 0.24 * i, 0.1, 0.04, angle=20)
