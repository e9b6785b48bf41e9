"""The references of lesson 05 against independent oracles, and what the lesson says about its experiments."""

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import log_loss
from submissions import read
from threadpoolctl import threadpool_limits

from helpers import rnn
from helpers.rnn import (
    linear_rnn_gradient,
    lstm_step,
    rnn_forward,
    rnn_gradients,
    rnn_loss,
    rnn_step,
    softmax_cross_entropy,
    spectral_radius,
    state_gradient_norms,
)

SHAPES = [
    (1, 1, 1, 1, 2),
    (1, 3, 2, 4, 3),
    (5, 1, 3, 2, 2),
    (7, 4, 2, 5, 3),
    (12, 3, 4, 6, 10),
]  # T, N, D, H, K
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def network(shape, seed=0, scale=1.0):
    """Random inputs, targets (some of them -1), start and parameters of a network."""
    T, N, D, H, K = shape
    rng = np.random.default_rng(seed)
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, K), "b_y": (K,)}
    params = {name: scale * rng.normal(size=s) / np.sqrt(s[0]) for name, s in shapes.items()}
    targets = rng.integers(-1, K, size=(T, N))
    targets[-1, 0] = 0
    return rng.normal(size=(T, N, D)), targets, rng.normal(scale=0.5, size=(N, H)), params


def complex_states(x, h, params):
    """States of a network, written for complex numbers too and without anything of `helpers`."""
    states = []
    for x_t in x:
        h = np.tanh(np.einsum("nd,dh->nh", x_t, params["W_xh"]) + h.dot(params["W_hh"]) + params["b_h"])
        states.append(h)
    return np.array(states)


def complex_loss(x, targets, h0, params):
    """The loss in the same way, one target after the other."""
    logits = complex_states(x, h0, params).dot(params["W_hy"]) + params["b_y"]
    asked = [(t, n) for t, n in np.ndindex(targets.shape) if targets[t, n] != -1]
    return sum(np.log(np.sum(np.exp(logits[i]))) - logits[i][targets[i]] for i in asked) / len(asked)


def complex_step(f, array):
    """Derivative by a step along the imaginary axis: no difference is taken, so no digit is lost."""
    gradient = np.zeros(array.shape)
    for i in np.ndindex(array.shape):
        moved = array.astype(complex)
        moved[i] += 1e-40j
        gradient[i] = f(moved).imag / 1e-40
    return gradient


# -- forward ------------------------------------------------------------------------------------


@every_shape
def test_states_agree_with_sums_number_by_number(shape):
    x, _, h, params = network(shape)
    hidden = rnn_forward(x, h, params)
    for t, x_t in enumerate(x):
        due = [
            [
                math.tanh(
                    math.fsum(x_t[n] * params["W_xh"][:, j])
                    + math.fsum(h[n] * params["W_hh"][:, j])
                    + params["b_h"][j]
                )
                for j in range(h.shape[1])
            ]
            for n in range(len(h))
        ]
        assert rnn_step(x_t, h, params) == pytest.approx(np.array(due), rel=1e-13, abs=1e-15)
        assert hidden[t] == pytest.approx(np.array(due), rel=1e-11, abs=1e-13)
        h = np.array(due)


@every_shape
def test_a_sequence_may_be_cut_in_two_and_a_batch_into_sequences(shape):
    x, _, h0, params = network(shape)
    hidden, half = rnn_forward(x, h0, params), len(x) // 2
    first = rnn_forward(x[:half], h0, params)
    second = rnn_forward(x[half:], first[-1] if half else h0, params)
    assert np.array_equal(np.concatenate([first, second]), hidden)
    for n in range(len(h0)):
        alone = rnn_forward(x[:, n : n + 1], h0[n : n + 1], params)
        assert alone[:, 0] == pytest.approx(hidden[:, n], rel=1e-13, abs=1e-15)


