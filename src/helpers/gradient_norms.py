"""Gradients, their norms, and the steps they allow: the references of lesson 02."""

import numpy as np

from helpers.norms import stable_l2_norm


def squared_l2_norm_gradient(x):
    """Gradient of the squared L2 norm ``sum(x**2)``.

    Parameters
    ----------
    x : array-like of any shape
        Real numbers of any type; integers do not wrap around.

    Returns
    -------
    gradient : ndarray of float, of the shape of `x`
        The derivative with respect to each entry, in the units of `x`.

    Raises
    ------
    ValueError
        If `x` does not hold numbers.

    References
    ----------
    Boyd, Vandenberghe (2004), Convex Optimization, appendix A.4.

    Examples
    --------
    >>> squared_l2_norm_gradient([3, -4])
    array([ 6., -8.])
    """
    return 2 * np.asarray(x, dtype=float)


def l2_norm_gradient(x):
    """Gradient of the L2 norm of a vector.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers, with absolute values from 1e-300 to 1e300 or zero.

    Returns
    -------
    gradient : ndarray of shape (n,)
        The derivative with respect to each entry; no units. At the zero vector, where there is no
        gradient, the subgradient 0.

    Raises
    ------
    ValueError
        If `x` is not one-dimensional.

    References
    ----------
    Boyd, Vandenberghe (2004), Convex Optimization, appendix A.4.

    Examples
    --------
    >>> l2_norm_gradient([3, -4])
    array([ 0.6, -0.8])
    """
    x = np.asarray(x, dtype=float)
    length = stable_l2_norm(x)
    if length == 0:
        return np.zeros_like(x)
    return x / length


def l1_norm_subgradient(x):
    """Subgradient of the L1 norm of a vector.

    Parameters
    ----------
    x : array-like of shape (n,)
        Real numbers of any type.

    Returns
    -------
    subgradient : ndarray of shape (n,)
        The derivative with respect to each entry; 0 for an entry that is 0, where any number from -1
        to 1 would be a subgradient. No units.

    Raises
    ------
    ValueError
        If `x` does not hold numbers.

    References
    ----------
    Hastie, Tibshirani, Wainwright (2015), Statistical Learning with Sparsity, section 5.2.2.

    Examples
    --------
    >>> l1_norm_subgradient([3, 0, -0.5])
    array([ 1.,  0., -1.])
    """
    return np.sign(np.asarray(x, dtype=float))


