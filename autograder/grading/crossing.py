"""How a call, and what came of it, cross between the grader and the process that runs a submission.

Plain data crosses as it is (see `wire`). Functions that both sides know cross by name, other functions
as handles that call back, random generators as their state, and of anything else only what it is.
"""

import collections
import re
import types

import numpy as np

from helpers import functions
from helpers.calling import KNOWN_ERRORS, Call

_LONGEST_TEXT = 2_000
_LARGEST_TEXTS = 1 << 16  # bytes of an array of texts


# -- arguments ----------------------------------------------------------------------------------


class Handle:
    """A function that stays where it is; calls of it travel back.

    Attributes
    ----------
    number : int
        Known to the process that has the function.
    """

    def __init__(self, number):
        self.number = number


def packing(handles=None):
    """Function for `wire.encode` that packs arguments; functions are noted in the dict `handles`."""

    def special(value):
        kind = type(value)
        if kind is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return "generator", value.bit_generator.state
        if kind is types.FunctionType and vars(functions).get(value.__name__) is value:
            return "function", value.__name__
        if kind is Handle:
            return "handle", value.number
        if handles is not None and callable(value):
            handles[len(handles)] = value
            return "handle", len(handles) - 1
        return of_result(value)

    return special


def unpacking(call_back=Handle):
    """Function for `wire.decode` that unpacks arguments; ``call_back(number)`` stands for a handle."""

    def special(tag, plain):
        if tag == "generator":
            generator = np.random.default_rng(0)
            generator.bit_generator.state = plain
            return generator
        if tag == "function" and isinstance(vars(functions).get(plain), types.FunctionType):
            return vars(functions)[plain]
        if tag == "handle" and type(plain) is int:
            return call_back(plain)
        return result_of(tag, plain)

    return special


# -- results ------------------------------------------------------------------------------------

_EXAMPLES = {
    types.GeneratorType: (item for item in ()),
    map: map(int, ()),
    filter: filter(None, ()),
    zip: zip(()),
    range: range(0),
    types.FunctionType: unpacking,
    types.BuiltinFunctionType: len,
    types.MethodType: Handle(0).__init__,
}
_EXAMPLES_BY_NAME = {kind.__name__: example for kind, example in _EXAMPLES.items()}


def of_result(value):
    """Tag and plain data for a result that is no plain data: at least what it is."""
    kind = type(value)
    if kind in (collections.OrderedDict, collections.defaultdict):
        return "dict", dict(value)
    if kind is np.str_:
        return "text", str(value)
    if kind is np.longdouble or (kind is np.ndarray and value.dtype.char == "g"):
        return "number", value.astype(np.float64)
    if kind is np.ndarray and value.dtype.kind == "U" and value.nbytes <= _LARGEST_TEXTS:
        return "texts", value.tolist()
    if kind is np.ndarray:
        return "dtype", "object" if value.dtype.hasobject else "U1" if value.dtype.kind in "US" else "V1"
    if kind is type:
        name = "exception" if issubclass(value, BaseException) else "type"
    else:
        name = "exception" if issubclass(kind, BaseException) else kind.__name__
    return "kind", [str(name), issubclass(kind, np.ndarray)]


def result_of(tag, plain):
    """Something of the kind that a tag tells of; nothing of the submission's is in it."""
    if tag == "dict" and type(plain) is dict:
        return plain
    if tag == "text" and type(plain) is str:
        return np.str_(plain)
    if tag == "number" and isinstance(plain, (np.float64, np.ndarray)):
        return plain
    if tag == "texts":
        return _texts(plain)
    if tag == "dtype" and plain in ("object", "U1", "V1"):
        return np.empty(0, dtype=plain)
    if tag == "kind":
        name, is_array = plain
        return _of_kind(name, is_array is True)
    raise ValueError(tag)


