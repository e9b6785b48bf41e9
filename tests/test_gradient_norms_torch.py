"""The references of lesson 02 against PyTorch's automatic differentiation."""

import numpy as np
import pytest
from oracles import torch

from helpers.gradient_norms import (
    global_norm,
    gradient_descent,
    l1_norm_subgradient,
    l2_norm_gradient,
    numerical_gradient,
    relative_error,
    squared_l2_norm_gradient,
)


def by_autograd(f, x):
    """Gradient of a PyTorch function at an array."""
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x), x)[0].numpy()


@pytest.mark.parametrize("x", [[3.0, -4.0], [0.0, 0.0], [1e-5, 0.0, -2.0]], ids=str)
def test_gradients_of_norms_agree_with_autograd_also_at_kinks(x):
    assert squared_l2_norm_gradient(x) == pytest.approx(by_autograd(lambda t: (t**2).sum(), x), rel=1e-14)
    assert l2_norm_gradient(x) == pytest.approx(by_autograd(torch.linalg.vector_norm, x), rel=1e-14)
    assert l1_norm_subgradient(x) == pytest.approx(by_autograd(lambda t: t.abs().sum(), x), rel=1e-14)


def test_a_norm_that_is_spelled_out_has_no_gradient_at_zero_in_pytorch():
    """What the lesson says of the root of the sum of squares."""
    assert np.isnan(by_autograd(lambda t: (t**2).sum().sqrt(), [0.0, 0.0])).all()


def test_numerical_gradient_agrees_with_autograd_on_a_network():
    rng = np.random.default_rng(1)
    X, W, V = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=(3, 2))

    def loss(W):
        return np.mean((np.tanh(X @ W) @ V) ** 2)

    exact = by_autograd(lambda t: ((torch.tanh(torch.tensor(X) @ t) @ torch.tensor(V)) ** 2).mean(), W)
    assert relative_error(numerical_gradient(loss, W), exact) < 1e-9


def test_global_norm_agrees_with_pytorch():
    rng = np.random.default_rng(2)
    grads = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3), "s": rng.normal(size=())}
    tensors = [torch.tensor(g) for g in grads.values()]
    assert global_norm(grads) == pytest.approx(float(torch.nn.utils.get_total_norm(tensors)), rel=1e-14)


def test_gradient_descent_agrees_with_sgd():
    A = np.array([[5.0, 2.0], [2.0, 2.0]])
    x, norms = gradient_descent(lambda x: A @ x, [1.0, -3.0], 0.2, 25)
    t = torch.tensor([1.0, -3.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([t], lr=0.2)
    for norm in norms:
        optimizer.zero_grad()
        (0.5 * t @ torch.tensor(A) @ t).backward()
        assert norm == pytest.approx(float(torch.linalg.vector_norm(t.grad)), rel=1e-10)
        optimizer.step()
    assert x == pytest.approx(t.detach().numpy(), rel=1e-10)
