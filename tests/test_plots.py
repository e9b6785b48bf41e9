"""Figures carry a text alternative, keep within their size, and change nobody's settings."""

import inspect
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers import norms, plots
from helpers.data import load_diabetes_patients, load_digit_images
from helpers.plots.style import QUIET

IMAGES, DIGITS = load_digit_images()
FIGURES = {
    "three_lengths": (),
    "unit_balls": (norms.p_norm,),
    "range_of_a_float": (norms.l2_norm, norms.stable_l2_norm),
    "rotated_vector": (norms.l1_norm, norms.l2_norm, norms.max_norm),
    "nearest_images": (IMAGES, DIGITS, np.array([0, 1]), np.array([[10, 20], [11, 21]])),
    "stretched_circle": (np.array([[2.0, 1.5], [0.5, 1.5]]), 2.85),
    "power_iteration": ({"random": [1.0, 2.0], "all ones": [1.0, 1.0]}, 2.0),
    "marked_sequence": (np.array([[0.5, 1.0], [0.2, 0.0], [0.3, 1.0]]), 0.8),
    "anatomy_of_an_explosion": ([0.5, 0.4, 4e4, 3e5], [1.0, 2.0, 5e3, 4e4], 2),
    "reach_of_the_last_state": ({"short": [1e-9, 1e-4, 1.0], "long": [0.5, 0.9, 1.0]},),
    "gradient_norms_of_runs": ({"new": [3.0, 1.0, 2.0], "same": [3.0, 1e-2, 1e-5]}, 1e-3),
    "survivors": (
        {
            (0.1, "without clipping"): ["exploded", "alive"],
            (0.1, "with clipping"): ["learned", "learned"],
        },
    ),
    "one_bad_gradient": ({"gradient": [0.0, -1, -2], "velocity": [0.0, -1, 0], "step": [0.0, -1, 2]}, 2),
    "cut_into_micro_batches": ([1, 2, 4], {"average first": [0.5, 0.5, 0.5], "clip first": [0.5, 0.4, 0.3]}),
    "error_by_length": ([10, 20, 40], {"seed 1": [0.2, 0.002, 0.5], "seed 2": [0.1, 0.001, 0.1]}),
    "gradient_in_three_norms": ([3.0, 0.3, 0.03], [2.0, 0.2, 0.02], [1.0, 0.1, 0.01], 0.1),
}
NOT_FIGURES = {"show"}


def public_functions():
    functions = inspect.getmembers(plots, inspect.isfunction)
    return {name for name, f in functions if not name.startswith("_")} - NOT_FIGURES


def test_every_figure_of_the_course_is_tested_here():
    assert public_functions() == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_text_alternative_labels_and_a_size_that_fits(name):
    ax = getattr(plots, name)(*FIGURES[name])
    assert len(ax.figure.get_label()) >= 60
    assert ax.figure.get_figwidth() <= 4
    assert ax.figure.get_figheight() <= 3
    html = plots.show(ax)._repr_html_()
    alt = re.search(r'<img alt="([^"]*)"', html)
    assert alt
    assert len(alt[1]) >= 60
    if name != "nearest_images":  # pixels have no axes
        assert ax.get_xlabel()
        assert ax.get_ylabel()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_can_be_drawn_into_given_axes(name):
    ax = Figure().add_subplot()
    assert getattr(plots, name)(*FIGURES[name], ax=ax) is ax


@pytest.mark.parametrize("name", FIGURES)
def test_series_differ_by_more_than_colour(name):
    ax = getattr(plots, name)(*FIGURES[name])
    styles = [(line.get_linestyle(), line.get_color(), line.get_marker()) for line in ax.lines]
    by_style = {}
    for style, color, marker in styles:
        by_style.setdefault((style, marker), set()).add(color)
    # Markers that sit on a line carry its colour and are named by text; lines must differ in style.
    lines = {
        key: colors for key, colors in by_style.items() if key[0] not in ("None", "-") or key[1] == "None"
    }
    assert all(len(colors - {QUIET}) <= 1 for colors in lines.values())


def test_figures_leave_the_settings_alone():
    before = dict(mpl.rcParams)
    plots.show(plots.three_lengths())
    assert dict(mpl.rcParams) == before


def test_a_figure_without_a_text_alternative_is_refused():
    with pytest.raises(ValueError, match="says what is to be seen"):
        plots.show(Figure().add_subplot())


def test_the_background_is_white_in_a_dark_theme_too():
    import io

    from matplotlib.image import imread

    png = plots.show(plots.three_lengths())._png
    assert np.array_equal(imread(io.BytesIO(png))[0, 0], [1, 1, 1, 1])


def test_the_data_are_what_their_descriptions_say():
    assert IMAGES.shape == (1797, 64)
    assert (IMAGES.min(), IMAGES.max()) == (0, 16)
    assert sorted(set(DIGITS)) == list(range(10))
    X, y = load_diabetes_patients()
    assert X.shape == (442, 10)
    assert np.allclose(X.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(X.std(axis=0), 1)
    assert (round((y - y.min() + 25).max()), y.shape) == (346, (442,))


def test_the_conclusions_of_lesson_01_hold_on_the_data():
    """Figures in the text: 94.6 % of 297 digits, and 600 more steps for the L1 than for the max ruler."""
    distances = norms.pairwise_distances(IMAGES[1500:], IMAGES[:1500])
    right = DIGITS[np.argsort(distances, axis=1)[:, 0]] == DIGITS[1500:]
    assert (right.sum(), right.size) == (281, 297)

    X, y = load_diabetes_patients()
    w, gradients = np.zeros(10), []
    for _ in range(3000):
        gradients.append(-2 / len(y) * X.T @ (y - X @ w))
        w = w - 0.1 * gradients[-1]
    stops = [int(np.argmax([np.linalg.norm(g, p) <= 0.1 for g in gradients])) for p in (1, 2, np.inf)]
    assert stops[0] - stops[2] == pytest.approx(600, abs=20)
    assert stops[0] > stops[1] > stops[2] > 0
