"""Gradient clipping by value, by norm and by global norm, and where it goes: the references of lesson 06."""

import numpy as np

from helpers.norms import stable_l2_norm


def clip_by_value(grads, limit):
    """Gradients with every entry moved into the interval from `-limit` to `limit`.

    Parameters
    ----------
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, each of any shape.
    limit : float
        Largest absolute value that an entry may keep; positive, in the units of the gradients.

    Returns
    -------
    clipped : dict of str to ndarray
        New arrays of the same shapes, under the same names in the same order; no units are changed.

    Raises
    ------
    ValueError
        If `limit` is not positive.

    References
    ----------
    Graves (2013), Generating sequences with recurrent neural networks, section 2.1, which clips
    derivatives inside the network in this way.

    Examples
    --------
    >>> clip_by_value({"W": [0.5, 3, -4]}, 1)
    {'W': array([ 0.5,  1. , -1. ])}
    """
    if not limit > 0:
        raise ValueError(f"expected a positive limit, got {limit}")
    return {name: np.clip(np.asarray(g, dtype=float), -limit, limit) for name, g in grads.items()}


def clip_by_norm(gradient, max_norm):
    """One gradient, shortened to the length `max_norm` if it is longer.

    Parameters
    ----------
    gradient : array-like
        Of any shape; its L2 norm is that of all its entries as one long vector.
    max_norm : float
        Largest allowed L2 norm; positive, in the units of the gradient.

    Returns
    -------
    clipped : ndarray
        Of the shape of `gradient`: equal to it if its norm is at most `max_norm`, else the same direction
        with norm `max_norm`.

    Raises
    ------
    ValueError
        If `max_norm` is not positive (not graded).

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, Algorithm 1.

    Examples
    --------
    >>> clip_by_norm([3, -4], 10)
    array([ 3., -4.])
    >>> clip_by_norm([3, -4], 2.5)
    array([ 1.5, -2. ])
    """
    if not max_norm > 0:
        raise ValueError(f"expected a positive max_norm, got {max_norm}")
    gradient = np.asarray(gradient, dtype=float)
    norm = stable_l2_norm(gradient.ravel())
    if norm <= max_norm:
        return gradient.copy()
    return gradient * (max_norm / norm)


def clip_by_global_norm(grads, max_norm):
    """Gradients scaled down together so that their global norm is at most `max_norm`.

    Parameters
    ----------
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, each of any shape; entries as large as
        1e200 and as small as 1e-200.
    max_norm : float
        Largest allowed global norm; positive, in the units of the gradients.

    Returns
    -------
    clipped : dict of str to ndarray
        New arrays of the same shapes, under the same names in the same order; equal to `grads` if their
        global norm is at most `max_norm`.
    norm : float
        Global norm before clipping: the L2 norm of all entries of all arrays as one long vector; 0.0
        for an empty dict.

    Raises
    ------
    ValueError
        If `max_norm` is not positive; this is checked first.
    FloatingPointError
        If the global norm is NaN or infinite.

    Notes
    -----
    The model solution does more than is asked here, for speed; yours need not.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, Algorithm 1.

    Examples
    --------
    >>> clip_by_global_norm({"W": [3, 4], "b": [12]}, 6.5)
    ({'W': array([1.5, 2. ]), 'b': array([6.])}, 13.0)
    """
    if not max_norm > 0:
        raise ValueError(f"expected a positive max_norm, got {max_norm}")
    arrays = {name: np.asarray(g, dtype=float) for name, g in grads.items()}
    norm = sum(float(np.vdot(g, g)) for g in arrays.values()) ** 0.5
    if not 1e-150 < norm < 1e150:  # the squares may have left the range of a float
        norm = stable_l2_norm([stable_l2_norm(g.ravel()) for g in arrays.values()])
    if not np.isfinite(norm):
        raise FloatingPointError(f"expected a finite global norm, got {norm}")
    factor = 1.0 if norm <= max_norm else max_norm / norm
    if factor < 1e-290:  # so close to the smallest float, it has lost digits: do it in two steps
        arrays, factor = {name: g / norm for name, g in arrays.items()}, max_norm
    block = np.empty(sum(g.size for g in arrays.values()))  # memory comes faster in one piece
    clipped, start = {}, 0
    for name, g in arrays.items():
        out = block[start : start + g.size].reshape(g.shape)
        clipped[name] = np.multiply(g, factor, out=out)
        start += g.size
    return clipped, norm


