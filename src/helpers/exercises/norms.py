"""Exercises of lesson 01: norms of vectors and matrices, and distances."""

import math

import numpy as np

from helpers import norms
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import draw_vector, floats, int8, matrix, named, uint8, vector

_LIBRARY_NORMS = ("numpy.linalg.norm", "numpy.linalg.vector_norm", "scipy.linalg.norm")


# -- l1_norm ------------------------------------------------------------------------------------


def _forgot_the_absolute_values(x):
    return np.sum(np.asarray(x, dtype=float))


def _absolute_value_of_the_sum(x):
    return abs(np.sum(np.asarray(x, dtype=float)))


def _mean_instead_of_sum(x):
    return np.mean(np.abs(np.asarray(x, dtype=float)))


def _l2_norm(x):
    return np.sqrt(np.sum(np.square(np.asarray(x, dtype=float))))


def _sum_of_squares(x):
    return np.sum(np.square(np.asarray(x, dtype=float)))


def _max_norm(x):
    return np.max(np.abs(np.asarray(x, dtype=float)), initial=0.0)


def _count_of_nonzero_entries(x):
    return np.count_nonzero(x)


def _l1_wrapped_around(x):
    return np.sum(np.abs(np.asarray(x)))


L1_NORM = Exercise(
    reference=norms.l1_norm,
    points=1,
    cases=(
        Case("one positive, one negative entry", (floats(3, -4),), 7.0),
        Case("negative entries only", (floats(-1, -2, -0.5),), 3.5),
        Case("entries whose sum is 0", (floats(5, -5),), 10.0),
        Case("a single entry", (floats(-2.5),), 2.5),
        Case("the zero vector", (floats(0, 0, 0),), 0.0),
        Case("the empty vector", (floats(),), 0.0),
        Case("a list of integers", ([1, -2, 3, -4],), 10.0),
        Case("8-bit integers, where abs(-128) does not fit", (int8(-128, 100, 100),), 328.0),
        Case("tiny entries", (floats(1e-200, -2e-200),), 3e-200),
    ),
    draw=draw_vector,
    misconceptions=(
        Misconception(
            _forgot_the_absolute_values,
            "You added the entries with their signs, so that positive and negative ones cancel. "
            "Take the absolute value of each entry before you add.",
        ),
        Misconception(
            _absolute_value_of_the_sum,
            "You took the absolute value of the sum, but the entries have cancelled by then. "
            "Take it of each entry first, and add afterwards.",
        ),
        Misconception(
            _mean_instead_of_sum,
            "You averaged the absolute values. A norm is their sum: do not divide by the number of entries.",
        ),
        Misconception(
            _l2_norm,
            "This is the L2 norm (the default of `np.linalg.norm`). For the L1 norm, add the "
            "absolute values, without squares and root.",
        ),
        Misconception(
            _sum_of_squares,
            "You added the squares of the entries. For the L1 norm, add their absolute values.",
        ),
        Misconception(
            _max_norm,
            "You took the largest absolute value, which is the max norm. Add them all up instead.",
        ),
        Misconception(
            _count_of_nonzero_entries,
            "You counted the entries that are not zero. Add their absolute values instead.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _l1_wrapped_around),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, abs(-128) is -128), "
            "and a list is no array: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Think of walking along a street grid: every step counts, whichever way it goes. "
        "What does each entry contribute?",
        "The formula is |x₁| + |x₂| + … + |xₙ|. Make the entries positive first, add them second.",
        "Three steps: turn `x` into an array of floats, apply `np.abs` to it, and add up what you get.",
    ),
    showed=(
        "Signs are gone before anything is added, so entries never cancel: `[5, -5]` has L1 norm 10, though "
        "its entries add up to 0."
    ),
    atol=0.0,
)

# -- l2_norm ------------------------------------------------------------------------------------


def _forgot_the_root(x):
    return np.sum(np.square(np.asarray(x, dtype=float)))


def _l1_norm(x):
    return np.sum(np.abs(np.asarray(x, dtype=float)))


def _root_of_the_mean_square(x):
    return np.sqrt(np.mean(np.square(np.asarray(x, dtype=float))))


def _forgot_the_squares(x):
    return np.sqrt(np.sum(np.abs(np.asarray(x, dtype=float))))


def _root_of_the_plain_sum(x):
    return np.sqrt(np.sum(np.asarray(x, dtype=float)))


def _root_of_the_plain_sum_in_python(x):
    return math.sqrt(sum(float(v) for v in x))


def _squared_the_sum(x):
    return np.sqrt(np.sum(np.asarray(x, dtype=float)) ** 2)


def _halved_instead_of_rooted(x):
    return np.sum(np.square(np.asarray(x, dtype=float))) / 2


def _square_of_the_sum(x):
    return np.sum(np.asarray(x, dtype=float)) ** 2


def _mean_of_the_squares(x):
    return np.mean(np.square(np.asarray(x, dtype=float)))


def _doubled_instead_of_squared(x):
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(2 * np.asarray(x, dtype=float)))


def _l2_wrapped_around(x):
    return np.sqrt(np.sum(np.asarray(x) ** 2))


