"""The grader says what a learner's own check says, and nothing of what it keeps back."""

import json
import re
import time

import known_mistakes
import numpy as np
import pytest
from answers import ANSWERS
from grading import SEED, code_cell, defined, grade, grader, handed_in, lesson_of, verdicts
from submissions import cells_by_grade_id, perfect, starter

from autograder.grading import wire
from autograder.grading.grader import Release
from autograder.grading.remote import Worker
from helpers.checking import Property
from helpers.exercises import EXERCISES, LESSONS

__all__ = ["grader"]  # the fixture
# of what cannot cross, only the kind is told
OTHER_WORDS = {"an array of texts for numbers", "a structured array", "a list in itself"}


def said_here(name, function, seed=SEED):
    """What a learner's own check makes of a function, as a result of the grader's."""
    outcome = EXERCISES[name].evaluate(function, seed, keep_back=True)
    return {
        "status": outcome.status,
        "misconception": str(outcome.misconception) if outcome.misconception else None,
        "message": outcome.message,
    }


def numbers_in(value):
    """Numbers in arguments and results that are too odd to come about by chance, as texts."""
    if isinstance(value, dict):
        return {text for item in value.values() for text in numbers_in(item)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        value = value.ravel().tolist()
    if isinstance(value, (list, tuple)):
        return {text for item in value for text in numbers_in(item)}
    return {repr(abs(value))} if isinstance(value, float) and len(repr(abs(value))) > 3 else set()


def hidden_numbers(name, seed=SEED):
    """Numbers in the hidden cases of an exercise, and in their results, that are in no visible one."""
    exercise = EXERCISES[name]
    hidden, visible = set(), set()
    for case in (*exercise.drawn_cases(seed), *exercise.cases, *exercise.drawn_cases(0)):
        found = hidden if case in exercise.drawn_cases(seed) else visible
        found |= numbers_in(case.args) | set(re.findall(r"\d+\.\d+", case.description))
        if not isinstance(case.expected, (type, Property)):
            found |= numbers_in(case.expected)
    return hidden - visible


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_grader_says_what_the_learners_own_check_says(grader, answer):
    name, status, source = ANSWERS[answer]
    lesson = lesson_of(name)
    graded = grade(grader, lesson, handed_in(lesson, {name: source}), follow_through=False)
    theirs = graded.result["exercises"][name]
    here = said_here(name, defined(source, name, lesson))
    if answer in OTHER_WORDS:
        assert all("t returned" in said["message"] for said in (theirs, here))
        del here["message"]
    assert theirs["status"] == status, theirs["message"]
    assert {key: theirs[key] for key in here} == here
    assert theirs["score"] == (theirs["max_score"] if status == "passed" else 0)
    outputs = [cell.get("outputs") for cell in json.loads(graded.notebook)["cells"]]
    told = re.sub(r"style=\W+[^>]*>", "", json.dumps([theirs, outputs]))
    assert set(re.findall(r"\d+\.\d+(?:e[+-]?\d+)?", told)) & hidden_numbers(name) == set()
    assert "secret" not in told


# -- every exercise -------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_solution_has_all_points(grader, lesson):
    graded = grade(grader, lesson, json.loads(json.dumps(perfect(lesson))))
    for name, result in graded.result["exercises"].items():
        assert (result["status"], result["misconception"]) == ("passed", None), (name, result["message"])
        assert result["score"] == result["max_score"] == EXERCISES[name].points
    assert graded.result["score"] == graded.result["max_score"]
    assert graded.result["error"] is None


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_starter_is_not_attempted(grader, lesson):
    results = verdicts(grader, lesson, {})
    assert {result["status"] for result in results.values()} == {"not attempted"}
    assert {result["score"] for result in results.values()} == {0.0}


def some_mistakes(exercise):
    """Indices of three known mistakes: one of the first, the middle one, one of the last."""
    n = len(exercise.misconceptions)
    return [len(exercise.name) % 3, n // 2, n - 1 - len(exercise.name) % 3]


@pytest.mark.parametrize("lesson", LESSONS)
@pytest.mark.parametrize("which", range(3), ids=["early", "middle", "late"])
def test_a_known_mistake_is_named_as_in_the_learners_own_check(grader, lesson, which):
    chosen = {name: some_mistakes(EXERCISES[name])[which] for name in LESSONS[lesson]}
    lines = [f'{name} = known["{name}"].misconceptions[{i}].function' for name, i in chosen.items()]
    extra = [*known_mistakes.cells(), "\n".join(lines)]
    results = verdicts(grader, lesson, {}, extra, follow_through=False)
    for name, i in chosen.items():
        misconception = EXERCISES[name].misconceptions[i]
        theirs = {key: results[name][key] for key in ("status", "misconception", "message")}
        assert theirs == said_here(name, misconception.function), name
        assert theirs["misconception"] == str(misconception), name


# answers that end Python, or ask for it, and what is said of them
ENDING = {
    "import os; os._exit(0)": "It did not come to an end: the Python process ended while it ran.",
    "exit()": "It raised SystemExit\n",
    "return quit()": "It raised SystemExit\n",
}


@pytest.mark.parametrize("body", ENDING)
def test_an_answer_that_ends_python_is_said_to_do_so(grader, body):
    results = verdicts(grader, "01_norms", {"l1_norm": f"def l1_norm(x):\n    {body}"})
    assert results["l1_norm"]["message"].startswith(ENDING[body])
    assert results["l1_norm"]["score"] == 0


# -- calls of one exercise together ---------------------------------------------------------------


@pytest.fixture
def child():
    """Return a child, outside of any sandbox, that has run a cell."""
    worker = Worker("none")
    child = worker.child()
    cell = "n_calls = 0\ndef total(x):\n    global n_calls\n    n_calls += 1\n    return x.sum() + n_calls"
    child.request("read", [[cell, True, None]], {}, seconds=60)
    child.request("run", [], {}, [], 60, seconds=60)
    yield child
    worker.close()


def test_calls_that_are_too_much_for_one_frame_go_in_several(child):
    arrays = [np.full(wire.LARGEST_BODY // 8 // 3, float(i)) for i in range(7)]
    answers = child.calls("total", [(x,) for x in arrays], time.monotonic() + 60, [])
    values = [answer["value"] for answer in answers]
    assert values == [float(x.sum()) + i for i, x in enumerate(arrays, 1)]
    assert child.usable


def test_a_child_of_which_not_all_is_heard_is_of_no_use(child):
    answers = child.calls("total", [(np.ones(2),)] * 3, time.monotonic() + 60, [])
    assert next(answers)["value"] == 3.0
    answers.close()
    assert not child.usable


def test_one_call_that_is_too_much_for_a_frame_is_refused(child):
    with pytest.raises(wire.WireError, match="too large to send"):
        next(child.calls("total", [(np.ones(wire.LARGEST_BODY),)], time.monotonic() + 60, []))


# -- cells of the learner's own below a check -----------------------------------------------------

# what stands below the check of l2_norm, and what fails in a right notebook run from top to bottom
BELOW = {
    "its name for a result": ("l2_norm = l2_norm([3, 4])", {"spectral_norm"}),
    "its name in a loop": ("for max_norm in range(3):\n    pass", set()),
    "a wrong one for trying": ("def l2_norm(x):\n    return 3.0", {"spectral_norm"}),
    "its name deleted": ("del l2_norm", {"spectral_norm"}),
    "NumPy's name for something else": ("np = 3", set(LESSONS["01_norms"]) - {"l1_norm", "l2_norm"}),
    "all names deleted": ("%reset -f", set(LESSONS["01_norms"]) - {"l1_norm", "l2_norm"}),
    "a count of calls": ("_old = l2_norm\ndef l2_norm(x):\n    return _old(x)", set()),
}


@pytest.mark.parametrize("below", BELOW)
@pytest.mark.parametrize("at_the_end", [False, True], ids=["below the check", "at the end"])
def test_a_function_counts_as_it_is_where_its_check_stands(grader, below, at_the_end):
    source, failing = BELOW[below]
    notebook = json.loads(json.dumps(perfect("01_norms")))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    notebook["cells"].insert(len(ids) if at_the_end else ids.index("l2_norm-tests") + 1, code_cell(source))
    results = grade(grader, "01_norms", notebook, follow_through=False).result["exercises"]
    failed = {name for name, result in results.items() if result["status"] != "passed"}
    assert failed == (set() if at_the_end else failing)


@pytest.mark.parametrize("below", ["its name for a result", "a wrong one for trying", "its name deleted"])
def test_a_name_that_is_used_again_below_its_check_costs_nobody_else_anything(grader, below):
    notebook = json.loads(json.dumps(perfect("01_norms")))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    notebook["cells"].insert(ids.index("l2_norm-tests") + 1, code_cell(BELOW[below][0]))
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert {result["status"] for result in results.values()} == {"passed"}
    helped = {name for name, result in results.items() if "with a right `l2_norm`" in result["message"]}
    assert helped == BELOW[below][1]


def test_a_name_that_stands_for_the_same_below_is_not_put_right(grader):
    notebook = json.loads(json.dumps(perfect("01_norms")))
    by_id = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook["cells"]}
    by_id["normalize"]["source"] = "def normalize(x):\n    return stable_l2_norm(x)"
    notebook["cells"].append(code_cell("import numpy as np"))
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert [name for name, result in results.items() if result["status"] != "passed"] == ["normalize"]
    assert "With a right" not in results["normalize"]["message"]


@pytest.mark.parametrize("answer", ["its starter", "a wrong one", "a call of what stands below"])
def test_what_is_mended_below_its_check_counts(grader, answer):
    right = "def l2_norm(x):\n    return root_of_squares(x)"
    answers = {"a wrong one": {"l2_norm": right.replace("root_of_", "np.sum")}}
    answers["a call of what stands below"] = {"l2_norm": right}
    helper = "def root_of_squares(x):\n    return float(np.sqrt(np.sum(np.square(np.asarray(x, float)))))"
    extra = [helper] if answer.startswith("a call") else [helper, right]
    notebook = handed_in("01_norms", answers.get(answer, {}), extra)
    results = grade(grader, "01_norms", notebook, follow_through=False).result["exercises"]
    assert results.pop("l2_norm")["status"] == "passed"
    assert {result["status"] for result in results.values()} == {"not attempted"}


# -- cells that were copied, moved or written in --------------------------------------------------

TRACED = "def traced(function):\n    return lambda *args: function(*args)"


def solved():
    """Cells of the first lesson's solved notebook, and the place of each graded one."""
    cells = json.loads(json.dumps(perfect("01_norms")))["cells"]
    return cells, {cell["metadata"].get("nbgrader", {}).get("grade_id"): i for i, cell in enumerate(cells)}


def copy_below(cells, places):
    """Play with a wrong copy of an answer below its check, and put it right again."""
    wrong = {**cells[places["l1_norm"]], "id": "copy", "source": "def l1_norm(x):\n    return 7"}
    again = {**cells[places["l1_norm"]], "id": "again"}
    cells[places["l1_norm-tests"] + 1 : places["l1_norm-tests"] + 1] = [wrong, again]


def copy_at_the_end(cells, places):
    """Play with a wrong copy of an answer at the end."""
    cells.append({**cells[places["l1_norm"]], "id": "copy", "source": "def l1_norm(x):\n    return 7"})


def two_parts(cells, places):
    """Put what the second part of an answer needs between the two."""
    second = {
        **cells[places["l1_norm"]],
        "id": "b",
        "source": f"@traced\n{cells[places['l1_norm']]['source']}",
    }
    cells[places["l1_norm"]]["source"] = "total = 0"
    cells[places["l1_norm"] + 1 : places["l1_norm"] + 1] = [code_cell(TRACED), second]


def work_in_a_copy(cells, places):
    """Leave the starter, and work in a copy of its cell that needs a cell below the check."""
    work = {**cells[places["l1_norm"]], "id": "b", "source": f"@traced\n{cells[places['l1_norm']]['source']}"}
    cells[places["l1_norm"]]["source"] = starter("l1_norm")
    cells[places["l1_norm-tests"] + 1 : places["l1_norm-tests"] + 1] = [code_cell(TRACED), work]


def work_in_the_test_cell(cells, places):
    """Leave the starter, and work in the test cell."""
    cells[places["l1_norm-tests"]]["source"] = cells[places["l1_norm"]]["source"] + "\n\ncheck(l1_norm)"
    cells[places["l1_norm"]]["source"] = starter("l1_norm")


def name_used_again_in_the_test_cell(cells, places):
    """Use the function's name again below its check, in the same cell."""
    cells[places["frobenius_norm-tests"]]["source"] += "\nfrobenius_norm = frobenius_norm([[3.0, 4.0]])"


def released_cells_pasted(cells, places):
    """Call an earlier check again, and import again, above a helper of a later answer."""
    imports = next(cell["source"] for cell in cells if "import numpy" in cell["source"])
    answer = cells[places["euclidean_distance"]]
    answer["source"] = answer["source"].replace("stable_l2_norm(", "length(")
    assert "length(" in answer["source"]
    cells[places["euclidean_distance"] : places["euclidean_distance"]] = [
        code_cell("check(l1_norm)", id="a"),
        code_cell(imports, id="b"),
        code_cell("import functools\n\nlength = functools.partial(stable_l2_norm)", id="c"),
    ]


def a_section_moved(cells, places):
    """Move an exercise with its check to the end."""
    moved = cells[places["max_norm"] : places["max_norm-tests"] + 1]
    del cells[places["max_norm"] : places["max_norm-tests"] + 1]
    cells += moved


@pytest.mark.parametrize(
    "change",
    [
        copy_below,
        copy_at_the_end,
        two_parts,
        work_in_a_copy,
        work_in_the_test_cell,
        name_used_again_in_the_test_cell,
        released_cells_pasted,
        a_section_moved,
    ],
)
def test_a_right_notebook_has_all_points_in_any_form(grader, change):
    cells, places = solved()
    change(cells, places)
    graded = grade(grader, "01_norms", {"nbformat": 4, "cells": cells}, follow_through=False).result
    failed = {name: r["message"] for name, r in graded["exercises"].items() if r["status"] != "passed"}
    assert failed == {}


@pytest.mark.parametrize(
    "source",
    [
        "assert l1_norm is not None",
        "check = progress = print\n'100'",
        "get_ipython().displayhook(100)\n100",
        "import helpers\nhelpers.check = lambda function: 100",
    ],
)
def test_what_is_written_into_a_test_cell_is_no_check(grader, source):
    notebook = handed_in("01_norms", {f"{name}-tests": source for name in LESSONS["01_norms"]})
    assert grade(grader, "01_norms", notebook).result["score"] == 0


# -- what ends a cell, a call or a process --------------------------------------------------------

RIGHT_L1 = "def l1_norm(x):\n    return float(np.sum(np.abs(np.asarray(x, dtype=float))))\n"
RIGHT_MAX = "def max_norm(x):\n    return max((abs(float(v)) for v in x), default=0.0)\n"
# what l1_norm's cell says, what comes of it, and words in the message
ENDS = {
    "no Python": (
        "def l1_norm(x) return 1",
        "failed",
        "no function l1_norm, because its cell ends with an error",
    ),
    "an error above": (
        "1 / 0\n" + RIGHT_L1,
        "failed",
        "because its cell ends with an error. ZeroDivisionError",
    ),
    "an error below": (RIGHT_L1 + "1 / 0", "passed", "All 9 cases"),
    "another name": (
        RIGHT_L1.replace("l1_norm", "l1norm"),
        "failed",
        "no function l1_norm: define it under this",
    ),
    "indented": (
        "if False:\n    " + RIGHT_L1.replace("\n", "\n    "),
        "failed",
        "no function l1_norm: define it",
    ),
    "sys.exit above": (
        "import sys\nsys.exit()\n" + RIGHT_L1,
        "failed",
        "because its cell ends with an error. SystemExit",
    ),
    "os._exit above": (
        "import os\nos._exit(0)\n" + RIGHT_L1,
        "failed",
        "because its cell ends with an error. The cell was stopped",
    ),
    "a magic": ("%matplotlib inline\n%timeit -n1 -r1 1\n!ls\n" + RIGHT_L1, "passed", "All 9 cases"),
    "no source": ("", "failed", "no function l1_norm: define it under this"),
    "a comment": ("# later", "failed", "no function l1_norm"),
    "deleted again": (RIGHT_L1 + "del l1_norm", "failed", "no function l1_norm"),
    "os._exit": (
        "import os\ndef l1_norm(x):\n    os._exit(0)",
        "failed",
        "the Python process ended while it ran",
    ),
    "killed": (
        "import os, signal\ndef l1_norm(x):\n    os.kill(os.getpid(), signal.SIGSEGV)\n    os.abort()",
        "failed",
        "the Python process ended while it ran",
    ),
    "endless": (
        "def l1_norm(x):\n    while True:\n        pass",
        "failed",
        "It did not finish within 5 seconds",
    ),
    "endless, whatever comes": (
        "def l1_norm(x):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass",
        "failed",
        "It did not finish within 5 seconds",
    ),
    "a large array": ("def l1_norm(x):\n    return np.zeros(10**7)", "failed", "It returned"),
    "an array of no memory": (
        "def l1_norm(x):\n    return np.broadcast_to(1.0, (10**9,))",
        "failed",
        "It returned",
    ),
    "a list of millions": ("def l1_norm(x):\n    return [0.0] * 2_000_000", "failed", "It returned"),
    "all the memory": ("def l1_norm(x):\n    return np.ones(10**11)", "failed", "It raised MemoryError"),
    "random": (
        "rng = np.random.default_rng()\ndef l1_norm(x):\n    return rng.normal()",
        "failed",
        "Expected",
    ),
    "threads of its own": (
        "import concurrent.futures\npool = concurrent.futures.ThreadPoolExecutor(4)\n"
        "def l1_norm(x):\n    return sum(pool.map(abs, map(float, x)))",
        "passed",
        "All 9 cases",
    ),
    "asks the keyboard": ("def l1_norm(x):\n    return float(input())", "failed", "It raised"),
    "prints 50 MB": (
        "def l1_norm(x):\n    print('a' * 50_000_000)\n    return sum(abs(float(v)) for v in x)",
        "passed",
        "All 9 cases",
    ),
    "closes what is open": (
        "import os\ndef l1_norm(x):\n    os.closerange(0, 64)\n    return sum(abs(float(v)) for v in x)",
        "failed",
        "the Python process ended while it ran",
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_one_exercise_costs_no_other(grader, end):
    source, status, words = ENDS[end]
    started = time.monotonic()
    results = verdicts(grader, "01_norms", {"l1_norm": source, "max_norm": RIGHT_MAX})
    assert results["l1_norm"]["status"] == status, results["l1_norm"]["message"]
    assert words in results["l1_norm"]["message"]
    assert results["max_norm"]["status"] == "passed", results["max_norm"]["message"]
    assert results["p_norm"]["status"] == "not attempted"
    assert time.monotonic() - started < 60


def test_an_answer_in_a_cell_of_ones_own_counts(grader):
    results = verdicts(grader, "01_norms", {}, [RIGHT_L1, RIGHT_MAX])
    passed = {name for name, result in results.items() if result["status"] == "passed"}
    assert passed == {"l1_norm", "max_norm"}


def test_what_an_answer_needs_may_stand_in_a_cell_above_it(grader):
    notebook = handed_in("01_norms", {"l1_norm": "def l1_norm(x):\n    return summed(np.abs(as_floats(x)))"})
    place = next(i for i, cell in enumerate(notebook["cells"]) if "import numpy" in cell["source"])
    own = "as_floats = lambda x: np.asarray(x, dtype=float)\n", "def summed(x):\n    return float(np.sum(x))"
    notebook["cells"][place + 1 : place + 1] = [code_cell(source, id=f"a{i}") for i, source in enumerate(own)]
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert results["l1_norm"]["status"] == "passed", results["l1_norm"]["message"]


def test_an_answer_cell_made_text_is_code_all_the_same(grader):
    notebook = handed_in("01_norms", {"l1_norm": RIGHT_L1})
    cell = next(cell for cell in notebook["cells"] if cell["source"] == RIGHT_L1)
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert results["l1_norm"]["status"] == "passed"


def test_what_a_function_needs_of_the_released_cells_is_there(grader):
    """Set-up cells and constants of the lesson run if an answer uses them, and only then."""
    source = """
def sigmoid(z):
    half = 0.5 + 0 * len(vocabulary)
    return half * (1 + np.tanh(half * np.asarray(z)))
"""
    results = verdicts(grader, "03_logistic_regression", {"sigmoid": source})
    assert "NameError" not in results["sigmoid"]["message"]


# -- where what is read of the cells counts ---------------------------------------------------------

LIBRARY = "def l2_norm(x):\n    return float(np.linalg.norm(np.asarray(x, float)))"
ROOT_OF_SQUARES = "float(np.sqrt(np.sum(np.square(np.asarray(x, float)))))"
RIGHT_L2 = f"def l2_norm(x):\n    return {ROOT_OF_SQUARES}"
HELPED = "def {0}(x):\n    return " + ROOT_OF_SQUARES + "\ndef l2_norm(x):\n    return {0}(x)"
# a cell above the answer to l2_norm, the answer, a cell below its check, and whether it is forbidden
FORBIDDEN = {
    "a first attempt above": (f"{LIBRARY}\nprint(l2_norm([3, 4]))", RIGHT_L2, "", False),
    "a comparison below": ("", RIGHT_L2, "l2_norm = np.linalg.norm", False),
    "a helper's name imported below": ("", HELPED.format("norm"), "from numpy.linalg import norm", False),
    "a helper's name bound below": ("", HELPED.format("f"), "f = np.linalg.norm", False),
    "a key of a dict": (
        "",
        "import types\nr = types.SimpleNamespace(d={})\ndef l2_norm(x):\n"
        f"    r.d['norm'] = {ROOT_OF_SQUARES}\n    return r.d['norm']",
        "",
        False,
    ),
    "a first attempt kept": (f"{LIBRARY}\n_keep = l2_norm", "def l2_norm(x):\n    return _keep(x)", "", True),
    "what is mended below is forbidden": (
        "",
        "def l2_norm(x):\n    raise NotImplementedError()",
        LIBRARY,
        True,
    ),
    "its code changed below": (
        "",
        "def l2_norm(x):\n    pass",
        "def g(x):\n    return float(np.linalg.norm(np.asarray(x, float)))\nl2_norm.__code__ = g.__code__",
        True,
    ),
    "a cell that ends Python, and so does not count": (
        LIBRARY,
        f"{RIGHT_L2}\nimport os\nos._exit(0)",
        "",
        True,
    ),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_what_is_forbidden_counts_where_the_check_stands(grader, case):
    above, answer, below, refused = FORBIDDEN[case]
    notebook = handed_in("01_norms", {"l2_norm": answer})
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
    notebook["cells"].insert(ids.index("l2_norm-tests") + 1, code_cell(below, id="below"))
    notebook["cells"].insert(ids.index("l2_norm"), code_cell(above, id="above"))
    result = grade(grader, "01_norms", notebook, follow_through=False).result["exercises"]["l2_norm"]
    assert result["status"] == ("failed" if refused else "passed"), result["message"]
    assert ("which is what this exercise asks you to write" in result["message"]) == refused


HIDDEN_NEEDS = [
    f"{magic}\n{RIGHT_L1}" for magic in ("%%time", "%%capture\n%%time", "%%capture out", "%%prun")
]
HIDDEN_NEEDS.append("def l1_norm(x):\n    return eval('float(np.abs(np.asarray(x, float)).sum())')")


@pytest.mark.parametrize("source", HIDDEN_NEEDS, ids=lambda source: source.partition("\n")[0])
def test_what_an_answer_needs_is_there_though_it_is_not_written_as_usual(grader, source):
    result = verdicts(grader, "01_norms", {"l1_norm": source})["l1_norm"]
    assert result["status"] == "passed", result["message"]


# -- calls between the two sides ------------------------------------------------------------------

RIGHT_ACCURACY = cells_by_grade_id(perfect("03_logistic_regression"))["accuracy"].source
# what count_words does instead of counting: calls that do not come back in time
LATE = {
    "a reference that never ends": "gradient_descent(lambda x: 0 * x + 1, [1.0], 0.1, n_steps=10**12)",
    "a reference that never ends, and whatever ends it is swallowed": """\
try:
        gradient_descent(np.ones_like, [1.0], 0.1, n_steps=10**12)
    except BaseException:
        return 0""",
    "large arguments": "sum(l1_norm_subgradient(np.ones(10**6))[0] for _ in range(10**9))",
    "a function among the arguments that never ends": "numerical_gradient(endless, [1.0])",
    "one question after the other, and whatever ends them is swallowed": """\
try:
        [l2_norm_gradient([1.0]) for _ in range(10**9)]
    except BaseException:
        return 0""",
}
ENDLESS = """
from helpers.gradient_norms import gradient_descent, l1_norm_subgradient, l2_norm_gradient


def endless(x):
    while True:
        pass


def count_words(texts, vocabulary):
    {}
"""


@pytest.mark.parametrize("late", LATE)
def test_a_call_to_the_other_side_ends_in_time(grader, late):
    """As in the learner's own kernel; and the next exercise gets its own answers, not late ones."""
    body = LATE[late]
    answers = {"count_words": ENDLESS.format(body), "accuracy": RIGHT_ACCURACY + RIGHT_AFTERWARDS}
    started = time.monotonic()
    results = verdicts(grader, "03_logistic_regression", answers)
    assert time.monotonic() - started < 40
    assert results["count_words"]["status"] == "failed"
    assert "It did not finish within 5 seconds" in results["count_words"]["message"]
    assert results["accuracy"]["status"] == "passed", results["accuracy"]["message"]


RIGHT_AFTERWARDS = """

right_accuracy = accuracy


def accuracy(y, y_pred):
    assert stable_l2_norm([3.0, 4.0]) == 5.0
    return right_accuracy(y, y_pred)
"""


def test_a_reference_of_the_lesson_itself_is_not_to_be_had(grader):
    """Neither by import nor by asking for it, before or after other things have failed."""
    source = """
def {name}(*args):
    from helpers.norms import l2_norm
    closure = dict(zip(l2_norm.__code__.co_freevars, l2_norm.__closure__))
    return closure["ask"].cell_contents("{name}", args, {{}})
"""
    names = LESSONS["03_logistic_regression"]
    answers = {name: source.format(name=name) for name in names}
    for options in ({}, {"follow_through": False}):
        results = verdicts(grader, "03_logistic_regression", answers, **options)
        assert {result["status"] for result in results.values()} == {"failed"}


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_may_import_holds_no_answer_of_it(lesson):
    given = {name for names in Release.load(lesson).given.values() for name in names}
    assert given & set(LESSONS[lesson]) == set()
    earlier = list(LESSONS)[: list(LESSONS).index(lesson)]
    assert {name for other in earlier for name in LESSONS[other]} <= given


# -- one mistake costs once -----------------------------------------------------------------------

SOLVED = {name: cell.source for name, cell in cells_by_grade_id(perfect("03_logistic_regression")).items()}
CALLERS = {"predict_probability", "log_likelihood_gradient", "fit_logistic_regression", "predict"}
OTHER_SIGN = "def sigmoid(z):\n    return 1 / (1 + np.exp(np.asarray(z, dtype=float)))"
NO_SIGMOID = (
    "def predict_probability(w, X):\n    return np.asarray(X, dtype=float) @ np.asarray(w, dtype=float)"
)
HALF_GRADIENT = SOLVED["log_likelihood_gradient"].replace("return X.T", "return -X.T")
ONLY_SIGMOID = "It counts: with a right `sigmoid`, which it calls, it is right."
# changed answers, exercises that fail, and what a passed caller is told
FOLLOWED = {
    "a wrong callee": ({"sigmoid": OTHER_SIGN}, {"sigmoid"}, {"predict": ONLY_SIGMOID}),
    "a callee that is no function": ({"sigmoid": "sigmoid = 1"}, {"sigmoid"}, {"predict": ONLY_SIGMOID}),
    "a missing callee": ({"sigmoid": "logistic = 1"}, {"sigmoid"}, {"predict": ONLY_SIGMOID}),
    "a callee that ends Python": (
        {"sigmoid": "import os\ndef sigmoid(z):\n    os._exit(1)"},
        {"sigmoid"},
        {"predict": ONLY_SIGMOID},
    ),
    "a callee not attempted": (
        {"sigmoid": starter("sigmoid")},
        {"sigmoid"},
        dict.fromkeys(CALLERS, ONLY_SIGMOID),
    ),
    "two callees": (
        {"sigmoid": OTHER_SIGN, "predict_probability": NO_SIGMOID},
        {"sigmoid", "predict_probability"},
        {"predict": "with a right `predict_probability`"},
    ),
    "two callees, one of which calls the other": (
        {"sigmoid": OTHER_SIGN, "predict_probability": NO_SIGMOID + "+ 0 * sigmoid(0)"},
        {"sigmoid", "predict_probability"},
        {"predict": "with a right `sigmoid` and `predict_probability`, which it calls, it is right"},
    ),
    "a caller that is wrong itself": (
        {"sigmoid": OTHER_SIGN, "log_likelihood_gradient": HALF_GRADIENT},
        {"sigmoid", "log_likelihood_gradient"},
        {"fit_logistic_regression": "`log_likelihood_gradient`"},
    ),
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_one_mistake_costs_once(grader, case):
    changed, failing, told = FOLLOWED[case]
    results = verdicts(grader, "03_logistic_regression", {**SOLVED, **changed})
    assert {name for name, result in results.items() if result["status"] != "passed"} == failing
    for name, words in told.items():
        assert words in results[name]["message"]
        assert results[name]["score"] == results[name]["max_score"]
    assert "`" not in results["accuracy"]["message"]


def test_a_mistake_of_the_callers_own_is_named_when_its_callee_is_right(grader):
    answers = {**SOLVED, "sigmoid": OTHER_SIGN, "log_likelihood_gradient": HALF_GRADIENT}
    result = verdicts(grader, "03_logistic_regression", answers)["log_likelihood_gradient"]
    alone = verdicts(grader, "03_logistic_regression", {**answers, "sigmoid": SOLVED["sigmoid"]})
    assert result["misconception"] == alone["log_likelihood_gradient"]["misconception"] is not None
    assert "With a right `sigmoid`, which it calls, this is what remains." in result["message"]


def test_without_following_through_callers_fail_with_their_callee(grader):
    answers = {**SOLVED, "sigmoid": OTHER_SIGN}
    results = verdicts(grader, "03_logistic_regression", answers, follow_through=False)
    assert {name for name, result in results.items() if result["status"] != "passed"} == {"sigmoid", *CALLERS}


@pytest.mark.parametrize("later", ["stable_l2_norm", "frobenius_norm"])
def test_a_later_exercise_is_not_put_in_place_for_an_earlier_one(grader, later):
    answers = {"l2_norm": f"def l2_norm(x):\n    return {later}(x)", later: f"{later} = None"}
    results = verdicts(grader, "01_norms", answers)
    assert {results[name]["score"] for name in answers} == {0.0}
    assert "right `" not in results["l2_norm"]["message"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_failing_on_purpose_gains_nothing(lesson):
    """No exercise passes with the right function of an earlier one, which a wrong one would bring in."""
    names = LESSONS[lesson]
    gained = [
        (earlier, later)
        for i, later in enumerate(names)
        for earlier in names[:i]
        if not EXERCISES[later].takes_long
        and EXERCISES[later].evaluate(EXERCISES[earlier].reference, SEED).passed
    ]
    assert gained == []


def test_an_alias_of_a_function_that_fails_on_purpose_has_no_points(grader):
    answers = {"l2_norm": "def l2_norm(x):\n    raise ValueError('on purpose')"}
    for name in LESSONS["01_norms"][2:]:
        answers[name] = f"def {name}(*args):\n    return l2_norm(*args)"
    results = verdicts(grader, "01_norms", answers)
    assert {name for name, result in results.items() if result["score"]} == set()


# -- what one submission may not do to another -----------------------------------------------------

WITH_A_FUNCTION = """\
from helpers.gradient_norms import gradient_descent


def fit_logistic_regression(X, y, learning_rate, n_steps):
    X, y = np.asarray(X, float), np.asarray(y, float)
    start = np.zeros(X.shape[1])

    def slope(w):
        return -log_likelihood_gradient(w, X, y)

    return gradient_descent(slope, start, learning_rate, n_steps, tol=-1.0)
"""


def test_a_function_that_a_reference_calls_is_called_each_time(grader):
    """Neither an earlier submission's answers, nor earlier ones of its own, stand for it."""
    lesson = "03_logistic_regression"
    notebook = json.loads(json.dumps(perfect(lesson)))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "fit_logistic_regression":
            cell["source"] = WITH_A_FUNCTION
    poison = (
        "from helpers.gradient_norms import gradient_descent\n"
        "for n in range(1, 9):\n"
        "    for k in range(40):\n"
        "        gradient_descent(lambda w: np.ones_like(w), np.zeros(n), 0.1, 1, tol=-1.0)\n"
        "calls = []\n"
        "gradient_descent(lambda w: calls.append(1) or w, [1.0], 0.0, 5, tol=-1.0)\n"
        "def count_words(*args):\n"
        "    raise ValueError(len(calls))\n"
    )
    counted = verdicts(grader, lesson, {}, [poison])["count_words"]["message"]
    assert "ValueError: 5" in counted
    for seed in (SEED, SEED + 1):
        result = grade(grader, lesson, notebook, seed).result
        assert result["score"] == result["max_score"], result["exercises"]["fit_logistic_regression"]


@pytest.mark.parametrize("rng", ["rng", "rng=rng"])
def test_a_generator_goes_on_after_a_call_that_is_answered_for(grader, rng):
    source = (
        "def has_exploded(*args):\n"
        "    rng = np.random.default_rng(0)\n"
        f"    first, second, third = (adding_problem(2, 3, {rng})[0] for i in range(3))\n"
        "    raise ValueError([bool(np.all(first == second)), bool(np.all(second == third))])"
    )
    results = verdicts(grader, "07_training_health", {"has_exploded": source})
    assert "ValueError: [False, False]" in results["has_exploded"]["message"]


def test_results_that_would_fill_the_memory_are_refused(grader):
    for value in ("[0.5] * 300_000", "np.zeros(1 << 19)"):
        answers = {name: f"def {name}(*args):\n    return {value}" for name in LESSONS["06_clipping"]}
        results = verdicts(grader, "06_clipping", answers, follow_through=False)
        assert {result["status"] for result in results.values()} == {"failed"}
        assert "HugeResult" in results["clip_by_value"]["message"]


# -- cells that take long, and modules of one's own ------------------------------------------------


def test_slow_cells_leave_time_for_the_functions(grader, monkeypatch):
    """They are stopped when all together have taken long; what is quick still runs."""
    monkeypatch.setattr("autograder.grading.grader._SECONDS_TOGETHER", 2)
    monkeypatch.setattr("autograder.grading.grader._SECONDS_AGAIN", 1)
    hanging = {"l1_norm": "def l1_norm(x):\n    while True:\n        pass"}
    notebook = json.loads(json.dumps(perfect("01_norms")))
    slow = [code_cell("import time\ntime.sleep(6)", id=f"slow-{i}") for i in range(3)]
    notebook["cells"] = slow + notebook["cells"]
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") in hanging:
            cell["source"] = hanging["l1_norm"]
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert results.pop("l1_norm")["status"] == "failed"
    assert {result["status"] for result in results.values()} == {"passed"}


def test_a_module_that_the_notebook_writes_can_be_imported(grader):
    module = f"%%writefile my_norms.py\nimport numpy as np\n{RIGHT_L1}"
    answers = {"l1_norm": "from my_norms import l1_norm"}
    notebook = handed_in("01_norms", answers)
    notebook["cells"].insert(0, code_cell(module))
    results = grade(grader, "01_norms", notebook).result["exercises"]
    assert results["l1_norm"]["status"] == "passed", results["l1_norm"]["message"]
