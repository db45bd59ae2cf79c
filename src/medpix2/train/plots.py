"""Curves of a training: loss and dev scores over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

CURVES = "curves.png"


def write_curves(rows: Sequence[Mapping[str, float]], path: Path) -> None:
    """Draw the losses, and the accuracy of each task on dev, as one picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    losses, scores = figure.subplots(1, 2)
    epochs = [row["epoch"] for row in rows]
    for name in ("loss", "dev_loss"):
        losses.plot(epochs, [row[name] for row in rows], label=name.replace("_", " "))
    for name in rows[0] if rows else ():
        if "/" in name:
            style = "-" if name.endswith("/heads") else "--"
            scores.plot(epochs, [row[name] for row in rows], style, label=name)
    losses.set(xlabel="epoch", title="loss")
    scores.set(xlabel="epoch", title="accuracy on dev", ylim=(0, 1))
    for axes in (losses, scores):
        axes.grid(alpha=0.3)
        axes.legend(fontsize=7)
    figure.savefig(path, dpi=100)
