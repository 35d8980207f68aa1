"""Toughness by the first element to fail: independent assembly, gradient, closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdesign.papers.gidn import BEST_KNOWN
from mdesign.physics import CrackedComposite
from mdesign.physics.fracture import banded
from mdesign.physics.fracture.mesh import HalfModel

PLATE = CrackedComposite(failure="first")
SMALL = CrackedComposite(nx=8, ny=4, crack_length=2, failure="first")
TIP = CrackedComposite()


@pytest.fixture(scope="module")
def designs():
    rng = np.random.default_rng(7)
    binary = (rng.random((20, 128)) < 0.75).astype(float)
    return np.concatenate(
        [binary, rng.random((20, 128)), [b.design() for b in BEST_KNOWN.values()]]
    )


class DensePlate:
    """The plate anew: own elements, dense matrices, principal strains as eigenvalues."""

    def __init__(self, plate):
        self.plate, self.rows = plate, plate.ny + 1
        nu = plate.poisson_ratio
        material = np.array([[1, nu, 0], [nu, 1, 0], [0, 0, (1 - nu) / 2]]) / (1 - nu**2)
        self.unit = np.zeros((8, 8))
        for x in (0.5 - 12**-0.5, 0.5 + 12**-0.5):
            for y in (0.5 - 12**-0.5, 0.5 + 12**-0.5):
                b = self.strain(x, y)
                self.unit += b.T @ material @ b / 4
        self.dofs = []
        for ix in range(plate.nx):
            for iy in range(plate.ny):
                nodes = [(ix, iy), (ix + 1, iy), (ix, iy + 1), (ix + 1, iy + 1)]
                self.dofs.append([2 * (i * self.rows + j) + c for i, j in nodes for c in (0, 1)])

    @staticmethod
    def strain(x, y):
        """Strains (11, 22, engineering 12) at (x, y) of the element [0, 1]**2."""
        dx = np.array([y - 1, 1 - y, -y, y])
        dy = np.array([x - 1, -x, 1 - x, x])
        b = np.zeros((3, 8))
        b[0, 0::2], b[1, 1::2], b[2, 0::2], b[2, 1::2] = dx, dy, dy, dx
        return b

    def solve(self, design):
        """Stiffness of the top edge, and E eps^2 of each element."""
        plate, rows = self.plate, self.rows
        moduli = 1 + design * (plate.modulus_ratio - 1)
        n = 2 * (plate.nx + 1) * rows
        matrix = np.zeros((n, n))
        for modulus, dofs in zip(moduli, self.dofs, strict=True):
            matrix[np.ix_(dofs, dofs)] += modulus * self.unit
        known = {2 * (plate.nx * rows): 0.0}
        for ix in range(plate.nx + 1):
            known[2 * (ix * rows + plate.ny) + 1] = 1.0
            if ix >= plate.crack_length:
                known[2 * ix * rows + 1] = 0.0
        held = sorted(known)
        free = np.setdiff1d(np.arange(n), held)
        u = np.zeros(n)
        u[held] = [known[dof] for dof in held]
        u[free] = np.linalg.solve(matrix[np.ix_(free, free)], -matrix[np.ix_(free, held)] @ u[held])
        index = []
        for modulus, dofs in zip(moduli, self.dofs, strict=True):
            e11, e22, shear = self.strain(0.5, 0.5) @ u[dofs]
            largest = np.linalg.eigvalsh([[e11, shear / 2], [shear / 2, e22]])[1]
            index.append(modulus * max(largest, 0) ** 2)
        return u @ matrix @ u, np.array(index)

    def toughness(self, design):
        stiffness, index = self.solve(design)
        unit_stiffness, unit_index = self.solve(np.ones_like(design))
        return stiffness / index.max() / (unit_stiffness / unit_index.max())


@pytest.mark.parametrize(
    "sizes", [(16, 8, 4), (8, 4, 2), (5, 1, 2), (6, 5, 1), (4, 3, 3, 50.0, -0.2)]
)
def test_agrees_with_an_independent_assembly(sizes):
    plate = CrackedComposite(*sizes, failure="first")
    rng, other = np.random.default_rng(3), DensePlate(plate)
    designs = rng.random((12, plate.n_elements))
    designs[::2] = designs[::2].round()
    expected = [other.toughness(design) for design in designs]
    np.testing.assert_allclose(plate.toughness(designs), expected, rtol=1e-11)
    for design in designs[:3]:
        index = other.solve(design)[1]
        ours = plate.fields(design).failure_index.ravel()
        np.testing.assert_allclose(ours, index / index.max(), atol=1e-10)


def far_from_ties(plate, designs, margin=1e-3):
    """Designs of which one element fails clearly before the others."""
    index = np.sort([plate.fields(design).failure_index.ravel() for design in designs], axis=1)
    return designs[index[:, -2] < 1 - margin]


@pytest.mark.parametrize("sizes", [(16, 8, 4), (8, 4, 2), (5, 1, 2), (7, 3, 6, 40.0, 0.1)])
def test_gradient_against_central_differences(sizes):
    plate = CrackedComposite(*sizes, failure="first")
    rng = np.random.default_rng(5)
    designs = far_from_ties(plate, rng.uniform(0.1, 0.9, (12, plate.n_elements)))
    assert len(designs) >= 8
    values, gradients = plate.toughness_and_gradient(designs)
    np.testing.assert_array_equal(values, plate.toughness(designs))
    step = 1e-5 * np.eye(plate.n_elements)
    for design, gradient in zip(designs, gradients, strict=True):
        differences = (plate.toughness(design + step) - plate.toughness(design - step)) / 2e-5
        np.testing.assert_allclose(gradient, differences, atol=1e-6 * np.abs(gradient).max())


def test_where_elements_fail_together_the_gradient_is_that_of_one_of_them():
    # Without a crack, all elements of one material fail at once. Toughness is then the least of
    # smooth functions, whose slope along any line is at most that of each of them.
    mesh, uniform = HalfModel(4, 3, 0, 0.3), np.ones(12)
    value, gradient = banded.energy_ratio_and_gradient(mesh, uniform[None], "first")
    directions = np.random.default_rng(0).normal(size=(50, 12))
    ahead = banded.energy_ratio(mesh, uniform + 1e-6 * directions, "first")
    slopes = (ahead - value) / 1e-6
    assert (slopes <= directions @ gradient[0] + 1e-4).all()
    assert (slopes < directions @ gradient[0] - 0.1).any(), "there are ties"


@pytest.mark.parametrize("plate", [PLATE, SMALL])
def test_one_material_has_unit_toughness_and_fails_at_the_tip(plate):
    uniform = np.array([[0.0], [0.37], [1.0]]) * np.ones(plate.n_elements)
    np.testing.assert_allclose(plate.toughness(uniform), 1, rtol=1e-12)
    index = plate.fields(uniform[2]).failure_index
    assert index.argmax() == plate.tip_element
    assert index.max() == 1


def test_closed_forms_without_a_crack():
    # Uniaxial tension eps = 1 / ny: K = E nx / ny, and K / 2 over E eps^2 is nx ny / 2.
    ratio = banded.energy_ratio(HalfModel(6, 4, 0, 0.3), np.full((1, 24), 7.0), "first")
    assert ratio[0] == pytest.approx(6 * 4 / 2, rel=1e-12)
    # Columns side by side, without Poisson's effect: one strain, and the stiffest column fails.
    mesh, columns = HalfModel(3, 4, 0, 0.0), np.array([1.0, 5.0, 2.0])
    ratio = banded.energy_ratio(mesh, np.repeat(columns, 4)[None], "first")
    assert ratio[0] == pytest.approx(4 * columns.sum() / (2 * columns.max()), rel=1e-12)
    # Rows on each other: one stress nx / sum(1 / E) over nx elements, and the softest row fails.
    rows = np.array([1.0, 5.0, 2.0, 8.0])
    ratio = banded.energy_ratio(mesh, np.tile(rows, 3)[None], "first")
    assert ratio[0] == pytest.approx(3 * (1 / rows).sum() * rows.min() / 2, rel=1e-12)


def test_only_tension_fails():
    # Some elements are squeezed more than they are pulled; their compression does not count.
    fields = PLATE.fields((np.arange(128) % 3 > 0).astype(float))
    e11, e22, shear = fields.strain.reshape(-1, 3).T
    strains = np.array([[e11, shear / 2], [shear / 2, e22]]).T
    smallest, largest = np.linalg.eigvalsh(strains).T
    squeezed = -smallest > largest
    assert squeezed.any()
    moduli = 1 + 9 * (np.arange(128) % 3 > 0)
    index = moduli * largest.clip(min=0) ** 2
    np.testing.assert_allclose(fields.failure_index.ravel(), index / index.max(), atol=1e-12)


def test_toughness_by_the_first_failure_is_never_far_above_that_by_the_tip(designs):
    # The tip is one of the elements, and its principal strain is at least the one across the crack.
    unit = PLATE.stiff_energy_ratio / TIP.stiff_energy_ratio
    assert (PLATE.toughness(designs) * unit <= TIP.toughness(designs) * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("soft", "toughness", "index"),
    [(12.5, 0.929431, 98.5626), (25.0, 0.561854, 410.413), (50.0, 0.409422, 1969.42)],
)
def test_the_best_designs_of_the_paper_fail_elsewhere(soft, toughness, index):
    # Numbers of a separate computation, by sparse LU.
    design = BEST_KNOWN[soft].design()
    assert PLATE.toughness(design[None])[0] == pytest.approx(toughness, rel=2e-6)
    fields = TIP.fields(design)
    assert fields.failure_index[4, 0] == 1
    assert fields.failure_index.max() == pytest.approx(index, rel=2e-6)


def test_single_precision(designs):
    single = PLATE.toughness(designs, np.float32)
    assert single.dtype == np.float32
    assert (single != PLATE.toughness(designs).astype(np.float32)).any()
    np.testing.assert_allclose(single, PLATE.toughness(designs), rtol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 24),
    st.integers(1, 24),
    st.floats(0, 1),
    st.floats(0.1, 3).map(lambda power: 1 + 10**power),
    st.integers(0, 2**32),
)
def test_single_precision_keeps_three_digits(nx, ny, crack, modulus_ratio, seed):
    rng = np.random.default_rng(seed)
    crack_length = 1 + round(crack * (nx - 2))
    plate = CrackedComposite(nx, ny, crack_length, modulus_ratio, failure="first")
    x, y = np.divmod(np.arange(plate.n_elements), ny)
    halves = [x >= rng.integers(nx), y >= rng.integers(ny), (x >= nx // 2) & (y >= ny // 2)]
    parts = np.concatenate([halves, rng.random((4, plate.n_elements)) < 0.5])
    designs = np.concatenate([parts, ~parts, rng.random((2, plate.n_elements))])
    single = plate.toughness(designs, np.float32)
    np.testing.assert_allclose(single, plate.toughness(designs), rtol=1e-3)


@pytest.mark.parametrize("n", [0, 1, 7, 9, 130])
def test_batching_does_not_change_a_design(n, designs):
    batch = np.resize(designs, (n, 128))
    values, gradients = PLATE.toughness_and_gradient(batch)
    for design, value, gradient in zip(batch, values, gradients, strict=True):
        alone = PLATE.toughness_and_gradient(design[None])
        assert value == alone[0][0]
        np.testing.assert_array_equal(gradient, alone[1][0])


def test_the_unit_of_toughness_converges_at_the_rate_of_a_crack():
    # E eps^2 half an element from the tip grows as 1 / h, and strains in units of elements fall as
    # h: the ratio of energy to index is proportional to 1 / h.
    def unit(n):
        plate = CrackedComposite(nx=8 * n, ny=4 * n, crack_length=2 * n, failure="first")
        return plate.stiff_energy_ratio / n

    steps = np.diff([unit(n) for n in (1, 2, 4, 8)])
    # The energy converges as h; the constant strain beside the singular one gives h**(1/2).
    assert (steps[:-1] / steps[1:] > 2**0.5).all()
    assert (steps[:-1] / steps[1:] < 2).all()


def test_operations_count_the_substitutions():
    assert 1.05 < PLATE.operations() / TIP.operations() < 1.3
    assert 1.05 < PLATE.operations(gradient=True) / TIP.operations(gradient=True) < 1.3


def test_other_rules_are_refused():
    with pytest.raises(ValueError, match=r"failure must be one of .*'first'.*; got 'last'"):
        CrackedComposite(failure="last")
