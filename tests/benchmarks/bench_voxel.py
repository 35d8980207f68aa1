"""Cells a second of the 3-D voxel solver against scikit-fem, cost a voxel, memory, surrogates."""

from __future__ import annotations

import time
import tracemalloc
from functools import partial
from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg
from skfem_voxels import PeriodicMesh, skfem_elasticity
from tqdm import tqdm

from mdesign.data.sets.strains import CellSettings
from mdesign.microstructure import filtered_noise
from mdesign.models.homogenization.network import build_homogenization_cnn
from mdesign.models.homogenization.training import StiffnessNetwork
from mdesign.models.localization.mks import InfluenceCoefficients
from mdesign.models.localization.neighbourhood import LocalizationNetwork
from mdesign.models.localization.neighbourhood_network import build_localization_cnn
from mdesign.models.localization.whole_field import WholeFieldNetwork
from mdesign.models.localization.whole_field_network import build_whole_field
from mdesign.physics import VoxelElasticity
from mdesign.reproduce import rates
from mdesign.reproduce.rates import rate, threads
from mdesign.training.fit import Fitted

row = partial(rates.row, unit="cells/s")

#: Voxels a side of cells finer and finer.
SIDES = (21, 51, 81)

#: Contrast 50; one load case, a unit strain along axis 0.
MEDIUM = VoxelElasticity((2.4, 120.0), (0.3, 0.3), tolerance=1e-5)
SINGLE = VoxelElasticity((2.4, 120.0), (0.3, 0.3), tolerance=1e-5, dtype="float32")
PULL = (1, 0, 0, 0, 0, 0)

WANTED_CELLS, WANTED_SECONDS = 2_500, 600
WANTED_51, WANTED_GIB = 2.5, 1.5
RATIO, GROWTH = 20.0, 2.0


def cells(n: int, side: int) -> np.ndarray:
    """Filtered noise, half of it stiff, whose grains grow with the side."""
    rng = np.random.default_rng(0)
    return filtered_noise(n, (side,) * 3, fraction=0.5, widths=side / 21, rng=rng)


def direct(mesh: PeriodicMesh, matrix: Any) -> np.ndarray:
    """Solve one load case by scipy's sparse factorisation."""
    joined, forces = mesh.system(matrix, mesh.affine()[:, :1])
    return scipy.sparse.linalg.splu(joined).solve(forces)


def iterative(mesh: PeriodicMesh, matrix: Any) -> np.ndarray:
    """Solve one load case by scipy's conjugate gradients, preconditioned by the diagonal."""
    joined, forces = mesh.system(matrix, mesh.affine()[:, :1])
    matrix = joined.tocsr()
    diagonal = sp.diags_array(1 / matrix.diagonal())
    found, failed = scipy.sparse.linalg.cg(
        matrix, forces[:, 0], rtol=MEDIUM.tolerance, M=diagonal, maxiter=5_000
    )
    if failed:
        raise RuntimeError(f"scipy's conjugate gradients did not converge: {failed} iterations")
    return found


def stiffness(mesh: PeriodicMesh, matrix: Any, unknowns: np.ndarray) -> float:
    """Stiffness along axis 0 from the solution of scikit-fem's system."""
    found = mesh.affine()[:, 0] + mesh.join @ unknowns.reshape(-1)
    return float(found @ (matrix @ found) / np.prod(mesh.grid))


def ours(phases: np.ndarray, medium: VoxelElasticity = MEDIUM) -> np.ndarray:
    """Stiffness along axis 0 of cells."""
    return medium.solve(phases, PULL).stress[:, 0].mean(axis=(1, 2, 3))


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table: ours, the peer's, their ratio and what is required of it."""
    rows = []
    bar = tqdm(total=5, desc="voxel", disable=not progress)
    for part in (_goals, _peers, _growth, _memory, _surrogates):
        rows += part()
        bar.update()
    bar.close()
    return rows


