"""Pixels a second of the Markov field, against a tree of scikit-learn called pixel by pixel."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeClassifier
from tqdm import tqdm

from mdesign.microstructure import MarkovField, random_media
from mdesign.microstructure.markov import causal_neighbours
from mdesign.reproduce import rates

row = partial(rates.row, unit="pixels/s")
rate = partial(rates.rate, clock=time.process_time)

SIZE, IMAGES, PEER_PIXELS = 128, 10, 400


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table; one core, and one scan an image: no volume fraction is asked for."""
    known = random_media(50, 128, np.random.default_rng(0))
    rows = []
    for radius, required in tqdm([(3, 20.0), (5, 20.0)], desc="markov", disable=not progress):
        field = MarkovField(radius=radius, tolerance=0.999)
        fitted = field.fit(known, np.random.default_rng(0))
        border = radius * (1 + field.burn_in)
        scanned = IMAGES * (SIZE + border - radius) * (SIZE + 2 * border - 2 * radius)
        ours = rate(partial(fitted.synthesize, IMAGES, SIZE, np.random.default_rng(1)), scanned)
        peer = rate(one_by_one(known, radius), PEER_PIXELS)
        case = f"radius {radius}, {2 * radius * (radius + 1)} neighbours"
        rows.append(row(case, ours, peer, required))
    return rows


def one_by_one(known, radius):
    """Scan pixel by pixel with a tree of scikit-learn that knows the same neighbourhoods."""
    shifts = causal_neighbours(radius)
    rng = np.random.default_rng(0)
    image, x, y = (rng.integers(low, high, 20_000) for low, high in limits(known, radius))
    inputs = np.stack([known[image, x + dx, y + dy] for dx, dy in shifts], axis=1)
    tree = DecisionTreeClassifier(min_samples_leaf=20, random_state=0)
    tree.fit(inputs, known[image, x, y])
    canvas, noise = known[0].copy(), rng.random(PEER_PIXELS)

    def scan() -> None:
        for number, chance in enumerate(noise):
            i, j = radius + number // 100, radius + number % 100
            row = canvas[i + shifts[:, 0], j + shifts[:, 1]][np.newaxis].astype(np.float32)
            canvas[i, j] = tree.tree_.predict(row)[0, 1] > chance

    return scan


def limits(known, radius):
    """First and last image, row and column whose neighbourhood lies inside."""
    n, nx, ny = known.shape
    return [(0, n), (radius, nx), (radius, ny - radius)]
