"""Call an unknown function without letting it stop, litter or mislead the caller."""

import builtins
import contextlib
import copy
import dis
import functools
import inspect
import linecache
import math
import signal
import sys
import threading
import time
import types
import warnings
from dataclasses import dataclass

import numpy as np

from helpers.comparing import show

_PRINTED_LIMIT = 2_000  # characters of a function's own output that are kept
# NumPy's defaults, whatever the notebook has set: what a contract means by "no warning".
_DEFAULT_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
_COMPREHENSIONS = ("<listcomp>", "<genexpr>", "<setcomp>", "<dictcomp>")  # lines count from their start


class TimeLimit(BaseException):
    """Raised inside a function that ran too long; no ``except Exception`` catches it."""


class Died(BaseException):
    """Stands for the end of another process that ran the function."""


# exceptions that everybody knows, by name; all others are of one of these kinds
KNOWN_ERRORS = {
    name: kind
    for name, kind in [
        *vars(builtins).items(),
        ("AxisError", np.exceptions.AxisError),
        ("DTypePromotionError", np.exceptions.DTypePromotionError),
        ("LinAlgError", np.linalg.LinAlgError),
        ("TimeLimit", TimeLimit),
    ]
    if isinstance(kind, type) and issubclass(kind, BaseException)
}


def known_error(kind):
    """Class of exceptions that everybody knows and that one of somebody's own is made from; None for None."""
    return kind and next(known for known in type.mro(kind) if KNOWN_ERRORS.get(known.__name__) is known)


@dataclass(frozen=True, eq=False)
class Call:
    """What one call of an unknown function did.

    Attributes
    ----------
    value : object
        What it returned; None if it raised.
    error : type or None
        Class of the exception that it raised.
    error_text : str
        The exception in words.
    where : str
        "in line 3 of l2_norm: return totl", or "" where no line of the learner's own is known.
    excerpt : tuple of (int, str, bool)
        The learner's lines around that one: number in the function, text, and whether it is the one.
    deliberate : bool
        Whether the exception comes from a ``raise`` in the learner's own code.
    warned : tuple of (type, str)
        Category and message of each warning.
    printed : str
        What it wrote to stdout and stderr, cut after 2,000 characters.
    changed : bool
        Whether it changed an argument.
    aliased : bool
        Whether it returned, in a dict, an array that came as an argument.
    forbidden : str
        Dotted name of a forbidden function that it called, or "".
    """

    value: object = None
    error: type | None = None
    error_text: str = ""
    where: str = ""
    excerpt: tuple = ()
    deliberate: bool = False
    warned: tuple = ()
    printed: str = ""
    changed: bool = False
    aliased: bool = False
    forbidden: str = ""

    @property
    def raised_text(self):
        """The exception in words, with the learner's own line where there is one."""
        return f"{self.error_text}\n{self.where}".strip()


