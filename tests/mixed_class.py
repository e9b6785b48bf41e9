"""Submissions as they come in a large class, honest, broken and hostile ones, and what each must get."""

import functools
import inspect
import json
import os
from dataclasses import dataclass, field

import nbformat
from classes import with_sources
from submissions import perfect, read, starter, stub_replaced

from helpers.exercises import EXERCISES, LESSONS

LESSON = "01_norms"
POINTS = {name: EXERCISES[name].points for name in LESSONS[LESSON]}
ENDED = "the Python process ended"


@dataclass(frozen=True)
class Expected:
    """What a submission must get.

    Attributes
    ----------
    failed : dict of str to tuple of (str or None, str)
        For each exercise that fails, the named mistake and a part of the message.
    untouched : collection of str
        Exercises that are not attempted.
    error : str
        A part of what is said of a submission that cannot be read; then everything is not attempted.
    notes : dict of str to str
        A part of the message of exercises that pass.
    """

    failed: dict = field(default_factory=dict)
    untouched: tuple = ()
    error: str = ""
    notes: dict = field(default_factory=dict)

    def problems(self, result):
        """What is wrong with the result of a submission, as sentences."""
        exercises = result["exercises"]
        found = [] if exercises.keys() == POINTS.keys() else ["not the exercises of the lesson"]
        untouched = tuple(POINTS) if self.error else self.untouched
        for name, exercise in exercises.items():
            status = "failed" if name in self.failed else "not attempted" if name in untouched else "passed"
            mistake, text = self.failed.get(name, (None, self.notes.get(name, "")))
            points = float(POINTS[name]) if status == "passed" else 0.0
            wanted = {"score": points, "max_score": float(POINTS[name]), "status": status}
            wanted["misconception"] = mistake
            if (
                any(exercise[key] != value for key, value in wanted.items())
                or text not in exercise["message"]
            ):
                found.append(f"{name}: expected {wanted} and {text!r}, got {exercise}")
        if self.error not in (result["error"] or "") or bool(self.error) != bool(result["error"]):
            found.append(f"expected the error {self.error!r}, got {result['error']!r}")
        if result["score"] != self.score or result["max_score"] != sum(POINTS.values()):
            found.append(f"expected {self.score} points, got {result['score']} of {result['max_score']}")
        return found

    @property
    def score(self):
        """Points of the whole submission."""
        untouched = tuple(POINTS) if self.error else self.untouched
        return float(sum(p for name, p in POINTS.items() if name not in (*self.failed, *untouched)))

    @property
    def cells(self):
        """Automatic score of each graded cell that is a check."""
        untouched = tuple(POINTS) if self.error else self.untouched
        lost = (*self.failed, *untouched)
        return {f"{name}-tests": 0.0 if name in lost else float(p) for name, p in POINTS.items()}


def mistaken(name, mistake):
    """Source of a known mistake under the name of the exercise."""
    functions = {m.name: m.function for m in EXERCISES[name].misconceptions}
    function = functions[mistake]
    source = inspect.getsource(function).replace(f"def {function.__name__}(", f"def {name}(", 1)
    return f"import numpy as np\n\n\n{source}"


def with_cell(notebook, place, source):
    """The notebook with a cell of the learner's own."""
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
    return notebook


def _old_format(notebook):
    cells = [
        {"cell_type": "code", "input": cell.source, "metadata": dict(cell.metadata), "outputs": []}
        | {"language": "python", "collapsed": False, "prompt_number": None}
        if cell.cell_type == "code"
        else {"cell_type": "markdown", "source": cell.source, "metadata": dict(cell.metadata)}
        for cell in notebook.cells
    ]
    sheet = {"cells": cells, "metadata": {}}
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}).encode()


