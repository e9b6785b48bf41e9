"""What is due where more than one result is right: checks of a result that need no right answer."""

import numpy as np

from helpers.outcomes import Property

# -- adding_problem -----------------------------------------------------------------------------

_WELL_KNOWN_SEEDS = (0, 1, 2, 3, 7, 42, 123, 1234, 2024, 2025, 2026)
_SIGMAS = 8  # a right answer strays so far with a probability below 1e-11, given 200 expected hits
_EXPECTED_HITS = 200


def _adding_flaw(value, n_sequences, n_steps, rng):
    """Sentence on what is wrong with sequences and sums, or ""; `rng` is not touched."""
    x, y = value
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    flaw = _flaw_of_shapes(x, y, n_sequences, n_steps)
    if flaw:
        return flaw
    numbers, marks = x[:, :, 0], x[:, :, 1]
    return (
        _flaw_of_entries(numbers, marks)
        or _flaw_of_marks(marks)
        or _flaw_of_sums(numbers, marks, y)
        or _flaw_of_repetition(numbers, marks)
        or _flaw_of_chance(numbers, marks)
    )


def _flaw_of_shapes(x, y, N, T):
    if x.ndim == 1 and y.ndim == 3:
        return "The pair is in the order y, x."
    if x.shape == (N, T, 2):
        return "The axes of `x` are in the order sequences, steps, channels."
    if x.shape != (T, N, 2):
        return f"`x` has the shape {x.shape}, but {T} steps, {N} sequences and 2 channels are due."
    if y.shape == (N, N) and N > 1:
        return "`y` has one number for each pair of sequences."
    if y.shape != (N,):
        return f"`y` has the shape {y.shape}, but one number for each of {N} sequences is due."
    return "" if np.all(np.isfinite(x)) and np.all(np.isfinite(y)) else "Not every entry is a finite number."


def _flaw_of_entries(numbers, marks):
    if not np.all(np.isin(marks, (0, 1))):
        exchanged = np.all(np.isin(numbers, (0, 1)))
        return "The channels are exchanged." if exchanged else "Channel 1 holds more than zeros and ones."
    if np.any(numbers < 0) or np.any(numbers >= 1):
        return "A number in channel 0 lies outside [0, 1)."
    if np.any(marks == 0) and np.all(numbers[marks == 0] == 0):
        return "Channel 0 holds no number where there is no mark."
    return ""


def _flaw_of_marks(marks):
    n_steps, n_sequences = marks.shape
    half = n_steps // 2
    n_marks = np.sum(marks, axis=0)
    if np.any(n_marks != 2):
        if np.all((n_marks == 1) | (n_marks == 2)) and np.any(n_marks == 2):
            return "Two marks have fallen on one step."
        if n_sequences > 1 and np.all(n_marks > 2) and np.all(marks == marks[:, :1]):
            return (
                "`x[steps, :, 1] = 1` marks these steps in all sequences; pair each step with its own "
                "sequence: `x[steps, np.arange(n), 1]`."
            )
        few = np.any(n_marks < 2)
        return "A sequence has fewer than two marks." if few else "A sequence has more than two marks."
    if np.any(np.sum(marks[:half], axis=0) != 1):
        late_cut = n_steps % 2 and np.all(np.sum(marks[: half + 1], axis=0) == 1)
        return (
            "The first half is a step too long." if late_cut else "Both marks of a sequence are in one half."
        )
    return ""


def _flaw_of_sums(numbers, marks, y):
    first = np.argmax(marks, axis=0)
    last = len(marks) - 1 - np.argmax(marks[::-1], axis=0)
    columns = np.arange(len(y))
    a, b = numbers[first, columns], numbers[last, columns]
    if np.allclose(y, a + b, rtol=0, atol=1e-6):  # 32-bit floats will do
        return ""
    known = (
        ((a + b) / 2, "`y` is the mean of the two marked numbers."),
        (a * b, "`y` is the product of the two marked numbers."),
        (a, "`y` is the first marked number alone."),
        (b, "`y` is the second marked number alone."),
        (np.sum(numbers, axis=0), "`y` is the sum of all numbers of a sequence."),
        (first + last, "`y` is the sum of the two marked steps, not of the numbers there."),
        (a + b + 2, "`y` is the sum of both channels at the marked steps."),
    )
    for wrong, sentence in known:
        if np.allclose(y, wrong, rtol=0, atol=1e-6):
            return sentence
    return "`y` is not the sum of the two marked numbers of each sequence."


