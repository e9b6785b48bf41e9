"""PyTorch as an oracle of lesson 04: automatic derivatives, and what its weight decay means."""

import numpy as np
import pytest
from oracles import torch
from test_regularization import sample

from helpers.regularization import (
    fit_l2_logistic_regression,
    regularized_gradient,
    regularized_log_likelihood,
)

STRENGTH = 1.5


def loss(scores, y, reduction):
    return torch.nn.functional.binary_cross_entropy_with_logits(scores, y, reduction=reduction)


@pytest.mark.parametrize("strength", [0.0, 0.7, 40.0])
def test_objective_and_gradient_agree_with_automatic_differentiation(strength):
    X, y = sample(21)
    w = np.random.default_rng(22).normal(size=5)
    weights = torch.tensor(w, requires_grad=True)
    value = -loss(torch.tensor(X) @ weights, torch.tensor(y, dtype=torch.float64), "sum")
    value = value - strength * torch.sum(weights[1:] ** 2)
    value.backward()
    assert regularized_log_likelihood(w, X, y, strength) == pytest.approx(value.item(), rel=1e-12)
    assert regularized_gradient(w, X, y, strength) == pytest.approx(
        weights.grad.numpy(), rel=1e-11, abs=1e-11
    )


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_weight_decay_is_twice_the_strength_and_must_spare_the_bias(reduction):
    X, y = sample(23)
    n = len(y) if reduction == "mean" else 1
    bias = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    slopes = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    groups = [
        {"params": [bias], "weight_decay": 0.0},
        {"params": [slopes], "weight_decay": 2 * STRENGTH / n},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.01 * n)
    features, labels = torch.tensor(X[:, 1:]), torch.tensor(y, dtype=torch.float64)
    for _ in range(50):
        optimizer.zero_grad()
        loss(features @ slopes + bias, labels, reduction).backward()
        optimizer.step()
    theirs = np.append(bias.detach().numpy(), slopes.detach().numpy())
    mine, _ = fit_l2_logistic_regression(X, y, STRENGTH, 0.01, 50)
    assert mine == pytest.approx(theirs, rel=1e-10)
