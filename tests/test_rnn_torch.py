"""The references of lesson 05 against PyTorch, in float64."""

import numpy as np
import pytest
from oracles import torch
from test_rnn import SHAPES, lstm_network, network

from helpers.rnn import (
    lstm_step,
    rnn_forward,
    rnn_gradients,
    softmax_cross_entropy,
    spectral_radius,
    state_gradient_norms,
)

every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
cross_entropy = torch.nn.functional.cross_entropy


def tensor(array):
    return torch.tensor(array, dtype=torch.float64)


def torch_rnn(params):
    """`torch.nn.RNN` with the weights of a network of the course."""
    D, H = params["W_xh"].shape
    rnn = torch.nn.RNN(D, H, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(tensor(params["W_xh"].T))
        rnn.weight_hh_l0.copy_(tensor(params["W_hh"].T))
        rnn.bias_ih_l0.copy_(tensor(params["b_h"]))
        rnn.bias_hh_l0.zero_()
    return rnn


def torch_lstm(params, kind):
    """`torch.nn.LSTMCell` or `torch.nn.LSTM` with the weights of an LSTM of the course."""
    lstm = kind(params["W_x"].shape[0], params["W_h"].shape[0], dtype=torch.float64)
    weights = dict(lstm.named_parameters())
    with torch.no_grad():
        for name, weight in weights.items():
            due = params["W_x"].T if "weight_ih" in name else params["W_h"].T if "weight_hh" in name else None
            weight.copy_(
                tensor(params["b"] if "bias_ih" in name else 0 * params["b"] if due is None else due)
            )
    return lstm


@every_shape
@pytest.mark.parametrize("seed", range(3))
def test_states_loss_and_gradients_are_those_of_torch_nn_rnn(shape, seed):
    x, targets, h0, params = network(shape, seed)
    T, N, _, _, K = shape
    rnn = torch_rnn(params)
    states, _ = rnn(tensor(x), tensor(h0)[None])
    assert rnn_forward(x, h0, params) == pytest.approx(states.detach().numpy(), rel=1e-10, abs=1e-12)

    W_hy, b_y = (tensor(params[name]).requires_grad_() for name in ("W_hy", "b_y"))
    logits = (states @ W_hy + b_y).reshape(T * N, K)
    due = cross_entropy(logits, torch.tensor(targets).reshape(T * N), ignore_index=-1)
    due.backward()
    loss, grads = rnn_gradients(x, targets, h0, params)
    assert loss == pytest.approx(due.item(), rel=1e-10)
    torchs = {
        "W_xh": rnn.weight_ih_l0.grad.T,
        "W_hh": rnn.weight_hh_l0.grad.T,
        "b_h": rnn.bias_ih_l0.grad,
        "W_hy": W_hy.grad,
        "b_y": b_y.grad,
    }
    for name, gradient in torchs.items():
        assert grads[name] == pytest.approx(gradient.numpy(), rel=1e-10, abs=1e-12), name
    assert torch.allclose(
        rnn.bias_hh_l0.grad, rnn.bias_ih_l0.grad, rtol=1e-12, atol=1e-15
    )  # they are added up


@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0, 5e3])
def test_cross_entropy_and_its_gradient_are_pytorchs(scale):
    rng = np.random.default_rng(4)
    logits, targets = scale * rng.normal(size=(20, 6)), rng.integers(-1, 6, size=20)
    z = tensor(logits).requires_grad_()
    due = cross_entropy(z, torch.tensor(targets), ignore_index=-1)
    due.backward()
    loss, gradient = softmax_cross_entropy(logits, targets)
    assert loss == pytest.approx(due.item(), rel=1e-10)
    assert gradient == pytest.approx(z.grad.numpy(), rel=1e-10, abs=1e-14)


def test_what_the_lesson_says_of_missing_targets_in_pytorch():
    z, none = torch.zeros((3, 2), dtype=torch.float64), torch.full((3,), -1)
    assert torch.isnan(cross_entropy(z, none, ignore_index=-1))
    assert torch.isnan(cross_entropy(z, torch.full((3,), -100)))  # its own number for "no target"
    with pytest.raises(IndexError, match="out of bounds"):
        cross_entropy(z, none)
    assert softmax_cross_entropy(z.numpy(), none.numpy())[0] == 0.0


@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_spectral_radius_is_that_of_pytorchs_eigenvalues(n):
    W = np.random.default_rng(n).normal(size=(n, n))
    assert spectral_radius(W) == pytest.approx(torch.linalg.eigvals(tensor(W)).abs().max().item(), rel=1e-10)


@every_shape
def test_state_gradient_norms_are_those_of_pytorchs_jacobians(shape):
    x, _, h0, params = network(shape)
    rnn, hidden = torch_rnn(params), rnn_forward(x, h0, params)
    norms = state_gradient_norms(hidden, params)
    for t in range(len(x) - 1):
        for n in range(len(h0)):
            jacobian = torch.autograd.functional.jacobian(
                lambda h: rnn(tensor(x[t + 1 :, [n]]), h[None, None])[1][0, 0],  # noqa: B023
                tensor(hidden[t, n]),
            )
            assert norms[t, n] == pytest.approx(
                torch.linalg.matrix_norm(jacobian, 2).item(), rel=1e-9, abs=1e-14
            )


@pytest.mark.parametrize(("N", "D", "H"), [(1, 1, 1), (3, 2, 4), (5, 7, 3)])
def test_lstm_step_is_that_of_torch_nn_lstm(N, D, H):
    x_t, h, c, params = lstm_network(N, D, H)
    cell = torch_lstm(params, torch.nn.LSTMCell)(tensor(x_t), (tensor(h), tensor(c)))
    _, whole = torch_lstm(params, torch.nn.LSTM)(tensor(x_t)[None], (tensor(h)[None], tensor(c)[None]))
    for mine, theirs, also in zip(lstm_step(x_t, h, c, params), cell, whole, strict=True):
        assert mine == pytest.approx(theirs.detach().numpy(), rel=1e-10, abs=1e-13)
        assert mine == pytest.approx(also[0].detach().numpy(), rel=1e-10, abs=1e-13)


def test_pytorch_starts_from_a_spectral_radius_of_about_0_6_and_half_open_forget_gates():
    torch.manual_seed(0)
    H = 128
    W = torch.nn.RNN(8, H).weight_hh_l0.detach().numpy()
    assert np.abs(W).max() <= 1 / np.sqrt(H)
    assert spectral_radius(W) == pytest.approx(0.6, abs=0.05)
    lstm = torch.nn.LSTM(8, H)
    bias = (lstm.bias_ih_l0 + lstm.bias_hh_l0)[H : 2 * H]
    assert torch.sigmoid(bias).mean().item() == pytest.approx(0.5, abs=0.02)
