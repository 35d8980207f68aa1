"""Metrics of predictions: R2, mean absolute error, error of strain fields."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mdesign import arguments

__all__ = ["Accuracy", "accuracy", "r_squared", "strain_error"]


def r_squared(computed: npt.ArrayLike, predicted: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Coefficient of determination (R2) of each property.

    Parameters
    ----------
    computed, predicted : ndarray, shape (n, n_properties)
        Reference and prediction; every property must vary.

    Returns
    -------
    ndarray, shape (n_properties,)
        1 for a perfect prediction, 0 for one as good as the mean of `computed`, negative for worse.
    """
    true = arguments.array("computed", computed, "(n, n_properties)")
    guesses = arguments.array("predicted", predicted, "(n, n_properties)")
    if guesses.shape != true.shape:
        raise ValueError(
            f"predicted must have the shape of computed, {true.shape}; got {guesses.shape}"
        )
    variance = true.var(axis=0)
    if not (variance > 0).all():
        raise ValueError("computed must vary in every property; got one that does not")
    return 1 - np.mean((guesses - true) ** 2, axis=0) / variance


class Accuracy(NamedTuple):
    """Mean absolute error of predicted stiffness, in GPa and in percent of the mean true stiffness.

    The paper's three pairs of errors have the same quotient, 33.6 GPa: its percentages are of the
    mean.
    """

    gpa: float
    percent: float


def accuracy(predicted: npt.ArrayLike, true: npt.ArrayLike) -> Accuracy:
    """Mean absolute error of predicted stiffness, in GPa and in percent of the mean.

    Examples
    --------
    >>> accuracy([9.0, 33.0], [10.0, 30.0])
    Accuracy(gpa=2.0, percent=10.0)
    """
    guesses = arguments.array("predicted", predicted)
    values = arguments.array("true", true, interval="(0, inf)")
    if guesses.shape != values.shape or not values.size:
        raise ValueError(
            f"predicted and true must be as many, at least 1; got {guesses.shape}, {values.shape}"
        )
    error = float(np.abs(guesses - values).mean())
    return Accuracy(error, 100 * error / float(values.mean()))


def strain_error(predicted: npt.ArrayLike, strains: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Mean absolute strain error (MASE) of each cell, in percent of its mean strain, shape (n,).

    Predicted and true strains have the shape (n, x, y, z); the error of a set is the mean over n.

    References
    ----------
    Yang et al., Acta Mater. 166, 335 (2019).

    Examples
    --------
    >>> strains = np.array([[[[0.5, 1.5]]]])
    >>> strain_error(np.ones_like(strains), strains).tolist()
    [50.0]
    """
    true = arguments.images("strains", strains, "(n, x, y, z)")
    estimates = arguments.array("predicted", predicted, "(n, x, y, z)")
    if estimates.shape != true.shape:
        raise ValueError(
            "predicted and strains must have the same shape; "
            f"got {estimates.shape} and {true.shape}"
        )
    mean = true.mean(axis=(1, 2, 3))
    if not (mean > 0).all():
        raise ValueError(f"strains must have a positive mean in each cell; got {mean.min()}")
    return 100 * np.abs(estimates - true).mean(axis=(1, 2, 3)) / mean
