"""Check a function against its contract, and name the mistake if it falls short.

An `Exercise` is a record: a reference function, literal cases, a generator of random ones, and known
wrong answers. `Exercise.evaluate` runs any function through them and returns an `Outcome`.
"""

import functools
import inspect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from helpers.calling import Died, TimeLimit, attempt_at, call
from helpers.comparing import Difference, difference, same, show
from helpers.naming import explain
from helpers.outcomes import (
    Case,
    CaseResult,
    CheckFailed,
    Misconception,
    NotAttempted,
    Outcome,
    Property,
)

__all__ = [
    "Case",
    "CaseResult",
    "CheckFailed",
    "Exercise",
    "Misconception",
    "NotAttempted",
    "Outcome",
    "Property",
]

_LONG = 10  # seconds; whoever may wait longer is shown that something happens
_MORE_DRAWS = 200  # at most, to tell misconceptions apart


@dataclass(frozen=True, eq=False)
class Exercise:
    """A function to write, and all that checking an attempt at it needs.

    Attributes
    ----------
    reference : callable
        The solution; the exercise's name is its name.
    points : int
    cases : tuple of Case
        Visible cases; what they expect is written out, so that it judges the reference, too.
    draw : callable
        ``draw(rng)`` returns random valid arguments as a tuple.
    misconceptions : tuple of Misconception
    hints : tuple of str
        From the idea to the formula to the shape of the code; never the answer.
    showed : str
        One sentence on what the exercise showed, for those who have passed it.
    rtol : float
        Relative tolerance.
    atol : float or callable
        Absolute tolerance, or a function of the arguments that returns it.
    forbidden : tuple of str
        Dotted names that the function must not call.
    warnings_fail : bool
        Whether the contract says "no warning"; otherwise a warning is a note.
    rows : callable or None
        ``rows(n)`` returns arguments with `n` rows, for a contract that rules out a Python loop
        over the rows.
    due : Property or None
        What is due in the random cases, where it is not the reference's own result.
    n_drawn : int
        Number of random cases in one evaluation.
    n_again : int
        Number of cases that are run a second time, to see that they come out as before.
    seconds : float
        Time limit of one evaluation. Without ``SIGALRM`` it is noticed only once a call returns.
    """

    reference: Callable
    points: int
    cases: tuple[Case, ...]
    draw: Callable[[np.random.Generator], tuple]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    showed: str
    rtol: float = 1e-9
    atol: float | Callable = 1e-12
    forbidden: tuple[str, ...] = ()
    warnings_fail: bool = False
    rows: Callable[[int], tuple] | None = None
    due: Property | None = None
    n_drawn: int = 20
    n_again: int = 3
    seconds: float = 5.0

    @property
    def name(self):
        """Name of the function to write."""
        return self.reference.__name__

    @property
    def takes_long(self):
        """Whether an evaluation may take so long that a learner should see it go on."""
        return self.seconds > _LONG

    def evaluate(self, function, seed=0, keep_back=False):
        """Run a function through the literal cases and through random ones.

        Parameters
        ----------
        function : callable or Attempt
            The attempt. Whatever it does, this method neither raises nor prints.
        seed : int
            Seed of the random cases.
        keep_back : bool
            Whether the outcome's texts keep back the random inputs, what is due there, and whatever the
            function said after it had seen one.

        Returns
        -------
        outcome : Outcome
        """
        attempt = attempt_at(function)
        problem = self._misfit(attempt)
        if problem:
            return Outcome(self.name, "failed", problem)
        with attempt.restored_globals() as moved_global_random:
            results, notes = self._run(attempt, [*self.cases, *self.drawn_cases(seed)], keep_back)
            if all(result.passed for result in results):
                return self._beyond_values(attempt, results, notes, moved_global_random(), keep_back)
            if results[0].call.error is NotImplementedError:
                message = "Replace `raise NotImplementedError()` with your own code."
                return Outcome(self.name, "not attempted", message, cases=results)
            misconception, failing, message = explain(self, attempt, results, seed)
        return Outcome(self.name, "failed", message, misconception, results, failing, notes)

    @functools.lru_cache(maxsize=4)  # noqa: B019 - exercises live as long as the program
    def drawn_cases(self, seed):
        """Random cases; what they expect comes from the reference."""
        rng = np.random.default_rng(seed)
        drawn = [self.draw(rng) for _ in range(self.n_drawn)]
        return tuple(
            Case(
                f"random input {i}",
                args,
                self.due or call(self.reference, args, self.seconds).value,
                drawn=True,
            )
            for i, args in enumerate(drawn, 1)
        )

    def further_args(self, seed, n_tied):
        """Random arguments by which to tell so many misconceptions apart, one after the other."""
        rng = np.random.default_rng([seed, n_tied])
        return (self.draw(rng) for _ in range(_MORE_DRAWS))

    def judge(self, case, record, keep_back=False):
        """Result of one case: the ladder, coarse before fine.

        Parameters
        ----------
        case : Case
        record : Call
        keep_back : bool
            Whether its texts keep back the inputs, what is due, and what the function said.

        Returns
        -------
        result : CaseResult
        """
        found = self._ladder(case, record)
        if found is None:
            return CaseResult(case, record, "", "", self.name)
        public = _public(found, case) if keep_back else ""
        return CaseResult(case, record, found.kind, found.text, self.name, public)

    def tolerance(self, args):
        """Absolute tolerance for these arguments."""
        return self.atol(*args) if callable(self.atol) else self.atol

    def _ladder(self, case, record):
        expected = case.expected
        if record.error in (TimeLimit, Died):
            return self._no_end(record)
        if inspect.isclass(expected) and issubclass(expected, BaseException):
            return self._ladder_exception(expected, record) or _changed(record)
        if record.error:
            return Difference("raised", f"It raised {record.raised_text}")
        if record.forbidden:
            return Difference(
                "forbidden",
                f"It calls `{record.forbidden}`, which is what this exercise asks you to write: "
                "compute the number from its definition instead.",
            )
        if changed := _changed(record):
            return changed
        if record.aliased:
            return Difference("alias", "A returned array is the caller's own, not a new one: return a copy.")
        if record.value is None and record.printed:
            return Difference("none", "It printed something and returned None: `return` the result instead.")
        if isinstance(expected, Property):
            found = expected.difference(record.value, case.args)
        else:
            found = difference(record.value, expected, self.rtol, self.tolerance(case.args))
        if found is None and record.warned and self.warnings_fail:
            return Difference(
                "warning",
                f"The value is right, but NumPy warned: {record.warned[0][1]}. "
                "The contract says: no warning.",
            )
        return found

    def _no_end(self, record):
        if record.error is Died:
            return Difference("died", f"It did not come to an end: {record.error_text}.")
        return Difference(
            "timed out",
            f"It did not finish within {self.seconds:g} seconds: does a loop never end, or does it run over "
            "far too many numbers?",
        )

    def _ladder_exception(self, expected, record):
        if record.error is None:
            return Difference(
                "not raised",
                f"Expected a {expected.__name__}, but it returned {show(record.value)}: check the "
                f"argument first and `raise {expected.__name__}(...)`.",
            )
        if not issubclass(record.error, expected):
            return Difference("raised", f"Expected a {expected.__name__}, but it raised {record.raised_text}")
        return None

    def _run(self, attempt, cases, keep_back, again=False):
        """Results of the cases, until time runs out or a starter is met, and notes on warnings."""
        results, notes = [], {}
        deadline = time.monotonic() + self.seconds
        records = attempt.calls([case.args for case in cases], deadline, self.forbidden)
        for case, record in zip(cases, records, strict=True):
            if time.monotonic() > deadline:  # also where no signal could stop it, or it was swallowed
                record = replace(record, error=TimeLimit, error_text="TimeLimit")
            silent = keep_back and (case.drawn or again)
            results.append(self.judge(case, record, silent))
            if record.warned:
                warning = "" if silent else record.warned[0][1]
                notes.setdefault(warning, f"A warning on {case.description}: {warning}".rstrip(": ") + ".")
            if record.error is TimeLimit or (len(results) == 1 and record.error is NotImplementedError):
                break
        return tuple(results), tuple(notes.values())

    def _beyond_values(self, attempt, results, notes, moved_global_random, keep_back):
        """Outcome of a function whose values are all right, if it gets them in a fair way."""
        cases = [result.case for result in results[: self.n_again]]
        again, _ = self._run(attempt, cases, keep_back, again=True)
        pairs = zip(results, again, strict=False)
        unsteady = next((second for first, second in pairs if not self._repeats(first, second)), None)
        if unsteady:
            problem = (
                "The same call gave another result the second time. Does it depend on a global "
                "variable, on a default argument that changes, or on random numbers?"
            )
        elif moved_global_random:
            problem = (
                "It draws from the global random generator, so that it changes what other code gets. "
                "Draw from a generator instead: from the argument `rng`, or, where there is none, from your "
                "own, `np.random.default_rng(0)`."
            )
        elif self.rows and self._loops_over_rows(attempt):
            problem = (
                "The values are right, but a Python loop runs over the rows. "
                "Let NumPy work on whole arrays instead."
            )
        else:
            n_drawn = len(results) - len(self.cases)
            message = f"All {len(self.cases)} cases and {n_drawn} random inputs came out right."
            if not self.cases:
                message = f"As it should be: {self.due.description}."
            return Outcome(self.name, "passed", message, cases=results, notes=notes)
        return Outcome(self.name, "failed", problem, cases=results, failing=unsteady, notes=notes)

    def _repeats(self, first, second):
        """Whether a second call came out as the first one, which was right."""
        if not second.passed or not isinstance(first.case.expected, Property):
            return second.passed
        return same(second.call.value, first.call.value, self.rtol, self.tolerance(first.case.args))

    def _loops_over_rows(self, attempt):
        few, many = 10, 60
        lines = [attempt.count_lines(self.rows(n), self.seconds) for n in (few, many)]
        return math.inf in lines or lines[1] - lines[0] >= many - few

    def _misfit(self, attempt):
        """Sentence on what keeps an attempt from being called as the cases do, or ""."""
        if instead := attempt.not_callable():
            return f"Expected a function, got {instead}."
        if theirs := attempt.wrong_signature({len(case.args) for case in self.cases}):
            wanted = inspect.signature(self.reference)
            return (
                f"Expected to call it as {self.name}{wanted}, but yours takes {theirs}: restore the "
                "first line of the starter."
            )
        return ""


