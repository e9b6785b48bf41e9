"""How any function is checked: fair answers pass, unfair ones fail, and nothing gets out."""

import contextlib
import functools
import io
import math
import random
import signal
import sys
import threading
import time
import warnings
from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg

from helpers.checking import Case, Exercise, Misconception, Property
from helpers.comparing import same
from helpers.exercises import EXERCISES

L2 = EXERCISES["l2_norm"]
L1 = EXERCISES["l1_norm"]
NORMALIZE = EXERCISES["normalize"]
PAIRWISE = EXERCISES["pairwise_distances"]


def halve(x):
    """The exercise of these tests: half of each entry, in a dict."""
    return {"half": np.asarray(x["a"], dtype=float) / 2}


HALVE = Exercise(
    reference=halve,
    points=1,
    cases=(Case("two numbers", ({"a": np.array([2.0, 4.0])},), {"half": np.array([1.0, 2.0])}),),
    draw=lambda rng: ({"a": rng.normal(size=3).round(2)},),
    misconceptions=(Misconception(lambda x: {"half": x["a"] * 2}, "You doubled. Halve."),),
    hints=("Divide.", "By two."),
    showed="Half of it is left.",
)


# -- fair answers ---------------------------------------------------------------------------------


def floats(x):
    return [float(v) for v in x]


fair_l2_norms = {
    "a Python loop": lambda x: sum(v * v for v in floats(x)) ** 0.5,
    "math.hypot": lambda x: math.hypot(*floats(x)),
    "math.dist": lambda x: math.dist(floats(x), [0.0] * len(x)),
    "NumPy's dot": lambda x: np.sqrt(np.dot(np.asarray(x, float), np.asarray(x, float))),
    "einsum": lambda x: np.sqrt(np.einsum("i,i", np.asarray(x, float), np.asarray(x, float))),
    "hypot.reduce": lambda x: np.hypot.reduce(np.asarray(x, float)) if len(x) != 1 else abs(float(x[0])),
    "a singular value": lambda x: np.linalg.svd(np.array([x], float))[1][0] if len(x) else 0,
    "SciPy's distance": lambda x: (
        np.sqrt(scipy.linalg.blas.dnrm2(np.asarray(x, float)) ** 2) if len(x) else 0
    ),
    "a 0-d array": lambda x: np.array(math.hypot(*floats(x))),
    "a NumPy scalar": lambda x: np.float64(math.hypot(*floats(x))),
    "a long double": lambda x: np.longdouble(math.hypot(*floats(x))),
    "reduce": lambda x: math.sqrt(functools.reduce(lambda s, v: s + float(v) ** 2, x, 0)),
    "a partial function": functools.partial(lambda p, x: sum(abs(v) ** p for v in floats(x)) ** (1 / p), 2),
    "a bound method": type("Norm", (), {"of": lambda self, x: math.hypot(*floats(x))})().of,
}


@pytest.mark.parametrize("function", fair_l2_norms.values(), ids=fair_l2_norms)
def test_a_differently_written_right_answer_passes(function):
    outcome = L2.evaluate(function)
    assert outcome.passed, outcome.message


def test_a_local_variable_may_be_called_norm():
    def l2_norm(x):
        """Not `np.linalg.norm`."""
        norm = np.sum(np.asarray(x, float) ** 2)
        norm **= 0.5
        return norm

    assert L2.evaluate(l2_norm).passed


def test_lists_pass_for_arrays():
    def normalize(x):
        length = math.hypot(*floats(x))
        return [v / length if length else 0.0 for v in floats(x)]

    assert NORMALIZE.evaluate(normalize).passed


def test_printing_and_warning_cost_nothing_where_the_contract_is_silent(capfd):
    def l1_norm(x):
        print("debugging")
        print("more", file=sys.stderr)
        warnings.warn("look out", stacklevel=1)
        return np.sum(np.abs(np.asarray(x, float)))

    outcome = L1.evaluate(l1_norm)
    assert outcome.passed
    assert any("look out" in note for note in outcome.notes)
    assert capfd.readouterr() == ("", "")


