"""Figures of lesson 07: a marked sequence, runs that die, who survives, and what a network has learned."""

import numpy as np
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

from helpers.plots.style import INK, L2, L2_TEXT, QUIET, WRONG, WRONG_TEXT, new_axes, styled

_DENSE = {"color": INK, "linestyle": (0, (5, 1.5))}
_FATES = {  # marker, colour, filled
    "learned": ("o", L2["color"], L2["color"]),
    "alive": ("o", QUIET, "white"),
    "exploded": ("x", WRONG["color"], WRONG["color"]),
}


@styled
def marked_sequence(x, y, ax=None):
    """One sequence of the adding problem: its numbers, and which two of them are marked.

    Parameters
    ----------
    x : ndarray of shape (T, 2)
        Numbers and marks of one sequence.
    y : float
        Sum of the marked numbers.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    x = np.asarray(x, dtype=float)
    steps, marked = np.arange(len(x)), np.flatnonzero(x[:, 1])
    found = " and ".join(f"{x[t, 0]:.2f} at step {t}" for t in marked)
    ax = new_axes(
        ax,
        f"A sequence of {len(x)} random numbers from 0 to 1, one thin grey line each. Two are marked by a "
        f"bold line with a dot: {found}. Their sum is {float(y):.2f}.",
    )
    ax.vlines(steps, 0, x[:, 0], color=QUIET, linewidth=1)
    ax.plot(steps, x[:, 0], "_", color=QUIET, markersize=6)
    ax.vlines(marked, 0, x[marked, 0], color=L2["color"], linewidth=2.5)
    ax.plot(marked, x[marked, 0], "o", color=L2["color"], markersize=7)
    for t in marked:
        ax.text(t, x[t, 0] + 0.06, f"{x[t, 0]:.2f}", color=L2_TEXT, ha="center")
    ax.axvline(len(x) // 2 - 0.5, color=QUIET, linestyle=":", linewidth=1)
    ax.set_title(f"due after the last step: {float(y):.2f}", loc="right", color=L2_TEXT)
    ax.set(xlabel="step t", ylabel="number in channel 0", ylim=(0, 1.15))
    ax.set_xticks([0, len(x) // 2 - 1, len(x) - 1])
    return ax


@styled
def anatomy_of_an_explosion(losses, gradient_norms, alarm, ax=None):
    """Loss and gradient norm of a run that explodes, and when the monitor notices.

    Parameters
    ----------
    losses, gradient_norms : sequence of float
    alarm : int
        Update at which the monitor first says that it has exploded.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    losses, norms = np.asarray(losses, dtype=float), np.asarray(gradient_norms, dtype=float)
    finite = "all finite" if np.all(np.isfinite(losses)) else "not all finite"
    ax = new_axes(
        ax,
        f"Loss and gradient norm on a logarithmic axis against the update, 0 to {len(losses) - 1}. Both are "
        f"near 1 at first. At update {alarm}, a vertical line, the monitor sounds the alarm. Afterwards both "
        f"shoot up, the loss to 1e{np.log10(np.nanmax(losses)):.0f}; the losses are {finite}.",
    )
    ax.semilogy(losses, color=INK, linestyle="-")
    ax.semilogy(norms, **WRONG)
    ax.axvline(alarm, color=QUIET, linewidth=0.8)
    ax.text(alarm, 1.02, f"alarm: update {alarm}", transform=ax.get_xaxis_transform())
    late = int(0.75 * len(norms))
    above, below = {"xytext": (0, 10)}, {"xytext": (0, -20), "color": WRONG_TEXT}
    for name, value, place in (("loss", losses[late], above), ("gradient norm", norms[late], below)):
        ax.annotate(name, (late, value), textcoords="offset points", ha="center", **place)
    ax.set(xlabel="update", ylabel="loss, gradient norm")
    top = np.log10(np.nanmax(losses))
    between = next(step for step in (1, 2, 5, 10, 20, 50, 100) if top <= 6 * step)
    ax.yaxis.set_major_locator(FixedLocator(10.0 ** np.arange(0, top + 1, between)))
    ax.yaxis.set_minor_locator(NullLocator())
    return ax


