"""What added samples are: their properties; and what they do: the accuracy of a network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, NullLocator

from mdesign.arguments import number, whole
from mdesign.plotting.checks import as_many, by_name, integers
from mdesign.plotting.style import COLOURS, MARKERS

__all__ = ["draw_accuracy", "draw_distributions"]

GREYS = ("0.35", "0.6", "0.75")
DASHES = ("-", "--", ":", "-.")


def draw_distributions(
    ax: Axes, samples: Mapping[str, npt.ArrayLike], *, quantity: str, bins: int = 24
) -> npt.NDArray[np.float64]:
    """Draw the distribution of one property in several sets of samples, whatever their sizes.

    Parameters
    ----------
    ax : Axes
    samples : mapping of str to array_like, shape (n,)
        Finite values for each name in the legend; the first, the reference, is filled in grey.
    quantity : str
        Name of the property, with its unit if it has one.
    bins : int
        Bins over the range of all sets.

    Returns
    -------
    ndarray, shape (n_sets, bins)
        Density in each bin.
    """
    values = by_name("samples", samples)
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), whole("bins", bins))
    densities = []
    for place, (name, sample) in enumerate(values.items()):
        density, _ = np.histogram(sample, edges, density=True)
        densities.append(density)
        if place == 0:
            ax.stairs(density, edges, fill=True, color="0.8", label=name)
        else:
            colour, dashes = COLOURS[(place - 1) % len(COLOURS)], DASHES[(place - 1) % len(DASHES)]
            ax.stairs(density, edges, color=colour, linestyle=dashes, linewidth=1.1, label=name)
    ax.set(xlabel=quantity, ylabel="density", yticks=[])
    return np.array(densities)


def draw_accuracy(
    ax: Axes,
    sizes: npt.ArrayLike,
    curves: Mapping[str, npt.ArrayLike],
    levels: Mapping[str, float] | None = None,
    *,
    quantity: str,
) -> None:
    """Draw means over several draws, with one standard deviation either side, against size.

    Parameters
    ----------
    ax : Axes
    sizes : sequence of int, shape (n_sizes,)
        How many samples were added, positive, at least one.
    curves : mapping of str to array_like, shape (n_sizes, n_draws)
        Test R2 for each name in the legend; NaN leaves a point out.
    levels : mapping of str to float, optional
        Horizontal lines in grey: values that do not depend on the size.
    quantity : str
        Name of the vertical axis.
    """
    counts = integers("sizes", sizes)
    stacks = by_name("curves", curves, "(n_sizes, n_draws)", None)
    for place, (name, value) in enumerate((levels or {}).items()):
        height = number(f"levels[{name!r}]", value)
        dashes, grey = DASHES[place % len(DASHES)], GREYS[place % len(GREYS)]
        ax.axhline(height, linestyle=dashes, color=grey, linewidth=0.9, zorder=0, label=name)
    spread = 1.07 ** (np.arange(len(curves)) - (len(curves) - 1) / 2)
    for place, (name, stack) in enumerate(stacks.items()):
        as_many(sizes=counts, curves=stack)
        # Side by side, so that the bars of two curves do not hide each other.
        ax.errorbar(
            np.asarray(counts) * spread[place],
            stack.mean(axis=1),
            stack.std(axis=1),
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[place % len(MARKERS)],
            markersize=3,
            capsize=1.5,
            elinewidth=0.7,
            linewidth=1,
            label=name,
        )
    ax.set(xscale="log", xlabel="added samples", ylabel=quantity)
    ax.set_xticks(counts, [f"{size:,}" for size in counts])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
