"""Scatter plots, histograms and curves of predicted and computed properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.lines import Line2D

from mdesign.arguments import number, whole
from mdesign.plotting.checks import as_many, by_name, filled, texts

__all__ = [
    "draw_comparison",
    "draw_convergence",
    "draw_histograms",
    "draw_parity",
    "draw_ranking",
]

Pairs = Mapping[str, Sequence[npt.ArrayLike] | npt.NDArray]


def draw_parity(
    ax: Axes, groups: Pairs, *, quantity: str = "toughness", at_most: int = 20_000
) -> list[PathCollection]:
    """Draw predicted against computed values, with the diagonal.

    Parameters
    ----------
    ax : Axes
    groups : mapping of str to (computed, predicted)
        Two arrays of shape (n,), n > 0, for each name in the legend, at least one.
    quantity : str
        What is compared, with its unit if it has one.
    at_most : int
        Of a larger group, evenly spaced members are drawn.

    Returns
    -------
    list of PathCollection
        One a group.
    """
    pairs = by_name("groups", groups, "(2, n)")
    low = min(pair.min() for pair in pairs.values())
    high = max(pair.max() for pair in pairs.values())
    drawn = _scatter(ax, pairs, at_most)
    _diagonal(ax, low, high)
    ax.set(xlabel=f"computed {quantity}", ylabel=f"predicted {quantity}")
    return drawn


def draw_ranking(
    ax: Axes, groups: Pairs, *, quantity: str = "toughness", at_most: int = 20_000
) -> list[PathCollection]:
    """Draw the predicted against the computed ranking, rank 1 being the largest value.

    Parameters
    ----------
    ax : Axes
    groups : mapping of str to (computed, predicted)
        As in `draw_parity`; the groups are ranked together.
    quantity, at_most
        As in `draw_parity`.

    Returns
    -------
    list of PathCollection
        One a group. Equal values share their mean rank.
    """
    # Imported here: it takes longer to load than all of the plotting.
    from scipy.stats import rankdata

    pairs = by_name("groups", groups, "(2, n)")
    computed, predicted = (
        rankdata(-np.concatenate([pair[side] for pair in pairs.values()])) for side in (0, 1)
    )
    ends = np.cumsum([len(pair[0]) for pair in pairs.values()])[:-1]
    ranks = zip(np.split(computed, ends), np.split(predicted, ends), strict=True)
    drawn = _scatter(ax, dict(zip(pairs, map(np.array, ranks), strict=True)), at_most)
    _diagonal(ax, 1, len(computed))
    below = f"rank by computed {quantity}\n(1 = largest)"
    ax.set(xlabel=below, ylabel=f"rank by predicted {quantity}")
    return drawn


def draw_histograms(
    ax: Axes,
    samples: Mapping[str, npt.ArrayLike],
    *,
    quantity: str = "toughness",
    bins: int = 60,
    log: bool = False,
    top: float | None = None,
) -> npt.NDArray[np.float64]:
    """Draw the distributions of several samples over common bins.

    Parameters
    ----------
    ax : Axes
    samples : mapping of str to array_like, shape (n,)
        Finite values for each name in the legend.
    quantity : str
        What is counted, with its unit if it has one.
    bins : int
    log : bool
        Logarithmic counts.
    top : float, optional
        Upper end of the axis, when one bin dwarfs the others.

    Returns
    -------
    ndarray, shape (bins + 1,)
        Edges of the bins.
    """
    values = by_name("samples", samples)
    edges = np.histogram_bin_edges(np.concatenate(list(values.values())), whole("bins", bins))
    for name, sample in values.items():
        ax.hist(sample, list(edges), label=name, alpha=0.7, log=log, linewidth=0)
    ax.set(xlabel=quantity, ylabel="number of designs")
    headroom = (6 if log else 1.25) * ax.get_ylim()[1]
    ax.set_ylim(top=headroom if top is None else number("top", top, "(0, inf)"))
    ax.legend()
    return edges


def draw_convergence(
    ax: Axes,
    best: npt.ArrayLike,
    mean: npt.ArrayLike | None = None,
    *,
    steps: npt.ArrayLike | None = None,
    label: str = "",
    step_name: str = "generation",
    quantity: str = "toughness",
) -> list[Line2D]:
    """Draw how the best and the mean of a population develop.

    Parameters
    ----------
    ax : Axes
        Call again to add a run in the next colour.
    best : array_like, shape (n,)
        Best value after each step, a solid line.
    mean : array_like, shape (n,), optional
        Mean value, a dashed line of the same colour.
    steps : array_like, shape (n,), optional
        Step numbers, by default 1 to n.
    label : str
        Name of the run; the lines are called "<label>, best" and "<label>, mean".
    step_name, quantity : str
        Names of the axes.

    Returns
    -------
    list of Line2D
        One or two lines.
    """
    curves = {"best": filled("best", best)}
    shape = f"({len(curves['best'])},)"
    if mean is not None:
        curves["mean"] = filled("mean", mean, shape)
    every = np.arange(1, len(curves["best"]) + 1)
    positions = every if steps is None else filled("steps", steps, shape)
    lines: list[Line2D] = []
    for (kind, values), dashes in zip(curves.items(), ("-", "--"), strict=False):
        colour = lines[0].get_color() if lines else None
        name = f"{label}, {kind}" if label else kind
        lines += ax.plot(positions, values, dashes, color=colour, label=name)
    ax.set(xlabel=step_name, ylabel=quantity)
    ax.legend()
    return lines


def draw_comparison(
    ax: Axes,
    names: Sequence[str],
    series: Mapping[str, npt.ArrayLike],
    *,
    quantity: str = "toughness",
    digits: int = 1,
) -> None:
    """Draw bars side by side, each with its value above, for instance paper against ours.

    Parameters
    ----------
    ax : Axes
    names : sequence of str
        Of the groups of bars.
    series : mapping of str to array_like, shape (len(names),)
        Height of one bar in each group; NaN leaves the bar out.
    quantity : str
        What the height is, with its unit if it has one.
    digits : int
        Decimals written above the bars.
    """
    labels, decimals = texts("names", names, len(names)), whole("digits", digits, "[0, inf)")
    heights = by_name("series", series, interval=None)
    width = 0.8 / len(heights)
    for place, (name, values) in enumerate(heights.items()):
        as_many(names=labels, series=values)
        positions = np.arange(len(labels)) + (place - (len(heights) - 1) / 2) * width
        bars = ax.bar(positions, values, 0.92 * width, label=name)
        written = ["" if np.isnan(value) else f"{value:.{decimals}f}" for value in values]
        ax.bar_label(bars, written, fontsize=6, padding=1)
    ax.set(xticks=np.arange(len(labels)), xticklabels=labels, ylabel=quantity)
    ax.set_xlim(-0.6, len(labels) - 0.4)
    ax.legend()


def _scatter(ax: Axes, pairs: Mapping[str, npt.NDArray], at_most: int) -> list[PathCollection]:
    drawn, most = [], whole("at_most", at_most)
    for name, pair in pairs.items():
        computed, predicted = pair[:, :: -(-pair.shape[1] // most)]
        # A hundred thousand points belong into a figure as pixels, not as paths.
        drawn.append(
            ax.scatter(computed, predicted, s=2, linewidths=0, label=name, rasterized=True)
        )
    ax.legend(markerscale=3)
    return drawn


def _diagonal(ax: Axes, low: float, high: float) -> None:
    ax.plot([low, high], [low, high], color="0.35", linewidth=0.7, zorder=3)
    ax.set_aspect("equal", adjustable="box")
