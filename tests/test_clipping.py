"""The references of lesson 06 against independent oracles, and what its text says of its experiments."""

import math
import warnings
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from scipy.spatial import distance

from helpers import plots
from helpers.clipping import (
    adaptive_clip,
    average_then_clip,
    cliff,
    clip_by_global_norm,
    clip_by_norm,
    clip_by_value,
    clip_like_torch,
    clipping_threshold,
    cosine_similarity,
    mlp_gradients,
    momentum_step,
    sgd_step,
)
from helpers.data import load_diabetes_patients
from helpers.exercises import EXERCISES

SHAPES = {"W": (3, 4), "b": (4,), "K": (2, 3, 5), "scale": (), "row": (1, 6), "none": (0,)}


def arrays(seed=0, scale=1.0):
    rng = np.random.default_rng(seed)
    return {name: np.asarray(scale * rng.normal(size=shape)) for name, shape in SHAPES.items()}


def flat(grads):
    return np.concatenate([np.ravel(g) for g in grads.values()] or [[]])


def is_same(a, b):
    return list(a) == list(b) and all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


def is_new(result, *sources):
    """Whether the arrays of a dict share no memory with others or with each other."""
    mine = list(result.values())
    others = [g for source in sources for g in source.values() if isinstance(g, np.ndarray)]
    pairs = [(a, b) for i, a in enumerate(mine) for b in [*mine[:i], *others]]
    return not any(np.shares_memory(a, b) for a, b in pairs)


@pytest.fixture(autouse=True)
def no_warning_for_numbers_in_range():
    with np.errstate(all="warn", under="ignore"), warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# -- by value -------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1e-3, 0.5, 1, 100, np.inf])
def test_clip_by_value_agrees_with_numpy(limit):
    grads = arrays()
    clipped = clip_by_value(grads, limit)
    assert is_same(clipped, {name: np.maximum(np.minimum(g, limit), -limit) for name, g in grads.items()})
    assert is_new(clipped, grads)


@pytest.mark.parametrize("limit", [0, -1, -np.inf, np.nan])
def test_clip_by_value_refuses_a_limit_that_is_not_positive(limit):
    with pytest.raises(ValueError, match="expected a positive limit"):
        clip_by_value({"W": [1.0]}, limit)


def published_gradients():
    """The five arrays of DeepLearning.AI's exercise."""
    numbers = np.random.RandomState(3)
    shapes = {"dWax": (5, 3), "dWaa": (5, 5), "dWya": (2, 5), "db": (5, 1), "dby": (2, 1)}
    return {name: numbers.randn(*shape) * 10 for name, shape in shapes.items()}


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (10, (10.0, -10.0, 0.2971381536101662, 10.0, 8.45833407)),
        (5, (5.0, -5.0, 0.2971381536101662, 5.0, 5.0)),
    ],
)
def test_clip_by_value_gives_the_numbers_that_deeplearning_ai_publishes(limit, due):
    clipped = clip_by_value(published_gradients(), limit)
    places = (("dWaa", (1, 2)), ("dWax", (3, 1)), ("dWya", (1, 2)), ("db", (4, 0)), ("dby", (1, 0)))
    assert [clipped[name][place] for name, place in places] == pytest.approx(due, rel=1e-8)
    norm = clip_by_global_norm(published_gradients(), limit)[1]
    assert norm == pytest.approx(79.10754035168654, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("zeroed the large entries", lambda g, limit: np.where(np.abs(g) > limit, 0.0, g)),
        ("lost the sign", lambda g, limit: np.where(np.abs(g) > limit, limit, g)),
        ("flipped the sign", lambda g, limit: np.where(np.abs(g) > limit, -limit * np.sign(g), g)),
    ],
)
def test_what_the_published_test_lets_through_is_caught_and_named_here(name, wrong):
    for g in published_gradients().values():
        clipped = wrong(g, 10)
        assert np.all(np.abs(clipped) <= 10)
        assert np.array_equal(clipped[np.abs(g) <= 10], g[np.abs(g) <= 10])
    outcome = EXERCISES["clip_by_value"].evaluate(
        lambda grads, limit: {key: wrong(g, limit) for key, g in grads.items()}
    )
    assert outcome.status == "failed"
    assert outcome.misconception.name == name


