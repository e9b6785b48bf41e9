"""Exercises of lesson 04: overconfidence, L2 and L1 penalties, and choosing the strength."""

import numpy as np

from helpers import regularization
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import floats, int8, named, uint8
from helpers.logistic_regression import log_likelihood, log_likelihood_gradient, sigmoid

# Two samples that a line through the origin tells apart, and their labels.
_PAIR = np.array([[1.0, 1.0], [1.0, -1.0]])
_PAIR_LABELS = floats(1, 0)
_SCORES = np.array([[1.0, 2.0, 3.0], [1.0, -1.0, -1.0]])  # with w = (1, 3, -1) the scores are 4 and -1


def _samples(rng, n_features=(3, 5)):
    """Features with a column of ones, never square, and labels of both classes."""
    d = int(rng.integers(*n_features))
    n = d + int(rng.integers(1, 4))
    X = np.column_stack([np.ones(n), rng.normal(scale=1.5, size=(n, d - 1)).round(1)])
    y = np.zeros(n)
    y[rng.choice(n, size=rng.integers(1, n), replace=False)] = 1.0
    return X, y


def _strength(rng):
    return float(rng.choice([0.3, 0.7, 1.5, 2.5, 4.0]))  # not 1, whose square and root are 1


# -- polynomial_features ------------------------------------------------------------------------


def _powers(x, exponents):
    return np.asarray(x, dtype=float)[:, np.newaxis] ** np.asarray(exponents)


def _forgot_the_ones(x, degree):
    return _powers(x, np.arange(1, degree + 1))


def _one_power_short(x, degree):
    return _powers(x, np.arange(degree))


def _one_power_too_many(x, degree):
    return _powers(x, np.arange(degree + 2))


def _highest_power_first(x, degree):
    return _powers(x, np.arange(degree, -1, -1))


def _one_row_per_power(x, degree):
    return _powers(x, np.arange(degree + 1)).T


def _multiples_instead_of_powers(x, degree):
    return np.outer(np.asarray(x, dtype=float), np.arange(degree + 1))


def _starts_at_the_first_power(x, degree):
    return _powers(x, np.arange(1, degree + 2))


def _base_and_exponent_exchanged(x, degree):
    with np.errstate(all="ignore"):
        return np.arange(degree + 1.0) ** np.asarray(x, dtype=float)[:, np.newaxis]


def _added_up_the_powers(x, degree):
    return np.sum(_powers(x, np.arange(degree + 1)), axis=1)


def _only_the_highest_power(x, degree):
    return _powers(x, [0, degree]) if degree else _powers(x, [0])


def _cut_to_whole_numbers(x, degree):
    return np.trunc(_powers(x, np.arange(degree + 1)))


def _zeros_for_the_first_column(x, degree):
    X = _powers(x, np.arange(degree + 1))
    X[:, 0] = 0.0
    return X


def _powers_of_narrow_integers(x, degree):
    return np.column_stack([x**k for k in range(degree + 1)])


def _draw_polynomial(rng):
    n = int(rng.integers(2, 7))
    degree = int(rng.choice([k for k in range(1, 6) if k + 1 != n]))
    return rng.normal(scale=2, size=n).round(1), degree


