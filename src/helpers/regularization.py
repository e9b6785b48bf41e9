"""Regularised regression and logistic regression: the references of lesson 04."""

import numpy as np

from helpers.logistic_regression import log_likelihood, log_likelihood_gradient
from helpers.norms import stable_l2_norm


def polynomial_features(x, degree):
    """Powers of each number, from 0 to the degree: the columns of a polynomial fit.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type; integers do not wrap around.
    degree : int
        Highest power; 0 or more.

    Returns
    -------
    X : ndarray of shape (n, degree + 1)
        Column k holds ``x**k``, in the units of `x` to the power k; column 0 is all ones.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional (not graded).

    References
    ----------
    Bishop (2006), Pattern Recognition and Machine Learning, section 1.1.

    Examples
    --------
    >>> polynomial_features([2, -3], 2)
    array([[ 1.,  2.,  4.],
           [ 1., -3.,  9.]])
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    return x[:, np.newaxis] ** np.arange(degree + 1)  # (n, degree + 1)


def ridge_regression(X, y, l2_strength):
    """Weights that minimise the sum of squared errors plus a price for their squared length.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        What is to be predicted.
    l2_strength : float
        Price of a squared unit of weight; 0 or more. At 0, `X` has at least as many rows as
        columns, and no column is a combination of others.

    Returns
    -------
    w : ndarray of shape (n_features,)
        The minimiser of ``sum((X @ w - y)**2) + l2_strength * sum(w[1:]**2)``, in units of `y` per
        unit of each column.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    Notes
    -----
    The errors are summed, not averaged, and the intercept ``w[0]`` costs nothing. Solved without an
    inverse: least squares on `X` with one more row for each weight that has a price.

    References
    ----------
    Hoerl, Kennard (1970), Ridge regression: biased estimation for nonorthogonal problems,
    Technometrics 12(1).

    Examples
    --------
    >>> ridge_regression([[1, -1], [1, 1]], [1, 5], 2.0).round(6)
    array([3., 1.])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"expected X of shape (n, d) and y of shape (n,), got {X.shape} and {y.shape}")
    n_features = X.shape[1]
    price = np.sqrt(l2_strength) * np.eye(n_features)[1:]  # (n_features - 1, n_features)
    targets = np.append(y, np.zeros(n_features - 1))
    return np.linalg.lstsq(np.vstack([X, price]), targets, rcond=None)[0]


def regularized_log_likelihood(w, X, y, l2_strength):
    """Log-likelihood of logistic regression less a price for the squared length of the weights.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; ``w[0]`` is the intercept.
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels 0 and 1.
    l2_strength : float
        Price of a squared unit of weight; 0 or more.

    Returns
    -------
    objective : float
        ``log_likelihood(w, X, y) - l2_strength * sum(w[1:]**2)``, to be maximised. In units of nats.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    Notes
    -----
    The log-likelihood is a sum over the samples, not a mean. The intercept costs nothing. Finite for
    scores ``X @ w`` up to 1e4 and down to -1e4, without a warning.

    References
    ----------
    le Cessie, van Houwelingen (1992), Ridge estimators in logistic regression, Applied Statistics
    41(1).

    Examples
    --------
    >>> round(regularized_log_likelihood([1, 3, -1], [[1, 2, 3], [1, -1, -1]], [0, 1], 2.0), 6)
    -25.331412
    """
    w = np.asarray(w, dtype=float)
    if w.ndim != 1 or w.shape != np.shape(X)[1:]:
        raise ValueError(f"expected w of shape (d,) and X of shape (n, d), got {w.shape} and {np.shape(X)}")
    return log_likelihood(w, X, y) - float(l2_strength * np.sum(w[1:] ** 2))


def regularized_gradient(w, X, y, l2_strength):
    """Gradient of the regularised log-likelihood with respect to the weights.

    Parameters
    ----------
    w : array-like of shape (n_features,)
        Weights; ``w[0]`` is the intercept.
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels 0 and 1.
    l2_strength : float
        Price of a squared unit of weight; 0 or more.

    Returns
    -------
    gradient : ndarray of shape (n_features,)
        Direction of steepest ascent of ``log_likelihood(w, X, y) - l2_strength * sum(w[1:]**2)``,
        in units of nats per unit of each weight.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    Notes
    -----
    The first entry, that of the intercept, is the gradient of the log-likelihood alone.

    References
    ----------
    le Cessie, van Houwelingen (1992), Ridge estimators in logistic regression, Applied Statistics
    41(1).

    Examples
    --------
    >>> regularized_gradient([1, 3, -1], [[1, 2, 3], [1, -1, -1]], [0, 1], 2.0).round(4)
    array([ -0.251 , -14.6951,   0.3229])
    """
    w = np.asarray(w, dtype=float)
    if w.ndim != 1 or w.shape != np.shape(X)[1:]:
        raise ValueError(f"expected w of shape (d,) and X of shape (n, d), got {w.shape} and {np.shape(X)}")
    price = 2 * l2_strength * w  # (n_features,)
    price[0] = 0.0
    return log_likelihood_gradient(w, X, y) - price


