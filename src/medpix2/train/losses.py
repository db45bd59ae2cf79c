"""Contrastive losses that know which pairs of a batch are no negatives of each other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional


def no_negatives(cases: Sequence[str], texts: Sequence[str]) -> Tensor:
    """Return which pairs must not be pushed apart, shape (batch, batch), bool.

    Those of one case (its pictures show one patient), and those with the same text; the diagonal,
    the true pairs, is not among them.
    """
    same = _equal(cases) | _equal(texts)
    return same & ~torch.eye(len(cases), dtype=torch.bool)


def softmax_loss(scores: Tensor, ignored: Tensor) -> Tensor:
    """Return the symmetric cross-entropy of CLIP, ignored pairs left out of each sum.

    `scores` has a row for each picture and a column for each text, scaled by the temperature.
    Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision".
    """
    left = scores.masked_fill(ignored, -torch.inf)
    target = torch.arange(len(scores), device=scores.device)
    return (functional.cross_entropy(left, target) + functional.cross_entropy(left.T, target)) / 2


def sigmoid_loss(scores: Tensor, ignored: Tensor) -> Tensor:
    """Return the pairwise loss of SigLIP, ignored pairs without weight; a mean over pictures.

    `scores` are scaled and shifted. Zhai et al. 2023, "Sigmoid Loss for Language Image
    Pre-Training".
    """
    sign = 2 * torch.eye(len(scores), device=scores.device) - 1
    return -(functional.logsigmoid(sign * scores) * ~ignored).sum() / len(scores)


def heads_loss(logits: dict[str, Tensor], labels: Tensor, smoothing: float) -> Tensor:
    """Return the mean cross-entropy of the heads.

    `labels` has a column for each head, in their order; -1 where a picture has no label.
    """
    losses = [
        functional.cross_entropy(scores, label, ignore_index=-1, label_smoothing=smoothing)
        for scores, label in zip(logits.values(), labels.T, strict=True)
        if bool((label >= 0).any())
    ]
    return torch.stack(losses).mean() if losses else labels.new_zeros((), dtype=torch.float32)


def _equal(names: Sequence[str]) -> Tensor:
    numbers = {name: at for at, name in enumerate(dict.fromkeys(names))}
    row = torch.tensor([numbers[name] for name in names])
    return row[:, None] == row[None]
