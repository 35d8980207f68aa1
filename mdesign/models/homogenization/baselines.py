"""Baselines of the homogenisation network: rules of mixtures, bounds, two-point statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import comb

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from mdesign import arguments
from mdesign.data.sets.stiffness import COMPOSITE, StiffnessCells, Values
from mdesign.microstructure import two_point_correlation
from mdesign.physics import (
    VoxelElasticity,
    hashin_shtrikman_bulk,
    hashin_shtrikman_shear,
    voigt_reuss,
)

__all__ = ["TwoPointRegression", "mixture_rules", "two_point_features", "two_point_regression"]

_AT_ONCE = 64


def mixture_rules(
    fraction: npt.ArrayLike, composite: VoxelElasticity = COMPOSITE
) -> dict[str, Values]:
    """Estimate the stiffness from the fraction (n,) of the stiff phase 1 alone.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        C_11 of an isotropic composite in the unit of the moduli. ``"Voigt"`` and ``"Reuss"``: equal
        strain, equal stress; ``"Hill"``: their mean. ``"Hashin-Shtrikman upper"`` and ``"lower"``:
        the bounds of an isotropic composite, and ``"Hashin-Shtrikman mean"``.

    References
    ----------
    Hill, Proc. Phys. Soc. A 65, 349 (1952).
    """
    stiff = arguments.array("fraction", fraction, "(n,) or ()", "[0, 1]")
    shares = np.stack([1 - stiff, stiff], axis=-1)
    first, shear = composite.lame_parameters
    bulk = first + 2 * shear / 3
    pairs = zip(voigt_reuss(bulk, shares), voigt_reuss(shear, shares), strict=True)
    reuss, voigt = (k + 4 * g / 3 for k, g in pairs)
    pairs = zip(
        hashin_shtrikman_bulk(bulk, shear, shares, 3),
        hashin_shtrikman_shear(bulk, shear, shares, 3),
        strict=True,
    )
    lower, upper = (k + 4 * g / 3 for k, g in pairs)
    return {
        "Voigt": voigt,
        "Reuss": reuss,
        "Hill": (voigt + reuss) / 2,
        "Hashin-Shtrikman upper": upper,
        "Hashin-Shtrikman lower": lower,
        "Hashin-Shtrikman mean": (upper + lower) / 2,
    }


@dataclass(frozen=True)
class TwoPointRegression:
    """A polynomial in the principal components of two-point statistics.

    `components` and `degree` had the least error on the validation cells; for `max_lag` see
    `two_point_features`.
    """

    pipeline: Pipeline
    components: int
    degree: int
    max_lag: int | None

    def __call__(self, phases: npt.ArrayLike) -> Values:
        """Predict C_11 in GPa, shape (n,), of cells of shape (n, x, y, z)."""
        features = two_point_features(phases, max_lag=self.max_lag)
        return self.pipeline.predict(arguments.not_empty("phases", features))


def two_point_features(
    phases: npt.ArrayLike, *, max_lag: int | None = None
) -> npt.NDArray[np.float32]:
    """Two-point statistics (n, features) of the stiff phase of cells (n, x, y, z).

    Each shift and its opposite count once; the first feature is the fraction. Shifts of more than
    `max_lag` voxels along an axis are left out.
    """
    cells = arguments.phases("phases", phases, "(n, nx, ny, nz)")
    if max_lag is not None:
        max_lag = arguments.whole("max_lag", max_lag, "[0, inf)")
    kept = _half_of_the_shifts(cells.shape[1:], max_lag)
    statistics = [
        two_point_correlation(cells[first : first + _AT_ONCE]).reshape(-1, kept.size)[:, kept]
        for first in range(0, max(len(cells), 1), _AT_ONCE)
    ]
    return np.concatenate(statistics).astype(np.float32)


def two_point_regression(
    cells: StiffnessCells,
    *,
    components: Sequence[int] = (10, 20, 40),
    degrees: Sequence[int] = (1, 2, 3),
    validation_share: float = 0.2,
    max_lag: int | None = None,
    seed: int = 0,
) -> TwoPointRegression:
    """Regress the stiffness on principal components of the two-point statistics.

    Every number of components is tried with every degree whose polynomial has fewer terms than
    there are cells. The pair with the least mean absolute error on the validation cells is fitted
    to all cells. Gupta et al., Acta Mater. 91, 239 (2015).

    Parameters
    ----------
    cells : StiffnessCells
        To train on, and a `validation_share` of them to validate with.
    components, degrees : sequence of int
        Numbers of components and degrees to try; one polynomial must have fewer terms than cells.
    max_lag : int, optional
        Leave out shifts of more voxels along an axis.
    """
    components = arguments.wholes("components", components)
    degrees = arguments.wholes("degrees", degrees)
    validation_share = arguments.number("validation_share", validation_share, "(0, 1)")
    seed = arguments.whole("seed", seed, "[0, inf)")
    features = two_point_features(cells.phases, max_lag=max_lag)
    order = np.random.default_rng(seed).permutation(len(cells))
    cut = max(1, round(len(cells) * validation_share))
    validation, training = order[:cut], order[cut:]
    tried = [
        (count, degree)
        for count, degree in product(components, degrees)
        if comb(count + degree, degree) < len(training) and count <= features.shape[1]
    ]
    if not tried:
        raise ValueError(
            f"components and degrees must leave a polynomial with fewer terms than the "
            f"{len(training)} cells to train on; got {tuple(components)} and {tuple(degrees)}"
        )
    scores = PCA(max(count for count, _ in tried), whiten=True, random_state=seed)
    reduced = scores.fit(features[training]).transform(features)
    stiffness = cells.stiffness

    def error(choice: tuple[int, int]) -> float:
        model = _polynomial(choice[1]).fit(reduced[training, : choice[0]], stiffness[training])
        guesses = model.predict(reduced[validation, : choice[0]])
        return float(np.abs(guesses - stiffness[validation]).mean())

    count, degree = min(tried, key=error)
    pipeline = make_pipeline(PCA(count, whiten=True, random_state=seed), _polynomial(degree))
    return TwoPointRegression(pipeline.fit(features, stiffness), count, degree, max_lag)


def _polynomial(degree: int) -> Pipeline:
    """Least squares of all products of the inputs up to a degree."""
    return make_pipeline(PolynomialFeatures(degree), LinearRegression(fit_intercept=False))


def _half_of_the_shifts(sides: tuple[int, ...], max_lag: int | None) -> npt.NDArray[np.bool_]:
    """Mask of the shifts to keep: the first of each shift and its opposite, which are equal."""
    numbers = np.arange(np.prod(sides)).reshape(sides)
    axes = tuple(range(len(sides)))
    opposite = np.roll(np.flip(numbers, axes), 1, axes)
    kept = numbers <= opposite
    if max_lag is not None:
        lags = [np.minimum(np.arange(side), side - np.arange(side)) for side in sides]
        for axis, lag in enumerate(lags):
            along = [1] * len(sides)
            along[axis] = -1
            kept &= (lag <= max_lag).reshape(along)
    return kept.ravel()
