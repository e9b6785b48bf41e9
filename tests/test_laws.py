"""Laws that hold for every exercise of the course."""

import doctest
import importlib
import inspect
import re

import numpy as np
import pytest

from helpers import exercises
from helpers.calling import call
from helpers.exercises import EXERCISES, LESSONS

SEEDS = (0, 1, 2026)
every_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
every_misconception = pytest.mark.parametrize(
    ("exercise", "misconception"),
    [
        pytest.param(exercise, misconception, id=f"{name}-{misconception.name.replace(' ', '_')}")
        for name, exercise in EXERCISES.items()
        for misconception in exercise.misconceptions
    ],
)


@every_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_passes_its_literal_and_its_random_cases(exercise, seed):
    outcome = exercise.evaluate(exercise.reference, seed)
    assert outcome.passed, outcome.message
    assert not outcome.notes
    assert len(outcome.cases) == len(exercise.cases) + exercise.n_drawn


@every_exercise
def test_the_starter_counts_as_not_attempted(exercise):
    def stub(*args):
        raise NotImplementedError()

    outcome = exercise.evaluate(stub)
    assert outcome.status == "not attempted"
    assert outcome.misconception is None


@every_misconception
@pytest.mark.parametrize("seed", SEEDS)
def test_a_misconception_fails_and_is_named(exercise, misconception, seed):
    outcome = exercise.evaluate(misconception.function, seed)
    assert outcome.status == "failed"
    assert outcome.misconception is misconception
    assert outcome.message == misconception.hint
    assert not outcome.failing.passed


@every_exercise
def test_an_exercise_knows_at_least_four_mistakes_each_with_its_own_hint(exercise):
    hints = [misconception.hint for misconception in exercise.misconceptions]
    names = [misconception.name for misconception in exercise.misconceptions]
    assert len(hints) >= 4
    assert len(set(hints)) == len(hints)
    assert len(set(names)) == len(names)


@every_exercise
def test_hints_are_two_or_three_sentences_of_help_and_not_the_answer(exercise):
    assert 2 <= len(exercise.hints) <= 3
    last_lines = inspect.getsource(exercise.reference).rstrip().splitlines()[-1:]
    for line in last_lines:
        assert not any(line.strip() in hint for hint in exercise.hints)


@every_exercise
def test_what_an_exercise_showed_is_one_short_sentence_and_not_the_answer(exercise):
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s|$)", exercise.showed)]
    assert ends == [len(exercise.showed)]
    assert exercise.showed.endswith(".")
    assert len(exercise.showed) <= 180
    code = inspect.getsource(exercise.reference).split('"""')[-1]
    lines = [line.strip() for line in code.splitlines() if len(line.strip()) > 5]  # not ")" or "else:"
    assert lines
    assert not any(line in exercise.showed for line in lines)


def test_no_two_exercises_showed_the_same():
    assert len({exercise.showed for exercise in EXERCISES.values()}) == len(EXERCISES)


@every_exercise
def test_literal_cases_are_written_out_and_described(exercise):
    descriptions = [case.description for case in exercise.cases]
    assert len(set(descriptions)) == len(descriptions)
    assert len(descriptions) >= (0 if exercise.takes_long else 5)
    for case in exercise.cases:
        assert not callable(case.expected) or issubclass(case.expected, Exception)


@every_exercise
def test_random_inputs_differ_from_seed_to_seed_and_repeat_for_one(exercise):
    first, again, other = ([case.args for case in exercise.drawn_cases(s)] for s in (0, 0, 1))
    assert all(map(_equal_args, first, again))
    assert not all(map(_equal_args, first, other))


def _equal_args(a, b):
    return all(map(_equal, a, b))


def _equal(x, y):
    if isinstance(x, np.random.Generator):
        return x.bit_generator.state == y.bit_generator.state
    if isinstance(x, dict):
        return list(x) == list(y) and all(_equal(x[name], y[name]) for name in x)
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(_equal, x, y))
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return np.array_equal(x, y, equal_nan=True)
    return np.array_equal(x, y)


@every_exercise
@pytest.mark.parametrize("constant", [None, 0.0, 1.0, np.nan, "text", [], {}], ids=repr)
def test_a_constant_is_no_answer(exercise, constant):
    assert exercise.evaluate(lambda *args, n_steps=0: constant).status == "failed"


@every_exercise
def test_the_reference_changes_neither_arguments_nor_global_random_numbers(exercise):
    before = np.random.get_state()[1].copy()
    for case in exercise.cases:
        record = call(exercise.reference, case.args, 5)
        assert not record.changed
        assert not record.warned
    assert np.array_equal(before, np.random.get_state()[1])


@every_exercise
def test_a_docstring_has_shapes_units_errors_and_a_source(exercise):
    text = inspect.getdoc(exercise.reference)
    for section in ("Parameters", "Returns", "Raises", "References", "Examples"):
        assert re.search(rf"^{section}\n-+$", text, re.M), f"{section} missing"
    assert "of shape" in text or "float" in text
    assert re.search(r"units|No units", text)


@every_exercise
def test_a_docstring_names_every_argument(exercise):
    text = inspect.getdoc(exercise.reference)
    for name in inspect.signature(exercise.reference).parameters:
        assert re.search(rf"^(\w+, )*{name}(, \w+)* : ", text, re.M), name


def test_examples_in_docstrings_are_right():
    modules = {exercise.reference.__module__ for exercise in EXERCISES.values()}
    for name in modules:
        result = doctest.testmod(importlib.import_module(name))
        assert result.attempted > 0
        assert result.failed == 0


def test_each_exercise_stands_in_exactly_one_lesson():
    placed = [name for names in LESSONS.values() for name in names]
    assert sorted(placed) == sorted(EXERCISES)
    assert len(set(placed)) == len(placed)


def test_references_hold_nothing_but_numpy():
    for exercise in EXERCISES.values():
        source = inspect.getsource(inspect.getmodule(exercise.reference))
        imported = set(re.findall(r"^(?:import|from) (\w+)", source, re.M))
        assert imported <= {"numpy", "helpers", "math", "string"}


def test_check_and_progress_are_what_notebooks_import():
    import helpers

    assert helpers.check is exercises.check
    assert helpers.progress is exercises.progress
