"""What the records of several lessons are written with."""

import numpy as np


def int8(*values):
    """Array of 8-bit integers, which hold -128 to 127."""
    return np.array(values, dtype=np.int8)


def uint8(*values):
    """Array of unsigned 8-bit integers, which hold 0 to 255."""
    return np.array(values, dtype=np.uint8)


def floats(*values):
    """Array of floats."""
    return np.array(values, dtype=float)


def vector(rng):
    """Between two and six numbers with one decimal, unlike in size."""
    return rng.normal(scale=10, size=rng.integers(2, 7)).round(1)


def draw_vector(rng):
    """Arguments of a function of one vector."""
    return (vector(rng),)


def matrix(rng):
    """Two to five rows and columns of numbers with one decimal."""
    return rng.normal(scale=3, size=rng.integers(2, 6, size=2)).round(1)


def named(name, function):
    """The function under the name that its mistake shall have on the card."""
    function.__name__ = name
    return function