def test_a_function_defined_by_exec_passes():
    namespace = {}
    exec("def l1_norm(x):\n    return float(sum(abs(float(v)) for v in x))", namespace)
    assert L1.evaluate(namespace["l1_norm"]).passed


# -- forbidden calls ------------------------------------------------------------------------------

library_norm = np.linalg.norm


def own_helper(x):
    return library_norm(np.asarray(x, dtype=float))


forbidden = {
    "np.linalg.norm": lambda x: np.linalg.norm(np.asarray(x, float)),
    "under another name": lambda x: library_norm(np.asarray(x, float)),
    "through getattr": lambda x: getattr(np.linalg, "no" + "rm")(np.asarray(x, float)),
    "in a helper": own_helper,
    "vector_norm": lambda x: np.linalg.vector_norm(np.asarray(x, float)),
    "SciPy's": lambda x: scipy.linalg.norm(np.asarray(x, float)) if len(x) else 0.0,
    "the function itself": np.linalg.norm,
    "a partial of it": functools.partial(np.linalg.norm, ord=2),
    "through apply_along_axis": lambda x: np.apply_along_axis(np.linalg.norm, 0, np.asarray(x, float)),
    "in an object with a __call__": type("Norm", (), {"__call__": lambda self, x: np.linalg.norm(x)})(),
}


@pytest.mark.parametrize("function", forbidden.values(), ids=forbidden)
def test_a_library_norm_is_refused_with_a_reason(function):
    outcome = L2.evaluate(function)
    assert outcome.status == "failed"
    assert "norm`, which is what this exercise asks you to write" in outcome.message


def test_a_library_norm_is_welcome_where_it_is_not_the_exercise():
    assert EXERCISES["frobenius_norm"].evaluate(lambda A: np.linalg.norm(np.asarray(A, float))).passed


# -- unfair answers -------------------------------------------------------------------------------


class EqualToAll(float):
    def __eq__(self, other):
        return True

    __hash__ = None