# -- by norm --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (2, 3, 5), (0,)])
@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e150])
def test_clip_by_norm_keeps_the_direction_and_reaches_the_bound(shape, scale):
    gradient = np.asarray(np.random.default_rng(1).normal(size=shape) * scale)
    norm = scipy.linalg.norm(gradient.ravel())
    for share in (0.01, 0.999, 1.001, 100):
        if norm == 0:
            assert np.array_equal(clip_by_norm(gradient, 1), gradient)
            continue
        clipped = clip_by_norm(gradient, share * norm)
        assert clipped.shape == gradient.shape
        assert not np.shares_memory(clipped, gradient)
        assert clipped == pytest.approx(min(share, 1) * gradient, rel=1e-14, abs=0)
        assert np.array_equal(clipped, gradient) or share < 1


def test_clip_by_norm_of_integers_and_lists():
    assert clip_by_norm(np.array([-96, 28], dtype=np.int8), 50) == pytest.approx([-48, 14])
    assert clip_by_norm([[1, -2], [2, 4]], 2.5) == pytest.approx(np.array([[0.5, -1], [1, 2]]))
    with pytest.raises(ValueError, match="expected a positive max_norm"):
        clip_by_norm([1.0], 0)


# -- by global norm -------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1e-200, 1e-160, 1e-3, 1.0, 1e140, 1e160, 1e200])
@pytest.mark.parametrize("share", [1e-3, 0.5, 0.999])
def test_clip_by_global_norm_scales_everything_by_one_factor(scale, share):
    grads = arrays(2, scale)
    exact = scipy.linalg.norm(flat(grads))
    clipped, norm = clip_by_global_norm(grads, share * exact)
    assert norm == pytest.approx(exact, rel=1e-14, abs=0)
    assert flat(clipped) == pytest.approx(share * flat(grads), rel=1e-13, abs=0)
    assert {name: g.shape for name, g in clipped.items()} == SHAPES
    assert all(type(g) is np.ndarray and g.dtype == np.float64 for g in clipped.values())
    assert list(clipped) == list(grads)
    assert is_new(clipped, grads)
    again, norm = clip_by_global_norm(clipped, share * exact * (1 + 1e-14))
    assert is_same(again, clipped)  # twice is once


@pytest.mark.parametrize("scale", [0.0, 1e-200, 1.0, 1e200])
def test_clip_by_global_norm_below_the_bound_changes_nothing(scale):
    grads = arrays(3, scale)
    exact = scipy.linalg.norm(flat(grads))
    for bound in (exact * (1 + 1e-12) or 1.0, 2 * exact or 2.0, np.inf):
        clipped, _ = clip_by_global_norm(grads, bound)
        assert is_same(clipped, grads)
        assert is_new(clipped, grads)


def test_clip_by_global_norm_at_exactly_the_bound_changes_nothing():
    grads = {"W": np.array([3.0, 4.0]), "b": np.array([[-12.0]]), "zero": np.array([-0.0])}
    clipped, norm = clip_by_global_norm(grads, 13)
    assert norm == 13.0
    assert is_same(clipped, grads)
    assert np.signbit(clipped["zero"][0])


@pytest.mark.parametrize(
    ("bound", "factor"),
    [(7, 7 / math.sqrt(194)), (6, 6 / math.sqrt(194)), (20, 1.0), (math.sqrt(194) / 2, 0.5)],
)
def test_clip_by_global_norm_of_two_vectors_that_tell_the_mistakes_apart(bound, factor):
    clipped, norm = clip_by_global_norm({"a": [3, 4], "b": [5, 12]}, bound)
    assert norm == pytest.approx(13.92838827718412, rel=1e-15)
    assert flat(clipped) == pytest.approx(factor * np.array([3, 4, 5, 12]), rel=1e-15)


@pytest.mark.parametrize("exponent", [-200, -180, -151, -150, -149, -100, 0, 100, 149, 150, 151, 180, 200])
def test_clip_by_global_norm_is_exact_where_its_two_ways_meet(exponent):
    grads = {
        "W": np.array([[3.0, -5.0], [0.5, 7.0]]) * 10.0**exponent,
        "b": np.array([1.25]) * 10.0**exponent,
    }
    squares = sum(Fraction(v) ** 2 for v in flat(grads).tolist())
    shift = 10 ** (2 * (40 - min(exponent, 0)))
    exact = Fraction(math.isqrt(int(squares * shift)), math.isqrt(shift))  # to 40 digits
    clipped, norm = clip_by_global_norm(grads, float(exact) / 3)
    assert abs(Fraction(norm) / exact - 1) < Fraction(1, 10**14)
    assert flat(clipped) == pytest.approx(flat(grads) / 3, rel=1e-14, abs=0)


