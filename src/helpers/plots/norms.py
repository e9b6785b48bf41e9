"""Figures of lesson 01: norms of vectors and matrices, distances, the gradient in three norms."""

import numpy as np
from matplotlib.ticker import MultipleLocator

from helpers.plots.style import (
    INK,
    L1,
    L2,
    L2_TEXT,
    MAX,
    QUIET,
    WRONG,
    WRONG_TEXT,
    arrow,
    new_axes,
    no_frame,
    styled,
)


@styled
def three_lengths(ax=None):
    """The vector (4, 3) with its length along the street grid, as the crow flies, and on one axis."""
    ax = new_axes(
        ax,
        "The vector from (0, 0) to (4, 3), measured in three ways: a dashed path 4 to the right and then 3 "
        "up has length 7, the straight arrow has length 5, and a bar below its longer side has length 4.",
    )
    ax.plot([0, 4, 4], [0, 0, 3], **L1)
    ax.annotate("", (4, 3), (0, 0), arrowprops=arrow(L2["color"]))
    ax.plot([0, 4], [-0.45, -0.45], marker="|", markersize=9, **MAX)
    ax.text(4.1, 1.3, "L1 norm: 4 + 3 = 7", color=L1["color"])
    ax.text(1.85, 1.75, "L2 norm: 5", color=L2_TEXT, rotation=36.9, ha="center", va="center")
    ax.text(2, -0.85, "max norm: 4", color=MAX["color"], ha="center", va="center")
    ax.set(xlim=(-0.4, 6.9), ylim=(-1.2, 3.6), xlabel="first entry", ylabel="second entry")
    ax.set_xticks(range(5))
    ax.set_yticks(range(4))
    ax.set_aspect("equal")
    ax.grid(color="#e3e3e3", linewidth=0.6)
    return ax


@styled
def unit_balls(p_norm, ax=None):
    """All points of length 1 in the plane, for five values of p, and those of the formula for p = ½.

    Parameters
    ----------
    p_norm : callable
        ``p_norm(x, p)``, yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    angles = np.linspace(0, 2 * np.pi, 361)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    dotted, dense = {"color": QUIET, "linestyle": ":"}, {"color": QUIET, "linestyle": (0, (6, 2))}
    text_colors = {QUIET: INK, L2["color"]: L2_TEXT, WRONG["color"]: WRONG_TEXT}
    heights = (0.12, 0.33, 0.52, 0.71, 0.88, 1.04)
    lines = ((0.5, WRONG), (1, L1), (1.5, dotted), (2, L2), (4, dense), (np.inf, MAX))
    balls = [
        np.array([x / (_refused_norm(x) if p == 0.5 else p_norm(x, p)) for x in directions]) for p, _ in lines
    ]
    diagonal = [f"{np.hypot(*ball[45]):.2f} for p = {p}" for ball, (p, _) in zip(balls, lines, strict=True)]
    ax = new_axes(
        ax,
        "Six closed curves around the origin: the points of length 1. All meet the axes. In the diagonal "
        f"directions their distance from the origin is {', '.join(diagonal)}: a star with four dents, a "
        "square on its corner, ever rounder curves to the circle of p = 2, and on to a square.",
    )
    for (p, line), ball, height in zip(lines, balls, heights, strict=True):
        ax.plot(*ball.T, **line)
        corner = ball[np.argmin(np.abs(angles - np.pi / 4))]
        name = {np.inf: "∞", 0.5: "½, no norm"}.get(p, f"{p:g}")
        color = text_colors.get(line["color"], line["color"])
        leader = {"arrowstyle": "-", "color": "#b5b5b5", "lw": 0.7}
        ax.annotate(f"p = {name}", corner, (1.3, height), color=color, va="center", arrowprops=leader)
    ax.set(xlim=(-1.15, 2.35), ylim=(-1.15, 1.15), xlabel="first entry", ylabel="second entry")
    ax.set_xticks([-1, 0, 1])
    ax.set_yticks([-1, 0, 1])
    ax.set_aspect("equal")
    return ax


def _refused_norm(x):
    """What the formula of the p-norm gives for p = ½."""
    return np.sum(np.abs(x) ** 0.5) ** 2


@styled
def range_of_a_float(l2_norm, stable_l2_norm, ax=None):
    """Computed over true length of (3, 4) times a power of ten, for two ways to compute it.

    Parameters
    ----------
    l2_norm, stable_l2_norm : callable
        Yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    exponents = np.arange(-300, 301, 3)
    vectors = [np.array([3.0, 4.0]) * 10.0**k for k in exponents]
    true = np.array([5.0 * 10.0**k for k in exponents])
    with np.errstate(all="ignore"):
        plain = np.minimum([_or_infinity(l2_norm, x) for x in vectors] / true, 2)
        stable = np.array([stable_l2_norm(x) for x in vectors]) / true
    right = exponents[np.abs(plain - 1) < 0.01]
    ax = new_axes(
        ax,
        "Computed length divided by true length, against the exponent of the entries from -300 to 300. The "
        f"stable norm lies between {stable.min():.2f} and {stable.max():.2f}. The plain norm is at 1 from "
        f"{right.min(initial=300)} to {right.max(initial=-300)}; elsewhere it is at 0 or, as infinity, at "
        "the top.",
    )
    ax.plot(exponents, plain, **WRONG)
    ax.plot(exponents, stable, **L2)
    ax.text(0, 1.07, "stable_l2_norm", color=L2_TEXT, ha="center")
    ax.text(-172, 0.08, "l2_norm: 0", color=WRONG_TEXT, ha="right")
    ax.text(172, 1.86, "l2_norm: inf", color=WRONG_TEXT, va="center")
    ax.set(xlabel="k, where the vector is (3·10ᵏ, 4·10ᵏ)", ylabel="computed ÷ true length", ylim=(-0.1, 2.15))
    ax.set_xticks([-300, -150, 0, 150, 300])
    ax.set_yticks([0, 1, 2], ["0", "1", "inf"])
    return ax


