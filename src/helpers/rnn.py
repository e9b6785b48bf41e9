"""Recurrent networks and where their gradients go: the references of lesson 05."""

import numpy as np

from helpers.logistic_regression import sigmoid


def rnn_step(x_t, h, params):
    """State of a recurrent network after one more step.

    Parameters
    ----------
    x_t : array-like of shape (N, D)
        Inputs of this step, one sequence per row.
    h : array-like of shape (N, H)
        State before the step.
    params : dict of str to ndarray
        ``W_xh`` (D, H), ``W_hh`` (H, H) and ``b_h`` (H,); other entries are not used.

    Returns
    -------
    h : ndarray of shape (N, H)
        New state of each sequence, between -1 and 1. No units.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Elman (1990), Finding structure in time, Cognitive Science 14(2).

    Examples
    --------
    >>> params = {"W_xh": np.array([[2.0]]), "W_hh": np.array([[0.5]]), "b_h": np.array([-1.0])}
    >>> rnn_step([[0.5], [0.0]], [[0.0], [2.0]], params)
    array([[0.],
           [0.]])
    """
    x_t, h = np.asarray(x_t, dtype=float), np.asarray(h, dtype=float)
    W_xh, W_hh, b_h = params["W_xh"], params["W_hh"], params["b_h"]
    if x_t.shape != (len(h), len(W_xh)) or h.shape != (len(x_t), len(W_hh)):
        raise ValueError(f"expected x_t (N, D) and h (N, H), got {x_t.shape} and {h.shape}")
    return np.tanh(x_t @ W_xh + h @ W_hh + b_h)


def rnn_forward(x, h0, params):
    """States of a recurrent network after each step of a batch of sequences.

    Parameters
    ----------
    x : array-like of shape (T, N, D)
        Inputs: steps, sequences, features.
    h0 : array-like of shape (N, H)
        State before the first step.
    params : dict of str to ndarray
        ``W_xh`` (D, H), ``W_hh`` (H, H) and ``b_h`` (H,); other entries are not used.

    Returns
    -------
    hidden : ndarray of shape (T, N, H)
        The state after each step; `h0` is not among them. No units.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 10.2.

    Examples
    --------
    >>> params = {"W_xh": np.array([[1.0]]), "W_hh": np.array([[1.0]]), "b_h": np.array([0.0])}
    >>> rnn_forward([[[1.0]], [[0.0]]], [[0.0]], params).round(4)
    array([[[0.7616]],
    <BLANKLINE>
           [[0.642 ]]])
    """
    x, h = np.asarray(x, dtype=float), np.asarray(h0, dtype=float)
    if x.ndim != 3:
        raise ValueError(f"expected x of shape (T, N, D), got {x.shape}")
    hidden = np.empty((len(x), *h.shape))
    for t, x_t in enumerate(x):
        h = rnn_step(x_t, h, params)
        hidden[t] = h
    return hidden


def softmax_cross_entropy(logits, targets):
    """Mean cross-entropy of the softmax of some logits, and its gradient.

    Parameters
    ----------
    logits : array-like of shape (M, K)
        Scores of K classes, one row per question; up to 1e4 in absolute value.
    targets : array-like of shape (M,)
        The right class of each row, an integer from 0 to K - 1; -1 = no target, the row does not count.

    Returns
    -------
    loss : float
        Mean over the targets that are not -1, in nats; 0.0 if there is none. No units.
    gradient : ndarray of shape (M, K)
        Derivative of the loss with respect to each logit; zeros in rows without a target.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 6.2.2.3.

    Examples
    --------
    >>> loss, gradient = softmax_cross_entropy([[0.0, 0.0], [5.0, 7.0]], [1, -1])
    >>> round(loss, 6)
    0.693147
    >>> gradient
    array([[ 0.5, -0.5],
           [ 0. ,  0. ]])
    """
    logits, targets = np.asarray(logits, dtype=float), np.asarray(targets)
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError(f"expected logits (M, K) and targets (M,), got {logits.shape} and {targets.shape}")
    gradient = np.zeros_like(logits)
    rows = np.flatnonzero(targets != -1)
    if rows.size == 0:
        return 0.0, gradient
    classes = targets[rows]
    shifted = logits[rows] - np.max(logits[rows], axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.mean(log_softmax[np.arange(rows.size), classes])
    gradient[rows] = np.exp(log_softmax)
    gradient[rows, classes] -= 1
    return float(loss), gradient / rows.size


def rnn_loss(x, targets, h0, params):
    """Mean cross-entropy of a recurrent network over all steps that have a target.

    Parameters
    ----------
    x : array-like of shape (T, N, D)
        Inputs: steps, sequences, features.
    targets : array-like of shape (T, N)
        The right class after each step, an integer from 0 to K - 1; -1 = no target.
    h0 : array-like of shape (N, H)
        State before the first step.
    params : dict of str to ndarray
        ``W_xh`` (D, H), ``W_hh`` (H, H), ``b_h`` (H,), ``W_hy`` (H, K) and ``b_y`` (K,).

    Returns
    -------
    loss : float
        Mean over all (t, n) with a target, whatever their step, in nats; 0.0 if there is none. No units.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Goodfellow, Bengio, Courville (2016), Deep Learning, section 10.2.

    Examples
    --------
    >>> params = {name: np.zeros(shape) for name, shape in
    ...           dict(W_xh=(1, 2), W_hh=(2, 2), b_h=2, W_hy=(2, 4), b_y=4).items()}
    >>> round(rnn_loss([[[1.0]], [[2.0]]], [[-1], [3]], [[0.0, 0.0]], params), 6)  # log(4)
    1.386294
    """
    logits = rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]  # (T, N, K)
    T, N, K = logits.shape
    loss, _ = softmax_cross_entropy(logits.reshape(T * N, K), np.reshape(targets, T * N))
    return loss


