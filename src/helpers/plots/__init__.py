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
from helpers.plots.training_health import (
    anatomy_of_an_explosion,
    cut_into_micro_batches,
    error_by_length,
    gradient_norms_of_runs,
    marked_sequence,
    one_bad_gradient,
    reach_of_the_last_state,
    survivors,
)

__all__ = [
    "anatomy_of_an_explosion",
    "cut_into_micro_batches",
    "error_by_length",
    "gradient_in_three_norms",
    "gradient_norms_of_runs",
    "marked_sequence",
    "nearest_images",
    "one_bad_gradient",
    "power_iteration",
    "range_of_a_float",
    "reach_of_the_last_state",
    "rotated_vector",
    "show",
    "stretched_circle",
    "survivors",
    "three_lengths",
    "unit_balls",
]
