from __future__ import annotations

import math

import pytest
import torch

from medpix2.train.losses import heads_loss, no_negatives, sigmoid_loss, softmax_loss

CASES = ["a", "a", "b", "c", "d"]
TEXTS = ["one", "two", "three", "three", "four"]


def test_pictures_of_one_case_and_pairs_with_one_text_are_no_negatives():
    found = {tuple(pair) for pair in no_negatives(CASES, TEXTS).nonzero().tolist()}
    assert found == {(0, 1), (1, 0), (2, 3), (3, 2)}


def slow_softmax(scores, ignored):
    total, n = 0.0, len(scores)
    for at in range(n):
        row = [math.exp(scores[at][b]) for b in range(n) if not ignored[at][b]]
        column = [math.exp(scores[b][at]) for b in range(n) if not ignored[b][at]]
        for some in (row, column):
            total -= math.log(math.exp(scores[at][at]) / sum(some))
    return total / (2 * n)


def slow_sigmoid(scores, ignored):
    total, n = 0.0, len(scores)
    for a in range(n):
        for b in range(n):
            if not ignored[a][b]:
                total += math.log(1 + math.exp(-scores[a][b] if a == b else scores[a][b]))
    return total / n


@pytest.mark.parametrize(
    ("fast", "slow"), [(softmax_loss, slow_softmax), (sigmoid_loss, slow_sigmoid)]
)
def test_losses_equal_slow_sums(fast, slow):
    torch.manual_seed(0)
    scores, ignored = torch.randn(5, 5), no_negatives(CASES, TEXTS)
    expected = slow(scores.tolist(), ignored.tolist())
    assert fast(scores, ignored).item() == pytest.approx(expected, rel=1e-5)
    assert fast(scores, torch.zeros_like(ignored)).item() != pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("loss", [softmax_loss, sigmoid_loss])
def test_an_ignored_pair_gets_no_gradient(loss):
    scores = torch.randn(5, 5, requires_grad=True)
    ignored = no_negatives(CASES, TEXTS)
    loss(scores, ignored).backward()
    assert (scores.grad[ignored] == 0).all()
    assert (scores.grad[~ignored] != 0).all()


def test_heads_skip_pictures_without_the_label():
    logits = {"a": torch.randn(3, 2), "b": torch.randn(3, 4)}
    labels = torch.tensor([[0, -1], [-1, -1], [1, -1]])
    expected = torch.nn.functional.cross_entropy(logits["a"][[0, 2]], torch.tensor([0, 1]))
    assert torch.allclose(heads_loss(logits, labels, 0.0), expected)
    assert heads_loss(logits, torch.full((3, 2), -1), 0.0) == 0