def linear_rnn_gradient(w, x0, n_steps):
    """Derivative of x_T, the end of the recurrence ``x_t = w x_{t-1}``, with respect to `w`.

    Parameters
    ----------
    w : float
        The recurrent weight.
    x0 : float
        Start of the recurrence.
    n_steps : int
        Number of steps T; not negative.

    Returns
    -------
    gradient : float
        dx_T / dw, in the units of `x0`; 0.0 for no steps, whatever `w`.

    Raises
    ------
    ValueError
        If `n_steps` is negative.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, section 2.1.

    Examples
    --------
    >>> linear_rnn_gradient(2.0, 3.0, 4)
    96.0
    """
    if n_steps < 0:
        raise ValueError(f"expected n_steps of at least 0, got {n_steps}")
    if n_steps == 0:
        return 0.0
    return n_steps * x0 * float(w) ** (n_steps - 1)


def rnn_gradients(x, targets, h0, params):
    """Loss of a recurrent network and its gradient, by backpropagation through time.

    Parameters
    ----------
    x : array-like of shape (T, N, D)
        Inputs: steps, sequences, features.
    targets : array-like of shape (T, N)
        The right class after each step, an integer from 0 to K - 1; -1 = no target.
    h0 : array-like of shape (N, H)
        State before the first step.
    params : dict of str to ndarray
        ``W_xh`` (D, H), ``W_hh`` (H, H), ``b_h`` (H,), ``W_hy`` (H, K) and ``b_y`` (K,).

    Returns
    -------
    loss : float
        As of `rnn_loss`, in nats. No units.
    grads : dict of str to ndarray
        Derivative of the loss with respect to every entry of each array of `params`: the same keys in
        the same order, the same shapes, new arrays.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Notes
    -----
    Exact but for rounding, so not by differences.

    References
    ----------
    Werbos (1990), Backpropagation through time: what it does and how to do it, Proceedings of the
    IEEE 78(10).

    Examples
    --------
    >>> params = {name: np.zeros(shape) for name, shape in
    ...           dict(W_xh=(1, 2), W_hh=(2, 2), b_h=2, W_hy=(2, 4), b_y=4).items()}
    >>> loss, grads = rnn_gradients([[[1.0]], [[2.0]]], [[-1], [3]], [[0.0, 0.0]], params)
    >>> grads["b_y"]
    array([ 0.25,  0.25,  0.25, -0.75])
    """
    x, h0 = np.asarray(x, dtype=float), np.asarray(h0, dtype=float)
    hidden = rnn_forward(x, h0, params)
    T, N, H = hidden.shape
    before = np.concatenate([h0[np.newaxis], hidden[:-1]])  # what each step started from
    states = hidden.reshape(T * N, H)
    logits = states @ params["W_hy"] + params["b_y"]  # (T N, K)
    loss, dz = softmax_cross_entropy(logits, np.reshape(targets, T * N))
    dh_own = (dz @ params["W_hy"].T).reshape(T, N, H)  # from each step's own output
    da = np.empty_like(hidden)
    dh_next = np.zeros((N, H))  # from all later steps; there are none after the last
    for t in reversed(range(T)):
        da[t] = (dh_own[t] + dh_next) * (1 - hidden[t] ** 2)  # through the tanh
        dh_next = da[t] @ params["W_hh"].T
    da = da.reshape(T * N, H)  # a sum over steps and sequences is now one product
    grads = {
        "W_xh": x.reshape(T * N, -1).T @ da,
        "W_hh": before.reshape(T * N, H).T @ da,
        "b_h": da.sum(axis=0),
        "W_hy": states.T @ dz,
        "b_y": dz.sum(axis=0),
    }
    return loss, {name: grads[name] for name in params}


