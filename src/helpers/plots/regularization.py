"""Figures of lesson 04: overconfidence, L2 and L1 penalties, early stopping, choosing the strength."""

import numpy as np
from matplotlib.ticker import NullLocator

from helpers.plots.style import INK, L1, L2, L2_TEXT, QUIET, WRONG, WRONG_TEXT, new_axes, styled


@styled
def three_fits(x, y, grid, plain, wild, tamed, ax=None):
    """Three curves through the same measured heights.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Measurements.
    grid : ndarray of shape (m,)
        Where the curves are evaluated.
    plain, wild, tamed : ndarray of shape (m,)
        Degree 2; degree 8 without a price; degree 8 with one.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    apart = np.max(np.abs(wild - plain)), np.max(np.abs(tamed - plain))
    ax = new_axes(
        ax,
        f"{len(x)} measured points and three curves against time. The curve of degree 2 is an arch. The "
        "curve of degree 8 without a price swings through nearly every point and leaves the arch by up to "
        f"{apart[0]:.1f} m; with a price it keeps to the arch within {apart[1]:.1f} m.",
    )
    ax.plot(grid, wild, **WRONG)
    ax.plot(grid, plain, color=INK, linestyle="--", linewidth=1.3)
    ax.plot(grid, tamed, **L2)
    ax.plot(x, y, "o", color=INK, markersize=4.5)
    text = {"transform": ax.transAxes, "ha": "center"}
    ax.text(0.5, 0.36, "degree 2 (dashed)", color=INK, **text)
    ax.text(0.5, 0.25, "degree 8, strength 0.01", color=L2_TEXT, **text)
    ax.text(0.5, 0.14, "degree 8, no price (dotted)", color=WRONG_TEXT, **text)
    ax.set(xlabel="time in s", ylabel="height in m")
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    ax.set_ylim(min(y.min(), plain.min()) - 1.2, max(y.max(), plain.max()) + 0.8)
    return ax


@styled
def error_against_norm(norms, training, fresh, other, ax=None):
    """Errors of one family of fits against the norm of their weights.

    Parameters
    ----------
    norms, training, fresh : ndarray of shape (n_strengths,)
        Norm of the weights, error on the points of the fit, and on new ones.
    other : tuple of float
        Norm and error on new points of a fit of degree 2.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    best = int(np.argmin(fresh))
    ax = new_axes(
        ax,
        "Error in metres against the norm of the weights, on a logarithmic axis. Towards large norms the "
        f"error on the points of the fit falls to {training[np.argmax(norms)]:.2f}, while that on new points "
        f"first falls to {fresh[best]:.2f} at norm {norms[best]:.1f} and then rises to "
        f"{fresh[np.argmax(norms)]:.2f}. A diamond marks the fit of degree 2: norm {other[0]:.1f}, error "
        f"{other[1]:.2f}.",
    )
    ax.semilogx(norms, training, color=QUIET, linestyle="--")
    ax.semilogx(norms, fresh, **L2)
    ax.plot(*other, "D", color=INK, markersize=5)
    last = int(np.argmax(norms))
    ax.text(norms[last] * 0.8, fresh[last], "new points", color=L2_TEXT, ha="right", va="center")
    ax.text(norms[last] * 0.55, training[last], "points of the fit", color=INK, ha="right", va="center")
    leader = {"arrowstyle": "-", "color": "#b5b5b5", "lw": 0.7, "shrinkB": 4}
    ax.annotate("degree 2", other, (other[0] * 1.1, other[1] - 0.22), ha="center", arrowprops=leader)
    ax.set(xlabel="norm of the weights but the intercept", ylabel="error in m (root mean square)")
    ax.set_ylim(0, 1.08 * max(np.max(fresh), np.max(training)))
    ticks = [t for t in (1, 3, 10, 30, 100, 300) if np.min(norms) * 0.9 <= t <= np.max(norms) * 1.1]
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    return ax