def _or_infinity(norm, x):
    """The norm, or inf where Python's own floats raise an error on overflow."""
    try:
        return norm(x)
    except OverflowError:
        return np.inf


@styled
def rotated_vector(l1_norm, l2_norm, max_norm, ax=None):
    """Three norms of the vector (1, 0) while it turns once around the origin.

    Parameters
    ----------
    l1_norm, l2_norm, max_norm : callable
        Yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    degrees = np.linspace(0, 360, 361)
    vectors = [np.array([np.cos(t), np.sin(t)]) for t in np.radians(degrees)]
    values = {
        name: np.array([norm(x) for x in vectors], dtype=float)
        for name, norm in (("L1 norm", l1_norm), ("L2 norm", l2_norm), ("max norm", max_norm))
    }
    spans = [f"the {name} runs between {v.min():.2f} and {v.max():.2f}" for name, v in values.items()]
    ax = new_axes(
        ax,
        "Three norms of the vector (1, 0) against the angle by which it is turned, from 0 to 360 degrees: "
        f"{', '.join(spans)}.",
    )
    for name, line, color, y in (
        ("L1 norm", L1, L1["color"], 1.44),
        ("L2 norm", L2, L2_TEXT, 1.03),
        ("max norm", MAX, MAX["color"], 0.62),
    ):
        ax.plot(degrees, values[name], **line)
        ax.text(225, y, name, color=color, ha="center")
    ax.set(xlabel="angle in degrees", ylabel="norm", ylim=(0, 1.6))
    ax.set_xticks([0, 90, 180, 270, 360])
    return ax


@styled
def nearest_images(images, digits, queries, neighbours, ax=None):
    """Each image of a digit beside its nearest neighbours.

    Parameters
    ----------
    images : ndarray of shape (n, 64)
    digits : ndarray of shape (n,)
    queries : ndarray of shape (n_rows,)
        Positions of the images that are looked up.
    neighbours : ndarray of shape (n_rows, k)
        Positions of the nearest images, the nearest first.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    shown = "; ".join(
        f"the digit {digits[q]}, and beside it {', '.join(str(digits[i]) for i in row)}"
        for q, row in zip(queries, neighbours, strict=True)
    )
    ax = new_axes(ax, f"Handwritten digits and their nearest neighbours, row by row: {shown}.")
    tile, gap, row_height = 8, 2, 12
    rows = np.column_stack([queries, neighbours])
    canvas = np.zeros((len(rows) * row_height, rows.shape[1] * (tile + gap) + 3 * gap))
    for i, row in enumerate(rows):
        for j, index in enumerate(row):
            left = j * (tile + gap) + (3 * gap if j else 0)
            canvas[i * row_height :, left:][:tile, :tile] = images[index].reshape(tile, tile)
            wrong = digits[index] != digits[row[0]]
            ax.text(
                left + tile,
                i * row_height + tile + 1.2,
                str(digits[index]),
                fontsize=7,
                ha="right",
                weight="bold" if wrong else "normal",
                color=WRONG_TEXT if wrong else INK,
            )
    ax.imshow(canvas, cmap="Greys", vmin=0, vmax=16)
    ax.set_title("image          its nearest neighbours", loc="left")
    no_frame(ax)
    return ax


