"""Is a training run healthy? A task that is hard on recurrent networks, and the references of lesson 07."""

import numpy as np

from helpers.clipping import momentum_step
from helpers.gradient_norms import global_norm
from helpers.rnn import rnn_forward


def adding_problem(n_sequences, n_steps, rng):
    """Sequences of random numbers, two of them marked, and the sum of the two: the adding problem.

    Parameters
    ----------
    n_sequences : int
        Number of sequences, N; at least 1.
    n_steps : int
        Length of each, T; at least 2.
    rng : numpy.random.Generator
        The only source of randomness: the same state gives the same sequences.

    Returns
    -------
    x : ndarray of shape (n_steps, n_sequences, 2)
        Channel 0: numbers, uniform in [0, 1). Channel 1: zeros, but for two ones in each sequence, one at a
        uniformly random step of the first half (``t < n_steps // 2``) and one of the second
        (``t >= n_steps // 2``), independent of each other and of all other sequences. No units.
    y : ndarray of shape (n_sequences,)
        Sum of the two marked numbers of each sequence.

    Raises
    ------
    ValueError
        If there is no sequence, or no step in one of the halves.

    References
    ----------
    Hochreiter, Schmidhuber (1997), Long short-term memory, Neural Computation 9(8), section 5.4; here with
    numbers from [0, 1) and one length.

    Examples
    --------
    >>> x, y = adding_problem(3, 6, np.random.default_rng(0))
    >>> x.shape, y.shape
    ((6, 3, 2), (3,))
    >>> x[:, 0, 1]  # the marks of the first sequence
    array([1., 0., 0., 0., 1., 0.])
    """
    if n_sequences < 1 or n_steps < 2:
        raise ValueError(f"expected at least 1 sequence of 2 steps, got {n_sequences} of {n_steps}")
    numbers = rng.random((n_steps, n_sequences))
    marks = np.zeros((n_steps, n_sequences))
    every, half = np.arange(n_sequences), n_steps // 2
    marks[rng.integers(0, half, size=n_sequences), every] = 1
    marks[rng.integers(half, n_steps, size=n_sequences), every] = 1
    return np.stack([numbers, marks], axis=2), np.sum(numbers * marks, axis=0)


