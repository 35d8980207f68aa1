"""Sizes, fonts and colours of the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import matplotlib as mpl
import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.text import Text

from mdesign.arguments import number
from mdesign.plotting.checks import panels

__all__ = ["COLOURS", "COLUMN", "PAGE", "PATH_COLOURS", "PHASES", "label_panels", "use_style"]

COLUMN = 8.5 / 2.54
"""Width of a journal column, 8.5 cm, in inches."""

PAGE = 17.8 / 2.54
"""Width of a journal page, 17.8 cm, in inches."""

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, told apart with any colour vision; the cycle of the style."""

Panels = Sequence[Axes] | npt.NDArray[np.object_]
"""Several axes, as a list or as the array that `matplotlib.pyplot.subplots` returns."""

MARKERS = "osD^vP*"
"""Marks of several curves in one panel."""

PHASES = "cividis"
"""Colour map of phases: soft (0) dark blue, stiff (1) yellow."""

PATH_COLOURS = LinearSegmentedColormap.from_list("green_to_yellow", ["#00A05A", "#FFF200"])
"""Colour map along a solution path: green at its beginning, yellow at its end."""


def use_style() -> AbstractContextManager[object]:
    """Apply the figure style at once.

    Returns
    -------
    context manager
        Puts the former settings back in a ``with`` statement; ignore it to keep the style.

    Examples
    --------
    >>> import matplotlib
    >>> with use_style():
    ...     matplotlib.rcParams["font.size"]
    7.5
    """
    undo = ExitStack()
    undo.callback(mpl.rcParams.update, mpl.rcParams.copy())
    matplotlib.style.use(Path(__file__).with_name("mdesign.mplstyle"))
    return undo


def label_panels(axes: Iterable[Axes], *, first: str = "a", left: float = 0.0) -> list[Text]:
    """Write (a), (b), ... above the upper left corner of each panel.

    Parameters
    ----------
    axes : iterable of Axes
        The panels in reading order.
    first : str
        Letter of the first panel.
    left : float
        How far the letters stand left of the panel, in points, at most 1000.

    Returns
    -------
    list of Text
    """
    if len(first) != 1:
        raise ValueError(f"first must be one letter; got {first!r}")
    distance = number("left", left, "[-1000, 1000]")
    return [
        panel.annotate(
            f"({chr(ord(first) + place)})",
            xy=(0, 1),
            xycoords="axes fraction",
            xytext=(-distance, 4),
            textcoords="offset points",
            fontsize=8,
            fontweight="bold",
            ha="left",
            va="bottom",
        )
        for place, panel in enumerate(panels(axes))
    ]