def cosine_similarity(a, b):
    """Cosine of the angle between two sets of gradients, each seen as one long vector.

    Parameters
    ----------
    a, b : dict of str to array-like
        Arrays of any shapes; those under one name have one shape. They are matched by name, in
        whatever order they stand.

    Returns
    -------
    cosine : float
        1 for the same direction, 0 for perpendicular ones, -1 for opposite ones; 0.0 if either dict is
        empty or holds zeros only. No units.

    Raises
    ------
    KeyError
        If a name of `a` is missing in `b`.

    References
    ----------
    Golub, Van Loan (2013), Matrix Computations, 4th ed., section 2.1.

    Examples
    --------
    >>> round(cosine_similarity({"W": [3, 4], "b": [0]}, {"W": [6, 8], "b": [10]}), 4)
    0.7071
    """
    a_norm = stable_l2_norm([stable_l2_norm(np.ravel(g)) for g in a.values()])
    b_norm = stable_l2_norm([stable_l2_norm(np.ravel(g)) for g in b.values()])
    if a_norm == 0 or b_norm == 0:
        return 0.0
    a_unit = {name: np.asarray(g, dtype=float) / a_norm for name, g in a.items()}
    b_unit = {name: np.asarray(g, dtype=float) / b_norm for name, g in b.items()}
    return float(sum(np.sum(a_unit[name] * b_unit[name]) for name in a))


