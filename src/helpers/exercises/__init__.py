"""`check` and `progress`, which learners call, over every exercise of the course."""

import ast
import contextlib
import difflib
import inspect
import linecache
import os
import sys
import threading
import time

from helpers import settings
from helpers.calling import namespace_of
from helpers.cards import Card, ProgressReport, Solution, Waiting
from helpers.checking import CheckFailed, NotAttempted
from helpers.exercises.registry import EXERCISES, LESSONS
from helpers.progress import (
    passed_exercises,
    record_failure,
    record_pass,
    record_solution_seen,
    solutions_seen,
)


def check(function):
    """Check your function, show how it went, and note it in your progress if it passed.

    Parameters
    ----------
    function : callable
        The function that you wrote; its name says which exercise it is.

    Raises
    ------
    CheckFailed
        Unless it passed. In a graded notebook this is what costs the points.
    NotAttempted
        A `CheckFailed` for a starter that is still as it was.
    """
    exercise = EXERCISES[_exercise_name(function, sys._getframe(1))]
    grading = "NBGRADER_EXECUTION" in os.environ
    # nbgrader_config.py sets the seed, so that graded inputs are not those that learners see
    seed = int(os.environ.get("COURSE_SEED", 0)) if grading else 0
    with _shown_waiting(exercise, grading) as show_instead:
        outcome = exercise.evaluate(function, seed)
    show_instead(_graded_card(exercise, outcome) if grading else _card(exercise, outcome, function))
    if outcome.passed:
        return
    # Validate shows no card, only this text
    card_is_seen = _in_notebook() and os.environ.get("NBGRADER_EXECUTION") != "validate"
    where = "see the card above." if card_is_seen else outcome.message
    if outcome.status == "not attempted":
        raise NotAttempted(f"{exercise.name} is not started: {where}")
    raise CheckFailed(f"{exercise.name} is not right yet: {where}")


def progress():
    """Show what you have passed, lesson by lesson; nothing while nbgrader runs the notebook."""
    if "NBGRADER_EXECUTION" not in os.environ:
        _show(progress_report())


def progress_report():
    """What the learner has passed, lesson by lesson.

    Returns
    -------
    report : ProgressReport
    """
    return ProgressReport(LESSONS, passed_exercises(), solutions_seen())


