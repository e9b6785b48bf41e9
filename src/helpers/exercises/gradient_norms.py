"""Exercises of lesson 02: gradients of norms, gradient checks, norms of gradients, step sizes."""

import numpy as np

from helpers import functions, gradient_norms, norms
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import draw_vector, floats, int8, matrix, named, uint8, vector


def _array(x):
    return np.asarray(x, dtype=float)


def _length(x):
    return np.sqrt(np.sum(np.square(_array(x))))


# -- squared_l2_norm_gradient ---------------------------------------------------------------------


def _forgot_the_factor_2(x):
    return 1.0 * _array(x)


def _the_squares_themselves(x):
    return np.square(_array(x))


def _the_squared_norm_itself(x):
    return np.sum(np.square(_array(x)))


def _the_direction_only(x):
    with np.errstate(all="ignore"):
        return np.nan_to_num(_array(x) / _length(x))


def _added_up_the_partial_derivatives(x):
    return 2 * np.sum(_array(x))


def _twice_the_length(x):
    return 2 * _length(x)


def _lost_the_sign(x):
    return 2 * np.abs(_array(x))


def _points_downhill(x):
    return -2 * _array(x)


def _halved_instead_of_doubled(x):
    return _array(x) / 2


def _twice_the_squares(x):
    return 2 * np.square(_array(x))


def _multiplied_by_the_length(x):
    return 2 * _array(x) * _length(x)


def _averaged_over_the_entries(x):
    return 2 * _array(x) / max(np.size(x), 1)


def _twice_the_signs(x):
    return 2 * np.sign(_array(x))


def _made_a_vector_of_it(x):
    return 2 * _array(x).ravel()


def _gradient_per_row(x):
    return 2 * np.sum(_array(x), axis=-1)


def _twice_the_direction(x):
    with np.errstate(all="ignore"):
        return np.nan_to_num(2 * _array(x) / _length(x))


def _loops_over_the_entries(x):
    return np.array([2 * float(v) if np.ndim(v) == 0 else 2 * _array(v) for v in x])


def _doubled_without_floats(x):
    return x * 2


def _draw_any_shape(rng):
    kind = rng.integers(4)
    return (rng.normal(scale=5, size=()).round(1) if kind == 3 else [vector, matrix, vector][kind](rng),)


SQUARED_L2_NORM_GRADIENT = Exercise(
    reference=gradient_norms.squared_l2_norm_gradient,
    points=1,
    cases=(
        Case("two entries", (floats(3, -4),), floats(6, -8)),
        Case("three entries, one of them zero", (floats(-0.5, 0, 7),), floats(-1, 0, 14)),
        Case("entries smaller than 1", (floats(0.25, -0.125),), floats(0.5, -0.25)),
        Case("the zero vector: the bottom is flat", (floats(0, 0),), floats(0, 0)),
        Case("the empty vector", (floats(),), floats()),
        Case(
            "a matrix",
            (np.array([[1.0, -2.0, 3.0], [0.0, 0.5, -4.0]]),),
            np.array([[2.0, -4.0, 6.0], [0.0, 1.0, -8.0]]),
        ),
        Case("a single number", (np.array(-3.0),), -6.0),
        Case("a list of integers", ([3, -4, 0],), floats(6, -8, 0)),
        Case("8-bit integers, whose doubles do not fit", (int8(100, -100),), floats(200, -200)),
    ),
    draw=_draw_any_shape,
    misconceptions=(
        Misconception(
            _forgot_the_factor_2,
            "You returned x itself. The derivative of x² is 2x, not x (that belongs to ½x²): multiply by 2.",
        ),
        Misconception(
            _the_squares_themselves,
            "You squared the entries, which is what the norm adds up. Take the derivative of each square.",
        ),
        Misconception(
            _the_squared_norm_itself,
            "You returned the squared norm, one number. The gradient has one derivative for each entry: "
            "return an array of the shape of x.",
        ),
        Misconception(
            _the_direction_only,
            "You divided by the length, which belongs to the gradient of the norm without the square. "
            "Differentiate each square instead.",
        ),
        Misconception(
            _added_up_the_partial_derivatives,
            "You added up the derivatives. A gradient keeps them apart, one for each entry: leave out the "
            "sum.",
        ),
        Misconception(
            _twice_the_length,
            "You returned one number, twice the length: that is how long the gradient is. Return the "
            "derivative for each entry.",
        ),
        Misconception(
            _lost_the_sign,
            "Negative entries came out positive. Where an entry is negative, the square falls as the entry "
            "grows: keep the sign.",
        ),
        Misconception(
            _points_downhill,
            "Each sign is wrong: a gradient points uphill, and a minus comes only with the step of a "
            "descent. Take the minus away.",
        ),
        Misconception(
            _halved_instead_of_doubled,
            "You divided by 2. The exponent 2 comes down as a factor: multiply by it.",
        ),
        Misconception(
            _twice_the_squares,
            "You put the factor 2 in front and kept the square. Differentiating lowers the exponent by one: "
            "from 2 to 1.",
        ),
        Misconception(
            _multiplied_by_the_length,
            "You multiplied by the length as well. The other entries have no part in the derivative of "
            "one square: multiply by 2 only.",
        ),
        Misconception(
            _averaged_over_the_entries,
            "You divided by the number of entries. The squared norm is a sum, not a mean: leave the division "
            "out.",
        ),
        Misconception(
            _twice_the_signs,
            "You doubled the signs. The slope of a square depends on how far from 0 you are: double the "
            "entries.",
        ),
        Misconception(
            _twice_the_direction,
            "You divided by the length, which belongs to the norm without the square. Leave the division "
            "out.",
        ),
        Misconception(
            _loops_over_the_entries,
            "Right unless x is a single number, which no loop can run over. NumPy multiplies arrays of any "
            "shape: leave the loop out.",
        ),
        Misconception(
            _made_a_vector_of_it,
            "The values are right, but the shape got lost: the gradient has the shape of x. Do not flatten.",
        ),
        Misconception(
            _gradient_per_row,
            "You added along the last axis. Every entry has its own derivative: leave out the sum.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _doubled_without_floats),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, 2 · 100 is -56), and "
            "twice a list is the list twice over: turn the argument into floats first, `np.asarray(x, "
            "dtype=float)`.",
        ),
    ),
    hints=(
        "Only one of the squares changes when a single entry moves. How fast does it change?",
        "The derivative of x₁² + x₂² + … + xₙ² with respect to x₂ is 2x₂. Do it for every entry at once.",
        "Turn the argument into an array of floats; then one line does it, without a loop.",
    ),
    showed=(
        "Each entry has a slope of its own, twice the entry, whatever the others are: at 0.01 it is a "
        "hundredth of what it is at 1."
    ),
    atol=0.0,
)

# -- l2_norm_gradient -----------------------------------------------------------------------------


def _zero_becomes_nan(x):
    with np.errstate(all="ignore"):
        x = _array(x)
        return x / norms.stable_l2_norm(x)


def _slope(rule):
    """A gradient of the norm that treats the zero vector well and goes wrong elsewhere."""

    def l2_norm_gradient(x):
        x = _array(x)
        with np.errstate(all="ignore"):
            return rule(x) if np.any(x) else np.zeros_like(x)

    return l2_norm_gradient


def _divides_by_zero_in_plain_python(x):
    length = sum(float(v) ** 2 for v in x) ** 0.5
    return [float(v) / length for v in x]


def _the_norm_itself(x):
    return norms.stable_l2_norm(x)


def _all_ones_at_zero(x):
    x = _array(x)
    return gradient_norms.l2_norm_gradient(x) if np.any(x) else np.ones_like(x)


def _one_number_at_zero(x):
    return gradient_norms.l2_norm_gradient(x) if np.any(x) else 0.0


def _divided_by(change):
    """A gradient of the norm that divides by a length kept away from 0."""

    def l2_norm_gradient(x):
        x = _array(x)
        return x / change(norms.stable_l2_norm(x))

    return l2_norm_gradient


def _tests_the_sum_for_zero(x):
    x = _array(x)
    return np.zeros_like(x) if np.sum(x) == 0 else x / norms.stable_l2_norm(x)


def _one_zero_is_enough(x):
    x = _array(x)
    return x / norms.stable_l2_norm(x) if x.all() and x.size else np.zeros_like(x)


def _short_vectors_count_as_zero(x):
    x = _array(x)
    length = norms.stable_l2_norm(x)
    return x / length if length > 1e-6 else np.zeros_like(x)


def _very_short_vectors_count_as_zero(x):
    x = _array(x)
    length = norms.stable_l2_norm(x)
    return x / length if length > 1e-12 else np.zeros_like(x)


def _refuses_the_zero_vector(x):
    x = _array(x)
    if not np.any(x):
        raise ValueError("no gradient at the zero vector")
    return gradient_norms.l2_norm_gradient(x)


def _gradient_without_floats(x):
    length = np.sqrt(np.sum(x**2))
    return x / length if length else np.zeros(x.shape)


def _kept_the_integers(x):
    gradient = np.zeros_like(x)
    gradient[:] = gradient_norms.l2_norm_gradient(x)
    return gradient


L2_NORM_GRADIENT = Exercise(
    reference=gradient_norms.l2_norm_gradient,
    points=1,
    cases=(
        Case("a vector of length 5", (floats(3, -4),), floats(0.6, -0.8)),
        Case("ten times as long, and just as steep", (floats(30, -40),), floats(0.6, -0.8)),
        Case("a negative entry alone", (floats(-2.5),), floats(-1)),
        Case("a vector of length 0.5", (floats(0.3, -0.4),), floats(0.6, -0.8)),
        Case("entries that add up to 0", (floats(3, -3),), floats(0.5**0.5, -(0.5**0.5))),
        Case("one entry that is 0", (floats(3, 0, -4),), floats(0.6, 0, -0.8)),
        Case("the zero vector has the subgradient 0", (floats(0, 0, 0),), floats(0, 0, 0)),
        Case("a short vector", (floats(3e-9, 4e-9),), floats(0.6, 0.8)),
        Case("a very short vector", (floats(3e-14, -4e-14),), floats(0.6, -0.8)),
        Case("a very long vector", (floats(3e100, -4e100),), floats(0.6, -0.8)),
        Case("a list of integers", ([1, -2, 2, 4],), floats(0.2, -0.4, 0.4, 0.8)),
        Case("an array of integers", (np.array([0, 3, 4]),), floats(0, 0.6, 0.8)),
        Case("8-bit integers, whose squares do not fit", (int8(-96, 28),), floats(-0.96, 0.28)),
    ),
    draw=draw_vector,
    misconceptions=(
        Misconception(
            _zero_becomes_nan,
            "At the zero vector 0 / 0 is NaN. There is no gradient there; return the subgradient 0.",
        ),
        Misconception(
            named("forgot_the_root", _slope(lambda x: x / _length(x) ** 2)),
            "You divided by the squared length. Take the root before you divide.",
        ),
        Misconception(
            named("the_gradient_of_the_square", _slope(lambda x: 2 * x)),
            "This is the gradient of the squared norm. The root on top of it, by the chain rule, divides "
            "by twice the norm: do that.",
        ),
        Misconception(
            named("forgot_the_half_of_the_root", _slope(lambda x: 2 * x / norms.stable_l2_norm(x))),
            "You left a factor 2: the derivative of √s is 1/(2√s), and its 2 cancels the one of the "
            "square. Divide by 2.",
        ),
        Misconception(
            named("forgot_the_inner_derivative", _slope(lambda x: x / (2 * norms.stable_l2_norm(x)))),
            "You lost a factor 2: √s gives 1/(2√s), but the inner derivative of xᵢ² is 2xᵢ. Multiply by it.",
        ),
        Misconception(
            named("forgot_to_multiply_by_x", _slope(lambda x: 1 / (2 * norms.stable_l2_norm(x)))),
            "You differentiated the root and stopped. The chain rule goes on: multiply by the derivative "
            "of what is inside, 2x.",
        ),
        Misconception(
            named("one_over_the_length", _slope(lambda x: np.full_like(x, 1 / norms.stable_l2_norm(x)))),
            "Every entry came out as 1 over the length. Multiply each by its own xᵢ.",
        ),
        Misconception(
            named("one_root_too_many", _slope(lambda x: x / np.sqrt(norms.stable_l2_norm(x)))),
            "You divided by the root of the length, but the length is a root already. In the chain rule, s "
            "is the squared length, and √s the length itself: divide by that.",
        ),
        Misconception(
            named(
                "divided_by_the_root_mean_square",
                _slope(lambda x: x / (norms.stable_l2_norm(x) / np.sqrt(x.size))),
            ),
            "You averaged the squares under the root. A length adds them: divide by `stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_l1_norm", _slope(lambda x: x / np.sum(np.abs(x)))),
            "You divided by the sum of the absolute values. Divide by the Euclidean length: "
            "`stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_max_norm", _slope(lambda x: x / np.max(np.abs(x)))),
            "You divided by the largest absolute value. Divide by the Euclidean length: `stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_sum", _slope(lambda x: x / np.sum(x))),
            "You divided by the sum of the entries. Divide by the length: `stable_l2_norm(x)`.",
        ),
        Misconception(
            named("divided_by_the_size_of_the_sum", _slope(lambda x: x / np.abs(np.sum(x)))),
            "You divided by the absolute value of the sum, in which entries cancel. Divide by the length: "
            "`stable_l2_norm(x)`.",
        ),
        Misconception(
            named("points_downhill", _slope(lambda x: -x / norms.stable_l2_norm(x))),
            "Each sign is wrong: the norm grows away from zero, and a gradient points uphill. Take the "
            "minus away.",
        ),
        Misconception(
            named("lost_the_sign", _slope(lambda x: np.abs(x) / norms.stable_l2_norm(x))),
            "Negative entries came out positive. Divide x itself, not its absolute values.",
        ),
        Misconception(
            named("multiplied_by_the_length", _slope(lambda x: x * norms.stable_l2_norm(x))),
            "You multiplied by the length. Divide by it.",
        ),
        Misconception(
            named("length_over_x", _slope(lambda x: norms.stable_l2_norm(x) / x)),
            "The fraction is upside down: you divided the length by x. Divide x by the length.",
        ),
        Misconception(
            named("signs_only", _slope(np.sign)),
            "These are the signs, the subgradient of the L1 norm. Divide x by its Euclidean length.",
        ),
        Misconception(
            _the_norm_itself,
            "You returned the norm, one number. The gradient has one derivative for each entry.",
        ),
        Misconception(
            _divides_by_zero_in_plain_python,
            "The length of the zero vector is 0, and Python does not divide by it. Return zeros where the "
            "length is 0.",
        ),
        Misconception(
            _all_ones_at_zero,
            "At the zero vector you returned a vector that is longer than 1, which is no subgradient. "
            "Return 0.",
        ),
        Misconception(
            _one_number_at_zero,
            "At the zero vector you returned one number. Return one zero for each entry, `np.zeros_like(x)`.",
        ),
        Misconception(
            _refuses_the_zero_vector,
            "You raise an exception at the zero vector. There is no gradient, but a subgradient that the "
            "contract asks for: return 0 for each entry.",
        ),
        Misconception(
            named("epsilon_in_the_length", _divided_by(lambda length: length + 1e-8)),
            "A small number, such as 1e-8, was added to the length, so that short vectors come out too "
            "short. Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            named("smaller_epsilon_in_the_length", _divided_by(lambda length: length + 1e-10)),
            "A small number, such as 1e-10, was added to the length, which shows on short vectors. Compare "
            "the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            named("tiny_epsilon_in_the_length", _divided_by(lambda length: length + 1e-12)),
            "A tiny number, such as 1e-12, was added to the length, which shows on very short vectors. "
            "Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            named("tiniest_epsilon_in_the_length", _divided_by(lambda length: length + 1e-16)),
            "A tiny number, such as 1e-16, was added to the length: the very short vectors of the check come "
            "out too short. Compare the length with 0 itself, and divide by it alone.",
        ),
        Misconception(
            named("lower_bound_for_the_length", _divided_by(lambda length: max(length, 1e-12))),
            "You divided by 1e-12 where the length is smaller than that. Treat the length 0 by itself, and "
            "divide by the length alone.",
        ),
        Misconception(
            _tests_the_sum_for_zero,
            "Entries that cancel, such as 3 and -3, were taken for the zero vector. Test the length for 0, "
            "not the sum.",
        ),
        Misconception(
            _one_zero_is_enough,
            "A vector with a single 0 in it was taken for the zero vector (`all` asks whether every entry "
            "differs from 0). Test the length for 0.",
        ),
        Misconception(
            _short_vectors_count_as_zero,
            "Short vectors were taken for the zero vector: a bound decides. Compare the length with 0 "
            "itself.",
        ),
        Misconception(
            _very_short_vectors_count_as_zero,
            "Very short vectors were taken for the zero vector: a tiny bound, such as 1e-12, decides. "
            "Compare the length with 0 itself.",
        ),
        Misconception(
            named("short_vectors_stay_short", _divided_by(lambda length: max(length, 1.0))),
            "Vectors shorter than 1 stayed as they were: you divided by 1 there. Divide by the length, and "
            "compare it with 0 itself.",
        ),
        Misconception(
            _kept_the_integers,
            "For an array of integers the result is an array of integers as well (`zeros_like` copies the "
            "type), and the fractions are cut off. Turn the argument into floats first.",
        ),
        Misconception(
            named("narrow_integers_or_lists", _gradient_without_floats),
            "Right for everyday arrays of floats. But squares of narrow integers wrap around, and a list is "
            "no array: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Walk straight away from the origin. By how much does your distance from it grow with each metre?",
        "The chain rule: ∂/∂xᵢ √s = 1/(2√s) · ∂s/∂xᵢ with s = x₁² + … + xₙ², so that ∂s/∂xᵢ = 2xᵢ. What "
        "cancels?",
        "Measure the length once with `stable_l2_norm`. Decide what to return if it is 0; otherwise one "
        "division does it.",
    ),
    showed=(
        "Without the square, all entries share one length: enlarge one of them, and the slopes along the "
        "other axes can only get flatter."
    ),
    atol=1e-15,  # a result near 0 counts as 0
)

