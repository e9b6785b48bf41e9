"""Trusted grading as tests use it: a grader with a real sandbox, and submissions to it."""

import json
import linecache
import os
import warnings

import numpy as np
import pytest
from submissions import cells_by_grade_id, read

from autograder.grading import sandbox
from autograder.grading.grader import Grader, Task
from helpers.exercises import LESSONS

SEED = 2**120 + 7  # of hidden cases; a learner's own are drawn from 0


def level():
    """Level of the sandbox to test with; skips where there is none, except in continuous integration."""
    try:
        return sandbox.choose("auto")
    except sandbox.SandboxError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def grader():
    """Return a grader with one worker in the sandbox."""
    grader = Grader(level())
    yield grader
    grader.close()


def lesson_of(exercise):
    """Lesson in which an exercise stands."""
    return next(lesson for lesson, names in LESSONS.items() if exercise in names)


def code_cell(source, **more):
    """Code cell of a learner's own."""
    cell = {"cell_type": "code", "id": "mine", "metadata": {}, "source": source}
    return {**cell, "execution_count": None, "outputs": [], **more}


def handed_in(lesson, answers, extra=()):
    """Released notebook with answers by grade id, and with code cells of the learner's own at its end."""
    notebook = read("notebooks", lesson)
    cells = cells_by_grade_id(notebook)
    for grade_id, source in answers.items():
        cells[grade_id].source = source
    notebook = json.loads(json.dumps(notebook))
    notebook["cells"] += [code_cell(source, id=f"mine-{i}") for i, source in enumerate(extra)]
    return notebook


def grade(grader, lesson, notebook, seed=SEED, follow_through=True):
    """What the grading of a notebook comes to."""
    content = json.dumps(notebook).encode()
    seeds = dict.fromkeys(LESSONS[lesson], seed)
    level = grader._level
    return grader.grade(Task("ada", lesson, content, "", seeds, level, follow_through))


def verdicts(grader, lesson, answers, extra=(), **options):
    """Results of the exercises of a released notebook with some answers."""
    return grade(grader, lesson, handed_in(lesson, answers, extra), **options).result["exercises"]


def defined(source, name, lesson):
    """What a name stands for after a lesson's imports and a cell, as in a learner's own kernel."""
    imports = next(cell for cell in read("notebooks", lesson).cells if "from helpers import" in cell.source)
    namespace = {"__name__": "__main__"}
    with warnings.catch_warnings(), np.errstate(), np.printoptions():
        warnings.simplefilter("ignore")
        for number, cell in enumerate((imports.source, source)):
            path = f"<cell {number} of {name}>"
            linecache.cache[path] = (len(cell), None, cell.splitlines(keepends=True), path)
            exec(compile(cell, path, "exec"), namespace)
    return namespace[name]
