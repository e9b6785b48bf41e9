"""Figures of lesson 02: gradients of norms, gradient checks, norms of gradients, step sizes."""

import numpy as np
from matplotlib.ticker import MultipleLocator

from helpers.plots.style import INK, L1, L2, L2_TEXT, QUIET, WRONG, WRONG_TEXT, arrow, new_axes, styled

_WEIGHTS = "#8a4f3d"  # parameters of a network: weights brown, biases grey
_HALO = {"boxstyle": "square,pad=0.1", "color": "white"}  # so that a line does not run through letters


@styled
def gradient_field(norm, gradient, name, ax=None):
    """Level curves of a norm in the plane, and its gradient as arrows, a quarter of their length.

    Parameters
    ----------
    norm : callable
        The norm of a vector, or its square.
    gradient : callable
        Yours.
    name : str
        What the norm is called.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    marks = np.linspace(-1.5, 1.5, 5)
    points = [np.array([a, b]) for a in marks for b in marks if a or b]
    slopes = [np.asarray(gradient(p), dtype=float) for p in points]
    lengths = {p: float(np.hypot(*gradient(np.array(p)))) for p in ((0.75, 0.0), (1.5, 0.0), (1.5, 1.5))}
    described = ", ".join(f"{length:.2f} at {point}" for point, length in lengths.items())
    ax = new_axes(
        ax,
        f"Level curves of the {name} at heights 1, 2, 3 and so on around the origin, a dot, and "
        "arrows on a grid that point uphill, away from the origin. An arrow's length stands for the "
        f"gradient's: {described}.",
    )
    fine = np.linspace(-2.4, 2.4, 97)
    heights = np.array([[float(norm(np.array([a, b]))) for a in fine] for b in fine])
    ray = np.outer(np.linspace(0, 2.8, 561), [np.cos(0.6), np.sin(0.6)])  # between the arrows
    on_ray = np.array([float(norm(point)) for point in ray])
    levels = np.arange(1, min(on_ray[-1], 6))  # the same distance for all: the closer, the steeper
    ax.contour(fine, fine, heights, levels=levels, colors="#b5b5b5", linewidths=0.9)
    for level in levels:
        place = ray[np.argmin(np.abs(on_ray - level))]
        ax.text(*place, f"{level:g}", fontsize=7, ha="center", va="center", bbox=_HALO)
    for point, slope in zip(points, slopes, strict=True):
        style = {**arrow(L1["color"] if "L1" in name else L2_TEXT), "lw": 1.2, "mutation_scale": 7}
        ax.annotate("", point + slope / 4, point, arrowprops=style)
    ax.plot(*np.array(points).T, ".", color=INK, markersize=3)
    ax.plot(0, 0, "o", color=INK, markersize=4)
    ax.set(xlim=(-2.4, 2.4), ylim=(-2.4, 2.4), xlabel="first entry", ylabel="second entry")
    ax.set_title(name)
    ax.set_aspect("equal")
    ax.xaxis.set_major_locator(MultipleLocator(1))
    ax.yaxis.set_major_locator(MultipleLocator(1))
    return ax


@styled
def secants(ax=None):
    """A curve, its tangent, a chord to one side and a chord to both sides."""

    def f(x):
        return 0.5 + 0.35 * x**2.5

    x, h = 1.4, 0.7
    slope = 0.875 * x**1.5
    one_sided, two_sided = (f(x + h) - f(x)) / h, (f(x + h) - f(x - h)) / (2 * h)
    ax = new_axes(
        ax,
        f"A curve that bends upwards, with its tangent of slope {slope:.2f} at x. The chord from x to x + h "
        f"has slope {one_sided:.2f}, far too steep; the chord from x - h to x + h has slope {two_sided:.2f}, "
        "nearly parallel to the tangent.",
    )
    t = np.linspace(0.3, 2.45, 200)
    ax.plot(t, f(t), color=QUIET, linewidth=1)
    ends = np.array([x - h - 0.2, x + h + 0.2])
    ax.plot(ends, f(x) + slope * (ends - x), color=QUIET, linestyle="--")
    right = np.array([x, x + h])
    ax.plot(right, f(right), **WRONG)
    both = np.array([x - h, x + h])
    ax.plot(both, f(both), color=INK)
    ax.plot([x - h, x, x + h], f(np.array([x - h, x, x + h])), "o", color=INK, markersize=4)
    ax.text(0.42, 2.32, f"both sides: slope {two_sided:.2f}", color=INK)
    ax.text(0.42, 2.65, f"one side: slope {one_sided:.2f}", color=WRONG_TEXT)
    ax.text(0.42, 1.99, f"tangent: slope {slope:.2f}", color="#5d6165")
    ax.set(xlabel="where f is computed", ylabel="f", xlim=(0.2, 2.6), ylim=(0, 3.2))
    ax.set_xticks([x - h, x, x + h], ["x − h", "x", "x + h"])
    return ax


@styled
def errors_of_differences(steps, two_sided, one_sided, ax=None):
    """Relative errors of numerical gradients against the step h.

    Parameters
    ----------
    steps : sequence of float
        The step h, rising.
    two_sided, one_sided : sequence of float
        Error for each step.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    steps = np.asarray(steps)
    best = [int(np.argmin(errors)) for errors in (two_sided, one_sided)]
    ax = new_axes(
        ax,
        "Relative error of a numerical gradient against the step h, both on logarithmic axes: two V-shaped "
        f"curves. With both sides the smallest error, {two_sided[best[0]]:.0e}, is at h = "
        f"{steps[best[0]]:.0e}; with one side it is {one_sided[best[1]]:.0e}, at h = {steps[best[1]]:.0e}.",
    )
    ax.loglog(steps, one_sided, **WRONG)
    ax.loglog(steps, two_sided, color=INK)
    at = int(np.argmin(np.abs(np.log(steps / 1e-5))))
    ax.plot(steps[at], two_sided[at], "o", color=INK, markersize=5)
    ax.text(2.5 * steps[at], two_sided[at] / 2, "h = 1e-5", va="top")
    ax.text(2e-3, 3e-9, "both sides", color=INK, ha="left")
    ax.text(4e-6, 1e-4, "one side", color=WRONG_TEXT, ha="right")
    ax.text(0.03, 0.97, "rounding", transform=ax.transAxes, va="top")
    ax.text(0.97, 0.97, "step too large", transform=ax.transAxes, va="top", ha="right")
    ax.set(xlabel="step h", ylabel="relative error", ylim=(1e-13, 30))
    ax.set_yticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
    return ax