POLYNOMIAL_FEATURES = Exercise(
    reference=regularization.polynomial_features,
    points=1,
    cases=(
        Case("two numbers, degree 2", (floats(2, -3), 2), np.array([[1.0, 2, 4], [1, -3, 9]])),
        Case(
            "a fraction, degree 3",
            (floats(-0.5, 2), 3),
            np.array([[1.0, -0.5, 0.25, -0.125], [1, 2, 4, 8]]),
        ),
        Case("degree 1", (floats(5, -1, 0.5), 1), np.array([[1.0, 5], [1, -1], [1, 0.5]])),
        Case("degree 0: a column of ones", (floats(5, -1, 2), 0), np.array([[1.0], [1], [1]])),
        Case("a zero, and zero to the power 0 is 1", (floats(0, 2), 2), np.array([[1.0, 0, 0], [1, 2, 4]])),
        Case("a single number", (floats(3), 4), np.array([[1.0, 3, 9, 27, 81]])),
        Case(
            "a list of integers", ([1, -2, 3], 3), np.array([[1.0, 1, 1, 1], [1, -2, 4, -8], [1, 3, 9, 27]])
        ),
        Case(
            "8-bit integers, whose squares do not fit",
            (int8(100, -20, 3), 2),
            np.array([[1.0, 100, 10000], [1, -20, 400], [1, 3, 9]]),
        ),
        Case("powers that fit into no integer", (np.array([1000]), 7), 1000.0 ** np.arange(8)[np.newaxis]),
    ),
    draw=_draw_polynomial,
    misconceptions=(
        Misconception(
            _forgot_the_ones,
            "You left out the power 0, whose column of ones is the intercept. Begin at 0.",
        ),
        Misconception(
            _one_power_short,
            "The highest power is missing: `range(degree)` ends at degree - 1. Go one further.",
        ),
        Misconception(
            _one_power_too_many,
            "You went one power too far. The last column is `x**degree`: stop there.",
        ),
        Misconception(
            _highest_power_first,
            "The columns run from the highest power down (the default of `np.vander`). Let them begin with "
            "the power 0.",
        ),
        Misconception(
            _one_row_per_power,
            "You made one row per power. Each number of `x` has a row, each power a column: transpose.",
        ),
        Misconception(
            _multiples_instead_of_powers,
            "You multiplied by 0, 1, 2, …. Raise to these powers instead: `**`, not `*`.",
        ),
        Misconception(
            _starts_at_the_first_power,
            "Your first column is `x` itself. Begin with the power 0, a column of ones, and end with the "
            "power `degree`.",
        ),
        Misconception(
            _base_and_exponent_exchanged,
            "You raised 0, 1, 2, … to the power x. Exchange base and exponent: x to the powers 0, 1, 2, ….",
        ),
        Misconception(
            _added_up_the_powers,
            "You added up the powers of each number. Keep them apart, one column for each power.",
        ),
        Misconception(
            _only_the_highest_power,
            "Only the ones and the highest power are there. Add a column for each power in between.",
        ),
        Misconception(
            _cut_to_whole_numbers,
            "The fractions are cut off: the powers went into an array of integers. Make it an array of "
            "floats.",
        ),
        Misconception(
            _zeros_for_the_first_column,
            "Your column 0 holds zeros. Any number to the power 0 is 1: fill it with ones.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _powers_of_narrow_integers),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, 100² is 16), and a list "
            "has no powers: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "One row for each number, one column for each power. What stands in column 0, whatever the number?",
        "Entry (i, k) is xᵢ to the power k, for k = 0, 1, …, degree.",
        "Broadcasting does it in one expression: a column of numbers, shape (n, 1), raised to a row of "
        "exponents, shape (degree + 1,). Or collect one column for each power and stack them.",
    ),
    showed=(
        "Powers grow apart fast: at x = 10 the columns of degree 8 reach from 1 to 100,000,000, so scale x "
        "to about 1 before you take them."
    ),
)

# -- ridge_regression ---------------------------------------------------------------------------


def _penalised(name, penalty):
    """Ridge regression by normal equations with another matrix added to ``X.T @ X``."""

    def ridge_regression(X, y, l2_strength):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        n, d = X.shape
        but_intercept = np.diag(np.arange(d) > 0).astype(float)
        return np.linalg.lstsq(X.T @ X + penalty(l2_strength, but_intercept, n), X.T @ y, rcond=None)[0]

    return named(name, ridge_regression)


def _last_column_free(l2_strength, but_intercept, n):
    return l2_strength * but_intercept[::-1, ::-1]


def _returned_the_predictions(X, y, l2_strength):
    return np.asarray(X, dtype=float) @ regularization.ridge_regression(X, y, l2_strength)


def _left_out_the_intercept(X, y, l2_strength):
    X, y = np.asarray(X, dtype=float)[:, 1:], np.asarray(y, dtype=float)
    slopes = np.linalg.lstsq(X.T @ X + l2_strength * np.eye(X.shape[1]), X.T @ y, rcond=None)[0]
    return np.append(0.0, slopes)


def _mean_as_intercept(X, y, l2_strength):
    w = _left_out_the_intercept(X, y, l2_strength)
    w[0] = np.mean(np.asarray(y, dtype=float))
    return w


def _shrunk_afterwards(X, y, l2_strength):
    w = regularization.ridge_regression(X, y, 0.0)
    w[1:] = w[1:] / (1 + l2_strength)
    return w


def _returned_only_the_slopes(X, y, l2_strength):
    return regularization.ridge_regression(X, y, l2_strength)[1:]


def _normal_equations_of_narrow_integers(X, y, l2_strength):
    price = l2_strength * np.eye(X.shape[1])
    price[0, 0] = 0
    return np.linalg.solve(X.T @ X + price, X.T @ y)


def _draw_ridge(rng):
    X, _ = _samples(rng)
    return X, rng.normal(loc=2, scale=4, size=len(X)).round(1), _strength(rng)


RIDGE_REGRESSION = Exercise(
    reference=regularization.ridge_regression,
    points=2,
    cases=(
        Case("two points, strength 2", (_PAIR, floats(5, 1), 2.0), floats(3, 1)),
        Case("two points, strength 0: a line through both", (_PAIR, floats(5, 1), 0.0), floats(3, 2)),
        Case(
            "points to the right of 0, strength 2",
            (np.array([[1.0, 0], [1, 1], [1, 2]]), floats(1, 3, 5), 2.0),
            floats(2, 1),
        ),
        Case(
            "two features, strength 4",
            (np.array([[1.0, 1, 1], [1, -1, 1], [1, 1, -1], [1, -1, -1]]), floats(6, 2, 0, -4), 4.0),
            floats(1, 1, 1.5),
        ),
        Case("a very large strength leaves the mean", (_PAIR, floats(5, 1), 1e15), floats(3, 0)),
        Case("one sample, three columns", (np.array([[1.0, 2, 3]]), floats(5), 1.0), floats(5, 0, 0)),
        Case("lists of integers", ([[1, 0], [1, 2], [1, 4]], [2, 6, 10], 8), floats(4, 1)),
        Case(
            "8-bit integers, whose products do not fit",
            (np.array([[1, 100], [1, -100]], dtype=np.int8), int8(100, -100), 20000.0),
            floats(0, 0.5),
        ),
    ),
    draw=_draw_ridge,
    misconceptions=(
        Misconception(
            _penalised("penalised_the_intercept", lambda s, but, n: s * np.eye(len(but))),
            "You charged for the intercept as well, which drags all predictions towards 0. Set the first "
            "entry of the penalty's diagonal to 0.",
        ),
        Misconception(
            _penalised("ignored_the_strength", lambda s, but, n: 0.0),
            "This is plain least squares: the strength does not change the result. Add `l2_strength` to the "
            "diagonal of `X.T @ X`, but for its first entry.",
        ),
        Misconception(
            _penalised("half_the_strength", lambda s, but, n: s / 2 * but),
            "You charged half the price. Both squares of the objective give a factor 2 in the derivative, "
            "which cancels: add the full `l2_strength`.",
        ),
        Misconception(
            _penalised("twice_the_strength", lambda s, but, n: 2 * s * but),
            "You charged twice the price. Both squares of the objective give a factor 2 in the derivative, "
            "which cancels: add `l2_strength` once.",
        ),
        Misconception(
            _penalised("strength_squared", lambda s, but, n: s**2 * but),
            "Your price is the square of the strength. In rows added to `X`, each is squared: let them hold "
            "the root of `l2_strength`.",
        ),
        Misconception(
            _penalised("strength_times_samples", lambda s, but, n: n * s * but),
            "You multiplied the strength by the number of samples, as for a mean of squared errors. Here the "
            "errors are summed: add `l2_strength` as it is.",
        ),
        Misconception(
            _penalised("wrong_sign_of_the_penalty", lambda s, but, n: -s * but),
            "You subtracted the strength, which rewards large weights. Add it to the diagonal.",
        ),
        Misconception(
            _penalised("added_to_every_entry", lambda s, but, n: s),
            "You added the strength to every entry of `X.T @ X`. Add it on the diagonal only, times an "
            "identity matrix whose first entry is 0.",
        ),
        Misconception(
            _penalised("left_the_last_column_free", _last_column_free),
            "The last weight costs nothing in yours. It is the first one, the intercept, that is free: set "
            "the first entry of the diagonal to 0.",
        ),
        Misconception(
            _returned_the_predictions,
            "You returned the fitted values `X @ w`. Return the weights `w`.",
        ),
        Misconception(
            _left_out_the_intercept,
            "Your intercept is always 0. Solve for all weights together, with column 0 in `X`.",
        ),
        Misconception(
            _mean_as_intercept,
            "You took the mean of `y` for the intercept, which holds only where all columns have mean 0. "
            "Solve for all weights together.",
        ),
        Misconception(
            _shrunk_afterwards,
            "You solved without a price and divided the weights afterwards. Put the price into the "
            "equations: it changes the intercept, too, and shrinks some weights more than others.",
        ),
        Misconception(
            _returned_only_the_slopes,
            "The intercept is missing from the result. Return all weights, the intercept first.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _normal_equations_of_narrow_integers),
            "Right for arrays of floats. But products of narrow integers wrap around, and lists have no "
            "products: turn `X` and `y` into floats first, `np.asarray(X, dtype=float)`.",
        ),
    ),
    hints=(
        "At the minimum the gradient is 0. That gives as many linear equations as there are weights.",
        "(XᵀX + α D) w = Xᵀy, where D is the identity matrix with a 0 in its first place.",
        "Build D with `np.eye`, correct one entry, and let `np.linalg.solve` do the rest. (Or least squares "
        "on `X` with more rows below it: one for each weight that has a price.)",
    ),
    showed=(
        "Any strength above 0 makes the weights unique, even with more columns than rows, where plain least "
        "squares has infinitely many answers."
    ),
    # The cases have condition numbers below 1e3, so that normal equations lose six digits at most.
    rtol=1e-6,
    atol=1e-8,
)

# -- regularized_log_likelihood -----------------------------------------------------------------


def _objective(name, price, of_data=log_likelihood):
    """A regularised log-likelihood with another price, or with other data terms."""

    def regularized_log_likelihood(w, X, y, l2_strength):
        w, X, y = (np.asarray(a, dtype=float) for a in (w, X, y))
        return of_data(w, X, y) - price(w, l2_strength, len(X))

    return named(name, regularized_log_likelihood)


def _true_price(w, strength, n):
    return strength * np.sum(w[1:] ** 2)


def _mean_log_likelihood(w, X, y):
    return log_likelihood(w, X, y) / len(y)


def _exponential_overflows(w, X, y):
    scores = X @ w
    return np.sum((y - 1) * scores - np.log(1 + np.exp(-scores)))


def _logarithm_of_0(w, X, y):
    p = sigmoid(X @ w)
    return np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def _exponential_overflows_upwards(w, X, y):
    scores = X @ w
    return np.sum(y * scores - np.log(1 + np.exp(scores)))


def _probabilities_clipped(w, X, y):
    p = np.clip(sigmoid(X @ w), 1e-15, 1 - 1e-15)
    return np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def _labels_exchanged(w, X, y):
    return log_likelihood(w, X, 1 - y)


def _negated(w, X, y, l2_strength):
    return -regularization.regularized_log_likelihood(w, X, y, l2_strength)


def _mean_of_everything(w, X, y, l2_strength):
    return regularization.regularized_log_likelihood(w, X, y, l2_strength) / len(y)


def _mean_loss_of_a_textbook(w, X, y, l2_strength):
    return -regularization.regularized_log_likelihood(w, X, y, l2_strength / 2) / len(y)


def _objective_of_narrow_integers(w, X, y, l2_strength):
    return log_likelihood(w, X, y) - l2_strength * np.sum(w[1:] ** 2)


def _draw_objective(rng):
    X, y = _samples(rng)
    w = rng.normal(scale=1.5, size=X.shape[1]).round(1)
    w[w == 0] = 0.5
    return w, X, y, _strength(rng)


REGULARIZED_LOG_LIKELIHOOD = Exercise(
    reference=regularization.regularized_log_likelihood,
    points=1,
    cases=(
        Case(
            "scores 4 and -1, strength 2",
            (floats(1, 3, -1), _SCORES, floats(0, 1), 2.0),
            -25.331411615436032,
        ),
        Case(
            "strength 0: the log-likelihood alone",
            (floats(1, 3, -1), _SCORES, floats(0, 1), 0.0),
            -5.331411615436032,
        ),
        Case("weights of zero cost nothing", (floats(0, 0), _PAIR, floats(0, 1), 3.0), -1.3862943611198906),
        Case(
            "the intercept costs nothing",
            (floats(2), np.array([[1.0], [1.0]]), floats(1, 0), 7.0),
            -2.2538560220859454,
        ),
        Case("a score of 10,000, rightly positive", (floats(0, 1), [[1.0, 1e4]], floats(1), 3.0), -3.0),
        Case("a score of 10,000, wrongly positive", (floats(0, 1), [[1.0, 1e4]], floats(0), 3.0), -10003.0),
        Case("a score of -10,000", (floats(0, -1), [[1.0, 1e4]], floats(1), 3.0), -10003.0),
        Case("lists of integers", ([0, 2, 1], [[1, 1, -2]], [1], 3), -15.693147180559945),
        Case(
            "8-bit integers, whose squares do not fit",
            (int8(0, 16, 16), np.array([[1, 0, 0]], dtype=np.int8), uint8(1), 1.0),
            -512.6931471805599,
        ),
    ),
    draw=_draw_objective,
    misconceptions=(
        Misconception(
            _objective("penalised_the_intercept", lambda w, s, n: s * np.sum(w**2)),
            "You charged for the intercept as well. Leave it out of the price: `w[1:]`.",
        ),
        Misconception(
            _objective("wrong_sign_of_the_penalty", lambda w, s, n: -_true_price(w, s, n)),
            "You added the price, so that large weights are rewarded. We maximise: subtract it.",
        ),
        Misconception(
            _objective("forgot_the_squares", lambda w, s, n: s * np.sum(w[1:])),
            "You charged for the plain sum of the weights, in which signs cancel. Square each weight first.",
        ),
        Misconception(
            _objective("absolute_values_for_squares", lambda w, s, n: s * np.sum(np.abs(w[1:]))),
            "You charged for the absolute values, which is the L1 penalty. Square the weights instead.",
        ),
        Misconception(
            _objective("took_the_root", lambda w, s, n: s * np.sqrt(np.sum(w[1:] ** 2))),
            "You charged for the norm of the weights. The price is its square: leave out the root.",
        ),
        Misconception(
            _objective("half_the_penalty", lambda w, s, n: _true_price(w, s, n) / 2),
            "You charged half the price. Some textbooks do, and so do some libraries; this course does not: "
            "leave out the factor 1/2.",
        ),
        Misconception(
            _objective("penalty_over_samples", lambda w, s, n: _true_price(w, s, n) / n),
            "You divided the price by the number of samples. Here the log-likelihood is a sum, and the price "
            "stands beside it undivided: leave that out.",
        ),
        Misconception(
            _objective("square_of_the_sum", lambda w, s, n: s * np.sum(w[1:]) ** 2),
            "You squared the sum of the weights. Square each weight first, and add afterwards.",
        ),
        Misconception(
            _objective("left_out_the_last_weight", lambda w, s, n: s * np.sum(w[:-1] ** 2)),
            "You left the last weight out of the price, and charged for the first. The intercept is `w[0]`: "
            "use `w[1:]`.",
        ),
        Misconception(
            _objective("ignored_the_strength", lambda w, s, n: 0.0),
            "This is the log-likelihood alone. Subtract the price of the weights.",
        ),
        Misconception(
            _objective("strength_squared", lambda w, s, n: s * _true_price(w, s, n)),
            "The strength is squared together with the weights. Square the weights alone, and multiply by "
            "the strength once.",
        ),
        Misconception(
            _objective("mean_for_sum", _true_price, _mean_log_likelihood),
            "You averaged the log-likelihood. It is a sum over the samples: do not divide by their number.",
        ),
        Misconception(
            _negated,
            "You returned the loss, to be minimised. This course maximises: turn the sign of the whole "
            "result.",
        ),
        Misconception(
            _objective(
                "returned_a_loss_and_subtracted_the_price", _true_price, lambda *a: -log_likelihood(*a)
            ),
            "The log-likelihood has the wrong sign, the price the right one. Take the log-likelihood as it "
            "is, and subtract the price.",
        ),
        Misconception(
            _objective("labels_exchanged", _true_price, _labels_exchanged),
            "The labels 0 and 1 are exchanged. A label 1 should gain from a high score: call "
            "`log_likelihood`, or turn the sign of the scores.",
        ),
        Misconception(
            _objective("exponential_overflows", _true_price, _exponential_overflows),
            "Right for small scores, but the exponential overflows for large ones. Call `log_likelihood` of "
            "lesson 03, or compute log(1 + exp(z)) with `np.logaddexp(0, z)`.",
        ),
        Misconception(
            _objective("exponential_overflows_upwards", _true_price, _exponential_overflows_upwards),
            "Right for small scores, but `np.exp` of a large positive score overflows. Call "
            "`log_likelihood` of lesson 03, or compute log(1 + exp(z)) with `np.logaddexp(0, z)`.",
        ),
        Misconception(
            _objective("probabilities_clipped", _true_price, _probabilities_clipped),
            "Right for small scores, but the probabilities are kept away from 0 and 1, so that no mistake "
            "can cost more than 35 nats. Call `log_likelihood` of lesson 03, which works on the scores.",
        ),
        Misconception(
            _mean_of_everything,
            "You divided the whole result by the number of samples. It is a sum: leave that out.",
        ),
        Misconception(
            _mean_loss_of_a_textbook,
            "This is the mean loss of another course, with a price of α / (2 n). Here it is the sum that "
            "counts, to be maximised, with a price of α: start from `log_likelihood`.",
        ),
        Misconception(
            _objective("logarithm_of_0", _true_price, _logarithm_of_0),
            "Right for small scores, but a probability rounds to 0 or 1 for large ones, and the logarithm "
            "of 0 is infinite. Call `log_likelihood` of lesson 03, which works on the scores.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _objective_of_narrow_integers),
            "Right for arrays of floats. But squares of narrow integers wrap around (in 8 bits, 16² is 0), "
            "and a list has no square: turn `w` into floats first, `np.asarray(w, dtype=float)`.",
        ),
    ),
    hints=(
        "How well the weights explain the labels, less what the weights cost. The first part you have "
        "already.",
        "The price is α (w₁² + w₂² + …). Which weight is missing from that sum?",
        "Turn `w` into an array of floats, call `log_likelihood`, and subtract the strength times a sum of "
        "squares over the slice that leaves out the intercept.",
    ),
    showed=(
        "Doubling all weights doubles every score but quadruples the price: certainty gets dearer the more "
        "of it there is."
    ),
    warnings_fail=True,
)

# -- regularized_gradient -----------------------------------------------------------------------


def _gradient(name, price, of_data=log_likelihood_gradient):
    """A regularised gradient that subtracts another price from all entries but the first."""

    def regularized_gradient(w, X, y, l2_strength):
        w, X, y = (np.asarray(a, dtype=float) for a in (w, X, y))
        gradient = np.array(of_data(w, X, y))
        gradient[1:] -= price(w[1:], l2_strength, len(X))
        return gradient

    return named(name, regularized_gradient)


def _true_pull(w, strength, n):
    return 2 * strength * w


def _intercept_penalised(w, X, y, l2_strength):
    return log_likelihood_gradient(w, X, y) - 2 * l2_strength * np.asarray(w, dtype=float)


def _intercept_not_learnt(w, X, y, l2_strength):
    gradient = regularization.regularized_gradient(w, X, y, l2_strength)
    gradient[0] = 0.0
    return gradient


def _downhill(w, X, y, l2_strength):
    return -regularization.regularized_gradient(w, X, y, l2_strength)


def _last_weight_free(w, X, y, l2_strength):
    w = np.asarray(w, dtype=float)
    return log_likelihood_gradient(w, X, y) - 2 * l2_strength * np.append(w[:-1], 0.0)


def _without_the_intercept(w, X, y, l2_strength):
    return regularization.regularized_gradient(w, X, y, l2_strength)[1:]


def _one_number_for_all(w, X, y, l2_strength):
    w = np.asarray(w, dtype=float)
    return log_likelihood_gradient(w, X, y) - 2 * l2_strength * np.sum(w[1:])


def _half_and_intercept_penalised(w, X, y, l2_strength):
    return log_likelihood_gradient(w, X, y) - l2_strength * np.asarray(w, dtype=float)


def _mean_of_the_whole_gradient(w, X, y, l2_strength):
    return regularization.regularized_gradient(w, X, y, l2_strength) / len(y)


def _gradient_of_a_textbook(w, X, y, l2_strength):
    return -regularization.regularized_gradient(w, X, y, l2_strength / 2) / len(y)


def _gradient_of_narrow_integers(w, X, y, l2_strength):
    gradient = log_likelihood_gradient(w, X, y)
    gradient[1:] -= 2 * l2_strength * w[1:]
    return gradient


REGULARIZED_GRADIENT = Exercise(
    reference=regularization.regularized_gradient,
    points=2,
    cases=(
        Case(
            "scores 4 and -1, strength 2",
            (floats(1, 3, -1), _SCORES, floats(0, 1), 2.0),
            floats(-0.2509552114079036, -14.695086158705822, 0.32290005125626957),
        ),
        Case(
            "strength 0: the gradient of the log-likelihood",
            (floats(1, 3, -1), _SCORES, floats(0, 1), 0.0),
            floats(-0.2509552114079036, -2.695086158705822, -3.6770999487437304),
        ),
        Case("weights of zero: no pull", (floats(0, 0, 0), _SCORES, floats(0, 1), 5.0), floats(0, -1.5, -2)),
        Case(
            "the intercept is not pulled",
            (floats(2), np.array([[1.0], [1.0]]), floats(1, 0), 7.0),
            floats(-0.7615941559557649),
        ),
        Case("a score of 10,000", (floats(0, 1), [[1.0, 1e4]], floats(0), 3.0), floats(-1, -10006)),
        Case("a score of -10,000", (floats(0, -1), [[1.0, 1e4]], floats(0), 3.0), floats(0, 6)),
        Case("lists of integers", ([0, 2, 1], [[1, 1, -2]], [1], 1.5), floats(0.5, -5.5, -4)),
        Case(
            "8-bit weights, which do not fit when doubled",
            (int8(0, 100, 1), np.array([[1, 0, 0]], dtype=np.int8), uint8(1), 2),
            floats(0.5, -400, -4),
        ),
    ),
    draw=_draw_objective,
    misconceptions=(
        Misconception(
            _gradient("constant_penalty", lambda w, s, n: -s),
            "You added the strength itself, the same for every weight. (So did a solution that was "
            "published.) The derivative of α w² is 2 α w: subtract `2 * l2_strength * w[1:]`.",
        ),
        Misconception(
            _gradient("subtracted_the_strength", lambda w, s, n: s),
            "You subtracted the strength itself, the same from every weight. The derivative of α w² is 2 α "
            "w: multiply by twice the weight.",
        ),
        Misconception(
            _gradient("subtracted_twice_the_strength", lambda w, s, n: 2 * s),
            "You subtracted 2 α, the same from every weight. The derivative of α w² is 2 α w: multiply by "
            "the weight.",
        ),
        Misconception(
            _gradient("half_the_penalty", lambda w, s, n: s * w),
            "The factor 2 is missing: the derivative of α w² is 2 α w. Double the pull.",
        ),
        Misconception(
            _intercept_penalised,
            "You pulled at the intercept as well. It costs nothing: leave the first entry as it is.",
        ),
        Misconception(
            _gradient("wrong_sign_of_the_penalty", lambda w, s, n: -2 * s * w),
            "The penalty pushes the weights away from zero. It is subtracted in the objective, so subtract "
            "its derivative.",
        ),
        Misconception(
            _gradient("wrong_sign_and_half", lambda w, s, n: -s * w),
            "The penalty pushes away from zero, and its factor 2 is missing. Subtract 2 α w.",
        ),
        Misconception(
            _gradient("squared_the_weights", lambda w, s, n: 2 * s * w**2),
            "You subtracted 2 α w²: a mixture of the price and its derivative. The derivative of w² is 2 w: "
            "drop the square.",
        ),
        Misconception(
            _gradient("price_instead_of_its_derivative", lambda w, s, n: s * w**2),
            "You subtracted the price α w² itself. Subtract its derivative, 2 α w.",
        ),
        Misconception(
            _gradient("pull_of_the_l1_penalty", lambda w, s, n: s * np.sign(w)),
            "You subtracted the strength times the sign, which is the pull of an L1 penalty. That of the L2 "
            "penalty grows with the weight: subtract 2 α w.",
        ),
        Misconception(
            _gradient("twice_the_penalty", lambda w, s, n: 4 * s * w),
            "The pull is twice what it should be. The derivative of α w² is 2 α w: use the factor 2 once.",
        ),
        Misconception(
            _half_and_intercept_penalised,
            "You subtracted α w from all entries: the factor 2 is missing, and the intercept is pulled as "
            "well. Subtract 2 α w from all entries but the first.",
        ),
        Misconception(
            _mean_of_the_whole_gradient,
            "You divided the whole gradient by the number of samples. The objective is a sum: leave that "
            "out.",
        ),
        Misconception(
            _gradient_of_a_textbook,
            "This is the gradient of another course's mean loss, with a price of α / (2 n). Here it is the "
            "sum that counts, to be maximised, with a price of α: start from `log_likelihood_gradient`.",
        ),
        Misconception(
            _gradient("ignored_the_strength", lambda w, s, n: 0.0),
            "This is the gradient of the log-likelihood alone. Subtract the derivative of the price.",
        ),
        Misconception(
            _gradient("penalty_over_samples", lambda w, s, n: 2 * s * w / n),
            "You divided the pull by the number of samples. Here everything is a sum: leave that out.",
        ),
        Misconception(
            _gradient("strength_squared", lambda w, s, n: 2 * s**2 * w),
            "You squared the strength. The derivative of α w² is 2 α w: use the strength as it is.",
        ),
        Misconception(
            _gradient("mean_for_sum", _true_pull, lambda w, X, y: log_likelihood_gradient(w, X, y) / len(y)),
            "You averaged the gradient of the log-likelihood over the samples. It is a sum: do not divide by "
            "their number.",
        ),
        Misconception(
            _gradient("only_the_data_downhill", _true_pull, lambda *a: -log_likelihood_gradient(*a)),
            "The part of the data has the wrong sign, that of the price the right one. Use `y - σ(Xw)`, not "
            "the other way round.",
        ),
        Misconception(
            _downhill,
            "You returned the gradient of the loss, which points downhill. This course climbs: turn the "
            "sign of the whole result.",
        ),
        Misconception(
            _intercept_not_learnt,
            "The first entry is 0, so that the intercept would never be learnt. It has no price, but the "
            "data pull at it: leave the first entry of the log-likelihood's gradient as it is.",
        ),
        Misconception(
            _last_weight_free,
            "You spared the last weight instead of the first. The intercept is `w[0]`: spare that one.",
        ),
        Misconception(
            _without_the_intercept,
            "The intercept's entry is missing. Return one entry for each weight, the intercept's first.",
        ),
        Misconception(
            _one_number_for_all,
            "You subtracted the sum of all pulls from every entry. Each weight is pulled by its own size: "
            "leave out the sum.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _gradient_of_narrow_integers),
            "Right for arrays of floats. But narrow integers wrap around when they are doubled, and a list "
            "is no array: turn `w` into floats first, `np.asarray(w, dtype=float)`.",
        ),
    ),
    hints=(
        "The gradient of a difference is the difference of the gradients. One of the two you have already.",
        "The price is α (w₁² + w₂² + …). What is its derivative with respect to w₁? And to the intercept?",
        "Compute `log_likelihood_gradient`, which is a new array, and change the slice of it that leaves out "
        "the intercept.",
    ),
    showed=(
        "A price leaves the intercept's slope alone, so at the top the errors still add up to 0, however "
        "strong the price."
    ),
)

# -- largest_stable_rate ------------------------------------------------------------------------


def _eigenvalues(X):
    X = np.asarray(X, dtype=float)
    return np.linalg.eigvalsh(X.T @ X)


def _rate(name, formula, measure=lambda X: _eigenvalues(X)[-1]):
    """A bound with another formula, or with another measure of the curvature."""

    def largest_stable_rate(X, l2_strength=0.0):
        return formula(measure(np.asarray(X, dtype=float)), l2_strength)

    return named(name, largest_stable_rate)


def _true_rate(eigenvalue, strength):
    return 2 / (eigenvalue / 4 + 2 * strength)


def _rate_of_narrow_integers(X, l2_strength=0.0):
    return 2 / (np.linalg.eigvalsh(X.T @ X)[-1] / 4 + 2 * l2_strength)


def _draw_rate(rng):
    X, _ = _samples(rng)
    return X, _strength(rng)


LARGEST_STABLE_RATE = Exercise(
    reference=regularization.largest_stable_rate,
    points=1,
    cases=(
        Case("columns at right angles, strength 1", (_PAIR, 1.0), 0.8),
        Case("no price", (_PAIR, 0.0), 4.0),
        Case("the strength left out", (_PAIR,), 4.0),
        Case("ones alone", (np.ones((8, 1)), 0.0), 1.0),
        Case("columns that are multiples of each other", (np.array([[1.0, 2], [1, 2], [1, 2]]), 0.125), 0.5),
        Case("more columns than rows", (np.array([[1.0, 1, 1, 1]]), 2.0), 0.4),
        Case("the strength decides", (_PAIR, 99999.75), 1e-5),
        Case("a list of integers", ([[1, 1], [1, -1]], 2), 4 / 9),
        Case(
            "8-bit integers, whose products do not fit",
            (np.array([[1, 100], [1, -100]], dtype=np.int8), 0.0),
            4e-4,
        ),
    ),
    draw=_draw_rate,
    misconceptions=(
        Misconception(
            _rate("forgot_the_quarter", lambda v, s: 2 / (v + 2 * s)),
            "The slope of the sigmoid is at most 1/4, which flattens the hill. Divide the eigenvalue by 4.",
        ),
        Misconception(
            _rate("penalty_counted_once", lambda v, s: 2 / (v / 4 + s)),
            "The curvature of α w² is 2 α. Add twice the strength.",
        ),
        Misconception(
            _rate("ignored_the_strength", lambda v, s: 2 / (v / 4)),
            "The price bends the hill, too. Add 2 α to the curvature before you divide.",
        ),
        Misconception(
            _rate("forgot_quarter_and_strength", lambda v, s: 2 / v),
            "This is the bound for least squares without a price. Divide the eigenvalue by 4, for the slope "
            "of the sigmoid, and add 2 α.",
        ),
        Misconception(
            _rate("quarter_of_everything", lambda v, s: 2 / ((v + 2 * s) / 4)),
            "You divided the price by 4 as well. The quarter belongs to the sigmoid: divide the eigenvalue "
            "alone.",
        ),
        Misconception(
            _rate("one_over_the_curvature", lambda v, s: 1 / (v / 4 + 2 * s)),
            "1 / curvature is a safe rate, but the bound is twice that. Put a 2 in the numerator.",
        ),
        Misconception(
            _rate("eigenvalue_halved", lambda v, s: 2 / (v / 2 + 2 * s)),
            "You halved the eigenvalue (or put a 1 above the line and counted the price once, which is the "
            "same). The slope of the sigmoid is at most 1/4: divide the eigenvalue by 4.",
        ),
        Misconception(
            _rate("subtracted_the_strength", lambda v, s: 2 / (v / 4 - 2 * s)),
            "You subtracted the price's curvature. Both bend the hill the same way: add them.",
        ),
        Misconception(
            _rate("curvature_instead_of_rate", lambda v, s: v / 4 + 2 * s),
            "You returned the curvature. The steeper the bend, the shorter the step: divide 2 by it.",
        ),
        Misconception(
            _rate("inverted", lambda v, s: (v / 4 + 2 * s) / 2),
            "Your fraction is upside down: it grows with the curvature. Divide 2 by the curvature.",
        ),
        Misconception(
            _rate("added_outside_the_fraction", lambda v, s: 2 / (v / 4) + 2 * s),
            "You added 2 α to the fraction. Add it below the line: mind the brackets.",
        ),
        Misconception(
            _rate("multiplied_by_4", lambda v, s: 2 / (4 * v + 2 * s)),
            "You multiplied the eigenvalue by 4. Divide it by 4.",
        ),
        Misconception(
            _rate("singular_value_not_squared", _true_rate, lambda X: np.linalg.norm(X, 2)),
            "You took the spectral norm of `X`. The largest eigenvalue of XᵀX is its square: square it.",
        ),
        Misconception(
            _rate("trace_for_eigenvalue", _true_rate, lambda X: np.sum(X**2)),
            "You took the sum of all squared entries (the sum of all eigenvalues). Take the largest "
            "eigenvalue of XᵀX alone.",
        ),
        Misconception(
            _rate("smallest_eigenvalue", _true_rate, lambda X: _eigenvalues(X)[0]),
            "You took the smallest eigenvalue. The sharpest bend decides: take the largest one "
            "(`np.linalg.eigvalsh` sorts them in rising order).",
        ),
        Misconception(
            _rate("first_eigenvalue", _true_rate, lambda X: np.linalg.eigvals(X.T @ X)[0].real),
            "You took the first eigenvalue, but `np.linalg.eigvals` does not sort them. Take the largest, "
            "or use `np.linalg.eigvalsh`, which puts it last.",
        ),
        Misconception(
            _rate("longest_column", _true_rate, lambda X: np.max(np.sum(X**2, axis=0))),
            "You took the largest entry on the diagonal of XᵀX. Columns that point the same way bend the "
            "hill together: take the largest eigenvalue.",
        ),
        Misconception(
            _rate("mean_over_samples", _true_rate, lambda X: _eigenvalues(X)[-1] / len(X)),
            "You divided by the number of samples, as for a mean. The log-likelihood is a sum: leave that "
            "out.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _rate_of_narrow_integers),
            "Right for arrays of floats. But products of narrow integers wrap around, and a list has no "
            "transpose: turn `X` into floats first, `np.asarray(X, dtype=float)`.",
        ),
    ),
    hints=(
        "The sharper the hill bends, the shorter the step must be. Two things bend it: the data and the "
        "price.",
        "2 / (λ_max(XᵀX) / 4 + 2 α), where λ_max is the largest eigenvalue, and α the strength.",
        "`np.linalg.eigvalsh` gives the eigenvalues of a symmetric matrix in rising order. (The largest one "
        "is also the square of the spectral norm of `X`.)",
    ),
    showed=(
        "With every row taken twice, the bound at strength 0 is half as large: a learning rate for a sum of "
        "losses depends on the number of samples."
    ),
    rtol=1e-6,  # power iteration, as in `spectral_norm` of lesson 01, is right to 1e-6
)

# -- fit_l2_logistic_regression -----------------------------------------------------------------


def _right_step(w, X, y, s, rate):
    return w + rate * regularization.regularized_gradient(w, X, y, s)


def _l2_fit(
    name, step=_right_step, norm=np.linalg.norm, start=0.0, more_steps=0, returned=lambda w, norms: (w, norms)
):
    """A fit with another step, another record, another start or another result."""

    def fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        w, norms = np.full(X.shape[1], start), []
        for _ in range(n_steps + more_steps):
            gradient = regularization.regularized_gradient(w, X, y, l2_strength)
            norms.append(norm(gradient))
            w = step(w, X, y, l2_strength, learning_rate)
        return returned(w, np.array(norms))

    return named(name, fit_l2_logistic_regression)


def _pull(w, strength):
    return 2 * strength * np.append(0.0, w[1:])


def _step_with_wrong(gradient):
    """An ascent step along a wrong gradient, and the norm of that gradient."""

    def fit(X, y, l2_strength, learning_rate, n_steps):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        w, norms = np.zeros(X.shape[1]), []
        for _ in range(n_steps):
            g = gradient(w, X, y, l2_strength)
            norms.append(np.linalg.norm(g))
            w = w + learning_rate * g
        return w, np.array(norms)

    return fit


def _one_weight_after_the_other(w, X, y, s, rate):
    w = w.copy()
    for j in range(len(w)):
        w[j] += rate * regularization.regularized_gradient(w, X, y, s)[j]
    return w


def _norms_after_the_step(X, y, l2_strength, learning_rate, n_steps):
    w, norms = regularization.fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps + 1)
    w, _ = regularization.fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps)
    return w, norms[1:]