@styled
def reach_of_the_last_state(norms_by_run, threshold=1e-4, ax=None):
    """How strongly the last state of some networks depends on each earlier one.

    Parameters
    ----------
    norms_by_run : dict of str to sequence of float
        Norm of the derivative of the last state with respect to each state, for up to three networks.
    threshold : float
        Below it, at the first step, the connection counts as lost.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    starts = "; ".join(f"{name}: {norms[0]:.0e} after the first step" for name, norms in norms_by_run.items())
    ax = new_axes(
        ax,
        "Norm of the derivative of the last state with respect to each state, on a logarithmic axis against "
        f"the step. All curves end at 1. {starts}. A thin horizontal line is the threshold {threshold:g}.",
    )
    lines = (L2, WRONG, _DENSE)
    colors = (L2_TEXT, WRONG_TEXT, INK)
    shifts = ((0, 7), (10, -9), (0, 7))
    for (name, norms), line, color, shift in zip(norms_by_run.items(), lines, colors, shifts, strict=False):
        norms = np.maximum(np.asarray(norms, dtype=float), 1e-30)
        ax.semilogy(norms, **line)
        middle = len(norms) // 3
        ax.annotate(name, (middle, norms[middle]), shift, textcoords="offset points", color=color)
    ax.axhline(threshold, color=QUIET, linewidth=0.8)
    ax.text(len(norms) - 1, threshold * 0.6, f"threshold {threshold:g}", ha="right", va="top")
    ax.set(xlabel="step t", ylabel=r"$\|\partial h_T \,/\, \partial h_t\|$")
    ax.xaxis.set_major_locator(FixedLocator([0, 5, 10, 15, len(norms) - 1]))
    return ax


@styled
def gradient_norms_of_runs(norms_by_run, tol, ax=None):
    """Gradient norm along two training runs, beside the tolerance of the monitor.

    Parameters
    ----------
    norms_by_run : dict of str to sequence of float
        Gradient norms before each update, for up to two runs.
    tol : float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ends = "; ".join(
        f"{name}: {np.median(norms[-20:]):.0e} at the end" for name, norms in norms_by_run.items()
    )
    ax = new_axes(
        ax,
        f"Gradient norm on a logarithmic axis against the update. {ends}. A thin horizontal line is the "
        f"tolerance {tol:g}.",
    )
    places = ((0.98, 0.7, "right"), (0.04, 0.12, "left"))
    for (name, norms), line, color, (x, y, side) in zip(
        norms_by_run.items(), (L2, WRONG), (L2_TEXT, WRONG_TEXT), places, strict=False
    ):
        ax.semilogy(norms, linewidth=1.2, color=line["color"], linestyle=line["linestyle"])
        ax.text(x, y, name, color=color, transform=ax.transAxes, ha=side)
    ax.axhline(tol, color=QUIET, linewidth=0.8)
    ax.text(0, tol * 0.4, f"tolerance {tol:g}", va="top")
    ax.set(xlabel="update", ylabel="norm of the gradient")
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())
    return ax


@styled
def survivors(fates_by_setting, ax=None):
    """What became of each run, for some learning rates, without and with clipping.

    Parameters
    ----------
    fates_by_setting : dict of (float, str) to list of str
        For each learning rate and "without clipping" or "with clipping" the fate of each run: "learned",
        "alive" (but it has not learned) or "exploded".
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    rates = list(dict.fromkeys(rate for rate, _ in fates_by_setting))
    sides = ("without clipping", "with clipping")
    n_runs = max(len(fates) for fates in fates_by_setting.values())
    counts = "; ".join(
        f"learning rate {rate:g} {side}: {fates.count('learned')} learned, {fates.count('exploded')} exploded"
        for (rate, side), fates in fates_by_setting.items()
    )
    ax = new_axes(
        ax,
        f"A table of symbols, one for each of {n_runs} runs: a row for each learning rate, the left half "
        f"without clipping and the right half with. {counts}.",
        size=(4, 2.4),
    )
    offset = n_runs + 2
    for (rate, side), fates in fates_by_setting.items():
        start, row = sides.index(side) * offset, rates.index(rate)
        for fate, (marker, edge, face) in _FATES.items():
            places = [start + i for i, f in enumerate(fates) if f == fate]
            ax.plot(
                places,
                [row] * len(places),
                linestyle="None",
                marker=marker,
                markersize=6.5,
                color=edge,
                markerfacecolor=face,
                markeredgewidth=1.6,
            )
        middle = start + (n_runs - 1) / 2
        ax.text(
            middle,
            row + 0.42,
            f"{fates.count('learned')} of {n_runs} learned",
            ha="center",
            va="center",
            fontsize=8,
        )
        if row == 0:
            ax.text(middle, -0.72, side, ha="center", va="center", weight="bold")
    legend = (("learned", L2_TEXT, "●"), ("alive, not learned", INK, "○"), ("exploded", WRONG_TEXT, "×"))
    for x, (name, color, symbol) in zip((0, 0.31, 0.75), legend, strict=True):
        ax.text(x, -0.27, f"{symbol} {name}", color=color, transform=ax.transAxes)
    ax.set(xlabel="ten seeds, the same on both sides", ylabel="learning rate", ylim=(len(rates) - 0.3, -1.1))
    ax.set_yticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    ax.set_xticks([])
    return ax


@styled
def one_bad_gradient(paths, bad, ax=None):
    """Where a parameter goes after one enormous gradient, for three places to clip.

    Parameters
    ----------
    paths : dict of str to sequence of float
        The parameter after each update, by what is clipped; three of them.
    bad : int
        Update with the bad gradient.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    losses = "; ".join(f"{name}: {path[-1] - path[bad - 1]:+.1f}" for name, path in paths.items())
    ax = new_axes(
        ax,
        f"A parameter against the update, for three places to clip. All three fall alike up to update {bad}, "
        f"where one bad gradient pushes upwards. From then to the end they move by: {losses}.",
    )
    styles = (
        (L2, L2_TEXT, (-4, -12), "right"),
        (_DENSE, INK, (4, 4), "left"),
        (WRONG, WRONG_TEXT, (-4, 4), "right"),
    )
    for (name, path), (line, color, shift, side) in zip(paths.items(), styles, strict=True):
        ax.plot(path, **line)
        spot = 5 * len(path) // 8, path[5 * len(path) // 8]
        ax.annotate(f"clip the {name}", spot, shift, textcoords="offset points", color=color, ha=side)
    ax.axvline(bad, color=QUIET, linewidth=0.8)
    ax.set(xlabel="update", ylabel="parameter")
    ax.margins(y=0.12)
    return ax


