"""Grade one submission: run it in the sandbox, judge what it returns, and fill in its notebook."""

import ast
import contextlib
import dataclasses
import functools
import hmac
import importlib
import inspect
import json
import re
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from autograder.grading import wire
from autograder.grading.crossing import printable
from autograder.grading.remote import References, RemoteAttempt, Worker
from autograder.grading.sandbox import ROOT, SandboxError
from autograder.grading.submission import SubmissionError, harmless, read_cells, rebuild
from autograder.reading import bound_and_used_names
from helpers.cards import Card
from helpers.checking import Outcome
from helpers.exercises import EXERCISES, LESSONS

_READ_SECONDS = 20
_SECONDS_PER_CELL = 20  # a little more than a child gives itself
_SECONDS_OF_CELLS = 120
_SECONDS_TOGETHER = 60  # that cells may take before there is time for definitions only ...
_SECONDS_AGAIN = 10  # ... and in later children, which run them again
_SECONDS = 180  # of a whole submission, beyond the limits of its exercises
_PATIENCE = 12  # times as long may an exercise take that calls functions of the grader's
_MOST_PATIENCE = 180  # seconds
_SPARE_CHILDREN = 8  # beyond two for each exercise


@dataclass(frozen=True)
class Task:
    """A submission to grade; it can be sent to another machine.

    Attributes
    ----------
    student, lesson : str
    content : bytes
        Of the notebook.
    error : str
        Why it could not be read from its folder, or "".
    seeds : dict of str to int
        Seed of the hidden cases of each exercise.
    level : {"bubblewrap", "none"}
    follow_through : bool
        Whether an exercise is tried again with the functions that it calls and that failed set right.
    """

    student: str
    lesson: str
    content: bytes
    error: str
    seeds: dict
    level: str
    follow_through: bool = True


@dataclass(frozen=True)
class Graded:
    """What the grading of a submission came to.

    Attributes
    ----------
    student, lesson : str
    result : dict
        Plain data, as the command's ``--results`` gives it.
    notebook : str
        The autograded notebook.
    """

    student: str
    lesson: str
    result: dict
    notebook: str


def seed_of(secret, student, lesson, exercise):
    """Seed of the hidden cases of one exercise of one student.

    Parameters
    ----------
    secret : bytes
    student, lesson, exercise : str

    Returns
    -------
    seed : int
        Of 128 bits. Whoever knows some of them knows nothing of the others.
    """
    message = json.dumps([student, lesson, exercise]).encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")


# -- what is released ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Release:
    """A lesson as it was handed out, and what its notebook may import.

    Attributes
    ----------
    name : str
    notebook : dict
    exercises : tuple of Exercise
    names_by_cell : dict of str to list
        What the code cells that are no answers bind and use, by cell id.
    given : dict of str to list of str
        Functions that the grader answers for, by module: what earlier lessons taught, and what the notebook
        itself imports.
    """

    name: str
    notebook: dict
    exercises: tuple
    names_by_cell: dict
    given: dict

    @classmethod
    @functools.cache
    def load(cls, name, root=ROOT):
        """Read a lesson's released notebook."""
        path = Path(root) / "notebooks" / name / f"{name}.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        names = {cell["id"]: [sorted(n) for n in bound_and_used_names(cell["source"])] for cell in cells}
        exercises = tuple(EXERCISES[exercise] for exercise in LESSONS[name])
        return cls(name, notebook, exercises, names, _given(name, cells))


def _topic(lesson):
    return lesson.partition("_")[2]


def _given(lesson, cells):
    """Functions that a lesson's submissions may import, by module."""
    order = list(LESSONS)
    given = {
        _topic(earlier): sorted(
            name for name, module in module_by_function().items() if module == _topic(earlier)
        )
        for earlier in order[: order.index(lesson)]
    }
    statements = [node for cell in cells for node in ast.walk(ast.parse(cell["source"]))]
    for statement in statements:
        package, _, module = str(getattr(statement, "module", "")).partition(".")
        if isinstance(statement, ast.ImportFrom) and package == "helpers":
            known = {n.name for n in statement.names if module_by_function().get(n.name) == module}
            given[module] = sorted({*given.get(module, []), *known})
    return {module: names for module, names in given.items() if names}