def _norms_of_the_data_gradient(X, y, l2_strength, learning_rate, n_steps):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w, norms = np.zeros(X.shape[1]), []
    for _ in range(n_steps):
        norms.append(np.linalg.norm(log_likelihood_gradient(w, X, y)))
        w = w + learning_rate * regularization.regularized_gradient(w, X, y, l2_strength)
    return w, np.array(norms)


def _norms_of_the_step(X, y, l2_strength, learning_rate, n_steps):
    w, norms = regularization.fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps)
    return w, learning_rate * norms


def _norms_without_the_intercept(gradient):
    return np.linalg.norm(gradient[1:])


def _forgot_the_learning_rate(w, X, y, s, rate):
    return w + regularization.regularized_gradient(w, X, y, s)


def _price_without_the_learning_rate(w, X, y, s, rate):
    return w + rate * log_likelihood_gradient(w, X, y) - _pull(w, s)


def _price_after_the_step(w, X, y, s, rate):
    w = w + rate * log_likelihood_gradient(w, X, y)
    return w - rate * _pull(w, s)


def _downhill_step(w, X, y, s, rate):
    return w - rate * regularization.regularized_gradient(w, X, y, s)


def _price_paid_twice(w, X, y, s, rate):
    return w + rate * (regularization.regularized_gradient(w, X, y, s) - _pull(w, s))


