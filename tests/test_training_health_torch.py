"""The gradient of lesson 07 and its clipping against PyTorch, as the lesson shows them side by side."""

import numpy as np
import pytest
from oracles import torch

from helpers.clipping import average_then_clip
from helpers.training_health import adding_gradients, adding_problem


def _rnn(params):
    """The same network as an `nn.RNN`, weights transposed, the second bias 0 and left alone."""
    rnn = torch.nn.RNN(2, len(params["b_h"]), nonlinearity="tanh", dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.copy_(torch.tensor(params["W_xh"].T))
        rnn.weight_hh_l0.copy_(torch.tensor(params["W_hh"].T))
        rnn.bias_ih_l0.copy_(torch.tensor(params["b_h"]))
        rnn.bias_hh_l0.zero_()
    return rnn


def _params(seed, H=5):
    generator = np.random.default_rng(seed)
    shapes = {"W_xh": (2, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, 1), "b_y": (1,)}
    return {name: generator.normal(scale=0.7, size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("n_steps", [2, 7, 20])
@pytest.mark.parametrize("n_pieces", [1, 4])
def test_loss_gradient_and_clipping_agree_with_autograd(n_steps, n_pieces):
    params = _params(n_steps)
    x, y = adding_problem(8, n_steps, np.random.default_rng(2))
    rnn = _rnn(params)
    W_hy, b_y = (torch.tensor(params[name], requires_grad=True) for name in ("W_hy", "b_y"))
    parts = list(zip(np.split(x, n_pieces, axis=1), np.split(y, n_pieces), strict=True))
    for x_part, y_part in parts:
        output = rnn(torch.tensor(x_part))[0][-1] @ W_hy + b_y
        loss = torch.mean((output[:, 0] - torch.tensor(y_part)) ** 2)
        assert adding_gradients(x_part, y_part, params)[0] == pytest.approx(loss.item(), rel=1e-12)
        (loss / n_pieces).backward()
    parameters = [rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, W_hy, b_y]
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm=0.1)
    clipped, my_norm = average_then_clip([adding_gradients(*part, params)[1] for part in parts], 0.1)
    assert my_norm == pytest.approx(norm.item(), rel=1e-12)
    transposed = {"W_xh": rnn.weight_ih_l0.grad.T, "W_hh": rnn.weight_hh_l0.grad.T}
    theirs = transposed | {"b_h": rnn.bias_ih_l0.grad, "W_hy": W_hy.grad, "b_y": b_y.grad}
    for name, array in clipped.items():
        # torch adds 1e-6 to the norm that it divides by
        assert array == pytest.approx(theirs[name].numpy(), rel=1e-5, abs=1e-12)


def test_mixed_precision_begins_with_the_factor_that_the_lesson_names():
    scaler = torch.amp.GradScaler("cuda", enabled=False)
    assert scaler.get_scale() == 1.0  # disabled: there is no GPU to ask
    import inspect

    assert inspect.signature(torch.amp.GradScaler).parameters["init_scale"].default == 65536.0
