"""Norms of vectors and matrices, and distances: the references of lesson 01."""

import numpy as np


def l1_norm(x):
    """Sum of the absolute values of a vector.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type; integers do not wrap around.

    Returns
    -------
    norm : float
        In the units of `x`; 0.0 for an empty vector.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.2.1.

    Examples
    --------
    >>> l1_norm([3, -4])
    7.0
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    return float(np.sum(np.abs(x)))


def l2_norm(x):
    """Euclidean length of a vector: the root of the sum of its squared entries.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type; integers do not wrap around.

    Returns
    -------
    norm : float
        In the units of `x`; 0.0 for an empty vector.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    Notes
    -----
    Written from its definition, without `norm` or `vector_norm` of NumPy or SciPy.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.2.1.

    Examples
    --------
    >>> l2_norm([3, -4])
    5.0
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    return float(np.sqrt(np.sum(x**2)))


def max_norm(x):
    """Largest absolute value in a vector.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type; integers do not wrap around.

    Returns
    -------
    norm : float
        In the units of `x`; 0.0 for an empty vector.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.2.1.

    Examples
    --------
    >>> max_norm([3, -4])
    4.0
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    return float(np.max(np.abs(x), initial=0.0))


def p_norm(x, p):
    """The p-norm of a vector: ``sum(abs(x)**p) ** (1 / p)``.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type.
    p : float
        At least 1; ``np.inf`` gives the max norm.

    Returns
    -------
    norm : float
        In the units of `x`; 0.0 for an empty vector.

    Raises
    ------
    ValueError
        If `p` is less than 1 (the triangle inequality would not hold), or `x` is not
        one-dimensional.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.2.1.

    Examples
    --------
    >>> p_norm([3, -4], 2)
    5.0
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    if not p >= 1:
        raise ValueError(f"expected p of at least 1, got {p}")
    if p == np.inf:
        return float(np.max(np.abs(x), initial=0.0))
    return float(np.sum(np.abs(x) ** p) ** (1 / p))


def stable_l2_norm(x):
    """Euclidean length of a vector whose squared entries may not fit into a float.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers; right to 1e-12 (relative) for absolute values from 1e-300 to 1e300.

    Returns
    -------
    norm : float
        In the units of `x`, computed without a warning; 0.0 for zeros or an empty vector;
        inf if any entry is infinite, else NaN if any entry is NaN.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    References
    ----------
    Blue (1978), A portable Fortran program to find the Euclidean norm of a vector, ACM
    Transactions on Mathematical Software 4(1).

    Examples
    --------
    >>> f"{stable_l2_norm([3e200, -4e200]):.6g}"
    '5e+200'
    """
    x = np.abs(np.asarray(x, dtype=float))
    if x.ndim != 1:
        raise ValueError(f"expected x of shape (n,), got {x.shape}")
    if np.any(np.isinf(x)):
        return np.inf
    scale = np.max(x, initial=0.0)
    if scale == 0:
        return 0.0
    return float(scale * np.sqrt(np.sum((x / scale) ** 2)))


def normalize(x):
    """A vector divided by its L2 norm, so that it has length 1.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type.

    Returns
    -------
    unit : ndarray of shape (n,)
        Same direction as `x`, length 1; the zero vector stays zero. No units.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    References
    ----------
    Trefethen, Bau (1997), Numerical Linear Algebra, lecture 3.

    Examples
    --------
    >>> normalize([3, -4])
    array([ 0.6, -0.8])
    """
    x = np.asarray(x, dtype=float)
    length = stable_l2_norm(x)
    if length == 0:
        return np.zeros_like(x)
    return x / length