def _rate_over_samples(w, X, y, s, rate):
    return w + rate / len(y) * regularization.regularized_gradient(w, X, y, s)


def _returns_in_the_first_round(X, y, l2_strength, learning_rate, n_steps):
    return regularization.fit_l2_logistic_regression(X, y, l2_strength, learning_rate, min(n_steps, 1))


def _objectives_recorded(X, y, l2_strength, learning_rate, n_steps):
    def fit(n):
        return regularization.fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n)[0]

    objective = regularization.regularized_log_likelihood
    return fit(n_steps), np.array([objective(fit(k), X, y, l2_strength) for k in range(n_steps)])


def _replaced_instead_of_added(w, X, y, s, rate):
    return rate * regularization.regularized_gradient(w, X, y, s)


def _draw_fit(rng):
    X, y = _samples(rng)
    rate = float(rng.choice([0.03, 0.05, 0.07]))
    return X, y, _strength(rng), rate, int(rng.integers(2, 6))


FIT_L2_LOGISTIC_REGRESSION = Exercise(
    reference=regularization.fit_l2_logistic_regression,
    points=2,
    cases=(
        Case(
            "one step",
            (np.array([[1.0, 2, 0], [1, -1, 1], [1, 0, 3]]), floats(1, 0, 1), 0.5, 0.1, 1),
            (floats(0.05, 0.15, 0.1), floats(1.8708286933869707)),
        ),
        Case(
            "two steps, strength 1/4",
            (_PAIR, _PAIR_LABELS, 0.25, 1.0, 2),
            (floats(0, 1.0378828427399902), floats(1, 0.0378828427399902)),
        ),
        Case(
            "two steps, strength 0",
            (_PAIR, _PAIR_LABELS, 0.0, 1.0, 2),
            (floats(0, 1.5378828427399902), floats(1, 0.5378828427399902)),
        ),
        Case(
            "the intercept is not pulled",
            (np.array([[1.0, 0], [1, 0]]), floats(1, 1), 1.0, 1.0, 2),
            (floats(1.5378828427399902, 0), floats(1, 0.5378828427399902)),
        ),
        Case(
            "2 · rate · strength = 1: the price takes back the whole weight",
            (_PAIR, _PAIR_LABELS, 1.0, 0.5, 2),
            (floats(0, 0.3775406687981454), floats(1, 0.2449186624037092)),
        ),
        Case("no steps", (_PAIR, _PAIR_LABELS, 1.0, 0.5, 0), (floats(0, 0), floats())),
        Case("lists of integers", ([[1, 1], [1, -1]], [1, 0], 0, 1, 1), (floats(0, 1), floats(1))),
        Case(
            "8-bit integers",
            (np.array([[1, 100], [1, -100]], dtype=np.int8), uint8(1, 0), 0.25, 0.01, 1),
            (floats(0, 1), floats(100)),
        ),
        Case(
            "a gradient that is small from the start",
            (np.array([[1, 1e-5], [1, -1e-5]]), _PAIR_LABELS, 0.25, 1.0, 2),
            (floats(0, 1.5e-5), floats(1e-5, 5e-6)),
        ),
    ),
    draw=_draw_fit,
    misconceptions=(
        Misconception(
            named("penalised_the_intercept", _step_with_wrong(_intercept_penalised)),
            "The intercept is pulled towards 0 as well. Take `regularized_gradient`, which spares it.",
        ),
        Misconception(
            named(
                "ignored_the_strength", _step_with_wrong(lambda w, X, y, s: log_likelihood_gradient(w, X, y))
            ),
            "The result does not depend on the strength. Climb along `regularized_gradient`, not along the "
            "gradient of the log-likelihood.",
        ),
        Misconception(
            named(
                "half_the_penalty",
                _step_with_wrong(lambda w, X, y, s: log_likelihood_gradient(w, X, y) - _pull(w, s / 2)),
            ),
            "The pull lacks its factor 2. Take `regularized_gradient`, or subtract 2 α w.",
        ),
        Misconception(
            named(
                "wrong_sign_of_the_penalty",
                _step_with_wrong(lambda w, X, y, s: log_likelihood_gradient(w, X, y) + _pull(w, s)),
            ),
            "The penalty pushes the weights away from zero. Subtract it, or take `regularized_gradient`.",
        ),
        Misconception(
            named(
                "mean_for_sum",
                _step_with_wrong(lambda w, X, y, s: regularization.regularized_gradient(w, X, y, s) / len(y)),
            ),
            "You divided the gradient by the number of samples. The objective is a sum: leave that out.",
        ),
        Misconception(
            named(
                "mean_of_the_data_only",
                _step_with_wrong(
                    lambda w, X, y, s: log_likelihood_gradient(w, X, y) / len(y) - _pull(w, s),
                ),
            ),
            "You averaged the gradient of the log-likelihood, but not the pull of the price. Both belong to "
            "a sum: divide neither.",
        ),
        Misconception(
            named(
                "penalty_over_samples",
                _step_with_wrong(lambda w, X, y, s: log_likelihood_gradient(w, X, y) - _pull(w, s) / len(y)),
            ),
            "You divided the pull of the price by the number of samples. Leave it as it is.",
        ),
        Misconception(
            named("downhill", _l2_fit("", _downhill_step)),
            "You step against the gradient, downhill. The log-likelihood is to be maximised: add the step.",
        ),
        Misconception(
            named("norms_of_the_data_gradient", _norms_of_the_data_gradient),
            "The weights are right, but you recorded the norm of the log-likelihood's gradient. Record that "
            "of the whole regularised gradient, along which you step.",
        ),
        Misconception(
            _norms_after_the_step,
            "The weights are right, but the norms are those after each step. Record the norm first, then "
            "step.",
        ),
        Misconception(
            _norms_of_the_step,
            "The weights are right, but you recorded the length of the step. Record the norm of the "
            "gradient, without the learning rate.",
        ),
        Misconception(
            _l2_fit("norms_without_the_intercept", norm=_norms_without_the_intercept),
            "The weights are right, but the norms leave out the intercept's entry. It has no price, but it "
            "has a slope: take the norm of the whole gradient.",
        ),
        Misconception(
            _l2_fit("squared_norms", norm=lambda g: np.sum(g**2)),
            "The weights are right, but you recorded the squared norms. Take the root.",
        ),
        Misconception(
            _l2_fit("l1_norms", norm=lambda g: np.sum(np.abs(g))),
            "The weights are right, but you recorded the sum of the absolute values. Take the L2 norm.",
        ),
        Misconception(
            named(
                "norms_of_the_weights",
                lambda X, y, s, rate, n: (
                    regularization.fit_l2_logistic_regression(X, y, s, rate, n)[0],
                    np.array(
                        [
                            np.linalg.norm(regularization.fit_l2_logistic_regression(X, y, s, rate, k + 1)[0])
                            for k in range(n)
                        ]
                    ),
                ),
            ),
            "You recorded the norms of the weights. Record those of the gradient.",
        ),
        Misconception(
            _l2_fit("one_weight_after_the_other", _one_weight_after_the_other),
            "You changed one weight after the other, and computed the predictions anew in between. Compute "
            "the whole gradient once, then change all weights at once.",
        ),
        Misconception(
            _l2_fit("forgot_the_learning_rate", _forgot_the_learning_rate),
            "The gradient was added as it is. Multiply it by the learning rate first.",
        ),
        Misconception(
            _l2_fit("price_without_the_learning_rate", _price_without_the_learning_rate),
            "The learning rate multiplies only the part of the data. Multiply the whole gradient by it: mind "
            "the brackets.",
        ),
        Misconception(
            _l2_fit("price_after_the_step", _price_after_the_step),
            "You took the pull at the weights that had already moved. Compute the whole gradient first, at "
            "the old weights, then step once.",
        ),
        Misconception(
            _l2_fit("price_paid_twice", _price_paid_twice),
            "The price is paid twice: `regularized_gradient` contains the pull already. Subtract nothing "
            "more.",
        ),
        Misconception(
            _l2_fit("rate_over_samples", _rate_over_samples),
            "You divided the learning rate by the number of samples. The objective is a sum: use the rate "
            "as it is.",
        ),
        Misconception(
            _returns_in_the_first_round,
            "It stops after one step: does the `return` stand inside the loop? Move it behind.",
        ),
        Misconception(
            _objectives_recorded,
            "You recorded the objective. Record the norm of its gradient.",
        ),
        Misconception(
            _l2_fit("replaced_instead_of_added", _replaced_instead_of_added),
            "Each step replaces the weights by the step. Add it to the weights.",
        ),
        Misconception(
            _l2_fit("starts_at_ones", start=1.0),
            "You started from weights of 1. Start from zeros.",
        ),
        Misconception(
            _l2_fit("one_step_too_many", more_steps=1),
            "You took one step more than asked for. Take `n_steps` steps.",
        ),
        Misconception(
            named(
                "one_step_too_few",
                lambda X, y, s, rate, n: regularization.fit_l2_logistic_regression(
                    X, y, s, rate, max(n - 1, 0)
                ),
            ),
            "You took one step less than asked for. Take `n_steps` steps, each with its norm.",
        ),
        Misconception(
            _l2_fit("returned_only_the_weights", returned=lambda w, norms: w),
            "You returned only the weights. Return both: `w, gradient_norms`.",
        ),
        Misconception(
            _l2_fit("order_exchanged", returned=lambda w, norms: (norms, w)),
            "You returned the norms first. Return the weights first, then the norms.",
        ),
        Misconception(
            _l2_fit(
                "returned_the_last_norm", returned=lambda w, norms: (w, norms[-1] if norms.size else 0.0)
            ),
            "You returned the last norm only. Return one for each step.",
        ),
    ),
    hints=(
        "It is `fit_logistic_regression` of lesson 03 with another gradient.",
        "w ← w + η g, with g the regularised gradient at the old w; before each step, note ‖g‖₂.",
        "Make `X` and `y` floats before the loop, so that they are not converted in each step. In the loop: "
        "the gradient, its norm into an array, the step.",
    ),
    showed=(
        "Without any pull from the data, each step multiplies every weight but the intercept by `1 - 2 * "
        "learning_rate * l2_strength`: that is weight decay."
    ),
)