def adding_gradients(x, y, params):
    """Mean squared error of a recurrent network's last output, and its gradient.

    Parameters
    ----------
    x : array-like of shape (T, N, D)
        Inputs: steps, sequences, features.
    y : array-like of shape (N,)
        The number that is due after the last step of each sequence.
    params : dict of str to ndarray
        ``W_xh`` (D, H), ``W_hh`` (H, H), ``b_h`` (H,), ``W_hy`` (H, 1) and ``b_y`` (1,).

    Returns
    -------
    loss : float
        ``mean((h_T W_hy + b_y - y)**2)`` from ``h0 = 0``, in the squared units of `y`.
    grads : dict of str to ndarray
        Derivative of the loss with respect to every entry of each array of `params`: the same keys in the
        same order, the same shapes, new arrays.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Backpropagation through time as in `rnn_gradients` of lesson 05, with two changes: the loss is a squared
    error, ``dL/d_output = 2 (output - y) / N``, and only the last state has an output.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 3 or y.shape != x.shape[1:2]:
        raise ValueError(f"expected x (T, N, D) and y (N,), got {x.shape} and {y.shape}")
    T, N, _ = x.shape
    h0 = np.zeros((N, len(params["b_h"])))
    hidden = rnn_forward(x, h0, params)  # (T, N, H)
    error = hidden[-1] @ params["W_hy"] + params["b_y"] - y[:, np.newaxis]  # (N, 1)
    d_output = 2 * error / N
    dh = d_output @ params["W_hy"].T  # (N, H)
    da = np.empty_like(hidden)
    slope = 1 - hidden**2  # of the tanh
    for t in reversed(range(T)):
        da[t] = dh * slope[t]
        dh = da[t] @ params["W_hh"].T
    before = np.concatenate([h0[np.newaxis], hidden[:-1]])
    grads = {  # one small product per step, since BLAS would share out a large one among threads
        "W_xh": np.sum(x.swapaxes(1, 2) @ da, axis=0),
        "W_hh": np.sum(before.swapaxes(1, 2) @ da, axis=0),
        "b_h": np.sum(da, axis=(0, 1)),
        "W_hy": hidden[-1].T @ d_output,
        "b_y": np.sum(d_output, axis=0),
    }
    return float(np.mean(error**2)), {name: grads[name] for name in params}


def has_exploded(losses, gradient_norms):
    """Whether a training run has exploded, as far as its losses and gradient norms tell.

    Parameters
    ----------
    losses : array-like of shape (n,)
        Losses so far, at least one; NaN and infinite ones are allowed.
    gradient_norms : array-like of shape (m,)
        Global norms of the gradient so far, before clipping, at least one; of any length.

    Returns
    -------
    exploded : bool
        True if any of the values is NaN or infinite, or if the last gradient norm is greater than 1000
        times the median of all earlier ones; False if all is finite and there is only one norm. No units.

    Raises
    ------
    ValueError
        If a sequence is empty or not one-dimensional.

    Notes
    -----
    A threshold relative to the run's own past needs no knowledge of the task. The median, unlike the
    mean, is hardly moved by the few large norms of a healthy run.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, section 3.2,
    which takes statistics of the norm as the guide to a threshold; the factor is this course's.

    Examples
    --------
    >>> has_exploded([0.4, 0.3, 0.5], [1.0, 2.0, 900.0])
    False
    >>> has_exploded([0.4, 0.3, 0.5, 7e3], [1.0, 2.0, 900.0, 4e5])
    True
    """
    losses, norms = np.asarray(losses, dtype=float), np.asarray(gradient_norms, dtype=float)
    if losses.ndim != 1 or norms.ndim != 1 or losses.size == 0 or norms.size == 0:
        raise ValueError(f"expected losses (n,) and norms (m,), got {losses.shape} and {norms.shape}")
    if not (np.all(np.isfinite(losses)) and np.all(np.isfinite(norms))):
        return True
    return norms.size > 1 and bool(norms[-1] > 1000 * np.median(norms[:-1]))


def has_vanished(state_norms, threshold=1e-4):
    """Whether a network's last state has lost touch with its first.

    Parameters
    ----------
    state_norms : array-like of shape (T,)
        At t the norm of the derivative of the last state with respect to the state after step t; at least
        one, none negative.
    threshold : float
        Smallest part of the last norm that still counts as a connection; positive.

    Returns
    -------
    vanished : bool
        True if the first norm is less than `threshold` times the last. No units.

    Raises
    ------
    ValueError
        If `state_norms` is empty or not one-dimensional.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, section 2.1.

    Examples
    --------
    >>> has_vanished([1e-6, 1e-3, 1.0])
    True
    >>> has_vanished([1e-6, 1e-3, 1.0], threshold=1e-8)
    False
    """
    norms = np.asarray(state_norms, dtype=float)
    if norms.ndim != 1 or norms.size == 0:
        raise ValueError(f"expected state_norms of shape (T,) with T > 0, got {norms.shape}")
    return bool(norms[0] < threshold * norms[-1])


def has_converged(gradient_norms, tol, patience):
    """Whether the gradient has been small for some time.

    Parameters
    ----------
    gradient_norms : array-like of shape (n,)
        Norms of the gradient so far, any number of them; NaN is not small.
    tol : float
        Largest norm that counts as small, in the units of the norms.
    patience : int
        How many norms in a row, up to the last, have to be small; at least 1.

    Returns
    -------
    converged : bool
        True if each of the last `patience` norms is at most `tol`; False if there are fewer. No units.

    Raises
    ------
    ValueError
        If `patience` is less than 1.

    References
    ----------
    Nocedal, Wright (2006), Numerical Optimization, 2nd ed., section 3.2: convergence to a point where the
    gradient is zero is all that a descent method promises.

    Examples
    --------
    >>> has_converged([3.0, 0.01, 0.02], tol=0.1, patience=2)
    True
    >>> has_converged([3.0, 0.01, 0.02], tol=0.1, patience=3)
    False
    """
    norms = np.asarray(gradient_norms, dtype=float)
    if patience < 1:
        raise ValueError(f"expected patience of at least 1, got {patience}")
    return norms.size >= patience and bool(np.all(norms[-patience:] <= tol))


def adding_run(
    rng,
    learning_rate,
    max_norm=np.inf,
    n_updates=800,
    recurrent_scale=1.0,
    one_batch=False,
    stop=None,
):
    """Record of one training run on the adding problem with 20 steps: a network under observation.

    The network has 32 units and an orthogonal ``W_hh``. It learns by gradient descent with momentum 0.9 on
    batches of 32 sequences, and its learning rate falls in a straight line to 0.

    Parameters
    ----------
    rng : numpy.random.Generator
        For the start and the sequences.
    learning_rate : float
        At the first update.
    max_norm : float
        The gradient is clipped to this global norm; infinite for no clipping.
    n_updates : int
        Number of updates, if nothing ends the run earlier.
    recurrent_scale : float
        Factor of ``W_hh`` at the start, and so its spectral norm.
    one_batch : bool
        Whether every update sees the same 32 sequences, instead of new ones.
    stop : callable, optional
        ``stop(losses, gradient_norms)`` is asked before each update; the run ends when it says True. It also
        ends once the gradient is no longer finite.

    Returns
    -------
    run : dict
        ``losses`` and ``gradient_norms`` (before clipping), a list each; ``error``, the mean squared error on
        1,000 unseen sequences; ``hidden`` (20, 8, 32), the states of eight of these; ``W_hh`` (32, 32).
    """
    params = {
        "W_xh": rng.normal(size=(2, 32)) / 2,
        "W_hh": recurrent_scale * np.linalg.qr(rng.normal(size=(32, 32)))[0],
        "b_h": np.zeros(32),
        "W_hy": rng.normal(size=(32, 1)) / np.sqrt(32),
        "b_y": np.zeros(1),
    }
    velocity = {name: np.zeros_like(p) for name, p in params.items()}
    losses, norms = [], []
    with np.errstate(over="ignore", invalid="ignore"):  # it is here to watch runs die
        for i in range(n_updates):
            if i == 0 or not one_batch:
                x, y = adding_problem(32, 20, rng)
            loss, grads = adding_gradients(x, y, params)
            losses.append(loss)
            norms.append(global_norm(grads))
            if not np.isfinite(norms[-1]) or stop is not None and stop(losses, norms):
                break
            rate = learning_rate * (1 - i / n_updates)
            params, velocity = momentum_step(params, grads, velocity, rate, 0.9, max_norm)
        x, y = adding_problem(1000, 20, np.random.default_rng(2026))
        hidden = rnn_forward(x, np.zeros((1000, 32)), params)
        error = np.mean((hidden[-1] @ params["W_hy"] + params["b_y"] - y[:, np.newaxis]) ** 2)
    return {
        "losses": losses,
        "gradient_norms": norms,
        "error": float(error),
        "hidden": hidden[:, :8],
        "W_hh": params["W_hh"],
    }


def train_adding_rnn(rng):
    """Parameters of a recurrent network that has learned the adding problem with 20 steps.

    Parameters
    ----------
    rng : numpy.random.Generator
        The only source of randomness, for the start and for the sequences; any seed has to do.

    Returns
    -------
    params : dict of str to ndarray
        ``W_xh`` of shape (2, H), ``W_hh`` (H, H), ``b_h`` (H,), ``W_hy`` (H, 1) and ``b_y`` (1,), for any H.
        No units.

    Raises
    ------
    FloatingPointError
        If the gradient is no longer finite.

    Notes
    -----
    With ``h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h)`` from ``h0 = 0``, the prediction is
    ``h_T W_hy + b_y``. On unseen sequences of 20 steps its mean squared error is at most 0.02 (always
    answering 1 gives 0.167). Training takes at most 60 s on one core.

    References
    ----------
    Le, Jaitly, Hinton (2015), A simple way to initialize recurrent networks of rectified linear units,
    section 4.1, for the task; Pascanu, Mikolov, Bengio (2013), Algorithm 1, for the clipping.

    Examples
    --------
    >>> params = train_adding_rnn(np.random.default_rng(0))
    >>> loss, _ = adding_gradients(*adding_problem(1000, 20, np.random.default_rng(1)), params)
    >>> loss < 0.02
    True
    """
    n_hidden, n_updates = 32, 3000
    params = {
        "W_xh": rng.normal(size=(2, n_hidden)) / 2,
        "W_hh": np.linalg.qr(rng.normal(size=(n_hidden, n_hidden)))[0],  # orthogonal: it keeps lengths
        "b_h": np.zeros(n_hidden),
        "W_hy": rng.normal(size=(n_hidden, 1)) / np.sqrt(n_hidden),
        "b_y": np.zeros(1),
    }
    velocity = {name: np.zeros_like(p) for name, p in params.items()}
    for i in range(n_updates):
        x, y = adding_problem(64, 20, rng)
        _, grads = adding_gradients(x, y, params)
        learning_rate = 0.1 * (1 - i / n_updates)
        params, velocity = momentum_step(params, grads, velocity, learning_rate, momentum=0.9, max_norm=0.5)
    return params