def _flaw_of_repetition(numbers, marks):
    n_steps, n_sequences = marks.shape
    half = n_steps // 2
    n_places = half * (n_steps - half)
    if n_sequences > 1 and np.all(numbers == numbers[:, :1]):
        return "All sequences hold the same numbers."
    if np.all(numbers == numbers[:1]):
        return "A sequence holds the same number at every step."
    if np.unique(numbers).size <= numbers.size / 2:
        return "The numbers repeat, or take few values."
    if (n_sequences - 1) * np.log(n_places) > 25 and np.all(marks == marks[:, :1]):  # chance: exp(-25)
        return "All sequences have their marks at the same steps."
    for seed in _WELL_KNOWN_SEEDS:
        generator = np.random.default_rng(seed)
        if np.any(numbers == generator.random()):
            return "The numbers are those of a generator with a fixed seed, not of `rng`."
    return ""


def _flaw_of_chance(numbers, marks):
    """What many sequences show, so that a right answer fails with a probability below 1e-9."""
    n_steps, n = marks.shape
    half = n_steps // 2
    first, second = np.argmax(marks[:half], axis=0), np.argmax(marks[half:], axis=0)
    sizes = half, n_steps - half
    if _follows(second, first, sizes[1]):
        return "The second mark follows from the first."
    for place, size in zip((first, second), sizes, strict=True):
        counts = np.bincount(place, minlength=size)
        if _is_strange(counts, n, 1 / size):
            if np.any(counts == 0):
                return "There is a step that is never marked."
            return "Some steps are marked more often than others of their half."
    pairs = np.bincount(first * sizes[1] + second, minlength=sizes[0] * sizes[1])
    if _is_strange(pairs, n, 1 / pairs.size):
        return "The second mark depends on the first."
    for place, size in zip((first, second), sizes, strict=True):
        if size > 1 and _is_strange(np.sum(place[1:] == place[:-1]), n - 1, 1 / size):
            return "The marks follow a pattern from one sequence to the next."
    ordered = np.sort(numbers.ravel())
    distance = np.max(np.abs(ordered - np.arange(ordered.size) / ordered.size))
    if distance > np.sqrt(12 / ordered.size):  # Massart: a chance of 2 exp(-24)
        return "The numbers are not uniform in [0, 1)."
    spread = np.abs(np.sum(numbers * marks, axis=0) - 1).mean()  # 1/3 for the sum of two uniform numbers
    mean = np.sum(numbers * marks) / n
    if n >= _EXPECTED_HITS and max(abs(mean - 1), abs(spread - 1 / 3)) > _SIGMAS * 0.41 / np.sqrt(n):
        return "The marks prefer some numbers: they have to fall anywhere, whatever stands there."
    return ""


def _follows(second, first, size):
    """Whether each first mark has one second mark, of several, where chance is below exp(-25)."""
    n_first, n_second = np.unique(first).size, np.unique(second).size
    n_pairs = np.unique(first * size + second).size
    return n_pairs == n_first > 1 < n_second and (first.size - n_first) * np.log(size) > 25


def _is_strange(counts, n, p):
    """Whether binomial counts are too far from what is expected, where there are enough to tell."""
    spread = np.sqrt(n * p * (1 - p))
    return n * p >= _EXPECTED_HITS and bool(np.any(np.abs(counts - n * p) > _SIGMAS * spread))


SEQUENCES = Property(
    "x (n_steps, n_sequences, 2) with numbers from [0, 1) and one mark in each half, and y (n_sequences,)",
    _adding_flaw,
)

# -- top_words ----------------------------------------------------------------------------------