@pytest.mark.parametrize("bound", [1e-250, 1e-200, 1e-150, 1e-100])
@pytest.mark.parametrize("scale", [1e100, 1e149, 1e200])
def test_clip_by_global_norm_with_a_factor_near_the_smallest_float(bound, scale):
    clipped, norm = clip_by_global_norm({"W": [3 * scale, 4 * scale]}, bound)
    assert norm == pytest.approx(5 * scale, rel=1e-15)
    assert clipped["W"] == pytest.approx([0.6 * bound, 0.8 * bound], rel=1e-13, abs=0)


def test_clip_by_global_norm_where_one_dict_mixes_the_extremes():
    clipped, norm = clip_by_global_norm({"large": [3e200, 4e200], "small": [1e-200]}, 1)
    assert norm == pytest.approx(5e200, rel=1e-15)
    assert clipped["large"] == pytest.approx([0.6, 0.8], rel=1e-15)
    assert 0 <= clipped["small"][0] <= 1e-200


@pytest.mark.parametrize("bound", [0, -1, -np.inf, np.nan])
@pytest.mark.parametrize("grads", [{}, {"W": [1.0]}, {"W": [np.nan]}, {"W": [np.inf]}], ids=str)
def test_clip_by_global_norm_checks_the_bound_first(bound, grads):
    with pytest.raises(ValueError, match="expected a positive max_norm"):
        clip_by_global_norm(grads, bound)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("bound", [1.0, np.inf])
def test_clip_by_global_norm_raises_for_a_norm_that_is_not_finite(bad, bound):
    with pytest.raises(FloatingPointError, match="expected a finite global norm"):
        clip_by_global_norm({"W": [1.0, bad], "b": np.ones((2, 2))}, bound)


def test_clip_by_global_norm_of_nothing_and_of_other_kinds_of_values():
    assert clip_by_global_norm({}, 1) == ({}, 0.0)
    ints = {"W": np.array([-96, 28], dtype=np.int8), "list": [[0, 0]], "number": np.uint8(0)}
    clipped, norm = clip_by_global_norm(ints, 50)
    assert norm == 100.0
    assert flat(clipped) == pytest.approx([-48, 14, 0, 0, 0])
    assert ints["W"].tolist() == [-96, 28]
    transposed = np.arange(6.0).reshape(2, 3).T[::-1]  # neither contiguous nor in order
    assert clip_by_global_norm({"W": transposed}, 1)[0]["W"] == pytest.approx(transposed / np.sqrt(55))


# -- cosine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scales", [(1.0, 1.0), (1e-200, 1e200), (1e250, 1e250), (1e-250, 1e-250)])
def test_cosine_similarity_agrees_with_scipy(scales):
    a, b = arrays(4), arrays(5)
    exact = 1 - distance.cosine(flat(a), flat(b))
    scaled = [{name: s * g for name, g in x.items()} for x, s in zip((a, b), scales, strict=True)]
    shuffled = {name: scaled[1][name] for name in reversed(scaled[1])}
    assert cosine_similarity(scaled[0], shuffled) == pytest.approx(exact, rel=1e-12)
    assert cosine_similarity(scaled[0], scaled[0]) == pytest.approx(1, rel=1e-14)
    assert cosine_similarity(a, {name: -g for name, g in a.items()}) == pytest.approx(-1, rel=1e-14)


def test_cosine_similarity_of_nothing_and_of_zeros_is_zero():
    zeros = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    assert cosine_similarity({}, {}) == 0.0
    assert cosine_similarity(zeros, arrays()) == 0.0
    assert cosine_similarity(arrays(), zeros) == 0.0


def test_clipping_by_norm_never_turns_and_by_value_never_turns_back():
    for seed in range(20):
        grads = arrays(seed)
        assert cosine_similarity(clip_by_global_norm(grads, 0.1)[0], grads) == pytest.approx(1, rel=1e-14)
        for limit in (1e-6, 0.1, 1):
            assert cosine_similarity(clip_by_value(grads, limit), grads) > 0


# -- network --------------------------------------------------------------------------------------


def small_network(rng, d, h):
    return {
        "W1": rng.normal(size=(d, h)),
        "b1": rng.normal(size=h),
        "W2": rng.normal(size=(h, 1)),
        "b2": rng.normal(size=1),
    }


