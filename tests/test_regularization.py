"""The references of lesson 04 against independent oracles, and the figures that its text claims."""

import contextlib
import io
import math
import re
import warnings
from fractions import Fraction

import numpy as np
import pytest
from published import PUBLISHED, has_published
from scipy.optimize import minimize, minimize_scalar
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.preprocessing import PolynomialFeatures
from submissions import read

from helpers import data
from helpers.logistic_regression import accuracy, log_likelihood, log_likelihood_gradient, predict
from helpers.regularization import (
    always_shrinks,
    coefficient_path,
    fit_l1_logistic_regression,
    fit_l2_logistic_regression,
    largest_stable_rate,
    polynomial_features,
    regularized_gradient,
    regularized_log_likelihood,
    ridge_regression,
    select_strength,
    sklearn_C,
    soft_threshold,
)

WORD_COUNTS = PUBLISHED / "uw_reviews" / "word_counts.npz"
STRENGTHS = [0, 4, 10, 1e2, 1e3, 1e5]

# The penalty of scikit-learn's L1 fits is called l1_ratio=1 since 1.8, penalty="l1" before.
L1 = {"penalty": "l1"} if LogisticRegression().l1_ratio is None else {"l1_ratio": 1}


def sample(seed=0, n=60, d=5):
    """Counts with an intercept, and noisy labels of both classes."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.poisson(0.7, size=(n, d - 1))]).astype(float)
    scores = 0.5 + X[:, 1:] @ rng.normal(size=d - 1)
    return X, (rng.random(n) < 1 / (1 + np.exp(-scores))).astype(int)


def exact_solution(A, b):
    """Solution of linear equations in fractions, by elimination."""
    rows = [[Fraction(v) for v in row] + [Fraction(c)] for row, c in zip(A, b, strict=True)]
    n = len(rows)
    for i in range(n):
        pivot = next(k for k in range(i, n) if rows[k][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(n):
            if k != i:
                factor = rows[k][i] / rows[i][i]
                rows[k] = [a - factor * c for a, c in zip(rows[k], rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]


def differences(f, w, h=1e-6):
    """Gradient by central differences."""
    steps = h * np.eye(len(w))
    return np.array([(f(w + step) - f(w - step)) / (2 * h) for step in steps])


# -- polynomials and ridge regression -----------------------------------------------------------


@pytest.mark.parametrize("degree", [0, 1, 2, 8])
def test_polynomial_features_agree_with_numpy_scikit_learn_and_exact_powers(degree):
    x = np.random.default_rng(degree).normal(scale=2, size=9).round(2)
    powers = polynomial_features(x, degree)
    assert powers == pytest.approx(np.vander(x, degree + 1, increasing=True), rel=1e-13, abs=0)
    theirs = PolynomialFeatures(degree).fit_transform(x[:, np.newaxis])
    assert powers == pytest.approx(theirs, rel=1e-13, abs=0)
    exact = [[float(Fraction(v) ** k) for k in range(degree + 1)] for v in x.tolist()]
    assert powers == pytest.approx(np.array(exact), rel=1e-14, abs=0)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.float32, bool])
def test_powers_of_narrow_types_are_those_of_floats(dtype):
    x = np.array([0, 1, 100, 127]).astype(dtype)
    exact = [[int(v) ** k for k in range(5)] for v in x]
    assert np.array_equal(polynomial_features(x, 4), exact)


def test_ridge_regression_agrees_with_exact_fractions():
    rng = np.random.default_rng(3)
    for n, d in ((1, 3), (4, 2), (7, 4), (30, 6)):
        X = np.column_stack([np.ones(n, dtype=int), rng.integers(-5, 6, size=(n, d - 1))])
        y = rng.integers(-9, 10, size=n)
        normal = (X.T @ X).tolist()
        for j in range(1, d):
            normal[j][j] += Fraction(3, 2)
        exact = [float(v) for v in exact_solution(normal, (X.T @ y).tolist())]
        # the rows added to X bound its condition number by about 100
        assert ridge_regression(X, y, 1.5) == pytest.approx(np.array(exact), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("strength", [1e-6, 0.1, 10.0, 1e6])
def test_ridge_regression_agrees_with_scikit_learn(strength):
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(40, 6)), rng.normal(loc=3, size=40)
    model = Ridge(alpha=strength).fit(X, y)
    w = ridge_regression(np.column_stack([np.ones(40), X]), y, strength)
    assert w == pytest.approx(np.append(model.intercept_, model.coef_), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("strength", [0.0, 1e-10, 1e-3, 1.0])
def test_a_polynomial_fit_of_degree_8_is_at_its_minimum(strength):
    x = np.linspace(-1, 1, 10)
    X, y = polynomial_features(x, 8), np.sin(3 * x)
    w = ridge_regression(X, y, strength)
    gradient = X.T @ (X @ w - y) + strength * np.append(0, w[1:])
    # cond(X) is about 1e3, so the residual of a stable solution is known to 1e-13 of ‖X‖ ‖w‖
    assert np.linalg.norm(gradient) <= 1e-12 * np.linalg.norm(X) * (1 + np.linalg.norm(X) * np.linalg.norm(w))
    if strength == 0:
        assert w == pytest.approx(np.polynomial.polynomial.polyfit(x, y, 8), rel=1e-9, abs=1e-9)


def test_a_constant_added_to_the_targets_moves_only_the_intercept():
    X, y = sample()
    low, high = (ridge_regression(X, y + shift, 7.0) for shift in (0, 100))
    assert high - low == pytest.approx([100, 0, 0, 0, 0], abs=1e-10)


# -- the objective and its gradient -------------------------------------------------------------


def test_regularized_log_likelihood_agrees_with_sums_in_plain_python():
    X, y = sample(1)
    w = [0.3, -1.5, 2.0, 0.1, -0.7]
    total = 0.0
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        s = math.fsum(a * b for a, b in zip(row, w, strict=True))
        total += -math.log1p(math.exp(-s if label else s))
    for strength in (0, 0.5, 30):
        due = total - strength * math.fsum(v * v for v in w[1:])
        assert regularized_log_likelihood(w, X, y, strength) == pytest.approx(due, rel=1e-13)


@pytest.mark.parametrize("score", [-1e4, 1e4])
@pytest.mark.parametrize("label", [0, 1])
def test_large_scores_are_finite_and_do_not_warn(score, label):
    right = (score > 0) == (label == 1)
    with np.errstate(all="raise", under="ignore"):
        assert regularized_log_likelihood([0, 1], [[1, score]], [label], 2.0) == -2 + (0 if right else -1e4)
        gradient = regularized_gradient([0, 1], [[1, score]], [label], 2.0)
    slope = 0 if right else label - (score > 0)
    assert gradient == pytest.approx([slope, slope * score - 4], rel=1e-14)


@pytest.mark.parametrize("strength", [0.0, 0.3, 25.0])
def test_regularized_gradient_agrees_with_central_differences(strength):
    X, y = sample(2)
    for seed in range(5):
        w = np.random.default_rng(seed).normal(size=5)
        numerical = differences(lambda w: regularized_log_likelihood(w, X, y, strength), w)
        assert regularized_gradient(w, X, y, strength) == pytest.approx(numerical, rel=1e-6, abs=1e-6)


def test_the_checkpoint_of_the_university_of_washington():
    X, w = np.array([[1.0, 2, 3], [1, -1, -1]]), np.array([1.0, 3, -1])
    assert log_likelihood(w, X, [0, 1]) == pytest.approx(-5.33141161543603, rel=1e-14)
    assert regularized_gradient(w, X, [0, 1], 2.0) == pytest.approx(
        [-0.25095521, -14.69508616, 0.32290005], abs=5e-9
    )


def test_the_published_values_of_andrew_ngs_course_follow_by_conversion():
    """His loss is a mean, to be minimised, with a price of lambda / (2 m): our strength is lambda / 2."""

    def cost_and_gradient(w, b, X, y, lam):
        full, columns = np.append(b, w), np.column_stack([np.ones(len(X)), X])
        cost = -regularized_log_likelihood(full, columns, y, lam / 2) / len(y)
        return cost, -regularized_gradient(full, columns, y, lam / 2) / len(y)

    rng = np.random.RandomState(1)  # as published: np.random.seed(1)
    w, X = rng.randn(3), rng.randn(6, 3)
    cost, _ = cost_and_gradient(w, 0.4, X, np.array([0, 1, 1, 0, 1, 1]), 0.1)
    assert cost == pytest.approx(0.5469746792761936, rel=1e-14)
    w, X = rng.randn(5), rng.randn(8, 5)
    cost, _ = cost_and_gradient(w, -0.6, X, np.array([1, 0, 1, 0, 0, 1, 0, 1]), 0.01)
    assert cost == pytest.approx(1.2608591964119995, rel=1e-14)
    cost, _ = cost_and_gradient(2 * np.ones(5), 0.0, np.zeros((8, 5)), np.full(8, 0.5), 3)
    assert cost == pytest.approx(-math.log(0.5) + 3 / 16 * 20, rel=1e-14)

    rng = np.random.RandomState(1)
    w, X = rng.randn(5), rng.randn(7, 5)
    _, gradient = cost_and_gradient(w, 0.2, X, np.array([0, 1, 1, 0, 1, 1, 0]), 0.1)
    assert gradient[0] == pytest.approx(-0.1506447567869257, rel=1e-14)
    published = [0.19530838, -0.00632206, 0.19687367, 0.15741161, 0.02791437]
    assert gradient[1:] == pytest.approx(published, abs=5e-9)


@pytest.mark.parametrize("function", [regularized_log_likelihood, regularized_gradient])
def test_weights_in_a_column_are_refused(function):
    X, y = sample()
    with pytest.raises(ValueError, match="expected w of shape"):
        function(np.zeros((5, 1)), X, y, 1.0)


# -- learning rates and fits --------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(40, 6), (3, 8)])
def test_largest_stable_rate_agrees_with_the_singular_values(shape):
    X = np.random.default_rng(7).normal(size=shape)
    for strength in (0, 0.5, 1e5):
        due = 2 / (np.linalg.svd(X)[1][0] ** 2 / 4 + 2 * strength)
        assert largest_stable_rate(X, strength) == pytest.approx(due, rel=1e-12)


@pytest.mark.parametrize("strength", [0.0, 1.0, 100.0])
def test_below_the_bound_every_step_leads_upwards(strength):
    X, y = sample(4)
    rate = 0.999 * largest_stable_rate(X, strength)
    fits = (fit_l2_logistic_regression(X, y, strength, rate, n)[0] for n in range(60))
    values = [regularized_log_likelihood(w, X, y, strength) for w in fits]
    assert np.all(np.diff(values) >= -1e-11)


def test_above_the_bound_a_strong_price_diverges():
    X, y = sample(4)
    bound = largest_stable_rate(X, 1e5)
    _, below = fit_l2_logistic_regression(X, y, 1e5, 0.95 * bound, 100)
    _, above = fit_l2_logistic_regression(X, y, 1e5, 1.05 * bound, 100)
    assert below[-1] < below[0]
    assert above[-1] > 1000 * above[0]


@pytest.mark.parametrize("strength", [0.5, 4.0, 100.0])
def test_a_long_l2_fit_is_the_optimum_of_scikit_learn(strength):
    X, y = sample(6, n=200)
    w, norms = fit_l2_logistic_regression(X, y, strength, 0.9 * largest_stable_rate(X, strength), 4000)
    model = LogisticRegression(C=sklearn_C(strength), solver="newton-cholesky", tol=1e-12).fit(X[:, 1:], y)
    # the objective curves by at least the smallest eigenvalue near the top, which is about 10 here
    assert norms[-1] < 1e-9
    assert w == pytest.approx(np.append(model.intercept_, model.coef_), abs=1e-8)


def test_a_fit_in_plain_python_takes_the_same_steps():
    X, y = sample(8, n=12, d=3)
    w, norms = [0.0] * 3, []
    for _ in range(25):
        errors = [
            label - 1 / (1 + math.exp(-sum(a * b for a, b in zip(row, w, strict=True))))
            for row, label in zip(X.tolist(), y.tolist(), strict=True)
        ]
        gradient = [
            math.fsum(e * row[j] for e, row in zip(errors, X.tolist(), strict=True))
            - (j > 0) * 2 * 0.7 * w[j]
            for j in range(3)
        ]
        norms.append(math.hypot(*gradient))
        w = [v + 0.05 * g for v, g in zip(w, gradient, strict=True)]
    mine, my_norms = fit_l2_logistic_regression(X, y, 0.7, 0.05, 25)
    assert mine == pytest.approx(np.array(w), rel=1e-12)
    assert my_norms == pytest.approx(np.array(norms), rel=1e-10)


def test_stochastic_gradient_descent_of_scikit_learn_ends_near_with_the_strength_converted():
    X, y = sample(9, n=400)
    w, _ = fit_l2_logistic_regression(X, y, 20.0, 0.9 * largest_stable_rate(X, 20.0), 3000)
    model = SGDClassifier(
        loss="log_loss", alpha=2 * 20.0 / 400, average=True, max_iter=2000, tol=None, random_state=0
    ).fit(X[:, 1:], y)
    # averaged, it is within a few thousandths; half or twice the strength would be off by a tenth
    assert np.append(model.intercept_, model.coef_) == pytest.approx(w, abs=5e-3)
    halved, _ = fit_l2_logistic_regression(X, y, 10.0, 0.9 * largest_stable_rate(X, 10.0), 3000)
    assert np.max(np.abs(halved - w)) > 0.05


@pytest.mark.parametrize("strength", [1e-3, 0.5, 4, 1e5])
def test_sklearn_c_multiplies_the_two_objectives_into_one(strength):
    X, y = sample(10)
    w = np.random.default_rng(0).normal(size=(2, 5))
    mine = [regularized_log_likelihood(v, X, y, strength) for v in w]
    theirs = [-sklearn_C(strength) * log_likelihood(v, X, y) + np.sum(v[1:] ** 2) / 2 for v in w]
    assert theirs == pytest.approx([-sklearn_C(strength) * v for v in mine], rel=1e-12)


@pytest.mark.parametrize("zero", [0, 0.0, np.float64(0), np.int8(0)], ids=repr)
def test_sklearn_c_of_no_price_is_infinite_without_a_warning(zero):
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        assert sklearn_C(zero) == math.inf


def test_coefficient_path_does_not_depend_on_the_order_of_the_strengths():
    X, y = sample(11)
    strengths = [0.0, 2.0, 0.5, 2.0, 9.0]
    path = coefficient_path(X, y, strengths, 0.01, 40)
    order = [3, 0, 4, 1, 2]
    assert np.array_equal(coefficient_path(X, y, [strengths[i] for i in order], 0.01, 40), path[order])
    assert coefficient_path(X, y, [], 0.01, 40).shape == (0, 5)


def test_at_the_top_the_norm_shrinks_with_every_rise_of_the_strength():
    X, y = sample(12, n=150, d=7)
    path = []
    for strength in np.logspace(-1, 3, 15):
        w, _ = fit_l2_logistic_regression(X, y, strength, 0.9 * largest_stable_rate(X, strength), 3000)
        path.append(w)
    assert np.all(np.diff(np.linalg.norm(np.array(path)[:, 1:], axis=1)) < 0)


def test_always_shrinks_agrees_with_a_search_for_any_growth():
    rng = np.random.default_rng(13)
    for _ in range(200):
        path = rng.integers(-3, 4, size=rng.integers(1, 5, size=2)) / 2
        due = [
            not any(abs(path[i + 1, j]) > abs(path[i, j]) for i in range(len(path) - 1))
            for j in range(path.shape[1])
        ]
        assert always_shrinks(path).tolist() == due


def test_select_strength_agrees_with_sorting_by_score_and_then_by_strength():
    rng = np.random.default_rng(14)
    for _ in range(200):
        n = rng.integers(1, 7)
        strengths, scores = rng.permutation(10)[:n].tolist(), (rng.integers(-3, 3, size=n) / 4).tolist()
        assert select_strength(strengths, scores) == max(zip(scores, strengths, strict=True))[1]


def test_select_strength_refuses_unlike_lengths():
    with pytest.raises(ValueError, match="as many scores as strengths"):
        select_strength([0, 4], [0.5])


# -- L1 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("threshold", [0.0, 0.3, 1.7])
def test_soft_threshold_minimises_distance_plus_price(threshold):
    for v in (-3.0, -1.7, -0.2, 0.0, 0.1, 0.3, 2.5):
        found = minimize_scalar(
            lambda u, v=v: (u - v) ** 2 / 2 + threshold * abs(u), bounds=(-5, 5), method="bounded",
            options={"xatol": 1e-10},
        ).x  # fmt: skip
        assert soft_threshold([v], threshold)[0] == pytest.approx(found, abs=1e-6)


def test_soft_threshold_keeps_shape_and_makes_exact_zeros():
    w = np.random.default_rng(15).normal(size=(4, 3, 2))
    assert soft_threshold(w, 0.5).shape == (4, 3, 2)
    assert np.array_equal(soft_threshold(w, 0.5) == 0, np.abs(w) <= 0.5)
    assert soft_threshold(np.array(2.0), 0.5) == 1.5
    assert np.array_equal(soft_threshold(w, 0.0), w)
    with pytest.raises(ValueError, match="at least 0"):
        soft_threshold(w, -1)


@pytest.mark.parametrize("strength", [0.5, 3.0, 8.0])
def test_a_long_l1_fit_balances_the_forces_and_agrees_with_scikit_learn(strength):
    X, y = sample(16, n=120, d=9)
    w = fit_l1_logistic_regression(X, y, strength, 0.9 * largest_stable_rate(X), 6000)
    pull = log_likelihood_gradient(w, X, y)
    zero = w[1:] == 0
    # the Karush-Kuhn-Tucker conditions: no other program is needed
    assert abs(pull[0]) < 1e-9
    assert pull[1:][~zero] == pytest.approx(strength * np.sign(w[1:][~zero]), abs=1e-9)
    assert np.all(np.abs(pull[1:][zero]) <= strength + 1e-9)
    model = LogisticRegression(C=1 / strength, solver="saga", tol=1e-9, max_iter=20_000, **L1)
    model.fit(X[:, 1:], y)
    assert np.append(model.intercept_, model.coef_) == pytest.approx(w, abs=1e-5)


def test_the_l1_fit_without_a_price_is_plain_ascent():
    X, y = sample(17)
    plain, _ = fit_l2_logistic_regression(X, y, 0.0, 0.01, 30)
    assert fit_l1_logistic_regression(X, y, 0.0, 0.01, 30) == pytest.approx(plain, rel=1e-14)


def test_a_price_above_every_pull_leaves_the_intercept_alone():
    X, y = sample(18)
    centred = np.array([math.log(y.mean() / (1 - y.mean())), 0, 0, 0, 0])
    strength = 1.01 * np.max(np.abs(log_likelihood_gradient(centred, X, y)[1:]))
    # from w = 0 other weights may be needed on the way, but not in the end
    w = fit_l1_logistic_regression(X, y, strength, 0.9 * largest_stable_rate(X), 3000)
    assert np.count_nonzero(w[1:]) == 0
    assert w[0] == pytest.approx(centred[0], abs=1e-9)


# -- what was published -------------------------------------------------------------------------


@has_published("uw_reviews")
def test_the_published_table_of_the_university_of_washington_and_what_it_hides():
    """All twelve accuracies to the last digit, and every other figure that the lesson gives beside them."""
    with np.load(WORD_COUNTS) as file:
        X, y, X_valid, y_valid = (file[k].astype(float) for k in ("X_train", "y_train", "X_valid", "y_valid"))
    assert X.shape == (42_361, 194)
    assert X_valid.shape == (10_711, 194)

    def accuracies(path, features, labels):
        return [f"{accuracy(labels, predict(w, features)):.6f}" for w in path]

    path = coefficient_path(X, y, STRENGTHS, 5e-6, 501)
    published = ["0.785156", "0.785109", "0.784991", "0.783976", "0.775855", "0.680366"]
    assert accuracies(path, X, y) == published
    published = ["0.781440", "0.781533", "0.781720", "0.781066", "0.771357", "0.667818"]
    assert accuracies(path, X_valid, y_valid) == published
    left = [np.linalg.norm(regularized_gradient(w, X, y, s)) for w, s in zip(path, STRENGTHS, strict=True)]
    assert left == pytest.approx([675, 659, 635, 368, 2.6, 0], abs=0.5)
    assert np.sum(~always_shrinks(path)[1:]) == 13
    assert largest_stable_rate(X) == pytest.approx(4.3e-5, rel=2e-3)
    assert largest_stable_rate(X) / 5e-6 == pytest.approx(8.6, abs=0.05)  # "nearly nine times"
    assert 5e-6 / largest_stable_rate(X) == pytest.approx(0.116, abs=5e-4)
    right = [np.sum(predict(w, X_valid) == y_valid) for w in path]
    assert right[2] - right[0] == 3

    tops = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=sklearn_C(strength), solver="newton-cholesky", tol=1e-12, max_iter=1000)
        model.fit(X[:, 1:], y)
        tops.append(np.append(model.intercept_, model.coef_))
        assert np.linalg.norm(regularized_gradient(tops[-1], X, y, strength)) < 1e-6
    computed = accuracies(tops, X_valid, y_valid)
    assert computed == ["0.787135", "0.788162", "0.787788", "0.784334", "0.771450", "0.667818"]
    published, computed = np.array(published, dtype=float), np.array(computed, dtype=float)
    assert select_strength(STRENGTHS, published) == 10
    assert select_strength(STRENGTHS, computed) == 4
    assert computed[:4].min() > published.max()
    assert round((computed[1] - computed[0]) * 10_711) == 11
    assert np.min(computed[:4] - published[:4]) > 4 * np.ptp(published[:4])  # "far more"


# -- what the lesson says -----------------------------------------------------------------------


def test_the_throws_of_the_ball_are_as_the_lesson_says():
    def throw(seed):
        """Norm, error, and error on new points of the three fits."""
        rng = np.random.default_rng(seed)

        def photograph(time):
            return 5 - 4.9 * time**2 + rng.normal(scale=0.4, size=len(time))

        def error(w, time, height):
            return np.sqrt(np.mean((polynomial_features(time, len(w) - 1) @ w - height) ** 2))

        t = np.linspace(-1, 1, 10)
        height = photograph(t)
        new = rng.uniform(-1, 1, 500)
        new_height = photograph(new)
        fits = [
            ridge_regression(polynomial_features(t, degree), height, strength)
            for degree, strength in ((2, 0), (8, 0), (8, 0.01))
        ]
        return np.array(
            [(np.linalg.norm(w[1:]), error(w, t, height), error(w, new, new_height)) for w in fits]
        )

    assert throw(2)[:, 0] == pytest.approx([5.1, 264.2, 5.6], abs=0.05)
    assert throw(2)[:, 1] == pytest.approx([0.43, 0.13, 0.37], abs=0.005)
    assert throw(2)[:, 2] == pytest.approx([0.41, 0.85, 0.45], abs=0.005)
    worst = [np.argmax(throw(seed)[:, 2]) == 1 for seed in range(3, 103)]
    assert sum(worst) == 96


def run_lesson():
    """Variables and output of the lesson's solutions, run here without checks and without PyTorch."""
    namespace, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in read("solutions", "04_regularization").cells:
            skipped = cell.source.startswith(("check(", "progress(")) or "import torch" in cell.source
            if cell.cell_type == "code" and not skipped:
                exec(compile(cell.source, "lesson 04", "exec"), namespace)
    namespace["limits"].restore_original_limits()
    return namespace, printed.getvalue()