L2_NORM = Exercise(
    reference=norms.l2_norm,
    points=1,
    cases=(
        Case("the sides 3 and 4 of a right triangle", (floats(3, -4),), 5.0),
        Case("three entries", (floats(2, -3, 6),), 7.0),
        Case("four equal entries", (floats(1, 1, 1, 1),), 2.0),
        Case("a single negative entry", (floats(-2.5),), 2.5),
        Case("the zero vector", (floats(0, 0, 0),), 0.0),
        Case("the empty vector", (floats(),), 0.0),
        Case("a list of integers", ([1, -2, 2, 4],), 5.0),
        Case("8-bit integers, whose squares do not fit", (int8(-96, 28),), 100.0),
    ),
    draw=draw_vector,
    misconceptions=(
        Misconception(
            _forgot_the_root,
            "You returned the sum of the squares, which is the squared length. Take its square root.",
        ),
        Misconception(
            _l1_norm,
            "You added the absolute values, which is the L1 norm: the way round the corner, not the "
            "straight line. Square each entry, add, and take the root of the sum.",
        ),
        Misconception(
            _root_of_the_mean_square,
            "You averaged the squares (the root mean square). A norm adds them: do not divide by the "
            "number of entries.",
        ),
        Misconception(
            _forgot_the_squares,
            "You took the root of the sum of the absolute values. Square the entries before you add them.",
        ),
        Misconception(
            _root_of_the_plain_sum,
            "You took the root of the sum without squaring the entries, and negative sums have no "
            "root. Square each entry first.",
        ),
        Misconception(
            _root_of_the_plain_sum_in_python,
            "You took the root of the sum without squaring the entries, and a negative sum has no root. "
            "Square each entry first.",
        ),
        Misconception(
            _squared_the_sum,
            "You squared the sum. Square each entry first, and add afterwards: (a + b)² is not a² + b².",
        ),
        Misconception(
            _halved_instead_of_rooted,
            "You halved the sum of the squares: `** 1 / 2` raises to the power 1 and then halves. Take the "
            "root, `** 0.5` or `np.sqrt`.",
        ),
        Misconception(
            _max_norm,
            "You took the largest absolute value, which is the max norm. Square all entries, add, and "
            "take the root.",
        ),
        Misconception(
            _square_of_the_sum,
            "You squared the sum, and took no root. Square each entry, add, and take the root at the end.",
        ),
        Misconception(
            _mean_of_the_squares,
            "You averaged the squares. Add them instead, and take the root of the sum.",
        ),
        Misconception(
            _doubled_instead_of_squared,
            "You doubled the entries: `x * 2` is twice, `x**2` is the square. Square them.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _l2_wrapped_around),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, 96² is 0), and a list "
            "is no array: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Pythagoras: in two dimensions the length is the hypotenuse. In n dimensions, the same with "
        "more squares.",
        "The formula is √(x₁² + x₂² + … + xₙ²). The order matters: square, add, root.",
        "Turn `x` into an array of floats first. Then NumPy has one function, or operator, for each of the "
        "three steps, from the inside of the formula to the outside.",
    ),
    showed=(
        "A 1 beside a 10 lifts the L2 norm only from 10 to √101 ≈ 10.05, while it lifts the L1 norm from 10 "
        "to 11."
    ),
    atol=0.0,
    forbidden=_LIBRARY_NORMS,
)

# -- max_norm -----------------------------------------------------------------------------------


def _largest_entry(x):
    return np.max(np.asarray(x, dtype=float), initial=-np.inf) if len(x) else 0.0


def _absolute_value_of_the_largest_entry(x):
    return abs(np.max(np.asarray(x, dtype=float))) if len(x) else 0.0


def _kept_the_sign(x):
    x = np.asarray(x, dtype=float)
    return x[np.argmax(np.abs(x))] if x.size else 0.0


def _position_of_the_largest(x):
    return np.argmax(np.abs(np.asarray(x, dtype=float))) if len(x) else 0


def _smallest_absolute_value(x):
    return np.min(np.abs(np.asarray(x, dtype=float))) if len(x) else 0.0


def _fails_on_the_empty_vector(x):
    return np.max(np.abs(np.asarray(x, dtype=float)))


def _kept_the_sign_of_the_first_entry(x):
    largest = float(x[0]) if len(x) else 0.0
    for value in x[1:]:
        largest = max(largest, abs(float(value)))
    return largest


def _absolute_value_of_the_smallest_entry(x):
    return abs(np.min(np.asarray(x, dtype=float))) if len(x) else 0.0


def _largest_minus_smallest(x):
    return np.ptp(np.asarray(x, dtype=float)) if len(x) else 0.0


def _max_wrapped_around(x):
    return np.max(np.abs(np.asarray(x)), initial=0)


MAX_NORM = Exercise(
    reference=norms.max_norm,
    points=1,
    cases=(
        Case("the largest absolute value is that of a negative entry", (floats(3, -4),), 4.0),
        Case("negative entries only", (floats(-1, -7, -2),), 7.0),
        Case("the largest entry is positive", (floats(-2, 6.5, 1),), 6.5),
        Case("the first entry is the furthest from zero", (floats(-5, 2),), 5.0),
        Case("the zero vector", (floats(0, 0),), 0.0),
        Case("the empty vector", (floats(),), 0.0),
        Case("a list of integers", ([1, -9, 3, 4],), 9.0),
        Case("8-bit integers, where abs(-128) does not fit", (int8(-128, 100),), 128.0),
        Case("entries smaller than 1", (floats(0.25, -0.5),), 0.5),
    ),
    draw=draw_vector,
    misconceptions=(
        Misconception(
            _largest_entry,
            "You took the largest entry with its sign, so that large negative ones are overlooked. "
            "Take the absolute values first, and then the maximum.",
        ),
        Misconception(
            _absolute_value_of_the_largest_entry,
            "You looked for the largest entry and dropped its sign afterwards. Take the absolute "
            "values first: the entry furthest from zero may be negative.",
        ),
        Misconception(
            _kept_the_sign,
            "You found the right entry, but returned it with its sign. A norm is never negative: "
            "return its absolute value.",
        ),
        Misconception(
            _position_of_the_largest,
            "You returned the position of the entry. Return its absolute value: `np.max`, not `np.argmax`.",
        ),
        Misconception(
            _smallest_absolute_value,
            "You took the smallest absolute value. Take the largest one.",
        ),
        Misconception(
            _kept_the_sign_of_the_first_entry,
            "The first entry goes in with its sign, so that it is overlooked or comes out negative. Start "
            "from 0, or from its absolute value.",
        ),
        Misconception(
            _absolute_value_of_the_smallest_entry,
            "You looked for the smallest entry and dropped its sign. The entry furthest from zero may be "
            "positive: take the absolute values first, and then the maximum.",
        ),
        Misconception(
            _largest_minus_smallest,
            "You took the span from the smallest to the largest entry. Measure from zero: take the "
            "largest absolute value.",
        ),
        Misconception(
            _fails_on_the_empty_vector,
            "It raises for the empty vector, because a maximum of nothing does not exist. Return 0.0 there, "
            "or look up the argument `initial` of `np.max`.",
        ),
        Misconception(
            _l1_norm,
            "You added the absolute values, which is the L1 norm. Take only the largest of them.",
        ),
        Misconception(
            _l2_norm,
            "You computed the Euclidean length (the L2 norm). Take the largest absolute value.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _max_wrapped_around),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, abs(-128) is -128), "
            "and a list is no array: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Which single entry is furthest from zero? Its sign does not matter, its distance does.",
        "The formula is max(|x₁|, …, |xₙ|). What should come out when there is no entry at all?",
        "Take `np.abs` of the array of floats, then its maximum; look up the argument `initial` of "
        "`np.max` for the empty vector.",
    ),
    showed=(
        "The max norm sees one entry only: all others may change without moving it, as long as none outgrows "
        "the largest."
    ),
    atol=0.0,
)

# -- p_norm -------------------------------------------------------------------------------------


def _with_power_sum(root):
    """A p-norm that goes wrong in its last step only."""

    def p_norm(x, p):
        x = np.abs(np.asarray(x, dtype=float))
        if not p >= 1:
            raise ValueError("p must be at least 1")
        return np.max(x, initial=0.0) if p == np.inf else root(np.sum(x**p), p)

    return p_norm


def _without_absolute_values(x, p):
    x = np.asarray(x, dtype=float)
    if not p >= 1:
        raise ValueError("p must be at least 1")
    if p == np.inf:
        return np.max(np.abs(x), initial=0.0)
    return np.sum(x**p) ** (1 / p)


def _accepts_p_below_1(x, p):
    x = np.abs(np.asarray(x, dtype=float))
    return np.max(x, initial=0.0) if p == np.inf else np.sum(x**p) ** (1 / p)


def _no_absolute_values_in_plain_python(x, p):
    if p < 1:
        raise ValueError("p must be at least 1")
    if p == np.inf:
        return max((abs(float(v)) for v in x), default=0.0)
    return sum(float(v) ** p for v in x) ** (1 / p)


def _absolute_value_of_the_power_sum(x, p):
    if not p >= 1:
        raise ValueError("p must be at least 1")
    x = np.asarray(x, dtype=float)
    if p == np.inf:
        return np.max(np.abs(x), initial=0.0)
    with np.errstate(all="ignore"):
        return np.abs(np.sum(x**p)) ** (1 / p)


def _root_of_each_term(x, p):
    if p < 1:
        raise ValueError("p must be at least 1")
    return _max_norm(x) if p == np.inf else _l1_norm(x)


def _fails_for_an_empty_vector(x, p):
    if not p >= 1:
        raise ValueError("p must be at least 1")
    x = np.abs(np.asarray(x, dtype=float))
    return np.max(x) if p == np.inf else np.sum(x**p) ** (1 / p)


def _returns_nothing_for_p_below_1(x, p):
    return None if p < 1 else norms.p_norm(x, p)


def _refuses_p_equal_to_1(x, p):
    if p <= 1:
        raise ValueError("p must be greater than 1")
    return norms.p_norm(x, p)


def _infinity_is_not_special(x, p):
    if not p >= 1:
        raise ValueError("p must be at least 1")
    with np.errstate(all="ignore"):
        return np.sum(np.abs(np.asarray(x, dtype=float)) ** p) ** (1 / p)


def _largest_entry_for_infinity(x, p):
    if p == np.inf and len(x):
        return np.max(np.asarray(x, dtype=float))
    return norms.p_norm(x, p)


def _always_the_l2_norm(x, p):
    if not p >= 1:
        raise ValueError("p must be at least 1")
    return _l2_norm(x)


def _mean_of_the_powers(x, p):
    x = np.abs(np.asarray(x, dtype=float))
    if not p >= 1:
        raise ValueError("p must be at least 1")
    if x.size == 0 or p == np.inf:
        return np.max(x, initial=0.0)
    return np.mean(x**p) ** (1 / p)


def _draw_p_norm(rng):
    return vector(rng), float(rng.choice([1, 1.5, 2, 2.5, 3, 4, np.inf]))


P_NORM = Exercise(
    reference=norms.p_norm,
    points=2,
    cases=(
        Case("p = 1 is the L1 norm", (floats(3, -4), 1), 7.0),
        Case("p = 2 is the L2 norm", (floats(3, -4), 2), 5.0),
        Case("p = 3, where signs matter", (floats(-3, -4, -5), 3), 6.0),
        Case("p = 1/2 is no norm", (floats(3, -4), 0.5), ValueError),
        Case("p = 0 is no norm", (floats(3, -4), 0), ValueError),
        Case("p = -1 is no norm", (floats(3, -4), -1), ValueError),
        Case("p = inf is the max norm", (floats(3, -4), np.inf), 4.0),
        Case("p = inf with three entries of one size", (floats(3, 3, -3), np.inf), 3.0),
        Case("p = inf with entries smaller than 1", (floats(0.5, -0.25), np.inf), 0.5),
        Case("p = 20 is near the max norm, but not the same", (floats(1, 1), 20), 2**0.05),
        Case("p = 1.5", (floats(4, 4), 1.5), 6.3496042078727974),
        Case("the zero vector", (floats(0, 0), 3), 0.0),
        Case("the empty vector", (floats(), 2), 0.0),
        Case("the empty vector, p = inf", (floats(), np.inf), 0.0),
        Case("a list of integers", ([1, 1, 1, 1], 4), 1.4142135623730951),
        Case("8-bit integers, whose powers do not fit", (int8(100, 100), 2), 141.4213562373095),
    ),
    draw=_draw_p_norm,
    misconceptions=(
        Misconception(
            named("forgot_the_root", _with_power_sum(lambda total, p: total)),
            "You returned the sum of the powers. Raise it to the power 1 / p at the end, so that the "
            "norm has the units of the vector.",
        ),
        Misconception(
            named("always_the_square_root", _with_power_sum(lambda total, p: np.sqrt(total))),
            "You took the square root, which belongs to p = 2. Raise the sum to the power 1 / p.",
        ),
        Misconception(
            named("multiplied_by_1_over_p", _with_power_sum(lambda total, p: total / p)),
            "You divided the sum by p. Raise it to the power 1 / p: mind the brackets in "
            "`total ** (1 / p)`, since `total ** 1 / p` divides.",
        ),
        Misconception(
            named("power_p_at_the_end", _with_power_sum(lambda total, p: total**p)),
            "You raised the sum to the power p. Raise it to 1 / p, which undoes the power p inside.",
        ),
        Misconception(
            _without_absolute_values,
            "You left out the absolute values, and odd powers keep the sign. Take `np.abs` of the "
            "entries before you raise them to the power p.",
        ),
        Misconception(
            _no_absolute_values_in_plain_python,
            "You left out the absolute values. Odd powers keep the sign, and broken powers of negative "
            "numbers are complex: take `abs` of each entry before you raise it to the power p.",
        ),
        Misconception(
            _absolute_value_of_the_power_sum,
            "You took the absolute value of the sum, when positive and negative powers have cancelled. Take"
            " it of each entry, before the power.",
        ),
        Misconception(
            _root_of_each_term,
            "You took the root of each term, which undoes its power: what is left is the L1 norm. Add "
            "first, and take one root of the sum.",
        ),
        Misconception(
            _fails_for_an_empty_vector,
            "It raises for the empty vector and p = inf, because a maximum of nothing does not exist. Look "
            "up the argument `initial` of `np.max`.",
        ),
        Misconception(
            _accepts_p_below_1,
            "A p below 1 goes through. There the triangle inequality fails, so raise a `ValueError` for "
            "p < 1.",
        ),
        Misconception(
            _returns_nothing_for_p_below_1,
            "For p < 1 something is returned, which a caller may overlook. Raise a `ValueError` instead.",
        ),
        Misconception(
            _refuses_p_equal_to_1,
            "You refuse p = 1, which is a norm: the L1 norm. Raise the `ValueError` for p < 1 only.",
        ),
        Misconception(
            _infinity_is_not_special,
            "p = inf went into the formula, where 1 / inf is 0 and anything to the power 0 is 1. "
            "Return the largest absolute value in that case.",
        ),
        Misconception(
            _largest_entry_for_infinity,
            "Right but for p = inf, where you took the largest entry with its sign. Take the largest "
            "absolute value.",
        ),
        Misconception(
            _always_the_l2_norm,
            "The result does not depend on p: it is always the L2 norm. Use `p` in both powers.",
        ),
        Misconception(
            _mean_of_the_powers,
            "You averaged the powers. A norm adds them: do not divide by the number of entries.",
        ),
    ),
    hints=(
        "The L1 and the L2 norm are two members of one family. What changes from one to the other?",
        "For 1 ≤ p < ∞ the formula is (|x₁|ᵖ + … + |xₙ|ᵖ)^(1/p). Two values of p need their own line: which?",
        "Deal with the special values of p first: one kind ends in a `raise`, the other in a `return`. In "
        "the formula, mind the brackets around `1 / p`.",
    ),
    showed=(
        "A vector never gets longer as p grows: `[3, 4]` has length 7 for p = 1, 5 for p = 2, about 4.5 for "
        "p = 3, and 4 in the limit."
    ),
)

# -- stable_l2_norm -----------------------------------------------------------------------------


def _not_scaled(x):
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(np.square(np.asarray(x, dtype=float))))


def _not_scaled_in_plain_python(x):
    return sum(float(v) ** 2 for v in x) ** 0.5


def _divides_by_zero_in_plain_python(x):
    x = [abs(float(v)) for v in x]
    if any(v == np.inf for v in x):
        return np.inf
    scale = max(x, default=0.0)
    return scale * sum((v / scale) ** 2 for v in x) ** 0.5


def _fails_on_an_empty_vector(x):
    x = np.abs(np.asarray(x, dtype=float))
    np.max(x)
    return norms.stable_l2_norm(x)


def _scaled_by_another_entry(x):
    x = np.asarray(x, dtype=float)
    if not np.all(np.isfinite(x)) or not np.any(x):
        return norms.stable_l2_norm(x)
    scale = np.abs(np.max(x))
    with np.errstate(all="ignore"):
        return scale * np.sqrt(np.sum((x / scale) ** 2))


def _stable_special_cases(scaled):
    """A stable norm that treats inf, NaN and zeros well and goes wrong in the scaling."""

    def stable_l2_norm(x):
        x = np.abs(np.asarray(x, dtype=float))
        if np.any(np.isinf(x)):
            return np.inf
        if np.any(np.isnan(x)):
            return np.nan
        if not np.any(x):
            return 0.0
        with np.errstate(all="ignore"):
            return scaled(x)

    return stable_l2_norm


def _divides_by_zero(x):
    x = np.abs(np.asarray(x, dtype=float))
    if np.any(np.isinf(x)):
        return np.inf
    scale = np.max(x, initial=0.0)
    return scale * np.sqrt(np.sum((x / scale) ** 2))


def _small_vector_counts_as_zero(x):
    x = np.abs(np.asarray(x, dtype=float))
    return 0.0 if np.max(x, initial=0.0) < 1e-12 else norms.stable_l2_norm(x)


def _scaled_by_the_first_entry(x):
    x = np.asarray(x, dtype=float)
    if not np.all(np.isfinite(x)) or not np.any(x):
        return norms.stable_l2_norm(x)
    scale = np.abs(x[0])
    with np.errstate(all="ignore"):
        return scale * np.sqrt(np.sum((x / scale) ** 2))


def _forgot_the_root_of_the_scaled_sum(x):
    x = np.asarray(x, dtype=float)
    if not np.all(np.isfinite(x)) or not np.any(x):
        return norms.stable_l2_norm(x)
    scale = np.max(np.abs(x))
    return scale * np.sum((x / scale) ** 2)


def _scaled_by_the_signed_maximum(x):
    x = np.asarray(x, dtype=float)
    if not np.all(np.isfinite(x)) or not np.any(x):
        return norms.stable_l2_norm(x)
    with np.errstate(all="ignore"):
        return np.max(x) * np.sqrt(np.sum((x / np.max(x)) ** 2))


def _nan_for_infinite_entries(x):
    x = np.abs(np.asarray(x, dtype=float))
    scale = np.max(x, initial=0.0)
    with np.errstate(all="ignore"):
        return 0.0 if scale == 0 else scale * np.sqrt(np.sum((x / scale) ** 2))


def _loses_nan(x):
    x = np.abs(np.asarray(x, dtype=float))
    return norms.stable_l2_norm(x[~np.isnan(x)])


def _nan_hides_infinity(x):
    x = np.asarray(x, dtype=float)
    return np.nan if np.any(np.isnan(x)) else norms.stable_l2_norm(x)


def _hides_nothing_but_warns(x):
    with np.errstate(all="warn", under="ignore"):
        np.square(np.asarray(x, dtype=float))
        np.divide(np.asarray(x, dtype=float), np.max(np.abs(x), initial=0.0))
    return norms.stable_l2_norm(x)


def _draw_scaled_vector(rng):
    x = rng.normal(size=rng.integers(2, 7)).round(2)
    return (x * 10.0 ** rng.choice([-300, -200, -160, -100, -30, -3, 0, 3, 160, 200, 299]),)


STABLE_L2_NORM = Exercise(
    reference=norms.stable_l2_norm,
    points=3,
    cases=(
        Case("an everyday vector", (floats(3, -4),), 5.0),
        Case("entries whose squares overflow", (floats(3e200, -4e200),), 5e200),
        Case("entries whose squares underflow", (floats(3e-200, 4e-200),), 5e-200),
        Case("the largest entries of the contract", (floats(3e299, -4e299),), 5e299),
        Case("the smallest entries of the contract", (floats(3e-300, 4e-300),), 5e-300),
        Case("huge and tiny entries together", (floats(1e300, 1e-300),), 1e300),
        Case("a tiny entry before a huge one", (floats(1e-300, 1e300),), 1e300),
        Case("a zero before the others", (floats(0, 3, 4),), 5.0),
        Case("a huge negative entry beside a small one", (floats(-1e200, 1),), 1e200),
        Case("the zero vector", (floats(0, 0, 0),), 0.0),
        Case("the empty vector", (floats(),), 0.0),
        Case("an infinite entry", (floats(1, -np.inf, 2),), np.inf),
        Case("two infinite entries", (floats(np.inf, np.inf),), np.inf),
        Case("a NaN among numbers", (floats(1, np.nan, 2),), np.nan),
        Case("a NaN at the start", (floats(np.nan, 3, 4),), np.nan),
        Case("a NaN beside a zero", (floats(np.nan, 0),), np.nan),
        Case("NaN and infinity: infinity wins", (floats(np.nan, np.inf, 1),), np.inf),
        Case("a list of integers", ([2, -3, 6],), 7.0),
        Case("8-bit integers, where abs(-128) does not fit", (int8(-128),), 128.0),
    ),
    draw=_draw_scaled_vector,
    misconceptions=(
        Misconception(
            _not_scaled,
            "The squares leave the range of a float: 1e200² overflows to inf, 1e-200² underflows to 0. "
            "Divide by the largest absolute value before you square, and multiply by it after the root.",
        ),
        Misconception(
            named(
                "did_not_scale_back",
                _stable_special_cases(lambda x: np.sqrt(np.sum((x / np.max(x)) ** 2))),
            ),
            "You divided by the largest absolute value, but did not multiply by it again. Multiply the "
            "root by the same number.",
        ),
        Misconception(
            named(
                "scaled_back_inside_the_root",
                _stable_special_cases(lambda x: np.sqrt(np.max(x) * np.sum((x / np.max(x)) ** 2))),
            ),
            "You multiplied by the scale inside the root, where it should have been squared. Multiply "
            "after taking the root.",
        ),
        Misconception(
            named(
                "scaled_by_a_constant",
                _stable_special_cases(lambda x: 1e200 * np.sqrt(np.sum((x / 1e200) ** 2))),
            ),
            "A fixed scale saves the huge entries and loses the small ones. Scale by the largest "
            "absolute value of this vector.",
        ),
        Misconception(
            named(
                "saved_only_from_overflow",
                _stable_special_cases(
                    lambda x: norms.stable_l2_norm(x) if np.isinf(np.sum(x**2)) else np.sqrt(np.sum(x**2))
                ),
            ),
            "You save the huge entries, but the squares of tiny ones underflow to 0. Scale always, not "
            "only after an overflow.",
        ),
        Misconception(
            _not_scaled_in_plain_python,
            "The squares leave the range of a float: 1e200² is an OverflowError in plain Python, and "
            "1e-200² is 0. Divide by the largest absolute value before you square, and multiply by it at "
            "the end.",
        ),
        Misconception(
            _small_vector_counts_as_zero,
            "A vector with small entries is not the zero vector, but came out as 0: a bound decides what "
            "counts as zero. Compare the scale with 0 itself.",
        ),
        Misconception(
            _scaled_by_the_first_entry,
            "You scaled by the first entry, which may be 0, or tiny beside the others. Scale by the largest"
            " absolute value.",
        ),
        Misconception(
            _forgot_the_root_of_the_scaled_sum,
            "You multiplied the sum of the scaled squares by the scale, without its root. Take the root "
            "first.",
        ),
        Misconception(
            _scaled_by_the_signed_maximum,
            "You scaled by the largest entry with its sign, so that negative vectors get a negative length "
            "or a wrong scale. Take the absolute values before the maximum.",
        ),
        Misconception(
            _scaled_by_another_entry,
            "Your scale is not the largest absolute value, so that large entries overflow all the same "
            "(negative ones, for example). Take the absolute values before the maximum.",
        ),
        Misconception(
            named(
                "added_an_epsilon_to_the_scale",
                _stable_special_cases(
                    lambda x: (np.max(x) + 1e-8) * np.sqrt(np.sum((x / (np.max(x) + 1e-8)) ** 2))
                ),
            ),
            "You added a small number to the scale, which is huge beside entries of 1e-200: their squares "
            "underflow again. Scale by the largest absolute value itself, and treat zeros before.",
        ),
        Misconception(
            _divides_by_zero_in_plain_python,
            "For a vector of zeros, or an empty one, the scale is 0, and dividing by it is an error. Return"
            " 0.0 before you divide.",
        ),
        Misconception(
            _fails_on_an_empty_vector,
            "Right, but for the empty vector: a maximum of nothing does not exist. Use `np.max(..., "
            "initial=0.0)`, or return 0.0 first.",
        ),
        Misconception(
            _divides_by_zero,
            "For a vector of zeros the scale is 0, and 0 / 0 is NaN. Return 0.0 before you divide.",
        ),
        Misconception(
            _nan_for_infinite_entries,
            "inf / inf is NaN, so that infinite entries come out as NaN. Return inf before you divide "
            "if any entry is infinite.",
        ),
        Misconception(
            _loses_nan,
            "A NaN got lost: a length with an unknown entry is unknown. Return NaN if any entry is NaN "
            "(and none is infinite).",
        ),
        Misconception(
            _nan_hides_infinity,
            "With a NaN and an infinite entry together, your result is NaN; it should be inf. Look for "
            "infinite entries before anything else, and look at every entry: `np.max` of NaN and inf is "
            "NaN.",
        ),
        Misconception(
            _hides_nothing_but_warns,
            "The values are right, but NumPy warned of an overflow or of 0 / 0 on the way. Treat zeros "
            "and infinities before you divide, and square only what has been scaled.",
        ),
    ),
    hints=(
        "A float reaches from about 1e-308 to 1e308, and squaring doubles the exponent. What could you "
        "do to the vector before squaring, and undo afterwards?",
        "‖x‖ = s · ‖x / s‖ for every s > 0. With s = max |xᵢ| every quotient is at most 1, and one of "
        "them is exactly 1.",
        "Treat the special cases first: any infinite entry, then a scale of 0. Only then divide, "
        "square, add, take the root and multiply by the scale.",
    ),
    showed=(
        "After division by the largest absolute value every square lies between 0 and 1, and one of them is "
        "1: the sum can neither overflow nor vanish."
    ),
    rtol=1e-12,
    atol=0.0,
    warnings_fail=True,
)

# -- normalize ----------------------------------------------------------------------------------


def _zero_becomes_nan(x):
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        return x / np.sqrt(np.sum(x**2))


def _dividing_by(measure):
    """A normalisation that divides by something else than the L2 norm."""

    def normalize(x):
        x = np.asarray(x, dtype=float)
        return x / measure(x) if np.any(x) else np.zeros_like(x)

    return normalize


def _small_number_in_the_length(x):
    x = np.asarray(x, dtype=float)
    return x / (np.sqrt(np.sum(x**2)) + 1e-8)


def _tiny_number_in_the_length(x):
    x = np.asarray(x, dtype=float)
    return x / (np.sqrt(np.sum(x**2)) + 1e-12)


def _added_a_millionth(x):
    x = np.asarray(x, dtype=float)
    return x / (np.sqrt(np.sum(x**2)) + 1e-6)


def _bound_in_place_of_the_length(x):
    x = np.asarray(x, dtype=float)
    return x / max(norms.stable_l2_norm(x), 1e-12)


def _divides_by_zero_without_numpy(x):
    length = sum(float(v) ** 2 for v in x) ** 0.5
    return [float(v) / length for v in x]


def _tests_the_sum_for_zero(x):
    x = np.asarray(x, dtype=float)
    return np.zeros_like(x) if np.sum(x) == 0 else norms.normalize(x)


def _stretched_from_0_to_1(x):
    x = np.asarray(x, dtype=float)
    span = np.ptp(x) if x.size else 0.0
    return (x - np.min(x)) / span if span else np.zeros_like(x)


def _kept_the_integers(x):
    unit = np.zeros_like(x)
    unit[:] = norms.normalize(x)
    return unit


def _returned_the_length(x):
    return norms.l2_norm(x)


def _standardised(x):
    x = np.asarray(x, dtype=float)
    with np.errstate(all="ignore"):
        return np.nan_to_num((x - np.mean(x)) / np.std(x)) if x.size else x


def _multiplied_by_the_length(x):
    return np.asarray(x, dtype=float) * norms.l2_norm(x)


def _squared_wrapped_around(x):
    x = np.asarray(x)
    length = np.sqrt(np.sum(x**2))
    return x / length if length else np.zeros(x.shape)


NORMALIZE = Exercise(
    reference=norms.normalize,
    points=1,
    cases=(
        Case("a vector of length 5", (floats(3, -4),), floats(0.6, -0.8)),
        Case("a vector that has length 1 already", (floats(0, -1),), floats(0, -1)),
        Case("a negative entry alone", (floats(-2.5),), floats(-1)),
        Case("entries that add up to 0", (floats(3, 0, -3),), floats(0.5**0.5, 0, -(0.5**0.5))),
        Case("a short vector", (floats(3e-9, 4e-9),), floats(0.6, 0.8)),
        Case("a very short vector", (floats(3e-100, -4e-100),), floats(0.6, -0.8)),
        Case("the zero vector", (floats(0, 0, 0),), floats(0, 0, 0)),
        Case("the empty vector", (floats(),), floats()),
        Case("a list of integers", ([1, -2, 2, 4],), floats(0.2, -0.4, 0.4, 0.8)),
        Case("an array of integers", (np.array([0, 3, 4]),), floats(0, 0.6, 0.8)),
        Case("8-bit integers, whose squares do not fit", (int8(-96, 28),), floats(-0.96, 0.28)),
    ),
    draw=draw_vector,
    misconceptions=(
        Misconception(
            _zero_becomes_nan,
            "The zero vector has length 0, and 0 / 0 is NaN. Return zeros when the length is 0.",
        ),
        Misconception(
            named("divided_by_the_l1_norm", _dividing_by(lambda x: np.sum(np.abs(x)))),
            "You divided by the sum of the absolute values. Divide by the Euclidean length: "
            "`stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_max_norm", _dividing_by(lambda x: np.max(np.abs(x)))),
            "You divided by the largest absolute value. Divide by the Euclidean length: `stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_squared_length", _dividing_by(lambda x: np.sum(x**2))),
            "You divided by the squared length. Take its root before you divide.",
        ),
        Misconception(
            named("divided_by_the_sum", _dividing_by(lambda x: np.sum(x) or np.nan)),
            "You divided by the sum of the entries, so that they add up to 1. Divide by the length "
            "instead: `stable_l2_norm(x)`.",
        ),
        Misconception(
            _small_number_in_the_length,
            "A small number (about 1e-8) was added to the length, or decides what counts as zero, so that "
            "short vectors do not get length 1. Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            _tiny_number_in_the_length,
            "A tiny number (about 1e-12) was added to the length, or decides what counts as zero, which "
            "shows on short vectors. Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            _added_a_millionth,
            "A millionth or so was added to the length, so that no vector gets length 1. Treat the zero "
            "vector by itself, and divide by the length alone.",
        ),
        Misconception(
            _bound_in_place_of_the_length,
            "Very short vectors do not get length 1: a bound (about 1e-12) stands in the place of their "
            "length. Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            _divides_by_zero_without_numpy,
            "The zero vector has length 0, and dividing by it is an error. Return zeros when the length is "
            "0.",
        ),
        Misconception(
            _tests_the_sum_for_zero,
            "Entries of a vector that is not zero can add up to 0 as well. Ask whether its length is 0.",
        ),
        Misconception(
            _stretched_from_0_to_1,
            "You stretched the entries to the range from 0 to 1 (min-max scaling), which changes the "
            "direction. Divide by the length, and subtract nothing.",
        ),
        Misconception(
            named("divided_by_the_largest_entry", _dividing_by(lambda x: np.max(x) or np.nan)),
            "You divided by the largest entry. Divide by the Euclidean length: `stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_root_mean_square", _dividing_by(lambda x: np.sqrt(np.mean(x**2)))),
            "You divided by the root mean square. The length is the root of the sum of the squares: do not "
            "average.",
        ),
        Misconception(
            named("divided_by_the_number_of_entries", _dividing_by(len)),
            "You divided by the number of entries. Divide by the Euclidean length: `stable_l2_norm(x)`.",
        ),
        Misconception(
            _kept_the_integers,
            "The result went into an array of integers, which cut off the fractions. Make the array of "
            "floats first: `np.asarray(x, dtype=float)`.",
        ),
        Misconception(
            _returned_the_length,
            "You returned the length itself. Return the vector divided by it.",
        ),
        Misconception(
            _standardised,
            "You subtracted the mean and divided by the standard deviation. Normalising keeps the "
            "direction: divide by the length, and subtract nothing.",
        ),
        Misconception(
            _multiplied_by_the_length,
            "You multiplied by the length. Divide by it.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _squared_wrapped_around),
            "Right for arrays of floats. But squares of narrow integers wrap around, and a list is "
            "no array: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Keep the direction, change the length to 1. What does dividing a vector by a number do to its "
        "length?",
        "The formula is x / ‖x‖₂, and you have written ‖x‖₂ already. Which vector cannot be divided by "
        "its length?",
        "Compute `stable_l2_norm(x)` once. What do you return if it is 0, and which shape must that have?",
    ),
    showed=(
        "A positive factor changes the length and not the direction: x and 1000 x normalise to the same "
        "vector, so the unit of x drops out."
    ),
)

