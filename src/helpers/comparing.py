"""Compare a value that an unknown function returned with the value that is due."""

import collections
import math
import types
from dataclasses import dataclass

import numpy as np

_PLAIN_SCALARS = (bool, int, float)
_DEEPEST = 8  # lists within lists
_WRITTEN_OUT = 60  # arrays with more numbers are abbreviated
_WRITTEN_OUT_DEEP = 12  # and those with more than two axes sooner

# what the text of a difference ends with that may be one of precision
NEARLY = "That is right to about 7 digits."


@dataclass(frozen=True)
class Difference:
    """Why a value is not the expected one.

    Attributes
    ----------
    kind : {"none", "type", "shape", "not finite", "value"}
        Rung of the ladder, coarse before fine.
    text : str
        One or two sentences for the person who wrote the function.
    where : str
        Place of the first difference: "index [2]", "['w'] index [0, 1]"; "" if it is in no one place.
    """

    kind: str
    text: str
    where: str = ""


def difference(result, expected, rtol, atol):
    """First difference between a result and what was expected, or None.

    Parameters
    ----------
    result : object
        Anything at all; nothing of it is trusted, and no method of it is called before its exact
        type is known.
    expected : bool, int, float, str, ndarray, or a list, tuple or dict of these
        What is due. A list of numbers and a 1-d array are the same; a tuple may come as a list.
    rtol, atol : float
        A number passes where ``abs(result - expected) <= atol + rtol * abs(expected)``. NaN equals
        NaN, and an infinity equals only itself.

    Returns
    -------
    difference : Difference or None
        None if `result` is as good as `expected`.
    """
    if result is None or expected is None:
        missing = "It returned None: is a `return` missing?"
        return None if result is expected else Difference("none", missing)
    if isinstance(expected, str):
        return _different_text(result, expected)
    if isinstance(expected, dict):
        return _different_dict(result, expected, rtol, atol)
    if isinstance(expected, tuple) or _holds_text(expected) or _lists_and_nothing_due(result, expected):
        return _different_sequence(result, expected, rtol, atol)
    if type(result) is tuple and np.ndim(expected) == 0:
        text = f"It returned a tuple of {len(result)} values, where one number is due: return only that."
        return Difference("type", text)
    problem = _not_plain_numbers(result)
    if problem:
        return Difference("type", problem)
    return _different_numbers(_as_array(result), _as_array(expected), rtol, atol)


def same(first, second, rtol, atol):
    """Whether two values that functions returned are equal, whatever their types.

    Values that are not plain data are the same if they are of one type: two generators, say.
    """
    if _comparable(first) and _comparable(second):
        return _same_plain(first, second, rtol, atol)
    if _comparable(first) or _comparable(second):
        return False
    if type(first) is np.ndarray and type(second) is np.ndarray:
        return first.dtype == second.dtype
    return type(first) is type(second)


def _same_plain(first, second, rtol, atol):
    """Whether two values of plain data are equal; lists may hold unlike things, such as pairs."""
    if {type(first), type(second)} <= {list, tuple} and len(first) == len(second):
        return all(_same_plain(mine, theirs, rtol, atol) for mine, theirs in zip(first, second, strict=True))
    return difference(first, second, rtol, atol) is None


def show(value, limit=400):
    """Short text of a value, in the form in which a person would type it.

    Parameters
    ----------
    value : object
        Plain data is written out; of anything else only the type is named, because its own
        ``repr`` cannot be relied on.
    limit : int
        Largest number of characters; the middle is left out of longer texts.
    """
    text = _written_out(value)
    if len(text) <= limit:
        return text
    return f"{text[: limit - 40]} … {text[-30:]}"