def _texts(plain):
    """Array of texts, each of which takes as much memory as the longest one."""
    flat, todo = [], [plain]
    while todo:
        part = todo.pop()
        if type(part) is list:
            todo += part
        else:
            flat.append(part)
    if not all(type(text) is str for text in flat):
        raise ValueError("not an array of texts")
    if 4 * len(flat) * max(map(len, flat), default=0) > _LARGEST_TEXTS:
        raise ValueError("too many texts, or too long ones")
    return np.array(plain, dtype=str)


def _of_kind(name, is_array):
    if name in _EXAMPLES_BY_NAME:
        return _EXAMPLES_BY_NAME[name]
    if name == "exception":
        return Exception()
    if name == "coroutine":
        coroutine = _nothing()
        coroutine.close()
        return coroutine
    name = name if type(name) is str and re.fullmatch(r"[A-Za-z]\w{0,39}", name) else "object"
    return np.empty(0).view(type(name, (np.ndarray,), {})) if is_array else type(name, (), {})()


async def _nothing():
    pass


# -- what a call did ----------------------------------------------------------------------------


def of_call(record):
    """Plain data of a `Call`."""
    return {
        "value": record.value,
        "error": [kind.__name__ for kind in type.mro(record.error)] if record.error else None,
        "error_text": record.error_text[:_LONGEST_TEXT],
        "where": record.where[:_LONGEST_TEXT],
        "excerpt": [[number, text[:_LONGEST_TEXT], here] for number, text, here in record.excerpt],
        "deliberate": record.deliberate,
        "warned": [[kind.__name__, text[:_LONGEST_TEXT]] for kind, text in record.warned[:5]],
        "printed": record.printed[:_LONGEST_TEXT],
        "changed": record.changed,
        "aliased": record.aliased,
        "forbidden": record.forbidden,
    }


def call_of(plain, forbidden=()):
    """The `Call` that plain data from a submission's process tell of.

    Raises
    ------
    ValueError
        If they tell of none.
    """
    names = {
        "value",
        "error",
        "error_text",
        "where",
        "excerpt",
        "deliberate",
        "warned",
        "printed",
        "changed",
        "aliased",
        "forbidden",
    }
    if type(plain) is not dict or plain.keys() != names:
        raise ValueError("not the record of a call")
    texts = [plain["error_text"], plain["where"], plain["printed"], plain["forbidden"]]
    flags = [plain["deliberate"], plain["changed"], plain["aliased"]]
    texts += [text for pair in _list(plain["warned"]) for text in _list(pair)]
    texts += _list(plain["error"]) if plain["error"] is not None else []
    if any(type(text) is not str for text in texts) or any(type(flag) is not bool for flag in flags):
        raise ValueError("not the record of a call")
    return Call(
        value=plain["value"],
        error=error_named(plain["error"]) if plain["error"] is not None else None,
        error_text=printable(plain["error_text"]),
        where=printable(plain["where"]),
        excerpt=_excerpt_of(plain["excerpt"]),
        deliberate=plain["deliberate"],
        warned=tuple((Warning, printable("".join(pair[1:]))) for pair in plain["warned"][:5]),
        printed=printable(plain["printed"]),
        changed=plain["changed"],
        aliased=plain["aliased"],
        forbidden=plain["forbidden"] if plain["forbidden"] in forbidden else "",
    )


def _excerpt_of(lines):
    """The learner's lines around an error, if that is what they are."""
    kinds = [int, str, bool]
    if any([type(part) for part in _list(line)] != kinds for line in _list(lines)) or len(lines) > 9:
        raise ValueError("not the record of a call")
    return tuple((number, printable(text), here) for number, text, here in lines)


def _list(value):
    if type(value) is not list:
        raise ValueError("not the record of a call")
    return value


def error_named(names):
    """The first exception class among some names that both sides know."""
    return next((KNOWN_ERRORS[name] for name in names if name in KNOWN_ERRORS), Exception)


def printable(text):
    """Text without control characters, cut after 2,000 characters."""
    return "".join(c for c in text[:_LONGEST_TEXT] if c.isprintable() or c in "\n\t")
