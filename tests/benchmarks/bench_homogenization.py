"""Effective stiffness of porous images, and cost a pixel, against scikit-fem on the same mesh."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numba
import numpy as np
from skfem_voxels import (
    PeriodicMesh,
    skfem_conductivity,
    skfem_stiffness,
)
from tqdm import tqdm

from mdesign.microstructure.random_media import random_media
from mdesign.physics import PorousMedium, VoxelElasticity
from mdesign.reproduce import rates
from mdesign.reproduce.rates import rate, threads

row = partial(rates.row, unit="images/s")

#: Voxels along each axis of one and the same image, finer and finer.
SIDES = (64, 128, 256, 512)

#: Young's moduli of the pores and the solid, and Poisson's ratio of both.
MODULI, POISSON = (1e-3, 1.0), 0.3


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table: ours, the peer's, their ratio and what is required of it."""
    medium = VoxelElasticity(MODULI, (POISSON, POISSON), tolerance=1e-5)
    single = VoxelElasticity(MODULI, (POISSON, POISSON), tolerance=1e-5, dtype="float32")
    images = random_media(8, 128, np.random.default_rng(0))
    mesh = PeriodicMesh((128, 128), vector=True)
    scalar = PeriodicMesh((128, 128), vector=False)
    clock = time.thread_time
    bar = tqdm(total=4 + len(SIDES), desc="homogenization", disable=not progress)
    with threads(1):
        ours = rate(partial(medium.effective_stiffness, images), 8, clock)
        peer = rate(partial(skfem_stiffness, images[0], medium, mesh), 1, clock)
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
        solved = partial(skfem_conductivity, images[0], diffusion, scalar)
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
    measured = []
    image = random_media(1, SIDES[0], np.random.default_rng(0))
    for side in SIDES:
        finer = image.repeat(side // SIDES[0], axis=1).repeat(side // SIDES[0], axis=2)
        per_image = rate(partial(medium.effective_stiffness, finer), 1, clock)
        measured.append(float(per_image * side**2 * np.log(side)))
        bar.update()
    names = [f"n log n a second, {side} against {SIDES[0]}" for side in SIDES]
    return [
        row(name, found / 1e6, measured[0] / 1e6, 1.0, unit="million/s")
        for name, found in zip(names[1:], measured[1:], strict=True)
    ]
