"""Effective stiffness of porous images, and cost a pixel, against scikit-fem on the same mesh."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg
from tqdm import tqdm

from mdesign.microstructure.porous import sandstone_like
from mdesign.physics import PorousMedium, VoxelElasticity

#: Repetitions of which the fastest counts.
REPEATS = 3

#: Voxels along each axis of one and the same image, finer and finer.
SIDES = (64, 128, 256, 512)

#: Young's moduli of the pores and the solid, and Poisson's ratio of both.
MODULI, POISSON = (1e-3, 1.0), 0.3


class PeriodicMesh:
    """The same elements in scikit-fem: unit squares, opposite sides joined."""

    def __init__(self, side: int, element: Any) -> None:
        from skfem import Basis, MeshQuad

        mesh = MeshQuad.init_tensor(np.arange(side + 1.0), np.arange(side + 1.0))
        self.side = side
        self.basis = Basis(mesh, element, intorder=2)
        self.centre = Basis(mesh, element, quadrature=(np.array([[0.5], [0.5]]), np.ones(1)))
        x, y = np.floor(mesh.p[:, mesh.t].mean(axis=1)).astype(int)
        self.voxel = x * side + y
        column, row = (np.round(c).astype(int) % side for c in mesh.p)
        master = column * side + row
        components = self.basis.nodal_dofs.shape[0]
        joined = np.empty(self.basis.N, int)
        for i in range(components):
            joined[self.basis.nodal_dofs[i]] = master * components + i
        size = components * side**2
        ones = np.ones(self.basis.N)
        join = sp.csr_matrix((ones, (np.arange(self.basis.N), joined)), (self.basis.N, size))
        # Holding one node takes the rigid translations out.
        self.join = join[:, components:]
        self.components = components

    def field(self, values: np.ndarray, basis: Any) -> np.ndarray:
        """Values of the voxels at the points of quadrature."""
        return np.repeat(values.ravel()[self.voxel][:, None], basis.X.shape[1], axis=1)

    def relaxed(self, matrix: Any, affine: np.ndarray) -> np.ndarray:
        """Energy between affine fields once the interior has relaxed, factorised once."""
        joined = self.join.T @ matrix @ self.join
        load = self.join.T @ (matrix @ affine)
        solution = scipy.sparse.linalg.splu(joined.tocsc()).solve(load)
        return (affine.T @ (matrix @ affine) - load.T @ solution) / self.side**2


def stiffness_by_skfem(image: np.ndarray, mesh: PeriodicMesh) -> np.ndarray:
    """Effective stiffness of one image from deviators in full and the mean volumetric strain."""
    from skfem import BilinearForm
    from skfem.helpers import ddot, sym_grad, trace

    shear = np.asarray(MODULI) / (2 * (1 + POISSON))
    bulk = shear * 2 * (1 + POISSON) / (3 * (1 - 2 * POISSON))

    @BilinearForm
    def deviatoric(u: Any, v: Any, w: Any) -> Any:
        a, b = sym_grad(u), sym_grad(v)
        return 2 * w.shear * (ddot(a, b) - trace(a) * trace(b) / 3)

    @BilinearForm
    def volumetric(u: Any, v: Any, w: Any) -> Any:
        return w.bulk * trace(sym_grad(u)) * trace(sym_grad(v))

    matrix = deviatoric.assemble(mesh.basis, shear=mesh.field(shear[image], mesh.basis))
    matrix += volumetric.assemble(mesh.centre, bulk=mesh.field(bulk[image], mesh.centre))
    x, y = mesh.basis.doflocs
    affine = np.zeros((mesh.basis.N, 3))
    horizontal, vertical = mesh.basis.nodal_dofs
    affine[horizontal, 0], affine[vertical, 1] = x[horizontal], y[vertical]
    affine[horizontal, 2], affine[vertical, 2] = y[horizontal] / 2, x[vertical] / 2
    return mesh.relaxed(matrix, affine)


def conductivity_by_skfem(
    image: np.ndarray, conductivities: tuple[float, ...], mesh: PeriodicMesh
) -> np.ndarray:
    """Effective conductivity of one image."""
    from skfem import BilinearForm
    from skfem.helpers import dot, grad

    @BilinearForm
    def flux(u: Any, v: Any, w: Any) -> Any:
        return w.conductivity * dot(grad(u), grad(v))

    field = mesh.field(np.asarray(conductivities)[image], mesh.basis)
    matrix = flux.assemble(mesh.basis, conductivity=field)
    return mesh.relaxed(matrix, mesh.basis.doflocs.T)


@contextmanager
def threads(n: int) -> Iterator[None]:
    """Let the solvers use n threads."""
    before = numba.get_num_threads()
    numba.set_num_threads(n)
    try:
        yield
    finally:
        numba.set_num_threads(before)


def rate(task: Callable[[], object], n: int, clock: Callable[[], float]) -> float:
    """Images a second of the fastest of a few repetitions; one call before them compiles."""
    task()
    best = np.inf
    for _ in range(REPEATS):
        start = clock()
        task()
        best = min(best, clock() - start)
    return n / best


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table: ours, the peer's, their ratio and what is required of it."""
    from skfem import ElementQuad1, ElementVector

    medium = VoxelElasticity(MODULI, (POISSON, POISSON), tolerance=1e-5)
    single = VoxelElasticity(MODULI, (POISSON, POISSON), tolerance=1e-5, dtype="float32")
    images = sandstone_like(8, 128, np.random.default_rng(0))
    mesh = PeriodicMesh(128, ElementVector(ElementQuad1()))
    scalar = PeriodicMesh(128, ElementQuad1())
    clock = time.thread_time
    bar = tqdm(total=4 + len(SIDES), desc="homogenization", disable=not progress)
    with threads(1):
        ours = rate(partial(medium.effective_stiffness, images), 8, clock)
        peer = rate(partial(stiffness_by_skfem, images[0], mesh), 1, clock)
        rows = [
            row("128x128, contrast 1000, one core, against scikit-fem", ours, peer, 3.0),
            row("128x128, contrast 1000, one core, against 3/s", ours, 3.0, 1.0),
        ]
        bar.update()
        halved = rate(partial(single.effective_stiffness, images), 8, clock)
        rows.append(row("float32 against float64", halved, ours, 1.0))
        bar.update()
        diffusion = PorousMedium().diffusion
        conduction = rate(partial(diffusion.effective_conductivity, images), 8, clock)
        solved = partial(conductivity_by_skfem, images[0], diffusion.conductivities, scalar)
        rows.append(
            row("conductivity, one core, against scikit-fem", conduction, rate(solved, 1, clock), 3)
        )
        bar.update()
        rows += _growth(medium, clock, bar)
    with threads(min(2, numba.config.NUMBA_NUM_THREADS)):
        everything = rate(partial(PorousMedium().properties, images), 8, time.perf_counter)
    rows.append(row("three properties, two cores, 1,300 in 15 min", everything, 1300 / 900, 1.0))
    bar.update()
    bar.close()
    return rows


def _growth(medium: VoxelElasticity, clock: Callable[[], float], bar: tqdm) -> list[dict[str, Any]]:
    """Pixels times their logarithm a second, each size against the one before."""
    rates = []
    image = sandstone_like(1, SIDES[0], np.random.default_rng(0))
    for side in SIDES:
        finer = image.repeat(side // SIDES[0], axis=1).repeat(side // SIDES[0], axis=2)
        per_image = rate(partial(medium.effective_stiffness, finer), 1, clock)
        rates.append(float(per_image * side**2 * np.log(side)))
        bar.update()
    names = [f"n log n a second, {side} against {SIDES[0]}" for side in SIDES]
    return [
        row(name, found / 1e6, rates[0] / 1e6, 1.0, "million/s")
        for name, found in zip(names[1:], rates[1:], strict=True)
    ]


def row(
    case: str, ours: float, peer: float, required: float, unit: str = "images/s"
) -> dict[str, Any]:
    """One line of the table."""
    return {
        "case": case,
        "ours": ours,
        "peer": peer,
        "ratio": ours / peer,
        "required": required,
        "unit": unit,
    }