def euclidean_distance(a, b):
    """Length of the straight line between two points.

    Parameters
    ----------
    a, b : array-like of shape (n,)
        Real numbers of any type; unsigned integers do not wrap around.

    Returns
    -------
    distance : float
        L2 norm of ``a - b``, in the units of `a` and `b`.

    Raises
    ------
    ValueError
        If the shapes differ. Broadcasting a single number over a vector would hide a mistake.

    References
    ----------
    Trefethen, Bau (1997), Numerical Linear Algebra, lecture 3.

    Examples
    --------
    >>> euclidean_distance([1, 1], [4, 5])
    5.0
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"expected a and b of one shape, got {a.shape} and {b.shape}")
    return stable_l2_norm(a - b)


def pairwise_distances(X, Y):
    """Euclidean distance between each row of one matrix and each row of another.

    Parameters
    ----------
    X : array-like of shape (n, d)
        One point per row.
    Y : array-like of shape (m, d)
        One point per row.

    Returns
    -------
    distances : ndarray of shape (n, m)
        In the units of `X`; never negative, never NaN; right to 1e-6 of the largest row norm (at
        least 1e-6), so that equal rows may be that far apart.

    Raises
    ------
    ValueError
        If `X` or `Y` is not a matrix, or they differ in their number of columns.

    Notes
    -----
    By matrix products: ``||x - y||**2 = ||x||**2 - 2 x·y + ||y||**2``, without a Python loop over
    rows. Rounding may leave a squared distance just below zero, and points that are close to each
    other and far from the origin lose digits.

    References
    ----------
    Pedregosa et al. (2011), Scikit-learn, `sklearn.metrics.pairwise.euclidean_distances`.

    Examples
    --------
    >>> pairwise_distances([[0, 0], [3, 0]], [[0, 4], [3, 4], [0, 0]])
    array([[4., 5., 0.],
           [5., 4., 3.]])
    """
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError(f"expected X (n, d) and Y (m, d), got {X.shape} and {Y.shape}")
    x_squared = np.sum(X**2, axis=1)  # (n,)
    y_squared = np.sum(Y**2, axis=1)  # (m,)
    squared = x_squared[:, np.newaxis] - 2 * X @ Y.T + y_squared  # (n, m)
    return np.sqrt(np.maximum(squared, 0.0))


def frobenius_norm(A):
    """Root of the sum of the squared entries of a matrix.

    Parameters
    ----------
    A : array-like of shape (m, n)
        Real numbers of any type.

    Returns
    -------
    norm : float
        In the units of `A`.

    Raises
    ------
    ValueError
        If `A` is not a matrix.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.3.1.

    Examples
    --------
    >>> frobenius_norm([[2, -1], [2, 4]])
    5.0
    """
    A = np.asarray(A, dtype=float)
    if A.ndim != 2:
        raise ValueError(f"expected A of shape (m, n), got {A.shape}")
    return float(np.sqrt(np.sum(A**2)))


def spectral_norm(A, n_steps=500):
    """Largest singular value of a matrix: the most that it stretches any vector.

    Parameters
    ----------
    A : array-like of shape (m, n)
        Real numbers of any type.
    n_steps : int
        Number of steps of the power iteration on ``A.T @ A``; positive.

    Returns
    -------
    norm : float
        In the units of `A`, right to 1e-6 (relative) where the two largest singular values differ
        by 5 % or more; 0.0 for the zero matrix.

    Raises
    ------
    ValueError
        If `A` is not a matrix.

    Notes
    -----
    The start is random, because tidy ones (all ones, an axis) are perpendicular to the answer for many
    matrices, and the iteration then never finds it. Dividing
    by the largest entry first keeps products of tiny or huge entries within a float's range.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., sections 2.3.1 and 8.2.1.

    Examples
    --------
    >>> round(spectral_norm([[3, 0], [0, -4]]), 6)
    4.0
    """
    A = np.asarray(A, dtype=float)
    if A.ndim != 2:
        raise ValueError(f"expected A of shape (m, n), got {A.shape}")
    scale = np.max(np.abs(A), initial=0.0)
    if scale == 0:
        return 0.0
    A = A / scale
    AtA = A.T @ A
    v = np.random.default_rng(0).normal(size=A.shape[1])
    for _ in range(n_steps):
        v = AtA @ v
        v = v / np.sqrt(v @ v)
    return float(scale * l2_norm(A @ v))