def mlp_gradients(X, y, params):
    """Mean squared error of a network with one hidden layer of ReLUs, and its gradient.

    Parameters
    ----------
    X : array-like of shape (N, D)
        One sample per row.
    y : array-like of shape (N,)
        Targets.
    params : dict of str to array-like
        "W1" of shape (D, H), "b1" (H,), "W2" (H, 1) and "b2" (1,).

    Returns
    -------
    loss : float
        ``mean((output - y)**2)`` over the samples, in the squared units of `y`, where
        ``output = relu(X W1 + b1) W2 + b2``.
    grads : dict of str to ndarray
        Gradient of the loss with respect to each parameter, of the parameter's shape.

    Raises
    ------
    ValueError
        If the shapes of `X` and `y` do not fit.

    Notes
    -----
    The ReLU has no derivative at 0; it counts as 0 there.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.5.6.

    Examples
    --------
    >>> params = {"W1": [[1.0, -1.0]], "b1": [0.0, 0.0], "W2": [[2.0], [5.0]], "b2": [1.0]}
    >>> loss, grads = mlp_gradients([[3.0]], [6.0], params)
    >>> loss, grads["W1"], grads["b2"]
    (1.0, array([[12.,  0.]]), array([2.]))
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"expected X (N, D) and y (N,), got {X.shape} and {y.shape}")
    W1, b1, W2, b2 = (np.asarray(params[name], dtype=float) for name in ("W1", "b1", "W2", "b2"))
    before = X @ W1 + b1  # (N, H)
    hidden = np.maximum(before, 0.0)  # (N, H)
    error = hidden @ W2 + b2 - y[:, np.newaxis]  # (N, 1)
    d_output = 2 * error / len(y)  # (N, 1)
    d_before = (d_output @ W2.T) * (before > 0)  # (N, H)
    grads = {
        "W1": X.T @ d_before,
        "b1": np.sum(d_before, axis=0),
        "W2": hidden.T @ d_output,
        "b2": np.sum(d_output, axis=0),
    }
    return float(np.mean(error**2)), {name: grads[name] for name in params}


def cliff(w, b, n_steps=50, x0=0.5):
    """Error of a recurrent network of one unit after many steps, and its two derivatives.

    Parameters
    ----------
    w : float
        Weight of the recurrence.
    b : float
        Its bias.
    n_steps : int
        Number of steps, T; 0 or more.
    x0 : float
        State at the beginning.

    Returns
    -------
    error : float
        ``(sigmoid(x_T) - 0.7)**2``, where ``x_t = w sigmoid(x_{t-1}) + b``. No units.
    dE_dw, dE_db : float
        Exact derivatives of the error with respect to `w` and `b` (not finite differences).

    Raises
    ------
    TypeError
        If `n_steps` is not a whole number.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, figure 6.

    Examples
    --------
    >>> error, dE_dw, dE_db = cliff(4.8, -2.488)
    >>> f"{error:.4f}, {dE_dw:.1f}, {dE_db:.1f}"
    '0.1153, -711.9, -1146.6'
    """
    x, dx_dw, dx_db = x0, 0.0, 0.0
    for _ in range(n_steps):
        s = 0.5 * (1 + np.tanh(0.5 * x))  # the sigmoid, without overflow
        slope = w * s * (1 - s)
        x, dx_dw, dx_db = w * s + b, s + slope * dx_dw, 1 + slope * dx_db
    s = 0.5 * (1 + np.tanh(0.5 * x))
    dE_dx = 2 * (s - 0.7) * s * (1 - s)
    return (s - 0.7) ** 2, dE_dx * dx_dw, dE_dx * dx_db


def sgd_step(params, grads, learning_rate, max_norm=None):
    """Parameters after one step of gradient descent, with the gradient clipped first if asked for.

    Parameters
    ----------
    params : dict of str to array-like
        Arrays of any shapes.
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, under the same names.
    learning_rate : float
        Positive; in the units of squared parameters per unit of loss.
    max_norm : float, optional
        Largest allowed global norm of the gradient; None means that it is not clipped.

    Returns
    -------
    params : dict of str to ndarray
        New arrays of the same shapes, under the same names in the same order.

    Raises
    ------
    ValueError, FloatingPointError
        As `clip_by_global_norm`, if `max_norm` is given (not graded).

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, sections 4.3 and 10.11.1.

    Examples
    --------
    >>> sgd_step({"w": [1.0, 1.0]}, {"w": [3.0, 4.0]}, 0.1)
    {'w': array([0.7, 0.6])}
    >>> sgd_step({"w": [1.0, 1.0]}, {"w": [3.0, 4.0]}, 0.1, max_norm=1)
    {'w': array([0.94, 0.92])}
    """
    if max_norm is not None:
        grads, _ = clip_by_global_norm(grads, max_norm)
    return {
        name: np.asarray(p, dtype=float) - learning_rate * np.asarray(grads[name], dtype=float)
        for name, p in params.items()
    }


def momentum_step(params, grads, velocity, learning_rate, momentum, max_norm):
    """Parameters and velocity after one step of clipped gradient descent with momentum.

    Parameters
    ----------
    params : dict of str to array-like
        Arrays of any shapes.
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, under the same names.
    velocity : dict of str to array-like
        Running sum of the gradients before this step, under the same names; zeros at the beginning.
    learning_rate : float
        Positive; in the units of squared parameters per unit of loss.
    momentum : float
        Share of the old velocity that is kept; at least 0 and less than 1.
    max_norm : float
        Largest allowed global norm of the gradient; positive.

    Returns
    -------
    params : dict of str to ndarray
        ``params - learning_rate * velocity`` with the new velocity; new arrays.
    velocity : dict of str to ndarray
        ``momentum * velocity + clipped gradient``; new arrays, in the units of the gradients.

    Raises
    ------
    ValueError, FloatingPointError
        As `clip_by_global_norm` (not graded).

    References
    ----------
    Sutskever, Martens, Dahl, Hinton (2013), On the importance of initialization and momentum in deep
    learning, section 2; here with the learning rate outside the velocity, as in PyTorch.

    Examples
    --------
    >>> params, velocity = momentum_step({"w": [1.0]}, {"w": [8.0]}, {"w": [2.0]}, 0.1, 0.5, max_norm=4)
    >>> params, velocity
    ({'w': array([0.5])}, {'w': array([5.])})
    """
    clipped, _ = clip_by_global_norm(grads, max_norm)
    velocity = {name: momentum * np.asarray(v, dtype=float) + clipped[name] for name, v in velocity.items()}
    return sgd_step(params, velocity, learning_rate), velocity


def average_then_clip(micro_grads, max_norm):
    """Average of the gradients of several micro-batches, clipped by its global norm.

    Parameters
    ----------
    micro_grads : list or tuple of dict of str to array-like
        At least one dict; the same names and shapes in each.
    max_norm : float
        Largest allowed global norm of the average; positive, in the units of the gradients.

    Returns
    -------
    clipped : dict of str to ndarray
        New arrays, under the names of the first dict in its order.
    norm : float
        Global norm of the average before clipping.

    Raises
    ------
    ValueError, FloatingPointError
        As `clip_by_global_norm` (not graded).

    References
    ----------
    Keras 3, `keras.optimizers.Optimizer`, arguments `gradient_accumulation_steps` and `global_clipnorm`:
    the accumulated gradients are averaged first, and clipped then.

    Examples
    --------
    >>> average_then_clip([{"w": [9.0, 0.0]}, {"w": [-3.0, 8.0]}], max_norm=2.5)
    ({'w': array([1.5, 2. ])}, 5.0)
    """
    average = {
        name: np.mean([np.asarray(grads[name], dtype=float) for grads in micro_grads], axis=0)
        for name in micro_grads[0]
    }
    return clip_by_global_norm(average, max_norm)


def clipping_threshold(gradient_norms, percentile):
    """Percentile of the finite gradient norms of a run, to be used as a clipping threshold.

    Parameters
    ----------
    gradient_norms : array-like of shape (n_steps,)
        Norms before clipping; NaN and infinite ones are left out.
    percentile : float
        From 0 to 100: the share of the steps, in per cent, that would not have been clipped.

    Returns
    -------
    threshold : float
        In the units of the norms, interpolated linearly between the two nearest ones.

    Raises
    ------
    ValueError
        If no norm is finite.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, section
    3.2: a threshold of half to ten times the average norm of a good number of updates.

    Examples
    --------
    >>> clipping_threshold([1.0, 2.0, 4.0, float("inf")], 75)
    3.0
    """
    norms = np.asarray(gradient_norms, dtype=float)
    finite = norms[np.isfinite(norms)]
    if finite.size == 0:
        raise ValueError(f"expected at least one finite norm, got none among {norms.size}")
    return float(np.percentile(finite, percentile))


def adaptive_clip(params, grads, clipping, eps=1e-3):
    """Gradients in which no unit's gradient is longer than a fraction of that unit's weights.

    Parameters
    ----------
    params : dict of str to array-like
        A matrix is (fan_in, fan_out), and each of its columns is a unit; a vector or a single number is
        one unit.
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, under the same names.
    clipping : float
        Largest allowed ratio of the two norms; positive. No units.
    eps : float
        Norm that a unit's weights count for at least, in the units of the parameters; positive.

    Returns
    -------
    clipped : dict of str to ndarray
        New arrays in the order of `grads`; a unit's gradient is scaled to the norm
        ``clipping * max(norm of the unit's weights, eps)`` where its own norm exceeds that.

    Raises
    ------
    KeyError
        If a name of `grads` is missing in `params`.

    References
    ----------
    Brock, De, Smith, Simonyan (2021), High-performance large-scale image recognition without
    normalization, section 4.1.

    Examples
    --------
    >>> adaptive_clip({"W": [[3.0, 0.0], [4.0, 0.0]]}, {"W": [[30.0, 0.0], [40.0, 0.5]]}, 0.1, eps=1.0)
    {'W': array([[0.3, 0. ],
           [0.4, 0.1]])}
    """
    clipped = {}
    for name, g in grads.items():
        g, weights = np.asarray(g, dtype=float), np.asarray(params[name], dtype=float)
        axis = 0 if g.ndim == 2 else None
        largest = clipping * np.maximum(np.linalg.norm(weights, axis=axis), eps)  # (fan_out,) or ()
        norms = np.linalg.norm(g, axis=axis)
        clipped[name] = g * (largest / np.maximum(norms, largest))  # the factor is 1 for short ones
    return clipped


def clip_like_torch(grads, max_norm):
    """Gradients clipped by their global norm with exactly the numbers that PyTorch gives.

    Parameters
    ----------
    grads : dict of str to array-like
        Gradient of the loss with respect to each parameter, each of any shape; NaN and infinite entries
        are allowed.
    max_norm : float
        Any number; used as it is, in the units of the gradients.

    Returns
    -------
    clipped : dict of str to ndarray
        New arrays: all of `grads` times ``min(1, max_norm / (norm + 1e-6))``, a factor that is NaN if the
        norm is.
    norm : float
        Root of the plain sum of squares before clipping: inf where the squares overflow.

    Raises
    ------
    None
        Never, whatever the numbers are.

    Notes
    -----
    For 64-bit floats. A gradient of a single number: PyTorch takes its absolute value, so nothing overflows.

    References
    ----------
    PyTorch 2, `torch.nn.utils.clip_grad_norm_`, source in `torch/nn/utils/clip_grad.py`.

    Examples
    --------
    >>> clipped, norm = clip_like_torch({"W": [3, 4]}, 5)
    >>> clipped["W"].tolist(), norm
    ([2.99999940000012, 3.99999920000016], 5.0)
    """
    arrays = {name: np.asarray(g, dtype=float) for name, g in grads.items()}
    with np.errstate(over="ignore", invalid="ignore"):
        norm = np.sqrt(sum(np.sum(g**2) for g in arrays.values()))
        factor = np.minimum(1.0, max_norm / (norm + 1e-6))
        return {name: g * factor for name, g in arrays.items()}, float(norm)