class Attempt:
    """A function under test, and every way in which a check touches it.

    The function may live elsewhere: trusted grading has an attempt of its own whose function is in
    another process.

    Parameters
    ----------
    function : callable
        Anything; whatever it does, no method raises or prints.
    """

    def __init__(self, function):
        self.function = function

    def not_callable(self):
        """What it is instead of a function, as text; "" for a function."""
        return "" if callable(self.function) else show(self.function)

    def wrong_signature(self, counts):
        """Its signature, if it cannot take that many positional arguments each time; else ""."""
        try:
            signature = inspect.signature(self.function)
        except BaseException:  # some built-in functions have none, and an object may do anything
            return ""
        try:
            for count in counts:
                signature.bind(*range(count))
        except TypeError:
            return str(signature)
        return ""

    def call(self, args, seconds, forbidden=()):
        """Call it on copies of the arguments and record what happens.

        Parameters
        ----------
        args : tuple
            Arguments; the function gets deep copies.
        seconds : float
            Time limit. It needs ``SIGALRM`` and the main thread; elsewhere (Windows) nothing ends the call.
        forbidden : tuple of str
            Dotted names of functions that must not be called, such as ``"numpy.linalg.norm"``.

        Returns
        -------
        record : Call
            Whatever it raises is recorded, `KeyboardInterrupt` and `SystemExit` included.
        """
        given = copy.deepcopy(args)
        printed = _ShortText()
        watch = _Watch(self.function, forbidden)
        value, error, error_text, deliberate, own = None, None, "", False, None
        with warnings.catch_warnings(record=True) as caught, np.errstate(**_DEFAULT_ERRORS):
            warnings.simplefilter("always")
            try:
                with (
                    contextlib.redirect_stdout(printed),
                    contextlib.redirect_stderr(printed),
                    time_limit(seconds),
                    watch,
                ):
                    value = self.function(*given)
            except BaseException as raised:  # whatever a learner's code raises is a result, not an end
                own = _own_frame(raised, self.function)
                error, error_text = type(raised), _describe(raised)
                deliberate = own is not None and own.tb_next is None and _is_raise(own)
            if type(value) is types.CoroutineType:
                value.close()  # or Python would warn that it was never awaited
        where, excerpt = _place(own)
        return Call(
            value=value,
            error=error,
            error_text=error_text,
            where=where,
            excerpt=excerpt,
            deliberate=deliberate,
            warned=tuple((w.category, str(w.message)) for w in caught),
            printed=printed.text,
            changed=not _unchanged(args, given),
            aliased=_aliased(value, given),
            forbidden=watch.found,
        )

    def calls(self, many_args, deadline, forbidden=()):
        """Yield the records of several calls, as far as they are asked for.

        Parameters
        ----------
        many_args : list of tuple
            Arguments of each call.
        deadline : float
            Of all of them together, on the clock of `time.monotonic`.
        forbidden : tuple of str
            As for `call`.
        """
        for args in many_args:
            yield self.call(args, deadline - time.monotonic(), forbidden)

    def count_lines(self, args, seconds):
        """Number of lines of the learner's own code that one call executes.

        A solution without a Python loop over the rows executes as many lines for 50 rows as for 10.
        It is infinity for a call that raises or does not come to an end.
        """
        namespace = namespace_of(self.function)
        count = 0

        def trace(frame, event, arg):
            nonlocal count
            if frame.f_globals is not namespace:
                return None
            count += event == "line"
            return trace

        previous = sys.gettrace()
        sys.settrace(trace)
        try:
            record = self.call(args, seconds)
        finally:
            sys.settrace(previous)
        return math.inf if record.error else count

    @contextlib.contextmanager
    def restored_globals(self):
        """Put back what it may change; yields a function that says whether it drew global random numbers."""
        import random  # NumPy's generators need it as well, but `import helpers` does not

        def random_state():
            name, keys, *rest = np.random.get_state()
            return name, keys.tobytes(), *rest, random.getstate()

        arrays, before = np.random.get_state(), random_state()
        depth, trace = sys.getrecursionlimit(), sys.gettrace()
        try:
            yield lambda: random_state() != before
        finally:
            np.random.set_state(arrays)
            random.setstate(before[-1])
            sys.setrecursionlimit(depth)
            sys.settrace(trace)


def attempt_at(function):
    """The function as an `Attempt`, unless it is one."""
    return function if isinstance(function, Attempt) else Attempt(function)


def call(function, args, seconds):
    """What a function does with these arguments; see `Attempt.call`."""
    return attempt_at(function).call(args, seconds)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise `TimeLimit` in the enclosed code after `seconds`, where signals allow it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    running = [True]

    def stop(signum, frame):
        if running:
            raise TimeLimit

    previous = signal.signal(signal.SIGALRM, stop)
    # It repeats, so that code which catches everything is interrupted again.
    outer = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), 0.1)
    try:
        try:
            yield
        finally:
            running.clear()
    finally:
        signal.setitimer(signal.ITIMER_REAL, *outer)
        signal.signal(signal.SIGALRM, previous)


def namespace_of(function):
    """Globals of a learner's function, also of a partial one or of an object with ``__call__``."""
    while isinstance(function, functools.partial):
        function = function.func
    if not hasattr(function, "__globals__"):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - the method itself is wanted
    return getattr(function, "__globals__", None)


