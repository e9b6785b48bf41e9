"""The grader says what a learner's own check says, and nothing of what it keeps back."""

import json
import re

import known_mistakes
import numpy as np
import pytest
from answers import ANSWERS
from grading import SEED, defined, grade, grader, handed_in, lesson_of, verdicts
from submissions import perfect

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