@functools.cache
def mixed():
    """Content and expectation of each kind of submission, by name."""
    solved, released = perfect(LESSON), read("notebooks", LESSON)

    def changed(**sources):
        return with_sources(solved, sources)

    exits = stub_replaced("l1_norm", "import os; os._exit(0)")
    equal = "type('Same', (), dict.fromkeys(('__eq__', '__ne__', '__lt__'), lambda *_: True))()"
    made = {
        "perfect": (solved, Expected()),
        "untouched": (released, Expected(untouched=tuple(POINTS))),
        "slips": (
            changed(
                max_norm=mistaken("max_norm", "largest entry"),
                frobenius_norm=mistaken("frobenius_norm", "forgot the root"),
            ),
            Expected({"max_norm": ("largest entry", ""), "frobenius_norm": ("forgot the root", "")}),
        ),
        "half": (
            changed(**{name: starter(name) for name in ("normalize", "spectral_norm")}),
            Expected(untouched=("normalize", "spectral_norm")),
        ),
        "wrong_length": (
            changed(l2_norm=mistaken("l2_norm", "forgot the root")),
            Expected(
                {"l2_norm": ("forgot the root", "")},
                notes={"spectral_norm": "It counts: with a right `l2_norm`, which it calls, it is right."},
            ),
        ),
        "raises": (
            changed(p_norm=stub_replaced("p_norm", "return x[99] ** p")),
            Expected({"p_norm": (None, "IndexError")}),
        ),
        "function_ends_python": (changed(l1_norm=exits), Expected({"l1_norm": (None, ENDED)})),
        "cell_ends_python": (with_cell(perfect(LESSON), 3, "import os\nos._exit(1)\nx = 1"), Expected()),
        "equal_to_all": (
            changed(l1_norm=stub_replaced("l1_norm", f"return {equal}")),
            Expected({"l1_norm": (None, "")}),
        ),
        "patches": (
            with_cell(
                with_sources(released, {"l1_norm": stub_replaced("l1_norm", "return 0.0")}),
                2,
                "import numpy as np\n\nfor name in ('allclose', 'isclose', 'array_equal'):\n"
                "    setattr(np, name, lambda *args, **kwargs: True)\nx = 1",
            ),
            Expected(
                {"l1_norm": ("the same number each time", "")},
                tuple(name for name in POINTS if name != "l1_norm"),
            ),
        ),
        "old_format": (_old_format(solved), Expected()),
        "no_json": (b'{"cells": [', Expected(error="It is no notebook: it is not JSON")),
        "no_notebook": (b"[]", Expected(error="It is no notebook: it is JSON, but no object.")),
        "huge": (b" " * (17 << 20), Expected(error="is larger than 16 MB")),
        "endless_loop": (
            changed(normalize=stub_replaced("normalize", "while True: pass")),
            Expected({"normalize": (None, "It did not finish within 5 seconds")}),
        ),
        "link": (None, Expected(error="is a link")),
        "wrong_name": (None, Expected(error="There is '01_norms (1).ipynb'")),
        "no_file": (None, Expected(error="Expected a file 01_norms.ipynb")),
    }
    return {name: (_bytes(content), expected) for name, (content, expected) in made.items()}


def _bytes(content):
    return content if content is None or isinstance(content, bytes) else nbformat.writes(content).encode()


def hand_in(class_, students):
    """Put submissions of these kinds into a class.

    Parameters
    ----------
    class_ : Class
    students : dict of str to str
        Kind of each student's submission.
    """
    contents = mixed()
    solved = class_.root.parent / "perfect.ipynb"
    solved.write_bytes(contents["perfect"][0])
    for student, kind in students.items():
        place = class_.place(student, LESSON)
        content, _ = contents[kind]
        if content is not None:
            class_.submit(student, LESSON, content)
            continue
        place.parent.mkdir(parents=True)
        if kind == "link":
            os.symlink(solved, place)
        elif kind == "wrong_name":
            place.with_name("01_norms (1).ipynb").write_bytes(contents["perfect"][0])


def problems(results, students):
    """What is wrong with the results of a class, as sentences."""
    found = [f"{student}: no result" for student in students.keys() - results.keys()]
    found += [f"{student}: nobody of the class" for student in results.keys() - students.keys()]
    for student in students.keys() & results.keys():
        _, expected = mixed()[students[student]]
        found += [f"{student}: {sentence}" for sentence in expected.problems(results[student][LESSON])]
    return found