def _goals() -> list[dict[str, Any]]:
    """What was asked for, on two cores."""
    many, large = cells(40, 21), cells(1, 51)
    with threads(min(2, numba.config.NUMBA_NUM_THREADS)):
        small = rate(partial(ours, many), len(many), time.perf_counter)
        fine = rate(partial(ours, large, SINGLE), 1, time.perf_counter)
    goal = WANTED_CELLS / WANTED_SECONDS
    return [
        row("21^3, two cores, 2,500 in 10 min", small, goal, 1.0),
        row(f"51^3, float32, one in {WANTED_51} s", fine, 1 / WANTED_51, 1.0),
    ]


def _peers() -> list[dict[str, Any]]:
    """One and the same cell and load case on one core; the peers' mesh is made before."""
    many = cells(10, 21)
    clock = time.thread_time
    with threads(1):
        found = rate(partial(ours, many), len(many), clock)
    mesh = PeriodicMesh((21, 21, 21), vector=True)
    start = clock()
    matrix = skfem_elasticity(many[0], MEDIUM, mesh)
    assembly = clock() - start
    rows = []
    for name, solve in (("factorised", direct), ("conjugate gradients", iterative)):
        start = clock()
        unknowns = solve(mesh, matrix)
        seconds = clock() - start
        if not np.isclose(stiffness(mesh, matrix, unknowns), ours(many[:1])[0], rtol=1e-6):
            raise RuntimeError(f"scikit-fem, {name}, finds another stiffness")
        case = f"21^3, one core, against scikit-fem, {name}"
        rows.append(row(case, found, 1 / (assembly + seconds), RATIO))
        rows.append(row(f"{case}, without its assembly", found, 1 / seconds, None))
    return rows


def _growth() -> list[dict[str, Any]]:
    """Voxels times iterations a second on one core, each size against the smallest."""
    measured = []
    with threads(1):
        for side in SIDES:
            phases = cells(max(1, 10 * 21**3 // side**3), side)
            iterations = MEDIUM.solve(phases, PULL).iterations.sum()
            found = rate(partial(ours, phases), 1, time.thread_time)
            measured.append(found * float(iterations) * side**3 / 1e6)
    return [
        row(
            f"voxels x iterations a second, {side}^3 against 21^3",
            found,
            measured[0],
            1 / GROWTH,
            unit="million/s",
        )
        for side, found in zip(SIDES[1:], measured[1:], strict=True)
    ]


def _memory() -> list[dict[str, Any]]:
    """Peak of the arrays of one solution at 51^3."""
    large = cells(1, 51)
    ours(large, SINGLE)
    tracemalloc.start()
    ours(large, SINGLE)
    peak = tracemalloc.get_traced_memory()[1] / 2**30
    tracemalloc.stop()
    found = row("51^3, float32, memory of a solution", peak, WANTED_GIB, 1.0)
    return [found | {"ratio": WANTED_GIB / peak, "unit": "GiB"}]


def _surrogates() -> list[dict[str, Any]]:
    """Every surrogate, networks as published or by default, against our solver on two cores."""
    small, large = cells(2, 21), cells(4, 51)
    influence = InfluenceCoefficients.of_inclusion(CellSettings(50.0))
    neighbourhoods = LocalizationNetwork(untrained(build_localization_cnn(seed=0)))
    fields = WholeFieldNetwork(untrained(build_whole_field(seed=0)))
    stiffness_network = StiffnessNetwork(untrained(build_homogenization_cnn(51, seed=0)))
    with threads(min(2, numba.config.NUMBA_NUM_THREADS)):
        solved = rate(partial(ours, small, SINGLE), len(small), time.perf_counter)
        solved_large = rate(partial(ours, large, SINGLE), len(large), time.perf_counter, repeats=1)
    rows = []
    for case, predict, phases, peer in (
        ("21^3, first-order MKS", influence, small, solved),
        ("21^3, network of neighbourhoods, 28 million parameters", neighbourhoods, small, solved),
        ("21^3, whole-field network", fields, small, solved),
        ("51^3, homogenisation network", stiffness_network, large, solved_large),
    ):
        found = rate(partial(predict, phases), len(phases), time.perf_counter, repeats=1)
        rows.append(row(f"{case}, against our solver", found, peer, None))
    return rows


def untrained(model: Any) -> Fitted:
    """A network as it is built: how long it takes does not depend on its weights."""
    return Fitted(model, np.zeros(0), np.zeros(0), 0.0)
