"""Structures a second of the coupled-wave solver against fmmax and grcwa, on one core."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
from tqdm import tqdm

from mdesign.microstructure import gaussian_random_fields
from mdesign.physics import OpticalStack, absorptance
from mdesign.physics.optics.crosscheck import fmmax_reflectance, grcwa_reflectance
from mdesign.reproduce import rates
from mdesign.reproduce.rates import rate

row = partial(rates.row, unit="structures/s")

#: Autocorrelation at lags of 0, 1, 2, ... pixels, near that of the published random fields.
CORRELATION = (1, 0.71, 0.47, 0.30, 0.20, 0.13, 0.06)


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table, both polarizations; processor time, all threads added, counts."""
    patterns = gaussian_random_fields(
        16, (64, 64), volume_fraction=0.32, correlation=CORRELATION, rng=np.random.default_rng(0)
    )
    rows = []
    required = {(11, 11): 3.5, (15, 15): 3.5, (21, 21): 4.0}
    for orders in tqdm(required, desc="rcwa", disable=not progress):
        # Thin enough for single precision, which the default stack is not.
        stack = OpticalStack(orders=orders, thickness_nm=800.0)
        few = patterns[:4]
        single = rate(partial(absorptance, few, stack), 4, time.process_time)
        double = rate(partial(absorptance, few, stack, np.complex128), 4, time.process_time)
        fmmax = rate(partial(fmmax_reflectance(stack), patterns[0]), 1, time.process_time)
        name = f"{stack.n_orders} harmonics"
        rows.append(row(f"{name}, complex64, against fmmax", single, fmmax, required[orders]))
        if orders != (21, 21):
            grcwa = rate(partial(grcwa_reflectance(stack), patterns[0]), 1, time.process_time)
            rows.append(row(f"{name}, complex128, against grcwa", double, grcwa, 1.0))
    default = OpticalStack()
    both = rate(partial(absorptance, patterns, default), len(patterns), time.perf_counter)
    name = f"{default.n_orders} harmonics, all cores, against 25,000 in 20 min"
    rows.append(row(name, both, 25_000 / 1200, 1.0))
    return rows