def largest_stable_rate(X, l2_strength=0.0):
    """Learning rate below which gradient ascent on the regularised log-likelihood converges.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    l2_strength : float, default 0.0
        Price of a squared unit of weight; 0 or more.

    Returns
    -------
    bound : float
        ``2 / (largest eigenvalue of X.T @ X / 4 + 2 * l2_strength)``, in squared units of weight
        per nat.

    Raises
    ------
    ValueError
        If `X` is not a matrix (not graded).

    Notes
    -----
    Sufficient, not sharp: the slope of the sigmoid is at most 1/4, and the intercept is counted as
    if it had a price. Relative error up to 1e-6.

    References
    ----------
    Böhning, Lindsay (1988), Monotonicity of quadratic-approximation algorithms, Annals of the
    Institute of Statistical Mathematics 40(4).

    Examples
    --------
    >>> round(largest_stable_rate([[1, 1], [1, -1]], 1.0), 6)
    0.8
    """
    X = np.asarray(X, dtype=float)
    if X.ndim != 2:
        raise ValueError(f"expected X of shape (n, d), got {X.shape}")
    curvature = np.linalg.eigvalsh(X.T @ X)[-1] / 4
    return float(2 / (curvature + 2 * l2_strength))


def fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps):
    """Weights of logistic regression with an L2 penalty, by gradient ascent from zero.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels 0 and 1.
    l2_strength : float
        Price of a squared unit of weight; 0 or more.
    learning_rate : float
        Positive; the step is the learning rate times the gradient.
    n_steps : int
        Number of steps; 0 or more.

    Returns
    -------
    w : ndarray of shape (n_features,)
        Weights after the last step. No units but those of one over each column.
    gradient_norms : ndarray of shape (n_steps,)
        L2 norm of the whole regularised gradient, measured before each step.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    Notes
    -----
    Every step changes all weights at once. The intercept ``w[0]`` costs nothing.

    References
    ----------
    le Cessie, van Houwelingen (1992), Ridge estimators in logistic regression, Applied Statistics
    41(1).

    Examples
    --------
    >>> w, gradient_norms = fit_l2_logistic_regression([[1, 1], [1, -1]], [1, 0], 1.0, 0.5, 1)
    >>> w, gradient_norms
    (array([0. , 0.5]), array([1.]))
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w, gradient_norms = np.zeros(X.shape[1]), np.zeros(n_steps)
    for step in range(n_steps):
        gradient = regularized_gradient(w, X, y, l2_strength)
        gradient_norms[step] = stable_l2_norm(gradient)
        w = w + learning_rate * gradient
    return w, gradient_norms


def sklearn_C(l2_strength):  # noqa: N802 - `C` is scikit-learn's name
    """The `C` of scikit-learn's `LogisticRegression` that means this L2 strength.

    Parameters
    ----------
    l2_strength : float
        Price of a squared unit of weight; 0 or more.

    Returns
    -------
    C : float
        Inverse strength with which the optimum is the same; inf for strength 0.
        No units.

    Raises
    ------
    ValueError
        If `l2_strength` is negative (not graded).

    Notes
    -----
    scikit-learn minimises ``C * (sum of log losses) + sum(w[1:]**2) / 2``.

    References
    ----------
    Pedregosa et al. (2011), Scikit-learn: machine learning in Python, JMLR 12; User Guide,
    section 1.1.11, Logistic regression.

    Examples
    --------
    >>> sklearn_C(4.0)
    0.125
    """
    if l2_strength < 0:
        raise ValueError(f"expected l2_strength of at least 0, got {l2_strength}")
    return np.inf if l2_strength == 0 else 1 / (2 * l2_strength)


def coefficient_path(X, y, l2_strengths, learning_rate, n_steps):
    """Weights of logistic regression for several L2 strengths, one fit per row.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels 0 and 1.
    l2_strengths : sequence of float
        Prices of a squared unit of weight, each 0 or more, in any order.
    learning_rate : float
        Positive, the same for all fits.
    n_steps : int
        Number of steps of each fit; 0 or more.

    Returns
    -------
    path : ndarray of shape (len(l2_strengths), n_features)
        Row i holds the weights for ``l2_strengths[i]``, fitted from ``w = 0``. No units but those of
        one over each column.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    References
    ----------
    Hoerl, Kennard (1970), Ridge regression: applications to nonorthogonal problems,
    Technometrics 12(1) (the "ridge trace").

    Examples
    --------
    >>> coefficient_path([[1, 1], [1, -1]], [1, 0], [0, 0.5], 1.0, 2).round(4)
    array([[0.    , 1.5379],
           [0.    , 0.5379]])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    path = np.zeros((len(l2_strengths), X.shape[1]))
    for row, l2_strength in zip(path, l2_strengths, strict=True):
        row[:], _ = fit_l2_logistic_regression(X, y, l2_strength, learning_rate, n_steps)
    return path


