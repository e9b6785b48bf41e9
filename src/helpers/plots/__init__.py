"""Figures of the course, one function each: axes in (or None), axes out, with a text alternative."""

from helpers.plots.gradient_norms import (
    descent_path,
    errors_of_differences,
    factors_of_a_step,
    gradient_field,
    norms_of_parameters,
    norms_of_runs,
    relative_errors,
    secants,
    shrinking_weight,
)
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
    "descent_path",
    "errors_of_differences",
    "factors_of_a_step",
    "gradient_field",
    "gradient_in_three_norms",
    "nearest_images",
    "norms_of_parameters",
    "norms_of_runs",
    "power_iteration",
    "range_of_a_float",
    "relative_errors",
    "rotated_vector",
    "secants",
    "show",
    "shrinking_weight",
    "stretched_circle",
    "three_lengths",
    "unit_balls",
]
