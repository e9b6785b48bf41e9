"""Figures of lesson 06: what clipping does to a step, to a direction, and to a run."""

import numpy as np
from matplotlib import colormaps
from matplotlib.collections import PolyCollection
from matplotlib.patheffects import withStroke

from helpers.plots.style import (
    INK,
    L2,
    L2_TEXT,
    MAX,
    QUIET,
    WRONG,
    WRONG_TEXT,
    arrow,
    new_axes,
    styled,
)


@styled
def steep_place(w=4.8, b=-2.488, learning_rate=0.2, step=True, ax=None):
    """A slice through the error of a recurrent network, and the step that its slope asks for.

    Parameters
    ----------
    w, b : float
        Weight and bias from which the step starts.
    learning_rate : float
    step : bool
        Whether to draw the step.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    biases = np.union1d(np.linspace(-2.6, -2.35, 301), b + np.linspace(-0.002, 0.002, 201))
    errors = _errors(w, biases)
    here, beside = _errors(w, np.array([b, b + 1e-9]))
    length = learning_rate * (here - beside) / 1e-9
    width = np.ptp(biases)
    ax = new_axes(
        ax,
        f"Error against the bias at w = {w:g}: nearly level at {errors[0]:.2f} from {biases[0]:g} on, then a "
        f"vertical drop at {b:g}, then nearly level again close to {errors[-1]:.2f}. A point marks the place "
        "half-way down."
        + step
        * f" A dotted arrow leads from it out of the picture; the step is {length:.0f} long.",
    )
    ax.plot(biases, errors, color=INK)
    ax.plot(b, here, "o", color=WRONG["color"])
    if step:
        dotted = {**arrow(WRONG["color"]), "linestyle": ":"}
        ax.annotate("", (biases[-1], here), (b, here), arrowprops=dotted)
        far = f"one step: {length:.0f} to the right,\n{length / width:.0f} widths of this picture"
        ax.text(b + 0.01, here + 0.012, far, color=WRONG_TEXT)
    ax.set(xlabel=f"bias b (at w = {w:g})", ylabel="error after 50 steps", ylim=(-0.01, 0.37))
    ax.set_xlim(biases[0], biases[-1])
    return ax


def _errors(w, b, n_steps=50):
    """Error of the one-unit recurrence for an array of biases."""
    x = np.full_like(b, 0.5)
    for _ in range(n_steps):
        x = w / (1 + np.exp(-x)) + b
    return (1 / (1 + np.exp(-x)) - 0.7) ** 2


@styled
def box_and_circle(clip_by_value, clip_by_norm, ax=None):
    """Where clipping by value and clipping by norm send the same gradients.

    Parameters
    ----------
    clip_by_value, clip_by_norm : callable
        Yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    gradients = np.array([[2.6, 0.5], [1.3, 1.9], [-0.5, 1.8], [-2.4, 1.1], [-2.1, -1.35], [0.45, -0.6]])
    by_value = [np.asarray(clip_by_value({"g": g}, 1.0)["g"]) for g in gradients]
    by_norm = [np.asarray(clip_by_norm(g, 1.0)) for g in gradients]
    turned = np.degrees(max(_angle(g, v) for g, v in zip(gradients, by_value, strict=True)))
    kept = np.degrees(max(_angle(g, v) for g, v in zip(gradients, by_norm, strict=True)))
    ax = new_axes(
        ax,
        "Six gradients in the plane as grey points, five of them outside a square and a circle of radius "
        "1. Clipped by value, each lands on the side or the corner of the square, turned by up to "
        f"{turned:.0f} degrees. Clipped by norm, each lands on the circle, turned by {kept:.0f} degrees. "
        "The sixth, inside both, stays where it is.",
    )
    angles = np.linspace(0, 2 * np.pi, 361)
    ax.plot([1, 1, -1, -1, 1], [1, -1, -1, 1, 1], **MAX)
    ax.plot(np.cos(angles), np.sin(angles), **L2)
    for g, value, norm in zip(gradients, by_value, by_norm, strict=True):
        for end, color in ((value, MAX["color"]), (norm, L2["color"])):
            if not np.array_equal(end, g):
                ax.annotate("", end, g, arrowprops={**arrow(color), "lw": 1.2})
        ax.plot(*g, "o", color=QUIET, markersize=5)
    ax.plot(0, 0, "+", color=INK)
    ax.text(1.12, -0.62, "square: by value,\nlimit 1", color=MAX["color"], va="top")
    ax.text(-2.95, -0.15, "circle: by norm,\nmax_norm 1", color=L2_TEXT, va="top")
    ax.text(2.6, 0.66, "gradient", color=INK, ha="center")
    ax.set(xlim=(-3, 3.2), ylim=(-1.8, 2.15), xlabel="first entry", ylabel="second entry")
    ax.set_aspect("equal")
    ax.set_xticks([-2, -1, 0, 1, 2])
    ax.set_yticks([-1, 0, 1, 2])
    return ax