# -- sklearn_C ----------------------------------------------------------------------------------


def _c(name, formula, at_zero=np.inf):
    def sklearn_C(l2_strength):  # noqa: N802
        return at_zero if l2_strength == 0 else formula(l2_strength)

    return named(name, sklearn_C)


def _divides_by_zero_in_python(l2_strength):
    return 1 / (2 * l2_strength)


def _draw_strength(rng):
    return (float(rng.choice([0.03, 0.2, 0.7, 3, 4, 7, 30, 700, 4000]) * rng.integers(1, 10)),)


SKLEARN_C = Exercise(
    reference=regularization.sklearn_C,
    points=1,
    cases=(
        Case("strength 4", (4.0,), 0.125),
        Case("strength 10", (10.0,), 0.05),
        Case("strength 1/2, where C is 1, scikit-learn's default", (0.5,), 1.0),
        Case("strength 0: no price at all", (0.0,), np.inf),
        Case("strength 0, a NumPy number", (np.float64(0.0),), np.inf),
        Case("strength 0, an integer", (0,), np.inf),
        Case("a weak strength", (0.001,), 500.0),
        Case("a very weak strength", (1e-13,), 5e12),
        Case("a very large strength", (1e5,), 5e-6),
        Case("strength 2, an integer", (2,), 0.25),
    ),
    draw=_draw_strength,
    misconceptions=(
        Misconception(
            _c("forgot_the_half", lambda s: 1 / s),
            "You forgot that scikit-learn halves the squared weights. Divide by 2 α, not by α.",
        ),
        Misconception(
            _c("doubled_instead_of_halved", lambda s: 2 / s),
            "You put the factor 2 into the numerator. It belongs below the line: 1 / (2 α).",
        ),
        Misconception(
            _c("brackets_missing", lambda s: s / 2),
            "`1 / 2 * l2_strength` halves the strength. Put brackets around `2 * l2_strength`.",
        ),
        Misconception(
            _c("not_inverted", lambda s: 2 * s),
            "Your result grows with the strength. C is an inverse strength: divide 1 by this.",
        ),
        Misconception(
            _c("same_as_the_strength", lambda s: s),
            "You returned the strength itself. C multiplies the losses, not the weights: take 1 / (2 α).",
        ),
        Misconception(
            _c("divided_by_4", lambda s: 1 / (4 * s)),
            "One factor 2 is too many. Compare C · loss + ½ ‖w‖² with loss + α ‖w‖², and divide by 2 α.",
        ),
        Misconception(
            _c("squared_the_strength", lambda s: 1 / (2 * s**2)),
            "You squared the strength. Only the weights are squared in the price: take 1 / (2 α).",
        ),
        Misconception(
            _divides_by_zero_in_python,
            "Right for positive strengths, but 0 cannot be divided by. Return `np.inf` for strength 0.",
        ),
        Misconception(
            _c("zero_for_strength_0", lambda s: 1 / (2 * s), at_zero=0.0),
            "For strength 0 you returned 0, the hardest price of all. No price means an infinite C: return "
            "`np.inf`.",
        ),
        Misconception(
            _c("one_for_strength_0", lambda s: 1 / (2 * s), at_zero=1.0),
            "For strength 0 you returned 1, scikit-learn's default. That has a price: return `np.inf`.",
        ),
        Misconception(
            _c("a_large_number_for_strength_0", lambda s: 1 / (2 * s), at_zero=1e12),
            "For strength 0 you returned a large number, which still is a price. Return `np.inf`, which "
            "scikit-learn understands.",
        ),
        Misconception(
            _c("none_for_strength_0", lambda s: 1 / (2 * s), at_zero=None),
            "For strength 0 you returned None. Return `np.inf`, which scikit-learn understands.",
        ),
        Misconception(
            named("small_number_added", lambda s: 1 / (2 * s + 1e-12)),
            "A small number was added to avoid dividing by zero, which changes the weak strengths and makes "
            "C finite. Treat strength 0 by itself: return `np.inf`.",
        ),
    ),
    hints=(
        "Multiply one of the two objectives by a positive number so that the log-likelihoods have the same "
        "factor. A maximum stays where it is when that is done.",
        "C · loss + ½ ‖w‖² has the same minimum as loss + ‖w‖² / (2 C). Compare the factors of ‖w‖².",
        "One line for strength 0, and one for the rest.",
    ),
    showed="`C` times the strength is always ½: strength 4 is `C=0.125`, and strength 0.005 is `C=100`.",
    atol=0.0,
)

# -- coefficient_path ---------------------------------------------------------------------------


def _warm_start(X, y, l2_strengths, learning_rate, n_steps):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w, path = np.zeros(X.shape[1]), []
    for strength in l2_strengths:
        for _ in range(n_steps):
            w = w + learning_rate * regularization.regularized_gradient(w, X, y, strength)
        path.append(w)
    return np.array(path)


def _path(name, change=lambda path: path, strengths=lambda s, n: s, gradient=None):
    """A coefficient path with other strengths, another gradient, or another result."""

    def coefficient_path(X, y, l2_strengths, learning_rate, n_steps):
        used = strengths(list(l2_strengths), len(X))
        if gradient is None:
            return change(regularization.coefficient_path(X, y, used, learning_rate, n_steps))
        fit = _step_with_wrong(gradient)
        return change(np.array([fit(X, y, s, learning_rate, n_steps)[0] for s in used]))

    return named(name, coefficient_path)


def _whole_results(X, y, l2_strengths, learning_rate, n_steps):
    return tuple(
        regularization.fit_l2_logistic_regression(X, y, strength, learning_rate, n_steps)
        for strength in l2_strengths
    )


def _array_of_whole_results(X, y, l2_strengths, learning_rate, n_steps):
    return np.array(list(_whole_results(X, y, l2_strengths, learning_rate, n_steps)))


def _gradient_norms_instead(X, y, l2_strengths, learning_rate, n_steps):
    return np.array([norms for _, norms in _whole_results(X, y, l2_strengths, learning_rate, n_steps)])


def _by_strength(X, y, l2_strengths, learning_rate, n_steps):
    results = _whole_results(X, y, l2_strengths, learning_rate, n_steps)
    return {s: w for s, (w, _) in zip(l2_strengths, results, strict=True)}


def _draw_path(rng):
    X, y = _samples(rng)
    m = int(rng.choice([k for k in range(2, 5) if k != X.shape[1]]))
    strengths = rng.choice([0.0, 0.3, 0.7, 1.5, 2.5, 4.0], size=m, replace=False)
    return X, y, strengths, float(rng.choice([0.03, 0.05, 0.07])), int(rng.integers(2, 5))


COEFFICIENT_PATH = Exercise(
    reference=regularization.coefficient_path,
    points=1,
    cases=(
        Case(
            "strengths 0 and 1/4, two steps",
            (_PAIR, _PAIR_LABELS, floats(0, 0.25), 1.0, 2),
            np.array([[0, 1.5378828427399902], [0, 1.0378828427399902]]),
        ),
        Case(
            "the stronger one first",
            (_PAIR, _PAIR_LABELS, floats(0.25, 0), 1.0, 2),
            np.array([[0, 1.0378828427399902], [0, 1.5378828427399902]]),
        ),
        Case(
            "the same strength three times",
            (_PAIR, _PAIR_LABELS, floats(0.25, 0.25, 0.25), 1.0, 2),
            np.array([[0, 1.0378828427399902]] * 3),
        ),
        Case(
            "a single strength",
            (_PAIR, _PAIR_LABELS, floats(0.25), 1.0, 2),
            np.array([[0, 1.0378828427399902]]),
        ),
        Case(
            "one step: no pull yet",
            (np.array([[1.0, 2, 0], [1, -1, 1], [1, 0, 3]]), floats(1, 0, 1), floats(0, 5), 0.1, 1),
            np.array([[0.05, 0.15, 0.1], [0.05, 0.15, 0.1]]),
        ),
        Case(
            "the intercept is not pulled",
            (np.array([[1.0, 0], [1, 0]]), floats(1, 1), floats(0, 1), 1.0, 2),
            np.array([[1.5378828427399902, 0], [1.5378828427399902, 0]]),
        ),
        Case("lists of integers", ([[1, 1], [1, -1]], [1, 0], [0, 1], 1, 1), np.array([[0.0, 1], [0, 1]])),
    ),
    draw=_draw_path,
    misconceptions=(
        Misconception(
            _warm_start,
            "Each fit went on from where the one before had ended, so that the rows depend on their order. "
            "Start each fit from zeros.",
        ),
        Misconception(
            _path("strengths_over_samples", strengths=lambda s, n: [v / n for v in s]),
            "You divided the strengths by the number of samples. Pass each one on as it is.",
        ),
        Misconception(
            _path("one_column_per_strength", np.transpose),
            "You made one column per strength. Make it one row: transpose.",
        ),
        Misconception(
            _path("sorted_the_strengths", strengths=lambda s, n: sorted(s)),
            "The rows are those of the strengths in rising order. Keep the order in which they came.",
        ),
        Misconception(
            _path("strengths_reversed", strengths=lambda s, n: s[::-1]),
            "The rows come in the opposite order. Keep the order of the strengths.",
        ),
        Misconception(
            _whole_results,
            "Each row holds everything that `fit_l2_logistic_regression` returns. Take the weights alone, "
            "and stack them.",
        ),
        Misconception(
            _array_of_whole_results,
            "`fit_l2_logistic_regression` returns two arrays, and you tried to make one array of all of "
            "them. Take the first of the two in each fit: the weights.",
        ),
        Misconception(
            _gradient_norms_instead,
            "You kept the gradient norms instead of the weights. Take the first of the two results.",
        ),
        Misconception(
            _path("left_out_the_intercept", lambda path: path[:, 1:]),
            "The intercept is missing. Keep all weights of each fit.",
        ),
        Misconception(
            _path("absolute_values", np.abs),
            "You took the absolute values. Keep the signs.",
        ),
        Misconception(
            _path("only_the_last_fit", lambda path: path[-1]),
            "Only the last fit came back. Collect the weights of all fits, one row for each.",
        ),
        Misconception(
            _path("only_the_first_fit", lambda path: path[0]),
            "Only the first fit came back: does a `return` stand inside the loop? Collect all fits first.",
        ),
        Misconception(
            _path("first_strength_for_all", strengths=lambda s, n: [s[0]] * len(s)),
            "Every row was fitted with the first strength. Pass on the strength of the loop.",
        ),
        Misconception(
            _path("ignored_the_strengths", strengths=lambda s, n: [0.0] * len(s)),
            "All rows are fitted without a price. Pass on the strength of the loop.",
        ),
        Misconception(
            _path("penalised_the_intercept", gradient=_intercept_penalised),
            "The intercept is pulled towards 0 as well. Call `fit_l2_logistic_regression`, which spares it.",
        ),
        Misconception(
            _path("half_the_penalty", strengths=lambda s, n: [v / 2 for v in s]),
            "Each fit has half the price that it should have. Pass each strength on as it is.",
        ),
        Misconception(
            _path("inverse_strengths", strengths=lambda s, n: [1 / v if v else 0.0 for v in s]),
            "You passed on the inverse of each strength. That is scikit-learn's way: pass each one on as it "
            "is.",
        ),
        Misconception(
            _by_strength,
            "You returned a dict. Return one array, with a row for each strength.",
        ),
    ),
    hints=(
        "One fit for each strength; nothing is carried over from one to the next.",
        "Row i is the first result of `fit_l2_logistic_regression` for the i-th strength.",
        "Loop over the strengths, keep the weights of each fit, and make one array of them.",
    ),
    showed=(
        "A fit from zeros depends on its own strength only; one that goes on from the row before would "
        "depend on that row, too, wherever the steps are too few."
    ),
)