@pytest.mark.parametrize(("n", "d", "h"), [(1, 1, 1), (5, 3, 4), (20, 10, 25)])
def test_mlp_gradients_agree_with_finite_differences(n, d, h):
    rng = np.random.default_rng(6)
    X, y, params = rng.normal(size=(n, d)), 3 * rng.normal(size=n), small_network(rng, d, h)
    loss, grads = mlp_gradients(X, y, params)
    output = [
        sum(max(row @ params["W1"][:, j] + params["b1"][j], 0) * params["W2"][j, 0] for j in range(h))
        for row in X
    ]
    assert loss == pytest.approx(np.mean((np.array(output) + params["b2"] - y) ** 2), rel=1e-13)
    for name, p in params.items():
        differences = np.zeros_like(p)
        for place in np.ndindex(p.shape):
            step = np.zeros_like(p)
            step[place] = 1e-6
            above, below = (mlp_gradients(X, y, {**params, name: p + s})[0] for s in (step, -step))
            differences[place] = (above - below) / 2e-6
        assert grads[name] == pytest.approx(differences, rel=1e-6, abs=1e-7)  # rounding in the differences


def test_mlp_gradients_keep_the_order_of_the_parameters_and_refuse_a_column_of_targets():
    rng = np.random.default_rng(7)
    params = small_network(rng, 2, 3)
    params = {name: params[name] for name in reversed(params)}
    assert list(mlp_gradients(np.ones((4, 2)), np.ones(4), params)[1]) == list(params)
    with pytest.raises(ValueError, match="expected X"):
        mlp_gradients(np.ones((4, 2)), np.ones((4, 1)), params)


# -- the cliff ------------------------------------------------------------------------------------


def cliff_in_decimals(w, b, n_steps=50, x0="0.5"):
    """Error and derivatives to sixty digits, going backwards through the steps."""
    with localcontext() as context:
        context.prec = 60
        w, b, states = Decimal(w), Decimal(b), [Decimal(x0)]

        def sigmoid(x):
            return 1 / (1 + (-x).exp())

        for _ in range(n_steps):
            states.append(w * sigmoid(states[-1]) + b)
        last = sigmoid(states[-1])
        error, slope = (last - Decimal("0.7")) ** 2, 2 * (last - Decimal("0.7")) * last * (1 - last)
        dw = db = Decimal(0)
        for x in reversed(states[:-1]):
            s = sigmoid(x)
            dw, db, slope = dw + slope * s, db + slope, slope * w * s * (1 - s)
        return float(error), float(dw), float(db)


@pytest.mark.parametrize(
    "args",
    [
        ("4.8", "-2.488"),
        ("4.2", "-2.1"),
        ("5.5", "-3"),
        ("-3", "1.5"),
        ("0", "0.5"),
        ("6", "-2", 7, "-1"),
        ("2", "1", 0),
    ],
    ids=str,
)
def test_cliff_agrees_with_sixty_digits(args):
    numbers = [float(a) if isinstance(a, str) else a for a in args]
    assert cliff(*numbers) == pytest.approx(cliff_in_decimals(*args), rel=1e-11, abs=1e-15)


def test_cliff_agrees_with_finite_differences_beside_the_wall():
    for w, b in ((4.8, -2.6), (4.8, -2.3), (3.0, -1.0)):
        h = 1e-6
        dw = (cliff(w + h, b)[0] - cliff(w - h, b)[0]) / (2 * h)
        db = (cliff(w, b + h)[0] - cliff(w, b - h)[0]) / (2 * h)
        assert cliff(w, b)[1:] == pytest.approx((dw, db), rel=1e-7)


