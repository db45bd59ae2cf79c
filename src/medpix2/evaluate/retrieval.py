"""Metrics of retrieval: recall@k, median rank, NDCG@10."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KS = (1, 5, 10)
DEEP = 10
"""Places that NDCG looks at."""

Similar = NDArray[np.floating]
Relevant = NDArray[np.bool_]


def ranks(similar: Similar, relevant: Relevant) -> NDArray[np.int64]:
    """Return the rank, from 1, of the best relevant answer to each question.

    Both have a row a question and a column an answer; each row has a relevant one. Of equally
    similar answers the relevant one comes last, so that a model which tells nothing gets nothing.
    """
    best = np.where(relevant, similar, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(1 + ((similar >= best) & ~relevant).sum(axis=1), dtype=np.int64)


def retrieval(similar: Similar, relevant: Relevant) -> dict[str, float]:
    """Return recall at 1, 5 and 10 (a relevant answer is among them) and the median rank."""
    asked = relevant.any(axis=1)
    if not asked.any():
        return {}
    found = ranks(similar[asked], relevant[asked])
    return {
        **{f"recall@{k}": float((found <= k).mean()) for k in KS},
        "median_rank": float(np.median(found)),
        "questions": float(asked.sum()),
    }


def ndcg(similar: Similar, gains: Similar, deep: int = DEEP) -> float:
    """Return the mean normalized discounted cumulative gain; questions without a gain are left out.

    Järvelin and Kekäläinen 2002, with linear gains.
    """
    asked = gains.max(axis=1) > 0
    if not asked.any():
        return 0.0
    similar, gains = similar[asked], gains[asked]
    discount = 1 / np.log2(np.arange(2, min(deep, gains.shape[1]) + 2))
    order = np.argsort(-similar, axis=1, kind="stable")[:, :deep]
    got = (np.take_along_axis(gains, order, axis=1) * discount).sum(axis=1)
    best = (-np.sort(-gains, axis=1)[:, :deep] * discount).sum(axis=1)
    return float((got / best).mean())
