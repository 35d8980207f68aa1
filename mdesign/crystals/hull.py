"""Convex hull of formation energies: which mixtures of compounds have the lowest energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array
from scipy.spatial import ConvexHull

from mdesign import arguments
from mdesign.crystals.composition import check_fractions

__all__ = ["LowerHull", "convex_hull_energy"]

_AT_ONCE = 20_000
"""Unknowns of one linear program."""

_VERTICAL = 1e-9
"""Energy component of a unit normal below which a facet bounds the simplex, not the hull."""

Energies = npt.NDArray[np.float64]


def convex_hull_energy(
    compositions: npt.ArrayLike, energies: npt.ArrayLike, *, at: npt.ArrayLike | None = None
) -> Energies:
    """Lowest energy of a mixture of compounds and elements that has a given composition.

    A linear program for each composition: minimise the energy of the mixture over the shares of the
    compounds, which must add up to the composition. The programs are solved by HiGHS, many at a
    time. `LowerHull` gives the same for many compositions of one system much faster.

    Parameters
    ----------
    compositions : array_like, shape (n, m)
        Atomic fractions of m elements in the compounds; each row has the sum 1.
    energies : array_like, shape (n,)
        Formation energy of each compound, in energy per atom. The pure elements, of energy 0, are
        added.
    at : array_like, shape (k, m), optional
        Compositions of the mixtures; by default those of the compounds.

    Returns
    -------
    ndarray, shape (k,)
        In energy per atom, at most 0. A compound is stable if its energy equals that of the hull.

    Raises
    ------
    ValueError
        If fractions are negative or do not add up to 1, or an energy is not finite.
    RuntimeError
        If the program is not solved.

    Examples
    --------
    >>> convex_hull_energy([[0.5, 0.5], [0.25, 0.75]], [-1.0, -0.2]).round(6).tolist()
    [-1.0, -0.5]
    """
    compounds, costs = _with_elements(compositions, energies)
    wanted = check_fractions("at", compositions if at is None else at, compounds.shape[1])
    present, allowed = _words(compounds > 0), _words(wanted > 0)
    hull = np.empty(len(wanted))
    batch: list[tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp]]] = []
    size = 0
    for row, point in enumerate(wanted):
        columns = np.flatnonzero(point)
        inside = np.flatnonzero(~(present & ~allowed[row]).any(axis=1))
        batch.append((row, columns, inside))
        size += len(inside)
        if size >= _AT_ONCE or row == len(wanted) - 1:
            _solve(batch, wanted, compounds, costs, hull)
            batch, size = [], 0
    return hull


@dataclass(frozen=True)
class LowerHull:
    """Convex hull of one system of elements, as planes: the highest plane is the hull.

    `planes` has shape (k, m): a plane has the energy ``planes[i] @ x`` at the fractions x.
    """

    planes: npt.NDArray[np.float64]

    @classmethod
    def of(cls, compositions: npt.ArrayLike, energies: npt.ArrayLike) -> LowerHull:
        """Compute the hull of compounds (n, m) with their energies (n,), and the elements."""
        compounds, costs = _with_elements(compositions, energies)
        n_elements = compounds.shape[1]
        kept = (costs < 0) | (np.arange(len(costs)) >= len(costs) - n_elements)
        if kept.sum() == n_elements:
            return cls(np.zeros((1, n_elements)))
        if n_elements == 1:
            return cls(np.array([[costs.min()]]))
        points = np.column_stack([compounds[kept, :-1], costs[kept]])
        *slopes, up, offset = ConvexHull(points).equations.T
        lower = up < -_VERTICAL
        planes = [-(slope + offset)[lower] / up[lower] for slope in slopes]
        planes.append(-offset[lower] / up[lower])
        return cls(np.unique(np.column_stack(planes).round(12), axis=0))

    def __call__(self, fractions: npt.ArrayLike) -> Energies:
        """Energy of the hull, shape (n,), at fractions (n, m)."""
        points = check_fractions("fractions", fractions, self.planes.shape[1])
        return (points @ self.planes.T).max(axis=1)


def _with_elements(
    compositions: npt.ArrayLike, energies: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], Energies]:
    """Append the pure elements, of energy 0."""
    compounds = check_fractions("compositions", compositions)
    costs = arguments.array("energies", energies, "(n,)")
    if len(costs) != len(compounds):
        raise ValueError(
            f"compositions and energies must be as many; got {len(compounds)} and {len(costs)}"
        )
    n_elements = compounds.shape[1]
    return np.vstack([compounds, np.eye(n_elements)]), np.append(costs, np.zeros(n_elements))


def _words(elements: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Pack which elements a composition has into words of 64 bits, (n, words)."""
    n, n_elements = elements.shape
    padded = np.zeros((n, -(-n_elements // 64) * 64), bool)
    padded[:, :n_elements] = elements
    return np.packbits(padded, axis=1).view(np.uint64)


def _solve(
    batch: list[tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp]]],
    wanted: npt.NDArray[np.float64],
    compounds: npt.NDArray[np.float64],
    costs: Energies,
    hull: Energies,
) -> None:
    """Solve the programs of several compositions as one, of independent blocks."""
    blocks = [csr_array(compounds[np.ix_(inside, columns)].T) for _, columns, inside in batch]
    solution = linprog(
        np.concatenate([costs[inside] for *_, inside in batch]),
        A_eq=block_diag(blocks, format="csr"),
        b_eq=np.concatenate([wanted[row, columns] for row, columns, _ in batch]),
        bounds=(0, None),
        method="highs",
    )
    if solution.status != 0:
        raise RuntimeError(f"the linear program of the hull was not solved: {solution.message}")
    first = 0
    for row, _, inside in batch:
        shares = solution.x[first : first + len(inside)]
        hull[row] = costs[inside] @ shares
        first += len(inside)