# -- euclidean_distance -------------------------------------------------------------------------


def _difference(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape:
        raise ValueError("a and b differ in shape")
    return a - b


def _squared_distance(a, b):
    return np.sum(_difference(a, b) ** 2)


def _city_block_distance(a, b):
    return np.sum(np.abs(_difference(a, b)))


def _largest_coordinate_difference(a, b):
    return np.max(np.abs(_difference(a, b)), initial=0.0)


def _root_mean_square_difference(a, b):
    return np.sqrt(np.mean(_difference(a, b) ** 2))


def _difference_of_the_lengths(a, b):
    _difference(a, b)
    return abs(norms.l2_norm(a) - norms.l2_norm(b))


def _signed_difference_of_the_lengths(a, b):
    _difference(a, b)
    return norms.stable_l2_norm(a) - norms.stable_l2_norm(b)


def _returns_nothing_for_unlike_shapes(a, b):
    return norms.euclidean_distance(a, b) if np.shape(a) == np.shape(b) else None


def _length_of_the_sum(a, b):
    return norms.l2_norm(_difference(a, -np.asarray(b, dtype=float)))


def _halved_the_squared_distance(a, b):
    return _squared_distance(a, b) / 2


def _squared_the_sum_of_differences(a, b):
    return np.sqrt(np.sum(_difference(a, b)) ** 2)


def _expanded_the_square(a, b):
    _difference(a, b)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.sqrt(max(a @ a - 2 * (a @ b) + b @ b, 0.0))


def _broadcasts_unlike_shapes(a, b):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return np.sqrt(np.sum((a - b) ** 2))


def _compares_lengths_only(a, b):
    if len(a) != len(b):
        raise ValueError("a and b differ in length")
    return _broadcasts_unlike_shapes(a, b)


def _stops_at_the_shorter_one(a, b):
    pairs = zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=False)
    return sum((float(x) - float(y)) ** 2 for x, y in pairs) ** 0.5


