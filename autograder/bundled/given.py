"""Functions of earlier lessons that a later one uses, ready-made and built on library calls."""

import collections
import math
import string

import numpy as np
import scipy.linalg
import scipy.special


def l1_norm(x):
    """Sum of the absolute values of a vector."""
    return math.fsum(map(abs, _vector(x).tolist()))


def l2_norm(x):
    """Euclidean length of a vector."""
    return math.dist(_vector(x), np.zeros(len(x)))


def stable_l2_norm(x):
    """Euclidean length of a vector whose squared entries may not fit into a float."""
    return math.hypot(*_vector(x).tolist())


def spectral_norm(A, n_steps=500):
    """Largest singular value of a matrix; by a decomposition, so `n_steps` does not matter."""
    if np.ndim(A) != 2:
        raise ValueError(f"expected a matrix, got an array of shape {np.shape(A)}")
    singular_values = scipy.linalg.svdvals(A) if np.size(A) else [0.0]
    return float(singular_values[0])


def numerical_gradient(f, x, h=1e-5):
    """Gradient of a function by central differences."""
    centre = np.array(x, dtype=float)
    slopes = np.empty(centre.size)
    for i in range(centre.size):
        ahead, behind = centre.copy(), centre.copy()
        ahead.flat[i] += h
        behind.flat[i] -= h
        slopes[i] = np.subtract(f(ahead), f(behind)).item() / h / 2
    return slopes.reshape(centre.shape)


def relative_error(a, b):
    """Distance of two arrays over the sum of their lengths."""
    first, second = _floats(a, b)
    if first.shape != second.shape:
        raise ValueError(f"expected two arrays of one shape, got {first.shape} and {second.shape}")
    lengths = stable_l2_norm(first.reshape(-1)), stable_l2_norm(second.reshape(-1))
    return stable_l2_norm((first - second).reshape(-1)) / (sum(lengths) or 1.0)


def global_norm(grads):
    """L2 norm of all gradients together, read as one long vector."""
    return float(np.linalg.norm([np.linalg.norm(gradient) for gradient in grads.values()]))


def count_words(texts, vocabulary):
    """How often each word of a vocabulary stands in each text."""
    if type(texts) is str:
        raise TypeError("texts is one string: put it into a list")
    nothing = dict.fromkeys(map(ord, string.punctuation))
    tallies = [collections.Counter(text.translate(nothing).lower().split()) for text in texts]
    table = [[tally[word] for word in vocabulary] for tally in tallies]
    return np.array(table, dtype=int).reshape(len(table), len(vocabulary))


def sigmoid(z):
    """The logistic function of each entry."""
    return scipy.special.expit(np.array(z, dtype=float))


def predict_probability(w, X):
    """Probability that y = 1, for each sample."""
    weights, samples = _floats(w, X)
    return scipy.special.expit(np.matmul(samples, weights))


def log_likelihood(w, X, y):
    """Logarithm of the probability that the model gives to all labels together."""
    weights, samples, labels = _floats(w, X, y)
    scores = np.matmul(samples, weights)
    return math.fsum(scipy.special.log_expit(np.where(labels == 1, scores, -scores)))


def log_likelihood_gradient(w, X, y):
    """How the log-likelihood changes with each weight."""
    samples, labels = _floats(X, y)
    return np.matmul(labels - predict_probability(w, samples), samples)


def fit_logistic_regression(X, y, learning_rate, n_steps):
    """Weights after so many steps of gradient ascent, and the gradient's norm before each."""
    samples, labels = _floats(X, y)
    weights, lengths = np.zeros(np.shape(samples)[1]), []
    for _ in range(n_steps):
        uphill = log_likelihood_gradient(weights, samples, labels)
        lengths.append(stable_l2_norm(uphill))
        weights += learning_rate * uphill
    return weights, np.array(lengths, dtype=float)


def predict(w, X, threshold=0.5):
    """A decision for each sample: 1 where the probability exceeds a threshold."""
    return np.greater(predict_probability(w, X), threshold) * 1