def solution(name):
    """Show one way to write an exercise; before you have passed it, only once you ask a second time.

    Parameters
    ----------
    name : str or callable
        Name of the exercise, such as ``"l2_norm"``, or your function.

    Raises
    ------
    CheckFailed
        If there is no such exercise.
    """
    if "NBGRADER_EXECUTION" in os.environ:
        return
    name = name if isinstance(name, str) else getattr(name, "__name__", str(name))
    if name not in EXERCISES:
        close = difflib.get_close_matches(name, EXERCISES, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise CheckFailed(f"expected the name of an exercise, got {name!r}.{meant}")
    source, has_passed = _solution_source(EXERCISES[name]), name in passed_exercises()
    if not source:
        _show(Solution(name, "", "Solutions are not shown in this course."))
    elif has_passed:
        _show(Solution(name, source, ""))
    elif name in _ASKED or name in solutions_seen():
        record_solution_seen(name)
        _show(Solution(name, source, "Read it, close it, and write it in your own words."))
    else:
        _ASKED.add(name)
        note = "You have not passed it yet. The check's hints may be enough. If not, run this cell once more."
        _show(Solution(name, "", note))


_ASKED = set()  # exercises whose solution somebody has asked for once


def _solution_source(exercise):
    """Source of a reference without its docstring, or "" where it is not to be had."""
    if not settings.SOLUTIONS:
        return ""
    try:
        source = inspect.getsource(exercise.reference)
    except (OSError, TypeError):
        return ""
    docstring = ast.parse(source).body[0].body[0]
    lines = source.splitlines()
    return "\n".join(lines[: docstring.lineno - 1] + lines[docstring.end_lineno :])


def _exercise_name(function, frame):
    """Name of the exercise that is meant: as it stands in the calling code, else the function's own.

    ``check(l2_norm)`` means `l2_norm`, even after ``l2_norm = l1_norm`` or ``l2_norm = lambda x: ...``.
    """
    own = getattr(function, "__name__", type(function).__name__)
    for name in (_argument_as_written(frame), own):
        if name in EXERCISES:
            return name
    raise CheckFailed(
        f"expected one of the exercises' functions, got {own!r}: keep the name that the starter has, and "
        f"run its cell before this one. The exercises are {', '.join(EXERCISES)}."
    )


def _argument_as_written(frame):
    """The name between the brackets of the call that a frame is making, or "" where it cannot be seen."""
    try:
        first, last, start, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        lines = [linecache.getline(frame.f_code.co_filename, i) for i in range(first, last + 1)]
        lines[-1] = lines[-1].encode()[:end].decode()
        lines[0] = lines[0].encode()[start:].decode()
        return ast.parse("".join(lines), mode="eval").body.args[0].id
    except (TypeError, ValueError, IndexError, SyntaxError, AttributeError):
        return ""


def _graded_card(exercise, outcome):
    """Card of a check that nbgrader runs."""
    return Card(exercise, outcome, "")


def _card(exercise, outcome, function):
    """Card of a learner's check; it notes how it went."""
    name, note, n_failures = exercise.name, "", 0
    if outcome.passed:
        note = record_pass(name)
    elif outcome.status == "failed":
        n_failures = record_failure(name)
    passed = passed_exercises()
    lesson = next(names for names in LESSONS.values() if name in names)
    missing = [other for other in lesson if other not in passed and other != name]
    if outcome.passed:
        step = f"go on to `{missing[0]}`." if missing else "every exercise of this lesson is passed."
    else:
        step = "change your function, run its cell, and run this cell again."
        note = _unfinished_callees(function, exercise, passed)
        if name in passed:
            note = f"{note} You have passed this exercise before, and that stays so.".strip()
    return Card(
        exercise,
        outcome,
        step,
        n_passed=sum(other in passed for other in lesson),
        n_exercises=len(lesson),
        note=note,
        n_failures=n_failures,
        reference=_solution_source(exercise) if outcome.passed else "",
    )


def _unfinished_callees(function, exercise, passed):
    """A sentence on the exercises that a function calls and that have not passed, or ""."""
    own = namespace_of(function) or {}
    names = getattr(getattr(function, "__code__", None), "co_names", ())
    written_here = [n for n in names if getattr(own.get(n), "__module__", None) == own.get("__name__")]
    callees = [n for n in written_here if n in EXERCISES and n not in passed and n != exercise.name]
    if not callees:
        return ""
    quoted = " and ".join(f"`{name}`" for name in callees)
    return f"It calls your {quoted}, which has not passed its own check: look there first."


@contextlib.contextmanager
def _shown_waiting(exercise, grading):
    """Show that something happens while a check takes long; yields what shows the card in its place."""
    if grading or not exercise.takes_long:
        yield _show
        return
    if not _in_notebook():
        print(Waiting(exercise.name, 0, exercise.seconds))
        yield print
        return
    from IPython.display import display

    start, done = time.monotonic(), threading.Event()
    handle = display(Waiting(exercise.name, 0, exercise.seconds), display_id=True)

    def keep_showing():
        while not done.wait(1):
            handle.update(Waiting(exercise.name, time.monotonic() - start, exercise.seconds))

    thread = threading.Thread(target=keep_showing, daemon=True)
    with contextlib.suppress(RuntimeError):  # in a browser no thread can start, and the time stands still
        thread.start()
    try:
        yield handle.update
    finally:
        done.set()
        if thread.is_alive():
            thread.join()


def _in_notebook():
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and hasattr(shell, "kernel")


def _show(card):
    if _in_notebook():
        from IPython.display import display

        display(card)
    else:
        print(card)
