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
from helpers.plots.rnn import (
    accuracy_by_row,
    accuracy_by_wait,
    gradient_paths,
    lstm_beside_rnn,
    state_gradients,
    unrolled_network,
)
from helpers.plots.style import show

__all__ = [
    "accuracy_by_row",
    "accuracy_by_wait",
    "gradient_in_three_norms",
    "gradient_paths",
    "lstm_beside_rnn",
    "nearest_images",
    "power_iteration",
    "range_of_a_float",
    "rotated_vector",
    "show",
    "state_gradients",
    "stretched_circle",
    "three_lengths",
    "unit_balls",
    "unrolled_network",
]