@styled
def price_of_certainty(objective, ax=None):
    """Regularised log-likelihood of four separable samples, against their only weight.

    Parameters
    ----------
    objective : callable
        ``regularized_log_likelihood(w, X, y, l2_strength)``, yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    X, y = np.array([[1.0, -2], [1, -1], [1, 1], [1, 2]]), np.array([0, 0, 1, 1])
    weights = np.linspace(0, 5, 251)
    curves = {s: np.array([objective(np.array([0, w]), X, y, s) for w in weights]) for s in (0.0, 0.05, 0.5)}
    tops = {s: float(weights[np.argmax(values)]) for s, values in curves.items()}
    ax = new_axes(
        ax,
        "Log-likelihood less price against the weight, from 0 to 5, for three strengths. At strength 0 it "
        "rises "
        f"without end; at 0.05 it has a top at weight {tops[0.05]:.2f}, at 0.5 one at {tops[0.5]:.2f}.",
    )
    lines = {
        0.0: WRONG,
        0.05: L2,
        0.5: {**L2, "linestyle": "--"},
    }
    for strength, values in curves.items():
        ax.plot(weights, values, **lines[strength])
        if strength:
            ax.plot(tops[strength], np.max(values), "o", color=L2_TEXT, markersize=5)
    ax.text(4.1, 0.08, "strength 0", color=WRONG_TEXT, ha="center", va="bottom")
    ax.text(2.7, -0.95, "strength 0.05", color=L2_TEXT, ha="center", va="center")
    ax.text(1.05, -2.4, "strength 0.5", color=L2_TEXT, ha="center", va="center")
    ax.set(xlabel="weight of the feature", ylabel="log-likelihood − price in nats", ylim=(-4, 0.45))
    return ax


@styled
def stable_and_unstable(norms_by_factor, ax=None):
    """Gradient norms of ascent at learning rates below and above the bound.

    Parameters
    ----------
    norms_by_factor : dict of float to ndarray of shape (n_steps,)
        Norms of the gradient, by learning rate over the bound.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ends = "; ".join(f"at {f:g} times the bound it ends at {n[-1]:.3g}" for f, n in norms_by_factor.items())
    first = next(iter(norms_by_factor.values()))[0]
    ax = new_axes(
        ax,
        "Norm of the gradient on a logarithmic axis against the step, for several learning rates. It begins "
        "at "
        f"{first:.3g}; {ends}.",
    )
    for (factor, norms), line, color, at, shift, va in zip(
        norms_by_factor.items(),
        (L2, {**L2, "linestyle": "--"}, WRONG),
        (L2_TEXT, L2_TEXT, WRONG_TEXT),
        (4, 14, 24),
        (0.8, 1.3, 0.55),
        ("top", "bottom", "top"),
        strict=False,
    ):
        ax.semilogy(norms, **line)
        ax.text(at, norms[at] * shift, f"{factor:g} × bound", color=color, va=va)
    ax.set(xlabel="step", ylabel="norm of the gradient in nats")
    ax.set_ylim(bottom=0.35 * min(map(np.min, norms_by_factor.values())))
    return ax