# -- always_shrinks -----------------------------------------------------------------------------


def _of_sizes(name, decide):
    """A wrong decision about the absolute values along a path."""

    def always_shrinks(path):
        return decide(np.abs(np.asarray(path, dtype=float)))

    return named(name, always_shrinks)


def _signed_comparison(path):
    path = np.asarray(path, dtype=float)
    return np.all(path[1:] <= path[:-1], axis=0)


def _without_a_change_of_sign(path):
    path = np.asarray(path, dtype=float)
    return regularization.always_shrinks(path) & np.all(path[1:] * path[:-1] >= 0, axis=0)


def _fails_on_one_row(path):
    sizes = np.abs(np.asarray(path, dtype=float))
    shrinks = sizes[1] <= sizes[0]
    for before, after in zip(sizes[1:], sizes[2:], strict=False):
        shrinks &= after <= before
    return shrinks


def _shrinks_of_narrow_integers(path):
    return np.all(np.diff(np.abs(path), axis=0) <= 0, axis=0)


def _sizes_of_narrow_integers(path):
    return np.all(np.abs(path[1:]) <= np.abs(path[:-1]), axis=0)


def _draw_whole_path(rng):
    """A path whose weights mostly shrink; some rest, some grow once, some change their sign."""
    m, d = int(rng.integers(3, 6)), int(rng.integers(6, 9))
    factors = rng.choice([0.3, 0.5, 0.8, 1.0, -0.5, 1.5], p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.1], size=(m - 1, d))
    first = (rng.uniform(1, 9, size=d) * rng.choice([-1, 1], size=d)).round()
    return (np.vstack([first, first * np.cumprod(factors, axis=0)]).round(2),)


ALWAYS_SHRINKS = Exercise(
    reference=regularization.always_shrinks,
    points=2,
    cases=(
        Case(
            "one shrinks, one grows",
            (np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0]]),),
            np.array([True, False]),
        ),
        Case("a negative weight that shrinks", (np.array([[-3.0], [-2.0], [-1.0]]),), np.array([True])),
        Case("a negative weight that grows", (np.array([[-1.0], [-2.0]]),), np.array([False])),
        Case("grows in between, smaller in the end", (np.array([[3.0], [1.0], [2.0]]),), np.array([False])),
        Case("grows first, smaller in the end", (np.array([[2.0], [3.0], [1.0]]),), np.array([False])),
        Case("equal for a while", (np.array([[2.0], [2.0], [1.0]]),), np.array([True])),
        Case("zero all along", (np.zeros((3, 2)),), np.array([True, True])),
        Case("the sign changes, the size shrinks", (np.array([[2.0], [-1.0], [0.5]]),), np.array([True])),
        Case("the sign changes, the size grows", (np.array([[1.0], [-2.0]]),), np.array([False])),
        Case("a tiny growth", (np.array([[1.0], [1.0 + 1e-9]]),), np.array([False])),
        Case("a single row", (np.array([[3.0, -1.0, 0.0]]),), np.array([True, True, True])),
        Case("a list of integers", ([[5, 2, 1], [-4, 3, 1]],), np.array([True, False, True])),
        Case(
            "8-bit integers, where abs(-128) does not fit",
            (np.array([[-128, 50], [100, 60]], dtype=np.int8),),
            np.array([True, False]),
        ),
        Case(
            "unsigned integers, whose differences wrap around",
            (np.array([[5, 2], [3, 4]], dtype=np.uint8),),
            np.array([True, False]),
        ),
    ),
    draw=_draw_whole_path,
    misconceptions=(
        Misconception(
            _of_sizes("only_first_and_last_row", lambda a: a[-1] <= a[0]),
            "You compared the first row with the last. A weight can grow in between: compare every row with "
            "the one before it.",
        ),
        Misconception(
            _of_sizes("all_rows_with_the_first", lambda a: np.all(a <= a[0], axis=0)),
            "You compared every row with the first one. Compare each with the row just before it.",
        ),
        Misconception(
            _signed_comparison,
            "You compared the weights with their signs, so that a negative weight seems to shrink when it "
            "grows in size. Take the absolute values first.",
        ),
        Misconception(
            _of_sizes("equal_counts_as_growing", lambda a: np.all(a[1:] < a[:-1], axis=0)),
            "You demand that each row be strictly smaller. Staying equal is not growing: use `<=`.",
        ),
        Misconception(
            _of_sizes("any_instead_of_all", lambda a: np.any(a[1:] <= a[:-1], axis=0) | (len(a) == 1)),
            "You ask whether a weight shrinks somewhere. Ask whether it does so at every step: `all`, not "
            "`any`.",
        ),
        Misconception(
            _of_sizes("one_answer_per_row", lambda a: np.all(a[1:] <= a[:-1], axis=1)),
            "You answered for each step from row to row. Answer for each weight: one entry per column, "
            "`axis=0`.",
        ),
        Misconception(
            _of_sizes("one_answer_for_all", lambda a: np.all(a[1:] <= a[:-1])),
            "You gave one answer for all weights together. Give one for each: `axis=0` in `np.all`.",
        ),
        Misconception(
            _of_sizes("every_single_step", lambda a: a[1:] <= a[:-1]),
            "You returned an answer for every step of every weight. Combine the steps of each weight: "
            "`np.all` along `axis=0`.",
        ),
        Misconception(
            _of_sizes("opposite_answer", lambda a: ~np.all(a[1:] <= a[:-1], axis=0)),
            "You marked the weights that grow. Return the opposite.",
        ),
        Misconception(
            _of_sizes("always_grows", lambda a: np.all(a[1:] >= a[:-1], axis=0)),
            "Your comparison runs the wrong way: you found the weights that never shrink. Exchange its "
            "sides.",
        ),
        Misconception(
            _of_sizes("number_of_weights", lambda a: np.sum(np.all(a[1:] <= a[:-1], axis=0))),
            "You counted the weights that always shrink. Return the booleans themselves.",
        ),
        Misconception(
            _of_sizes("positions", lambda a: np.flatnonzero(np.all(a[1:] <= a[:-1], axis=0))),
            "You returned the positions of the weights that shrink. Return one boolean for each weight.",
        ),
        Misconception(
            _of_sizes("left_out_the_intercept", lambda a: np.all(a[1:, 1:] <= a[:-1, 1:], axis=0)),
            "The first column is missing from your answer. Answer for every column.",
        ),
        Misconception(
            _of_sizes(
                "small_growth_overlooked", lambda a: np.all(a[1:] <= a[:-1] + 1e-8 + 1e-5 * a[:-1], axis=0)
            ),
            "You let small growth pass (as `np.isclose` does). Compare exactly: `<=`.",
        ),
        Misconception(
            _of_sizes(
                "only_the_last_step", lambda a: a[-1] <= a[-2] if len(a) > 1 else np.ones(a.shape[1], bool)
            ),
            "Only the last step counts in yours: does each round of a loop overwrite the answer? Combine all "
            "steps.",
        ),
        Misconception(
            _of_sizes(
                "only_the_first_step", lambda a: a[1] <= a[0] if len(a) > 1 else np.ones(a.shape[1], bool)
            ),
            "Only the first step counts in yours: does a `return` stand inside the loop? Combine all steps.",
        ),
        Misconception(
            _without_a_change_of_sign,
            "You refuse a change of sign. Only the size counts: a weight from 2 to -1 has shrunk.",
        ),
        Misconception(
            _fails_on_one_row,
            "It raises for a path with a single row. There is no step in which a weight could grow: return "
            "True for every weight.",
        ),
        Misconception(
            _sizes_of_narrow_integers,
            "Right for floats. But in 8 bits `abs(-128)` is -128: turn the path into floats first, "
            "`np.asarray(path, dtype=float)`.",
        ),
        Misconception(
            named("narrow_integers", _shrinks_of_narrow_integers),
            "Right for floats. But narrow integers wrap around, in `abs` or in a difference: turn the path "
            "into floats first, `np.asarray(path, dtype=float)`.",
        ),
    ),
    hints=(
        "“Shrinks” is about the size of a weight, and “always” about every step from one row to the next.",
        "For each column: |w| in row i + 1 is at most |w| in row i, for all i.",
        "Two slices of the absolute values, all rows but the first and all rows but the last, compared entry "
        "by entry; then `np.all` along one axis.",
    ),
    showed=(
        "To claim that something never grows takes a comparison of all neighbouring rows, and a single rise "
        "refutes it."
    ),
)

# -- select_strength ----------------------------------------------------------------------------


def _choice(name, choose):
    """A wrong choice among strengths `s` with scores `a`."""

    def select_strength(strengths, validation_accuracies):
        return choose(np.asarray(strengths, dtype=float), np.asarray(validation_accuracies, dtype=float))

    return named(name, select_strength)


def _starts_from_zero(strengths, validation_accuracies):
    best, best_score = None, 0.0
    for strength, score in sorted(zip(strengths, validation_accuracies, strict=True)):
        if score >= best_score:
            best, best_score = strength, score
    return best


def _compares_with_a_list(strengths, validation_accuracies):
    return np.max(strengths[validation_accuracies == np.max(validation_accuracies)])


def _draw_scores(rng):
    m = int(rng.integers(4, 8))
    strengths = rng.choice([0.0, 0.3, 1.0, 4.0, 10.0, 30.0, 100.0, 1000.0], size=m, replace=False)
    scores = (0.7 + 0.01 * rng.integers(0, 12, size=m)).round(2)
    if rng.random() < 0.6:  # a tie at the top
        scores[rng.choice(m, size=2, replace=False)] = np.max(scores)
    return strengths, scores


