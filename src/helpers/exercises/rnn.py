"""Exercises of lesson 05: recurrent networks, backpropagation through time, and where gradients go."""

import math

import numpy as np

from helpers import rnn
from helpers.checking import Case, Exercise, Misconception
from helpers.exercises.common import floats, int8, named


def _array(x):
    return np.asarray(x, dtype=float)


def _sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * z))


def _params(**arrays):
    """A dict of arrays of floats."""
    return {name: np.array(array, dtype=float) for name, array in arrays.items()}


def _steps(*numbers):
    """Inputs or states (T, 1, 1): one sequence of one number per step."""
    return np.array(numbers, dtype=float).reshape(-1, 1, 1)


def _draw_state_params(rng, D, H):
    return {
        "W_xh": rng.normal(scale=0.7, size=(D, H)).round(1),
        "W_hh": rng.normal(scale=0.7, size=(H, H)).round(1),
        "b_h": rng.normal(scale=0.5, size=H).round(1),
    }


# -- rnn_step -----------------------------------------------------------------------------------


def _step_with(combine):
    """A step that goes wrong in how it puts its three terms together."""

    def rnn_step(x_t, h, params):
        x_t, h = _array(x_t), _array(h)
        return combine(x_t @ params["W_xh"], h @ params["W_hh"], params["b_h"])

    return rnn_step


def _transposed_recurrent_matrix(x_t, h, params):
    return np.tanh(_array(x_t) @ params["W_xh"] + _array(h) @ params["W_hh"].T + params["b_h"])


def _matrix_on_the_left(x_t, h, params):
    return np.tanh(params["W_xh"] @ _array(x_t) + params["W_hh"] @ _array(h) + params["b_h"])


def _transposed_matrix_on_the_left(x_t, h, params):
    return np.tanh(params["W_xh"].T @ _array(x_t) + params["W_hh"].T @ _array(h) + params["b_h"])


def _one_column_per_sequence(x_t, h, params):
    return rnn.rnn_step(x_t, h, params).T


def _exchanged_the_two_matrices(x_t, h, params):
    return np.tanh(_array(x_t) @ params["W_hh"] + _array(h) @ params["W_xh"] + params["b_h"])


def _multiplied_entry_by_entry(x_t, h, params):
    return np.tanh(_array(x_t) * params["W_xh"] + _array(h) * params["W_hh"] + params["b_h"])


def _added_the_old_state(x_t, h, params):
    return _array(h) + rnn.rnn_step(x_t, h, params)


def _tanh_of_the_old_state(x_t, h, params):
    return rnn.rnn_step(x_t, np.tanh(_array(h)), params)


def _summed_over_the_batch(x_t, h, params):
    return np.sum(rnn.rnn_step(x_t, h, params), axis=0)


def _step_wrapped_around(x_t, h, params):
    return np.tanh(np.asarray(x_t) @ params["W_xh"] + np.asarray(h) @ params["W_hh"] + params["b_h"])


def _kept_the_integers_of_the_state(x_t, h, params):
    new = np.zeros_like(np.asarray(h))
    exact = rnn.rnn_step(x_t, h, params)
    if new.shape != exact.shape:
        return exact
    new[:] = exact
    return new


def _draw_step(rng):
    N, D, H = rng.permutation([2, 3, 4])
    x_t, h = rng.normal(size=(N, D)).round(1), rng.uniform(-0.9, 0.9, size=(N, H)).round(1)
    return x_t, h, _draw_state_params(rng, D, H)


RNN_STEP = Exercise(
    reference=rnn.rnn_step,
    points=1,
    cases=(
        Case(
            "one input, one unit",
            (np.array([[2.0]]), np.array([[0.4]]), _params(W_xh=[[0.5]], W_hh=[[-1.0]], b_h=[0.2])),
            np.array([[math.tanh(2 * 0.5 - 0.4 + 0.2)]]),
        ),
        Case(
            "one input, two units that listen to each other",
            (
                np.array([[1.0]]),
                np.array([[0.5, -0.5]]),
                _params(W_xh=[[1.0, 2.0]], W_hh=[[0.0, 1.0], [3.0, 0.0]], b_h=[0.25, -2.0]),
            ),
            np.array([[math.tanh(-0.25), math.tanh(0.5)]]),
        ),
        Case(
            "two sequences",
            (
                np.array([[1.0], [-1.0]]),
                np.array([[0.0], [0.5]]),
                _params(W_xh=[[0.3]], W_hh=[[0.8]], b_h=[0.1]),
            ),
            np.array([[math.tanh(0.4)], [math.tanh(0.2)]]),
        ),
        Case(
            "two inputs, one unit",
            (np.array([[1.0, 2.0]]), np.array([[0.0]]), _params(W_xh=[[0.5], [-1.0]], W_hh=[[1]], b_h=[0])),
            np.array([[math.tanh(-1.5)]]),
        ),
        Case(
            "no input, only the old state",
            (np.array([[0.0]]), np.array([[0.5]]), _params(W_xh=[[1]], W_hh=[[2]], b_h=[0])),
            np.array([[math.tanh(1.0)]]),
        ),
        Case(
            "no input, an old state of zero, only the bias",
            (np.array([[0.0]]), np.array([[0.0]]), _params(W_xh=[[1]], W_hh=[[1]], b_h=[-0.5])),
            np.array([[math.tanh(-0.5)]]),
        ),
        Case(
            "a large input, where the unit saturates",
            (np.array([[-50.0]]), np.array([[0.0]]), _params(W_xh=[[1]], W_hh=[[1]], b_h=[0])),
            np.array([[-1.0]]),
        ),
        Case(
            "lists of integers",
            ([[2, 0]], [[1]], _params(W_xh=[[0.25], [1.0]], W_hh=[[0.5]], b_h=[0])),
            np.array([[math.tanh(1.0)]]),
        ),
        Case(
            "8-bit integers, whose sum does not fit",
            (
                np.array([[100, 100]], dtype=np.int8),
                np.array([[0]], dtype=np.int8),
                {"W_xh": np.array([[1], [1]], dtype=np.int8), "W_hh": int8(1)[:, None], "b_h": int8(0)},
            ),
            np.array([[1.0]]),
        ),
    ),
    draw=_draw_step,
    misconceptions=(
        Misconception(
            named("forgot_the_tanh", _step_with(lambda new, old, b: new + old + b)),
            "You returned what goes into the tanh. Apply `np.tanh` to the whole sum.",
        ),
        Misconception(
            named("forgot_the_bias", _step_with(lambda new, old, b: np.tanh(new + old))),
            "You left out the bias. Add `b_h` inside the tanh: NumPy repeats it for every sequence.",
        ),
        Misconception(
            named("forgot_the_old_state", _step_with(lambda new, old, b: np.tanh(new + b))),
            "The new state does not depend on the old one, so that the network has no memory. Add `h @ W_hh` "
            "inside the tanh.",
        ),
        Misconception(
            named("forgot_the_input", _step_with(lambda new, old, b: np.tanh(old + b))),
            "The new state does not depend on the input. Add `x_t @ W_xh` inside the tanh.",
        ),
        Misconception(
            _transposed_recurrent_matrix,
            "You multiplied by the transpose of W_hh. It is square, so that no shape complains. States are "
            "rows here: multiply from the right by `W_hh` itself.",
        ),
        Misconception(
            _matrix_on_the_left,
            "You put the matrices on the left, as for columns. Here each sequence is a row: write `x_t @ "
            "W_xh` and `h @ W_hh`.",
        ),
        Misconception(
            _transposed_matrix_on_the_left,
            "You put the transposed matrices on the left, which would suit columns. Here each sequence is a "
            "row of the batch: put the matrix on the right, without a transpose.",
        ),
        Misconception(
            _one_column_per_sequence,
            "The numbers are right, but each sequence is a column. Return one row per sequence, shape "
            "(N, H): leave out the transpose.",
        ),
        Misconception(
            _exchanged_the_two_matrices,
            "You exchanged the matrices. Multiply the input by `W_xh`, from x to h, and the state by `W_hh`, "
            "from h to h.",
        ),
        Misconception(
            _multiplied_entry_by_entry,
            "`*` multiplies entry by entry. Use the matrix product `@`.",
        ),
        Misconception(
            named("only_the_input", _step_with(lambda new, old, b: np.tanh(new))),
            "Old state and bias are missing. Add `h @ W_hh` and `b_h` inside the tanh.",
        ),
        Misconception(
            named("bias_outside_the_tanh", _step_with(lambda new, old, b: np.tanh(new + old) + b)),
            "You added the bias after the tanh. Add it inside, before the tanh.",
        ),
        Misconception(
            named("tanh_of_the_input_only", _step_with(lambda new, old, b: np.tanh(new + b) + old)),
            "The old state came in after the tanh, so that the new one can leave [-1, 1]. Add all three "
            "terms first, and take the tanh of their sum.",
        ),
        Misconception(
            named("tanh_of_each_term", _step_with(lambda new, old, b: np.tanh(new) + np.tanh(old) + b)),
            "You took the tanh of each product. Add all three terms first, and take one tanh of the sum.",
        ),
        Misconception(
            named("subtracted_the_bias", _step_with(lambda new, old, b: np.tanh(new + old - b))),
            "The bias has the wrong sign. Add it.",
        ),
        Misconception(
            named("sigmoid_for_tanh", _step_with(lambda new, old, b: _sigmoid(new + old + b))),
            "You used the sigmoid, with values between 0 and 1. Use `np.tanh`, between -1 and 1.",
        ),
        Misconception(
            named("relu_for_tanh", _step_with(lambda new, old, b: np.maximum(new + old + b, 0))),
            "You cut off at 0 (ReLU). Use `np.tanh`.",
        ),
        Misconception(
            _added_the_old_state,
            "You added the old state to the new one. It plays its part inside the tanh already: return the "
            "tanh alone.",
        ),
        Misconception(
            _tanh_of_the_old_state,
            "You took the tanh of the old state before multiplying. It has been through a tanh already: use "
            "`h` as it comes.",
        ),
        Misconception(
            _summed_over_the_batch,
            "You added up the sequences. Each has a state of its own: return shape (N, H), without a sum.",
        ),
        Misconception(
            named("narrow_integers", _step_wrapped_around),
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, 100 + 100 is -56): turn "
            "`x_t` and `h` into floats first, `np.asarray(x_t, dtype=float)`.",
        ),
        Misconception(
            _kept_the_integers_of_the_state,
            "Right, unless `h` holds integers: `np.zeros_like(h)` then holds integers as well, and the new "
            "state is cut off to 0. Turn `h` into floats first.",
        ),
        Misconception(
            named("bias_counted_twice", _step_with(lambda new, old, b: np.tanh(new + old + 2 * b))),
            "You added the bias twice. There is one bias here: add `b_h` once.",
        ),
    ),
    hints=(
        "The new state listens to two things, the input and the old state. Each has a matrix that brings it "
        "to H numbers.",
        "h_t = tanh(x_t W_xh + h_{t-1} W_hh + b_h). Each row of `x_t` and `h` is a sequence, so the matrices "
        "stand on the right.",
        "Make `x_t` and `h` arrays of floats. Then two products with `@`, two sums, and one `np.tanh` around "
        "it all.",
    ),
    showed=(
        "Since tanh keeps every state between -1 and 1, a sum of 3 and one of 300 look nearly alike to the "
        "next step: 0.995 and 1."
    ),
)

# -- rnn_forward --------------------------------------------------------------------------------


def _forward_from(h, x, params):
    """States after each step, as a list."""
    states = []
    for x_t in _array(x):
        h = rnn.rnn_step(x_t, h, params)
        states.append(h)
    return states


def _state_not_carried_on(x, h0, params):
    return np.array([rnn.rnn_step(x_t, h0, params) for x_t in _array(x)])


def _started_from_zeros(x, h0, params):
    return np.array(_forward_from(np.zeros_like(_array(h0)), x, params))


def _only_the_last_state(x, h0, params):
    return _forward_from(_array(h0), x, params)[-1]


def _only_the_first_state(x, h0, params):
    return rnn.rnn_step(_array(x)[0], h0, params)


def _returned_inside_the_loop(x, h0, params):
    return np.array([rnn.rnn_step(_array(x)[0], h0, params)])


def _loop_began_at_step_1(x, h0, params):
    states = _forward_from(_array(h0), _array(x)[1:], params)
    return np.array([np.zeros_like(_array(h0)), *states])


def _states_and_the_last_one(x, h0, params):
    states = rnn.rnn_forward(x, h0, params)
    return states, states[-1]


def _start_among_the_states(x, h0, params):
    return np.array([_array(h0), *_forward_from(_array(h0), x, params)])


def _shifted_by_one_step(x, h0, params):
    return np.array([_array(h0), *_forward_from(_array(h0), x, params)[:-1]])


def _read_from_the_end(x, h0, params):
    return np.array(_forward_from(_array(h0), _array(x)[::-1], params))


def _right_states_in_reverse_order(x, h0, params):
    return np.array(_forward_from(_array(h0), x, params)[::-1])


def _ran_over_the_sequences(x, h0, params):
    x, h, states = _array(x), _array(h0), []
    for n in range(x.shape[1]):
        h = rnn.rnn_step(x[:, n], h, params)
        states.append(h)
    return np.array(states)


def _sequences_first(x, h0, params):
    return np.array(_forward_from(_array(h0), x, params)).swapaxes(0, 1)


def _start_stored_as_the_first_state(x, h0, params):
    h0 = _array(h0)
    return np.array([h0, *_forward_from(h0, _array(x)[1:], params)])


def _array_of_states_shaped_like_the_inputs(x, h0, params):
    x, h = _array(x), h0
    hidden = np.zeros_like(x)
    for t in range(len(x)):
        h = rnn.rnn_step(x[t], h, params)
        hidden[t] = h
    return hidden


def _the_same_array_every_time(x, h0, params):
    states = _forward_from(_array(h0), x, params)
    return np.array([states[-1]] * len(states))


def _the_first_input_every_time(x, h0, params):
    return np.array(_forward_from(_array(h0), [_array(x)[0]] * len(x), params))


def _skipped_the_first_input(x, h0, params):
    return np.array(_forward_from(_array(h0), _array(x)[1:], params))


def _stopped_before_the_last_step(x, h0, params):
    return np.array(_forward_from(_array(h0), _array(x)[:-1], params))


def _changed_the_start_in_place(x, h0, params):
    hidden = np.empty((len(x), *h0.shape))
    for t, x_t in enumerate(_array(x)):
        h0[:] = rnn.rnn_step(x_t, h0, params)
        hidden[t] = h0
    return hidden


def _kept_the_integers_of_the_start(x, h0, params):
    h0 = np.asarray(h0)
    hidden = np.zeros((len(x), *h0.shape), dtype=h0.dtype)
    hidden[:] = _forward_from(h0, x, params)
    return hidden


def _kept_the_integers_of_the_input(x, h0, params):
    x, h0 = np.asarray(x), np.asarray(h0)
    hidden = np.zeros((len(x), *h0.shape), dtype=x.dtype)
    hidden[:] = _forward_from(h0, x, params)
    return hidden


def _added_up_the_states(x, h0, params):
    return np.cumsum(_forward_from(_array(h0), x, params), axis=0)


def _applied_the_tanh_twice(x, h0, params):
    return np.tanh(rnn.rnn_forward(x, h0, params))


def _side_by_side(x, h0, params):
    return np.concatenate(_forward_from(_array(h0), x, params), axis=1)


def _on_top_of_one_another(x, h0, params):
    return np.concatenate(_forward_from(_array(h0), x, params))


def _draw_forward(rng):
    N, D, H = rng.permutation([2, 3, 4])
    T = 3 + (N == 3)
    h0 = rng.uniform(-0.9, 0.9, size=(N, H)).round(1)
    return rng.normal(size=(T, N, D)).round(1), h0, _draw_state_params(rng, D, H)


_HALF = _params(W_xh=[[1.0]], W_hh=[[0.5]], b_h=[0.0])