def numerical_gradient(f, x, h=1e-5):
    """Gradient of a function by central differences, one entry at a time.

    Parameters
    ----------
    f : callable
        Takes a float array of the shape of `x` and returns one number.
    x : array-like of any shape
        Where the gradient is wanted; integers give the result of the equal floats. Unchanged
        afterwards, also if `f` raises an exception.
    h : float
        Half the distance between the two points at which `f` is compared; positive.

    Returns
    -------
    gradient : ndarray of float, of the shape of `x`
        ``(f(x + h e) - f(x - h e)) / (2 h)`` for each entry, where `e` is 1 at this entry and 0
        elsewhere. In the units of `f` over those of `x`.

    Raises
    ------
    Exception
        Whatever `f` raises.

    References
    ----------
    Nocedal, Wright (2006), Numerical Optimization, 2nd ed., section 8.1.

    Examples
    --------
    >>> numerical_gradient(np.prod, [2, 3, 4]).round(6)
    array([12.,  8.,  6.])
    """
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def relative_error(a, b):
    """Distance of two arrays over the sum of their lengths.

    Parameters
    ----------
    a, b : array-like of one shape, any
        Real numbers of any type; unsigned integers do not wrap around.

    Returns
    -------
    error : float
        ``‖a - b‖ / (‖a‖ + ‖b‖)`` with the L2 norm over all entries: from 0 (equal) to 1 (opposite, or
        only one of them zero); 0.0 if both are zero. No units.

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Stanford CS231n, Convolutional Neural Networks for Visual Recognition, notes on gradient checks
    (there entry by entry).

    Examples
    --------
    >>> relative_error([3, 0], [0, 4])
    0.7142857142857143
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"expected a and b of one shape, got {a.shape} and {b.shape}")
    size = stable_l2_norm(a.ravel()) + stable_l2_norm(b.ravel())
    if size == 0:
        return 0.0
    return stable_l2_norm((a - b).ravel()) / size


def global_norm(grads):
    """L2 norm of all gradients together, read as one long vector.

    Parameters
    ----------
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, any shapes; absolute values up to 1e150.

    Returns
    -------
    norm : float
        Root of the sum of the squares of every entry of every array, in the units of the gradients;
        0.0 for an empty dict.

    Raises
    ------
    ValueError
        If an array does not hold numbers.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks,
    section 3.2.

    Examples
    --------
    >>> global_norm({"W": [[2, -1], [2, 0]], "b": [4]})
    5.0
    """
    total = 0.0
    for gradient in grads.values():
        total += np.sum(np.asarray(gradient, dtype=float) ** 2)
    return float(np.sqrt(total))


def parameter_norms(grads):
    """L2 norm of each parameter's gradient.

    Parameters
    ----------
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, any shapes; absolute values up to 1e150.

    Returns
    -------
    norms : dict of str to float
        The same names in the same order, in the units of the gradients.

    Raises
    ------
    ValueError
        If an array does not hold numbers.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 11.5.

    Examples
    --------
    >>> parameter_norms({"W": [[2, -1], [2, 0]], "b": [4]})
    {'W': 3.0, 'b': 4.0}
    """
    return {name: global_norm({name: gradient}) for name, gradient in grads.items()}


def gradient_descent(gradient, x, learning_rate, n_steps, tol=0.0):
    """Point that is reached by steps against the gradient, and the gradient's norm before each step.

    Parameters
    ----------
    gradient : callable
        Takes a point, a float array of shape (n,), and returns the gradient there, of the same shape.
    x : array-like of shape (n,)
        Where to start; not changed.
    learning_rate : float
        A step is this number times the gradient; positive.
    n_steps : int
        Largest number of steps; 0 or more.
    tol : float
        Stop before stepping once the norm is at most this, in the units of the gradient.

    Returns
    -------
    x : ndarray of shape (n,)
        The last point.
    gradient_norms : list of float
        L2 norm of the gradient before each step, in the units of the gradient; if it stopped early,
        the last entry is the norm that was at most `tol`. At most `n_steps` entries.

    Raises
    ------
    Exception
        Whatever `gradient` raises.

    Notes
    -----
    Descent, for a loss that shall become small: the step is subtracted. Lesson 03 ascends a
    log-likelihood: there it is added.

    References
    ----------
    Nocedal, Wright (2006), Numerical Optimization, 2nd ed., section 2.2.

    Examples
    --------
    >>> gradient_descent(lambda x: x, [6, 8], 0.5, n_steps=10, tol=3)
    (array([1.5, 2. ]), [10.0, 5.0, 2.5])
    """
    x = np.array(x, dtype=float)
    gradient_norms = []
    for _ in range(n_steps):
        g = np.asarray(gradient(x), dtype=float)
        gradient_norms.append(stable_l2_norm(g))
        if gradient_norms[-1] <= tol:
            break
        x = x - learning_rate * g
    return x, gradient_norms


def largest_stable_step(A):
    """Learning rate below which gradient descent on ``½ xᵀ A x`` converges from every start.

    Parameters
    ----------
    A : array-like of shape (n, n)
        Symmetric, with positive eigenvalues.

    Returns
    -------
    step : float
        2 over the largest eigenvalue of `A`, in the units of 1 over `A`. At this rate itself, and
        above it, descent does not converge from every start.

    Raises
    ------
    ValueError
        If `A` is not a square matrix.

    References
    ----------
    Nesterov (2004), Introductory Lectures on Convex Optimization, section 1.2.3.

    Examples
    --------
    >>> largest_stable_step([[2, 0], [0, 0.5]])
    1.0
    """
    A = np.asarray(A, dtype=float)
    if A.ndim != 2 or A.shape[0] != A.shape[1]:
        raise ValueError(f"expected A of shape (n, n), got {A.shape}")
    return float(2 / np.linalg.eigvalsh(A)[-1])