def test_the_published_wall_and_what_the_lesson_says_of_it():
    error, dw, db = cliff(4.8, -2.488)
    assert np.hypot(dw, db) == pytest.approx(1349.6, abs=0.05)
    assert (error, dw, db) == pytest.approx((0.1153, -711.9, -1146.6), rel=1e-3)
    assert 0.2 * -db == pytest.approx(229, abs=0.5)  # the first figure
    h = 1e-5  # finite differences are off by 0.2 %
    assert (cliff(4.8, -2.488 + h)[0] - cliff(4.8, -2.488 - h)[0]) / (2 * h) / db - 1 == pytest.approx(
        -0.002, abs=1e-4
    )
    gradient = {"w": dw, "b": db}
    start = {"w": 4.8, "b": -2.488}
    plain, clipped = sgd_step(start, gradient, 0.2), sgd_step(start, gradient, 0.2, 1.0)
    assert np.hypot(plain["w"] - 4.8, plain["b"] + 2.488) == pytest.approx(270, abs=0.5)
    landed = cliff(float(plain["w"]), float(plain["b"]))
    assert landed == (pytest.approx(0.09, rel=1e-14), 0.0, 0.0)
    assert np.hypot(clipped["w"] - 4.8, clipped["b"] + 2.488) == pytest.approx(0.2, rel=1e-12)
    error, *slopes = cliff(float(clipped["w"]), float(clipped["b"]))
    assert error == pytest.approx(0.033, abs=5e-4)
    assert np.hypot(*slopes) == pytest.approx(0.104, abs=5e-4)
    W, B = np.meshgrid(np.linspace(4.1, 5.6, 101), np.linspace(-3.1, -1.9, 101))
    _, dw, db = cliff(W, B)
    assert np.mean(np.hypot(dw, db) < 1) > 0.99  # "step after step, its gradient is shorter than 1"


# -- steps ----------------------------------------------------------------------------------------


def test_sgd_step_is_the_gradient_step_and_never_longer_than_the_bound_allows():
    params, grads = arrays(8), arrays(9, 100.0)
    shuffled = {name: grads[name] for name in reversed(grads)}
    assert flat(sgd_step(params, shuffled, 0.1)) == pytest.approx(flat(params) - 0.1 * flat(grads))
    moved = sgd_step(params, shuffled, 0.1, 2.5)
    assert np.linalg.norm(flat(moved) - flat(params)) == pytest.approx(0.25, rel=1e-12)
    assert is_new(moved, params, grads)
    assert is_same(params, arrays(8))


def test_momentum_adds_up_to_a_geometric_series():
    params, velocity = {"w": [0.0, 0.0]}, {"w": [0, 0]}
    for _ in range(50):
        params, velocity = momentum_step(params, {"w": [30.0, 40.0]}, velocity, 0.1, 0.9, max_norm=1)
    assert velocity["w"] == pytest.approx(np.array([0.6, 0.8]) * (1 - 0.9**50) / 0.1, rel=1e-12)
    steps = sum(0.1 * (1 - 0.9**n) / 0.1 for n in range(1, 51))
    assert params["w"] == pytest.approx(-np.array([0.6, 0.8]) * steps, rel=1e-12)


def test_momentum_step_returns_new_arrays():
    params, grads, velocity = arrays(10), arrays(11), arrays(12)
    moved, speed = momentum_step(params, grads, velocity, 0.1, 0.0, np.inf)
    assert is_same(speed, grads)
    assert is_new({**{f"p{k}": v for k, v in moved.items()}, **speed}, params, grads, velocity)


def test_averaged_micro_batches_give_the_gradient_of_the_whole_batch():
    rng = np.random.default_rng(13)
    X, y, params = rng.normal(size=(12, 3)), rng.normal(size=12), small_network(rng, 3, 4)
    micro = [mlp_gradients(X[i : i + 3], y[i : i + 3], params)[1] for i in range(0, 12, 3)]
    whole = mlp_gradients(X, y, params)[1]
    clipped, norm = average_then_clip(micro, 0.5)
    due, due_norm = clip_by_global_norm(whole, 0.5)
    assert norm == pytest.approx(due_norm, rel=1e-12)
    assert flat(clipped) == pytest.approx(flat(due), rel=1e-12)
    each = [clip_by_global_norm(g, 0.5)[0] for g in micro]
    assert cosine_similarity(average_then_clip(each, 1)[0], whole) < 0.999  # the order matters


def test_clipping_before_averaging_can_turn_the_step_round():
    micro = [{"w": [g]} for g in (1, 1, 1, -9)]
    assert average_then_clip(micro, 1)[0]["w"] == [-1]
    assert np.mean([clip_by_global_norm(g, 1)[0]["w"] for g in micro]) == 0.5


# -- threshold ------------------------------------------------------------------------------------


@pytest.mark.parametrize("percentile", [0, 12.5, 50, 90, 99.9, 100])
def test_clipping_threshold_agrees_with_numpy_on_the_finite_norms(percentile):
    norms = np.random.default_rng(14).lognormal(size=200)
    with_gaps = norms.tolist()
    for place in (0, 50, 120):
        with_gaps[place:place] = [np.nan, np.inf]
    assert clipping_threshold(with_gaps, percentile) == np.percentile(norms, percentile)


