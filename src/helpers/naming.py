"""Find the known mistake that explains a function's results.

A misconception explains an attempt if both are wrong in the same way in the same cases. It is scored
by the Jaccard index: the cases in which both give the same wrong result, over the cases in which
either is wrong. So a second, small slip (a list not accepted, say) does not hide the main mistake.
Several small slips at once are named one after the other: a misconception that fits wherever it is
wrong will do if no random input is left unexplained. Where two misconceptions explain an attempt
equally well, inputs are drawn until they differ, and the attempt decides between them.
"""

import inspect

import numpy as np

from helpers.calling import TimeLimit, call
from helpers.comparing import difference, same

_LEAST_SCORE = 0.5  # a mistake is named if it explains at least half of what is wrong
_MORE_DRAWS = 200
_RELATIONS = (
    ("the expected one with the opposite sign: look for an exchanged difference or a minus", lambda e: -e),
    ("twice the expected one: look for a factor 2", lambda e: 2 * e),
    ("half the expected one: look for a factor 2", lambda e: e / 2),
    ("the square of the expected one: take the square root", lambda e: e**2),
    ("the square root of the expected one: take it once less", lambda e: np.sqrt(e)),
    ("the absolute value of the expected one: keep the sign", lambda e: np.abs(e)),
    ("the expected one, transposed", lambda e: np.transpose(e)),
)


def explain(exercise, function, results, seed):
    """Why an attempt failed, as far as its results tell.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        The attempt; it is asked again where two misconceptions explain it equally well.
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
    misconception, explained = None, []
    if failed[-1].kind != "timed out":
        misconception, explained = _name(exercise, function, results, failed, seed)
    failing = min(explained or _on_main_rung(failed), key=_reading_size)
    message = misconception.hint if misconception else _unnamed(exercise, results, failed, failing)
    return misconception, failing, message


def _reading_size(result):
    """Sort key: small cases first, but one without any number shows too little."""
    return result.case.has_no_numbers, result.case.size


def _name(exercise, function, results, failed, seed):
    """The misconception that explains the results best, and the cases that it explains."""
    best, tied = 0.0, []
    for misconception in exercise.misconceptions:
        score, explained = _score(exercise, misconception, results, failed, best)
        if score > best:
            best, tied = score, []
        if explained and score == best:
            tied.append((misconception, explained))
    if len(tied) > 1:
        tied = _tell_apart(exercise, function, tied, seed)
    return tied[0] if tied else (None, [])


def _score(exercise, misconception, results, failed, best):
    """How well a misconception explains the results, from 0 to 1, and the cases that it explains.

    It stops early, with 0, once the score can no longer reach the best so far.
    """
    explained, only_known, contradicted, n_left = [], 0, 0, len(failed)
    for result in sorted(results, key=lambda result: result.passed):
        n_left -= not result.passed
        known = exercise.judge(result.case, _call_known(exercise, misconception, result.case.args))
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
    unexplained_random = any(r.case.drawn for r in failed if r not in explained)
    fits_wherever_it_is_wrong = not contradicted and not unexplained_random
    return (score, explained) if score >= _LEAST_SCORE or fits_wherever_it_is_wrong else (0.0, [])


def _same_wrong(exercise, known, result):
    """Whether an attempt went wrong in one case just as a misconception does."""
    theirs, mine = known.call, result.call
    if theirs.error or mine.error:
        return _same_error(theirs, mine, result.case)
    if known.kind in ("changed", "alias", "warning", "forbidden") and known.kind != result.kind:
        return False
    return same(mine.value, theirs.value, exercise.rtol, exercise.tolerance(result.case.args))


def _same_error(theirs, mine, case):
    """Whether two exceptions tell of the same mistake.

    Those that people raise are alike if their class is; those that Python or NumPy raise must read
    the same, since half of all slips end in a ValueError. On an argument without numbers there is but
    one way to fail.
    """
    if theirs.error is not mine.error:
        return False
    if theirs.deliberate or mine.deliberate:
        return theirs.deliberate and mine.deliberate
    first_line = theirs.error_text.partition("\n")[0]
    return case.has_no_numbers or mine.error_text.partition("\n")[0] == first_line


def _tell_apart(exercise, function, tied, seed):
    """The misconceptions that still explain the attempt on inputs where they differ."""
    rng = np.random.default_rng([seed, len(tied)])
    for _ in range(_MORE_DRAWS):
        args = exercise.draw(rng)
        known = [_call_known(exercise, misconception, args) for misconception, _ in tied]
        atol = exercise.tolerance(args)
        if all(_same_call(record, known[0], exercise.rtol, atol) for record in known[1:]):
            continue
        record = call(function, args, exercise.seconds, exercise.forbidden)
        if record.error is TimeLimit:
            break
        still = [
            pair
            for pair, theirs in zip(tied, known, strict=True)
            if _same_call(record, theirs, exercise.rtol, atol)
        ]
        tied = still or tied
        if len(tied) == 1:
            break
    return tied


def _same_call(first, second, rtol, atol):
    if first.error or second.error:
        return first.error is second.error
    return first.changed == second.changed and same(first.value, second.value, rtol, atol)


def _call_known(exercise, misconception, args):
    return call(misconception.function, args, exercise.seconds)


def _on_main_rung(failed):
    """The failed cases of the commonest kind, so that the case shown stands for the rest."""
    kinds = [result.kind for result in failed]
    main = max(kinds, key=kinds.count)
    return [result for result in failed if result.kind == main]


def _unnamed(exercise, results, failed, failing):
    """What can be said of an attempt that no misconception explains."""
    remark = _relation(exercise, failed) or _pattern(results, failed, failing)
    return f"{failing.text}\n{remark}".strip()


def _pattern(results, failed, failing):
    """A sentence on what the failing cases have in common and the passing ones do not."""
    passed = [result for result in results if result.passed]
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
    (_has_no_numbers, "Only the empty argument fails: say what is due when there is no number at all."),
)


def _relation(exercise, failed):
    """A sentence on how every wrong number follows from the right one, or ""."""
    if any(result.kind not in ("value", "shape") for result in failed):
        return ""
    for text, relate in _RELATIONS:
        with np.errstate(all="ignore"):
            if all(_is_related(exercise, result, relate) for result in failed):
                return f"Each wrong result is {text}."
    return ""


def _is_related(exercise, result, relate):
    expected = result.case.expected
    if not isinstance(expected, (int, float, np.ndarray, np.generic)) or inspect.isclass(expected):
        return False
    due = relate(np.asarray(expected, dtype=float))
    return difference(result.call.value, due, exercise.rtol, exercise.tolerance(result.case.args)) is None
