"""Find the known mistake that explains a function's results.

A misconception explains an attempt if both are wrong in the same way in the same cases. It is scored
by the Jaccard index: the cases in which both give the same wrong result, over the cases in which
either is wrong. So a second, small slip (a list not accepted, say) does not hide the main mistake.
Several small slips at once are named one after the other: a misconception that fits wherever it is
wrong will do if no random input is left unexplained. Where two misconceptions explain an attempt
equally well, inputs are drawn until they differ, and the attempt decides between them.
"""

import functools
import time

import numpy as np

from helpers.calling import call, known_error
from helpers.comparing import NEARLY, difference, same
from helpers.outcomes import Misconception, Property

_MOST_PARTS = 5_000  # of the lists in a result; no known mistake returns as many
_NUMBERS = {bool, int, float, np.bool_, np.int64, np.float64}
_LEAST_SCORE = 0.5  # a mistake is named if it explains at least half of what is wrong


def _if_numbers(relate):
    """A function of the expected result, or of None if it is no number and no array."""

    def related(expected):
        if type(expected) not in (float, int, np.ndarray, np.float64):
            return None
        with np.errstate(all="ignore"):
            return relate(np.asarray(expected, dtype=float))

    return related


_RELATIONS = tuple(
    (text, _if_numbers(relate))
    for text, relate in (
        (
            "the expected one with the opposite sign: look for an exchanged difference or a minus.",
            np.negative,
        ),
        ("twice the expected one: look for a factor 2.", lambda e: 2 * e),
        ("half the expected one: look for a factor 2.", lambda e: e / 2),
        ("the square of the expected one: take the square root.", np.square),
        ("the square root of the expected one: one root is too many.", np.sqrt),
        ("the absolute value of the expected one: keep the sign.", np.abs),
        ("the expected one, transposed.", np.transpose),
    )
)
PARTS = (
    ("the first entry alone: does a `return` stand inside the loop?", lambda x: x[:1]),
    ("the first two entries alone: let it go through all of them.", lambda x: x[:2]),
    ("the vector without its last entry: does a loop end too early?", lambda x: x[:-1]),
    ("the vector without its first entry: indices start at 0.", lambda x: x[1:]),
    ("the last entry alone: does the loop replace its total instead of adding to it?", lambda x: x[-1:]),
)


def explain(exercise, attempt, results, seed):
    """Why an attempt failed, as far as its results tell.

    Parameters
    ----------
    exercise : Exercise
    attempt : Attempt
        It is asked again where two misconceptions explain it equally well.
    results : tuple of CaseResult
        At least one of them failed.
    seed : int
        Seed of the evaluation; further inputs are drawn from one derived from it.

    Returns
    -------
    misconception : Misconception or None
        The known mistake, if there is one.
    failing : CaseResult
        The smallest case that shows the mistake.
    message : str
        What went wrong and what to do about it.
    """
    failed = [result for result in results if not result.passed]
    if any(_is_vast(result.call.value) for result in failed):
        failing = min(_on_main_rung(failed), key=_reading_size)
        return None, failing, failing.said
    misconception, explained = None, []
    if failed[-1].kind != "timed out":
        misconception, explained = _name(exercise, attempt, results, failed, seed)
    if len(explained) < len(failed) and _is_constant(results):  # it agrees with something else by chance
        return _CONSTANT, min(failed, key=_reading_size), _CONSTANT.hint
    failing = min(explained or _on_main_rung(failed), key=_reading_size)
    if misconception is None:
        return None, failing, _unnamed(exercise, results, failed, failing)
    message = misconception.hint
    others = [result for result in failed if _known_result(exercise, misconception, result.case).passed]
    if others:
        other = min(others, key=_reading_size).case.description
        message += f"\nThat does not explain everything: look at “{other}”, too."
    return misconception, failing, message


def _the_same_number_each_time(*args):
    return 0.0


# a mistake that can be made in any exercise
_CONSTANT = Misconception(
    _the_same_number_each_time,
    "It returns the same number each time, whatever its arguments are. Compute the result from them.",
)


def _is_vast(value):
    """Whether a value has so many parts that it takes long to compare it with what mistakes come to."""
    n_parts, todo = 0, [value]
    while todo and n_parts < _MOST_PARTS:
        part = todo.pop()
        n_parts += 1
        if type(part) in (list, tuple):
            todo += part[:_MOST_PARTS]
        elif type(part) is dict:
            todo += list(part.values())[:_MOST_PARTS]
    return bool(todo)


def _is_constant(results):
    """Whether an attempt returned the same number each time, and more than one was due."""
    values = [result.call.value for result in results]
    dues = [result.case.expected for result in results if type(result.case.expected) in _NUMBERS]
    if not all(type(value) in _NUMBERS and value == values[0] for value in values):
        return False
    return any(due != dues[0] for due in dues)


