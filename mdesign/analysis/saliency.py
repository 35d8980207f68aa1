"""Saliency of the elements of a composition: what more of one would change."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt

from mdesign import arguments
from mdesign.analysis.input_gradients import backpropagation
from mdesign.crystals.composition import check_fractions
from mdesign.training.predict import predict_in_blocks

__all__ = ["effect_of_leaving_out", "element_saliency"]

Effects = npt.NDArray[np.float64]

_AT_ONCE = 8_192


def element_saliency(network: keras.Model, fractions: npt.ArrayLike) -> Effects:
    """Differentiate a prediction by adding one element to a compound.

    Fractions add up to 1, so that no single one can be changed alone. Adding a share t of element i
    to a composition x gives ``(1 - t) x + t e_i``, along which the derivative is the i-th partial
    one minus the mean of all, weighted by x.

    Parameters
    ----------
    network : keras.Model
        Maps fractions (n, m) to one output (n, 1).
    fractions : array_like, shape (n, m)
        Compositions.

    Returns
    -------
    ndarray, shape (n, m)
        In the unit of the output, for `ElemNet.model` to be multiplied by `ElemNet.deviation`; the
        mean over the elements of a compound, weighted by its fractions, is zero.

    Raises
    ------
    ValueError
        If the fractions have another number of elements, or do not add up to 1, or if the network
        has several outputs.
    """
    points = _compositions(network, fractions)
    slopes = backpropagation(network)(points.astype(np.float32)).astype(np.float64)
    return slopes - (slopes * points).sum(axis=1, keepdims=True)


def effect_of_leaving_out(network: keras.Model, fractions: npt.ArrayLike) -> Effects:
    """Take each element out of a compound, scale the rest up, and predict the change.

    Parameters
    ----------
    network, fractions
        As in `element_saliency`.

    Returns
    -------
    ndarray, shape (n, m)
        The prediction without the element minus that with it; NaN for elements that are not there,
        and for the only element of a compound. For a small fraction x it approaches
        ``-x / (1 - x)`` times the saliency.
    """
    points = _compositions(network, fractions)
    rows, columns = np.nonzero((points > 0) & (points < 1))
    others = points[rows]
    others[np.arange(len(rows)), columns] = 0
    others /= others.sum(axis=1, keepdims=True)
    whole, without = (
        predict_in_blocks(network, part.astype(np.float32), size=_AT_ONCE)[:, 0].astype(np.float64)
        for part in (points, others)
    )
    effects = np.full(points.shape, np.nan)
    effects[rows, columns] = without - whole[rows]
    return effects


def _compositions(network: keras.Model, fractions: npt.ArrayLike) -> Effects:
    """Check compositions for a network."""
    if network.output_shape != (None, 1):
        raise ValueError(f"network must have one output (n, 1); got {network.output_shape}")
    n_elements = network.input_shape[1]
    points = check_fractions("fractions", fractions, n_elements, tolerance=1e-5)
    return arguments.not_empty("fractions", points)
