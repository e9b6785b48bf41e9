"""What all figures share: `show`, the style, and the lines that mean the same all course long.

`show` displays a figure as an image that carries its text alternative in JupyterLab and in exported
pages. The figures do not go through pyplot: nothing is displayed twice, and no setting leaks.
"""

import base64
import html
import io

import matplotlib as mpl
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
_DPI, _SHOWN_DPI = 200, 115  # drawn for sharp screens, shown at one size of letters
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
        figure.savefig(buffer, format="png", dpi=_DPI, bbox_inches="tight", pad_inches=0.08)
    png = buffer.getvalue()
    n_pixels = int.from_bytes(png[16:20], "big")  # the width, as the header of a PNG has it
    return Picture(png, n_pixels / _DPI * _SHOWN_DPI, alt)


def new_axes(ax, alt, size=(4, 3)):
    """Axes to draw on, their figure labelled with its text alternative."""
    if ax is None:
        ax = Figure(figsize=size, layout="constrained").add_subplot()
    ax.figure.set_label(alt)
    return ax


def styled(draw):
    """Draw under the course's style, without changing anybody's settings."""

    def styled(*args, **kwargs):
        with mpl.rc_context(_STYLE):
            return draw(*args, **kwargs)

    styled.__name__, styled.__doc__ = draw.__name__, draw.__doc__
    return styled


def arrow(color):
    """Style of an arrow that leads exactly from one point to the other."""
    return {"arrowstyle": "-|>", "color": color, "lw": 1.8, "shrinkA": 0, "shrinkB": 0}


def no_frame(ax):
    """Take away ticks and spines, as for pixels."""
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