@styled
def cut_into_micro_batches(n_pieces, norms_by_order, ax=None):
    """Length of the clipped gradient of one batch, against the number of pieces it was cut into.

    Parameters
    ----------
    n_pieces : sequence of int
    norms_by_order : dict of str to sequence of float
        Global norms of what is left after clipping, for two orders of averaging and clipping.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ends = "; ".join(
        f"{name}: from {norms[0]:.2f} to {norms[-1]:.2f}" for name, norms in norms_by_order.items()
    )
    ax = new_axes(
        ax,
        f"Norm of the clipped gradient of one batch against the number of micro-batches it was cut into, "
        f"{n_pieces[0]} to {n_pieces[-1]}, on a logarithmic axis. {ends}.",
    )
    spots = ((2, (0, 7), "left"), (-2, (-8, -9), "right"))
    for (name, norms), line, color, marker, (i, shift, side) in zip(
        norms_by_order.items(), (L2, WRONG), (L2_TEXT, WRONG_TEXT), "os", spots, strict=True
    ):
        ax.semilogx(n_pieces, norms, marker=marker, markersize=4.5, **line)
        ax.annotate(name, (n_pieces[i], norms[i]), shift, textcoords="offset points", color=color, ha=side)
    ax.set(xlabel="micro-batches", ylabel="norm of the step's gradient", ylim=(0, 0.65))
    ax.set_xticks(n_pieces, [str(n) for n in n_pieces])
    ax.xaxis.set_minor_locator(NullLocator())
    return ax


@styled
def error_by_length(lengths, errors_by_network, trained_on=20, ax=None):
    """Error of some networks on sequences of other lengths than they were trained on.

    Parameters
    ----------
    lengths : sequence of int
    errors_by_network : dict of str to sequence of float
        Mean squared errors on sequences of each length, for up to three networks.
    trained_on : int
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    constant, i = 1 / 6, list(lengths).index(trained_on)
    found = "; ".join(
        f"{name}: {errors[0]:.2g} at {lengths[0]} steps, {errors[i]:.2g} at {trained_on}, "
        f"{errors[-1]:.2g} at {lengths[-1]}"
        for name, errors in errors_by_network.items()
    )
    ax = new_axes(
        ax,
        "Mean squared error on a logarithmic axis against the length of the sequences, one curve for each of "
        f"{len(errors_by_network)} networks. {found}. A thin line is always answering 1, {constant:.3f}.",
    )
    styles = ((L2, "o"), (WRONG, "s"), (_DENSE, "^"))
    for (name, errors), (line, marker) in zip(errors_by_network.items(), styles, strict=False):
        ax.semilogy(lengths, errors, marker=marker, markersize=4.5, label=name, **line)
    ax.axhline(constant, color=QUIET, linewidth=0.8)
    ax.axvline(trained_on, color=QUIET, linewidth=0.8)
    ax.text(trained_on, 1.02, "trained here", transform=ax.get_xaxis_transform(), ha="center")
    ax.text(1.01, constant, "always\n1", va="center", transform=ax.get_yaxis_transform())
    ax.legend(loc="lower right")
    ax.set(xlabel="steps in each sequence", ylabel="mean squared error")
    ax.yaxis.set_minor_locator(NullLocator())
    return ax