@styled
def relative_errors(error_by_parameter, ax=None):
    """Relative error of a gradient for each parameter, beside the levels that people go by.

    Parameters
    ----------
    error_by_parameter : dict of str to float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    names = list(error_by_parameter)
    errors = np.maximum([error_by_parameter[name] for name in names], 1e-16)
    ax = new_axes(
        ax,
        "Relative error on a logarithmic axis for each parameter: "
        + ", ".join(f"{name} {error:.0e}" for name, error in zip(names, errors, strict=True))
        + ". Below 1e-7 is marked as fine, above 1e-2 as wrong.",
        size=(4, 2.2),
    )
    rows = np.arange(len(names))
    wrong = errors > 1e-2
    ax.axvspan(1e-2, 10, color="#fbe6d4")
    ax.axvspan(1e-13, 1e-7, color="#e4eef8")
    ax.plot(errors[~wrong], rows[~wrong], "o", color=L2_TEXT)
    ax.plot(errors[wrong], rows[wrong], "X", color=WRONG_TEXT, markersize=8)
    ax.text(10**-10, -0.75, "fine", ha="center", color=L2_TEXT)
    ax.text(10**-0.5, -0.75, "wrong", ha="center", color=WRONG_TEXT)
    ax.set(xscale="log", xlim=(1e-13, 10), ylim=(len(names) - 0.5, -1.1))
    ax.set(xlabel="relative error", ylabel="parameter")
    ax.set_xticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
    ax.set_yticks(rows, names)
    return ax


@styled
def norms_of_parameters(norms_by_parameter, global_norms, ax=None):
    """Norm of each parameter's gradient, and the global norm, along training.

    Parameters
    ----------
    norms_by_parameter : dict of str to sequence of float
        For W1, b1, W2 and b2, one norm per step.
    global_norms : sequence of float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    lines = {
        "W1": {"color": _WEIGHTS, "linestyle": "--"},
        "W2": {"color": _WEIGHTS, "linestyle": "-."},
        "b1": {"color": QUIET, "linestyle": ":"},
        "b2": {"color": QUIET, "linestyle": "-", "linewidth": 1.1},
    }
    curves = {"global": ({"color": INK, "linestyle": "-"}, global_norms)}
    curves |= {name: (lines[name], norms_by_parameter[name]) for name in lines}
    ends = ", ".join(f"{name} {v[0]:.2g} to {v[-1]:.2g}" for name, (_, v) in curves.items())
    ax = new_axes(
        ax,
        "Norm of the gradient on a logarithmic axis against the training step, from first to last: "
        f"{ends}. The global norm is above all others; those of the weights W1 and W2 are just below it.",
    )
    n_steps = len(global_norms)
    for line, values in curves.values():
        ax.plot(np.arange(1, n_steps + 1), values, **line)
    heights = {name: np.log10(values[-1]) for name, (_, values) in curves.items()}
    del heights["global"]
    at = min(10, n_steps - 1)
    ax.text(at + 1, 1.35 * global_norms[at], "global", color=INK)
    above = np.inf
    for name in sorted(heights, key=heights.get, reverse=True):
        above = min(heights[name], above - 0.2)  # labels must not overlap
        color = curves[name][0]["color"] if name[0] == "W" else "#5d6165"
        ax.text(1.15 * n_steps, 10**above, name, color=color, va="center")
    ax.set(xscale="log", yscale="log", xlabel="training step, logarithmic", ylabel="norm of the gradient")
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.set_xlim(1, 3 * n_steps)
    return ax