def published_reviews(monkeypatch):
    if not (PUBLISHED / "sentiment_sentences").is_dir():
        pytest.skip(f"no published reviews in {PUBLISHED}: set COURSE_DATA")
    monkeypatch.setenv("COURSE_DATA", str(PUBLISHED))


def reviews_of_our_own(monkeypatch):
    def no_network(address):
        raise OSError

    monkeypatch.delenv("COURSE_DATA", raising=False)
    monkeypatch.setattr(data, "_fetch", no_network)


@pytest.fixture(scope="module", params=[published_reviews, reviews_of_our_own], ids=lambda f: f.__name__)
def lesson(request):
    """Whether the reviews are the published ones, the lesson's variables, and what it printed."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        request.param(monkeypatch)
        data._review_lines.cache_clear()
        try:
            yield request.param is published_reviews, *run_lesson()
        finally:
            data._review_lines.cache_clear()


def test_the_model_is_too_sure(lesson):
    published, names, printed = lesson
    sure, wrong = map(
        int, re.search(r"99 % sure of (\d+) of \d+ reviews, and wrong about (\d+)", printed).groups()
    )
    assert wrong / sure > 0.03
    assert len(names["words"]) == 350
    if published:
        assert (len(names["y"]), len(names["y_valid"])) == (2400, 600)
        assert 0.055 < wrong / sure < 0.075


def test_the_gradient_check_tells_half_the_pull_from_the_whole(lesson):
    _, _, printed = lesson
    right, wrong = map(float, re.search(r"yours (\S+), half the pull (\S+)", printed).groups())
    assert right < 1e-7
    assert wrong > 0.05


def test_the_runs_at_strength_1e5_do_what_the_figure_is_said_to_show(lesson):
    _, names, _ = lesson
    half, near, above = (np.asarray(norms) for norms in names["runs"].values())
    assert half[1] < 0.1 * half[0]  # arrives in one step
    assert near[-1] < 0.1 * near[0]
    assert np.all(np.diff(above[5:]) > 0)
    assert 0.4 * names["bound"] < 5e-6 < 0.6 * names["bound"]  # "the first is about that one"
    intercept = regularized_gradient(
        fit_l2_logistic_regression(names["X"], names["y"], 1e5, 0.5 * names["bound"], 59)[0],
        names["X"],
        names["y"],
        1e5,
    )
    assert abs(intercept[0]) > 0.999 * half[-1]  # what remains is the slope of the intercept


def test_the_table_of_the_path_reads_as_the_lesson_reads_it(lesson):
    published, names, printed = lesson
    rows = re.findall(r"^ *(\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) +(-[\d.]+)$", printed, re.M)
    assert len(rows) == 7
    table, stopped = np.array(rows[:6], dtype=float), np.array(rows[6], dtype=float)
    assert table[1, 1] < stopped[1] < table[0, 1]  # its norm lies between those of strengths 0 and 4
    assert stopped[5] > table[:, 5].max()
    assert table[:, 0].tolist() == STRENGTHS
    assert np.all(np.diff(table[:, 1]) < 0) or table[-1, 1] == 0
    assert np.all(np.diff(table[:, 3]) < 0)  # the fit to the training data falls
    assert table[-1, 4] == pytest.approx(0.5, abs=0.1)  # a coin
    assert table[0, 2] > 1
    assert table[1:5, 2].max() < 0.005
    assert select_strength(STRENGTHS, table[:, 5]) == 4
    # rare words first without a price, words with more evidence with one
    n_reviews, path = names["n_reviews"], names["path"]
    first = [np.median(n_reviews[np.argsort(-np.abs(path[row, 1:]))[:7]]) for row in range(3)]
    assert first[0] < 0.6 * first[1]
    assert first[1] <= first[2]
    if published:
        would = path[:, 1 + names["words"].index("would")]
        assert would[0] * would[1] < 0
        assert abs(would[1]) > abs(would[0])


def test_not_all_coefficients_shrink(lesson):
    _, names, printed = lesson
    growing = int(re.search(r"(\d+) of 350 words do not always shrink", printed)[1])
    assert growing >= 10
    assert growing == np.sum(~always_shrinks(names["path"])[1:])


def test_to_stop_is_to_pay(lesson):
    """Both curves are best at about the same norm, and run together."""
    _, names, _ = lesson
    stopped, paid = (np.array(list(names[name].values())) for name in ("stopped", "paid"))
    tops = [curve[np.argmax(curve[:, 1])] for curve in (stopped, paid)]
    assert abs(math.log(tops[0][0] / tops[1][0])) < 0.5
    inside = (stopped[:, 0] >= paid[:, 0].min()) & (stopped[:, 0] <= paid[:, 0].max())
    between = np.interp(np.log(stopped[inside, 0]), np.log(paid[:, 0]), paid[:, 1])
    assert np.max(np.abs(between - stopped[inside, 1])) < 0.02
    for curve in (stopped, paid):
        assert 0 < np.argmax(curve[:, 1]) < len(curve) - 1  # a hill: up and down


def test_the_best_strength_depends_on_when_you_stop(lesson):
    _, _, printed = lesson
    lines = re.findall(
        r"split \d, (stopped early|run on) +by accuracy +(\d+) +by log-likelihood +(\d+)", printed
    )
    assert len(lines) == 6
    assert {by_likelihood for name, _, by_likelihood in lines if name == "stopped early"} == {"0"}
    assert {by_likelihood for name, _, by_likelihood in lines if name == "run on"} == {"2"}
    assert len({by_accuracy for _, by_accuracy, _ in lines}) > 1  # by accuracy it jumps about


def test_the_sparse_models_are_as_described(lesson):
    published, names, printed = lesson
    X_valid, y_valid = names["X_valid"], names["y_valid"]
    sparse = {strength: names["sparse_fit"](strength) for strength in (1, 5, 10)}
    scores = [log_likelihood(w, X_valid, y_valid) for w in names["path"]]
    assert log_likelihood(sparse[1], X_valid, y_valid) > max(scores)
    assert 0 < np.count_nonzero(sparse[1][1:]) < 300
    assert np.count_nonzero(sparse[10][1:]) < 30
    assert log_likelihood(sparse[10], X_valid, y_valid) < log_likelihood(sparse[5], X_valid, y_valid)
    assert np.count_nonzero(names["path"][1, 1:]) == 350
    low, high, at_zero = map(float, re.search(
        r"not 0: from (\S+) to (\S+)\npull at the weights that are 0: at most (\S+)", printed
    ).groups())  # fmt: skip
    assert 2.99 < low <= high < 3.01
    assert at_zero < 3.005


def test_the_libraries_agree_as_the_lesson_says(lesson):
    _, _, printed = lesson
    found = dict(re.findall(r"^(L1, saga|L2, SGD|Ridge): .*largest difference (\S+)$", printed, re.M))
    assert float(found["L1, saga"]) < 5e-3
    assert float(found["L2, SGD"]) < 5e-2
    assert float(found["Ridge"]) < 1e-9
    newton = re.search(r"largest difference of a weight (\S+)", printed)[1]
    assert float(newton) < 1e-8
    intercepts = re.search(r"yours (\S+) +lbfgs (\S+) +liblinear (\S+)", printed).groups()
    yours, lbfgs, liblinear = map(float, intercepts)
    assert yours == lbfgs == pytest.approx(math.log(19), abs=0.01)
    assert liblinear < 1


def test_the_picture_of_circle_and_diamond_is_computed_right():
    """Where the figure has the smallest ellipse touch the diamond, weight 2 is 0; on the circle it is not."""
    centre, A = np.array([1.6, 0.35]), np.array([[1.0, 0.35], [0.35, 0.8]])

    def error(w):
        return (w - centre) @ A @ (w - centre)

    on_circle = minimize(error, [1, 0], constraints={"type": "eq", "fun": lambda w: 1 - w @ w}).x
    assert on_circle == pytest.approx([0.94, 0.34], abs=0.005)
    slope = 2 * A @ (np.array([1.0, 0.0]) - centre)
    assert abs(slope[0]) > abs(slope[1])  # so that the corner is the best point of the diamond
