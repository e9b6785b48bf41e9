"""The references of lesson 06 against PyTorch's clipping, automatic differentiation and optimizer."""

import itertools

import numpy as np
import pytest
from oracles import torch

from helpers.clipping import (
    cliff,
    clip_by_global_norm,
    clip_by_value,
    clip_like_torch,
    mlp_gradients,
    momentum_step,
    sgd_step,
)

SHAPES = {"W": (3, 4), "b": (4,), "K": (2, 3, 5), "row": (1, 6)}
EXACT = {"rel": 1e-10, "abs": 0, "nan_ok": True}


def arrays(seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    return {name: scale * rng.normal(size=shape) for name, shape in SHAPES.items()}


def flat(grads):
    return np.concatenate([np.ravel(g) for g in grads.values()])


def with_gradients(grads):
    """Parameters of PyTorch that have these gradients."""
    made = {
        name: torch.zeros(np.shape(g), dtype=torch.float64, requires_grad=True) for name, g in grads.items()
    }
    for name, parameter in made.items():
        parameter.grad = torch.tensor(grads[name], dtype=torch.float64)
    return made


def clipped_by_torch(clip, grads, bound):
    """Gradients after one of PyTorch's functions, and what it returned."""
    parameters = with_gradients(grads)
    returned = clip(parameters.values(), bound)
    return {name: p.grad.numpy() for name, p in parameters.items()}, returned


SPECIAL = (np.inf, -np.inf, np.nan, 1e200, 0.0)


@pytest.mark.parametrize("bound", [1e-3, 1.0, 7.5, 1e6, 0.0, -1.0, np.inf, np.nan])
@pytest.mark.parametrize("scale", [0.0, 1e-200, 1e-7, 1.0, 1e150, 1e200])
def test_clip_like_torch_gives_what_pytorch_gives(bound, scale):
    grads = arrays(1, scale)
    due, due_norm = clipped_by_torch(torch.nn.utils.clip_grad_norm_, grads, bound)
    clipped, norm = clip_like_torch(grads, bound)
    assert norm == pytest.approx(float(due_norm), **EXACT)
    assert flat(clipped) == pytest.approx(flat(due), **EXACT)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(SPECIAL, SPECIAL)))
def test_clip_like_torch_gives_what_pytorch_gives_for_special_entries(first, second):
    grads = arrays(2)
    grads["b"][1], grads["K"][0, 2, 4] = first, second
    due, due_norm = clipped_by_torch(torch.nn.utils.clip_grad_norm_, grads, 1.0)
    clipped, norm = clip_like_torch(grads, 1.0)
    assert norm == pytest.approx(float(due_norm), **EXACT)
    assert flat(clipped) == pytest.approx(flat(due), **EXACT)


def test_one_number_alone_is_the_one_thing_that_pytorch_does_not_square():
    """What the docstring says; everything else is squared."""
    due, norm = clipped_by_torch(torch.nn.utils.clip_grad_norm_, {"w": np.array([3e200])}, 1.0)
    assert (due["w"].tolist(), float(norm)) == ([1.0], 3e200)
    due, norm = clipped_by_torch(
        torch.nn.utils.clip_grad_norm_, {"w": np.array([3e200]), "b": np.ones(1)}, 1.0
    )
    assert (due["w"].tolist(), float(norm)) == ([0.0], np.inf)


@pytest.mark.parametrize("bound", [0.1, 3.0, 100.0])
def test_clip_by_global_norm_agrees_with_pytorch_but_for_its_millionth(bound):
    grads = arrays(3)
    due, norm = clipped_by_torch(torch.nn.utils.clip_grad_norm_, grads, bound)
    clipped, own = clip_by_global_norm(grads, bound)
    assert own == pytest.approx(float(norm), rel=1e-14)
    millionth = (own + 1e-6) / own if bound < own else 1.0
    assert flat(clipped) == pytest.approx(millionth * flat(due), rel=1e-10)


@pytest.mark.parametrize("limit", [1e-3, 0.5, 10.0, np.inf])
def test_clip_by_value_agrees_with_pytorch(limit):
    grads = arrays(4)
    grads["b"][0], grads["b"][1] = np.inf, -np.inf
    due, returned = clipped_by_torch(torch.nn.utils.clip_grad_value_, grads, limit)
    assert returned is None
    assert flat(clip_by_value(grads, limit)) == pytest.approx(flat(due), **EXACT)


