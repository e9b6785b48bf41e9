"""Figures of the course, one function each: axes in (or None), axes out, with a text alternative."""

from helpers.plots.norms import (
    gradient_in_three_norms,
    nearest_images,
    power_iteration,
    range_of_a_float,
    rotated_vector,
    stretched_circle,
    three_lengths,
    unit_balls,
)
from helpers.plots.style import show

__all__ = [
    "gradient_in_three_norms",
    "nearest_images",
    "power_iteration",
    "range_of_a_float",
    "rotated_vector",
    "show",
    "stretched_circle",
    "three_lengths",
    "unit_balls",
]
