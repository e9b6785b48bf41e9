"""Figures of the course, one function each: axes in (or None), axes out, with a text alternative.

`show` displays a figure as an image that carries its text alternative in JupyterLab and in exported
pages. The figures do not go through pyplot: nothing is displayed twice, and no setting leaks.
"""

import base64
import html
import io

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

# The same colour and the same line for the same thing, all course long (Petroff's palette, which
# people with a colour vision deficiency can tell apart).
L1 = {"color": "#bd1f01", "linestyle": "--"}
L2 = {"color": "#3f90da", "linestyle": "-"}
MAX = {"color": "#832db6", "linestyle": "-."}
WRONG = {"color": "#e76300", "linestyle": ":"}
L2_TEXT, WRONG_TEXT = "#1f6fb5", "#a94800"  # darker, so that small letters keep their contrast
INK = "#212121"
QUIET = "#717581"

_STYLE = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
}
_LEAST_ALT = 20  # characters of a text alternative that says something


class Picture:
    """A figure as HTML with a text alternative; made by `show`."""

    def __init__(self, png, width, alt):
        self._png, self._width, self.alt = png, width, alt

    def __repr__(self):
        return f"Figure: {self.alt}"

    def _repr_html_(self):
        data = base64.b64encode(self._png).decode()
        return (
            f'<figure style="margin:.5em 0"><img alt="{html.escape(self.alt, quote=True)}" '
            f'style="width:{self._width:.0f}px;max-width:100%;border-radius:4px" '
            f'src="data:image/png;base64,{data}"></figure>'
        )


def show(ax):
    """Display the figure of some axes with its text alternative.

    Parameters
    ----------
    ax : Axes
        As a function of this module returns them, or your own after ``ax.figure.set_label(text)``.

    Returns
    -------
    picture : Picture
        For the notebook to display.

    Raises
    ------
    ValueError
        If the figure has no text alternative that says what is to be seen.
    """
    figure, alt = ax.figure, ax.figure.get_label()
    if len(alt) < _LEAST_ALT:
        raise ValueError(
            f"expected a text of at least {_LEAST_ALT} characters that says what is to be seen, got {alt!r}: "
            "give it with ax.figure.set_label(text)"
        )
    buffer = io.BytesIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="png", dpi=200, bbox_inches="tight", pad_inches=0.08)
    return Picture(buffer.getvalue(), figure.get_figwidth() * 115, alt)


def _axes(ax, alt, size=(4, 3)):
    """Axes to draw on, their figure labelled with its text alternative."""
    if ax is None:
        ax = Figure(figsize=size, layout="constrained").add_subplot()
    ax.figure.set_label(alt)
    return ax


def _styled(draw):
    """Draw under the course's style, without changing anybody's settings."""

    def styled(*args, **kwargs):
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    styled.__name__, styled.__doc__ = draw.__name__, draw.__doc__
    return styled


def _no_frame(ax):
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


@_styled
def three_lengths(ax=None):
    """The vector (4, 3) with its length along the street grid, as the crow flies, and on one axis."""
    ax = _axes(
        ax,
        "The vector from (0, 0) to (4, 3), measured in three ways: a dashed path 4 to the right and then 3 "
        "up has length 7, the straight arrow has length 5, and a bar below its longer side has length 4.",
    )
    ax.plot([0, 4, 4], [0, 0, 3], **L1)
    ax.annotate("", (4, 3), (0, 0), arrowprops={"arrowstyle": "-|>", "color": L2["color"], "lw": 2})
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


@_styled
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
    ax = _axes(
        ax,
        "Six closed curves around the origin, one inside the other, that meet on the axes at distance 1: "
        "for p = one half a star with four dents, for p = 1 a square standing on its corner, for p = 1.5 a "
        "rounder one, for p = 2 the circle, for p = 4 a rounded square, for p = infinity the full square.",
    )
    angles = np.linspace(0, 2 * np.pi, 361)
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    dotted, dense = {"color": QUIET, "linestyle": ":"}, {"color": QUIET, "linestyle": (0, (6, 2))}
    text_colors = {QUIET: INK, L2["color"]: L2_TEXT, WRONG["color"]: WRONG_TEXT}
    heights = (0.12, 0.33, 0.52, 0.71, 0.88, 1.04)
    lines = ((0.5, WRONG), (1, L1), (1.5, dotted), (2, L2), (4, dense), (np.inf, MAX))
    for (p, line), height in zip(lines, heights, strict=True):
        ball = np.array([x / (_refused_norm(x) if p == 0.5 else p_norm(x, p)) for x in directions])
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