def _angle(a, b):
    return np.arccos(np.clip(a @ b / np.sqrt(a @ a * (b @ b)), -1, 1))


@styled
def turned_gradients(by_value, by_array, by_global, ax=None):
    """By how much three ways of clipping turn a gradient that they shorten.

    Parameters
    ----------
    by_value, by_array, by_global : tuple of (sequence of float, sequence of float)
        For one way of clipping under ever tighter bounds: norm that is left, as a share of the original
        norm, and angle in degrees to the original gradient.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    curves = (
        ("each entry alone (by value)", by_value, MAX, MAX["color"]),
        ("each array alone (by norm)", by_array, {"color": INK, "linestyle": "--"}, INK),
        ("all together (by global norm)", by_global, L2, L2_TEXT),
    )
    most = ", ".join(f"{name} up to {max(angles):.0f} degrees" for name, (_, angles), *_ in curves)
    ax = new_axes(
        ax,
        "Angle between the clipped and the original gradient, against the share of its norm that clipping "
        f"leaves, from 1 down to {min(by_global[0]):g} on a logarithmic axis that falls to the right. "
        f"Largest angles: {most}.",
    )
    for name, (shares, angles), line, color in curves:
        ax.semilogx(shares, angles, **line)
        last = int(np.argmin(np.asarray(shares)))
        ax.text(shares[last] * 1.1, angles[last] + 1.2, name, color=color, ha="right")
    ax.set(xlabel="norm after clipping ÷ norm before", ylabel="turned by (degrees)")
    ax.set_ylim(-2, 1.12 * max(max(by_value[1]), max(by_array[1]), 1))
    ax.invert_xaxis()
    return ax


@styled
def error_surface(cliff, sgd_step, learning_rate=0.2, max_norm=1.0, ax=None):
    """The error surface with a cliff, and a plain and a clipped step from the middle of its wall.

    Parameters
    ----------
    cliff, sgd_step : callable
        Yours.
    learning_rate, max_norm : float
        Of the two steps; only one of them is clipped.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    start = {"w": 4.8, "b": -2.488}
    error, *slopes = cliff(**start)
    gradient = dict(zip(start, map(float, slopes), strict=True))
    plain = sgd_step(start, gradient, learning_rate)
    clipped = sgd_step(start, gradient, learning_rate, max_norm)
    plain_error, clipped_error = (float(cliff(float(p["w"]), float(p["b"]))[0]) for p in (plain, clipped))
    length = np.hypot(plain["w"] - start["w"], plain["b"] - start["b"])
    ax = new_axes(
        ax,
        "The error as a surface over weight and bias: a high plain and a low one, parted by a vertical wall. "
        f"From a point in the wall, where the error is {error:.2f}, a short solid arrow, the clipped step, "
        f"leads down to the foot of the wall, where it is {clipped_error:.2f}. A long dotted arrow, the "
        f"plain step, flies out of the picture: it is {length:.0f} long and ends at error {plain_error:.2f}.",
    )
    _draw_surface(ax, cliff)
    at = _project(start["w"], start["b"], error)
    foot = _project(float(clipped["w"]), float(clipped["b"]), clipped_error)
    out = 1.0 / np.hypot(*gradient.values())
    away = _project(start["w"] - out * gradient["w"], start["b"] - out * gradient["b"], error)
    glow = [withStroke(linewidth=3.5, foreground="white")]
    edge = at + 0.87 * (away - at)  # short of the tick
    for end, color, style in ((edge, WRONG["color"], ":"), (foot, INK, "-")):
        ax.annotate("", end, at, arrowprops={**arrow(color), "linestyle": style, "path_effects": glow})
    ax.plot(*at, "o", color="white", markeredgecolor=INK, markersize=6, zorder=5)
    ax.text(*(away + [0.05, -0.005]), f"plain step\n→ {length:.0f} long", color=WRONG_TEXT, va="center")
    ax.text(*(foot + [-0.02, -0.02]), "clipped step", color="white", ha="right", va="top", fontweight="bold")
    return ax