@pytest.mark.parametrize("norms", [[], [np.nan], [np.inf, np.nan]], ids=str)
def test_clipping_threshold_needs_a_finite_norm(norms):
    with pytest.raises(ValueError, match="expected at least one finite norm"):
        clipping_threshold(norms, 50)


# -- adaptive -------------------------------------------------------------------------------------


def test_adaptive_clip_treats_each_column_like_clip_by_norm():
    rng = np.random.default_rng(15)
    params = {
        "W": rng.normal(size=(5, 7)),
        "b": rng.normal(size=7),
        "s": np.array(0.3),
        "zero": np.zeros((2, 3)),
    }
    grads = {name: 0.3 * rng.normal(size=p.shape) for name, p in reversed(params.items())}
    grads["W"][:, 2] = 0
    clipped = adaptive_clip(params, grads, 0.2, eps=0.05)
    assert list(clipped) == list(grads)
    for name, g in grads.items():
        columns = g.T if g.ndim == 2 else [g]
        weights = params[name].T if g.ndim == 2 else [params[name]]
        for mine, column, weight in zip(
            clipped[name].T if g.ndim == 2 else [clipped[name]], columns, weights, strict=True
        ):
            bound = 0.2 * max(math.sqrt(np.sum(weight**2)), 0.05)
            assert mine == pytest.approx(clip_by_norm(column, bound), rel=1e-13, abs=0)
    assert is_new(clipped, params, grads)


def test_adaptive_clip_knows_no_units():
    params, grads = arrays(16), arrays(17)
    clipped = adaptive_clip({k: params[k] for k in "Wb"}, {k: grads[k] for k in "Wb"}, 0.1)
    scaled = adaptive_clip({k: 1e6 * params[k] for k in "Wb"}, {k: 1e6 * grads[k] for k in "Wb"}, 0.1)
    assert flat(scaled) == pytest.approx(1e6 * flat(clipped), rel=1e-13)


# -- like PyTorch ---------------------------------------------------------------------------------

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("grads", "bound", "due", "norm"),
    [
        ([[3, 4]], 5, [2.99999940000012, 3.99999920000016], 5),
        ([[3, 4], [12]], 1, [0.230769213, 0.307692284, 0.923076852], 13),
        ([[0, 0]], 1, [0, 0], 0),
        ([[INF, 1], [2]], 1, [NAN, 0, 0], INF),
        ([[NAN, 1], [2]], 1, [NAN, NAN, NAN], NAN),
        ([[3e200, 4e200]], 1, [0, 0], INF),
        ([[3e-200, 4e-200]], 1e-201, [0, 0], 0),
        ([[3e-7, 4e-7]], 1e-7, [2e-8, 8e-8 / 3], 5e-7),
        ([[3, 4]], 0, [0, 0], 5),
        ([[3, 4]], -1, [-0.599999880000024, -0.799999840000032], 5),
        ([[3, 4]], INF, [3, 4], 5),
        ([[INF, 4]], INF, [NAN, NAN], INF),
        ([[3, 4]], NAN, [NAN, NAN], 5),
        ([], 1, [], 0),
    ],
    ids=str,
)
def test_clip_like_torch_gives_the_numbers_that_pytorch_was_seen_to_give(grads, bound, due, norm):
    clipped, before = clip_like_torch(dict(enumerate(grads)), bound)
    assert before == pytest.approx(norm, rel=1e-14, nan_ok=True)
    # nine digits of the second line were written down; of the others all that a float has
    assert flat(clipped) == pytest.approx(due, rel=1e-9 if len(grads) == 2 else 1e-14, abs=0, nan_ok=True)


# -- what the lesson says of its experiments ------------------------------------------------------


def new_network(n_features, n_hidden, rng):
    """As in the lesson."""
    first, last = np.sqrt(6 / n_features), np.sqrt(6 / (n_hidden + 1))
    return {
        "W1": rng.uniform(-first, first, size=(n_features, n_hidden)),
        "b1": np.zeros(n_hidden),
        "W2": rng.uniform(-last, last, size=(n_hidden, 1)),
        "b2": np.zeros(1),
    }


