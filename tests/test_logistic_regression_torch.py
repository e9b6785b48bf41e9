"""Likelihood, gradient and ascent of lesson 03 against PyTorch's loss and its automatic derivative."""

import numpy as np
import pytest
from oracles import torch

from helpers.logistic_regression import fit_logistic_regression, log_likelihood, log_likelihood_gradient

LOSS = torch.nn.BCEWithLogitsLoss(reduction="sum")


def problem(scale):
    """Weights, samples and labels as arrays and as tensors."""
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(50), rng.normal(size=(50, 4))])
    w, y = rng.normal(scale=scale, size=5), (rng.random(50) < 0.5).astype(float)
    return (w, X, y), [torch.tensor(array) for array in (w, X, y)]


@pytest.mark.parametrize("scale", [0.0, 1.0, 1000.0])
def test_likelihood_and_gradient_agree_with_pytorch(scale):
    (w, X, y), (tw, tX, ty) = problem(scale)
    tw.requires_grad_()
    loss = LOSS(tX @ tw, ty)
    loss.backward()
    assert log_likelihood(w, X, y) == pytest.approx(-loss.item(), rel=1e-13)
    # the sum over 50 samples of errors that are right to 1e-16
    assert log_likelihood_gradient(w, X, y) == pytest.approx(-tw.grad.numpy(), rel=1e-12, abs=1e-13)


def test_the_ascent_is_pytorchs_descent():
    (_, X, y), (_, tX, ty) = problem(1.0)
    tw = torch.zeros(5, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([tw], lr=0.02)
    for _ in range(100):
        optimizer.zero_grad()
        LOSS(tX @ tw, ty).backward()
        optimizer.step()
    w, _ = fit_logistic_regression(X, y, 0.02, 100)
    # below the largest stable rate, rounding errors of 1e-16 per step do not grow
    assert w == pytest.approx(tw.detach().numpy(), rel=1e-11)


def test_the_loss_is_a_mean_unless_told_otherwise():
    (w, X, y), (tw, tX, ty) = problem(1.0)
    mean = torch.nn.BCEWithLogitsLoss()(tX @ tw, ty).item()
    assert -log_likelihood(w, X, y) / len(y) == pytest.approx(mean, rel=1e-13)
