"""Relative errors of inverse methods: by wanted property, and along an optimisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullFormatter

from mdesign.arguments import number, numbers, whole
from mdesign.plotting.checks import by_name, filled
from mdesign.plotting.style import COLOURS, MARKERS

__all__ = ["draw_errors", "draw_history"]


def draw_errors(
    ax: Axes,
    targets: npt.ArrayLike,
    ours: Mapping[str, npt.ArrayLike],
    published: Mapping[str, npt.ArrayLike] | None = None,
    *,
    quantity: str,
    lowest: float = 1e-3,
) -> None:
    """Draw the errors of several methods for each target, on a logarithmic axis.

    Parameters
    ----------
    ax : Axes
    targets : sequence of float, shape (n,)
        Wanted properties, evenly spaced on the axis in their order.
    ours : mapping of str to array_like, shape (n,) or (n, r)
        Errors of each method, filled marks; NaN leaves a mark out. Of r repeats the mark is the
        median, and a line is their range.
    published : mapping of str to array_like, shape (n,), optional
        Published errors of some of these methods, open marks of the same kind.
    quantity : str
        What the error is, with its unit.
    lowest : float
        Smaller errors are drawn here, so that zero has a place; the tick then says so.
    """
    targets = numbers("targets", targets)
    shape, least = f"({len(targets)},)", number("lowest", lowest, "(0, inf)")
    drawn = by_name("ours", ours, f"{shape} or ({len(targets)}, r)", None)
    printed = by_name("published", published, shape, None) if published else {}
    if not set(printed) <= set(ours):
        raise ValueError(f"published must name methods of {list(ours)}; got {list(printed)}")
    places = np.arange(len(targets), dtype=float)
    shifts = np.linspace(-0.36, 0.3, len(ours)) if len(ours) > 1 else np.zeros(1)
    for which, (name, errors) in enumerate(drawn.items()):
        look: dict[str, Any] = {
            "color": COLOURS[which % len(COLOURS)],
            "marker": MARKERS[which % len(MARKERS)],
        }
        at = places + shifts[which]
        values = np.maximum(errors.reshape(len(targets), -1), least)
        ax.plot(at, np.median(values, axis=1), linestyle="", markersize=4, label=name, **look)
        if values.shape[1] > 1:
            ax.vlines(at, values.min(1), values.max(1), color=look["color"], linewidth=0.8)
        if name in printed:
            others = np.maximum(printed[name], least)
            ax.plot(at + 0.06, others, linestyle="", markersize=4, markerfacecolor="none", **look)
    for edge in places[1:] - 0.5:
        ax.axvline(edge, color="0.85", linewidth=0.5, zorder=0)
    ax.set(
        yscale="log",
        ylabel=quantity,
        xlabel="target",
        xlim=(-0.5, len(targets) - 0.5),
        xticks=places,
        xticklabels=[f"{target:g}" for target in targets],
    )
    ax.yaxis.set_major_formatter(lambda value, _: f"{'≤ ' if value <= least else ''}{value:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def draw_history(
    ax: Axes, errors: npt.ArrayLike, *, n_initial: int = 0, label: str = "best so far"
) -> list[Line2D]:
    """Draw the error of each evaluation of an optimisation, and the best so far.

    Parameters
    ----------
    ax : Axes
    errors : array_like, shape (n,)
        Error of each evaluation in order, zero or positive, at least one.
    n_initial : int
        How many of the first, 0 to n, were drawn at random; they stand left of iteration 0, in
        grey.
    label : str
        Name of the line.

    Returns
    -------
    list of Line2D
        Dots of the initial sample, dots of the iterations, and the line.
    """
    values = filled("errors", errors, "(n,)", "[0, inf)")
    steps = np.arange(len(values)) - whole("n_initial", n_initial, f"[0, {len(values)}]")
    first, later = steps < 0, steps >= 0
    dots: dict[str, Any] = {
        "linestyle": "",
        "marker": "o",
        "markersize": 2.5 if len(values) <= 100 else 1.2,
        "markeredgewidth": 0,
        "rasterized": True,
    }
    (initial,) = ax.plot(steps[first], values[first], color="0.7", **dots)
    (sampled,) = ax.plot(steps[later], values[later], color=COLOURS[5], **dots)
    best = np.minimum.accumulate(values)
    (line,) = ax.step(steps, best, where="post", color=COLOURS[1], linewidth=1.2, label=label)
    ax.set(xlabel="iteration", xlim=(steps[0], max(steps[-1], steps[0] + 1)))
    return [initial, sampled, line]
