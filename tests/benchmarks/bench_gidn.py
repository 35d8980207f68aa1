"""Training and inverse design through `fit` against the machine's own matrix products."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from mdesign.models.gidn import VolumeFraction, build_predictor, optimise_designs
from mdesign.training.batches import MixedBatches

#: Samples in a batch, as in `GidnSettings`.
BATCH = 1_000

#: Training steps timed.
STEPS = 300

#: Widths of the layers, from design to property.
WIDTHS = (128, 256, 256, 256, 256, 256, 256, 1)

#: Repetitions of which the fastest counts.
REPEATS = 3


def products() -> list[tuple[int, int]]:
    """Shapes of the weight matrices."""
    return list(pairwise(WIDTHS))


def training_flops() -> int:
    """Operations of a sample: forward, weight gradients, and input gradients but the first."""
    sizes = [rows * columns for rows, columns in products()]
    return 6 * sum(sizes) - 2 * sizes[0]


def design_flops() -> int:
    """Operations of a design and step: forward and input gradients."""
    return 4 * sum(rows * columns for rows, columns in products())


def fastest(task: Callable[[], object]) -> float:
    """Seconds of the fastest repetition, the first one left out."""
    task()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return min(times)


def sgemm_numpy() -> float:
    """Operations a second of numpy's float32 products of the layers' shapes."""
    rng = np.random.default_rng(0)
    pairs = [
        (rng.random((BATCH, rows), np.float32), rng.random((rows, columns), np.float32))
        for rows, columns in products()
    ]
    seconds = fastest(lambda: [a @ b for _ in range(50) for a, b in pairs])
    return 50 * BATCH * design_flops() / 2 / seconds


def sgemm_tensorflow() -> float:
    """Operations a second of TensorFlow's products of the same shapes."""
    pairs = [
        (tf.random.uniform((BATCH, rows)), tf.random.uniform((rows, columns)))
        for rows, columns in products()
    ]
    seconds = fastest(lambda: [tf.matmul(a, b).numpy()[0, 0] for _ in range(50) for a, b in pairs])
    return 50 * BATCH * design_flops() / 2 / seconds


def training() -> float:
    """Operations a second of training through `fit`, batches drawn on the way."""
    rng = np.random.default_rng(0)
    groups = [
        (rng.integers(0, 2, (50_000, WIDTHS[0]), dtype=np.uint8), rng.random(50_000))
        for _ in range(2)
    ]
    predictor = build_predictor(WIDTHS[0], hidden=WIDTHS[1:-1], dropout=0.0, seed=0)
    predictor.compile("adam", "mse")
    batches = MixedBatches(groups, [0.5, 0.5], batch_size=BATCH, n_batches=STEPS, rng=rng)
    seconds = fastest(lambda: predictor.fit(batches, shuffle=False, verbose=0))
    return STEPS * BATCH * training_flops() / seconds


def design() -> float:
    """Operations a second of the designer, the projections not counted."""
    starts = np.random.default_rng(0).normal(0.75, 0.25, (2_000, WIDTHS[0]))
    predictor = build_predictor(WIDTHS[0], hidden=WIDTHS[1:-1], dropout=0.0, seed=0)
    constraint = VolumeFraction(0.25)
    seconds = fastest(lambda: optimise_designs(predictor, starts, constraint=constraint))
    return 100 * len(starts) * design_flops() / seconds


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table: ours, the peer's, their ratio and what is required of it."""
    keras.utils.set_random_seed(0)
    tasks = (sgemm_numpy, sgemm_tensorflow, training, design)
    numpy_rate, tensorflow_rate, fit_rate, design_rate = (
        task() for task in tqdm(tasks, desc="gidn", disable=not progress)
    )
    return [
        row("training through fit against numpy sgemm", fit_rate, numpy_rate, 0.5),
        row("training through fit against TensorFlow sgemm", fit_rate, tensorflow_rate, 0.5),
        row("design through fit against numpy sgemm", design_rate, numpy_rate, 0.35),
    ]


def row(case: str, ours: float, peer: float, required: float) -> dict[str, Any]:
    """One line of the table."""
    return {
        "case": case,
        "ours": ours / 1e9,
        "peer": peer / 1e9,
        "ratio": ours / peer,
        "required": required,
        "unit": "GFLOP/s",
    }
