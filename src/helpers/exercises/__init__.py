"""Every exercise of the course by name, and `check`, which learners call."""

import ast
import contextlib
import linecache
import os
import sys
import threading
import time

from helpers.calling import namespace_of
from helpers.cards import Card, ProgressReport, Waiting
from helpers.checking import CheckFailed, NotAttempted
from helpers.exercises import (
    clipping,
    gradient_norms,
    logistic_regression,
    norms,
    regularization,
    rnn,
    training_health,
)
from helpers.progress import passed_exercises, record_pass

_MODULES = {
    "01_norms": norms,
    "02_gradient_norms": gradient_norms,
    "03_logistic_regression": logistic_regression,
    "04_regularization": regularization,
    "05_rnn": rnn,
    "06_clipping": clipping,
    "07_training_health": training_health,
}

LESSONS = {
    lesson: tuple(exercise.name for exercise in module.EXERCISES) for lesson, module in _MODULES.items()
}
EXERCISES = {exercise.name: exercise for module in _MODULES.values() for exercise in module.EXERCISES}


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
    note = record_pass(exercise.name) if outcome.passed and not grading else ""
    passed = {} if grading else passed_exercises()
    if not outcome.passed and not grading:
        note = _unfinished_callees(function, exercise, passed)
    show_instead(_card(exercise, outcome, note, passed, grading))
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
    return ProgressReport(LESSONS, passed_exercises())


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


def _card(exercise, outcome, note, passed, grading):
    lesson = next(names for names in LESSONS.values() if exercise.name in names)
    missing = [name for name in lesson if name not in passed and name != exercise.name]
    if exercise.name in passed and not outcome.passed:
        note = f"{note} You have passed this exercise before, and that stays so.".strip()
    if grading:
        step = ""
    elif not outcome.passed:
        step = "change your function, run its cell, and run this cell again."
    elif not missing:
        step = "every exercise of this lesson is passed."
    else:
        step = f"go on to `{missing[0]}`."
    n_exercises = 0 if grading else len(lesson)
    n_passed = sum(name in passed for name in lesson)
    return Card(exercise, outcome, step, n_passed, n_exercises, note)


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