def accuracy(y, y_pred):
    """Fraction of the predictions that agree with the labels."""
    if np.shape(y) != np.shape(y_pred) or not np.size(y):
        raise ValueError(f"expected labels of one shape, got {np.shape(y)} and {np.shape(y_pred)}")
    return np.count_nonzero(np.equal(y, y_pred)) / np.size(y)


def rnn_forward(x, h0, params):
    """States of a recurrent network after each step of a batch of sequences."""
    inputs, state = _floats(x, h0)
    if inputs.ndim != 3 or state.shape != (inputs.shape[1], len(params["W_hh"])):
        raise ValueError(f"inputs of shape {inputs.shape} and states of shape {state.shape} do not fit")
    states = []
    for step in inputs:
        score = np.matmul(step, params["W_xh"])
        score += np.matmul(state, params["W_hh"])
        score += params["b_h"]
        states.append(state := np.tanh(score))
    return np.reshape(states, (len(inputs), *state.shape))


def state_gradient_norms(hidden, params):
    """How strongly the last state of a recurrent network depends on each earlier one."""
    states, weights = _floats(hidden, params["W_hh"])
    if states.ndim != 3 or weights.shape != 2 * states.shape[-1:]:
        raise ValueError(f"states of shape {states.shape} and W_hh of shape {weights.shape} do not fit")
    norms = [np.ones(states.shape[1])]
    chains = np.broadcast_to(np.identity(len(weights)), (states.shape[1], *weights.shape))
    for state in states[:0:-1]:
        chains = np.einsum("nij,nj,kj->nik", chains, 1 - np.square(state), weights, optimize=True)
        norms.append(np.linalg.svd(chains, compute_uv=False)[:, 0])
    return np.array(norms[::-1])


def clip_by_global_norm(grads, max_norm):
    """Gradients scaled down together so that their global norm is at most `max_norm`; and the norm."""
    if math.isnan(max_norm) or max_norm <= 0:
        raise ValueError(f"max_norm has to be positive, and it is {max_norm}")
    arrays = dict(zip(grads, _floats(*grads.values()), strict=True))
    norm = stable_l2_norm([stable_l2_norm(array.reshape(-1)) for array in arrays.values()])
    if not math.isfinite(norm):
        raise FloatingPointError(f"the global norm is {norm}")
    share = min(max_norm / norm, 1.0) if norm else 1.0
    if share > 1e-290:
        return {name: array * share for name, array in arrays.items()}, norm
    return {name: array / norm * max_norm for name, array in arrays.items()}, norm


def momentum_step(params, grads, velocity, learning_rate, momentum, max_norm):
    """Parameters and velocity after one step of clipped gradient descent with momentum."""
    push = clip_by_global_norm(grads, max_norm)[0]
    faster = {name: np.multiply(momentum, velocity[name]) + push[name] for name in velocity}
    return {name: np.subtract(params[name], learning_rate * faster[name]) for name in params}, faster


def average_then_clip(micro_grads, max_norm):
    """Average of the gradients of several micro-batches, clipped by its global norm."""
    first, *_ = micro_grads
    total = {name: sum(np.array(part[name], dtype=float) for part in micro_grads) for name in first}
    return clip_by_global_norm({name: array / len(micro_grads) for name, array in total.items()}, max_norm)