@styled
def coefficient_paths(path, strengths, vocabulary, shown, ax=None):
    """Weights of words against the L2 strength, a few of them labelled.

    Parameters
    ----------
    path : ndarray of shape (n_strengths, n_words + 1)
        Weights, one row per strength; column 0 is the intercept, which is left out.
    strengths : sequence of float
    vocabulary : list of str
    shown : list of str
        Words that get a label; the others are thin lines. Dashed: negative at the second strength.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    place = np.arange(len(strengths))
    by_word = {word: path[:, vocabulary.index(word) + 1] for word in shown}
    starts = ", ".join(f"{word} from {w[0]:.1f} to {w[1]:.1f}" for word, w in by_word.items())
    ax = new_axes(
        ax,
        "Weights of the words against L2 strength, which rises from left to right in unequal steps. Most "
        "weights "
        f"draw near zero and end there. From the first to the second strength: {starts}.",
    )
    ax.plot(place, path[:, 1:], color=QUIET, alpha=0.22, linewidth=0.4, zorder=0)
    ax.plot(place[[0, -1]], [0, 0], color=QUIET, linewidth=0.8)
    for w in by_word.values():
        ax.plot(place, w, **(L2 if w[1] > 0 else {**L2, "linestyle": "--"}), linewidth=1.4)
    ordered = sorted(by_word, key=lambda word: by_word[word][0])
    ends = np.array([by_word[word][0] for word in ordered])
    low, high = path[:, 1:].min(), path[:, 1:].max()
    heights = _spread(ends, 0.085 * (high - low))
    for word, end, height in zip(ordered, ends, heights, strict=True):
        leader = {"arrowstyle": "-", "color": "#b5b5b5", "lw": 0.7, "shrinkA": 0, "shrinkB": 1}
        ax.annotate(word, (0, end), (-0.3, height), color=L2_TEXT, ha="right", va="center", arrowprops=leader)
    ax.set(
        xlabel="L2 strength (not to scale)", ylabel="weight of the word", xlim=(-1.75, len(strengths) - 0.9)
    )
    ax.set_xticks(place, [f"{s:g}" if s < 1e4 else "1e5" for s in strengths])
    return ax


def _spread(heights, gap):
    """Rising heights moved apart so that neighbours keep at least the gap, their middle where it was."""
    spread = np.array(heights, dtype=float)
    for _ in range(200):
        for i in range(len(spread) - 1):
            overlap = gap - (spread[i + 1] - spread[i])
            if overlap > 0:
                spread[i] -= overlap / 2
                spread[i + 1] += overlap / 2
    return spread


@styled
def stopping_and_paying(stopped, paid, ax=None):
    """Score on validation data against the norm of the weights: fits that stop early, fits with a price.

    Parameters
    ----------
    stopped, paid : dict of str to tuple of float
        Norm of the weights and score, by label.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    best = [max(d.items(), key=lambda item: item[1][1]) for d in (stopped, paid)]
    ax = new_axes(
        ax,
        "Mean validation log-likelihood against the norm of the weights, two curves that rise together to a "
        f"hilltop and fall again. Stopping early is best after {best[0][0]} steps (norm {best[0][1][0]:.1f}, "
        f"{best[0][1][1]:.3f} nats), paying at strength {best[1][0]} (norm {best[1][1][0]:.1f}, "
        f"{best[1][1][1]:.3f} nats).",
    )
    for points, (_, top), line, marker, color, up in (
        (stopped, best[0], WRONG, "s", WRONG_TEXT, -1),
        (paid, best[1], L2, "o", L2_TEXT, 1),
    ):
        ax.plot(*zip(*points.values(), strict=True), marker=marker, markersize=4, **line)
        for label, point in points.items():
            falling = point[0] > top[0]  # there, the room is on both sides, not above and below
            ax.annotate(
                label,
                point,
                (-6 * up, 2 - 7 * (up > 0)) if falling else (0, 7 * up),
                textcoords="offset points",
                color=color,
                fontsize=7,
                ha=("right" if up > 0 else "left") if falling else "center",
                va="center" if falling else "bottom" if up > 0 else "top",
            )
    ax.set_xscale("log")
    ax.set(xlabel="norm of the weights", ylabel="validation log-likelihood\nper review in nats")
    scores = [score for d in (stopped, paid) for _, score in d.values()]
    norms = [norm for d in (stopped, paid) for norm, _ in d.values()]
    room = max(scores) - min(scores)
    ax.set_ylim(min(scores) - 0.14 * room, max(scores) + 0.14 * room)
    ax.set_xlim(0.75 * min(norms), 1.9 * max(norms))
    ticks = [t for t in (0.3, 1, 3, 10, 30, 100) if min(norms) <= t <= max(norms) * 1.3]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    text = {"transform": ax.transAxes, "ha": "center"}
    ax.text(0.5, 0.2, "with a price (its strength)", color=L2_TEXT, **text)
    ax.text(0.5, 0.08, "stopped (after so many steps)", color=WRONG_TEXT, **text)
    return ax


@styled
def circle_and_diamond(ax=None):
    """Where the level lines of an error first touch the L2 circle and the L1 diamond."""
    # ellipses around the best fit: (w - centre)' A (w - centre)
    centre, A = np.array([1.6, 0.35]), np.array([[1.0, 0.35], [0.35, 0.8]])
    angles = np.linspace(0, 2 * np.pi, 7201)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    diamond = circle / np.sum(np.abs(circle), axis=1, keepdims=True)

    def error(points):
        return np.einsum("ni,ij,nj->n", points - centre, A, points - centre)

    touches = [ball[np.argmin(error(ball))] for ball in (circle, diamond)]
    ax = new_axes(
        ax,
        "The plane of two weights, with ellipses of equal error around the best fit at the right. The "
        f"smallest ellipse that reaches the circle touches it at ({touches[0][0]:.2f}, {touches[0][1]:.2f}), "
        "where neither weight is 0. The one that reaches the diamond touches it in its corner at "
        f"({touches[1][0]:.2f}, {abs(touches[1][1]):.2f}).",
    )
    half = np.linalg.inv(np.linalg.cholesky(A)).T
    for touch in touches:
        ellipse = centre + np.sqrt(error(touch[np.newaxis])[0]) * circle @ half.T
        ax.plot(*ellipse.T, color=QUIET, linestyle=":", linewidth=1)
    ax.plot(*circle.T, **L2)
    ax.plot(*diamond.T, **L1)
    ax.plot(*touches[0], "o", color=L2["color"], markersize=6)
    ax.plot(*touches[1], "D", color=L1["color"], markersize=6)
    ax.plot(*centre, "+", color=INK, markersize=9)
    ax.text(centre[0] + 0.07, centre[1] + 0.06, "best fit", color=INK)
    ax.text(-0.82, 0.82, "L2", color=L2_TEXT, ha="center", va="center")
    ax.text(-0.36, 0.36, "L1", color=L1["color"], ha="center", va="center")
    ax.axhline(0, color=QUIET, linewidth=0.6, zorder=0)
    ax.axvline(0, color=QUIET, linewidth=0.6, zorder=0)
    ax.set(xlabel="weight 1", ylabel="weight 2", xlim=(-1.15, 2.3), ylim=(-1.15, 1.5))
    ax.set_xticks([-1, 0, 1, 2])
    ax.set_yticks([-1, 0, 1])
    ax.set_aspect("equal")
    return ax


