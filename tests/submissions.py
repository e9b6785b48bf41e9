"""Submissions named by the verdict that they must get, made from the released notebooks."""

import base64
import copy
import os
import pickle
from pathlib import Path

import nbformat

from autograder.reading import bound_and_used_names
from helpers.checking import Property
from helpers.exercises import EXERCISES, LESSONS

ROOT = Path(__file__).resolve().parent.parent

HARD_CODED = """\
import base64
import pickle

import numpy as np


def plain(value):
    if isinstance(value, np.random.Generator):
        return plain(value.bit_generator.state)
    if isinstance(value, dict):
        return [[name, plain(value[name])] for name in value]
    if isinstance(value, (list, tuple)):
        return list(map(plain, value))
    return repr(value) if callable(value) else repr(np.asarray(value).tolist())


def {name}(*args, cases=pickle.loads(base64.b64decode("{cases}"))):
    for known, expected in cases:
        if plain(known) == plain(args):
            if isinstance(expected, type):
                raise expected("as the visible case says")
            return expected
    return 0.0
"""
WARNS = """
import sys
import warnings

correct_{name} = {name}


def {name}(*args):
    print("working on it", file=sys.stderr)
    warnings.warn("this is only an approximation")
    return correct_{name}(*args)
"""


def isolated_environment(folder):
    """Environment without configuration of this machine's user, and where lessons find stand-in data only."""
    names = ["HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"]
    removed = ["JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "NBGRADER_EXECUTION"]
    removed += ["COURSE_DATA", "COURSE_GRADEBOOK"]
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    made = {name: folder / name.lower() for name in names}
    for path in made.values():
        path.mkdir(parents=True, exist_ok=True)  # IPython warns of a home that is not there
    paths = [str(ROOT / "src"), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return {
        **kept,
        **{name: str(path) for name, path in made.items()},
        "SCIKIT_LEARN_DATA": str(folder / "data"),
        "https_proxy": "http://127.0.0.1:9",  # where nobody answers
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }


def read(tree, lesson):
    """Notebook of a lesson in ``solutions`` or ``notebooks``."""
    path = ROOT / tree / lesson / f"{lesson}.ipynb"
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def cells_by_grade_id(notebook):
    """Cells that nbgrader knows, by their grade id."""
    cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells}


def points_by_grade_id(notebook):
    """Points of the cells that give any, by their grade id."""
    gradings = [cell.metadata.nbgrader for cell in cells_by_grade_id(notebook).values()]
    return {grading.grade_id: grading.points for grading in gradings if grading.grade}


def written_ids(notebook):
    """Grade ids of the answers that a person grades."""
    gradings = {name: cell.metadata.nbgrader for name, cell in cells_by_grade_id(notebook).items()}
    return {name for name, grading in gradings.items() if grading.grade and grading.solution}


def least_used_exercise(lesson):
    """Exercise of a lesson that no other answer needs, and as few experiments as possible."""
    cells = [cell for cell in read("solutions", lesson).cells if cell.cell_type == "code"]
    used_by_id = {cell.id: bound_and_used_names(cell.source)[1] for cell in cells}
    users = {
        name: {cell_id for cell_id, used in used_by_id.items() if name in used} - {f"{name}-tests"}
        for name in LESSONS[lesson]
    }
    independent = [name for name in users if not users[name] & EXERCISES.keys()]
    return min(independent, key=lambda name: len(users[name]))


def perfect(lesson):
    """Released notebook with every solution filled in."""
    notebook, solutions = read("notebooks", lesson), cells_by_grade_id(read("solutions", lesson))
    for name, cell in cells_by_grade_id(notebook).items():
        cell.source = solutions[name].source
    return notebook


def starter(function):
    """Released source of an exercise's answer cell."""
    lesson = next(lesson for lesson, names in LESSONS.items() if function in names)
    return cells_by_grade_id(read("notebooks", lesson))[function].source


def hard_coded(exercise):
    """Source of a function that knows every input of a learner's own check, and nothing else."""
    cases = []
    for case in (*exercise.cases, *exercise.drawn_cases(0)):
        expected = case.expected
        if isinstance(expected, Property):
            expected = exercise.reference(*copy.deepcopy(case.args))
        cases.append((case.args, expected))
    encoded = base64.b64encode(pickle.dumps(cases)).decode()
    return HARD_CODED.format(name=exercise.name, cases=encoded)


def stub_replaced(name, statement):
    """Source of a starter whose stub is another statement."""
    return starter(name).replace("raise NotImplementedError()", statement)


def submissions(lesson):
    """Submissions of a lesson and the scores that they must get.

    Parameters
    ----------
    lesson : str
        Such as ``"01_norms"``.

    Returns
    -------
    dict of str to tuple of (NotebookNode, dict of str to float or None)
        For each verdict the notebook, and the score of each graded cell; None waits for a person.
        The first lesson has more of them than the others.
    """
    exercises = LESSONS[lesson]
    points = points_by_grade_id(read("notebooks", lesson))
    full = {**points, **dict.fromkeys(written_ids(read("notebooks", lesson)))}
    none = dict.fromkeys(points, 0)
    made = {}

    def submit(verdict, start, scores, edits):
        notebook = copy.deepcopy(start)
        for grade_id, source in edits.items():
            cells_by_grade_id(notebook)[grade_id].source = source
        made[verdict] = notebook, scores

    untouched, solved = read("notebooks", lesson), perfect(lesson)
    first, alone = exercises[0], least_used_exercise(lesson)
    submit("perfect", solved, full, {})
    submit("hard_coded", untouched, none, {n: hard_coded(EXERCISES[n]) for n in exercises})
    if lesson != next(iter(LESSONS)):
        return made  # what nbgrader makes of the rest is the same in every lesson
    submit("untouched", untouched, none, {})
    raising = {n: stub_replaced(n, 'raise KeyError("no idea")') for n in exercises}
    submit("raises", untouched, none, raising)
    looping = {alone: stub_replaced(alone, "while True: pass")}
    submit("endless_loop", solved, {**full, f"{alone}-tests": 0}, looping)
    warning = cells_by_grade_id(solved)[first].source + "\n" + WARNS.format(name=first)
    submit("warns", solved, full, {first: warning})
    # one deleted test would have passed, the other would have failed
    submit("deleted_test_cell", solved, {**full, f"{alone}-tests": 0}, {alone: starter(alone)})
    deleted = {f"{alone}-tests", f"{exercises[-1]}-tests"}
    notebook, _ = made["deleted_test_cell"]
    notebook.cells = [cell for cell in notebook.cells if cell.id not in deleted]
    edited = {f"{n}-tests": f"assert {n} is not None" for n in exercises}
    submit("edited_test_cell", untouched, none, edited)
    return made