# -- l1_norm_subgradient --------------------------------------------------------------------------


def _sign_with(at_zero):
    """A sign that has another value at zero."""

    def l1_norm_subgradient(x):
        x = _array(x)
        return np.where(x == 0, at_zero, np.sign(x))

    return l1_norm_subgradient


def _divides_by_the_absolute_value(x):
    x = _array(x)
    with np.errstate(all="ignore"):
        return x / np.abs(x)


def _divides_by_zero(x):
    return [float(v) / abs(float(v)) for v in x]


def _absolute_values(x):
    return np.abs(_array(x))


def _the_l1_norm_itself(x):
    return np.sum(np.abs(_array(x)))


def _all_ones(x):
    return np.ones_like(_array(x))


def _ones_where_not_zero(x):
    return np.where(_array(x) == 0, 0.0, 1.0)


def _ones_where_positive(x):
    return np.where(_array(x) > 0, 1.0, 0.0)


def _points_to_zero(x):
    return -np.sign(_array(x))


def _gradient_of_the_squared_norm(x):
    return 2 * _array(x)


def _gradient_of_the_l2_norm(x):
    return gradient_norms.l2_norm_gradient(x)


def _divided_by_the_l1_norm(x):
    x = _array(x)
    return x / np.sum(np.abs(x)) if np.any(x) else np.zeros_like(x)


def _added_up_the_signs(x):
    return np.sum(np.sign(_array(x)))


def _cut_off_at_1(x):
    return np.clip(_array(x), -1, 1)


def _small_entries_count_as_zero(x):
    x = _array(x)
    return np.where(np.abs(x) < 1e-6, 0.0, np.sign(x))


def _very_small_entries_count_as_zero(x):
    x = _array(x)
    return np.where(np.abs(x) < 1e-12, 0.0, np.sign(x))


def _epsilon_in_the_denominator_of_a_sign(x):
    x = _array(x)
    return x / (np.abs(x) + 1e-8)


def _tiny_epsilon_in_the_denominator_of_a_sign(x):
    x = _array(x)
    return x / (np.abs(x) + 1e-12)


def _whole_numbers_first(x):
    return np.sign(_array(x).astype(int))


def _sign_of_the_product(x):
    x = _array(x)
    return np.sign(x) / max(x.size, 1)


def _subtracts_truth_values(x):
    x = _array(x)
    return (x > 0) - (x < 0)


def _signs_without_an_array(x):
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, 0.0))


def _draw_vector_with_zeros(rng):
    x = vector(rng)
    x[rng.random(x.size) < 0.25] = 0.0
    return (np.append(x, rng.choice([-0.4, 0.3, 0.0, 2.0])),)


L1_NORM_SUBGRADIENT = Exercise(
    reference=gradient_norms.l1_norm_subgradient,
    points=1,
    cases=(
        Case("one positive, one negative entry", (floats(3, -4),), floats(1, -1)),
        Case("an entry that is 0", (floats(-2, 0, 5),), floats(-1, 0, 1)),
        Case("a fraction has the same slope", (floats(0.5, -0.25),), floats(1, -1)),
        Case("a single negative entry", (floats(-7),), floats(-1)),
        Case("the zero vector", (floats(0, 0),), floats(0, 0)),
        Case("the empty vector", (floats(),), floats()),
        Case("a small entry is not zero", (floats(1e-9, 0),), floats(1, 0)),
        Case("a tiny entry is not zero", (floats(2, -1e-300, 0),), floats(1, -1, 0)),
        Case("negative zero", (floats(-0.0, 2),), floats(0, 1)),
        Case("a list of integers", ([3, 0, -4],), floats(1, 0, -1)),
        Case("8-bit integers, where abs(-128) does not fit", (int8(-128, 0, 127),), floats(-1, 0, 1)),
        Case("unsigned integers", (uint8(0, 200),), floats(0, 1)),
    ),
    draw=_draw_vector_with_zeros,
    misconceptions=(
        Misconception(
            named("plus_1_at_zero", _sign_with(1.0)),
            "At 0 you returned 1. The norm has a kink there, and the subgradient that the contract asks for "
            "is 0: return 0 where the entry is 0.",
        ),
        Misconception(
            named("minus_1_at_zero", _sign_with(-1.0)),
            "At 0 you returned -1. The norm has a kink there, and the subgradient that the contract asks for "
            "is 0: return 0 where the entry is 0.",
        ),
        Misconception(
            _divides_by_the_absolute_value,
            "Right except at 0, where 0 / 0 is NaN. Return 0 there; NumPy has a function that does.",
        ),
        Misconception(
            _divides_by_zero,
            "Right except at 0, where dividing by the absolute value is an error. Return 0 there.",
        ),
        Misconception(
            _absolute_values,
            "These are the absolute values, which the norm adds up. Return the slope of each one: 1 or -1.",
        ),
        Misconception(
            _the_l1_norm_itself,
            "You returned the L1 norm, one number. Return its slope with respect to each entry.",
        ),
        Misconception(
            _all_ones,
            "Every slope came out as 1. Left of 0 the absolute value falls: return -1 for negative entries, "
            "and 0 at 0.",
        ),
        Misconception(
            _ones_where_not_zero,
            "Negative entries came out as 1. Left of 0 the absolute value falls: return -1 there.",
        ),
        Misconception(
            _ones_where_positive,
            "Negative entries came out as 0. Left of 0 the absolute value falls with slope -1: return that.",
        ),
        Misconception(
            _points_to_zero,
            "Each sign is wrong: the norm grows away from zero, and a gradient points uphill. Take the "
            "minus away.",
        ),
        Misconception(
            _gradient_of_the_squared_norm,
            "You differentiated the squares (the squared L2 norm). The L1 norm adds absolute values, whose "
            "slope is 1 or -1: return the signs.",
        ),
        Misconception(
            _gradient_of_the_l2_norm,
            "This is the gradient of the L2 norm. For the L1 norm, every entry that is not 0 has slope 1 or "
            "-1: return the signs.",
        ),
        Misconception(
            _divided_by_the_l1_norm,
            "You divided by the L1 norm. The slope of |xᵢ| does not depend on the other entries: return the "
            "signs.",
        ),
        Misconception(
            _added_up_the_signs,
            "You added the signs up. A gradient keeps them apart, one for each entry: leave out the sum.",
        ),
        Misconception(
            _cut_off_at_1,
            "Entries between -1 and 1 came out as themselves. The slope of |x| is 1 or -1 however small x "
            "is: return the signs.",
        ),
        Misconception(
            _very_small_entries_count_as_zero,
            "A very small entry was taken for 0: a tiny bound decides, or a tiny number was added to the "
            "denominator. Compare with 0 itself.",
        ),
        Misconception(
            _small_entries_count_as_zero,
            "A small entry was taken for 0: a bound (of a millionth, say) decides. Compare with 0 itself.",
        ),
        Misconception(
            named("epsilon_in_the_denominator", _epsilon_in_the_denominator_of_a_sign),
            "A small number was added to the denominator to avoid 0 / 0, so that no slope is exactly 1. "
            "NumPy has a function for the sign.",
        ),
        Misconception(
            named("tiny_epsilon_in_the_denominator", _tiny_epsilon_in_the_denominator_of_a_sign),
            "A tiny number, such as 1e-12, was added to the denominator to avoid 0 / 0, so that small "
            "entries have slopes between 0 and 1. NumPy has a function for the sign.",
        ),
        Misconception(
            _whole_numbers_first,
            "Entries between -1 and 1 were cut off to 0: a conversion to integers happens on the way. Work "
            "with floats.",
        ),
        Misconception(
            named("averaged_over_the_entries", _sign_of_the_product),
            "You divided by the number of entries. The L1 norm is a sum, not a mean: leave the division out.",
        ),
        Misconception(
            _subtracts_truth_values,
            "NumPy does not subtract truth values. Turn both comparisons into floats first, or look for the "
            "function that does it in one go.",
        ),
        Misconception(
            _signs_without_an_array,
            "Right for arrays. But a list cannot be compared with 0: turn the argument into an array of "
            "floats first, `np.asarray(x, dtype=float)`.",
        ),
    ),
    hints=(
        "Draw |x|. What is its slope to the right of 0, and what to the left?",
        "1 for a positive entry, -1 for a negative one, and 0 at the kink. The size of the entry does not "
        "matter.",
        "NumPy has a function for it, named after what we call the + or - in front of a number.",
    ),
    showed=(
        "At the kink of |x| every slope from -1 to 1 fits, and the choice of 0 lets an entry that is exactly "
        "0 stay there."
    ),
    atol=1e-12,
)

# -- numerical_gradient ---------------------------------------------------------------------------


def _differences(quotient):
    """A numerical gradient that goes wrong in its quotient only: ``quotient(f, x, step, h)``."""

    def numerical_gradient(f, x, h=1e-5):
        x = _array(x)
        gradient = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            step = np.zeros(x.shape)
            step[index] = h
            gradient[index] = quotient(f, x, step, h)
        return gradient

    return numerical_gradient


_central = _differences(lambda f, x, e, h: (f(x + e) - f(x - e)) / (2 * h))


def _relative_step(f, x, e, h):
    with np.errstate(all="ignore"):
        return (f(x + e * x) - f(x - e * x)) / np.sum(2 * e * x)


def _step_that_grows_with_x(f, x, e, h):
    e = e * np.maximum(1.0, np.abs(x))
    return (f(x + e) - f(x - e)) / np.sum(2 * e)


def _all_entries_at_once(f, x, h=1e-5):
    x = _array(x)
    return (f(x + h) - f(x - h)) / (2 * h)


def _same_number_everywhere(f, x, h=1e-5):
    return np.full(np.shape(x), _all_entries_at_once(f, x, h))