@styled
def pulls(ax=None):
    """How strongly each penalty pulls at a weight, against the weight's size, with a pull of the data."""
    sizes, strength, data = np.linspace(0, 2, 201), 1.0, 0.7
    ax = new_axes(
        ax,
        "Pull of a penalty against the size of the weight. The L2 pull is a straight line from 0 upwards, "
        f"the L1 pull is constant at {strength:g}. A constant pull of the data of {data:g} meets the L2 "
        f"line at weight {data / 2:g}; it lies below the L1 line everywhere.",
    )
    ax.plot(sizes, 2 * strength * sizes, **L2)
    ax.plot(sizes, np.full_like(sizes, strength), **L1)
    ax.axhline(data, color=INK, linestyle=":", linewidth=1.3)
    ax.plot(data / 2, data, "o", color=L2["color"], markersize=6)
    ax.plot(0, data, "D", color=L1["color"], markersize=6, clip_on=False)
    ax.text(0.92, 1.62, "L2: 2 · strength · weight", color=L2_TEXT, ha="left")
    ax.text(1.98, 1.05, "L1: strength", color=L1["color"], ha="right", va="bottom")
    ax.text(1.98, data - 0.05, "pull of the data", color=INK, ha="right", va="top")
    ax.set(xlabel="size of the weight", ylabel="pull in nats per unit", xlim=(0, 2), ylim=(0, 2))
    ax.set_xticks([0, 0.5, 1, 1.5, 2])
    ax.set_yticks([0, 0.5, 1, 1.5, 2])
    return ax


@styled
def weights_by_rank(w_l2, w_l1, ax=None):
    """Sizes of the weights of two fits, the largest first.

    Parameters
    ----------
    w_l2, w_l1 : ndarray of shape (n_features,)
        Fits with an L2 and with an L1 penalty; the intercept is left out.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    sizes = [np.sort(np.abs(w[1:]))[::-1] for w in (w_l2, w_l1)]
    counts = [int(np.count_nonzero(s)) for s in sizes]
    ax = new_axes(
        ax,
        "Size of the weights on a logarithmic axis against their rank, the largest first. The L2 curve "
        "falls slowly "
        f"over {counts[0]} words that are not zero. The L1 curve breaks off after {counts[1]} words.",
    )
    for values, count, line in zip(sizes, counts, (L2, L1), strict=True):
        ax.semilogy(np.arange(1, count + 1), values[:count], **line)
    ax.plot(counts[1], sizes[1][counts[1] - 1], "D", color=L1["color"], markersize=5)
    ax.text(
        counts[1] + 0.035 * counts[0],
        sizes[1][counts[1] - 1],
        f"L1: {counts[1]} words, then zeros",
        color=L1["color"],
        va="center",
    )
    middle = int(0.62 * counts[0])
    ax.text(middle, sizes[0][middle] * 1.7, f"L2: {counts[0]} words", color=L2_TEXT, ha="center")
    floor = min(sizes[0][int(0.97 * counts[0])], sizes[1][counts[1] - 1])
    ax.set(
        xlabel="rank of the word",
        ylabel="size of its weight",
        ylim=(0.4 * floor, 2 * max(map(np.max, sizes))),
    )
    ax.yaxis.set_minor_locator(NullLocator())
    return ax