def clipping_threshold(gradient_norms, percentile):
    """Percentile of the finite gradient norms of a run."""
    known = [norm for norm in np.array(gradient_norms, dtype=float) if math.isfinite(norm)]
    if not known:
        raise ValueError("no norm is finite")
    return float(np.quantile(known, percentile / 100))


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
        In the squared units of `y`.
    grads : dict of str to ndarray
        Derivative of the loss with respect to every entry of each array of `params`.
    """
    inputs, due = _floats(x, y)
    if inputs.ndim != 3 or due.shape != (inputs.shape[1],):
        raise ValueError(f"inputs of shape {inputs.shape} and sums of shape {due.shape} do not fit")
    start = np.zeros((1, len(due), len(params["b_h"])))
    states = np.concatenate([start, rnn_forward(inputs, start[0], params)])
    miss = np.matmul(states[-1], params["W_hy"]) + params["b_y"] - due.reshape(-1, 1)
    blame = 2 * miss / len(due)
    back, backs = np.matmul(blame, np.transpose(params["W_hy"])), []
    for state in states[:0:-1]:
        backs.append(back * (1 - np.square(state)))
        back = np.matmul(backs[-1], np.transpose(params["W_hh"]))
    backs = np.array(backs[::-1])
    found = {
        "W_xh": np.matmul(inputs.transpose(0, 2, 1), backs).sum(axis=0),
        "W_hh": np.matmul(states[:-1].transpose(0, 2, 1), backs).sum(axis=0),
        "b_h": backs.sum(axis=(0, 1)),
        "W_hy": np.matmul(states[-1].T, blame),
        "b_y": blame.sum(axis=0),
    }
    return float(np.square(miss).mean()), {name: found[name] for name in params}


def adding_run(
    rng, learning_rate, max_norm=np.inf, n_updates=800, recurrent_scale=1.0, one_batch=False, stop=None
):
    """Record of one training run on the adding problem with 20 steps: a network under observation.

    Parameters
    ----------
    rng : numpy.random.Generator
        For the start and the sequences.
    learning_rate : float
        At the first update; it falls in a straight line to 0.
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
    network = _untrained(rng, recurrent_scale)
    velocity = {name: 0.0 * array for name, array in network.items()}
    run = {"losses": [], "gradient_norms": []}
    batch = None
    with np.errstate(all="ignore"):
        for rate in learning_rate * (1 - np.arange(n_updates) / n_updates):
            batch = batch if one_batch and batch else _marked_sequences(32, rng)
            loss, slopes = adding_gradients(*batch, network)
            run["losses"].append(loss)
            run["gradient_norms"].append(global_norm(slopes))
            dead = not math.isfinite(run["gradient_norms"][-1])
            if dead or (stop and stop(run["losses"], run["gradient_norms"])):
                break
            network, velocity = momentum_step(network, slopes, velocity, rate, 0.9, max_norm)
        unseen, sums = _marked_sequences(1000, np.random.default_rng(2026))
        states = rnn_forward(unseen, np.zeros((1000, 32)), network)
        answers = np.matmul(states[-1], network["W_hy"]) + network["b_y"]
        error = float(np.square(answers.reshape(-1) - sums).mean())
    return run | {"error": error, "hidden": states[:, :8], "W_hh": network["W_hh"]}


def _untrained(rng, recurrent_scale):
    """Parameters of a network of 32 units before its first update."""
    into = 0.5 * rng.normal(size=(2, 32))
    across = recurrent_scale * scipy.linalg.qr(rng.normal(size=(32, 32)))[0]
    out = rng.normal(size=(32, 1)) / math.sqrt(32)
    return {"W_xh": into, "W_hh": across, "b_h": np.zeros(32), "W_hy": out, "b_y": np.zeros(1)}


def _marked_sequences(n, rng):
    """Sequences of 20 steps and their sums."""
    drawn = rng.random((20, n))
    places = [rng.integers(10, size=n), rng.integers(10, 20, size=n)]
    sums = sum(np.take_along_axis(drawn, place[np.newaxis], axis=0)[0] for place in places)
    marked = (np.arange(20).reshape(-1, 1) == places[0]) | (np.arange(20).reshape(-1, 1) == places[1])
    return np.dstack([drawn, marked]), sums


def _floats(*values):
    return [np.array(value, dtype=float) for value in values]


def _vector(x):
    (entries,) = _floats(x)
    if entries.ndim != 1:
        raise ValueError(f"expected a vector, got an array of shape {entries.shape}")
    return entries
