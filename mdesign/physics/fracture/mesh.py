"""Half model of a cracked plate: nodes, supports, and the tables a banded assembly needs."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

#: Sub-diagonals that the factorisation holds in registers; the band is padded to it.
STRIP = 7

#: Strain at the crack tip over the mean strain of the plate, below which its toughness by the
#: strain at the tip has no meaning.
LEAST_TIP_STRAIN = 1e-3

#: Natural coordinates of the four nodes of an element, anticlockwise from the lower left.
CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])


def plane_stress(poisson_ratio: float) -> Array:
    """Plane-stress stiffness for unit modulus, rows 11, 22 and 12 (engineering shear)."""
    nu = poisson_ratio
    return np.array([[1, nu, 0], [nu, 1, 0], [0, 0, (1 - nu) / 2]]) / (1 - nu**2)


def strain_displacement(xi: float, eta: float) -> Array:
    """Strain of the unit-square element at (xi, eta) per nodal displacement, shape (3, 8).

    Rows 11, 22, 12 (engineering shear); columns (u_x, u_y) of the four corners.
    """
    # Bilinear shape functions N = (1 + xi xi_i)(1 + eta eta_i) / 4; dx = 2 d/dxi on a unit square.
    dx = CORNERS[:, 0] * (1 + CORNERS[:, 1] * eta) / 2
    dy = CORNERS[:, 1] * (1 + CORNERS[:, 0] * xi) / 2
    matrix = np.zeros((3, 8))
    matrix[0, 0::2] = matrix[2, 1::2] = dx
    matrix[1, 1::2] = matrix[2, 0::2] = dy
    return matrix


def element_stiffness(poisson_ratio: float) -> Array:
    """Stiffness of the unit-square bilinear element of unit modulus, 2x2 Gauss points."""
    material = plane_stress(poisson_ratio)
    # k0 = integral of B^T D B; an element of unit area has four Gauss points of weight 1/4.
    points = [strain_displacement(*(CORNERS[i] / np.sqrt(3))) for i in range(4)]
    return sum(b.T @ material @ b for b in points) / 4  # type: ignore[return-value]


class Tables(NamedTuple):
    """Assembly tables of `HalfModel` for the compiled kernels; all values for unit modulus."""

    #: Place in the band, ``column * stride + row - column``, of each entry of the lower triangle
    #: of an element's stiffness, shape (nx * ny, 36); -1 where a node is held.
    position: Index
    #: Those entries (36,).
    value: Array
    #: Equations of each element (nx * ny, 8), -1 where held.
    equation: Index
    #: Force of the unit top displacement on each element's nodes (nx * ny, 8).
    load: Array
    #: Each element's part of the stiffness of the top edge (nx * ny,).
    top_energy: Array
    #: Functional (8,) of the strain at the crack tip.
    tip_equation: Index
    tip_strain: Array
    #: What the top edge itself adds to that strain (only where ny = 1).
    tip_offset: float
    #: Strain at the tip below which toughness has no meaning.
    least_strain: float
    #: Strain at the centroid of an element from its displacements (3, 8).
    centroid: Array
    #: Element stiffness (8, 8).
    stiffness: Array
    #: 1 where a nodal displacement is the prescribed one (nx * ny, 8).
    top_share: Array
    #: First equation of each column of nodes, and the padded number of equations (nx + 2,).
    first: Index
    #: Padded number of equations, bandwidth, tip element, number of equations.
    sizes: Index


@dataclass(frozen=True)
class HalfModel:
    """Upper half of the plate: equations numbered along the short side to keep the band narrow.

    Degree of freedom ``2 * (ix * (ny + 1) + iy) + component``. The vertical displacement of the top
    edge is one prescribed unknown, equal to 1. The bottom edge ahead of the crack is a plane of
    symmetry, and one pin removes the horizontal translation.
    """

    nx: int
    ny: int
    crack_length: int
    poisson_ratio: float

    @cached_property
    def stiffness(self) -> Array:
        """Element stiffness for unit modulus, shape (8, 8)."""
        return element_stiffness(self.poisson_ratio)

    @cached_property
    def element_dofs(self) -> Index:
        """Degrees of freedom of each element, shape (nx * ny, 8)."""
        ix, iy = np.divmod(np.arange(self.nx * self.ny), self.ny)
        first = ix * (self.ny + 1) + iy
        nodes = first[:, None] + np.array([0, self.ny + 1, self.ny + 2, 1])
        return np.stack([2 * nodes, 2 * nodes + 1], axis=-1).reshape(-1, 8)

    @cached_property
    def top_dofs(self) -> Index:
        """Vertical degrees of freedom of the top edge."""
        return 2 * (np.arange(self.nx + 1) * (self.ny + 1) + self.ny) + 1

    @cached_property
    def equations(self) -> Index:
        """Equation of each degree of freedom, -1 where it is held or prescribed."""
        height = self.ny + 1
        # Free: all but the symmetry plane ahead of the crack, the pin, and the top edge.
        free = np.ones(2 * (self.nx + 1) * height, dtype=bool)
        free[2 * np.arange(self.crack_length, self.nx + 1) * height + 1] = False
        free[2 * self.nx * height] = False
        free[self.top_dofs] = False
        numbers = np.cumsum(free) - 1
        return np.where(free, numbers, -1)

    @property
    def n_equations(self) -> int:
        """Number of unknowns."""
        return int(self.equations.max()) + 1

    @cached_property
    def element_equations(self) -> Index:
        """Equations of each element, shape (nx * ny, 8), -1 where held."""
        return self.equations[self.element_dofs]

    @cached_property
    def bandwidth(self) -> int:
        """Number of sub-diagonals of the stiffness matrix."""
        rows = self.element_equations
        lowest = np.where(rows >= 0, rows, np.iinfo(np.int64).max).min(axis=1)
        return int((rows.max(axis=1) - lowest).max())

    @cached_property
    def first_equations(self) -> Index:
        """First equation of each column of nodes, shape (nx + 2,); the last entry ends them all."""
        free = (self.equations >= 0).reshape(self.nx + 1, -1).sum(axis=1)
        first = np.concatenate([[0], np.cumsum(free)])
        first[-1] = self.n_padded
        return first

    @property
    def stride(self) -> int:
        """Entries of a column of the band, padded so that a strip never reads the next column."""
        return self.bandwidth + STRIP + 1

    @property
    def n_padded(self) -> int:
        """Number of equations, padded to an even number since columns go in pairs."""
        return self.n_equations + self.n_equations % 2

    @cached_property
    def top_share(self) -> Array:
        """Displacement of each element's nodes due to the top edge, shape (nx * ny, 8)."""
        return np.isin(self.element_dofs, self.top_dofs).astype(np.float64)

    @property
    def tip_element(self) -> int:
        """Element ahead of the crack tip."""
        return self.ny * self.crack_length

    @cached_property
    def tip_strain(self) -> Array:
        """Row giving eps_22 at the centroid of the tip element from its 8 displacements."""
        return strain_displacement(0.0, 0.0)[1]

    @cached_property
    def tables(self) -> Tables:
        """Where each element's stiffness and load go in the banded equations."""
        row, column = np.tril_indices(8)
        rows, columns = self.element_equations[:, row], self.element_equations[:, column]
        low, high = np.minimum(rows, columns), np.maximum(rows, columns)
        position = np.where(low >= 0, low * self.stride + high - low, -1)
        load = self.top_share @ self.stiffness
        tip = self.element_equations[self.tip_element]
        return Tables(
            position=position,
            value=self.stiffness[row, column],
            equation=self.element_equations,
            load=load,
            top_energy=(load * self.top_share).sum(axis=1),
            tip_equation=tip,
            tip_strain=self.tip_strain,
            tip_offset=float(self.tip_strain @ self.top_share[self.tip_element]),
            least_strain=LEAST_TIP_STRAIN / self.ny,
            centroid=strain_displacement(0.0, 0.0),
            stiffness=self.stiffness,
            top_share=self.top_share,
            first=self.first_equations,
            sizes=np.array([self.n_padded, self.bandwidth, self.tip_element, self.n_equations]),
        )

    def displacement(self, moduli: Array) -> Array:
        """All nodal displacements for a unit displacement of the top edge, by sparse LU."""
        dofs = self.element_dofs
        rows = np.repeat(dofs, 8, axis=1).ravel()
        columns = np.tile(dofs, (1, 8)).ravel()
        values = (moduli[:, None] * self.stiffness.ravel()).ravel()
        matrix = scipy.sparse.csr_matrix((values, (rows, columns)))
        displacement = np.zeros(matrix.shape[0])
        displacement[self.top_dofs] = 1.0
        free = self.equations >= 0
        load = -(matrix @ displacement)[free]
        displacement[free] = scipy.sparse.linalg.spsolve(matrix[free][:, free].tocsc(), load)
        return displacement

    def strain_and_stress(self, displacement: Array, moduli: Array) -> tuple[Array, Array]:
        """Centroid strain and stress of each element, both of shape (nx * ny, 3)."""
        strain = displacement[self.element_dofs] @ strain_displacement(0.0, 0.0).T
        stress = moduli[:, None] * (strain @ plane_stress(self.poisson_ratio))
        return strain, stress
