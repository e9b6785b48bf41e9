"""Exercises of lesson 06: clipping by value, by norm and by global norm, and where it goes in training."""

import numpy as np

from helpers import clipping
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import floats, int8, named

_SHAPES = {"W": (2, 3), "b": (3,), "U": (4, 2), "c": (2,), "scale": ()}


def _numbers(rng, shape, scale):
    return np.array(np.round(rng.normal(scale=scale, size=shape), 1) + 0.0)  # no -0.0 on a card


def _draw_arrays(rng, scale=None):
    """Two to four arrays of unlike shapes, in any order, with one decimal."""
    names = rng.permutation(list(_SHAPES))[: rng.integers(2, 5)]
    scale = rng.choice([1.0, 5.0, 20.0]) if scale is None else scale
    return {str(name): _numbers(rng, _SHAPES[name], scale) for name in names}


def _shuffled(rng, arrays):
    """The same arrays in another order."""
    return {str(name): arrays[name] for name in rng.permutation(list(arrays))}


def _as_floats(arrays):
    return {name: np.asarray(a, dtype=float) for name, a in arrays.items()}


def _flat(arrays):
    return np.concatenate([np.ravel(a) for a in _as_floats(arrays).values()] or [floats()])


def _length(x):
    """Plain L2 norm of all entries of an array."""
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(np.square(np.asarray(x, dtype=float))))


def _bound(rng, norm):
    """A bound that is mostly, but not always, below a norm; positive, with one decimal."""
    return max(round(float(norm) * float(rng.choice([0.1, 0.3, 0.6, 0.9, 1.6])), 1), 0.1)


# -- clip_by_value --------------------------------------------------------------------------------


def _entry_by_entry(clip):
    """A clipping by value that goes wrong only in what it does to an array."""

    def clip_by_value(grads, limit):
        if not limit > 0:
            raise ValueError("limit must be positive")
        with np.errstate(all="ignore"):
            return {name: clip(g, limit) for name, g in _as_floats(grads).items()}

    return clip_by_value


def _each_scaled(measure):
    """What `_entry_by_entry` needs to scale an array down as a whole."""
    return lambda g, limit: g * (limit / max(measure(g), limit)) if np.isfinite(measure(g)) else g * 0


def _accepts_a_limit_of_zero_or_less(grads, limit):
    return {name: np.clip(g, -limit, limit) for name, g in _as_floats(grads).items()}


def _accepts_a_limit_of_zero(grads, limit):
    if limit < 0:
        raise ValueError("limit must not be negative")
    return _accepts_a_limit_of_zero_or_less(grads, limit)


def _returns_something_for_a_bad_limit(grads, limit):
    return clipping.clip_by_value(grads, limit) if limit > 0 else None


def _first_array_only(grads, limit):
    clipped = clipping.clip_by_value(grads, limit)
    return {name: clipped[name] for name in list(clipped)[:1]}


def _kept_the_integers(grads, limit):
    clipped = clipping.clip_by_value(grads, limit)
    return {name: c.astype(np.asarray(grads[name]).dtype) for name, c in clipped.items()}


def _calls_a_method_of_a_list(grads, limit):
    if not limit > 0:
        raise ValueError("limit must be positive")
    return {name: g.clip(-limit, limit) for name, g in grads.items()}


def _all_arrays_scaled_together(grads, limit):
    if not limit > 0:
        raise ValueError("limit must be positive")
    norm = _length(_flat(grads))
    factor = min(1.0, limit / norm) if norm else 1.0
    with np.errstate(all="ignore"):
        return {name: g * factor for name, g in _as_floats(grads).items()}


def _draw_clip_by_value(rng):
    grads = _draw_arrays(rng)
    return grads, _bound(rng, np.median(np.abs(_flat(grads))) * rng.choice([1, 3]))


def _limit_checked_in_the_loop(grads, limit):
    return clipping.clip_by_value(grads, limit) if grads else {}