def _ignores_h(f, x, h=1e-5):
    return _central(f, x, 1e-5)


def _not_restored(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


def _not_restored_in_the_callers_array(f, x, h=1e-5):
    x = _array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        above = f(x)
        x[index] -= 2 * h
        gradient[index] = (above - f(x)) / (2 * h)
    return gradient


def _not_restored_when_f_raises(f, x, h=1e-5):
    x = _array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + h
        above = f(x)
        x[index] = kept - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = kept
    return gradient


def _never_steps_back(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = f(x)
        x[index] += h
        gradient[index] = (f(x) - before) / h
    return gradient


def _two_names_for_one_array(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x, x
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def _steps_in_an_array_of_integers(f, x, h=1e-5):
    x = np.array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        before = x[index]
        x[index] = before + h
        above = f(x)
        x[index] = before - h
        gradient[index] = (above - f(x)) / (2 * h)
        x[index] = before
    return gradient


def _result_of_integers(f, x, h=1e-5):
    gradient = np.zeros_like(np.asarray(x))
    gradient[...] = _central(f, x, h)
    return gradient


def _steps_in_a_flat_copy(f, x, h=1e-5):
    x = np.array(x, dtype=float)  # keeps the order in memory
    flat = x.reshape(-1)
    gradient = np.zeros(flat.size)
    for i in range(flat.size):
        before = flat[i]
        flat[i] = before + h
        above = f(x)
        flat[i] = before - h
        gradient[i] = (above - f(x)) / (2 * h)
        flat[i] = before
    return gradient.reshape(x.shape)


def _hands_over_a_flat_array(f, x, h=1e-5):
    x = _array(x)
    flat = x.ravel()
    steps = h * np.eye(flat.size)
    return np.array([(f(flat + e) - f(flat - e)) / (2 * h) for e in steps]).reshape(x.shape)


def _returns_a_flat_gradient(f, x, h=1e-5):
    return _central(f, x, h).ravel()


def _whole_rows_at_once(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _one_entry_per_row(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(len(x))
    for i in range(len(x)):
        step = np.zeros(x.shape)
        step[i] = h
        gradient[i] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _loops_over_the_size(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in range(x.size):
        before = x[i]
        x[i] = before + h
        above = f(x)
        x[i] = before - h
        gradient[i] = (above - f(x)) / (2 * h)
        x[i] = before
    return gradient


def _first_entry_only(f, x, h=1e-5):
    x = _array(x)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
        return gradient
    return gradient


def _numerical_vectors_only(f, x, h=1e-5):
    x = _array(x)
    return np.array([(f(x + e) - f(x - e)) / (2 * h) for e in h * np.eye(len(x))])


def _hides_the_exception(f, x, h=1e-5):
    try:
        return _central(f, x, h)
    except ValueError:
        return None


def _step_never_reset(f, x, h=1e-5):
    x = _array(x)
    gradient, step = np.zeros(x.shape), np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _hands_over_single_entries(f, x, h=1e-5):
    x = _array(x)
    slopes = [(f(v + h) - f(v - h)) / (2 * h) for v in x.ravel()]
    return np.array(slopes).reshape(x.shape)


def _matrices_only(f, x, h=1e-5):
    x = _array(x)
    gradient = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            step = np.zeros(x.shape)
            step[i, j] = h
            gradient[i, j] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient


def _norm_of_the_gradient(f, x, h=1e-5):
    return np.sqrt(np.sum(np.square(_central(f, x, h))))


def _rounded_to_few_digits(f, x, h=1e-5):
    return np.round(_central(f, x, h), 4)


def _steps_without_an_array(f, x, h=1e-5):
    gradient = []
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        gradient.append((f(above) - f(below)) / (2 * h))
    return gradient


def _draw_function_and_point(rng):
    # mostly vectors, so that one mistake in the formula and another one in the loop are told apart
    kind = str(rng.choice(["vector", "matrix", "number"], p=[0.7, 0.2, 0.1]))
    size = {"vector": rng.integers(2, 5), "matrix": rng.permutation([2, 3]), "number": ()}[kind]
    # distinct and away from 0, so that no two entries have one derivative
    x = np.array(rng.choice([-1, 1], size=size) * rng.integers(5, 36, size=size) / 10)
    choices = [functions.sum_of_squares, functions.sum_of_cubes, functions.product]
    choices += [functions.squared_row_sums] * 3 if kind == "matrix" else []
    f = choices[rng.integers(len(choices))]
    h = rng.choice([1e-5, 0.001, 0.1, 0.5])
    return (f, x) if h == 1e-5 else (f, x, float(h))


def _rounding_of_a_difference(f, x, h=1e-5):
    """Values of f up to about 1000 are right to 1e-12 or so, and their difference is divided by 2h."""
    return 2e-12 / h


NUMERICAL_GRADIENT = Exercise(
    reference=gradient_norms.numerical_gradient,
    points=3,
    cases=(
        Case("squares", (functions.sum_of_squares, floats(3, -4)), floats(6, -8)),
        Case("cubes, where h shows", (functions.sum_of_cubes, floats(1, -2), 0.5), floats(3.25, 12.25)),
        Case(
            "a product, where the other entries count",
            (functions.product, floats(2, -3, 5), 0.25),
            floats(-15, 10, -6),
        ),
        Case("a single small entry", (functions.sum_of_squares, floats(0.00123), 0.125), floats(0.00246)),
        Case("a constant is flat", (functions.constant, floats(1, 2)), floats(0, 0)),
        Case(
            "a matrix",
            (functions.squared_row_sums, np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 3.0]])),
            np.array([[12.0, 12.0, 12.0], [4.0, 4.0, 4.0]]),
        ),
        Case(
            "a matrix, cubed",
            (functions.sum_of_cubes, np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]]), 0.5),
            np.array([[3.25, 12.25], [0.25, 3.25], [27.25, 1.0]]),
        ),
        Case(
            "a transposed matrix, whose rows do not lie one after the other in memory",
            (functions.squared_row_sums, np.array([[1.0, 0.0], [2.0, -1.0], [3.0, 3.0]]).T),
            np.array([[12.0, 12.0, 12.0], [4.0, 4.0, 4.0]]),
        ),
        Case("three axes", (functions.sum_of_squares, np.full((3, 1, 2), 3.0)), np.full((3, 1, 2), 6.0)),
        Case("a number", (functions.sum_of_squares, np.array(3.0), 0.5), 6.0),
        Case(
            "f returns an array without axes", (functions.cube_of_one_number, floats(2), 0.5), floats(12.25)
        ),
        Case("f raises an exception", (functions.sum_of_roots, floats(4, 0)), ValueError),
        Case("the step that is the default", (functions.sum_of_cubes, floats(1, -2)), floats(3, 12)),
        Case("an array of integers", (functions.sum_of_cubes, np.array([1, -2]), 0.5), floats(3.25, 12.25)),
        Case("a list of integers", (functions.sum_of_squares, [3, -4]), floats(6, -8)),
        Case("8-bit integers", (functions.sum_of_squares, int8(100, -3), 0.5), floats(200, -6)),
    ),
    draw=_draw_function_and_point,
    misconceptions=(
        Misconception(
            named("forward_difference", _differences(lambda f, x, e, h: (f(x + e) - f(x)) / h)),
            "You compare f(x + h) with f(x), on one side only, which leaves an error as large as h itself. "
            "Step to both sides: f(x + h) and f(x - h), and divide by 2h.",
        ),
        Misconception(
            named("backward_difference", _differences(lambda f, x, e, h: (f(x) - f(x - e)) / h)),
            "You compare f(x) with f(x - h), on one side only, which leaves an error as large as h itself. "
            "Step to both sides: f(x + h) and f(x - h), and divide by 2h.",
        ),
        Misconception(
            named("forgot_the_2_in_2h", _differences(lambda f, x, e, h: (f(x + e) - f(x - e)) / h)),
            "You divided by h, but the two points are 2h apart. Divide by 2h.",
        ),
        Misconception(
            named(
                "divided_by_2_and_multiplied_by_h",
                _differences(lambda f, x, e, h: (f(x + e) - f(x - e)) / 2 * h),
            ),
            "`/ 2 * h` divides by 2 and then multiplies by h. Put brackets around the denominator: `/ (2 * "
            "h)`.",
        ),
        Misconception(
            named(
                "divided_the_second_term_only", _differences(lambda f, x, e, h: f(x + e) - f(x - e) / (2 * h))
            ),
            "The division binds closer than the minus, so that only the second value is divided. Put "
            "brackets around the difference.",
        ),
        Misconception(
            named("never_divided", _differences(lambda f, x, e, h: f(x + e) - f(x - e))),
            "You returned the difference of the two values. A slope is rise over run: divide by 2h.",
        ),
        Misconception(
            named("divided_by_2_only", _differences(lambda f, x, e, h: (f(x + e) - f(x - e)) / 2)),
            "You divided the difference by 2, not by the distance of the two points. Divide by 2h.",
        ),
        Misconception(
            named("one_sided_over_2h", _differences(lambda f, x, e, h: (f(x + e) - f(x)) / (2 * h))),
            "You compared f(x + h) with f(x) (from x + h, a step down by h leads back to x), but divided by "
            "2h. Take f(x - h) in place of f(x).",
        ),
        Misconception(
            named("added_the_two_values", _differences(lambda f, x, e, h: (f(x + e) + f(x - e)) / (2 * h))),
            "You added the two values. A slope comes from their difference: subtract them.",
        ),
        Misconception(
            named(
                "difference_the_wrong_way_round",
                _differences(lambda f, x, e, h: (f(x - e) - f(x + e)) / (2 * h)),
            ),
            "Each sign is wrong: you subtracted the upper value from the lower one. Take f(x + h) first.",
        ),
        Misconception(
            named(
                "half_a_step_to_each_side", _differences(lambda f, x, e, h: (f(x + e / 2) - f(x - e / 2)) / h)
            ),
            "You stepped by h/2 to each side. The contract steps by the whole h and divides by 2h, which "
            "shows where h is large.",
        ),
        Misconception(
            named(
                "steps_by_a_fraction_of_x",
                _differences(lambda f, x, e, h: (f(x + e * x) - f(x - e * x)) / (2 * h)),
            ),
            "You stepped by h times x. Step by h itself, whatever x is.",
        ),
        Misconception(
            named("steps_relative_to_x", _differences(_relative_step)),
            "You stepped by h times x, and divided by twice that, which fails at 0 and shows where h is "
            "large. Step by h itself.",
        ),
        Misconception(
            named("step_that_grows_with_x", _differences(_step_that_grows_with_x)),
            "Your step is longer than h where |x| is larger than 1. Step by h itself, whatever x is.",
        ),
        Misconception(
            named("steps_by_1", _differences(lambda f, x, e, h: (f(x + e / h) - f(x - e / h)) / (2 * h))),
            "You moved the entry by 1, not by h. Put `h` at its position in the array of zeros, or multiply "
            "by h.",
        ),
        Misconception(
            named("step_of_1", _differences(lambda f, x, e, h: (f(x + e / h) - f(x - e / h)) / 2)),
            "You stepped by 1, whatever h is. Put `h` at the position in the array of zeros, and divide by "
            "2h.",
        ),
        Misconception(
            named(
                "second_derivative", _differences(lambda f, x, e, h: (f(x + e) - 2 * f(x) + f(x - e)) / h**2)
            ),
            "This is the formula of the second derivative. For the first one, f(x) itself is not needed: "
            "subtract f(x - h) from f(x + h).",
        ),
        Misconception(
            _all_entries_at_once,
            "You moved all entries together, which gives one number: the slope along the diagonal. Move one "
            "entry at a time, and leave the others where they are.",
        ),
        Misconception(
            _same_number_everywhere,
            "You moved all entries together, so that every entry of the result is the same. Move one entry "
            "at a time.",
        ),
        Misconception(
            _ignores_h,
            "The result does not depend on h: a fixed step, or a more refined formula, stands in your code. "
            "Compare f at x + h and x - h, with the h of the argument.",
        ),
        Misconception(
            _not_restored,
            "After its turn, an entry stays moved while the next ones are tried. Put it back, or add the "
            "step to a copy.",
        ),
        Misconception(
            _not_restored_in_the_callers_array,
            "You step in the caller's array and do not put the entries back. Put each one back after its "
            "turn, or add the step to a copy.",
        ),
        Misconception(
            _not_restored_when_f_raises,
            "You step in the caller's array, and an exception in `f` leaves it moved. Put the entry back in "
            "`finally`, or add the step to a copy.",
        ),
        Misconception(
            _never_steps_back,
            "You step to one side only, and leave each entry moved while the next ones are tried. Step to "
            "both sides, and put each entry back.",
        ),
        Misconception(
            _two_names_for_one_array,
            "All differences are 0: `above = x` makes no copy, so that the step up and the step down happen "
            "in one array and cancel. Work on copies: `x.copy()`.",
        ),
        Misconception(
            _steps_in_an_array_of_integers,
            "Right for floats. But an array of integers cuts off the step when you store it, and a list "
            "cannot be squared: turn the argument into floats first, `np.asarray(x, dtype=float)`.",
        ),
        Misconception(
            _result_of_integers,
            "For integers, the result is an array of integers as well (`zeros_like` copies the type), and "
            "the fractions are cut off. Make it `np.zeros(x.shape)`, or make x floats first.",
        ),
        Misconception(
            _steps_in_a_flat_copy,
            "All differences are 0 for a transposed matrix: there `ravel` and `reshape(-1)` return a copy, "
            "and steps in the copy do not reach x. Loop over `np.ndindex(x.shape)` instead.",
        ),
        Misconception(
            _hands_over_a_flat_array,
            "f got a flattened array. It expects the shape of x: keep the shape, and loop over "
            "`np.ndindex(x.shape)`.",
        ),
        Misconception(
            _returns_a_flat_gradient,
            "The values are right, but the shape got lost. The gradient has the shape of x: give it back.",
        ),
        Misconception(
            _whole_rows_at_once,
            "For a matrix, `x[i]` is a whole row, and you moved all of it. Move one entry at a time: loop "
            "over `np.ndindex(x.shape)`.",
        ),
        Misconception(
            _one_entry_per_row,
            "For a matrix you return one number per row. Every entry has its own derivative: loop over "
            "`np.ndindex(x.shape)`.",
        ),
        Misconception(
            _loops_over_the_size,
            "Right for vectors. In a matrix, `x[i]` is a whole row, and there are fewer rows than entries: "
            "loop over `np.ndindex(x.shape)`, which fits any shape.",
        ),
        Misconception(
            named("vectors_only", _numerical_vectors_only),
            "Right for vectors only, but x may have any shape. Loop over `np.ndindex(x.shape)`, which fits "
            "any shape, a number included.",
        ),
        Misconception(
            _steps_without_an_array,
            "Right for vectors of floats. But x may have any shape and may be a list or integers, which cut "
            "the step off: make it an array of floats first, and loop over `np.ndindex(x.shape)`.",
        ),
        Misconception(
            _first_entry_only,
            "Only the first entry was computed: the `return` stands inside the loop. Move it to the left.",
        ),
        Misconception(
            _hides_the_exception,
            "f raised an exception, and you hid it behind a result. Nobody would notice: let the exception "
            "pass, without `try`, or with `finally` only.",
        ),
        Misconception(
            _step_never_reset,
            "The step is made before the loop and fills up with h, so that more and more entries move "
            "together. Make a new one in each round.",
        ),
        Misconception(
            _hands_over_single_entries,
            "f got single entries. It expects all of x, with one entry moved: add the step to a copy of the "
            "whole array.",
        ),
        Misconception(
            _matrices_only,
            "Right for matrices only: two nested loops need two axes. Loop over `np.ndindex(x.shape)`, "
            "which fits any shape.",
        ),
        Misconception(
            _norm_of_the_gradient,
            "You returned the length of the gradient. Return the gradient itself, of the shape of x.",
        ),
        Misconception(
            _rounded_to_few_digits,
            "The result was rounded. Return all digits; whoever prints it may round.",
        ),
    ),
    hints=(
        "Move one entry a little to the right, and a little to the left. How much did f change, and over "
        "what distance?",
        "(f(x + h e) - f(x - h e)) / (2h), where e is 1 at one entry and 0 elsewhere. There is one such "
        "quotient for each entry.",
        "Make x floats, prepare a result of its shape, and loop over `np.ndindex(x.shape)`, which yields the "
        "position of each entry. In the loop, make an array of zeros with h at that position.",
    ),
    showed=(
        "For a straight line or a parabola the central difference is exact at any `h`, even 0.5, but for "
        "rounding: only higher powers make it err."
    ),
    atol=_rounding_of_a_difference,
)