SELECT_STRENGTH = Exercise(
    reference=regularization.select_strength,
    points=1,
    cases=(
        Case("one is best", (floats(0, 4, 10), floats(0.7, 0.82, 0.75)), 4.0),
        Case("two are best", (floats(0, 4, 10, 100), floats(0.7, 0.82, 0.82, 0.6)), 10.0),
        Case("two are best, the larger strength first", (floats(10, 0, 4), floats(0.8, 0.7, 0.8)), 10.0),
        Case(
            "two are best, the larger strength in the middle", (floats(0, 10, 4), floats(0.7, 0.8, 0.8)), 10.0
        ),
        Case("all are equal", (floats(4, 1000, 0), floats(0.5, 0.5, 0.5)), 1000.0),
        Case("strength 0 is best", (floats(4, 0, 10), floats(0.7, 0.9, 0.8)), 0.0),
        Case("nearly a tie", (floats(0, 10), floats(0.8001, 0.8)), 0.0),
        Case("a single strength", (floats(4), floats(0.5)), 4.0),
        Case("log-likelihoods, which are negative", (floats(0, 4, 10), floats(-0.56, -0.52, -0.57)), 4.0),
        Case("lists", ([0, 4, 10], [0.8, 0.8, 0.7]), 4.0),
        Case("strengths below 1", (floats(0, 0.25, 0.5), floats(0.7, 0.8, 0.75)), 0.25),
    ),
    draw=_draw_scores,
    misconceptions=(
        Misconception(
            _choice("first_of_equals", lambda s, a: s[np.argmax(a)]),
            "Among equals you took the first (as `np.argmax` does). Take the largest of their strengths: the "
            "simplest model.",
        ),
        Misconception(
            _choice("last_of_equals", lambda s, a: s[len(a) - 1 - np.argmax(a[::-1])]),
            "Among equals you took the last, which is the largest only if the strengths are sorted. Look for "
            "the largest one.",
        ),
        Misconception(
            _choice("smallest_of_equals", lambda s, a: np.min(s[a == np.max(a)])),
            "Among equals you took the smallest strength. Take the largest: the simplest model.",
        ),
        Misconception(
            _choice("returned_the_score", lambda s, a: np.max(a)),
            "You returned the best score. Return the strength that it belongs to.",
        ),
        Misconception(
            _choice("returned_the_position", lambda s, a: np.argmax(a)),
            "You returned a position. Return the strength that stands there, and mind ties.",
        ),
        Misconception(
            _choice("worst_score", lambda s, a: np.max(s[a == np.min(a)])),
            "You took the lowest score. An accuracy is the better the higher it is: take the highest.",
        ),
        Misconception(
            _choice("largest_strength", lambda s, a: np.max(s)),
            "You returned the largest strength of all. Look only at those with the best score.",
        ),
        Misconception(
            _choice("all_of_equals", lambda s, a: s[a == np.max(a)]),
            "You returned all strengths with the best score. Return one number, the largest of them.",
        ),
        Misconception(
            _choice("mean_of_equals", lambda s, a: np.mean(s[a == np.max(a)])),
            "Among equals you took the mean, a strength that was perhaps never tried. Take the largest.",
        ),
        Misconception(
            _choice("sorted_only_the_strengths", lambda s, a: np.sort(s)[np.argmax(a)]),
            "You sorted the strengths but not the scores, so that they no longer belong together. Leave both "
            "as they came, or sort both in the same way.",
        ),
        Misconception(
            _choice("nearly_equal_counts_as_equal", lambda s, a: np.max(s[a >= np.max(a) - 1e-3])),
            "You treat nearly equal scores as equal. Only exact ties count here: compare with `==`.",
        ),
        Misconception(
            _choice("largest_strength_times_score", lambda s, a: s[np.argmax(s * a)]),
            "You weighed the score with the strength. The score alone decides, and the strength only among "
            "equals: look for the best score first.",
        ),
        Misconception(
            _starts_from_zero,
            "A score below 0 never becomes the best, because your search starts from 0. Start from minus "
            "infinity, or from the first score.",
        ),
        Misconception(
            named("lists", _compares_with_a_list),
            "Right for arrays. But a list does not compare entry by entry: turn both into arrays first, with "
            "`np.asarray`.",
        ),
    ),
    hints=(
        "Two questions, one after the other: which score is the best, and which of its strengths is the "
        "largest?",
        "max { αᵢ : scoreᵢ = max score }. The order of the strengths must not matter.",
        "Compare the scores with their maximum, which gives booleans; use them to pick strengths; take the "
        "largest of those.",
    ),
    showed=(
        "There is always a largest score, even where scores differ by noise alone: the function names a "
        "winner and does not say by how much it won."
    ),
    atol=0.0,
)

# -- soft_threshold -----------------------------------------------------------------------------


def _thresholded(name, formula):
    """A wrong threshold for the numbers `w` and the threshold `t`."""

    def soft_threshold(w, threshold):
        return formula(np.asarray(w, dtype=float), threshold)

    return named(name, soft_threshold)


def _pieces(w, t):
    return np.where(w > t, w - t, np.where(w < -t, w - t, 0.0))


def _group_shrunk(w, t):
    length = np.sqrt(np.sum(w**2))
    return w * max(1 - t / length, 0) if length else w


def _threshold_of_narrow_integers(w, threshold):
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def _threshold_in_place_of_lists(w, threshold):
    result = np.zeros_like(w)
    result[...] = regularization.soft_threshold(w, threshold)
    return result


def _flattened(w, t):
    return regularization.soft_threshold(w, t).ravel()


def _draw_threshold(rng):
    shape = (int(rng.integers(4, 8)),) if rng.random() < 0.6 else (2, int(rng.integers(3, 5)))
    w = rng.normal(scale=2, size=shape).round(1)
    w.flat[0] = 3.7  # one that is kept, and one that is not
    w.flat[1] = -0.2
    return w, float(rng.choice([0.3, 0.7, 1.2, 1.6]))


SOFT_THRESHOLD = Exercise(
    reference=regularization.soft_threshold,
    points=1,
    cases=(
        Case("one above, one between, one below", (floats(3, -0.5, -2), 1.0), floats(2, 0, -1)),
        Case("threshold 0 changes nothing", (floats(1.5, -0.25, 0), 0.0), floats(1.5, -0.25, 0)),
        Case("exactly at the threshold", (floats(1, -1, 1.5), 1.0), floats(0, 0, 0.5)),
        Case("all below the threshold", (floats(0.25, -0.75), 1.0), floats(0, 0)),
        Case("large numbers keep their distance", (floats(100, -100), 0.5), floats(99.5, -99.5)),
        Case(
            "a matrix",
            (np.array([[3.0, -3.0, 1.0], [0.5, 0.0, -2.5]]), 2.0),
            np.array([[1.0, -1.0, 0.0], [0.0, 0.0, -0.5]]),
        ),
        Case("a list of integers", ([4, -1, -3], 2), floats(2, 0, -1)),
        Case("a threshold that is no whole number", ([4, -1, -3], 0.5), floats(3.5, -0.5, -2.5)),
        Case("8-bit integers, where abs(-128) does not fit", (int8(-128, 100, 3), 100.0), floats(-28, 0, 0)),
    ),
    draw=_draw_threshold,
    misconceptions=(
        Misconception(
            _thresholded("hard_threshold", lambda w, t: np.where(np.abs(w) > t, w, 0.0)),
            "You set the small ones to zero and left the others as they were (the hard threshold). Move "
            "those towards zero as well, by the threshold.",
        ),
        Misconception(
            _thresholded("lost_the_sign", lambda w, t: np.maximum(np.abs(w) - t, 0)),
            "The sizes are right, but the signs are lost. Multiply by `np.sign(w)`.",
        ),
        Misconception(
            _thresholded("threshold_twice", lambda w, t: np.sign(w) * np.maximum(np.abs(w) - 2 * t, 0)),
            "You moved everything by twice the threshold. Subtract it once.",
        ),
        Misconception(
            _thresholded("half_the_threshold", lambda w, t: np.sign(w) * np.maximum(np.abs(w) - t / 2, 0)),
            "You moved everything by half the threshold. Subtract it in full.",
        ),
        Misconception(
            _thresholded("passes_zero", lambda w, t: np.sign(w) * (np.abs(w) - t)),
            "Numbers smaller than the threshold passed zero and came out on the other side. Stop them at 0: "
            "take the maximum with 0 before you restore the sign.",
        ),
        Misconception(
            _thresholded("right_for_positive_numbers_only", lambda w, t: np.maximum(w - t, 0)),
            "You subtracted the threshold from the signed numbers, and lost all negative ones. Work on the "
            "absolute values, and restore the sign.",
        ),
        Misconception(
            _thresholded("negative_numbers_grow", _pieces),
            "Below minus the threshold you subtract it, which moves away from zero. Add it there.",
        ),
        Misconception(
            _thresholded("cut_off_at_the_threshold", lambda w, t: np.clip(w, -t, t)),
            "You cut the large numbers off at the threshold, and kept the small ones: what you return is "
            "what should be taken away. Subtract it from `w`.",
        ),
        Misconception(
            _thresholded("kept_the_small_ones", lambda w, t: np.where(np.abs(w) <= t, w, 0.0)),
            "You kept the small numbers and zeroed the large ones. It is the other way round, and the large "
            "ones move by the threshold: exchange the two branches, and subtract.",
        ),
        Misconception(
            _thresholded("moved_away_from_zero", lambda w, t: np.sign(w) * (np.abs(w) + t)),
            "You moved the numbers away from zero. Subtract the threshold from their size.",
        ),
        Misconception(
            _thresholded("np_max_for_np_maximum", lambda w, t: np.sign(w) * np.max(np.abs(w) - t, axis=0)),
            "`np.max(a, 0)` takes the maximum along axis 0. To compare each entry with 0, use `np.maximum`.",
        ),
        Misconception(
            _thresholded("minimum_for_maximum", lambda w, t: np.sign(w) * np.minimum(np.abs(w) - t, 0)),
            "You took the minimum with 0, which keeps only the numbers that should vanish. Take the maximum.",
        ),
        Misconception(
            _thresholded("scaled_down", lambda w, t: w / (1 + t)),
            "You divided by 1 + threshold, which shrinks in proportion (as an L2 penalty does). Subtract the "
            "threshold from the sizes.",
        ),
        Misconception(
            _thresholded("scaled_by_one_minus_the_threshold", lambda w, t: w * (1 - t)),
            "You multiplied by 1 - threshold. Subtract the threshold from the sizes instead.",
        ),
        Misconception(
            _thresholded("whole_vector_shrunk", _group_shrunk),
            "You shrank the vector as a whole, by its length. Treat each number by itself.",
        ),
        Misconception(
            _thresholded("subtracted_from_all", lambda w, t: w - t),
            "You subtracted the threshold from the signed numbers. Subtract it from their absolute values, "
            "stop at 0, and restore the sign.",
        ),
        Misconception(
            _thresholded("flattened", _flattened),
            "The values are right, but the shape is lost. Return an array of the shape of `w`.",
        ),
        Misconception(
            named("kept_the_integers", _threshold_in_place_of_lists),
            "The result is cut to whole numbers: it went into an array of integers. Make it an array of "
            "floats.",
        ),
        Misconception(
            named("narrow_integers", _threshold_of_narrow_integers),
            "Right for floats. But narrow integers wrap around (in 8 bits, abs(-128) is -128): turn the "
            "argument into floats first, `np.asarray(w, dtype=float)`.",
        ),
    ),
    hints=(
        "Every number goes a fixed way towards zero. Who would pass it, stops there.",
        "sign(w) · max(|w| - t, 0), for each number by itself.",
        "NumPy has a function for each of the three: sign, absolute value, and a maximum of two arrays "
        "(which is not `np.max`).",
    ),
    showed=(
        "Thresholds add up: 1 and then 2 do the same as 3 at once, so that many small steps also end at "
        "exactly 0."
    ),
)

# -- fit_l1_logistic_regression -----------------------------------------------------------------


def _l1_fit(name, step, start=0.0, more_steps=0, returned=lambda w: w):
    """Proximal ascent with another step, start or result."""

    def fit_l1_logistic_regression(X, y, l1_strength, learning_rate, n_steps):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        w = np.full(X.shape[1], start)
        for _ in range(n_steps + more_steps):
            w = step(w, X, y, l1_strength, learning_rate)
        return returned(w)

    return named(name, fit_l1_logistic_regression)


def _shrunk(w, threshold):
    return np.append(w[:1], regularization.soft_threshold(w[1:], threshold))


def _l1_step(w, X, y, s, rate):
    return _shrunk(w + rate * log_likelihood_gradient(w, X, y), rate * s)


def _threshold_not_scaled(w, X, y, s, rate):
    return _shrunk(w + rate * log_likelihood_gradient(w, X, y), s)


def _intercept_shrunk(w, X, y, s, rate):
    return regularization.soft_threshold(w + rate * log_likelihood_gradient(w, X, y), rate * s)


def _threshold_before_the_step(w, X, y, s, rate):
    w = _shrunk(w, rate * s)
    return w + rate * log_likelihood_gradient(w, X, y)