class LyingArray(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return True


def self_containing_list():
    items = []
    items.append(items)
    return items


odd_results = {
    "an object equal to everything": (EqualToAll(3), "EqualToAll"),
    "an ndarray subclass": (np.array([1.0]).view(LyingArray), "subclass of np.ndarray"),
    "np.matrix": (np.array([[1.0]]).view(np.matrix), "matrix"),
    "a masked array": (np.ma.masked_array([1.0]), "MaskedArray"),
    "an array of objects": (np.array([1, "a"], dtype=object), "dtype object"),
    "complex numbers": (3 + 4j, "complex"),
    "a generator": ((v for v in [1]), "generator"),
    "a map": (map(abs, [1]), "map"),
    "a function": (abs, "parentheses"),
    "an exception": (ValueError("no"), "`raise`"),
    "an exception class": (ValueError, "`raise`"),
    "text": ("5.0", "str"),
    "a dict": ({}, "dict"),
    "None": (None, "`return`"),
    "a ragged list": ([[1, 2], [3]], "differ in length"),
    "a huge integer": ([10**400], "float"),
    "a list in itself": (self_containing_list(), "list"),
}


@pytest.mark.parametrize(("value", "word"), odd_results.values(), ids=odd_results)
def test_an_odd_result_is_refused_in_words(value, word):
    outcome = L2.evaluate(lambda x: value)
    assert outcome.status == "failed"
    assert word in outcome.message


def test_a_column_for_a_vector_is_explained():
    outcome = NORMALIZE.evaluate(lambda x: np.asarray(x, float).reshape(-1, 1))
    assert "Expected shape" in outcome.failing.text
    assert "axis of length 1" in outcome.failing.text


def test_a_changed_argument_is_noticed():
    def normalize(x):
        x = np.asarray(x, dtype=float)
        x /= np.sqrt(np.sum(x**2)) or 1.0
        return x

    outcome = NORMALIZE.evaluate(normalize)
    assert "changed its argument" in outcome.message


def test_an_argument_that_is_stepped_and_restored_is_not_changed():
    def l1_norm(x):
        if isinstance(x, np.ndarray) and x.dtype == float:
            for i in range(x.size):
                x[i] += 1e-5
                x[i] -= 2e-5
                x[i] += 1e-5
        return np.sum(np.abs(np.asarray(x, float)))

    tolerant = Exercise(**{**vars(L1), "rtol": 1e-9, "atol": 1e-9})
    assert tolerant.evaluate(l1_norm).passed


def test_a_result_that_depends_on_the_number_of_calls_is_unfair():
    calls = []

    def l1_norm(x):
        calls.append(1)
        right = float(np.sum(np.abs(np.asarray(x, float))))
        return right if len(calls) <= len(L1.cases) + L1.n_drawn else right + 1

    assert "another result the second time" in L1.evaluate(l1_norm).message


@pytest.mark.parametrize(
    "draw", [lambda: np.random.rand(), lambda: random.random()], ids=["NumPy's", "Python's"]
)
def test_global_random_numbers_are_unfair_and_their_state_is_restored(draw):
    def l1_norm(x):
        draw()
        return np.sum(np.abs(np.asarray(x, float)))

    np.random.seed(5)
    random.seed(5)
    before = np.random.get_state()[2], random.getstate()
    assert "global random generator" in L1.evaluate(l1_norm).message
    assert before == (np.random.get_state()[2], random.getstate())


def test_a_returned_dict_must_hold_new_arrays():
    exercise = Exercise(
        **{
            **vars(HALVE),
            "reference": lambda x: {"half": x["a"] / 1},
            "cases": (Case("two numbers", ({"a": np.array([2.0, 4.0])},), {"half": np.array([2.0, 4.0])}),),
        }
    )
    outcome = exercise.evaluate(lambda x: {"half": x["a"]})
    assert "the caller's own" in outcome.message
    assert exercise.evaluate(lambda x: {"half": x["a"].copy()}).passed


def test_a_dict_with_other_keys_is_refused():
    assert "keys ['half']" in HALVE.evaluate(lambda x: {"a": x["a"] / 2}).message


loops = {
    "a double loop": lambda X, Y: np.array(
        [[math.dist(a, b) for b in np.asarray(Y, float)] for a in np.asarray(X, float)]
    ),
    "a loop over one": lambda X, Y: np.stack(
        [np.sqrt(((np.asarray(Y, float) - a) ** 2).sum(1)) for a in np.asarray(X, float)]
    ),
}


@pytest.mark.parametrize("function", loops.values(), ids=loops)
def test_a_python_loop_over_rows_is_refused_where_the_contract_says_so(function):
    assert "a Python loop runs over the rows" in PAIRWISE.evaluate(function).message


def test_a_loop_over_columns_is_no_loop_over_rows():
    def pairwise_distances(X, Y):
        X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
        squared = np.zeros((len(X), len(Y)))
        for k in range(X.shape[1]):
            squared += (X[:, k][:, None] - Y[:, k]) ** 2
        return np.sqrt(squared)

    assert PAIRWISE.evaluate(pairwise_distances).passed


# -- hostile functions ----------------------------------------------------------------------------


class Sulking(BaseException):
    def __str__(self):
        raise SystemExit("even my text is an error")


class Liar:
    @property
    def __class__(self):
        raise SystemExit

    def __array__(self):
        raise SystemExit


async def asleep():
    return 5.0


def raising(error):
    def function(x):
        raise error

    return function


def recursing(x):
    return recursing(x)


def swallowing(x):
    for _ in range(3):
        with contextlib.suppress(Exception):
            while True:
                pass


def counting(x):
    total = 0
    for i in range(10**8):
        total += i
    return total


def closing(x):
    sys.stdout.close()
    return 0


def replacing(x):
    sys.stdout = io.StringIO()
    np.seterr(all="raise")
    warnings.simplefilter("error")
    signal.alarm(0)
    return 1 / 0


hostile = {
    "SystemExit": raising(SystemExit(3)),
    "KeyboardInterrupt": raising(KeyboardInterrupt()),
    "GeneratorExit": raising(GeneratorExit()),
    "MemoryError": raising(MemoryError()),
    "an exception without a text": raising(Sulking()),
    "endless recursion": recursing,
    "a caught endless loop": swallowing,
    "a range of 1e8": counting,
    "closed stdout": closing,
    "replaced everything": replacing,
    "a megabyte of print": lambda x: print("x" * 10**6),
    "a huge whole number": lambda x: 10**5000,
    "an item replaced by an array": lambda x: x.__setitem__(0, np.ones(2)),
    "a tuple that doubles": lambda x: functools.reduce(lambda t, _: (t, t), range(40), (1.0,)),
    "a recursion limit": lambda x: sys.setrecursionlimit(200),
    "a coroutine": lambda x: asleep(),
    "a lying class": lambda x: Liar(),
}


@pytest.mark.parametrize("function", hostile.values(), ids=hostile)
def test_evaluate_neither_raises_nor_prints_nor_leaves_traces(function, capfd):
    quick = Exercise(**{**vars(L2), "seconds": 0.5})
    before = _global_state()
    start = time.monotonic()
    outcome = quick.evaluate(function)
    assert time.monotonic() - start < 20
    assert outcome.status == "failed"
    assert len(outcome.message) < 1000
    assert all(len(result.got_text) < 1000 for result in outcome.cases)
    assert _global_state() == before
    assert capfd.readouterr() == ("", "")


def _global_state():
    return (
        sys.stdout,
        sys.stderr,
        np.geterr(),
        list(warnings.filters),
        hasattr(signal, "SIGALRM") and signal.getsignal(signal.SIGALRM),
        hasattr(signal, "getitimer") and signal.getitimer(signal.ITIMER_REAL),
        sys.getrecursionlimit(),
        sys.gettrace(),
        sys.getprofile(),
    )


def test_a_slow_function_that_swallows_the_time_limit_fails_all_the_same():
    def l2_norm(x):
        with contextlib.suppress(BaseException):
            time.sleep(0.4)
        return math.hypot(*floats(x))

    assert "did not finish" in Exercise(**{**vars(L2), "seconds": 0.3}).evaluate(l2_norm).message


def test_a_long_loop_is_called_by_its_name():
    outcome = Exercise(**{**vars(L2), "seconds": 0.3}).evaluate(counting)
    assert "did not finish within 0.3 seconds" in outcome.message


@pytest.mark.parametrize("thing", [None, 3, "l2_norm", np, [abs]], ids=str)
def test_something_that_is_no_function_is_refused_in_words(thing):
    outcome = L2.evaluate(thing)
    assert outcome.status == "failed"
    assert "Expected a function" in outcome.message


def test_another_signature_is_explained():
    outcome = L2.evaluate(lambda x, y: 0)
    assert "Expected to call it as l2_norm(x), but yours takes (x, y)" in outcome.message


def test_an_error_shows_the_learners_own_line():
    def l2_norm(x):
        x = list(x)
        return totl + sum(x)  # noqa: F821

    outcome = L2.evaluate(l2_norm)
    assert "NameError: name 'totl' is not defined" in outcome.message
    assert "in line 3 of l2_norm: return totl + sum(x)" in outcome.message


def test_it_works_in_another_thread_where_there_are_no_signals():
    outcomes = []
    thread = threading.Thread(target=lambda: outcomes.append(L2.evaluate(L2.reference)))
    thread.start()
    thread.join(30)
    assert outcomes[0].passed


# -- naming ---------------------------------------------------------------------------------------


def test_a_mistake_is_named_though_another_small_one_stands_beside_it():
    def l2_norm(x):
        return (x**2).sum()  # no root, no lists, and 8-bit integers wrap around

    outcome = L2.evaluate(l2_norm)
    assert outcome.misconception.name == "forgot the root"


def test_a_second_mistake_is_pointed_at():
    def p_norm(x, p):  # goes on for p below 1, and cannot have the largest of no numbers
        x = np.abs(np.asarray(x, dtype=float))
        return x.max() if p == np.inf else np.sum(x**p) ** (1 / p)

    outcome = EXERCISES["p_norm"].evaluate(p_norm)
    assert outcome.misconception.name == "accepts p below 1"
    assert "does not explain everything: look at “the empty vector, p = inf”, too." in outcome.message
    alone = EXERCISES["p_norm"].evaluate(outcome.misconception.function)
    assert alone.message == outcome.misconception.hint


@pytest.mark.parametrize("value", [0.0, 0, 1.0, True, np.float64(0.25)], ids=repr)
@pytest.mark.parametrize("name", ["relative_error", "l2_norm", "p_norm", "accuracy", "log_likelihood"])
def test_the_same_number_each_time_is_called_that(name, value):
    outcome = EXERCISES[name].evaluate(lambda *args: value)
    assert outcome.misconception.name == "the same number each time"
    assert outcome.message == outcome.misconception.hint


def test_an_unknown_mistake_gets_the_smallest_failing_case():
    outcome = L2.evaluate(lambda x: math.hypot(*floats(x)) + 0.25)
    assert outcome.misconception is None
    numbers = [r.case.size for r in outcome.cases if not r.passed and r.case.size and not r.case.drawn]
    assert outcome.failing.case.size == min(numbers)
    assert "Expected 2.5, got 2.75" in outcome.message


def test_an_unknown_mistake_in_an_array_says_where_it_differs_first():
    def normalize(x):
        unit = NORMALIZE.reference(x)
        unit[1:] += 0.5
        return unit

    outcome = NORMALIZE.evaluate(normalize)
    assert "the first is at index [1]" in outcome.message


relations = {
    "opposite sign": lambda x: -math.hypot(*floats(x)),
    "twice": lambda x: 2 * math.hypot(*floats(x)),
    "half": lambda x: math.hypot(*floats(x)) / 2,
}


parts = {
    "first entry alone": lambda x: abs(float(x[0])) if len(x) else 0.0,
    "without its last entry": lambda x: math.hypot(*floats(x)[:-1]),
    "without its first entry": lambda x: math.hypot(*floats(x)[1:]),
}


@pytest.mark.parametrize("word", parts)
def test_a_loop_that_leaves_entries_out_is_said(word):
    assert word in L2.evaluate(parts[word]).message


def test_a_cap_for_a_power_is_said():
    assert "a power is written `**`" in L2.evaluate(lambda x: np.sqrt(np.sum(np.asarray(x) ^ 2))).message


def test_printing_in_place_of_returning_is_said():
    assert "`return` the result instead" in L2.evaluate(lambda x: print(math.hypot(*floats(x)))).message


def test_32_bit_numbers_are_said():
    outcome = L2.evaluate(lambda x: np.float32(math.hypot(*floats(x))))
    assert "32-bit floats" in outcome.message


def test_two_values_for_one_are_said():
    assert "a tuple of 2 values" in L2.evaluate(lambda x: (math.hypot(*floats(x)), 0)).message


def test_alike_errors_do_not_make_a_mistake_alike():
    """A matrix product of the wrong shapes raises as many misconceptions do, but says something else."""
    outcome = PAIRWISE.evaluate(lambda X, Y: np.asarray(X, float).T @ np.asarray(Y, float).T)
    assert outcome.misconception is None


@pytest.mark.parametrize("value", [None, np.nan, 0.0, ValueError("p")], ids=str)
def test_an_error_that_is_due_is_missed_whatever_comes_in_its_place(value):
    def p_norm(x, p):
        return value if p < 1 else EXERCISES["p_norm"].reference(x, p)

    assert EXERCISES["p_norm"].evaluate(p_norm).misconception.name == "returns nothing for p below 1"


def test_a_special_case_is_not_named_while_ordinary_ones_fail_otherwise():
    def max_norm(x):
        best = 0.0 if len(x) < 4 else 1e3
        return max([best, *(abs(float(v)) for v in x)]) if len(x) else np.max(x)

    assert EXERCISES["max_norm"].evaluate(max_norm).misconception is None


@pytest.mark.parametrize("word", relations)
def test_a_simple_relation_to_the_right_result_is_said(word):
    assert word in L2.evaluate(relations[word]).message


def test_failing_on_lists_only_is_said():
    outcome = L1.evaluate(lambda x: float(abs(x.astype(float)).sum()))
    assert "Lists are accepted, too" in outcome.message


def test_two_misconceptions_that_agree_on_every_case_are_told_apart_by_further_inputs():
    def double(x):
        return 2 * x

    def plus_seven(x):
        return x + 7 if x == 7.25 else x + 2

    exercise = Exercise(
        reference=lambda x: x,
        points=1,
        cases=(Case("two", (2.0,), 2.0),),
        draw=lambda rng: (float(rng.integers(3)) or 2.0,) if rng.random() < 0.5 else (2.0,),
        misconceptions=(
            Misconception(plus_seven, "You added. Return x."),
            Misconception(double, "You doubled. Return x."),
        ),
        hints=("a", "b"),
        showed="c",
        n_drawn=0,
    )
    outcome = exercise.evaluate(lambda x: x + x)
    assert outcome.misconception.function is double


# -- ladder: coarse before fine -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: 1 / 0, "raised"),
        (lambda x: None, "none"),
        (lambda x: "5", "type"),
        (lambda x: np.ones((2, 2)), "shape"),
        (lambda x: np.nan, "not finite"),
        (lambda x: 1e5, "value"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_the_rung_of_the_ladder_is_the_coarsest_that_applies(function, kind):
    assert L2.evaluate(function).failing.kind == kind


def test_a_missing_error_is_explained():
    outcome = EXERCISES["p_norm"].evaluate(lambda x, p: [1.0, 2.0])
    missing = [result for result in outcome.cases if result.kind == "not raised"]
    assert len(missing) == 3
    assert "Expected a ValueError, but it returned [1.0, 2.0]" in missing[0].text


def die(n, rng):
    """The exercise of the next tests: n throws of a die."""
    return rng.integers(1, 7, size=n)


def _flaw(value, n, rng):
    value = np.asarray(value, dtype=float)
    if value.shape != (n,):
        return "There are not n throws."
    if np.any(value != np.round(value)):
        return "A throw is a whole number."
    return "" if np.all((value >= 1) & (value <= 6)) else "A throw is out of range."


THROWS = Property("n whole numbers from 1 to 6", _flaw)
DIE = Exercise(
    reference=die,
    points=1,
    cases=(Case("three throws", (3, np.random.default_rng(0)), THROWS),),
    draw=lambda rng: (int(rng.integers(20, 30)), np.random.default_rng(rng.integers(1000))),
    due=THROWS,
    misconceptions=(
        Misconception(lambda n, rng: rng.uniform(1, 6, size=n), "You drew fractions."),
        Misconception(lambda n, rng: rng.integers(0, 6, size=n), "You drew from 0 to 5."),
    ),
    hints=("Draw.", "From 1 to 6."),
    showed="Chance is fair.",
)


def test_every_result_with_the_property_passes():
    assert DIE.evaluate(die).passed
    assert DIE.evaluate(lambda n, rng: [1 + int(6 * rng.random()) for _ in range(n)]).passed


def test_results_without_the_property_fail_and_are_named_by_what_is_wrong_with_them():
    fractions = DIE.evaluate(lambda n, rng: 1 + 5 * rng.random(n))
    assert fractions.misconception is DIE.misconceptions[0]
    assert DIE.evaluate(lambda n, rng: rng.permutation(n) % 6).misconception is DIE.misconceptions[1]
    few = DIE.evaluate(lambda n, rng: rng.integers(1, 7, size=n - 1))
    assert few.misconception is None
    assert few.message == "There are not n throws."


@pytest.mark.parametrize("value", [None, "text", {}, [[1], [2, 3]], object(), lambda: 0], ids=range(6))
def test_a_value_of_another_kind_does_not_have_the_property(value):
    outcome = DIE.evaluate(lambda n, rng: value)
    assert outcome.status == "failed"
    assert outcome.failing.kind in ("none", "type", "value")


def test_a_property_is_what_the_card_calls_expected():
    outcome = DIE.evaluate(lambda n, rng: rng.integers(1, 7, size=n - 1))
    assert outcome.failing.expected_text == "n whole numbers from 1 to 6"
    assert "die(3, rng)" in outcome.failing.call_text


def test_an_exercise_that_trains_is_called_once():
    calls = []

    def counted(n, rng):
        calls.append(n)
        return die(n, rng)

    trained = replace(DIE, cases=(), n_drawn=1, n_again=0, seconds=60)
    assert trained.takes_long
    assert not DIE.takes_long
    outcome = trained.evaluate(counted)
    assert outcome.passed
    assert outcome.message == "As it should be: n whole numbers from 1 to 6."
    assert len(calls) == 1


def test_an_argument_must_be_left_alone_even_where_an_exception_is_due():
    def fragile(x):
        x[0] = 7
        raise ValueError("no")

    exercise = replace(HALVE, cases=(Case("refused", (np.array([1.0]),), ValueError),), n_drawn=0)
    assert exercise.evaluate(fragile).failing.kind == "changed"


def test_arrays_and_dicts_are_shown_as_one_would_type_them():
    from helpers.comparing import show

    assert show(np.array([[[1.0], [2.5]]])) == "np.array([[[1.0], [2.5]]])"
    assert show(np.zeros((2, 2, 4))).startswith("<array of shape (2, 2, 4): 0.0, ")
    params = {"W": np.array([[1, 2], [3, 4]]), "b": np.array([5])}
    assert show(params).splitlines() == [
        "{'W': np.array([[1, 2],",
        "                [3, 4]]),",
        " 'b': np.array([5])}",
    ]
    assert show((0.5, np.array([[1, 2], [3, 4]]))).splitlines() == [
        "(0.5,",
        " np.array([[1, 2],",
        "           [3, 4]]))",
    ]


def test_a_random_result_has_to_be_the_same_for_a_generator_in_the_same_state():
    outcome = DIE.evaluate(lambda n, rng: np.random.default_rng().integers(1, 7, size=n))
    assert outcome.status == "failed"
    assert "another result the second time" in outcome.message
    assert DIE.evaluate(lambda n, rng: list(rng.integers(1, 7, size=n))).passed


def test_lists_of_pairs_are_compared_item_by_item():
    pairs = [("a", 1.0), ("b", np.array([1.0, 2.0]))]
    assert same(pairs, [["a", 1], ("b", [1, 2])], 1e-9, 0)
    assert not same(pairs, [("a", 1.0), ("b", np.array([1.0, 3.0]))], 1e-9, 0)
    assert not same(pairs, [("a", 1.0)], 1e-9, 0)


vast = {
    "empty lists": [[]] * 30_000,
    "rows of one": [[0.0]] * 10_000,
    "many rows": [[0.0] * 300] * 300,
    "rows within": [[[0.0] * 300] * 300] * 2,
    "a dict of many": dict.fromkeys(range(20_000), 0.0),
}


@pytest.mark.parametrize(
    "exercise", [NORMALIZE, PAIRWISE, EXERCISES["softmax_cross_entropy"]], ids=lambda e: e.name
)
@pytest.mark.parametrize("value", vast.values(), ids=vast)
def test_a_vast_result_is_refused_and_not_compared_with_every_known_mistake(exercise, value):
    start = time.process_time()
    outcome = exercise.evaluate(lambda *args: value)
    assert outcome.status == "failed"
    assert outcome.misconception is None
    assert time.process_time() - start < exercise.seconds