def _reading_size(result):
    """Sort key: small cases first; described before random, everyday before odd, and empty ones last."""
    odd = any(map(_is_odd, result.case.args))
    return result.case.has_no_numbers, result.case.drawn, odd, result.case.size


def _is_odd(arg):
    """Whether an argument has, or is, an array without axes or without entries."""
    if isinstance(arg, dict):
        return any(map(_is_odd, arg.values()))
    return isinstance(arg, np.ndarray) and (arg.ndim == 0 or arg.size == 0)


def _name(exercise, attempt, results, failed, seed):
    """The misconception that explains the results best, and the cases that it explains."""
    best, tied = 0.0, []
    for misconception in exercise.misconceptions:
        score, explained = _score(exercise, misconception, results, failed, best)
        if score > best:
            best, tied = score, []
        if explained and score == best:
            tied.append((misconception, explained))
    if len(tied) > 1:
        tied = _tell_apart(exercise, attempt, tied, seed)
    return tied[0] if tied else (None, [])


def _score(exercise, misconception, results, failed, best):
    """How well a misconception explains the results, from 0 to 1, and the cases that it explains.

    It stops early, with 0, once the score can no longer reach the best so far.
    """
    explained, only_known, contradicted, n_left = [], 0, 0, len(failed)
    for result in sorted(results, key=lambda result: result.passed):
        n_left -= not result.passed
        known = _known_result(exercise, misconception, result.case)
        if known.passed:
            continue
        if not result.passed and _same_wrong(exercise, known, result):
            explained.append(result)
            continue
        contradicted += 1
        only_known += result.passed
        if (len(explained) + n_left) / (len(failed) + only_known) < max(best, _LEAST_SCORE):
            return 0.0, []
    if contradicted > sum(not result.call.error for result in explained):
        return 0.0, []  # alike in little more than that both raise
    score = len(explained) / (len(failed) + only_known)
    random_failed = [result for result in failed if result.case.drawn]
    random_explained = [result for result in explained if result.case.drawn]
    if random_failed and not random_explained:
        return 0.0, []  # a special case explained, the ordinary ones not
    fits_wherever_it_is_wrong = not contradicted and len(random_explained) == len(random_failed)
    return (score, explained) if score >= _LEAST_SCORE or fits_wherever_it_is_wrong else (0.0, [])


def _same_wrong(exercise, known, result):
    """Whether an attempt went wrong in one case just as a misconception does."""
    theirs, mine = known.call, result.call
    if theirs.error or mine.error:
        return _same_error(theirs, mine, result.case)
    if known.kind == result.kind == "not raised":
        return theirs.value is None or _same_value(exercise, known, result)  # None: whatever came instead
    if known.kind == result.kind == "not finite":
        return True  # NaN or inf is chance once a number has left the range of a float
    if known.kind in ("changed", "alias", "warning", "forbidden") and known.kind != result.kind:
        return False
    return _same_value(exercise, known, result)


def _same_value(exercise, known, result):
    if isinstance(result.case.expected, Property):
        return known.text == result.text
    atol = exercise.tolerance(result.case.args)
    return same(result.call.value, known.call.value, exercise.rtol, atol)


def _same_error(theirs, mine, case):
    """Whether two exceptions tell of the same mistake.

    Those that people raise are alike if their class is, where one's own counts as what it is made from;
    those that Python or NumPy raise must read the same, since half of all slips end in a ValueError. On
    an argument without numbers there is but one way to fail.
    """
    if known_error(theirs.error) is not known_error(mine.error):
        return False
    if theirs.deliberate or mine.deliberate:
        return theirs.deliberate and mine.deliberate
    first_line = theirs.error_text.partition("\n")[0]
    return case.has_no_numbers or mine.error_text.partition("\n")[0] == first_line


def _tell_apart(exercise, attempt, tied, seed):
    """The misconceptions that still explain the attempt on inputs where they differ."""
    deadline = time.monotonic() + exercise.seconds
    for args in exercise.further_args(seed, len(tied)):
        known = [call(misconception.function, args, exercise.seconds) for misconception, _ in tied]
        atol = exercise.tolerance(args)
        if all(same_call(record, known[0], exercise.rtol, atol) for record in known[1:]):
            continue
        record = attempt.call(args, deadline - time.monotonic(), exercise.forbidden)
        if time.monotonic() > deadline:
            break
        still = [
            pair
            for pair, theirs in zip(tied, known, strict=True)
            if same_call(record, theirs, exercise.rtol, atol)
        ]
        tied = still or tied
        if len(tied) == 1:
            break
    return tied