@styled
def stretched_circle(A, norm, ax=None):
    """The unit circle, and what a matrix makes of it.

    Parameters
    ----------
    A : ndarray of shape (2, 2)
    norm : float
        Spectral norm of `A`, yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ax = new_axes(
        ax,
        f"The unit circle and the ellipse into which the matrix turns it. An arrow from the centre to the "
        f"furthest point of the ellipse has length {norm:.2f}, the spectral norm; a dashed circle of that "
        "radius encloses the ellipse and touches it there.",
    )
    angles = np.linspace(0, 2 * np.pi, 721)
    circle = np.vstack([np.cos(angles), np.sin(angles)])
    ellipse = np.asarray(A, dtype=float) @ circle
    furthest = ellipse[:, np.argmax(np.sum(ellipse**2, axis=0))]
    ax.plot(*circle, color=QUIET, linestyle=":")
    ax.plot(*ellipse, **L2)
    ax.plot(*(norm * circle), color=QUIET, linestyle="--", linewidth=1)
    ax.annotate("", furthest, (0, 0), arrowprops=arrow(INK))
    ax.text(*(furthest * 1.08), f"{norm:.2f}")
    ax.text(0, 0.5, "x", ha="center", color=INK)
    ax.text(*(-furthest * 0.72 + [0.1, 0.45]), "Ax", color=L2_TEXT, ha="center")
    ax.set(xlabel="first entry", ylabel="second entry")
    ax.set_aspect("equal")
    ax.margins(0.06)
    ax.xaxis.set_major_locator(MultipleLocator(1))
    ax.yaxis.set_major_locator(MultipleLocator(1))
    return ax


@styled
def power_iteration(estimates_by_start, true, ax=None):
    """Estimates of the spectral norm after each step of the power iteration.

    Parameters
    ----------
    estimates_by_start : dict of str to sequence of float
        Estimates after 0, 1, 2, … steps, by name of the start.
    true : float
        The spectral norm.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ends = "; ".join(f"{name}: ends at {v[-1]:.2f}" for name, v in estimates_by_start.items())
    ax = new_axes(
        ax,
        f"Estimate of the spectral norm against the number of steps. The true value, {true:.2f}, is a thin "
        f"horizontal line. {ends}.",
    )
    ax.axhline(true, color=QUIET, linewidth=0.8)
    for (name, values), line, marker in zip(
        estimates_by_start.items(), ({"color": INK}, WRONG), "os", strict=False
    ):
        ax.plot(values, marker=marker, markersize=4, label=f"start: {name}", **line)
    ax.set(xlabel="steps", ylabel="estimate ‖Av‖", ylim=(0, 1.15 * true))
    ax.text(0, true * 1.03, f"true spectral norm {true:.2f}", color=INK)
    ax.legend(loc="center right")
    return ax


@styled
def gradient_in_three_norms(l1, l2, largest, threshold, ax=None):
    """One gradient, measured in three norms along gradient descent.

    Parameters
    ----------
    l1, l2, largest : sequence of float
        Norms of the gradient before each step.
    threshold : float
        Where a stopping rule would stop.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    curves = (("L1", l1, L1, L1["color"]), ("L2", l2, L2, L2_TEXT), ("max", largest, MAX, MAX["color"]))
    stops = {name: int(np.argmax(np.asarray(values) <= threshold)) for name, values, *_ in curves}
    ax = new_axes(
        ax,
        "Norm of the gradient on a logarithmic axis against the step of gradient descent: three curves that "
        f"begin at {l1[0]:.0f} (L1), {l2[0]:.0f} (L2) and {largest[0]:.0f} (max). They reach the horizontal "
        f"threshold {threshold:g} at steps {stops['L1']}, {stops['L2']} and {stops['max']}.",
    )
    for name, values, line, color in curves:
        ax.semilogy(values, **line)
        ax.plot(stops[name], threshold, "o", color=color, markersize=5)
        height = 0.92 - 0.1 * list(stops).index(name)
        ax.text(0.54, height, f"{name} norm: step {stops[name]}", color=color, transform=ax.transAxes)
    ax.axhline(threshold, color=QUIET, linewidth=0.8)
    ax.text(0, threshold * 0.5, f"threshold {threshold:g}")
    ax.set(xlabel="step of gradient descent", ylabel="norm of the gradient")
    return ax