def spectral_radius(W):
    """Largest absolute value of the eigenvalues of a square matrix.

    Parameters
    ----------
    W : array-like of shape (H, H)
        Real numbers; need not be symmetric, so that eigenvalues may be complex.

    Returns
    -------
    radius : float
        In the units of `W`; not negative.

    Raises
    ------
    ValueError
        If `W` is not square.

    References
    ----------
    Horn, Johnson (2013), Matrix Analysis, 2nd ed., definition 1.2.9.

    Examples
    --------
    >>> round(spectral_radius([[0, -2], [2, 0]]), 6)  # eigenvalues 2i and -2i
    2.0
    """
    W = np.asarray(W, dtype=float)
    if W.ndim != 2 or W.shape[0] != W.shape[1]:
        raise ValueError(f"expected a square matrix W, got {W.shape}")
    return float(np.max(np.abs(np.linalg.eigvals(W))))


def state_gradient_norms(hidden, params):
    """How strongly the last state of a recurrent network depends on each earlier one.

    Parameters
    ----------
    hidden : array-like of shape (T, N, H)
        States of a forward pass, as `rnn_forward` returns them.
    params : dict of str to ndarray
        ``W_hh`` (H, H); other entries are not used.

    Returns
    -------
    norms : ndarray of shape (T, N)
        At ``[t, n]`` the spectral norm of the matrix of derivatives of sequence n's last state,
        ``hidden[-1, n]``, with respect to its state ``hidden[t, n]``; 1 at the last step. No units.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, equation 5.

    Examples
    --------
    >>> state_gradient_norms(np.zeros((3, 1, 2)), {"W_hh": np.array([[0.0, 2.0], [3.0, 0.0]])})
    array([[6.],
           [3.],
           [1.]])
    """
    hidden, W_hh = np.asarray(hidden, dtype=float), np.asarray(params["W_hh"], dtype=float)
    if hidden.ndim != 3 or W_hh.shape != (hidden.shape[2], hidden.shape[2]):
        raise ValueError(f"expected hidden (T, N, H) and W_hh (H, H), got {hidden.shape} and {W_hh.shape}")
    T, N, H = hidden.shape
    slope = 1 - hidden**2  # of the tanh
    norms = np.ones((T, N))
    product = np.eye(H)  # dh_T/dh_T; from the next step on (N, H, H), one matrix per sequence
    for t in reversed(range(T - 1)):
        product = product * slope[t + 1][:, np.newaxis, :] @ W_hh.T
        norms[t] = np.linalg.norm(product, ord=2, axis=(1, 2))
    return norms


def lstm_step(x_t, h, c, params):
    """State of a long short-term memory (LSTM) after one more step.

    Parameters
    ----------
    x_t : array-like of shape (N, D)
        Inputs of this step, one sequence per row.
    h : array-like of shape (N, H)
        Hidden state, the output, before the step.
    c : array-like of shape (N, H)
        Cell state, the memory, before the step.
    params : dict of str to ndarray
        ``W_x`` (D, 4H), ``W_h`` (H, 4H) and ``b`` (4H,). Their columns are, in this order, H for the input
        gate, H for the forget gate, H for the cell candidate and H for the output gate.

    Returns
    -------
    h : ndarray of shape (N, H)
        New hidden state, between -1 and 1. No units.
    c : ndarray of shape (N, H)
        New cell state.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    References
    ----------
    Hochreiter, Schmidhuber (1997), Long short-term memory, Neural Computation 9(8); the forget gate:
    Gers, Schmidhuber, Cummins (2000), Learning to forget, Neural Computation 12(10).

    Examples
    --------
    >>> params = {"W_x": np.zeros((1, 4)), "W_h": np.zeros((1, 4)), "b": np.zeros(4)}
    >>> h, c = lstm_step([[1.0]], [[0.0]], [[2.0]], params)  # every gate half open
    >>> c
    array([[1.]])
    """
    x_t, h, c = (np.asarray(v, dtype=float) for v in (x_t, h, c))
    W_x, W_h, b = params["W_x"], params["W_h"], params["b"]
    if x_t.shape != (len(h), len(W_x)) or h.shape != (len(x_t), len(W_h)) or c.shape != h.shape:
        raise ValueError(f"expected x_t (N, D), h and c (N, H), got {x_t.shape}, {h.shape}, {c.shape}")
    i, f, g, o = np.split(x_t @ W_x + h @ W_h + b, 4, axis=1)  # (N, H) each
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
