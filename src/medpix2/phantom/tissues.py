"""Tissues of the phantom and their brightness on CT (Hounsfield units) and MR (spin signals).

The figures are round textbook-like values chosen for a plausible picture, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Tissue(NamedTuple):
    """What a scanner sees of one tissue."""

    hu: float
    """Attenuation without contrast medium, Hounsfield units."""
    iv: float
    """What intravenous contrast medium adds, Hounsfield units."""
    rho: float
    """Proton density, 0 to 1."""
    t1: float
    """Longitudinal relaxation time, ms."""
    t2: float
    """Transverse relaxation time, ms."""
    gd: float
    """Uptake of gadolinium, 0 to 1."""
    grain: float
    """How much the tissue varies within itself, 0 to 1."""


TISSUES: dict[str, Tissue] = {
    "air": Tissue(-1000, 0, 0.0, 1000, 50, 0, 0),
    "lung": Tissue(-850, 15, 0.10, 1000, 30, 0, 0.15),
    "fat": Tissue(-100, 0, 0.95, 270, 75, 0, 0.5),
    "skin": Tissue(15, 5, 0.7, 700, 40, 0.1, 0.1),
    "muscle": Tissue(55, 15, 0.80, 1000, 36, 0.1, 0.4),
    "cortex": Tissue(1000, 0, 0.05, 1000, 8, 0, 0.1),
    "marrow": Tissue(230, 15, 0.80, 400, 60, 0.05, 0.7),
    "gm": Tissue(40, 3, 0.86, 1150, 95, 0.05, 0.25),
    "wm": Tissue(29, 2, 0.72, 680, 74, 0.03, 0.2),
    "csf": Tissue(6, 0, 1.0, 4000, 1500, 0, 0.05),
    "blood": Tissue(44, 190, 0.65, 1600, 18, 1.0, 0.1),
    "artery": Tissue(44, 260, 0.65, 1600, 15, 1.0, 0.1),
    "liver": Tissue(58, 48, 0.75, 640, 44, 0.25, 0.35),
    "spleen": Tissue(48, 68, 0.85, 1150, 78, 0.4, 0.35),
    "kidney": Tissue(34, 130, 0.85, 1100, 85, 0.6, 0.3),
    "pancreas": Tissue(40, 45, 0.78, 600, 50, 0.3, 0.8),
    "wall": Tissue(40, 40, 0.78, 900, 58, 0.4, 0.3),
    "content": Tissue(22, 0, 0.85, 1100, 110, 0, 0.9),
    "gas": Tissue(-950, 0, 0.0, 1000, 50, 0, 0),
    "fluid": Tissue(8, 4, 1.0, 3300, 1100, 0.02, 0.05),
    "heart": Tissue(46, 70, 0.80, 1000, 48, 0.4, 0.3),
    "prostate": Tissue(42, 35, 0.80, 1150, 88, 0.35, 0.6),
    "uterus": Tissue(46, 55, 0.85, 1100, 82, 0.5, 0.5),
    "disc": Tissue(85, 0, 0.75, 1200, 95, 0, 0.4),
    "cord": Tissue(36, 1, 0.75, 850, 78, 0.02, 0.2),
    "vitreous": Tissue(8, 0, 1.0, 3500, 1000, 0, 0.02),
    "cartilage": Tissue(75, 0, 0.80, 1000, 48, 0, 0.2),
    "ligament": Tissue(80, 0, 0.2, 1000, 12, 0, 0.2),
    "gland": Tissue(48, 45, 0.75, 650, 62, 0.35, 0.8),
    "solid": Tissue(36, 62, 0.92, 1350, 120, 0.8, 0.8),
    "cyst": Tissue(9, 0, 1.0, 3000, 900, 0, 0.05),
    "bleed": Tissue(72, 0, 0.80, 420, 60, 0, 0.4),
    "calcified": Tissue(520, 0, 0.12, 1000, 14, 0, 1.0),
    "fatty": Tissue(-95, 0, 0.95, 270, 80, 0, 0.3),
    "oedema": Tissue(20, 0, 0.92, 1600, 150, 0.02, 0.2),
    "infarct": Tissue(19, 0, 0.90, 1450, 135, 0.08, 0.2),
    "pus": Tissue(16, 0, 0.95, 2200, 400, 0, 0.2),
    "rim": Tissue(48, 85, 0.85, 900, 60, 1.0, 0.3),
    "consolidation": Tissue(30, 40, 0.80, 1200, 80, 0.3, 0.8),
    "table": Tissue(-300, 0, 0.0, 1000, 50, 0, 0),
}
CODES = {name: code for code, name in enumerate(TISSUES)}
_TABLE: NDArray[np.float32] = np.array(list(TISSUES.values()), dtype=np.float32)
GRAIN: NDArray[np.float32] = _TABLE[:, 6]
FAT_CODES = [CODES[name] for name in ("fat", "fatty", "marrow")]


@dataclass(frozen=True)
class Sequence:
    """How an MR sequence weighs the tissues (times in ms)."""

    tr: float
    te: float
    ti: float = 0.0
    gd: bool = False
    fat: float = 1.0
    """What is left of fat after suppression, 0 to 1."""
    blood: float | None = None
    """Signal of flowing blood, where the flow and not the tissue makes it."""


SEQUENCES: dict[str, Sequence] = {
    "T1": Sequence(520, 12),
    "T1 Gd": Sequence(520, 12, gd=True),
    "T1 Gd FS": Sequence(520, 12, gd=True, fat=0.12),
    "T2": Sequence(4200, 98),
    "PD": Sequence(3200, 22),
    "FLAIR": Sequence(9000, 110, ti=2450),
    "STIR": Sequence(4500, 50, ti=165),
    "GRE": Sequence(700, 22, blood=0.30),
    "FIESTA": Sequence(5000, 130, blood=0.8),
    "MRA": Sequence(38, 4, fat=0.4, blood=0.12),
    "DWI": Sequence(6000, 90, fat=0.02),
    "ADC": Sequence(6000, 60, fat=0.02),
}
_DWI_BRIGHT = {"infarct": 1.0, "pus": 0.95, "solid": 0.62, "bleed": 0.45}
_DWI_DARK = ("csf", "fluid", "vitreous", "cyst")


def hounsfield(iv: bool, gi: bool) -> NDArray[np.float32]:
    """Return the attenuation of every tissue, Hounsfield units, shape (tissues,).

    Parameters
    ----------
    iv, gi
        Whether contrast medium was given into a vein, by mouth.
    """
    hu = _TABLE[:, 0] + (_TABLE[:, 1] if iv else 0.0)
    if gi:
        hu[CODES["content"]] = 320.0
    return hu.astype(np.float32)


def signal(name: str) -> NDArray[np.float32]:
    """Return the signal of every tissue on a sequence of `SEQUENCES`, 0 to about 1, (tissues,).

    Spin echo: rho (1 - exp(-TR/T1)) exp(-TE/T2), with inversion |1 - 2 exp(-TI/T1) + exp(-TR/T1)|.
    """
    seq = SEQUENCES[name]
    rho, t1, t2, gd = _TABLE[:, 2], _TABLE[:, 3].copy(), _TABLE[:, 4], _TABLE[:, 5]
    if seq.gd:
        t1 /= 1 + 3.5 * gd
    recovery = 1 - np.exp(-seq.tr / t1)
    if seq.ti:
        recovery = np.abs(1 - 2 * np.exp(-seq.ti / t1) + np.exp(-seq.tr / t1))
    out = rho * recovery * np.exp(-seq.te / t2)
    out[FAT_CODES] *= seq.fat
    if seq.gd:
        # Gadolinium in slow blood shines; the flow void stays only in part.
        for tissue in ("blood", "artery"):
            out[CODES[tissue]] = 0.6
    if seq.blood is not None:
        for tissue in ("blood", "artery"):
            out[CODES[tissue]] = seq.blood
    if name in ("DWI", "ADC"):
        out = _diffusion(out, name)
    scaled: NDArray[np.float32] = (out / max(float(np.quantile(out, 0.97)), 1e-3)).astype(
        np.float32
    )
    return scaled


def _diffusion(out: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Return the signals with what moves little bright (DWI) or dark (ADC)."""
    peak = float(out[CODES["gm"]]) * 2.4
    for tissue, level in _DWI_BRIGHT.items():
        out[CODES[tissue]] = peak * (level if name == "DWI" else 0.15)
    for tissue in _DWI_DARK:
        out[CODES[tissue]] = peak * (0.06 if name == "DWI" else 1.0)
    return out
