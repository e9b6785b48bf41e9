"""Figures carry a text alternative, keep within their size, and change nobody's settings."""

import inspect
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers import clipping, gradient_norms, logistic_regression, norms, plots, regularization
from helpers.data import load_diabetes_patients, load_digit_images
from helpers.plots.style import QUIET

IMAGES, DIGITS = load_digit_images()
RAMP = np.linspace(0, 1, 41)
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
    "gradient_field": (norms.l1_norm, gradient_norms.l1_norm_subgradient, "L1 norm"),
    "secants": (),
    "errors_of_differences": ([1e-7, 1e-5, 1e-3], [1e-9, 1e-11, 1e-7], [1e-8, 1e-6, 1e-4]),
    "relative_errors": ({"W1": 0.4, "b1": 0.5, "W2": 0.0, "b2": 1e-11},),
    "norms_of_parameters": ({name: [3.0, 1.0, 0.3] for name in ("W1", "b1", "W2", "b2")}, [6.0, 2.0, 0.6]),
    "descent_path": ([1, 10], [[-4.5, 1.0], [-4.0, -0.5], [-3.5, 0.2]], 0.15),
    "norms_of_runs": ({"low": [3.0, 1.0, 0.3], "middle": [3.0, 0.1], "high": [3.0, 5.0, 8.0]}, 0.2),
    "factors_of_a_step": ([1, 10],),
    "shrinking_weight": ([0.15, 0.05, -0.05, 0.05], [0.15, 0.12, 0.1, 0.08]),
    "scores_to_probabilities": ({"Great!": 2, "A phone.": 0},),
    "log_likelihood_of_one": (logistic_regression.sigmoid,),
    "two_climbs": ([-10.0, -9.0, -8.0], [-10.0, -8.9, -7.8]),
    "ascent_gradient_norms": ([20.0, 10.0, 5.0],),
    "word_weights": (["great", "good"], ["bad"], {"great": 2.0, "good": 1.0, "bad": -3.0}),
    "growing_weights": ([10, 100, 1000, 10_000], [2.0, 9.0, 18.0, 27.0]),
    "overconfidence": ([10, 100, 1000], [-0.4, -0.1, -0.01], [-0.6, -0.7, -0.9]),
    "precision_and_recall": ([0.1, 0.3, 0.5], [0.3, 0.5, 0.7], [1.0, 0.7, 0.3]),
    "cost_by_threshold": ([0.0, 0.17, 0.5, 1.0], [0.7, 0.5, 1.0, 1.5], 0.17, 0.5, 1.5, 0.7),
    "unrolled_network": (),
    "gradient_paths": (),
    "accuracy_by_row": ([0.1, 0.5, 0.9], [0.3, 0.6, 0.8]),
    "state_gradients": ({r: r ** np.arange(20.0)[::-1] for r in (0.9, 1.0, 1.1, 2.0)},),
    "accuracy_by_wait": ([0, 4, 8], {1.0: [0.9, 0.9, 0.8], 0.5: [0.9, 0.7, 0.1]}),
    "steep_place": (),
    "box_and_circle": (clipping.clip_by_value, clipping.clip_by_norm),
    "turned_gradients": tuple(([1.0, 0.1, 0.01], [0.0, a / 2, a]) for a in (60, 30, 0)),
    "error_surface": (clipping.cliff, clipping.sgd_step),
    "exploding_norms": ([[10.0, 1e50, 1e150], [10.0, 1e40]], [[10.0, 100.0, 50.0, 20.0]]),
    "norm_and_loss": (np.geomspace(1, 0.4, 30), np.abs(np.linspace(-0.5, 0.5, 30)) + 0.01),
    "successive_directions": (np.linspace(1, -1, 30),),
    "losses_by_threshold": (
        [0.1, 1, 10],
        {"calm": [[0.5, 0.4]] * 3, "wild": [[0.4, 0.3], [0.6, 0.5], [1, 2]]},
    ),
    "three_fits": (RAMP[::5], 5 - RAMP[::5] ** 2, RAMP, 5 - RAMP**2, 5 - RAMP**4, 5.1 - RAMP**2),
    "error_against_norm": (1 + 300 * RAMP, 1 - RAMP, 1 - RAMP + 2 * RAMP**2, (5.0, 0.4)),
    "price_of_certainty": (regularization.regularized_log_likelihood,),
    "stable_and_unstable": ({0.5: np.exp(-RAMP), 0.95: np.exp(RAMP), 1.05: np.exp(2 * RAMP)},),
    "coefficient_paths": (
        np.array([[1.0, 3, -2, 0.1], [1, 1, -1, -0.2], [1, 0, 0, 0]]),
        [0, 4, 1e5],
        ["great", "bad", "would"],
        ["great", "bad", "would"],
    ),
    "stopping_and_paying": (
        {"3": (1.0, -0.6), "30": (9.0, -0.5), "300": (30.0, -0.55)},
        {"10": (2.0, -0.58), "1": (10.0, -0.49), "0.1": (28.0, -0.54)},
    ),
    "circle_and_diamond": (),
    "pulls": (),
    "weights_by_rank": (np.append(1, 1 - 0.99 * RAMP), np.append(1, np.maximum(1 - 3 * RAMP, 0))),
    "lstm_beside_rnn": tuple(r ** np.arange(20.0)[::-1] for r in (0.8, 0.7, 1.05, 0.9)),
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
