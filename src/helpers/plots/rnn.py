"""Figures of lesson 05: an unrolled network, reading row by row, and how far gradients reach."""

import numpy as np

from helpers.plots.style import INK, QUIET, new_axes, styled

# The same line for the same spectral radius, and one for each LSTM.
BELOW = {"color": "#0f7173", "linestyle": "--"}
AT = {"color": INK, "linestyle": "-"}
ABOVE = {"color": "#8a4f3d", "linestyle": "-."}
FAR_ABOVE = {"color": "#a31545", "linestyle": ":"}
LSTM = {"color": "#3b5bb5", "linestyle": ":"}
LSTM_OPEN = {"color": "#6a6a00", "linestyle": "--"}
LSTM_DIRECT = {"color": "#6a6a00", "linestyle": "-."}


@styled
def unrolled_network(n_steps=4, ax=None):
    """A recurrent network, one column per step: inputs below, states in the middle, logits above.

    Parameters
    ----------
    n_steps : int
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ax = new_axes(
        ax,
        f"A recurrent network with {n_steps} steps side by side. In each column an arrow leads up from the "
        "input x to the state h through the matrix W_xh, and on to the logits through W_hy. Another arrow "
        "leads from each state to the next through W_hh. The first starts from h_0. The same three "
        "matrices at every step.",
    )
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.2, "shrinkA": 13, "shrinkB": 13}
    bold = {**arrow, "lw": 2.2}
    _node(ax, 0, 1, "h", 0, "white")
    for t in range(1, n_steps + 1):
        ax.annotate("", (t, 1), (t, 0), arrowprops=arrow)
        ax.annotate("", (t, 2), (t, 1), arrowprops=arrow)
        ax.annotate("", (t, 1), (t - 1, 1), arrowprops=bold)
        _node(ax, t, 0, "x", t, "#eef2f6")
        _node(ax, t, 1, "h", t, "#d5e6f7")
        _node(ax, t, 2, "z", t, "#eef2f6")
    for t in (1, n_steps):
        ax.text(t + 0.06, 0.5, "$W_{xh}$", va="center")
        ax.text(t + 0.06, 1.52, "$W_{hy}$", va="center")
        ax.text(t - 0.5, 1.12, "$W_{hh}$", ha="center")
    ax.set(xlim=(-0.4, n_steps + 0.55), ylim=(-0.4, 2.4), xlabel="step", ylabel="layer")
    ax.set_xticks(range(n_steps + 1))
    ax.set_yticks([0, 1, 2], ["inputs", "states", "logits"])
    ax.tick_params(length=0)
    return ax


def _node(ax, x, y, letter, step, color):
    ax.scatter(x, y, s=480, facecolor=color, edgecolor=QUIET, linewidth=1, zorder=3)
    ax.text(x, y, f"${letter}_{{{step}}}$", ha="center", va="center", fontsize=8, zorder=4)


@styled
def gradient_paths(ax=None):
    """The way of the gradient through three steps of a recurrent network, against all arrows.

    Parameters
    ----------
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ax = new_axes(
        ax,
        "Three steps side by side, t - 1, t and t + 1, each with its logits above, its state in the middle "
        "and the sum inside the tanh below. All arrows lead backwards: from the logits down to the state, "
        "labelled W_hy transposed; from the state down to the sum, labelled 1 - h squared; and slanting from "
        "each sum to the state of the step before, labelled W_hh transposed. Two arrows meet at each state.",
    )
    arrow = {"arrowstyle": "-|>", "color": INK, "lw": 1.2, "shrinkA": 12, "shrinkB": 12}
    bold = {**arrow, "lw": 2.2, "color": BELOW["color"]}
    for t, step in enumerate(("t-1", "t", "t+1")):
        ax.annotate("", (t, 1), (t, 2), arrowprops=arrow)
        ax.annotate("", (t, 0), (t, 1), arrowprops=bold)
        if t:
            ax.annotate("", (t - 1, 1), (t, 0), arrowprops=bold)
        _node(ax, t, 2, "z", step, "#eef2f6")
        _node(ax, t, 1, "h", step, "#d5e6f7")
        _node(ax, t, 0, "a", step, "#eef2f6")
    ax.annotate("", (2, 1), (2.62, 0.38), arrowprops={**bold, "shrinkA": 0})  # from later steps
    ax.annotate("", (-0.62, 0.62), (0, 0), arrowprops={**bold, "shrinkB": 0})  # to earlier ones
    ax.text(1.07, 1.5, r"$\cdot\,W_{hy}^\top$", va="center")
    ax.text(2.07, 0.27, r"$\cdot\,(1-h^2)$", va="center", color=BELOW["color"])
    ax.text(1.58, 0.6, r"$\cdot\,W_{hh}^\top$", color=BELOW["color"])
    ax.set(xlim=(-0.7, 2.7), ylim=(-0.4, 2.4), xlabel="step", ylabel="layer")
    ax.set_xticks([0, 1, 2], ["t − 1", "t", "t + 1"])
    ax.set_yticks([0, 1, 2], ["sums", "states", "logits"])
    ax.tick_params(length=0)
    return ax