class _Watch:
    """Notice whether the learner's own code calls a forbidden function, under whatever name."""

    def __init__(self, function, forbidden):
        self.found = ""
        self._names = {code: name for name in forbidden if (code := _code_of(_loaded(name))) is not None}
        self._own = namespace_of(function)

    def __enter__(self):
        if self._names:
            self._previous = sys.getprofile()
            sys.setprofile(self._profile)
        return self

    def __exit__(self, *exc_info):
        if self._names:
            sys.setprofile(self._previous)

    def _profile(self, frame, event, arg):
        if event != "call" or frame.f_code not in self._names:
            return
        caller, name = frame.f_back, self._names[frame.f_code]
        if caller.f_globals is self._own or caller.f_globals is globals():
            self.found = name
        while caller is not None and caller.f_globals is not self._own:
            caller = caller.f_back
        if caller is not None and _mentions(caller, _loaded(name)):  # np.vectorize(np.linalg.norm), say
            self.found = name


def _mentions(frame, function):
    """Whether the code of a frame names a function, by its own name or by an alias."""
    names = frame.f_code.co_names
    return function.__name__ in names or any(frame.f_globals.get(name) is function for name in names)


def _loaded(dotted):
    """The object behind a dotted name if its module has been imported, else None."""
    module, _, name = dotted.rpartition(".")
    return getattr(sys.modules.get(module), name, None)


def _code_of(function):
    return getattr(inspect.unwrap(function), "__code__", None) if function is not None else None


class _ShortText:
    """A text file that keeps the first characters and forgets the rest."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        if len(self.text) < _PRINTED_LIMIT:
            self.text = (self.text + str(text))[:_PRINTED_LIMIT]
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False


def _own_frame(raised, function):
    """Traceback entry of the last line of the learner's own code, or None."""
    namespace = namespace_of(function)
    own, trace = None, raised.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals is namespace and trace.tb_frame.f_code.co_name not in _COMPREHENSIONS:
            own = trace
        trace = trace.tb_next
    return own


def _is_raise(trace):
    """Whether a traceback entry stands at a ``raise`` (and not at a call or an operation)."""
    return dis.opname[trace.tb_frame.f_code.co_code[trace.tb_lasti]] == "RAISE_VARARGS"


def _describe(raised):
    """The exception in words."""
    try:
        text = str(raised)
    except BaseException:  # a learner's exception class may do anything in __str__
        text = ""
    return f"{type(raised).__name__}: {text}" if text else type(raised).__name__


def _place(own):
    """Where in the learner's own code an exception came from, in words and as the lines around it."""
    if own is None:
        return "", ()
    code, here = own.tb_frame.f_code, own.tb_lineno
    lines = [line.rstrip() for line in linecache.getlines(code.co_filename)]
    if not 0 < here <= len(lines) or not lines[here - 1].strip():
        return "", ()
    first = code.co_firstlineno
    numbers = [n for n in range(max(first, here - 2), here + 2) if n <= len(lines)]
    # what follows at the left margin is no longer the function
    numbers = [n for n in numbers if n <= here or lines[n - 1][:1].isspace()]
    margin = min(len(line) - len(line.lstrip()) for n in numbers if (line := lines[n - 1]).strip())
    excerpt = tuple((n - first + 1, lines[n - 1][margin:], n == here) for n in numbers)
    return f"in line {here - first + 1} of {code.co_name}: {lines[here - 1].strip()}", excerpt


def _unchanged(before, after):
    """Whether arguments are still what they were; rounding in the last digits is no change.

    Stepping an entry and restoring it, as a numerical derivative does, may leave such rounding.
    """
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        if before.shape != after.shape or before.dtype != after.dtype:
            return False
        return before.tobytes() == after.tobytes() or np.allclose(
            before, after, rtol=1e-12, atol=1e-12, equal_nan=True
        )
    if isinstance(before, dict):
        return list(before) == list(after) and all(_unchanged(before[k], after[k]) for k in before)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_unchanged, before, after))
    if isinstance(before, (bool, int, float, str)):
        return before == after or before != before
    return True  # a generator moves on when it is used; functions cannot change


def _aliased(value, args):
    """Whether a returned dict holds one of the arrays that came as arguments."""
    try:
        return _shares_memory(value, args)
    except RecursionError:  # a dict that contains itself; comparing says so
        return False


def _shares_memory(value, args):
    if type(value) in (list, tuple):
        return any(_shares_memory(item, args) for item in value if type(item) is dict)
    if type(value) is not dict:
        return False
    given = [array for arg in args for array in _arrays(arg)]
    return any(np.shares_memory(mine, array) for mine in _arrays(value) for array in given)


def _arrays(value):
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [array for item in value for array in _arrays(item)] if isinstance(value, list) else []