def test_narrow_integers_give_the_float64_result():
    x, h = np.array([[100, 100]], dtype=np.int8), np.array([[1]], dtype=np.int8)
    params = {
        "W_xh": np.array([[1], [1]], np.int8),
        "W_hh": np.array([[5]], np.int8),
        "b_h": np.zeros(1, np.int8),
    }
    assert rnn_step(x, h, params).dtype == np.float64
    assert rnn_step(x // 100, h, params).item() == math.tanh(7)
    assert rnn_step(x, h, params).item() == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, t, h, p: rnn_step(x[0], h[:1], p), r"expected x_t \(N, D\) and h \(N, H\), got \(4, 2\)"),
        (lambda x, t, h, p: rnn_forward(x[0], h, p), r"expected x of shape \(T, N, D\), got \(4, 2\)"),
        (lambda x, t, h, p: rnn_loss(x, t[0], h, p), "cannot reshape"),
        (lambda x, t, h, p: softmax_cross_entropy(x[0], t), r"expected logits \(M, K\) and targets \(M,\)"),
        (lambda x, t, h, p: spectral_radius(x[0]), r"expected a square matrix W, got \(4, 2\)"),
        (lambda x, t, h, p: state_gradient_norms(x, p), r"expected hidden \(T, N, H\) and W_hh \(H, H\)"),
        (lambda x, t, h, p: linear_rnn_gradient(1.0, 1.0, -1), "expected n_steps of at least 0, got -1"),
    ],
    ids=range(7),
)
def test_bad_shapes_are_refused_with_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call(*network((7, 4, 2, 5, 3)))


# -- cross-entropy ------------------------------------------------------------------------------


def logits_and_targets(M, K, scale, seed=0):
    rng = np.random.default_rng(seed)
    targets = rng.integers(-1, K, size=M)
    targets[0] = K - 1
    return scale * rng.normal(size=(M, K)), targets


@pytest.mark.parametrize(("M", "K"), [(1, 2), (3, 5), (50, 10)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e2, 3e3])
def test_cross_entropy_agrees_with_scipy_and_scikit_learn(M, K, scale):
    logits, targets = logits_and_targets(M, K, scale)
    asked = targets != -1
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        loss, gradient = softmax_cross_entropy(logits, targets)
    log_p = log_softmax(logits[asked], axis=1)
    assert loss == pytest.approx(-log_p[np.arange(asked.sum()), targets[asked]].mean(), rel=1e-12, abs=1e-14)
    one_hot = np.eye(K)[targets[asked]]
    assert gradient[asked] == pytest.approx((np.exp(log_p) - one_hot) / asked.sum(), rel=1e-10, abs=1e-14)
    assert not gradient[~asked].any()
    assert gradient.sum(axis=1) == pytest.approx(np.zeros(M), abs=1e-13)  # shifting a row changes nothing
    if scale <= 1:  # scikit-learn keeps probabilities away from 0
        due = log_loss(targets[asked], np.exp(log_p), labels=np.arange(K))
        assert loss == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize("lead", [1e3, 1e4])
def test_cross_entropy_of_large_logits_is_exact(lead):
    with np.errstate(all="raise", under="ignore"):
        loss, gradient = softmax_cross_entropy([[lead, -lead], [-lead, lead]], [1, 1])
    assert loss == lead  # the mean of 2 * lead and 0
    assert np.array_equal(gradient, [[0.5, -0.5], [0.0, 0.0]])


def test_cross_entropy_without_any_target_is_zero():
    with np.errstate(all="raise"):
        loss, gradient = softmax_cross_entropy([[1.0, 2.0], [3.0, 4.0]], [-1, -1])
    assert loss == 0.0
    assert np.array_equal(gradient, np.zeros((2, 2)))


def test_the_gradient_of_the_cross_entropy_agrees_with_a_complex_step():
    logits, targets = logits_and_targets(6, 4, 2.0)

    def loss(z):
        rows = [m for m in range(6) if targets[m] != -1]
        return sum(np.log(np.sum(np.exp(z[m]))) - z[m, targets[m]] for m in rows) / len(rows)

    assert softmax_cross_entropy(logits, targets)[1] == pytest.approx(complex_step(loss, logits), abs=1e-14)