@styled
def accuracy_by_row(at_the_end, at_every_row, ax=None):
    """How often the digit is right if the network is stopped after each row, for two ways to train it.

    Parameters
    ----------
    at_the_end, at_every_row : sequence of float
        Fraction that is right after row 1, 2, …: trained with a target after the last row only, and with one
        after every row.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    late, early = 100 * np.asarray(at_the_end), 100 * np.asarray(at_every_row)
    rows = np.arange(1, len(late) + 1)
    ax = new_axes(
        ax,
        f"Percentage of unseen digits that are read right against the number of rows read, 1 to {rows[-1]}. "
        f"Asked at every row: {_listed(early)}. Asked only at the end: {_listed(late)}. A thin line at 10 "
        "is chance.",
    )
    ax.axhline(10, color=QUIET, linewidth=0.8)
    ax.text(rows[-1], 12, "chance", color=QUIET, ha="right")
    ax.plot(rows, early, marker="s", markersize=4, **BELOW)
    ax.plot(rows, late, marker="o", markersize=4, **AT)
    ax.text(rows[2] + 0.15, early[2] - 5, "asked at every row", color=BELOW["color"], va="top")
    ax.text(rows[-1] - 0.25, late[-1] + 1, "asked at the end", ha="right", va="bottom")
    ax.set(xlabel="rows read", ylabel="digits read right in %", ylim=(0, 108))
    ax.set_xticks(rows)
    return ax


def _listed(numbers):
    return ", ".join(f"{number:.0f}" for number in numbers)


@styled
def state_gradients(norms_by_radius, ax=None):
    """How strongly the last state depends on each earlier one, for recurrent matrices of several sizes.

    Parameters
    ----------
    norms_by_radius : dict of float to sequence of float
        ``‖∂h_T/∂h_t‖`` for t = 1, …, T, by the spectral radius of the recurrent matrix.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    curves = [(f"ρ = {radius:g}", norms, _style(radius)) for radius, norms in norms_by_radius.items()]
    ax = _reaching_back(ax, curves)
    ax.set_ylabel(r"$\|\,\partial h_T \,/\, \partial h_t\,\|_2$")
    return ax


def _style(radius):
    """Line of a spectral radius: below 1, 1, above, far above."""
    return BELOW if radius < 1 else AT if radius == 1 else ABOVE if radius < 2 else FAR_ABOVE