def same_call(first, second, rtol, atol):
    """Whether two calls raised the same kind of exception, or returned the same."""
    if first.error or second.error:
        return known_error(first.error) is known_error(second.error)
    return first.changed == second.changed and same(first.value, second.value, rtol, atol)


@functools.lru_cache(maxsize=4096)  # what comes of literal cases is asked for again and again
def _known_result(exercise, misconception, case):
    return exercise.judge(case, call(misconception.function, case.args, exercise.seconds))


def _on_main_rung(failed):
    """The failed cases of the commonest kind, so that the case shown stands for the rest."""
    kinds = [result.kind for result in failed]
    main = max(kinds, key=kinds.count)
    return [result for result in failed if result.kind == main]


def _unnamed(exercise, results, failed, failing):
    """What can be said of an attempt that no misconception explains."""
    if failing.kind == "timed out":
        return failing.said
    remark = _relation(exercise, failed) or _pattern(results, failed, failing)
    if not remark and failing.said.endswith(NEARLY):
        remark = "Was it computed with 32-bit floats, or rounded?"
    if failed[-1].kind == "timed out":
        remark = f"It was stopped after {exercise.seconds:g} seconds, and the remaining cases were not tried."
    return f"{failing.said}\n{remark}".strip()


def _pattern(results, failed, failing):
    """A sentence on what the failing cases have in common and the passing ones do not."""
    for sign, sentence in _SLIPS:
        if sign in failing.call.error_text:
            return sentence
    passed = [result for result in results if result.passed]
    if all(map(_has_no_numbers, failed)):
        return "Only empty arguments fail: say what is due when there is no number at all."
    for holds, sentence in _PATTERNS:
        if all(map(holds, failed)) and passed and not any(map(holds, passed)):
            return sentence
    return _PATTERNS[0][1] if failing.kind == "raised" and _has_list(failing) else ""


def _has_list(result):
    return any(isinstance(arg, list) for arg in result.case.args)


def _has_integers(result):
    return any(isinstance(arg, np.ndarray) and arg.dtype.kind in "iu" for arg in result.case.args)


def _has_no_numbers(result):
    return result.case.has_no_numbers


_PATTERNS = (
    (_has_list, "Lists are accepted, too: make the argument an array first, `np.asarray(x, dtype=float)`."),
    (
        _has_integers,
        "Only integers fail: they wrap around and hold no fractions. Make the argument floats first, "
        "`np.asarray(x, dtype=float)`.",
    ),
)


_SLIPS = (
    ("bitwise_xor", "In Python, a power is written `**`, not `^`."),
    ("type(s) for ^", "In Python, a power is written `**`, not `^`."),
    (
        "truth value of an array",
        "Python's `max`, `if`, `and` and `or` decide about one value. NumPy decides entry by entry: "
        "`np.maximum`, `np.where`, `np.any`, `np.all`.",
    ),
    (
        "matmul: Input operand",
        "The shapes do not fit a matrix product: the first needs as many columns as the second has rows. "
        "Is a transpose missing?",
    ),
)


def _relation(exercise, failed):
    """A sentence on how the wrong numbers follow from the right ones, or "".

    The random cases decide: special ones have slips of their own, and fewer than three prove nothing.
    """
    failed = [result for result in failed if result.case.drawn]
    if len(failed) < 3 or any(result.kind not in ("value", "shape") for result in failed):
        return ""
    for text, relate in _RELATIONS:
        if all(_is_due(exercise, result, relate(result.case.expected)) for result in failed):
            return f"Each wrong result is {text}"
    for text, cut in PARTS:
        if all(_is_due(exercise, result, _of_part(exercise, result, cut)) for result in failed):
            return f"Each wrong result is that of {text}"
    return ""


def _is_due(exercise, result, due):
    """Whether an attempt returned `due`, which is not the expected value."""
    if due is None:
        return False
    atol = exercise.tolerance(result.case.args)
    return difference(result.call.value, due, exercise.rtol, atol) is None


def _of_part(exercise, result, cut):
    """What the reference returns for a part of each vector, or None where that makes no sense."""
    args = part_of_args(result.case.args, cut)
    record = args and call(exercise.reference, args, exercise.seconds)
    return None if not record or record.error else record.value


def part_of_args(args, cut):
    """Arguments with a part of each vector in its place, or None where the first is no vector of numbers.

    Parameters
    ----------
    args : tuple
    cut : callable
        Takes a vector and returns a part of it.

    Returns
    -------
    args : tuple or None
    """
    args = [np.asarray(arg) if isinstance(arg, list) else arg for arg in args]
    if not isinstance(args[0], np.ndarray) or args[0].ndim != 1 or args[0].dtype.kind not in "biuf":
        return None
    return tuple(cut(arg) if isinstance(arg, np.ndarray) and arg.ndim == 1 else arg for arg in args)