def test_pytorch_raises_only_if_it_is_asked_to():
    parameters = with_gradients({"w": [3e200, 4e200]})
    with pytest.raises(RuntimeError, match="non-finite"):
        torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0, error_if_nonfinite=True)


def test_a_parameter_that_is_listed_twice_is_counted_and_scaled_twice():
    parameter = with_gradients({"w": [3.0, 4.0]})["w"]
    norm = torch.nn.utils.clip_grad_norm_([parameter, parameter], 1.0, foreach=False)
    assert float(norm) == pytest.approx(50**0.5)
    assert parameter.grad.tolist() == pytest.approx([0.06, 0.08], rel=1e-5)


@pytest.mark.parametrize(("n", "d", "h"), [(1, 1, 1), (7, 3, 4), (50, 10, 25)])
def test_mlp_gradients_agree_with_autograd(n, d, h):
    rng = np.random.default_rng(5)
    shapes = {"W1": (d, h), "b1": (h,), "W2": (h, 1), "b2": (1,)}
    params = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    leaves = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    hidden = torch.relu(torch.tensor(X) @ leaves["W1"] + leaves["b1"])
    output = (hidden @ leaves["W2"] + leaves["b2"])[:, 0]
    due = torch.nn.functional.mse_loss(output, torch.tensor(y))
    due.backward()
    loss, grads = mlp_gradients(X, y, params)
    assert loss == pytest.approx(float(due.detach()), rel=1e-10)
    for name, leaf in leaves.items():
        assert grads[name] == pytest.approx(leaf.grad.numpy(), rel=1e-10, abs=1e-12)


def test_the_slope_of_the_relu_at_zero_is_that_of_pytorch():
    params = {"W1": [[1.0]], "b1": [-3.0], "W2": [[2.0]], "b2": [1.0]}
    leaves = {name: torch.tensor(p, dtype=torch.float64, requires_grad=True) for name, p in params.items()}
    output = torch.relu(torch.tensor([[3.0]], dtype=torch.float64) @ leaves["W1"] + leaves["b1"])
    ((output @ leaves["W2"] + leaves["b2"] - 4) ** 2).mean().backward()
    _, grads = mlp_gradients([[3.0]], [4.0], params)
    assert {name: g.tolist() for name, g in grads.items()} == {
        n: leaf.grad.tolist() for n, leaf in leaves.items()
    }


@pytest.mark.parametrize(
    "args", [(4.8, -2.488), (5.0, -2.0), (-2.0, 1.0, 9, -0.5), (3.0, -1.0, 0, 0.5)], ids=str
)
def test_cliff_agrees_with_autograd(args):
    w, b, n_steps, x = args if len(args) == 4 else (*args, 50, 0.5)
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (w, b))
    state = torch.tensor(x, dtype=torch.float64)
    for _ in range(n_steps):
        state = w * torch.sigmoid(state) + b
    error = (torch.sigmoid(state) - 0.7) ** 2
    due = [0.0, 0.0] if n_steps == 0 else [float(v) for v in torch.autograd.grad(error, (w, b))]
    assert cliff(*args) == pytest.approx((float(error.detach()), *due), rel=1e-10)


def test_sgd_and_momentum_agree_with_the_optimizer():
    """With the clipping of this course before each step; PyTorch's own has a millionth in it."""
    params, velocity = arrays(6), {name: np.zeros(shape) for name, shape in SHAPES.items()}
    leaves = {name: torch.tensor(p, requires_grad=True) for name, p in params.items()}
    optimizer = torch.optim.SGD(leaves.values(), lr=0.1, momentum=0.9)
    for step in range(20):
        grads = arrays(100 + step, 5.0)
        for name, g in clip_by_global_norm(grads, 2.0)[0].items():
            leaves[name].grad = torch.tensor(g)
        optimizer.step()
        params, velocity = momentum_step(params, grads, velocity, 0.1, 0.9, 2.0)
        assert flat(params) == pytest.approx(
            flat({n: p.detach().numpy() for n, p in leaves.items()}), rel=1e-10
        )
    plain = torch.optim.SGD(leaves.values(), lr=0.3)
    for name, g in grads.items():
        leaves[name].grad = torch.tensor(g)
    plain.step()
    due = {name: leaf.detach().numpy() for name, leaf in leaves.items()}
    assert flat(sgd_step(params, grads, 0.3)) == pytest.approx(flat(due), rel=1e-10)