# -- relative_error -------------------------------------------------------------------------------


def _error(rule):
    """A relative error that treats two zeros well and goes wrong elsewhere."""

    def relative_error(a, b):
        a, b = _array(a), _array(b)
        if not np.any(a) and not np.any(b):
            return 0.0
        with np.errstate(all="ignore"):
            return rule(a, b)

    return relative_error


def _two_zeros_become_nan(a, b):
    a, b = _array(a), _array(b)
    with np.errstate(all="ignore"):
        return np.float64(_length(a - b)) / (_length(a) + _length(b))


def _divides_by_zero_for_two_zeros(a, b):
    a, b = _array(a), _array(b)
    return float(_length(a - b)) / float(_length(a) + _length(b))


def _two_zeros_differ(a, b):
    return gradient_norms.relative_error(a, b) if np.any(a) or np.any(b) else 1.0


def _zero_as_soon_as_one_is_zero(a, b):
    return gradient_norms.relative_error(a, b) if np.any(a) and np.any(b) else 0.0


def _epsilon_in_the_denominator(a, b):
    a, b = _array(a), _array(b)
    return _length(a - b) / (_length(a) + _length(b) + 1e-10)


def _forgot_to_flatten(a, b):
    a, b = _array(a), _array(b)
    size = norms.stable_l2_norm(a) + norms.stable_l2_norm(b)
    return norms.stable_l2_norm(a - b) / size if size else 0.0


def _error_without_floats(a, b):
    size = np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(b**2))
    return np.sqrt(np.sum((a - b) ** 2)) / size if size else 0.0


def _difference_without_floats(a, b):
    size = _length(a) + _length(b)
    return _length(a - b) / size if size else 0.0


def _largest_error_of_an_entry(a, b):
    a, b = np.atleast_1d(_array(a)), np.atleast_1d(_array(b))
    if not a.size:
        return 0.0
    return np.max(np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8))


def _error_of_each_entry(a, b):
    a, b = _array(a), _array(b)
    return np.abs(a - b) / np.maximum(np.abs(a) + np.abs(b), 1e-8)


def _mean_error_of_the_entries(a, b):
    return np.mean(_error_of_each_entry(a, b)) if np.size(a) else 0.0


def _spectral(x):
    return np.linalg.norm(x, 2)


def _whether_they_are_close(a, b):
    return np.allclose(_array(a), _array(b))


def _whether_they_differ(a, b):
    return float(not np.allclose(_array(a), _array(b)))


def _draw_two_arrays(rng):
    a = matrix(rng) if rng.random() < 0.4 else vector(rng)
    if rng.random() < 0.4:  # nearly equal
        return a, a + (rng.normal(size=a.shape) * 0.1).round(2)
    return a, (rng.normal(size=a.shape) * rng.choice([1, 5, 20])).round(1)


RELATIVE_ERROR = Exercise(
    reference=gradient_norms.relative_error,
    points=2,
    cases=(
        Case("lengths 3 and 4, at a right angle", (floats(3, 0), floats(0, 4)), 5 / 7),
        Case("three times as long", (floats(3, -4), floats(9, -12)), 0.5),
        Case("opposite", (floats(1, -2), floats(-1, 2)), 1.0),
        Case("equal", (floats(3, -4), floats(3, -4)), 0.0),
        Case("equal lengths, unlike directions", (floats(3, 4), floats(4, -3)), 0.5**0.5),
        Case("nearly equal", (floats(1, 0), floats(1 + 2**-20, 0)), 2**-20 / (2 + 2**-20)),
        Case("only one of them is zero", (floats(0, 0), floats(3, 4)), 1.0),
        Case("the other one is zero", (floats(3, 4), floats(0, 0)), 1.0),
        Case("both are zero", (floats(0, 0), floats(0, 0)), 0.0),
        Case("two empty vectors", (floats(), floats()), 0.0),
        Case(
            "one small entry that is wrong", (floats(100, 0.01), floats(100, -0.01)), 1e-4 / (1 + 1e-8) ** 0.5
        ),
        Case("tiny gradients, one twice the other", (floats(3e-140, 0), floats(6e-140, 0)), 1 / 3),
        Case(
            "matrices",
            (np.array([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]]), np.array([[0.0, 0.0, 0.0], [2.0, -2.0, 1.0]])),
            0.5**0.5,
        ),
        Case("three axes", (np.full((2, 1, 2), 3.0), np.full((2, 1, 2), 1.0)), 0.5),
        Case("two numbers", (np.array(3.0), np.array(-1.0)), 1.0),
        Case("lists of integers", ([3, 0], [0, 4]), 5 / 7),
        Case(
            "unsigned integers, whose difference is negative", (uint8(3, 0), uint8(9, 8)), 10 / (3 + 145**0.5)
        ),
        Case("8-bit integers, whose squares do not fit", (int8(96, 0), int8(0, -28)), 100 / 124),
    ),
    draw=_draw_two_arrays,
    misconceptions=(
        Misconception(
            named("not_relative", _error(lambda a, b: _length(a - b))),
            "You returned the distance alone, which is large for large gradients and small for small ones. "
            "Divide by the sum of the two lengths.",
        ),
        Misconception(
            named("divided_by_the_first_length_only", _error(lambda a, b: _length(a - b) / _length(a))),
            "You divided by the length of `a` only, so that a and b do not count alike. Divide by the sum of "
            "both lengths.",
        ),
        Misconception(
            named("divided_by_the_second_length_only", _error(lambda a, b: _length(a - b) / _length(b))),
            "You divided by the length of `b` only, so that a and b do not count alike. Divide by the sum of "
            "both lengths.",
        ),
        Misconception(
            named(
                "divided_by_the_larger_length",
                _error(lambda a, b: _length(a - b) / max(_length(a), _length(b))),
            ),
            "You divided by the larger of the two lengths. Divide by their sum.",
        ),
        Misconception(
            named(
                "divided_by_the_mean_length",
                _error(lambda a, b: 2 * _length(a - b) / (_length(a) + _length(b))),
            ),
            "You divided by the mean of the two lengths, so that the result is twice as large as it should "
            "be. Divide by their sum.",
        ),
        Misconception(
            named("divided_by_the_length_of_the_sum", _error(lambda a, b: _length(a - b) / _length(a + b))),
            "You divided by ‖a + b‖, which is 0 for opposite gradients. Take the two lengths first, and add "
            "them afterwards.",
        ),
        Misconception(
            named("forgot_the_brackets", _error(lambda a, b: _length(a - b) / _length(a) + _length(b))),
            "Only the first length is in the denominator: the division binds closer than the plus. Put "
            "brackets around the sum.",
        ),
        Misconception(
            named(
                "difference_of_the_lengths",
                _error(lambda a, b: abs(_length(a) - _length(b)) / (_length(a) + _length(b))),
            ),
            "You compared the lengths only, so that two gradients of one length but unlike directions seem "
            "equal. Subtract the arrays, and take the length of the difference.",
        ),
        Misconception(
            named(
                "signed_difference_of_the_lengths",
                _error(lambda a, b: (_length(a) - _length(b)) / (_length(a) + _length(b))),
            ),
            "You subtracted the lengths. Subtract the arrays, and take the length of the difference.",
        ),
        Misconception(
            named(
                "forgot_the_roots",
                _error(lambda a, b: _length(a - b) ** 2 / (_length(a) ** 2 + _length(b) ** 2)),
            ),
            "You used the squared lengths. Take the root of each of the three.",
        ),
        Misconception(
            named(
                "one_root_at_the_end",
                _error(lambda a, b: _length(a - b) / np.sqrt(_length(a) ** 2 + _length(b) ** 2)),
            ),
            "You added the squared lengths and took the root of the sum. Take the root of each, and add the "
            "two lengths.",
        ),
        Misconception(
            named(
                "sums_of_absolute_values",
                _error(lambda a, b: np.sum(np.abs(a - b)) / (np.sum(np.abs(a)) + np.sum(np.abs(b)))),
            ),
            "You used the L1 norm. Take the L2 norm of the difference and of both arrays.",
        ),
        Misconception(
            named(
                "largest_absolute_values",
                _error(lambda a, b: np.max(np.abs(a - b)) / (np.max(np.abs(a)) + np.max(np.abs(b)))),
            ),
            "You used the max norm. Take the L2 norm of the difference and of both arrays.",
        ),
        Misconception(
            named(
                "spectral_norm_of_matrices",
                _error(lambda a, b: _spectral(a - b) / (_spectral(a) + _spectral(b))),
            ),
            "For matrices you took the spectral norm (`ord=2` of `np.linalg.norm`). Measure the entries: "
            "leave `ord` out, or flatten first.",
        ),
        Misconception(
            named("added_the_arrays", _error(lambda a, b: _length(a + b) / (_length(a) + _length(b)))),
            "You took the length of the sum, so that equal arrays give 1. Subtract them instead.",
        ),
        Misconception(
            named("one_minus_the_error", _error(lambda a, b: 1 - gradient_norms.relative_error(a, b))),
            "Equal arrays give 1, opposite ones 0: that is an agreement, not an error. Return 0 for equal "
            "ones.",
        ),
        Misconception(
            _largest_error_of_an_entry,
            "You compared entry by entry and returned the largest error, as some courses do. Here whole "
            "arrays are compared: take three lengths, and one quotient.",
        ),
        Misconception(
            _error_of_each_entry,
            "You returned one error for each entry. Take the length of the difference, and divide by the "
            "sum of the two lengths: one number.",
        ),
        Misconception(
            _mean_error_of_the_entries,
            "You averaged the errors of the entries. Take the length of the difference, and divide by the "
            "sum of the two lengths.",
        ),
        Misconception(
            _whether_they_are_close,
            "You returned a verdict, true or false. Return the number, and let the reader judge.",
        ),
        Misconception(
            _whether_they_differ,
            "You returned 1 where the arrays differ and 0 where they agree. Return how far they differ: one "
            "quotient of lengths.",
        ),
        Misconception(
            _two_zeros_become_nan,
            "For two zero arrays, 0 / 0 is NaN. They are equal: return 0.0.",
        ),
        Misconception(
            _divides_by_zero_for_two_zeros,
            "For two zero arrays, the sum of the lengths is 0, and dividing by it is an error. They are "
            "equal: return 0.0.",
        ),
        Misconception(
            _two_zeros_differ,
            "Two zero arrays are equal: their error is 0.0, not 1.",
        ),
        Misconception(
            _zero_as_soon_as_one_is_zero,
            "You return 0.0 as soon as one of the two is zero. A gradient that is wrongly zero is as wrong "
            "as can be: return 0.0 only if both are.",
        ),
        Misconception(
            _epsilon_in_the_denominator,
            "A small number was added to the denominator, or is its lower bound, so that tiny gradients "
            "seem to agree. Treat two zeros by themselves, and divide by the sum alone.",
        ),
        Misconception(
            _forgot_to_flatten,
            "Right for vectors. The norms of lesson 01 take a vector only: hand them `a.ravel()`, which "
            "reads the entries of any array in a row.",
        ),
        Misconception(
            named("squares_of_narrow_integers_or_lists", _error_without_floats),
            "Right for arrays of floats. But narrow integers wrap around, and lists cannot be subtracted: "
            "turn both arguments into floats first, `np.asarray(a, dtype=float)`.",
        ),
        Misconception(
            named("differences_of_narrow_integers_or_lists", _difference_without_floats),
            "You subtracted before turning the arguments into floats: unsigned integers wrap around (3 - 9 "
            "is 250), and lists cannot be subtracted. Convert both first, `np.asarray(a, dtype=float)`.",
        ),
    ),
    hints=(
        "Is a difference of 0.001 large? Compared with what?",
        "‖a - b‖ / (‖a‖ + ‖b‖): three lengths, one quotient. When is the denominator 0, and what should "
        "come out?",
        "Convert both arguments to floats. Add up the two lengths, deal with a sum of 0, and then divide. "
        "`a.ravel()` makes a vector of any array.",
    ),
    showed=(
        "Multiply both gradients by a million, and their relative error stays the same: so one rule of thumb "
        "serves gradients near 1,000 and near 0.001."
    ),
    rtol=1e-8,
    atol=1e-15,  # a result near 0 counts as 0
)

