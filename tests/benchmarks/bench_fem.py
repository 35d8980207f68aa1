"""Designs a second of the batched finite-element solver against general-purpose peers."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import Any

import numba
import numpy as np
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from tqdm import tqdm

from mdesign.physics import CrackedComposite
from mdesign.reproduce import rates
from mdesign.reproduce.rates import threads

row = partial(rates.row, unit="designs/s")
rate = partial(rates.rate, clock=time.thread_time, repeats=5)


def energy_ratio_spsolve(composite: CrackedComposite, design: np.ndarray) -> float:
    """Energy over E eps^2 at the tip by scipy's sparse direct solver."""
    mesh = composite._mesh
    moduli = 1 + design * (composite.modulus_ratio - 1)
    displacement = mesh.displacement(moduli)
    local = displacement[mesh.element_dofs]
    energy = 0.5 * moduli @ np.einsum("ea,ab,eb->e", local, mesh.stiffness, local)
    strain = mesh.tip_strain @ local[mesh.tip_element]
    return float(energy / (moduli[mesh.tip_element] * strain**2))


def energy_ratio_solveh_banded(composite: CrackedComposite, design: np.ndarray) -> float:
    """The same by LAPACK's banded Cholesky."""
    mesh, tables = composite._mesh, composite._mesh.tables
    moduli = 1 + design * (composite.modulus_ratio - 1)
    n, stride = mesh.n_equations, mesh.stride
    band, used = np.zeros(n * stride), tables.position >= 0
    np.add.at(band, tables.position[used], (moduli[:, None] * tables.value)[used])
    load, held = np.zeros(n), mesh.element_equations >= 0
    np.add.at(load, mesh.element_equations[held], (moduli[:, None] * tables.load)[held])
    lower = band.reshape(n, stride)[:, : mesh.bandwidth + 1].T
    solution = -scipy.linalg.solveh_banded(lower, load, lower=True, check_finite=False)
    top = moduli @ tables.top_energy + load @ solution
    tip, strain = tables.tip_equation, tables.tip_offset
    strain += tables.tip_strain[tip >= 0] @ solution[tip[tip >= 0]]
    return float(0.5 * top / (moduli[mesh.tip_element] * strain**2))


class ScikitFemPlate:
    """The same plate in scikit-fem: its own mesh, basis, assembly and supports."""

    def __init__(self, composite: CrackedComposite) -> None:
        from skfem import Basis, ElementQuad1, ElementVector, MeshQuad

        self.composite = composite
        nx, ny = composite.nx, composite.ny
        mesh = MeshQuad.init_tensor(np.arange(nx + 1.0), np.arange(ny + 1.0))
        self.basis = Basis(mesh, ElementVector(ElementQuad1()), intorder=2)
        self.centre = Basis(
            mesh, ElementVector(ElementQuad1()), quadrature=(np.array([[0.5], [0.5]]), np.ones(1))
        )
        x, y = mesh.p[:, mesh.t].mean(axis=1)
        self.variable = (ny * np.floor(x) + np.floor(y)).astype(int)
        self.tip = int(np.flatnonzero(self.variable == composite.tip_element)[0])
        horizontal, vertical = self.basis.nodal_dofs
        self.top = vertical[mesh.p[1] == ny]
        ahead = (mesh.p[1] == 0) & (mesh.p[0] >= composite.crack_length)
        pin = horizontal[(mesh.p[0] == nx) & (mesh.p[1] == 0)]
        self.held = np.concatenate([self.top, vertical[ahead], pin])

    def energy_ratio(self, design: np.ndarray) -> float:
        """Energy over E eps^2 at the tip."""
        from skfem import BilinearForm, condense, solve
        from skfem.helpers import ddot, sym_grad, trace

        nu = self.composite.poisson_ratio
        moduli = (1 + design * (self.composite.modulus_ratio - 1))[self.variable]

        @BilinearForm
        def stiffness(u: Any, v: Any, w: Any) -> Any:
            a, b = sym_grad(u), sym_grad(v)
            return w.modulus * ((1 - nu) * ddot(a, b) + nu * trace(a) * trace(b)) / (1 - nu**2)

        field = np.repeat(moduli[:, None], self.basis.X.shape[1], axis=1)
        matrix = stiffness.assemble(self.basis, modulus=field)
        displacement = self.basis.zeros()
        displacement[self.top] = 1.0
        displacement = solve(*condense(matrix, x=displacement, D=self.held))
        strain = self.centre.interpolate(displacement).grad[1, 1, self.tip, 0]
        energy = 0.5 * displacement @ matrix @ displacement
        return float(energy / (moduli[self.tip] * strain**2))


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table: ours, the peer's, their ratio and what is required of it."""
    rng = np.random.default_rng(0)
    plate, small = CrackedComposite(), CrackedComposite(nx=8, ny=4, crack_length=2)
    designs = rng.integers(0, 2, (20_000, plate.n_elements)).astype(np.float64)
    small_designs = rng.integers(0, 2, (100_000, small.n_elements)).astype(np.float64)
    few = designs[:40]
    skfem = ScikitFemPlate(plate)
    peers = {
        "scipy spsolve": (lambda: [energy_ratio_spsolve(plate, d) for d in few], 100.0),
        "scikit-fem": (lambda: [skfem.energy_ratio(d) for d in few], 300.0),
        "scipy solveh_banded": (
            lambda: [energy_ratio_solveh_banded(plate, d) for d in few],
            20.0,
        ),
    }
    plate.toughness_and_gradient(few)
    plate.toughness(few, np.float32)
    rows = []
    with threads(1):
        double = rate(lambda: plate.toughness(designs), len(designs))
        for name, (task, required) in tqdm(peers.items(), desc="fem", disable=not progress):
            rows.append(row(f"16x16, one core, against {name}", double, rate(task, 40), required))
        rows.append(row("16x16, one core, against 40,000/s", double, 40_000.0, 1.0))
        single = rate(lambda: plate.toughness(designs, np.float32), len(designs))
        rows.append(row("float32 against float64", single, double, 1.6))
        both = rate(lambda: plate.toughness_and_gradient(designs), len(designs))
        rows.append(row("value and gradient against value", both, double, 1 / 1.6))
        first = replace(plate, failure="first")
        value = rate(lambda: first.toughness(designs), len(designs))
        rows.append(row("first failure against tip", value, double, 0.5))
        slope = rate(lambda: first.toughness_and_gradient(designs), len(designs))
        rows.append(row("first failure against tip, with gradient", slope, both, 0.5))
        eight = rate(lambda: small.toughness(small_designs), len(small_designs))
        rows.append(row("8x8, one core, against 400,000/s", eight, 400_000.0, 1.0))
    with threads(min(2, numba.config.NUMBA_NUM_THREADS)):
        two = rate(lambda: plate.toughness(designs), len(designs), clock=time.perf_counter)
    with threads(1):
        one = rate(lambda: plate.toughness(designs), len(designs), clock=time.perf_counter)
    rows.append(row("two threads against one", two, one, 1.7))
    return rows