# -- loss and gradients -------------------------------------------------------------------------


@every_shape
@pytest.mark.parametrize("seed", range(3))
def test_loss_and_gradients_agree_with_complex_steps(shape, seed):
    x, targets, h0, params = network(shape, seed)
    loss, grads = rnn_gradients(x, targets, h0, params)
    assert loss == rnn_loss(x, targets, h0, params)
    assert loss == pytest.approx(complex_loss(x, targets, h0, params), rel=1e-12)
    assert list(grads) == list(params)
    for name in params:
        due = complex_step(lambda array: complex_loss(x, targets, h0, {**params, name: array}), params[name])  # noqa: B023
        assert grads[name] == pytest.approx(due, rel=1e-10, abs=1e-13), name


@every_shape
def test_gradients_agree_with_central_differences(shape):
    x, targets, h0, params = network(shape)
    _, grads = rnn_gradients(x, targets, h0, params)
    for name, array in params.items():
        for i in itertools.islice(np.ndindex(array.shape), 10):
            step = np.zeros(array.shape)
            step[i] = 1e-5
            up, down = (rnn_loss(x, targets, h0, {**params, name: array + s}) for s in (step, -step))
            assert grads[name][i] == pytest.approx((up - down) / 2e-5, rel=1e-6, abs=1e-9)


def test_gradients_of_a_batch_are_the_mean_of_the_sequences_weighted_by_their_targets():
    x, targets, h0, params = network((7, 4, 2, 5, 3))
    _, grads = rnn_gradients(x, targets, h0, params)
    counts = np.sum(targets != -1, axis=0)
    parts = [rnn_gradients(x[:, [n]], targets[:, [n]], h0[[n]], params)[1] for n in range(4)]
    for name in params:
        due = sum(c * part[name] for c, part in zip(counts, parts, strict=True)) / counts.sum()
        assert grads[name] == pytest.approx(due, rel=1e-11, abs=1e-14)


def test_what_comes_after_the_last_target_plays_no_part():
    x, targets, h0, params = network((7, 4, 2, 5, 3))
    targets[4:] = -1
    _, grads = rnn_gradients(x, targets, h0, params)
    _, cut = rnn_gradients(x[:4], targets[:4], h0, params)
    for name in params:
        assert grads[name] == pytest.approx(cut[name], rel=1e-12, abs=1e-15)


def test_without_any_target_all_gradients_are_zero_and_new():
    x, targets, h0, params = network((3, 2, 2, 3, 2))
    loss, grads = rnn_gradients(x, np.full_like(targets, -1), h0, params)
    assert loss == 0.0
    for name, array in params.items():
        assert np.array_equal(grads[name], np.zeros(array.shape))
        assert not np.shares_memory(grads[name], array)


@pytest.mark.parametrize("w", [0.5, 0.9, 1.0, 1.1])
@pytest.mark.parametrize("n_steps", [1, 2, 20])
def test_a_network_near_zero_has_the_gradient_of_the_linear_recurrence(w, n_steps):
    """States so small that tanh(a) is a to all digits: dL/dw = (p - 1) dx_T/dw, and p is 1/2."""
    start = 1e-9
    params = {
        "W_xh": np.zeros((1, 1)),
        "W_hh": np.array([[w]]),
        "b_h": np.zeros(1),
        "W_hy": np.array([[0.0, 1.0]]),
        "b_y": np.zeros(2),
    }
    targets = np.full((n_steps, 1), -1)
    targets[-1] = 1
    _, grads = rnn_gradients(np.zeros((n_steps, 1, 1)), targets, np.array([[start]]), params)
    assert grads["W_hh"].item() == pytest.approx(-0.5 * linear_rnn_gradient(w, start, n_steps), rel=1e-7)
    states = rnn_forward(np.zeros((n_steps, 1, 1)), np.array([[start]]), params)
    powers = w ** np.arange(n_steps)[::-1]
    assert state_gradient_norms(states, params)[:, 0] == pytest.approx(powers, rel=1e-12)


