"""What checking speaks of: a case, a misconception, the result of a case, the outcome of an evaluation."""

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from helpers.calling import Call
from helpers.comparing import Difference, show, size

_SPELLINGS = {
    "nan": "NaN",
    "l1": "L1",
    "l2": "L2",
    "numpy": "NumPy",
    "python": "Python",
    "frobenius": "Frobenius",
    "relu": "ReLU",
    "callers": "caller's",
    "pythons": "Python's",
}


class CheckFailed(AssertionError):
    """An exercise is not solved yet; in a notebook it shows its message and no traceback."""

    def _render_traceback_(self):
        return str(self).splitlines()


class NotAttempted(CheckFailed, NotImplementedError):
    """The starter of an exercise is still as it was released."""


@dataclass(frozen=True, eq=False)
class Case:
    """One call and what is due.

    Attributes
    ----------
    description : str
        The sentence that a failing reader sees: "the zero vector".
    args : tuple
        Arguments of the call.
    expected : object
        Value that is due, the class of the exception that is due, or a `Property`.
    drawn : bool
        Whether it is a random case.
    """

    description: str
    args: tuple
    expected: object
    drawn: bool = False

    @property
    def size(self):
        """Count of the numbers in the arguments."""
        return size(self.args)

    @property
    def has_no_numbers(self):
        """Whether the first argument, the one that exercises are about, is empty."""
        return size(self.args[0]) == 0


@dataclass(frozen=True, eq=False)
class Property:
    """What is due where more than one result is right: random numbers, or something trained.

    Attributes
    ----------
    description : str
        What a right result is like; the card shows it as expected.
    flaw : callable
        ``flaw(value, *args)`` returns a sentence on what is wrong with a value, or "". It may take the
        value apart as if it were right: what it raises then counts against the value. A misconception is
        recognised by the sentence that it shares with the attempt.
    """

    description: str
    flaw: Callable

    def difference(self, value, args):
        """Why a value does not have the property, or None."""
        if value is None:
            return Difference("none", "It returned None: is a `return` missing?")
        try:
            text = self.flaw(value, *args)
        except Exception:  # a value of another kind, which may do anything
            return Difference("type", f"It returned {show(value, 100)}. Expected {self.description}.")
        return Difference("value", text) if text else None


@dataclass(frozen=True, eq=False)
class Misconception:
    """A wrong answer that people give, as a function that gives it, and the hint that helps.

    Attributes
    ----------
    function : callable
        Takes the exercise's arguments; its name is the name of the mistake.
    hint : str
        What went wrong, ending on what to do about it.
    """

    function: Callable
    hint: str

    @property
    def name(self):
        """Name of the mistake, with spaces: "forgot the root", "loses NaN"."""
        words = self.function.__name__.strip("_").split("_")
        return " ".join(_SPELLINGS.get(word, word) for word in words)

    def __str__(self):
        return self.name


@dataclass(frozen=True, eq=False)
class CaseResult:
    """How one case went.

    Attributes
    ----------
    case : Case
    call : Call
        What the function did.
    kind : str
        "" if passed, else the rung of the ladder: "raised", "not raised", "timed out", "died",
        "forbidden", "changed", "alias", "none", "type", "shape", "not finite", "value" or "warning".
    text : str
        What is wrong, in a sentence or two.
    name : str
        Name of the exercise.
    public : str
        What may be said of it, if the input, what is due and what came are kept back; else "".
    """

    case: Case
    call: Call
    kind: str
    text: str
    name: str
    public: str = ""

    @property
    def passed(self):
        """Whether the function did what is due."""
        return not self.kind

    @property
    def kept_back(self):
        """Whether its texts give away neither the input, nor what is due, nor what came."""
        return bool(self.public)

    @property
    def said(self):
        """What a person is told is wrong, in a sentence or two."""
        return self.public or self.text

    @property
    def call_text(self):
        """The call as a person would type it; "" if it is kept back."""
        if self.kept_back:
            return ""
        args = [show(arg) for arg in self.case.args]
        if any("\n" in arg for arg in args):  # a matrix has its rows under one another
            lines = textwrap.indent(",\n".join(args), "    ")
            return f"{self.name}(\n{lines},\n)"
        return f"{self.name}({', '.join(args)})"

    @property
    def expected_text(self):
        """What is due, as text; "" if it is kept back."""
        if self.kept_back:
            return ""
        expected = self.case.expected
        if isinstance(expected, Property):
            return expected.description
        return f"raises {expected.__name__}" if inspect.isclass(expected) else show(expected)

    @property
    def got_text(self):
        """What came, as text; "" if it is kept back."""
        if self.kept_back:
            return ""
        return f"raised {self.call.error_text}" if self.call.error else show(self.call.value)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the evaluation of a function came to.

    Attributes
    ----------
    exercise : str
        Name of the exercise.
    status : {"passed", "failed", "not attempted"}
    message : str
        One to four sentences for the person who wrote the function.
    misconception : Misconception or None
        The known mistake that explains the results.
    cases : tuple of CaseResult
        The literal cases, in order, then the random ones; it ends early after a time-out.
    failing : CaseResult or None
        The smallest case that shows what is wrong.
    notes : tuple of str
        Remarks that do not decide the result.
    """

    exercise: str
    status: str
    message: str
    misconception: Misconception | None = None
    cases: tuple[CaseResult, ...] = ()
    failing: CaseResult | None = None
    notes: tuple[str, ...] = ()

    @property
    def passed(self):
        """Whether the function fulfils its contract as far as was tried."""
        return self.status == "passed"