CLIP_BY_VALUE = Exercise(
    reference=clipping.clip_by_value,
    points=1,
    cases=(
        Case(
            "an entry too large, one too small, one that fits",
            ({"W": floats(3, -4, 0.5)}, 1),
            {"W": floats(1, -1, 0.5)},
        ),
        Case(
            "two arrays",
            ({"b": floats(-2, 0.5), "W": np.array([[7.0, -7.0, 1.0]])}, 2.5),
            {"b": floats(-2, 0.5), "W": np.array([[2.5, -2.5, 1.0]])},
        ),
        Case("entries exactly at the limit", ({"W": floats(2, -2)}, 2), {"W": floats(2, -2)}),
        Case("every entry fits", ({"W": floats(0.5, -0.25, 0)}, 10), {"W": floats(0.5, -0.25, 0)}),
        Case("a single number", ({"scale": np.array(-6.0)}, 1.5), {"scale": np.array(-1.5)}),
        Case("an infinite entry", ({"W": floats(np.inf, -np.inf, 0.5)}, 1), {"W": floats(1, -1, 0.5)}),
        Case("no arrays at all", ({}, 1), {}),
        Case("a limit of 0", ({"W": floats(3, -4)}, 0), ValueError),
        Case("a negative limit", ({"W": floats(3, -4)}, -1), ValueError),
        Case("a list", ({"W": [3, -4, 1]}, 2.5), {"W": floats(2.5, -2.5, 1)}),
        Case("8-bit integers", ({"W": int8(100, -100, 1)}, 50.5), {"W": floats(50.5, -50.5, 1)}),
        Case("a bad limit and no array", ({}, 0), ValueError),
    ),
    draw=_draw_clip_by_value,
    misconceptions=(
        Misconception(
            _limit_checked_in_the_loop,
            "The limit is looked at only when there is an array. Check it first, before the loop.",
        ),
        Misconception(
            named("clipped_only_from_above", _entry_by_entry(lambda g, limit: np.minimum(g, limit))),
            "Large positive entries come down to the limit, but large negative ones stay. Raise those to "
            "`-limit` as well.",
        ),
        Misconception(
            named("clipped_only_from_below", _entry_by_entry(lambda g, limit: np.maximum(g, -limit))),
            "Large negative entries come up to `-limit`, but large positive ones stay. Lower those to "
            "`limit` as well.",
        ),
        Misconception(
            named(
                "zeroed_the_large_entries",
                _entry_by_entry(lambda g, limit: np.where(np.abs(g) > limit, 0.0, g)),
            ),
            "You set entries beyond the limit to 0, so that the largest slopes count for nothing. Set them "
            "to the limit, with their sign.",
        ),
        Misconception(
            named(
                "lost_the_sign",
                _entry_by_entry(lambda g, limit: np.where(np.abs(g) > limit, limit, g)),
            ),
            "Every entry beyond the limit became `+limit`, the negative ones too. Those have to become "
            "`-limit`: keep the sign.",
        ),
        Misconception(
            named(
                "flipped_the_sign",
                _entry_by_entry(lambda g, limit: np.where(np.abs(g) > limit, -limit * np.sign(g), g)),
            ),
            "Entries beyond the limit came out at the other end: large positive ones at `-limit`. Exchange "
            "the two.",
        ),
        Misconception(
            named(
                "exchanged_the_bounds",
                _entry_by_entry(lambda g, limit: np.clip(g, limit, -limit)),
            ),
            "Every entry became `-limit`, as `np.clip` does when its lower bound is above its upper one. "
            "Give it `-limit` first.",
        ),
        Misconception(
            named(
                "clipped_the_absolute_values",
                _entry_by_entry(lambda g, limit: np.minimum(np.abs(g), limit)),
            ),
            "All results are positive: you clipped the absolute values. Clip the entries themselves, "
            "between `-limit` and `limit`.",
        ),
        Misconception(
            named(
                "clipped_between_zero_and_the_limit",
                _entry_by_entry(lambda g, limit: np.clip(g, 0.0, limit)),
            ),
            "Negative entries became 0: your lower bound is 0. Make it `-limit`.",
        ),
        Misconception(
            named("signs_only", _entry_by_entry(lambda g, limit: limit * np.sign(g))),
            "Every entry became plus or minus the limit, the small ones too. Leave alone what lies within "
            "it.",
        ),
        Misconception(
            named(
                "scaled_by_the_largest_entry",
                _entry_by_entry(_each_scaled(lambda g: np.max(np.abs(g), initial=0.0))),
            ),
            "You scaled whole arrays until their largest entry fits, so that the small entries shrink as "
            "well. Move only the entries that lie beyond the limit.",
        ),
        Misconception(
            named("scaled_each_array_by_its_norm", _entry_by_entry(_each_scaled(_length))),
            "You scaled each array down to a norm. Here every entry is on its own: move those beyond the "
            "limit to the limit.",
        ),
        Misconception(
            _all_arrays_scaled_together,
            "You scaled all arrays by one factor, which is clipping by global norm. Here every entry is on "
            "its own: move those beyond the limit to the limit.",
        ),
        Misconception(
            named(
                "divided_by_the_limit",
                _entry_by_entry(lambda g, limit: np.clip(g / limit, -1.0, 1.0)),
            ),
            "Your results lie between -1 and 1: you divided by the limit. Keep the units of the gradient, "
            "and clip between `-limit` and `limit`.",
        ),
        Misconception(
            named("squashed_smoothly", _entry_by_entry(lambda g, limit: limit * np.tanh(g / limit))),
            "You squashed all entries with a smooth curve, so that even small ones change. Leave alone what "
            "lies within the limit.",
        ),
        Misconception(
            named(
                "divides_by_infinity",
                _entry_by_entry(
                    lambda g, limit: (
                        g * np.where(np.abs(g) > limit, limit / np.maximum(np.abs(g), limit), 1.0)
                    )
                ),
            ),
            "You multiply each large entry by limit / |entry|, and for an infinite one that is infinity "
            "times 0: NaN. Compare with the limit instead of dividing (`np.clip` does).",
        ),
        Misconception(
            _accepts_a_limit_of_zero_or_less,
            "Right for positive limits, but 0 and negative ones go through (a negative one would turn "
            "gradients round). Raise a `ValueError` unless the limit is positive.",
        ),
        Misconception(
            _accepts_a_limit_of_zero,
            "A limit of 0 goes through, and would stop all learning in silence. Raise a `ValueError` for "
            "it, too.",
        ),
        Misconception(
            _returns_something_for_a_bad_limit,
            "For a bad limit something is returned, which a caller may overlook. Raise a `ValueError` "
            "instead.",
        ),
        Misconception(
            _first_array_only,
            "Only the first array came back: a `return` stands inside the loop. Return after the loop, with "
            "every array in the dict.",
        ),
        Misconception(
            _kept_the_integers,
            "The results went into arrays of integers, which cut off fractions. Make the arrays floats "
            "first, `np.asarray(g, dtype=float)`.",
        ),
        Misconception(
            _calls_a_method_of_a_list,
            "A value of the dict may be a list, which has no method `clip`. Make it an array first, "
            "`np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "Think of a fence on either side of zero. What happens to an entry outside, and what to one inside?",
        "Each entry g becomes min(max(g, −limit), limit). What has to be refused before that?",
        "Check `limit` first. Then build a new dict with the same names, `{name: ... for name, g in "
        "grads.items()}`; NumPy has a function that moves numbers into an interval.",
    ),
    showed=(
        "What lies beyond the limit is lost: with a limit of 1, entries of 2 and of 2,000 both become 1, and "
        "nothing tells them apart any more."
    ),
    atol=0.0,
)

# -- clip_by_norm ---------------------------------------------------------------------------------


def _scaled_down(norm_of, factor=lambda norm, max_norm: max_norm / norm):
    """A clipping by norm that goes wrong in its norm or in its factor."""

    def clip_by_norm(gradient, max_norm):
        g = np.asarray(gradient, dtype=float)
        norm = norm_of(g)
        return g * factor(norm, max_norm) if norm > max_norm else g.copy()

    return clip_by_norm


def _spectral_or_vector_norm(g):
    return np.linalg.norm(g, 2) if g.ndim == 2 and g.size else _length(g)


def _did_not_flatten(gradient, max_norm):
    norm = clipping.stable_l2_norm(gradient)
    return np.asarray(gradient, dtype=float) * min(1.0, max_norm / norm if norm else 1.0)


def _norm_of_order_2(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    norm = np.linalg.norm(g, 2)
    return g * (max_norm / norm) if norm > max_norm else g.copy()


def _one_norm_per(axis):
    """A clipping by norm that takes a norm along one axis of every matrix."""

    def clip_by_norm(gradient, max_norm):
        g = np.asarray(gradient, dtype=float)
        if g.ndim < 2:
            return clipping.clip_by_norm(g, max_norm)
        norms = np.sqrt(np.sum(g**2, axis=axis, keepdims=True))
        return g * (max_norm / np.maximum(norms, max_norm))

    return clip_by_norm


def _scaled_up_short_gradients(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    norm = _length(g)
    return g * (max_norm / norm) if norm else g.copy()


def _zero_divided_by_zero(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    with np.errstate(all="ignore"):
        return g * (max_norm / _length(g))


def _divides_by_the_zero_norm(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    norm = float(_length(g))
    return g * min(1.0, max_norm / norm)


def _clips_the_short_ones(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    norm = _length(g)
    return g * (max_norm / norm) if 0 < norm < max_norm else g.copy()


def _always_a_unit_vector(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    return g / (_length(g) or 1.0)


def _like_torch(gradient, max_norm):
    g = np.asarray(gradient, dtype=float)
    return g * min(1.0, max_norm / (_length(g) + 1e-6))


def _returned_the_norm_as_well(gradient, max_norm):
    return clipping.clip_by_norm(gradient, max_norm), float(_length(gradient))


def _squares_wrap_around(gradient, max_norm):
    g = np.asarray(gradient)
    norm = np.sqrt(np.sum(g**2))
    return g * (max_norm / norm) if norm > max_norm else g.copy()


def _draw_clip_by_norm(rng):
    shapes = ((3,), (5,), (2, 3), (4, 2), (2, 2, 3))
    gradient = _numbers(rng, shapes[rng.integers(len(shapes))], rng.choice([1.0, 5.0, 20.0]))
    return gradient, _bound(rng, _length(gradient))


CLIP_BY_NORM = Exercise(
    reference=clipping.clip_by_norm,
    points=1,
    cases=(
        Case("twice as long as allowed", (floats(3, -4), 2.5), floats(1.5, -2)),
        Case("shorter than allowed", (floats(3, -4), 10), floats(3, -4)),
        Case("exactly as long as allowed", (floats(3, -4), 5), floats(3, -4)),
        Case("a bound of less than 1", (floats(0, -2), 0.25), floats(0, -0.25)),
        Case("a short gradient and a bound of less than 1", (floats(0.3, 0.4), 0.75), floats(0.3, 0.4)),
        Case(
            "a matrix",
            (np.array([[2.0, -1.0], [2.0, 4.0]]), 1),
            np.array([[0.4, -0.2], [0.4, 0.8]]),
        ),
        Case("the zero gradient", (floats(0, 0, 0), 1), floats(0, 0, 0)),
        Case("a single number", (np.array(-6.0), 1.5), np.array(-1.5)),
        Case("entries of 1e150", (floats(3e150, 4e150), 1), floats(0.6, 0.8)),
        Case("a list of integers", ([1, -2, 2, 4], 2.5), floats(0.5, -1, 1, 2)),
        Case("8-bit integers, whose squares do not fit", (int8(-96, 28), 50), floats(-48, 14)),
    ),
    draw=_draw_clip_by_norm,
    misconceptions=(
        Misconception(
            _scaled_up_short_gradients,
            "Long gradients come out right, but short ones are stretched to the bound. Scale only where the "
            "norm exceeds `max_norm`.",
        ),
        Misconception(
            _zero_divided_by_zero,
            "You always divide by the norm: short gradients are stretched, and the zero gradient becomes 0 "
            "/ 0. Return a copy where the norm is at most `max_norm`.",
        ),
        Misconception(
            _divides_by_the_zero_norm,
            "The zero gradient has norm 0, and dividing by it is an error. Compare the norm with the bound "
            "before you divide.",
        ),
        Misconception(
            named("a_unit_vector", _scaled_down(_length, lambda norm, max_norm: 1 / norm)),
            "Gradients that are too long come out with norm 1, whatever the bound. Multiply by `max_norm` "
            "as well.",
        ),
        Misconception(
            _always_a_unit_vector,
            "Every gradient comes out with norm 1, the short ones too. Leave alone what is short enough, "
            "and scale the rest to `max_norm`.",
        ),
        Misconception(
            named("inverted_the_ratio", _scaled_down(_length, lambda norm, max_norm: norm / max_norm)),
            "Gradients that are too long come out longer still: the factor is upside down. Multiply by "
            "`max_norm / norm`.",
        ),
        Misconception(
            named("divided_by_the_bound", _scaled_down(_length, lambda norm, max_norm: 1 / max_norm)),
            "You divided by `max_norm`. Multiply by `max_norm / norm`, so that the new norm is the bound.",
        ),
        Misconception(
            named("forgot_the_root", _scaled_down(lambda g: np.sum(g**2))),
            "You used the sum of the squares, which is the squared norm. Take its root before you compare "
            "and divide.",
        ),
        Misconception(
            named(
                "clipped_by_value",
                lambda gradient, max_norm: np.clip(np.asarray(gradient, dtype=float), -max_norm, max_norm),
            ),
            "You clipped each entry alone, which changes the direction. Multiply the whole gradient by one "
            "factor.",
        ),
        Misconception(
            named("l1_norm_for_l2", _scaled_down(lambda g: np.sum(np.abs(g)))),
            "You measured with the L1 norm (the sum of the absolute values). Take the L2 norm: squares, "
            "sum, root.",
        ),
        Misconception(
            named("largest_entry_for_the_norm", _scaled_down(lambda g: np.max(np.abs(g), initial=0.0))),
            "You measured by the largest entry alone. Take the L2 norm of all entries: squares, sum, root.",
        ),
        Misconception(
            named(
                "root_of_the_mean_square", _scaled_down(lambda g: np.sqrt(np.mean(g**2)) if g.size else 0.0)
            ),
            "You averaged the squares. A norm adds them: do not divide by the number of entries.",
        ),
        Misconception(
            named("spectral_norm_of_a_matrix", _scaled_down(_spectral_or_vector_norm)),
            "For a matrix you took its largest singular value (`ord=2` of `np.linalg.norm`). Take the root "
            "of the sum of all squared entries.",
        ),
        Misconception(
            _did_not_flatten,
            "`stable_l2_norm` takes vectors only. Flatten the gradient for it: `gradient.ravel()`.",
        ),
        Misconception(
            _norm_of_order_2,
            "`np.linalg.norm(..., 2)` is the largest singular value of a matrix, and an error for a single "
            "number or three dimensions. Take the norm of all entries as one vector: `gradient.ravel()`.",
        ),
        Misconception(
            named("one_norm_per_row", _one_norm_per(-1)),
            "You clipped each row of a matrix by itself. Take one norm of all entries: no `axis`.",
        ),
        Misconception(
            named("one_norm_per_column", _one_norm_per(0)),
            "You clipped each column of a matrix by itself. Take one norm of all entries: no `axis`.",
        ),
        Misconception(
            named("small_number_in_the_factor", _scaled_down(_length, lambda norm, c: c / (norm + 1e-6))),
            "You added a small number to the norm, so that the result is a little too short. Divide by the "
            "norm itself: it is not 0 where it exceeds the bound.",
        ),
        Misconception(
            _like_torch,
            "You multiply always, by a factor with a small number in it, as PyTorch does: even a gradient "
            "that just fits shrinks. Return an equal copy where the norm is at most `max_norm`.",
        ),
        Misconception(
            _clips_the_short_ones,
            "Long gradients stay, and short ones are scaled: the comparison points the wrong way. Scale "
            "where the norm is greater than `max_norm`.",
        ),
        Misconception(
            named("dropped_the_long_ones", _scaled_down(_length, lambda norm, max_norm: 0.0)),
            "A gradient that is too long becomes 0, so that nothing is learned where the ground is "
            "steepest. Keep its direction, with norm `max_norm`.",
        ),
        Misconception(
            _returned_the_norm_as_well,
            "You returned the norm as well. Here only the clipped gradient is due: return that alone.",
        ),
        Misconception(
            named("narrow_integers", _squares_wrap_around),
            "Right for floats, but squares of narrow integers wrap around (in 8 bits, 96² is 0). Make the "
            "gradient floats first, `np.asarray(gradient, dtype=float)`.",
        ),
    ),
    hints=(
        "Keep the direction, shorten the length. By which number do you multiply an arrow of length 10 to "
        "make it 2 long?",
        "If ‖g‖ ≤ c, return a copy; else g · c / ‖g‖. For a matrix, ‖g‖ is taken over all its entries.",
        "Three steps: make an array of floats; its norm, `stable_l2_norm(gradient.ravel())`; compare, and "
        "multiply only where the norm is greater.",
    ),
    showed=(
        "Clipping by norm does not care about the axes: turn a gradient and clip it, or clip it and turn it, "
        "and the result is the same."
    ),
    atol=0.0,
)

# -- clip_by_global_norm --------------------------------------------------------------------------


def _global_length(arrays):
    """Global norm for entries of any size."""
    return float(clipping.stable_l2_norm([clipping.stable_l2_norm(np.ravel(a)) for a in arrays.values()]))


def _checked(grads, max_norm):
    """The arrays and their global norm, after the checks that the contract demands."""
    if not max_norm > 0:
        raise ValueError("max_norm must be positive")
    arrays = _as_floats(grads)
    norm = _global_length(arrays)
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")
    return arrays, norm


def _together(factor, norm_of=None):
    """A clipping by global norm that goes wrong in its factor, or in the norm that it goes by."""

    def clip_by_global_norm(grads, max_norm):
        arrays, norm = _checked(grads, max_norm)
        measured = norm_of(arrays) if norm_of else norm
        if not measured > max_norm:
            return {name: g.copy() for name, g in arrays.items()}, measured
        with np.errstate(all="ignore"):
            return {name: g * factor(measured, max_norm) for name, g in arrays.items()}, measured

    return clip_by_global_norm


def _ratio(norm, max_norm):
    return max_norm / norm


def _clipped_each_array_alone(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    return {name: clipping.clip_by_norm(g, max_norm) for name, g in arrays.items()}, norm


def _scaled_only_the_long_arrays(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    factor = min(1.0, max_norm / norm) if norm else 1.0
    own = {name: clipping.stable_l2_norm(np.ravel(g)) for name, g in arrays.items()}
    return {name: g * (factor if own[name] > max_norm else 1.0) for name, g in arrays.items()}, norm


def _scaled_while_measuring(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    seen, clipped = {}, {}
    for name, g in arrays.items():
        seen[name] = g
        clipped[name] = g * min(1.0, max_norm / (_global_length(seen) or max_norm))
    return clipped, norm


def _returned_the_norm_after_clipping(grads, max_norm):
    clipped, norm = clipping.clip_by_global_norm(grads, max_norm)
    return clipped, min(norm, float(max_norm))


def _scaled_short_gradients_up(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    return {name: g * (max_norm / norm if norm else 1.0) for name, g in arrays.items()}, norm


def _shrinks_at_the_bound(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    return {name: g * min(1.0, max_norm / (norm + 1e-6)) for name, g in arrays.items()}, norm


def _clipped_every_entry_alone(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    return {name: np.clip(g, -max_norm, max_norm) for name, g in arrays.items()}, norm


def _squares_leave_the_range(grads, max_norm):
    if not max_norm > 0:
        raise ValueError("max_norm must be positive")
    norm = float(_length(_flat(grads)))
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")
    factor = min(1.0, max_norm / norm) if norm else 1.0
    return {name: g * factor for name, g in _as_floats(grads).items()}, norm


def _saved_only_from_overflow(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    plain = float(_length(_flat(grads)))
    norm = plain if np.isfinite(plain) else norm
    return {name: g * (min(1.0, max_norm / norm) if norm else 1.0) for name, g in arrays.items()}, norm


def _lenient(check_bound=True, check_nan=True, check_infinity=True, bound=lambda max_norm: max_norm > 0):
    """A clipping by global norm that lets some bad input through."""

    def clip_by_global_norm(grads, max_norm):
        if check_bound and not bound(max_norm):
            raise ValueError("max_norm must be positive")
        arrays = _as_floats(grads)
        norm = _global_length(arrays)
        if check_nan and np.isnan(norm) or check_infinity and np.isinf(norm):
            raise FloatingPointError("the norm is not finite")
        with np.errstate(all="ignore"):
            factor = np.minimum(1.0, max_norm / norm) if norm else 1.0
            return {name: g * factor for name, g in arrays.items()}, norm

    return clip_by_global_norm


def _looked_at_the_norm_first(grads, max_norm):
    norm = _global_length(_as_floats(grads))
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")
    return clipping.clip_by_global_norm(grads, max_norm)


def _value_error_for_a_norm_that_is_not_finite(grads, max_norm):
    if not max_norm > 0 or not np.isfinite(_global_length(_as_floats(grads))):
        raise ValueError("max_norm must be positive and the norm finite")
    return clipping.clip_by_global_norm(grads, max_norm)


def _forgot_to_return_the_norm(grads, max_norm):
    return clipping.clip_by_global_norm(grads, max_norm)[0]


def _exchanged_the_two_results(grads, max_norm):
    return clipping.clip_by_global_norm(grads, max_norm)[::-1]


def _sorted_the_names(grads, max_norm):
    clipped, norm = clipping.clip_by_global_norm(grads, max_norm)
    return {name: clipped[name] for name in sorted(clipped)}, norm


def _lost_the_shapes(grads, max_norm):
    clipped, norm = clipping.clip_by_global_norm(grads, max_norm)
    return {name: g.ravel() for name, g in clipped.items()}, norm


def _fails_without_arrays(grads, max_norm):
    if not max_norm > 0:
        raise ValueError("max_norm must be positive")
    np.concatenate([np.ravel(g) for g in grads.values()])
    return clipping.clip_by_global_norm(grads, max_norm)


def _did_not_flatten_the_arrays(grads, max_norm):
    if not max_norm > 0:
        raise ValueError("max_norm must be positive")
    norm = clipping.stable_l2_norm([clipping.stable_l2_norm(g) for g in grads.values()])
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")
    return clipping.clip_by_global_norm(grads, max_norm)


def _divides_by_a_norm_of_zero(grads, max_norm):
    arrays, norm = _checked(grads, max_norm)
    factor = min(1.0, max_norm / norm)
    return {name: g * factor for name, g in arrays.items()}, norm


def _squares_of_integers_wrap_around(grads, max_norm):
    _checked(grads, max_norm)
    arrays = {name: np.asarray(g) for name, g in grads.items()}
    if all(a.dtype.kind == "f" for a in arrays.values()):
        return clipping.clip_by_global_norm(grads, max_norm)
    norm = float(np.sqrt(sum(np.sum(a**2) for a in arrays.values())))
    return {name: a * (min(1.0, max_norm / norm) if norm else 1.0) for name, a in arrays.items()}, norm


def _draw_clip_by_global_norm(rng):
    grads = _draw_arrays(rng)
    return grads, _bound(rng, _length(_flat(grads)))


_TWO_VECTORS = {"W": floats(3, 4), "b": floats(5, 12)}  # norm √194 = 13.928…


def _empty_dict_before_the_bound(grads, max_norm):
    return clipping.clip_by_global_norm(grads, max_norm) if grads else ({}, 0.0)


CLIP_BY_GLOBAL_NORM = Exercise(
    reference=clipping.clip_by_global_norm,
    points=3,
    cases=(
        Case(
            "norm 13, bound 6.5",
            ({"W": floats(3, -4), "b": floats(12)}, 6.5),
            ({"W": floats(1.5, -2), "b": floats(6)}, 13.0),
        ),
        Case(
            "only one of two arrays is longer than the bound",
            (_TWO_VECTORS, 7),
            (
                {
                    "W": floats(1.50771213309725, 2.0102828441296667),
                    "b": floats(2.512853555162083, 6.030848532389),
                },
                13.92838827718412,
            ),
        ),
        Case(
            "neither array is longer than the bound, but together they are",
            ({"W": floats(3, 4), "b": floats(0, 12)}, 12.5),
            ({"W": floats(37.5 / 13, 50 / 13), "b": floats(0, 150 / 13)}, 13.0),
        ),
        Case("the norm is below the bound", (_TWO_VECTORS, 20), (_TWO_VECTORS, 13.92838827718412)),
        Case(
            "the norm is exactly the bound",
            ({"b": floats(-12), "W": np.array([[3.0, 4.0]])}, 13),
            ({"b": floats(-12), "W": np.array([[3.0, 4.0]])}, 13.0),
        ),
        Case(
            "the bound is infinite",
            ({"W": floats(3, 4)}, np.inf),
            ({"W": floats(3, 4)}, 5.0),
        ),
        Case(
            "a matrix and a single number",
            ({"scale": np.array(2.0), "W": np.array([[3.0], [-6.0]])}, 0.7),
            ({"scale": np.array(0.2), "W": np.array([[0.3], [-0.6]])}, 7.0),
        ),
        Case(
            "all zeros", ({"W": floats(0, 0), "b": floats(0)}, 1), ({"W": floats(0, 0), "b": floats(0)}, 0.0)
        ),
        Case("no arrays at all", ({}, 1), ({}, 0.0)),
        Case(
            "entries of 1e200, whose squares overflow",
            ({"W": floats(3e200, -4e200), "b": floats(0)}, 2),
            ({"W": floats(1.2, -1.6), "b": floats(0)}, 5e200),
        ),
        Case(
            "entries of 1e-200, whose squares underflow",
            ({"W": floats(3e-200, -4e-200), "b": floats(0, 0)}, 1e-200),
            ({"W": floats(6e-201, -8e-201), "b": floats(0, 0)}, 5e-200),
        ),
        Case("a bound of 0", ({"W": floats(3, 4)}, 0), ValueError),
        Case("a negative bound", ({"W": floats(3, 4)}, -1), ValueError),
        Case("a NaN", ({"W": floats(3, np.nan), "b": floats(1)}, 1), FloatingPointError),
        Case("an infinite entry", ({"W": floats(3, -np.inf)}, 1), FloatingPointError),
        Case("a NaN and a bound of 0, which is checked first", ({"W": floats(np.nan)}, 0), ValueError),
        Case("lists", ({"W": [3, 4], "b": [[0], [12]]}, 6.5), ({"W": floats(1.5, 2), "b": [[0], [6]]}, 13.0)),
        Case(
            "8-bit integers, whose squares do not fit",
            ({"W": int8(-96, 28, 0), "b": int8(0)}, 50),
            ({"W": floats(-48, 14, 0), "b": floats(0)}, 100.0),
        ),
        Case("a bad bound and no array", ({}, 0), ValueError),
    ),
    draw=_draw_clip_by_global_norm,
    misconceptions=(
        Misconception(
            _empty_dict_before_the_bound,
            "An empty dict gets through although the bound is bad. Check the bound first.",
        ),
        Misconception(
            _clipped_each_array_alone,
            "You clipped each array by its own norm, so that the direction of the whole changes, and the "
            "whole may still be too long. Compute one norm over all arrays, and multiply all of them by one "
            "factor.",
        ),
        Misconception(
            _scaled_only_the_long_arrays,
            "You scaled only those arrays that are too long by themselves. Multiply every array by the same "
            "factor.",
        ),
        Misconception(
            _scaled_while_measuring,
            "You scaled each array before the norm of all of them was known. Finish the norm first, and "
            "scale in a second loop.",
        ),
        Misconception(
            named(
                "sum_of_the_norms",
                _together(
                    _ratio, lambda a: float(sum(clipping.stable_l2_norm(np.ravel(g)) for g in a.values()))
                ),
            ),
            "You added the norms of the arrays, which is more than the global norm. Add their squares, and "
            "take the root at the end.",
        ),
        Misconception(
            named(
                "mean_of_the_norms",
                _together(
                    _ratio,
                    lambda a: float(
                        np.mean([clipping.stable_l2_norm(np.ravel(g)) for g in a.values()] or [0])
                    ),
                ),
            ),
            "You averaged the norms of the arrays. Add their squares, and take the root at the end.",
        ),
        Misconception(
            named(
                "longest_array_for_the_global_norm",
                _together(
                    _ratio,
                    lambda a: max(
                        (float(clipping.stable_l2_norm(np.ravel(g))) for g in a.values()), default=0.0
                    ),
                ),
            ),
            "You took the norm of the longest array alone. Add the squares of all arrays, and take the root "
            "at the end.",
        ),
        Misconception(
            named("forgot_the_root", _together(_ratio, lambda a: _global_length(a) ** 2 if a else 0.0)),
            "You used the sum of the squares, which is the squared norm. Take its root before you compare, "
            "divide and return it.",
        ),
        Misconception(
            named(
                "mean_of_the_squares",
                _together(
                    _ratio, lambda a: _global_length(a) / max(sum(g.size for g in a.values()), 1) ** 0.5
                ),
            ),
            "You averaged the squares. A norm adds them: do not divide by the number of entries.",
        ),
        Misconception(
            named(
                "largest_entry_for_the_norm",
                _together(_ratio, lambda a: max((float(np.max(np.abs(g))) for g in a.values()), default=0.0)),
            ),
            "You measured by the largest entry alone. Take the L2 norm over all entries of all arrays.",
        ),
        Misconception(
            _returned_the_norm_after_clipping,
            "The norm that you return is that after clipping, which tells nobody whether the gradient "
            "exploded. Return the norm as it was before.",
        ),
        Misconception(
            _scaled_short_gradients_up,
            "Gradients shorter than the bound were stretched to it. Leave them as they are: the factor is "
            "at most 1.",
        ),
        Misconception(
            named("scaled_to_norm_1", _together(lambda norm, max_norm: 1 / norm)),
            "Long gradients come out with norm 1, whatever the bound. Multiply by `max_norm` as well.",
        ),
        Misconception(
            named("inverted_the_ratio", _together(lambda norm, max_norm: norm / max_norm)),
            "Long gradients come out longer still: the factor is upside down. Multiply by `max_norm / norm`.",
        ),
        Misconception(
            named("small_number_in_the_factor", _together(lambda norm, max_norm: max_norm / (norm + 1e-6))),
            "A small number in the denominator makes the results a little too short. Divide by the norm "
            "itself: it is not 0 where it exceeds the bound.",
        ),
        Misconception(
            _shrinks_at_the_bound,
            "You multiply always, by a factor with a small number in it, as PyTorch does: even gradients "
            "that just fit shrink. Leave them exactly as they are where the norm is at most `max_norm`.",
        ),
        Misconception(
            named("dropped_long_gradients", _together(lambda norm, max_norm: 0.0)),
            "Gradients that are too long become 0, so that nothing is learned where the ground is steepest. "
            "Scale them down to `max_norm`.",
        ),
        Misconception(
            _clipped_every_entry_alone,
            "You clipped each entry alone, which changes the direction. Multiply all arrays by one factor.",
        ),
        Misconception(
            _squares_leave_the_range,
            "Right for everyday numbers, but the squares of 1e200 are infinite and those of 1e-200 are 0. "
            "Scale before you square, as in `stable_l2_norm`.",
        ),
        Misconception(
            _saved_only_from_overflow,
            "You save the huge entries, but the squares of tiny ones underflow to 0, so that they are never "
            "clipped. Scale them before you square, too.",
        ),
        Misconception(
            named("accepts_any_bound", _lenient(check_bound=False)),
            "A bound of 0 or less goes through (a negative one turns the gradient round). Raise a "
            "`ValueError` unless `max_norm` is positive.",
        ),
        Misconception(
            named("accepts_a_bound_of_zero", _lenient(bound=lambda max_norm: max_norm >= 0)),
            "A bound of 0 goes through, and would stop all learning in silence. Raise a `ValueError` for "
            "it, too.",
        ),
        Misconception(
            named("lets_nan_through", _lenient(check_nan=False)),
            "A NaN goes through, and after the next step every parameter is NaN. Raise a "
            "`FloatingPointError` unless the norm is finite (`np.isfinite` knows both cases).",
        ),
        Misconception(
            named("lets_infinity_through", _lenient(check_infinity=False)),
            "An infinite norm goes through: it makes the factor 0, and infinity times 0 is NaN. Raise a "
            "`FloatingPointError` unless the norm is finite (`np.isfinite` knows both cases).",
        ),
        Misconception(
            named("lets_everything_through", _lenient(check_nan=False, check_infinity=False)),
            "NaN and infinite norms go through and poison every parameter. Raise a `FloatingPointError` "
            "unless the norm is finite.",
        ),
        Misconception(
            _value_error_for_a_norm_that_is_not_finite,
            "For a NaN or infinite norm you raise a `ValueError`, as if the caller's argument were wrong. "
            "Raise a `FloatingPointError` there.",
        ),
        Misconception(
            _looked_at_the_norm_first,
            "With a bad bound and a NaN together, you complain about the NaN. Check `max_norm` first.",
        ),
        Misconception(
            _forgot_to_return_the_norm,
            "You returned the clipped gradients alone. Return two things: `clipped, norm`.",
        ),
        Misconception(
            _exchanged_the_two_results,
            "You returned the norm first. Exchange the two: `clipped, norm`.",
        ),
        Misconception(
            _sorted_the_names,
            "The names came back in alphabetical order. Keep the order of `grads`.",
        ),
        Misconception(
            _lost_the_shapes,
            "The arrays came back as flat vectors. Give each the shape that it had.",
        ),
        Misconception(
            _fails_without_arrays,
            "An empty dict cannot be concatenated. Its norm is 0.0, and what is due is `({}, 0.0)`: treat "
            "it by itself, or add up squares instead.",
        ),
        Misconception(
            _did_not_flatten_the_arrays,
            "`stable_l2_norm` takes vectors only. Flatten each array for it: `np.ravel(g)`.",
        ),
        Misconception(
            _divides_by_a_norm_of_zero,
            "A norm of 0 (zeros, or no arrays) cannot be divided by. Compare the norm with the bound before "
            "you divide.",
        ),
        Misconception(
            named("narrow_integers", _squares_of_integers_wrap_around),
            "Right for floats, but squares of narrow integers wrap around (in 8 bits, 96² is 0). Make the "
            "arrays floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "Lay all arrays end to end: one long vector, one length, one factor for all. What must the factor "
        "be where that length is allowed already?",
        "norm = √(Σ over arrays of ‖g‖²), factor = min(1, max_norm / norm). The norm of a list of norms is "
        "the norm of the whole.",
        "In this order: check `max_norm`; one `stable_l2_norm(...)` per array (mind its shape), and one "
        "more of those norms; check that the result is finite; then a new dict with every array times the "
        "factor.",
    ),
    showed=(
        "The norm after clipping never exceeds `max_norm` and so hides every explosion: this is why the one "
        "from before is returned as well."
    ),
    atol=0.0,
)

# -- cosine_similarity ----------------------------------------------------------------------------


def _cosine(combine, default=0.0):
    """A cosine that goes wrong in how it puts the inner product and the two norms together."""

    def cosine_similarity(a, b):
        inner = float(sum(np.sum(np.asarray(a[name], float) * np.asarray(b[name], float)) for name in a))
        a_norm, b_norm = float(_length(_flat(a))), float(_length(_flat(b)))
        with np.errstate(all="ignore"):
            return combine(inner, a_norm, b_norm) if a_norm and b_norm else default

    return cosine_similarity


def _array_by_array(total):
    """What some function of the cosines of the single arrays comes to."""

    def cosine_similarity(a, b):
        pairs = [{"x": a[name]} for name in a], [{"x": b[name]} for name in a]
        cosines = [clipping.cosine_similarity(x, y) for x, y in zip(*pairs, strict=True)]
        return float(total(cosines)) if cosines else 0.0

    return cosine_similarity


def _sum_of_norms(arrays):
    return float(sum(_length(g) for g in arrays.values()))


def _norms_added_array_by_array(a, b):
    inner = float(sum(np.sum(np.asarray(a[name], float) * np.asarray(b[name], float)) for name in a))
    product = _sum_of_norms(a) * _sum_of_norms(b)
    return inner / product if product else 0.0


def _matched_by_order(a, b):
    x, y = _flat(a), _flat(b)
    product = _length(x) * _length(y)
    return float(x @ y / product) if product else 0.0


def _paired_by_order(a, b):
    pairs = zip(a.values(), b.values(), strict=True)
    inner = sum(np.sum(np.asarray(x, dtype=float) * np.asarray(y, dtype=float)) for x, y in pairs)
    product = _length(_flat(a)) * _length(_flat(b))
    return float(inner / product) if product else 0.0


def _nan_for_zero(a, b):
    x, y = _flat(a), _flat({name: b[name] for name in a})
    with np.errstate(all="ignore"):
        return float(x @ y / (_length(x) * _length(y)))


def _divides_by_zero_in_plain_python(a, b):
    x, y = _flat(a), _flat({name: b[name] for name in a})
    return float(x @ y) / (float(_length(x)) * float(_length(y)))


def _cannot_concatenate_nothing(a, b):
    np.concatenate([np.ravel(g) for g in a.values()])
    return clipping.cosine_similarity(a, b)


def _correlation(a, b):
    x, y = _flat(a), _flat({name: b[name] for name in a})
    if x.size:
        x, y = x - np.mean(x), y - np.mean(y)
    product = _length(x) * _length(y)
    return float(x @ y / product) if product else 0.0


def _products_wrap_around(a, b):
    x, y = ({name: np.asarray(g) for name, g in arrays.items()} for arrays in (a, b))
    inner = sum(np.sum(x[name] * y[name]) for name in x)
    norms = [np.sqrt(sum(np.sum(g * g) for g in arrays.values())) for arrays in (x, y)]
    return float(inner / (norms[0] * norms[1])) if all(norms) else 0.0


def _draw_cosine_similarity(rng):
    """Two dicts with the same names in different orders, mostly at some slant to each other."""
    a = _draw_arrays(rng, 3.0)
    mix = rng.choice([-1.0, 0.0, 0.5, 2.0])
    b = {name: np.array((mix * g + _numbers(rng, g.shape, 3.0)).round(1)) for name, g in a.items()}
    return a, _shuffled(rng, b)


COSINE_SIMILARITY = Exercise(
    reference=clipping.cosine_similarity,
    points=2,
    cases=(
        Case("one array in each", ({"W": floats(3, 4)}, {"W": floats(4, 3)}), 0.96),
        Case("the same direction, another length", ({"W": floats(3, -4)}, {"W": floats(30, -40)}), 1.0),
        Case("opposite directions", ({"W": floats(3, -4)}, {"W": floats(-6, 8)}), -1.0),
        Case("perpendicular directions", ({"W": floats(3, 4)}, {"W": floats(-4, 3)}), 0.0),
        Case(
            "two arrays, seen as one long vector",
            ({"W": floats(2, 0), "b": floats(0, 1)}, {"W": floats(2, 0), "b": floats(0, -1)}),
            0.6,
        ),
        Case(
            "the same names in another order",
            ({"W": floats(3, 0), "b": floats(0, 4)}, {"b": floats(0, 4), "W": floats(3, 0)}),
            1.0,
        ),
        Case(
            "a matrix and a single number",
            (
                {"W": np.array([[1.0, 2.0], [0.0, 2.0]]), "scale": np.array(4.0)},
                {"W": np.array([[1.0, 0.0], [2.0, 2.0]]), "scale": np.array(0.0)},
            ),
            1 / 3,
        ),
        Case("short gradients", ({"W": floats(3e-7, 4e-7)}, {"W": floats(4e-7, 3e-7)}), 0.96),
        Case("one of the two is zero", ({"W": floats(3, 4)}, {"W": floats(0, 0)}), 0.0),
        Case("both are zero", ({"W": floats(0, 0)}, {"W": floats(0, 0)}), 0.0),
        Case("both are empty", ({}, {}), 0.0),
        Case("lists of integers", ({"W": [1, 2], "b": [[2]]}, {"W": [2, 1], "b": [[2]]}), 8 / 9),
        Case(
            "8-bit integers, whose products do not fit",
            ({"W": int8(96, 28)}, {"W": int8(28, 96)}),
            0.5376,
        ),
        Case("two short gradients", ({"W": floats(3e-9, 4e-9)}, {"W": floats(4e-9, 3e-9)}), 0.96),
        Case("only one of them is empty", ({"W": floats(3, 4)}, {}), 0.0),
    ),
    draw=_draw_cosine_similarity,
    misconceptions=(
        Misconception(
            named("inner_product_only", _cosine(lambda inner, a, b: inner)),
            "You returned the inner product, which grows with the lengths. Divide it by both norms.",
        ),
        Misconception(
            named("forgot_the_norm_of_b", _cosine(lambda inner, a, b: inner / a)),
            "You divided by the norm of `a` only, so that the length of `b` still counts. Divide by both "
            "norms.",
        ),
        Misconception(
            named("forgot_the_norm_of_a", _cosine(lambda inner, a, b: inner / b)),
            "You divided by the norm of `b` only, so that the length of `a` still counts. Divide by both "
            "norms.",
        ),
        Misconception(
            named("forgot_the_roots", _cosine(lambda inner, a, b: inner / (a**2 * b**2))),
            "You divided by the squared norms. Take their roots first.",
        ),
        Misconception(
            named("added_the_two_norms", _cosine(lambda inner, a, b: inner / (a + b))),
            "You divided by the sum of the two norms. Divide by their product.",
        ),
        Misconception(
            named("mean_of_the_arrays", _array_by_array(lambda c: np.mean(c))),
            "You averaged the cosines of the single arrays, so that a tiny array counts as much as a large "
            "one. Add inner products and squares over all arrays first, and divide once.",
        ),
        Misconception(
            named("sum_over_the_arrays", _array_by_array(lambda c: np.sum(c))),
            "You added the cosines of the single arrays. Add inner products and squares over all arrays "
            "first, and divide once.",
        ),
        Misconception(
            named("first_array_only", _array_by_array(lambda c: c[0])),
            "Only the first array counts: does a `return` stand inside the loop? Go through all of them "
            "first.",
        ),
        Misconception(
            named("last_array_only", _array_by_array(lambda c: c[-1])),
            "Only the last array counts: each one replaces the total. Add to the total instead.",
        ),
        Misconception(
            _norms_added_array_by_array,
            "You added the norms of the arrays, which is more than the norm of all of them. Add their "
            "squares, and take the root at the end.",
        ),
        Misconception(
            _matched_by_order,
            "You paired the arrays by their order. The second dict may have another one: pair them by name, "
            "`b[name]`.",
        ),
        Misconception(
            _paired_by_order,
            "You went through the values of both dicts at once. The second may have another order: pair the "
            "arrays by name, `b[name]`.",
        ),
        Misconception(
            named("negative_counts_as_zero", _cosine(lambda inner, a, b: max(0.0, inner / (a * b)))),
            "Cosines below 0 came out as 0, and with them the difference between perpendicular and opposite "
            "got lost. Return them as they are.",
        ),
        Misconception(
            named("absolute_value", _cosine(lambda inner, a, b: abs(inner) / (a * b))),
            "The sign got lost, and with it the difference between the same and the opposite direction. "
            "Leave out the absolute value.",
        ),
        Misconception(
            named(
                "angle_in_radians", _cosine(lambda inner, a, b: np.arccos(np.clip(inner / (a * b), -1, 1)))
            ),
            "You returned the angle. Return its cosine: leave out `arccos`.",
        ),
        Misconception(
            named(
                "angle_in_degrees",
                _cosine(lambda inner, a, b: np.degrees(np.arccos(np.clip(inner / (a * b), -1, 1)))),
            ),
            "You returned the angle in degrees. Return its cosine: leave out `arccos`.",
        ),
        Misconception(
            named("cosine_distance", _cosine(lambda inner, a, b: 1 - inner / (a * b))),
            "You returned the distance, 1 minus the cosine. Return the cosine itself.",
        ),
        Misconception(
            named("squared_cosine", _cosine(lambda inner, a, b: (inner / (a * b)) ** 2)),
            "You returned the squared cosine. Do not square it: its sign matters.",
        ),
        Misconception(
            _correlation,
            "You subtracted the means first, which gives the correlation. Leave the entries as they are.",
        ),
        Misconception(
            named("small_number_below", _cosine(lambda inner, a, b: inner / (a * b + 1e-8))),
            "A small number in the denominator is not small beside the norms of short gradients. Treat zero "
            "by itself, and divide by the norms alone.",
        ),
        Misconception(
            named("tiny_number_below", _cosine(lambda inner, a, b: inner / (a * b + 1e-12))),
            "A tiny number in the denominator is not tiny beside the norms of short gradients. Treat zero "
            "by itself, and divide by the norms alone.",
        ),
        Misconception(
            _nan_for_zero,
            "0 / 0 is NaN. Return 0.0 if either norm is 0, before you divide.",
        ),
        Misconception(
            _divides_by_zero_in_plain_python,
            "Zeros have norm 0, and dividing by it is an error. Return 0.0 if either norm is 0.",
        ),
        Misconception(
            named("one_for_zeros", _cosine(lambda inner, a, b: inner / (a * b), default=1.0)),
            "Zeros point nowhere, so their cosine with anything counts as 0. Return 0.0 if either norm is 0.",
        ),
        Misconception(
            _cannot_concatenate_nothing,
            "An empty dict cannot be concatenated. Return 0.0 for it.",
        ),
        Misconception(
            named("narrow_integers", _products_wrap_around),
            "Right for floats, but products of narrow integers wrap around (in 8 bits, 96² is 0). Make the "
            "arrays floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "Two arrows that point the same way have cosine 1, however long they are. What must be divided out?",
        "cos = (a · b) / (‖a‖ ‖b‖), where a · b is the sum of the products of all entries that belong "
        "together.",
        "Go through the names of `a`, and add `np.sum(a[name] * b[name])` (as floats). The norms as in "
        "`clip_by_global_norm`. What do you return if one of them is 0?",
    ),
    showed=(
        "Positive factors drop out: a gradient and a millionth of it have cosine 1, so what the cosine sees "
        "is turning and nothing else."
    ),
)

# -- mlp_gradients --------------------------------------------------------------------------------


def _mlp(
    forward=lambda before: np.maximum(before, 0.0),
    slope=lambda before: before > 0,
    error_of=lambda output, y: output - y,
    scale=lambda error: 2 * error / len(error),
    loss_of=lambda error: np.mean(error**2),
    back=lambda d_output, W2: d_output @ W2.T,
    over_rows=lambda d: np.sum(d, axis=0),
    first_bias=1.0,
    second_bias=1.0,
    last=lambda hidden, before: hidden,
    returns=lambda loss, grads: (loss, grads),
):
    """Back-propagation that goes wrong in one place."""

    def mlp_gradients(X, y, params):
        X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
        p = _as_floats(params)
        before = X @ p["W1"] + first_bias * p["b1"]
        hidden = forward(before)
        error = error_of(hidden @ p["W2"] + second_bias * p["b2"], y[:, np.newaxis])
        d_output = scale(error)
        d_before = back(d_output, p["W2"]) * slope(before)
        grads = {
            "W1": X.T @ d_before,
            "b1": over_rows(d_before),
            "W2": last(hidden, before).T @ d_output,
            "b2": over_rows(d_output),
        }
        return returns(float(loss_of(error)), grads)

    return mlp_gradients


def _output_cut_off_at_zero(X, y, params):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    p = _as_floats(params)
    before = X @ p["W1"] + p["b1"]
    hidden = np.maximum(before, 0.0)
    output = hidden @ p["W2"] + p["b2"]
    error = np.maximum(output, 0.0) - y[:, np.newaxis]
    d_output = 2 * error / len(y) * (output > 0)
    d_before = (d_output @ p["W2"].T) * (before > 0)
    grads = {
        "W1": X.T @ d_before,
        "b1": d_before.sum(axis=0),
        "W2": hidden.T @ d_output,
        "b2": d_output.sum(axis=0),
    }
    return float(np.mean(error**2)), grads


def _gate_from_the_wrong_side(X, y, params):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    p = _as_floats(params)
    before = X @ p["W1"] + p["b1"]
    hidden = np.maximum(before, 0.0)
    error = hidden @ p["W2"] + p["b2"] - y[:, np.newaxis]
    d_output = 2 * error / len(y)
    d_hidden = d_output @ p["W2"].T
    d_before = d_hidden * (d_hidden > 0)
    grads = {
        "W1": X.T @ d_before,
        "b1": d_before.sum(axis=0),
        "W2": hidden.T @ d_output,
        "b2": d_output.sum(axis=0),
    }
    return float(np.mean(error**2)), grads


def _targets_as_a_row(X, y, params):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    p = _as_floats(params)
    before = X @ p["W1"] + p["b1"]
    hidden = np.maximum(before, 0.0)
    error = hidden @ p["W2"] + p["b2"] - y
    d_output = 2 * error / len(y)
    d_before = (d_output @ p["W2"].T) * (before > 0)
    grads = {
        "W1": X.T @ d_before,
        "b1": d_before.sum(axis=0),
        "W2": hidden.T @ d_output,
        "b2": d_output.sum(axis=0),
    }
    return float(np.mean(error**2)), grads


def _loss_of_each_with_each(X, y, params):
    p = _as_floats(params)
    output = np.maximum(np.asarray(X, dtype=float) @ p["W1"] + p["b1"], 0.0) @ p["W2"] + p["b2"]
    return float(np.mean((output - np.asarray(y)) ** 2)), clipping.mlp_gradients(X, y, params)[1]


def _draw_mlp_gradients(rng):
    n, d, h = rng.permutation([2, 3, 4, 5])[:3]
    params = {
        "W1": _numbers(rng, (d, h), 1.0),
        # never such that a unit is at 0 but for rounding, which no two ways of adding do alike
        "b1": np.round(_numbers(rng, (h,), 1.0) + 0.005, 3),
        "W2": _numbers(rng, (h, 1), 1.0),
        "b2": _numbers(rng, (1,), 1.0),
    }
    return _numbers(rng, (n, d), 1.0), _numbers(rng, (n,), 3.0), params


_ONE_IN_TWO_HIDDEN = {
    "W1": np.array([[1.0, -1.0]]),
    "b1": floats(0, 1),
    "W2": np.array([[2.0], [5.0]]),
    "b2": floats(1),
}
_NOTHING_ABOVE_ZERO = {"W1": np.array([[1.0]]), "b1": floats(-3), "W2": np.array([[2.0]]), "b2": floats(1)}

MLP_GRADIENTS = Exercise(
    reference=clipping.mlp_gradients,
    points=3,
    cases=(
        Case(
            "one sample, one of two hidden units above 0",
            (np.array([[3.0]]), floats(6), _ONE_IN_TWO_HIDDEN),
            (
                1.0,
                {
                    "W1": np.array([[12.0, 0.0]]),
                    "b1": floats(4, 0),
                    "W2": np.array([[6.0], [0.0]]),
                    "b2": floats(2),
                },
            ),
        ),
        Case(
            "two samples, one for each hidden unit",
            (np.array([[3.0], [-1.0]]), floats(6, 14), _ONE_IN_TWO_HIDDEN),
            (
                5.0,
                {
                    "W1": np.array([[6.0, 15.0]]),
                    "b1": floats(2, -15),
                    "W2": np.array([[3.0], [-6.0]]),
                    "b2": floats(-2),
                },
            ),
        ),
        Case(
            "two inputs per sample",
            (
                np.array([[1.0, 2.0]]),
                floats(1),
                {"W1": np.array([[1.0], [1.0]]), "b1": floats(1), "W2": np.array([[0.5]]), "b2": floats(0)},
            ),
            (
                1.0,
                {
                    "W1": np.array([[1.0], [2.0]]),
                    "b1": floats(1),
                    "W2": np.array([[8.0]]),
                    "b2": floats(2),
                },
            ),
        ),
        Case(
            "a hidden unit at exactly 0, where the derivative counts as 0",
            (np.array([[3.0], [3.0]]), floats(4, 4), _NOTHING_ABOVE_ZERO),
            (9.0, {"W1": np.array([[0.0]]), "b1": floats(0), "W2": np.array([[0.0]]), "b2": floats(-6)}),
        ),
        Case(
            "a hidden unit below 0",
            (np.array([[1.0]]), floats(4), _NOTHING_ABOVE_ZERO),
            (9.0, {"W1": np.array([[0.0]]), "b1": floats(0), "W2": np.array([[0.0]]), "b2": floats(-6)}),
        ),
        Case(
            "an output that is right already",
            (np.array([[3.0]]), floats(7), _ONE_IN_TWO_HIDDEN),
            (
                0.0,
                {
                    "W1": np.array([[0.0, 0.0]]),
                    "b1": floats(0, 0),
                    "W2": np.array([[0.0], [0.0]]),
                    "b2": floats(0),
                },
            ),
        ),
        Case(
            "lists of integers",
            ([[3]], [6], {"W1": [[1, -1]], "b1": [0, 1], "W2": [[2], [5]], "b2": [1]}),
            (
                1.0,
                {
                    "W1": np.array([[12.0, 0.0]]),
                    "b1": floats(4, 0),
                    "W2": np.array([[6.0], [0.0]]),
                    "b2": floats(2),
                },
            ),
        ),
    ),
    draw=_draw_mlp_gradients,
    misconceptions=(
        Misconception(
            named("forgot_the_factor_2", _mlp(scale=lambda error: error / len(error))),
            "The gradients are half of what is due: the derivative of a square brings a factor 2. Put it in.",
        ),
        Misconception(
            named("gradient_of_the_sum", _mlp(scale=lambda error: 2 * error)),
            "The loss is right, but the gradients are those of the sum of the squared errors. Divide them "
            "by the number of samples.",
        ),
        Misconception(
            named("divided_twice", _mlp(scale=lambda error: 2 * error / len(error) ** 2)),
            "The loss is right, but the gradients are divided by the number of samples twice. Once is "
            "enough: leave out the second.",
        ),
        Misconception(
            named(
                "sum_of_squared_errors", _mlp(scale=lambda error: 2 * error, loss_of=lambda e: np.sum(e**2))
            ),
            "You added the squared errors. Average them: the loss is a mean, and so is its gradient.",
        ),
        Misconception(
            named(
                "half_the_mean_squared_error",
                _mlp(scale=lambda error: error / len(error), loss_of=lambda e: np.mean(e**2) / 2),
            ),
            "You took half of the mean squared error, as some books do. Leave out the half, in the loss and "
            "in its gradient.",
        ),
        Misconception(
            named("root_of_the_mean_squared_error", _mlp(loss_of=lambda e: np.sqrt(np.mean(e**2)))),
            "You returned the root of the loss. Leave out the root.",
        ),
        Misconception(
            named("mean_absolute_error", _mlp(loss_of=lambda e: np.mean(np.abs(e)))),
            "Your loss averages the absolute errors. Square them first.",
        ),
        Misconception(
            named("forgot_the_slope_on_the_way_back", _mlp(slope=lambda before: 1.0)),
            "On its way back the gradient passes every hidden unit, the silent ones too. Multiply by the "
            "ReLU's derivative: 1 where its input is above 0, else 0.",
        ),
        Misconception(
            named("slope_1_at_zero", _mlp(slope=lambda before: before >= 0)),
            "Where the input of a ReLU is exactly 0, you let the gradient pass. Its derivative counts as 0 "
            "there: compare with `>`.",
        ),
        Misconception(
            named("slope_is_the_input_itself", _mlp(slope=lambda before: np.maximum(before, 0.0))),
            "You multiplied by the hidden values. The ReLU's derivative is 1 or 0: ask where its input is "
            "above 0.",
        ),
        Misconception(
            _gate_from_the_wrong_side,
            "You applied the ReLU to the gradient. What decides is the input of the ReLU in the forward "
            "pass: let the gradient pass where that is above 0.",
        ),
        Misconception(
            named("linear_hidden_layer", _mlp(forward=lambda before: before, slope=lambda before: 1.0)),
            "Nothing in your network is cut off at 0: it is linear. Put the ReLU, `np.maximum(..., 0)`, "
            "between the layers.",
        ),
        Misconception(
            named("nothing_cut_off_going_forward", _mlp(forward=lambda before: before)),
            "Your gradients know of the ReLU, but the forward pass does not. Put `np.maximum(..., 0)` "
            "between the layers.",
        ),
        Misconception(
            _output_cut_off_at_zero,
            "The output passes through a ReLU as well, so that it is never negative. Apply it to the hidden "
            "layer only.",
        ),
        Misconception(
            named(
                "tanh_in_the_hidden_layer",
                _mlp(forward=np.tanh, slope=lambda before: 1 - np.tanh(before) ** 2),
            ),
            "The hidden layer uses tanh. Use the ReLU, `np.maximum(..., 0)`, and its derivative.",
        ),
        Misconception(
            named("wrong_sign", _mlp(scale=lambda error: -2 * error / len(error))),
            "The gradients point the wrong way: they belong to target minus output. The derivative of "
            "(output − y)² is 2 (output − y): exchange the two.",
        ),
        Misconception(
            named("forgot_the_weights_on_the_way_back", _mlp(back=lambda d_output, W2: d_output)),
            "On its way back to the hidden layer the gradient is not multiplied by `W2`. Multiply by its "
            "transpose.",
        ),
        Misconception(
            named("averaged_the_biases", _mlp(over_rows=lambda d: np.mean(d, axis=0))),
            "You averaged the gradients of the biases over the samples, but the division by their number is "
            "in already. Add them up.",
        ),
        Misconception(
            named("biases_summed_to_one_number", _mlp(over_rows=np.sum)),
            "You added up everything, so that the gradient of a bias is one number. Each unit has a bias of "
            "its own: add over the samples only, `axis=0`.",
        ),
        Misconception(
            named(
                "first_bias_summed_to_one_number",
                _mlp(returns=lambda loss, grads: (loss, {**grads, "b1": np.sum(grads["b1"])})),
            ),
            "The gradient of `b1` is one number for all hidden units. Each unit has a bias of its own: add "
            "over the samples only, `axis=0`.",
        ),
        Misconception(
            named(
                "last_bias_without_its_axis",
                _mlp(returns=lambda loss, grads: (loss, {**grads, "b2": np.sum(grads["b2"])})),
            ),
            "The gradient of `b2` is a single number. It is to have the shape of `b2`, (1,): add over the "
            "samples only, `axis=0`.",
        ),
        Misconception(
            named("forgot_the_first_bias", _mlp(first_bias=0.0)),
            "The bias `b1` is missing in the forward pass. Add it before the ReLU.",
        ),
        Misconception(
            named("forgot_the_second_bias", _mlp(second_bias=0.0)),
            "The bias `b2` is missing in the output. Add it.",
        ),
        Misconception(
            named("wrong_side_of_the_hidden_layer", _mlp(last=lambda hidden, before: before)),
            "The gradient of `W2` uses what goes into the ReLU. What `W2` multiplies is what comes out of "
            "it: use the hidden values.",
        ),
        Misconception(
            _loss_of_each_with_each,
            "The gradients are right, but in the loss each output was compared with each target: an (N, 1) "
            "column less an (N,) vector is an (N, N) table. Make `y` a column there, too.",
        ),
        Misconception(
            _targets_as_a_row,
            "The output is a column, (N, 1), and `y` has shape (N,): NumPy subtracts each from each and "
            "gets an (N, N) table. Make `y` a column, `y[:, np.newaxis]`, or the output a vector.",
        ),
        Misconception(
            named("returned_the_gradients_only", _mlp(returns=lambda loss, grads: grads)),
            "You returned the gradients alone. Return two things: `loss, grads`.",
        ),
        Misconception(
            named("exchanged_the_two_results", _mlp(returns=lambda loss, grads: (grads, loss))),
            "You returned the gradients first. Exchange the two: `loss, grads`.",
        ),
    ),
    hints=(
        "Go forward and keep what you compute: the input of the ReLU, the hidden values, the error. Then go "
        "back the same way, one factor at a time.",
        "d_output = 2 · error / N, shape (N, 1). Behind it: W2 gets hiddenᵀ d_output, b2 its sum over the "
        "samples; the hidden layer gets d_output W2ᵀ, and through the ReLU passes only what had a positive "
        "input.",
        "Shapes lead the way: each gradient has the shape of its parameter. Watch `y`, which is (N,), "
        "beside the output, (N, 1).",
    ),
    showed=(
        "A ReLU that is off for every sample hands nothing back: its column of `W1`, its entry of `b1` and "
        "its row of `W2` all get gradient 0."
    ),
    seconds=10.0,
)

# -- cliff ----------------------------------------------------------------------------------------


def _sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def _recurrence(
    extra_steps=0,
    squash=_sigmoid,
    squash_slope=lambda s: s * (1 - s),
    state=lambda w, b, s, x: w * s + b,
    carry=lambda w, slope: w * slope,
    direct_w=lambda s, x: s,
    direct_b=1.0,
    error_of=lambda s, x: (s - 0.7) ** 2,
    error_slope=lambda s, x: 2 * (s - 0.7) * s * (1 - s),
    slope_after=False,
    returns=lambda error, dw, db: (error, dw, db),
):
    """The recurrence and its derivatives, wrong in one place."""

    def cliff(w, b, n_steps=50, x0=0.5):
        x, dw, db = float(x0), 0.0, 0.0
        for _ in range(max(n_steps + extra_steps, 0)):
            s = squash(x)
            new = state(w, b, s, x)
            k = carry(w, squash_slope(squash(new) if slope_after else s))
            x, dw, db = new, direct_w(s, x) + k * dw, direct_b + k * db
        s = squash(x)
        slope = error_slope(s, x)
        return returns(float(error_of(s, x)), float(slope * dw), float(slope * db))

    return cliff


def _recurrence_with_short_chain(of):
    """The recurrence, where one of the two derivatives is not carried along."""

    def cliff(w, b, n_steps=50, x0=0.5):
        error, dw, db = clipping.cliff(w, b, n_steps, x0)
        _, short_dw, short_db = _recurrence(carry=lambda w, slope: 0.0)(w, b, n_steps, x0)
        return (error, short_dw, db) if of == "w" else (error, dw, short_db)

    return cliff


def _replaced_the_state_too_early(w, b, n_steps=50, x0=0.5):
    x, dw, db = float(x0), 0.0, 0.0
    for _ in range(n_steps):
        x = w * _sigmoid(x) + b
        s = _sigmoid(x)
        slope = w * s * (1 - s)
        dw, db = s + slope * dw, 1 + slope * db
    s = _sigmoid(x)
    dx = 2 * (s - 0.7) * s * (1 - s)
    return float((s - 0.7) ** 2), float(dx * dw), float(dx * db)


def _finite_differences(h, central):
    """Derivatives by stepping to one side or to both."""

    def cliff(w, b, n_steps=50, x0=0.5):
        def error(w, b):
            return clipping.cliff(w, b, n_steps, x0)[0]

        back, span = (h, 2 * h) if central else (0.0, h)
        dw = (error(w + h, b) - error(w - back, b)) / span
        return error(w, b), dw, (error(w, b + h) - error(w, b - back)) / span

    return cliff


def _ignored_n_steps(w, b, n_steps=50, x0=0.5):
    return clipping.cliff(w, b, 50, x0)


def _ignored_x0(w, b, n_steps=50, x0=0.5):
    return clipping.cliff(w, b, n_steps, 0.5)


def _draw_cliff(rng):
    w, b = round(float(rng.uniform(-3, 6)), 1), round(float(rng.uniform(-4, 1)), 1)
    return w, b, int(rng.integers(2, 12)), float(rng.choice([-1.0, -0.4, 0.2, 0.8, 1.5]))


CLIFF = Exercise(
    reference=clipping.cliff,
    points=3,
    cases=(
        Case(
            "one step",
            (2.0, 0.0, 1, 0.0),
            (0.0009646353065161957, 0.006106487188177834, 0.012212974376355669),
        ),
        Case(
            "two steps", (2.0, 0.0, 2, 0.0), (0.01251182623739873, 0.031699542165502845, 0.04760802260757545)
        ),
        Case("one step with w = 0: the state is b", (0.0, 0.0, 1, 0.0), (0.04, -0.05, -0.1)),
        Case("no step: the error depends on neither", (3.0, -1.0, 0, 0.5), (0.0060125553176636854, 0.0, 0.0)),
        Case(
            "three steps with a negative weight",
            (-2.0, 1.0, 3, 0.5),
            (0.046314416277663965, -0.04992904737983571, -0.08033022877058077),
        ),
        Case(
            "fifty steps from 0.5, which are the defaults",
            (1.0, -1.0),
            (0.12891407923881615, -0.07096104490636007, -0.2081250231516661),
        ),
        Case(
            "in the wall of the published cliff",
            (4.8, -2.488),
            (0.11529513585592006, -711.9343098773247, -1146.5978331712913),
        ),
    ),
    draw=_draw_cliff,
    misconceptions=(
        Misconception(
            named("one_step_too_few", _recurrence(extra_steps=-1)),
            "The recurrence stops one step early. From x₀ it takes `n_steps` steps to x_T: count them again.",
        ),
        Misconception(
            named("one_step_too_many", _recurrence(extra_steps=1)),
            "The recurrence takes one step too many. From x₀ it takes `n_steps` steps to x_T: count them "
            "again.",
        ),
        Misconception(
            named(
                "sigmoid_twice_at_the_end",
                _recurrence(
                    error_of=lambda s, x: (_sigmoid(s) - 0.7) ** 2,
                    error_slope=lambda s, x: (
                        2 * (_sigmoid(s) - 0.7) * _sigmoid(s) * (1 - _sigmoid(s)) * s * (1 - s)
                    ),
                ),
            ),
            "At the end the sigmoid is applied twice. The state x_T goes through it once: (σ(x_T) − 0.7)².",
        ),
        Misconception(
            named(
                "no_sigmoid_at_the_end",
                _recurrence(error_of=lambda s, x: (x - 0.7) ** 2, error_slope=lambda s, x: 2 * (x - 0.7)),
            ),
            "You compare the state itself with 0.7. Put it through the sigmoid first: (σ(x_T) − 0.7)².",
        ),
        Misconception(
            named("error_not_squared", _recurrence(error_of=lambda s, x: abs(s - 0.7))),
            "Your error is the distance from 0.7. Square it.",
        ),
        Misconception(
            named("last_step_only", _recurrence(carry=lambda w, slope: 0.0)),
            "Your derivatives know only the last step. w and b act in every step: carry dx/dw and dx/db "
            "along the recurrence, times w σ′(x).",
        ),
        Misconception(
            named("chain_missing_for_b", _recurrence_with_short_chain("b")),
            "The derivative with respect to b knows only the last step. Carry dx/db along the recurrence as "
            "well: 1 + w σ′(x) dx/db.",
        ),
        Misconception(
            named("chain_missing_for_w", _recurrence_with_short_chain("w")),
            "The derivative with respect to w knows only the last step. Carry dx/dw along the recurrence as "
            "well: σ(x) + w σ′(x) dx/dw.",
        ),
        Misconception(
            named("forgot_w_in_the_chain", _recurrence(carry=lambda w, slope: slope)),
            "From one state to the next the derivative is w σ′(x): the factor w is missing. Put it in.",
        ),
        Misconception(
            named("forgot_the_slope_in_the_chain", _recurrence(carry=lambda w, slope: w)),
            "From one state to the next the derivative is w σ′(x): the slope of the sigmoid is missing. "
            "Multiply by σ(x) (1 − σ(x)).",
        ),
        Misconception(
            named(
                "forgot_the_slope_at_the_end",
                _recurrence(error_slope=lambda s, x: 2 * (s - 0.7)),
            ),
            "The last link of the chain is missing: the error contains σ(x_T). Multiply by σ′(x_T).",
        ),
        Misconception(
            _replaced_the_state_too_early,
            "You replace x first, and compute σ and its slope from the new x. Both belong to the old one: "
            "compute them before you replace x.",
        ),
        Misconception(
            named("slope_at_the_new_state", _recurrence(slope_after=True)),
            "You take the slope of the sigmoid at the new state. It acts on the old one: compute σ(x) and "
            "its slope before you replace x.",
        ),
        Misconception(
            named(
                "slope_of_the_sigmoid_at_its_own_value",
                _recurrence(squash_slope=lambda s: _sigmoid(s) * (1 - _sigmoid(s))),
            ),
            "The slope of the sigmoid is σ (1 − σ), where σ has been computed already. Do not apply the "
            "sigmoid to it again.",
        ),
        Misconception(
            named("no_direct_effect", _recurrence(direct_w=lambda s, x: 0.0, direct_b=0.0)),
            "Your derivatives stay 0: each step adds a direct effect of its own. Add σ(x) to dx/dw and 1 to "
            "dx/db.",
        ),
        Misconception(
            named("state_for_its_sigmoid", _recurrence(direct_w=lambda s, x: x)),
            "The direct effect of w in one step is what w multiplies: σ(x), not x. Add that to dx/dw.",
        ),
        Misconception(
            named("wrong_sign", _recurrence(error_slope=lambda s, x: -2 * (s - 0.7) * s * (1 - s))),
            "The derivatives have the opposite sign, as if the error were built from 0.7 − σ with the "
            "chain's minus forgotten. Derive (σ − 0.7)² with respect to σ.",
        ),
        Misconception(
            named(
                "half_of_the_square",
                _recurrence(
                    error_of=lambda s, x: (s - 0.7) ** 2 / 2, error_slope=lambda s, x: (s - 0.7) * s * (1 - s)
                ),
            ),
            "You took half of the square, as some books do. Leave out the half, in the error and in its "
            "derivatives.",
        ),
        Misconception(
            named("forgot_the_factor_2", _recurrence(error_slope=lambda s, x: (s - 0.7) * s * (1 - s))),
            "The derivatives are half of what is due: the derivative of a square brings a factor 2. Put it "
            "in.",
        ),
        Misconception(
            named("exchanged_the_derivatives", _recurrence(returns=lambda e, dw, db: (e, db, dw))),
            "The two derivatives are exchanged. Return that with respect to w first.",
        ),
        Misconception(
            named("error_only", _recurrence(returns=lambda e, dw, db: e)),
            "You returned the error alone. Return three things: `error, dE_dw, dE_db`.",
        ),
        Misconception(
            named(
                "tanh_for_the_sigmoid",
                _recurrence(
                    squash=np.tanh,
                    squash_slope=lambda s: 1 - s**2,
                    error_slope=lambda s, x: 2 * (s - 0.7) * (1 - s**2),
                ),
            ),
            "Your states go through tanh. Use the sigmoid, 1 / (1 + exp(−x)), and its slope σ (1 − σ).",
        ),
        Misconception(
            named("sigmoid_around_everything", _recurrence(state=lambda w, b, s, x: _sigmoid(w * x + b))),
            "Your recurrence is x ← σ(w x + b). Here the sigmoid stands inside: x ← w σ(x) + b.",
        ),
        Misconception(
            named("central_differences", _finite_differences(1e-5, central=True)),
            "These are finite differences, which are off by 0.2 per cent on the wall. Carry the exact "
            "derivatives along the recurrence.",
        ),
        Misconception(
            named("forward_differences", _finite_differences(1e-6, central=False)),
            "These are differences to one side, which are right to a few digits only. Carry the exact "
            "derivatives along the recurrence.",
        ),
        Misconception(
            _ignored_n_steps,
            "It always takes 50 steps. Use `n_steps`.",
        ),
        Misconception(
            _ignored_x0,
            "It always starts from 0.5. Use `x0`.",
        ),
    ),
    hints=(
        "Next to the state x keep two more numbers: how x would change with w, and how with b. What does "
        "one step do to them?",
        "With s = σ(x): dx/dw ← s + w s (1 − s) dx/dw, and dx/db ← 1 + w s (1 − s) dx/db; both begin at 0. "
        "At the end, dE/dx = 2 (σ − 0.7) σ (1 − σ).",
        "One loop over the steps. Compute s from the old x first, then replace all three numbers at once: "
        "`x, dx_dw, dx_db = ..., ..., ...`.",
    ),
    showed=(
        "Factors compound: fifty factors of 1.1 make about 117, and fifty of 0.9 about 0.005, so one loop "
        "can explode at one place and vanish at another."
    ),
)

# -- sgd_step -------------------------------------------------------------------------------------


def _step(
    update=lambda p, g, learning_rate: p - learning_rate * g,
    clip=lambda grads, max_norm: clipping.clip_by_global_norm(grads, max_norm)[0],
):
    """A step that goes wrong in its update or in its clipping."""

    def sgd_step(params, grads, learning_rate, max_norm=None):
        g = _as_floats(grads if max_norm is None else clip(grads, max_norm))
        return {name: update(p, g[name], learning_rate) for name, p in _as_floats(params).items()}

    return sgd_step


def _ignores_the_bound(params, grads, learning_rate, max_norm=None):
    return clipping.sgd_step(params, grads, learning_rate)


def _clipped_the_step(params, grads, learning_rate, max_norm=None):
    steps = {name: learning_rate * g for name, g in _as_floats(grads).items()}
    return clipping.sgd_step(params, steps, 1.0, max_norm)


def _clipped_the_parameters(params, grads, learning_rate, max_norm=None):
    moved = clipping.sgd_step(params, grads, learning_rate)
    return moved if max_norm is None else clipping.clip_by_global_norm(moved, max_norm)[0]


def _needs_a_bound(params, grads, learning_rate, max_norm=None):
    clipped, _ = clipping.clip_by_global_norm(grads, max_norm)
    return clipping.sgd_step(params, clipped, learning_rate)


def _clips_at_1_without_a_bound(params, grads, learning_rate, max_norm=None):
    return clipping.sgd_step(params, grads, learning_rate, 1.0 if max_norm is None else max_norm)


def _calculates_with_lists(params, grads, learning_rate, max_norm=None):
    if max_norm is not None:
        grads, _ = clipping.clip_by_global_norm(grads, max_norm)
    return {name: params[name] - learning_rate * grads[name] for name in params}


def _gradients_paired_by_order(params, grads, learning_rate, max_norm=None):
    if max_norm is not None:
        grads, _ = clipping.clip_by_global_norm(grads, max_norm)
    values = _as_floats(grads).values()
    pairs = zip(_as_floats(params).items(), values, strict=True)
    return {name: p - learning_rate * g for (name, p), g in pairs}


def _pair_used_as_a_dict(params, grads, learning_rate, max_norm=None):
    if max_norm is not None:
        grads = clipping.clip_by_global_norm(grads, max_norm)
    return {
        name: np.asarray(p, float) - learning_rate * np.asarray(grads[name]) for name, p in params.items()
    }


def _kept_the_integers_of_the_parameters(params, grads, learning_rate, max_norm=None):
    moved = clipping.sgd_step(params, grads, learning_rate, max_norm)
    return {name: p.astype(np.asarray(params[name]).dtype) for name, p in moved.items()}


def _returned_the_clipped_gradient_as_well(params, grads, learning_rate, max_norm=None):
    moved = clipping.sgd_step(params, grads, learning_rate, max_norm)
    return moved, (
        _as_floats(grads) if max_norm is None else clipping.clip_by_global_norm(grads, max_norm)[0]
    )


def _same_order_or_another(rng, arrays):
    return arrays if rng.random() < 0.7 else _shuffled(rng, arrays)


def _draw_sgd_step(rng):
    params = _draw_arrays(rng, 2.0)
    grads = {name: _numbers(rng, p.shape, 8.0) for name, p in params.items()}
    arguments = params, _same_order_or_another(rng, grads), float(rng.choice([0.01, 0.1, 0.5]))
    return (*arguments, _bound(rng, _length(_flat(grads)))) if rng.random() < 0.7 else arguments


SGD_STEP = Exercise(
    reference=clipping.sgd_step,
    points=1,
    cases=(
        Case(
            "a gradient of norm 5, clipped to 1",
            ({"w": floats(1, 1)}, {"w": floats(3, 4)}, 0.1, 1),
            {"w": floats(0.94, 0.92)},
        ),
        Case("no bound is given", ({"w": floats(1, 1)}, {"w": floats(3, -4)}, 0.1), {"w": floats(0.7, 1.4)}),
        Case(
            "the bound is None",
            ({"w": floats(1, 1)}, {"w": floats(30, -40)}, 0.1, None),
            {"w": floats(-2, 5)},
        ),
        Case(
            "the gradient is short enough",
            ({"w": floats(1, 1)}, {"w": floats(3, -4)}, 0.1, 20),
            {"w": floats(0.7, 1.4)},
        ),
        Case(
            "two arrays, whose gradients have norm 13 together",
            (
                {"W": np.array([[1.0, 0.0]]), "b": floats(2)},
                {"W": np.array([[3.0, -4.0]]), "b": floats(12)},
                0.5,
                6.5,
            ),
            {"W": np.array([[0.25, 1.0]]), "b": floats(-1)},
        ),
        Case(
            "gradients in another order",
            ({"a": floats(1), "b": floats(2)}, {"b": floats(10), "a": floats(-10)}, 0.1),
            {"a": floats(2), "b": floats(1)},
        ),
        Case(
            "no gradient, no step", ({"w": floats(1, -1)}, {"w": floats(0, 0)}, 0.1, 1), {"w": floats(1, -1)}
        ),
        Case("single numbers", ({"w": np.array(2.0)}, {"w": np.array(-4.0)}, 0.5, 1), {"w": np.array(2.5)}),
        Case("lists of integers", ({"w": [1, 1]}, {"w": [3, 4]}, 0.1), {"w": floats(0.7, 0.6)}),
        Case("8-bit integers", ({"w": int8(100, 1)}, {"w": int8(-96, 28)}, 0.5, 50), {"w": floats(124, -6)}),
    ),
    draw=_draw_sgd_step,
    misconceptions=(
        Misconception(
            named("went_uphill", _step(lambda p, g, learning_rate: p + learning_rate * g)),
            "You added the gradient, which leads uphill. Descent subtracts it.",
        ),
        Misconception(
            named("forgot_the_learning_rate", _step(lambda p, g, learning_rate: p - g)),
            "The learning rate is missing. Multiply the gradient by it.",
        ),
        Misconception(
            named("divided_by_the_learning_rate", _step(lambda p, g, learning_rate: p - g / learning_rate)),
            "You divided by the learning rate. Multiply by it.",
        ),
        Misconception(
            named("returned_the_step_only", _step(lambda p, g, learning_rate: -learning_rate * g)),
            "You returned the step. Add it to the parameters.",
        ),
        Misconception(
            named(
                "scaled_the_parameters_as_well",
                _step(lambda p, g, learning_rate: (1 - learning_rate) * p - learning_rate * g),
            ),
            "The parameters shrink by themselves: the learning rate multiplies them, too. Multiply the "
            "gradient alone.",
        ),
        Misconception(
            _ignores_the_bound,
            "`max_norm` makes no difference. Clip the gradients by their global norm first, if it is given.",
        ),
        Misconception(
            _clipped_the_step,
            "You clipped the step, learning rate included. The bound is in the units of the gradient: clip "
            "first, multiply afterwards.",
        ),
        Misconception(
            _clipped_the_parameters,
            "You clipped the new parameters. Clip the gradients, before the step.",
        ),
        Misconception(
            named(
                "clipped_each_array_alone",
                _step(clip=lambda grads, c: {n: clipping.clip_by_norm(g, c) for n, g in grads.items()}),
            ),
            "You clipped each array by its own norm. Clip all of them together: `clip_by_global_norm`.",
        ),
        Misconception(
            named("clipped_by_value", _step(clip=clipping.clip_by_value)),
            "You clipped each entry by itself. Clip all arrays together by their norm: "
            "`clip_by_global_norm`.",
        ),
        Misconception(
            _needs_a_bound,
            "Without a bound, `max_norm` is None, which is no number to compare with. Clip only if it is "
            "not None.",
        ),
        Misconception(
            _clips_at_1_without_a_bound,
            "Without a bound the gradient is clipped all the same. Leave it alone if `max_norm` is None.",
        ),
        Misconception(
            _gradients_paired_by_order,
            "You paired parameters and gradients by their order. The second dict may have another one: pair "
            "them by name, `grads[name]`.",
        ),
        Misconception(
            _pair_used_as_a_dict,
            "`clip_by_global_norm` returns two things, the gradients and the norm. Unpack them: `grads, _ = "
            "...`.",
        ),
        Misconception(
            _calculates_with_lists,
            "A value of the dicts may be a list, and Python does not multiply a list by a float. Make "
            "arrays first, `np.asarray(g, dtype=float)`.",
        ),
        Misconception(
            named(
                "scaled_short_gradients_up",
                _step(
                    clip=lambda grads, c: {
                        n: np.asarray(g, dtype=float) * (c / (_length(_flat(grads)) or c))
                        for n, g in grads.items()
                    }
                ),
            ),
            "Gradients shorter than the bound were stretched to it. Clip with `clip_by_global_norm`, which "
            "leaves them alone.",
        ),
        Misconception(
            _kept_the_integers_of_the_parameters,
            "The results went into arrays of integers, which cut off fractions. Make the parameters floats "
            "first, `np.asarray(p, dtype=float)`.",
        ),
        Misconception(
            _returned_the_clipped_gradient_as_well,
            "You returned the gradients as well. Here only the new parameters are due: return those alone.",
        ),
    ),
    hints=(
        "One step downhill: against the gradient, by the learning rate times its length. What is clipped, "
        "the gradient or the step?",
        "p ← p − learning_rate · g, for each name; before that, if `max_norm` is not None, "
        "`clip_by_global_norm(grads, max_norm)`.",
        "Replace `grads` by the first of the two results of `clip_by_global_norm`, if there is a bound. "
        "Then return a new dict over the names of `params`.",
    ),
    showed=(
        "To clip after the learning rate would be another method: at a rate of 0.2, a bound of 1 on the step "
        "lets gradients of length 5 pass."
    ),
)

# -- momentum_step --------------------------------------------------------------------------------


def _with_momentum(
    clip=lambda grads, max_norm: clipping.clip_by_global_norm(grads, max_norm)[0],
    push=lambda v, g, momentum: momentum * v + g,
    move=lambda p, new, old, g, learning_rate, momentum: p - learning_rate * new,
    returns=lambda params, velocity: (params, velocity),
):
    """A step with momentum that goes wrong in one place."""

    def momentum_step(params, grads, velocity, learning_rate, momentum, max_norm):
        g, old = _as_floats(clip(grads, max_norm)), _as_floats(velocity)
        new = {name: push(v, g[name], momentum) for name, v in old.items()}
        moved = {
            name: move(p, new[name], old[name], g[name], learning_rate, momentum)
            for name, p in _as_floats(params).items()
        }
        return returns(moved, new)

    return momentum_step


def _clipped_the_velocity(params, grads, velocity, learning_rate, momentum, max_norm):
    moved, new = clipping.momentum_step(params, grads, velocity, learning_rate, momentum, np.inf)
    new, _ = clipping.clip_by_global_norm(new, max_norm)
    return clipping.sgd_step(params, new, learning_rate), new


def _clipped_the_update(params, grads, velocity, learning_rate, momentum, max_norm):
    _, new = clipping.momentum_step(params, grads, velocity, learning_rate, momentum, np.inf)
    return clipping.sgd_step(params, new, learning_rate, max_norm), new


def _clipped_the_step_with_its_rate(params, grads, velocity, learning_rate, momentum, max_norm):
    _, new = clipping.momentum_step(params, grads, velocity, learning_rate, momentum, np.inf)
    steps = {name: learning_rate * v for name, v in new.items()}
    return clipping.sgd_step(params, steps, 1.0, max_norm), new


def _clipped_gradient_and_update(params, grads, velocity, learning_rate, momentum, max_norm):
    _, new = clipping.momentum_step(params, grads, velocity, learning_rate, momentum, max_norm)
    return clipping.sgd_step(params, new, learning_rate, max_norm), new


def _learning_rate_twice(params, grads, velocity, learning_rate, momentum, max_norm):
    g, _ = clipping.clip_by_global_norm(grads, max_norm)
    new = {name: momentum * v + learning_rate * g[name] for name, v in _as_floats(velocity).items()}
    return clipping.sgd_step(params, new, learning_rate), new


def _calculates_with_lists_of_velocities(params, grads, velocity, learning_rate, momentum, max_norm):
    g, _ = clipping.clip_by_global_norm(grads, max_norm)
    new = {name: momentum * velocity[name] + g[name] for name in velocity}
    return clipping.sgd_step(params, new, learning_rate), new


def _learning_rate_in_the_velocity(params, grads, velocity, learning_rate, momentum, max_norm):
    g, _ = clipping.clip_by_global_norm(grads, max_norm)
    new = {name: momentum * v + learning_rate * g[name] for name, v in _as_floats(velocity).items()}
    return clipping.sgd_step(params, new, 1.0), new


def _signed_velocity(params, grads, velocity, learning_rate, momentum, max_norm):
    g, _ = clipping.clip_by_global_norm(grads, max_norm)
    new = {name: momentum * v - learning_rate * g[name] for name, v in _as_floats(velocity).items()}
    return clipping.sgd_step(params, new, -1.0), new


def _returned_the_old_velocity(params, grads, velocity, learning_rate, momentum, max_norm):
    moved, _ = clipping.momentum_step(params, grads, velocity, learning_rate, momentum, max_norm)
    return moved, {name: v.copy() for name, v in _as_floats(velocity).items()}


def _draw_momentum_step(rng):
    params = _draw_arrays(rng, 2.0)
    grads = {name: _numbers(rng, p.shape, 8.0) for name, p in params.items()}
    velocity = {name: _numbers(rng, p.shape, 3.0) for name, p in params.items()}
    norm = _length(_flat(grads))
    rate, momentum = float(rng.choice([0.01, 0.1, 0.5])), float(rng.choice([0.5, 0.8, 0.9]))
    return params, grads, velocity, rate, momentum, _bound(rng, norm)


MOMENTUM_STEP = Exercise(
    reference=clipping.momentum_step,
    points=2,
    cases=(
        Case(
            "a gradient of 8, clipped to 4",
            ({"w": floats(1)}, {"w": floats(8)}, {"w": floats(2)}, 0.1, 0.5, 4),
            ({"w": floats(0.5)}, {"w": floats(5)}),
        ),
        Case(
            "the velocity is longer than the bound, and stays so",
            ({"w": floats(0)}, {"w": floats(1)}, {"w": floats(100)}, 0.1, 0.9, 4),
            ({"w": floats(-9.1)}, {"w": floats(91)}),
        ),
        Case(
            "the first step, from velocity 0",
            ({"w": floats(1, 1)}, {"w": floats(3, -4)}, {"w": floats(0, 0)}, 0.1, 0.9, 10),
            ({"w": floats(0.7, 1.4)}, {"w": floats(3, -4)}),
        ),
        Case(
            "gradient and velocity point in opposite directions",
            ({"w": floats(0)}, {"w": floats(-6)}, {"w": floats(4)}, 0.5, 0.5, 3),
            ({"w": floats(0.5)}, {"w": floats(-1)}),
        ),
        Case(
            "two arrays, whose gradients have norm 13 together",
            (
                {"W": np.array([[1.0, 0.0]]), "b": floats(2)},
                {"W": np.array([[3.0, -4.0]]), "b": floats(12)},
                {"W": np.array([[1.0, 1.0]]), "b": floats(-2)},
                0.5,
                0.5,
                6.5,
            ),
            (
                {"W": np.array([[0.0, 0.75]]), "b": floats(-0.5)},
                {"W": np.array([[2.0, -1.5]]), "b": floats(5)},
            ),
        ),
        Case(
            "no gradient: the velocity fades, and moves the parameters",
            ({"w": floats(1, 1)}, {"w": floats(0, 0)}, {"w": floats(2, -4)}, 0.1, 0.5, 1),
            ({"w": floats(0.9, 1.2)}, {"w": floats(1, -2)}),
        ),
        Case(
            "lists of integers",
            ({"w": [1, 1]}, {"w": [3, 4]}, {"w": [2, 0]}, 0.1, 0.5, 2.5),
            ({"w": floats(0.75, 0.8)}, {"w": floats(2.5, 2)}),
        ),
    ),
    draw=_draw_momentum_step,
    misconceptions=(
        Misconception(
            _clipped_the_velocity,
            "You clipped the new velocity, so that momentum can never build up speed. Clip the gradient "
            "alone, and add it to the velocity afterwards.",
        ),
        Misconception(
            _clipped_the_update,
            "You clipped what is subtracted from the parameters, and let the whole gradient into the "
            "velocity. Clip the gradient first, before anything else.",
        ),
        Misconception(
            _clipped_the_step_with_its_rate,
            "You clipped the finished step, learning rate included, and let the whole gradient into the "
            "velocity. Clip the gradient first, before anything else.",
        ),
        Misconception(
            _clipped_gradient_and_update,
            "You clipped the gradient, and then the update once more, which takes away the speed that "
            "momentum has built up. Clip the gradient only.",
        ),
        Misconception(
            named("not_clipped", _with_momentum(clip=lambda grads, max_norm: grads)),
            "`max_norm` makes no difference. Clip the gradients by their global norm first.",
        ),
        Misconception(
            named(
                "clipped_each_array_alone",
                _with_momentum(
                    clip=lambda grads, c: {n: clipping.clip_by_norm(g, c) for n, g in grads.items()}
                ),
            ),
            "You clipped each array by its own norm. Clip all of them together: `clip_by_global_norm`.",
        ),
        Misconception(
            named("clipped_by_value", _with_momentum(clip=clipping.clip_by_value)),
            "You clipped each entry by itself. Clip all arrays together by their norm: "
            "`clip_by_global_norm`.",
        ),
        Misconception(
            named(
                "moved_by_the_old_velocity",
                _with_momentum(move=lambda p, new, old, g, learning_rate, momentum: p - learning_rate * old),
            ),
            "The parameters moved by the velocity as it was before this step. Update the velocity first, "
            "and move by the new one.",
        ),
        Misconception(
            named(
                "moved_by_the_gradient",
                _with_momentum(move=lambda p, new, old, g, learning_rate, momentum: p - learning_rate * g),
            ),
            "The parameters moved by the gradient alone, as if there were no momentum. Move them by the "
            "velocity.",
        ),
        Misconception(
            named(
                "nesterov",
                _with_momentum(
                    move=lambda p, new, old, g, learning_rate, momentum: (
                        p - learning_rate * (g + momentum * new)
                    )
                ),
            ),
            "You looked one step ahead (Nesterov's momentum). Here the parameters move by the new velocity "
            "itself.",
        ),
        Misconception(
            named("forgot_the_momentum", _with_momentum(push=lambda v, g, momentum: v + g)),
            "The old velocity goes in whole, so that it never fades. Multiply it by `momentum` first.",
        ),
        Misconception(
            named("forgot_the_old_velocity", _with_momentum(push=lambda v, g, momentum: g)),
            "The new velocity is the gradient alone. Add `momentum` times the old velocity.",
        ),
        Misconception(
            named(
                "averaged_instead_of_summed",
                _with_momentum(push=lambda v, g, momentum: momentum * v + (1 - momentum) * g),
            ),
            "You averaged: the gradient is multiplied by 1 − momentum. Add it whole to the faded velocity.",
        ),
        Misconception(
            named("momentum_on_the_gradient", _with_momentum(push=lambda v, g, momentum: v + momentum * g)),
            "`momentum` multiplies the gradient. It belongs to the old velocity.",
        ),
        Misconception(
            named("subtracted_the_gradient", _with_momentum(push=lambda v, g, momentum: momentum * v - g)),
            "You subtracted the gradient from the velocity, and the velocity from the parameters: together, "
            "uphill. Add it to the velocity.",
        ),
        Misconception(
            named(
                "went_uphill",
                _with_momentum(move=lambda p, new, old, g, learning_rate, momentum: p + learning_rate * new),
            ),
            "You added the velocity to the parameters, which leads uphill. Subtract it.",
        ),
        Misconception(
            named(
                "forgot_the_learning_rate",
                _with_momentum(move=lambda p, new, old, g, learning_rate, momentum: p - new),
            ),
            "The learning rate is missing in the step. Multiply the velocity by it.",
        ),
        Misconception(
            _learning_rate_in_the_velocity,
            "You put the learning rate into the velocity. Here it stays outside, as in PyTorch: the "
            "velocity is a sum of gradients, and the step is the learning rate times the velocity.",
        ),
        Misconception(
            _learning_rate_twice,
            "The learning rate went into the velocity, and once more into the step. Leave it out of the "
            "velocity.",
        ),
        Misconception(
            _calculates_with_lists_of_velocities,
            "A value of the dicts may be a list, and Python does not multiply a list by a float. Make "
            "arrays first, `np.asarray(v, dtype=float)`.",
        ),
        Misconception(
            _signed_velocity,
            "Your velocity is the step itself, with minus and learning rate, as in Keras. Here it is a sum "
            "of gradients, as in PyTorch: take both out of it.",
        ),
        Misconception(
            _returned_the_old_velocity,
            "You returned the old velocity, so that the next step knows nothing of this one. Return the new "
            "one.",
        ),
        Misconception(
            named(
                "exchanged_the_two_results",
                _with_momentum(returns=lambda params, velocity: (velocity, params)),
            ),
            "You returned the velocity first. Exchange the two: `params, velocity`.",
        ),
        Misconception(
            named("forgot_to_return_the_velocity", _with_momentum(returns=lambda params, velocity: params)),
            "You returned the parameters alone. Return two things: `params, velocity`.",
        ),
    ),
    hints=(
        "A ball that rolls downhill: each gradient is a push. Which of the three should be limited: the "
        "push, the speed or the way?",
        "clipped ← clip(gradient), velocity ← momentum · velocity + clipped, params ← params − "
        "learning_rate · velocity. In this order.",
        "Three lines, three new dicts: the clipped gradients (the first of two results), the velocity, the "
        "parameters. `sgd_step` can do the last one.",
    ),
    showed=(
        "With momentum 0.9 a push takes 22 steps to fade below a tenth: what has entered the velocity stays "
        "there for long, so it is clipped at the door."
    ),
)

# -- average_then_clip ----------------------------------------------------------------------------


def _mean_of(micro_grads, combine=lambda arrays: np.mean(arrays, axis=0)):
    return {name: combine([np.asarray(g[name], dtype=float) for g in micro_grads]) for name in micro_grads[0]}


def _clipped_before_averaging(micro_grads, max_norm):
    pairs = [clipping.clip_by_global_norm(grads, max_norm) for grads in micro_grads]
    average = _mean_of([clipped for clipped, _ in pairs])
    return average, _global_length(average)


def _clipped_before_averaging_norms_averaged(micro_grads, max_norm):
    pairs = [clipping.clip_by_global_norm(grads, max_norm) for grads in micro_grads]
    return _mean_of([clipped for clipped, _ in pairs]), float(np.mean([norm for _, norm in pairs]))


def _clipped_before_averaging_and_returned_the_bound(micro_grads, max_norm):
    each = [clipping.clip_by_global_norm(grads, max_norm)[0] for grads in micro_grads]
    return _mean_of(each), float(max_norm)


def _clipped_each_array_before_averaging_and_returned_the_bound(micro_grads, max_norm):
    each = [{name: clipping.clip_by_norm(g, max_norm) for name, g in grads.items()} for grads in micro_grads]
    return _mean_of(each), float(max_norm)


def _clipped_before_averaging_with_the_right_norm(micro_grads, max_norm):
    each = [clipping.clip_by_global_norm(grads, max_norm)[0] for grads in micro_grads]
    return _mean_of(each), _global_length(_mean_of(micro_grads))


def _divided_by_one_too_few(micro_grads, max_norm):
    n = max(len(micro_grads) - 1, 1)
    return clipping.clip_by_global_norm(
        _mean_of(micro_grads, lambda arrays: np.sum(arrays, axis=0) / n), max_norm
    )


def _divided_by_the_number_of_arrays(micro_grads, max_norm):
    n = len(micro_grads[0])
    return clipping.clip_by_global_norm(
        _mean_of(micro_grads, lambda arrays: np.sum(arrays, axis=0) / n), max_norm
    )


def _clipped(combine):
    """What clipping does to some other combination than the mean."""
    return lambda micro_grads, max_norm: clipping.clip_by_global_norm(
        _mean_of(micro_grads, combine), max_norm
    )


def _sum_of_the_clipped(micro_grads, max_norm):
    each = [clipping.clip_by_global_norm(grads, max_norm)[0] for grads in micro_grads]
    total = _mean_of(each, lambda arrays: np.sum(arrays, axis=0))
    return total, _global_length(total)


def _running_average(arrays):
    average = arrays[0]
    for array in arrays[1:]:
        average = (average + array) / 2
    return average


def _clipped_the_sum_then_divided(micro_grads, max_norm):
    clipped, norm = _clipped(lambda arrays: np.sum(arrays, axis=0))(micro_grads, max_norm)
    return {name: g / len(micro_grads) for name, g in clipped.items()}, norm


def _mean_of_the_norms(micro_grads, max_norm):
    clipped, _ = clipping.average_then_clip(micro_grads, max_norm)
    return clipped, float(np.mean([_global_length(grads) for grads in micro_grads]))


def _norm_after_clipping(micro_grads, max_norm):
    clipped, norm = clipping.average_then_clip(micro_grads, max_norm)
    return clipped, min(norm, float(max_norm))


def _average_not_clipped(micro_grads, max_norm):
    average = _mean_of(micro_grads)
    return average, _global_length(average)


def _average_clipped_array_by_array(micro_grads, max_norm):
    average = _mean_of(micro_grads)
    return {name: clipping.clip_by_norm(g, max_norm) for name, g in average.items()}, _global_length(average)


def _average_clipped_by_value(micro_grads, max_norm):
    average = _mean_of(micro_grads)
    return clipping.clip_by_value(average, max_norm), _global_length(average)


def _gradients_without_the_norm(micro_grads, max_norm):
    return clipping.average_then_clip(micro_grads, max_norm)[0]


def _means_over_everything(micro_grads, max_norm):
    return clipping.clip_by_global_norm(_mean_of(micro_grads, lambda arrays: np.mean(arrays)), max_norm)


def _sums_wrap_around(micro_grads, max_norm):
    total = {name: np.asarray(g) for name, g in micro_grads[0].items()}
    for grads in micro_grads[1:]:
        total = {name: total[name] + np.asarray(grads[name]) for name in total}
    return clipping.clip_by_global_norm({n: t / len(micro_grads) for n, t in total.items()}, max_norm)


def _draw_average_then_clip(rng):
    first = _draw_arrays(rng, 5.0)
    others = [
        {name: _numbers(rng, g.shape, 5.0) for name, g in first.items()} for _ in range(rng.integers(1, 4))
    ]
    micro_grads = first, *others
    return micro_grads, _bound(rng, _length(_flat(_mean_of(micro_grads))))


AVERAGE_THEN_CLIP = Exercise(
    reference=clipping.average_then_clip,
    points=1,
    cases=(
        Case(
            "two micro-batches, whose average has norm 5",
            ([{"w": floats(9, 0)}, {"w": floats(-3, 8)}], 2.5),
            ({"w": floats(1.5, 2)}, 5.0),
        ),
        Case(
            "large gradients that cancel",
            ([{"w": floats(100)}, {"w": floats(-98)}], 2),
            ({"w": floats(1)}, 1.0),
        ),
        Case(
            "one outlier against three others",
            ([{"w": floats(1)}, {"w": floats(1)}, {"w": floats(1)}, {"w": floats(-9)}], 1),
            ({"w": floats(-1)}, 1.5),
        ),
        Case(
            "two arrays",
            ([{"W": floats(6, 0), "b": floats(20)}, {"W": floats(0, 8), "b": floats(4)}], 6.5),
            ({"W": floats(1.5, 2), "b": floats(6)}, 13.0),
        ),
        Case(
            "a single micro-batch",
            ([{"w": floats(1, -2, 2, -4, 0)}], 2.5),
            ({"w": floats(0.5, -1, 1, -2, 0)}, 5.0),
        ),
        Case(
            "the average is short enough",
            ([{"w": floats(1, 2)}, {"w": floats(5, 6)}], 9),
            ({"w": floats(3, 4)}, 5.0),
        ),
        Case(
            "a matrix and a single number",
            (
                [
                    {"W": np.array([[2.0], [6.0]]), "s": np.array(0.0)},
                    {"W": np.array([[4.0], [6.0]]), "s": np.array(4.0)},
                ],
                3.5,
            ),
            ({"W": np.array([[1.5], [3.0]]), "s": np.array(1.0)}, 7.0),
        ),
        Case("lists of integers", ([{"w": [3, 0]}, {"w": [3, 8]}], 2.5), ({"w": floats(1.5, 2)}, 5.0)),
        Case(
            "8-bit integers, whose sum does not fit",
            ([{"w": int8(100, 0)}, {"w": int8(92, 56)}], 50),
            ({"w": floats(48, 14)}, 100.0),
        ),
        Case(
            "names in another order",
            ([{"w": floats(1, 0), "b": floats(5, 3)}, {"b": floats(3, 5), "w": floats(1, 2)}], 100),
            ({"w": floats(1, 1), "b": floats(4, 4)}, 34**0.5),
        ),
        Case(
            "one micro-batch, short enough",
            ([{"w": floats(1, -2, 2, -4, 0)}], 10),
            ({"w": floats(1, -2, 2, -4, 0)}, 5.0),
        ),
    ),
    draw=_draw_average_then_clip,
    misconceptions=(
        Misconception(
            _clipped_before_averaging,
            "You clipped each micro-batch and averaged afterwards: outliers lose their weight, and the "
            "direction changes. Average first, clip once.",
        ),
        Misconception(
            _clipped_before_averaging_norms_averaged,
            "You clipped each micro-batch, and averaged gradients and norms. Average the gradients first; "
            "then clip once, and return the norm of the average.",
        ),
        Misconception(
            _clipped_before_averaging_and_returned_the_bound,
            "You clipped each micro-batch, averaged afterwards, and returned the bound as the norm. Average "
            "first; then clip once, and return the norm that `clip_by_global_norm` gives.",
        ),
        Misconception(
            _clipped_each_array_before_averaging_and_returned_the_bound,
            "You clipped each array of each micro-batch, averaged afterwards, and returned the bound as the "
            "norm. Average first; then let `clip_by_global_norm` clip once and give you the norm.",
        ),
        Misconception(
            _clipped_before_averaging_with_the_right_norm,
            "The norm is right, but the gradients were clipped one by one and averaged afterwards, which "
            "changes the direction. Clip the average instead.",
        ),
        Misconception(
            _divided_by_one_too_few,
            "You divided by one less than the number of micro-batches. Divide by their number.",
        ),
        Misconception(
            _divided_by_the_number_of_arrays,
            "You divided by the number of arrays in a dict. Divide by the number of dicts, "
            "`len(micro_grads)`.",
        ),
        Misconception(
            named("summed_instead_of_averaged", _clipped(lambda arrays: np.sum(arrays, axis=0))),
            "You added the gradients. Divide the sum by the number of micro-batches before you clip.",
        ),
        Misconception(
            _clipped_the_sum_then_divided,
            "You clipped the sum and divided afterwards, so that the bound is as many times too strict as "
            "there are micro-batches. Divide first.",
        ),
        Misconception(
            _sum_of_the_clipped,
            "You added clipped gradients. Average the gradients as they are, and clip the average.",
        ),
        Misconception(
            named("halved_again_and_again", _clipped(_running_average)),
            "You averaged pair by pair, so that the last micro-batch counts for half of everything. Add all "
            "of them, and divide once by their number.",
        ),
        Misconception(
            named("first_micro_batch_only", _clipped(lambda arrays: arrays[0])),
            "Only the first micro-batch counts. Average over all of them.",
        ),
        Misconception(
            named("last_micro_batch_only", _clipped(lambda arrays: arrays[-1])),
            "Only the last micro-batch counts: each one replaces the total. Add to the total instead.",
        ),
        Misconception(
            named("median_instead_of_mean", _clipped(lambda arrays: np.median(arrays, axis=0))),
            "You took the median. Take the mean.",
        ),
        Misconception(
            _average_not_clipped,
            "You averaged, but did not clip. Hand the average to `clip_by_global_norm`.",
        ),
        Misconception(
            _average_clipped_array_by_array,
            "You clipped each array of the average by its own norm. Clip all of them together: "
            "`clip_by_global_norm`.",
        ),
        Misconception(
            _average_clipped_by_value,
            "You clipped each entry of the average by itself. Clip by norm: `clip_by_global_norm`.",
        ),
        Misconception(
            _mean_of_the_norms,
            "The norm that you return is the mean of the micro-batches' norms. Return the norm of their "
            "average, which is less where they disagree.",
        ),
        Misconception(
            _norm_after_clipping,
            "The norm that you return is that after clipping. Return the norm of the average as it was "
            "before.",
        ),
        Misconception(
            _gradients_without_the_norm,
            "You returned the gradients alone. Return two things: `clipped, norm`.",
        ),
        Misconception(
            _means_over_everything,
            "You averaged over the entries as well, so that an array became one number. Average over the "
            "micro-batches only: `axis=0`.",
        ),
        Misconception(
            named("narrow_integers", _sums_wrap_around),
            "Right for floats, but sums of narrow integers wrap around (in 8 bits, 100 + 92 is −64). Make "
            "the arrays floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "The micro-batches are one batch that did not fit into memory. What would its gradient have been, "
        "and what would have been clipped?",
        "average = (g₁ + … + gₙ) / n, name by name; then clip that, once.",
        "For each name of `micro_grads[0]`, collect the arrays of all dicts in a list and take "
        "`np.mean(..., axis=0)`. `clip_by_global_norm` does the rest, both results included.",
    ),
    showed=(
        "Averaging is linear and clipping is not: so only the averaging can be cut into pieces and put "
        "together again."
    ),
)

# -- clipping_threshold ---------------------------------------------------------------------------


def _of_the_finite(measure):
    """Something else than the percentile of the finite norms."""

    def clipping_threshold(gradient_norms, percentile):
        norms = np.asarray(gradient_norms, dtype=float)
        finite = norms[np.isfinite(norms)]
        if not finite.size:
            raise ValueError("no finite norm")
        return float(measure(finite, percentile))

    return clipping_threshold


def _on_all(select, measure=np.percentile):
    """A percentile of other norms than the finite ones."""

    def clipping_threshold(gradient_norms, percentile):
        norms = np.asarray(gradient_norms, dtype=float)
        if not np.isfinite(norms).any():
            raise ValueError("no finite norm")
        with np.errstate(all="ignore"):
            return float(measure(select(norms), percentile))

    return clipping_threshold


def _nothing_finite_passes(result):
    """A threshold that returns something where no norm is finite."""

    def clipping_threshold(gradient_norms, percentile):
        norms = np.asarray(gradient_norms, dtype=float)
        finite = norms[np.isfinite(norms)]
        return float(np.percentile(finite, percentile)) if finite.size else result

    return clipping_threshold


def _index_error_without_norms(gradient_norms, percentile):
    norms = np.asarray(gradient_norms, dtype=float)
    return float(np.percentile(norms[np.isfinite(norms)], percentile))


def _filters_a_list(gradient_norms, percentile):
    return float(np.percentile(gradient_norms[np.isfinite(gradient_norms)], percentile))


def _quantile_of_a_percentile(gradient_norms, percentile):
    norms = np.asarray(gradient_norms, dtype=float)
    norms = norms[np.isfinite(norms)]
    if not norms.size:
        raise ValueError("no finite norm")
    return float(np.quantile(norms, percentile))


def _refuses_any_infinite_norm(gradient_norms, percentile):
    norms = np.asarray(gradient_norms, dtype=float)
    if not norms.size or not np.all(np.isfinite(norms)):
        raise ValueError("a norm is not finite")
    return float(np.percentile(norms, percentile))


def _draw_clipping_threshold(rng):
    norms = rng.lognormal(sigma=1.0, size=rng.integers(4, 13)).round(2)
    if rng.random() < 0.5:
        norms[rng.integers(norms.size - 1)] = rng.choice([np.nan, np.inf])
    return norms, int(rng.choice([10, 25, 40, 75, 90, 95]))


CLIPPING_THRESHOLD = Exercise(
    reference=clipping.clipping_threshold,
    points=1,
    cases=(
        Case("between two of five norms", (floats(1, 2, 4, 8, 16), 90), 12.8),
        Case("the median", (floats(9, 1, 4), 50), 4.0),
        Case("norms in any order", (floats(16, 1, 8, 2, 4), 25), 2.0),
        Case("one infinite norm, left out", (floats(1, 2, 4, np.inf), 75), 3.0),
        Case("one NaN, left out", (floats(1, np.nan, 2, 4), 75), 3.0),
        Case("both, and one finite norm", (floats(np.inf, 5, np.nan), 90), 5.0),
        Case("percentile 0 is the smallest", (floats(3, 1, 2), 0), 1.0),
        Case("percentile 100 is the largest finite one", (floats(3, 1, np.inf), 100), 3.0),
        Case("no finite norm", (floats(np.nan, np.inf), 90), ValueError),
        Case("no norm at all", (floats(), 90), ValueError),
        Case("a list of integers", ([1, 2, 4, 8, 16], 90), 12.8),
        Case("a list with a NaN", ([1.0, float("nan"), 3.0], 50), 2.0),
        Case("large but finite norms", (floats(3e7, 1e7, 2e7), 50), 2e7),
        Case("norms that are 0", (floats(0, 4, 0), 50), 0.0),
    ),
    draw=_draw_clipping_threshold,
    misconceptions=(
        Misconception(
            named("nan_and_infinity_included", _on_all(lambda norms: norms)),
            "NaN and infinite norms took part, so that the threshold is NaN or infinite itself. Keep the "
            "finite ones only.",
        ),
        Misconception(
            named("infinity_included", _on_all(lambda norms: norms[~np.isnan(norms)])),
            "You left out NaN, but not infinity. Keep what `np.isfinite` calls finite.",
        ),
        Misconception(
            named("nan_included", _on_all(lambda norms: norms[~np.isinf(norms)])),
            "You left out infinity, but not NaN. Keep what `np.isfinite` calls finite.",
        ),
        Misconception(
            named("zeros_for_nan_and_infinity", _on_all(lambda n: np.where(np.isfinite(n), n, 0.0))),
            "NaN and infinite norms count as 0, and pull the threshold down. Leave them out.",
        ),
        Misconception(
            named("huge_numbers_for_infinity", _on_all(np.nan_to_num)),
            "`np.nan_to_num` turns NaN into 0 and infinity into 1.8e308, and both take part. Leave them out "
            "instead.",
        ),
        Misconception(
            named("fraction_for_percentile", _of_the_finite(lambda n, q: np.percentile(n, q / 100))),
            "You divided the percentile by 100, but `np.percentile` counts to 100 (`np.quantile` counts to "
            "1). Hand it over as it is.",
        ),
        Misconception(
            _quantile_of_a_percentile,
            "`np.quantile` counts from 0 to 1, and a percentile from 0 to 100. Use `np.percentile`, or "
            "divide by 100.",
        ),
        Misconception(
            _refuses_any_infinite_norm,
            "You refuse a run with a single NaN or infinite norm. Leave those out, and raise only if none "
            "is left.",
        ),
        Misconception(
            named("counted_from_the_top", _of_the_finite(lambda n, q: np.percentile(n, 100 - q))),
            "You counted from the largest norm downwards. The 90th percentile has 90 % of the norms below "
            "it.",
        ),
        Misconception(
            named("share_of_the_largest", _of_the_finite(lambda n, q: np.max(n) * q / 100)),
            "You took a share of the largest norm. A percentile is a place in the sorted norms: use "
            "`np.percentile`.",
        ),
        Misconception(
            named("share_of_the_range", _of_the_finite(lambda n, q: np.min(n) + np.ptp(n) * q / 100)),
            "You went a share of the way from the smallest to the largest norm. A percentile is a place in "
            "the sorted norms: use `np.percentile`.",
        ),
        Misconception(
            named("share_of_the_mean", _of_the_finite(lambda n, q: np.mean(n) * q / 100)),
            "You took a share of the average norm. A percentile is a place in the sorted norms: use "
            "`np.percentile`.",
        ),
        Misconception(
            named("always_the_mean", _of_the_finite(lambda n, q: np.mean(n))),
            "You returned the average norm, whatever the percentile. Use `np.percentile`.",
        ),
        Misconception(
            named("always_the_median", _of_the_finite(lambda n, q: np.median(n))),
            "You returned the median, whatever the percentile. Use the one that is asked for.",
        ),
        Misconception(
            named("always_the_largest", _of_the_finite(lambda n, q: np.max(n))),
            "You returned the largest norm, so that nothing would ever have been clipped. Use the "
            "percentile that is asked for.",
        ),
        Misconception(
            named("norm_below", _of_the_finite(lambda n, q: np.percentile(n, q, method="lower"))),
            "You took the next lower norm. Where the percentile falls between two norms, interpolate, as "
            "`np.percentile` does by itself.",
        ),
        Misconception(
            named("norm_above", _of_the_finite(lambda n, q: np.percentile(n, q, method="higher"))),
            "You took the next higher norm. Where the percentile falls between two norms, interpolate, as "
            "`np.percentile` does by itself.",
        ),
        Misconception(
            named("nearest_norm", _of_the_finite(lambda n, q: np.percentile(n, q, method="nearest"))),
            "You took the nearest norm. Where the percentile falls between two norms, interpolate, as "
            "`np.percentile` does by itself.",
        ),
        Misconception(
            named(
                "place_in_the_sorted_list",
                _of_the_finite(lambda n, q: np.sort(n)[min(int(n.size * q / 100), n.size - 1)]),
            ),
            "You picked one of the sorted norms. Where the percentile falls between two of them, "
            "interpolate, as `np.percentile` does by itself.",
        ),
        Misconception(
            named("forgot_to_sort", _of_the_finite(lambda n, q: n[min(int(n.size * q / 100), n.size - 1)])),
            "You picked a norm by its place in time. Sort them first, or use `np.percentile`.",
        ),
        Misconception(
            named("nan_without_finite_norms", _nothing_finite_passes(float("nan"))),
            "Where no norm is finite you return NaN, which clips nothing and complains to nobody. Raise a "
            "`ValueError`.",
        ),
        Misconception(
            named("zero_without_finite_norms", _nothing_finite_passes(0.0)),
            "Where no norm is finite you return 0, a bound that would stop all learning. Raise a "
            "`ValueError`.",
        ),
        Misconception(
            named("something_without_finite_norms", _nothing_finite_passes(None)),
            "Where no norm is finite something is returned, which a caller may overlook. Raise a "
            "`ValueError`.",
        ),
        Misconception(
            _index_error_without_norms,
            "Without a finite norm NumPy stumbles over an empty array, with an error about an index. Check "
            "first, and raise a `ValueError` that says what is missing.",
        ),
        Misconception(
            named("lists", _filters_a_list),
            "Right for arrays, but a list cannot be filtered by a mask. Make it an array first, "
            "`np.asarray(gradient_norms, dtype=float)`.",
        ),
    ),
    hints=(
        "Two jobs: throw away what is not a number of use, then find the value that so many per cent of the "
        "rest lie below.",
        "`np.isfinite` says which norms to keep, and `np.percentile` counts from 0 to 100 and interpolates. "
        "What if none is left?",
        "Make an array of floats, keep `norms[np.isfinite(norms)]`, raise if its `size` is 0, and return "
        "one percentile.",
    ),
    showed=(
        "A median or a 90th percentile hardly notices a single norm of 1e30, which alone lifts the average "
        "of 1,000 steps to 1e27."
    ),
)

# -- adaptive_clip --------------------------------------------------------------------------------


def _unit_wise(
    weight_norm=lambda w, axis: np.sqrt(np.sum(w**2, axis=axis, keepdims=True)),
    grad_norm=lambda g, axis: np.sqrt(np.sum(g**2, axis=axis, keepdims=True)),
    largest=lambda norms, clip, eps: clip * np.maximum(norms, eps),
    scaled=lambda g, norms, largest: g * (largest / np.maximum(norms, largest)),
    axis_of=lambda g: 0 if g.ndim == 2 else None,
):
    """An adaptive clipping that goes wrong in one place."""

    def adaptive_clip(params, grads, clipping, eps=1e-3):
        clipped = {}
        for name, g in _as_floats(grads).items():
            w, axis = np.asarray(params[name], dtype=float), axis_of(g)
            bound = largest(weight_norm(w, axis), clipping, eps)
            with np.errstate(all="ignore"):
                # as NumPy broadcasts; a bound with other axes of length 1 must not change the shape
                clipped[name] = np.reshape(scaled(g, grad_norm(g, axis), bound), g.shape)
        return clipped

    return adaptive_clip


def _weights_by_order(params, grads, clipping, eps=1e-3):
    by_order = dict(zip(grads, params.values(), strict=True))
    same = all(np.shape(by_order[name]) == np.shape(g) for name, g in grads.items())
    return _reference_adaptive_clip(by_order if same else params, grads, clipping, eps)


def _whole_model_as_one_unit(params, grads, clipping, eps=1e-3):
    norm, weights = float(_length(_flat(grads))), float(_length(_flat(params)))
    bound = clipping * max(weights, eps)
    return {name: g * (bound / max(norm, bound)) for name, g in _as_floats(grads).items()}


def _ignored_eps(params, grads, clipping, eps=1e-3):
    return _reference_adaptive_clip(params, grads, clipping, 1e-3)


def _zero_over_zero(params, grads, clipping, eps=1e-3):
    def scaled(g, norms, largest):
        return g / norms * np.minimum(norms, largest)

    return _unit_wise(scaled=scaled)(params, grads, clipping, eps)


def _axis_0_of_everything(params, grads, clipping, eps=1e-3):
    out = {}
    for name, g in _as_floats(grads).items():
        w = np.asarray(params[name], dtype=float)
        bound = clipping * np.maximum(np.linalg.norm(w, axis=0), eps)
        out[name] = g * (bound / np.maximum(np.linalg.norm(g, axis=0), bound))
    return out


def _spectral_norms(x, axis):
    return np.linalg.norm(x, 2) if x.ndim == 2 else np.linalg.norm(x)


def _squares_of_narrow_integers(params, grads, clipping, eps=1e-3):
    out = {}
    for name, g in grads.items():
        g, w = np.asarray(g), np.asarray(params[name])
        axis = 0 if g.ndim == 2 else None
        bound = clipping * np.maximum(np.sqrt(np.sum(w**2, axis=axis)), eps)
        out[name] = g * (bound / np.maximum(np.sqrt(np.sum(g**2, axis=axis)), bound))
    return out


_reference_adaptive_clip = clipping.adaptive_clip


def _draw_adaptive_clip(rng):
    params = _draw_arrays(rng, 2.0)
    if rng.random() < 0.5:
        name = str(rng.choice(list(params)))
        params[name] = params[name] * 0.0
    clip, eps = float(rng.choice([0.02, 0.1, 0.5])), float(rng.choice([1e-3, 0.1, 1.0]))
    scale = float(rng.choice([0.5, 4.0]))
    grads = {name: _numbers(rng, p.shape, scale) for name, p in params.items()}
    arguments = params, _same_order_or_another(rng, grads), clip
    return arguments if eps == 1e-3 else (*arguments, eps)


ADAPTIVE_CLIP = Exercise(
    reference=clipping.adaptive_clip,
    points=3,
    cases=(
        Case(
            "a vector is one unit",
            ({"b": floats(3, 4)}, {"b": floats(6, 8)}, 0.5),
            {"b": floats(1.5, 2)},
        ),
        Case(
            "two columns: one too long, one short enough",
            ({"W": np.array([[3.0, 0.0], [4.0, 10.0]])}, {"W": np.array([[6.0, 0.3], [8.0, 0.4]])}, 0.1),
            {"W": np.array([[0.3, 0.3], [0.4, 0.4]])},
        ),
        Case(
            "three columns of two rows",
            (
                {"W": np.array([[3.0, 0.0, 1.0], [4.0, 2.0, 0.0]])},
                {"W": np.array([[30.0, 0.0, 0.6], [40.0, 1.0, 0.8]])},
                0.5,
            ),
            {"W": np.array([[1.5, 0.0, 0.3], [2.0, 1.0, 0.4]])},
        ),
        Case(
            "a gradient exactly at its bound",
            ({"b": floats(6, 8)}, {"b": floats(3, 4)}, 0.5),
            {"b": floats(3, 4)},
        ),
        Case(
            "weights of zero count as eps",
            ({"b": floats(0, 0)}, {"b": floats(3, 4)}, 0.5, 0.1),
            {"b": floats(0.03, 0.04)},
        ),
        Case(
            "eps is 0.001 if it is not given",
            ({"b": floats(0, 0)}, {"b": floats(3, 4)}, 0.5),
            {"b": floats(0.0003, 0.0004)},
        ),
        Case(
            "a zero column among others",
            ({"W": np.array([[0.0, 6.0], [0.0, 8.0]])}, {"W": np.array([[3.0, 0.6], [4.0, 0.8]])}, 0.1, 1),
            {"W": np.array([[0.06, 0.6], [0.08, 0.8]])},
        ),
        Case("a single number", ({"s": np.array(-2.0)}, {"s": np.array(3.0)}, 0.25), {"s": np.array(0.5)}),
        Case("no gradient", ({"b": floats(3, 4)}, {"b": floats(0, 0)}, 0.5), {"b": floats(0, 0)}),
        Case(
            "gradients in another order",
            (
                {"a": floats(1), "b": floats(2)},
                {"b": floats(4), "a": floats(4)},
                0.5,
            ),
            {"b": floats(1), "a": floats(0.5)},
        ),
        Case("lists of integers", ({"W": [[3], [4]]}, {"W": [[6], [8]]}, 0.5), {"W": [[1.5], [2]]}),
        Case(
            "8-bit integers, whose squares do not fit",
            ({"b": int8(96, 28)}, {"b": int8(30, -40)}, 0.25),
            {"b": floats(15, -20)},
        ),
        Case(
            "a short gradient of weights that are 0",
            ({"b": floats(0, 0)}, {"b": floats(3e-4, 4e-4)}, 0.01),
            {"b": floats(6e-6, 8e-6)},
        ),
    ),
    draw=_draw_adaptive_clip,
    misconceptions=(
        Misconception(
            named("whole_matrix_as_one_unit", _unit_wise(axis_of=lambda g: None)),
            "You took one norm for a whole matrix. In a matrix each column is a unit with a norm of its "
            "own: sum over the rows, `axis=0`.",
        ),
        Misconception(
            named("rows_for_columns", _unit_wise(axis_of=lambda g: 1 if g.ndim == 2 else None)),
            "You took the rows of a matrix for its units. Here a matrix is (fan_in, fan_out), and a unit is "
            "a column: sum over the rows, `axis=0`.",
        ),
        Misconception(
            named(
                "every_entry_a_unit",
                _unit_wise(weight_norm=lambda w, axis: np.abs(w), grad_norm=lambda g, axis: np.abs(g)),
            ),
            "You compared each entry with its own weight. A unit is a whole column of a matrix, or a whole "
            "vector: take norms.",
        ),
        Misconception(
            named(
                "entries_of_a_vector_as_units",
                _unit_wise(axis_of=lambda g: 0 if g.ndim == 2 else () if g.ndim == 1 else None),
            ),
            "You treated each entry of a vector as a unit. A vector is one unit, with one norm.",
        ),
        Misconception(
            named("spectral_norm", _unit_wise(weight_norm=_spectral_norms, grad_norm=_spectral_norms)),
            "For a matrix you took its largest singular value, one for all columns. Take the norm of each "
            "column: `axis=0`.",
        ),
        Misconception(
            _axis_0_of_everything,
            "A single number has no axis 0. Only a matrix is measured along an axis; for anything else take "
            "one norm of everything, `axis=None`.",
        ),
        Misconception(
            _whole_model_as_one_unit,
            "You took one norm over all arrays, as for the global norm. Here each column of a matrix, and "
            "each vector, is compared with its own weights.",
        ),
        Misconception(
            named(
                "eps_on_the_gradient",
                _unit_wise(
                    largest=lambda norms, clip, eps: (clip * norms, eps),
                    scaled=lambda g, norms, bound: (
                        g * np.where(norms > bound[0], bound[0] / np.maximum(norms, bound[1]), 1.0)
                    ),
                ),
            ),
            "`eps` guards the norm of the gradient, and weights of zero never get a gradient. Apply it to "
            "the norm of the weights: `max(norm, eps)`.",
        ),
        Misconception(
            named("added_eps", _unit_wise(largest=lambda norms, clip, eps: clip * (norms + eps))),
            "You added `eps` to the norm of the weights. Take the larger of the two instead.",
        ),
        Misconception(
            named("eps_outside", _unit_wise(largest=lambda norms, clip, eps: np.maximum(clip * norms, eps))),
            "You compare `eps` with the product of `clipping` and the norm. Take the larger of norm and "
            "`eps` first, and multiply afterwards.",
        ),
        Misconception(
            named(
                "smaller_of_norm_and_eps",
                _unit_wise(largest=lambda norms, clip, eps: clip * np.minimum(norms, eps)),
            ),
            "You took the smaller one of norm and `eps`. Take the larger one: `eps` is what a unit counts "
            "for at least.",
        ),
        Misconception(
            named(
                "forgot_eps",
                _unit_wise(
                    largest=lambda norms, clip, eps: clip * norms,
                    scaled=lambda g, norms, largest: g * np.where(norms > largest, largest / norms, 1.0),
                ),
            ),
            "Weights of zero allow no gradient at all, and could never begin to learn. Let the norm of the "
            "weights count for at least `eps`.",
        ),
        Misconception(
            _ignored_eps,
            "`eps` is always 0.001, whatever is asked for. Use the argument.",
        ),
        Misconception(
            named(
                "scaled_up_short_gradients",
                _unit_wise(scaled=lambda g, n, largest: g * np.where(n > 0, largest / n, 1)),
            ),
            "Every unit's gradient is scaled to its bound, short ones up. Leave alone what is short enough.",
        ),
        Misconception(
            _zero_over_zero,
            "A unit without a gradient has norm 0, and 0 / 0 is NaN. Divide by the larger of norm and bound.",
        ),
        Misconception(
            named("forgot_the_fraction", _unit_wise(largest=lambda norms, clip, eps: np.maximum(norms, eps))),
            "`clipping` makes no difference. Multiply the norm of the weights by it.",
        ),
        Misconception(
            named("fixed_bound", _unit_wise(largest=lambda norms, clip, eps: clip + 0 * norms)),
            "Your bound is `clipping` itself, whatever the weights. Multiply it by the norm of the unit's "
            "weights.",
        ),
        Misconception(
            named(
                "inverted_the_ratio",
                _unit_wise(scaled=lambda g, norms, largest: g * (np.maximum(norms, largest) / largest)),
            ),
            "Long gradients come out longer still: the factor is upside down. Multiply by bound / norm.",
        ),
        Misconception(
            named(
                "forgot_the_roots",
                _unit_wise(
                    weight_norm=lambda w, axis: np.sum(w**2, axis=axis, keepdims=True),
                    grad_norm=lambda g, axis: np.sum(g**2, axis=axis, keepdims=True),
                ),
            ),
            "You compared sums of squares. Take their roots.",
        ),
        Misconception(
            named(
                "l1_norms",
                _unit_wise(
                    weight_norm=lambda w, axis: np.sum(np.abs(w), axis=axis, keepdims=True),
                    grad_norm=lambda g, axis: np.sum(np.abs(g), axis=axis, keepdims=True),
                ),
            ),
            "You measured with the L1 norm (sums of absolute values). Take the L2 norm: squares, sum, root.",
        ),
        Misconception(
            named(
                "weights_clipped_by_their_gradients",
                lambda params, grads, clipping, eps=1e-3: _reference_adaptive_clip(
                    grads, params, clipping, eps
                ),
            ),
            "You exchanged weights and gradients. Clip the gradients, by a fraction of the weights' norms.",
        ),
        Misconception(
            named(
                "dropped_long_gradients",
                _unit_wise(scaled=lambda g, norms, largest: g * (norms <= largest)),
            ),
            "Units whose gradient is too long get none at all. Scale it down to its bound.",
        ),
        Misconception(
            _weights_by_order,
            "You paired gradients and weights by their order. The two dicts may differ in it: pair them by "
            "name, `params[name]`.",
        ),
        Misconception(
            named("narrow_integers", _squares_of_narrow_integers),
            "Right for floats, but squares of narrow integers wrap around (in 8 bits, 96² is 0). Make the "
            "arrays floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "A gradient of 5 is a lot for weights of norm 1, and little for weights of norm 1000. So each unit "
        "has a bound of its own: which?",
        "Per unit: bound = clipping · max(‖weights‖, eps); the factor is bound / max(‖gradient‖, bound), "
        "which is 1 for what is short enough.",
        "For a matrix, `np.linalg.norm(..., axis=0)` gives one norm per column, and the (fan_out,) factors "
        "broadcast over the rows. For anything else, one norm of everything.",
    ),
    showed=(
        "Each unit has a bound of its own, so the gradient as a whole may turn: some columns are shortened "
        "while their neighbours stay."
    ),
)

# -- clip_like_torch ------------------------------------------------------------------------------


def _torch(
    norm_of=lambda arrays: np.sqrt(sum(np.sum(g**2) for g in arrays.values())),
    factor=lambda norm, max_norm: np.minimum(1.0, max_norm / (norm + 1e-6)),
    returned=lambda norm, max_norm: norm,
):
    """PyTorch's clipping, wrong in its norm or in its factor."""

    def clip_like_torch(grads, max_norm):
        arrays = _as_floats(grads)
        with np.errstate(all="ignore"):
            norm = np.float64(norm_of(arrays))
            coefficient = factor(norm, max_norm)
            return {name: g * coefficient for name, g in arrays.items()}, float(returned(norm, max_norm))

    return clip_like_torch


def _like_our_own(grads, max_norm):
    return clipping.clip_by_global_norm(grads, max_norm)


def _leaves_short_gradients_alone(grads, max_norm):
    arrays = _as_floats(grads)
    with np.errstate(all="ignore"):
        norm = np.sqrt(sum(np.sum(g**2) for g in arrays.values()))
        factor = max_norm / (norm + 1e-6)
        return {name: g * factor if norm > max_norm else g.copy() for name, g in arrays.items()}, float(norm)


def _pythons_min_loses_nan(norm, max_norm):
    return min(1.0, max_norm / (norm + 1e-6))


def _each_array_like_torch(grads, max_norm):
    pairs = {name: clipping.clip_like_torch({name: g}, max_norm) for name, g in grads.items()}
    norm = clipping.clip_like_torch(grads, max_norm)[1]
    return {name: clipped[name] for name, (clipped, _) in pairs.items()}, norm


def _zeros_where_not_finite(grads, max_norm):
    clipped, norm = clipping.clip_like_torch(grads, max_norm)
    return {name: np.where(np.isfinite(g), g, 0.0) for name, g in clipped.items()}, norm


def _refuses_what_is_not_finite(grads, max_norm):
    clipped, norm = clipping.clip_like_torch(grads, max_norm)
    if not np.isfinite(norm):
        raise FloatingPointError("the norm is not finite")
    return clipped, norm


def _refuses_a_bad_bound(grads, max_norm):
    if max_norm <= 0:
        raise ValueError("max_norm must be positive")
    return clipping.clip_like_torch(grads, max_norm)


def _torch_without_the_norm(grads, max_norm):
    return clipping.clip_like_torch(grads, max_norm)[0]


def _torch_norm_first(grads, max_norm):
    return clipping.clip_like_torch(grads, max_norm)[::-1]


def _torch_squares_wrap_around(grads, max_norm):
    arrays = {name: np.asarray(g) for name, g in grads.items()}
    with np.errstate(all="ignore"):
        norm = np.sqrt(float(sum(np.sum(g**2) for g in arrays.values())))
        return {n: g * np.minimum(1.0, max_norm / (norm + 1e-6)) for n, g in arrays.items()}, float(norm)


def _python_floats_overflow(grads, max_norm):
    norm = sum(float(v) ** 2 for g in grads.values() for v in np.ravel(g)) ** 0.5
    with np.errstate(all="ignore"):
        factor = np.minimum(1.0, max_norm / (norm + 1e-6))
        return {name: g * factor for name, g in _as_floats(grads).items()}, norm


def _cannot_concatenate_no_gradients(grads, max_norm):
    np.concatenate([np.ravel(g) for g in grads.values()])
    return clipping.clip_like_torch(grads, max_norm)


def _draw_clip_like_torch(rng):
    grads = _draw_arrays(rng)
    bound = _bound(rng, _length(_flat(grads)))
    kind = rng.random()
    if kind < 0.4:  # one entry of the first array that is no ordinary number
        first = next(iter(grads.values()))
        first.flat[rng.integers(first.size)] = rng.choice([np.inf, -np.inf, np.nan, 1e200, -1e200])
    return grads, bound


CLIP_LIKE_TORCH = Exercise(
    reference=clipping.clip_like_torch,
    points=2,
    cases=(
        Case(
            "a norm of twice the bound",
            ({"W": floats(3, -4)}, 2.5),
            ({"W": floats(7.5 / 5.000001, -10 / 5.000001)}, 5.0),
        ),
        Case(
            "a norm exactly at the bound: shrunk all the same",
            ({"W": floats(3, 4)}, 5),
            ({"W": floats(2.99999940000012, 3.99999920000016)}, 5.0),
        ),
        Case("a norm well below the bound", ({"W": floats(3, 4)}, 10), ({"W": floats(3, 4)}, 5.0)),
        Case(
            "two arrays of norm 13 together",
            ({"W": floats(3, 4), "b": np.array([[12.0]])}, 1),
            ({"W": floats(3 / 13.000001, 4 / 13.000001), "b": np.array([[12 / 13.000001]])}, 13.0),
        ),
        Case("all zeros", ({"W": floats(0, 0)}, 1), ({"W": floats(0, 0)}, 0.0)),
        Case(
            "a tiny gradient, three times shorter than the bound asks for",
            ({"W": floats(3e-7, 4e-7)}, 1e-7),
            ({"W": floats(2e-8, 8e-8 / 3)}, 5e-7),
        ),
        Case(
            "squares that underflow",
            ({"W": floats(3e-200, 4e-200)}, 1e-201),
            ({"W": floats(0, 0)}, 0.0),
        ),
        Case(
            "one infinite entry: it becomes NaN, the finite ones 0",
            ({"W": floats(np.inf, 1), "b": floats(2)}, 1),
            ({"W": floats(np.nan, 0), "b": floats(0)}, np.inf),
        ),
        Case(
            "one NaN: everything becomes NaN",
            ({"W": floats(np.nan, 1), "b": floats(2)}, 1),
            ({"W": floats(np.nan, np.nan), "b": floats(np.nan)}, np.nan),
        ),
        Case(
            "squares that overflow: everything becomes 0",
            ({"W": floats(3e200, 4e200), "b": floats(2)}, 1),
            ({"W": floats(0, 0), "b": floats(0)}, np.inf),
        ),
        Case("a bound of 0", ({"W": floats(3, 4)}, 0), ({"W": floats(0, 0)}, 5.0)),
        Case(
            "a negative bound: the gradient is turned round",
            ({"W": floats(3, 4)}, -1),
            ({"W": floats(-3 / 5.000001, -4 / 5.000001)}, 5.0),
        ),
        Case("no arrays at all", ({}, 1), ({}, 0.0)),
        Case(
            "lists of integers",
            ({"W": [3, 4], "b": [[12]]}, 26),
            ({"W": floats(3, 4), "b": np.array([[12.0]])}, 13.0),
        ),
        Case(
            "8-bit integers, whose squares do not fit",
            ({"W": int8(-96, 28)}, 50),
            ({"W": floats(-4800 / 100.000001, 1400 / 100.000001)}, 100.0),
        ),
    ),
    draw=_draw_clip_like_torch,
    misconceptions=(
        Misconception(
            _like_our_own,
            "This is `clip_by_global_norm`: it complains, it leaves short gradients exactly as they are, "
            "and it scales before it squares. PyTorch does none of that: multiply always, by min(1, "
            "max_norm / (norm + 1e-6)).",
        ),
        Misconception(
            named(
                "forgot_the_millionth",
                _torch(factor=lambda n, c: np.minimum(1.0, np.divide(c, n) if n else 1.0)),
            ),
            "Your factor is min(1, max_norm / norm). PyTorch adds 1e-6 to the norm there: do so, too.",
        ),
        Misconception(
            named("another_small_number", _torch(factor=lambda n, c: np.minimum(1.0, c / (n + 1e-8)))),
            "A small number is in your factor, but not PyTorch's. Add 1e-6 to the norm.",
        ),
        Misconception(
            named(
                "millionth_in_the_norm",
                _torch(
                    norm_of=lambda a: np.sqrt(sum(np.sum(g**2) for g in a.values())) + 1e-6,
                    factor=lambda n, c: np.minimum(1.0, c / n),
                ),
            ),
            "The norm that you return contains the 1e-6. Add it in the factor only.",
        ),
        Misconception(
            named(
                "millionth_inside_the_root",
                _torch(
                    factor=lambda n, c: np.minimum(1.0, c / np.sqrt(n**2 + 1e-6)),
                ),
            ),
            "You added 1e-6 to the sum of the squares, inside the root. Add it to the norm, after the root.",
        ),
        Misconception(
            named(
                "millionth_after_the_division",
                _torch(factor=lambda n, c: np.minimum(1.0, np.divide(c, n) + 1e-6)),
            ),
            "You added 1e-6 to the quotient. Add it to the norm, below the fraction line: mind the brackets.",
        ),
        Misconception(
            _leaves_short_gradients_alone,
            "A gradient whose norm is exactly the bound (or within a millionth below it) stays as it is. "
            "PyTorch asks nothing, it multiplies always: leave out the `if`.",
        ),
        Misconception(
            named("a_factor_of_nan_counts_as_1", _torch(factor=_pythons_min_loses_nan)),
            "A NaN does not spread to the other entries: Python's `min(1.0, nan)` is 1.0, and `nan < 1` is "
            "False. In PyTorch it does: multiply always, and take `np.minimum`, which keeps NaN.",
        ),
        Misconception(
            named(
                "stable_norm",
                _torch(
                    norm_of=lambda a: clipping.stable_l2_norm(
                        [clipping.stable_l2_norm(np.ravel(g)) for g in a.values()]
                    )
                ),
            ),
            "Your norm survives entries of 1e200 and 1e-200. PyTorch's does not: take the root of the plain "
            "sum of squares.",
        ),
        Misconception(
            _python_floats_overflow,
            "1e200² is an OverflowError in plain Python, and infinity in NumPy. Square whole arrays with "
            "NumPy.",
        ),
        Misconception(
            named("not_limited_to_1", _torch(factor=lambda n, c: c / (n + 1e-6))),
            "Short gradients are stretched to the bound. Limit the factor to 1: `np.minimum(1.0, ...)`.",
        ),
        Misconception(
            named("forgot_the_root", _torch(norm_of=lambda a: sum(np.sum(g**2) for g in a.values()))),
            "You used the sum of the squares. Take its root.",
        ),
        Misconception(
            _each_array_like_torch,
            "You clipped each array by its own norm. PyTorch takes one norm over all of them, and one "
            "factor.",
        ),
        Misconception(
            named("norm_after_clipping", _torch(returned=lambda n, c: n * np.minimum(1.0, c / (n + 1e-6)))),
            "The norm that you return is that after clipping. PyTorch returns the norm as it was before.",
        ),
        Misconception(
            _zeros_where_not_finite,
            "You replaced NaN by 0. PyTorch lets it through: leave the products as they are.",
        ),
        Misconception(
            _refuses_what_is_not_finite,
            "You raise an error for a norm that is not finite. PyTorch does not (unless it is asked to): "
            "return what the formula gives.",
        ),
        Misconception(
            _refuses_a_bad_bound,
            "You refuse a bound of 0 or less. PyTorch does not: return what the formula gives, a gradient "
            "of 0 or one that is turned round.",
        ),
        Misconception(
            _torch_without_the_norm,
            "You returned the gradients alone. Return two things: `clipped, norm`.",
        ),
        Misconception(
            _torch_norm_first,
            "You returned the norm first. Exchange the two: `clipped, norm`.",
        ),
        Misconception(
            _cannot_concatenate_no_gradients,
            "An empty dict cannot be concatenated. Its norm is 0: treat it by itself, or add up squares "
            "instead.",
        ),
        Misconception(
            named("narrow_integers", _torch_squares_wrap_around),
            "Right for floats, but squares of narrow integers wrap around (in 8 bits, 96² is 0). Make the "
            "arrays floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "No `if` at all: one norm, one factor, one product. All the odd cases follow from how floats "
        "compute.",
        "norm = √(Σ g²), factor = min(1, max_norm / (norm + 1e-6)), clipped = factor · g. What is 0 · inf, "
        "and what is min(1, NaN)?",
        "Inside `with np.errstate(over='ignore', invalid='ignore'):`, so that NumPy does not warn: the root "
        "of a sum over all arrays; `np.minimum`, which keeps a NaN; a new dict.",
    ),
    showed=(
        "A constant such as 1e-6 has a unit, that of the gradient: whether it is negligible depends on the "
        "norm beside which it stands."
    ),
    rtol=1e-11,
    atol=0.0,
)

EXERCISES = (
    CLIP_BY_VALUE,
    CLIP_BY_NORM,
    CLIP_BY_GLOBAL_NORM,
    COSINE_SIMILARITY,
    MLP_GRADIENTS,
    CLIFF,
    SGD_STEP,
    MOMENTUM_STEP,
    AVERAGE_THEN_CLIP,
    CLIPPING_THRESHOLD,
    ADAPTIVE_CLIP,
    CLIP_LIKE_TORCH,
)
