"""Features of a composition: statistics of the properties of its elements.

The kinds of features are those of Ward et al., npj Comput. Mater. 2, 16028 (2016), known as
Magpie: statistics of tabulated properties over the atoms of a formula, norms of the fractions, the
share of s, p, d and f electrons in the valence shells, and the ionic character of the bonds. The
table of elements is another one, see `mdesign.crystals.elements`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mdesign.crystals.composition import ELEMENTS, check_fractions, check_symbols
from mdesign.crystals.elements import PROPERTIES, element_table

__all__ = ["FEATURE_NAMES", "composition_features"]

_NORMS = (0, 2, 3, 5, 7, 10)
_STATISTICS = ("mean", "mean deviation", "minimum", "maximum", "range", "most abundant")
_SHELLS = ("s", "p", "d", "f")
_AT_ONCE = 4_096

#: Names of the columns of `composition_features`.
FEATURE_NAMES: tuple[str, ...] = (
    *(f"{power}-norm of the fractions" for power in _NORMS),
    *(f"{statistic} of {name}" for name in PROPERTIES for statistic in _STATISTICS),
    *(f"share of {shell} valence electrons" for shell in _SHELLS),
    "largest ionic character",
    "mean ionic character",
)


def composition_features(
    fractions: npt.ArrayLike, elements: Sequence[str] = ELEMENTS
) -> npt.NDArray[np.float64]:
    """Compute features of compositions from tabulated properties of their elements.

    Parameters
    ----------
    fractions : array_like, shape (n, len(elements))
        Atomic fractions; each row has the sum 1.
    elements : sequence of str, optional
        Symbols of the columns.

    Returns
    -------
    ndarray, shape (n, len(FEATURE_NAMES))
        The columns are named by `FEATURE_NAMES`. They depend on the composition alone, not on the
        order of the elements.

    Raises
    ------
    ValueError
        If a row does not add up to 1, or has an element without all properties in the table.
    """
    elements = check_symbols("elements", elements)
    shares = check_fractions("fractions", fractions)
    if shares.shape[1] != len(elements):
        raise ValueError(
            f"fractions must have a column for each of {len(elements)} elements; "
            f"got shape {shares.shape}"
        )
    table = element_table(elements)
    lacking = np.array(elements)[(shares > 0).any(axis=0) & np.isnan(table).any(axis=1)].tolist()
    if lacking:
        raise ValueError(f"fractions must be of elements with all properties; got {lacking}")
    table = np.nan_to_num(table)
    blocks = [
        _features(shares[first : first + _AT_ONCE], table)
        for first in range(0, max(len(shares), 1), _AT_ONCE)
    ]
    return np.concatenate(blocks)


def _features(
    shares: npt.NDArray[np.float64], table: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Compute all features of some compositions."""
    present = shares > 0
    columns = [present.sum(axis=1).astype(float)]
    columns += [(shares**power).sum(axis=1) ** (1 / power) for power in _NORMS[1:]]
    # Elements with the same largest share count equally, whatever their order.
    major = (shares > shares.max(axis=1, keepdims=True) - 1e-9).astype(float)
    major /= major.sum(axis=1, keepdims=True)
    for values in table.T:
        mean = shares @ values
        deviation = (shares * np.abs(values - mean[:, np.newaxis])).sum(axis=1)
        low = np.where(present, values, np.inf).min(axis=1)
        high = np.where(present, values, -np.inf).max(axis=1)
        columns += [mean, deviation, low, high, high - low, major @ values]
    names = list(PROPERTIES)
    shells = np.stack([shares @ table[:, names.index(f"{s} valence electrons")] for s in _SHELLS])
    columns += list(shells / np.maximum(shells.sum(axis=0), 1e-12))
    pauling = table[:, names.index("electronegativity")]
    ionic = 1 - np.exp(-((pauling[:, np.newaxis] - pauling) ** 2) / 4)
    # The most ionic bond is that between the most and the least electronegative element.
    spread = columns[len(_NORMS) + len(_STATISTICS) * names.index("electronegativity") + 4]
    columns += [1 - np.exp(-(spread**2) / 4), np.einsum("ni,ij,nj->n", shares, ionic, shares)]
    return np.column_stack(columns)