@pytest.mark.parametrize("n_steps", [0, 1, 2, 3, 10, 60])
@pytest.mark.parametrize("w", [Fraction(0), Fraction(1, 2), Fraction(-9, 8), Fraction(3)])
def test_the_linear_gradient_agrees_with_exact_arithmetic(w, n_steps):
    x, derivative = Fraction(5, 4), Fraction(0)
    for _ in range(n_steps):
        x, derivative = w * x, x + w * derivative
    assert linear_rnn_gradient(float(w), 1.25, n_steps) == pytest.approx(float(derivative), rel=1e-13, abs=0)


def test_the_linear_gradient_is_the_published_one():
    """Pascanu, Mikolov and Bengio's example: 50 steps, w = 1.1, x_0 = 0.5."""
    assert linear_rnn_gradient(1.1, 0.5, 50) == pytest.approx(2667.9739290839952, rel=1e-14)


# -- where the gradient goes --------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 6, 30])
@pytest.mark.parametrize("seed", range(3))
def test_spectral_radius_is_the_growth_of_high_powers(n, seed):
    """Gelfand: the k-th root of the norm of the k-th power; here k = 2**40, by squaring and scaling."""
    W = np.random.default_rng([n, seed]).normal(size=(n, n))
    logarithm, power = 0.0, W
    for _ in range(40):
        norm = np.linalg.norm(power)
        power = (power / norm) @ (power / norm)
        logarithm = 2 * (logarithm + math.log(norm))
    assert spectral_radius(W) == pytest.approx(math.exp(logarithm / 2**40), rel=1e-9)


def test_spectral_radius_is_at_most_any_norm_and_0_where_a_power_is_0():
    W = np.random.default_rng(3).normal(size=(8, 8))
    for order in (1, 2, np.inf, "fro"):
        assert spectral_radius(W) <= np.linalg.norm(W, order)
    assert spectral_radius([[0, 5], [0, 0]]) == 0.0
    assert spectral_radius(np.triu(np.ones((5, 5)), 1)) == 0.0


@every_shape
def test_state_gradient_norms_agree_with_complex_steps(shape):
    x, _, h0, params = network(shape)
    T, N, _, H, _ = shape
    hidden = rnn_forward(x, h0, params)
    norms = state_gradient_norms(hidden, params)
    assert norms.shape == (T, N)
    assert np.array_equal(norms[-1], np.ones(N))
    for t, n in itertools.product(range(T - 1), range(N)):
        jacobian = np.zeros((H, H))
        for j in range(H):
            moved = hidden[t, n].astype(complex)
            moved[j] += 1e-40j
            after = complex_states(x[t + 1 :, n : n + 1], moved[np.newaxis], params)[-1, 0]
            jacobian[:, j] = after.imag / 1e-40
        assert norms[t, n] == pytest.approx(np.linalg.norm(jacobian, 2), rel=1e-9, abs=1e-13)


@every_shape
@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_state_gradient_norms_keep_below_powers_of_the_spectral_norm(shape, scale):
    x, _, h0, params = network(shape, scale=scale)
    norms = state_gradient_norms(rnn_forward(x, h0, params), params)
    bound = np.linalg.norm(params["W_hh"], 2) ** np.arange(len(x))[::-1]
    assert np.all(norms <= bound[:, np.newaxis] * (1 + 1e-12))