def _public(found, case):
    """A difference in words that give away nothing but its kind and its place."""
    if found.kind == "value" and isinstance(case.expected, Property):
        return f"It returned something else than {case.expected.description}."
    place = f" The first difference is at {found.where}." if found.where else ""
    return _PUBLIC[found.kind] + place


_PUBLIC = {
    "timed out": "It did not finish in time: does a loop never end, or run over far too many numbers?",
    "died": "It did not come to an end: the Python process ended, or what it sent was no result.",
    "raised": "It raised an exception that is not due.",
    "not raised": "It returned something where an exception is due.",
    "forbidden": "It calls a function that this exercise asks you to write.",
    "changed": "It changed its argument in place: work on a copy, or make a new array.",
    "alias": "A returned array is the caller's own, not a new one: return a copy.",
    "none": "It returned None.",
    "type": "It returned a value of another kind than is due.",
    "shape": "Its result has another shape than is due.",
    "not finite": "Its result is NaN or infinite where a finite number is due.",
    "value": "Its result has another value than is due.",
    "warning": "The value is right, but NumPy warned. The contract says: no warning.",
}


def _changed(record):
    """Difference of a call that left its arguments changed, or None."""
    text = "It changed its argument in place: work on a copy, or make a new array."
    return Difference("changed", text) if record.changed else None
