"""Candidates a second of GAN-MDN, decoding included, against one network call a candidate."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
import numpy as np
from skimage.filters import threshold_otsu
from tqdm import tqdm

from mdesign.design.patterns.mixture import LatentMixture
from mdesign.models.gan.trained import load_generator
from mdesign.models.mdn import build_mdn
from mdesign.reproduce import rates

row = partial(rates.row, unit="candidates/s")
rate = partial(rates.rate, repeats=5)

#: Side of the latent maps, of Data-II and Data-I.
SIDES = {"Data-II, 64 x 64": 2, "Data-I, 96 x 96": 3}

#: Candidates that the paper makes in about ten seconds on a Titan X, Section 3.3.
PAPER_RATE = 30 / 10

TARGET = 0.65


def one_by_one(method: LatentMixture, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The same candidates the plain way: both networks called anew for each of them."""
    n_components = method.model.get_layer("logits").units
    shape = (1, *method.latent_shape, 1)
    patterns = []
    for _ in range(n):
        outputs = keras.ops.convert_to_numpy(method.model(np.array([[TARGET]], np.float32)))[0]
        logits = outputs[-n_components:].astype(np.float64)
        weights = np.exp(logits - logits.max())
        means, scales = outputs[:-n_components].reshape(2, n_components, -1)
        chosen = rng.choice(n_components, p=weights / weights.sum())
        latent = rng.normal(means[chosen], scales[chosen]).reshape(shape)
        image = keras.ops.convert_to_numpy(method.generator(latent.astype(np.float32)))[0, ..., 0]
        patterns.append(image > threshold_otsu(image))
    return patterns


def run(progress: bool = False) -> list[dict[str, Any]]:
    """Rows of the table; the weights of the mixture network do not change its speed."""
    rows = []
    generator = load_generator("own")
    for name, side in tqdm(SIDES.items(), desc="mdn", disable=not progress):
        method = LatentMixture(build_mdn(side**2, seed=0), generator, (side, side))
        rng = np.random.default_rng(0)
        many, few = (rate(partial(method.candidates, TARGET, n, rng), n) for n in (1_000, 30))
        plain = rate(partial(one_by_one, method, 30, rng), 30, repeats=2)
        rows += [
            row(f"{name}, 30 candidates, against one call a candidate", few, plain, 4.0),
            row(f"{name}, 1,000 candidates, against one call a candidate", many, plain, 10.0),
            row(f"{name}, 30 candidates, against 30 in 1 s", few, 30.0, 1.0),
            row(f"{name}, 1,000 candidates, against 1,000 in 1 s", many, 1_000.0, 1.0),
            row(f"{name}, 30 candidates, against the paper's 30 in 10 s", few, PAPER_RATE, 10.0),
        ]
    return rows
