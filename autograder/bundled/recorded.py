"""Exercises that are played back: their cases and what their functions did, without the functions."""

import importlib
import inspect
import lzma
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autograder.grading import wire
from helpers import functions, properties
from helpers.calling import Attempt, Call
from helpers.checking import Case, Exercise, Misconception
from helpers.comparing import Difference
from helpers.outcomes import Property

_NOT_RECORDED = Call(error=LookupError, error_text="LookupError: not recorded")
_HEAD = 8  # bytes in front of a frame's header: its length and that of the arrays


@dataclass(frozen=True)
class Verdict:
    """What a property said of a value; it stands in the value's place.

    Attributes
    ----------
    difference : Difference or None
    """

    difference: Difference | None


@dataclass(frozen=True, eq=False)
class RecordedProperty(Property):
    """A property that also takes a verdict for a value."""

    def difference(self, value, args):
        """Why a value does not have the property, or None."""
        return value.difference if type(value) is Verdict else super().difference(value, args)


class Recorded(Attempt):
    """A function that is known by what it did with some arguments, and not otherwise.

    Parameters
    ----------
    name : str
    calls : dict of bytes to Call
        What it did, by the key of the arguments.
    """

    def __init__(self, name, calls):
        self.__name__ = name
        self._calls = calls

    def __call__(self, *args):
        """Value that it returned for these arguments."""
        return self.call(args, 0).value

    def call(self, args, seconds, forbidden=()):
        """What it did with these arguments; `LookupError` if that is not recorded."""
        return self._calls.get(key(args), _NOT_RECORDED)


@dataclass(frozen=True, eq=False)
class RecordedExercise(Exercise):
    """An exercise whose random cases are the recorded ones, whatever the seed.

    Attributes
    ----------
    drawn : tuple of Case
    further : tuple of tuple
        Arguments by which to tell misconceptions apart.
    """

    drawn: tuple[Case, ...] = ()
    further: tuple[tuple, ...] = ()

    def drawn_cases(self, seed):
        """Recorded random cases."""
        return self.drawn

    def further_args(self, seed, n_tied):
        """Recorded arguments by which to tell misconceptions apart."""
        return self.further


class Records(Mapping):
    """Exercises by name, each of which is read when it is first needed.

    Parameters
    ----------
    folder : importlib.resources.abc.Traversable
        It holds a file for each exercise.
    names : list of str
    """

    def __init__(self, folder, names):
        self._folder = folder
        self._exercises = dict.fromkeys(names)

    def __getitem__(self, name):
        if self._exercises[name] is None:
            compressed = self._folder.joinpath(f"{name}.xz").read_bytes()
            self._exercises[name] = exercise_of(lzma.decompress(compressed))
        return self._exercises[name]

    def __iter__(self):
        return iter(self._exercises)

    def __len__(self):
        return len(self._exercises)


def exercise_of(frame):
    """Exercise that `autograder.recording` made a record of.

    Parameters
    ----------
    frame : bytes

    Returns
    -------
    exercise : RecordedExercise
    """
    n_header = int.from_bytes(frame[:4], "little")
    record = wire.decode(frame[_HEAD : _HEAD + n_header], frame[_HEAD + n_header :], from_plain)
    calls = [Call(**call) for call in record["calls"]]
    inputs = record["inputs"]
    keys = [key(args) for args in inputs]

    def function(name, keys, numbers):
        return Recorded(name, {k: calls[n] for k, n in zip(keys, numbers, strict=True)})

    reference = function(record["name"], map(key, record["parts"]), record["reference"])
    reference.__signature__ = inspect.Signature(
        [inspect.Parameter(name, kind, **default) for name, kind, default in record["parameters"]]
    )
    atol, rows = record["atol"], record["rows"]
    cases = [
        Case(description, args, expected, drawn)
        for args, (description, expected, drawn) in zip(inputs, record["cases"], strict=False)
    ]
    if type(atol) is list:
        atol_by_key = dict(zip(keys, atol, strict=True))
    return RecordedExercise(
        reference=reference,
        draw=None,
        cases=tuple(case for case in cases if not case.drawn),
        drawn=tuple(case for case in cases if case.drawn),
        further=tuple(inputs[len(cases) :]),
        misconceptions=tuple(
            Misconception(function(name, keys, numbers), hint)
            for name, hint, numbers in record["misconceptions"]
        ),
        atol=atol if type(atol) is not list else lambda *args: atol_by_key[key(args)],
        rows=rows and rows.get,
        **record["fields"],
    )


def key(args):
    """Bytes that are the same for the same arguments."""
    return wire.encode(args, to_plain)


def to_plain(value):
    """Tag and plain data for what stands in a record and is no plain data itself, or None."""
    kind = type(value)
    if kind is np.random.Generator:
        return "generator", value.bit_generator.state
    if kind is Verdict:
        found = value.difference
        return "verdict", found and [found.kind, found.text, found.where]
    if kind is complex:
        return "complex", [value.real, value.imag]
    if kind is np.str_:
        return "text", str(value)
    if kind is np.ndarray and value.dtype.kind == "U":
        return "texts", [value.dtype.str, value.tolist()]
    if kind is type and issubclass(value, BaseException):
        return "exception", [value.__module__, value.__qualname__]
    if getattr(functions, getattr(value, "__name__", ""), None) is value:
        return "function", value.__name__
    return _property_to_plain(value) if isinstance(value, Property) else None


def _property_to_plain(value):
    names = [name for name, other in vars(properties).items() if other is value]
    return ("property", names[0]) if names else None


def from_plain(tag, plain):
    """The object for a tag."""
    return _READ[tag](plain)


def _generator(state):
    generator = np.random.default_rng()
    generator.bit_generator.state = state
    return generator


def _exception(names):
    module, name = names
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):  # another version of a library; nothing else raises it, then
        return type(name, (Exception,), {})


def _property(name):
    found = getattr(properties, name)
    return RecordedProperty(found.description, found.flaw)


def _trained(exam):
    from helpers.given import rnn_forward  # only a bundle with that exercise has it

    found = properties.trained(lambda rng: exam, rnn_forward)
    return RecordedProperty(found.description, found.flaw)


_READ = {
    "complex": lambda parts: complex(*parts),
    "exception": _exception,
    "function": functions.__dict__.__getitem__,
    "generator": _generator,
    "property": _property,
    "text": np.str_,
    "texts": lambda texts: np.array(texts[1], dtype=texts[0]),
    "trained": _trained,
    "verdict": lambda found: Verdict(found and Difference(*found)),
}
