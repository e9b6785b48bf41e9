"""Figures of lesson 03: scores and probabilities, climbs, words, overconfidence, the price of a threshold."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import INK, QUIET, WRONG, WRONG_TEXT, new_axes, styled

# What was learned from, and what is new; label 1 and label 0; precision and recall.
FIRST = {"color": INK, "linestyle": "-"}
SECOND = {"color": "#a96b59", "linestyle": "--"}
SECOND_TEXT = "#7c4a3b"  # darker, so that small letters keep their contrast


def _number(value, digits=2):
    """A number with a minus sign as on the axes."""
    return f"{value:.{digits}f}".replace("-", "−")


@styled
def scores_to_probabilities(score_by_text, ax=None):
    """Texts on the curve that leads from their score to a probability.

    Parameters
    ----------
    score_by_text : dict of str to float
        Scores between -5 and 5, of a few short texts.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    probability_by_text = {text: 1 / (1 + np.exp(-score)) for text, score in score_by_text.items()}
    places = "; ".join(
        f"“{text}” with score {score:g} at {probability_by_text[text]:.2f}"
        for text, score in score_by_text.items()
    )
    ax = new_axes(
        ax,
        "Probability of praise against the score, from -6 to 6: a curve in the shape of an S that rises from "
        f"nearly 0 through one half at score 0 to nearly 1. On it lie: {places}.",
    )
    z = np.linspace(-6, 6, 241)
    ax.plot(z, 1 / (1 + np.exp(-z)), color=INK)
    ax.axhline(0.5, color=QUIET, linewidth=0.6, linestyle=":")
    for text, score in score_by_text.items():
        ax.plot(score, probability_by_text[text], "o", color=INK, markersize=5)
        ax.text(score + 0.35, probability_by_text[text] - 0.015, f"“{text}”", va="top")
    ax.set(xlabel="score", ylabel="probability of praise", xlim=(-6, 6), ylim=(-0.03, 1.03))
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    return ax


@styled
def log_likelihood_of_one(sigmoid, ax=None):
    """What one label adds to the log-likelihood, whichever came, against the score.

    Parameters
    ----------
    sigmoid : callable
        Yours.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    z = np.linspace(-6, 6, 241)
    p = np.asarray(sigmoid(z), dtype=float)
    came_1, came_0 = np.log(p), np.log(1 - p)
    ax = new_axes(
        ax,
        "Logarithm of the probability of the label that came, against the score. If the label is 1, a solid "
        f"curve rises from {came_1[0]:.1f} at score -6 and flattens out at 0. If it is 0, a dashed one, the "
        f"mirror image, falls to {came_0[-1]:.1f} at score 6. They cross at score 0, at {came_1[120]:.2f}.",
    )
    ax.plot(z, came_1, **FIRST)
    ax.plot(z, came_0, **SECOND)
    ax.plot(0, came_1[120], "o", color=INK, markersize=5)
    ax.annotate(
        f"ln ½ = {_number(came_1[120])}",
        (0, came_1[120]),
        (14, -1),
        textcoords="offset points",
        va="center",
    )
    ax.text(-3.1, -3.9, "label 1 came", ha="left", color=INK)
    ax.text(3.1, -3.9, "label 0 came", ha="right", color=SECOND_TEXT)
    ax.set(xlabel="score", ylabel="log-likelihood in nats", xlim=(-6, 6), ylim=(-6.2, 0.25))
    return ax


@styled
def two_climbs(right, flipped, ax=None):
    """Log-likelihood along a right climb and along one whose link function has its sign flipped.

    Parameters
    ----------
    right, flipped : sequence of float
        Log-likelihood after 0, 1, 2, … steps.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    higher = "flipped" if flipped[-1] > right[-1] else "right"
    ax = new_axes(
        ax,
        f"Log-likelihood against the number of steps, starting at {right[0]:.2f}. Two curves side by side: "
        f"with the right link function, solid, to {right[-1]:.2f}, and with its sign flipped, dotted, to "
        f"{flipped[-1]:.2f}. The {higher} one ends higher.",
    )
    ax.plot(flipped, **WRONG)
    ax.plot(right, **FIRST)
    n_steps, top = len(right) - 1, max(*right, *flipped)
    height = top - min(*right, *flipped)
    for name, values, style, color, place, va in (
        ("sign flipped", flipped, WRONG, WRONG_TEXT, (0.86 * n_steps, top + 0.12 * height), "bottom"),
        ("right", right, FIRST, INK, (0.98 * n_steps, top - 0.66 * height), "top"),
    ):
        ax.plot(n_steps, values[-1], "o", color=style["color"], markersize=4)
        ax.annotate(
            f"{name}: ends at {_number(values[-1])}",
            (n_steps, values[-1]),
            place,
            ha="right",
            va=va,
            color=color,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 3},
        )
    ax.set(xlabel="steps", ylabel="log-likelihood in nats", ylim=(None, top + 0.3 * height))
    ax.margins(x=0.02)
    return ax