def _gradient_at_the_old_weights(w, X, y, s, rate):
    return _shrunk(w, rate * s) + rate * log_likelihood_gradient(w, X, y)


def _subgradient_step(w, X, y, s, rate):
    return w + rate * (log_likelihood_gradient(w, X, y) - s * np.append(0.0, np.sign(w[1:])))


def _penalised_twice(w, X, y, s, rate):
    return _shrunk(_subgradient_step(w, X, y, s, rate), rate * s)


def _hard_threshold_step(w, X, y, s, rate):
    w = w + rate * log_likelihood_gradient(w, X, y)
    return np.append(w[:1], np.where(np.abs(w[1:]) > rate * s, w[1:], 0.0))


def _l2_step(w, X, y, s, rate):
    return w + rate * regularization.regularized_gradient(w, X, y, s)


def _l2_and_threshold(w, X, y, s, rate):
    return _shrunk(_l2_step(w, X, y, s, rate), rate * s)


def _last_weight_not_shrunk(w, X, y, s, rate):
    w = w + rate * log_likelihood_gradient(w, X, y)
    return np.append(regularization.soft_threshold(w[:-1], rate * s), w[-1])


def _mean_step(w, X, y, s, rate):
    return _shrunk(w + rate * log_likelihood_gradient(w, X, y) / len(y), rate * s)


def _descent_step(w, X, y, s, rate):
    return _shrunk(w - rate * log_likelihood_gradient(w, X, y), rate * s)


def _only_the_gradient_thresholded(w, X, y, s, rate):
    return w + rate * _shrunk(log_likelihood_gradient(w, X, y), s)


def _whole_gradient_thresholded(w, X, y, s, rate):
    return w + rate * regularization.soft_threshold(log_likelihood_gradient(w, X, y), s)


def _intercept_pulled_by_sign(w, X, y, s, rate):
    return w + rate * (log_likelihood_gradient(w, X, y) - s * np.sign(w))


def _step_without_the_rate(w, X, y, s, rate):
    return _shrunk(w + log_likelihood_gradient(w, X, y), rate * s)


def _all_without_the_rate(w, X, y, s, rate):
    return _shrunk(w + log_likelihood_gradient(w, X, y), s)


def _everything_over_samples(w, X, y, s, rate):
    return _l1_step(w, X, y, s, rate / len(y))


def _weights_without_sign(w, X, y, s, rate):
    return np.append(
        (w + rate * log_likelihood_gradient(w, X, y))[:1], np.abs(_l1_step(w, X, y, s, rate)[1:])
    )


def _threshold_at_the_end_only(X, y, l1_strength, learning_rate, n_steps):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w = w + learning_rate * log_likelihood_gradient(w, X, y)
    return _shrunk(w, learning_rate * l1_strength)


def _one_after_the_other(w, X, y, s, rate):
    w = w.copy()
    for j in range(len(w)):
        w[j] += rate * log_likelihood_gradient(w, X, y)[j]
        if j:
            w[j] = regularization.soft_threshold(w[j], rate * s)
    return w


def _draw_l1_fit(rng):
    X, y = _samples(rng, n_features=(3, 6))
    # a column that the threshold sets to exactly 0
    X[:, -1] = (0.2 * X[:, -1]).round(1)
    return X, y, _strength(rng), float(rng.choice([0.1, 0.15, 0.2])), int(rng.integers(3, 7))


FIT_L1_LOGISTIC_REGRESSION = Exercise(
    reference=regularization.fit_l1_logistic_regression,
    points=3,
    cases=(
        Case("one step", (_PAIR, _PAIR_LABELS, 0.25, 1.0, 1), floats(0, 0.75)),
        Case("two steps", (_PAIR, _PAIR_LABELS, 0.25, 1.0, 2), floats(0, 1.141642601649214)),
        Case(
            "a useless feature gets exactly 0",
            (np.array([[1.0, 1, 0.5], [1, -1, 0]]), _PAIR_LABELS, 0.25, 1.0, 1),
            floats(0, 0.75, 0),
        ),
        Case("rate 1/2 halves the threshold", (_PAIR, _PAIR_LABELS, 0.5, 0.5, 1), floats(0, 0.25)),
        Case("a negative weight", (-_PAIR + [2, 0], _PAIR_LABELS, 0.25, 1.0, 1), floats(0, -0.75)),
        Case("too strong for any weight", (_PAIR, _PAIR_LABELS, 2.0, 1.0, 3), floats(0, 0)),
        Case(
            "the intercept is not shrunk",
            (np.array([[1.0, 0], [1, 0]]), floats(1, 1), 0.5, 1.0, 2),
            floats(1.5378828427399902, 0),
        ),
        Case("strength 0", (_PAIR, _PAIR_LABELS, 0.0, 1.0, 2), floats(0, 1.5378828427399902)),
        Case("no steps", (_PAIR, _PAIR_LABELS, 1.0, 0.5, 0), floats(0, 0)),
        Case("lists of integers", ([[1, 2], [1, -2]], [1, 0], 1, 1, 1), floats(0, 1)),
        Case(
            "steps that are small from the start",
            (np.array([[1, 1e-5], [1, -1e-5]]), _PAIR_LABELS, 2.5e-6, 1.0, 2),
            floats(0, 1.5e-5),
        ),
    ),
    draw=_draw_l1_fit,
    misconceptions=(
        Misconception(
            _l1_fit("threshold_not_scaled", _threshold_not_scaled),
            "Your threshold is the strength itself, so that the result depends on the learning rate. A short "
            "step allows a short pull: use `learning_rate * l1_strength`.",
        ),
        Misconception(
            _l1_fit("intercept_shrunk", _intercept_shrunk),
            "You shrank the intercept as well. It costs nothing: apply the threshold to `w[1:]` only.",
        ),
        Misconception(
            _l1_fit("threshold_before_the_step", _threshold_before_the_step),
            "You applied the threshold before the step, so that a step comes last and no weight ends at 0. "
            "Step first, then shrink.",
        ),
        Misconception(
            _l1_fit("gradient_at_the_old_weights", _gradient_at_the_old_weights),
            "You shrank the old weights and then added the step, so that no weight ends at 0. Add the step "
            "first, and shrink the sum.",
        ),
        Misconception(
            _l1_fit("no_exact_zeros", _subgradient_step),
            "You subtracted the strength times the sign, so that weights jump over zero and never rest "
            "there. Step along the log-likelihood's gradient alone, and call `soft_threshold` afterwards.",
        ),
        Misconception(
            _l1_fit("penalised_twice", _penalised_twice),
            "The price is paid twice: in the gradient, and by the threshold. Leave it out of the gradient.",
        ),
        Misconception(
            _l1_fit("hard_threshold", _hard_threshold_step),
            "You set the small weights to 0, but left the others as they were. Use `soft_threshold`, which "
            "moves those, too.",
        ),
        Misconception(
            _l1_fit("l2_penalty", _l2_step),
            "This is the L2 fit. Step along the log-likelihood's gradient alone, and call `soft_threshold` "
            "afterwards.",
        ),
        Misconception(
            _l1_fit("l2_penalty_and_threshold", _l2_and_threshold),
            "You paid an L2 price in the gradient, and the threshold besides. Step along the "
            "log-likelihood's gradient alone.",
        ),
        Misconception(
            _l1_fit("ignored_the_strength", lambda w, X, y, s, rate: _l1_step(w, X, y, 0.0, rate)),
            "The result does not depend on the strength. Call `soft_threshold` after each step.",
        ),
        Misconception(
            _l1_fit("half_the_threshold", lambda w, X, y, s, rate: _l1_step(w, X, y, s / 2, rate)),
            "Your threshold is half of what it should be. Use `learning_rate * l1_strength`.",
        ),
        Misconception(
            _l1_fit("twice_the_threshold", lambda w, X, y, s, rate: _l1_step(w, X, y, 2 * s, rate)),
            "Your threshold is twice what it should be: the factor 2 belongs to the L2 penalty. Use "
            "`learning_rate * l1_strength`.",
        ),
        Misconception(
            _l1_fit(
                "divided_by_the_learning_rate", lambda w, X, y, s, rate: _l1_step(w, X, y, s / rate**2, rate)
            ),
            "You divided the strength by the learning rate. Multiply by it.",
        ),
        Misconception(
            _l1_fit("learning_rate_as_threshold", lambda w, X, y, s, rate: _l1_step(w, X, y, 1.0, rate)),
            "Your threshold is the learning rate alone. Multiply it by the strength.",
        ),
        Misconception(
            _threshold_at_the_end_only,
            "You shrank the weights only once, after the last step. Shrink them after every step.",
        ),
        Misconception(
            _l1_fit("last_weight_not_shrunk", _last_weight_not_shrunk),
            "You spared the last weight instead of the first. The intercept is `w[0]`: shrink `w[1:]`.",
        ),
        Misconception(
            _l1_fit("mean_for_sum", _mean_step),
            "You averaged the gradient over the samples. The log-likelihood is a sum: do not divide.",
        ),
        Misconception(
            _l1_fit("downhill", _descent_step),
            "You step against the gradient, downhill. The log-likelihood is to be maximised: add the step.",
        ),
        Misconception(
            _l1_fit("thresholded_the_gradient", _only_the_gradient_thresholded),
            "You shrank the gradient. Shrink the weights, after the step.",
        ),
        Misconception(
            _l1_fit("whole_gradient_thresholded", _whole_gradient_thresholded),
            "You shrank the gradient, the intercept's entry included. Shrink the weights `w[1:]`, after the "
            "step.",
        ),
        Misconception(
            _l1_fit("intercept_pulled_by_sign", _intercept_pulled_by_sign),
            "You subtracted the strength times the sign, for the intercept as well, and no weight comes to "
            "rest at 0. Step along the log-likelihood's gradient alone, then call `soft_threshold` on "
            "`w[1:]`.",
        ),
        Misconception(
            _l1_fit("forgot_the_learning_rate", _step_without_the_rate),
            "The gradient was added as it is. Multiply it by the learning rate first.",
        ),
        Misconception(
            _l1_fit("no_learning_rate_at_all", _all_without_the_rate),
            "The learning rate is missing, in the step and in the threshold. Multiply both by it.",
        ),
        Misconception(
            _l1_fit("everything_over_samples", _everything_over_samples),
            "You divided both the gradient and the threshold by the number of samples. Divide neither.",
        ),
        Misconception(
            _l1_fit("lost_the_sign", _weights_without_sign),
            "All your weights are positive: the sign got lost in the threshold. Call `soft_threshold`.",
        ),
        Misconception(
            _l1_fit("one_weight_after_the_other", _one_after_the_other),
            "You changed one weight after the other, and computed the predictions anew in between. Compute "
            "the gradient once, then change all weights at once.",
        ),
        Misconception(
            _l1_fit("starts_at_ones", _l1_step, start=1.0),
            "You started from weights of 1. Start from zeros.",
        ),
        Misconception(
            _l1_fit("one_step_too_many", _l1_step, more_steps=1),
            "You took one step more than asked for. Take `n_steps` steps.",
        ),
        Misconception(
            _l1_fit("returned_a_pair", _l1_step, returned=lambda w: (w, np.zeros(0))),
            "You returned two values. Return the weights alone.",
        ),
        Misconception(
            _l1_fit("left_out_the_intercept", _l1_step, returned=lambda w: w[1:]),
            "The intercept is missing. Return all weights.",
        ),
    ),
    hints=(
        "Two moves in each step: climb as if there were no price, then pay it.",
        "v = w + η ∇ log-likelihood(w), and then w₀ = v₀ and wⱼ = soft(vⱼ, η α) for j ≥ 1.",
        "In the loop: the step with `log_likelihood_gradient`, then one assignment to the slice that leaves "
        "out the intercept.",
    ),
    showed=(
        "A weight that is 0 stays exactly 0 unless the data pull at it with more than the strength, whatever "
        "the learning rate."
    ),
)

EXERCISES = (
    POLYNOMIAL_FEATURES,
    RIDGE_REGRESSION,
    REGULARIZED_LOG_LIKELIHOOD,
    REGULARIZED_GRADIENT,
    LARGEST_STABLE_RATE,
    FIT_L2_LOGISTIC_REGRESSION,
    SKLEARN_C,
    COEFFICIENT_PATH,
    ALWAYS_SHRINKS,
    SELECT_STRENGTH,
    SOFT_THRESHOLD,
    FIT_L1_LOGISTIC_REGRESSION,
)