@styled
def descent_path(curvatures, path, learning_rate, ax=None):
    """Way of gradient descent over the level curves of a bowl along the axes.

    Parameters
    ----------
    curvatures : sequence of two float
        The bowl is half the sum of curvature times squared entry.
    path : array-like of shape (n_steps + 1, 2)
        Points that were visited.
    learning_rate : float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    path = np.asarray(path, dtype=float)
    turns = int(np.sum(np.diff(np.sign(path[:, 1])) != 0))
    ax = new_axes(
        ax,
        f"Level curves of a bowl that is long in the first direction, and the way of descent at learning "
        f"rate {learning_rate:g} in {len(path) - 1} steps from ({path[0, 0]:.2g}, {path[0, 1]:.2g}) to "
        f"({path[-1, 0]:.2g}, {path[-1, 1]:.2g}). It crosses the long axis {turns} times.",
        size=(4, 2),
    )
    x, y = np.meshgrid(np.linspace(-5, 5, 201), np.linspace(-2.9, 2.9, 201))
    height = 0.5 * (curvatures[0] * x**2 + curvatures[1] * y**2)
    ax.contour(x, y, height, levels=[1, 4, 10, 20, 35], colors="#c4c4c4", linewidths=0.9)
    ax.plot(*path.T, ".-", color=INK, linewidth=1.2, markersize=5)
    ax.plot(*path[0], "o", color=INK, markersize=6)
    ax.set(xlim=(-5, 5), ylim=(-2.9, 2.9), xlabel="first entry", ylabel="second entry")
    ax.set_title(f"learning rate {learning_rate:g}", loc="left")
    return ax


@styled
def norms_of_runs(norms_by_run, tol=None, ax=None):
    """Norm of the gradient before each step, for up to three runs of gradient descent.

    Parameters
    ----------
    norms_by_run : dict of str to sequence of float
        The last run is the one that goes wrong.
    tol : float, optional
        Drawn as a horizontal line.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ends = "; ".join(
        f"{name}: from {v[0]:.3g} to {v[-1]:.2g} in {len(v)} steps" for name, v in norms_by_run.items()
    )
    level = f" A horizontal line marks the tolerance {tol:g}." if tol else ""
    ax = new_axes(
        ax,
        f"Norm of the gradient on a logarithmic axis against the step of gradient descent. {ends}.{level}",
    )
    styles = ({"color": INK, "linestyle": "-"}, {"color": QUIET, "linestyle": "--"}, WRONG)
    styles = dict(zip(norms_by_run, [*styles[: len(norms_by_run) - 1], WRONG], strict=True))
    longest = max(map(len, norms_by_run.values()))
    if tol:
        ax.axhline(tol, color=QUIET, linewidth=0.8)
        ax.text(longest, tol, f"tol = {tol:g}", ha="right", va="bottom")
    for name, values in norms_by_run.items():
        end = (len(values) - 1, values[-1])
        ax.semilogy(values, **styles[name])
        stopped = tol is not None and values[-1] <= tol
        if stopped:
            ax.plot(*end, "o", color=styles[name]["color"], markersize=5)
        color = WRONG_TEXT if styles[name] is WRONG else INK
        half = len(values) // 2
        place = (half, values[half]) if stopped else end
        ax.annotate(name, place, (4, 2 * stopped), textcoords="offset points", va="center", color=color)
    ax.set(xlabel="step of gradient descent", ylabel="norm of the gradient", xlim=(0, 1.35 * longest))
    ax.set_xticks(np.linspace(0, longest, 6).round())
    return ax