@styled
def ascent_gradient_norms(gradient_norms, ax=None):
    """Norm of the gradient before each step of an ascent.

    Parameters
    ----------
    gradient_norms : sequence of float
        At least two.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    first, last = gradient_norms[0], gradient_norms[-1]
    ax = new_axes(
        ax,
        "L2 norm of the gradient against the steps of the ascent: it falls steeply from "
        f"{first:.1f}, ever more slowly, and has come down to {last:.1f} after {len(gradient_norms)} steps.",
    )
    ax.plot(gradient_norms, color=INK)
    for step, norm, shift, ha in (
        (0, first, (6, 0), "left"),
        (len(gradient_norms) - 1, last, (0, 7), "right"),
    ):
        ax.plot(step, norm, "o", color=INK, markersize=5)
        ax.annotate(f"{norm:.1f}", (step, norm), shift, textcoords="offset points", ha=ha, va="center")
    ax.set(xlabel="steps", ylabel="norm of the gradient", ylim=(0, 1.08 * max(gradient_norms)))
    return ax


@styled
def word_weights(positive, negative, weight_by_word, ax=None):
    """Weights of the words that speak most for one label and for the other.

    Parameters
    ----------
    positive, negative : list of str
        The words, the one with the largest absolute weight first; yours.
    weight_by_word : dict of str to float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    words = [*positive, *negative[::-1]]
    weights = [weight_by_word[word] for word in words]
    ax = new_axes(
        ax,
        "Horizontal bars, one per word, as long as the word's weight. To the right, from the top: "
        f"{', '.join(f'{word} {weight_by_word[word]:.2f}' for word in positive)}. To the left, from the "
        f"bottom: {', '.join(f'{word} {weight_by_word[word]:.2f}' for word in negative)}.",
    )
    colors = ["#92dadd" if weight > 0 else "#d9b3a8" for weight in weights]
    places = np.arange(len(words))[::-1]
    ax.barh(places, weights, color=colors, edgecolor=INK, linewidth=0.6, height=0.75)
    for place, word, weight in zip(places, words, weights, strict=True):
        side, shift = ("right", -4) if weight > 0 else ("left", 4)
        ax.annotate(
            word, (0, place), (shift, -1), textcoords="offset points", ha=side, va="center", fontsize=8
        )
    ax.axvline(0, color=INK, linewidth=0.8)
    ax.set(xlabel="weight (change of the score for each time the word occurs)", ylabel="word")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return ax


@styled
def growing_weights(n_steps, weight_norms, ax=None):
    """Norm of the weights after more and more steps on data that can be separated.

    Parameters
    ----------
    n_steps : sequence of int
    weight_norms : sequence of float
        L2 norm of the weights after so many steps.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    pairs = ", ".join(f"{norm:.1f} after {n:,}" for n, norm in zip(n_steps, weight_norms, strict=True))
    ax = new_axes(
        ax,
        "L2 norm of the weights against the number of steps on a logarithmic axis. The points lie on a line "
        f"that goes on rising, straight at its end: {pairs} steps.",
    )
    ax.semilogx(n_steps, weight_norms, "o-", color=INK, markersize=4)
    for n, norm in list(zip(n_steps, weight_norms, strict=True))[2::2]:
        ax.annotate(f"{norm:.1f}", (n, norm), (0, 7), textcoords="offset points", ha="right")
    ax.set(xlabel="steps", ylabel="norm of the weights", ylim=(0, 1.15 * max(weight_norms)))
    return ax


@styled
def overconfidence(n_steps, train, new, ax=None):
    """Log-likelihood per text, of known and of new texts, after more and more steps.

    Parameters
    ----------
    n_steps : sequence of int
    train, new : sequence of float
        Log-likelihood divided by the number of texts.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ax = new_axes(
        ax,
        "Log-likelihood per text against the number of steps on a logarithmic axis. For the texts learned "
        f"from a dashed curve goes from {train[0]:.2f} to {train[-1]:.3f}, for new texts a solid one from "
        f"{new[0]:.2f} to {new[-1]:.2f}. A thin line marks the toss of a coin at {np.log(0.5):.2f}.",
    )
    ax.semilogx(n_steps, train, marker="s", markersize=4, **SECOND)
    ax.semilogx(n_steps, new, marker="o", markersize=4, **FIRST)
    ax.axhline(np.log(0.5), color=QUIET, linewidth=0.8)
    ax.text(n_steps[-1], np.log(0.5) + 0.03, "a coin", ha="right")
    middle = len(n_steps) // 2
    ax.annotate(
        "texts learned from",
        (n_steps[middle], train[middle]),
        (0, -8),
        textcoords="offset points",
        va="top",
        color=SECOND_TEXT,
    )
    ax.annotate(
        "new texts",
        (n_steps[middle], new[middle]),
        (-4, -6),
        textcoords="offset points",
        ha="right",
        va="top",
    )
    ax.set(xlabel="steps", ylabel="log-likelihood per text in nats", ylim=(None, 0.08))
    return ax