@_styled
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
    ax = _axes(
        ax,
        "Computed length divided by true length, against the exponent of the entries from -300 to 300. "
        "The stable norm is a flat line at 1 throughout. The plain norm leaves that line below about -160, "
        "where it drops to 0, and above 153, where it is infinite, drawn at the top.",
    )
    exponents = np.arange(-300, 301, 3)
    vectors = [np.array([3.0, 4.0]) * 10.0**k for k in exponents]
    true = np.array([5.0 * 10.0**k for k in exponents])
    with np.errstate(all="ignore"):
        plain = np.minimum([_or_infinity(l2_norm, x) for x in vectors] / true, 2)
        stable = np.array([stable_l2_norm(x) for x in vectors]) / true
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


@_styled
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
    ax = _axes(
        ax,
        "Three norms of a vector of length 1 against the angle by which it is turned. The L2 norm stays at "
        "1. The L1 norm swings between 1 on the axes and 1.41 on the diagonals, the max norm between 1 on "
        "the axes and 0.71 on the diagonals.",
    )
    degrees = np.linspace(0, 360, 361)
    vectors = [np.array([np.cos(t), np.sin(t)]) for t in np.radians(degrees)]
    for name, norm, line, color, y in (
        ("L1 norm", l1_norm, L1, L1["color"], 1.44),
        ("L2 norm", l2_norm, L2, L2_TEXT, 1.03),
        ("max norm", max_norm, MAX, MAX["color"], 0.62),
    ):
        ax.plot(degrees, [norm(x) for x in vectors], **line)
        ax.text(225, y, name, color=color, ha="center")
    ax.set(xlabel="angle in degrees", ylabel="norm", ylim=(0, 1.6))
    ax.set_xticks([0, 90, 180, 270, 360])
    return ax


@_styled
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
    ax = _axes(ax, f"Handwritten digits and their nearest neighbours, row by row: {shown}.")
    tile, gap = 8, 2
    rows = np.column_stack([queries, neighbours])
    canvas = np.zeros((len(rows) * (tile + gap), rows.shape[1] * (tile + gap) + 3 * gap))
    for i, row in enumerate(rows):
        for j, index in enumerate(row):
            left = j * (tile + gap) + (3 * gap if j else 0)
            canvas[i * (tile + gap) :, left:][:tile, :tile] = images[index].reshape(tile, tile)
            wrong = digits[index] != digits[row[0]]
            ax.text(
                left + tile,
                i * (tile + gap) + tile + 1.6,
                str(digits[index]),
                fontsize=7,
                ha="right",
                weight="bold" if wrong else "normal",
                color=WRONG_TEXT if wrong else INK,
            )
    ax.imshow(np.where(canvas > 0, canvas, 0), cmap="Greys", vmin=0, vmax=16)
    ax.set_title("image          its nearest neighbours", loc="left")
    _no_frame(ax)
    return ax


@_styled
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
    ax = _axes(
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
    ax.annotate("", furthest, (0, 0), arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6})
    ax.text(*(furthest * 0.5 + [0.1, -0.35]), f"{norm:.2f}")
    ax.text(0, 0.5, "x", ha="center", color=INK)
    ax.text(*(-furthest * 0.72 + [0.1, 0.45]), "Ax", color=L2_TEXT, ha="center")
    ax.set(xlabel="first entry", ylabel="second entry")
    ax.set_aspect("equal")
    ax.margins(0.06)
    return ax


@_styled
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
    ax = _axes(
        ax,
        f"Estimate of the spectral norm against the number of steps. The true value, {true:.2f}, is a thin "
        f"horizontal line. {ends}.",
    )
    ax.axhline(true, color=QUIET, linewidth=0.8)
    for (name, values), line, marker in zip(estimates_by_start.items(), (L2, WRONG), "os", strict=False):
        ax.plot(values, marker=marker, markersize=4, label=f"start: {name}", **line)
    ax.set(xlabel="steps", ylabel="estimate ‖Av‖", ylim=(0, 1.15 * true))
    ax.text(0, true * 1.03, f"true spectral norm {true:.2f}", color=INK)
    ax.legend(loc="center right")
    return ax


@_styled
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
    ax = _axes(
        ax,
        "Norm of the gradient on a logarithmic axis against the step of gradient descent. Three falling "
        f"curves, L1 above L2 above max, cross the horizontal threshold {threshold:g} at steps "
        f"{stops['L1']}, {stops['L2']} and {stops['max']}.",
    )
    for name, values, line, color in curves:
        ax.semilogy(values, **line)
        ax.plot(stops[name], threshold, "o", color=color, markersize=5)
        height = 0.92 - 0.1 * list(stops).index(name)
        ax.text(0.6, height, f"{name} norm: step {stops[name]}", color=color, transform=ax.transAxes)
    ax.axhline(threshold, color=QUIET, linewidth=0.8)
    ax.set(xlabel="step of gradient descent", ylabel="norm of the gradient")
    return ax