def train(X, y, seed, learning_rate=0.01, max_norm=np.inf, limit=np.inf, n_epochs=100):
    """As in the lesson."""
    rng = np.random.default_rng(seed)
    params = new_network(X.shape[1], 25, rng)
    velocity = {name: np.zeros_like(p) for name, p in params.items()}
    norms = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(n_epochs):
            order = rng.permutation(len(y))
            for batch in np.split(order, range(32, len(y), 32)):
                _, grads = mlp_gradients(X[batch], y[batch], params)
                try:
                    norms.append(clip_by_global_norm(grads, np.inf)[1])
                except FloatingPointError:
                    return None, norms
                grads = clip_by_value(grads, limit)
                params, velocity = momentum_step(params, grads, velocity, learning_rate, 0.9, max_norm)
    return params, norms


@pytest.fixture(scope="module")
def patients():
    X, y = load_diabetes_patients()
    return X, y, y / y.std()


@pytest.fixture(scope="module")
def made():
    from sklearn.datasets import make_regression

    X, y = make_regression(n_samples=1000, n_features=20, noise=0.1, random_state=1)
    return X[:500], y[:500], X[500:], y[500:]


def test_turned_gradients_of_the_lesson(patients):
    X, _, y = patients
    _, grads = mlp_gradients(X, y, new_network(10, 25, np.random.default_rng(0)))
    assert sum(g.size for g in grads.values()) == 301
    assert clip_by_global_norm(grads, 1)[1] == pytest.approx(5.3, abs=0.05)
    angles = [
        math.degrees(math.acos(cosine_similarity(clipped, grads)))
        for clipped in (clip_by_value(grads, 6e-4), {k: clip_by_norm(g, 6e-4) for k, g in grads.items()})
    ]
    assert angles == pytest.approx([61, 34], abs=0.6)
    ways = (
        lambda bound: clip_by_value(grads, bound),
        lambda bound: {name: clip_by_norm(g, bound) for name, g in grads.items()},
    )
    at_a_tenth = []
    for way in ways:
        clipped = [way(bound) for bound in np.geomspace(6, 6e-4, 400)]
        shares = [clip_by_global_norm(c, np.inf)[1] / 5.3 for c in clipped]
        nearest = clipped[int(np.argmin(np.abs(np.array(shares) - 0.1)))]
        at_a_tenth.append(math.degrees(math.acos(cosine_similarity(nearest, grads))))
    assert at_a_tenth == pytest.approx([56, 34], abs=1)


def test_the_published_regression_fails_for_ten_seeds_and_so_do_the_patients(made, patients):
    X, y, *test = made
    assert (round(min(y.min(), test[1].min())), round(max(y.max(), test[1].max()))) == (-436, 575)
    assert test[1].var() == pytest.approx(26_213, abs=1)
    for seed in range(10):
        params, norms = train(X, y, seed)
        assert params is None
        assert 8 <= len(norms) <= 12
        params, norms = train(*patients[:2], seed)
        assert params is None
        assert 8 <= len(norms) <= 15


def test_three_ways_save_the_published_regression_and_a_loose_bound_saves_nothing(made):
    """Runs that bounce about amplify the last bit of a float, so that medians and wide margins decide."""
    X, y, X_test, y_test = made
    unit, errors = y.std(), {"norm": [], "value": [], "scaled": [], "scaled, 0.1": []}
    for seed in range(3):
        params, norms = train(X, y, seed, max_norm=1)
        assert min(norms) > 10  # every step was clipped
        assert 2000 < max(norms) < 4000
        errors["norm"].append(mlp_gradients(X_test, y_test, params)[0])
        errors["value"].append(mlp_gradients(X_test, y_test, train(X, y, seed, limit=5)[0])[0])
        for name, rate in (("scaled", 0.01), ("scaled, 0.1", 0.1)):
            params, _ = train(X, y / unit, seed, rate)
            errors[name].append(unit**2 * mlp_gradients(X_test, y_test / unit, params)[0])
        dead, _ = train(X, y, seed, max_norm=1000)
        assert not np.any(X @ dead["W1"] + dead["b1"] > 0)  # every ReLU is silent
        assert mlp_gradients(X_test, y_test, dead)[0] > y_test.var()
    assert max(map(max, errors.values())) < 0.02 * y_test.var()
    assert max(errors["scaled, 0.1"]) < min(min(errors[name]) for name in ("norm", "value", "scaled"))
    middle = {name: np.median(values) for name, values in errors.items()}
    assert middle["scaled, 0.1"] < middle["norm"] < middle["scaled"]


