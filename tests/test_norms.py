"""The references of lesson 01 against independent oracles, at sizes and scales where they could differ."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from scipy.spatial.distance import cdist

from helpers.norms import (
    euclidean_distance,
    frobenius_norm,
    l1_norm,
    l2_norm,
    max_norm,
    normalize,
    p_norm,
    pairwise_distances,
    spectral_norm,
    stable_l2_norm,
)

SIZES = (0, 1, 2, 7, 1000, 100_003)
SCALES = (1e-100, 1e-3, 1.0, 1e5, 1e100)


def _vectors():
    rng = np.random.default_rng(7)
    for n, scale in itertools.product(SIZES, SCALES):
        yield rng.normal(size=n) * scale


@pytest.mark.parametrize("x", list(_vectors()), ids=lambda x: f"n{x.size}")
def test_vector_norms_agree_with_numpy(x):
    assert l1_norm(x) == pytest.approx(np.linalg.norm(x, 1), rel=1e-13, abs=0)
    assert l2_norm(x) == pytest.approx(np.linalg.norm(x), rel=1e-13, abs=0)
    assert max_norm(x) == (np.linalg.norm(x, np.inf) if x.size else 0)
    assert p_norm(x, 1) == pytest.approx(np.linalg.norm(x, 1), rel=1e-13, abs=0)
    assert p_norm(x, 2) == pytest.approx(np.linalg.norm(x), rel=1e-13, abs=0)
    assert p_norm(x, 1.5) == pytest.approx(np.linalg.norm(x, 1.5), rel=1e-13, abs=0)
    assert p_norm(x, np.inf) == max_norm(x)


def test_l1_norm_agrees_with_exact_sums():
    x = np.random.default_rng(1).normal(size=10_000)
    assert l1_norm(x) == pytest.approx(math.fsum(np.abs(x)), rel=1e-14)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int64, np.float32, bool])
def test_narrow_types_give_the_float64_result(dtype):
    x = np.array([-128, 100, 127, 1]).astype(dtype)
    exact = [Fraction(int(v)) for v in x]
    assert l1_norm(x) == float(sum(map(abs, exact)))
    assert l2_norm(x) == pytest.approx(math.sqrt(sum(v * v for v in exact)), rel=1e-15)
    assert max_norm(x) == float(max(map(abs, exact)))
    assert frobenius_norm(x.reshape(2, 2)) == l2_norm(x)
    squares = [(a - b) ** 2 for a, b in zip(exact, exact[::-1], strict=True)]
    assert euclidean_distance(x, x[::-1]) == pytest.approx(math.sqrt(sum(squares)), rel=1e-15)


@pytest.mark.parametrize("p", [1, 1.1, 2, 3, 7.5, 20])
def test_p_norm_agrees_with_exact_arithmetic(p):
    x = [3.0, -4.0, 0.5, 0.0]
    terms = math.fsum(abs(v) ** p for v in x)
    assert p_norm(x, p) == pytest.approx(terms ** (1 / p), rel=1e-14)


@pytest.mark.parametrize("p", [0.999, 0.5, 0, -1, -np.inf, np.nan])
def test_p_norm_refuses_p_below_1(p):
    with pytest.raises(ValueError, match="expected p of at least 1"):
        p_norm([1.0, 2.0], p)


@pytest.mark.parametrize("exponent", [-300, -250, -162, -154, -100, 0, 100, 153, 154, 200, 299])
def test_stable_l2_norm_is_right_to_1e_12_over_the_range_of_the_contract(exponent):
    rng = np.random.default_rng(exponent + 300)
    for n in (1, 2, 3, 50):
        x = rng.uniform(-9.99, 9.99, size=n) * 10.0**exponent
        squares = sum(Fraction(v) ** 2 for v in x.tolist())
        # The integer root of a scaled fraction: 40 digits, without any float in between.
        shift = 10 ** (2 * (40 - min(exponent, 0)))
        exact = Fraction(math.isqrt(int(squares * shift)), math.isqrt(shift))
        with np.errstate(all="raise", under="ignore"):
            assert abs(Fraction(stable_l2_norm(x)) / exact - 1) < Fraction(1, 10**12)
            assert stable_l2_norm(x) == pytest.approx(math.hypot(*x), rel=1e-14, abs=0)
            assert stable_l2_norm(x) == pytest.approx(scipy.linalg.norm(x), rel=1e-13, abs=0)


def test_stable_l2_norm_mixes_scales():
    assert stable_l2_norm([1e300, 1e-300, 1e200]) == 1e300
    assert stable_l2_norm([1e-300] * 10_000) == pytest.approx(1e-298, rel=1e-12, abs=0)
    assert stable_l2_norm([1e300] * 10_000) == pytest.approx(1e302, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "due"),
    [
        ([], 0),
        ([0, 0], 0),
        ([-0.0], 0),
        ([np.inf, 1], np.inf),
        ([-np.inf, np.nan], np.inf),
        ([np.nan, 1], np.nan),
    ],
    ids=str,
)
def test_stable_l2_norm_of_special_values_is_that_of_hypot(x, due):
    with np.errstate(all="raise"):
        assert stable_l2_norm(x) == pytest.approx(due, nan_ok=True)
    assert math.hypot(*x) == pytest.approx(due, nan_ok=True)


@pytest.mark.parametrize("x", list(_vectors()), ids=lambda x: f"n{x.size}")
def test_a_normalized_vector_has_length_1_and_the_same_direction(x):
    unit = normalize(x)
    assert unit.shape == x.shape
    if x.size:
        assert np.linalg.norm(unit) == pytest.approx(1, rel=1e-14)
        assert unit * np.linalg.norm(x) == pytest.approx(x, rel=1e-13, abs=0)


def test_normalize_leaves_zeros_and_its_argument_alone():
    x = np.zeros(3, dtype=int)
    assert np.array_equal(normalize(x), [0.0, 0.0, 0.0])
    assert normalize(x) is not x


@pytest.mark.parametrize(("a", "b"), [([1], [1, 2]), ([1, 2], [1]), ([1, 2], [[1], [2]]), (1, [1])], ids=str)
def test_euclidean_distance_refuses_unlike_shapes(a, b):
    with pytest.raises(ValueError, match="expected a and b of one shape"):
        euclidean_distance(a, b)


def test_euclidean_distance_agrees_with_the_standard_library():
    rng = np.random.default_rng(3)
    for n in (1, 2, 10, 1000):
        a, b = rng.normal(size=(2, n))
        assert euclidean_distance(a, b) == pytest.approx(math.dist(a, b), rel=1e-13)


@pytest.mark.parametrize(("n", "m", "d"), [(1, 1, 1), (3, 5, 2), (100, 7, 64), (300, 200, 3)])
@pytest.mark.parametrize("offset", [0, 1000])
def test_pairwise_distances_agree_with_scipy(n, m, d, offset):
    rng = np.random.default_rng(n + d)
    X, Y = rng.normal(size=(n, d)) + offset, rng.normal(size=(m, d)) + offset
    longest = np.sqrt(max((X**2).sum(axis=1).max(), (Y**2).sum(axis=1).max()))
    distances = pairwise_distances(X, Y)
    assert distances.shape == (n, m)
    assert distances == pytest.approx(cdist(X, Y), rel=1e-6, abs=1e-6 * longest)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_pairwise_distances_of_equal_rows_are_neither_negative_nor_nan(scale):
    X = np.random.default_rng(5).normal(size=(200, 30)) * scale + 10 * scale
    longest = np.linalg.norm(X, axis=1).max()
    distances = pairwise_distances(X, X)
    assert np.all(distances >= 0)
    assert np.all(np.diag(distances) <= max(1e-6, 1e-6 * longest))


def test_pairwise_distances_refuse_unlike_columns():
    with pytest.raises(ValueError, match="expected X"):
        pairwise_distances(np.ones((2, 3)), np.ones((2, 4)))


@pytest.mark.parametrize("shape", [(1, 1), (2, 5), (40, 3), (100, 100)])
def test_frobenius_norm_agrees_with_numpy_and_with_the_singular_values(shape):
    A = np.random.default_rng(11).normal(size=shape)
    assert frobenius_norm(A) == pytest.approx(np.linalg.norm(A, "fro"), rel=1e-14)
    assert frobenius_norm(A) == pytest.approx(math.sqrt((np.linalg.svd(A)[1] ** 2).sum()), rel=1e-13)


def matrix_with_gap(rng, shape, ratio, scale):
    """A matrix whose second singular value is `ratio` times the first."""
    U, _, Vt = np.linalg.svd(rng.normal(size=shape), full_matrices=False)
    singular = np.append(1.0, np.full(min(shape) - 1, ratio))
    return scale * (U * singular) @ Vt


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (3, 3), (2, 9), (60, 40)])
@pytest.mark.parametrize("ratio", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_spectral_norm_is_right_to_1e_6_for_a_gap_of_5_percent(shape, ratio, scale):
    A = matrix_with_gap(np.random.default_rng(13), shape, ratio, scale)
    assert spectral_norm(A) == pytest.approx(scale, rel=1e-6, abs=0)
    assert spectral_norm(A) == pytest.approx(np.linalg.norm(A / scale, 2) * scale, rel=1e-6, abs=0)


@pytest.mark.parametrize("shape", [(2, 2), (3, 1), (1, 4)])
def test_spectral_norm_of_zeros_is_zero(shape):
    with np.errstate(all="raise"):
        assert spectral_norm(np.zeros(shape)) == 0.0


def test_spectral_norm_of_a_rotation_is_1_though_no_direction_is_stretched_most():
    t = 0.7
    assert spectral_norm([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]]) == pytest.approx(1)


@pytest.mark.parametrize("function", [l1_norm, l2_norm, max_norm, stable_l2_norm, normalize])
def test_vector_functions_say_what_shape_they_expected(function):
    with pytest.raises(ValueError, match=r"expected x of shape \(n,\), got \(2, 2\)"):
        function(np.ones((2, 2)))


@pytest.mark.parametrize("function", [frobenius_norm, spectral_norm])
def test_matrix_functions_say_what_shape_they_expected(function):
    with pytest.raises(ValueError, match=r"expected A of shape \(m, n\), got \(3,\)"):
        function([1.0, 2.0, 3.0])