@styled
def precision_and_recall(thresholds, precisions, recalls, ax=None):
    """Precision and recall of warnings against the threshold from which on one warns.

    Parameters
    ----------
    thresholds : sequence of float
    precisions, recalls : sequence of float
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    ax = new_axes(
        ax,
        f"Precision and recall against the threshold, from {thresholds[0]:.2f} to {thresholds[-1]:.2f}. The "
        f"dashed recall goes from {recalls[0]:.2f} to {recalls[-1]:.2f}, the solid precision, less steadily, "
        f"from {precisions[0]:.2f} to {precisions[-1]:.2f}.",
    )
    ax.plot(thresholds, precisions, **FIRST)
    ax.plot(thresholds, recalls, **SECOND)
    place = len(thresholds) // 4
    for name, values, shift, color in (
        ("precision", precisions, (0, -16), INK),
        ("recall", recalls, (8, 4), SECOND_TEXT),
    ):
        at = (thresholds[place], values[place])
        ax.annotate(name, at, shift, textcoords="offset points", color=color)
    ax.set(xlabel="threshold (probability of going bad)", ylabel="fraction", ylim=(0, 1.03))
    return ax


@styled
def cost_by_threshold(thresholds, costs, best, at_best, all_accepted, all_refused, ax=None):
    """Cost per loan against the threshold from which on a loan is refused.

    Parameters
    ----------
    thresholds, costs : sequence of float
    best, at_best : float
        The threshold that theory recommends, and the cost there.
    all_accepted, all_refused : float
        Cost per loan of banks that do not look.
    ax : Axes, optional

    Returns
    -------
    ax : Axes
    """
    thresholds, costs = np.asarray(thresholds), np.asarray(costs)
    lowest, at_half = np.argmin(costs), costs[np.argmin(np.abs(thresholds - 0.5))]
    ax = new_axes(
        ax,
        "Cost per loan against the threshold above which a loan is refused. The curve has a shallow valley, "
        f"lowest at {thresholds[lowest]:.2f} with {costs[lowest]:.2f}, marked by a triangle, and climbs "
        f"towards the right. Also marked: {at_best:.2f} at {best:.2f}, and {at_half:.2f} at 0.50. Two "
        f"horizontal lines show banks that do not look: {all_refused:.2f} for refusing all, "
        f"{all_accepted:.2f} for accepting all.",
    )
    ax.plot(thresholds, costs, color=INK)
    ax.axhline(all_refused, color=QUIET, linewidth=1, linestyle="--")
    ax.axhline(all_accepted, color=QUIET, linewidth=1, linestyle=":")
    ax.text(1, all_refused + 0.02, f"refuse all: {all_refused:.2f}", ha="right")
    ax.text(0, all_accepted + 0.02, f"accept all: {all_accepted:.2f}", ha="left")
    for threshold, height, name, shift in ((best, at_best, "1/6", (4, -14)), (0.5, at_half, "1/2", (6, -6))):
        ax.plot(threshold, height, "o", color=INK, markersize=5)
        ax.annotate(f"{name}: {height:.2f}", (threshold, height), shift, textcoords="offset points")
    ax.plot(thresholds[lowest], costs[lowest], "^", color=INK, markersize=6, markerfacecolor="white")
    ax.annotate(
        f"lowest: {costs[lowest]:.2f} at {thresholds[lowest]:.2f}",
        (thresholds[lowest], costs[lowest]),
        (0, -27),
        textcoords="offset points",
        va="top",
        arrowprops={
            "arrowstyle": "-",
            "color": INK,
            "linewidth": 0.6,
            "shrinkA": 1,
            "shrinkB": 4,
            "relpos": (0, 1),
        },
    )
    top = 1.15 * max(all_accepted, costs.max())
    ax.set(xlabel="threshold (refuse above it)", ylabel="cost per loan", ylim=(0, top))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    return ax