def riddle(X, y, n_steps=300):
    """The run of the riddle: losses, norms, cosines, and the parameters at step 200."""
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(scale=0.001, size=(10, 10)), rng.normal(scale=0.001, size=(10, 1))
    params = {"W1": W1, "b1": np.zeros(10), "W2": W2, "b2": np.zeros(1)}
    losses, norms, cosines, previous, kept = [], [], [], None, None
    for step in range(n_steps):
        loss, grads = mlp_gradients(X, y, params)
        losses.append(loss)
        norms.append(clip_by_global_norm(grads, np.inf)[1])
        kept = params if step == 200 else kept
        if previous is not None:
            cosines.append(cosine_similarity(grads, previous))
        previous, params = grads, sgd_step(params, grads, 0.35)
    return losses, norms, cosines, kept


def test_the_norm_rises_twice_while_the_loss_stands_still(patients):
    X, _, y = patients
    losses, norms, cosines, params = riddle(X, y)
    assert norms[10] / norms[0] == pytest.approx(42, abs=1)
    assert losses[10] > 0.97 * losses[0]
    assert np.mean(cosines[:10]) > 0.98
    assert norms[-1] / norms[100] == pytest.approx(11, abs=1)
    assert 0.42 < min(losses[100:]) <= max(losses[100:]) < 0.45
    assert max(cosines[200:]) < -0.97
    assert max(cosines[149:]) < -0.9
    predicted = norms[200] ** 2 / (2 * 2 / 0.35)
    assert (norms[200], predicted) == pytest.approx((0.29, 0.0075), rel=0.02)
    loss, grads = mlp_gradients(X, y, params)
    after, grads_after = mlp_gradients(X, y, sgd_step(params, grads, 0.175))
    assert loss - after == pytest.approx(0.0070, abs=5e-5)
    assert clip_by_global_norm(grads_after, 1)[1] == pytest.approx(0.044, abs=5e-4)
    after, _ = mlp_gradients(X, y, sgd_step(params, grads, 0.35, 0.1))
    assert loss - after == pytest.approx(0.0064, abs=5e-5)


def test_half_to_ten_times_the_average_is_right_for_a_calm_learning_rate_only(patients):
    X, _, y = patients
    runs = [train(X, y, seed, n_epochs=50) for seed in range(5)]
    norms = np.concatenate([norms for _, norms in runs])
    average = norms.mean()
    assert np.mean(norms > average / 2) == pytest.approx(0.96, abs=0.01)
    assert np.mean(norms > 10 * average) == pytest.approx(0.001, abs=5e-4)

    def losses(rate, multiple, seeds):
        trained = [train(X, y, seed, rate, multiple * average, n_epochs=50)[0] for seed in seeds]
        return [mlp_gradients(X, y, params)[0] for params in trained]

    calm = [np.median(losses(0.01, multiple, range(3))) for multiple in (0.01, 0.5, 10)]
    assert calm[0] > 0.6
    assert calm[1] == pytest.approx(calm[2], abs=0.05)
    wild = [train(X, y, seed, 0.15, n_epochs=50)[0] for seed in range(5)]
    assert sum(params is not None for params in wild) <= 3
    assert max(losses(0.15, 0.1, range(3))) < 0.45
    assert max(losses(0.15, 10, range(8))) > 0.95


def test_adaptive_clipping_does_not_care_for_the_unit_of_the_target(patients):
    X, _, y = patients

    def unexplained(unit, clip):
        rng = np.random.default_rng(0)
        params = new_network(10, 25, rng)
        velocity = {name: np.zeros_like(p) for name, p in params.items()}
        for _ in range(50):
            for batch in np.split(rng.permutation(442), range(32, 442, 32)):
                _, grads = mlp_gradients(X[batch], unit * y[batch], params)
                params, velocity = momentum_step(params, clip(params, grads), velocity, 0.01, 0.9, np.inf)
        return mlp_gradients(X, unit * y, params)[0] / unit**2

    assert unexplained(1e6, lambda params, grads: clip_by_global_norm(grads, 1)[0]) > 0.99
    for unit in (1, 1e3, 1e6):
        assert unexplained(unit, lambda params, grads: adaptive_clip(params, grads, 1)) < 0.46


def test_figures_of_the_lesson_say_in_words_what_they_show():
    box = plots.box_and_circle(clip_by_value, clip_by_norm).figure.get_label()
    assert "turned by 0 degrees" in box
    surface = plots.error_surface(cliff, sgd_step).figure.get_label()
    assert "it is 270 long and ends at error 0.09" in surface
    assert "step is" not in plots.steep_place(step=False).figure.get_label()
    assert "step is 229 long" in plots.steep_place().figure.get_label()