@styled
def exploding_norms(plain, clipped, ax=None):
    """Norm of the gradient before each step, in runs without clipping and with it.

    Parameters
    ----------
    plain, clipped : list of sequence of float
        One sequence of norms for each run.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    exponents = [[np.log10(norms) for norms in runs] for runs in (plain, clipped)]
    highest, lowest = max(e[-1] for e in exponents[0]), min(e[-1] for e in exponents[0])
    ax = new_axes(
        ax,
        f"Norm of the gradient, as a power of ten, against the step on a logarithmic axis. The {len(plain)} "
        f"dotted lines, runs without clipping, shoot up and break off after {min(map(len, plain))} to "
        f"{max(map(len, plain))} steps, between 1e{lowest:.0f} and 1e{highest:.0f}. The {len(clipped)} "
        f"solid lines, clipped runs, go on for {max(map(len, clipped))} steps and never exceed "
        f"{np.ceil(max(map(max, clipped))):,.0f}: on this axis they lie flat at the bottom.",
    )
    for runs, style in zip(exponents, ({**WRONG, "linewidth": 1.2}, {**L2, "linewidth": 0.8}), strict=True):
        for run in runs:
            ax.semilogx(np.arange(1, len(run) + 1), run, **style)
    ax.axhline(308, color=QUIET, linewidth=0.8)
    ax.text(1, 313, "largest float", va="bottom")
    ax.text(14, 180, "without clipping", color=WRONG_TEXT)
    ax.text(14, 14, "clipped by global norm", color=L2_TEXT)
    ax.set(xlabel="step", ylabel="norm of the gradient", ylim=(-12, 350))
    ax.set_yticks([0, 100, 200, 300], ["1", "1e100", "1e200", "1e300"])
    ax.set_xlim(0.8, max(1000, 1.3 * max(map(len, clipped))))
    return ax


@styled
def norm_and_loss(losses, norms, ax=None):
    """Loss and norm of the gradient along one run, both on one logarithmic axis.

    Parameters
    ----------
    losses, norms : sequence of float
        Before each step.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    lowest = int(np.argmin(norms[len(norms) // 8 :])) + len(norms) // 8
    first = int(np.argmax(norms[:lowest]))
    ax = new_axes(
        ax,
        "Loss and norm of the gradient against the step, on a logarithmic axis. The loss stays at "
        f"{losses[0]:.2f} at first, falls to {losses[len(losses) // 8]:.2f} and then hardly moves, to "
        f"{losses[-1]:.2f} at the end. The norm rises from {norms[0]:.3f} to {norms[first]:.2f} at step "
        f"{first}, falls to {norms[lowest]:.3f} at step {lowest}, and rises again to {norms[-1]:.2f}.",
    )
    ax.semilogy(losses, color=INK, linestyle="--")
    ax.semilogy(norms, **L2)
    ax.text(len(losses) * 0.55, losses[-1] * 1.35, "loss", color=INK)
    ax.text(lowest * 0.5, norms[lowest] * 0.55, "norm of the gradient", color=L2_TEXT)
    ax.set(xlabel="step", ylabel="loss, and norm of its gradient", ylim=(0.6 * min(norms), 2))
    return ax


@styled
def successive_directions(cosines, ax=None):
    """Cosine between each gradient of a run and the one before it.

    Parameters
    ----------
    cosines : sequence of float
        Between the gradients of steps 1 and 0, 2 and 1, and so on.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    cosines, steps = np.asarray(cosines), np.arange(1, len(cosines) + 1)
    early, middle, late = np.mean(cosines[:10]), cosines[10:-10], np.mean(cosines[-50:])
    ax = new_axes(
        ax,
        "Cosine between each gradient and the one before it, against the step: one point each. The first "
        f"ten are near {early:+.2f}, the last fifty near {late:+.2f}; in between they wander from "
        f"{min(middle):+.2f} to {max(middle):+.2f}.",
    )
    ax.plot(steps, cosines, "o", color=L2["color"], markersize=2)
    for height, text in ((1, "same direction again"), (-1, "straight back")):
        ax.axhline(height, color=QUIET, linewidth=0.8)
        ax.text(steps[-1], height * 1.06, text, ha="right", va="bottom" if height > 0 else "top")
    ax.set(xlabel="step", ylabel="cosine with the gradient before", ylim=(-1.3, 1.3))
    ax.set_yticks([-1, 0, 1])
    return ax


@styled
def losses_by_threshold(multiples, losses_by_name, ax=None):
    """Loss at the end of several runs for each of several clipping thresholds.

    Parameters
    ----------
    multiples : sequence of float
        Thresholds, as multiples of the average norm.
    losses_by_name : dict of str to sequence of sequence of float
        For one or two settings and each threshold the losses of its runs, as shares of the target's variance.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    middles = {name: np.median(losses, axis=1) for name, losses in losses_by_name.items()}
    listed = "; ".join(
        f"{name}: " + ", ".join(f"{v:.2f} at {m:g}" for m, v in zip(multiples, values, strict=True))
        for name, values in middles.items()
    )
    ax = new_axes(
        ax,
        "Training loss at the end of each run against the threshold as a multiple of the average norm, on "
        "a logarithmic axis; a line through the medians. A band marks half to ten times the average. "
        f"{listed}.",
    )
    ax.axvspan(0.5, 10, color="#e9eef4", zorder=0)
    looks = ({**L2, "marker": "o"}, {"color": INK, "linestyle": "--", "marker": "s"})
    for (name, losses), look, shift in zip(losses_by_name.items(), looks, (0.95, 1.05), strict=False):
        for multiple, values in zip(multiples, losses, strict=True):
            dots = {"linestyle": "none", "markersize": 3.5, "alpha": 0.6}
            ax.semilogx([multiple * shift] * len(values), values, **{**look, **dots})
        line = {key: look[key] for key in ("color", "linestyle")}
        ax.semilogx(multiples, middles[name], **{**line, "linewidth": 1.2})
        end = middles[name][-1]
        end -= 0.1 * (abs(end - 1) < 0.08)  # off the line of the mean
        color = L2_TEXT if look["color"] == L2["color"] else INK
        glow = [withStroke(linewidth=3, foreground="white")]
        ax.text(14.5, end, name, color=color, va="center", path_effects=glow)
    ax.axhline(1, color=QUIET, linewidth=0.8)
    ax.text(min(multiples), 1.02, "always predicting the mean", va="bottom")
    ax.text(5**0.5, 0.02, "half to ten times", ha="center", va="bottom")
    ax.set(xlabel="threshold ÷ average norm", ylabel="loss ÷ variance of the target")
    ax.set_ylim(0, 1.1 * max(1.1, max(np.max(losses) for losses in losses_by_name.values())))
    ax.set_xlim(0.007, 70)
    ax.set_xticks([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"])
    ax.minorticks_off()
    return ax


_BOX = ((4.1, 5.6), (-3.1, -1.9), (0.0, 0.45))  # weight, bias, error


def _project(w, b, e):
    """Place in the picture of a point of the error surface, seen from the side of the low plain."""
    x, y, z = ((v - low) / (high - low) for v, (low, high) in zip((w, b, e), _BOX, strict=True))
    turn, tilt = np.radians(40), np.radians(30)
    right = np.cos(turn) * (y - 0.5) - np.sin(turn) * (x - 0.5)
    near = np.cos(turn) * (x - 0.5) + np.sin(turn) * (y - 0.5)
    return np.array([right, 0.62 * z * np.cos(tilt) - near * np.sin(tilt)])


def _draw_surface(ax, cliff):
    """Shaded tiles, the furthest first, inside a frame with ticks."""
    W, B, E = np.moveaxis([_profile(cliff, w) for w in np.linspace(*_BOX[0], 49)], 1, 0)
    corners = (np.s_[:-1, :-1], np.s_[1:, :-1], np.s_[1:, 1:], np.s_[:-1, 1:])
    points = np.stack(_project(W, B, E), axis=-1)
    tiles = np.stack([points[c] for c in corners], axis=-2).reshape(-1, 4, 2)
    colors = _lit(W, B, E, height=np.mean([E[c] for c in corners], axis=0)).reshape(-1, 3)
    nearness = np.mean([0.63 * W[c] + B[c] for c in corners], axis=0)  # about in the direction of view
    order = np.argsort(nearness, axis=None)
    _draw_frame(ax)
    ax.add_collection(
        PolyCollection(tiles[order], facecolors=colors[order], edgecolors="face", linewidths=0.3)
    )
    ax.set_aspect("equal")
    ax.axis("off")


def _profile(cliff, w, half_width=0.006):
    """Weight, bias and error of points across the surface for one weight; many of them in the wall."""
    w, (low, high) = float(w), _BOX[1]
    biases = np.linspace(low, high, 49)
    errors = np.array([float(cliff(w, float(b))[0]) for b in biases])
    steepest = int(np.argmin(np.diff(errors)))
    (left, right), half = biases[steepest : steepest + 2], np.mean(errors[steepest : steepest + 2])
    for _ in range(40):  # towards the bias at which the error has dropped half-way
        middle = (left + right) / 2
        left, right = (middle, right) if cliff(w, float(middle))[0] > half else (left, middle)
    apart = np.geomspace(1e-10, half_width, 24)
    b = left + np.concatenate([-apart[::-1], apart])
    e = np.array([float(cliff(w, float(v))[0]) for v in b])
    path = np.append(0, np.cumsum(np.hypot(np.diff(b) / np.ptp(_BOX[1]), np.diff(e) / np.ptp(_BOX[2]))))
    even = np.linspace(0, path[-1], 26)
    sides = np.linspace(low, b[0], 30)[:-1], np.linspace(b[-1], high, 34)[1:]
    e_sides = [np.array([float(cliff(w, float(v))[0]) for v in side]) for side in sides]
    b = np.concatenate([sides[0], np.interp(even, path, b), sides[1]])
    e = np.concatenate([e_sides[0], np.interp(even, path, e), e_sides[1]])
    return np.full_like(b, w), b, e


def _lit(W, B, E, height):
    """Colours of the tiles: by height, darker where they face away from the light."""
    x, y, z = ((v - low) / (high - low) for v, (low, high) in zip((W, B, E), _BOX, strict=True))
    across = np.stack([v[1:, 1:] - v[:-1, :-1] for v in (x, y, z)], axis=-1)
    along = np.stack([v[:-1, 1:] - v[1:, :-1] for v in (x, y, z)], axis=-1)
    normal = np.cross(across, along)
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    light = np.array([0.3, 0.45, 0.85]) / np.linalg.norm([0.3, 0.45, 0.85])
    bright = np.abs(np.divide(normal, length, out=np.zeros_like(normal), where=length > 0) @ light)
    base = colormaps["YlGnBu_r"](0.1 + 0.85 * height / _BOX[2][1])[..., :3]
    return np.clip(base * (0.5 + 0.55 * bright[..., np.newaxis]), 0, 1)


def _draw_frame(ax):
    """Edges of the box with their ticks, in front of the low plain and up its left side."""
    (w0, w1), (b0, b1), (_, e1) = _BOX
    for ends in (((w1, b0, 0), (w1, b1, 0)), ((w0, b1, 0), (w1, b1, 0)), ((w1, b0, 0), (w1, b0, e1))):
        ax.plot(*np.transpose([_project(*end) for end in ends]), color=QUIET, linewidth=0.8)
    for w in (4.5, 5.0, 5.5):
        ax.text(*(_project(w, b1, 0) + [0.02, -0.02]), f"{w:g}", fontsize=7, ha="left", va="top")
    for b in (-3.0, -2.5, -2.0):
        ax.text(
            *(_project(w1, b, 0) + [-0.02, -0.02]),
            f"{b:g}".replace("-", "−"),
            fontsize=7,
            ha="right",
            va="top",
        )
    for e in (0.0, 0.2, 0.4):
        ax.text(*(_project(w1, b0, e) + [-0.02, 0]), f"{e:g}", fontsize=7, ha="right", va="center")
    ax.text(*(_project(5.35, b1, 0) + [0.08, -0.06]), "weight w", ha="left", va="top")
    ax.text(*(_project(w1, -2.5, 0) + [-0.1, -0.1]), "bias b", ha="right", va="top")
    ax.text(*(_project(w1, b0, e1) + [0, 0.04]), "error", ha="center")
    ax.set(xlabel="weight w and bias b", ylabel="error")  # for whom the axes are read out
