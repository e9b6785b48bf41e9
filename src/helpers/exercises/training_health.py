"""Exercises of lesson 07: the adding problem, a monitor of training runs, and a network to train."""

import copy
import statistics

import numpy as np

from helpers import training_health
from helpers.checking import Case, Exercise, Misconception
from helpers.clipping import momentum_step
from helpers.exercises.common import floats
from helpers.properties import SEQUENCES, trained
from helpers.rnn import rnn_forward
from helpers.training_health import adding_gradients

# -- adding_problem -----------------------------------------------------------------------------


def _draw_sequences(rng):
    n_sequences, n_steps = int(rng.integers(40, 61)), int(rng.integers(5, 13))
    return n_sequences, n_steps, np.random.default_rng(int(rng.integers(10**6, 10**9)))


def _sequences(n_sequences, n_steps, rng, *, low=0, cut=None, end=None):
    """A right answer with some other ranges of the marked steps."""
    half = n_steps // 2 if cut is None else cut
    end = n_steps if end is None else end
    x, every = np.zeros((n_steps, n_sequences, 2)), np.arange(n_sequences)
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    x[rng.integers(low, max(half, low + 1), n_sequences), every, 1] = 1
    x[rng.integers(half, max(end, half + 1), n_sequences), every, 1] = 1
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _sequences_first(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    return np.swapaxes(x, 0, 1).copy(), y


def _sums_in_a_column(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    return x, y[:, np.newaxis]


def _channels_exchanged(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    return x[:, :, ::-1].copy(), y


def _marks_hold_the_number(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    x[:, :, 1] *= x[:, :, 0]
    return x, y


def _unmarked_numbers_are_zero(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    x[:, :, 0] *= x[:, :, 1]
    return x, y


def _pair_exchanged(n_sequences, n_steps, rng):
    return _sequences(n_sequences, n_steps, rng)[::-1]


def _one_mark_in_each_sequence(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    x[:, :, 1] = 0
    x[rng.integers(0, n_steps, n_sequences), np.arange(n_sequences), 1] = 1
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _numbers_out_of_range(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    x[:, :, 0] = rng.normal(size=(n_steps, n_sequences))
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _marks_anywhere(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    x[:, :, 1] = np.argsort(rng.random((n_steps, n_sequences)), axis=0) < 2
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _both_marks_on_one_step(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    x[:, :, 1] = 0
    for _ in range(2):
        x[rng.integers(0, n_steps, n_sequences), np.arange(n_sequences), 1] = 1
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _odd_number_of_steps_cut_too_late(n_sequences, n_steps, rng):
    return _sequences(n_sequences, n_steps, rng, cut=(n_steps + 1) // 2)


def _a_step_is_never_marked(n_sequences, n_steps, rng):
    return _sequences(n_sequences, n_steps, rng, low=min(1, n_steps // 2 - 1))


def _marks_at_the_same_steps_for_all(n_sequences, n_steps, rng):
    x, half = np.zeros((n_steps, n_sequences, 2)), n_steps // 2
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    x[rng.integers(0, half), :, 1] = 1
    x[rng.integers(half, n_steps), :, 1] = 1
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _every_mark_in_every_sequence(n_sequences, n_steps, rng):
    x, half = np.zeros((n_steps, n_sequences, 2)), n_steps // 2
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    first = rng.integers(0, half, n_sequences)
    second = rng.integers(half, n_steps, n_sequences)
    x[first, :, 1] = 1
    x[second, :, 1] = 1
    every = np.arange(n_sequences)
    return x, x[first, every, 0] + x[second, every, 0]


def _second_mark_half_a_length_later(n_sequences, n_steps, rng):
    x, half, every = np.zeros((n_steps, n_sequences, 2)), n_steps // 2, np.arange(n_sequences)
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    first = rng.integers(0, half, n_sequences)
    second = np.where(rng.random(n_sequences) < 0.5, first + half, rng.integers(half, n_steps, n_sequences))
    x[first, every, 1] = x[second, every, 1] = 1
    return x, x[first, every, 0] + x[second, every, 0]


def _second_mark_follows_from_the_first(n_sequences, n_steps, rng):
    x, half, every = np.zeros((n_steps, n_sequences, 2)), n_steps // 2, np.arange(n_sequences)
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    first = rng.integers(0, half, n_sequences)
    x[first, every, 1] = x[first + half, every, 1] = 1
    return x, x[first, every, 0] + x[first + half, every, 0]


def _whole_rows_for_entries(n_sequences, n_steps, rng):
    x, half = np.zeros((n_steps, n_sequences, 2)), n_steps // 2
    x[:, :, 0] = rng.random((n_steps, n_sequences))
    first = rng.integers(0, half, n_sequences)
    second = rng.integers(half, n_steps, n_sequences)
    x[first, :, 1] = x[second, :, 1] = 1
    return x, x[first, :, 0] + x[second, :, 0]


def _same_numbers_in_all_sequences(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    x[:, :, 0] = rng.random((n_steps, 1))
    return x, np.sum(x[:, :, 0] * x[:, :, 1], axis=0)


def _fixed_seed(n_sequences, n_steps, rng):
    return _sequences(n_sequences, n_steps, np.random.default_rng(0))


def _mean_for_sum(n_sequences, n_steps, rng):
    x, y = _sequences(n_sequences, n_steps, rng)
    return x, y / 2


def _product_for_sum(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    return x, np.prod(np.where(x[:, :, 1] == 1, x[:, :, 0], 1.0), axis=0)


def _sum_of_all_numbers(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    return x, np.sum(x[:, :, 0], axis=0)


def _sum_of_the_steps(n_sequences, n_steps, rng):
    x, _ = _sequences(n_sequences, n_steps, rng)
    return x, np.sum(x[:, :, 1] * np.arange(n_steps)[:, np.newaxis], axis=0)


def _forgot_the_sums(n_sequences, n_steps, rng):
    return _sequences(n_sequences, n_steps, rng)[0]


ADDING_PROBLEM = Exercise(
    reference=training_health.adding_problem,
    seconds=10,  # a mistake that people make fills 6,000 whole rows
    points=3,
    cases=(
        Case("five sequences of eight steps", (5, 8, np.random.default_rng(31415)), SEQUENCES),
        Case("a single sequence", (1, 20, np.random.default_rng(92653)), SEQUENCES),
        Case("an odd number of steps", (30, 7, np.random.default_rng(58979)), SEQUENCES),
        Case("an even number of steps", (50, 8, np.random.default_rng(93238)), SEQUENCES),
        Case("two steps, one in each half", (3, 2, np.random.default_rng(32384)), SEQUENCES),
        Case("three steps: t = 0, and t = 1 or 2", (40, 3, np.random.default_rng(62643)), SEQUENCES),
        Case("so many that chance evens out", (6000, 7, np.random.default_rng(38327)), SEQUENCES),
    ),
    draw=_draw_sequences,
    due=SEQUENCES,
    n_drawn=8,
    misconceptions=(
        Misconception(
            _sequences_first,
            "Your `x` has its sequences first. The course's recurrent networks read one step of all "
            "sequences at a time, so steps come first: make it `(n_steps, n_sequences, 2)`.",
        ),
        Misconception(
            _sums_in_a_column,
            "Your `y` is a column. An error of shape (N, 1) minus (N,) would silently become N by N: "
            "return one number per sequence, shape `(n_sequences,)`.",
        ),
        Misconception(
            _forgot_the_sums,
            "You returned `x` alone. Return the pair, `x` and `y`.",
        ),
        Misconception(
            _pair_exchanged,
            "You returned `y` first. Return the pair in the order `x, y`.",
        ),
        Misconception(
            _channels_exchanged,
            "You put the marks in channel 0 and the numbers in channel 1. Exchange them.",
        ),
        Misconception(
            _marks_hold_the_number,
            "You wrote the marked numbers into channel 1. A mark is a one, whatever the number is: the "
            "number itself stands in channel 0.",
        ),
        Misconception(
            _unmarked_numbers_are_zero,
            "You drew numbers for the marked steps only, so that nothing is left to be ignored. Draw a "
            "number for every step.",
        ),
        Misconception(
            _numbers_out_of_range,
            "Some of your numbers lie outside [0, 1): they come from a normal distribution, perhaps, or "
            "from another interval. Draw them uniformly from [0, 1): `rng.random`.",
        ),
        Misconception(
            _one_mark_in_each_sequence,
            "You marked one step of each sequence. Mark two: one in the first half and one in the second.",
        ),
        Misconception(
            _both_marks_on_one_step,
            "You drew both steps from the whole sequence, and sometimes they are one and the same. Draw one "
            "from the first half and one from the second.",
        ),
        Misconception(
            _marks_anywhere,
            "You drew two different steps from the whole sequence, so that both may lie in one half. Draw "
            "one from `t < n_steps // 2` and one from the rest.",
        ),
        Misconception(
            _every_mark_in_every_sequence,
            "You gave each sequence the marks of all the others: `x[steps, :, 1] = 1` marks these steps in "
            "all sequences. Pair each step with its own: `x[steps, np.arange(n_sequences), 1] = 1`.",
        ),
        Misconception(
            _whole_rows_for_entries,
            "Your `y` is a matrix of N by N: `x[steps, :, 0]` reads these steps of all sequences, and "
            "`x[steps, :, 1] = 1` marks them in all. Pair each step with its own sequence: "
            "`x[steps, np.arange(n_sequences), 1]`.",
        ),
        Misconception(
            _odd_number_of_steps_cut_too_late,
            "Right for an even number of steps. With an odd one the middle step belongs to the second half: "
            "cut at `n_steps // 2`.",
        ),
        Misconception(
            _mean_for_sum,
            "You returned the mean of the two marked numbers. Add them, and do not divide.",
        ),
        Misconception(
            _product_for_sum,
            "You multiplied the two marked numbers (the *multiplication* problem is another one). Add them.",
        ),
        Misconception(
            _sum_of_all_numbers,
            "You added all numbers of a sequence. Only the two with a mark count: multiply by the marks "
            "before you add.",
        ),
        Misconception(
            _sum_of_the_steps,
            "You added the positions of the marks. Add the numbers that stand there.",
        ),
        Misconception(
            _same_numbers_in_all_sequences,
            "All your sequences hold the same numbers. Draw `n_steps` times `n_sequences` of them.",
        ),
        Misconception(
            _marks_at_the_same_steps_for_all,
            "You drew one pair of steps for the whole batch. Draw a pair for each sequence: "
            "`rng.integers(..., size=n_sequences)`.",
        ),
        Misconception(
            _fixed_seed,
            "You made a generator of your own with a fixed seed, so that every batch would be the same. Draw "
            "from the `rng` that comes in.",
        ),
        Misconception(
            _a_step_is_never_marked,
            "One of the steps can never be marked. `rng.integers(low, high)` includes `low` and leaves out "
            "`high`: check both ends of both halves.",
        ),
        Misconception(
            _second_mark_half_a_length_later,
            "Your second mark depends on the first. Draw it on its own.",
        ),
        Misconception(
            _second_mark_follows_from_the_first,
            "Your second mark follows from the first. A network could then count on it: draw both, each "
            "from the whole of its half.",
        ),
    ),
    hints=(
        "Three draws are enough: all the numbers at once, the first marked step of every sequence, the "
        "second one of every sequence.",
        "Marked steps come from `rng.integers(low, high, size=n_sequences)`, which leaves out `high`. The "
        "halves are 0 … n_steps // 2 - 1, and n_steps // 2 … n_steps - 1.",
        "To set one entry in each column of a matrix, index with two arrays of the same length: "
        "`marks[steps, np.arange(n_sequences)] = 1`. What is `numbers * marks`?",
    ),
    showed=(
        "The same state of a generator gives the same batch, and each call moves the state on: one seed "
        "fixes a whole stream of fresh batches."
    ),
)

# -- has_exploded -------------------------------------------------------------------------------


def _finite(*sequences):
    return all(np.all(np.isfinite(np.asarray(s, dtype=float))) for s in sequences)


def _exceeds(last, earlier, factor=1000):
    with np.errstate(all="ignore"):
        return bool(last > factor * earlier)


def _over_median(norms, factor=1000):
    return len(norms) > 1 and _exceeds(norms[-1], np.median(norms[:-1]), factor)


def _ignores_nan_and_infinity(losses, gradient_norms):
    with np.errstate(all="ignore"):
        return _over_median(gradient_norms)


def _only_nan_counts(losses, gradient_norms):
    values = np.concatenate([losses, gradient_norms])
    with np.errstate(all="ignore"):
        return bool(np.any(np.isnan(values))) or _over_median(gradient_norms)


def _never_looks_at_the_losses(losses, gradient_norms):
    return not _finite(gradient_norms) or _over_median(gradient_norms)


def _only_losses_may_be_infinite(losses, gradient_norms):
    with np.errstate(all="ignore"):
        return not _finite(losses) or _over_median(gradient_norms)


def _nothing_equals_nan(losses, gradient_norms):
    values = np.concatenate([losses, gradient_norms])
    with np.errstate(all="ignore"):
        unusable = np.any(values == np.nan) or np.any(values == np.inf)
        return bool(unusable) or _over_median(gradient_norms)


def _looks_at_the_last_values_only(losses, gradient_norms):
    with np.errstate(all="ignore"):
        return not _finite(losses[-1:], gradient_norms[-1:]) or _over_median(gradient_norms)


def _waits_for_nan_or_infinity(losses, gradient_norms):
    return not _finite(losses, gradient_norms)


def _mean_for_median(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or (
        len(gradient_norms) > 1 and _exceeds(gradient_norms[-1], np.mean(gradient_norms[:-1]))
    )


def _median_with_the_last(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or _exceeds(gradient_norms[-1], np.median(gradient_norms))


def _any_norm_counts(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(np.max(gradient_norms), np.median(gradient_norms[:-1]))


def _compared_with_the_previous_norm(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(gradient_norms[-1], gradient_norms[-2])


def _compared_with_the_first_norm(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(gradient_norms[-1], gradient_norms[0])


def _compared_with_the_smallest_norm(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(gradient_norms[-1], np.min(gradient_norms[:-1]))


def _last_two_left_out(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 2 and _exceeds(gradient_norms[-1], np.median(gradient_norms[:-2]))


def _sides_exchanged(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(np.median(gradient_norms[:-1]), gradient_norms[-1])


def _every_run_is_healthy(losses, gradient_norms):
    return False


def _compared_with_the_largest_norm(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and _exceeds(gradient_norms[-1], np.max(gradient_norms[:-1]))


def _a_hundred_times_is_enough(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or _over_median(gradient_norms, 100)


def _ten_times_is_enough(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or _over_median(gradient_norms, 10)


def _exactly_1000_times_counts(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(gradient_norms) > 1 and bool(gradient_norms[-1] >= 1000 * np.median(gradient_norms[:-1]))


def _a_norm_above_1000(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or bool(gradient_norms[-1] > 1000)


def _losses_for_norms(losses, gradient_norms):
    return not _finite(losses, gradient_norms) or _over_median(losses)


def _true_for_healthy_runs(losses, gradient_norms):
    return not training_health.has_exploded(losses, gradient_norms)


def _both_signs_at_once(losses, gradient_norms):
    with np.errstate(all="ignore"):
        return not _finite(losses, gradient_norms) and _over_median(gradient_norms)


def _one_norm_is_an_explosion(losses, gradient_norms):
    return training_health.has_exploded(losses, [0.0, *gradient_norms][-max(len(gradient_norms), 2) :])


def _no_median_of_nothing(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return gradient_norms[-1] > 1000 * statistics.median([float(g) for g in gradient_norms[:-1]])


def _a_quiet_past_is_no_measure(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    median = np.median(gradient_norms[:-1]) if len(gradient_norms) > 1 else 0.0
    return bool(median > 0 and gradient_norms[-1] / median > 1000)


def _one_table_of_both(losses, gradient_norms):
    return not np.all(np.isfinite(np.array([losses, gradient_norms]))) or _over_median(gradient_norms)


def _counts_the_losses(losses, gradient_norms):
    if not _finite(losses, gradient_norms):
        return True
    return len(losses) > 1 and _over_median(gradient_norms)


def _one_answer_per_step(losses, gradient_norms):
    return ~np.isfinite(np.asarray(losses, dtype=float))


def _draw_run(rng):
    """A run of five to nine updates, healthy or with something the matter."""
    n = int(rng.integers(5, 10))
    losses = np.sort(rng.uniform(0.02, 0.6, size=n))[::-1].round(2)
    norms = np.exp(rng.normal(scale=0.5, size=n)).round(2)
    middle = int(rng.integers(1, n - 2))
    bad = (np.nan, np.inf)[int(rng.integers(2))]
    alter = (
        lambda: None,
        lambda: _put(norms, -1, rng.uniform(1200, 4000)),  # exploded
        lambda: _put(norms, -1, rng.uniform(300, 900)),  # large, but not large enough
        lambda: _put(norms, -1, rng.uniform(15, 90)),
        lambda: _put(norms, middle, rng.uniform(4000, 9000)),  # recovered
        lambda: (_put(norms, middle, 90_000), _put(norms, -1, rng.uniform(1500, 4000))),
        lambda: (_put(norms, 0, 0.001), _put(norms, -1, rng.uniform(2, 9))),  # a tiny start
        lambda: (_put(norms, -2, rng.uniform(30, 90)), _put(norms, -1, rng.uniform(1500, 4000))),
        lambda: _put(losses, -1, 9000),
        lambda: _put(losses, middle, bad),
        lambda: _put(norms, middle, bad),
    )
    alter[int(rng.integers(len(alter)))]()
    return losses, norms


def _put(values, place, factor):
    """Replace a value by so many times the median of all but the last."""
    values[place] = float(f"{np.median(values[:-1]) * factor:.3g}")


_CALM = floats(0.5, 0.4, 0.3)

HAS_EXPLODED = Exercise(
    reference=training_health.has_exploded,
    points=3,
    cases=(
        Case("a healthy run", (_CALM, floats(1, 2, 3)), False),
        Case("a last norm of 1001 times the median", (_CALM, floats(2, 1, 1, 1001)), True),
        Case("a last norm of exactly 1000 times the median", (_CALM, floats(0.5, 0.5, 0.5, 500)), False),
        Case("a last norm of 900 times the median", (_CALM, floats(2, 2, 1800)), False),
        Case("NaN among the losses", (floats(0.5, np.nan, 0.3), floats(1, 2, 3)), True),
        Case("an infinite loss, first of all", (floats(np.inf, 0.4, 0.3), floats(1, 2, 3)), True),
        Case("a loss of minus infinity", (floats(0.5, 0.4, -np.inf), floats(1, 2, 3)), True),
        Case("NaN among the norms", (_CALM, floats(1, np.nan, 3)), True),
        Case("an infinite norm, and a normal one after it", (_CALM, floats(1, np.inf, 1)), True),
        Case("an infinite norm at the end", (_CALM, floats(1, 2, np.inf)), True),
        Case("a last norm that is tiny", (_CALM, floats(1, 1, 0.0001)), False),
        Case("two large norms at the end", (_CALM, floats(2, 5000, 5500)), False),
        Case("a spike that the run has survived", (_CALM, floats(1, 5000, 1, 2)), False),
        Case("a second spike, as large as the first", (_CALM, floats(1, 2, 1, 5000, 5000)), True),
        Case("a tiny first norm", (_CALM, floats(0.001, 2, 2, 3)), False),
        Case(
            "a loss that jumps, while the norms are calm",
            (floats(0.1, 0.1, 0.1, 900), floats(1, 2, 1)),
            False,
        ),
        Case("one norm, and all is finite", (floats(0.5), floats(7)), False),
        Case("one norm, and the loss is NaN", (floats(np.nan), floats(7)), True),
        Case("two norms", (floats(0.5, 0.4), floats(1, 1500)), True),
        Case("two norms, and one loss", (floats(0.5), floats(1, 1500)), True),
        Case("one norm, and two losses", (floats(0.5, 0.4), floats(3)), False),
        Case("a median of 0, and a last norm above it", (_CALM, floats(0, 0, 5)), True),
        Case("norms that are all 0", (_CALM, floats(0, 0, 0)), False),
        Case("large norms that are usual for this run", (_CALM, floats(4000, 3000, 5000)), False),
        Case("lists, and more losses than norms", ([3, 2, 1, 1], [1, 2, 3000]), True),
        Case("a high norm amid low ones", (_CALM, floats(1, 50, 2, 3000)), True),
        Case("two earlier norms, whose median lies between", (_CALM, floats(1, 3, 2500)), True),
        Case("small norms, and a last one of 2000 times as much", (_CALM, floats(1e-6, 1e-6, 2e-3)), True),
    ),
    draw=_draw_run,
    n_drawn=30,
    misconceptions=(
        Misconception(
            _ignores_nan_and_infinity,
            "You compare the last norm with the median, but comparisons with NaN are never true. First ask "
            "whether every loss and every norm is finite: `np.isfinite`.",
        ),
        Misconception(
            _waits_for_nan_or_infinity,
            "You wait until something is NaN or infinite. That is often hundreds of updates too late: also "
            "compare the last gradient norm with 1000 times the median of the earlier ones.",
        ),
        Misconception(
            _only_nan_counts,
            "You look for NaN only. Infinite values count as well: `np.isfinite` is False for both.",
        ),
        Misconception(
            _nothing_equals_nan,
            "You look for NaN or infinity with `==`. Nothing equals NaN, not even NaN itself, and there is "
            "a negative infinity as well: use `np.isfinite`.",
        ),
        Misconception(
            _never_looks_at_the_losses,
            "You never look at the losses. Ask of them, too, whether all are finite.",
        ),
        Misconception(
            _only_losses_may_be_infinite,
            "You ask of the losses whether they are finite, but not of the gradient norms. Ask of both.",
        ),
        Misconception(
            _looks_at_the_last_values_only,
            "You look for NaN and infinity in the last values only. Any value counts: a run that was NaN "
            "once is not to be trusted again. Look at all of them.",
        ),
        Misconception(
            _mean_for_median,
            "You compare with the mean of the earlier norms. One early spike makes the mean large for the "
            "rest of the run, so that you miss the next: take the median.",
        ),
        Misconception(
            _median_with_the_last,
            "You let the last norm into its own yardstick. Take the median of the *earlier* norms: all but "
            "the last.",
        ),
        Misconception(
            _any_norm_counts,
            "You compare the largest norm. A spike that the run has survived is no explosion: compare the "
            "last norm.",
        ),
        Misconception(
            _compared_with_the_previous_norm,
            "You compare with the norm just before. An explosion may take a few updates to grow: compare "
            "with the median of all earlier norms.",
        ),
        Misconception(
            _compared_with_the_first_norm,
            "You compare with the first norm, which may be anything. Compare with the median of all earlier "
            "norms.",
        ),
        Misconception(
            _compared_with_the_smallest_norm,
            "You compare with the smallest earlier norm, which one lucky batch makes useless. Take the "
            "median of the earlier norms.",
        ),
        Misconception(
            _last_two_left_out,
            "You left out the last two norms. The earlier ones are all but the last: `[:-1]`.",
        ),
        Misconception(
            _sides_exchanged,
            "You ask whether the median exceeds 1000 times the last norm. Exchange the sides.",
        ),
        Misconception(
            _compared_with_the_largest_norm,
            "You compare with the largest earlier norm, which one survived spike makes useless. Take the "
            "median of the earlier norms.",
        ),
        Misconception(
            _a_hundred_times_is_enough,
            "You sound the alarm at 100 times the median, where healthy runs go now and then. The contract "
            "says 1000 times: use that.",
        ),
        Misconception(
            _ten_times_is_enough,
            "You sound the alarm at 10 times the median, where healthy runs go often. The contract says 1000 "
            "times: use that.",
        ),
        Misconception(
            _exactly_1000_times_counts,
            "You count a norm of exactly 1000 times the median as an explosion. It has to *exceed* that: use "
            "`>`.",
        ),
        Misconception(
            _a_norm_above_1000,
            "You compare the norm with the number 1000. What is usual differs from task to task: compare "
            "with 1000 times the median of the earlier norms.",
        ),
        Misconception(
            _losses_for_norms,
            "You compare the last loss with the median of the losses. Compare the last gradient norm with "
            "the median of the earlier gradient norms.",
        ),
        Misconception(
            _true_for_healthy_runs,
            "You answer True for healthy runs and False for exploded ones. Turn it round.",
        ),
        Misconception(
            _every_run_is_healthy,
            "Your function answers False for every run. Does an earlier `return False` keep it from getting "
            "to the comparison?",
        ),
        Misconception(
            _both_signs_at_once,
            "You ask for both signs at once. Each is enough on its own: connect them with `or`.",
        ),
        Misconception(
            _one_norm_is_an_explosion,
            "You call a run exploded that has one norm, as if the ones before had been 0. There is nothing "
            "to compare with yet: return False if all is finite.",
        ),
        Misconception(
            _no_median_of_nothing,
            "Right as soon as there are two norms. With one, there are no earlier norms and no median: "
            "return False before you compute it.",
        ),
        Misconception(
            _a_quiet_past_is_no_measure,
            "You leave out the comparison if the median is 0. 1000 times 0 is 0, and any larger norm exceeds "
            "it: multiply by the median instead of dividing.",
        ),
        Misconception(
            _one_table_of_both,
            "Right as long as there are as many losses as norms. They need not be equally many, and then "
            "they do not fit into one array: make an array of each.",
        ),
        Misconception(
            _counts_the_losses,
            "You count the losses to see whether there are earlier norms. The two may differ in length: "
            "count the norms.",
        ),
        Misconception(
            _one_answer_per_step,
            "You returned one answer for each update. Return a single one for the whole run: `np.any`.",
        ),
    ),
    hints=(
        "Two questions, and one yes is enough. Is any number no longer a number? And is the last norm out of "
        "all proportion to what was usual before?",
        "`np.isfinite` is False for NaN and for both infinities. The earlier norms are "
        "`gradient_norms[:-1]`; with a single norm there are none.",
        "Make arrays of floats. First return True if anything is not finite. Then return False if there is "
        "only one norm. What is left is one comparison with `1000 * np.median(...)`.",
    ),
    showed=(
        "A median stays where a mean runs off: of the norms 1, 1, 1, 1 and 9,996 the mean is 2,000, and the "
        "median is still 1."
    ),
)

# -- has_vanished -------------------------------------------------------------------------------


def _absolute_threshold(state_norms, threshold=1e-4):
    return bool(np.asarray(state_norms, dtype=float)[0] < threshold)


def _ends_exchanged(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[-1] < threshold * norms[0])


def _own_threshold(state_norms, threshold=1e-4):
    return training_health.has_vanished(state_norms)


def _equal_counts(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[0] <= threshold * norms[-1])


def _smallest_for_first(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(np.min(norms) < threshold * norms[-1])


def _largest_for_last(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[0] < threshold * np.max(norms))


def _smallest_beside_largest(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(np.min(norms) < threshold * np.max(norms))


def _all_steps_together(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(np.mean(norms) < threshold * norms[-1])


def _true_while_connected(state_norms, threshold=1e-4):
    return not training_health.has_vanished(state_norms, threshold)


def _never_lost(state_norms, threshold=1e-4):
    return False


def _default_of_a_thousandth(state_norms, threshold=1e-3):
    return training_health.has_vanished(state_norms, threshold)


def _second_step_for_first(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[min(1, norms.size - 1)] < threshold * norms[-1])


def _divides_by_the_last(state_norms, threshold=1e-4):
    return state_norms[0] / state_norms[-1] < threshold


def _compared_with_the_second(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[0] < threshold * norms[min(1, norms.size - 1)])


def _divided_by_the_threshold(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(norms[0] * threshold < norms[-1])


def _step_by_step(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return bool(np.any(norms[:-1] < threshold * norms[1:]))


def _one_answer_for_each_step(state_norms, threshold=1e-4):
    norms = np.asarray(state_norms, dtype=float)
    return norms < threshold * norms[-1]


def _draw_state_norms(rng):
    T = int(rng.integers(3, 7))
    last = round(float(np.exp(rng.normal(scale=2))), 2) or 1.0
    threshold = float(rng.choice([1e-4, 1e-3, 1e-2, 0.1]))
    inner = (last * 10 ** rng.uniform(-6, 3, size=T - 2)).tolist()
    first = last * threshold * 10 ** float(rng.uniform(0.3, 1.5) * rng.choice([-1, 1]))
    norms = [float(f"{v:.1e}") for v in (first, *inner)]
    return np.array([*norms, last]), threshold


HAS_VANISHED = Exercise(
    reference=training_health.has_vanished,
    points=2,
    cases=(
        Case("a first norm of 1e-6", (floats(1e-6, 1e-3, 1),), True),
        Case("a first norm of 0.3", (floats(0.3, 0.6, 1),), False),
        Case("a first norm of 0.0005", (floats(5e-4, 0.05, 1),), False),
        Case("a first norm of 0.00005", (floats(5e-5, 0.05, 1),), True),
        Case("a first norm of 0.3, with a threshold of 0.5", (floats(0.3, 0.6, 1), 0.5), True),
        Case("a first norm of 1e-6, with a threshold of 1e-8", (floats(1e-6, 1e-3, 1), 1e-8), False),
        Case("a threshold of 0.9", (floats(0.1, 0.2, 1), 0.9), True),
        Case("exactly at the threshold", (floats(0.25, 0.5, 1), 0.25), False),
        Case("a last norm that is not 1", (floats(0.01, 3, 400),), True),
        Case("small norms, one like the other", (floats(1e-6, 1e-6, 1e-6),), False),
        Case("a dip on the way", (floats(0.5, 1e-9, 1),), False),
        Case("a peak on the way", (floats(0.5, 1e5, 1),), False),
        Case("norms that grow towards the beginning", (floats(1e6, 1e3, 1),), False),
        Case("a first norm of 0", (floats(0, 0, 1),), True),
        Case("a single step", (floats(1),), False),
        Case("a list of integers", ([0, 1],), True),
        Case("all norms are 0", (floats(0, 0, 0),), False),
        Case("a list whose last norm is 0", ([0.5, 0.0],), False),
    ),
    draw=_draw_state_norms,
    n_drawn=30,
    misconceptions=(
        Misconception(
            _absolute_threshold,
            "You compare the first norm with the threshold itself. The threshold is a share of the last "
            "norm: multiply it by that.",
        ),
        Misconception(
            _ends_exchanged,
            "You exchanged the ends. Ask whether the *first* norm is small beside the last.",
        ),
        Misconception(
            _own_threshold,
            "You always use 1e-4. That is only the default: use the `threshold` that comes in.",
        ),
        Misconception(
            _equal_counts,
            "You count a first norm exactly at the threshold. It has to be below: use `<`.",
        ),
        Misconception(
            _smallest_for_first,
            "You look for the smallest norm. The way from the first state to the last is measured by the "
            "first norm alone: use index 0.",
        ),
        Misconception(
            _largest_for_last,
            "You compare with the largest norm. Compare with the last one, index -1.",
        ),
        Misconception(
            _smallest_beside_largest,
            "You compare the smallest norm with the largest, wherever they stand. Compare the first with the "
            "last: indices 0 and -1.",
        ),
        Misconception(
            _all_steps_together,
            "You compare all norms together, their mean or the largest of them. The last is among them, so "
            "that they are hardly ever small beside it: use the first norm alone.",
        ),
        Misconception(
            _true_while_connected,
            "You answer True as long as the connection holds. Turn it round: True means that it is lost.",
        ),
        Misconception(
            _never_lost,
            "Your function answers False whatever comes in. Is the comparison the right way round, and is "
            "its result what you return?",
        ),
        Misconception(
            _default_of_a_thousandth,
            "You changed the default of `threshold`. Restore the first line of the starter: 1e-4.",
        ),
        Misconception(
            _second_step_for_first,
            "You took the second norm. Indices begin at 0: the first is `state_norms[0]`.",
        ),
        Misconception(
            _divides_by_the_last,
            "Right unless the last norm is 0. Nobody can divide by that: multiply `threshold` by the last "
            "norm instead.",
        ),
        Misconception(
            _compared_with_the_second,
            "You compare the first norm with the second. Compare it with the last: `state_norms[-1]`.",
        ),
        Misconception(
            _divided_by_the_threshold,
            "You multiplied the first norm by the threshold, which makes nearly everything small. The "
            "threshold belongs to the last norm.",
        ),
        Misconception(
            _step_by_step,
            "You compare each norm with the next. What counts is the whole way: compare the first with the "
            "last.",
        ),
        Misconception(
            _one_answer_for_each_step,
            "You returned one answer for each step. Return a single one, that of the first step.",
        ),
    ),
    hints=(
        "Only two of the norms matter: that of the first step and that of the last.",
        "Vanished means ‖∂h_T/∂h_1‖ < threshold · ‖∂h_T/∂h_T‖.",
        "One comparison with `<`, between `state_norms[0]` and a product.",
    ),
    showed=(
        "On the way back, a product of matrices that has become 0 stays 0: so the norm at the first step "
        "tells whether anything arrives at all."
    ),
)

# -- has_converged ------------------------------------------------------------------------------


def _last_norms(gradient_norms, patience):
    return np.asarray(gradient_norms, dtype=float)[-patience:]


def _enough(gradient_norms, patience):
    return len(gradient_norms) >= patience


def _one_small_norm_is_enough(gradient_norms, tol, patience):
    recent = _last_norms(gradient_norms, patience)
    return _enough(gradient_norms, patience) and bool(np.any(recent <= tol))


def _looks_at_the_last_norm_only(gradient_norms, tol, patience):
    return _enough(gradient_norms, patience) and bool(gradient_norms[-1] <= tol)


def _mean_is_small(gradient_norms, tol, patience):
    if not _enough(gradient_norms, patience):
        return False
    return bool(np.mean(_last_norms(gradient_norms, patience)) <= tol)


def _counts_small_norms_anywhere(gradient_norms, tol, patience):
    return bool(np.sum(np.asarray(gradient_norms, dtype=float) <= tol) >= patience)


def _too_few_will_do(gradient_norms, tol, patience):
    return bool(np.all(_last_norms(gradient_norms, patience) <= tol))


def _too_few_but_not_none(gradient_norms, tol, patience):
    return len(gradient_norms) > 0 and bool(np.all(_last_norms(gradient_norms, patience) <= tol))


def _less_than_the_tolerance(gradient_norms, tol, patience):
    recent = _last_norms(gradient_norms, patience)
    return _enough(gradient_norms, patience) and bool(np.all(recent < tol))


def _changes_for_norms(gradient_norms, tol, patience):
    changes = np.abs(np.diff(np.asarray(gradient_norms, dtype=float)))
    return changes.size >= patience and bool(np.all(changes[-patience:] <= tol))


def _spread_is_small(gradient_norms, tol, patience):
    recent = _last_norms(gradient_norms, patience)
    return _enough(gradient_norms, patience) and bool(np.max(recent) - np.min(recent) <= tol)


def _first_norms_for_last(gradient_norms, tol, patience):
    first = np.asarray(gradient_norms, dtype=float)[:patience]
    return _enough(gradient_norms, patience) and bool(np.all(first <= tol))


def _all_norms_so_far(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size >= patience and bool(np.all(norms <= tol))


def _once_is_for_ever(gradient_norms, tol, patience):
    small = np.asarray(gradient_norms, dtype=float) <= tol
    return any(np.all(small[i : i + patience]) for i in range(small.size - patience + 1))


def _leaves_out_the_last(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size > patience and bool(np.all(norms[-patience - 1 : -1] <= tol))


def _one_norm_too_many(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size > patience and bool(np.all(norms[-patience - 1 :] <= tol))


def _one_norm_too_few(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size >= patience and bool(np.all(norms[norms.size - patience + 1 :] <= tol))


def _exactly_patience_norms(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size == patience and bool(np.all(norms <= tol))


def _needs_more_than_patience(gradient_norms, tol, patience):
    norms = np.asarray(gradient_norms, dtype=float)
    return norms.size > patience and bool(np.all(norms[-patience:] <= tol))


def _nan_counts_as_small(gradient_norms, tol, patience):
    recent = _last_norms(gradient_norms, patience)
    return _enough(gradient_norms, patience) and not bool(np.any(recent > tol))


def _median_is_small(gradient_norms, tol, patience):
    if not _enough(gradient_norms, patience):
        return False
    return bool(np.median(_last_norms(gradient_norms, patience)) <= tol)


def _comparison_turned_round(gradient_norms, tol, patience):
    return _enough(gradient_norms, patience) and bool(np.all(_last_norms(gradient_norms, patience) >= tol))


def _forgot_the_minus_of_the_slice(gradient_norms, tol, patience):
    rest = np.asarray(gradient_norms, dtype=float)[patience:]
    return _enough(gradient_norms, patience) and bool(np.all(rest <= tol))


def _never_there(gradient_norms, tol, patience):
    return False


def _true_while_moving(gradient_norms, tol, patience):
    return not training_health.has_converged(gradient_norms, tol, patience)


def _lists_not_compared(gradient_norms, tol, patience):
    return _enough(gradient_norms, patience) and bool(np.all(gradient_norms[-patience:] <= tol))


def _draw_norms(rng):
    n, patience = int(rng.integers(3, 10)), int(rng.integers(1, 6))
    tol = round(float(rng.uniform(0.05, 0.5)), 2)
    norms = rng.uniform(1.1, 4, size=n) * tol
    kind = int(rng.integers(8))
    n_small = (0, 1, patience - 1, patience, patience, patience + 1, n, 0)[kind]
    small = rng.uniform(0.1, 0.95, size=n) * tol
    if n_small:
        norms[-n_small:] = small[-n_small:]
    if kind == 5 and n > 1:
        norms[-1] = 1.6 * tol  # just lost it again
    if kind == 7:
        norms[: n - 1] = small[: n - 1]
    norms = norms.round(3)
    if rng.random() < 0.1:
        norms[int(rng.integers(n))] = np.nan
    return norms, tol, patience


HAS_CONVERGED = Exercise(
    reference=training_health.has_converged,
    points=2,
    cases=(
        Case("the last two norms are small", (floats(3, 0.01, 0.02), 0.1, 2), True),
        Case("the same with a patience of 3", (floats(3, 0.01, 0.02), 0.1, 3), False),
        Case("a last norm that is large", (floats(0.01, 0.02, 3), 0.1, 2), False),
        Case("a large one in between", (floats(0.01, 3, 0.02), 0.1, 2), False),
        Case("norms exactly at the tolerance", (floats(3, 0.5, 0.5), 0.5, 2), True),
        Case("as many norms as the patience", (floats(0.01, 0.02), 0.1, 2), True),
        Case("fewer norms than the patience", (floats(0.01, 0.02), 0.1, 3), False),
        Case("no norms yet", (floats(), 0.1, 1), False),
        Case("a patience of 1", (floats(3, 0.01), 0.1, 1), True),
        Case("small long ago, large since", (floats(0.01, 0.01, 0.01, 2, 2), 0.1, 3), False),
        Case("large norms that hardly change", (floats(2, 2.001, 2.002, 2.001), 0.1, 3), False),
        Case("a small mean of a large and some small norms", (floats(0.15, 0.01, 0.01), 0.1, 3), False),
        Case("NaN among the last norms", (floats(0.01, np.nan, 0.01), 0.1, 2), False),
        Case("NaN as the last norm", (floats(0.01, 0.01, np.nan), 0.1, 2), False),
        Case("NaN before them", (floats(np.nan, 0.01, 0.01), 0.1, 2), True),
        Case("a list, as training collects it", ([3, 0, 0.05], 0.1, 2), True),
        Case("small norms, and a smaller tolerance", (floats(5e-9, 5e-9), 1e-9, 2), False),
    ),
    draw=_draw_norms,
    n_drawn=40,
    misconceptions=(
        Misconception(
            _one_small_norm_is_enough,
            "You ask whether any of the last norms is small. Each of them has to be: `np.all`.",
        ),
        Misconception(
            _looks_at_the_last_norm_only,
            "You look at the last norm alone, which may be small by chance. Look at the last `patience` "
            "norms.",
        ),
        Misconception(
            _mean_is_small,
            "You average the last norms, so that one large norm hides among small ones. Ask of each of them.",
        ),
        Misconception(
            _counts_small_norms_anywhere,
            "You count small norms anywhere in the run. Only the last `patience` norms matter, and each of "
            "them: cut them off first.",
        ),
        Misconception(
            _too_few_will_do,
            "You answer True although there are fewer norms than `patience`: a slice that reaches too far is "
            "cut off in silence. Compare the length first.",
        ),
        Misconception(
            _too_few_but_not_none,
            "You refuse an empty list, but accept other lists with fewer than `patience` norms. Compare the "
            "length with `patience`.",
        ),
        Misconception(
            _less_than_the_tolerance,
            "You refuse a norm exactly at the tolerance. At most `tol` is small enough: use `<=`.",
        ),
        Misconception(
            _changes_for_norms,
            "You look at how much the norm changes. A large gradient may stay large for long: compare the "
            "norms themselves with `tol`.",
        ),
        Misconception(
            _spread_is_small,
            "You look at how far the last norms lie apart. They may all be large: compare each with `tol`.",
        ),
        Misconception(
            _first_norms_for_last,
            "You took the first `patience` norms. Take the last ones, with a negative index.",
        ),
        Misconception(
            _all_norms_so_far,
            "You ask for small norms from the very beginning. Only the last `patience` have to be small.",
        ),
        Misconception(
            _once_is_for_ever,
            "You answer True if the run was ever calm for `patience` updates. It has to be calm now: look at "
            "the last ones.",
        ),
        Misconception(
            _leaves_out_the_last,
            "You left out the last norm: `[-n:-1]` ends before it. Let the slice run to the end.",
        ),
        Misconception(
            _one_norm_too_many,
            "You look at one norm more than `patience`. The last n entries are `[-n:]`.",
        ),
        Misconception(
            _one_norm_too_few,
            "You look at one norm fewer than `patience`. The last n entries are `[-n:]`.",
        ),
        Misconception(
            _exactly_patience_norms,
            "You answer True only if there are exactly `patience` norms. More are fine: only the last ones "
            "count.",
        ),
        Misconception(
            _needs_more_than_patience,
            "You refuse a run with exactly `patience` norms. They are enough: use `>=`.",
        ),
        Misconception(
            _nan_counts_as_small,
            "You ask whether any norm is too large, and NaN is not larger than anything. Ask whether all are "
            "small enough: NaN is not.",
        ),
        Misconception(
            _median_is_small,
            "You take the median of the last norms, so that up to half of them may be large. Ask of each of "
            "them.",
        ),
        Misconception(
            _comparison_turned_round,
            "You ask whether the last norms are at least `tol`. Turn the comparison round.",
        ),
        Misconception(
            _forgot_the_minus_of_the_slice,
            "You left out the first `patience` norms, `[patience:]`. To take the last ones, the index is "
            "negative.",
        ),
        Misconception(
            _never_there,
            "Your function answers False whatever comes in. Does a `return` stand inside a loop, or before "
            "the comparison?",
        ),
        Misconception(
            _true_while_moving,
            "You answer True as long as the gradient is not small. Turn it round.",
        ),
        Misconception(
            _lists_not_compared,
            "Right for arrays. But a list cannot be compared with a number, and training collects lists: "
            "make it an array of floats first.",
        ),
    ),
    hints=(
        "Cut off the end of the list. Is there enough of it? Is every norm in it small?",
        "`norms[-patience:]` are the last ones, but of a short list it silently returns all there is.",
        "Two conditions, joined by `and`: one about the length, one with `np.all` and `<=`.",
    ),
    showed=(
        "One large norm or one NaN starts the count anew: with `patience=20`, the next 19 small norms are "
        "not enough."
    ),
)

# -- train_adding_rnn ---------------------------------------------------------------------------

_N_STEPS = 20


def _unseen(rng):
    """A generator of the exam's sequences, another for each `rng`, which stays as it is."""
    return np.random.default_rng([2026, int(copy.deepcopy(rng).integers(2**63))])


def exam(rng):
    """Unseen sequences and sums, of 20 steps and of 10; others for each `rng`, which stays as it is."""
    unseen = _unseen(rng)
    return tuple(training_health.adding_problem(n, n_steps, unseen) for n, n_steps in ((2000, 20), (500, 10)))


TRAINED = trained(exam, rnn_forward)


def _start(rng, scale=1.0, H=32):
    return {
        "W_xh": rng.normal(size=(2, H)) / 2,
        "W_hh": scale * np.linalg.qr(rng.normal(size=(H, H)))[0],
        "b_h": np.zeros(H),
        "W_hy": rng.normal(size=(H, 1)) / np.sqrt(H),
        "b_y": np.zeros(1),
    }


def _train(rng, n_updates, *, n_steps=_N_STEPS, scale=1.0, one_batch=False, share=1.0, enough=0.0):
    """A short training run with something about it that may be wrong."""
    params = _start(rng, scale)
    velocity = {name: np.zeros_like(p) for name, p in params.items()}
    n_sequences = 8 if one_batch else 32
    probe = training_health.adding_problem(500, n_steps, rng) if enough else None
    for i in range(n_updates):
        if i == 0 or not one_batch:
            x, y = training_health.adding_problem(n_sequences, n_steps, rng)
        loss, grads = adding_gradients(x, share * y, params)
        rate = 0.1 * (1 - i / n_updates)
        params, velocity = momentum_step(params, grads, velocity, rate, 0.9, 0.5)
        if enough and i % 20 == 0 and adding_gradients(*probe, params)[0] < enough:
            break
    return params, loss


def _not_trained(rng):
    return _start(rng)


def _always_answers_one(rng):
    return {name: np.zeros_like(p) for name, p in _start(rng).items()} | {"b_y": np.ones(1)}


def _too_few_updates(rng):
    return _train(rng, 800, enough=0.07)[0]


def _trained_on_ten_steps(rng):
    return _train(rng, 800, n_steps=10)[0]


def _trained_on_one_batch(rng):
    return _train(rng, 250, one_batch=True)[0]


def _no_better_than_one(rng):
    return _train(rng, 150, scale=0.2)[0]


def _trained_on_the_mean(rng):
    return _train(rng, 800, share=0.5)[0]


def _diverged(rng):
    params = _start(rng)
    with np.errstate(all="ignore"):
        for _ in range(15):
            x, y = training_health.adding_problem(32, _N_STEPS, rng)
            _, grads = adding_gradients(x, y, params)
            params = {name: p - 2.0 * grads[name] for name, p in params.items()}
    return params


def _nan_in_the_end(rng):
    params = _start(rng)
    params["W_hh"] = params["W_hh"] * np.nan
    return params


def _returns_the_loss(rng):
    return _train(rng, 2)[1]


def _returns_the_loss_as_well(rng):
    return _train(rng, 2)


def _without_biases(rng):
    return {name: p for name, p in _start(rng).items() if not name.startswith("b")}


def _weights_transposed(rng):
    params = _start(rng)
    return params | {"W_xh": params["W_xh"].T.copy()}


def _output_weights_as_a_vector(rng):
    params = _start(rng)
    return params | {"W_hy": params["W_hy"][:, 0].copy()}


def _output_bias_as_a_number(rng):
    return _start(rng) | {"b_y": np.float64(0.0)}


TRAIN_ADDING_RNN = Exercise(
    reference=training_health.train_adding_rnn,
    points=6,
    cases=(),
    draw=lambda rng: (np.random.default_rng(int(rng.integers(10**6, 10**9))),),
    due=TRAINED,
    n_drawn=1,
    n_again=0,
    seconds=60,
    misconceptions=(
        Misconception(
            _not_trained,
            "Your network answers as if it had never been trained: its error is far above the 0.167 of "
            "always answering 1. Do the updates reach the `params` that you return? `momentum_step` changes "
            "nothing in place: keep what it returns.",
        ),
        Misconception(
            _always_answers_one,
            "Your network gives nearly the same answer to every sequence. Either it has only learned the "
            "mean, or one long step has thrown its units into saturation: clip the gradient, lower the "
            "learning rate, and look at the gradient norms.",
        ),
        Misconception(
            _too_few_updates,
            "Your network has begun to learn, and is not there yet. What helps are more updates, larger "
            "batches, and a learning rate that falls to 0, so that it can settle.",
        ),
        Misconception(
            _trained_on_ten_steps,
            "Your network adds within 10 steps, but not within 20, and it is graded on 20. Train it on "
            "sequences of 20 steps.",
        ),
        Misconception(
            _trained_on_one_batch,
            "On unseen sequences your network is worse than always answering 1. It has probably seen the "
            "same sequences again and again, and learned them by heart: draw a new batch inside the loop.",
        ),
        Misconception(
            _no_better_than_one,
            "Your network is no better than always answering 1, although it does not always give the same "
            "answer. Either its memory does not reach back to the first mark (start with an orthogonal "
            "`W_hh`), or a learning rate that stays constant has thrown it off at the end (let it fall to "
            "0).",
        ),
        Misconception(
            _trained_on_the_mean,
            "Your network answers with half the sum. The target is the sum of the two marked numbers, not "
            "their mean: train it on `y` as `adding_problem` returns it.",
        ),
        Misconception(
            _diverged,
            "Your training has exploded: all is finite still, but the answers are off by orders of "
            "magnitude. Clip the gradient by its global norm, and lower the learning rate.",
        ),
        Misconception(
            _nan_in_the_end,
            "Your parameters are NaN or infinite. Clip the gradient by its global norm, lower the learning "
            "rate, and stop as soon as `has_exploded` says so.",
        ),
        Misconception(
            _returns_the_loss,
            "You returned something else than the parameters (the loss?). Return the dict `params`.",
        ),
        Misconception(
            _returns_the_loss_as_well,
            "You returned the parameters and something with them. Return the dict alone.",
        ),
        Misconception(
            _without_biases,
            "A parameter is missing. Return all five, `W_xh`, `W_hh`, `b_h`, `W_hy` and `b_y`, also those "
            "that you left at 0.",
        ),
        Misconception(
            _weights_transposed,
            "Your `W_xh` has another shape. In this course inputs multiply from the left, `x_t @ W_xh`: "
            "make it (2, H), one row for each channel.",
        ),
        Misconception(
            _output_weights_as_a_vector,
            "Your `W_hy` has another shape. One output is a matrix with one column: make it (H, 1).",
        ),
        Misconception(
            _output_bias_as_a_number,
            "Your `b_y` has another shape. One output has a vector with one entry: `np.zeros(1)`.",
        ),
    ),
    hints=(
        "Four lines in a loop: draw a batch, compute its gradient, lower the learning rate a little, take a "
        "clipped step. Before it, a start in which signals neither grow nor shrink.",
        "An orthogonal matrix is `np.linalg.qr(rng.normal(size=(H, H)))[0]`. A learning rate that falls in a "
        "straight line is `rate * (1 - i / n_updates)`. The experiment with ten seeds shows a rate and a "
        "`max_norm` with which every run lives; give yours more updates and larger batches.",
        "`params` and `velocity` are dicts with the same five names; velocities begin at 0. In each update, "
        "`params, velocity = momentum_step(params, grads, velocity, ...)`. Print the loss every few hundred "
        "updates while you try things out.",
    ),
    showed=(
        "Knowing only one of the two numbers leaves a mean squared error of at least 1/12 ≈ 0.083, so a "
        "network at 0.02 or less has kept both in mind."
    ),
)

EXERCISES = (ADDING_PROBLEM, HAS_EXPLODED, HAS_VANISHED, HAS_CONVERGED, TRAIN_ADDING_RNN)