@styled
def lstm_beside_rnn(rnn, forget_half, forget_little, direct, ax=None):
    """How strongly the last state depends on each earlier one, for a tanh network and LSTMs.

    Parameters
    ----------
    rnn, forget_half, forget_little, direct : sequence of float
        Norms for t = 1, …, T of a tanh network, of an LSTM whose forget gates begin half open, of one whose
        forget gates begin nearly open, and of the same without W_h.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    curves = [
        ("LSTM, bias 2", forget_little, LSTM_OPEN),
        ("bias 2, $W_h = 0$", direct, LSTM_DIRECT),
        ("LSTM, bias 0", forget_half, LSTM),
        ("tanh, ρ = 1", rnn, AT),
    ]
    ax = _reaching_back(ax, curves)
    ax.set_ylabel(r"$\|\,\partial\,$(last state) / $\partial\,$(state t)$\,\|_2$")
    return ax


def _reaching_back(ax, curves):
    """Norms on a logarithmic axis over the step t, each curve named at its left end."""
    ends = "; ".join(f"{name}: {norms[0]:.1e}" for name, norms, _ in curves)
    n_steps = len(curves[0][1])
    ax = new_axes(
        ax,
        "Norm of the derivative of the last state with respect to the state after step t, on a logarithmic "
        f"axis against t from 1 to {n_steps}. All curves end at 1 on the right. At t = 1 they are at: "
        f"{ends}.",
    )
    steps = np.arange(1, n_steps + 1)
    ax.axhline(1, color=QUIET, linewidth=0.8)
    for _, norms, line in curves:
        ax.semilogy(steps, norms, **line)
    low, high = ax.get_ylim()
    heights = _apart([np.log10(norms[0]) for _, norms, _ in curves], np.log10(high / low) / 12)
    for (name, _, line), height in zip(curves, heights, strict=True):
        ax.text(0.98, 10**height, f"{name}  ", color=line["color"], ha="right", va="center")
    ax.set(xlim=(1, n_steps), xlabel="step t", ylim=(low, high))
    ax.set_xticks([1, *range(10, n_steps + 1, 10)])
    ax.yaxis.tick_right()  # where all curves begin; their names have the left side
    ax.yaxis.set_label_position("right")
    ax.spines["left"].set_visible(False)
    ax.spines["right"].set_visible(True)
    return ax


def _apart(heights, least):
    """Heights moved as little as needed to lie at least so far from each other."""
    order = np.argsort(heights)
    moved = np.array(heights, dtype=float)
    for _ in range(50):
        for below, above in zip(order, order[1:], strict=False):
            overlap = least - (moved[above] - moved[below])
            if overlap > 0:
                moved[above] += overlap / 2
                moved[below] -= overlap / 2
    return moved


@styled
def accuracy_by_wait(waits, accuracies_by_radius, ax=None):
    """How often the digit is right if the network has to wait before it answers.

    Parameters
    ----------
    waits : sequence of int
        Empty steps between the last row and the answer.
    accuracies_by_radius : dict of float to sequence of float
        Fraction that is right for each wait, by the spectral radius at the start of training.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    percent = {radius: 100 * np.asarray(values) for radius, values in accuracies_by_radius.items()}
    series = "; ".join(f"spectral radius {radius:g}: {_listed(v)}" for radius, v in percent.items())
    ax = new_axes(
        ax,
        "Percentage of unseen digits that are read right against the number of empty steps before the "
        f"answer ({_listed(waits)}), for two spectral radii at the start of training. {series}. A thin line "
        "at 10 is chance.",
    )
    ax.axhline(10, color=QUIET, linewidth=0.8)
    ax.text(0, 12, "chance", color=QUIET)
    for marker, (radius, values) in zip("os", percent.items(), strict=False):
        line = _style(radius)
        around = {"markersize": 8, "markerfacecolor": "none"} if marker == "s" else {"markersize": 4}
        ax.plot(waits, values, marker=marker, **around, **line)  # a square around the dot shows both
        first, second = len(waits) // 2 - 1, len(waits) // 2
        if radius < 1:  # beside the fall; the other one stands above its line
            x, y = (waits[first] + waits[second]) / 2 + 0.6, (values[first] + values[second]) / 2
            place = {"ha": "left", "va": "center"}
        else:
            x, y, place = waits[second], values[second] + 5, {"ha": "center", "va": "bottom"}
        ax.text(x, y, f"ρ = {radius:g} at the start", color=line["color"], **place)
    ax.set(xlabel="empty steps before the answer", ylabel="digits read right in %", ylim=(0, 108))
    ax.set_xticks(waits)
    return ax