def size(value):
    """Count of the numbers in an argument: how large it looks to a reader."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(size(item) for item in value.values()) + 1
    if isinstance(value, (list, tuple)):
        return sum(size(item) for item in value)
    return 1


def _comparable(value, depth=0):
    """Whether a value is plain data: numbers, text, and lists, tuples and dicts of these."""
    if type(value) is dict:
        value = list(value.values())
    if type(value) in (list, tuple):
        return depth < _DEEPEST and all(_comparable(item, depth + 1) for item in value)
    return value is None or type(value) is str or not _not_plain_numbers(value)


def _holds_text(expected):
    return isinstance(expected, list) and any(isinstance(item, str) for item in expected)


def _lists_and_nothing_due(result, expected):
    """Whether an empty list is due and a list came, which may hold texts."""
    return type(expected) is list and not expected and type(result) is list


def _different_text(result, expected):
    if type(result) is np.str_:
        result = str(result)
    if type(result) is not str:
        return Difference("type", f"Expected the text {expected!r}, got {_kind_of(result)}.")
    if result != expected:
        return Difference("value", f"Expected {expected!r}, got {result!r}.")
    return None


def _different_dict(result, expected, rtol, atol):
    if type(result) in (collections.OrderedDict, collections.defaultdict):
        result = dict(result)
    if type(result) is not dict:
        return Difference("type", f"Expected a dict, got {_kind_of(result)}.")
    if list(result) != list(expected):
        return Difference(
            "type", f"Expected a dict with the keys {list(expected)}, got {show(list(result))}."
        )
    for key, value in expected.items():
        inner = difference(result[key], value, rtol, atol)
        if inner:
            return Difference(inner.kind, f"[{key!r}]: {inner.text}", f"[{key!r}] {inner.where}".strip())
    return None


def _different_sequence(result, expected, rtol, atol):
    if type(result) not in (list, tuple):
        return Difference("type", f"Expected {len(expected)} values, got {_kind_of(result)}.")
    if len(result) != len(expected):
        return Difference("type", f"Expected {len(expected)} values, got {len(result)}.")
    for i, (mine, due) in enumerate(zip(result, expected, strict=True)):
        inner = difference(mine, due, rtol, atol)
        if inner:
            return Difference(inner.kind, f"[{i}]: {inner.text}", f"[{i}] {inner.where}".strip())
    return None


def _as_array(numbers):
    """Plain numbers as an array of them; whole numbers that fit no integer type become floats."""
    array = np.asarray(numbers)
    return array.astype(np.float64) if array.dtype.kind == "O" else array


def _different_numbers(result, expected, rtol, atol):
    if result.shape != expected.shape:
        return Difference("shape", _shape_text(result.shape, expected.shape))
    if result.dtype.kind in "biu" and expected.dtype.kind in "biu":
        wrong = result != expected
    else:
        mine, due = result.astype(np.float64), expected.astype(np.float64)
        with np.errstate(all="ignore"):
            near = np.abs(mine - due) <= atol + rtol * np.abs(due)
        finite = np.isfinite(due)
        wrong = ~np.where(finite, near & np.isfinite(mine), (mine == due) | (due != due) & (mine != mine))
    if not wrong.any():
        return None
    return _value_difference(result, expected, wrong)


def _value_difference(result, expected, wrong):
    lost = wrong & np.isfinite(expected) & ~np.isfinite(result)
    where = tuple(int(i) for i in np.argwhere(lost if lost.any() else wrong)[0])
    mine, due = show(result[where]), show(expected[where])
    place = f" at index {list(where)}" if where else ""
    if lost.any():
        kind, cause = "not finite", _not_finite_cause(result[where])
        text = f"Expected {due}{place}, got {mine}: {cause}"
    elif where:
        kind = "value"
        text = (
            f"{int(wrong.sum())} of {wrong.size} entries differ; the first is at index {list(where)}: "
            f"expected {due}, got {mine}."
        )
    else:
        kind, text = "value", f"Expected {due}, got {mine}."
    if kind == "value" and _is_nearly(result[where], expected[where]):
        text += f" {NEARLY}"
    return Difference(kind, text, place.removeprefix(" at "))


def _is_nearly(mine, due):
    with np.errstate(all="ignore"):
        return abs(float(mine) - float(due)) < 3e-7 * abs(float(due))


def _not_finite_cause(value):
    if np.isnan(value):
        return "something like 0 / 0, inf / inf, inf - inf or the root of a negative number."
    return "a number grew beyond the largest float (about 1.8e308), or was divided by zero."


def _shape_text(mine, due):
    if due == ():
        return f"Expected one number, got an array of shape {mine}: is a sum missing, or an `axis` too many?"
    if mine == ():
        return f"Expected an array of shape {due}, got one number."
    text = f"Expected shape {due}, got {mine}."
    if mine in ((*due, 1), (1, *due)):
        return f"{text} One axis of length 1 is too many: index it away or use `ravel()`."
    if len(due) == 2 and mine == due[::-1] and mine != due:
        return f"{text} Rows and columns are exchanged."
    return text


def _not_plain_numbers(value, depth=0):
    """Sentence on why a value is no number and no array of numbers, or None."""
    kind = type(value)
    if kind is int and abs(value) > 10**308:
        return "It returned a whole number that no float can hold."
    if kind in _PLAIN_SCALARS:
        return None
    if kind in (list, tuple):
        return _not_plain_list(value, depth)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        value = np.asarray(value)
    elif kind is not np.ndarray:
        return f"It returned {_kind_of(value)}, where a number or an array of numbers is due."
    if value.dtype.kind == "c":
        return "It returned complex numbers, where real ones are due."
    if value.dtype.kind not in "biuf":
        return f"It returned an array of dtype {value.dtype}, where numbers are due."
    return None


def _not_plain_list(items, depth):
    """Sentence on why a list, or a tuple, is no array of numbers, or None."""
    name = type(items).__name__
    if depth == _DEEPEST:
        return f"It returned a {name} that contains itself, or is nested far too deeply."
    for item in items:
        problem = _not_plain_numbers(item, depth + 1)
        if problem:
            return problem if depth else f"In the {name} that it returned, one item is wrong. {problem}"
    try:
        np.asarray(items, dtype=float)
    except ValueError:
        return f"It returned a {name} of values that differ in length, where one array is due."
    return None


def _kind_of(value):
    """What a value is, in words; nothing of the value itself is called."""
    kind = type(value)
    article = "an" if kind.__name__[:1].lower() in "aeiou" or kind is np.ndarray else "a"
    named = f"{article} {kind.__name__}"
    if kind in (types.GeneratorType, map, filter, zip, range):
        return f"{named} (turn it into a list or an array first)"
    if kind is types.CoroutineType:
        return "a coroutine (write `def`, not `async def`)"
    if issubclass(kind, BaseException) or kind is type and issubclass(value, BaseException):
        return "an exception (write `raise`, not `return`)"
    if kind in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
        return "a function (are the parentheses of a call missing?)"
    if issubclass(kind, np.ndarray) and kind is not np.ndarray:
        return f"{named}, a subclass of np.ndarray (return a plain array)"
    return named


def _written_out(value, depth=0):
    kind = type(value)
    if kind in (list, tuple, dict):
        return _written_container(value, depth)
    if kind is np.ndarray:
        return _written_array(value)
    if issubclass(kind, np.generic) and kind.__module__ == "numpy":
        return _written_out(value.item())
    if kind is float and not math.isfinite(value):
        return f"np.{value}" if value != -math.inf else "-np.inf"
    if kind is int and abs(value) > 10**308:
        return f"<an integer of {value.bit_length()} bits>"
    if value is None or kind in (*_PLAIN_SCALARS, str):
        return repr(value)
    if kind is np.random.Generator:
        return "rng"
    return value.__name__ if kind in (type, types.FunctionType) else f"<{kind.__name__}>"


def _written_container(value, depth):
    kind = type(value)
    if depth == _DEEPEST or len(value) > 1000:
        return f"<{kind.__name__} of {len(value)}>"
    if kind is dict:
        items = [_after(f"{_written_out(k)}: ", _written_out(v, depth + 1)) for k, v in value.items()]
        return "{" + _in_brackets(items) + "}"
    inner = _in_brackets([_written_out(item, depth + 1) for item in value])
    return f"[{inner}]" if kind is list else f"({inner}{',' if len(value) == 1 else ''})"


def _after(start, text):
    """A text behind a start, its further lines under its first."""
    return start + text.replace("\n", "\n" + " " * len(start))


def _in_brackets(items):
    """Items as they stand between brackets: under one another if one of them has several lines."""
    if any("\n" in item for item in items):
        return ",\n ".join(item.replace("\n", "\n ") for item in items)
    return ", ".join(items)


def _written_array(array):
    if array.size == 0:
        return f"np.zeros({array.shape})" if array.ndim > 1 else "np.array([])"
    suffix = "" if array.dtype in (np.float64, np.int64) else f", dtype=np.{array.dtype.name}"
    if array.size > (_WRITTEN_OUT if array.ndim <= 2 else _WRITTEN_OUT_DEEP):
        first = ", ".join(_written_out(number) for number in array.ravel()[:4].tolist())
        return f"<array of shape {array.shape}: {first}, …>"
    if array.ndim != 2:
        return f"np.array({_written_out(array.tolist())}{suffix})"
    rows = (",\n" + " " * len("np.array([")).join(_written_out(row) for row in array.tolist())
    return f"np.array([{rows}]{suffix})"
