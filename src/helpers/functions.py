"""Functions that exercises take as arguments: to differentiate, or to walk down on.

They are plain NumPy with a name each, so that a card can show the call and anybody can repeat it.
"""

import numpy as np


def sum_of_squares(x):
    """Sum of the squared entries; its gradient is ``2 * x``."""
    return np.sum(x**2)


def sum_of_cubes(x):
    """Sum of the cubed entries; its gradient is ``3 * x**2``."""
    return np.sum(x**3)


def product(x):
    """Product of all entries; its gradient holds the products of all the others."""
    return np.prod(x)


def squared_row_sums(X):
    """Sum of the squared sums of the rows of a matrix."""
    return np.sum(np.sum(X, axis=1) ** 2)


def constant(x):
    """3, whatever the argument; a Python number. Its gradient is 0."""
    return 3.0


def cube_of_one_number(x):
    """Cube of an array that holds one number, as an array without axes."""
    return np.asarray(x).reshape(()) ** 3


def sum_of_roots(x):
    """Sum of the square roots of the entries; raises ValueError if one is negative."""
    if np.any(x < 0):
        raise ValueError("a negative number has no square root")
    return np.sum(np.sqrt(x))


def round_bowl_gradient(x):
    """Gradient of ``0.5 * sum(x**2)``: `x` itself, as a new array."""
    return 1.0 * x


def long_bowl_gradient(x):
    """Gradient of ``0.5 * sum(c * x**2)`` with c = 1, 2, 3 and so on."""
    return np.arange(1.0, np.size(x) + 1) * x


def askew_bowl_gradient(x):
    """Gradient of ``x[0]**2 + x[0] * x[1] + x[1]**2``."""
    return np.array([[2.0, 1.0], [1.0, 2.0]]) @ x


def argument_itself(x):
    """Gradient of ``0.5 * sum(x**2)``: the very array that came, not a new one."""
    return x


def rimmed_bowl_gradient(x):
    """Gradient of a round bowl with a flat rim: `x` up to a length of 1e6, and 0 beyond."""
    return 1.0 * x * (np.sum(np.square(x, dtype=float)) <= 1e12)


def ramp_gradient(x):
    """Gradient of ``sum(max(x, 0))``: 1 where an entry is positive, else 0."""
    return 1.0 * (np.asarray(x) > 0)


def steep_sides_gradient(x):
    """Gradient of ``sum(x**4) / 4``."""
    return np.asarray(x) ** 3.0