def always_shrinks(path):
    """Which weights never grow in size along a path of rising strengths.

    Parameters
    ----------
    path : array-like of shape (n_strengths, n_features)
        Weights, one row per strength, weakest strength first; at least one row.

    Returns
    -------
    shrinks : ndarray of shape (n_features,)
        Booleans: True where the absolute value never grows from one row to the next; staying equal
        counts as not growing. All True for a single row. No units.

    Raises
    ------
    ValueError
        If `path` is not a matrix (not graded).

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 3.4.

    Examples
    --------
    >>> always_shrinks([[3, -1], [-2, -2], [1, 0]])
    array([ True, False])
    """
    sizes = np.abs(np.asarray(path, dtype=float))
    if sizes.ndim != 2:
        raise ValueError(f"expected path of shape (n_strengths, n_features), got {sizes.shape}")
    return np.all(sizes[1:] <= sizes[:-1], axis=0)


def select_strength(strengths, validation_accuracies):
    """The strength with the best score on validation data; among equals the largest.

    Parameters
    ----------
    strengths : array-like of shape (n_strengths,)
        In any order; at least one.
    validation_accuracies : array-like of shape (n_strengths,)
        Score of each strength, higher is better: accuracies, or any other score, which may be
        negative, such as log-likelihoods.

    Returns
    -------
    strength : float
        In the units of `strengths`.

    Raises
    ------
    ValueError
        If the shapes differ, or there is no strength (not graded).

    References
    ----------
    Hastie, Tibshirani, Friedman (2009), The Elements of Statistical Learning, 2nd ed., section 7.10.

    Examples
    --------
    >>> select_strength([0, 4, 10], [0.79, 0.81, 0.81])
    10.0
    """
    strengths, scores = np.asarray(strengths, dtype=float), np.asarray(validation_accuracies)
    if strengths.shape != scores.shape or strengths.size == 0:
        raise ValueError(f"expected as many scores as strengths, got {scores.shape} and {strengths.shape}")
    return float(np.max(strengths[scores == np.max(scores)]))


def soft_threshold(w, threshold):
    """Numbers moved towards zero by a threshold, and set to zero if they would pass it.

    Parameters
    ----------
    w : array-like of any shape
        Real numbers of any type; integers do not wrap around.
    threshold : float
        0 or more, in the units of `w`.

    Returns
    -------
    shrunk : ndarray of the shape of `w`
        ``sign(w) * max(abs(w) - threshold, 0)``, in the units of `w`.

    Raises
    ------
    ValueError
        If `threshold` is negative (not graded).

    References
    ----------
    Donoho (1995), De-noising by soft-thresholding, IEEE Transactions on Information Theory 41(3).

    Examples
    --------
    >>> soft_threshold([3, 0.5, -2], 1)
    array([ 2.,  0., -1.])
    """
    w = np.asarray(w, dtype=float)
    if threshold < 0:
        raise ValueError(f"expected threshold of at least 0, got {threshold}")
    return np.sign(w) * np.maximum(np.abs(w) - threshold, 0)


def fit_l1_logistic_regression(X, y, l1_strength, learning_rate, n_steps):
    """Weights of logistic regression with an L1 penalty, by proximal gradient ascent from zero.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Column 0 is all ones.
    y : array-like of shape (n_samples,)
        Labels 0 and 1.
    l1_strength : float
        Price of a unit of weight; 0 or more.
    learning_rate : float
        Positive; the step is the learning rate times the gradient of the log-likelihood.
    n_steps : int
        Number of steps; 0 or more.

    Returns
    -------
    w : ndarray of shape (n_features,)
        Weights after the last step, many of them exactly 0. No units but those of one over each
        column.

    Raises
    ------
    ValueError
        If the shapes do not fit (not graded).

    Notes
    -----
    Ascends ``log_likelihood(w, X, y) - l1_strength * sum(abs(w[1:]))``. Each step first follows the
    gradient of the log-likelihood and then applies the soft threshold ``learning_rate * l1_strength``
    to all weights but the intercept.

    References
    ----------
    Parikh, Boyd (2014), Proximal algorithms, Foundations and Trends in Optimization 1(3),
    section 4.2.

    Examples
    --------
    >>> fit_l1_logistic_regression([[1, 1, 0.5], [1, -1, 0]], [1, 0], 0.25, 1.0, 1)
    array([0.  , 0.75, 0.  ])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    w = np.zeros(X.shape[1])
    for _ in range(n_steps):
        w = w + learning_rate * log_likelihood_gradient(w, X, y)
        w[1:] = soft_threshold(w[1:], learning_rate * l1_strength)
    return w
