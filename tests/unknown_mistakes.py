"""Wrong answers that no misconception describes exactly, by the exercise that they answer."""

import numpy as np


def one_too_much(x):
    return np.sum(np.abs(np.asarray(x, dtype=float))) + 1


def of_the_first_entry(x):
    for v in np.asarray(x, dtype=float):
        return abs(v)
    return 0.0


def of_all_but_the_last_entry(x):
    return float(np.sum(np.abs(np.asarray(x, dtype=float)[:-1])))


def prints_only(x):
    print(sum(abs(v) for v in x))


def a_text(x):
    return f"{sum(abs(v) for v in x)}"


def two_arguments(x, y):
    return abs(x) + abs(y)


def caret(x):
    return np.sqrt(np.sum(np.asarray(x, dtype=float) ^ 2))


def twice(x):
    return 2 * np.hypot.reduce(np.asarray(x, dtype=float))


def negative(x):
    return -np.hypot.reduce(np.asarray(x, dtype=float))


def needs_an_array(x):
    return np.sqrt((x * 1.0 * x).sum())


def forbidden(x):
    return np.linalg.norm(np.asarray(x, dtype=float))


def in_place(x):
    x /= np.hypot.reduce(x)
    return x


def another_each_time(x, calls=[]):  # noqa: B006 - the mistake
    calls.append(x)
    too_many = len(calls) > 29  # as many as there are cases; then come three of them again
    if len(calls) == 32:
        calls.clear()
    return np.max(np.abs(np.asarray(x, dtype=float)), initial=0.0) + too_many


def global_random_numbers(x):
    np.random.random()
    return np.max(np.abs(np.asarray(x, dtype=float)), initial=0.0)


def loops_over_rows(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError("two matrices with as many columns, please")
    rows = []
    for a in X:
        rows.append(np.sqrt(np.sum((Y - a) ** 2, axis=1)))
    return np.array(rows).reshape(len(X), len(Y))


def shortest(a, b):
    return np.hypot.reduce([float(p) - float(q) for p, q in zip(a, b, strict=False)])


def stops_at_the_shorter_one_or_is_shifted(a, b):
    n = min(len(a), len(b))
    return np.hypot.reduce(np.asarray(a, dtype=float)[:n] - np.asarray(b, dtype=float)[:n]) + (len(a) > 4)


def a_step_on_one_side(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    return np.array([(f(x + 2 * h * e) - f(x)) / (2 * h) for e in np.eye(x.size).reshape(-1, *x.shape)])


def warns(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def words_in_reverse(w, vocabulary, k):
    order = np.argsort(np.asarray(w, dtype=float)[1:])
    return [vocabulary[i] for i in order[:k]][::-1], [vocabulary[i] for i in order[-k:]]


def one_word_twice(w, vocabulary, k):
    return [vocabulary[0]] * k, [vocabulary[0]] * k


def own_arrays(grads, limit):
    for g in grads.values():
        np.clip(g, -limit, limit, out=g)
    return grads


def fifty_times_is_enough(losses, gradient_norms):
    norms = np.asarray(gradient_norms, dtype=float)
    if not np.all(np.isfinite(losses)) or not np.all(np.isfinite(norms)):
        return True
    return bool(norms.size > 1 and norms[-1] > 50 * np.median(norms[:-1]))


def three_channels(n_sequences, n_steps, rng):
    return rng.random((n_steps, n_sequences, 3)), rng.random(n_sequences)


def sums_of_everything(n_sequences, n_steps, rng):
    x = np.zeros((n_steps, n_sequences, 2))
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    x[0, :, 1] = x[-1, :, 1] = 1
    return x, np.sum(x[:, :, 0], axis=0)


def zeros(rng):
    return {"W_xh": np.zeros((2, 3)), "W_hh": np.eye(3), "b_h": np.zeros(3), "W_hy": np.ones((3, 1))}


def small(rng):
    network = {"W_xh": np.ones((2, 3)), "W_hh": np.eye(3), "b_h": np.zeros(3), "W_hy": np.ones((3, 1))}
    return network | {"b_y": np.array([-0.5])}


ATTEMPTS = {
    "l1_norm": (
        one_too_much,
        of_the_first_entry,
        of_all_but_the_last_entry,
        prints_only,
        a_text,
        two_arguments,
    ),
    "l2_norm": (caret, twice, negative, needs_an_array, forbidden, 5),
    "max_norm": (another_each_time, global_random_numbers),
    "normalize": (in_place,),
    "euclidean_distance": (shortest, stops_at_the_shorter_one_or_is_shifted),
    "pairwise_distances": (loops_over_rows,),
    "numerical_gradient": (a_step_on_one_side,),
    "sigmoid": (warns,),
    "top_words": (words_in_reverse, one_word_twice),
    "clip_by_value": (own_arrays,),
    "has_exploded": (fifty_times_is_enough,),
    "adding_problem": (three_channels, sums_of_everything),
    "train_adding_rnn": (zeros, small),
}