@styled
def factors_of_a_step(curvatures, ax=None):
    """Factor by which one step shrinks or grows each direction, against the learning rate.

    Parameters
    ----------
    curvatures : sequence of two float
        The smaller one first.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    low, high = curvatures
    limit = 2 / high
    rates = np.linspace(0, 1.35 * limit, 271)
    ax = new_axes(
        ax,
        f"Size of the factor, |1 minus learning rate times curvature|, against the learning "
        f"rate. For curvature {low:g} it falls slowly from 1; for curvature {high:g} it falls to 0 at "
        f"{1 / high:.3g} and rises again, and crosses 1 at {limit:.3g}.",
    )
    ax.axhspan(1, 2, color="#fbe6d4")
    ax.plot(rates, np.abs(1 - rates * low), color=QUIET, linestyle="--")
    ax.plot(rates, np.abs(1 - rates * high), color=INK)
    ax.plot(limit, 1, "o", color=WRONG_TEXT)
    ax.annotate(f"2 / {high:g} = {limit:g}", (limit, 1), (-6, 6), textcoords="offset points", ha="right")
    ax.text(0.02 * limit, 1.28, "grows", color=WRONG_TEXT)
    ax.text(0.62 * limit, 0.94 - 0.62 * limit * low, f"curvature {low:g}", va="top", ha="center")
    ax.text(0.44 * limit, 0.06, f"curvature {high:g}", ha="right")
    ax.set(xlabel="learning rate", ylabel="size of the factor |1 - ηλ|", xlim=(0, rates[-1]), ylim=(0, 1.45))
    return ax


@styled
def shrinking_weight(l1_path, squared_l2_path, ax=None):
    """One weight, pulled to zero by the L1 norm and by the squared L2 norm.

    Parameters
    ----------
    l1_path, squared_l2_path : sequence of float
        The weight after 0, 1, 2, … steps.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    jumps = np.abs(l1_path[-2:])
    ax = new_axes(
        ax,
        "A weight against the number of steps. Pulled by the L1 norm it falls from "
        f"{l1_path[0]:.2f} in a straight line, and then jumps to and fro between {-jumps.max():.2f} and "
        f"{jumps.max():.2f}; pulled by the squared L2 norm it falls fast, then ever more slowly, and is "
        f"still {squared_l2_path[-1]:.4f} at the end.",
    )
    ax.axhline(0, color=QUIET, linewidth=0.8)
    ax.plot(l1_path, **L1)
    ax.plot(l1_path, ".", color=L1["color"], markersize=4)
    ax.plot(squared_l2_path, **L2)
    n_steps, start = len(l1_path) - 1, l1_path[0]
    ax.text(0.35 * n_steps, 0.6 * start, "L1 norm", color=L1["color"])
    ax.text(0.035 * n_steps, 0.2 * start, "squared\nL2 norm", color=L2_TEXT, va="center")
    ax.set(xlabel="step of gradient descent", ylabel="the weight")
    ax.xaxis.set_major_locator(MultipleLocator(5))
    return ax