RNN_FORWARD = Exercise(
    reference=rnn.rnn_forward,
    points=2,
    cases=(
        Case(
            "two steps of one sequence",
            (_steps(1, -2), np.array([[0.5]]), _HALF),
            _steps(math.tanh(1.25), math.tanh(0.5 * math.tanh(1.25) - 2)),
        ),
        Case(
            "one input, then nothing: the state fades",
            (_steps(2, 0, 0), np.array([[0.0]]), _HALF),
            _steps(
                math.tanh(2), math.tanh(0.5 * math.tanh(2)), math.tanh(0.5 * math.tanh(0.5 * math.tanh(2)))
            ),
        ),
        Case("a single step", (_steps(1), np.array([[2.0]]), _HALF), _steps(math.tanh(2))),
        Case(
            "one input, two units",
            (_steps(1), np.zeros((1, 2)), _params(W_xh=[[0.5, -1.0]], W_hh=np.eye(2), b_h=[0.0, 0.0])),
            np.array([[[math.tanh(0.5), math.tanh(-1)]]]),
        ),
        Case(
            "two inputs, one unit",
            (
                np.array([[[1.0, 2.0]]]),
                np.zeros((1, 1)),
                _params(W_xh=[[1.0], [-1.0]], W_hh=[[0.5]], b_h=[0.0]),
            ),
            _steps(math.tanh(-1)),
        ),
        Case(
            "two sequences, one step",
            (np.array([[[1.0], [-1.0]]]), np.array([[0.0], [1.0]]), _HALF),
            np.array([[[math.tanh(1)], [math.tanh(-0.5)]]]),
        ),
        Case(
            "two inputs, two units, where the second listens to the first",
            (
                np.array([[[1.0, 0.0]], [[0.0, 1.0]]]),
                np.array([[0.0, 0.0]]),
                _params(W_xh=[[1.0, 0.0], [0.0, 1.0]], W_hh=[[0.0, 2.0], [0.0, 0.0]], b_h=[0.0, 0.0]),
            ),
            np.array([[[math.tanh(1), 0.0]], [[0.0, math.tanh(1 + 2 * math.tanh(1))]]]),
        ),
        Case(
            "lists of integers",
            ([[[1]], [[0]]], [[0]], _HALF),
            _steps(math.tanh(1), math.tanh(0.5 * math.tanh(1))),
        ),
        Case(
            "a start of integers",
            (_steps(0.5), np.array([[1]]), _HALF),
            _steps(math.tanh(1)),
        ),
        Case(
            "inputs of integers",
            (np.array([[[1]], [[-1]]]), np.array([[0.0]]), _HALF),
            _steps(math.tanh(1), math.tanh(0.5 * math.tanh(1) - 1)),
        ),
        Case(
            "a state that lasts for twelve steps",
            (np.zeros((12, 1, 1)), np.ones((1, 1)), _params(W_xh=[[0.0]], W_hh=[[100.0]], b_h=[0.0])),
            np.ones((12, 1, 1)),
        ),
    ),
    draw=_draw_forward,
    misconceptions=(
        Misconception(
            _state_not_carried_on,
            "Every step starts from `h0`, so that nothing is remembered. Let each step start from the state "
            "that the step before it returned.",
        ),
        Misconception(
            _started_from_zeros,
            "You started from zeros. Start from `h0`.",
        ),
        Misconception(
            _only_the_last_state,
            "You returned the last state only. Keep the state after every step: shape (T, N, H).",
        ),
        Misconception(
            _only_the_first_state,
            "You returned the first state alone: the `return` may stand inside the loop. Keep the state "
            "after every step, and return all of them behind the loop.",
        ),
        Misconception(
            _returned_inside_the_loop,
            "Only the first state is there: a `return` stands inside the loop. Move it behind the loop.",
        ),
        Misconception(
            _loop_began_at_step_1,
            "The first step is left at zeros: the loop begins at step 1. Begin at 0, from `h0`.",
        ),
        Misconception(
            _start_stored_as_the_first_state,
            "`h0` stands in the place of the first state, and the first input was never read. Begin at step "
            "0: `h0` is what it starts from, not what it returns.",
        ),
        Misconception(
            _array_of_states_shaped_like_the_inputs,
            "The array for the states has the shape of the inputs, (T, N, D). States have H numbers: make it "
            "(T, N, H), with N and H from the shape of `h0`.",
        ),
        Misconception(
            _states_and_the_last_one,
            "You returned the last state as well, as PyTorch does. Return the states alone: the last one is "
            "among them.",
        ),
        Misconception(
            _start_among_the_states,
            "The start is among the states, which makes T + 1 of them. Leave `h0` out.",
        ),
        Misconception(
            _shifted_by_one_step,
            "You stored the state before each step. Do the step first, and store what it returns.",
        ),
        Misconception(
            _read_from_the_end,
            "You read the sequence from its end. Go from the first step to the last.",
        ),
        Misconception(
            _right_states_in_reverse_order,
            "The states are in reverse order. Put that of the first step first.",
        ),
        Misconception(
            _ran_over_the_sequences,
            "Your loop runs over the sequences (axis 1). Run over the steps, axis 0: `x[t]` holds step t of "
            "all sequences at once.",
        ),
        Misconception(
            _sequences_first,
            "The numbers are right, but sequences come first. Put the steps on axis 0: shape (T, N, H).",
        ),
        Misconception(
            _the_same_array_every_time,
            "All steps show the last state: one array was changed in place and stored again and again. Make "
            "a new array in every step, `h = rnn_step(...)`.",
        ),
        Misconception(
            _the_first_input_every_time,
            "Every step reads the first input. Read `x[t]` at step t.",
        ),
        Misconception(
            _skipped_the_first_input,
            "You skipped the first input, so that one state is missing. Begin at step 0, `x[0]`.",
        ),
        Misconception(
            _stopped_before_the_last_step,
            "The last step is missing. Let the loop run over all T steps: `range(T)`.",
        ),
        Misconception(
            named("mutated_h0", _changed_the_start_in_place),
            "The states are right, but you wrote them into `h0`, which belongs to the caller. Bind a name of "
            "your own to each new state: `h = rnn_step(...)`.",
        ),
        Misconception(
            _kept_the_integers_of_the_start,
            "Right, unless `h0` holds integers: then states are cut off to integers. Make the array of "
            "states one of floats.",
        ),
        Misconception(
            _kept_the_integers_of_the_input,
            "Right, unless `x` holds integers: then states are cut off to integers. Make the array of "
            "states one of floats.",
        ),
        Misconception(
            _added_up_the_states,
            "You added each state to the sum of those before it. Each step returns the whole new state: "
            "store it as it is.",
        ),
        Misconception(
            _applied_the_tanh_twice,
            "The tanh was applied twice to what you returned. `rnn_step` has done it already: store its "
            "result as it is.",
        ),
        Misconception(
            _side_by_side,
            "You put the states of all steps side by side. Stack them along a new first axis: `np.stack`, or "
            "an array of shape (T, N, H) that you fill.",
        ),
        Misconception(
            _on_top_of_one_another,
            "You joined the states of all steps into one tall matrix. Stack them along a new first axis: "
            "`np.stack`, or an array of shape (T, N, H) that you fill.",
        ),
    ),
    hints=(
        "You have the function for one step. What does each step need from the one before it?",
        "h starts as h0; at step t, h becomes rnn_step(x[t], h, params), and that is entry t of the result.",
        "A loop over the steps with two lines: one makes the new `h`, one stores it. Make an array of shape "
        "(T, N, H) before the loop, or collect a list and turn it into an array after it.",
    ),
    showed=(
        "No state depends on a later input, so the first states of a long sequence are those of its "
        "beginning alone."
    ),
)

# -- softmax_cross_entropy ----------------------------------------------------------------------


def _softmax_parts(logits, targets):
    """Logits, targets, rows with a target, and the softmax of every row."""
    logits, targets = _array(logits), np.asarray(targets)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return logits, targets, np.flatnonzero(targets != -1), shifted / shifted.sum(axis=1, keepdims=True)


def _right_pair(logits, targets):
    return rnn.softmax_cross_entropy(logits, targets)


def _n_targets(targets):
    return np.count_nonzero(np.asarray(targets) != -1)