# -- global_norm ----------------------------------------------------------------------------------


def _arrays(grads):
    return [_array(g) for g in grads.values()]


def _everything(grads):
    return np.concatenate([np.zeros(0), *(g.ravel() for g in _arrays(grads))])


def _of_everything(measure):
    """A measure of all gradients, read as one long vector."""

    def global_norm(grads):
        return measure(_everything(grads)) if len(grads) else 0.0

    return global_norm


def _of_the_norms(measure):
    """A measure of the norms of the single gradients."""

    def global_norm(grads):
        return measure(np.array([_length(g) for g in _arrays(grads)])) if len(grads) else 0.0

    return global_norm


def _first_array_only(grads):
    for g in grads.values():
        return _length(g)
    return 0.0


def _last_array_only(grads):
    total = 0.0
    for g in grads.values():
        total = np.sum(np.square(_array(g)))
    return np.sqrt(total)


def _one_number_per_array(grads):
    return [_length(g) for g in grads.values()]


def _fails_for_an_empty_dict(grads):
    return _length(np.concatenate([g.ravel() for g in _arrays(grads)]))


def _stacks_the_arrays(grads):
    return np.linalg.norm(np.concatenate(list(grads.values()))) if grads else 0.0


def _makes_one_array_of_unlike_shapes(grads):
    return np.linalg.norm(np.array(list(grads.values()), dtype=float)) if grads else 0.0


def _loops_over_the_names(grads):
    total = 0.0
    for g in grads:
        total += np.sum(g**2)
    return np.sqrt(total)


def _makes_numbers_of_the_names(grads):
    return np.sqrt(sum(np.sum(_array(g) ** 2) for g in grads))


def _root_inside_the_loop(grads):
    total = 0.0
    for g in _arrays(grads):
        total = np.sqrt(total + np.sum(g**2))
    return total


def _built_in_sum(grads):
    total = 0.0
    for g in _arrays(grads):
        total = total + sum(g**2)
    return np.sqrt(total)


def _built_in_sum_made_one_number(grads):
    total = 0.0
    for g in _arrays(grads):
        total += sum(g**2)
    return float(np.sqrt(total))


def _built_in_sum_of_rows(grads):
    return np.sqrt(sum(sum(sum(g**2)) for g in _arrays(grads)))


def _spectral_norm_of_each_matrix(grads):
    return np.sqrt(sum(_spectral(g) ** 2 if g.ndim == 2 and g.size else np.sum(g**2) for g in _arrays(grads)))


def _squares_of_narrow_integers(grads):
    return np.sqrt(sum(np.sum(np.asarray(g) ** 2) for g in grads.values()))


def _squares_without_arrays(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads.values()))


def _flattens_lists(grads):
    return np.sqrt(sum(np.sum(np.asarray(g.ravel(), dtype=float) ** 2) for g in grads.values()))


def _spectral_norms_of_the_matrices(grads):
    return np.sqrt(sum(_spectral(g) ** 2 for g in _arrays(grads)))


def _vectors_only(grads):
    return np.sqrt(sum(norms.stable_l2_norm(g) ** 2 for g in grads.values()))


def _loops_over_rows(grads):
    total = 0.0
    for g in grads.values():
        for row in g:
            total += np.sum(np.square(_array(row)))
    return np.sqrt(total)


def _one_number_per_name(grads):
    return {name: _length(g) for name, g in grads.items()}


def _fourth_root(grads):
    return np.sqrt(np.sqrt(np.sum(np.square(_everything(grads)))))


def _squares_the_sums(grads):
    return np.sqrt(sum(np.sum(g) ** 2 for g in _arrays(grads)))


def _squares_the_row_sums(grads):
    return np.sqrt(sum(np.sum(np.sum(g, axis=-1) ** 2) if g.ndim else g**2 for g in _arrays(grads)))


def _single_precision(grads):
    with np.errstate(all="ignore"):
        return np.sqrt(sum(np.sum(np.asarray(g, dtype=np.float32) ** 2) for g in grads.values()))


def _gradients(rng):
    """Two to four gradients under names of a recurrent network, unlike in shape."""
    n, m = rng.permutation([2, 3])
    shapes = {"W_xh": (n, m), "b_h": (m,), "W_hy": (m, 1), "scale": ()}
    names = [name for name in shapes if rng.random() < 0.6] or ["b_h"]
    names = (
        names if len(names) > 1 else [*names, *(name for name in ("W_xh", "b_h") if name not in names)][:2]
    )
    return {name: np.array(rng.normal(scale=3, size=shapes[name]).round(1)) for name in names}


def _draw_gradients(rng):
    return (_gradients(rng),)


