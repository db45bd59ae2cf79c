from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from medpix2.evaluate.retrieval import ndcg, ranks, retrieval


@pytest.fixture
def asked():
    chance = np.random.default_rng(0)
    similar = chance.normal(size=(30, 40))
    relevant = chance.random((30, 40)) < 0.1
    relevant[:, 0] = True
    relevant[3] = False
    return similar, relevant


def slow_rank(similar, relevant):
    order = sorted(range(len(similar)), key=lambda at: -similar[at])
    return 1 + min(place for place, at in enumerate(order) if relevant[at])


def test_ranks_and_recall_equal_slow_ones(asked):
    similar, relevant = asked
    rows = [at for at in range(30) if relevant[at].any()]
    expected = [slow_rank(similar[at].tolist(), relevant[at].tolist()) for at in rows]
    assert ranks(similar[rows], relevant[rows]).tolist() == expected
    found = retrieval(similar, relevant)
    assert found["questions"] == 29
    assert found["recall@5"] == pytest.approx(sum(rank <= 5 for rank in expected) / 29)
    assert found["median_rank"] == sorted(expected)[14]


def test_a_model_that_tells_nothing_gets_nothing():
    assert retrieval(np.zeros((20, 20)), np.eye(20, dtype=bool))["recall@10"] == 0


def test_nothing_relevant_gives_no_figure():
    assert retrieval(np.zeros((2, 2)), np.zeros((2, 2), dtype=bool)) == {}


def test_ndcg_equals_that_of_scikit_learn(asked):
    similar, _ = asked
    gains = np.random.default_rng(1).integers(0, 3, similar.shape).astype(float)
    assert ndcg(similar, gains) == pytest.approx(ndcg_score(gains, similar, k=10))
    gains[5] = 0
    rows = np.arange(30) != 5
    assert ndcg(similar, gains) == pytest.approx(ndcg_score(gains[rows], similar[rows], k=10))