def test_a_largest_singular_value_above_1_is_not_sufficient():
    """[[0.9, 5], [0, 0.9]]**k is 0.9**k [[1, 5 k / 0.9], [0, 1]]: up to about 19, and to 0 in the end."""
    nilpotent = state_gradient_norms(np.zeros((6, 1, 2)), {"W_hh": np.array([[0.0, 5.0], [0.0, 0.0]])})
    assert np.array_equal(nilpotent[::-1, 0], [1, 5, 0, 0, 0, 0])
    norms = state_gradient_norms(np.zeros((201, 1, 2)), {"W_hh": np.array([[0.9, 5.0], [0.0, 0.9]])})[::-1, 0]
    for k in (1, 10, 50, 200):
        power = 0.9**k * np.array([[1, 5 * k / 0.9], [0, 1]])
        assert norms[k] == pytest.approx(np.linalg.norm(power, 2), rel=1e-9)
    assert 19 < norms.max() < 20
    assert norms[200] < 1e-6


# -- LSTM ---------------------------------------------------------------------------------------


def lstm_network(N, D, H, seed=0):
    rng = np.random.default_rng(seed)
    params = {
        "W_x": rng.normal(size=(D, 4 * H)),
        "W_h": rng.normal(size=(H, 4 * H)),
        "b": rng.normal(size=4 * H),
    }
    return rng.normal(size=(N, D)), rng.normal(size=(N, H)), rng.normal(size=(N, H)), params


@pytest.mark.parametrize(("N", "D", "H"), [(1, 1, 1), (3, 2, 4), (5, 7, 3)])
def test_lstm_step_agrees_with_scalars(N, D, H):
    x_t, h, c, params = lstm_network(N, D, H)
    new_h, new_c = lstm_step(x_t, h, c, params)
    for n, j in itertools.product(range(N), range(H)):
        z = [
            math.fsum(x_t[n] * params["W_x"][:, k]) + math.fsum(h[n] * params["W_h"][:, k]) + params["b"][k]
            for k in range(j, 4 * H, H)
        ]
        i, f, o = (1 / (1 + math.exp(-z[k])) for k in (0, 1, 3))
        cell = f * c[n, j] + i * math.tanh(z[2])
        assert new_c[n, j] == pytest.approx(cell, rel=1e-12, abs=1e-15)
        assert new_h[n, j] == pytest.approx(o * math.tanh(cell), rel=1e-12, abs=1e-15)


def test_an_lstm_with_open_forget_and_shut_input_gates_keeps_its_cell_for_ever():
    x_t, h, c, params = lstm_network(2, 3, 4)
    params["b"] = np.repeat([-1000.0, 1000.0, 0.0, 0.0], 4)
    cell = c
    with np.errstate(all="raise", under="ignore"):
        for _ in range(100):
            h, cell = lstm_step(x_t, h, cell, params)
    assert np.array_equal(cell, c)


# -- the lesson ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    """What the lesson's experiments leave behind, run with the references; two waits instead of five."""
    namespace = dict(vars(rnn))
    with threadpool_limits(1):
        for cell in read("solutions", "05_rnn").cells:
            if (
                cell.cell_type == "code"
                and "nbgrader" not in cell.metadata
                and "import torch" not in cell.source
            ):
                source = re.sub(r"waits = \(.*\)", "waits = (4, 12)", cell.source)
                source = source.replace("progress()", "")
                exec(source, namespace)
    return namespace


def test_the_networks_have_as_many_numbers_as_the_lesson_says(lesson):
    params = lesson["new_params"](np.random.default_rng(0))
    assert sum(array.size for array in params.values()) == 1642
    loss = rnn_loss(lesson["rows"], lesson["at_the_end"], np.zeros((1797, 32)), params)
    assert 2.3 < loss < 2.6  # a little worse than guessing, log(10)