def _tied_flaw(value, w, vocabulary, k):
    positive, negative = value
    if sorted(map(str, positive)) == ["a", "c"] and sorted(map(str, negative)) == ["b", "d"]:
        return ""
    if len(set(map(str, positive))) < len(positive):
        return "Of two words that have one weight, the same one comes twice."
    return "Two words have one weight: both of them are due, in any order."


TIED_WORDS = Property('"a" and "c" first, "b" and "d" first', _tied_flaw)

# -- train_adding_rnn ---------------------------------------------------------------------------

_LIMIT = 0.02
_SHAPES = {"W_xh": "(2, H)", "W_hh": "(H, H)", "b_h": "(H,)", "W_hy": "(H, 1)", "b_y": "(1,)"}


def trained(exam, forward):
    """Property of a network that has learned the adding problem.

    Parameters
    ----------
    exam : callable
        ``exam(rng)`` returns unseen sequences and sums, twice: 2,000 of 20 steps and 500 of 10. It leaves
        `rng` as it is.
    forward : callable
        ``forward(x, h0, params)`` returns the states of the network after each step.

    Returns
    -------
    trained : Property
    """

    def predictions(x, params):
        hidden = forward(x, np.zeros((x.shape[1], params["b_h"].size)), params)
        return hidden[-1] @ params["W_hy"][:, 0] + params["b_y"]

    def flaw(value, rng):
        """Sentence on what is wrong with trained parameters, or ""; `rng` is not touched."""
        wrong = _flaw_of_kind(value)
        if wrong:
            return wrong
        params = {name: np.asarray(value[name], dtype=float) for name in _SHAPES}
        wrong = _flaw_of_parameters(params)
        if wrong:
            return wrong
        (x, y), shorter = exam(rng)
        with np.errstate(all="ignore"):
            answers = predictions(x, params)
            if np.mean((answers - y) ** 2) <= _LIMIT:
                return ""
            short_error = np.mean((predictions(shorter[0], params) - shorter[1]) ** 2)
            return _flaw_of_answers(answers, y, short_error)

    return Property(
        "the five parameters of a network whose mean squared error on 2,000 unseen sequences of 20 steps is "
        "at most 0.02",
        flaw,
    )


def _flaw_of_kind(value):
    if type(value) in (tuple, list) and any(type(item) is dict for item in value):
        return "It returned several things: return the dict of parameters alone."
    if type(value) is not dict:
        return "It did not return a dict of parameters."
    if not value.keys() >= _SHAPES.keys():
        return f"The dict does not have all of the keys {', '.join(_SHAPES)}."
    return ""


def _flaw_of_parameters(params):
    H = params["b_h"].size
    due = {"W_xh": (2, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, 1), "b_y": (1,)}
    for name, shape in due.items():
        if params[name].shape != shape:
            return f"`{name}` does not have the shape {_SHAPES[name]}."
    if not all(np.all(np.isfinite(p)) for p in params.values()):
        return "A parameter is NaN or infinite."
    return ""


def _flaw_of_answers(answers, y, short_error):
    """Why a network errs: what its answers are like, from the plainest to the finest."""
    error = np.mean((answers - y) ** 2)
    if not np.isfinite(error) or error > 10:
        return "Its answers are off by far more than anybody who always says 1."
    if np.std(answers) < 0.01:
        return "It gives nearly the same answer to every sequence."
    if np.mean((2 * answers - y) ** 2) < 0.06:
        return "It has learned to answer with half the sum."
    if short_error < 0.06 and error > 0.1:
        return "It has learned to add within 10 steps, but not within 20."
    for bound, sentence in (
        (
            0.12,
            "It has learned something, but its error is still above 0.02. What helps are more updates, "
            "larger batches, and a learning rate that falls to 0.",
        ),
        (
            0.2,
            "It is no better than always answering 1. Either its memory does not reach back to the first "
            "mark (start with an orthogonal `W_hh`), or a learning rate that stays constant has thrown it "
            "off at the end (let it fall to 0).",
        ),
        (0.9, "Its error is worse than that of always answering 1."),
    ):
        if error <= bound:
            return sentence
    return "Its answers have nothing to do with the sums."