@functools.cache
def module_by_function():
    """Topic of each public function of the topics."""
    modules = {_topic(lesson): importlib.import_module(f"helpers.{_topic(lesson)}") for lesson in LESSONS}
    return {
        name: topic
        for topic, module in modules.items()
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


# -- grading ------------------------------------------------------------------------------------


class Grader:
    """Grades submissions one after the other, with a worker of its own.

    Parameters
    ----------
    level : {"bubblewrap", "none"}

    Raises
    ------
    SandboxError
        If the sandbox does not start.
    """

    def __init__(self, level):
        self._level = level
        self._stack = contextlib.ExitStack()
        self._worker = Worker(level)
        self._worker.try_child()
        self._references = References(level, {n: f"helpers.{m}" for n, m in module_by_function().items()})
        self._stack.callback(self._references.close)
        self._stack.callback(lambda: self._worker.close())

    def grade(self, task):
        """Grade a submission.

        Parameters
        ----------
        task : Task

        Returns
        -------
        graded : Graded
            Whatever the submission is or does.
        """
        release = Release.load(task.lesson)
        try:
            if task.error:
                raise SubmissionError(task.error)
            cells = rebuild(release.notebook["cells"], read_cells(task.content))
            verdicts = _Session(self, release, cells, task).verdicts()
            return _graded(task, release, cells, verdicts, None)
        except SubmissionError as why:
            error = str(why)
        except SandboxError:
            raise
        except Exception:  # a mistake of ours costs one submission, and not the class
            traceback.print_exc()
            error = "The grader itself failed at it; the run says more on the terminal."
        finally:
            self._worker.kill_child()
            self._references.forget()
        cells = rebuild(release.notebook["cells"], read_cells(json.dumps(release.notebook).encode()))
        verdicts = [_Verdict(e, Outcome(e.name, "not attempted", error)) for e in release.exercises]
        return _graded(task, release, cells, verdicts, error)

    def new_child(self):
        """A child of the worker, which is started anew if it has ended; nothing remembers the one before."""
        self._references.forget()
        try:
            return self._worker.child()
        except SandboxError:
            self._worker.close()
            self._worker = Worker(self._level)
            return self._worker.child()

    def answer(self, child, content, deadline, allowed):
        """Answer for a reference."""
        return self._references.answer(child, content, deadline, allowed)

    def close(self):
        """End the worker."""
        self._stack.close()


@dataclass
class _Verdict:
    """Outcome of an exercise, and what else there is to say."""

    exercise: object
    outcome: Outcome
    note: str = ""

    @property
    def score(self):
        return float(self.exercise.points) if self.outcome.passed else 0.0


@dataclass
class _Session:
    """One submission on its way through its children."""

    grader: Grader
    release: Release
    cells: list
    task: Task
    skipped: set = field(default_factory=set)
    errors: dict = field(default_factory=dict)
    reached: dict = field(default_factory=dict)
    child: object = None
    n_children: int = 0
    deadline: float = 0.0
    at_the_end: bool = False
    trouble: str = "the functions before it used up the time of the whole submission."

    @functools.cached_property
    def code(self):
        """The cells that may run: all code but the checks."""
        return [cell for cell in self.cells if cell.is_code and not cell.grade_id.endswith("-tests")]

    @functools.cached_property
    def places(self):
        """How many of these cells stand above the check of each exercise."""
        places, n_above = {}, 0
        for cell in self.cells:
            name, is_check, _ = cell.grade_id.partition("-tests")
            if is_check:
                places[name] = n_above
            else:
                n_above += cell.is_code
        return places

    def verdicts(self):
        """Verdict on each exercise, in the lesson's order."""
        exercises = self.release.exercises
        self.deadline = time.monotonic() + _SECONDS + sum(exercise.seconds for exercise in exercises)
        verdicts = {
            exercise.name: _Verdict(exercise, outcome) for exercise, outcome in self._tried(exercises)
        }
        self._try_at_the_end(verdicts)
        if self.task.follow_through:
            self._follow_through(verdicts)
        return list(verdicts.values())

    def _tried(self, exercises):
        """Exercises with their outcomes."""
        attempts = [self._first_calls(exercise) for exercise in exercises]
        return [(e, self._outcome(e, attempt)) for e, attempt in zip(exercises, attempts, strict=True)]

    def _try_at_the_end(self, verdicts):
        """Try again what failed and was perhaps mended below its check, as the last cell leaves it."""
        later = [
            verdict.exercise
            for name, verdict in verdicts.items()
            if not verdict.outcome.passed and self.reached[name][2] >= self.places[name]
        ]
        self.at_the_end = True
        if later and self._new_child(()) is not None:
            for exercise, outcome in self._tried(later):
                if outcome.passed or verdicts[exercise.name].outcome.status == "not attempted":
                    verdicts[exercise.name] = _Verdict(exercise, outcome)
        self.at_the_end = False

    def _first_calls(self, exercise):
        """Attempt at an exercise after the cases that hide nothing, while no child knows anything hidden."""
        attempt = self._attempt(exercise.name)
        if attempt is None:
            return None
        attempt.describe({len(case.args) for case in exercise.cases})
        if not attempt.missing:
            attempt.call_early(exercise.cases, exercise.seconds, exercise.forbidden)
        return attempt

    def _attempt(self, name):
        """Attempt in a child that runs the submission; None if there is no child to be had."""
        child = self._usable_child()
        if child is None:
            return None
        return RemoteAttempt(child, name, self.reached[name][1])

    def _outcome(self, exercise, attempt):
        """Outcome of an exercise with hidden cases."""
        if attempt is None or (not attempt.lost and not self._continue(attempt)):
            return Outcome(exercise.name, "failed", f"It was not tried: {self.trouble}")
        if attempt.missing:
            return Outcome(exercise.name, "failed", self._why_missing(exercise.name))
        outcome = exercise.evaluate(attempt, self.task.seeds[exercise.name], keep_back=True)
        outcome = _without_values(outcome)
        if outcome.passed and attempt.lost:
            message = f"What it returned is right, but it did not come to an end: {attempt.lost.error_text}."
            return Outcome(exercise.name, "failed", message)
        return outcome

    def _continue(self, attempt):
        """Whether an attempt has a child to go on with."""
        attempt.child = self._usable_child()
        # without a cell that this child has not run, a function may be another one than it was
        attempt.mentioned = attempt.mentioned or self.reached[attempt.name][1]
        return attempt.child is not None

    def _why_missing(self, name):
        for index, (kind, text) in self.errors.items():
            if re.search(rf"\b{name}\b", self.code[index].source):
                said = f"{kind}: {text}".rstrip(": ")
                return f"There is no function {name}, because its cell ends with an error. {said}"
        return f"There is no function {name}: define it under this name, at the left margin of its cell."

    def _usable_child(self):
        if self.child is not None and self.child.usable:
            return self.child
        return self._new_child(())

    def _new_child(self, substituted):
        """A child that has run the submission's cells; None if there has been trouble too often."""
        most = 2 * len(self.release.exercises) + _SPARE_CHILDREN
        while self.n_children < most and time.monotonic() < self.deadline:
            self.n_children += 1
            child = self.child = self.grader.new_child()
            allowed = {name for names in self.release.given.values() for name in names} | {*substituted}
            child.answer_for = lambda child, content, deadline, allowed=allowed: self.grader.answer(
                child, content, deadline, allowed
            )
            try:
                self._read(child)
                self._run(child)
                if substituted:
                    child.request("substitute", list(substituted), seconds=10)
                return child
            except (wire.WireError, TypeError, ValueError):
                child.close()
                if child.begun not in range(len(self.code)):
                    self.trouble = "Python cannot even read the cells. Is one of them extremely long or deep?"
                    break
                self.skipped.add(child.begun)
                self.note_error(child.begun, "The cell was stopped", "it did not end, or it ended Python")
        self.reached = self.reached or {e.name: ([], "", -1, -1) for e in self.release.exercises}
        return None

    def _read(self, child):
        """Let a child read the cells; nothing of the submission has run in it, so its answer is true."""
        names = self.release.names_by_cell
        sources = ["" if i in self.skipped else c.source for i, c in enumerate(self.code)]
        described = [
            [source, c.own, None if c.own else names[c.content["id"]]]
            for source, c in zip(sources, self.code, strict=True)
        ]
        places = {} if self.at_the_end else self.places
        exercises = {
            e.name: [list(e.forbidden), places.get(e.name, len(self.code))] for e in self.release.exercises
        }
        self.reached = child.request("read", described, exercises, seconds=_READ_SECONDS)

    def _run(self, child):
        seconds = min(_SECONDS_OF_CELLS, self.deadline - time.monotonic())
        given = self.release.given
        checks = [] if self.at_the_end else [[name, place] for name, place in self.places.items()]
        together = _SECONDS_TOGETHER if self.n_children == 1 else _SECONDS_AGAIN
        errors = child.request(
            "run",
            sorted(self.skipped),
            given,
            checks,
            together,
            seconds=seconds,
            seconds_per_cell=_SECONDS_PER_CELL,
        )
        for error in errors if type(errors) is list else []:
            if type(error) is list and list(map(type, error)) == [int, str, str]:
                self.note_error(*error)

    def note_error(self, index, kind, text):
        """Note what a cell ended with, as a child tells it."""
        if 0 <= index < len(self.code):
            self.errors.setdefault(index, (printable(kind), printable(text)))

    def _follow_through(self, verdicts):
        """Try again what calls a function that failed, with that function set right."""
        order = [exercise.name for exercise in self.release.exercises]
        failed = {name for name in order if not verdicts[name].outcome.passed}
        for name in order:
            called = [c for c in order[: order.index(name)] if c in self.reached[name][0]]
            # a name that is right where its check stands may stand for something else below
            callees = [c for c in called if c in failed or self.reached[c][3] >= self.places[c]]
            if verdicts[name].outcome.passed or not callees:
                continue
            if self._new_child(callees) is None:
                return
            exercise = verdicts[name].exercise
            # each call of what is put right travels to the grader and back
            seconds = min(_PATIENCE * exercise.seconds, _MOST_PATIENCE, self.deadline - time.monotonic())
            patient = dataclasses.replace(exercise, seconds=max(seconds, exercise.seconds))
            outcome = self._outcome(patient, self._first_calls(patient))
            quoted = " and ".join(filter(None, [", ".join(map(_code, callees[:-1])), _code(callees[-1])]))
            if outcome.passed:
                failed.discard(name)  # whoever calls it needs its callees put right, but not itself
                note = f"It counts: with a right {quoted}, which it calls, it is right."
            else:
                note = f"With a right {quoted}, which it calls, this is what remains."
            verdicts[name] = _Verdict(exercise, outcome, note)
            self.child.close()  # its namespace is no longer the submission's own


def _without_values(outcome):
    """An outcome whose cases no longer hold what was returned, which may be large."""
    emptied = [
        dataclasses.replace(result, call=dataclasses.replace(result.call, value=None))
        for result in outcome.cases
    ]
    return dataclasses.replace(outcome, cases=tuple(emptied))


def _code(name):
    return f"`{name}`"


# -- results ------------------------------------------------------------------------------------


def _graded(task, release, cells, verdicts, error):
    exercises = {}
    for verdict in verdicts:
        outcome = verdict.outcome
        exercises[outcome.exercise] = {
            "score": verdict.score,
            "max_score": float(verdict.exercise.points),
            "status": outcome.status,
            "message": f"{outcome.message}\n{verdict.note}".strip(),
            "misconception": str(outcome.misconception) if outcome.misconception else None,
        }
    result = {
        "score": sum(exercise["score"] for exercise in exercises.values()),
        "max_score": sum(exercise["max_score"] for exercise in exercises.values()),
        "error": error,
        "exercises": exercises,
        "sandbox": task.level,
    }
    by_grade_id = {f"{verdict.outcome.exercise}-tests": verdict for verdict in verdicts}
    for cell in cells:
        if cell.grade_id in by_grade_id:
            cell.content["execution_count"] = 1
            cell.content["outputs"] = [_output(by_grade_id[cell.grade_id])]
    notebook = {**release.notebook, "cells": [cell.content for cell in cells]}
    if error:
        notebook["cells"].insert(0, _notice(error))
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return Graded(task.student, task.lesson, result, text)


def _output(verdict):
    """Output of a test cell: the card for people, and the points as the number that nbgrader reads."""
    card = Card(verdict.exercise, verdict.outcome, "", note=verdict.note)
    data = {"text/plain": repr(verdict.score), "text/html": card._repr_html_()}
    return {"output_type": "execute_result", "execution_count": 1, "data": data, "metadata": {}}


def _notice(error):
    source = f"**This submission could not be read, so it has no points.** {harmless(error)}"
    return {"cell_type": "markdown", "id": "not-read", "metadata": {}, "source": source}