def _unsigned_differences_wrap_around(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("a and b differ in shape")
    return norms.l2_norm(a - b)


def _unsigned_squares_wrap_around(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        raise ValueError("a and b differ in shape")
    return np.sqrt(np.sum((a - b) ** 2))


def _draw_two_points(rng):
    a = vector(rng)
    return a, rng.normal(scale=10, size=a.size).round(1)


EUCLIDEAN_DISTANCE = Exercise(
    reference=norms.euclidean_distance,
    points=1,
    cases=(
        Case("3 to the right and 4 up", (floats(1, 1), floats(4, 5)), 5.0),
        Case("the same point twice", (floats(2, 3), floats(2, 3)), 0.0),
        Case("opposite points", (floats(3, -4), floats(-3, 4)), 10.0),
        Case("three dimensions", (floats(1, 2, 3), floats(3, -1, 9)), 7.0),
        Case("near each other and far from the origin", (floats(1e8, 1), floats(1e8, 4)), 3.0),
        Case("two numbers against three", (floats(1, 2), floats(1, 2, 3)), ValueError),
        Case("one number against three", (floats(1), floats(1, 2, 3)), ValueError),
        Case("a vector against a column", (floats(1, 2), np.array([[1.0], [2.0]])), ValueError),
        Case("lists of integers", ([0, 0], [6, 8]), 10.0),
        Case("unsigned 8-bit integers, as in images", (uint8(10, 250), uint8(13, 246)), 5.0),
        Case("far apart in 8 bits", (uint8(0, 0), uint8(28, 96)), 100.0),
        Case("two empty vectors", (floats(), floats()), 0.0),
    ),
    draw=_draw_two_points,
    misconceptions=(
        Misconception(
            _squared_distance,
            "You returned the squared distance. Take its square root.",
        ),
        Misconception(
            _city_block_distance,
            "You added the absolute differences: the way along a street grid (L1). For the straight "
            "line, take the L2 norm of the difference.",
        ),
        Misconception(
            _largest_coordinate_difference,
            "You took the largest difference of one coordinate (the max norm). Take the L2 norm of the "
            "difference.",
        ),
        Misconception(
            _root_mean_square_difference,
            "You averaged the squared differences. A distance adds them: do not divide by their number.",
        ),
        Misconception(
            _difference_of_the_lengths,
            "You compared the lengths of the two vectors. Two points can be equally far from the origin "
            "and far from each other: subtract first, and take the norm of the difference.",
        ),
        Misconception(
            _signed_difference_of_the_lengths,
            "You subtracted one length from the other. Two points can be equally far from the origin and "
            "far from each other: subtract the vectors first, and take the norm of the difference.",
        ),
        Misconception(
            _length_of_the_sum,
            "You added the vectors. Subtract one from the other: a point is at distance 0 from itself.",
        ),
        Misconception(
            _halved_the_squared_distance,
            "You halved the squared distance: `** 1 / 2` raises to the power 1 and then halves. Take the "
            "root.",
        ),
        Misconception(
            _squared_the_sum_of_differences,
            "You added the differences before squaring, so that they cancel. Square each one first.",
        ),
        Misconception(
            _expanded_the_square,
            "‖a‖² − 2 a·b + ‖b‖² subtracts large numbers that are nearly equal, and the digits that matter "
            "get lost. Subtract the points first, and take the norm of the difference.",
        ),
        Misconception(
            _broadcasts_unlike_shapes,
            "NumPy stretches (broadcasts) unlike shapes, and a number comes out that means nothing. Compare "
            "`a.shape` with `b.shape` first and raise a `ValueError`.",
        ),
        Misconception(
            _compares_lengths_only,
            "You compare the lengths only, and a column of the same length goes through. Compare "
            "`a.shape` with `b.shape`.",
        ),
        Misconception(
            _stops_at_the_shorter_one,
            "Only as many entries as the shorter vector has were compared (`zip` does that, or a loop over "
            "one of them), and the rest ignored. Compare the shapes first and raise a `ValueError`.",
        ),
        Misconception(
            _unsigned_differences_wrap_around,
            "Unsigned integers know no negative numbers (in 8 bits, 10 - 13 is 253). Turn both arguments "
            "into floats first, `np.asarray(a, dtype=float)`, which takes lists as well.",
        ),
        Misconception(
            _unsigned_squares_wrap_around,
            "Right for arrays of floats. But narrow integers wrap around when they are subtracted or "
            "squared, and a list is no array: turn both into floats first.",
        ),
        Misconception(
            _returns_nothing_for_unlike_shapes,
            "For unlike shapes something is returned, which a caller may overlook. Raise a `ValueError` "
            "instead.",
        ),
    ),
    hints=(
        "Which vector leads from `a` to `b`? The distance is its length.",
        "The formula is ‖a − b‖₂. Before you subtract, ask what NumPy does with shapes (1,) and (3,).",
        "Turn both into arrays of floats and compare their `shape` before you subtract. What is left is a "
        "length, for which you have a function.",
    ),
    showed=(
        "Where shapes differ, NumPy may broadcast and return a number that looks like a distance: a "
        "`ValueError` is worth more than a plausible wrong result."
    ),
)

# -- pairwise_distances -------------------------------------------------------------------------


def _squared_distances(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    return np.sum(X**2, axis=1)[:, None] - 2 * X @ Y.T + np.sum(Y**2, axis=1)


def _forgot_the_roots(X, Y):
    return np.maximum(_squared_distances(X, Y), 0)


def _not_clamped(X, Y):
    with np.errstate(all="ignore"):
        return np.sqrt(_squared_distances(X, Y))


def _rows_and_columns_exchanged(X, Y):
    return norms.pairwise_distances(Y, X)


def _forgot_the_factor_2(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    squared = np.sum(X**2, axis=1)[:, None] - X @ Y.T + np.sum(Y**2, axis=1)
    return np.sqrt(np.maximum(squared, 0))


def _plus_instead_of_minus(X, Y):
    return norms.pairwise_distances(X, -np.asarray(Y, dtype=float))


def _forgot_to_square_the_norms(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    lengths = np.sqrt(np.sum(X**2, axis=1))[:, None] + np.sqrt(np.sum(Y**2, axis=1))
    return np.sqrt(np.maximum(lengths - 2 * X @ Y.T, 0))


def _inner_products_only(X, Y):
    return np.asarray(X, dtype=float) @ np.asarray(Y, dtype=float).T


def _distances_within_x(X, Y):
    return norms.pairwise_distances(X, X)


def _row_by_row_only(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    return np.sqrt(np.sum((X - Y) ** 2, axis=1))


def _city_block_distances(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    return np.sum(np.abs(X[:, None, :] - Y), axis=2)


def _norms_along_the_wrong_axes(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    squared = np.sum(X**2, axis=1) - 2 * X @ Y.T + np.sum(Y**2, axis=1)[:, None]
    return np.sqrt(np.maximum(squared, 0))


def _forgot_to_make_a_column(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    squared = np.sum(X**2, axis=1) - 2 * X @ Y.T + np.sum(Y**2, axis=1)
    return np.sqrt(np.maximum(squared, 0))


def _forgot_the_transpose(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    squared = np.sum(X**2, axis=1)[:, None] - 2 * X @ Y + np.sum(Y**2, axis=1)
    return np.sqrt(np.maximum(squared, 0))


def _took_one_maximum(X, Y):
    return np.sqrt(np.max(_squared_distances(X, Y), 0))


def _summed_the_columns(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    squared = np.sum(X**2, axis=0)[:, None] - 2 * X @ Y.T + np.sum(Y**2, axis=0)
    return np.sqrt(np.maximum(squared, 0))


def _summed_the_whole_matrix(X, Y):
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    return np.sqrt(np.maximum(np.sum(X**2) - 2 * X @ Y.T + np.sum(Y**2), 0))


def _draw_two_sets(rng):
    """Two sets of points; every other time large ones, with many rows that are equal or nearly so.

    Those lie far from the origin, where rounding makes some squared distances negative.
    """
    large = rng.random() < 0.5
    n, m, d = rng.integers(8, 12, size=3) if large else rng.integers(2, 5, size=3)
    n += n == m  # unlike, so that rows and columns cannot be confused
    X = rng.normal(scale=10, size=(n, d)).round(1) + 1000 * large
    Y = rng.normal(scale=10, size=(m, d)).round(1)
    copies = m if large else m // 2
    Y[:copies] = X[rng.integers(n, size=copies)]
    Y[: copies // 2] *= 1 + 1e-10 * large
    return X, Y


def _rows_of_points(n):
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, 3)), rng.normal(size=(n, 3))


def _distance_tolerance(X, Y):
    """1e-6 of the longest row: what cancellation in the matrix product may leave."""
    longest = max((norms.l2_norm(row) for row in (*np.asarray(X), *np.asarray(Y))), default=0.0)
    return max(1e-6, 1e-6 * longest)


# However the squared distances of these rows are computed, rounding makes some of them negative.
_NEAR_THOUSAND = np.array(
    [[1000.9, 1000.3, 999.9], [1001.1, 996.5, 997.0], [1003.9, 1000.5, 1002.6], [998.2, 1004.1, 1001.0]]
)
_NEARLY_THE_SAME = _NEAR_THOUSAND[1:] + np.array([[1e-8, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])

PAIRWISE_DISTANCES = Exercise(
    reference=norms.pairwise_distances,
    points=3,
    cases=(
        Case(
            "two points against three",
            (np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[0.0, 4.0], [3.0, 4.0], [0.0, 0.0]])),
            np.array([[4.0, 5.0, 0.0], [5.0, 4.0, 3.0]]),
        ),
        Case(
            "one point against two",
            (np.array([[1.0, 1.0]]), np.array([[4.0, 5.0], [1.0, 1.0]])),
            np.array([[5.0, 0.0]]),
        ),
        Case(
            "points on a line (one column)",
            (np.array([[0.0], [2.0], [-1.0]]), np.array([[5.0], [1.0]])),
            np.array([[5.0, 1.0], [3.0, 1.0], [6.0, 2.0]]),
        ),
        Case(
            "rows that are equal, or nearly so, far from the origin",
            (_NEAR_THOUSAND, _NEARLY_THE_SAME),
            np.array(
                [
                    [4.784349486, 4.04103947, 4.789572006],
                    [0.0, 7.429670248, 9.064766958],
                    [7.429670248, 0.0, 6.928924881],
                    [9.064766958, 6.928924881, 0.0],
                ]
            ),
        ),
        Case("lists of integers", ([[0, 0]], [[6, 8], [0, 1]]), np.array([[10.0, 1.0]])),
        Case(
            "unsigned 8-bit integers, as in images",
            (np.array([[10, 250]], dtype=np.uint8), np.array([[13, 246], [110, 250]], dtype=np.uint8)),
            np.array([[5.0, 100.0]]),
        ),
    ),
    draw=_draw_two_sets,
    misconceptions=(
        Misconception(
            _forgot_the_roots,
            "These are the squared distances. Take the square root of each.",
        ),
        Misconception(
            _not_clamped,
            "Rounding leaves some squared distances between equal rows just below zero, and their root "
            "is NaN. Raise them to 0 first: `np.maximum(squared, 0)`.",
        ),
        Misconception(
            _rows_and_columns_exchanged,
            "Rows and columns are exchanged: entry [i, j] should be the distance from row i of X to row "
            "j of Y. Transpose the result, or exchange the roles of X and Y.",
        ),
        Misconception(
            _forgot_the_factor_2,
            "The mixed term has a factor 2: ‖x − y‖² = ‖x‖² − 2 x·y + ‖y‖². Put it in.",
        ),
        Misconception(
            _plus_instead_of_minus,
            "The mixed term has the wrong sign: this is ‖x + y‖. Subtract 2 x·y.",
        ),
        Misconception(
            _forgot_to_square_the_norms,
            "You put the norms of the rows into the formula; it needs their squares. Leave out the root "
            "there.",
        ),
        Misconception(
            _inner_products_only,
            "These are the inner products of the rows. Combine them with the squared norms: "
            "‖x‖² − 2 x·y + ‖y‖².",
        ),
        Misconception(
            _distances_within_x,
            "These are the distances between the rows of X; Y plays no part. Compare each row of X with "
            "each row of Y.",
        ),
        Misconception(
            _row_by_row_only,
            "You compared row i of X with row i of Y only. Compare each with each: the result has one "
            "row per row of X and one column per row of Y.",
        ),
        Misconception(
            _city_block_distances,
            "These are L1 distances. Square the differences, add, and take the root.",
        ),
        Misconception(
            _forgot_to_make_a_column,
            "The squared norms of X have shape (n,), and NumPy lays them along the rows of the (n, m) "
            "matrix, where they do not fit. Make them a column first: `[:, np.newaxis]`.",
        ),
        Misconception(
            _forgot_the_transpose,
            "`X @ Y` multiplies rows of X with columns of Y. You want rows with rows: transpose Y.",
        ),
        Misconception(
            _took_one_maximum,
            "`np.max` with an axis takes the largest entry of each column. You want each entry compared "
            "with 0: `np.maximum`.",
        ),
        Misconception(
            _summed_the_columns,
            "You added the squares down the columns (`axis=0`), one number per coordinate. Add along each "
            "row, `axis=1`: one number per point.",
        ),
        Misconception(
            _summed_the_whole_matrix,
            "You squared and added whole matrices, which gives one number instead of one per row. Add "
            "along each row: `axis=1`.",
        ),
        Misconception(
            _norms_along_the_wrong_axes,
            "The squared norms stand along the wrong axes. Those of X belong to the rows of the result: "
            "make them a column, `[:, np.newaxis]`.",
        ),
    ),
    hints=(
        "Expand the square as in school: (x − y)² = x² − 2xy + y². With vectors, xy becomes x·y. Which "
        "matrix holds all the inner products?",
        "squared[i, j] = ‖xᵢ‖² − 2 xᵢ·yⱼ + ‖yⱼ‖²; `X @ Y.T` holds every xᵢ·yⱼ at once. The norms of X "
        "vary down the rows, those of Y along the columns.",
        "Squared norms: `np.sum(X**2, axis=1)`, shape (n,). Make those of X a column with "
        "`[:, np.newaxis]`, so that (n, 1), (n, m) and (m,) broadcast. Rounding can leave a tiny "
        "negative number: raise it to 0 before the root.",
    ),
    showed=(
        "Near 0 a root magnifies rounding: between equal rows a squared distance that is off by 1e-14 "
        "becomes a distance of 1e-7, where a loop finds exactly 0."
    ),
    rtol=1e-6,
    atol=_distance_tolerance,
    rows=_rows_of_points,
)

# -- frobenius_norm -----------------------------------------------------------------------------


def _largest_singular_value(A):
    A = np.asarray(A, dtype=float)
    return np.linalg.norm(A, 2) if A.size else 0.0


def _one_norm_per_column(A):
    return np.sqrt(np.sum(np.square(np.asarray(A, dtype=float)), axis=0))


def _one_norm_per_row(A):
    return np.sqrt(np.sum(np.square(np.asarray(A, dtype=float)), axis=1))


def _sum_of_absolute_entries(A):
    return np.sum(np.abs(np.asarray(A, dtype=float)))


def _sum_of_the_row_norms(A):
    return np.sum(_one_norm_per_row(A))


def _sum_of_the_column_norms(A):
    return np.sum(_one_norm_per_column(A))


def _sum_of_singular_values(A):
    return np.sum(np.linalg.svd(np.asarray(A, dtype=float), compute_uv=False))


def _largest_row_sum(A):
    return np.max(np.sum(np.abs(np.asarray(A, dtype=float)), axis=1))


def _largest_column_sum(A):
    return np.max(np.sum(np.abs(np.asarray(A, dtype=float)), axis=0))


def _trace_without_transpose(A):
    A = np.asarray(A, dtype=float)
    return np.sqrt(np.trace(A @ A))


def _summed_the_matrix_product(A):
    A = np.asarray(A, dtype=float)
    with np.errstate(all="ignore"):
        return np.sqrt(np.sum(A.T @ A))


def _absolute_value_of_the_total(A):
    return np.abs(np.sum(np.asarray(A, dtype=float)))


def _largest_entry_of_the_matrix(A):
    return np.max(np.abs(np.asarray(A, dtype=float)))


def _diagonal_only(A):
    return np.sqrt(np.sum(np.square(np.diag(np.asarray(A, dtype=float)))))


FROBENIUS_NORM = Exercise(
    reference=norms.frobenius_norm,
    points=1,
    cases=(
        Case("a square matrix", (np.array([[2.0, -1.0], [2.0, 4.0]]),), 5.0),
        Case("a wide matrix", (np.array([[1.0, -2.0, 2.0], [0.0, 4.0, 0.0]]),), 5.0),
        Case("a single row", (np.array([[3.0, -4.0]]),), 5.0),
        Case("a single column", (np.array([[3.0], [-4.0]]),), 5.0),
        Case("a diagonal matrix", (np.array([[3.0, 0.0], [0.0, 4.0]]),), 5.0),
        Case("a matrix whose square is 0", (np.array([[0.0, 5.0], [0.0, 0.0]]),), 5.0),
        Case("the zero matrix", (np.zeros((2, 3)),), 0.0),
        Case("a list of lists", ([[1, 2], [2, 4]],), 5.0),
        Case(
            "8-bit integers, whose squares do not fit",
            (np.array([[96, 0], [0, -28]], dtype=np.int8),),
            100.0,
        ),
    ),
    draw=lambda rng: (matrix(rng),),
    misconceptions=(
        Misconception(
            _forgot_the_root,
            "You returned the sum of the squares. Take its square root.",
        ),
        Misconception(
            _largest_singular_value,
            "This is the spectral norm (`ord=2` of `np.linalg.norm`), the largest singular value. For the "
            "Frobenius norm, take the root of the sum of all squared entries.",
        ),
        Misconception(
            _one_norm_per_column,
            "You got one norm per column. Let the sum run over the whole matrix: `np.sum` without an "
            "`axis`. (Python's own `sum` adds row to row.)",
        ),
        Misconception(
            _one_norm_per_row,
            "You got one norm per row. Let the sum run over the whole matrix: `np.sum` without an `axis`.",
        ),
        Misconception(
            _sum_of_absolute_entries,
            "You added the absolute values of the entries. Square them, add, and take the root.",
        ),
        Misconception(
            _sum_of_the_row_norms,
            "You added the lengths of the rows. Add the squares of all entries first, and take one root "
            "at the end.",
        ),
        Misconception(
            _sum_of_the_column_norms,
            "You added the lengths of the columns. Add the squares of all entries first, and take one "
            "root at the end.",
        ),
        Misconception(
            _sum_of_singular_values,
            "You added the singular values (the nuclear norm). The Frobenius norm is the root of the sum "
            "of their squares, or of the squared entries: compute the latter.",
        ),
        Misconception(
            _largest_row_sum,
            "You took the largest row sum (`ord=inf` of `np.linalg.norm`). Square all entries, add, and "
            "take the root.",
        ),
        Misconception(
            _largest_column_sum,
            "You took the largest column sum (`ord=1` of `np.linalg.norm`). Square all entries, add, and "
            "take the root.",
        ),
        Misconception(
            _trace_without_transpose,
            "The trace needs a transpose: ‖A‖² is the trace of AᵀA, not of AA. Write `A.T @ A`, or square "
            "the entries.",
        ),
        Misconception(
            _root_of_the_mean_square,
            "You averaged the squared entries. A norm adds them: do not divide by their number.",
        ),
        Misconception(
            _halved_instead_of_rooted,
            "You halved the sum of the squares: `** 1 / 2` raises to the power 1 and then halves. Take the "
            "root.",
        ),
        Misconception(
            _summed_the_matrix_product,
            "You added all entries of AᵀA, but only its diagonal holds the squares: the squared norm is its"
            " trace. Take the trace, or square the entries of A with `A**2`.",
        ),
        Misconception(
            _absolute_value_of_the_total,
            "You added the entries before squaring, so that they cancel. Square each entry first.",
        ),
        Misconception(
            _largest_entry_of_the_matrix,
            "You took the largest absolute value. Square all entries, add, and take the root.",
        ),
        Misconception(
            _diagonal_only,
            "You used the diagonal only. Square and add every entry.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _l2_wrapped_around),
            "Right for arrays of floats. But squares of narrow integers wrap around, and a list is "
            "no array: turn the argument into floats first, `np.asarray(A, dtype=float)`.",
        ),
    ),
    hints=(
        "Lay the rows of the matrix end to end. What is the length of that one long vector?",
        "The formula is √(Σᵢ Σⱼ aᵢⱼ²): square every entry, add them all, take one root.",
        "`np.sum` without an `axis` adds the entries of the whole matrix.",
    ),
    showed=(
        "The Frobenius norm knows nothing of rows and columns: shuffle the entries of a matrix, and it stays "
        "what it was."
    ),
    atol=0.0,
)

# -- spectral_norm ------------------------------------------------------------------------------


def _largest_eigenvalue(A, n_steps=500):
    return np.max(np.abs(np.linalg.eigvals(np.asarray(A, dtype=float))), initial=0.0)


def _forgot_the_last_root(A, n_steps=500):
    return _largest_singular_value(A) ** 2


def _frobenius_instead(A, n_steps=500):
    return norms.frobenius_norm(A)


def _power_iteration(A, start, n_steps=500, normalized=True):
    A = np.asarray(A, dtype=float)
    v = np.asarray(start(A.shape[1]), dtype=float)
    with np.errstate(all="ignore"):
        for _ in range(n_steps):
            v = A.T @ (A @ v)
            length = np.sqrt(v @ v)
            if length == 0:
                return 0.0
            v = v / length if normalized else v
        return np.sqrt(np.sum((A @ v) ** 2)) / np.sqrt(v @ v)


def _starts_from_all_ones(A, n_steps=500):
    return _power_iteration(A, np.ones, n_steps)


def _starts_from_the_first_axis(A, n_steps=500):
    return _power_iteration(A, lambda n: np.eye(n)[0], n_steps)


def _normalises_before_the_step(A, n_steps=500):
    return _largest_singular_value(A) ** 3


def _starts_from_counting(A, n_steps=500):
    return _power_iteration(A, lambda n: np.arange(1, n + 1), n_steps)


def _starts_from_the_sum_of_the_rows(A, n_steps=500):
    return _power_iteration(A, lambda n: np.sum(np.asarray(A, dtype=float), axis=0), n_steps)


def _sum_of_all_singular_values(A, n_steps=500):
    return _sum_of_singular_values(A)


def _divides_by_the_length_zero(A, n_steps=500):
    if not np.any(A):
        return 0.0 / sum(abs(float(v)) for v in np.ravel(A))
    return _largest_singular_value(A)


def _small_matrix_counts_as_zero(A, n_steps=500):
    largest = _largest_singular_value(A)
    return largest if largest**2 > 1e-12 else 0.0


def _never_normalises(A, n_steps=500):
    return _power_iteration(A, np.random.default_rng(0).normal, n_steps, normalized=False)


def _never_normalises_the_vector(A, n_steps=500):
    A = np.asarray(A, dtype=float)
    v = np.random.default_rng(0).normal(size=A.shape[1])
    with np.errstate(all="ignore"):
        for _ in range(n_steps):
            v = A.T @ (A @ v)
        return np.sqrt(np.sum((A @ v) ** 2))


def _starts_with_the_wrong_length(A, n_steps=500):
    A = np.asarray(A, dtype=float)
    return _power_iteration(A, lambda n: np.random.default_rng(0).normal(size=A.shape[0]), n_steps)


def _stops_after_ten_steps(A, n_steps=500):
    return _power_iteration(A, lambda n: np.random.default_rng(0).normal(size=n), 10)


def _zero_matrix_becomes_nan(A, n_steps=500):
    if not np.any(A):
        return np.nan
    return _largest_singular_value(A)


def _multiplies_by_the_matrix_only(A, n_steps=500):
    A = np.asarray(A, dtype=float)
    v = np.random.default_rng(0).normal(size=A.shape[1])
    for _ in range(n_steps):
        v = A @ v
        if not np.any(v):
            return 0.0
        v = v / np.sqrt(v @ v)
    return np.sqrt(np.sum((A @ v) ** 2))


def _largest_row_sum_instead(A, n_steps=500):
    return _largest_row_sum(A)


def _largest_column_sum_instead(A, n_steps=500):
    return _largest_column_sum(A)


def _largest_row_length(A, n_steps=500):
    return np.max(_one_norm_per_row(A))


def _largest_column_length(A, n_steps=500):
    return np.max(_one_norm_per_column(A))


def _largest_absolute_entry(A, n_steps=500):
    return np.max(np.abs(np.asarray(A, dtype=float)))


def _smallest_singular_value(A, n_steps=500):
    return np.linalg.svd(np.asarray(A, dtype=float), compute_uv=False)[-1]


def _draw_matrix_with_a_gap(rng):
    """A matrix whose second singular value is at most 0.9 times the first."""
    while True:
        A = matrix(rng) * 10.0 ** rng.integers(-2, 3)
        singular = np.linalg.svd(A, compute_uv=False)
        if singular[0] > 0 and singular[1] <= 0.9 * singular[0]:
            return (A,)


# All ones, and the first axis, are orthogonal to the singular vector that is wanted. Powers of two,
# so that no rounding error ever leads such a start out of its plane.
_ORTHOGONAL_TO_ONES = np.array([[4.0, -4.0], [1.0, 1.0]])
_LONG_ROW = np.array([[1.2, 0.0], [0.0, 1.0], [0.0, 1.0]])
_ORTHOGONAL_TO_COUNTING = np.array([[8.0, -4.0], [1.0, 2.0]])
_ORTHOGONAL_TO_FIRST_AXIS = np.array([[1.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 2.0]])
_CLOSE_PAIR = np.diag([1.0, 0.95, 0.2])

SPECTRAL_NORM = Exercise(
    reference=norms.spectral_norm,
    points=3,
    cases=(
        Case("a diagonal matrix", (np.array([[3.0, 0.0], [0.0, -4.0]]),), 4.0),
        Case("a matrix whose eigenvalues are 0", (np.array([[0.0, 5.0], [0.0, 0.0]]),), 5.0),
        Case("a wide matrix", (np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0]]),), 5.0),
        Case("a single column", (np.array([[3.0], [-4.0]]),), 5.0),
        Case("a single row", (np.array([[3.0, -4.0]]),), 5.0),
        Case("a matrix whose rows are parallel", (np.array([[1.0, 2.0], [2.0, 4.0]]),), 5.0),
        Case("all ones is perpendicular to the answer", (_ORTHOGONAL_TO_ONES,), 5.656854249492381),
        Case("the first axis is perpendicular to the answer", (_ORTHOGONAL_TO_FIRST_AXIS,), 3.0),
        Case("1, 2 is perpendicular to the answer", (_ORTHOGONAL_TO_COUNTING,), 80**0.5),
        Case("the rows add up to zero", (np.array([[3.0, 4.0], [-3.0, -4.0]]),), 50**0.5),
        Case("two singular values 5 % apart", (_CLOSE_PAIR,), 1.0),
        Case("small entries", (np.array([[3e-9, 0.0], [4e-9, 5e-9]]),), 45**0.5 * 1e-9),
        Case("the longest row is perpendicular to the answer", (_LONG_ROW,), 2**0.5),
        Case("the longest column is not stretched most", (_LONG_ROW.T,), 2**0.5),
        Case("2, 1 is perpendicular to the answer", (np.array([[4.0, -8.0], [2.0, 1.0]]),), 80**0.5),
        Case("1, -1 is perpendicular to the answer", (np.array([[4.0, 4.0], [-1.0, 1.0]]),), 32**0.5),
        Case("the zero matrix", (np.zeros((2, 3)),), 0.0),
        Case("large entries", (np.array([[3e6, 0.0], [4e6, 0.0]]),), 5e6),
        Case("a list of lists", ([[1, 2], [2, 4]],), 5.0),
        Case("8-bit integers", (np.array([[60, 80], [0, 0]], dtype=np.int8),), 100.0),
        Case("1,000 steps", (np.array([[3.0, 0.0], [0.0, -4.0]]), 1000), 4.0),
    ),
    draw=_draw_matrix_with_a_gap,
    misconceptions=(
        Misconception(
            _largest_eigenvalue,
            "You took the largest eigenvalue of A. That is not how much A can stretch a vector: "
            "[[0, 5], [0, 0]] has only zeros. Iterate with `A.T @ A`, and take the root.",
        ),
        Misconception(
            _forgot_the_last_root,
            "You returned the largest eigenvalue of AᵀA, which is the squared singular value. Take its root.",
        ),
        Misconception(
            _frobenius_instead,
            "This is the Frobenius norm, which counts every singular value. Return the largest one only.",
        ),
        Misconception(
            _starts_from_all_ones,
            "Right for most matrices, but your start, all ones, can be perpendicular to the answer, and the "
            "iteration never leaves that plane. Start from a random vector: "
            "`np.random.default_rng(0).normal(size=n)`.",
        ),
        Misconception(
            _starts_from_the_first_axis,
            "Right for many matrices, but your start, an axis or a row, can be perpendicular to the answer, "
            "and the iteration never finds it. Start from a random vector: "
            "`np.random.default_rng(0).normal(size=n)`.",
        ),
        Misconception(
            _normalises_before_the_step,
            "The vector has not length 1 when the loop ends, so that the result is a power of the answer. "
            "Divide by the length after each multiplication, as the last thing in the loop.",
        ),
        Misconception(
            _starts_from_counting,
            "Right for most matrices, but your start, 1, 2, 3, …, can be perpendicular to the answer, and "
            "the iteration never finds it. Start from a random vector: "
            "`np.random.default_rng(0).normal(size=n)`.",
        ),
        Misconception(
            _starts_from_the_sum_of_the_rows,
            "Right for most matrices, but your start, the sum of the rows, can be zero or perpendicular to "
            "the answer. Start from a random vector: `np.random.default_rng(0).normal(size=n)`.",
        ),
        Misconception(
            _sum_of_all_singular_values,
            "You added the singular values (the nuclear norm). Return the largest one.",
        ),
        Misconception(
            _divides_by_the_length_zero,
            "The zero matrix sends every vector to 0, and dividing by its length is an error. Return 0.0 "
            "there.",
        ),
        Misconception(
            _small_matrix_counts_as_zero,
            "A matrix with small entries is not the zero matrix, but came out as 0: a length below some "
            "bound counted as 0, or a small number was added to it. Compare with 0 itself.",
        ),
        Misconception(
            _never_normalises,
            "The vector grows or shrinks with every step until it leaves the range of a float. Divide it "
            "by its length in each step.",
        ),
        Misconception(
            _never_normalises_the_vector,
            "The vector is never divided by its length, so that it grows or shrinks with every step until "
            "it leaves the range of a float. Divide by the length in each step.",
        ),
        Misconception(
            _starts_with_the_wrong_length,
            "The start has as many entries as A has rows, but A multiplies vectors with one entry per "
            "column. Make the start `A.shape[1]` long.",
        ),
        Misconception(
            _stops_after_ten_steps,
            "The iteration has not converged: where two singular values are close, it needs hundreds of "
            "steps. Run all `n_steps`.",
        ),
        Misconception(
            _zero_matrix_becomes_nan,
            "The zero matrix sends every vector to 0, and 0 / 0 is NaN. Return 0.0 there.",
        ),
        Misconception(
            _multiplies_by_the_matrix_only,
            "You multiply by A alone, which looks for eigenvalues and needs a square matrix. Multiply "
            "by `A` and then by `A.T` in each step.",
        ),
        Misconception(
            _largest_row_sum_instead,
            "This is the largest row sum (`ord=inf` of `np.linalg.norm`). Iterate with `A.T @ A` to find "
            "the largest singular value.",
        ),
        Misconception(
            _largest_column_sum_instead,
            "This is the largest column sum (`ord=1` of `np.linalg.norm`). Iterate with `A.T @ A` to "
            "find the largest singular value.",
        ),
        Misconception(
            _largest_row_length,
            "This is the length of the longest row. A can stretch a vector by more than that: iterate "
            "with `A.T @ A`.",
        ),
        Misconception(
            _largest_column_length,
            "This is the length of the longest column: how much A stretches an axis. Some other direction "
            "may be stretched more: iterate with `A.T @ A`.",
        ),
        Misconception(
            _largest_absolute_entry,
            "This is the largest entry. A can stretch a vector by more than that: iterate with `A.T @ A`.",
        ),
        Misconception(
            _smallest_singular_value,
            "This is the smallest singular value. Return the largest: how much A stretches a vector at "
            "the most.",
        ),
    ),
    hints=(
        "Apply A to a vector of length 1: how long does it become at the most? Applying AᵀA again and "
        "again turns any vector towards the direction that is stretched most.",
        "One step: v ← AᵀAv, then v ← v / ‖v‖. After enough steps ‖Av‖ is the largest singular value. "
        "Which start has no reason to be perpendicular to the answer?",
        "Begin with random numbers, one per column of A, and repeat the two assignments `n_steps` times. "
        "What would the zero matrix do to the division?",
    ),
    showed=(
        "Nobody has to try every direction: products with A and Aᵀ, again and again from a random start, "
        "find the one that is stretched most."
    ),
    rtol=1e-6,
    atol=0.0,
    n_drawn=8,
)

EXERCISES = (
    L1_NORM,
    L2_NORM,
    MAX_NORM,
    P_NORM,
    STABLE_L2_NORM,
    NORMALIZE,
    EUCLIDEAN_DISTANCE,
    PAIRWISE_DISTANCES,
    FROBENIUS_NORM,
    SPECTRAL_NORM,
)