def test_reading_row_by_row_comes_out_as_the_lesson_says(lesson):
    late, early = lesson["right"]["at the end"], lesson["right"]["at every row"]
    assert 0.86 < late[-1] < 0.946  # "about nine digits in ten", and less than the nearest neighbour's
    assert np.all(late[:5] < 0.25)
    assert early[2] > 0.5
    assert early[-1] < late[-1] - 0.05
    rng = np.random.default_rng(0)
    start, targets = lesson["new_params"](rng), lesson["at_every_row"][:, :1500]
    with threadpool_limits(1):
        trained = lesson["train"](lesson["rows"][:, :1500], targets, start, rng, 0.2, 4000)
    longer = lesson["accuracies"](lesson["rows"][:, 1500:], lesson["digits"][1500:], trained)[-1]
    assert longer == pytest.approx(0.855, abs=0.01)  # "it has not finished training"


def test_waiting_comes_out_as_the_lesson_says(lesson):
    far, near = lesson["after_waiting"][1.0], lesson["after_waiting"][0.5]
    assert min(far) > 0.7
    assert near[0] > 0.5
    assert near[1] < 0.15
    start = lesson["new_params"](np.random.default_rng(0))
    turn = start["W_hh"]
    assert turn @ turn.T == pytest.approx(np.eye(32), abs=1e-12)  # orthogonal: it keeps all lengths
    hidden = rnn_forward(lesson["x"][:, :20], np.zeros((20, 32)), start)
    sizes = np.mean(hidden[7:] ** 2, axis=(1, 2))
    assert np.all(np.diff(sizes) < 0)  # the states shrink, and the slopes rise towards 1
    assert 1 - sizes[-1] > 0.9
    assert np.median(state_gradient_norms(hidden, start)[7]) > 0.3
    start = lesson["new_params"](np.random.default_rng(0), radius=0.5)
    hidden = rnn_forward(lesson["x"][:, :20], np.zeros((20, 32)), start)
    assert np.max(state_gradient_norms(hidden, start)[7]) <= 0.5**12  # the bound, before training


def test_gradients_reach_as_far_as_the_lesson_says(lesson):
    linear, tanh = lesson["linear"], lesson["with_tanh"]
    for radius in (0.9, 1.0, 1.1):
        assert np.linalg.norm(radius * lesson["W"], 2) > 1.4
        if radius == 0.9:
            assert np.linalg.norm(radius * lesson["W"], 2) == pytest.approx(1.45, abs=0.005)
        assert tanh[radius][0] < linear[radius][0]
    assert linear[0.9][0] < 1e-2
    assert 1 < linear[1.0][0] < 3
    assert linear[1.1][0] > 1e2
    assert 1e-5 < tanh[1.1][0] < 1e-4
    assert tanh[1.1][0] > tanh[1.0][0] > tanh[0.9][0]
    assert tanh[2.0][0] > 10


def test_an_lstm_reaches_far_only_with_open_forget_gates(lesson):
    norms, sigmoid_of = lesson["lstm_gradient_norms"], lesson["sigmoid"]
    half = norms(lesson["inputs"][:, :1], lesson["lstm"])
    little = norms(lesson["inputs"][:, :1], lesson["remembering"])
    assert half[-1] == little[-1] == 1
    assert half[0] < lesson["with_tanh"][1.0][0]
    assert 10 < little[0] < 15  # "about 12"
    direct = lesson["direct"]
    assert direct[0] == pytest.approx(0.002, abs=0.0005)
    assert sigmoid_of(2.0) ** 50 == pytest.approx(0.002, abs=0.0005)
    without = {**lesson["lstm"], "W_h": np.zeros_like(lesson["lstm"]["W_h"])}
    ratio = direct[0] / norms(lesson["inputs"][:, :1], without)[0]
    assert 11.5 < np.log10(ratio) < 12.5  # "twelve orders of magnitude more"
    assert 11.5 < 50 * np.log10(sigmoid_of(2.0) / 0.5) < 12.5
    assert sigmoid_of(2.0) == pytest.approx(0.88, abs=0.005)
    assert 0.8e-15 < 0.5**50 < 1.2e-15


def test_pytorchs_start_is_as_small_as_the_lesson_says(lesson):
    assert np.all(np.abs(np.array(lesson["radii"]) - 0.6) < 0.05)
