"""Uncertainty of predictions: intervals that hold what they promise, and how sharp they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import keras
import numpy as np
import numpy.typing as npt
from scipy.stats import norm, spearmanr

from mdesign import arguments
from mdesign.training.predict import predict_in_blocks

__all__ = [
    "IntervalQuality",
    "conformal_intervals",
    "ensemble_prediction",
    "interval_quality",
    "normal_intervals",
    "repeated_prediction",
]

Values = npt.NDArray[np.float64]
Intervals = npt.NDArray[np.float64]


def ensemble_prediction(predictions: npt.ArrayLike) -> tuple[Values, Values]:
    """Mean and standard deviation, each (n,), of predictions (m, n) of m >= 2 networks.

    Networks that differ in their initial weights and the order of their samples make a deep
    ensemble: Lakshminarayanan et al., Adv. Neural Inf. Process. Syst. 30 (2017).
    """
    several = arguments.array("predictions", predictions, "(m, n)")
    if len(several) < 2:
        raise ValueError(f"predictions must be those of two networks or more; got {len(several)}")
    return several.mean(axis=0), several.std(axis=0, ddof=1)


def repeated_prediction(
    model: keras.Model, inputs: npt.ArrayLike, *, repeats: int = 30, block: int = 8_192
) -> tuple[Values, Values]:
    """Mean and standard deviation, each (n,), of repeated predictions of a network that is random.

    Such as one whose dropout is active in prediction, made by
    `mdesign.models.elemnet.network.with_active_dropout`: Monte-Carlo dropout, Gal and Ghahramani,
    Proc. ICML 33, 1050 (2016). Of an `ElemNet` these are standardised outputs: its `deviation`
    times them, plus its `mean` for the first, are in the unit of the property.

    Parameters
    ----------
    model : keras.Model
        The first output of shape (n, 1) is taken.
    inputs : array_like, shape (n, ...)
        What the network takes.
    repeats : int
        Number of predictions of each input, at least 2.
    block : int
        Inputs predicted at once.

    Raises
    ------
    ValueError
        If the inputs do not fit, or all predictions are the same: the network is not random.
    """
    repeats = arguments.whole("repeats", repeats, "[2, inf)")
    block = arguments.whole("block", block)
    values = arguments.not_empty("inputs", arguments.array("inputs", inputs, dtype=None))
    wanted = model.input_shape[1:]
    if values.shape[1:] != tuple(wanted):
        raise ValueError(
            f"inputs must have shape (n, {', '.join(map(str, wanted))}); got {values.shape}"
        )
    mean, deviation = ensemble_prediction(
        [
            predict_in_blocks(model, values, size=block, compiled=True)[:, 0].astype(np.float64)
            for _ in range(repeats)
        ]
    )
    if not deviation.any():
        raise ValueError(
            f"model must be random in prediction, as with_active_dropout makes it; {model.name} "
            f"repeated the same predictions {repeats} times"
        )
    return mean, deviation


def normal_intervals(
    predictions: npt.ArrayLike, deviations: npt.ArrayLike, *, level: float = 0.9
) -> Intervals:
    """Central intervals (n, 2) of normal distributions with the given deviations (n,)."""
    middle = arguments.not_empty("predictions", arguments.array("predictions", predictions, "(n,)"))
    widths = arguments.array("deviations", deviations, f"({len(middle)},)", "[0, inf)")
    level = arguments.number("level", level, "(0, 1)")
    half = norm.ppf((1 + level) / 2) * widths
    return np.column_stack([middle - half, middle + half])


def conformal_intervals(
    predictions: npt.ArrayLike,
    calibration: tuple[npt.ArrayLike, npt.ArrayLike],
    *,
    deviations: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    level: float = 0.9,
) -> Intervals:
    """Intervals that hold new values with at least the stated probability, whatever the network.

    The share holds on average over exchangeable data: the calibration data must come from where the
    new ones come from, and must not have been trained on. Split conformal prediction: Vovk et al.,
    Algorithmic Learning in a Random World (2005); scaled by deviations: Lei et al., J. Am. Stat.
    Assoc. 113, 1094 (2018).

    Parameters
    ----------
    predictions : array_like, shape (n,)
        Of the new values.
    calibration : (array_like, array_like), each of shape (m,)
        Predictions of held-out data, and their true values.
    deviations : (array_like, array_like), shapes (n,) and (m,), optional
        Predicted standard deviations of new and held-out data, positive: the intervals are as wide
        as they say, times one factor. Without them all intervals have one width.
    level : float
        Share of new values in their intervals, in (0, 1).

    Returns
    -------
    ndarray, shape (n, 2)
        Lower and upper ends.

    Raises
    ------
    ValueError
        If there are too few held-out data for the level: at least ``level / (1 - level)``.

    Examples
    --------
    >>> conformal_intervals([0.0], ([0.0] * 9, range(9)), level=0.8).tolist()
    [[-7.0, 7.0]]
    """
    new = arguments.not_empty("predictions", arguments.array("predictions", predictions, "(n,)"))
    guessed, truth = (
        arguments.array(f"calibration[{i}]", part, "(m,)") for i, part in enumerate(calibration)
    )
    if guessed.shape != truth.shape:
        raise ValueError(
            f"calibration must be predictions and as many values; got {len(guessed)}, {len(truth)}"
        )
    level = arguments.number("level", level, "(0, 1)")
    widths, held_out = np.ones_like(new), np.ones_like(truth)
    if deviations is not None:
        widths, held_out = (
            arguments.array(f"deviations[{i}]", part, f"({size},)", "(0, inf)")
            for i, (part, size) in enumerate(zip(deviations, (len(new), len(truth)), strict=True))
        )
    scores = np.sort(np.abs(truth - guessed) / held_out)
    rank = ceil(round(level * (len(scores) + 1), 9))
    if rank > len(scores):
        raise ValueError(
            f"calibration must hold at least {ceil(round(level / (1 - level), 9))} values for the "
            f"level "
            f"{level:g}; got {len(scores)}"
        )
    half = scores[rank - 1] * widths
    return np.column_stack([new - half, new + half])


@dataclass(frozen=True)
class IntervalQuality:
    """How good intervals are, on held-out data.

    `coverage` is the share of the values in their interval, `width` the mean width, and `score` the
    interval score of Gneiting and Raftery (J. Am. Stat. Assoc. 102, 359, 2007): the width plus a
    penalty for each miss; the smaller, the better. `rank_correlation` is Spearman's, between the
    width and the absolute error of the middle; NaN if all widths are equal.
    """

    coverage: float
    width: float
    score: float
    rank_correlation: float


def interval_quality(
    intervals: npt.ArrayLike, values: npt.ArrayLike, *, level: float = 0.9
) -> IntervalQuality:
    """Judge intervals (n, 2) of a stated level by true values (n,)."""
    ends = arguments.not_empty("intervals", arguments.array("intervals", intervals, "(n, 2)"))
    truth = arguments.array("values", values, f"({len(ends)},)")
    level = arguments.number("level", level, "(0, 1)")
    low, high = ends.T
    if (low > high).any():
        raise ValueError("intervals must have their lower end first")
    widths, missed = high - low, np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    errors = np.abs(truth - (low + high) / 2)
    varied = np.ptp(widths) > 1e-12 * max(float(widths.max()), 1e-300) and len(ends) > 1
    return IntervalQuality(
        coverage=float((missed == 0).mean()),
        width=float(widths.mean()),
        score=float((widths + 2 / (1 - level) * missed).mean()),
        rank_correlation=float(spearmanr(widths, errors).statistic) if varied else float("nan"),
    )