GLOBAL_NORM = Exercise(
    reference=gradient_norms.global_norm,
    points=2,
    cases=(
        Case("two numbers", ({"w": floats(3), "b": floats(-4)},), 5.0),
        Case("two vectors", ({"W": floats(3, -4), "b": floats(12)},), 13.0),
        Case(
            "a matrix and a vector",
            ({"W": np.array([[2.0, -1.0, 0.0], [2.0, 0.0, 4.0]]), "b": floats(-12, 0)},),
            13.0,
        ),
        Case("a single array", ({"W": floats(2, -3, 6)},), 7.0),
        Case("four numbers", ({k: np.array(-1.0) for k in "abcd"},), 2.0),
        Case(
            "a number, a vector, a matrix and three axes",
            (
                {
                    "s": np.array(-2.0),
                    "b": floats(1, 1),
                    "W": np.array([[1.0, 3.0]]),
                    "K": np.full((1, 3, 1), 3.0),
                },
            ),
            43**0.5,
        ),
        Case("entries that add up to 0", ({"W": floats(1, -1), "b": floats(1, -1)},), 2.0),
        Case("zeros", ({"W": np.zeros((2, 2)), "b": floats(0)},), 0.0),
        Case("an array without entries", ({"W": np.zeros((0, 3)), "b": floats(3, 4)},), 5.0),
        Case("an empty dict", ({},), 0.0),
        Case("entries of 1e150", ({"W": floats(3e150, 0), "b": floats(-4e150)},), 5e150),
        Case("small entries", ({"W": floats(3e-9, 0), "b": floats(-4e-9)},), 5e-9),
        Case("lists and numbers", ({"W": [[2, -1], [2, 0]], "b": [4], "s": 12},), 13.0),
        Case("8-bit integers, whose squares do not fit", ({"W": int8(-96), "b": int8(28, 0)},), 100.0),
    ),
    draw=_draw_gradients,
    misconceptions=(
        Misconception(
            named("sum_of_the_norms", _of_the_norms(np.sum)),
            "You added the norms of the arrays, as if you walked round corners. Add their squares, and take "
            "one root at the end.",
        ),
        Misconception(
            named("forgot_the_root", _of_everything(lambda g: np.sum(g**2))),
            "You returned the sum of the squares. Take its root.",
        ),
        Misconception(
            named("largest_of_the_norms", _of_the_norms(np.max)),
            "You returned the norm of the largest gradient. Add the squares of all, and take the root.",
        ),
        Misconception(
            named("mean_of_the_norms", _of_the_norms(np.mean)),
            "You averaged the norms of the arrays. Add the squares of all entries, and take one root.",
        ),
        Misconception(
            named("root_of_the_sum_of_the_norms", _of_the_norms(lambda n: np.sqrt(np.sum(n)))),
            "You added the norms and took the root of the sum. Square each norm before you add.",
        ),
        Misconception(
            named("root_mean_square_of_the_norms", _of_the_norms(lambda n: np.sqrt(np.mean(n**2)))),
            "You divided by the number of arrays. Add the squares, and take the root without dividing.",
        ),
        Misconception(
            named("sum_of_absolute_values", _of_everything(lambda g: np.sum(np.abs(g)))),
            "This is the L1 norm. Square the entries, add, and take the root.",
        ),
        Misconception(
            named("largest_entry", _of_everything(lambda g: np.max(np.abs(g), initial=0.0))),
            "You returned the largest absolute value. Square all entries, add, and take the root.",
        ),
        Misconception(
            named("root_mean_square", _of_everything(lambda g: np.sqrt(np.mean(g**2)))),
            "You divided by the number of entries. A norm adds the squares: do not average.",
        ),
        Misconception(
            _fourth_root,
            "You took the root twice. Take it once, of the sum of the squares.",
        ),
        Misconception(
            _squares_the_sums,
            "You added the entries of each array before squaring, so that they cancel. Square each entry "
            "first.",
        ),
        Misconception(
            named("size_of_the_sum", _of_everything(lambda g: np.abs(np.sum(g)))),
            "You added all entries with their signs, so that they cancel. Square each entry first.",
        ),
        Misconception(
            _squares_the_row_sums,
            "You added along the rows before squaring. Square each entry first.",
        ),
        Misconception(
            _spectral_norms_of_the_matrices,
            "For matrices you took the spectral norm (`ord=2` of `np.linalg.norm`). Square every entry: "
            "leave `ord` out.",
        ),
        Misconception(
            _spectral_norm_of_each_matrix,
            "Of each matrix you took the spectral norm, its largest stretch. Square all its entries instead: "
            "as one long vector, a matrix has its Frobenius norm.",
        ),
        Misconception(
            _root_inside_the_loop,
            "You took the root inside the loop, so that the next squares are added to a root. Add all the "
            "squares first, and take one root at the end.",
        ),
        Misconception(
            _built_in_sum,
            "Python's own `sum` adds the rows of a matrix, and fails for a number. `np.sum` without an axis "
            "adds all entries: use that.",
        ),
        Misconception(
            _built_in_sum_made_one_number,
            "Python's own `sum` adds the rows of a matrix, and what comes out is no single number. `np.sum` "
            "without an axis adds all entries: use that.",
        ),
        Misconception(
            _built_in_sum_of_rows,
            "Python's own `sum`, twice, fits matrices only. `np.sum` without an axis adds the entries of an "
            "array of any shape: use that.",
        ),
        Misconception(
            _first_array_only,
            "Only the first array counts: a `return` stands inside the loop. Add up all of them first.",
        ),
        Misconception(
            _last_array_only,
            "Only the last array counts: the loop replaces the total. Add to it, `+=`.",
        ),
        Misconception(
            _one_number_per_array,
            "You returned one norm for each array, which is the next exercise. Add their squares, and take "
            "the root: one number.",
        ),
        Misconception(
            _one_number_per_name,
            "You returned a dict with one norm for each name, which is the next exercise. Add their "
            "squares, and take the root: one number.",
        ),
        Misconception(
            named("vectors_only", _vectors_only),
            "Right for vectors. The norms of lesson 01 take a vector only: hand them `np.ravel(g)`, which "
            "reads the entries of any array in a row.",
        ),
        Misconception(
            _loops_over_rows,
            "Right unless a gradient is a single number, which no loop can run over. `np.sum` adds the "
            "entries of an array of any shape: leave the inner loop out.",
        ),
        Misconception(
            _fails_for_an_empty_dict,
            "Right except for an empty dict: nothing can be joined if there is nothing. Return 0.0 there, or "
            "start a total at 0.",
        ),
        Misconception(
            _stacks_the_arrays,
            "`np.concatenate` joins arrays of like shapes only. Make each one a vector first, `.ravel()`, "
            "or add up the sums of squares one by one.",
        ),
        Misconception(
            _makes_one_array_of_unlike_shapes,
            "Arrays of unlike shapes do not fit into one array. Go through them one by one, and add up their "
            "squares.",
        ),
        Misconception(
            _loops_over_the_names,
            "A loop over a dict yields its names, not its arrays. Loop over `grads.values()`.",
        ),
        Misconception(
            _makes_numbers_of_the_names,
            "You tried to make numbers of the names: that is what a loop over a dict yields. Loop over "
            "`grads.values()`.",
        ),
        Misconception(
            _single_precision,
            "You computed with 32-bit floats, which end at 3e38 and hold 7 digits. Use `dtype=float`.",
        ),
        Misconception(
            named("squares_of_narrow_integers_wrap_around", _squares_of_narrow_integers),
            "Right for floats. But squares of narrow integers wrap around (in 8 bits, 96² is 0): turn each "
            "array into floats first, `np.asarray(g, dtype=float)`.",
        ),
        Misconception(
            named("squares_of_narrow_integers_or_lists", _squares_without_arrays),
            "Right for arrays of floats. But squares of narrow integers wrap around, and a list cannot be "
            "squared: turn each one into floats first, `np.asarray(g, dtype=float)`.",
        ),
        Misconception(
            _flattens_lists,
            "Right for arrays. A list or a number has no `ravel`: turn each one into an array first, "
            "`np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "Lay all arrays end to end. What is the length of that one long vector?",
        "√(Σ over arrays Σ over entries g²). The squares of all arrays are added before the only root is "
        "taken.",
        "Start a total at 0 and loop over `grads.values()`. `np.sum` without an axis adds the entries of an "
        "array of any shape.",
    ),
    showed=(
        "Norms of separate arrays do not add up, but their squares do: arrays of norm 3 and 4 have a global "
        "norm of 5, and not of 7."
    ),
    atol=0.0,
)

# -- parameter_norms ------------------------------------------------------------------------------


def _of_each(measure):
    """One measure for each gradient, under its name."""

    def parameter_norms(grads):
        return {name: measure(_array(g)) for name, g in grads.items()}

    return parameter_norms


def _list_of_norms(grads):
    return [_length(g) for g in grads.values()]


def _sorted_by_name(grads):
    return {name: _length(grads[name]) for name in sorted(grads)}


def _sorted_by_size(grads):
    lengths = {name: _length(g) for name, g in grads.items()}
    return dict(sorted(lengths.items(), key=lambda item: -item[1]))


def _global_norm_for_each(grads):
    return dict.fromkeys(grads, gradient_norms.global_norm(grads))


def _shares_of_the_global_norm(grads):
    total = gradient_norms.global_norm(grads)
    return {name: _length(g) / total if total else 0.0 for name, g in grads.items()}


def _adds_up_along_the_way(grads):
    total, running = 0.0, {}
    for name, g in grads.items():
        total += np.sum(np.square(_array(g)))
        running[name] = np.sqrt(total)
    return running


def _leaves_out_zeros(grads):
    return {name: _length(g) for name, g in grads.items() if np.any(g)}


def _along_the_rows(grads):
    return {name: np.sqrt(np.sum(_array(g) ** 2, axis=1)) for name, g in grads.items()}


def _along_the_last_axis(grads):
    return {name: np.sqrt(np.sum(_array(g) ** 2, axis=-1)) for name, g in grads.items()}


def _along_the_columns(grads):
    return {name: np.sqrt(np.sum(_array(g) ** 2, axis=0)) for name, g in grads.items()}


def _library_norm_along_the_columns(grads):
    return {name: np.linalg.norm(_array(g), axis=0) for name, g in grads.items()}


def _overwrites_the_gradients(grads):
    for name in grads:
        grads[name] = _length(grads[name])
    return grads


def _vectors_only_norms(grads):
    return {name: norms.stable_l2_norm(g) for name, g in grads.items()}


def _first_name_only(grads):
    result = {}
    for name, g in grads.items():
        result[name] = _length(g)
        return result
    return result


def _norms_of_narrow_integers(grads):
    return {name: np.sqrt(np.sum(np.asarray(g) ** 2)) for name, g in grads.items()}


def _norms_without_arrays(grads):
    return {name: np.sqrt(np.sum(g**2)) for name, g in grads.items()}


def _array_in_place_of_a_dict(grads):
    return {name: gradient_norms.global_norm(g) for name, g in grads.items()}


def _measures_the_names(grads):
    return {name: _length(name) for name in grads}


def _last_name_only_is_left(grads):
    result = {}
    for name, g in grads.items():
        result = {name: _length(g)}
    return result


def _built_in_sum_of_each(grads):
    return {name: np.sqrt(sum(_array(g) ** 2)) for name, g in grads.items()}


def _loops_over_names_alone(grads):
    return {g: np.sqrt(np.sum(g**2)) for g in grads}


PARAMETER_NORMS = Exercise(
    reference=gradient_norms.parameter_norms,
    points=1,
    cases=(
        Case("two vectors", ({"W": floats(3, -4), "b": floats(-12)},), {"W": 5.0, "b": 12.0}),
        Case(
            "a matrix and a vector",
            ({"W": np.array([[2.0, -1.0, 0.0], [2.0, 0.0, 4.0]]), "b": floats(5, -12)},),
            {"W": 5.0, "b": 13.0},
        ),
        Case(
            "names that are not in the order of the alphabet",
            ({"b": floats(6, 8), "a": floats(3, 4), "c": floats(1)},),
            {"b": 10.0, "a": 5.0, "c": 1.0},
        ),
        Case(
            "a number and three axes",
            ({"s": np.array(-2.0), "K": np.full((1, 4, 1), 3.0)},),
            {"s": 2.0, "K": 6.0},
        ),
        Case("a gradient of zeros", ({"W": np.zeros((2, 3)), "b": floats(-2)},), {"W": 0.0, "b": 2.0}),
        Case("an array without entries", ({"W": np.zeros((0, 3)), "b": floats(3, 4)},), {"W": 0.0, "b": 5.0}),
        Case("an empty dict", ({},), {}),
        Case("entries of 1e150", ({"W": floats(3e150, -4e150), "b": floats(1)},), {"W": 5e150, "b": 1.0}),
        Case(
            "lists and numbers",
            ({"W": [[2, -1], [2, 0]], "b": [4], "s": -12},),
            {"W": 3.0, "b": 4.0, "s": 12.0},
        ),
        Case("8-bit integers, whose squares do not fit", ({"W": int8(-96, 28, 0, 0)},), {"W": 100.0}),
    ),
    draw=_draw_gradients,
    misconceptions=(
        Misconception(
            _list_of_norms,
            "The numbers are right, but their names got lost. Return a dict from each name to its norm.",
        ),
        Misconception(
            named("forgot_the_root", _of_each(lambda g: np.sum(g**2))),
            "You returned the sums of squares. Take the root of each.",
        ),
        Misconception(
            named("sums_of_absolute_values", _of_each(lambda g: np.sum(np.abs(g)))),
            "These are L1 norms. Square the entries, add, and take the root.",
        ),
        Misconception(
            named("largest_entries", _of_each(lambda g: np.max(np.abs(g), initial=0.0))),
            "You returned the largest absolute value of each array. Square all its entries, add, and take "
            "the root.",
        ),
        Misconception(
            named("root_mean_squares", _of_each(lambda g: np.sqrt(np.mean(g**2)) if g.size else 0.0)),
            "You divided by the number of entries. A norm adds the squares: do not average.",
        ),
        Misconception(
            named("lengths_of_the_sums", _of_each(lambda g: np.abs(np.sum(g)))),
            "You added the entries with their signs, so that they cancel. Square each one first.",
        ),
        Misconception(
            named("spectral_norms_of_the_matrices", _of_each(_spectral)),
            "For matrices you took the spectral norm (`ord=2` of `np.linalg.norm`). Measure the entries: "
            "leave `ord` out.",
        ),
        Misconception(
            named(
                "spectral_norm_of_each_matrix",
                _of_each(lambda g: _spectral(g) if g.ndim == 2 and g.size else _length(g)),
            ),
            "Of each matrix you took the spectral norm, its largest stretch. Measure all its entries: as one "
            "long vector, a matrix has its Frobenius norm.",
        ),
        Misconception(
            _built_in_sum_of_each,
            "Python's own `sum` adds the rows of a matrix, and fails for a number. `np.sum` without an axis "
            "adds all entries: use that, or `global_norm`.",
        ),
        Misconception(
            _array_in_place_of_a_dict,
            "`global_norm` takes a dict, and you handed it an array. Make a dict with this one array in it: "
            "`{name: gradient}`.",
        ),
        Misconception(
            _measures_the_names,
            "You measured the name, not the array: a loop over a dict yields its names. Take `grads[name]`, "
            "or loop over `grads.items()`.",
        ),
        Misconception(
            _last_name_only_is_left,
            "Only the last name is in the result: each round makes a new dict. Make it once, before the "
            "loop, and fill it with `result[name] = ...`.",
        ),
        Misconception(
            named("number_of_entries", _of_each(np.size)),
            "You counted the entries. Square them, add, and take the root.",
        ),
        Misconception(
            _global_norm_for_each,
            "Every name has the global norm. Measure each array by itself.",
        ),
        Misconception(
            _shares_of_the_global_norm,
            "You divided by the global norm. Return each norm as it is.",
        ),
        Misconception(
            _adds_up_along_the_way,
            "The total runs on from one array to the next. Start at 0 for each of them.",
        ),
        Misconception(
            _sorted_by_name,
            "You sorted the names. Keep the order that they have in `grads`.",
        ),
        Misconception(
            _sorted_by_size,
            "You sorted by size. Keep the order that the names have in `grads`.",
        ),
        Misconception(
            _leaves_out_zeros,
            "A gradient of zeros was left out. It has a norm as well: 0.0.",
        ),
        Misconception(
            _along_the_rows,
            "You added along the second axis (`axis=1`), which vectors have not, and which gives a matrix "
            "one norm per row. Add all entries: leave the `axis` out.",
        ),
        Misconception(
            _along_the_last_axis,
            "For a matrix you returned one norm per row (`axis=-1`). Add all its entries: leave the `axis` "
            "out.",
        ),
        Misconception(
            _along_the_columns,
            "You added along the first axis only (`axis=0`), so that a matrix gives one norm per column. "
            "Leave the `axis` out.",
        ),
        Misconception(
            _library_norm_along_the_columns,
            "With `axis=0`, `np.linalg.norm` measures each column of a matrix by itself, and fails for a "
            "number. Leave the `axis` out: then it takes all entries.",
        ),
        Misconception(
            _overwrites_the_gradients,
            "You put the norms into the caller's dict, and the gradients are gone. Make a new dict.",
        ),
        Misconception(
            _vectors_only_norms,
            "Right for vectors. The norms of lesson 01 take a vector only: flatten each array first, "
            "`np.asarray(g, dtype=float).ravel()`, or use `global_norm`.",
        ),
        Misconception(
            _first_name_only,
            "Only the first name is in the result: the `return` stands inside the loop. Move it to the left.",
        ),
        Misconception(
            _loops_over_names_alone,
            "A loop over a dict yields its names, not its arrays. Loop over `grads.items()`, which yields "
            "both.",
        ),
        Misconception(
            named("squares_of_narrow_integers_wrap_around", _norms_of_narrow_integers),
            "Right for floats. But squares of narrow integers wrap around (in 8 bits, 96² is 0): turn each "
            "array into floats first, `np.asarray(g, dtype=float)`.",
        ),
        Misconception(
            named("squares_of_narrow_integers_or_lists", _norms_without_arrays),
            "Right for arrays of floats. But squares of narrow integers wrap around, and a list cannot be "
            "squared: turn each one into floats first, `np.asarray(g, dtype=float)`.",
        ),
    ),
    hints=(
        "What would `global_norm` say of a dict that holds one of the arrays only?",
        "For each name: √(Σ g²) over all entries of its array, whatever its shape.",
        "A dict comprehension over `grads.items()` keeps names and order; `global_norm` does the rest.",
    ),
    showed=(
        "The global norm says that something is wrong, these norms say where: for the network of this "
        "lesson, four numbers stand for 910 entries."
    ),
    atol=0.0,
)

# -- gradient_descent -----------------------------------------------------------------------------


def _descent(step=lambda x, g, rate: x - rate * g, note=_length, stop=lambda g, tol, rate: _length(g) <= tol):
    """A descent that goes wrong in its step, in what it notes, or in when it stops."""

    def gradient_descent(gradient, x, learning_rate, n_steps, tol=0.0):
        x, noted = np.array(x, dtype=float), []
        for _ in range(n_steps):
            g = _array(gradient(x))
            noted.append(note(g))
            if stop(g, tol, learning_rate):
                break
            x = step(x, g, learning_rate)
        return x, noted

    return gradient_descent


_right_descent = _descent()


def _stops_after_stepping(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        x = x - learning_rate * g
        if noted[-1] <= tol:
            break
    return x, noted


def _norm_after_the_step(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        x = x - learning_rate * _array(gradient(x))
        noted.append(_length(gradient(x)))
        if noted[-1] <= tol:
            break
    return x, noted


def _one_norm_too_many(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if noted[-1] <= tol:
            return x, noted
        x = x - learning_rate * g
    return x, [*noted, _length(gradient(x))]


def _last_norm_not_recorded(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        if _length(g) <= tol:
            break
        noted.append(_length(g))
        x = x - learning_rate * g
    return x, noted


def _gradient_of_the_start_only(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    g = _array(gradient(x))
    for _ in range(n_steps):
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        x = x - learning_rate * g
    return x, noted


def _one_step_too_few(gradient, x, learning_rate, n_steps, tol=0.0):
    return _right_descent(gradient, x, learning_rate, n_steps - 1, tol)


def _one_step_too_many(gradient, x, learning_rate, n_steps, tol=0.0):
    return _right_descent(gradient, x, learning_rate, n_steps + 1, tol)


def _point_only(gradient, x, learning_rate, n_steps, tol=0.0):
    return _right_descent(gradient, x, learning_rate, n_steps, tol)[0]


def _norms_only(gradient, x, learning_rate, n_steps, tol=0.0):
    return _right_descent(gradient, x, learning_rate, n_steps, tol)[1]


def _results_exchanged(gradient, x, learning_rate, n_steps, tol=0.0):
    return _right_descent(gradient, x, learning_rate, n_steps, tol)[::-1]


def _last_norm_only(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = _right_descent(gradient, x, learning_rate, n_steps, tol)
    return x, noted[-1] if noted else 0.0


def _number_of_steps_in_place_of_the_norms(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = _right_descent(gradient, x, learning_rate, n_steps, tol)
    return x, len(noted)


def _all_points(gradient, x, learning_rate, n_steps, tol=0.0):
    points, noted = [_array(x)], []
    for _ in range(n_steps):
        g = _array(gradient(points[-1]))
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        points.append(points[-1] - learning_rate * g)
    return points, noted


def _fractions_cut_off(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x), []
    for _ in range(n_steps):
        g = np.array(gradient(x), dtype=float)
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        with np.errstate(all="ignore"):
            x = (x - learning_rate * g).astype(x.dtype)
    return x, noted


def _returns_in_the_loop(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if noted[-1] > tol:
            x = x - learning_rate * g
        return x, noted
    return x, noted


def _steps_in_the_callers_array(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = _array(x), []
    for _ in range(n_steps):
        g = np.array(gradient(x), dtype=float)
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        x -= learning_rate * g
    return x, noted


def _steps_in_a_copy_of_integers(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x), []
    for _ in range(n_steps):
        g = np.array(gradient(x), dtype=float)
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        x -= learning_rate * g
    return x, noted


def _point_not_made_an_array(gradient, x, learning_rate, n_steps, tol=0.0):
    noted = []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if noted[-1] <= tol:
            break
        x = x - learning_rate * g
    return x, noted


def _scales_the_gradients_own_array(gradient, x, learning_rate, n_steps, tol=0.0):
    x, gradient_norms = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = gradient(x)
        gradient_norms.append(_length(g))
        if gradient_norms[-1] <= tol:
            break
        g *= learning_rate
        x = x - g
    return x, gradient_norms


def _one_coordinate_after_the_other(gradient, x, learning_rate, n_steps, tol=0.0):
    x, gradient_norms = np.array(x, dtype=float), []
    for _ in range(n_steps):
        gradient_norms.append(_length(gradient(x)))
        if gradient_norms[-1] <= tol:
            break
        for i in range(x.size):
            x[i] -= learning_rate * gradient(x)[i]
    return x, gradient_norms


def _a_tolerance_nobody_asked_for(gradient, x, learning_rate, n_steps, tol=1e-3):
    return gradient_norms.gradient_descent(gradient, x, learning_rate, n_steps, tol)


def _goes_on_recording(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if noted[-1] > tol:
            x = x - learning_rate * g
    return x, noted


def _ignores_n_steps(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    while not noted or noted[-1] > tol:
        g = _array(gradient(x))
        noted.append(_length(g))
        x = x - learning_rate * g if noted[-1] > tol else x
    return x, noted


def _ignores_n_steps_and_the_last_norm(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = _ignores_n_steps(gradient, x, learning_rate, n_steps, tol)
    return x, noted[:-1]


def _records_the_length_of_the_step(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        step = learning_rate * _array(gradient(x))
        noted.append(_length(step))
        if noted[-1] <= tol:
            break
        x = x - step
    return x, noted


def _records_the_length_of_x(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        noted.append(_length(x))
        if noted[-1] <= tol:
            break
        x = x - learning_rate * _array(gradient(x))
    return x, noted


def _stops_when_the_norm_stays(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if len(noted) > 1 and abs(noted[-1] - noted[-2]) <= tol:
            break
        x = x - learning_rate * g
    return x, noted


def _stops_at_the_first_rise(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), []
    for _ in range(n_steps):
        g = _array(gradient(x))
        noted.append(_length(g))
        if noted[-1] <= tol or len(noted) > 1 and noted[-1] > noted[-2]:
            break
        x = x - learning_rate * g
    return x, noted


def _array_of_full_length(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = _right_descent(gradient, x, learning_rate, n_steps, tol)
    return x, noted + [0.0] * (n_steps - len(noted))


def _fails_without_steps(gradient, x, learning_rate, n_steps, tol=0.0):
    x, noted = np.array(x, dtype=float), [_length(gradient(x))]
    for _ in range(n_steps - 1):
        if noted[-1] <= tol:
            return x, noted
        x = x - learning_rate * _array(gradient(x))
        noted.append(_length(gradient(x)))
    return (x if noted[-1] <= tol else x - learning_rate * _array(gradient(x))), noted


def _draw_descent(rng):
    """A run that ends even if nobody counts its steps: at `tol`, or on the flat rim."""
    fs = (functions.round_bowl_gradient, functions.long_bowl_gradient, functions.steep_sides_gradient)
    while True:
        x = (rng.choice([-1, 1], size=rng.integers(2, 5)) * rng.uniform(0.5, 2.5)).round(1)
        x = (x * rng.uniform(0.4, 1.2, size=x.size)).round(1)
        n_steps = int(rng.integers(2, 8))
        if rng.random() < 0.3:
            learning_rate = float(rng.choice([2.5, 3.0, 3.5]))
            return (functions.rimmed_bowl_gradient, x, learning_rate, n_steps)
        f = fs[rng.integers(3)]
        learning_rate = float(rng.choice([0.1, 0.15, 0.2, 0.25]))
        _, noted = _right_descent(f, x, learning_rate, n_steps)
        tol = round(float(noted[0] * rng.uniform(0.2, 0.9)), 2)
        # a tie would be decided by rounding
        if tol > 0 and noted[0] < 100 and np.all(np.abs(np.divide(noted, tol) - 1) > 1e-6):
            return (f, x, learning_rate, n_steps, tol)


GRADIENT_DESCENT = Exercise(
    reference=gradient_norms.gradient_descent,
    points=3,
    cases=(
        Case(
            "three steps on a round bowl",
            (functions.round_bowl_gradient, floats(6, -8), 0.5, 3, 0.1),
            (floats(0.75, -1), [10.0, 5.0, 2.5]),
        ),
        Case(
            "two steps on a long bowl",
            (functions.long_bowl_gradient, floats(3, 2), 0.5, 2, 0.1),
            (floats(0.75, 0), [5.0, 1.5]),
        ),
        Case(
            "the norm falls below tol: no step from there",
            (functions.round_bowl_gradient, floats(6, -8), 0.5, 10, 3.0),
            (floats(1.5, -2), [10.0, 5.0, 2.5]),
        ),
        Case(
            "the norm equals tol: no step from there",
            (functions.round_bowl_gradient, floats(6, -8), 0.5, 10, 5.0),
            (floats(3, -4), [10.0, 5.0]),
        ),
        Case(
            "the steps run out before tol is reached",
            (functions.round_bowl_gradient, floats(6, -8), 0.5, 2, 1.0),
            (floats(1.5, -2), [10.0, 5.0]),
        ),
        Case(
            "the start is good enough",
            (functions.round_bowl_gradient, floats(6, -8), 0.5, 10, 20.0),
            (floats(6, -8), [10.0]),
        ),
        Case(
            "the gradient at the start is zero",
            (functions.round_bowl_gradient, floats(0, 0), 0.5, 3),
            (floats(0, 0), [0.0]),
        ),
        Case(
            "the gradient becomes zero on the way",
            (functions.round_bowl_gradient, floats(6, -8), 1.0, 5),
            (floats(0, 0), [10.0, 0.0]),
        ),
        Case("no steps", (functions.round_bowl_gradient, floats(6, -8), 0.5, 0, 1.0), (floats(6, -8), [])),
        Case(
            "steps that are too long",
            (functions.rimmed_bowl_gradient, floats(3, -4), 3.0, 3),
            (floats(-24, 32), [5.0, 10.0, 20.0]),
        ),
        Case(
            "steps across the bottom",
            (functions.round_bowl_gradient, floats(3, -4), 1.5, 3, 1.0),
            (floats(-0.375, 0.5), [5.0, 2.5, 1.25]),
        ),
        Case(
            "a slope of one steepness",
            (functions.ramp_gradient, floats(5, 4, 3, 2), 0.5, 3),
            (floats(3.5, 2.5, 1.5, 0.5), [2.0, 2.0, 2.0]),
        ),
        Case(
            "a bowl with steep sides",
            (functions.steep_sides_gradient, floats(1, 0), 0.5, 2, 0.01),
            (floats(0.4375, 0), [1.0, 0.125]),
        ),
        Case(
            "a small gradient, and no tolerance",
            (functions.rimmed_bowl_gradient, floats(6e-6, -8e-6), 3.0, 2),
            (floats(24e-6, -32e-6), [1e-5, 2e-5]),
        ),
        Case(
            "a bowl that lies askew",
            (functions.askew_bowl_gradient, floats(1, 0), 0.25, 2, 0.1),
            (floats(0.3125, -0.25), [5**0.5, 0.75]),
        ),
        Case(
            "a gradient that is the argument itself",
            (functions.argument_itself, floats(6, -8), 0.5, 2, 1.0),
            (floats(1.5, -2), [10.0, 5.0]),
        ),
        Case(
            "a list of integers to start from",
            (functions.round_bowl_gradient, [6, -8], 0.5, 1, 1.0),
            (floats(3, -4), [10.0]),
        ),
        Case(
            "an array of integers to start from",
            (functions.long_bowl_gradient, np.array([3, 2]), 0.25, 1, 1.0),
            (floats(2.25, 1), [5.0]),
        ),
        Case(
            "8-bit integers to start from",
            (functions.rimmed_bowl_gradient, int8(60, -80), 3.0, 2),
            (floats(240, -320), [100.0, 200.0]),
        ),
    ),
    draw=_draw_descent,
    misconceptions=(
        Misconception(
            named("climbs_instead_of_descending", _descent(step=lambda x, g, rate: x + rate * g)),
            "You added the step, which leads uphill. To descend, subtract it.",
        ),
        Misconception(
            _scales_the_gradients_own_array,
            "You multiply the gradient's array in place (`*=`). It may not be yours: where the function "
            "hands out an array that it keeps, or its argument, this changes it. Write "
            "`x - learning_rate * g`.",
        ),
        Misconception(
            _one_coordinate_after_the_other,
            "You move one entry at a time, and each with a gradient at a new place. Compute the gradient "
            "once, and take the step with all entries together.",
        ),
        Misconception(
            _a_tolerance_nobody_asked_for,
            "Where the caller gives no tolerance, you still stop at a small norm. Make 0.0 the default of "
            "`tol`.",
        ),
        Misconception(
            _stops_after_stepping,
            "You look at the tolerance after the step, so that one step too many is made. Compare the norm "
            "with `tol` before you step.",
        ),
        Misconception(
            named("stops_below_tol_only", _descent(stop=lambda g, tol, rate: _length(g) < tol)),
            "A norm that equals `tol` does not stop you. Use `<=`, so that with `tol=0.0` a zero gradient "
            "stops, too.",
        ),
        Misconception(
            named("never_stops_early", _descent(stop=lambda g, tol, rate: False)),
            "`tol` is not used: all steps are made. Stop before a step if the norm is at most `tol`.",
        ),
        Misconception(
            named("tol_0_never_stops", _descent(stop=lambda g, tol, rate: tol > 0 and _length(g) <= tol)),
            "With `tol=0.0` you never stop, not even at a zero gradient. Compare the norm with `tol` "
            "whatever it is.",
        ),
        Misconception(
            named("tol_on_the_squared_norm", _descent(stop=lambda g, tol, rate: np.sum(g**2) <= tol)),
            "You compared the squared norm with `tol`. Take the root first.",
        ),
        Misconception(
            named(
                "tol_on_the_length_of_the_step", _descent(stop=lambda g, tol, rate: rate * _length(g) <= tol)
            ),
            "You compared the length of the step with `tol`. Compare the norm of the gradient, without the "
            "learning rate.",
        ),
        Misconception(
            named("tol_on_the_largest_entry", _descent(stop=lambda g, tol, rate: np.max(np.abs(g)) <= tol)),
            "You compared the largest entry of the gradient with `tol`. Compare its L2 norm.",
        ),
        Misconception(
            _ignores_n_steps,
            "You go on until the norm is at most `tol`, however many steps that takes. Make at most "
            "`n_steps` of them: `for _ in range(n_steps)`, and leave the loop early with `break`.",
        ),
        Misconception(
            _ignores_n_steps_and_the_last_norm,
            "You go on until the norm is at most `tol`, however many steps that takes, and do not record "
            "that norm. Loop over `range(n_steps)`; record the norm first, and then decide whether to leave.",
        ),
        Misconception(
            _records_the_length_of_the_step,
            "You measured the step, learning rate included. Measure the gradient, both for the list and for "
            "the comparison with `tol`.",
        ),
        Misconception(
            _goes_on_recording,
            "You stay where you are once the norm is at most `tol`, but go on recording. Leave the loop: "
            "`break`, not `continue`.",
        ),
        Misconception(
            _stops_when_the_norm_stays,
            "You stop when the norm hardly changes any more. Stop when the norm itself is at most `tol`.",
        ),
        Misconception(
            _stops_at_the_first_rise,
            "You stop as soon as the norm rises. Nobody asked for that: stop only if it is at most `tol`.",
        ),
        Misconception(
            _norm_after_the_step,
            "You recorded the norm after the step. Record it where you are before you step.",
        ),
        Misconception(
            _one_norm_too_many,
            "You recorded one norm too many, that of the last point. Record one before each step, and no "
            "more.",
        ),
        Misconception(
            _last_norm_not_recorded,
            "The norm at which you stop is missing. Record it first, and decide afterwards.",
        ),
        Misconception(
            named("records_squared_norms", _descent(note=lambda g: np.sum(g**2))),
            "You recorded the squared norms. Take the root.",
        ),
        Misconception(
            named("records_l1_norms", _descent(note=lambda g: np.sum(np.abs(g)))),
            "You recorded L1 norms. Without another word, the norm is the L2 norm: square, add, and take the "
            "root.",
        ),
        Misconception(
            named("records_max_norms", _descent(note=lambda g: np.max(np.abs(g), initial=0.0))),
            "You recorded the largest entries. Without another word, the norm is the L2 norm: square, add, "
            "and take the root.",
        ),
        Misconception(
            named("records_root_mean_squares", _descent(note=lambda g: np.sqrt(np.mean(g**2)))),
            "You averaged the squares. A norm adds them: leave the division by the number of entries out.",
        ),
        Misconception(
            _records_the_length_of_x,
            "You recorded the length of x. Record that of the gradient: it is 0 at the bottom, wherever "
            "that is.",
        ),
        Misconception(
            named("records_the_gradients", _descent(note=np.copy)),
            "You recorded the gradients themselves. Record the norm of each, one number.",
        ),
        Misconception(
            named("forgot_the_learning_rate", _descent(step=lambda x, g, rate: x - g)),
            "You subtracted the whole gradient. Multiply it by the learning rate first.",
        ),
        Misconception(
            named("divided_by_the_learning_rate", _descent(step=lambda x, g, rate: x - g / rate)),
            "You divided by the learning rate. Multiply by it.",
        ),
        Misconception(
            named(
                "steps_of_one_length", _descent(step=lambda x, g, rate: x - rate * g / (_length(g) or 1.0))
            ),
            "You divided the gradient by its norm, so that all steps are equally long. Multiply the gradient "
            "itself by the learning rate.",
        ),
        Misconception(
            named(
                "divided_by_the_number_of_entries", _descent(step=lambda x, g, rate: x - rate * g / len(x))
            ),
            "You divided the step by the number of entries. Subtract the gradient times the learning rate, "
            "and nothing else.",
        ),
        Misconception(
            named("steps_by_the_signs", _descent(step=lambda x, g, rate: x - rate * np.sign(g))),
            "You stepped by the signs of the gradient. Multiply the gradient itself by the learning rate.",
        ),
        Misconception(
            named("steps_by_the_norm", _descent(step=lambda x, g, rate: x - rate * _length(g))),
            "You subtracted the norm from every entry, and the direction got lost. Subtract the gradient "
            "times the learning rate.",
        ),
        Misconception(
            named("point_never_moves", _descent(step=lambda x, g, rate: x)),
            "The point stays at the start: the result of the step is not stored. Assign it to `x`.",
        ),
        Misconception(
            _gradient_of_the_start_only,
            "You computed the gradient once, at the start. Compute it anew at each point: call `gradient(x)` "
            "inside the loop.",
        ),
        Misconception(
            _one_step_too_few,
            "One step is missing. Make `n_steps` of them: `range(n_steps)`.",
        ),
        Misconception(
            _one_step_too_many,
            "You made one step too many. Make `n_steps` of them: `range(n_steps)`.",
        ),
        Misconception(
            _fails_without_steps,
            "With `n_steps=0` you still record or step. Look at `n_steps` first: then the list is empty and "
            "x is the start.",
        ),
        Misconception(
            _returns_in_the_loop,
            "Only one step was made: the `return` stands inside the loop. Move it to the left.",
        ),
        Misconception(
            _point_only,
            "You returned the point alone. Return the list of norms as well: `return x, gradient_norms`.",
        ),
        Misconception(
            _norms_only,
            "You returned the norms alone. Return the point as well: `return x, gradient_norms`.",
        ),
        Misconception(
            _results_exchanged,
            "You exchanged the two results. Return the point first, and the norms second.",
        ),
        Misconception(
            _last_norm_only,
            "You returned the last norm only. Keep all of them in a list.",
        ),
        Misconception(
            _number_of_steps_in_place_of_the_norms,
            "You returned a number of steps. Return the list of the norms.",
        ),
        Misconception(
            _all_points,
            "You returned all points on the way. Return the last one.",
        ),
        Misconception(
            _array_of_full_length,
            "After an early stop, the list goes on with zeros. Record only the norms that you have met.",
        ),
        Misconception(
            _steps_in_the_callers_array,
            "`x -= ...` steps in the caller's array, which `np.asarray` does not copy. Write `x = x - ...`, "
            "or start from `np.array(x, dtype=float)`, which copies.",
        ),
        Misconception(
            _steps_in_a_copy_of_integers,
            "Right for floats. But `x -= ...` cannot store fractions in an array of integers: start from "
            "`np.array(x, dtype=float)`.",
        ),
        Misconception(
            _fractions_cut_off,
            "Right for floats. But an array of integers cuts off the fractions of each new point: start from "
            "`np.array(x, dtype=float)`.",
        ),
        Misconception(
            _point_not_made_an_array,
            "Right for arrays. But the start may be a list: begin with `x = np.array(x, dtype=float)`.",
        ),
    ),
    hints=(
        "In each round: ask for the gradient here, note how long it is, decide whether that is short enough, "
        "and only then move.",
        "x ← x - learning_rate · g, repeated. What belongs before the step: the note, the decision, or both?",
        "A `for` loop over `range(n_steps)` with four lines in it: the gradient, `append`, `if ... break`, "
        "and the step. Make x a float array of your own before the loop.",
    ),
    showed=(
        "Descent asks for the gradient only and never looks at the loss: a wrong gradient, or a step that "
        "leads uphill, is taken just as willingly."
    ),
    rtol=1e-9,
    atol=1e-12,
)

# -- largest_stable_step --------------------------------------------------------------------------


def _two_over(measure):
    """Two over something else than the largest eigenvalue."""

    def largest_stable_step(A):
        return 2 / measure(_array(A))

    return largest_stable_step


def _one_over_the_largest(A):
    return 1 / np.linalg.eigvalsh(A)[-1]


def _largest_over_two(A):
    return np.linalg.eigvalsh(A)[-1] / 2


def _twice_the_largest(A):
    return 2 * np.linalg.eigvalsh(A)[-1]


def _the_largest_eigenvalue(A):
    return np.linalg.eigvalsh(A)[-1]


def _one_over_the_smallest(A):
    return 1 / np.linalg.eigvalsh(A)[0]


def _one_step_per_eigenvalue(A):
    return 2 / np.linalg.eigvalsh(A)


def _just_below_the_bound(A):
    return 1.99 / np.linalg.eigvalsh(A)[-1]


def _condition_number(A):
    values = np.linalg.eigvalsh(A)
    return values[-1] / values[0]


def _power_iteration(A, v):
    for _ in range(200):
        v = A @ v
        v = v / _length(v)
    return 2 / (v @ A @ v)


def _power_iteration_from_all_ones(A):
    return _power_iteration(_array(A), np.ones(len(A)))


def _power_iteration_from_the_first_axis(A):
    return _power_iteration(_array(A), np.eye(len(A))[0])


def _list_has_no_transpose(A):
    return 2 / np.linalg.eigvalsh((A + A.T) / 2)[-1]


def _draw_curvatures(rng):
    """A symmetric matrix whose largest eigenvalue stands out: a power iteration is a fair answer, too."""
    while True:
        n = int(rng.integers(2, 5))
        B = rng.integers(-3, 4, size=(n, n))
        A = (B.T @ B + np.diag(rng.integers(1, 4, size=n))) * rng.choice([0.1, 0.5, 1.0])
        values = np.linalg.eigvalsh(A)
        if (
            values[-1] > 1.1 * values[-2]
            and values[-2] > 1.2 * values[0]
            or n == 2
            and values[1] > 2 * values[0]
        ):
            return (A.round(1),)


LARGEST_STABLE_STEP = Exercise(
    reference=gradient_norms.largest_stable_step,
    points=2,
    cases=(
        Case("a long bowl", (np.diag([1.0, 10.0]),), 0.2),
        Case("the largest curvature comes first", (np.diag([8.0, 1.0, 2.0]),), 0.25),
        Case("a bowl that lies askew", (np.array([[5.0, 2.0], [2.0, 2.0]]),), 1 / 3),
        Case("with a negative entry", (np.array([[2.0, -1.0], [-1.0, 2.0]]),), 2 / 3),
        Case("a round bowl", (np.diag([4.0, 4.0]),), 0.5),
        Case("one dimension", (np.array([[5.0]]),), 0.4),
        Case("a flat bowl", (np.diag([0.001, 0.002, 0.0005]),), 1000.0),
        Case("a steep bowl", (np.array([[5e6, 0.0], [0.0, 1.0]]),), 4e-7),
        Case("a list of lists of integers", ([[2, 1], [1, 2]],), 2 / 3),
        Case("8-bit integers", (np.array([[100, 0], [0, 1]], dtype=np.int8),), 0.02),
    ),
    draw=_draw_curvatures,
    misconceptions=(
        Misconception(
            _one_over_the_largest,
            "This rate is safe, but not the limit: the factor 1 - ηλ may go down to -1. Take 2 over the "
            "largest eigenvalue.",
        ),
        Misconception(
            named("two_over_the_smallest", _two_over(lambda A: np.linalg.eigvalsh(A)[0])),
            "You took the smallest eigenvalue (`eigvalsh` sorts from small to large). The most curved "
            "direction is the first to break away: take the largest.",
        ),
        Misconception(
            _one_over_the_smallest,
            "You took 1 over the smallest eigenvalue. The most curved direction is the first to break away: "
            "take 2 over the largest.",
        ),
        Misconception(
            _largest_over_two,
            "The fraction is upside down: a more curved bowl allows smaller steps. Divide 2 by the "
            "eigenvalue.",
        ),
        Misconception(
            _twice_the_largest,
            "You multiplied by 2. A more curved bowl allows smaller steps: divide 2 by the eigenvalue.",
        ),
        Misconception(
            _the_largest_eigenvalue,
            "You returned the curvature itself. Divide 2 by it.",
        ),
        Misconception(
            named("smallest_plus_largest", _two_over(lambda A: np.linalg.eigvalsh(A)[[0, -1]].sum())),
            "2 over the sum of the smallest and the largest eigenvalue is the rate that converges fastest. "
            "The limit is 2 over the largest alone.",
        ),
        Misconception(
            named("two_over_the_trace", _two_over(np.trace)),
            "You divided by the trace, the sum of all eigenvalues, which is safe but too careful. Divide by "
            "the largest one.",
        ),
        Misconception(
            named("two_over_the_mean_eigenvalue", _two_over(lambda A: np.trace(A) / len(A))),
            "You divided by the mean of the eigenvalues. The most curved direction decides: divide by the "
            "largest.",
        ),
        Misconception(
            named("two_over_the_frobenius_norm", _two_over(np.linalg.norm)),
            "You divided by the Frobenius norm (the default of `np.linalg.norm`), which counts every "
            "eigenvalue. Divide by the largest one.",
        ),
        Misconception(
            named("two_over_the_largest_entry", _two_over(np.max)),
            "You took the largest entry (in such a matrix it always stands on the diagonal). That is right "
            "only for a bowl along the axes. Take the largest eigenvalue: the bowl may lie askew.",
        ),
        Misconception(
            named("two_over_the_last_diagonal_entry", _two_over(lambda A: A[-1, -1])),
            "You took the last entry of the diagonal. Take the largest eigenvalue.",
        ),
        Misconception(
            named("two_over_the_largest_column_sum", _two_over(lambda A: np.linalg.norm(A, 1))),
            "You divided by the largest column sum (`ord=1` of `np.linalg.norm`), which can exceed the "
            "largest eigenvalue. Divide by the eigenvalue.",
        ),
        Misconception(
            named("two_over_the_sum_of_the_entries", _two_over(np.sum)),
            "You added up all entries. Take the largest eigenvalue.",
        ),
        Misconception(
            named("two_over_the_determinant", _two_over(np.linalg.det)),
            "You divided by the determinant, the product of all eigenvalues. Divide by the largest one.",
        ),
        Misconception(
            named("two_over_the_squared_eigenvalue", _two_over(lambda A: np.linalg.eigvalsh(A.T @ A)[-1])),
            "You took the eigenvalue of AᵀA, which is the square. Take that of A itself.",
        ),
        Misconception(
            named("two_over_the_root", _two_over(lambda A: np.sqrt(np.linalg.eigvalsh(A)[-1]))),
            "You took the root of the eigenvalue. Divide by the eigenvalue itself.",
        ),
        Misconception(
            named("two_over_the_first_of_unsorted_eigenvalues", _two_over(lambda A: np.linalg.eigvals(A)[0])),
            "`np.linalg.eigvals` does not sort, so that the first one may be any of them. Take the maximum, "
            "or the last one of `np.linalg.eigvalsh`.",
        ),
        Misconception(
            named("two_over_the_last_of_unsorted_eigenvalues", _two_over(lambda A: np.linalg.eigvals(A)[-1])),
            "`np.linalg.eigvals` does not sort, so that the last one may be any of them. Take the maximum, "
            "or the last one of `np.linalg.eigvalsh`.",
        ),
        Misconception(
            _one_step_per_eigenvalue,
            "You returned a limit for each eigenvalue. All directions share one learning rate: return the "
            "smallest limit.",
        ),
        Misconception(
            _just_below_the_bound,
            "You stayed a little below the limit. Return the limit itself: 2 over the largest eigenvalue.",
        ),
        Misconception(
            _condition_number,
            "You returned the condition number, largest over smallest. Return 2 over the largest eigenvalue.",
        ),
        Misconception(
            _power_iteration_from_all_ones,
            "Right for most matrices, but the start of your power iteration can be perpendicular to the "
            "answer (lesson 01). Start from a random vector, or use `np.linalg.eigvalsh`.",
        ),
        Misconception(
            _power_iteration_from_the_first_axis,
            "Your power iteration starts along the first axis, which can be perpendicular to the answer "
            "(lesson 01). Start from a random vector, or use `np.linalg.eigvalsh`.",
        ),
        Misconception(
            named("two_over_the_condition_number", _two_over(_condition_number)),
            "You divided by the condition number, largest over smallest. Divide by the largest eigenvalue "
            "alone.",
        ),
        Misconception(
            named("two_over_an_entry_of_the_eigenvectors", _two_over(lambda A: np.max(np.linalg.eigh(A)[1]))),
            "You took a number out of the eigenvectors: `np.linalg.eigh` returns the eigenvalues first, and "
            "the vectors second. Take the largest of the first.",
        ),
        Misconception(
            _list_has_no_transpose,
            "Right for arrays of floats. But a list has no `.T`, and narrow integers wrap around: make it "
            "floats first, `np.asarray(A, dtype=float)`.",
        ),
    ),
    hints=(
        "In one dimension, a step multiplies x by 1 - ηλ. Between which numbers must that factor lie?",
        "|1 - ηλ| < 1 for every eigenvalue λ of A, all with the same η. Which one is the strictest?",
        "`np.linalg.eigvalsh` returns the eigenvalues of a symmetric matrix, sorted from small to large.",
    ),
    showed=(
        "A loss that is multiplied by 10 has ten times the curvature, and the largest stable step is a tenth "
        "of what it was."
    ),
    rtol=1e-6,  # a power iteration is a fair way to the eigenvalue
    atol=0.0,
    n_drawn=12,
)

EXERCISES = (
    SQUARED_L2_NORM_GRADIENT,
    L2_NORM_GRADIENT,
    L1_NORM_SUBGRADIENT,
    NUMERICAL_GRADIENT,
    RELATIVE_ERROR,
    GLOBAL_NORM,
    PARAMETER_NORMS,
    GRADIENT_DESCENT,
    LARGEST_STABLE_STEP,
)
