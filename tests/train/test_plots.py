from __future__ import annotations

import numpy as np
from PIL import Image

from medpix2.train.plots import write_curves


def test_curves_of_loss_and_scores_are_drawn(tmp_path):
    rows = [
        {"epoch": n, "loss": 3 / n, "dev_loss": 4 / n, "score": 0.5, "modality/heads": n / 10}
        for n in range(1, 6)
    ]
    write_curves(rows, tmp_path / "a.png")
    write_curves(rows[:1], tmp_path / "b.png")
    pixels = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    coloured = (pixels.max(axis=2) - pixels.min(axis=2)) > 80
    half = pixels.shape[1] // 2
    assert coloured[:, :half].sum() > 100 and coloured[:, half:].sum() > 100
