"""Records of exercises: what references and misconceptions do, in the place of what they are."""

import inspect
import itertools
import lzma
from dataclasses import fields

from autograder.bundled.recorded import Verdict, to_plain
from autograder.grading import wire
from helpers.calling import call
from helpers.checking import Exercise
from helpers.exercises import training_health
from helpers.naming import PARTS, part_of_args, same_call
from helpers.outcomes import Property

_FURTHER = 40  # random inputs among which to look for some that tell misconceptions apart
_EACH_PAIR = 2  # of them, where there are so many, for each pair of misconceptions
_SECONDS = 300  # no misconception runs for ever, and a busy machine must not change a record
_ROWS = (10, 60)  # what a check asks `rows` for
_NOT_PLAIN = {"reference", "cases", "draw", "misconceptions", "atol", "rows"}


def record_of(exercise):
    """Record of an exercise, from which `exercise_of` makes one that checks alike.

    Parameters
    ----------
    exercise : Exercise

    Returns
    -------
    record : bytes
        Compressed; the same for the same exercise.
    """
    return lzma.compress(wire.encode(_plain_record(exercise), _to_plain), preset=9 | lzma.PRESET_EXTREME)


def _plain_record(exercise):
    cases = [*exercise.cases, *exercise.drawn_cases(0)]
    further = _further(exercise)
    inputs = [*(case.args for case in cases), *further]
    expected = [case.expected for case in cases] + [None] * len(further)
    parts = [part_of_args(case.args, cut) for case in cases if case.drawn for _, cut in PARTS]
    parts = [args for args in parts if args is not None]
    calls = _Calls()
    return {
        "name": exercise.name,
        "parameters": _parameters(exercise.reference),
        "fields": {f.name: getattr(exercise, f.name) for f in fields(Exercise) if f.name not in _NOT_PLAIN},
        "atol": [exercise.atol(*args) for args in inputs] if callable(exercise.atol) else exercise.atol,
        "rows": exercise.rows and {n: exercise.rows(n) for n in _ROWS},
        "inputs": inputs,
        "cases": [[case.description, case.expected, case.drawn] for case in cases],
        "misconceptions": [
            [m.function.__name__, m.hint, calls.numbers(m.function, inputs, expected)]
            for m in exercise.misconceptions
        ],
        "parts": parts,
        "reference": calls.numbers(exercise.reference, parts, [None] * len(parts)),
        "calls": calls.unique,
    }


def _parameters(function):
    """Name, kind and default of each parameter of a function."""
    return [
        [p.name, int(p.kind), {} if p.default is p.empty else {"default": p.default}]
        for p in inspect.signature(function).parameters.values()
    ]


def _further(exercise):
    """Random arguments that tell misconceptions apart: the first few for each pair of them."""
    if exercise.due:  # no two networks are trained alike; how they go wrong is in the cases
        return []
    pool = list(itertools.islice(exercise.further_args(0, 2), _FURTHER))
    known = [[call(m.function, args, _SECONDS) for args in pool] for m in exercise.misconceptions]
    needed = set()
    for first, second in itertools.combinations(known, 2):
        apart = (
            i
            for i, args in enumerate(pool)
            if not same_call(first[i], second[i], exercise.rtol, exercise.tolerance(args))
        )
        needed.update(itertools.islice(apart, _EACH_PAIR))
    return [pool[i] for i in sorted(needed)]


class _Calls:
    """Calls of an exercise's functions, each kept once."""

    def __init__(self):
        self.unique = []
        self._numbers = {}

    def numbers(self, function, inputs, expected):
        """Where in `unique` is what a function does with each of these arguments."""
        return [
            self._number(_plain_call(call(function, args, _SECONDS), args, due))
            for args, due in zip(inputs, expected, strict=True)
        ]

    def _number(self, record):
        number = self._numbers.setdefault(wire.encode(record, to_plain), len(self.unique))
        if number == len(self.unique):
            self.unique.append(record)
        return number


def _plain_call(record, args, expected):
    """What of a call decides how it is judged and named."""
    value = record.value
    if isinstance(expected, Property) and not record.error:
        value = Verdict(expected.difference(value, args))
    rest = {
        "error": record.error,
        "error_text": "" if record.deliberate else record.error_text.partition("\n")[0],
        "deliberate": record.deliberate,
        "warned": tuple((Warning, text) for _, text in record.warned[:1]),
        "changed": record.changed,
        "aliased": record.aliased,
        "forbidden": record.forbidden,
    }
    return {"value": value} | {name: part for name, part in rest.items() if part}


def _to_plain(value):
    if value is training_health.TRAINED:
        (case,) = training_health.TRAIN_ADDING_RNN.drawn_cases(0)
        return "trained", training_health.exam(*case.args)
    return to_plain(value)