def _summed_over_the_targets(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss * _n_targets(targets), gradient * _n_targets(targets)


def _gradient_of_the_sum(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss, gradient * _n_targets(targets)


def _mean_over_all_rows(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    share = _n_targets(targets) / len(gradient)
    return loss * share, gradient * share


def _gradient_divided_by_all_rows(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss, gradient * _n_targets(targets) / len(gradient)


def _loss_divided_by_all_rows(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss * _n_targets(targets) / len(gradient), gradient


def _mean_over_classes_too(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss / gradient.shape[1], gradient / gradient.shape[1]


def _no_target_counts_as_the_last_class(logits, targets):
    targets = np.asarray(targets)
    return _right_pair(logits, np.where(targets == -1, np.shape(logits)[1] - 1, targets))


def _no_target_counts_as_class_0(logits, targets):
    return _right_pair(logits, np.maximum(targets, 0))


def _class_0_does_not_count(logits, targets):
    targets = np.asarray(targets)
    return _right_pair(logits, np.where(targets == 0, -1, targets))


def _rows_without_target_keep_their_gradient(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    logits, targets, _, p = _softmax_parts(logits, targets)
    ignored = targets == -1
    gradient[ignored] = p[ignored] / max(_n_targets(targets), 1)
    return loss, gradient


def _minus_one_in_rows_without_target(logits, targets):
    loss, _ = _right_pair(logits, targets)
    _, targets, rows, p = _softmax_parts(logits, targets)
    if rows.size == 0:
        return loss, np.zeros_like(p)
    p[np.arange(len(p)), targets] -= 1
    return loss, p / rows.size


def _with_log_of_sum(log_of_sum):
    """Loss and gradient that rest on another log Σ exp(z), of the logits shifted row by row."""

    def softmax_cross_entropy(logits, targets):
        z, targets = _array(logits), np.asarray(targets)
        rows, gradient = np.flatnonzero(targets != -1), np.zeros_like(z)
        if rows.size == 0:
            return 0.0, gradient
        with np.errstate(all="ignore"):
            z = z - np.max(z, axis=1, keepdims=True)
            log_p = (z - log_of_sum(z))[rows]
            loss = -np.mean(log_p[np.arange(rows.size), targets[rows]])
            p = np.exp(log_p)
        p[np.arange(rows.size), targets[rows]] -= 1
        gradient[rows] = p / rows.size
        return loss, gradient

    return softmax_cross_entropy


def _shifted_one_part_only(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    _, targets, rows, _ = _softmax_parts(logits, targets)
    if rows.size:
        loss = loss - np.mean(np.max(_array(logits)[rows], axis=1))
    return loss, gradient


def _loss_summed_only(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss * _n_targets(targets), gradient


def _gradient_divided_by_the_classes(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss, gradient / gradient.shape[1]


def _rows_without_target_left_out(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss, gradient[np.asarray(targets) != -1]


def _gradient_without_the_minus_one(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    _, _, rows, p = _softmax_parts(logits, targets)
    gradient[rows] = p[rows] / max(rows.size, 1)
    return loss, gradient


def _gradient_with_the_opposite_sign(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return loss, 0.0 - gradient


def _gradient_of_the_log_likelihood(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return 0.0 - loss, 0.0 - gradient


def _loss_without_its_minus(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return 0.0 - loss, gradient


def _only_the_entry_of_the_target(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    _, targets, rows, _ = _softmax_parts(logits, targets)
    kept = np.zeros_like(gradient)
    kept[rows, targets[rows]] = gradient[rows, targets[rows]]
    return loss, kept


def _derivative_by_the_probability(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    _, targets, rows, p = _softmax_parts(logits, targets)
    by_probability = np.zeros_like(gradient)
    with np.errstate(all="ignore"):
        by_probability[rows, targets[rows]] = -1 / p[rows, targets[rows]] / max(rows.size, 1)
    return loss, by_probability


def _with_softmax(softmax, log=np.log):
    """Loss and gradient that rest on another softmax, or on another logarithm of it."""

    def softmax_cross_entropy(logits, targets):
        logits, targets = _array(logits), np.asarray(targets)
        rows, gradient = np.flatnonzero(targets != -1), np.zeros_like(logits)
        if rows.size == 0:
            return 0.0, gradient
        with np.errstate(all="ignore"):
            p = softmax(logits)[rows]
            loss = -np.mean(log(p[np.arange(rows.size), targets[rows]]))
            p[np.arange(rows.size), targets[rows]] -= 1
        gradient[rows] = p / rows.size
        return loss, gradient

    return softmax_cross_entropy


def _plain_softmax(z):
    return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)


def _shifted_softmax(z):
    return _plain_softmax(z - np.max(z, axis=1, keepdims=True))


def _added_in_the_logarithm(number):
    """A small number added to the probability, to keep the logarithm from 0."""
    function = _with_softmax(_shifted_softmax, lambda p: np.log(p + number))
    return Misconception(
        named(f"{number:g}_added_in_the_logarithm", function),
        f"{number:g} was added to the probability to keep the logarithm from 0, which makes large losses "
        "wrong. Compute log softmax = z − log Σ exp(z) from the shifted logits z instead.",
    )


def _clipped_below(number):
    """A small number as the least probability, to keep the logarithm from 0."""
    function = _with_softmax(_shifted_softmax, lambda p: np.log(np.maximum(p, number)))
    return Misconception(
        named(f"probability_clipped_at_{number:g}", function),
        f"The probability was kept at {number:g} or more, so that no loss exceeds {-math.log(number):.0f}. "
        "Compute log softmax = z − log Σ exp(z) from the shifted logits z instead.",
    )


def _every_target_from_every_row(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    _, targets, rows, _ = _softmax_parts(logits, targets)
    z = _array(logits)
    z = z - z.max(axis=1, keepdims=True)
    log_softmax = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return (-np.mean(log_softmax[:, targets[rows]]) if rows.size else 0.0), gradient


def _nan_where_there_is_no_target(logits, targets):
    loss, gradient = _right_pair(logits, targets)
    return (loss, gradient) if _n_targets(targets) else (np.nan, np.full_like(gradient, np.nan))


def _only_the_loss(logits, targets):
    return _right_pair(logits, targets)[0]


def _only_the_gradient(logits, targets):
    return _right_pair(logits, targets)[1]


def _gradient_before_the_loss(logits, targets):
    return _right_pair(logits, targets)[::-1]


def _probabilities_for_the_gradient(logits, targets):
    loss, _ = _right_pair(logits, targets)
    return loss, _softmax_parts(logits, targets)[3]


def _one_minus_the_probability(logits, targets):
    _, gradient = _right_pair(logits, targets)
    _, targets, rows, p = _softmax_parts(logits, targets)
    return (np.mean(1 - p[rows, targets[rows]]) if rows.size else 0.0), gradient


def _one_loss_per_row(logits, targets):
    logits = _array(logits)
    pairs = [_right_pair(logits[m : m + 1], targets[m : m + 1]) for m in range(len(logits))]
    return np.array([loss for loss, _ in pairs]), _right_pair(logits, targets)[1]


def _kept_integer_logits(logits, targets):
    z = np.asarray(logits)
    if z.dtype.kind == "f":
        return _right_pair(logits, targets)
    loss, exact = _right_pair(z, targets)
    gradient = np.zeros_like(z)
    gradient[:] = exact
    return loss, gradient


def _narrow_logits_wrap_around(logits, targets):
    z = np.asarray(logits)
    if z.dtype.kind == "f":
        return _right_pair(logits, targets)
    with np.errstate(all="ignore"):
        return _right_pair(z - np.max(z, axis=1, keepdims=True), targets)


def _draw_logits(rng):
    M, K = rng.permutation([3, 4, 5])[:2]
    logits = rng.normal(scale=2, size=(M, K)).round(1)
    if rng.random() < 0.2:
        logits = (logits * 100).round()
    targets = rng.integers(0, K, size=M)
    targets[rng.random(M) < 0.3] = -1
    targets[rng.integers(M)] = rng.integers(K)
    return logits, targets


_LN3 = math.log(3)

SOFTMAX_CROSS_ENTROPY = Exercise(
    reference=rnn.softmax_cross_entropy,
    points=3,
    cases=(
        Case(
            "two equal logits",
            (np.array([[0.0, 0.0]]), np.array([1])),
            (math.log(2), np.array([[0.5, -0.5]])),
        ),
        Case(
            "probabilities 1/4 and 3/4",
            (np.array([[2.0, 2.0 + _LN3]]), np.array([1])),
            (math.log(4 / 3), np.array([[0.25, -0.25]])),
        ),
        Case(
            "two rows: the mean",
            (np.array([[0.0, _LN3], [0.0, 0.0]]), np.array([0, 1])),
            ((math.log(4) + math.log(2)) / 2, np.array([[-0.375, 0.375], [0.25, -0.25]])),
        ),
        Case(
            "one of three rows has no target",
            (np.array([[0.0, 0.0], [1.0, 5.0], [0.0, _LN3]]), np.array([0, -1, 1])),
            (
                (math.log(2) + math.log(4 / 3)) / 2,
                np.array([[-0.25, 0.25], [0.0, 0.0], [0.125, -0.125]]),
            ),
        ),
        Case(
            "no row has a target",
            (np.array([[1.0, 2.0], [3.0, -4.0]]), np.array([-1, -1])),
            (0.0, np.zeros((2, 2))),
        ),
        Case(
            "four classes that are equally likely",
            (np.array([[7.0, 7.0, 7.0, 7.0]]), np.array([2])),
            (math.log(4), np.array([[0.25, 0.25, -0.75, 0.25]])),
        ),
        Case(
            "logits of 1e4, all right",
            (np.array([[1e4, -1e4, 0.0]]), np.array([0])),
            (0.0, np.zeros((1, 3))),
        ),
        Case(
            "logits of 1e4, all wrong",
            (np.array([[1e4, -1e4, 0.0]]), np.array([1])),
            (2e4, np.array([[1.0, -1.0, 0.0]])),
        ),
        Case(
            "a row of large logits above a row of very negative ones",
            (np.array([[1e4, 1e4], [-1e4, -1e4]]), np.array([0, 1])),
            (math.log(2), np.array([[-0.25, 0.25], [0.25, -0.25]])),
        ),
        Case(
            "a lead of 40, where the loss is nearly 0",
            (np.array([[40.0, 0.0]]), np.array([1])),
            (40.0, np.array([[1.0, -1.0]])),
        ),
        Case(
            "lists of integers",
            ([[5, 5], [1, 1]], [0, -1]),
            (math.log(2), np.array([[-0.5, 0.5], [0.0, 0.0]])),
        ),
        Case(
            "8-bit integers, whose difference does not fit",
            (np.array([[100, -100]], dtype=np.int8), int8(1)),
            (200.0, np.array([[1.0, -1.0]])),
        ),
    ),
    draw=_draw_logits,
    misconceptions=(
        Misconception(
            _summed_over_the_targets,
            "You added up the losses. Divide loss and gradient by the number of targets: it is a mean.",
        ),
        Misconception(
            _gradient_of_the_sum,
            "The loss is a mean, but the gradient is that of the sum. Divide it by the number of targets, "
            "too.",
        ),
        Misconception(
            _mean_over_all_rows,
            "You divided by the number of rows. Rows whose target is -1 do not count: divide by the number "
            "of targets.",
        ),
        Misconception(
            _gradient_divided_by_all_rows,
            "The loss is right, but the gradient is divided by the number of all rows. Divide it by the "
            "number of targets that are not -1.",
        ),
        Misconception(
            _loss_divided_by_all_rows,
            "The gradient is right, but the loss is divided by the number of all rows. Divide it by the "
            "number of targets that are not -1.",
        ),
        Misconception(
            _mean_over_classes_too,
            "You averaged over the classes as well. Each row has one loss: divide by the number of targets "
            "alone.",
        ),
        Misconception(
            _no_target_counts_as_the_last_class,
            "A target of -1 was used as an index, and index -1 is the last class. Leave these rows out "
            "before you index.",
        ),
        Misconception(
            _no_target_counts_as_class_0,
            "A target of -1 was taken for class 0. Leave these rows out.",
        ),
        Misconception(
            _class_0_does_not_count,
            "Rows with target 0 were left out. 0 is a class like any other: only -1 means no target.",
        ),
        Misconception(
            _rows_without_target_keep_their_gradient,
            "Rows without a target have a gradient. They have no part in the loss: set their gradient to 0.",
        ),
        Misconception(
            _minus_one_in_rows_without_target,
            "The loss is right, but in the gradient, 1 was subtracted in rows without a target as well "
            "(index -1 is the last class), and these rows are not 0. Subtract in the rows with a target "
            "only, and set the others to 0.",
        ),
        Misconception(
            _shifted_one_part_only,
            "You shifted the logits in log Σ exp(z) and took z_y without the shift. Take both from the "
            "shifted logits.",
        ),
        Misconception(
            named(
                "summed_down_the_columns",
                _with_log_of_sum(lambda z: np.log(np.sum(np.exp(z), axis=0, keepdims=True))),
            ),
            "The largest logit is that of each row, but the sum runs down the columns. Sum over the classes "
            "of each row: `np.sum(np.exp(z), axis=1, keepdims=True)`.",
        ),
        Misconception(
            named("summed_over_the_whole_matrix", _with_log_of_sum(lambda z: np.log(np.sum(np.exp(z))))),
            "The sum of the exponentials runs over the whole matrix. Sum over each row: `axis=1, "
            "keepdims=True`.",
        ),
        Misconception(
            _loss_summed_only,
            "The gradient is right, but the loss is a sum. Divide it by the number of targets, too.",
        ),
        Misconception(
            _gradient_divided_by_the_classes,
            "The loss is right, but the gradient is divided by the number of classes as well. Divide it by "
            "the number of targets alone.",
        ),
        Misconception(
            _rows_without_target_left_out,
            "The rows without a target are missing in the gradient. Give it the shape of the logits, with "
            "zeros in these rows.",
        ),
        Misconception(
            _gradient_without_the_minus_one,
            "Your gradient is the softmax alone. Subtract 1 at the target of each row.",
        ),
        Misconception(
            _gradient_with_the_opposite_sign,
            "The gradient has the opposite sign: it points downhill. Take softmax minus one-hot.",
        ),
        Misconception(
            _gradient_of_the_log_likelihood,
            "This is the mean log-likelihood and its gradient. The loss is its negative: change both signs.",
        ),
        Misconception(
            _loss_without_its_minus,
            "The loss has the wrong sign: the logarithm of a probability is negative. Put a minus before it.",
        ),
        Misconception(
            _only_the_entry_of_the_target,
            "Only the logit of the target has a derivative in yours. The softmax depends on all logits of "
            "the row: the others get their probability.",
        ),
        Misconception(
            _derivative_by_the_probability,
            "This is the derivative with respect to the probabilities. Go on through the softmax: with "
            "respect to the logits it is softmax minus one-hot.",
        ),
        Misconception(
            named("exp_overflows", _with_softmax(_plain_softmax)),
            "`exp` of a logit of 1e4 is inf, and inf / inf is NaN. Subtract the largest logit of each row "
            "first: the softmax stays the same.",
        ),
        Misconception(
            named(
                "subtracted_one_maximum_for_all_rows",
                _with_softmax(lambda z: _plain_softmax(z - np.max(z))),
            ),
            "You subtracted one maximum from all rows, and in a row far below it every `exp` is 0. Subtract "
            "each row's own: `np.max(logits, axis=1, keepdims=True)`.",
        ),
        Misconception(
            named("logarithm_of_zero", _with_softmax(_shifted_softmax)),
            "The probability of the target is so small that it becomes 0, and its logarithm -inf. Don't take "
            "the logarithm of the softmax: log softmax = z − log Σ exp(z), with z the shifted logits.",
        ),
        *map(_added_in_the_logarithm, (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)),
        *map(_clipped_below, (1e-7, 1e-8, 1e-10, 1e-12, 1e-15)),
        Misconception(
            named(
                "softmax_down_the_columns",
                _with_softmax(lambda z: _plain_softmax((z - np.max(z, axis=0)).T).T),
            ),
            "Your softmax runs down the columns, over the rows of the batch. Normalise each row: `axis=1`.",
        ),
        Misconception(
            named("softmax_of_the_whole_matrix", _with_softmax(lambda z: np.exp(z) / np.sum(np.exp(z)))),
            "Your softmax adds up to 1 over the whole matrix. Let each row add up to 1: "
            "`axis=1, keepdims=True`.",
        ),
        Misconception(
            named("sigmoid_for_softmax", _with_softmax(_sigmoid)),
            "You used the sigmoid of each logit. Use the softmax, which makes the classes of a row compete.",
        ),
        Misconception(
            named("logarithm_to_base_10", _with_softmax(_shifted_softmax, np.log10)),
            "The loss is in decimal digits. Take the natural logarithm, `np.log`.",
        ),
        Misconception(
            named("logarithm_to_base_2", _with_softmax(_shifted_softmax, np.log2)),
            "The loss is in bits. Take the natural logarithm, `np.log`, for nats.",
        ),
        Misconception(
            _nan_where_there_is_no_target,
            "Without any target the mean is 0 / 0, which is NaN. Return a loss of 0.0 and a gradient of "
            "zeros there.",
        ),
        Misconception(
            _only_the_loss,
            "You returned the loss alone. Return both: `return loss, gradient`.",
        ),
        Misconception(
            _only_the_gradient,
            "You returned the gradient alone. Return both: `return loss, gradient`.",
        ),
        Misconception(
            _gradient_before_the_loss,
            "You returned the gradient first. The loss comes first: `return loss, gradient`.",
        ),
        Misconception(
            _probabilities_for_the_gradient,
            "In the place of the gradient stand the probabilities of every row. Subtract 1 at each target, "
            "set rows without one to 0, and divide by the number of targets.",
        ),
        Misconception(
            _every_target_from_every_row,
            "`[:, targets]` picks every target from every row. Pick one entry per row: "
            "`[np.arange(rows.size), targets[rows]]`.",
        ),
        Misconception(
            _one_minus_the_probability,
            "Your loss is 1 minus the probability of the target. Take minus its logarithm.",
        ),
        Misconception(
            _one_loss_per_row,
            "You returned one loss per row. Average over the rows that have a target.",
        ),
        Misconception(
            _kept_integer_logits,
            "Right for floats. But for integer logits, `np.zeros_like(logits)` holds integers, and the "
            "gradient is cut off to 0: turn the logits into floats first.",
        ),
        Misconception(
            _narrow_logits_wrap_around,
            "Right for arrays of floats. But narrow integers wrap around (in 8 bits, -100 - 100 is 56): turn "
            "the logits into floats first, `np.asarray(logits, dtype=float)`.",
        ),
    ),
    hints=(
        "Take one row first. The softmax turns its logits into probabilities; the loss is minus the "
        "logarithm of the one that stands at the target.",
        "With z = logits − their largest: log softmax = z − log Σ exp(z). The gradient of a row is (softmax "
        "− one-hot) / number of targets, where one-hot is 1 at the target and 0 elsewhere.",
        "Find the rows with a target: `rows = np.flatnonzero(targets != -1)`; if there is none, you know "
        "both results. Work on `logits[rows]`, pick with `[np.arange(rows.size), targets[rows]]`, and write "
        "the gradient into an array of zeros of the full shape.",
    ),
    showed=(
        "Each row of the gradient adds up to 0: what pulls the right class up is exactly what pushes all the "
        "others down."
    ),
)

# -- rnn_loss -----------------------------------------------------------------------------------


def _loss_of(hidden, targets, params):
    logits = hidden @ params["W_hy"] + params["b_y"]
    return rnn.softmax_cross_entropy(logits.reshape(-1, logits.shape[-1]), np.ravel(targets))[0]


def _losses_per_step(x, targets, h0, params):
    hidden, targets = rnn.rnn_forward(x, h0, params), np.asarray(targets)
    return [_loss_of(h, target, params) for h, target in zip(hidden, targets, strict=True)]


def _mean_of_the_means_of_all_steps(x, targets, h0, params):
    return np.mean(_losses_per_step(x, targets, h0, params))


def _mean_of_the_means_of_steps_with_targets(x, targets, h0, params):
    losses, some = _losses_per_step(x, targets, h0, params), np.any(np.asarray(targets) != -1, axis=1)
    return np.mean(np.array(losses)[some]) if some.any() else 0.0


def _sum_of_the_means_of_all_steps(x, targets, h0, params):
    return np.sum(_losses_per_step(x, targets, h0, params))


def _mean_over_the_sequences(x, targets, h0, params):
    targets = np.asarray(targets)
    return np.mean(
        [
            _loss_of(rnn.rnn_forward(x, h0, params)[:, n], targets[:, n], params)
            for n in range(targets.shape[1])
        ]
    )


def _loss_of_the_last_step(x, targets, h0, params):
    return _losses_per_step(x, targets, h0, params)[-1]


def _loss_of_the_first_step(x, targets, h0, params):
    return _losses_per_step(x, targets, h0, params)[0]


def _sum_over_the_targets(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, h0, params) * _n_targets(targets)


def _mean_over_steps_without_targets_too(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, h0, params) * _n_targets(targets) / np.size(targets)


def _divided_by_the_steps(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, h0, params) * _n_targets(targets) / len(targets)


def _targets_sequence_by_sequence(x, targets, h0, params):
    return _loss_of(rnn.rnn_forward(x, h0, params), np.asarray(targets).T, params)


def _states_sequence_by_sequence(x, targets, h0, params):
    return _loss_of(rnn.rnn_forward(x, h0, params).swapaxes(0, 1), targets, params)


def _divided_by_the_sequences(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, h0, params) * _n_targets(targets) / len(h0)


def _missing_target_is_the_last_class(x, targets, h0, params):
    targets = np.asarray(targets)
    return rnn.rnn_loss(x, np.where(targets == -1, len(params["b_y"]) - 1, targets), h0, params)


def _missing_target_is_class_0(x, targets, h0, params):
    return rnn.rnn_loss(x, np.maximum(targets, 0), h0, params)


def _forgot_the_output_bias(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, h0, {**params, "b_y": np.zeros_like(params["b_y"])})


def _states_as_logits(x, targets, h0, params):
    hidden = rnn.rnn_forward(x, h0, params)
    return rnn.softmax_cross_entropy(hidden.reshape(-1, hidden.shape[-1]), np.ravel(targets))[0]


def _loss_from_a_start_of_zeros(x, targets, h0, params):
    return rnn.rnn_loss(x, targets, np.zeros_like(_array(h0)), params)


def _states_before_each_step(x, targets, h0, params):
    return _loss_of(_shifted_by_one_step(x, h0, params), targets, params)


def _tanh_of_the_logits(x, targets, h0, params):
    logits = np.tanh(rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"])
    return rnn.softmax_cross_entropy(logits.reshape(-1, logits.shape[-1]), np.ravel(targets))[0]


def _softmax_twice(x, targets, h0, params):
    logits = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]
    p = _shifted_softmax(logits.reshape(-1, logits.shape[-1]))
    return rnn.softmax_cross_entropy(p, np.ravel(targets))[0]


def _loss_and_gradient(x, targets, h0, params):
    logits = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]
    return rnn.softmax_cross_entropy(logits.reshape(-1, logits.shape[-1]), np.ravel(targets))


def _nothing_flattened(x, targets, h0, params):
    logits = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]
    return rnn.softmax_cross_entropy(logits, targets)[0]


def _three_axes_into_the_loss(x, targets, h0, params):
    logits = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]
    targets = np.asarray(targets)
    rows = np.flatnonzero(targets != -1)
    if rows.size == 0:
        return 0.0
    z = logits[rows] - np.max(logits[rows], axis=1, keepdims=True)
    log_softmax = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return float(-np.mean(log_softmax[np.arange(rows.size), targets[rows]]))


def _softmax_over_the_sequences(x, targets, h0, params):
    z, targets = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"], np.asarray(targets)
    some = targets != -1
    if not some.any():
        return 0.0
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))[some]
    return float(-np.mean(log_p[np.arange(len(log_p)), targets[some]]))


def _flattened_across_the_classes(x, targets, h0, params):
    logits = rnn.rnn_forward(x, h0, params) @ params["W_hy"] + params["b_y"]
    T, N, K = logits.shape
    return rnn.softmax_cross_entropy(logits.reshape(K, T * N).T, np.ravel(targets))[0]


def _draw_network(rng):
    N, D, H = rng.permutation([2, 3, 4])
    T, K = 3 + (N == 3), int(rng.integers(2, 5))
    params = {
        **_draw_state_params(rng, D, H),
        "W_hy": rng.normal(scale=0.9, size=(H, K)).round(1),
        "b_y": rng.normal(scale=0.5, size=K).round(1),
    }
    targets = rng.integers(-1, K, size=(T, N))
    targets[0, 0], targets[rng.integers(1, T), -1] = -1, rng.integers(K)
    h0 = rng.uniform(-0.9, 0.9, size=(N, H)).round(1)
    return rng.normal(size=(T, N, D)).round(1), targets, h0, params


_SILENT = _params(W_xh=[[0]], W_hh=[[0]], b_h=[0], W_hy=[[0, 0]], b_y=[0, 0])
_BIASED = {**_SILENT, "b_y": floats(0, _LN3)}  # whatever comes in, 1/4 and 3/4 come out
_ONE_UNIT = _params(W_xh=[[1.0]], W_hh=[[0.5]], b_h=[0.0], W_hy=[[0.0, 2.0]], b_y=[0.0, 0.0])

RNN_LOSS = Exercise(
    reference=rnn.rnn_loss,
    points=2,
    cases=(
        Case(
            "one step, one unit: logits 0 and 2 tanh(1)",
            (_steps(1), np.array([[0]]), np.array([[0.0]]), _ONE_UNIT),
            math.log(1 + math.exp(2 * math.tanh(1))),
        ),
        Case(
            "two steps, a target at the second",
            (_steps(1, 0), np.array([[-1], [1]]), np.array([[0.0]]), _ONE_UNIT),
            math.log(1 + math.exp(-2 * math.tanh(0.5 * math.tanh(1)))),
        ),
        Case(
            "a start that is not zero",
            (_steps(0), np.array([[1]]), np.array([[2.0]]), _ONE_UNIT),
            math.log(1 + math.exp(-2 * math.tanh(1))),
        ),
        Case(
            "a network that knows nothing: two equal classes",
            (_steps(5, 5), np.array([[0], [1]]), np.array([[0.0]]), _SILENT),
            math.log(2),
        ),
        Case(
            "two targets at the first step, one at the second",
            (np.zeros((2, 2, 1)), np.array([[1, 1], [0, -1]]), np.zeros((2, 1)), _BIASED),
            (2 * math.log(4 / 3) + math.log(4)) / 3,
        ),
        Case(
            "no target at all",
            (_steps(1, 2), np.array([[-1], [-1]]), np.array([[0.0]]), _ONE_UNIT),
            0.0,
        ),
        Case(
            "lists of integers",
            ([[[1]]], [[0]], [[0]], _ONE_UNIT),
            math.log(1 + math.exp(2 * math.tanh(1))),
        ),
    ),
    draw=_draw_network,
    misconceptions=(
        Misconception(
            _mean_of_the_means_of_all_steps,
            "You averaged each step by itself, and then the steps. A step with one target then weighs as "
            "much as a step with many: average once, over all targets.",
        ),
        Misconception(
            _mean_of_the_means_of_steps_with_targets,
            "You averaged each step by itself, and then those steps that have targets. A step with one "
            "target then weighs as much as a step with many: average once, over all targets.",
        ),
        Misconception(
            _sum_of_the_means_of_all_steps,
            "You added up the mean losses of the steps. Average once, over all targets of all steps.",
        ),
        Misconception(
            _mean_over_the_sequences,
            "You averaged each sequence by itself, and then the sequences. A sequence with one target then "
            "weighs as much as one with many: average once, over all targets.",
        ),
        Misconception(
            _loss_of_the_last_step,
            "Only the last step counts in yours. Every step that has a target counts.",
        ),
        Misconception(
            _loss_of_the_first_step,
            "Only the first step counts in yours. Every step that has a target counts.",
        ),
        Misconception(
            _sum_over_the_targets,
            "You added up the losses. Divide by the number of targets.",
        ),
        Misconception(
            _mean_over_steps_without_targets_too,
            "You divided by T · N, the number of all steps of all sequences. Divide by the number of "
            "targets, those that are not -1.",
        ),
        Misconception(
            _divided_by_the_steps,
            "You divided the sum of the losses by the number of steps. Divide by the number of targets, "
            "those that are not -1.",
        ),
        Misconception(
            _targets_sequence_by_sequence,
            "Logits and targets are flattened in unlike orders, so that they do not belong together. Flatten "
            "both as they are, steps first, without a transpose.",
        ),
        Misconception(
            _states_sequence_by_sequence,
            "The states are flattened sequence by sequence, the targets step by step, so that they do not "
            "belong together. Flatten both as they are, without a transpose.",
        ),
        Misconception(
            _divided_by_the_sequences,
            "You divided the sum of the losses by the number of sequences. Divide by the number of targets, "
            "those that are not -1.",
        ),
        Misconception(
            _missing_target_is_the_last_class,
            "A target of -1 counted as the last class. Hand all targets to `softmax_cross_entropy`, which "
            "leaves -1 out.",
        ),
        Misconception(
            _forgot_the_output_bias,
            "You left out `b_y`. Add it to `hidden @ W_hy`.",
        ),
        Misconception(
            _states_as_logits,
            "You took the states for logits. Bring them to the K classes first: `hidden @ W_hy + b_y`.",
        ),
        Misconception(
            _loss_from_a_start_of_zeros,
            "You started from zeros. Start from `h0`.",
        ),
        Misconception(
            _states_before_each_step,
            "The output of each step came from the state before that step. Use the state after it: what "
            "`rnn_forward` returns at [t].",
        ),
        Misconception(
            _tanh_of_the_logits,
            "You applied a tanh to the logits. The output layer has none: `hidden @ W_hy + b_y`.",
        ),
        Misconception(
            _softmax_twice,
            "You applied the softmax twice. Hand the logits to `softmax_cross_entropy`, which does it "
            "itself.",
        ),
        Misconception(
            _loss_and_gradient,
            "You returned the gradient as well. Unpack the two values, `loss, _ = ...`, and return the loss.",
        ),
        Misconception(
            _nothing_flattened,
            "`softmax_cross_entropy` takes one row per question, but got steps and sequences on two axes. "
            "Reshape the logits to (T · N, K) and the targets to T · N.",
        ),
        Misconception(
            _three_axes_into_the_loss,
            "Flatten first: `softmax_cross_entropy` takes one row of logits per question, and got three "
            "axes. Reshape the logits to (T · N, K) and the targets to T · N.",
        ),
        Misconception(
            _softmax_over_the_sequences,
            "The softmax ran over the sequences: with three axes, axis 1 is theirs. Flatten first, the "
            "logits to (T · N, K) and the targets to T · N.",
        ),
        Misconception(
            _missing_target_is_class_0,
            "A target of -1 counted as class 0. Hand all targets to `softmax_cross_entropy`, which leaves -1 "
            "out.",
        ),
        Misconception(
            _flattened_across_the_classes,
            "The reshape mixed the classes of different steps. Keep the K classes of a step together: "
            "`reshape(T * N, K)`.",
        ),
    ),
    hints=(
        "You have a function for the states and one for the loss of rows of logits. What leads from the one "
        "to the other?",
        "logits_t = h_t W_hy + b_y, for all steps at once: `@` works on the last axis of a (T, N, H) array. "
        "Then every (t, n) is one row.",
        "States, logits (T, N, K), then flatten: the logits to (T · N, K), the targets to T · N, in the same "
        "order. `softmax_cross_entropy` returns two values.",
    ),
    showed=(
        "One mean over all targets gives each of them the same weight, while a mean of the steps' means "
        "would favour targets at steps that have few."
    ),
)

# -- linear_rnn_gradient ------------------------------------------------------------------------


def _no_steps_aside(formula):
    """A formula that treats zero steps well and goes wrong elsewhere."""

    def linear_rnn_gradient(w, x0, n_steps):
        return formula(float(w), float(x0), n_steps) if n_steps else 0.0

    return linear_rnn_gradient


def _not_for_zero_steps(w, x0, n_steps):
    return n_steps * x0 * w ** (n_steps - 1)


def _numpy_power_of_minus_one(w, x0, n_steps):
    with np.errstate(all="ignore"):
        return n_steps * x0 * np.float64(w) ** (n_steps - 1)


def _start_for_zero_steps(w, x0, n_steps):
    return rnn.linear_rnn_gradient(w, x0, n_steps) if n_steps else x0


def _one_for_zero_steps(w, x0, n_steps):
    return rnn.linear_rnn_gradient(w, x0, n_steps) if n_steps else 1.0


def _zero_where_w_is_zero(w, x0, n_steps):
    return rnn.linear_rnn_gradient(w, x0, n_steps) if w else 0.0


def _divided_by_w(w, x0, n_steps):
    return n_steps * x0 * w**n_steps / w


def _by_differences(w, x0, n_steps):
    step = 1e-5
    return x0 * ((w + step) ** n_steps - (w - step) ** n_steps) / (2 * step)


def _draw_recurrence(rng):
    w = round(rng.uniform(-1.4, 1.4), 2) or 0.5
    return w, float(rng.choice([-2.5, -1, 0.5, 2, 3])), int(rng.integers(2, 31))


LINEAR_RNN_GRADIENT = Exercise(
    reference=rnn.linear_rnn_gradient,
    points=1,
    cases=(
        Case("x_3 = w³ x_0", (2.0, 5.0, 3), 60.0),
        Case("one step", (0.3, 2.0, 1), 2.0),
        Case("no step: x_0 does not depend on w", (0.5, 2.0, 0), 0.0),
        Case("no step, w = 0", (0.0, 2.0, 0), 0.0),
        Case("one step, w = 0", (0.0, 2.0, 1), 2.0),
        Case("two steps, w = 0", (0.0, 2.0, 2), 0.0),
        Case("negative weight, even number of steps", (-0.5, 2.0, 4), -1.0),
        Case("start of zero", (3.0, 0.0, 4), 0.0),
        Case("50 steps, w = 0.9: it vanishes", (0.9, 0.5, 50), 25 * 0.9**49),
        Case("50 steps, w = 1.1: it explodes", (1.1, 0.5, 50), 2667.9739290839952),
        Case("integers", (2, 3, 4), 96.0),
    ),
    draw=_draw_recurrence,
    misconceptions=(
        Misconception(
            named("power_of_T", _no_steps_aside(lambda w, x0, n: n * x0 * w**n)),
            "The power of w is one too high. Differentiating lowers it: w^T becomes T · w^(T-1).",
        ),
        Misconception(
            named("factor_T_missing", _no_steps_aside(lambda w, x0, n: x0 * w ** (n - 1))),
            "The factor T is missing: w is used at every one of the T steps, and each use adds its share. "
            "Multiply by `n_steps`.",
        ),
        Misconception(
            named("returned_the_end_itself", lambda w, x0, n_steps: x0 * w**n_steps),
            "This is x_T = w^T x_0 itself. Differentiate it with respect to w.",
        ),
        Misconception(
            named("derivative_with_respect_to_x0", lambda w, x0, n_steps: w**n_steps),
            "This is the derivative with respect to x_0. Differentiate with respect to w.",
        ),
        Misconception(
            named("forgot_x0", _no_steps_aside(lambda w, x0, n: n * w ** (n - 1))),
            "The factor x_0 is missing. It stays when you differentiate: multiply by `x0`.",
        ),
        Misconception(
            named("factor_one_less", _no_steps_aside(lambda w, x0, n: (n - 1) * x0 * w ** (n - 1))),
            "The factor is T, not T - 1: the old exponent comes to the front. Multiply by `n_steps`.",
        ),
        Misconception(
            named(
                "power_lowered_by_two",
                lambda w, x0, n_steps: n_steps * x0 * w ** (n_steps - 2) if n_steps > 1 else n_steps * x0,
            ),
            "The power of w is one too low. It is T - 1.",
        ),
        Misconception(
            named(
                "summed_all_powers",
                _no_steps_aside(lambda w, x0, n: x0 * sum(w**k for k in range(n))),
            ),
            "You added up 1 + w + w² + … Each of the T uses of w contributes the same, x_0 w^(T-1): the "
            "other T - 1 factors w are still there.",
        ),
        Misconception(
            named("multiplied_for_power", _no_steps_aside(lambda w, x0, n: n * x0 * w * (n - 1))),
            "You multiplied w by T - 1. A power is written `**`.",
        ),
        Misconception(
            named("lost_the_sign_of_w", _no_steps_aside(lambda w, x0, n: n * x0 * abs(w) ** (n - 1))),
            "The sign of w got lost. Use `w` itself, not its absolute value.",
        ),
        Misconception(
            _not_for_zero_steps,
            "Right for one step or more. For no steps and w = 0 the formula has 0 to the power -1: return "
            "0.0 for `n_steps == 0` first.",
        ),
        Misconception(
            _numpy_power_of_minus_one,
            "Right for one step or more. For no steps and w = 0 the formula is 0 · inf, which is NaN: return "
            "0.0 for `n_steps == 0` first.",
        ),
        Misconception(
            _start_for_zero_steps,
            "Right but for no steps, where you returned x_0. It does not depend on w: its derivative is 0.0.",
        ),
        Misconception(
            _one_for_zero_steps,
            "Right but for no steps, where you returned 1. x_0 does not depend on w: its derivative is 0.0.",
        ),
        Misconception(
            _zero_where_w_is_zero,
            "Right but for w = 0, where you always return 0. After one step the end is w x_0, whose "
            "derivative is x_0 for every w: treat `n_steps == 0`, not `w == 0`, by itself.",
        ),
        Misconception(
            _divided_by_w,
            "Right but for w = 0, where you divide by zero. Lower the power by one instead of dividing by w, "
            "and treat `n_steps == 0` by itself.",
        ),
        Misconception(
            _by_differences,
            "These are differences of nearby values, right to some digits only. Differentiate x_T = w^T x_0 "
            "by hand: there is a formula.",
        ),
    ),
    hints=(
        "Write x_1, x_2 and x_3 in terms of w and x_0. What is x_T?",
        "x_T = w^T x_0, and the derivative of w^T is T · w^(T-1).",
        "Deal with no steps first, then one line. (In Python, `0.0 ** 0` is 1.0, as it should be here.)",
    ),
    showed=(
        "Every use of the weight contributes the same amount, so the sum is a product: the number of uses "
        "times the share of a single one."
    ),
    atol=0.0,
)

# -- rnn_gradients ------------------------------------------------------------------------------


def _slope_of_tanh(h, a):
    return 1 - h**2


def _carried(dh, da, dh_next, W_hh):
    return da @ W_hh.T


def _own_of_every_step(dh_own):
    return dh_own


def _before_each_step(hidden, h0):
    return np.concatenate([h0[np.newaxis], hidden[:-1]])


def _every_step(da, states, dlogits):
    return da, states, dlogits


def _gradients_with(
    slope=_slope_of_tanh,
    carry=_carried,
    own=_own_of_every_step,
    before=_before_each_step,
    keep=_every_step,
    backward=True,
    slope_of_before=False,
):
    """Backpropagation through time that goes wrong in one of its parts.

    Parameters
    ----------
    slope : callable
        ``slope(h, a)``: derivative of the state by what goes into the tanh.
    carry : callable
        ``carry(dh, da, dh_next, W_hh)``: what the state before gets from this step.
    own : callable
        ``own(dh_own)``: what each state gets from its own output.
    before : callable
        ``before(hidden, h0)``: what each step started from.
    keep : callable
        ``keep(da, states, dlogits)``: the shares of the steps that are added up.
    backward : bool
        Whether the loop runs from the last step to the first.
    slope_of_before : bool
        Whether the slope is taken at the state before the step.
    """

    def rnn_gradients(x, targets, h0, params):
        x, h0 = _array(x), _array(h0)
        hidden = rnn.rnn_forward(x, h0, params)
        T, N, H = hidden.shape
        start = _before_each_step(hidden, h0)
        a = x @ params["W_xh"] + start @ params["W_hh"] + params["b_h"]
        logits = hidden @ params["W_hy"] + params["b_y"]
        K = logits.shape[2]
        loss, dlogits = rnn.softmax_cross_entropy(logits.reshape(T * N, K), np.ravel(targets))
        dlogits = dlogits.reshape(T, N, K)
        dh_own, da, dh_next = own(dlogits @ params["W_hy"].T), np.zeros_like(hidden), np.zeros((N, H))
        for t in reversed(range(T)) if backward else range(T):
            dh = dh_own[t] + dh_next
            da[t] = dh * slope((start if slope_of_before else hidden)[t], a[t])
            dh_next = carry(dh, da[t], dh_next, params["W_hh"])
        da, states, dlogits = keep(da, hidden, dlogits)
        grads = {
            "W_xh": np.einsum("tnd,tnh->dh", x, da),
            "W_hh": np.einsum("tng,tnh->gh", before(hidden, h0), da),
            "b_h": da.sum(axis=(0, 1)),
            "W_hy": np.einsum("tnh,tnk->hk", states, dlogits),
            "b_y": dlogits.sum(axis=(0, 1)),
        }
        return loss, {name: grads[name] for name in params}

    return rnn_gradients


def _only_step(t):
    """Keep the shares of one step."""

    def keep(da, states, dlogits):
        steps = np.arange(len(da))
        steps = (steps == steps[t])[:, np.newaxis, np.newaxis]
        return da * steps, states, dlogits * steps

    return keep


def _only_the_states_of_the_first_step(da, states, dlogits):
    return _only_step(0)(da, states, dlogits)[0], states, dlogits


def _without_the_first_step(da, states, dlogits):
    return np.concatenate([0 * da[:1], da[1:]]), states, dlogits


def _without_the_first_step_and_its_output(da, states, dlogits):
    da, states, _ = _without_the_first_step(da, states, dlogits)
    return da, states, np.concatenate([0 * dlogits[:1], dlogits[1:]])


def _only_the_last_own(dh_own):
    return np.concatenate([0 * dh_own[:-1], dh_own[-1:]])


def _later_steps_past_the_tanh(x, targets, h0, params):
    x, hidden = _array(x), rnn.rnn_forward(x, h0, params)
    T, N, H = hidden.shape
    K = len(params["b_y"])
    logits = hidden @ params["W_hy"] + params["b_y"]
    loss, dlogits = rnn.softmax_cross_entropy(logits.reshape(T * N, K), np.ravel(targets))
    dlogits = dlogits.reshape(T, N, K)
    da, dh_next = (dlogits @ params["W_hy"].T) * (1 - hidden**2), np.zeros((N, H))
    for t in reversed(range(T)):
        da[t] += dh_next
        dh_next = da[t] @ params["W_hh"].T
    grads = {
        "W_xh": np.einsum("tnd,tnh->dh", x, da),
        "W_hh": np.einsum("tng,tnh->gh", _before_each_step(hidden, _array(h0)), da),
        "b_h": da.sum(axis=(0, 1)),
        "W_hy": np.einsum("tnh,tnk->hk", hidden, dlogits),
        "b_y": dlogits.sum(axis=(0, 1)),
    }
    return loss, {name: grads[name] for name in params}


def _changed(change):
    """The right loss and gradients after a change, ``change(loss, grads, x, targets, params)``."""

    def rnn_gradients(x, targets, h0, params):
        loss, grads = rnn.rnn_gradients(x, targets, h0, params)
        return change(loss, grads, _array(x), np.asarray(targets), params)

    return rnn_gradients


def _scaled(grads, factor):
    return {name: factor * gradient for name, gradient in grads.items()}


def _mean_over_all_steps(loss, grads, x, targets, params):
    share = _n_targets(targets) / targets.size
    return loss * share, _scaled(grads, share)


def _replaced(name, share):
    """The right loss and gradients but for one, ``share(x, hidden, before, dh, da, dz)`` of it."""

    def rnn_gradients(x, targets, h0, params):
        x, h0 = _array(x), _array(h0)
        loss, grads = rnn.rnn_gradients(x, targets, h0, params)
        hidden = rnn.rnn_forward(x, h0, params)
        T, N, H = hidden.shape
        logits = hidden @ params["W_hy"] + params["b_y"]
        K = logits.shape[2]
        dz = rnn.softmax_cross_entropy(logits.reshape(T * N, K), np.ravel(targets))[1].reshape(T, N, K)
        dh, da, later = np.zeros_like(hidden), np.zeros_like(hidden), np.zeros((N, H))
        for t in reversed(range(T)):
            dh[t] = dz[t] @ params["W_hy"].T + later
            da[t] = dh[t] * (1 - hidden[t] ** 2)
            later = da[t] @ params["W_hh"].T
        changed = share(x, hidden, _before_each_step(hidden, h0), dh, da, dz)
        return loss, {key: changed.get(key, grads[key]) for key in params}

    rnn_gradients.__name__ = name
    return rnn_gradients


def _products(x, hidden, before, da, dz):
    """Gradients of all parameters, summed over the steps that are given."""
    return {
        "W_xh": np.einsum("tnd,tnh->dh", x, da),
        "W_hh": np.einsum("tng,tnh->gh", before, da),
        "b_h": da.sum(axis=(0, 1)),
        "W_hy": np.einsum("tnh,tnk->hk", hidden, dz),
        "b_y": dz.sum(axis=(0, 1)),
    }


def _overwritten(parameter):
    """The share of the first step, the last that a loop backwards meets, instead of the sum."""

    def share(x, hidden, before, dh, da, dz):
        return {parameter: _products(x[:1], hidden[:1], before[:1], da[:1], dz[:1])[parameter]}

    return Misconception(
        _replaced(f"gradient_of_{parameter}_overwritten", share),
        f"Of the gradient of {parameter} only the share of the first step is left: every pass of the loop "
        "replaced what was there. Add up with `+=`, as for the other parameters.",
    )


def _biases_as_numbers(x, hidden, before, dh, da, dz):
    return {"b_h": da.sum(), "b_y": dz.sum()}


def _hidden_bias_as_a_number(x, hidden, before, dh, da, dz):
    return {"b_h": da.sum()}


def _biases_share_one_sum(x, hidden, before, dh, da, dz):
    return {"b_h": np.full(da.shape[2], da.sum()), "b_y": np.full(dz.shape[2], dz.sum())}


def _hidden_biases_share_one_sum(x, hidden, before, dh, da, dz):
    return {"b_h": np.full(da.shape[2], da.sum())}


def _output_biases_share_one_sum(x, hidden, before, dh, da, dz):
    return {"b_y": np.full(dz.shape[2], dz.sum())}


def _output_from_the_state_before(x, hidden, before, dh, da, dz):
    return {"W_hy": _products(x, before, before, da, dz)["W_hy"]}


def _mean_of_the_output_bias(x, hidden, before, dh, da, dz):
    return {"b_y": dz.sum(axis=(0, 1)) / x.shape[1]}


def _dh_for_da(x, hidden, before, dh, da, dz):
    grads = _products(x, hidden, before, dh, dz)
    return {name: grads[name] for name in ("W_xh", "W_hh", "b_h")}


def _output_of_the_last_step(x, hidden, before, dh, da, dz):
    grads = _products(x[-1:], hidden[-1:], before[-1:], da[-1:], dz[-1:])
    return {name: grads[name] for name in ("W_hy", "b_y")}


def _bias_not_summed_over_sequences(x, targets, h0, params):
    targets = np.asarray(targets)
    loss, grads = rnn.rnn_gradients(x, targets, h0, params)
    shares = []
    for n in range(targets.shape[1]):
        only = np.where(np.arange(targets.shape[1]) == n, targets, -1)
        share = rnn.rnn_gradients(x, only, h0, params)[1]["b_h"]
        shares.append(share * _n_targets(only) / max(_n_targets(targets), 1))
    return loss, {**grads, "b_h": np.array(shares)}


def _keys_in_an_order_of_its_own(x, targets, h0, params):
    loss, grads = rnn.rnn_gradients(x, targets, h0, params)
    return loss, {name: grads[name] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}


def _adds_floats_to_integers(x, targets, h0, params):
    loss, grads = rnn.rnn_gradients(x, targets, h0, params)
    sums = {name: np.zeros_like(array) for name, array in params.items()}
    for name in params:
        sums[name] += grads[name]
    return loss, sums


def _cut_off_to_integers(x, targets, h0, params):
    loss, grads = rnn.rnn_gradients(x, targets, h0, params)
    return loss, {name: grads[name].astype(array.dtype) for name, array in params.items()}


def _gradients_from_a_start_of_zeros(x, targets, h0, params):
    return rnn.rnn_gradients(x, targets, np.zeros_like(_array(h0)), params)


def _missing_targets_as_the_last_class(x, targets, h0, params):
    targets = np.asarray(targets)
    return rnn.rnn_gradients(x, np.where(targets == -1, len(params["b_y"]) - 1, targets), h0, params)


def _one_step_by_hand(x, target, h0, unit):
    """Loss and gradients of one step of one unit whose logits are 0 and v h."""
    w, u, v = unit["W_xh"].item(), unit["W_hh"].item(), unit["W_hy"][0, 1]
    h = math.tanh(w * x + u * h0)
    p = 1 / (1 + math.exp(-v * h))  # of class 1
    d = p - target  # derivative of the loss by the second logit; by the first it is -d
    da = d * v * (1 - h**2)
    grads = {"W_xh": [[da * x]], "W_hh": [[da * h0]], "b_h": [da], "W_hy": [[-d * h, d * h]], "b_y": [-d, d]}
    return -math.log(p if target else 1 - p), _params(**grads)


def _two_steps_by_hand(x1, h0, unit):
    """The same for two steps, the second without input, with target 0 at the second only."""
    w, u, v = unit["W_xh"].item(), unit["W_hh"].item(), unit["W_hy"][0, 1]
    h1 = math.tanh(w * x1 + u * h0)
    h2 = math.tanh(u * h1)
    p = 1 / (1 + math.exp(-v * h2))
    da2 = p * v * (1 - h2**2)
    da1 = da2 * u * (1 - h1**2)
    grads = {
        "W_xh": [[da1 * x1]],
        "W_hh": [[da2 * h1 + da1 * h0]],
        "b_h": [da1 + da2],
        "W_hy": [[-p * h2, p * h2]],
        "b_y": [-p, p],
    }
    return -math.log(1 - p), _params(**grads)


def _numerical_derivatives(x, targets, h0, params):
    grads = {}
    for name, array in params.items():
        array = _array(array)
        grads[name] = np.zeros(array.shape)
        for i in np.ndindex(array.shape):
            step = np.zeros(array.shape)
            step[i] = 1e-5
            up, down = (rnn.rnn_loss(x, targets, h0, {**params, name: array + s}) for s in (step, -step))
            grads[name][i] = (up - down) / 2e-5
    return rnn.rnn_loss(x, targets, h0, params), grads


def _two_targets_by_hand(x1, x2, h0, unit):
    """The same for two steps with an input each, both with target 1."""
    w, u, v = unit["W_xh"].item(), unit["W_hh"].item(), unit["W_hy"][0, 1]
    h1 = math.tanh(w * x1 + u * h0)
    h2 = math.tanh(w * x2 + u * h1)
    p1, p2 = (1 / (1 + math.exp(-v * h)) for h in (h1, h2))
    d1, d2 = (p1 - 1) / 2, (p2 - 1) / 2  # a mean over two targets
    da2 = d2 * v * (1 - h2**2)
    da1 = (d1 * v + da2 * u) * (1 - h1**2)
    dW = d1 * h1 + d2 * h2
    grads = {
        "W_xh": [[da1 * x1 + da2 * x2]],
        "W_hh": [[da1 * h0 + da2 * h1]],
        "b_h": [da1 + da2],
        "W_hy": [[-dW, dW]],
        "b_y": [-d1 - d2, d1 + d2],
    }
    return -(math.log(p1) + math.log(p2)) / 2, _params(**grads)


_NO_GRADIENT = {name: np.zeros_like(array) for name, array in _ONE_UNIT.items()}
# The first unit hears the input, the second hears the first, and only the second is heard.
_CHAIN = _params(
    W_xh=[[1.0, 0.0]], W_hh=[[0.0, 1.0], [0.0, 0.0]], b_h=[0, 0], W_hy=[[0.0, 0.0], [0.0, 2.0]], b_y=[0, 0]
)
_H1, _H2 = math.tanh(1), math.tanh(math.tanh(1))
_P = 1 / (1 + math.exp(-2 * _H2))
_DA2 = _P * 2 * (1 - _H2**2)
_DA1 = _DA2 * (1 - _H1**2)

# every state is 0, where the slope of tanh is 1
_RELAY = _params(W_xh=[[0.0]], W_hh=[[1.0]], b_h=[0.0], W_hy=[[1.0, -1.0]], b_y=[0.0, 0.0])

RNN_GRADIENTS = Exercise(
    reference=rnn.rnn_gradients,
    points=4,
    cases=(
        Case(
            "one step of one unit",
            (_steps(1), np.array([[0]]), np.array([[0.5]]), _ONE_UNIT),
            _one_step_by_hand(1, 0, 0.5, _ONE_UNIT),
        ),
        Case(
            "two steps, a target at the second",
            (_steps(1, 0), np.array([[-1], [0]]), np.array([[0.5]]), _ONE_UNIT),
            _two_steps_by_hand(1, 0.5, _ONE_UNIT),
        ),
        Case(
            "two steps, each with an input and a target",
            (_steps(1, -2), np.array([[1], [1]]), np.array([[0.5]]), _ONE_UNIT),
            _two_targets_by_hand(1, -2, 0.5, _ONE_UNIT),
        ),
        Case(
            "a chain: input, unit 0, unit 1, output",
            (_steps(1, 0), np.array([[-1], [0]]), np.zeros((1, 2)), _CHAIN),
            (
                -math.log(1 - _P),
                _params(
                    W_xh=[[_DA1, 0.0]],
                    W_hh=[[0.0, _DA2 * _H1], [0.0, 0.0]],
                    b_h=[_DA1, _DA2],
                    W_hy=[[0.0, 0.0], [-_P * _H2, _P * _H2]],
                    b_y=[-_P, _P],
                ),
            ),
        ),
        Case(
            "two sequences, one of them without a target",
            (np.array([[[1.0], [3.0]]]), np.array([[1, -1]]), np.array([[0.5], [0.5]]), _ONE_UNIT),
            _one_step_by_hand(1, 1, 0.5, _ONE_UNIT),
        ),
        Case(
            "a target at the first step, none at the second",
            (_steps(1, 7), np.array([[1], [-1]]), np.array([[0.0]]), _ONE_UNIT),
            _one_step_by_hand(1, 1, 0.0, _ONE_UNIT),
        ),
        Case(
            "a network that knows nothing",
            (_steps(1, 2), np.array([[0], [0]]), np.array([[0.0]]), _SILENT),
            (math.log(2), {**_NO_GRADIENT, "b_y": floats(-0.5, 0.5)}),
        ),
        Case(
            "no target at all",
            (_steps(1, 2), np.array([[-1], [-1]]), np.array([[0.5]]), _ONE_UNIT),
            (0.0, _NO_GRADIENT),
        ),
        Case(
            "lists, and parameters in another order",
            (
                [[[1]]],
                [[0]],
                [[0.5]],
                {name: _ONE_UNIT[name] for name in ("b_y", "W_hy", "b_h", "W_hh", "W_xh")},
            ),
            (
                _one_step_by_hand(1, 0, 0.5, _ONE_UNIT)[0],
                {
                    name: _one_step_by_hand(1, 0, 0.5, _ONE_UNIT)[1][name]
                    for name in ("b_y", "W_hy", "b_h", "W_hh", "W_xh")
                },
            ),
        ),
        Case(
            "parameters that are integers",
            (
                _steps(1),
                np.array([[0]]),
                np.array([[0]]),
                {name: array.astype(int) for name, array in {**_ONE_UNIT, "W_hh": _SILENT["W_hh"]}.items()},
            ),
            _one_step_by_hand(1, 0, 0.0, _ONE_UNIT),
        ),
        Case(
            "a target after eight steps, and a gradient that stays as it is",
            (np.zeros((8, 1, 1)), np.array([[-1]] * 7 + [[0]]), np.zeros((1, 1)), _RELAY),
            (
                math.log(2),
                _params(W_xh=[[0.0]], W_hh=[[0.0]], b_h=[-8.0], W_hy=[[0.0, 0.0]], b_y=[-0.5, 0.5]),
            ),
        ),
    ),
    draw=_draw_network,
    misconceptions=(
        Misconception(
            named("slope_of_the_tanh_forgotten", _gradients_with(slope=lambda h, a: np.ones_like(h))),
            "You left out the slope of the tanh. Multiply dh_t by 1 - h_t² to get da_t.",
        ),
        Misconception(
            named("slope_at_the_sum_inside_the_tanh", _gradients_with(slope=lambda h, a: 1 - a**2)),
            "You took 1 - a², with a the sum that goes into the tanh. The slope of the tanh is 1 - "
            "tanh(a)², and tanh(a) is the state: use `1 - hidden[t] ** 2`.",
        ),
        Misconception(
            named("slope_of_a_second_tanh", _gradients_with(slope=lambda h, a: 1 - np.tanh(h) ** 2)),
            "You took the tanh of the state, which has been through it already. Use `1 - hidden[t] ** 2`.",
        ),
        Misconception(
            named("slope_without_the_square", _gradients_with(slope=lambda h, a: 1 - h)),
            "You used 1 - h_t. The slope of the tanh is 1 - h_t²: square it.",
        ),
        Misconception(
            named("slope_of_the_sigmoid", _gradients_with(slope=lambda h, a: h * (1 - h))),
            "h (1 - h) is the slope of the sigmoid. That of the tanh is 1 - h².",
        ),
        Misconception(
            named("slope_at_the_state_before", _gradients_with(slope_of_before=True)),
            "You took the slope of the tanh at the state before the step. The tanh of step t gave h_t: "
            "use `1 - hidden[t] ** 2`.",
        ),
        Misconception(
            named("later_steps_past_the_tanh", _later_steps_past_the_tanh),
            "What comes from the later steps was added after the slope of the tanh. It is a part of dh_t: "
            "add da_{t+1} W_hhᵀ first, then multiply the sum by 1 - h_t².",
        ),
        Misconception(
            named("transposed_recurrent_matrix", _gradients_with(carry=lambda dh, da, dh_next, W: da @ W)),
            "On the way back you multiplied by W_hh, as on the way there. Multiply by its transpose: "
            "da_{t+1} W_hhᵀ. (It is square, so that no shape complains.)",
        ),
        Misconception(
            named(
                "gradient_from_later_steps_dropped", _gradients_with(carry=lambda dh, da, dh_next, W: 0 * dh)
            ),
            "Each step hears from its own output only; what the later steps need from its state got lost. "
            "Add da_{t+1} W_hhᵀ to dh_t.",
        ),
        Misconception(
            named("carried_past_the_tanh", _gradients_with(carry=lambda dh, da, dh_next, W: dh @ W.T)),
            "On the way to the step before, the slope of the tanh is missing. Carry on from da_{t+1}, not "
            "from dh_{t+1}: the step before gets da_{t+1} W_hhᵀ.",
        ),
        Misconception(
            named("past_the_recurrent_matrix", _gradients_with(carry=lambda dh, da, dh_next, W: da)),
            "You handed da_{t+1} itself to the step before. h_t went through W_hh on its way to a_{t+1}: "
            "multiply by W_hhᵀ.",
        ),
        Misconception(
            named(
                "gradient_from_later_steps_piled_up", _gradients_with(carry=lambda dh, da, n, W: n + da @ W.T)
            ),
            "You added da_{t+1} W_hhᵀ to what was handed on before, so that steps are counted again and "
            "again. Hand on da_{t+1} W_hhᵀ alone: it holds all later steps already.",
        ),
        Misconception(
            named("own_output_of_the_last_step_only", _gradients_with(own=_only_the_last_own)),
            "The error enters at the last step only. Every state has an output of its own: add its share "
            "dz_t W_hyᵀ at each step.",
        ),
        Misconception(
            named("forward_order", _gradients_with(backward=False)),
            "Your loop runs from the first step to the last. A state hears from the steps after it, so begin "
            "at the end: `reversed(range(T))`.",
        ),
        Misconception(
            named("state_after_for_state_before", _gradients_with(before=lambda hidden, h0: hidden)),
            "For the gradient of W_hh you used the state after each step. What W_hh was multiplied with is "
            "the state before: h_{t-1}, and at the first step `h0`.",
        ),
        Misconception(
            named(
                "start_forgotten_at_the_first_step",
                _gradients_with(before=lambda hidden, h0: np.concatenate([0 * hidden[:1], hidden[:-1]])),
            ),
            "In the gradient of W_hh the share of the first step is missing, where `h0` came in. Use it as "
            "the state before step 0.",
        ),
        Misconception(
            named(
                "last_state_before_the_first",
                _gradients_with(before=lambda hidden, h0: np.roll(hidden, 1, axis=0)),
            ),
            "At the first step, `hidden[t - 1]` is `hidden[-1]`: the last state. The state before step 0 is "
            "`h0`.",
        ),
        Misconception(
            named("not_accumulated", _gradients_with(keep=_only_step(0))),
            "Only the share of the first step is left: every pass of the loop replaced what was there. Add "
            "up the shares of all steps, with `+=`.",
        ),
        Misconception(
            named("states_not_accumulated", _gradients_with(keep=_only_the_states_of_the_first_step)),
            "W_hy and b_y are right, but of W_xh, W_hh and b_h only the share of the first step is left. Add "
            "up the shares of all steps, with `+=`.",
        ),
        Misconception(
            named("last_step_only", _gradients_with(keep=_only_step(-1))),
            "Only the last step was differentiated. The same weights were used at every step: go on to the "
            "steps before, and add up.",
        ),
        Misconception(
            named("first_step_left_out", _gradients_with(keep=_without_the_first_step)),
            "Your loop ends before it has dealt with the first step. Let it run down to 0: `range(T - 1, -1, "
            "-1)`, or `reversed(range(T))`.",
        ),
        Misconception(
            named(
                "first_step_and_output_left_out", _gradients_with(keep=_without_the_first_step_and_its_output)
            ),
            "Your loop ends before it has dealt with the first step, its output included. Let it run down to "
            "0: `range(T - 1, -1, -1)`, or `reversed(range(T))`.",
        ),
        Misconception(
            named("mean_over_all_steps", _changed(_mean_over_all_steps)),
            "You divided by the number of all steps. Those without a target do not count: divide by the "
            "number of targets.",
        ),
        Misconception(
            named(
                "gradient_of_the_sum_of_losses",
                _changed(lambda loss, grads, x, targets, params: (loss, _scaled(grads, _n_targets(targets)))),
            ),
            "The loss is a mean, but the gradients are those of the sum. `softmax_cross_entropy` has divided "
            "by the number of targets already: don't multiply by it.",
        ),
        Misconception(
            named(
                "divided_by_the_batch_again",
                _changed(lambda loss, grads, x, targets, params: (loss, _scaled(grads, 1 / x.shape[1]))),
            ),
            "You divided by the number of sequences on top of the mean. `softmax_cross_entropy` has averaged "
            "already: add up over the sequences.",
        ),
        Misconception(
            named(
                "divided_by_the_steps_again",
                _changed(lambda loss, grads, x, targets, params: (loss, _scaled(grads, 1 / x.shape[0]))),
            ),
            "You divided by the number of steps on top of the mean. `softmax_cross_entropy` has averaged "
            "already: add up over the steps.",
        ),
        Misconception(
            named(
                "opposite_sign",
                _changed(lambda loss, grads, x, targets, params: (loss, _scaled(grads, -1.0))),
            ),
            "Every gradient has the opposite sign. Return the derivative of the loss, which points uphill.",
        ),
        Misconception(
            named(
                "transposed_gradient_of_the_recurrent_matrix",
                _changed(lambda loss, grads, x, targets, params: (loss, {**grads, "W_hh": grads["W_hh"].T})),
            ),
            "The gradient of W_hh is transposed. Its rows belong to the state before the step, its columns "
            "to da_t: h_{t-1}ᵀ da_t.",
        ),
        *map(_overwritten, ("W_xh", "W_hh", "b_h", "W_hy", "b_y")),
        Misconception(
            _replaced("biases_added_up_to_one_number", _biases_as_numbers),
            "The gradients of the biases are single numbers: the sum went over the units and classes as "
            "well. Add up over steps and sequences only, `axis=0` for each step.",
        ),
        Misconception(
            _replaced("hidden_bias_added_up_to_one_number", _hidden_bias_as_a_number),
            "The gradient of b_h is a single number: the sum went over the units as well. Add up over steps "
            "and sequences only, `axis=0` for each step.",
        ),
        Misconception(
            _replaced("biases_share_one_sum", _biases_share_one_sum),
            "All entries of a bias have the same gradient: `sum()` without an axis added up the units and "
            "classes as well. Write `sum(axis=0)` for each step.",
        ),
        Misconception(
            _replaced("hidden_biases_share_one_sum", _hidden_biases_share_one_sum),
            "All entries of b_h have the same gradient: `sum()` without an axis added up the units as well. "
            "Write `sum(axis=0)` for each step.",
        ),
        Misconception(
            _replaced("output_biases_share_one_sum", _output_biases_share_one_sum),
            "All entries of b_y have the same gradient: `sum()` without an axis added up the classes as "
            "well. Write `sum(axis=0)` for each step.",
        ),
        Misconception(
            _replaced("output_matrix_from_the_state_before", _output_from_the_state_before),
            "For the gradient of W_hy you used the state before each step. What W_hy was multiplied with is "
            "the state after it: h_tᵀ dz_t.",
        ),
        Misconception(
            _replaced("mean_of_the_output_bias_over_sequences", _mean_of_the_output_bias),
            "The gradient of b_y is averaged over the sequences. dz_t holds the mean already: add up.",
        ),
        Misconception(
            _replaced("weights_from_dh_instead_of_da", _dh_for_da),
            "For W_xh, W_hh and b_h you multiplied with dh_t. They act inside the tanh: multiply with da_t = "
            "dh_t (1 - h_t²).",
        ),
        Misconception(
            _replaced("output_gradients_of_the_last_step_only", _output_of_the_last_step),
            "The gradients of W_hy and b_y have the share of the last step only. Both were used at every "
            "step: add up.",
        ),
        Misconception(
            _bias_not_summed_over_sequences,
            "The gradient of b_h has one row per sequence. All sequences share one bias: add up over them, "
            "`axis=0`.",
        ),
        Misconception(
            named(
                "mean_of_the_bias_over_sequences",
                _changed(
                    lambda loss, grads, x, targets, params: (
                        loss,
                        {**grads, "b_h": grads["b_h"] / x.shape[1], "b_y": grads["b_y"] / x.shape[1]},
                    )
                ),
            ),
            "The gradients of the biases are averaged over the sequences. The mean is in the loss already: "
            "add up.",
        ),
        Misconception(
            named(
                "mean_of_the_hidden_bias_over_sequences",
                _changed(
                    lambda loss, grads, x, targets, params: (
                        loss,
                        {**grads, "b_h": grads["b_h"] / x.shape[1]},
                    )
                ),
            ),
            "The gradient of b_h is averaged over the sequences. The mean is in the loss already: add up, "
            "`sum(axis=0)`.",
        ),
        Misconception(
            named(
                "divided_by_the_targets_again",
                _changed(
                    lambda loss, grads, x, targets, params: (
                        loss,
                        _scaled(grads, 1 / max(_n_targets(targets), 1)),
                    )
                ),
            ),
            "You divided by the number of targets, but `softmax_cross_entropy` has done that already. Add up "
            "over steps and sequences.",
        ),
        Misconception(
            named(
                "only_the_gradients",
                _changed(lambda loss, grads, x, targets, params: grads),
            ),
            "You returned the gradients alone. Return both: `return loss, grads`.",
        ),
        Misconception(
            named(
                "only_the_loss",
                _changed(lambda loss, grads, x, targets, params: loss),
            ),
            "You returned the loss alone. Return both: `return loss, grads`.",
        ),
        Misconception(
            named(
                "gradients_before_the_loss",
                _changed(lambda loss, grads, x, targets, params: (grads, loss)),
            ),
            "You returned the gradients first. The loss comes first: `return loss, grads`.",
        ),
        Misconception(
            _gradients_from_a_start_of_zeros,
            "You started from zeros. Start from `h0`.",
        ),
        Misconception(
            _missing_targets_as_the_last_class,
            "A target of -1 counted as the last class. Hand all targets to `softmax_cross_entropy`, which "
            "leaves -1 out.",
        ),
        Misconception(
            _numerical_derivatives,
            "These are differences of the loss at nearby parameters: right to eight digits or so, and far "
            "too slow to train with. Go back through the network instead, as the chain rule says.",
        ),
        Misconception(
            _keys_in_an_order_of_its_own,
            "The gradients are right, but their keys are in an order of their own. Take it from `params`: "
            "`{name: grads[name] for name in params}`.",
        ),
        Misconception(
            _adds_floats_to_integers,
            "Right, unless a parameter holds integers: `np.zeros_like` of it holds integers as well, and "
            "NumPy refuses to add floats in place. Start from `np.zeros(array.shape)`.",
        ),
        Misconception(
            _cut_off_to_integers,
            "Right, unless a parameter holds integers: then its gradient is cut off to integers. Make the "
            "arrays of gradients arrays of floats.",
        ),
    ),
    hints=(
        "Go back from the loss: logits, state, sum inside the tanh. What does a change of the state h_t do? "
        "It changes the output of its own step, and all states after it.",
        "dh_t = dz_t W_hyᵀ + da_{t+1} W_hhᵀ (nothing from behind the last step), and da_t = dh_t "
        "· (1 − h_t²). Then dW_xh = Σ x_tᵀ da_t, dW_hh = Σ h_{t-1}ᵀ da_t, db_h = Σ da_t over steps and "
        "sequences; dW_hy = Σ h_tᵀ dz_t and db_y = Σ dz_t.",
        "Forward pass and `softmax_cross_entropy` as in `rnn_loss`, reshape its gradient to (T, N, K), then "
        "a loop from the last step to the first that keeps da_{t+1} W_hhᵀ for the step before. Add up in "
        "arrays of zeros with the shapes of the parameters.",
    ),
    showed=(
        "One walk back through the steps gives the exact gradient, where central differences need 3,284 "
        "forward passes for a network of 1,642 numbers."
    ),
    # tight, since it is exact; states are drawn away from ±1, where 1 - h² would lose digits
    rtol=1e-10,
    atol=1e-13,
    n_drawn=10,
)

# -- spectral_radius ----------------------------------------------------------------------------


def _eigenvalues(W):
    return np.linalg.eigvals(_array(W))


def _spectral_norm(W):
    return np.linalg.norm(_array(W), 2)


def _frobenius_norm(W):
    return np.linalg.norm(_array(W))


def _largest_eigenvalue_with_its_sign(W):
    return np.max(_eigenvalues(W))


def _largest_real_part_with_its_sign(W):
    return np.max(_eigenvalues(W).real)


def _vectors_beside_the_eigenvalues(W):
    return np.max(np.abs(np.linalg.eig(_array(W))))


def _eigenvectors_for_eigenvalues(W):
    return np.max(np.abs(np.linalg.eig(_array(W))[1]))


def _mean_absolute_eigenvalue(W):
    return np.mean(np.abs(_eigenvalues(W)))


def _index_of_the_largest(W):
    return np.argmax(np.abs(_eigenvalues(W)))


def _largest_real_part(W):
    return np.max(np.abs(_eigenvalues(W).real))


def _absolute_value_of_the_largest(W):
    return np.abs(np.max(_eigenvalues(W)))


def _complex_result(W):
    values = _eigenvalues(W)
    return values[np.argmax(np.abs(values))]


def _largest_imaginary_part(W):
    return np.max(np.abs(_eigenvalues(W).imag))


def _smallest_absolute_eigenvalue(W):
    return np.min(np.abs(_eigenvalues(W)))


def _first_eigenvalue(W):
    return np.abs(_eigenvalues(W)[0])


def _all_absolute_eigenvalues(W):
    return np.abs(_eigenvalues(W))


def _sum_of_absolute_eigenvalues(W):
    return np.sum(np.abs(_eigenvalues(W)))


def _as_if_symmetric(W):
    return np.max(np.abs(np.linalg.eigvalsh(_array(W))))


def _symmetrised_first(W):
    return np.max(np.abs(np.linalg.eigvalsh((_array(W) + _array(W).T) / 2)))


def _squared_spectral_norm(W):
    return _spectral_norm(W) ** 2


def _squared_radius(W):
    return np.max(np.abs(_eigenvalues(W))) ** 2


def _root_of_the_radius(W):
    return np.sqrt(np.max(np.abs(_eigenvalues(W))))


def _root_of_the_largest_real_part_of_the_square(W):
    W = _array(W)
    with np.errstate(all="ignore"):
        return np.sqrt(np.max(np.linalg.eigvals(W @ W).real))


def _largest_entry_on_the_diagonal(W):
    return np.max(np.abs(np.diag(_array(W))))


def _absolute_trace(W):
    return np.abs(np.trace(_array(W)))


def _absolute_determinant(W):
    return np.abs(np.linalg.det(_array(W)))


def _largest_absolute_entry(W):
    return np.max(np.abs(_array(W)))


def _largest_row_sum(W):
    return np.max(np.sum(np.abs(_array(W)), axis=1))


def _largest_column_sum(W):
    return np.max(np.sum(np.abs(_array(W)), axis=0))


def _real_and_imaginary_parts_added(W):
    values = _eigenvalues(W)
    return np.max(np.abs(values.real) + np.abs(values.imag))


def _power_iteration_with_the_matrix(W):
    W = _array(W)
    v = np.random.default_rng(0).normal(size=len(W))
    for _ in range(500):
        v = W @ v
        if not np.any(v):
            return 0.0
        v = v / np.sqrt(v @ v)
    return np.sqrt(np.sum((W @ v) ** 2))


def _draw_square(rng):
    n = rng.integers(2, 6)
    while True:
        W = rng.normal(size=(n, n)).round(1)
        if np.linalg.cond(np.linalg.eig(W)[1]) < 100:  # eigenvalues that rounding hardly moves
            return (W,)


SPECTRAL_RADIUS = Exercise(
    reference=rnn.spectral_radius,
    points=1,
    cases=(
        Case("a diagonal matrix", (np.array([[0.5, 0.0], [0.0, -2.0]]),), 2.0),
        Case("a triangular matrix: the diagonal", (np.array([[1.0, 5.0], [0.0, 3.0]]),), 3.0),
        Case("eigenvalues 2i and -2i", (np.array([[0.0, -2.0], [2.0, 0.0]]),), 2.0),
        Case("eigenvalues 3 + 4i and 3 - 4i", (np.array([[3.0, -4.0], [4.0, 3.0]]),), 5.0),
        Case("eigenvalues 0 and 0, though the entries are large", (np.array([[0.0, 5.0], [0.0, 0.0]]),), 0.0),
        Case("eigenvalues 1 and -3", (np.array([[-1.0, 4.0], [1.0, -1.0]]),), 3.0),
        Case("eigenvalues 4 and -1", (np.array([[1.0, 2.0], [3.0, 2.0]]),), 4.0),
        Case("a permutation of three: all on the unit circle", (np.roll(np.eye(3), 1, axis=0),), 1.0),
        Case("a small matrix", (np.array([[1e-9, 0.0], [0.0, -3e-9]]),), 3e-9),
        Case("one by one", (np.array([[-0.7]]),), 0.7),
        Case("the zero matrix", (np.zeros((3, 3)),), 0.0),
        Case("a list of lists", ([[2, 1], [1, 2]],), 3.0),
        Case("8-bit integers", (np.array([[0, 100], [100, 0]], dtype=np.int8),), 100.0),
    ),
    draw=_draw_square,
    misconceptions=(
        Misconception(
            _spectral_norm,
            "This is the spectral norm, the largest singular value. Take the largest absolute value of the "
            "eigenvalues: `np.linalg.eigvals`.",
        ),
        Misconception(
            _frobenius_norm,
            "This is the Frobenius norm. Take the largest absolute value of the eigenvalues: "
            "`np.linalg.eigvals`.",
        ),
        Misconception(
            _largest_eigenvalue_with_its_sign,
            "You took the largest eigenvalue with its sign. One of -3 outweighs one of 1, and complex "
            "numbers have no order: take the absolute values first.",
        ),
        Misconception(
            _largest_real_part_with_its_sign,
            "You took the largest real part with its sign. One of -3 outweighs one of 1, and an imaginary "
            "part counts, too: take the absolute values of the eigenvalues first.",
        ),
        Misconception(
            _vectors_beside_the_eigenvalues,
            "`np.linalg.eig` returns two things, eigenvalues and eigenvectors. Use `np.linalg.eigvals`, "
            "which returns the eigenvalues alone.",
        ),
        Misconception(
            _eigenvectors_for_eigenvalues,
            "You took the second thing that `np.linalg.eig` returns: the eigenvectors. The eigenvalues are "
            "the first; `np.linalg.eigvals` returns them alone.",
        ),
        Misconception(
            _mean_absolute_eigenvalue,
            "You averaged the absolute values. Take the largest.",
        ),
        Misconception(
            _index_of_the_largest,
            "You returned where the largest absolute value stands. Return the value: `np.max`, not "
            "`np.argmax`.",
        ),
        Misconception(
            _largest_real_part,
            "You took the absolute value of the real parts, so that 2i counts as 0. Take the absolute value "
            "of the complex numbers: `np.abs` does it right.",
        ),
        Misconception(
            _absolute_value_of_the_largest,
            "You looked for the largest eigenvalue first and took its absolute value afterwards. Take the "
            "absolute values first: the one furthest from zero may be negative or complex.",
        ),
        Misconception(
            _complex_result,
            "You found the right eigenvalue, and returned it with its sign, or as a complex number. Return "
            "its absolute value.",
        ),
        Misconception(
            _largest_imaginary_part,
            "You took the imaginary parts only. Take the absolute value of the complex numbers: `np.abs`.",
        ),
        Misconception(
            _real_and_imaginary_parts_added,
            "You added real and imaginary part. The absolute value of 3 + 4i is 5, not 7: use `np.abs`.",
        ),
        Misconception(
            _smallest_absolute_eigenvalue,
            "You took the smallest absolute value. Take the largest.",
        ),
        Misconception(
            _first_eigenvalue,
            "You took the first eigenvalue. NumPy does not sort them: take the maximum of the absolute "
            "values.",
        ),
        Misconception(
            _all_absolute_eigenvalues,
            "You returned all absolute values. Return the largest.",
        ),
        Misconception(
            _sum_of_absolute_eigenvalues,
            "You added up the absolute values. Take the largest.",
        ),
        Misconception(
            _as_if_symmetric,
            "`eigvalsh` looks at one half of the matrix and takes it for symmetric. Use `np.linalg.eigvals`.",
        ),
        Misconception(
            _symmetrised_first,
            "You made the matrix symmetric first, which changes its eigenvalues. Use `np.linalg.eigvals` on "
            "the matrix itself.",
        ),
        Misconception(
            _squared_spectral_norm,
            "This is the largest eigenvalue of WᵀW, the square of the spectral norm. Take the eigenvalues of "
            "W itself.",
        ),
        Misconception(
            _squared_radius,
            "You returned the square. The absolute value of an eigenvalue has no square around it: leave it "
            "out, or take the root.",
        ),
        Misconception(
            _root_of_the_radius,
            "You took a root too many. Return the largest absolute value itself.",
        ),
        Misconception(
            _root_of_the_largest_real_part_of_the_square,
            "You squared the matrix and looked at real parts, which for 2i is -4. Take the absolute values "
            "of the eigenvalues of W.",
        ),
        Misconception(
            _largest_entry_on_the_diagonal,
            "You took the largest entry of the diagonal. Those are the eigenvalues of triangular matrices "
            "only: use `np.linalg.eigvals`.",
        ),
        Misconception(
            _absolute_trace,
            "This is the trace, the sum of the eigenvalues. Take the largest absolute value among them.",
        ),
        Misconception(
            _absolute_determinant,
            "This is the determinant, the product of the eigenvalues. Take the largest absolute value among "
            "them.",
        ),
        Misconception(
            _largest_absolute_entry,
            "This is the largest entry. Take the largest absolute value of the eigenvalues.",
        ),
        Misconception(
            _largest_row_sum,
            "This is the largest row sum, which is a bound only. Take the largest absolute value of the "
            "eigenvalues.",
        ),
        Misconception(
            _largest_column_sum,
            "This is the largest column sum, which is a bound only. Take the largest absolute value of the "
            "eigenvalues.",
        ),
        Misconception(
            _power_iteration_with_the_matrix,
            "You multiplied a vector by W again and again. With a complex pair of eigenvalues it never "
            "settles, and its length keeps changing: use `np.linalg.eigvals`.",
        ),
    ),
    hints=(
        "Which vectors does the matrix only stretch? The factors are its eigenvalues, and NumPy finds them.",
        "ρ(W) = max |λᵢ|. For a complex eigenvalue a + bi, |λ| is √(a² + b²).",
        "One line, read from the inside: `np.linalg.eigvals`, then the absolute values, then the largest.",
    ),
    showed=(
        "`[[0, -2], [2, 0]]` keeps no direction, since its eigenvalues are 2i and -2i, and yet it doubles "
        "all lengths: their absolute value counts."
    ),
    rtol=1e-7,  # other ways to the eigenvalues, such as the roots of a polynomial, are good to that
    atol=1e-10,
)

# -- state_gradient_norms -----------------------------------------------------------------------


def _norms_with(jacobian=None, extend=None, norm=None, shift=0):
    """State gradient norms that go wrong in one of their parts.

    Parameters
    ----------
    jacobian : callable
        ``jacobian(h_before, h_after, W_hh)`` of one step.
    extend : callable
        ``extend(product, jacobian)``: the product over one more step.
    norm : callable
        Of a matrix.
    shift : int
        By how many steps the result is late.
    """
    jacobian = jacobian or (lambda before, after, W: (1 - after**2)[:, np.newaxis] * W.T)
    extend = extend or (lambda product, step: product @ step)
    norm = norm or (lambda matrix: np.linalg.norm(matrix, 2))

    def state_gradient_norms(hidden, params):
        hidden, W = _array(hidden), _array(params["W_hh"])
        T, N, H = hidden.shape
        norms = np.ones((T, N))
        for n in range(N):
            product = np.eye(H)
            for t in reversed(range(T - 1 + shift)):
                product = extend(product, jacobian(hidden[t - shift, n], hidden[t + 1 - shift, n], W))
                norms[t, n] = norm(product)
            if shift:
                norms[T - 1, n] = norm(jacobian(hidden[T - 2, n], hidden[T - 1, n], W)) if T > 1 else 1.0
        return norms

    return state_gradient_norms


def _power_of_the_norm(hidden, params):
    T, N, _ = np.shape(hidden)
    powers = np.linalg.norm(params["W_hh"], 2) ** np.arange(T)[::-1]
    return np.repeat(powers[:, np.newaxis], N, axis=1)


def _norm_of_each_step(hidden, params):
    hidden, W = _array(hidden), _array(params["W_hh"])
    T, N, _ = hidden.shape
    norms = np.ones((T, N))
    for t in range(T - 1):
        norms[t] = [np.linalg.norm((1 - h**2)[:, np.newaxis] * W.T, 2) for h in hidden[t + 1]]
    return norms


def _norm_of_the_whole_batch(hidden, params):
    hidden, W = _array(hidden), _array(params["W_hh"])
    T, N, H = hidden.shape
    norms, product = np.ones((T, N)), np.eye(H)
    for t in reversed(range(T - 1)):
        product = product @ ((1 - hidden[t + 1] ** 2)[:, :, np.newaxis] * W.T)
        norms[t] = np.linalg.norm(product, ord=2)
    return norms


def _product_of_norms(hidden, params):
    return np.cumprod(_norm_of_each_step(hidden, params)[::-1], axis=0)[::-1]


def _in_reverse_order(hidden, params):
    return rnn.state_gradient_norms(hidden, params)[::-1]


def _one_row_per_sequence(hidden, params):
    return rnn.state_gradient_norms(hidden, params).T


def _mean_over_sequences(hidden, params):
    return np.mean(rnn.state_gradient_norms(hidden, params), axis=1)


def _counted_from_the_first_state(hidden, params):
    hidden = _array(hidden)
    W = _array(params["W_hh"])
    T, N, H = hidden.shape
    norms, product = np.ones((T, N)), np.broadcast_to(np.eye(H), (N, H, H))
    for t in range(1, T):
        product = (1 - hidden[t] ** 2)[:, :, np.newaxis] * W.T @ product
        norms[t] = np.linalg.norm(product, 2, axis=(1, 2))
    return norms


def _first_sequence_for_all(hidden, params):
    norms = rnn.state_gradient_norms(hidden, params)
    return np.repeat(norms[:, :1], norms.shape[1], axis=1)


def _power_of_the_radius(hidden, params):
    T, N, _ = np.shape(hidden)
    radius = np.max(np.abs(np.linalg.eigvals(params["W_hh"])))
    return np.repeat((radius ** np.arange(T)[::-1])[:, np.newaxis], N, axis=1)


def _product_not_begun_anew(hidden, params):
    hidden, W = _array(hidden), _array(params["W_hh"])
    T, N, H = hidden.shape
    norms, product = np.ones((T, N)), np.eye(H)
    for n in range(N):
        for t in reversed(range(T - 1)):
            product = product @ ((1 - hidden[t + 1, n] ** 2)[:, np.newaxis] * W.T)
            norms[t, n] = np.linalg.norm(product, 2)
    return norms


def _last_step_is_zero(hidden, params):
    norms = rnn.state_gradient_norms(hidden, params)
    norms[-1] = 0.0
    return norms


def _without_the_last_step(hidden, params):
    return rnn.state_gradient_norms(hidden, params)[:-1]


def _draw_states(rng):
    """States and a matrix such that a power iteration finds every norm to six digits."""
    T, N, H = int(rng.integers(3, 5)), 2, int(rng.integers(2, 4))
    while True:
        hidden = rng.uniform(-0.9, 0.9, size=(T, N, H)).round(1)
        W = rng.normal(scale=0.9, size=(H, H)).round(1)
        if np.all(rnn.state_gradient_norms(hidden, {"W_hh": W}) > 1e-3) and _has_gaps(hidden, W):
            return hidden, {"W_hh": W}


def _has_gaps(hidden, W):
    for h in np.swapaxes(hidden, 0, 1):
        product = np.eye(len(W))
        for after in h[:0:-1]:
            product = product @ ((1 - after**2)[:, np.newaxis] * W.T)
            first, second = np.linalg.svd(product, compute_uv=False)[:2]
            if second > 0.95 * first:
                return False
    return True


_SHIFTS = {"W_hh": np.array([[0.0, 5.0], [0.0, 0.0]])}
_EXCHANGES = {"W_hh": np.array([[0.0, 2.0], [3.0, 0.0]])}

STATE_GRADIENT_NORMS = Exercise(
    reference=rnn.state_gradient_norms,
    points=3,
    cases=(
        Case(
            "one unit, states 0.6, 0.8, 0: slopes 0.36 and 1 on the way",
            (_steps(0.6, 0.8, 0), {"W_hh": np.array([[0.5]])}),
            np.array([[0.5 * 0.5 * 0.36], [0.5], [1.0]]),
        ),
        Case(
            "a negative weight: a norm is positive",
            (_steps(0, 0.6, 0, 0.5), {"W_hh": np.array([[-2.0]])}),
            np.array([[8 * 0.64 * 0.75], [4 * 0.75], [2 * 0.75], [1.0]]),
        ),
        Case(
            "states of zero, a matrix whose square is 0",
            (np.zeros((3, 1, 2)), _SHIFTS),
            np.array([[0.0], [5.0], [1.0]]),
        ),
        Case(
            "two units that exchange their values: Jacobian [[0, 3], [1.28, 0]]",
            (np.array([[[0.3, 0.3]], [[0.0, 0.6]]]), _EXCHANGES),
            np.array([[3.0], [1.0]]),
        ),
        Case(
            "the same, with the other unit saturated",
            (np.array([[[0.3, 0.3]], [[1.0, 0.0]]]), _EXCHANGES),
            np.array([[2.0], [1.0]]),
        ),
        Case(
            "two sequences, one free, one half saturated",
            (np.array([[[0.0], [0.0]], [[0.0], [0.5]]]), {"W_hh": np.array([[1.5]])}),
            np.array([[1.5, 1.125], [1.0, 1.0]]),
        ),
        Case("a single step", (np.array([[[0.3, -0.2]]]), _SHIFTS), np.array([[1.0]])),
        Case(
            "saturated on the way: nothing gets through",
            (_steps(0, 1, 0), {"W_hh": np.array([[7.0]])}),
            np.array([[0.0], [7.0], [1.0]]),
        ),
        Case(
            "a rotation, states of zero",
            (np.zeros((3, 1, 2)), {"W_hh": np.array([[0.6, -0.8], [0.8, 0.6]])}),
            np.array([[1.0], [1.0], [1.0]]),
        ),
        Case(
            "lists and integers",
            ([[[0]], [[0]], [[0]]], {"W_hh": np.array([[3]])}),
            np.array([[9.0], [3.0], [1.0]]),
        ),
    ),
    draw=_draw_states,
    misconceptions=(
        Misconception(
            named("radius_for_norm", _norms_with(norm=lambda P: np.max(np.abs(np.linalg.eigvals(P))))),
            "You took the spectral radius of the product. Take its spectral norm: "
            "`np.linalg.norm(product, ord=2)`.",
        ),
        Misconception(
            named("frobenius_for_spectral", _norms_with(norm=np.linalg.norm)),
            "You took the Frobenius norm, which NumPy gives by default. Ask for the spectral norm: `ord=2`.",
        ),
        Misconception(
            named("largest_entry_for_norm", _norms_with(norm=lambda P: np.max(np.abs(P)))),
            "You took the largest entry of the product. Take its spectral norm: `ord=2`.",
        ),
        Misconception(
            named("product_order", _norms_with(extend=lambda product, step: step @ product)),
            "The factors are in the wrong order. With diag(1 − h²) W_hhᵀ for a step, going back puts each "
            "new factor on the right of the product (with its transpose, W_hh diag(1 − h²), on the left).",
        ),
        Misconception(
            named("slope_of_the_tanh_forgotten", _norms_with(lambda before, after, W: W.T)),
            "You multiplied by W_hhᵀ alone, as if the network were linear. Each step also has the slopes of "
            "the tanh, diag(1 − h²).",
        ),
        Misconception(
            named(
                "transposed_recurrent_matrix",
                _norms_with(lambda before, after, W: (1 - after**2)[:, np.newaxis] * W),
            ),
            "The Jacobian of a step is diag(1 − h²) W_hhᵀ, since states are rows here. Transpose W_hh.",
        ),
        Misconception(
            named("slopes_on_the_wrong_side", _norms_with(lambda before, after, W: W.T * (1 - after**2))),
            "The slopes multiply the wrong axis. The state goes through W_hh first and the tanh afterwards: "
            "diag(1 − h²) stands on the left of W_hhᵀ.",
        ),
        Misconception(
            named(
                "slope_at_the_state_before",
                _norms_with(lambda before, after, W: (1 - before**2)[:, np.newaxis] * W.T),
            ),
            "You took the slope at the state before the step. The tanh of the step gave the state after it: "
            "for the step from t to t + 1 use `1 - hidden[t + 1] ** 2`.",
        ),
        Misconception(
            named(
                "slope_without_the_square",
                _norms_with(lambda before, after, W: (1 - after)[:, np.newaxis] * W.T),
            ),
            "You used 1 − h. The slope of the tanh is 1 − h²: square it.",
        ),
        Misconception(
            named(
                "slope_of_a_second_tanh",
                _norms_with(lambda before, after, W: (1 - np.tanh(after) ** 2)[:, np.newaxis] * W.T),
            ),
            "You took the tanh of the state, which has been through it already. Use 1 − h².",
        ),
        Misconception(
            named(
                "square_for_the_slope", _norms_with(lambda before, after, W: (after**2)[:, np.newaxis] * W.T)
            ),
            "You used h². The slope of the tanh is 1 − h²: subtract it from 1.",
        ),
        Misconception(
            named("squared_norm", _norms_with(norm=lambda P: np.linalg.norm(P, 2) ** 2)),
            "You returned the square of the spectral norm. Take the root.",
        ),
        Misconception(
            _norm_of_the_whole_batch,
            "`np.linalg.norm` got all sequences at once, an array of three axes. Say which two axes are the "
            "matrix: `np.linalg.norm(product, ord=2, axis=(1, 2))`.",
        ),
        Misconception(
            named("one_factor_too_many", _norms_with(shift=1)),
            "Every product has one factor too many. dh_T/dh_T is the identity, with norm 1: begin there at "
            "the last step, and multiply before each earlier one.",
        ),
        Misconception(
            _power_of_the_norm,
            "You took a power of the norm of W_hh. That is an upper bound only: multiply the Jacobians, and "
            "take the norm of their product.",
        ),
        Misconception(
            _norm_of_each_step,
            "You took the norm of one step at a time. From t to the last step, all Jacobians on the way are "
            "multiplied: keep a product.",
        ),
        Misconception(
            _product_of_norms,
            "You multiplied the norms of the steps. That is an upper bound only, since one step may shrink "
            "what another stretched: multiply the matrices, and take the norm of the product.",
        ),
        Misconception(
            _in_reverse_order,
            "The norms are in reverse order. Entry [t] belongs to step t, and the 1 to the last step.",
        ),
        Misconception(
            _one_row_per_sequence,
            "The numbers are right, but sequences come first. Put the steps on axis 0: shape (T, N).",
        ),
        Misconception(
            _mean_over_sequences,
            "You averaged over the sequences. Return a norm for each: shape (T, N).",
        ),
        Misconception(
            _counted_from_the_first_state,
            "You followed the first state forward: dh_t/dh_1. Follow the last state back: dh_T/dh_t.",
        ),
        Misconception(
            _first_sequence_for_all,
            "All sequences have the norms of the first. Each has slopes of its own: keep one product per "
            "sequence.",
        ),
        Misconception(
            _power_of_the_radius,
            "You took a power of the spectral radius of W_hh. That says where a linear network ends up, no "
            "more: multiply the Jacobians, and take the norm of their product.",
        ),
        Misconception(
            _product_not_begun_anew,
            "The product of one sequence goes on into the next. Begin each sequence with the identity.",
        ),
        Misconception(
            named("multiplied_entry_by_entry", _norms_with(extend=lambda product, step: product * step)),
            "`*` multiplies entry by entry. Use the matrix product `@`.",
        ),
        Misconception(
            _last_step_is_zero,
            "The last step has 0. dh_T/dh_T is the identity: its norm is 1.",
        ),
        Misconception(
            _without_the_last_step,
            "The last step is missing. dh_T/dh_T is the identity: append 1 for every sequence.",
        ),
    ),
    hints=(
        "One step first: what does a small change of h_t do to h_{t+1} = tanh(h_t W_hh + …)? It goes through "
        "the matrix, then through the slopes of the tanh.",
        "dh_{t+1}/dh_t = diag(1 − h_{t+1}²) W_hhᵀ. Going back from the last step, P starts as the identity "
        "and becomes P · diag(1 − h_{t+1}²) W_hhᵀ.",
        "For one sequence: `jacobian = (1 - hidden[t + 1, n] ** 2)[:, np.newaxis] * W_hh.T`, in a loop from "
        "T − 2 down to 0 that multiplies it to the product from the right and stores the norm of that, "
        "`ord=2`.",
    ),
    showed=(
        "How far back a gradient can reach is seen from the states and `W_hh` alone: it takes neither "
        "targets nor a loss."
    ),
    rtol=1e-6,  # a power iteration, as in lesson 01, is a fair way to the norm
    atol=1e-9,
)

# -- lstm_step ----------------------------------------------------------------------------------


def _lstm_with(
    order="ifgo",
    cell=None,
    output=None,
    squash=(_sigmoid, _sigmoid, np.tanh, _sigmoid),
    returned=lambda h, c: (h, c),
):
    """An LSTM step that goes wrong in one of its parts.

    Parameters
    ----------
    order : str
        Gates in the order in which the columns are read.
    cell : callable
        ``cell(i, f, g, c)``, the new cell state.
    output : callable
        ``output(o, c_new, c_old)``, the new hidden state.
    squash : tuple of callable
        Of the input gate, the forget gate, the candidate and the output gate.
    returned : callable
        ``returned(h, c)``, what comes back.
    """
    cell = cell or (lambda i, f, g, c: f * c + i * g)
    output = output or (lambda o, new, old: o * np.tanh(new))

    def lstm_step(x_t, h, c, params):
        c = _array(c)
        z = _array(x_t) @ params["W_x"] + _array(h) @ params["W_h"] + params["b"]
        gate = dict(zip(order, np.split(z, 4, axis=1), strict=True))
        i, f, g, o = (function(gate[name]) for name, function in zip("ifgo", squash, strict=True))
        new = cell(i, f, g, c)
        return returned(output(o, new, c), new)

    return lstm_step


def _with_other_params(change):
    """The right step with changed parameters."""

    def lstm_step(x_t, h, c, params):
        return rnn.lstm_step(x_t, h, c, change(params))

    return lstm_step


def _one_to_the_forget_gate(params):
    H = len(params["b"]) // 4
    return {**params, "b": params["b"] + np.repeat([0.0, 1.0, 0.0, 0.0], H)}


def _interleaved(params):
    H = len(params["b"]) // 4
    columns = np.arange(4 * H).reshape(H, 4).T.ravel()
    return {name: array[..., columns] for name, array in params.items()}


def _without_the_hidden_state(x_t, h, c, params):
    return rnn.lstm_step(x_t, np.zeros_like(_array(h)), c, params)


def _without_the_input(x_t, h, c, params):
    return rnn.lstm_step(np.zeros_like(_array(x_t)), h, c, params)


def _states_exchanged_on_the_way_in(x_t, h, c, params):
    return rnn.lstm_step(x_t, c, h, params)


def _forget_gate_on_the_hidden_state(x_t, h, c, params):
    z = _array(x_t) @ params["W_x"] + _array(h) @ params["W_h"] + params["b"]
    i, f, g, o = np.split(z, 4, axis=1)
    c = _sigmoid(f) * _array(h) + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _split_between_the_sequences(x_t, h, c, params):
    z = _array(x_t) @ params["W_x"] + _array(h) @ params["W_h"] + params["b"]
    i, f, g, o = np.split(z, 4)
    c = _sigmoid(f) * _array(c) + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(c), c


def _rows_cut_into_gates(x_t, h, c, params):
    z = _array(x_t) @ params["W_x"] + _array(h) @ params["W_h"] + params["b"]
    H = np.shape(h)[1]
    i, f, o = (_sigmoid(z[k * H : (k + 1) * H]) for k in (0, 1, 3))
    c = f * _array(c) + i * np.tanh(z[2 * H : 3 * H])
    return o * np.tanh(c), c


def _one_gate(gate, name, function, hint):
    """One of the gates goes through another function than the sigmoid."""
    squash = [_sigmoid, _sigmoid, np.tanh, _sigmoid]
    squash["ifgo".index(gate)] = function
    return Misconception(named(name, _lstm_with(squash=tuple(squash))), hint)


def _changed_the_cell_in_place(x_t, h, c, params):
    new_h, new_c = rnn.lstm_step(x_t, h, c, params)
    c[:] = new_c
    return new_h, c


def _draw_lstm(rng):
    N, D, H = rng.permutation([2, 3, 4])
    params = {
        "W_x": rng.normal(scale=0.7, size=(D, 4 * H)).round(1),
        "W_h": rng.normal(scale=0.7, size=(H, 4 * H)).round(1),
        "b": rng.normal(scale=0.5, size=4 * H).round(1),
    }
    h, c = rng.uniform(-0.9, 0.9, size=(N, H)).round(1), rng.normal(size=(N, H)).round(1)
    return rng.normal(size=(N, D)).round(1), h, c, params


def _gates_only(*bias):
    """Parameters of one unit whose gates depend on nothing but their bias."""
    return _params(W_x=np.zeros((1, 4)), W_h=np.zeros((1, 4)), b=bias)


def _one_lstm_unit(z_i, z_f, z_g, z_o, c):
    """State of one unit, from what goes into its gates."""
    i, f, o = (1 / (1 + math.exp(-z)) for z in (z_i, z_f, z_o))
    c = f * c + i * math.tanh(z_g)
    return np.array([[o * math.tanh(c)]]), np.array([[c]])


_ZERO, _TWO = np.array([[0.0]]), np.array([[2.0]])

LSTM_STEP = Exercise(
    reference=rnn.lstm_step,
    points=2,
    cases=(
        Case(
            "four unlike gates",
            (_ZERO, _ZERO, _TWO, _gates_only(1, -1, 0.5, 2)),
            _one_lstm_unit(1, -1, 0.5, 2, 2.0),
        ),
        Case(
            "every gate half open",
            (np.array([[1.0]]), _ZERO, _TWO, _gates_only(0, 0, 0, 0)),
            (np.array([[0.5 * math.tanh(1)]]), np.array([[1.0]])),
        ),
        Case(
            "keep: forget gate open, input gate shut",
            (_ZERO, _ZERO, _TWO, _gates_only(-40, 40, 0.5, 40)),
            (np.array([[math.tanh(2)]]), np.array([[2.0]])),
        ),
        Case(
            "overwrite: forget gate shut, input gate open",
            (_ZERO, _ZERO, _TWO, _gates_only(40, -40, 0.5, 40)),
            (np.array([[math.tanh(math.tanh(0.5))]]), np.array([[math.tanh(0.5)]])),
        ),
        Case(
            "add: both open",
            (_ZERO, _ZERO, _TWO, _gates_only(40, 40, -0.5, 40)),
            (np.array([[math.tanh(2 - math.tanh(0.5))]]), np.array([[2 - math.tanh(0.5)]])),
        ),
        Case(
            "say nothing: output gate shut",
            (_ZERO, _ZERO, _TWO, _gates_only(-40, 40, 0, -40)),
            (np.array([[0.0]]), np.array([[2.0]])),
        ),
        Case(
            "input and hidden state at the gates",
            (
                np.array([[1.0]]),
                np.array([[0.5]]),
                np.array([[-1.0]]),
                _params(W_x=[[0.5, 1, 0, -1]], W_h=[[1, 0, 2, 2]], b=[0, 0, 0, 0.5]),
            ),
            _one_lstm_unit(1, 1, 1, 0.5, -1.0),
        ),
        Case(
            "two units: their columns stand side by side for each gate",
            (
                np.array([[1.0]]),
                np.array([[0.0, 0.0]]),
                np.array([[0.0, 1.0]]),
                _params(W_x=np.zeros((1, 8)), W_h=np.zeros((2, 8)), b=[40, -40, -40, 40, 0.5, 0, 40, 40]),
            ),
            (
                np.array([[math.tanh(math.tanh(0.5)), math.tanh(1)]]),
                np.array([[math.tanh(0.5), 1.0]]),
            ),
        ),
        Case(
            "lists of integers",
            ([[1]], [[0]], [[2]], _gates_only(0, 0, 0, 0)),
            (np.array([[0.5 * math.tanh(1)]]), np.array([[1.0]])),
        ),
    ),
    draw=_draw_lstm,
    misconceptions=(
        Misconception(
            named("order_input_forget_output_cell", _lstm_with(order="ifog")),
            "You read the columns in the order input, forget, output, cell. Here the cell candidate comes "
            "third and the output gate last.",
        ),
        Misconception(
            named("input_and_forget_exchanged", _lstm_with(order="figo")),
            "Input gate and forget gate are exchanged. The first H columns are the input gate, the next H "
            "the forget gate.",
        ),
        Misconception(
            named("order_input_output_forget_cell", _lstm_with(order="iofg")),
            "You read the columns in the order input, output, forget, cell (as in ONNX). Here it is input, "
            "forget, cell, output.",
        ),
        Misconception(
            named("order_forget_input_output_cell", _lstm_with(order="fiog")),
            "You read the columns in the order forget, input, output, cell. Here it is input, forget, cell, "
            "output.",
        ),
        Misconception(
            named("order_input_cell_forget_output", _lstm_with(order="igfo")),
            "You read the columns in the order input, cell, forget, output. Here the forget gate comes "
            "second and the cell candidate third.",
        ),
        Misconception(
            named("columns_interleaved", _with_other_params(_interleaved)),
            "You took every fourth column for one gate. The columns of a gate stand side by side: `[:, :H]`, "
            "`[:, H:2 * H]`, and so on, or `np.split(z, 4, axis=1)`.",
        ),
        Misconception(
            _split_between_the_sequences,
            "You split the rows, which are the sequences. Split the columns into four: `axis=1`.",
        ),
        Misconception(
            _rows_cut_into_gates,
            "You cut the rows into gates, `[:H]`, but rows are sequences. Cut the columns: `[:, :H]`, "
            "`[:, H:2 * H]`, and so on.",
        ),
        *(
            _one_gate(
                gate,
                f"{name}_gate_without_sigmoid",
                lambda z: z,
                f"The {name} gate is not between 0 and 1. Apply the sigmoid to it, too.",
            )
            for gate, name in zip("ifo", ("input", "forget", "output"), strict=True)
        ),
        *(
            _one_gate(
                gate,
                f"tanh_for_the_{name}_gate",
                np.tanh,
                f"The {name} gate went through a tanh, so that it can be negative. Use the sigmoid: only the "
                "candidate has a tanh.",
            )
            for gate, name in zip("ifo", ("input", "forget", "output"), strict=True)
        ),
        Misconception(
            named("forget_is_one_minus_input", _lstm_with(cell=lambda i, f, g, c: (1 - i) * c + i * g)),
            "You used 1 - i for the forget gate. Here it is a gate of its own: use `f`.",
        ),
        Misconception(
            named("tanh_of_the_cell_returned", _lstm_with(returned=lambda h, c: (h, np.tanh(c)))),
            "The hidden state is right, but you returned tanh(c) in the place of the cell state. Return `c` "
            "itself: the tanh belongs to the hidden state only.",
        ),
        Misconception(
            named("bias_counted_twice", _with_other_params(lambda p: {**p, "b": 2 * p["b"]})),
            "You added the bias twice. There is one bias here: add `b` once.",
        ),
        Misconception(
            named("cell_state_not_kept", _lstm_with(cell=lambda i, f, g, c: i * g)),
            "The old cell state plays no part. Add `f * c`, what the forget gate lets through.",
        ),
        Misconception(
            named("forget_gate_left_out", _lstm_with(cell=lambda i, f, g, c: c + i * g)),
            "The forget gate is missing (the LSTM of 1997 had none). Multiply the old cell state by `f`.",
        ),
        Misconception(
            named("input_gate_left_out", _lstm_with(cell=lambda i, f, g, c: f * c + g)),
            "The input gate is missing. Multiply the candidate by `i`.",
        ),
        Misconception(
            named("forgets_where_it_should_keep", _lstm_with(cell=lambda i, f, g, c: (1 - f) * c + i * g)),
            "You multiplied by 1 - f. In spite of its name, an open forget gate keeps: multiply by `f`.",
        ),
        Misconception(
            named("input_is_one_minus_forget", _lstm_with(cell=lambda i, f, g, c: f * c + (1 - f) * g)),
            "You used 1 - f for the input gate, as a GRU would. Here it is a gate of its own: use `i`.",
        ),
        Misconception(
            named("tanh_of_the_whole_cell", _lstm_with(cell=lambda i, f, g, c: np.tanh(f * c + i * g))),
            "You put a tanh around the new cell state. It must be free to add up: take the tanh in the "
            "hidden state only.",
        ),
        Misconception(
            named("hidden_state_without_tanh", _lstm_with(output=lambda o, new, old: o * new)),
            "The hidden state is the output gate times the tanh of the cell state. Put the tanh in.",
        ),
        Misconception(
            named("sigmoid_of_the_cell", _lstm_with(output=lambda o, new, old: o * _sigmoid(new))),
            "The hidden state is the output gate times the tanh of the cell state, not its sigmoid. Use "
            "`np.tanh(c)`.",
        ),
        Misconception(
            named("input_gate_added", _lstm_with(cell=lambda i, f, g, c: f * c + i + g)),
            "You added input gate and candidate. A gate multiplies: `i * g`.",
        ),
        Misconception(
            _forget_gate_on_the_hidden_state,
            "The forget gate multiplies `h` in yours. It decides what is kept of the cell state: `f * c`.",
        ),
        Misconception(
            named("hidden_state_of_the_old_cell", _lstm_with(output=lambda o, new, old: o * np.tanh(old))),
            "The hidden state came from the old cell state. Compute the new one first, and use that.",
        ),
        Misconception(
            named("output_gate_left_out", _lstm_with(output=lambda o, new, old: np.tanh(new))),
            "The output gate is missing. Multiply tanh(c) by `o`.",
        ),
        Misconception(
            named("sigmoid_for_the_candidate", _lstm_with(squash=(_sigmoid,) * 4)),
            "The candidate went through a sigmoid, so that nothing negative can be written. Use `np.tanh` "
            "for it.",
        ),
        Misconception(
            named("candidate_without_tanh", _lstm_with(squash=(_sigmoid, _sigmoid, lambda z: z, _sigmoid))),
            "The candidate has no tanh. Apply `np.tanh` to it.",
        ),
        Misconception(
            named("tanh_for_the_gates", _lstm_with(squash=(np.tanh,) * 4)),
            "The gates went through a tanh, so that they can be negative. Use the sigmoid for input, forget "
            "and output gate.",
        ),
        Misconception(
            named("gates_not_squashed", _lstm_with(squash=(lambda z: z, lambda z: z, np.tanh, lambda z: z))),
            "The gates are not between 0 and 1. Apply the sigmoid to input, forget and output gate.",
        ),
        Misconception(
            named(
                "sigmoid_of_the_wrong_sign",
                _lstm_with(
                    squash=(lambda z: _sigmoid(-z), lambda z: _sigmoid(-z), np.tanh, lambda z: _sigmoid(-z))
                ),
            ),
            "Your gates shut where they should open: the sigmoid is 1 / (1 + e^(-z)), with a minus.",
        ),
        Misconception(
            named("forgot_the_bias", _with_other_params(lambda p: {**p, "b": 0 * p["b"]})),
            "You left out the bias. Add `b` before you split.",
        ),
        Misconception(
            named("one_added_to_the_forget_bias", _with_other_params(_one_to_the_forget_gate)),
            "You added 1 to the forget gate (some libraries do, at the start of training). It is not part of "
            "the step: use `b` as it comes.",
        ),
        Misconception(
            _without_the_hidden_state,
            "The gates do not see the hidden state. Add `h @ W_h`.",
        ),
        Misconception(
            _without_the_input,
            "The gates do not see the input. Add `x_t @ W_x`.",
        ),
        Misconception(
            _states_exchanged_on_the_way_in,
            "`h` and `c` are exchanged: the gates listen to the hidden state `h`, the forget gate multiplies "
            "the cell state `c`.",
        ),
        Misconception(
            named("returned_the_cell_first", _lstm_with(returned=lambda h, c: (c, h))),
            "You returned the cell state first. The hidden state comes first: `return h, c`.",
        ),
        Misconception(
            named("returned_the_hidden_state_only", _lstm_with(returned=lambda h, c: h)),
            "You returned the hidden state alone. The next step needs both: `return h, c`.",
        ),
        Misconception(
            _changed_the_cell_in_place,
            "The values are right, but you wrote them into `c`, which belongs to the caller. Bind the new "
            "cell state to a name: `c = f * c + ...`.",
        ),
    ),
    hints=(
        "One product gives the input of all four gates at once, 4H columns. Cut it into four, squash each, "
        "then two short formulas.",
        "z = x_t W_x + h W_h + b; i, f, o = σ of the 1st, 2nd and 4th part, g = tanh of the 3rd. Then "
        "c ← f · c + i · g and h ← o · tanh(c), entry by entry.",
        "`np.split(z, 4, axis=1)` cuts the columns. `sigmoid` is imported at the top of the notebook. "
        "Compute the new `c` first; the new `h` uses it.",
    ),
    showed=(
        "The hidden state stays between -1 and 1, but the cell can grow by up to 1 in each step: it is able "
        "to count."
    ),
)

EXERCISES = (
    RNN_STEP,
    RNN_FORWARD,
    SOFTMAX_CROSS_ENTROPY,
    RNN_LOSS,
    LINEAR_RNN_GRADIENT,
    RNN_GRADIENTS,
    SPECTRAL_RADIUS,
    STATE_GRADIENT_NORMS,
    LSTM_STEP,
)
